"""Resumption tokens: all that is needed to go on with a list, in the token itself, and a seal that no stranger makes.

Nothing is kept between requests, so a token holds for ever, in every process over the same ledger.
Source: OAI-PMH 2.0, section 3.5 (flow control).
"""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import astuple, dataclass

_SEAL = 16  # bytes


@dataclass(frozen=True)
class Token:
    """Where a list stands: what it was asked for, behind which event it goes on, how many came before, of how many."""

    verb: str
    prefix: str
    begins: str
    ends: str
    set: str
    after: int
    cursor: int
    total: int


def sealed(token: Token, key: bytes) -> str:
    """A token as it travels."""
    body = json.dumps(astuple(token), separators=(",", ":")).encode()
    return urlsafe_b64encode(_seal(body, key) + body).decode().rstrip("=")


def opened(text: str, key: bytes) -> Token | None:
    """The token that came back; None for one that was changed on its way, or that was never ours."""
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return None
    seal, body = raw[:_SEAL], raw[_SEAL:]
    if not hmac.compare_digest(seal, _seal(body, key)):
        return None
    found = Token(*json.loads(body))
    return found if sealed(found, key) == text else None


def _seal(body: bytes, key: bytes) -> bytes:
    return hmac.digest(key, body, "sha256")[:_SEAL]
