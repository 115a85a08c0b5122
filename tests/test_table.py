"""CSV as spreadsheets and scripts read it: every record of a list, in the reader's language, and nothing that runs."""

import csv
import io
from datetime import date
from functools import cache

import pytest

from registry.registry import Registry
from registry.search import TYPE, Asked, Search
from registry.terms import SKOS, Graph, Literal, NamedNode, Triple
from web.labels import Labels
from web.table import ABOUT, Table, _Cells, harmless, of_register, of_scheme

DAY = date(2026, 11, 22)


def rows(table: Table) -> list[dict[str, str]]:
    data = table.csv()
    assert data.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in data
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


@cache
def search(registry: Registry) -> Search:
    return Search(registry, None)


def records(registry: Registry, key: str) -> tuple[NamedNode, ...]:
    """The records of one register, the archived ones too."""
    chosen = {TYPE: (registry.formats[key].target,)}
    return search(registry).all(Asked(chosen=chosen, archived="yes", day=DAY))


def register(registry: Registry, key: str, lang: str) -> Table:
    """The table of a whole register."""
    return of_register(registry, registry.formats[key], records(registry, key), DAY, lang, ())


def test_a_row_for_every_record_and_a_column_for_every_field(registry: Registry) -> None:
    for key, format in registry.formats.items():
        told = rows(register(registry, key, "en"))
        assert [row["iri"] for row in told] == [record.value for record in records(registry, key)]
        assert len(told) == len(registry.select("records/list", kind=format.target))
        for row in told:
            assert list(row)[: len(ABOUT)] == list(ABOUT)
            assert {name.split(".")[0] for name in list(row)[len(ABOUT) :]} == {field.key for field in format.fields}
            assert row[format.label.key]
            assert row["iri"] == registry.own.record(row["identifier"]).value


def test_texts_and_concepts_are_in_the_language_of_the_reader(registry: Registry) -> None:
    english, arabic = (rows(register(registry, "project", lang)) for lang in ("en", "ar"))
    concept = registry.own.concept("record-status", "published")
    known = registry.concepts.get(concept)
    assert known
    assert known.labels["en"] in {row["recordStatus"] for row in english}
    assert known.labels["ar"] in {row["recordStatus"] for row in arabic}
    assert all(a["title"] for a in arabic)
    assert any(e["title"] != a["title"] for e, a in zip(english, arabic, strict=True))
    assert any("; " in row["country"] for row in english if "country" in row) or any(
        "; " in row["element"] for row in english
    )


def test_the_name_of_the_file_says_what_is_in_it(registry: Registry) -> None:
    table = of_register(registry, registry.formats["project"], (), DAY, "en", ["ongoing", "KE"])
    assert table.name == "projects-ongoing-KE-2026-11-22.csv"


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "=cmd|' /C calc'!A0"])
def test_nothing_is_taken_for_a_formula(cell: str) -> None:
    assert harmless(cell) == "'" + cell
    assert harmless("a" + cell) == "a" + cell


def test_numbers_stay_numbers_and_texts_that_look_like_formulas_do_not(registry: Registry) -> None:
    format = registry.formats["project"]
    record = NamedNode("http://localhost:8000/id/BCH-CDI-SCBD-1")
    cells = _Cells(registry, Labels(registry, ()), "en")
    numbers = [field for field in format.fields if field.kind in ("number", "integer")]
    assert numbers
    for field in numbers:
        graph = Graph([Triple(record, field.path, Literal("-5", datatype=Literal(5).datatype))])
        assert cells.of(graph, record, field) == ["-5"]
    graph = Graph([Triple(record, format.label.path, Literal("=HYPERLINK(1)", language="en"))])
    assert cells.of(graph, record, format.label) == ["'=HYPERLINK(1)"]


def test_parts_keep_step(registry: Registry) -> None:
    """The second contact's e-mail address stands second, also where the first has none."""
    format = registry.formats["project"]
    record = NamedNode("http://localhost:8000/id/BCH-CDI-SCBD-1")
    field = next(f for f in format.fields if f.part and any(inner.kind == "email" for inner in f.part.fields))
    assert field.part
    inner = next(f for f in field.part.fields if f.kind == "email")
    parts = [NamedNode(f"{record.value}#contact-{number}") for number in (1, 2)]
    said = [Triple(record, field.path, part) for part in parts]
    graph = Graph([*said, Triple(parts[1], inner.path, NamedNode("mailto:b@example.org"))])
    names = [f.key for f in field.part.fields]
    assert (
        _Cells(registry, Labels(registry, ()), "en").of(graph, record, field)[names.index(inner.key)]
        == "; mailto:b@example.org"
    )


def test_a_vocabulary_with_its_six_labels(registry: Registry) -> None:
    for scheme in registry.concepts.schemes:
        told = rows(of_scheme(registry, scheme, "en"))
        assert len(told) == len(scheme.concepts)
        assert list(told[0]) == ["code", "broader", "en", "fr", "es", "ru", "zh", "ar"]
    scheme = registry.concepts.scheme(registry.own.iri("vocabulary/action-plan-2006"))
    assert scheme
    by_code = {row["code"]: row for row in rows(of_scheme(registry, scheme, "en"))}
    for iri in scheme.concepts:
        for broader in scheme.graph.iris(iri, SKOS.broader):
            known = registry.concepts.get(broader)
            assert known and known.notation in by_code[iri.value.rsplit("/", 1)[-1]]["broader"]
