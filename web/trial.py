"""The checks of `conformance.toml`, asked of the application itself, in its own process and without a network.

Source of the words for outcomes: https://www.w3.org/TR/EARL10-Schema/#OutcomeValue.
"""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from time import monotonic
from urllib.parse import unquote, urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Scope

SECONDS = 30.0  # that all checks together may take
LONGEST = 2**20  # bytes of a body that are looked at
PASSED, FAILED, UNTESTED, INAPPLICABLE = "passed", "failed", "untested", "inapplicable"


@dataclass(frozen=True)
class Check:
    """One request and what must come back; `of` is the standard and its address, `needs` the path of a service."""

    key: str
    of: tuple[str, str]
    path: str
    status: int
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    has: Mapping[str, str] = field(default_factory=dict)
    contains: tuple[str, ...] = ()
    empty: bool = False
    needs: str = ""

    @property
    def asked(self) -> str:
        """The request as people read it."""
        return "\n".join([f"{self.method} /{self.path}", *(f"{name}: {value}" for name, value in self.headers.items())])

    @property
    def expected(self) -> str:
        """What must come back, likewise."""
        lines = [str(self.status), *(f"{name}: {value}".rstrip(": ") for name, value in self.has.items())]
        return "\n".join([*lines, *(f"… {piece} …" for piece in self.contains)])


@dataclass(frozen=True)
class Result:
    """What became of a check; `found` is what came back instead."""

    check: Check
    outcome: str
    found: str = ""


@dataclass(frozen=True)
class Trial:
    """All results, with the event that was shown and the moment."""

    sequence: int
    at: datetime
    results: tuple[Result, ...]

    def count(self, outcome: str) -> int:
        """How many checks came out so."""
        return sum(result.outcome == outcome for result in self.results)


@cache
def checks() -> tuple[Check, ...]:
    """The checks in the order of their file."""
    text = Path(__file__).with_name("conformance.toml").read_text(encoding="utf-8")
    return tuple(
        Check(**{**one, "of": tuple(one["of"]), "contains": tuple(one.get("contains", ()))})
        for one in tomllib.loads(text)["check"]
    )


async def run(app: ASGIApp, base: str, places: Mapping[str, str], services: set[str]) -> tuple[Result, ...]:
    """The results of all checks, one after the other; what there was no time for is untested."""
    end, found = monotonic() + SECONDS, []
    for check in checks():
        path = _filled(check.path, places)
        if "{" in path or (check.needs and check.needs not in services):
            found.append(Result(check, INAPPLICABLE))
            continue
        try:
            async with asyncio.timeout(max(0.0, end - monotonic())):
                status, headers, body = await _ask(app, base, check, path)
        except TimeoutError:
            found.append(Result(check, UNTESTED))
            continue
        wrong = _wrong(check, places, status, headers, body)
        found.append(Result(check, FAILED if wrong else PASSED, wrong))
    return tuple(found)


def _filled(text: str, places: Mapping[str, str]) -> str:
    for name, value in places.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def _wrong(check: Check, places: Mapping[str, str], status: int, headers: Headers, body: bytes) -> str:
    """What came back that should not have; empty when all is well."""
    if status != check.status:
        return str(status)
    for name, piece in check.has.items():
        if name not in headers or _filled(piece, places) not in ", ".join(headers.getlist(name)):
            return f"{name}: {headers.get(name, '')}".rstrip(": ")
    text = body.decode(errors="replace")
    missing = [piece for piece in check.contains if piece not in text]
    return "; ".join(missing) or ("body" if check.empty and body else "")


async def _ask(app: ASGIApp, base: str, check: Check, path: str) -> tuple[int, Headers, bytes]:
    """One request, answered by the application as if it had come from outside."""
    whole = urlsplit(base + path)
    stated = {"host": whole.netloc, "accept": "*/*", **{name.lower(): text for name, text in check.headers.items()}}
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": check.method,
        "scheme": whole.scheme,
        "path": unquote(whole.path),
        "raw_path": whole.path.encode(),
        "root_path": "",
        "query_string": whole.query.encode(),
        "headers": [(name.encode(), text.encode()) for name, text in stated.items()],
        "client": ("conformance", 0),
        "server": (whole.hostname, whole.port or 80),
    }
    status, headers, body, asked = 0, Headers(), bytearray(), False

    async def receive() -> Message:
        nonlocal asked
        if asked:
            await asyncio.Event().wait()  # the one who asks stays until the answer is there
        asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status, headers = message["status"], Headers(raw=message["headers"])
        elif len(body) < LONGEST:
            body.extend(message.get("body", b""))

    await app(scope, receive, send)
    return status, headers, bytes(body)
