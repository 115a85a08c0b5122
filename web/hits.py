"""Records as a list shows them, each in short."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from registry.registry import Entry
from registry.terms import NamedNode
from web.entry import Standing
from web.fields import Drawer, Row
from web.labels import Labels, label_of, references
from web.render import Page
from web.words import Text

EXCERPT = 240


@dataclass(frozen=True)
class Hit:
    """One record in a list."""

    entry: Entry
    title: Text
    intro: Text | None
    facts: tuple[Row, ...]
    standing: Standing
    through: tuple[Text, ...]


def hits(page: Page, entries: Sequence[Entry], day: date, through: Callable[[Entry], Iterable[NamedNode]]) -> list[Hit]:
    """Records as a list shows them on a day, with one query for all the names they need.

    `through`: the regions and groups through which alone a record concerns the country that was asked for.
    """
    labels = Labels(page.registry, {iri for entry in entries for iri in references(entry)})
    found = []
    for entry in entries:
        drawer = Drawer(page, entry, labels)
        intro = drawer.head(entry.format.description)
        standing = Standing(page.registry, entry, day)
        found.append(
            Hit(
                entry=entry,
                title=page.text(label_of(page.registry, entry)),
                intro=shortened(intro.text) if intro else None,
                facts=tuple(row for row in drawer.key_info() if not standing.says(row)),
                standing=standing,
                through=tuple(page.label(iri) for iri in through(entry)),
            )
        )
    return found


def shortened(text: Text) -> Text:
    """The begin of a text, cut behind a whole word where words have spaces between them."""
    said = " ".join(text.text.split())
    if len(said) <= EXCERPT:
        return Text(said, text.lang)
    cut = said[:EXCERPT]
    return Text((cut.rsplit(" ", 1)[0] if " " in cut[EXCERPT // 2 :] else cut).rstrip(",;:، ") + "…", text.lang)
