"""The projector: ledger > triple store, exactly once, rebuildable.

The store's position moves in the same update as the change it stands for, so a crash leaves the store as it was
at some event, never between two; a start catches up. Every record is the fold of its events: nothing is kept
that replaying the ledger would not give again.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from registry.formats import Formats
from registry.graphs import Embedded, Graphs, canonical
from registry.ledger import Event, Ledger
from registry.standing import activity, fold, whole
from registry.terms import Graph, Literal, NamedNode, Own, Triple, from_lines

POSITION = NamedNode("urn:registry:position")
BATCH = 200

Progress = Callable[[int], object]


@dataclass(frozen=True)
class Shown:
    """How far a store shows the ledger; `newest` is when the last new event was entered, `released` a vocabulary."""

    position: int
    newest: datetime | None = None
    released: bool = False


class Views:
    """The views of one ledger in one triple store. `furniture` is what the house itself publishes: ontology, shapes."""

    def __init__(self, ledger: Ledger, formats: Formats, own: Own, furniture: dict[NamedNode, Graph]) -> None:
        self._ledger, self._formats, self._own, self._furniture = ledger, formats, own, furniture

    def position(self, graphs: Graphs) -> int:
        """The sequence number of the last event a store shows."""
        return self.told(graphs.graph(POSITION))

    def told(self, position: Graph) -> int:
        """The sequence number that a store's own bookmark tells."""
        text = position.text(self._here, self._own.reg.sequence)
        return int(text) if text else 0

    def furnish(self, graphs: Graphs) -> None:
        """Put the house's own graphs into a store where they changed since it was last opened."""
        said = {name: canonical(graph, self._own.base) for name, graph in self._furniture.items()}
        changed = {name: graph for name, graph in said.items() if graphs.graph(name) != graph}
        if changed:
            graphs.replace(dict(changed), {})

    def catch_up(self, graphs: Graphs, progress: Progress = lambda count: None) -> Shown:
        """Show every event the ledger has; returns the position reached and what was new."""
        reached, newest, released = self.position(graphs), None, False
        events = self._ledger.events(after=reached)
        while batch := list(islice(events, BATCH)):
            changes = dict(self._now(batch))
            history = [triple for event in batch for triple in activity(event, self._own)]
            reached, newest = batch[-1].seq, batch[-1].entered
            released = released or any(event.kind == "vocabulary" for event in batch)
            graphs.replace({**changes, POSITION: self._at(reached)}, {self._own.history: history})
            progress(len(batch))
        return Shown(reached, newest, released)

    def _now(self, batch: list[Event]) -> Iterator[tuple[NamedNode, Graph]]:
        """The graphs that a batch of events changes, as they stand behind its last event."""
        changed: dict[str, list[Event]] = {}
        for event in batch:
            if event.kind != "opened":
                changed.setdefault(event.record, []).append(event)
        for record, events in changed.items():
            if events[0].version != 1:
                events = list(self._ledger.events(record=record, upto=batch[-1].seq))
            yield from self._graph(record, events)

    def _graph(self, record: str, events: list[Event]) -> Iterator[tuple[NamedNode, Graph]]:
        if events[-1].kind == "vocabulary":
            yield NamedNode(record), from_lines(events[-1].graph or "")
        elif standing := fold(events):
            yield standing.record, whole(standing, self._formats, self._own)

    def world(self, until: datetime | None, graphs: Graphs, upto: int | None = None) -> int:
        """Fill an empty store with the world as it was recorded up to a moment; returns the position shown.

        `upto` is the last row that counts, whatever its moment.
        """
        return self.show(self._ledger.events(until=until, upto=upto), graphs)

    def show(self, events: Iterable[Event], graphs: Graphs) -> int:
        """Fill an empty store with what events come to, whichever ledger they stand in; returns the position shown."""
        per_record: dict[str, list[Event]] = {}
        history: list[Triple] = []
        reached = 0
        for event in events:
            reached = max(reached, event.seq)
            history += activity(event, self._own)
            if event.kind != "opened":
                per_record.setdefault(event.record, []).append(event)
        graphs.fill(pair for record, events in per_record.items() for pair in self._graph(record, events))
        graphs.fill([(self._own.history, history), (POSITION, self._at(reached)), *self._furniture.items()])
        return reached

    def rebuild(self, folder: Path) -> None:
        """Make the store of a folder anew from the ledger; the old one is kept until the new one is whole."""
        fresh, old = folder.with_suffix(".fresh"), folder.with_suffix(".old")
        for left in (fresh, old):
            shutil.rmtree(left, ignore_errors=True)
        Embedded(self._own.base, folder).close()  # refuses, as StoreInUse, while a server holds it
        store = Embedded(self._own.base, fresh)
        self.world(None, store)
        store.close()
        folder.rename(old)
        fresh.rename(folder)
        shutil.rmtree(old, ignore_errors=True)

    def digests(self, graphs: Graphs) -> tuple[str, str]:
        """The digest of a store's dump, and of the dump that replaying the ledger to its position gives."""
        replayed = Embedded(self._own.base)
        self.world(None, replayed)
        return graphs.digest(), replayed.digest()

    @property
    def _here(self) -> NamedNode:
        return NamedNode(self._own.base)

    def _at(self, seq: int) -> Graph:
        return Graph([Triple(self._here, self._own.reg.sequence, Literal(seq))])
