"""The audit trail: who did what to what, when, and through which door; append-only and chained like the ledger.

It never holds a secret, an e-mail address or a network address. Whoever does something notes it on the same
connection, so that the deed and its note are one transaction. Source: 2005 report, paragraph 23 (d).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from registry import chain
from registry.database import moment, written
from registry.errors import LedgerBroken
from registry.tables import act as TABLE

ORIGINS = ("browser", "token", "command", "letter", "night")
_NEWEST = select(TABLE.c.seq, TABLE.c.digest).order_by(TABLE.c.seq.desc()).limit(1)
_CHAINED = ("seq", "at", "by", "action", "subject", "old", "new", "origin", "previous")


@dataclass(frozen=True)
class Act:
    """One row of the trail; `by` is an account or whoever a command names, `subject` what was acted upon."""

    seq: int
    at: datetime
    by: str
    action: str
    subject: str
    old: str | None
    new: str | None
    origin: str


def note(
    connection: Connection,
    *,
    at: datetime,
    by: str,
    action: str,
    subject: str,
    origin: str,
    old: str | None = None,
    new: str | None = None,
) -> None:
    """Write one act at the end of the trail, in the transaction of the act itself.

    Raises ValueError for an origin that is none: a door is named, never an address.
    """
    if origin not in ORIGINS:
        raise ValueError(f"{origin} is no door")
    newest = connection.execute(_NEWEST).mappings().first()
    row: dict[str, Any] = {
        "seq": newest["seq"] + 1 if newest else 1,
        "at": written(at),
        "by": by,
        "action": action,
        "subject": subject,
        "old": old,
        "new": new,
        "origin": origin,
        "previous": newest["digest"] if newest else "",
    }
    connection.execute(TABLE.insert(), {**row, "digest": _digest(row)})


def acts(
    connection: Connection,
    *,
    subject: str | None = None,
    by: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[Act]:
    """Acts, newest first: of a subject, by somebody, behind a row of the page before."""
    query = select(TABLE).order_by(TABLE.c.seq.desc()).limit(limit)
    if subject is not None:
        query = query.where(TABLE.c.subject == subject)
    if by is not None:
        query = query.where(TABLE.c.by == by)
    if before is not None:
        query = query.where(TABLE.c.seq < before)
    return [_act(row) for row in connection.execute(query).mappings()]


def verify(connection: Connection) -> int:
    """Read the whole trail and return how many acts it has; raises LedgerBroken naming the first that does not fit."""
    rows = connection.execution_options(yield_per=500).execute(select(TABLE).order_by(TABLE.c.seq)).mappings()
    return sum(1 for _ in chain.fitting(rows, _digest, _misfit))


def _misfit(row: int) -> LedgerBroken:
    return LedgerBroken(
        "Row {row} of the audit trail does not fit the chain.",
        remedy="Restore the database from a backup taken before the change.",
        where=f"act {row}",
        row=row,
    )


def _digest(row: Mapping[str, Any] | RowMapping) -> str:
    fixed = json.dumps([row[name] for name in _CHAINED], ensure_ascii=False)
    return hashlib.sha256(fixed.encode()).hexdigest()


def _act(row: RowMapping) -> Act:
    return Act(
        seq=row["seq"],
        at=moment(row["at"]),
        by=row["by"],
        action=row["action"],
        subject=row["subject"],
        old=row["old"],
        new=row["new"],
        origin=row["origin"],
    )
