"""Strangers' queries run in workers: so many at once, killed by the clock on the wall, replaced at once.

A worker that is not back where it was (an answer left half read, a fault, the clock, an older snapshot) is killed, and
the next takes its place; so nobody waits for the query of somebody else who has gone.
"""

from __future__ import annotations

import asyncio
import json
import logging
import weakref
from collections import deque
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from registry.errors import BadInput, Busy
from registry.process import WORKER, Died, Process
from registry.settings import Limits
from registry.snapshot import Snapshot
from registry.terminals import unread

GRACE = 5.0  # seconds that a killed process has to be gone
STALLED = 0.25  # of the time that a query may take: who takes nothing of an answer for so long is waited for no more
LOOK = 0.2  # seconds between two looks whether it is

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Question:
    """A query as the service was asked it: how each form of answer is to be written, over which graphs."""

    query: str
    base: str
    formats: Mapping[str, str]
    default: tuple[str, ...] | None = None
    named: tuple[str, ...] | None = None
    own: bool = False
    shown: int = 0
    prefixes: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Head:
    """What is known before the first byte: the form, how it is written, the event it shows, whether it is whole."""

    form: str
    format: str
    sequence: int
    whole: bool


class Unwritten(Exception):
    """The reader takes no format in which this form of answer is written."""

    def __init__(self, form: str) -> None:
        super().__init__(form)
        self.form = form


class Beyond(Busy):
    """A query brought its worker down; the next has another."""


class Cut(Busy):
    """An answer ended before its end, when part of it was already sent."""


