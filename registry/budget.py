"""How much each client may ask of the query service: seconds of query time, and errors, gained back minute by minute.

It is kept in memory alone and forgotten with the process: it protects the service from haste, not from guessing.
Source: the limits of the Wikidata Query Service (60 s of query time a minute, twice that at once; 30 errors a minute).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from math import ceil
from time import monotonic

from registry.errors import TooMany
from registry.throttle import network

MOST = 10_000  # clients that are remembered
SAVED = 2.0  # minutes of budget that can be saved up
ERRORS = 0.5  # for each second of query time that is gained


class Budget:
    """What each client has left; `seconds` is what it gains in a minute, `clock` counts seconds."""

    def __init__(self, seconds: float, clock: Callable[[], float] = monotonic) -> None:
        self._gains = (seconds, seconds * ERRORS)
        self._clock = clock
        self._clients: OrderedDict[str, tuple[float, float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._clients)

    def admit(self, address: str) -> None:
        """Let a client ask who has something left; raises TooMany."""
        left = zip(self._left(address), self._gains, strict=True)
        after = max(ceil((1 - have) * 60 / gain) if have < 0 else 0 for have, gain in left)
        if after:
            raise TooMany(
                "Your queries have taken all the time that one reader has, or failed too often.",
                remedy="Try again in {after} seconds.",
                after=after,
            )

    def charge(self, address: str, seconds: float = 0.0, errors: int = 0) -> None:
        """Take away what a client has used; a client in debt is let in again when it is paid."""
        client = network(address)
        time, faults = self._left(address)
        self._clients[client] = (time - seconds, faults - errors, self._clock())
        self._clients.move_to_end(client)
        while len(self._clients) > MOST:
            self._clients.popitem(last=False)

    def _left(self, address: str) -> tuple[float, float]:
        known = self._clients.get(network(address))
        if known is None:
            return self._gains[0] * SAVED, self._gains[1] * SAVED
        minutes = (self._clock() - known[2]) / 60
        time, faults = (
            min(have + gain * minutes, gain * SAVED) for have, gain in zip(known[:2], self._gains, strict=True)
        )
        return time, faults
