"""The searches that people saved: private, of one account each, and gone when it is closed.

What is asked is the query of an address, as `/search` reads it; who saves it has checked it. `seen` is the number of
the ledger's event up to which the owner knows what fits. Source: 2005 report, paragraphs 7 and 8.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, func, insert, select, update

from registry.database import moment, written
from registry.errors import BadInput, NotFound
from registry.tables import search as TABLE
from registry.wording import HEADING, heading

__all__ = ["HEADING", "LONGEST", "MOST", "Saved", "of", "one", "remove", "remove_all", "rename", "save"]

MOST = 50  # of one account
LONGEST = 4_000  # characters of what is asked


@dataclass(frozen=True)
class Saved:
    """A search of an account; `language` is that of the reader who saved it, `letters` whether some are wanted."""

    id: str
    account: str
    name: str
    query: str
    language: str
    made: datetime
    changed: datetime
    seen: int
    letters: bool


def save(
    connection: Connection, account: str, *, name: str, query: str, language: str, seen: int, at: datetime
) -> Saved:
    """Keep a search under a name; raises BadInput (`name`, `of`) for a bad name, too much asked, too many kept."""
    kept = Saved(secrets.token_hex(8), account, heading(name), query, language, at, at, seen, False)
    if len(query) > LONGEST:
        raise BadInput("A search that is saved has at most {count} characters.", where="of", count=LONGEST)
    if connection.execute(select(func.count()).where(TABLE.c.account == account)).scalar_one() >= MOST:
        raise BadInput("There are {count} searches already.", remedy="Remove one first.", where="name", count=MOST)
    connection.execute(insert(TABLE), {**vars(kept), "made": written(at), "changed": written(at)})
    return kept


def of(connection: Connection, account: str) -> list[Saved]:
    """The searches of an account, newest first."""
    query = select(TABLE).where(TABLE.c.account == account).order_by(TABLE.c.made.desc(), TABLE.c.id)
    return [_saved(row) for row in connection.execute(query).mappings()]


def one(connection: Connection, account: str, id: str) -> Saved:
    """One search of an account; raises NotFound when it has none of that name."""
    row = connection.execute(select(TABLE).where(*_mine(account, id))).mappings().first()
    if row is None:
        raise _missing()
    return _saved(row)


def rename(connection: Connection, account: str, id: str, *, name: str, at: datetime) -> None:
    """Give a search another name; raises BadInput (`name`), and NotFound as `one` does."""
    changes = {"name": heading(name), "changed": written(at)}
    if connection.execute(update(TABLE).where(*_mine(account, id)).values(**changes)).rowcount != 1:
        raise _missing()


def remove(connection: Connection, account: str, id: str) -> None:
    """Forget a search; raises NotFound as `one` does."""
    if connection.execute(delete(TABLE).where(*_mine(account, id))).rowcount != 1:
        raise _missing()


def remove_all(connection: Connection, account: str) -> None:
    """Forget every search of an account."""
    connection.execute(delete(TABLE).where(TABLE.c.account == account))


def _mine(account: str, id: str) -> tuple[ColumnElement[bool], ...]:
    return TABLE.c.id == id, TABLE.c.account == account


def _missing() -> NotFound:
    return NotFound("There is no such search.")


def _saved(row: RowMapping) -> Saved:
    return Saved(**{**row, "made": moment(row["made"]), "changed": moment(row["changed"])})