class Pool:
    """So many workers over the newest snapshot, and a queue before them; nothing is started before it is asked."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._idle: list[Process] = []
        self._busy: set[Process] = set()
        self._dying: list[Process] = []
        self._all: set[Process] = set()
        weakref.finalize(self, _end_all, self._all)  # where nobody closes it, none is left all the same
        self._taken = 0  # places: each busy worker has one, and whoever's turn it just became
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def processes(self) -> tuple[int, ...]:
        """The numbers of the processes that may answer."""
        return tuple(worker.pid for worker in (*self._idle, *self._busy) if worker.alive)

    async def ask(
        self, question: Question, newest: Callable[[], Snapshot], spent: Callable[[float], object]
    ) -> AsyncGenerator[Head | bytes, None]:
        """The head of an answer, then its bytes; to close the generator early frees the worker.

        `newest` gives the snapshot when a worker is free; `spent` is told how long the worker was held. Raises before
        the head Unreadable (with the place), Unwritten, BadInput (too long an answer, an unknown function), Busy (no
        worker was free, could be started, or came back in time), Beyond; behind it Cut.
        """
        await self._turn()
        try:
            worker = self._take(newest())
        except BaseException as error:
            self._leave()
            if isinstance(error, OSError):  # no more processes, files or memory on this machine
                log.error("No worker of the query service can be started: %s", error)
                raise _unable() from None
            raise
        begun = clean = False
        loop = asyncio.get_running_loop()
        since = loop.time()
        timer = loop.call_later(self._limits.seconds, self._overrun, worker)
        try:
            line = {**vars(question), "bytes": self._limits.bytes << 20, "rows": self._limits.rows}
            await worker.say(json.dumps(line).encode() + b"\n")
            while (frame := await worker.frame())[0] != b"E":
                begun = True
                kind, data = frame
                stalled = loop.call_later(self._limits.seconds * STALLED, self._overrun, worker)
                try:
                    yield Head(sequence=worker.snapshot.sequence, **json.loads(data)) if kind == b"H" else data
                finally:
                    stalled.cancel()
            said = json.loads(frame[1])
            clean = "fault" not in said
            self._judge(said, begun, question.query)
        except Died:
            if begun:
                raise self._cut() from None
            raise self._why(worker) from None
        finally:
            timer.cancel()
            self._back(worker, clean)
            worker.drop()
            spent(min(loop.time() - since, self._limits.seconds))

    def _judge(self, said: Mapping[str, str], begun: bool, query: str) -> None:
        """How an answer ended: silent where it ended well."""
        if said and begun:
            raise self._cut()
        if "syntax" in said:
            raise unread(said["syntax"], query)
        if "unknown" in said:
            raise BadInput("There is no function {function}.", where="query", function=said["unknown"])
        if "unacceptable" in said:
            raise Unwritten(said["unacceptable"])
        if "full" in said:
            raise BadInput(
                "The answer is longer than this service gives: {rows} rows or {bytes} MB.",
                remedy="Ask for less at once, with LIMIT and OFFSET.",
                rows=self._limits.rows,
                bytes=self._limits.bytes,
            )
        if said:
            log.info("a query failed: %s", said)
            raise _beyond()

    def _cut(self) -> Cut:
        return Cut("The answer was cut: it is longer than this service gives, or took too long.")

    def _why(self, worker: Process) -> Busy:
        """Why a process is gone: the clock, the query, or it never came to be."""
        if not worker.ready and not worker.late:
            log.error("No worker can be started with REGISTRY_SPARQL_MEMORY=%s: try %s.", self._limits.memory, WORKER)
            return _unable()
        if not worker.late:
            return _beyond()
        return Busy(
            "The query was not answered within {seconds} seconds.",
            remedy="Ask for less: fewer patterns without a fixed value, fewer paths, a LIMIT.",
            seconds=f"{self._limits.seconds:g}",
        )

    async def _turn(self) -> None:
        """Wait for a place; raises Busy where too many wait already, or none became free in time."""
        if self._taken < self._limits.workers:
            self._taken += 1
            return
        if len(self._waiting) >= self._limits.queue:
            raise _full()
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(mine)
        try:
            await asyncio.wait_for(mine, self._limits.seconds)
        except TimeoutError:
            raise _full() from None
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():
                self._leave()  # it was their turn just when they left
            raise
        finally:
            with suppress(ValueError):
                self._waiting.remove(mine)

    def _leave(self) -> None:
        """A place is free: it goes to whoever waits longest."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._taken -= 1

    def _take(self, snapshot: Snapshot) -> Process:
        """A worker on a snapshot, one that stands by or a new one; those on older snapshots go."""
        standing, self._idle = self._idle, []
        for worker in standing:
            if worker.alive and worker.snapshot is snapshot:
                self._idle.append(worker)
            else:
                self._end(worker)
        worker = self._idle.pop() if self._idle else self._start(snapshot)
        self._busy.add(worker)
        worker.hold()
        return worker

    def _start(self, snapshot: Snapshot) -> Process:
        worker = Process(snapshot, self._limits.memory)
        self._all.add(worker)
        snapshot.hold()
        return worker

    def _overrun(self, worker: Process) -> None:
        """The clock, or a reader who stalls: the worker is killed, even if nobody reads its answer."""
        worker.late = True
        self._back(worker, clean=False)

    def _back(self, worker: Process, clean: bool) -> None:
        """A worker behind its query: it stands by, or it ends and another takes its place."""
        if worker not in self._busy:
            return
        self._busy.discard(worker)
        if clean and not worker.snapshot.past:
            self._idle.append(worker)
        else:
            self._end(worker)
            if not worker.snapshot.past:
                with suppress(OSError):  # whoever comes next will be told
                    self._idle.append(self._start(worker.snapshot))
        self._leave()

    def _end(self, worker: Process) -> None:
        worker.kill()
        self._dying.append(worker)
        worker.snapshot.release()
        self._bury()

    def _bury(self) -> None:
        """Take those that have ended off the machine's list of processes; look again where one has not yet."""
        gone = {worker for worker in self._dying if worker.gone()}
        self._all -= gone
        self._dying = [worker for worker in self._dying if worker not in gone]
        if self._dying:
            with suppress(RuntimeError):  # outside a loop nobody looks again but `close`
                asyncio.get_running_loop().call_later(LOOK, self._bury)

    def close(self) -> None:
        """End every worker and wait until each is gone."""
        for worker in (*self._idle, *self._busy):
            self._busy.discard(worker)
            self._end(worker)
        self._idle.clear()
        for worker in self._dying:
            worker.gone(GRACE)
        self._bury()


def _end_all(workers: set[Process]) -> None:
    for worker in workers:
        worker.kill()
        worker.gone(GRACE)
        worker.drop()


def _full() -> Busy:
    return Busy("Too many queries are being answered just now.", remedy="Try again in half a minute.")


def _unable() -> Busy:
    return Busy("The query service cannot work on this machine.", remedy="The operators must look into it.")


def _beyond() -> Beyond:
    return Beyond(
        "The query needs more than this service has: memory, or depth.",
        remedy="Ask for less: fewer patterns without a fixed value, fewer paths, a LIMIT.",
    )
