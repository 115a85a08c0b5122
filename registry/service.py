"""The public query service: who may ask, which snapshot is asked, which workers answer.

It belongs to no event loop and starts nothing before it is asked.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from time import monotonic

from registry import terminals
from registry.budget import Budget
from registry.errors import Busy, NotFound, RegistryError
from registry.pool import Beyond, Head, Pool, Question
from registry.registry import Registry
from registry.settings import Limits
from registry.snapshot import Snapshot, Snapshots
from registry.terminals import Terminals


class Service:
    """The query service over one registry; `clock` counts seconds, for budgets and snapshots."""

    def __init__(self, registry: Registry, limits: Limits, clock: Callable[[], float] = monotonic) -> None:
        self.limits = limits
        self.pool = Pool(limits)
        self.budget = Budget(limits.budget, clock)
        self._snapshots = Snapshots(registry, clock)

    def present(self) -> None:
        """Raises NotFound where the service is switched off."""
        if not self.limits.workers:
            raise NotFound("There is no query service here.")

    def admit(self, address: str, query: str, longest: int) -> Terminals:
        """Look over who asks and what, before anything is done; what is refused counts as the client's error.

        Raises TooMany, and what `terminals.read` raises.
        """
        self.budget.admit(address)
        try:
            return terminals.read(query, longest)
        except RegistryError:
            self.budget.charge(address, errors=1)
            raise

    def at_hand(self) -> Snapshot | None:
        """The newest snapshot, where none is to be taken first."""
        return self._snapshots.newest()

    def snapshot(self) -> Snapshot:
        """The newest snapshot; may take a moment, so not for an event loop."""
        return self.at_hand() or self._snapshots.take()

    async def ask(self, question: Question, address: str) -> AsyncGenerator[Head | bytes, None]:
        """The head of an answer, then its bytes, as `Pool.ask`; the client pays for the time, and for an error."""

        def spent(seconds: float) -> None:
            self.budget.charge(address, seconds)

        try:
            async with aclosing(self.pool.ask(question, self._snapshots.last, spent)) as answer:
                async for part in answer:
                    yield part
        except RegistryError as error:
            if isinstance(error, Busy) and not isinstance(error, Beyond):
                raise
            self.budget.charge(address, errors=1)
            raise

    def close(self) -> None:
        """End the workers and take the snapshots away; asked again, it begins anew."""
        self.pool.close()
        self._snapshots.close()
