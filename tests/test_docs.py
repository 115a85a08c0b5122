"""The documents as contracts: what the registry has is described, and what is described is there."""

import argparse
import re
import tomllib
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

import pytest

from registry import cli, queries
from registry.formats import Field, Format
from registry.load import Terms, load
from registry.registry import Registry
from registry.rooms import House
from registry.shape import all_fields, path_name
from registry.terms import NamedNode
from tests.conftest import ROOT, TODAY, no_progress, settings_in
from tests.test_house import LEVELS

DOCUMENTS = sorted(path for folder in (ROOT, ROOT / "docs", ROOT / "samples") for path in folder.glob("*.md"))
SETTING = re.compile(r"REGISTRY_[A-Z_]+")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
BLOCK = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
MACHINE = re.compile(r"(?<![\w./-])/(work|tmp|root|home|usr|opt|mnt)(/|\b)|localhost:(?!8000\b)\d+")
DUTIES = {"must": "mandatory", "should": "recommended", "may": "optional"}
KINDS = {
    "integer": "whole number",
    "boolean": "yes or no",
    "link": "web address",
    "email": "e-mail address",
    "telephone": "telephone number",
}


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def section(document: str, heading: str) -> str:
    """What stands under a heading, up to the next one of its level or a higher one."""
    level = len(heading) - len(heading.lstrip("#"))
    found = re.search(rf"^{re.escape(heading)}$\n(.*?)(?=^#{{1,{level}}} |\Z)", document, re.MULTILINE | re.DOTALL)
    assert found, f"there is no heading {heading}"
    return found[1]


def rows(part: str) -> list[list[str]]:
    """The rows of the tables of a part, without heads, each a list of its cells."""
    lines = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in part.splitlines() if line[:1] == "|"]
    heads = {number for number, cells in enumerate(lines) if set(cells[0]) <= set("- ")}
    return [cells for number, cells in enumerate(lines) if number not in heads and number + 1 not in heads]


def firsts(part: str) -> list[str]:
    """What the first cells of the tables of a part name in backticks."""
    return [name for cells in rows(part) for name in re.findall(r"`([^`]+)`", cells[0])]


@pytest.fixture(scope="module")
def house() -> House:
    return House(settings_in(Path("none")))


def commands(parser: argparse.ArgumentParser | None = None) -> dict[str, argparse.ArgumentParser]:
    """The commands by name; one that has commands of its own stands for these, as in `admin create`."""
    found: dict[str, argparse.ArgumentParser] = {}
    for action in (parser or cli._parser())._actions:
        for name, choice in action.choices.items() if isinstance(action, argparse._SubParsersAction) else ():
            below = {f"{name} {deeper}": one for deeper, one in commands(choice).items()}
            found |= below or {name: choice}
    return found


def test_the_readme_opens_with_the_two_commands() -> None:
    first = BLOCK.search(text("README.md"))
    assert first
    assert first[2].split("\n")[:2] == ["make run", "make test"]


@pytest.mark.parametrize("name", commands())
def test_every_command_and_option(name: str) -> None:
    part = section(text("docs/operators.md"), f"### registry {name}")
    known = {name for action in commands()[name]._actions for name in action.option_strings or [action.dest]}
    assert set(firsts(part)) == known - {"-h", "--help"}
    assert f"`registry {name}`" in section(text("README.md"), "## Commands")


def test_every_setting() -> None:
    known = set(SETTING.findall(text("registry/settings.py")))
    assert set(firsts(section(text("docs/operators.md"), "## Settings"))) == known
    assert set(firsts(section(text("README.md"), "## Settings"))) == known
    told = {name for path in DOCUMENTS for name in SETTING.findall(path.read_text(encoding="utf-8"))}
    of_tests = set(SETTING.findall(text("tests/conftest.py") + text("Makefile")))
    assert told <= known | of_tests


