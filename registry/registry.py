"""The registry of one process: its house, its ledger, and its own view of it. Opened once, handed to every surface."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar, cast

from registry import formats, house, queries
from registry.checks import Checks
from registry.concepts import Concepts
from registry.errors import Conflict, StoreInUse
from registry.exchange import jsonld
from registry.exchange.writing import prefixes
from registry.formats import Format
from registry.graphs import Embedded, Graphs, Row
from registry.ledger import Event, Ledger
from registry.queries import Binding
from registry.records import canonical, named
from registry.settings import Settings
from registry.shape import path_name
from registry.standing import fold, whole
from registry.terms import DCTERMS, RDF, Graph, NamedNode, Own
from registry.views import Views

KEPT = 512
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


class House:
    """The data rooms of an installation, read once: formats, queries, ontology, prefixes, contexts, vocabularies."""

    def __init__(self, settings: Settings) -> None:
        self.folder: Path = settings.rooms
        self.own = Own(settings.base)
        self.formats = formats.read(self.folder, self.own)
        self.queries = queries.read(self.folder)
        files = {path.stem: path for path in house.files(self.folder, "ontology", "*.ttl")}
        rooms = {stem: formats.parse(path, settings.base) for stem, path in files.items()}
        self.prefixes = prefixes(rooms.pop("prefixes", Graph()), self.own)
        self.ontologies = rooms
        self.contexts = {
            jsonld.address(f, self.own): jsonld.context(f, self.own)["@context"] for f in self.formats.values()
        }

    def vocabularies(self) -> dict[NamedNode, Graph]:
        """The concept schemes as the files of the house have them, by IRI; the ledger's latest release rules."""
        found = {}
        for path in house.files(self.folder, "vocabularies", "skos/*.ttl"):
            graph = formats.parse(path, self.own.base)
            found[NamedNode(f"{self.own.base}vocabulary/{path.stem}")] = graph
        return found

    def furniture(self) -> dict[NamedNode, Graph]:
        """What the house publishes of itself: the ontology and the shapes, without blank nodes."""
        ontologies = {self.own.iri(f"ns/{stem}"): graph for stem, graph in self.ontologies.items()}
        return {**ontologies, self.own.iri("format/"): named(self.formats.shapes, self.formats.field_keys)}


class Registry:
    """One ledger as one process shows it. `until` makes it a world of the past: same house, other store."""

    def __init__(self, settings: Settings, rooms: House, ledger: Ledger, graphs: Graphs, views: Views) -> None:
        self.settings, self.house, self.ledger, self.graphs, self.views = settings, rooms, ledger, graphs, views
        self.own, self.formats, self.queries = rooms.own, rooms.formats, rooms.queries
        self.keeps_store = True
        self._lock = threading.RLock()
        self._answers: OrderedDict[tuple[int, str], object] = OrderedDict()
        self.sequence = views.position(graphs)
        self.changed = datetime.fromtimestamp(0, UTC)
        self._read_concepts()

    def _read_concepts(self) -> None:
        rows = self.graphs.select(self.queries["vocabularies/schemes"].text)
        schemes = [row["scheme"] for row in rows]
        self.concepts = Concepts([self.graphs.graph(s) for s in schemes if isinstance(s, NamedNode)], self.own)
        self.checks = Checks(self.formats, self.concepts, self.queries, self.own)
        newest = self.ledger.event(self.sequence)
        self.changed = newest.entered if newest else self.changed

    def follow(self, progress: Callable[[int], object] = lambda count: None) -> int:
        """Show what the ledger has gained since; a reader who just wrote sees their own write after it."""
        if self.ledger.last() == self.sequence:
            return self.sequence
        with self._lock:
            before = self.sequence
            reached = self.views.catch_up(self.graphs, progress)
            released = any(event.kind == "vocabulary" for event in self.ledger.events(after=before))
            self.sequence = reached
            if released:
                self._read_concepts()
            newest = self.ledger.event(reached)
            self.changed = newest.entered if newest else self.changed
        return reached

    def select(self, name: str, **bindings: Binding) -> tuple[Row, ...]:
        """The rows of a query; an answer is a function of query, bindings and sequence, and is kept by them."""
        return self._kept(self.queries[name].bind(**bindings), lambda text: tuple(self.graphs.select(text)))

    def construct(self, name: str, **bindings: Binding) -> Graph:
        """The graph of a query."""
        return self._kept(self.queries[name].bind(**bindings), self.graphs.construct)

    def ask(self, name: str, **bindings: Binding) -> bool:
        """The answer of an ASK query."""
        return self._kept(self.queries[name].bind(**bindings), self.graphs.ask)

    def _kept(self, text: str, answer: Callable[[str], T]) -> T:
        key = (self.sequence, text)
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                return cast("T", self._answers[key])
        found = answer(text)
        with self._lock:
            self._answers[key] = found
            while len(self._answers) > KEPT:
                self._answers.popitem(last=False)
        return found

    def record(self, identifier: str) -> Entry | None:
        """A record as it stands, or None."""
        iri = self.own.record(identifier)
        graph = self.graphs.graph(iri)
        version = graph.text(self.own.doc(identifier), self.own.reg.version)
        return self._entry(iri, graph, int(version)) if version else None

    def version(self, identifier: str, number: int) -> Entry | None:
        """A record as one of its versions left it, or None."""
        events = self.versions(identifier)
        numbers = [event.version for event in events if event.graph is not None]
        until = next((event.seq for event in events if event.version == number and event.graph is not None), None)
        standing = fold(event for event in events if until is not None and event.seq <= until)
        if standing is None:
            return None
        return self._entry(standing.record, whole(standing, self.formats, self.own), max(n or 1 for n in numbers))

    def versions(self, identifier: str) -> tuple[Event, ...]:
        """The events of a record that are shown, oldest first."""
        events = self.ledger.events(record=self.own.record(identifier).value)
        return tuple(event for event in events if event.seq <= self.sequence)

    def _entry(self, iri: NamedNode, graph: Graph, latest: int) -> Entry | None:
        identifier = path_name(iri)
        doc = self.own.doc(identifier)
        format = next((f for t in graph.iris(iri, RDF.type) if (f := self.formats.by_class(t))), None)
        if format is None:
            return None
        status = graph.iris(doc, self.own.reg.status)
        events = self.versions(identifier)
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
            changed=events[-1].entered if events else self.changed,
        )

    def at(self, until: datetime) -> Registry:
        """The same registry as it was recorded up to a moment: the ledger replayed into a store of its own."""
        world = Embedded(self.own.base)
        self.views.world(until, world)
        return Registry(self.settings, self.house, self.ledger, world, self.views)

    def close(self) -> None:
        """Let go of the store."""
        self.graphs.close()


def open_registry(settings: Settings, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Registry:
    """The registry of a data folder, founded where there is none, caught up with its ledger.

    Raises StoreInUse while another process holds the store, Conflict when the ledger belongs to another base.
    """
    rooms, ledger = House(settings), Ledger(settings.ledger_url, clock)
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
    if views.position(graphs) == 0:
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
    released = ledger.released()
    missing = {iri: graph for iri, graph in rooms.vocabularies().items() if iri.value not in released}
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
