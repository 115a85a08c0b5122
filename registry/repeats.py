"""Answers that were given, kept for whoever asks the same again: one Idempotency-Key, one effect.

An answer is kept in the transaction of what it tells of: there is none without the other, whatever breaks in between.
Nothing in it opens anything: a receipt stands in it by its id. Source: the Idempotency-Key HTTP header field, IETF
draft; Stripe's interface made the habit.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from registry.database import written
from registry.errors import BadParameter, KeyReused
from registry.tables import answer as TABLE

KEPT = timedelta(days=2)
_KEY = re.compile(r"[\x21-\x7e]{1,200}")


@dataclass(frozen=True)
class Kept:
    """An answer as it was given."""

    status: int
    headers: Mapping[str, str]
    body: str


class Repeated(Exception):
    """What is asked was done before: the answer of then."""

    def __init__(self, kept: Kept) -> None:
        super().__init__(kept.status)
        self.kept = kept


@dataclass(frozen=True)
class Repeat:
    """A request that may come twice: whose, its key, the digest of what it asks; `item` of a list."""

    account: str
    key: str
    request: str
    item: str = ""

    def of_item(self, number: int) -> Repeat:
        """One item of the list that the request sends; no key of a client has a blank in it."""
        return Repeat(self.account, self.key, self.request, f" {number}")


def checked(key: str) -> str:
    """A key as a client may choose it; raises BadParameter for any other."""
    if not _KEY.fullmatch(key):
        raise BadParameter(
            "An Idempotency-Key has 1 to 200 letters, digits or signs of ASCII, without blanks.",
            remedy="Send a UUID, a new one for each new thing you ask.",
            where="Idempotency-Key",
        )
    return key


def earlier(connection: Connection, repeat: Repeat) -> Kept | None:
    """The answer that this request had before; raises KeyReused where its key stood on another one."""
    mine = (TABLE.c.account == repeat.account, TABLE.c.key == repeat.key + repeat.item)
    row = connection.execute(select(TABLE).where(*mine)).mappings().first()
    if row is None:
        return None
    if row["request"] != repeat.request:
        raise KeyReused(
            "This Idempotency-Key was used for another request.",
            remedy="Send a new key with a new request.",
            where="Idempotency-Key",
        )
    return Kept(row["status"], json.loads(row["headers"]), row["body"])


def clear(connection: Connection, at: datetime) -> int:
    """Remove the answers that are too old to be asked for again; how many."""
    return connection.execute(delete(TABLE).where(TABLE.c.at < written(at - KEPT))).rowcount


def keep(connection: Connection, repeat: Repeat, kept: Kept, *, at: datetime) -> None:
    """Keep an answer; those of the day before yesterday are forgotten."""
    clear(connection, at)
    row = {
        "account": repeat.account,
        "key": repeat.key + repeat.item,
        "request": repeat.request,
        "at": written(at),
        "status": kept.status,
        "headers": json.dumps(dict(kept.headers)),
        "body": kept.body,
    }
    connection.execute(TABLE.insert(), row)
