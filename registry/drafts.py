"""Drafts: records on their way to publication, sound or not, private until somebody publishes them.

A draft belongs to a record: one that is published already, or one whose identifier is kept for it. There is one open
draft a record. Its `revision` grows with every save, so that nobody overwrites what they have not seen.
Source: 2005 report, paragraphs 7 and 22; life cycle of the Biosafety Clearing-House.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, RowMapping, bindparam, func, insert, or_, select, update

from registry import tables
from registry.database import ledger as LEDGER
from registry.database import moment, written
from registry.errors import Conflict, NotFound, Stale
from registry.people import Account
from registry.records import identifier, lines
from registry.shape import path_name
from registry.terms import Graph, NamedNode, from_lines

OPEN = ("draft", "pending-approval", "changes-requested")
HELD = timedelta(minutes=20)
TABLE = tables.draft
_BY_ID = select(TABLE).where(TABLE.c.id == bindparam("name"))
_OF_RECORD = select(TABLE).where(TABLE.c.record == bindparam("name"), TABLE.c.status.in_(OPEN))
_NUMBER = select(func.max(tables.number.c.number))
_TAKEN = select(LEDGER.c.seq).where(LEDGER.c.record == bindparam("name")).limit(1)
FIRST = 100_000  # the numbers of records that are made here begin above those of samples and of older lists


@dataclass(frozen=True)
class Draft:
    """A draft as it stands. `asks` is version or retirement; `base` the published version that it began from."""

    id: str
    record: NamedNode
    format: str
    asks: str
    status: str
    base: int | None
    graph: Graph
    title: str
    author: str
    role: str
    institution: str | None
    country: str | None
    revision: int
    created: datetime
    changed: datetime
    changer: str
    submitted: datetime | None
    held: str | None
    held_until: datetime | None
    note: str
    receipt: str | None

    @property
    def identifier(self) -> str:
        """The identifier of its record."""
        return path_name(self.record)

    @property
    def open(self) -> bool:
        """Whether anything can still become of it."""
        return self.status in OPEN


@dataclass(frozen=True)
class Remark:
    """What somebody said of a draft: of one field, by the name of its input, or of the whole where it is empty."""

    at: datetime
    by: str
    field: str
    text: str


@dataclass(frozen=True)
class Beginning:
    """What a draft begins with."""

    record: NamedNode
    format: str
    graph: Graph
    title: str
    role: str
    asks: str = "version"
    base: int | None = None
    institution: str | None = None
    country: str | None = None


def mint(connection: Connection, stem: str, *, at: datetime) -> NamedNode:
    """The IRI of a new record: `stem` (`…/id/BCH-NEED-KE-`) and a number that no record of any type has."""
    number: int = connection.execute(_NUMBER).scalar() or max(FIRST, *_numbers(connection), 0)
    while True:
        number += 1
        if connection.execute(_TAKEN, {"name": f"{stem}{number}"}).first() is None:
            break
    row = {"number": number, "record": f"{stem}{number}", "taken": written(at)}
    connection.execute(insert(tables.number), row)
    return NamedNode(f"{stem}{number}")


def _numbers(connection: Connection) -> list[int]:
    """The numbers of the records that the ledger has; asked once in the life of a database."""
    records = connection.execute(select(LEDGER.c.record).distinct()).scalars()
    found = (identifier(re.sub(r".*/", "", record)) for record in records)
    return [one[0].number for one in found if one]


def begin(connection: Connection, beginning: Beginning, *, by: Account, at: datetime) -> Draft:
    """A new draft; raises Conflict, naming the other, while there is an open one of the same record."""
    other = of_record(connection, beginning.record)
    if other:
        raise Conflict(
            "There is a draft of {name} already.",
            remedy="Go on with that one, or discard it first.",
            where=other.id,
            name=other.identifier,
        )
    now = written(at)
    row = {
        "id": secrets.token_hex(8),
        "record": beginning.record.value,
        "format": beginning.format,
        "asks": beginning.asks,
        "status": "draft",
        "base": beginning.base,
        "graph": "\n".join(lines(beginning.graph)),
        "title": beginning.title,
        "author": by.id,
        "role": beginning.role,
        "institution": beginning.institution,
        "country": beginning.country,
        "revision": 1,
        "created": now,
        "changed": now,
        "changer": by.id,
        "note": "",
    }
    return _draft(connection.execute(insert(TABLE).returning(*TABLE.c), row).mappings().one())


def draft(connection: Connection, id: str) -> Draft:
    """A draft by its id; raises NotFound."""
    row = connection.execute(_BY_ID, {"name": id}).mappings().first()
    if row is None:
        raise NotFound("There is no draft {name}.", name=id)
    return _draft(row)


def of_record(connection: Connection, record: NamedNode) -> Draft | None:
    """The open draft of a record."""
    row = connection.execute(_OF_RECORD, {"name": record.value}).mappings().first()
    return _draft(row) if row else None


def saying(connection: Connection, statement: str, format: str) -> list[Draft]:
    """The open drafts of a format that make a statement, given as the end of a line of N-Triples; oldest first."""
    found = (TABLE.c.graph.contains(statement, autoescape=True), TABLE.c.format == format, TABLE.c.status.in_(OPEN))
    query = select(TABLE).where(*found).order_by(TABLE.c.created, TABLE.c.id)
    return [_draft(row) for row in connection.execute(query).mappings()]


def belonging(connection: Connection, account: Account, *, everything: bool = False) -> list[Draft]:
    """The open drafts of an account, and of the institutions and countries it acts for; newest change first."""
    mine: list[ColumnElement[bool]] = [TABLE.c.author == account.id]
    for acting in account.actings:
        mine += [TABLE.c.institution == acting.institution] if acting.institution else []
        mine += [TABLE.c.country == acting.country] if acting.country else []
    query = select(TABLE).where(TABLE.c.status.in_(OPEN)).order_by(TABLE.c.changed.desc())
    return [_draft(row) for row in connection.execute(query if everything else query.where(or_(*mine))).mappings()]


def waiting(connection: Connection) -> list[Draft]:
    """All drafts that wait for somebody's decision, oldest first."""
    query = select(TABLE).where(TABLE.c.status == "pending-approval").order_by(TABLE.c.submitted, TABLE.c.id)
    return [_draft(row) for row in connection.execute(query).mappings()]


