"""The index follows the ledger: what changed since is put anew; where little is left, everything is.

A short way is gone at once, so that whoever just published finds it; a long one in a thread of its own, while SPARQL
answers alone.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from registry.documents import Documents, states
from registry.index import Index, Shown
from registry.registry import Registry
from registry.terms import NamedNode

FAR = 500  # changed records from which on nobody is kept waiting
CHUNK = 2_000

log = logging.getLogger(__name__)


class Follower:
    """The index of a registry in a folder. `progress` tells how far a long way is, as (done, all)."""

    def __init__(self, registry: Registry, folder: Path, facets: Sequence[str]) -> None:
        self._registry = registry
        self.index = Index(folder, facets)
        self.progress: tuple[int, int] | None = None
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._shown: Shown | None = None

    def followed(self, day: date) -> Index | None:
        """The index as the ledger is shown on a day; None while it is on a long way there."""
        if self.progress:
            return None
        wanted = Shown(self._registry.sequence, day)
        if self._shown == wanted:
            return self.index
        with self._lock:
            shown = self.index.shown
            if self.progress or shown == wanted:
                self._shown = None if self.progress else wanted
                return None if self.progress else self.index
            changed, gone = self._changed(shown, wanted)
            if changed is None or len(changed) > FAR:
                way = self._all() if changed is None else changed
                self.progress = (0, len(way))
                self._thread = threading.Thread(
                    target=self._walk, args=(way, gone, wanted, changed is None), daemon=True
                )
                self._thread.start()
                return None
            try:
                self._write(changed, gone, wanted, anew=False)
            except ValueError:  # another process writes the same index just now
                return None
            self._shown = wanted if self.index.shown == wanted else None
        return self.index if self._shown else None

    def build(self, day: date) -> None:
        """Make the index of all records, here and now."""
        with self._lock:
            self._write(self._all(), [], Shown(self._registry.sequence, day), anew=True)

    def settle(self) -> None:
        """Wait until a long way has come to its end."""
        if self._thread:
            self._thread.join()

    def close(self) -> None:
        """Let nothing be written any more."""
        self.settle()
        self.index.close()

    def _walk(self, records: list[NamedNode], gone: list[str], wanted: Shown, anew: bool) -> None:
        try:
            with self._lock:
                self._write(records, gone, wanted, anew=anew)
        except Exception:
            log.exception("The search index could not be built; SPARQL answers alone.")
        finally:
            self.progress = None

    def _changed(self, shown: Shown | None, wanted: Shown) -> tuple[list[NamedNode] | None, list[str]]:
        """The records to put anew and those that are gone; None for all, where a vocabulary changed too."""
        if shown is None or shown.sequence > wanted.sequence:
            return None, []
        touched: dict[NamedNode, None] = {}
        for event in self._registry.ledger.events(after=shown.sequence):
            if event.kind == "vocabulary" or event.kind == "opened":
                return None, []
            touched[NamedNode(event.record)] = None
        for record in list(touched):  # whoever refers to a record is found by its name
            rows = self._registry.select("records/mentions", record=record)
            touched |= dict.fromkeys(by for row in rows if isinstance(by := row["by"], NamedNode))
            if len(touched) > FAR:
                break
        if shown.day != wanted.day:
            before, now = states(self._registry, shown.day), states(self._registry, wanted.day)
            touched |= dict.fromkeys(record for record in now if before.get(record) != now[record])
        return list(touched), [record.value for record in touched]

    def _write(self, records: list[NamedNode], gone: list[str], wanted: Shown, *, anew: bool) -> None:
        drawn = (one for one in Documents(self._registry, wanted.day).of(records) if one.facets)
        for done in self.index.write(drawn, wanted, gone=gone, anew=anew):
            if self.progress and done % CHUNK == 0:
                self.progress = (done, len(records))
                log.info("Search index: %s of %s records", done, len(records))

    def _all(self) -> list[NamedNode]:
        kinds = [format.target for format in self._registry.formats.values()]
        rows = (row for kind in kinds for row in self._registry.select("records/list", kind=kind))
        return [record for row in rows if isinstance(record := row["record"], NamedNode)]
