"""One answer, as HTTP wants it: strong validators, conditional requests, compression, links.

The ETag is a hash of the bytes, so it differs by format and language by itself; a compressed answer has its own.
Sources: RFC 9110, sections 8.8 and 13; RFC 9111; RFC 8288.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import cached_property

from starlette.responses import Response

from web.negotiate import accepts_gzip

FRESH = "public, no-cache"
FOREVER = "public, max-age=31536000, immutable"
NEVER = "no-store"

_TAG = re.compile(r'(?:W/)?("[^"]*")')
_SMALL = 600


@dataclass(frozen=True)
class Link:
    """One link of a Link header."""

    target: str
    rel: str
    attributes: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        attributes = "".join(f'; {name}="{value}"' for name, value in self.attributes.items())
        return f'<{self.target}>; rel="{self.rel}"{attributes}'


@dataclass(frozen=True)
class Answer:
    """A whole answer before it meets a request: the bytes, what they are, how long they hold."""

    body: bytes
    content_type: str
    status: int = 200
    language: str | None = None
    modified: datetime | None = None
    cache: str = FRESH
    vary: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict, hash=False)

    @cached_property
    def digest(self) -> str:
        """What tells these bytes, in this type and language, from any others."""
        kind = f"{self.content_type}\n{self.language}\n".encode()
        return hashlib.sha256(kind + self.body).hexdigest()[:24]

    @cached_property
    def zipped(self) -> bytes:
        """The body, compressed once; the time in the header is 0 so that equal bodies stay equal."""
        return gzip.compress(self.body, compresslevel=6, mtime=0)


def finish(headers: Mapping[str, str], answer: Answer, now: datetime | None = None) -> Response:
    """The response to a request with these headers: whole, compressed, or 304.

    `now` is the moment of the response. A change that a clock which ran ahead has dated later counts as undated, or a
    copy of today would hold until then (RFC 9110, section 8.8.2.1); without `now` every change does.
    """
    zipped = len(answer.body) >= _SMALL and accepts_gzip(headers.get("accept-encoding"))
    etag = f'"{answer.digest}-gz"' if zipped else f'"{answer.digest}"'
    lines = _lines(answer)
    modified = answer.modified if now and answer.modified and answer.modified <= now else None
    if answer.status == 200 and answer.cache != NEVER:
        lines["ETag"] = etag
        if modified:
            lines["Last-Modified"] = http_date(modified)
        if _unchanged(headers, etag, modified):
            return Response(status_code=304, headers=lines)
    if zipped:
        lines["Content-Encoding"] = "gzip"
    lines["Content-Type"] = answer.content_type
    if answer.language:
        lines["Content-Language"] = answer.language
    return Response(answer.zipped if zipped else answer.body, answer.status, headers=lines)


def redirect(status: int, location: str, vary: tuple[str, ...] = ()) -> Response:
    """A redirect; `location` is always made from the base, never from the request's Host."""
    lines = {"Location": location, "Cache-Control": FRESH}
    if vary:
        lines["Vary"] = ", ".join(vary)
    return Response(status_code=status, headers=lines)


def http_date(moment: datetime) -> str:
    """A moment as HTTP writes it, whole seconds in GMT."""
    return format_datetime(moment.astimezone(UTC).replace(microsecond=0), usegmt=True)


def _lines(answer: Answer) -> dict[str, str]:
    vary = dict.fromkeys((*answer.vary, "Accept-Encoding"))
    lines = {"Cache-Control": answer.cache, "Vary": ", ".join(vary), **answer.headers}
    if answer.links:
        lines["Link"] = ", ".join(map(str, answer.links))
    return lines


def _unchanged(headers: Mapping[str, str], etag: str, modified: datetime | None) -> bool:
    """Whether the reader's copy still holds; If-Modified-Since counts only without If-None-Match."""
    stated = headers.get("if-none-match")
    if stated is not None:
        return stated.strip() == "*" or etag in _TAG.findall(stated)
    since = _moment(headers.get("if-modified-since"))
    return bool(since and modified and modified.replace(microsecond=0) <= since)


def _moment(text: str | None) -> datetime | None:
    """A date header as a moment; None for one that cannot be read."""
    try:
        moment = parsedate_to_datetime(text or "")
    except (TypeError, ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
