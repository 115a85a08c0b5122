"""A record's graph > what a page shows of it: a walk of its format's fields, in their order, by group.

Nothing here knows a type of record: label, introduction, key facts, sections and parts all come from the shape.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from registry.formats import Field, PropertyGroup
from registry.language import in_order
from registry.registry import Entry
from registry.shape import path_name
from registry.terms import DCAT, Literal, NamedNode, Term
from web.labels import Labels, texts_of
from web.render import Page
from web.words import Text, others

SHOWN = 3
BRIEF = 2


@dataclass(frozen=True)
class Value:
    """One value, ready to be shown: its text, where it leads, its code in a vocabulary, its other languages."""

    text: Text
    href: str = ""
    code: str = ""
    others: tuple[Text, ...] = ()
    iri: str = ""
    note: Text | None = None


@dataclass(frozen=True)
class Block:
    """One part of a record, under its own anchor, so that its IRI leads to it."""

    anchor: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Row:
    """A field with its values, or with its parts."""

    field: Field
    values: tuple[Value, ...] = ()
    blocks: tuple[Block, ...] = ()

    @property
    def brief(self) -> bool:
        """Whether the strip of key facts shows all of it."""
        return 0 < len(self.values) <= BRIEF and not any(value.others for value in self.values)

    @property
    def layout(self) -> str:
        """How it is drawn: prose, a list of concepts, parts, pairs (parts of two facts each), or one row."""
        if self.blocks:
            facts = [row for block in self.blocks for row in block.rows]
            flat = all(row.layout == "row" and len(row.values) == 1 for row in facts)
            small = all(len(block.rows) <= 2 for block in self.blocks)
            return "pairs" if flat and small else "parts"
        if self.field.kind == "text":
            return "row" if self.values[0].text.short else "prose"
        return "concepts" if self.field.kind == "concept" and len(self.values) > SHOWN else "row"


@dataclass(frozen=True)
class Section:
    """A group of the format with the rows that this record has in it."""

    group: PropertyGroup | None
    rows: tuple[Row, ...]

    @property
    def runs(self) -> list[list[Row]]:
        """The rows in their order, plain ones that follow each other together: they share a list."""
        runs: list[list[Row]] = []
        for row in self.rows:
            if row.layout == "row" and runs and runs[-1][0].layout == "row":
                runs[-1].append(row)
            else:
                runs.append([row])
        return runs


class Drawer:
    """Draws the fields of one record for one reader; `door` is a path below which its files open for that reader."""

    def __init__(self, page: Page, entry: Entry, labels: Labels, door: str = "") -> None:
        self._page, self._entry, self._graph, self._labels = page, entry, entry.graph, labels
        self._door = door

    def sections(self) -> list[Section]:
        """The record, section by section, without what the head of the page shows in full."""
        format = self._entry.format
        heads = [format.label, format.description, *(row.field for row in self.key_info() if row.brief)]
        found = []
        for group, fields in format.groups():
            rows = self.rows(self._entry.iri, [field for field in fields if field not in heads])
            if rows:
                found.append(Section(group, rows))
        return found

    def key_info(self) -> tuple[Row, ...]:
        """The facts a reader wants first."""
        return self.rows(self._entry.iri, self._entry.format.key_info)

    def head(self, field: Field | None) -> Value | None:
        """The one value of a field that heads the page."""
        rows = self.rows(self._entry.iri, [field]) if field else ()
        return rows[0].values[0] if rows and rows[0].values else None

    def rows(self, subject: NamedNode, fields: Iterable[Field]) -> tuple[Row, ...]:
        """The fields that have a value."""
        found = (self._row(subject, field) for field in fields)
        return tuple(row for row in found if row.values or row.blocks)

    def _row(self, subject: NamedNode, field: Field) -> Row:
        terms = self._graph.objects(subject, field.path)
        if field.part:
            parts = sorted((t for t in terms if isinstance(t, NamedNode)), key=_natural)
            blocks = (Block(path_name(part), self.rows(part, field.part.fields)) for part in parts)
            return Row(field, blocks=tuple(block for block in blocks if block.rows))
        if field.kind == "text":
            return Row(field, self._text(terms))
        return Row(field, self._told_apart(sorted((self.value(field, term) for term in terms), key=_by_code)))

    def _told_apart(self, values: list[Value]) -> tuple[Value, ...]:
        """Values of one name, such as a concept in two editions of a vocabulary, with that vocabulary's name."""
        names = Counter(value.text.text for value in values)
        return tuple(
            replace(value, note=self._page.vocabulary(NamedNode(value.iri)))
            if names[value.text.text] > 1 and value.iri
            else value
            for value in values
        )

    def _text(self, terms: list[Term]) -> tuple[Value, ...]:
        texts = texts_of(self._page.registry, terms)
        if not texts:
            return ()
        return (Value(self._page.text(texts), others=tuple(others(texts, self._page.lang))),)

    def value(self, field: Field, term: Term) -> Value:
        """One value of a field that holds no texts or parts."""
        page = self._page
        if isinstance(term, Literal):
            return Value(self._literal(field, term))
        if not isinstance(term, NamedNode):
            return Value(Text("", page.lang))
        concept = page.concept(term)
        if concept:
            return Value(page.label(term), page.href(term), concept.notation, iri=term.value)
        if field.kind == "record":
            known = term in self._labels
            return Value(page.text(self._labels[term]), page.href(term) if known else "", iri=term.value)
        if field.kind == "file":
            path = term.value.removeprefix(page.registry.settings.base)
            return Value(Text(path_name(term), "und"), page.href(self._door + path), iri=term.value)
        return Value(Text(_bare(term.value), "und"), page.href(term), iri=term.value)

    def _literal(self, field: Field, term: Literal) -> Text:
        page = self._page
        if field.kind == "date":
            return Text(page.date(term), page.lang)
        if field.path == DCAT.byteSize:
            return Text(page.size(term.value), page.lang)
        if field.kind in ("number", "integer"):
            return Text(page.number(term.value), page.lang)
        if field.kind == "boolean":
            _ = page.say_in_words
            return Text(_("Yes") if term.value in ("true", "1") else _("No"), page.lang)
        return Text(term.value, term.language or "und")


def _natural(part: NamedNode) -> tuple[str, int]:
    stem, _, number = part.value.rpartition("-")
    return stem, int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0


def _by_code(value: Value) -> tuple[str, str]:
    return value.code, in_order(value.text.text)


def _bare(address: str) -> str:
    """An address as people read it."""
    return (
        address.removeprefix("mailto:")
        .removeprefix("tel:")
        .removeprefix("https://")
        .removeprefix("http://")
        .rstrip("/")
    )
