"""Answers that are sent while they are made, and readers who leave.

An answer that cannot be brought to its end is left without one: the last chunk is never sent and the connection closes,
which every client of HTTP/1.1 takes for an error. Source: RFC 9112, sections 7.1 and 8.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Mapping
from contextlib import suppress
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from registry.pool import Cut, Head

HEAD = "registry.head"  # in a scope: only the head is asked for
SOON = 0.02  # seconds: most answers are there before it is worth while to look whether somebody left

T = TypeVar("T")


class Streamed(Response):
    """An answer whose head is known, and its parts; when the reader leaves, whoever makes the parts is told."""

    def __init__(self, parts: AsyncGenerator[Head | bytes, None], headers: Mapping[str, str]) -> None:
        super().__init__(headers=headers)
        del self.headers["content-length"]
        self._parts = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what comes, until it ends or the reader leaves."""
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            if scope.get(HEAD):
                await send({"type": "http.response.body", "body": b""})
                return
            with suppress(ClientDisconnect, Cut):
                await unless_gone(receive, self._send(send))
        finally:
            await self._parts.aclose()

    async def _send(self, send: Send) -> None:
        async for part in self._parts:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


async def unless_gone(receive: Receive, work: Awaitable[T]) -> T:
    """What the work comes to; it is given up, and ClientDisconnect raised, when the reader leaves before."""
    working = asyncio.ensure_future(work)
    tasks: list[asyncio.Future[Any]] = [working]
    try:
        await asyncio.wait(tasks, timeout=SOON)
        if not working.done():
            tasks.append(asyncio.ensure_future(_gone(receive)))
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise ClientDisconnect
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
