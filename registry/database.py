"""The SQL database: its engine and its tables. SQLite by default, PostgreSQL by URL, nothing that only one can do.

SQLite runs in WAL with synchronous=FULL, so an acknowledged append survives a power cut, and waits up to ten
seconds for another writer (its own back-off was seen to take 2.2 s between two writers without pause).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    create_engine,
    event,
    make_url,
    text,
)

metadata = MetaData()

ledger = Table(
    "ledger",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("entered", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("record", Text, nullable=False),
    Column("version", Integer),
    Column("by", Text, nullable=False),
    Column("for", Text),
    Column("source", Text),
    Column("graph", Text),
    Column("salts", Text),
    Column("note", Text),
    Column("previous", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Index("ledger_record", "record", "seq"),
)

WRITING = {"registry_writing": True}
_LOCK = 2_004_1215  # any number, the same in every process: the name of the ledger's advisory lock


def connect(url: str) -> Engine:
    """An engine whose tables are at the newest migration."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    migrate(engine)
    return engine


def lock(connection: Connection) -> None:
    """Make this transaction the only writer of the ledger until it ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def migrate(engine: Engine) -> None:
    """Bring the tables to the newest migration; does nothing, and takes no lock, when they are there."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    head = ScriptDirectory.from_config(config).get_current_head()
    with engine.connect() as connection:
        if MigrationContext.configure(connection).get_current_revision() == head:
            return
    with engine.connect().execution_options(**WRITING) as connection, connection.begin():
        lock(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where _begin_sqlite says, not where the driver guesses
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get("registry_writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