def test_every_query_with_its_parameters(house: House) -> None:
    told = {cells[0].strip("`"): cells for cells in rows(text("docs/queries.md"))}
    assert set(told) == set(house.queries)
    for name, query in house.queries.items():
        assert query.title in told[name][1]
        expected = "; ".join(f"`{p.name}` ({p.kind}): {p.purpose}" for p in query.parameters) or "none"
        assert told[name][-1] == expected
        if name.startswith("checks/"):
            refuses = query.meta.get("severity", "Violation") == "Violation"
            assert told[name][2] == ("refused" if refuses else "taken, with advice")


def places(house: House) -> Iterator[tuple[str, list[Field], Format | None]]:
    """The sections of docs/formats.md and the fields each must list."""
    every = [field for format in house.formats.values() for field in all_fields(format.fields)]
    owner = {field.iri: field.iri.value.split("#")[0].removeprefix(house.own.base) for field in every}
    for format in house.formats.values():
        own = [field for field in format.fields if owner[field.iri] == f"format/{format.key}"]
        yield f"## {format.register_names['en']}", own, format
    shared = {field.iri: field for field in every if owner[field.iri] == "format/record"}
    yield "## Every record", list(shared.values()), None
    parts = {field.part.iri: field.part for field in every if field.part}
    for part in parts.values():
        yield f"### {part.names['en']}", list(part.fields), None


def drawn(field: Field, house: House) -> list[str]:
    """A field as its row in docs/formats.md must be."""
    value = KINDS.get(field.kind, field.kind)
    if field.kind == "concept":
        value = "concept of " + ", ".join(f"`{path_name(scheme)}`" for scheme in field.schemes)
    elif field.target and (target := house.formats.by_class(field.target)):
        value = f"record: {target.names['en']}"
    elif field.part:
        value = f"part: {field.part.names['en']}"
    most = "1 a language" if field.kind == "text" else str(field.max or "many")
    path = short(field.path, house)
    return [f"`{field.key}`", f"`{path}`", field.names["en"], value, DUTIES[field.severity], most]


def short(iri: NamedNode, house: House) -> str:
    for prefix, namespace in house.prefixes.items():
        if iri.value.startswith(namespace):
            return f"{prefix}:{iri.value.removeprefix(namespace)}"
    return iri.value


def test_every_register_and_field(house: House) -> None:
    document = text("docs/formats.md")
    for heading, fields, format in places(house):
        part = section(document, heading)
        told, expected = rows(part), [drawn(field, house) for field in fields]
        missing = [f"| {' | '.join(row)} |" for row in expected if row not in told]
        assert told == expected, f"{heading}: write these rows, in the order of the shapes\n" + "\n".join(missing)
        if format:
            assert f"`/register/{format.register}`" in part
            assert f"`BCH-{format.type_code}-…`" in part
            assert path_name(format.category).replace("-", " ") in part
            assert format.states is None or f"`{format.states}`" in part
            assert f"/register/{format.register})" in text("docs/readers.md")
            assert f"`{format.type_code}`" in section(text("docs/partners.md"), "## Identifiers")


def test_every_term(house: House) -> None:
    told = firsts(text("docs/ontology.md"))
    terms = (s for graph in house.ontologies.values() for s in graph.subjects if isinstance(s, NamedNode))
    known = [short(term, house) for term in terms if "#" in term.value]
    assert sorted(told) == sorted(known)


def test_every_own_annotation() -> None:
    used: set[str] = set()
    for path in (ROOT / "shapes").glob("*.ttl"):
        used |= set(re.findall(r"\breg:([a-z]\w*)", re.sub(r"sh:path\s+reg:\w+", "", path.read_text(encoding="utf-8"))))
    told = firsts(section(text("CONTRIBUTING.md"), "## Own annotations"))
    assert sorted(told) == sorted(f"reg:{name}" for name in used)


