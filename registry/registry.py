"""The registry of one process: its house, its ledger, and its own view of it. Opened once, handed to every surface."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TypeVar, cast

from registry import attachments, database
from registry.checks import Checks
from registry.concepts import Concepts
from registry.errors import Conflict, StoreInUse
from registry.findings import Finding
from registry.formats import Format
from registry.graphs import Embedded, Graphs, Row
from registry.ledger import ENDS, Event, Ledger, cut_off
from registry.memory import Memory
from registry.moves import Moves
from registry.neighbours import published
from registry.queries import Binding
from registry.records import author_side, canonical
from registry.rooms import House
from registry.rules import Near
from registry.settings import Settings
from registry.shape import path_name
from registry.standing import Ending, ending, fold, whole
from registry.terms import DCTERMS, RDF, Graph, NamedNode
from registry.views import Views

KEPT = 512
KEPT_EACH = 8_192
T = TypeVar("T")


@dataclass(frozen=True)
class Entry:
    """A record as it is shown: one version of its graph, and how it stands."""

    identifier: str
    iri: NamedNode
    doc: NamedNode
    format: Format
    graph: Graph
    number: int
    latest: int
    status: str
    changed: datetime


class Registry:
    """One ledger as one process shows it. `until` makes it a world of the past: same house, other store."""

    def __init__(self, settings: Settings, rooms: House, ledger: Ledger, graphs: Graphs, views: Views) -> None:
        self.settings, self.house, self.ledger, self.graphs, self.views = settings, rooms, ledger, graphs, views
        self.own, self.formats, self.queries = rooms.own, rooms.formats, rooms.queries
        self.keeps_store = True
        self._lock = threading.RLock()
        self._answers: Memory[tuple[int, str], object] = Memory(KEPT)
        self._rows: Memory[tuple[int, str, NamedNode], Sequence[Row]] = Memory(KEPT_EACH)
        self._released = 0
        self.sequence = views.position(graphs)
        self.changed = datetime.fromtimestamp(0, UTC)
        self._read_concepts()

    def _read_concepts(self) -> None:
        rows = self.graphs.select(self.queries["vocabularies/schemes"].text)
        schemes = [row["scheme"] for row in rows]
        self.concepts = Concepts([self.graphs.graph(s) for s in schemes if isinstance(s, NamedNode)], self.own)
        self.checks = Checks(self.formats, self.concepts, self.queries, self.own)
        self.moves = Moves(self.concepts, self.own)
        self._released = self.sequence
        newest = self.ledger.event(self.sequence)
        self.changed = newest.entered if newest else self.changed

    def follow(self, progress: Callable[[int], object] = lambda count: None, *, last: int | None = None) -> int:
        """Show what the ledger has gained since; a reader who just wrote sees their own write after it.

        `last` is the sequence number of its newest event, where the caller knows.
        """
        last = self.ledger.last() if last is None else last
        if last == self.sequence:
            return self.sequence
        if last < self.sequence:
            raise cut_off(last, self.sequence)
        with self._lock:
            shown = self.views.catch_up(self.graphs, progress)
            self.sequence = shown.position
            if shown.released:
                self._read_concepts()
            self.changed = shown.newest or self.changed
        return shown.position

    def select(self, name: str, **bindings: Binding) -> tuple[Row, ...]:
        """The rows of a query; an answer is a function of query, bindings and sequence, and is kept by them."""
        return self._kept(self.queries[name].bind(**bindings), lambda text: tuple(self.graphs.select(text)))

    def select_each(self, name: str, over: str, values: Iterable[NamedNode], **bindings: Binding) -> list[Row]:
        """The same, of a query that one of its parameters asks over many records: kept for each by itself."""
        sequence, question = self.sequence, f"{name} {bindings}"

        def make(missing: list[tuple[int, str, NamedNode]]) -> Mapping[tuple[int, str, NamedNode], Sequence[Row]]:
            found: dict[tuple[int, str, NamedNode], list[Row]] = {key: [] for key in missing}
            for row in self.graphs.select(self.queries[name].bind(**bindings, **{over: [key[2] for key in missing]})):
                found[sequence, question, cast("NamedNode", row[over])].append(row)
            return found

        kept = self._rows.each(((sequence, question, value) for value in values), make)
        return [row for rows in kept for row in rows]

    def construct(self, name: str, **bindings: Binding) -> Graph:
        """The graph of a query."""
        return self._kept(self.queries[name].bind(**bindings), self.graphs.construct)

    def ask(self, name: str, **bindings: Binding) -> bool:
        """The answer of an ASK query."""
        return self._kept(self.queries[name].bind(**bindings), self.graphs.ask)

    def _kept(self, text: str, answer: Callable[[str], T], since: int | None = None) -> T:
        """An answer by its question and the event it holds since: that which is shown last, unless told otherwise."""
        key = (self.sequence if since is None else since, text)
        return cast("T", self._answers.each([key], lambda _: {key: answer(text)})[0])

    def record(self, identifier: str) -> Entry | None:
        """A record as it stands, or None."""
        return next(iter(self.records([identifier])), None)

    def records(self, identifiers: Iterable[str]) -> list[Entry]:
        """Records as they stand, in the order asked for; one that is not there is left out."""
        graphs = {iri: self.graphs.graph(iri) for iri in map(self.own.record, identifiers)}
        return self.entries(graphs, self.ledger.changed((iri.value for iri in graphs), self.sequence))

    def entries(self, graphs: Mapping[NamedNode, Graph], changed: Mapping[str, datetime]) -> list[Entry]:
        """Records by their graphs, whole or in brief; one that is not there has an empty graph and is left out.

        `changed`: when each changed last; of one that it does not tell, when any record did.
        """
        found = []
        for iri, graph in graphs.items():
            version = graph.text(self.own.doc(path_name(iri)), self.own.reg.version)
            if version and (entry := self._entry(iri, graph, int(version), changed.get(iri.value))):
                found.append(entry)
        return found

    def version(self, identifier: str, number: int) -> Entry | None:
        """A record as one of its versions left it, or None; so too a version that was written behind its end."""
        events = self.versions(identifier)
        numbers = [event.version for event in events if event.version is not None]
        until = next((event.seq for event in events if event.version == number), None)
        standing = fold(e for e in events if until is not None and e.seq <= until and e.kind not in ENDS)
        if standing is None:
            return None
        graph = whole(standing, self.formats, self.own)
        return self._entry(standing.record, graph, max(numbers), events[-1].entered)

    def findings(self, entry: Entry, day: date) -> list[Finding]:
        """What the checks find in a record as it is shown; what it lacks is advice, for it was taken without."""

        graph = author_side(entry.iri, entry.graph, self.own)
        others = sorted({t.object for t in graph if isinstance(t.object, NamedNode)}, key=str)
        kinds = [str(kind) for other in others if "/id/" in other.value and (kind := self.class_of(other))]
        alone = self._kept(
            f"findings of {entry.doc} {entry.number} on {day} beside {' '.join(kinds)}",
            lambda _: tuple(
                map(_outlived, self.checks.record(entry.iri, graph, classes=self.class_of, day=day, legacy=True))
            ),
            self._released,
        )
        across = self._kept(
            f"findings around {entry.doc} {entry.number} on {day}",
            lambda _: tuple(self.checks.across(entry.iri, entry.graph, near=self.near, day=day)),
        )
        return [*alone, *across]

    @property
    def near(self) -> Near:
        """The current records around a record, for rules across records."""
        return published(self.select, self.graphs.graph, self.own)

    def class_of(self, record: NamedNode) -> NamedNode | None:
        """The class of a record; `reg:Tombstone` of one that has ended; `reg:File` of a file; None where none is."""
        if record.value.startswith(self.own.base + "file/"):
            with database.reading(self.ledger.engine) as connection:
                return self.own.reg.File if attachments.nameable(connection, record, self.own, None, None) else None
        graph = self.graphs.graph(record)
        doc = self.own.doc(path_name(record))
        return next(iter((*graph.iris(record, RDF.type), *graph.iris(doc, RDF.type))), None)

    def ending(self, identifier: str) -> Ending | None:
        """How a record ended that was retired or merged; None for any other."""
        if not self.graphs.graph(self.own.record(identifier)).having(RDF.type, self.own.reg.Tombstone):
            return None
        standing = fold(self.versions(identifier))
        return ending(standing.ended, self.own) if standing and standing.ended else None

    def versions(self, identifier: str) -> tuple[Event, ...]:
        """The events of a record that are shown, oldest first."""
        events = self.ledger.events(record=self.own.record(identifier).value)
        return tuple(event for event in events if event.seq <= self.sequence)

    def _entry(self, iri: NamedNode, graph: Graph, latest: int, changed: datetime | None) -> Entry | None:
        identifier = path_name(iri)
        doc = self.own.doc(identifier)
        format = next((f for t in graph.iris(iri, RDF.type) if (f := self.formats.by_class(t))), None)
        if format is None:
            return None
        status = graph.iris(doc, self.own.reg.status)
        number = int(graph.text(doc, self.own.reg.version) or 1)
        return Entry(
            identifier=identifier,
            iri=iri,
            doc=doc,
            format=format,
            graph=graph,
            number=number,
            latest=latest,
            status=path_name(status[0]) if status else "published",
            changed=changed or self.changed,
        )

    def at(self, until: datetime) -> Registry:
        """The same registry as it was recorded up to a moment: the ledger replayed into a store of its own."""
        world = Embedded(self.own.base)
        self.views.world(until, world)
        return Registry(self.settings, self.house, self.ledger, world, self.views)

    def close(self) -> None:
        """Let go of the store."""
        self.graphs.close()


def _outlived(finding: Finding) -> Finding:
    """A published record is not at fault when another, to which it refers, ended later: its owner is advised."""
    return replace(finding, severity="should") if finding.component == "EndedReference" else finding


def open_registry(
    settings: Settings, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC), rooms: House | None = None
) -> Registry:
    """The registry of a data folder, founded where there is none, caught up with its ledger.

    `rooms` are those of its house, where they were read before.
    Raises StoreInUse while another process holds the store, Conflict when the ledger belongs to another base.
    """
    rooms, ledger = rooms or House(settings), Ledger(settings.ledger_url, clock)
    _found(rooms, ledger)
    graphs = Embedded(settings.base, settings.store)
    return _opened(settings, rooms, ledger, graphs)


def open_beside(settings: Settings, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Registry:
    """The registry for a command: its store where it is free, else a replay in memory beside the server."""
    try:
        return open_registry(settings, clock=clock)
    except StoreInUse:
        registry = _opened(settings, House(settings), Ledger(settings.ledger_url, clock), Embedded(settings.base))
        registry.keeps_store = False
        return registry


def _opened(settings: Settings, rooms: House, ledger: Ledger, graphs: Embedded) -> Registry:
    views = Views(ledger, rooms.formats, rooms.own, rooms.furniture())
    shown, last = views.position(graphs), ledger.last()
    if shown > last:
        raise cut_off(last, shown)
    if shown == 0:
        views.world(None, graphs)
    views.furnish(graphs)
    views.catch_up(graphs)
    return Registry(settings, rooms, ledger, graphs, views)


def _found(rooms: House, ledger: Ledger) -> None:
    """Pin the base in an empty ledger, and release every concept scheme that the ledger has never had."""
    first = ledger.event(1)
    if first and first.record != rooms.own.base:
        raise Conflict(
            "This ledger belongs to {base}.",
            remedy="Set REGISTRY_BASE to it, or use another data folder.",
            where="REGISTRY_BASE",
            base=first.record,
        )
    missing = rooms.vocabularies(besides=ledger.released())
    if first and not missing:
        return
    with ledger.writing() as writer:
        if not writer.kinds(rooms.own.base):
            writer.append("opened", rooms.own.base, by="registry")
        for scheme, graph in missing.items():
            if not writer.kinds(scheme.value):
                issued = datetime.fromisoformat(graph.text(scheme, DCTERMS.issued) or "2004-02-27")
                text = canonical(graph, rooms.own.base)
                writer.append(
                    "vocabulary", scheme.value, by="registry", at=issued.replace(tzinfo=UTC), version=1, graph=text
                )
