"""`registry check`: the house is sound, and each thing taken away is named."""

import re
import shutil
from pathlib import Path

import pytest

from registry import inspection
from registry.concepts import Concepts
from registry.language import LANGUAGES
from registry.registry import open_registry
from registry.rooms import House
from tests.conftest import HOUSE, settings_in

ROOMS = ("ontology", "vocabularies", "shapes", "sparql", "locale")


@pytest.fixture
def house(tmp_path: Path) -> Path:
    for room in ROOMS:
        shutil.copytree(HOUSE / room, tmp_path / "house" / room)
    return tmp_path / "house"


def test_the_house_is_sound(tmp_path: Path) -> None:
    assert list(inspection.inspect(settings_in(tmp_path))) == []


def test_every_concept_has_six_labels() -> None:
    rooms = House(settings_in(Path("none")))
    concepts = Concepts(rooms.vocabularies().values(), rooms.own)
    assert len(concepts) > 600
    for concept in concepts:
        assert set(concept.labels) == set(LANGUAGES), concept.iri


LEVEL = "vocabularies/skos/need-level.ttl"
PROJECT = "shapes/project.ttl"
TAKEN = [
    (LEVEL, r'"[^"]*"@ar', '""@en', "need-level.ttl"),
    (LEVEL, r'skos:notation "[^"]*" ;', "", "notation"),
    (LEVEL, r"a skos:Concept ;", "a skos:Concept ; skos:notation [] ;", "blank node"),
    (
        "vocabularies/skos/action-plan-2006.ttl",
        r"(skos:broader :ap2006-a) ;",
        r"\1 , :ap2006-a-1 ;",
        "its own broader concept",
    ),
    (LEVEL, r'skos:notation "yes-some"', 'skos:notation "yes"', "more than one concept"),
    (PROJECT, r'"[^"]*"@zh', '"x"@en', "in each of the six languages, once (sh:name)"),
    (PROJECT, r"sh:path dcterms:title", "sh:path cap:titel", "one path, a property of the ontology"),
    (
        "shapes/project.ttl",
        r"sh:path dcterms:title",
        "sh:path <https://example.org/title>",
        "a vocabulary with a prefix",
    ),
    (
        "shapes/project.ttl",
        r"sh:targetClass cap:Project",
        "sh:targetClass cap:Projekt",
        "class, which is in the ontology",
    ),
    (PROJECT, r"sh:group <format/group/\w+>", "sh:group <format/group/nowhere>", "stands in one section"),
    (PROJECT, r"sh:group <format/group/\w+> ;", "", "stands in one section"),
    (PROJECT, r"(?s)(#title>.*?)sh:order 1\.0 ;", r"\1", "one place in the order"),
    (PROJECT, r'reg:typeCode "CDI"', 'reg:typeCode "cdi"', "two to five capitals"),
    (PROJECT, r'reg:awaitsReview "ar"', 'reg:awaitsReview "en"', "translations can await review"),
    ("shapes/groups.ttl", r'"[^"]*"@ar', '"x"@en', "A section has a title in each of the six"),
    (PROJECT, r"<vocabulary/geographic-scope>", "<vocabulary/nowhere>", "there is no concept scheme"),
    (PROJECT, r'reg:states "states/project"', 'reg:states "states/nothing"', "there is no query"),
    (PROJECT, r"sh:path dcterms:title", "sh:path", "not Turtle"),
    ("sparql/records/list.rq", r"SELECT", "SELECTED", "list"),
    ("sparql/records/list.rq", r"# title: .*", "# nothing", "no title"),
    ("sparql/records/list.rq", r"# param kind.*\n", "", "do not agree"),
    ("ontology/capacity.ttl", r'"Проект"@ru', '"Project again"@en', "no text in ru"),
    ("sparql/checks/period.rq", r"# message.es: .*\n", "", "no message in es"),
    ("sparql/checks/period.rq", r"# remedy.zh: .*\n", "", "no remedy in zh"),
    ("sparql/checks/period.rq", r"# severity: .*\n", "# severity: Fatal\n", "no severity"),
    ("sparql/checks/period.rq", r"  FILTER", "  VALUES ?x { 1 }\n  FILTER", "cannot be published"),
    (
        LEVEL,
        r"skos:prefLabel",
        "skos:exactMatch <vocabulary/a/b> ; skos:prefLabel",
        "exist",
    ),
    (
        LEVEL,
        r"skos:prefLabel",
        "skos:broader <vocabulary/countries/XX> ; skos:prefLabel",
        "XX",
    ),
    (
        LEVEL,
        r"skos:prefLabel",
        "skos:closeMatch <javascript:a()> ; skos:prefLabel",
        "kind",
    ),
    (LEVEL, r'"([^"]*)"@ru', '"\u202e\\1"@ru', "direction"),
    (
        LEVEL,
        r"skos:hasTopConcept ",
        "skos:hasTopConcept <vocabulary/need-level/maybe> , ",
        "top",
    ),
    (
        LEVEL,
        r"\Z",
        "<vocabulary/need-status> a <x:y> .",
        "neither this vocabulary nor one",
    ),
    (LEVEL, r'"[^"]*"@ru', '"Latin letters"@ru', "the script of its language (ru)"),
    (LEVEL, r'"[^"]*"@zh', '"Latin letters"@zh', "the script of its language (zh)"),
    (LEVEL, r'"[^"]*"@ar', '"Latin letters"@ar', "the script of its language (ar)"),
    (LEVEL, r'skos:notation "yes-some"', 'skos:notation "some"', "the end of the address"),
]


@pytest.mark.parametrize(("file", "pattern", "instead", "says"), TAKEN, ids=[f"{t[0]}-{t[3]}" for t in TAKEN])
def test_what_is_taken_away_is_named(
    file: str, pattern: str, instead: str, says: str, house: Path, tmp_path: Path
) -> None:
    text = (house / file).read_text(encoding="utf-8")
    assert re.search(pattern, text), "the case no longer changes anything"
    changed = re.sub(pattern, instead, text, count=1)
    (house / file).write_text(changed, encoding="utf-8")
    faults = list(inspection.inspect(settings_in(tmp_path / "var", house)))
    assert any(says in fault for fault in faults), faults[:5]


def test_one_label_for_two_concepts_is_named(house: Path, tmp_path: Path) -> None:
    file = house / "vocabularies" / "skos" / "need-level.ttl"
    text = file.read_text(encoding="utf-8")
    first, second = re.findall(r'"[^"]*"@fr', text.split("skos:notation", 1)[1])[:2]
    file.write_text(text.replace(second, first), encoding="utf-8")
    assert any(
        "preferred label of more than one" in fault for fault in inspection.inspect(settings_in(tmp_path, house))
    )


def test_drift_from_the_release_in_force_is_named(house: Path, tmp_path: Path) -> None:
    settings = settings_in(tmp_path / "var", house)
    open_registry(settings).close()
    assert list(inspection.inspect(settings)) == []
    file = house / "vocabularies" / "skos" / "need-level.ttl"
    file.write_text(file.read_text(encoding="utf-8").replace('"Yes"@en', '"Yes, indeed"@en'), encoding="utf-8")
    assert any("differs from the release in force" in fault for fault in inspection.inspect(settings))
