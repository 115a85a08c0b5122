"""What every room of the web shares: the registry, its settings, the templates, the kept pages, the day."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, time
from time import monotonic
from urllib.parse import urlsplit

from registry.census import Census, Counting
from registry.feed import Feed
from registry.registry import Registry
from registry.search import Search
from registry.service import Service
from registry.settings import Settings
from registry.snapshot import Snapshot
from web.cache import Pages
from web.render import Renderer
from web.repeats import Repeats

PAUSE = 0.5
PATIENCE = 1.0  # seconds that a reader waits for what is being counted


class Site:
    """What every room of the web shares: the registry, its settings, the templates, the kept pages, the day."""

    def __init__(
        self, registry: Registry, settings: Settings, today: Callable[[], date], clock: Callable[[], datetime]
    ) -> None:
        self.registry, self.settings, self._today, self._clock = registry, settings, today, clock
        self.prefix = urlsplit(settings.base).path
        self.renderer = Renderer(registry, self.prefix, self.asks)
        self.pages = Pages()
        self.feed = Feed(registry.ledger, registry.formats, registry.own)
        self.search = Search(registry, registry.settings.data / "index" if registry.keeps_store else None)
        self.service = Service(registry, settings.limits)
        self.answers, self.repeats = Pages(), Repeats()
        self._counting = Counting(registry)
        self._looked = 0.0

    def followed(self) -> Registry:
        """The registry, at most half a second behind its ledger: loads and other processes append to it."""
        if monotonic() - self._looked > PAUSE:
            self._looked = monotonic()
            self.registry.follow()
        return self.registry

    @asynccontextmanager
    async def lifespan(self, app: object) -> AsyncIterator[None]:
        """As long as the application lives; no worker of the query service outlives it."""
        try:
            yield
        finally:
            self.service.close()
            self._counting.close()

    def census(self) -> Census | None:
        """How much there is, counted at this event or before; None as long as a first count takes."""
        self.followed()
        return self._counting.newest(PATIENCE)

    def at_hand(self) -> Snapshot | None:
        """What queries are asked of, where it can be told without waiting for the ledger or a copy."""
        return None if monotonic() - self._looked > PAUSE else self.service.at_hand()

    def snapshot(self) -> Snapshot:
        """What queries are asked of, a few seconds behind the ledger at most."""
        self.followed()
        return self.service.snapshot()

    @property
    def asks(self) -> bool:
        """Whether there is a query service."""
        return self.settings.limits.workers > 0

    @property
    def day(self) -> date:
        """The day that states are asked about."""
        return self._today()

    @property
    def now(self) -> datetime:
        """This moment, by which sessions and links end."""
        return self._clock()

    @property
    def modified(self) -> datetime:
        """Since when pages with words of many records look as they do: the last event, or the day's begin."""
        return max(self.registry.changed, datetime.combine(self.day, time(), UTC))
