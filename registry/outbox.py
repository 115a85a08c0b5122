"""The outbox: letters as rows, written in the same transaction as the change that they tell of.

A change that fails writes no letter, and a letter is never lost with the process that wrote it. `registry.post` takes
the rows from here; where no mail server is set, they stay and administrators read them on a page.

A letter waits until it is `sent`, or is given up: then `due` is NEVER and `failed` says what the last try was told.
Source: design, threats 21 and 23.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, and_, case, delete, func, or_, select, update

from registry.database import moment, written
from registry.errors import BadInput
from registry.letters import Letter
from registry.tables import outbox as TABLE

SENT_FOR, FAILED_FOR = timedelta(days=90), timedelta(days=180)  # how long a row is kept
NEVER = "9999-12-31T23:59:59.999999Z"
STATES = ("waiting", "sent", "failed")

# before the @ plain ASCII: many mail servers take nothing else, and a letter that cannot arrive is told at once
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[^\s@<>()\[\],:;\"\\]{1,255}")
_STATE = case((TABLE.c.sent.is_not(None), "sent"), (TABLE.c.due == NEVER, "failed"), else_="waiting")


@dataclass(frozen=True)
class Kept:
    """A letter as the box keeps it; `id` is also the left part of its Message-ID."""

    id: str
    kind: str
    account: str | None
    address: str
    language: str
    subject: str
    text: str
    html: str
    made: datetime
    due: datetime
    tries: int
    tried: datetime | None
    sent: datetime | None
    failed: str | None
    state: str


def put(connection: Connection, letter: Letter, *, address: str, at: datetime, account: str | None = None) -> str:
    """Put a letter to one address into the box, in the caller's transaction; returns its identity.

    Raises BadInput for an address that is not exactly one, and for a subject that is not on one line: either could
    add headers or readers to the letter.
    """
    if not _ADDRESS.fullmatch(address) or _hidden(address):
        raise BadInput(
            "This is not an e-mail address that letters can be sent to.",
            remedy="Give one address, such as name@example.org.",
            where="email",
        )
    if _hidden(letter.subject):
        raise BadInput("The subject of a letter has one line.", remedy="Take out the line break.", where="subject")
    id = secrets.token_hex(16)
    row = {
        "id": id,
        "kind": letter.kind,
        "account": account,
        "address": address.lower(),
        "language": letter.language,
        "subject": letter.subject,
        "text": letter.text,
        "html": letter.html,
        "made": written(at),
        "due": written(at),
        "tries": 0,
    }
    connection.execute(TABLE.insert(), row)
    return id


def lately(connection: Connection, address: str, kind: str, since: datetime) -> bool:
    """Whether a letter of this kind was written to this address since a moment: nobody is flooded in our name."""
    query = select(TABLE.c.id).where(
        TABLE.c.address == address.lower(), TABLE.c.kind == kind, TABLE.c.made >= written(since)
    )
    return connection.execute(query.limit(1)).first() is not None


def letters(connection: Connection, *, state: str | None = None, page: int = 1, size: int = 50) -> list[Kept]:
    """The letters of a state or of all, newest first, page by page."""
    query = _every().order_by(TABLE.c.made.desc(), TABLE.c.id).limit(size).offset((page - 1) * size)
    if state:
        query = query.where(_STATE.in_([state]))
    return [_kept(row) for row in connection.execute(query).mappings()]


def counts(connection: Connection) -> dict[str, int]:
    """How many letters there are in each state."""
    query = select(_STATE, func.count()).group_by(_STATE)
    found: dict[str, int] = {row[0]: row[1] for row in connection.execute(query)}
    return {state: found.get(state, 0) for state in STATES}


def one(connection: Connection, id: str) -> Kept | None:
    """The letter with an identity."""
    row = connection.execute(_every().where(TABLE.c.id == id)).mappings().first()
    return _kept(row) if row else None


def is_due(connection: Connection, at: datetime) -> bool:
    """Whether any letter is due, without writing."""
    return connection.execute(_due(at)).first() is not None


def claim(connection: Connection, at: datetime, until: datetime) -> Kept | None:
    """The letter that has been due longest, taken: until a moment nobody else takes it, and this counts as a try.

    A process that dies while it sends leaves the letter due again at that moment.
    """
    row = connection.execute(_due(at)).mappings().first()
    if row is None:
        return None
    taken = {"due": written(until), "tries": row["tries"] + 1, "tried": written(at)}
    connection.execute(update(TABLE).where(TABLE.c.id == row["id"]).values(**taken))
    return _kept({**row, **taken, "due": row["due"]})


def mark_sent(connection: Connection, id: str, at: datetime) -> None:
    """The letter was taken by a mail server. What it said goes: its link may open something."""
    values = {"sent": written(at), "failed": None, "text": "", "html": ""}
    connection.execute(update(TABLE).where(TABLE.c.id == id, TABLE.c.sent.is_(None)).values(**values))


def mark_failed(connection: Connection, id: str, reason: str, again: datetime | None) -> None:
    """A try failed; it is due again at a moment, or given up."""
    due = written(again) if again else NEVER
    connection.execute(update(TABLE).where(TABLE.c.id == id, TABLE.c.sent.is_(None)).values(failed=reason, due=due))


def revive(connection: Connection, at: datetime) -> int:
    """Make every letter that was given up due again, with all its tries before it; how many they are."""
    given_up = update(TABLE).where(TABLE.c.sent.is_(None), TABLE.c.due == NEVER)
    return connection.execute(given_up.values(due=written(at), tries=0)).rowcount


def failing(connection: Connection, since: datetime) -> int:
    """How many letters were tried since a moment and failed, given up or not."""
    tried = (TABLE.c.sent.is_(None), TABLE.c.failed.is_not(None), TABLE.c.tried > written(since))
    return int(connection.execute(select(func.count()).where(*tried)).scalar_one())


def clear(connection: Connection, at: datetime) -> int:
    """Remove letters that were sent 90 days ago, and those written 180 days ago that were given up; how many."""
    sent = TABLE.c.sent <= written(at - SENT_FOR)
    given_up = and_(TABLE.c.sent.is_(None), TABLE.c.due == NEVER, TABLE.c.made <= written(at - FAILED_FOR))
    return connection.execute(delete(TABLE).where(or_(sent, given_up))).rowcount


def _due(at: datetime) -> Select[Any]:
    waiting = _every().where(TABLE.c.sent.is_(None), TABLE.c.due <= written(at))
    return waiting.order_by(TABLE.c.due, TABLE.c.made, TABLE.c.id).limit(1)


def _every() -> Select[Any]:
    return select(TABLE, _STATE.label("state"))


def _hidden(text: str) -> bool:
    return any(unicodedata.category(one) in {"Cc", "Cs", "Zl", "Zp"} for one in text)


def _kept(row: Mapping[Any, Any]) -> Kept:
    moments = {name: moment(row[name]) if row[name] else None for name in ("made", "due", "tried", "sent")}
    return Kept(**{**row, **moments})
