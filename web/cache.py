"""The newest public answers, kept in memory: pages are pure functions of address, form, language, ledger and day."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock

from web.answers import NEVER, Answer


class Pages:
    """A small cache that forgets the answer asked for longest ago; public answers only."""

    def __init__(self, size: int = 256) -> None:
        self._size = size
        self._kept: OrderedDict[Hashable, Answer] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], Answer]) -> Answer:
        """The kept answer, or one made now; two readers may make the same one at once, which harms nobody.

        One that nobody may keep is made each time.
        """
        if kept := self.kept(key):
            return kept
        answer = make()
        if answer.cache != NEVER:
            self.keep(key, answer)
        return answer

    def kept(self, key: Hashable) -> Answer | None:
        """The kept answer."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def keep(self, key: Hashable, answer: Answer) -> None:
        """Keep an answer, and forget the one asked for longest ago where there are too many."""
        with self._lock:
            self._kept[key] = answer
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
