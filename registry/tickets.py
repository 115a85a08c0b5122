"""Secrets that open one thing: links in letters, receipts, shared drafts. Only their SHA-256 is kept.

A secret holds 32 random bytes, so a plain digest of it is enough: there is nothing to guess. Those of letters about an
account (confirm, invite, reset) open once, and a new one shuts those before it.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, or_, select, update

from registry.database import moment, written
from registry.errors import BadInput
from registry.tables import secret as TABLE

PURPOSES = ("confirm", "invite", "reset", "share", "receipt")
ONE_OF_A_KIND = ("confirm", "invite", "reset")
LASTS = {"confirm": timedelta(days=3), "invite": timedelta(days=14), "reset": timedelta(hours=1)}


@dataclass(frozen=True)
class Ticket:
    """What a secret opens: the thing it is about, the account it was made for, if any, and from when until when."""

    purpose: str
    subject: str
    account: str | None
    made: datetime
    until: datetime | None


def fresh() -> str:
    """A new secret: 32 random bytes in the letters that an address may hold."""
    return secrets.token_urlsafe(32)


def digest(clear: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(clear.encode()).hexdigest()


def issue(
    connection: Connection,
    purpose: str,
    subject: str,
    *,
    at: datetime,
    lasts: timedelta | None,
    account: str | None = None,
) -> str:
    """A new secret in the clear, shown this once; `lasts` None stands for ever."""
    if purpose not in PURPOSES:
        raise ValueError(f"{purpose} is no purpose of a secret")
    if purpose in ONE_OF_A_KIND:
        forget(connection, purpose, subject)
    clear = fresh()
    row = {
        "digest": digest(clear),
        "purpose": purpose,
        "account": account,
        "subject": subject,
        "made": written(at),
        "until": written(at + lasts) if lasts else None,
        "used": None,
    }
    connection.execute(TABLE.insert(), row)
    return clear


def of(connection: Connection, purpose: str, subject: str, at: datetime) -> list[Ticket]:
    """What still opens a thing, newest first."""
    mine = (TABLE.c.purpose == purpose, TABLE.c.subject == subject, *_lasting(at))
    rows = connection.execute(select(TABLE).where(*mine).order_by(TABLE.c.made.desc())).mappings()
    return [_ticket(row) for row in rows]


def close(connection: Connection, ticket: Ticket) -> None:
    """Shut one secret; the secret itself is not known any more, so it is told by the moment it was made."""
    same = (TABLE.c.purpose == ticket.purpose, TABLE.c.subject == ticket.subject, TABLE.c.made == written(ticket.made))
    connection.execute(delete(TABLE).where(*same))


def forget(connection: Connection, purpose: str, subject: str) -> None:
    """Shut every secret of a purpose that opens a thing."""
    connection.execute(delete(TABLE).where(TABLE.c.purpose == purpose, TABLE.c.subject == subject))


def clear(connection: Connection, at: datetime) -> int:
    """Remove the secrets that open nothing any more, run out or used; how many."""
    over = or_(TABLE.c.until <= written(at), TABLE.c.used <= written(at))
    return connection.execute(delete(TABLE).where(over)).rowcount


def peek(connection: Connection, purpose: str, clear: str, at: datetime) -> Ticket | None:
    """What a secret opens, without using it up; None when it opens nothing, or nothing any more."""
    row = connection.execute(select(TABLE).where(*_holding(purpose, clear, at))).mappings().first()
    return _ticket(row) if row else None


def take(connection: Connection, purpose: str, clear: str, at: datetime) -> Ticket:
    """What a secret opens, used up; raises BadInput when it was used before or has run out."""
    ticket = peek(connection, purpose, clear, at)
    used = connection.execute(update(TABLE).where(*_holding(purpose, clear, at)).values(used=written(at)))
    if ticket is None or used.rowcount != 1:  # of two at the same time only one finds it unused
        raise BadInput("This link has been used or has run out.", remedy="Ask for another one.")
    return ticket


def _holding(purpose: str, clear: str, at: datetime) -> tuple[ColumnElement[bool], ...]:
    return (TABLE.c.digest == digest(clear), TABLE.c.purpose == purpose, *_lasting(at))


def _lasting(at: datetime) -> tuple[ColumnElement[bool], ...]:
    return TABLE.c.used.is_(None), or_(TABLE.c.until.is_(None), TABLE.c.until > written(at))


def _ticket(row: RowMapping) -> Ticket:
    until = moment(row["until"]) if row["until"] else None
    return Ticket(row["purpose"], row["subject"], row["account"], moment(row["made"]), until)
