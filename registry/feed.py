"""The feed: the ledger's events as changes of public records, in their order, whatever clothes they wear.

LDES, Atom and OAI-PMH are drawn from here, so all tell the same events in the same order with the same deletions. A
record is shown as the ledger left it behind an event, never as the store has it now: a page of changes that is full
never changes again. What ended is a deletion, and nothing follows it. Nothing here is kept but numbers, moments and
what selects records; it is read from the ledger once, and then as the ledger grows.
"""

from __future__ import annotations

from array import array
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock

from registry.formats import Format, Formats
from registry.ledger import ENDS, Event, Ledger
from registry.shape import path_name
from registry.standing import Standing, ending, steps, whole
from registry.terms import Graph, NamedNode, Own

SIZE = 250  # changes on a page
ALL = ""
_START = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Change:
    """One event as a change of a record: `act` is create, update or delete; `graph` the record behind it, or its end.

    `standing` is of the record as it stood last: also of one that has ended.
    """

    event: Event
    act: str
    record: NamedNode
    identifier: str
    format: Format | None
    standing: Standing
    graph: Graph


@dataclass(frozen=True)
class Leaf:
    """A page of the feed, counted from 1: its first and last event by number and moment of entry.

    A full one never changes again.
    """

    number: int
    first: int
    last: int
    begins: datetime
    ends: datetime
    full: bool


@dataclass(frozen=True)
class Item:
    """A record as it is selected: its newest change, whether it ended, and what it is told apart by."""

    identifier: str
    seq: int
    entered: datetime
    ended: bool
    code: str
    source: str | None
    countries: tuple[str, ...]


class _Rows:
    """The numbers and moments of the changes of one feed, and the records that they change."""

    def __init__(self) -> None:
        self.numbers, self.moments, self.records = array("q"), array("q"), list[str]()

    def add(self, event: Event, identifier: str) -> None:
        self.numbers.append(event.seq)
        self.records.append(identifier)
        self.moments.append((event.entered - _START) // _TICK)

    def leaf(self, number: int) -> Leaf:
        start, end = (number - 1) * SIZE, min(number * SIZE, len(self.numbers)) - 1
        begins, ends = (_START + self.moments[place] * _TICK for place in (start, end))
        return Leaf(number, self.numbers[start], self.numbers[end], begins, ends, end == number * SIZE - 1)


class Feed:
    """The feed of one ledger, of all records or, by the type code of their identifiers, of one register."""

    def __init__(self, ledger: Ledger, formats: Formats, own: Own) -> None:
        self._ledger, self._formats, self._own = ledger, formats, own
        self._lock = Lock()
        self._read = 0
        self._rows: dict[str, _Rows] = {}
        self._items: dict[str, Item] = {}

    def upto(self, last: int) -> Feed:
        """The feed, when it has read the ledger up to a row."""
        with self._lock:
            for event in self._ledger.events(after=self._read, upto=last) if last > self._read else ():
                self._read = event.seq
                self._note(event)
        return self

    def pages(self, code: str = ALL) -> list[Leaf]:
        """The pages of a feed, oldest first."""
        rows = self._rows.get(code, _Rows())
        return [rows.leaf(number) for number in range(1, -(-len(rows.numbers) // SIZE) + 1)]

    def page(self, number: int, code: str = ALL) -> Leaf | None:
        """One page of a feed; None where it has not as many."""
        rows = self._rows.get(code, _Rows())
        return rows.leaf(number) if 0 < number <= -(-len(rows.numbers) // SIZE) else None

    def on(self, leaf: Leaf, code: str = ALL) -> list[Change]:
        """The changes of a page, oldest first."""
        rows, start = self._rows[code], (leaf.number - 1) * SIZE
        found = zip(rows.numbers[start : start + SIZE], rows.records[start : start + SIZE], strict=True)
        return self.changes({number: identifier for number, identifier in found if number <= leaf.last})

    def change(self, number: int) -> Change | None:
        """One event as a change; None where it is none."""
        event = self._ledger.event(number)
        start = self._own.base + "id/"
        if event is None or not event.record.startswith(start):
            return None
        return next(iter(self.changes({number: event.record.removeprefix(start)})), None)

    def changes(self, wanted: Mapping[int, str]) -> list[Change]:
        """The changes that some events are, by their numbers and the identifiers of their records, in order."""
        histories: dict[str, list[Event]] = {self._own.record(identifier).value: [] for identifier in wanted.values()}
        for event in self._ledger.events(record=histories.keys(), upto=max(wanted, default=0)):
            histories[event.record].append(event)
        found = [change for history in histories.values() for change in self._told(history, wanted)]
        return sorted(found, key=lambda change: change.event.seq)

    def items(self) -> list[Item]:
        """Every record there was, in the order of their newest changes."""
        with self._lock:
            return list(self._items.values())

    def item(self, identifier: str) -> Item | None:
        """A record by its identifier."""
        return self._items.get(identifier)

    def _told(self, history: list[Event], wanted: Container[int]) -> Iterator[Change]:
        over = False
        for event, standing in steps(history):
            if standing and not over and event.seq in wanted:
                yield self._change(event, standing)
            over = bool(standing and standing.ended)

    def _change(self, event: Event, standing: Standing) -> Change:
        identifier = path_name(standing.record)
        act = "delete" if event.kind in ENDS else "create" if event.kind == "published" else "update"
        graph = ending(event, self._own).graph if act == "delete" else whole(standing, self._formats, self._own)
        format = self._formats.by_code(identifier.split("-")[1])
        return Change(event, act, standing.record, identifier, format, standing, graph)

    def _note(self, event: Event) -> None:
        start = self._own.base + "id/"
        if not event.record.startswith(start):
            return
        identifier = event.record.removeprefix(start)
        before = self._items.get(identifier)
        if before.ended if before else event.version is None:
            return
        code = identifier.split("-")[1]
        for name in (ALL, code):
            self._rows.setdefault(name, _Rows()).add(event, identifier)
        self._items.pop(identifier, None)  # so that it comes behind all others
        self._items[identifier] = Item(
            identifier=identifier,
            seq=event.seq,
            entered=event.entered,
            ended=event.kind in ENDS,
            code=code,
            source=event.source or (before.source if before else None),
            countries=self._countries(event) if event.version else before.countries if before else (),
        )

    def _countries(self, event: Event) -> tuple[str, ...]:
        """The countries that a record names itself, not in its parts; read from its lines, for a graph costs more."""
        subject, scheme = f"<{event.record}> ", f"<{self._own.base}vocabulary/countries/"
        lines = (line for line in (event.graph or "").split("\n") if line.startswith(subject) and scheme in line)
        objects = (line.split(" ", 2)[2] for line in lines)
        return tuple(sorted({said[len(scheme) :].split(">")[0] for said in objects if said.startswith(scheme)}))
