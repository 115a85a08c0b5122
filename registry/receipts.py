"""Receipts: what became of a submission, for whoever sent it, signed in or not.

A receipt is opened by a secret link, which is shown once; each letter to whoever sent the submission holds another, and
only digests are kept.
Source: 2005 report, paragraphs 22 and 25 (contributors must see what they get for their effort).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, insert, select, update

from registry import tables, tickets
from registry.database import moment, written
from registry.errors import NotFound
from registry.shape import path_name
from registry.terms import NamedNode

TABLE = tables.receipt


@dataclass(frozen=True)
class Receipt:
    """One submission: when it came through which door, what the checks found, and what was decided.

    `outcome` is the code of a status; `version` and `seq` are there once it is published.
    """

    id: str
    record: NamedNode
    account: str | None
    door: str
    received: datetime
    checked: datetime | None
    advice: int
    outcome: str
    version: int | None
    seq: int | None
    decided: datetime | None

    @property
    def identifier(self) -> str:
        """The identifier of the record it is about."""
        return path_name(self.record)


def write(
    connection: Connection,
    record: NamedNode,
    *,
    account: str | None,
    door: str,
    advice: int,
    outcome: str,
    at: datetime,
    version: int | None = None,
    seq: int | None = None,
) -> tuple[str, str]:
    """A new receipt for a submission that passed the checks; returns its id and the secret of its link.

    `version` and `seq` where it is published at once.
    """
    id = secrets.token_hex(8)
    row = {
        "id": id,
        "record": record.value,
        "account": account,
        "door": door,
        "received": written(at),
        "checked": written(at),
        "advice": advice,
        "outcome": outcome,
        "version": version,
        "seq": seq,
        "decided": written(at) if outcome == "published" else None,
    }
    connection.execute(insert(TABLE), row)
    return id, another(connection, id, account=account, at=at)


def another(connection: Connection, id: str, *, account: str | None, at: datetime) -> str:
    """One more secret that opens a receipt, for those made before are kept nowhere; it ends no other."""
    return tickets.issue(connection, "receipt", id, at=at, lasts=None, account=account)


def decide(
    connection: Connection,
    id: str | None,
    outcome: str,
    *,
    at: datetime,
    version: int | None = None,
    seq: int | None = None,
) -> None:
    """Write down what became of a submission."""
    values = {"outcome": outcome, "version": version, "seq": seq, "decided": written(at)}
    connection.execute(update(TABLE).where(TABLE.c.id == id).values(**values))


def opened(connection: Connection, clear: str, *, at: datetime) -> Receipt:
    """The receipt behind a secret link; raises NotFound."""
    ticket = tickets.peek(connection, "receipt", clear, at=at)
    if ticket is None:
        raise NotFound("There is no receipt behind this link.", remedy="Copy the whole link from the letter.")
    return receipt(connection, ticket.subject)


def receipt(connection: Connection, id: str) -> Receipt:
    """A receipt by its id; raises NotFound."""
    row = connection.execute(select(TABLE).where(TABLE.c.id == id)).mappings().first()
    if row is None:
        raise NotFound("There is no receipt {name}.", name=id)
    return _receipt(row)


def of_account(connection: Connection, account: str, limit: int = 20) -> list[Receipt]:
    """The newest receipts of an account."""
    query = select(TABLE).where(TABLE.c.account == account).order_by(TABLE.c.received.desc()).limit(limit)
    return [_receipt(row) for row in connection.execute(query).mappings()]


def _receipt(row: RowMapping) -> Receipt:
    moments = {name: moment(row[name]) if row[name] else None for name in ("checked", "decided")}
    plain = {name: row[name] for name in row if name not in ("record", "received", *moments)}
    record, received = NamedNode(row["record"]), moment(row["received"])
    return Receipt(record=record, received=received, **moments, **plain)  # type: ignore[arg-type]
