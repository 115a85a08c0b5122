"""The page of one record: its fields, how it stands, who refers to it, what happened to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from registry.formats import Format
from registry.registry import Entry, Registry
from registry.shape import path_name
from registry.terms import DCTERMS, Literal, NamedNode, Term
from web import schemaorg
from web.compare import between, last_change, teller
from web.fields import Drawer
from web.findings import doubted, remarks
from web.history import of_record
from web.labels import Labels, label_of, references
from web.related import lines, related, searches
from web.render import Page
from web.rows import iri_of
from web.visit import Visit
from web.words import Text
from web.words import marked as _

FIRST = 5
EVENTS = 6
SENTENCES = 4


@dataclass(frozen=True)
class Mentions:
    """The records of one register that refer to a record through one property."""

    format: Format
    through: Text | None
    count: int
    first: tuple[tuple[str, Text], ...]
    rest: tuple[tuple[str, Text], ...]


class Standing:
    """How a record stands: its state on some day, who stands behind it, whether it is archived or a sample."""

    def __init__(self, registry: Registry, entry: Entry, state: NamedNode | None) -> None:
        graph, doc, reg = entry.graph, entry.doc, registry.own.reg
        self.state = state
        self.source = next(iter(graph.iris(doc, reg.sourceClass)), None)
        self.licence = next(iter(graph.iris(doc, DCTERMS.license)), None)
        self.archived, self.confirmed = graph.text(doc, reg.archived), graph.text(doc, reg.confirmed)
        self.issued = graph.text(doc, DCTERMS.issued) or ""
        self.modified = graph.text(doc, DCTERMS.modified) or ""
        self.changed = self.modified if entry.number > 1 else ""
        self.sample = graph.text(entry.iri, reg.sample) == "true"
        self.languages = [t.value for t in graph.objects(doc, DCTERMS.language) if isinstance(t, Literal)]

    def says(self, values: Sequence[Term]) -> bool:
        """Whether the state already says what the values of a field say."""
        return self.state is not None and list(values) == [self.state]


def draw(visit: Visit, page: Page, entry: Entry) -> bytes:
    """The page of a record or of one of its versions."""
    registry = visit.registry
    mentions = mentioned_by(registry, entry.iri)
    standing = Standing(registry, entry, state_of(registry, entry, visit.site.day))
    current = page.path == f"doc/{entry.identifier}"
    findings = registry.findings(entry, visit.site.day) if current else []
    pair = last_change(registry, entry) if current else None
    changes = teller(page, pair).sentences(between(registry, pair).changes) if pair else []
    publisher = next(iter(entry.graph.iris(entry.doc, DCTERMS.publisher)), None)
    near = related(registry, entry.iri) if current else []
    shown = {record for found in mentions.values() for record in found}.union(*(one.named for one in near))
    labels = Labels(registry, references(entry) | shown | ({publisher} if publisher else set()))
    drawer = Drawer(page, entry, labels)
    page.told = schemaorg.of_record(page, entry, labels)
    return visit.site.renderer.draw(
        "record.html",
        page,
        entry=entry,
        title=page.text(label_of(registry, entry)),
        head=drawer.head(entry.format.label),
        intro=drawer.head(entry.format.description),
        key_info=drawer.key_info(),
        sections=drawer.sections(),
        standing=standing,
        doubt=doubted(registry, standing.state, findings),
        remarks=remarks(page, entry, findings),
        publisher=(page.href(publisher), page.text(labels[publisher])) if publisher else None,
        replaced=_replaced(page, entry.iri) if current else [],
        mentions=[_mentions(page, labels, *key, found) for key, found in mentions.items()],
        related=lines(page, labels, near),
        searches=searches(page, entry, near),
        history=of_record(registry, entry.identifier)[:EVENTS],
        changes=changes[:SENTENCES],
        more=max(0, len(changes) - SENTENCES),
        pair=pair,
    )


def state_of(registry: Registry, entry: Entry, day: date) -> NamedNode | None:
    """The state of one record on a day, from the query that its format names."""
    if not entry.format.states:
        return None
    rows = registry.select(entry.format.states, record=entry.iri, day=day)
    return iri_of(rows[0], "state") if rows else None


def mentioned_by(registry: Registry, record: NamedNode) -> dict[tuple[str, NamedNode], list[NamedNode]]:
    """The records that refer to a record, by the key of their format and the property they do it with."""
    found: dict[tuple[str, NamedNode], list[NamedNode]] = {}
    for row in registry.select("records/mentions", record=record):
        by, kind, path = iri_of(row, "by"), iri_of(row, "class"), iri_of(row, "path")
        format = registry.formats.by_class(kind) if kind else None
        if format and by and path:
            found.setdefault((format.key, path), []).append(by)
    return found


def _replaced(page: Page, record: NamedNode) -> list[tuple[str, str, Text, str]]:
    """The records whose place a record took: identifier, address of the history, title, day."""
    texts: dict[NamedNode, dict[str, str]] = {}
    days: dict[NamedNode, str] = {}
    for row in page.registry.select("records/replaced", record=record):
        replaced, ended, title = iri_of(row, "replaced"), row["ended"], row.get("title")
        if replaced and isinstance(ended, Literal):
            days[replaced] = page.date(ended.value[:10])
            said = texts.setdefault(replaced, {})
            if isinstance(title, Literal):
                said[title.language or "und"] = title.value
    return [
        (path_name(one), page.href(f"doc/{path_name(one)}/history"), page.text(texts[one]), days[one]) for one in days
    ]


def _mentions(page: Page, labels: Labels, key: str, path: NamedNode, found: list[NamedNode]) -> Mentions:
    format = page.registry.formats[key]
    field = format.field(path) or next((f for p in format.fields if p.part and (f := p.part.field(path))), None)
    links = tuple((page.href(record), page.text(labels[record])) for record in found)
    published = Text(page.say_in_words(_("Published by")), page.lang) if path == DCTERMS.publisher else None
    through = page.text(field.names) if field else published
    return Mentions(format, through, len(found), links[:FIRST], links[FIRST:])
