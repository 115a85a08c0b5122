"""What happened: to one record at `/doc/X/history`, in the whole registry at `/history`, and each event by its number.

An event's IRI is `/history#7`. A fragment never reaches a server, so its stable address is `/history/7`, and the page
`/history` sends whoever looks for a number to the page that holds it. Page 1 holds the newest events.
Sources: https://www.w3.org/TR/prov-o/; 2005 report, paragraph 23 (b).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from registry.errors import NotFound
from registry.language import Texts
from registry.records import identifier as as_identifier
from registry.registry import Entry, Registry
from registry.shape import path_name
from registry.terms import DCTERMS, PROV, Graph, NamedNode, Own
from web.answers import Link
from web.labels import Labels, label_of
from web.negotiate import Media, split
from web.render import Page
from web.visit import Target, Visit, Visiting, fixed_by
from web.words import Text
from web.words import marked as _

router = APIRouter()

SIZE = 50

EVENTS = {
    "opened": _("The registry was opened"),
    "vocabulary": _("Vocabulary released"),
    "published": _("First published"),
    "revised": _("Revised"),
    "confirmed": _("Confirmed as still right"),
    "archived": _("Archived"),
    "restored": _("Taken back from the archive"),
    "retired": _("Retired"),
    "merged": _("Merged with another record"),
}


@dataclass(frozen=True)
class Happening:
    """One event as the public history tells it."""

    number: int
    when: str
    kind: str
    record: NamedNode
    version: int | None
    institution: NamedNode | None
    reasons: Texts
    successor: NamedNode | None

    @property
    def what(self) -> str:
        """What happened, as a sentence that is still to be translated."""
        return EVENTS.get(self.kind, self.kind)


@dataclass(frozen=True)
class Line:
    """A happening with the names of what it is about, for one reader."""

    event: Happening
    kind: Text | None
    name: Text
    href: str
    institution: Text | None


def happenings(graph: Graph, own: Own) -> list[Happening]:
    """The events of a piece of the public history, newest first."""
    found = (_happening(graph, event, own) for event in graph.subjects if isinstance(event, NamedNode))
    return sorted(found, key=lambda event: event.number, reverse=True)


def _happening(graph: Graph, event: NamedNode, own: Own) -> Happening:
    versions = graph.iris(event, PROV.generated)
    return Happening(
        number=int(graph.text(event, own.reg.sequence) or 0),
        when=graph.text(event, PROV.endedAtTime) or "",
        kind=graph.text(event, own.reg.kind) or "",
        record=next(iter(graph.iris(event, own.reg.record)), NamedNode(own.base)),
        version=int(path_name(versions[0])) if versions else None,
        institution=next(iter(graph.iris(event, PROV.wasAssociatedWith)), None),
        reasons=graph.texts(event, own.reg.reason),
        successor=next(iter(graph.iris(event, DCTERMS.isReplacedBy)), None),
    )


def of_record(registry: Registry, identifier: str) -> list[Happening]:
    """What happened to a record, newest first."""
    found = registry.construct("history/record", record=registry.own.record(identifier))
    return happenings(found, registry.own)


def lines(page: Page, events: Iterable[Happening]) -> list[Line]:
    """Happenings with the names of their records and institutions, asked for in one query."""
    registry, events = page.registry, list(events)
    start = registry.own.base + "id/"
    records = {event.record for event in events if event.record.value.startswith(start)}
    labels = Labels(registry, records | {event.institution for event in events if event.institution})
    found = []
    for event in events:
        if event.record in records:
            name = page.text(labels[event.record])
        elif event.record.value == registry.own.base:
            name = Text("", page.lang)
        else:
            name = page.label(event.record)
        institution = page.text(labels[event.institution]) if event.institution else None
        found.append(Line(event, _kind(page, event.record), name, page.href(event.record), institution))
    return found


def _kind(page: Page, record: NamedNode) -> Text | None:
    """What kind of record an identifier stands for; None for what is no record."""
    found = as_identifier(path_name(record))
    format = page.registry.formats.by_code(found[0].type_code) if found else None
    return page.text(format.names) if format else None


def stem_of(visit: Visit, name: str, rest: str) -> str:
    """The identifier in an address below a record's, as it is spelt here; other spellings are led to it."""
    found = as_identifier(name) if len(name) <= 40 else None
    if found is None or found[1]:
        raise NotFound("There is no record {name}.", name=name)
    if str(found[0]) != name:
        raise visit.moved(f"doc/{found[0]}/{rest}")
    return name


def newest(visit: Visit, stem: str) -> Entry:
    """The newest version of a record, whether it still stands or was retired since; NotFound where there was none."""
    numbers = [event.version for event in visit.registry.versions(stem) if event.version is not None]
    entry = visit.registry.record(stem) or (visit.registry.version(stem, max(numbers)) if numbers else None)
    if entry is None:
        raise NotFound("There is no record {name}.", name=stem)
    return entry