def test_every_make_target() -> None:
    targets = set(re.findall(r"^([a-z]\w*):", text("Makefile"), re.MULTILINE))
    told = {name.removeprefix("make ") for name in firsts(text("CONTRIBUTING.md").split("\n## ")[0])}
    assert told == targets


def test_every_dependency() -> None:
    project = tomllib.loads(text("pyproject.toml"))
    extras: Iterable[list[str]] = project["project"]["optional-dependencies"].values()
    stated = [*project["build-system"]["requires"], *project["project"]["dependencies"]]
    stated += [requirement for extra in extras for requirement in extra]
    names = {re.split(r"[\[<>=; ]", requirement)[0] for requirement in stated} - {project["project"]["name"]}
    assert set(firsts(section(text("CONTRIBUTING.md"), "## Dependencies"))) == names


def test_every_module_and_its_level() -> None:
    part = section(text("CONTRIBUTING.md"), "## Where things live")
    drawing = next(block[2] for block in BLOCK.finditer(part))
    levels = {int(line.split()[0]): line.split()[1:] for line in drawing.splitlines()}
    assert {number: set(names) for number, names in levels.items()} == {
        number: set(names) for number, names in enumerate(LEVELS, 1)
    }
    found = {path.relative_to(ROOT).as_posix() for package in ("registry", "web") for path in modules(package)}
    told = {name for name in firsts(part) if name.endswith(".py") and "/" in name}
    assert told == found


def modules(package: str) -> Iterator[Path]:
    for path in (ROOT / package).rglob("*.py"):
        if path.stem != "__init__" and "migrations" not in path.parts:
            yield path


def test_every_refusal_is_said_in_the_words_of_the_registry() -> None:
    files = [*(ROOT / "registry").rglob("*.py"), *(ROOT / "shapes").glob("*.ttl"), *(ROOT / "sparql").rglob("*.rq")]
    words = "\n".join(path.read_text(encoding="utf-8") for path in files)
    refusals = rows(section(text("docs/partners.md"), "## What is refused, and why"))
    assert len(refusals) > 30
    for _, message in refusals:
        assert message.strip("`") in words, message


def test_the_examples_for_partners_are_published(empty: Registry, tmp_path: Path) -> None:
    kinds = {"turtle": "ttl", "json": "jsonld"}
    for number, block in enumerate(BLOCK.finditer(text("docs/partners.md"))):
        if suffix := kinds.get(block[1]):
            (tmp_path / f"{number}.{suffix}").write_text(block[2], encoding="utf-8")
    examples = tmp_path.glob("?.*")
    summary = load(empty, sorted(examples), Terms(TODAY, by="test"), no_progress)
    assert not summary.refusals, summary.refusals[0].tell()
    assert summary.published == 3


def test_the_example_of_a_query_runs(registry: Registry) -> None:
    (example,) = (block[2] for block in BLOCK.finditer(text("CONTRIBUTING.md")) if block[1] == "sparql")
    query = queries.parse("example", example)
    found = list(registry.graphs.select(query.bind(day=date(2004, 12, 15))))
    assert 0 < len(found) < len(registry.select("records/list", kind=registry.own.cap["Project"]))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere_and_nowhere_private(path: Path) -> None:
    document = path.read_text(encoding="utf-8")
    for target in LINK.findall(BLOCK.sub("", document)):
        if re.match(r"\w+:", target):
            continue
        file, _, anchor = target.partition("#")
        found = (path.parent / file).resolve() if file else path
        assert found.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", found.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}, target
    assert not MACHINE.search(document)


def test_every_document_is_reached_from_the_readme() -> None:
    readme = text("README.md")
    for path in DOCUMENTS:
        name = path.relative_to(ROOT).as_posix()
        assert name == "README.md" or f"({name})" in readme, name


def test_the_changelog_begins_with_what_is_unreleased() -> None:
    headings = re.findall(r"^#+ .+$", text("CHANGELOG.md"), re.MULTILINE)
    assert headings[:3] == ["# Changelog", "## Unreleased", "### Added"]
