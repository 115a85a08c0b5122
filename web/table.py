"""Tables for spreadsheets: CSV that Excel, LibreOffice and scripts read alike, and that runs nothing.

UTF-8 with a byte order mark, each cell quoted, lines ended as RFC 4180 wants. A cell whose text could be taken for a
formula gets an apostrophe in front (https://owasp.org/www-community/attacks/CSV_Injection); numbers stay numbers.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from registry.concepts import Scheme
from registry.documents import states
from registry.formats import Field, Format
from registry.language import LANGUAGES, pick
from registry.registry import Registry
from registry.shape import path_name
from registry.terms import DCTERMS, Graph, NamedNode, Term
from web.labels import Labels, references, texts_of

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
NUMBERS = ("number", "integer")
BATCH = 500  # records that are looked up together
ABOUT = ("identifier", "iri", "recordStatus", "state", "modified")


@dataclass(frozen=True)
class Table:
    """The rows of a table, the head first; what a file of it is called, and what it is called for the reader."""

    name: str
    rows: Iterable[Sequence[str]]
    title: str = ""

    def csv(self) -> bytes:
        """The table as a file."""
        written = io.StringIO()
        csv.writer(written, quoting=csv.QUOTE_ALL).writerows(self.rows)
        return written.getvalue().encode("utf-8-sig")


class Guarded(str):
    """A text that no spreadsheet takes for a formula; `text` is what it says."""

    text: str


def harmless(cell: str) -> Guarded:
    """A text that no spreadsheet takes for a formula."""
    guarded = Guarded(f"'{cell}" if cell.startswith(DANGEROUS) else cell)
    guarded.text = cell
    return guarded


def of_register(
    registry: Registry, format: Format, records: Sequence[NamedNode], day: date, lang: str, narrowed: Iterable[str]
) -> Table:
    """Records of one register, a row each; a column for each field, and for each field of its parts.

    The file is called by the register, by what it was narrowed to, and by the day.
    """
    name = "-".join((format.register, *narrowed, day.isoformat()))
    rows = _records(registry, records, day, lang, format)
    return Table(f"{name}.csv", rows, pick(format.register_names, lang)[0])


def of_records(registry: Registry, records: Sequence[NamedNode], day: date, lang: str) -> Table:
    """Records of any registers, a row each; a column for each field that one of their formats has."""
    return Table(f"search-{day.isoformat()}.csv", _records(registry, records, day, lang))


def of_scheme(registry: Registry, scheme: Scheme, lang: str) -> Table:
    """A vocabulary: code, code of the broader concept, six labels."""
    found = [concept for iri in scheme.concepts if (concept := registry.concepts.get(iri))]
    rows = (
        (c.notation, "; ".join(_code(registry, b) for b in c.broader), *(c.labels.get(lang, "") for lang in LANGUAGES))
        for c in found
    )
    head = ("code", "broader", *LANGUAGES)
    guarded = (tuple(map(harmless, row)) for row in rows)
    return Table(f"{scheme.key}.csv", [head, *guarded], pick(scheme.labels, lang)[0])


def _records(
    registry: Registry, records: Sequence[NamedNode], day: date, lang: str, only: Format | None = None
) -> Iterator[Sequence[str]]:
    """The rows of records, the head first; which type each is of is told unless there is only one."""
    names_of = [path_name(record) for record in records]
    entries = [entry for at in range(0, len(records), BATCH) for entry in registry.records(names_of[at : at + BATCH])]
    formats = [only] if only else {entry.format.key: entry.format for entry in entries}.values()
    columns = dict.fromkeys(name for format in formats for field in format.fields for name in _columns(field))
    yield (*ABOUT, *(() if only else ("type",)), *columns)
    stated = states(registry, day)
    cells = _Cells(registry, Labels(registry, {iri for entry in entries for iri in references(entry)}), lang)
    for entry in entries:
        graph, fields = entry.graph, entry.format.fields
        status = next(iter(graph.iris(entry.doc, registry.own.reg.status)), None)
        modified = graph.text(entry.doc, DCTERMS.modified) or ""
        about = (entry.identifier, entry.iri.value, cells.label(status), cells.label(stated.get(entry.iri)), modified)
        kind = () if only else (pick(entry.format.names, lang)[0],)
        names = [name for field in fields for name in _columns(field)]
        said = (cell for field in fields for cell in cells.of(graph, entry.iri, field))
        told = dict(zip(names, said, strict=True))
        yield (*map(harmless, (*about, *kind)), *(told.get(name, "") for name in columns))


def _columns(field: Field) -> list[str]:
    if not field.part:
        return [field.key]
    return [f"{field.key}.{name}" for inner in field.part.fields for name in _columns(inner)]


class _Cells:
    """The cells of records for a reader of one language."""

    def __init__(self, registry: Registry, labels: Labels, lang: str) -> None:
        self._registry, self._labels, self._lang = registry, labels, lang

    def label(self, iri: NamedNode | None) -> str:
        """What a concept or a record is called; the IRI of what is neither."""
        if iri is None:
            return ""
        concept = self._registry.concepts.get(iri)
        if concept:
            return concept.label(self._lang)
        return pick(self._labels[iri], self._lang)[0] if iri in self._labels else iri.value

    def of(self, graph: Graph, subject: NamedNode, field: Field) -> list[str]:
        """The cells of a field: one, or one for each field of its parts."""
        number = field.kind in NUMBERS and len(graph.objects(subject, field.path)) == 1
        return [cell if number else harmless(cell) for cell in self._raw(graph, subject, field)]

    def _raw(self, graph: Graph, subject: NamedNode, field: Field) -> list[str]:
        if not field.part:
            return [self._joined(field, graph.objects(subject, field.path))]
        parts = sorted(graph.iris(subject, field.path), key=lambda iri: (len(iri.value), iri.value))
        told = [[cell for f in field.part.fields for cell in self._raw(graph, part, f)] for part in parts]
        # a part without a value keeps its place, so that the columns of the parts stay in step
        columns = zip(*told, strict=True) if told else ([""] for _ in _columns(field))
        return ["; ".join(column) if any(column) else "" for column in columns]

    def _joined(self, field: Field, values: list[Term]) -> str:
        if field.kind == "text":
            return pick(texts_of(self._registry, values), self._lang)[0]
        return "; ".join(self._said(value) for value in values)

    def _said(self, value: Term) -> str:
        return self.label(value) if isinstance(value, NamedNode) else value.value


def _code(registry: Registry, iri: NamedNode) -> str:
    concept = registry.concepts.get(iri)
    return concept.notation if concept else path_name(iri)
