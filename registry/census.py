"""How much the public graphs hold: counted beside the readers, once for each state of the store.

A large store takes seconds to count. So a thread of its own counts when somebody asks; who cannot wait is given the
count before, with the event it was made at; and a store that changes all the time is not counted all the time.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Lock, Thread
from time import monotonic

from registry.graphs import Row
from registry.registry import Registry
from registry.terms import Literal, NamedNode

REST = 10  # a count is followed by a pause of so many times as long as it took

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Census:
    """How much there was at an event: statements, what they speak of, values, records, members of classes.

    `since` is the year of the first record of a class.
    """

    sequence: int
    subjects: int
    objects: int
    records: int
    classes: tuple[tuple[NamedNode, int], ...]
    properties: tuple[tuple[NamedNode, int], ...]
    since: tuple[tuple[NamedNode, int], ...]

    @property
    def triples(self) -> int:
        """All statements."""
        return sum(count for _, count in self.properties)


class Counting:
    """The newest census of a registry; `clock` counts seconds."""

    def __init__(self, registry: Registry, clock: Callable[[], float] = monotonic) -> None:
        self._registry, self._clock, self._lock = registry, clock, Lock()
        self._thread: Thread | None = None
        self._newest: Census | None = None
        self._again = 0.0

    def newest(self, patience: float) -> Census | None:
        """The newest census: of this state of the store where it is there within so many seconds; None without any."""
        with self._lock:
            thread = self._thread
            if not thread and not self._current and self._clock() >= self._again:
                thread = self._thread = Thread(target=self._count, name="census", daemon=True)
                thread.start()
        if thread and not self._current:
            thread.join(patience)
        return self._newest

    def close(self) -> None:
        """Wait for a count that is under way, so that nobody counts a store that is let go of."""
        if thread := self._thread:
            thread.join()

    @property
    def _current(self) -> bool:
        return self._newest is not None and self._newest.sequence >= self._registry.sequence

    def _count(self) -> None:
        begun = self._clock()
        try:
            self._newest = told(self._registry.graphs.select(self._registry.queries["discovery/census"].text))
        except Exception:
            log.exception("the public graphs could not be counted")
        ended = self._clock()
        with self._lock:
            self._again = ended + REST * (ended - begun)
            self._thread = None


def told(rows: Iterable[Row]) -> Census:
    """The census that the rows of its query hold."""
    found: dict[str, dict[NamedNode | None, int]] = {}
    for row in rows:
        term, measure, count = row.get("term"), row["measure"], row["count"]
        assert isinstance(measure, Literal) and isinstance(count, Literal)
        found.setdefault(measure.value, {})[term if isinstance(term, NamedNode) else None] = int(count.value)

    def one(measure: str) -> int:
        return found.get(measure, {}).get(None, 0)

    def each(measure: str) -> tuple[tuple[NamedNode, int], ...]:
        return tuple((term, count) for term, count in found.get(measure, {}).items() if term)

    return Census(
        sequence=one("sequence"),
        subjects=one("subjects"),
        objects=one("objects"),
        records=one("records"),
        classes=each("class"),
        properties=each("property"),
        since=each("since"),
    )
