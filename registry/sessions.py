"""Sessions of browsers: which account a cookie stands for, until when. Only the SHA-256 of the cookie is kept.

A session ends two hours after it was last seen and twelve hours after it began, whichever comes first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, select, update

from registry.database import moment, written
from registry.tables import session as TABLE
from registry.tickets import digest, fresh

IDLE = timedelta(hours=2)
WHOLE = timedelta(hours=12)
STEP = timedelta(minutes=1)  # how often it is written down that a session was seen


@dataclass(frozen=True)
class Browser:
    """One browser that is signed in; `csrf` is what its forms must bring back."""

    digest: str
    account: str
    csrf: str
    made: datetime
    seen: datetime


def begin(connection: Connection, account: str, *, at: datetime) -> tuple[str, Browser]:
    """A new session, and what its cookie holds; sessions that have run out are cleared away."""
    clear(connection, at)
    cookie = fresh()
    session = Browser(digest(cookie), account, fresh(), at, at)
    row = {
        "digest": session.digest,
        "account": account,
        "csrf": session.csrf,
        "made": written(at),
        "seen": written(at),
    }
    connection.execute(TABLE.insert(), row)
    return cookie, session


def clear(connection: Connection, at: datetime) -> int:
    """Remove the sessions that have run out; how many."""
    over = (TABLE.c.seen <= written(at - IDLE)) | (TABLE.c.made <= written(at - WHOLE))
    return connection.execute(delete(TABLE).where(over)).rowcount


def find(connection: Connection, clear: str, at: datetime) -> Browser | None:
    """The session of a cookie, while it lasts."""
    query = select(TABLE).where(TABLE.c.digest == digest(clear), *_lasting(at))
    row = connection.execute(query).mappings().first()
    return _session(row) if row else None


def stirred(session: Browser, at: datetime) -> bool:
    """Whether it is time to write down that the session was seen again."""
    return at - session.seen >= STEP


def touch(connection: Connection, session: Browser, at: datetime) -> None:
    """Write down that the session was seen."""
    connection.execute(update(TABLE).where(TABLE.c.digest == session.digest).values(seen=written(at)))


def end(connection: Connection, session: str) -> None:
    """End one session by the digest of its cookie."""
    connection.execute(delete(TABLE).where(TABLE.c.digest == session))


def end_all(connection: Connection, account: str, *, but: str = "") -> int:
    """End all sessions of an account, save one perhaps; returns how many."""
    done = connection.execute(delete(TABLE).where(TABLE.c.account == account, TABLE.c.digest != but))
    return done.rowcount


def of(connection: Connection, account: str, at: datetime) -> list[Browser]:
    """The sessions of an account that last, newest first."""
    query = select(TABLE).where(TABLE.c.account == account, *_lasting(at)).order_by(TABLE.c.seen.desc())
    return [_session(row) for row in connection.execute(query).mappings()]


def _lasting(at: datetime) -> tuple[ColumnElement[bool], ...]:
    return TABLE.c.seen > written(at - IDLE), TABLE.c.made > written(at - WHOLE)


def _session(row: RowMapping) -> Browser:
    return Browser(row["digest"], row["account"], row["csrf"], moment(row["made"]), moment(row["seen"]))