def save(connection: Connection, found: Draft, *, by: Account, at: datetime, **changes: object) -> Draft:
    """Write changes; raises Stale when it was saved since `found` was read, Conflict while another holds it."""
    check_hold(found, by, at)
    graph = changes.get("graph")
    if isinstance(graph, Graph):
        changes["graph"] = "\n".join(lines(graph))
    new = {**changes, "revision": found.revision + 1, "changed": written(at), "changer": by.id}
    same = (TABLE.c.id == found.id, TABLE.c.revision == found.revision)
    row = connection.execute(update(TABLE).where(*same).values(**new).returning(*TABLE.c)).mappings().first()
    if row is None:
        raise stale(found)
    return _draft(row)


def stale(found: Draft) -> Stale:
    """What whoever saves is told when somebody else did so in between."""
    return Stale(
        "The draft of {name} was saved by somebody else in the meantime.",
        remedy="Compare your text with theirs, and save again what you want to keep.",
        where=found.id,
        name=found.identifier,
    )


def check_hold(found: Draft, by: Account, at: datetime) -> None:
    """Raises Conflict while somebody else holds a draft."""
    if found.held not in (None, by.id) and found.held_until and at < found.held_until:
        raise Conflict(
            "Somebody else is writing in the draft of {name}, until {until}.",
            remedy="Wait, or ask them to leave it.",
            where=found.id,
            name=found.identifier,
            until=f"{found.held_until:%H:%M} UTC",
        )


def hold(connection: Connection, found: Draft, *, by: Account, at: datetime) -> None:
    """Keep others from writing in a draft for a while; raises Conflict while another holds it."""
    check_hold(found, by, at)
    held = {"held": by.id, "held_until": written(at + HELD)}
    connection.execute(update(TABLE).where(TABLE.c.id == found.id).values(**held))


def let_go(connection: Connection, found: Draft, *, by: Account) -> None:
    """Let others write in it again."""
    mine = (TABLE.c.id == found.id, TABLE.c.held == by.id)
    connection.execute(update(TABLE).where(*mine).values(held=None, held_until=None))


def say(connection: Connection, found: Draft, texts: Iterable[tuple[str, str]], *, by: Account, at: datetime) -> None:
    """Remarks on fields (name of an input, text)."""
    rows = [{"draft": found.id, "at": written(at), "by": by.id, "field": f, "text": t} for f, t in texts if t.strip()]
    if rows:
        connection.execute(insert(tables.remark), rows)


def remarks(connection: Connection, found: Draft) -> list[Remark]:
    """What was said of a draft, newest first."""
    table = tables.remark
    query = select(table).where(table.c.draft == found.id).order_by(table.c.id.desc())
    rows = connection.execute(query).mappings()
    return [Remark(moment(row["at"]), row["by"], row["field"], row["text"]) for row in rows]


def _draft(row: RowMapping) -> Draft:
    moments = {name: moment(row[name]) if row[name] else None for name in ("submitted", "held_until")}
    plain = {name: row[name] for name in row if name not in ("record", "graph", "created", "changed", *moments)}
    return Draft(
        record=NamedNode(row["record"]),
        graph=from_lines(row["graph"]),
        created=moment(row["created"]),
        changed=moment(row["changed"]),
        **moments,  # type: ignore[arg-type]
        **plain,
    )
