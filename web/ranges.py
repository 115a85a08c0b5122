"""Bytes that somebody keeps, whole or the part that was asked for: conditions, ranges, what lies beyond the end.

Source: RFC 9110, sections 13 and 14.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping

from starlette.responses import Response, StreamingResponse

from web.answers import NEVER

_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")

Pieces = Callable[[int, int], Iterator[bytes]]


def ranged(request: Mapping[str, str], headers: Mapping[str, str], size: int, pieces: Pieces) -> Response:
    """The answer to a request with these headers; `pieces` reads from one place up to before another."""
    if headers["ETag"] in re.findall(r'"[^"]*"', request.get("if-none-match", "")):
        return Response(status_code=304, headers=dict(headers))
    whole = (0, size)
    start, end = _asked(request.get("range", ""), size) or whole
    if request.get("if-range", headers["ETag"]) != headers["ETag"]:
        start, end = whole
    if start >= end:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{size}", "Cache-Control": NEVER})
    part = (start, end) != whole
    told = {**headers, "Content-Length": str(end - start)}
    if part:
        told["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return StreamingResponse(pieces(start, end), 206 if part else 200, told)


def marks(sha256: str) -> dict[str, str]:
    """The headers by which bytes are known by their digest."""
    digest = b64encode(bytes.fromhex(sha256)).decode()
    return {"Accept-Ranges": "bytes", "ETag": f'"{sha256}"', "Repr-Digest": f"sha-256=:{digest}:"}


def _asked(header: str, size: int) -> tuple[int, int] | None:
    """The part that a header asks for, up to before its end; None for all, or for what is no range."""
    found = _RANGE.fullmatch(header.strip())
    if not found or found[0] == "bytes=-":
        return None
    if not found[1]:
        return max(size - int(found[2]), 0), size
    return int(found[1]), min(int(found[2]) + 1, size) if found[2] else size
