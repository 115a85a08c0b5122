"""API tokens: keys for programs that act for an account, within scopes and until a day. Only their SHA-256 is kept.

A token is `bcr_` and 32 random bytes, so that one that leaked into a file is recognised.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, RowMapping, select, update

from registry import audit
from registry.database import moment, written
from registry.errors import BadInput, NotFound
from registry.tables import token as TABLE
from registry.tickets import digest, fresh

PREFIX = "bcr_"
SCOPES = ("read", "submit", "publish")
LONGEST = timedelta(days=366)
MOST = 20


@dataclass(frozen=True)
class Token:
    """A key of an account: what it may be used for, and until when."""

    id: str
    account: str
    name: str
    scopes: frozenset[str]
    made: datetime
    until: datetime
    used: datetime | None


def issue(
    connection: Connection,
    account: str,
    *,
    name: str,
    scopes: Iterable[str],
    until: datetime,
    at: datetime,
    origin: str = "browser",
) -> tuple[str, Token]:
    """A new token in the clear, shown this once, and what is kept of it.

    Raises BadInput naming the field: no name, no scope or an unknown one, a day that is past or more than a year away,
    too many tokens.
    """
    name, chosen = " ".join(name.split()), frozenset(scopes)
    if not 0 < len(name) <= 100:
        raise BadInput("A token needs a name.", remedy="Say in a few words what it is for.", where="name")
    if not chosen or not chosen <= set(SCOPES):
        raise BadInput("A token needs at least one of the scopes {scopes}.", where="scope", scopes=", ".join(SCOPES))
    if not at < until <= at + LONGEST:
        raise BadInput("A token lasts at least a day and at most a year.", where="days")
    if len(of(connection, account, at)) >= MOST:
        raise BadInput("There are {count} tokens already.", remedy="Revoke one first.", where="name", count=MOST)
    clear = PREFIX + fresh()
    kept = Token(secrets.token_hex(8), account, name, chosen, at, until, None)
    row = {
        "id": kept.id,
        "digest": digest(clear),
        "account": account,
        "name": name,
        "scopes": " ".join(sorted(chosen)),
        "made": written(at),
        "until": written(until),
        "revoked": None,
        "used": None,
    }
    connection.execute(TABLE.insert(), row)
    new = f"{row['scopes']}, {until.date().isoformat()}"
    audit.note(connection, at=at, by=account, action="token-made", subject=kept.id, origin=origin, new=new)
    return clear, kept


def find(connection: Connection, clear: str, at: datetime) -> Token | None:
    """The token that was shown in the clear, while it lasts; None for anything else."""
    if not clear.startswith(PREFIX):
        return None
    row = connection.execute(select(TABLE).where(TABLE.c.digest == digest(clear), *_lasting(at))).mappings().first()
    return _token(row) if row else None


def touch(connection: Connection, token: str, at: datetime) -> None:
    """Write down that a token was used."""
    connection.execute(update(TABLE).where(TABLE.c.id == token).values(used=written(at)))


def of(connection: Connection, account: str, at: datetime) -> list[Token]:
    """The tokens of an account that last, newest first."""
    query = select(TABLE).where(TABLE.c.account == account, *_lasting(at)).order_by(TABLE.c.made.desc(), TABLE.c.id)
    return [_token(row) for row in connection.execute(query).mappings()]


def revoke(connection: Connection, account: str, token: str, *, at: datetime, by: str, origin: str = "browser") -> None:
    """Make a token of an account useless at once; raises NotFound when it has none of that name in force."""
    mine = (TABLE.c.id == token, TABLE.c.account == account, TABLE.c.revoked.is_(None))
    if connection.execute(update(TABLE).where(*mine).values(revoked=written(at))).rowcount != 1:
        raise NotFound("There is no such token.")
    audit.note(connection, at=at, by=by, action="token-revoked", subject=token, origin=origin)


def revoke_all(connection: Connection, account: str, *, at: datetime) -> None:
    """Make every token of an account useless at once."""
    mine = (TABLE.c.account == account, TABLE.c.revoked.is_(None))
    connection.execute(update(TABLE).where(*mine).values(revoked=written(at)))


def _lasting(at: datetime) -> tuple[ColumnElement[bool], ...]:
    return TABLE.c.revoked.is_(None), TABLE.c.until > written(at)


def _token(row: RowMapping) -> Token:
    return Token(
        id=row["id"],
        account=row["account"],
        name=row["name"],
        scopes=frozenset(row["scopes"].split()),
        made=moment(row["made"]),
        until=moment(row["until"]),
        used=moment(row["used"]) if row["used"] else None,
    )
