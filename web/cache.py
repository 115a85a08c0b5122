"""The newest public answers, kept in memory: pages are pure functions of address, form, language, ledger and day."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock

from web.answers import NEVER, Answer


class Pages:
    """A small cache that forgets the answer asked for longest ago; public answers only.

    It keeps at most `size` answers of `most` bytes together, and none that alone would take a sixteenth of these.
    """

    def __init__(self, size: int = 256, most: int = 64 << 20) -> None:
        self._size, self._most, self._bytes = size, most, 0
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
        """Keep an answer, and forget those asked for longest ago where there are too many."""
        if len(answer.body) > self._most // 16:
            return
        with self._lock:
            before = self._kept.pop(key, None)
            self._kept[key] = answer
            self._bytes += len(answer.body) - (len(before.body) if before else 0)
            while len(self._kept) > self._size or self._bytes > self._most:
                _, gone = self._kept.popitem(last=False)
                self._bytes -= len(gone.body)
