"""A draft as the page of its record will show it: to its authors, to those who decide, to whoever was sent a link."""

from __future__ import annotations

from dataclasses import dataclass

from registry.differences import differences
from registry.drafts import Draft
from registry.formats import PropertyGroup
from registry.records import author_side
from registry.registry import Entry, Registry
from registry.terms import DCTERMS, Graph
from web.changes import Teller, Told
from web.fields import Drawer, Row, Section, Value
from web.labels import Labels, label_of, references
from web.render import Page
from web.words import Text


@dataclass(frozen=True)
class Preview:
    """What a page shows of a record that is not published."""

    entry: Entry
    title: Text
    head: Value | None
    intro: Value | None
    key_info: tuple[Row, ...]
    sections: list[Section]


@dataclass(frozen=True)
class Beside:
    """What one text says of a field, and what another does."""

    told: Told
    before: Row | None
    after: Row | None


def entry_of(registry: Registry, found: Draft, graph: Graph | None = None) -> Entry:
    """A draft as the entry that it may become; `graph` stands in for what is kept."""
    number = (found.base or 0) + 1
    return Entry(
        identifier=found.identifier,
        iri=found.record,
        doc=registry.own.doc(found.identifier),
        format=registry.formats[found.format],
        graph=found.graph if graph is None else graph,
        number=number,
        latest=number,
        status=found.status,
        changed=found.changed,
    )


def preview(page: Page, entry: Entry, door: str = "") -> Preview:
    """A record as its page shows it, drawn from a graph that may be unsound; its files open below `door`."""
    drawer = Drawer(page, entry, Labels(page.registry, references(entry)), door)
    return Preview(
        entry=entry,
        title=page.text(label_of(page.registry, entry)),
        head=drawer.head(entry.format.label),
        intro=drawer.head(entry.format.description),
        key_info=drawer.key_info(),
        sections=drawer.sections(),
    )


def changed(page: Page, before: Entry, after: Entry) -> list[tuple[PropertyGroup | None, list[Told]]]:
    """What differs between two texts of a record, in the sections of its format."""
    registry = page.registry
    old, new = (author_side(entry.iri, entry.graph, registry.own) for entry in (before, after))
    found = differences(after.iri, old, new, after.format.fields)
    labels = Labels(registry, references(before) | references(after))
    return Teller(page, before, after, labels).sections(found.changes)


def beside(page: Page, before: Entry, after: Entry) -> list[Beside]:
    """The fields in which two texts differ, each as it stands in the one and in the other."""
    labels = Labels(page.registry, references(before) | references(after))
    told = [one for _, fields in changed(page, before, after) for one in fields]
    sides = [
        {row.field.iri: row for row in Drawer(page, entry, labels).rows(entry.iri, [one.field for one in told])}
        for entry in (before, after)
    ]
    return [Beside(one, sides[0].get(one.field.iri), sides[1].get(one.field.iri)) for one in told]


def retirement(page: Page, found: Draft) -> tuple[Text, str]:
    """What a draft that asks to retire its record says: the reason, and the identifier of what follows, if any."""
    own, doc = page.registry.own, page.registry.own.doc(found.identifier)
    following = found.graph.iris(doc, DCTERMS.isReplacedBy)
    return page.text(found.graph.texts(doc, own.reg.reason)), following[0].value if following else ""
