"""The ledger: the append-only, chained, durable log through which each public fact enters by one append.

One row an event. `entered` is the machine's clock, never before the row ahead; `at` is when the fact was recorded
where it came from; when a fact holds is a third time and lives in the record. `digest` chains the rows. A graph's
part of the chain is the root over salted hashes of its triples, so that a personal value can one day be erased
from the text while the chain still verifies. Source: 2005 report, paragraph 23 (d).
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, RowMapping, bindparam, func, select

from registry import chain, database
from registry.database import moment, written
from registry.errors import LedgerBroken

KINDS = ("opened", "published", "revised", "confirmed", "archived", "restored", "retired", "merged", "vocabulary")
ENDS = ("retired", "merged")
TABLE = database.ledger
Named = str | Collection[str]  # one record, or some hundred
Fields = TypeVar("Fields", bound=Mapping[str, Any] | RowMapping)
_SALT = re.compile(r"[0-9a-f]{32}\Z")

_NEWEST = select(TABLE.c.seq, TABLE.c.digest, TABLE.c.entered).order_by(TABLE.c.seq.desc()).limit(1)
_OF_RECORD = TABLE.c.record == bindparam("name")
_LATEST = select(TABLE).where(_OF_RECORD, TABLE.c.version.is_not(None)).order_by(TABLE.c.seq.desc()).limit(1)
_KINDS = select(TABLE.c.kind).where(_OF_RECORD).order_by(TABLE.c.seq)


@dataclass(frozen=True)
class Event:
    """One row of the ledger. Times are aware and in UTC; `graph` is sorted N-Triples; IRIs are strings.

    `version` is there where the graph is a version of the record (or a release of a vocabulary); the graph of an event
    that ends a record is its tombstone's statements.
    """

    seq: int
    entered: datetime
    at: datetime
    kind: str
    record: str
    version: int | None
    by: str
    institution: str | None
    source: str | None
    graph: str | None
    note: str | None
    digest: str


class Ledger:
    """The log in its database. `clock` gives the machine's time; tests inject theirs."""

    def __init__(self, url: str, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.engine = database.connect(url)
        self._clock = clock

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """One transaction as the only writer: all its appends are durable at its end, or none is."""
        with database.writing(self.engine) as connection:
            yield Writer(connection, self._clock)

    def last(self) -> int:
        """The sequence number of the newest event; 0 when there is none."""
        with self.engine.connect() as connection:
            return int(connection.execute(select(func.coalesce(func.max(TABLE.c.seq), 0))).scalar_one())

    def events(
        self, after: int = 0, until: datetime | None = None, record: Named | None = None, upto: int | None = None
    ) -> Iterator[Event]:
        """Events in order: those behind a number, recorded up to a moment (`at`), of a record or some, up to a row."""
        query = select(TABLE).where(TABLE.c.seq > after).order_by(TABLE.c.seq)
        if upto is not None:
            query = query.where(TABLE.c.seq <= upto)
        if until is not None:
            query = query.where(TABLE.c.at <= written(until))
        if record is not None:
            query = query.where(TABLE.c.record.in_([record] if isinstance(record, str) else record))
        with self.engine.connect() as connection:
            for row in connection.execution_options(yield_per=500).execute(query).mappings():
                yield _event(row)

    def event(self, seq: int) -> Event | None:
        """One event by its number."""
        with self.engine.connect() as connection:
            row = connection.execute(select(TABLE).where(TABLE.c.seq == seq)).mappings().first()
        return _event(row) if row else None

    def changed(self, records: Iterable[str], upto: int) -> dict[str, datetime]:
        """When the last event of each record was entered, up to a row; a few hundred records at once."""
        newest = func.max(TABLE.c.entered).label("entered")
        query = select(TABLE.c.record, newest).where(TABLE.c.record.in_(list(records)), TABLE.c.seq <= upto)
        with self.engine.connect() as connection:
            rows = connection.execute(query.group_by(TABLE.c.record)).all()
        return {row.record: moment(row.entered) for row in rows}

    def begun(self, after: int, upto: int) -> list[str]:
        """The records whose first event stands behind a row, up to another."""
        first = func.min(TABLE.c.seq)
        behind = select(TABLE.c.record).where(TABLE.c.seq > after, TABLE.c.seq <= upto)
        query = select(TABLE.c.record).where(TABLE.c.record.in_(behind)).group_by(TABLE.c.record).having(first > after)
        with self.engine.connect() as connection:
            return sorted(connection.execute(query).scalars())

    def released(self) -> set[str]:
        """The concept schemes that have been released."""
        with self.engine.connect() as connection:
            query = select(TABLE.c.record).where(TABLE.c.kind == "vocabulary").distinct()
            return set(connection.execute(query).scalars())

    def rows(self, until: int) -> Iterator[dict[str, Any]]:
        """The rows as they are kept, in order, up to one: what a backup holds."""
        query = select(TABLE).where(TABLE.c.seq <= until).order_by(TABLE.c.seq)
        with self.engine.connect() as connection:
            for row in _fitting(connection.execution_options(yield_per=500).execute(query).mappings()):
                yield dict(row)

    def refill(self, rows: Iterable[Mapping[str, Any]], prove: Callable[[Connection, Iterator[Event]], object]) -> int:
        """Write the rows of a backup into an empty ledger, all or none; raises LedgerBroken where they do not fit.

        `prove` is shown the events before they are durable, on the same connection: when it raises, nothing is written.
        """
        count, names = 0, [column.name for column in TABLE.columns]
        with database.writing(self.engine) as connection:
            fitting = ({name: row.get(name) for name in names} for row in _fitting(rows))
            while batch := list(islice(fitting, 500)):
                connection.execute(TABLE.insert(), batch)
                count += len(batch)
            kept = connection.execution_options(yield_per=500).execute(select(TABLE).order_by(TABLE.c.seq)).mappings()
            prove(connection, (_event(row) for row in kept))
        return count

    def unguarded(self) -> list[str]:
        """The triggers that keep the ledger append-only and are not there."""
        return database.unguarded(self.engine)

    def verify(self) -> int:
        """Read the whole chain and return how many rows it has.

        Raises LedgerBroken naming the first row that does not fit: a gap, a fork, a changed byte.
        """
        with self.engine.connect() as connection:
            rows = connection.execution_options(yield_per=500).execute(select(TABLE).order_by(TABLE.c.seq)).mappings()
            return sum(1 for _ in _fitting(rows))


def cut_off(last: int, shown: int) -> LedgerBroken:
    """The error of a ledger that ends before a row that was shown from it."""
    return LedgerBroken(
        "The ledger ends at row {last}, but the store has shown row {shown}: rows were cut off its end.",
        remedy="Restore the ledger from a backup into another data folder; keep this one as evidence.",
        where=f"row {last}",
        last=last,
        shown=shown,
    )


def _fitting(rows: Iterable[Fields]) -> Iterator[Fields]:
    """Rows as long as each continues the one before; raises LedgerBroken at the first that does not."""
    return chain.fitting(rows, _digest, _misfit)


def _misfit(row: int) -> LedgerBroken:
    return LedgerBroken(
        "Row {row} of the ledger does not fit the chain.",
        remedy="Restore the ledger from a backup taken before the change.",
        where=f"row {row}",
        row=row,
    )


class Writer:
    """The appends of one transaction; what belongs to the same fact (letters, audit) is written on its `connection`.

    `began` is the sequence number of the newest event before it. Nobody else writes meanwhile, so what it read stands.
    """

    def __init__(self, connection: Connection, clock: Callable[[], datetime]) -> None:
        self.connection, self._clock = connection, clock
        newest = connection.execute(_NEWEST).mappings().first()
        self._seq: int = newest["seq"] if newest else 0
        self._previous: str = newest["digest"] if newest else ""
        self._entered: str = newest["entered"] if newest else ""
        self.began = self._seq
        self._kinds: dict[str, list[str]] = {}

    @property
    def reached(self) -> int:
        """The sequence number of the newest event, with those appended here."""
        return self._seq

    def latest(self, record: str) -> Event | None:
        """The newest event of a record that is a version of it."""
        if not self.kinds(record):
            return None
        row = self.connection.execute(_LATEST, {"name": record}).mappings().first()
        return _event(row) if row else None

    def kinds(self, record: str) -> list[str]:
        """The kinds of a record's events, oldest first."""
        if record not in self._kinds:
            self._kinds[record] = list(self.connection.execute(_KINDS, {"name": record}).scalars())
        return list(self._kinds[record])

    def append(
        self,
        kind: str,
        record: str,
        *,
        by: str,
        at: datetime | None = None,
        version: int | None = None,
        institution: str | None = None,
        source: str | None = None,
        graph: str | None = None,
        note: str | None = None,
    ) -> Event:
        """One event at the end of the chain; `at` is now unless the fact was recorded elsewhere earlier."""
        if kind not in KINDS:
            raise ValueError(f"{kind} is no kind of event")
        self._entered = max(written(self._clock()), self._entered)
        row: dict[str, Any] = {
            "seq": self._seq + 1,
            "entered": self._entered,
            "at": written(at) if at else self._entered,
            "kind": kind,
            "record": record,
            "version": version,
            "by": by,
            "for": institution,
            "source": source,
            "graph": graph,
            "salts": None if graph is None else "\n".join(secrets.token_hex(16) for _ in graph.split("\n")),
            "note": note,
            "previous": self._previous,
        }
        row["digest"] = _digest(row)
        self.connection.execute(TABLE.insert(), row)
        self._seq, self._previous = row["seq"], row["digest"]
        self._kinds.pop(record, None)
        return _event(row)


def since_version(kinds: list[str]) -> list[str]:
    """Of a record's kinds of events, those behind its newest version: that is neither confirmed nor archived yet."""
    newest = max((place for place, kind in enumerate(kinds) if kind in ("published", "revised")), default=-1)
    return kinds[newest + 1 :]


def _digest(row: RowMapping | Mapping[str, Any]) -> str:
    """The digest of a row: of all its columns but graph and salts, whose place the root takes."""
    names = ("seq", "entered", "at", "kind", "record", "version", "by", "for", "source", "note", "previous")
    fixed = json.dumps(
        [*(row.get(name) for name in names), _root(row.get("graph"), row.get("salts"))], ensure_ascii=False
    )
    return hashlib.sha256(fixed.encode()).hexdigest()


def _root(graph: str | None, salts: str | None) -> str | None:
    """The hash over the salted hash of each triple, in order; None for an event without a graph."""
    if graph is None or salts is None:
        return None
    lines, keys = graph.split("\n"), salts.split("\n")
    if len(lines) != len(keys) or not all(_SALT.match(key) for key in keys):
        return "unsalted"
    leaves = (
        hashlib.sha256(bytes.fromhex(key) + line.encode()).digest() for key, line in zip(keys, lines, strict=True)
    )
    return hashlib.sha256(b"".join(leaves)).hexdigest()


def _event(row: RowMapping | dict[str, Any]) -> Event:
    return Event(
        seq=row["seq"],
        entered=moment(row["entered"]),
        at=moment(row["at"]),
        kind=row["kind"],
        record=row["record"],
        version=row["version"],
        by=row["by"],
        institution=row["for"],
        source=row["source"],
        graph=row["graph"],
        note=row["note"],
        digest=row["digest"],
    )
