"""Answers that are kept so that they need not be made again: so many, those asked for longest ago forgotten first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


class Memory(Generic[K, T]):
    """At most `size` answers by what they answer. Two who ask at once may make the same one, which harms nobody."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[K, T] = OrderedDict()
        self._lock = Lock()

    def each(self, keys: Iterable[K], make: Callable[[list[K]], Mapping[K, T]]) -> list[T]:
        """The answers to these; those not kept are made together, one for each."""
        wanted = list(keys)
        with self._lock:
            found = {key: self._kept[key] for key in wanted if key in self._kept}
            for key in found:
                self._kept.move_to_end(key)
        if missing := [key for key in wanted if key not in found]:
            made = make(missing)
            found |= made
            with self._lock:
                self._kept |= made
                while len(self._kept) > self._size:
                    self._kept.popitem(last=False)
        return [found[key] for key in wanted]
