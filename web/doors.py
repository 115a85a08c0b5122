"""The doors every request passes: one canonical address, HEAD, preflight, headers for all answers, the last resort.

Sources: RFC 3986, section 6.2.2; RFC 9110, section 9.3; the Fetch standard (CORS protocol).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from posixpath import normpath
from urllib.parse import quote, unquote_to_bytes

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.methods import allowed, elsewhere, reads
from web.streams import HEAD

PATH_SAFE = "!$&'()*+,;=:@-._~"

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

_EVERYWHERE = (
    (b"access-control-allow-origin", b"*"),
    (
        b"access-control-expose-headers",
        b"Link, ETag, Location, Content-Location, Content-Language, Last-Modified, Memento-Datetime, Retry-After, "
        b"Content-Profile, Accept-Post, Accept-Patch, WWW-Authenticate, Content-Disposition, Content-Range, "
        b"Repr-Digest, Registry-Sequence",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", POLICY.encode()),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
)
_LISTS = frozenset(
    (b"accept", b"accept-encoding", b"accept-language", b"accept-profile", b"if-match", b"if-none-match", b"prefer")
)
_PREFLIGHT = {
    "Access-Control-Allow-Headers": (
        "Accept, Accept-Language, Accept-Profile, Accept-Datetime, Authorization, Content-Type, Idempotency-Key, "
        "If-Match, If-None-Match, If-Modified-Since, If-Range, Link, Prefer, Range, Content-Disposition, "
        "Content-Digest, Repr-Digest"
    ),
    "Access-Control-Max-Age": "86400",
}

_ORIGIN = re.compile(r"^https?://[^/?#]*", re.IGNORECASE)  # a request line may hold the whole address

_SECRET = re.compile(r"[\w-]{43,}")

log = logging.getLogger(__name__)


def canonical(raw: str, rooms: frozenset[str] = frozenset()) -> str:
    """The one spelling of a path: no empty or dot segments, no slash at the end, only what must be is escaped.

    The first segment names a room of the web and is written in lower case.
    """
    segments = [unquote_to_bytes(segment) for segment in raw.split("/") if segment]
    spelt = "/".join(quote(segment, safe=PATH_SAFE) for segment in segments)
    first, slash, rest = normpath("/" + spelt).strip("/").partition("/")
    return f"/{first.lower() if first.lower() in rooms else first}{slash}{rest}"


def unsaid(path: str) -> str:
    """A path as a log may hold it: what opens something is left out."""
    return _SECRET.sub("…", path)


class Doors:
    """ASGI middleware around the whole application."""

    def __init__(
        self,
        app: ASGIApp,
        base: str,
        prefix: str,
        rooms: frozenset[str],
        failed: Callable[[Request], Awaitable[Response]],
        routes: Sequence[BaseRoute] = (),
    ) -> None:
        self._app, self._base, self._prefix = app, base, prefix.rstrip("/")
        self._rooms, self._failed, self._routes = rooms, failed, routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer at the door, or pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        send = _dressed(send, without_body=scope["method"] == "HEAD")
        scope = {**scope, "headers": _joined(scope["headers"])}
        response = self._at_the_door(scope)
        if response is not None:
            await response(scope, receive, send)
            return
        if scope["method"] == "HEAD":
            scope = {**scope, "method": "GET", HEAD: True}
        await self._pass_on(scope, receive, send)

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except ClientDisconnect:
            log.info("%s %s: the client left", scope["method"], unsaid(scope["path"]))
        except Exception:
            log.exception("%s %s", scope["method"], unsaid(scope["path"]))
            response = await self._apology(Request(scope))
            await response(scope, receive, send)

    async def _apology(self, request: Request) -> Response:
        """The page for a fault of ours; in plain words where even that page cannot be drawn."""
        try:
            return await self._failed(request)
        except Exception:
            log.exception("no page for the fault at %s", unsaid(request.url.path))
            return Response("Internal Server Error\n", 500, media_type="text/plain")

    def _at_the_door(self, scope: Scope) -> Response | None:
        raw = scope.get("raw_path") or quote(scope["path"]).encode()
        stated = raw.decode("latin-1").split("?")[0]
        path = _ORIGIN.sub("", stated)
        if path != stated:  # from here on it is the request that names the path alone (RFC 9112, section 3.2.2)
            scope["raw_path"], scope["path"] = path.encode("latin-1"), unquote_to_bytes(path).decode(errors="replace")
        if self._prefix and (path + "/").startswith(self._prefix + "/"):
            path = path[len(self._prefix) :] or "/"
            scope["path"] = scope["path"][len(self._prefix) :] or "/"
        if scope["method"] == "OPTIONS":
            return Response(status_code=204, headers=self._options(scope))
        spelt = canonical(path, self._rooms)
        if spelt == path:
            return None
        query = scope["query_string"].decode("latin-1")
        location = self._base + spelt.lstrip("/") + (f"?{query}" if query else "")
        return Response(status_code=308, headers={"Location": location})

    def _options(self, scope: Scope) -> dict[str, str]:
        """What may be done at an address: by pages of other sites, where such a page asks; else by anybody."""
        if Headers(scope=scope).get("access-control-request-method"):
            return {"Access-Control-Allow-Methods": elsewhere(self._routes, scope), **_PREFLIGHT}
        return {"Allow": allowed(self._routes, scope), **reads(self._routes, scope)}


def _joined(headers: Sequence[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers of a request; a list that came in several lines is one, in their order (RFC 9110, section 5.3)."""
    lists: dict[bytes, list[bytes]] = {}
    for name, value in headers:
        if name in _LISTS:
            lists.setdefault(name, []).append(value)
    others = [(name, value) for name, value in headers if name not in _LISTS]
    return others + [(name, b", ".join(values)) for name, values in lists.items()]


def _dressed(send: Send, without_body: bool) -> Send:
    """A send that adds the headers of every answer, and keeps the body back when only the head was asked for."""

    async def dressed(message: Message) -> None:
        if message["type"] == "http.response.start":
            names = {name for name, _ in message["headers"]}
            own = b"cross-origin-resource-policy" in names  # such a page is for readers of this site alone
            missing = (line for line in _EVERYWHERE if line[0] not in names)
            more = (line for line in missing if not (own and line[0].startswith(b"access-control-")))
            message = {**message, "headers": [*message["headers"], *more]}
        elif message["type"] == "http.response.body" and without_body:
            message = {**message, "body": b""}
        await send(message)

    return dressed
