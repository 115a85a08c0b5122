"""Records as a list shows them, each in short."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from registry.formats import Field
from registry.registry import Entry
from registry.terms import NamedNode
from web.entry import Standing
from web.fields import Drawer
from web.labels import Labels, label_of, named_by
from web.render import Page
from web.words import Text
from web.words import marked as _

EXCERPT = 240
FEW = 2  # values of a field that are named; more are counted


@dataclass(frozen=True)
class Hit:
    """One record in a list; `facts` are the names and the values of its key fields, ready to be shown."""

    entry: Entry
    title: Text
    intro: Text | None
    facts: tuple[tuple[Markup, Markup], ...]
    standing: Standing
    through: tuple[Text, ...]


def hits(
    page: Page, entries: Sequence[tuple[Entry, NamedNode | None]], through: Callable[[Entry], Iterable[NamedNode]]
) -> list[Hit]:
    """Records and their states as a list shows them, with one query for all the names they need.

    `through`: the regions and groups through which alone a record concerns the country that was asked for.
    """
    registry = page.registry
    shown = (named_by(entry.graph, entry.iri, entry.format.key_info) for entry, _ in entries)
    labels = Labels(registry, {iri for names in shown for iri in names})
    found = []
    for entry, state in entries:
        drawer = Drawer(page, entry, labels)
        intro = drawer.head(entry.format.description)
        standing = Standing(registry, entry, state)
        found.append(
            Hit(
                entry=entry,
                title=page.text(label_of(registry, entry)),
                intro=shortened(intro.text) if intro else None,
                facts=tuple(_facts(page, drawer, entry, standing)),
                standing=standing,
                through=tuple(page.label(iri) for iri in through(entry)),
            )
        )
    return found


def _facts(page: Page, drawer: Drawer, entry: Entry, standing: Standing) -> Iterable[tuple[Markup, Markup]]:
    """The key fields of a record that its state does not say."""
    for field in entry.format.key_info:
        terms = entry.graph.objects(entry.iri, field.path)
        if not terms or field.part or standing.says(terms):
            continue
        if said := _said(page, drawer, entry, field, len(terms)):
            yield Markup(page.say_in_words(_("{name}:"), name=page.say(field.names))), said


def _said(page: Page, drawer: Drawer, entry: Entry, field: Field, count: int) -> Markup:
    """The values of a field in a line, many of them as their number."""
    if field.kind != "text" and count > FEW:
        return escape(page.number(count))
    texts = (page.say(value.text) for row in drawer.rows(entry.iri, [field]) for value in row.values)
    return Markup(page.say_in_words(_(", "))).join(texts)


def shortened(text: Text) -> Text:
    """The begin of a text, cut behind a whole word where words have spaces between them."""
    said = " ".join(text.text.split())
    if len(said) <= EXCERPT:
        return Text(said, text.lang)
    cut = said[:EXCERPT]
    return Text((cut.rsplit(" ", 1)[0] if " " in cut[EXCERPT // 2 :] else cut).rstrip(",;:، ") + "…", text.lang)
