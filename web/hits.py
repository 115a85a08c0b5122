"""A register as its page shows it: each record in short, each facet with its counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from registry.formats import Field
from registry.language import in_order
from registry.registry import Entry
from registry.terms import NamedNode
from web.entry import Standing
from web.fields import Drawer, Row
from web.labels import Labels, label_of, references
from web.listing import Listing
from web.render import Page
from web.words import Text

EXCERPT = 240


@dataclass(frozen=True)
class Option:
    """One concept of a facet: how many of the records listed use it, and its vocabulary where names alone mislead."""

    iri: NamedNode
    label: Text
    note: Text | None
    count: int


@dataclass(frozen=True)
class Hit:
    """One record in a list."""

    entry: Entry
    title: Text
    intro: Text | None
    facts: tuple[Row, ...]
    standing: Standing
    through: tuple[Text, ...]


class Asking(Protocol):
    """What a list of records answers to: on which day, and how a record concerns the country asked for."""

    day: date

    def through_groups(self, record: NamedNode) -> list[NamedNode]:
        """The regions and groups through which alone a record concerns the country; none when it names it."""


def hits(page: Page, entries: list[Entry], asking: Asking) -> list[Hit]:
    """Records as a list shows them, with one query for all the names they need."""
    labels = Labels(page.registry, {iri for entry in entries for iri in references(entry)})
    found = []
    for entry in entries:
        drawer = Drawer(page, entry, labels)
        intro = drawer.head(entry.format.description)
        standing = Standing(page.registry, entry, asking.day)
        found.append(
            Hit(
                entry=entry,
                title=page.text(label_of(page.registry, entry)),
                intro=shortened(intro.text) if intro else None,
                facts=tuple(row for row in drawer.key_info() if not standing.says(row)),
                standing=standing,
                through=tuple(page.label(iri) for iri in asking.through_groups(entry.iri)),
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


def sources(page: Page, listing: Listing) -> list[Option]:
    """The classes of source of the records listed: who stands behind them (2005 report, paragraph 14)."""
    return [Option(iri, page.label(iri), None, count) for iri, count in listing.sources]


def options(page: Page, listing: Listing) -> list[tuple[Field, list[Option]]]:
    """The facets of a register with their concepts, those used most first."""
    found = []
    for field, counted in listing.facets:
        labels = {iri: page.label(iri) for iri, _ in counted}
        names = Counter(label.text for label in labels.values())
        notes = {iri: page.vocabulary(iri) for iri, label in labels.items() if names[label.text] > 1}
        ranked = sorted(counted, key=lambda pair: (-pair[1], in_order(labels[pair[0]].text)))
        found.append((field, [Option(iri, labels[iri], notes.get(iri), count) for iri, count in ranked]))
    return found
