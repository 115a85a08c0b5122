"""Large bodies on their way in: few at once for one account, and none for ever: halves of files fill no disk."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from registry.errors import BadInput, TooMany

MOST = 4
LASTS = 1200.0  # seconds: 10 MB over the slowest of links


@asynccontextmanager
async def slot(app: FastAPI, account: str) -> AsyncIterator[None]:
    """A place for one large body; raises TooMany where the account has four on their way, BadInput after 20 minutes."""
    held: Counter[str] = app.state.slots
    if held[account] >= MOST:
        raise TooMany("Too many files are being sent at once.", after=30, remedy="Send them one after the other.")
    held[account] += 1
    try:
        async with asyncio.timeout(LASTS):
            yield
    except TimeoutError as error:
        raise BadInput("The file took too long to come.", remedy="Send it again, or a smaller one.") from error
    finally:
        held[account] -= 1
        if not held[account]:
            del held[account]
