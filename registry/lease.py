"""A lease: one process at a time does a piece of work, and a process that died does not keep it for ever."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, delete, select

from registry import database
from registry.errors import Conflict

LASTS = timedelta(hours=2)


@contextmanager
def held(engine: Engine, name: str, holder: str, at: datetime) -> Iterator[None]:
    """Hold the lease of a name while the block runs; raises Conflict, naming the holder, while another holds it.

    A lease ends by itself after two hours. One that seems to last longer than that was taken before the clock was
    set back, and is over too.
    """
    table, now = database.lease, at.astimezone(UTC)
    with database.writing(engine) as connection:
        row = connection.execute(select(table).where(table.c.name == name)).mappings().first()
        if row and now < datetime.fromisoformat(row["until"]) <= now + LASTS:
            raise Conflict(
                "{holder} has been at it since {since}.",
                remedy="Wait until it ends; if its process died, the lease ends at {until}.",
                holder=row["holder"],
                since=row["taken"],
                until=row["until"],
            )
        connection.execute(delete(table).where(table.c.name == name))
        until = (now + LASTS).isoformat()
        connection.execute(table.insert(), {"name": name, "holder": holder, "taken": now.isoformat(), "until": until})
    try:
        yield
    finally:
        with database.writing(engine) as connection:
            connection.execute(delete(table).where(table.c.name == name, table.c.holder == holder))
