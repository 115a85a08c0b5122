"""What strangers' queries are asked of: a copy of the public graphs that stands still, newer after each change.

A copy is hard links for the most part. It is taken when somebody asks, the ledger has moved and some seconds have
passed; it goes when its last reader has gone. The registry's own bookmark in the store is left out of it.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
import weakref
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from time import monotonic

from registry.registry import Registry
from registry.views import POSITION

PAUSE = 2.0  # seconds between two copies
FOLDER = "snapshots"

log = logging.getLogger(__name__)


class Snapshot:
    """A copy of the public graphs as of one event; its folder goes with its last reader once newer ones are there."""

    def __init__(self, folder: Path, sequence: int) -> None:
        self.folder, self.sequence, self.past = folder, sequence, False
        self._readers = 0

    def hold(self) -> None:
        """One more reader."""
        self._readers += 1

    def release(self) -> None:
        """One reader less."""
        self._readers -= 1
        self._clear()

    def outdate(self) -> None:
        """Nobody will begin to read it any more."""
        self.past = True
        self._clear()

    def _clear(self) -> None:
        if self.past and not self._readers:
            shutil.rmtree(self.folder, ignore_errors=True)


class Snapshots:
    """The newest copy of a registry's public graphs, in a folder of this process."""

    def __init__(self, registry: Registry, clock: Callable[[], float] = monotonic) -> None:
        self._registry, self._clock = registry, clock
        self._lock = Lock()
        self._folder: Path | None = None
        self._newest: Snapshot | None = None
        self._before: Snapshot | None = None  # kept for whoever was given it a moment ago
        self._taken = 0.0

    def newest(self) -> Snapshot | None:
        """The copy that may be asked as it is; None where one is to be taken first, which lasts a moment."""
        found = self._newest
        if found and (found.sequence == self._registry.sequence or self._clock() - self._taken < PAUSE):
            return found
        return None

    def last(self) -> Snapshot:
        """The copy that was taken last; to be asked for only behind `take`."""
        assert self._newest
        return self._newest

    def take(self) -> Snapshot:
        """The newest copy, taken now if need be; who comes while one is being taken gets the one before, if any."""
        known = self._newest
        if known and not self._lock.acquire(blocking=False):
            return known
        if not known:
            self._lock.acquire()
        try:
            return self.newest() or self._take()
        finally:
            self._lock.release()

    def _take(self) -> Snapshot:
        if self._folder is None:
            parent = self._registry.settings.data / FOLDER
            parent.mkdir(parents=True, exist_ok=True)
            self._folder = Path(tempfile.mkdtemp(dir=parent))
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._taken = self._clock()
        fresh = self._folder / f"{self._registry.sequence}-{self._taken:.3f}"
        try:
            left = self._registry.graphs.copy(fresh, without=POSITION)
        except OSError:
            if self._newest is None:
                raise
            log.exception("No newer copy of the public graphs could be taken; the last one is asked.")
            shutil.rmtree(fresh, ignore_errors=True)
            return self._newest
        old, self._before = self._before, self._newest
        self._newest = Snapshot(fresh, self._registry.views.told(left))
        if old:
            old.outdate()
        return self._newest

    def close(self) -> None:
        """Take the copies away."""
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._folder = self._newest = self._before = None


def clear(data: Path) -> None:
    """Take away what a server that was killed has left; only for who holds the store of the data folder."""
    shutil.rmtree(data / FOLDER, ignore_errors=True)
