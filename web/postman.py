"""The postman of a serving process: a thread that sends letters every few seconds, and at once after a write.

It knows nothing of requests but that one which may write has ended, and no request ever waits for it. A letter whose
process died is sent by the next postman.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from threading import Event, Thread

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from registry import post
from registry.registry import Registry
from registry.settings import Settings

PAUSE = 5.0  # seconds between two looks at the box
PATIENCE = 2 * post.TIMEOUT  # seconds that a shutdown waits for the letter that is on its way
READING = frozenset({"GET", "HEAD", "OPTIONS"})

Life = Callable[[FastAPI], AbstractAsyncContextManager[None]]

log = logging.getLogger(__name__)


class Postman:
    """Takes what is due in the outbox to the mail server, in a thread of its own."""

    def __init__(
        self, registry: Registry, settings: Settings, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._engine, self._settings, self._clock = registry.ledger.engine, settings, clock
        self._called, self._over = Event(), False
        self._thread = Thread(target=self._walk, name="postman", daemon=True)

    def start(self) -> None:
        """Begin to walk; without a mail server there is nowhere to go."""
        if self._settings.smtp:
            self._thread.start()

    def wake(self) -> None:
        """Look into the box now."""
        self._called.set()

    def stop(self) -> None:
        """Bring the letter that is on its way to its end, then stand still."""
        self._over = True
        self.wake()
        if self._thread.ident:
            self._thread.join(PATIENCE)

    @asynccontextmanager
    async def lifespan(self, app: FastAPI) -> AsyncIterator[None]:
        """Walk as long as the application lives."""
        self.start()
        try:
            yield
        finally:
            self.stop()

    def _walk(self) -> None:
        while not self._over:
            self._called.clear()
            try:
                self._deliver()
            except Exception:  # the database may be busy or gone for a while; the letters stay where they are
                log.exception("The letters that are due could not be sent.")
            self._called.wait(PAUSE)

    def _deliver(self) -> None:
        if smtp := self._settings.smtp:
            sender, host = self._settings.letters_from, self._settings.host
            post.deliver(self._engine, smtp, sender=sender, host=host, at=self._clock(), go_on=lambda: not self._over)


def together(*lives: Life) -> Life:
    """Several things that live as long as the application."""

    @asynccontextmanager
    async def living(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for life in lives:
                await stack.enter_async_context(life(app))
            yield

    return living


class Waking:
    """Wakes the postman after every request that may have written."""

    def __init__(self, app: ASGIApp, postman: Postman) -> None:
        self._app, self._postman = app, postman

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, unchanged."""
        try:
            await self._app(scope, receive, send)
        finally:
            if scope["type"] == "http" and scope["method"] not in READING:
                self._postman.wake()
