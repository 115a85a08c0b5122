"""What a program sent, once it is sure who it is: a body of a kind that is read here, counted before it is parsed.

Sources: RFC 9110, sections 8.3, 8.4 and 15.5.14 to 15.5.16; RFC 5789, section 3.1 (Accept-Patch).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from registry.errors import TooLarge, UnsupportedMedia
from registry.repeats import Repeat, checked
from web.bearer import Bearer, sender
from web.methods import PATCHES, READS
from web.negotiate import PROFILES, elements, weighted
from web.visit import Visit, Visiting

LARGEST = 1_000_000  # bytes of a body
_CONTEXT = re.compile(r'^<([^>]*)>\s*;.*\brel="?' + re.escape(PROFILES) + r'context"?(?:\s*;|\s*$)')


@dataclass(frozen=True)
class Sent:
    """A request to the interface: who sends it, its body and the kind of it, the key that makes it safe to repeat."""

    bearer: Bearer
    data: bytes
    media: str
    repeat: Repeat | None
    context: str | None = None


def sending(*media: str, empty: bool = False) -> Callable[[Visit, Request], Awaitable[Sent]]:
    """A dependency that reads a body of one of these kinds; `empty` allows none at all.

    Raises NotSignedIn or Forbidden before a byte is read, UnsupportedMedia, TooLarge.
    """

    async def read(visit: Visiting, request: Request) -> Sent:
        bearer = await run_in_threadpool(sender, visit)
        kind, parameters, _ = weighted(request.headers.get("content-type", ""))
        kind = kind.lower()
        _demand_plain(request)
        if not (empty and not kind):
            _demand_kind(kind, parameters.get("charset", "utf-8"), media)
        data = await _body(request)
        return Sent(bearer, data, kind, _repeat(request, bearer, kind, data), _context(request))

    return read


Record = Annotated[Sent, Depends(sending(*READS))]
Patch = Annotated[Sent, Depends(sending(*PATCHES))]
Ending = Annotated[Sent, Depends(sending("application/json", empty=True))]


def _demand_plain(request: Request) -> None:
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("", "identity"):
        raise UnsupportedMedia("A compressed body is not read here.", remedy="Send it as it is.", where="body")


def _demand_kind(kind: str, charset: str, media: tuple[str, ...]) -> None:
    if kind not in media:
        raise UnsupportedMedia(
            "A body of the type {type} is not read here.",
            remedy="Send one of {types}.",
            where="body",
            type=kind or "-",
            types=", ".join(media),
        )
    if charset.lower().replace("_", "-") not in ("utf-8", "utf8", "us-ascii"):
        raise UnsupportedMedia("The body is not in UTF-8.", remedy="Send it in UTF-8.", where="body")


async def _body(request: Request) -> bytes:
    """The body, up to its limit; what it states of its length is believed when it is too much."""
    stated = request.headers.get("content-length", "0")
    if stated.isdecimal() and int(stated[:15]) > LARGEST:
        raise _too_large()
    data = bytearray()
    async for piece in request.stream():
        data += piece
        if len(data) > LARGEST:
            raise _too_large()
    return bytes(data)


def _too_large() -> TooLarge:
    return TooLarge(
        "A body may have at most {count} bytes.",
        remedy="Send fewer records at a time.",
        where="body",
        count=LARGEST,
    )


def _repeat(request: Request, bearer: Bearer, kind: str, data: bytes) -> Repeat | None:
    """The key of the request, with the digest of all that it asks."""
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    said = (request.method, request.url.path, request.url.query, kind, request.headers.get("if-match", ""))
    digest = hashlib.sha256("\n".join(said).encode() + b"\n" + data).hexdigest()
    return Repeat(bearer.actor.account.id, checked(key.strip().strip('"')), digest)


def _context(request: Request) -> str | None:
    """The context that a Link header names for plain JSON."""
    links = (_CONTEXT.match(link) for header in request.headers.getlist("link") for link in elements(header))
    return next((found[1] for found in links if found), None)