@router.get("/doc/{name}/history")
def record_history(visit: Visiting, name: str) -> Response:
    """What happened to a record, and its versions to choose from."""
    return visit.reply(_of_record(visit, name), None)


@router.get("/doc/{name}/history.{suffix}")
def record_history_as(visit: Visiting, name: str, suffix: str) -> Response:
    """What happened to a record, in the form that the address fixes."""
    return visit.reply(_of_record(visit, name), fixed_by(suffix, "history"))


def _of_record(visit: Visit, name: str) -> Target:
    stem, registry = stem_of(visit, name, "history"), visit.registry
    return Target(
        path=f"doc/{stem}/history",
        html=lambda page: _draw_record(visit, page, newest(visit, stem)),
        graph=lambda: registry.construct("history/record", record=newest(visit, stem).iri),
        modified=lambda: newest(visit, stem).changed,
        links=lambda: (Link(newest(visit, stem).doc.value, "about"), Link(registry.own.history.value, "collection")),
    )


def _draw_record(visit: Visit, page: Page, entry: Entry) -> bytes:
    told = lines(page, of_record(visit.registry, entry.identifier))
    return visit.site.renderer.draw(
        "history.html",
        page,
        entry=entry,
        title=page.text(label_of(visit.registry, entry)),
        lines=told,
        versions=[line for line in told if line.event.version],
        paging=None,
    )


@router.get("/history")
def whole_history(
    visit: Visiting, page: Annotated[int, Query(ge=1)] = 1, event: Annotated[int | None, Query(ge=1)] = None
) -> Response:
    """The events of the whole registry, newest first; `event` leads to the page that holds it."""
    return _history(visit, page, event, None)


@router.get("/history.{suffix}")
def whole_history_as(visit: Visiting, suffix: str, page: Annotated[int, Query(ge=1)] = 1) -> Response:
    """A page of the history in the form that the address fixes."""
    return _history(visit, page, None, fixed_by(suffix, "history"))


def _history(visit: Visit, number: int, event: int | None, fixed: Media | None) -> Response:
    visit.known_only()
    last = visit.registry.sequence
    pages = max(1, -(-last // SIZE))
    if event is not None:
        if event > last:
            raise NotFound("There is no event {number}.", number=event)
        return visit.see_other_page(f"history?page={(last - event) // SIZE + 1}#{event}")
    if number > pages:
        raise NotFound("The history has {pages} pages.", pages=pages)
    top = last - (number - 1) * SIZE
    numbers = range(top, max(0, top - SIZE), -1)
    near = {"first": 1, "prev": number - 1, "next": number + 1, "last": pages}
    near = {rel: place for rel, place in near.items() if 1 <= place <= pages}
    address = visit.registry.own.history.value
    resource = Target(
        path="history",
        html=lambda page: _draw_events(visit, page, _events(visit.registry, numbers), (number, pages, near)),
        graph=lambda: _events(visit.registry, numbers),
        links=lambda: tuple(Link(f"{address}?page={place}", rel) for rel, place in near.items()),
    )
    return visit.reply(resource, fixed)


@router.get("/history/{name}")
def one_event(visit: Visiting, name: str) -> Response:
    """One event: the stable address that its IRI, a fragment of the history, cannot be."""
    written, fixed = split(name)
    number = int(written) if written.isascii() and written.isdigit() and len(written) < 10 else 0
    if not 1 <= number <= visit.registry.sequence:
        raise NotFound("There is no event {number}.", number=written)
    near = {"next": number - 1, "prev": number + 1}
    near = {rel: other for rel, other in near.items() if 1 <= other <= visit.registry.sequence}
    address = visit.registry.own.history.value
    resource = Target(
        path=f"history/{number}",
        html=lambda page: _draw_event(visit, page, number, near),
        graph=lambda: _events(visit.registry, [number]),
        links=lambda: (
            Link(f"{address}#{number}", "describes"),
            Link(address, "collection"),
            *(Link(f"{address}/{other}", rel) for rel, other in near.items()),
        ),
    )
    return visit.reply(resource, fixed)


def _events(registry: Registry, numbers: Iterable[int]) -> Graph:
    events = [NamedNode(f"{registry.own.history.value}#{number}") for number in numbers]
    return registry.construct("history/events", event=list(events))


def _draw_events(visit: Visit, page: Page, graph: Graph, paging: tuple[int, int, dict[str, int]]) -> bytes:
    told = lines(page, happenings(graph, visit.registry.own))
    last = visit.registry.sequence
    return visit.site.renderer.draw("history.html", page, entry=None, lines=told, paging=paging, last=last)


def _draw_event(visit: Visit, page: Page, number: int, near: dict[str, int]) -> bytes:
    (line,) = lines(page, happenings(_events(visit.registry, [number]), visit.registry.own))
    return visit.site.renderer.draw("event.html", page, line=line, near=near, listed=page.href("history", event=number))
