"""Differences > words: what changed as a list of sentences, and field by field, for one reader."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from markupsafe import Markup, escape

from registry.differences import ADDED, CHANGED, REMOVED, Change, PartChange, TextChange
from registry.formats import Field, PropertyGroup
from registry.registry import Entry
from registry.shape import path_name
from registry.terms import NamedNode, Term
from web.fields import Drawer, Value
from web.labels import Labels
from web.render import Page
from web.words import Text
from web.words import marked as _

SAID = {
    ADDED: _("{field}: {value} added"),
    REMOVED: _("{field}: {value} removed"),
    CHANGED: _("{field}: {before} changed to {after}"),
}
WRITTEN = {
    ADDED: _("{field}: text in {language} added"),
    REMOVED: _("{field}: text in {language} removed"),
    CHANGED: _("{field}: text in {language} changed"),
}


@dataclass(frozen=True)
class Told:
    """What became of a field: texts by language, values gone and come, parts with their own fields."""

    field: Field
    texts: tuple[TextChange, ...]
    removed: tuple[Value, ...]
    added: tuple[Value, ...]
    parts: tuple[ToldPart, ...]


@dataclass(frozen=True)
class ToldPart:
    """What became of a part of the record."""

    how: str
    name: Text
    fields: tuple[Told, ...]


class Teller:
    """Tells one reader what differs between two versions of a record."""

    def __init__(self, page: Page, before: Entry, after: Entry, labels: Labels) -> None:
        self._page, self._format = page, after.format
        self._before, self._after = Drawer(page, before, labels), Drawer(page, after, labels)

    def sentences(self, changes: Iterable[Change]) -> list[Markup]:
        """What changed, a sentence each."""
        return [sentence for change in changes for sentence in self._said(change, self._page.say(change.field.names))]

    def sections(self, changes: Iterable[Change]) -> list[tuple[PropertyGroup | None, list[Told]]]:
        """What changed, in the sections of the format."""
        told = {change.field.iri: self._told(change) for change in changes}
        found = [
            (group, [told[field.iri] for field in fields if field.iri in told])
            for group, fields in self._format.groups()
        ]
        return [(group, fields) for group, fields in found if fields]

    def _said(self, change: Change, name: Markup) -> Iterator[Markup]:
        if change.field.part:
            for part in change.parts:
                yield from self._said_of_part(change, part, name)
        elif change.field.kind == "text":
            for text in change.texts:
                language = self._page.language_name(text.language)
                yield self._sentence(WRITTEN[text.how], field=name, language=language)
        elif change.replaced:
            old, new = (
                self._valued(self._before, change, change.before),
                self._valued(self._after, change, change.after),
            )
            yield self._sentence(SAID[CHANGED], field=name, before=self._shown(old[0]), after=self._shown(new[0]))
        else:
            told = self._told(change)
            for how, values in ((REMOVED, told.removed), (ADDED, told.added)):
                yield from (self._sentence(SAID[how], field=name, value=self._shown(value)) for value in values)

    def _said_of_part(self, change: Change, part: PartChange, name: Markup) -> Iterator[Markup]:
        called = Markup("<bdi>{}</bdi>").format(self._page.say(self._name(change.field, part)))
        if part.how != CHANGED:
            yield self._sentence(SAID[part.how], field=name, value=called)
            return
        for inner in part.changes:
            inside = self._sentence(_("{field} ({part})"), field=self._page.say(inner.field.names), part=called)
            yield from self._said(inner, inside)

    def _sentence(self, sentence: str, **places: object) -> Markup:
        return escape(self._page.say_in_words(sentence, **places))

    def _shown(self, value: Value) -> Markup:
        return Markup("<bdi>{}</bdi>").format(self._page.say(value.text))

    def _told(self, change: Change) -> Told:
        if change.field.part:
            parts = tuple(
                ToldPart(part.how, self._name(change.field, part), tuple(self._told(inner) for inner in part.changes))
                for part in change.parts
            )
            return Told(change.field, (), (), (), parts)
        if change.field.kind == "text":
            return Told(change.field, change.texts, (), (), ())
        removed = self._valued(self._before, change, change.removed)
        return Told(change.field, (), removed, self._valued(self._after, change, change.added), ())

    def _valued(self, drawer: Drawer, change: Change, terms: Iterable[Term]) -> tuple[Value, ...]:
        return tuple(drawer.value(change.field, term) for term in terms)

    def _name(self, field: Field, part: PartChange) -> Text:
        """What a part is called: by its first value, in the version that has it; else by its fragment."""
        assert field.part
        drawer = self._before if part.how == REMOVED else self._after
        return _first(drawer, part.part, field) or Text(path_name(part.part), "und")


def _first(drawer: Drawer, part: NamedNode, field: Field) -> Text | None:
    rows = drawer.rows(part, field.part.fields) if field.part else ()
    return next((row.values[0].text for row in rows if row.values and row.values[0].text.short), None)
