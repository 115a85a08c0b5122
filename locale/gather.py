"""Gather every sentence of the interface and bring the catalogues up to date: `make messages`.

Sentences stand in templates, letters and Python as `_("...")`, and as the messages and remedies of errors. A new one
enters each catalogue empty, which a test refuses until it is translated; one that is gone leaves it. What the
description of the interface says is gathered where it stands: in the first lines of routes, in the heads of queries.
"""

from __future__ import annotations

import ast
import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from registry import named, queries
from web.known import known

ROOT = Path(__file__).parent.parent
LANGUAGES = ("fr", "es", "ru", "zh", "ar")
ERRORS = "registry/errors.py"
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}


def error_classes() -> set[str]:
    """The names of the error family."""
    tree = ast.parse((ROOT / ERRORS).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}


def of_errors(path: Path, names: set[str]) -> Iterator[tuple[int, str]]:
    """The messages and remedies that a module gives its errors, with their lines."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in names:
            said = [*node.args[:1], *(keyword.value for keyword in node.keywords if keyword.arg == "remedy")]
            for value in (one for choice in said for one in _alternatives(choice)):
                if isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value:
                    yield value.lineno, value.value


def _alternatives(node: ast.expr) -> Iterator[ast.expr]:
    """What an expression may come to: both sides of a condition."""
    if isinstance(node, ast.IfExp):
        yield from _alternatives(node.body)
        yield from _alternatives(node.orelse)
    else:
        yield node


def of_routes(path: Path) -> Iterator[tuple[int, str]]:
    """The first line of what each route says of itself that is described, with its line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for call in node.decorator_list:
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.args:
                address = getattr(call.args[0], "value", "")
                fixed = str(address).endswith(".{suffix}")  # such a route says what the one without it says
                if not fixed and known(call.func.attr, str(address).replace(":path", "")):
                    yield node.lineno, (ast.get_docstring(node) or "").partition("\n")[0]


def of_queries() -> Iterator[tuple[str, str]]:
    """What the heads of the queries say that may be asked by name: title, explanation, what each parameter is for."""
    for query in named.named(queries.read(ROOT)):
        for said in (query.title, query.meta.get("about", ""), *(one.purpose for one in query.parameters)):
            if said:
                yield f"sparql/{query.name}.rq", said


def gather() -> Catalog:
    """Every sentence, with the files and lines it stands in."""
    found, names = Catalog(), error_classes()
    for path in sorted([*(ROOT / "registry").rglob("*.py"), *(ROOT / "web").rglob("*.py")]):
        place = path.relative_to(ROOT).as_posix()
        for line, message in of_errors(path, names):
            found.add(message, locations=[(place, line)])
        for line, message in of_routes(path) if path.is_relative_to(ROOT / "web") else ():
            found.add(message, locations=[(place, line)])
        _extract("python", path, place, found)
    for place, message in of_queries():
        found.add(message, locations=[(place, 0)])
    for path in sorted([*(ROOT / "web" / "templates").rglob("*.*"), *(ROOT / "letters").rglob("*.*")]):
        _extract("jinja2", path, path.relative_to(ROOT).as_posix(), found)
    return found


def _extract(method: str, path: Path, place: str, found: Catalog) -> None:
    options = {"silent": "false", "trimmed": "true"} if method == "jinja2" else {}
    source = io.BytesIO(path.read_bytes())
    for line, message, comments, context in extract(method, source, KEYWORDS, [], options):
        found.add(message, locations=[(place, line)], auto_comments=comments, context=context)


def update(lang: str, sentences: Catalog) -> None:
    """One catalogue: what is new comes in empty, what is gone goes, what is translated stays."""
    path = ROOT / "locale" / lang / "LC_MESSAGES" / "registry.po"
    old = Catalog(locale=lang)
    if path.exists():
        with path.open("rb") as source:
            old = read_po(source, locale=lang)
    new = Catalog(locale=lang, project="Biosafety Capacity Registry", version="1", fuzzy=False, charset="utf-8")
    new.msgid_bugs_address = new.last_translator = new.language_team = "awaiting review"
    for message in sentences:
        if message.id:
            known = old.get(message.id, message.context)
            string = known.string if known else None
            places = sorted({(file, None) for file, _ in message.locations})
            new.add(message.id, string, locations=places, context=message.context)
    new.header_comment = f"# Sentences of the interface: {new.locale.english_name if new.locale else lang}."
    new.revision_date = new.creation_date = old.creation_date
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as target:
        write_po(target, new, width=110, sort_output=True, omit_header=False, include_lineno=False)


if __name__ == "__main__":
    gathered = gather()
    for language in LANGUAGES:
        update(language, gathered)
    print(f"Sentences: {len(gathered)}")
