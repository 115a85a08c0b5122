"""The SQL database: its engine and its tables. SQLite by default, PostgreSQL by URL, nothing that only one can do.

SQLite runs in WAL with synchronous=FULL, so an acknowledged append survives a power cut, and waits up to ten
seconds for another writer (its own back-off was seen to take 2.2 s between two writers without pause).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    Column,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    column,
    create_engine,
    event,
    make_url,
    select,
    table,
    text,
)
from sqlalchemy import Connection as Connection  # who composes transactions names it
from sqlalchemy import Engine as Engine
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.exc import DatabaseError as DatabaseError  # who must go on, or end in words, names it

from registry.errors import BadInput, Busy, Conflict

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

lease = Table(
    "lease",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("taken", Text, nullable=False),
    Column("until", Text, nullable=False),
)

round = Table(
    "round",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("count", Integer, nullable=False),
    Column("failed", Text),
)

GUARDS = {
    "sqlite": tuple(
        f"{table}_{rule}" for table in ("ledger", "act") for rule in ("no_update", "no_delete", "in_order")
    ),
    "postgresql": tuple(
        f"{table}_{rule}" for table in ("ledger", "act") for rule in ("no_change", "no_truncate", "in_order")
    ),
}

WRITING = {"registry_writing": True}
_LOCK = 2_004_1215  # any number, the same in every process: the name of the ledger's advisory lock


def connect(url: str) -> Engine:
    """An engine over a database of this version; an empty one gets its tables.

    Raises BadInput for an address that is none, Conflict for a database that another version made or that is damaged.
    """
    engine = engine_of(url)
    try:
        with engine.connect() as connection:
            found = MigrationContext.configure(connection).get_current_revision()
    except DatabaseError as error:
        raise Conflict(
            "The ledger’s database cannot be read: {reason}.",
            remedy="Restore it from a backup, or correct REGISTRY_LEDGER.",
            where="REGISTRY_LEDGER",
            reason=error.orig,
        ) from error
    if found is None:
        migrate(engine)
    elif found != _script().get_current_head():
        known = {revision.revision for revision in _script().walk_revisions()}
        raise Conflict(
            "The ledger’s database was made by another version of the registry.",
            remedy="Make a backup, then run: registry migrate" if found in known else "Install that newer version.",
            where=found,
        )
    return engine


def engine_of(url: str) -> Engine:
    """An engine for a database, whatever is in it; raises BadInput for an address that is none."""
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite" and parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        # Whoever writes reads beside its transaction: in a bounded pool all may wait for one more connection (seen).
        pool = {"pool_size": 40, "max_overflow": -1} if parsed.database not in (None, "", ":memory:") else {}
        engine = create_engine(parsed, **pool)
    except (ArgumentError, ImportError) as error:
        raise BadInput(
            "{value} is not the address of a database that is known here.",
            remedy="Give one such as sqlite:///var/ledger.sqlite or postgresql+psycopg://user@host/name.",
            where="REGISTRY_LEDGER",
            value=url,
        ) from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def unguarded(engine: Engine) -> list[str]:
    """The triggers that keep the ledger and the audit trail append-only and are not there."""
    on_postgresql = engine.dialect.name == "postgresql"
    name, catalogue = ("tgname", "pg_trigger") if on_postgresql else ("name", "sqlite_master")
    active = column("tgenabled") != "D" if on_postgresql else column("type") == "trigger"
    with engine.connect() as connection:
        found: set[str] = set(
            connection.execute(select(column(name)).select_from(table(catalogue)).where(active)).scalars()
        )
    return [name for name in GUARDS[engine.dialect.name] if name not in found]


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction as the only writer: all of it is durable at its end, or nothing.

    Raises Busy where another process has been writing for ten seconds.
    """
    with engine.connect().execution_options(**WRITING) as connection:
        try:
            transaction = connection.begin()
        except OperationalError as error:  # nobody could write for as long as one waits
            raise Busy("The registry is busy just now.", remedy="Try again in a minute.") from error
        with transaction:
            lock(connection)
            yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One transaction that only reads: it sees one moment of the database."""
    with engine.connect() as connection, connection.begin():
        yield connection


def written(at: datetime) -> str:
    """A moment as it is kept: UTC to the microsecond, its year in four digits, so that text order is time order."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def moment(text: str) -> datetime:
    """A moment that was kept, aware and in UTC."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def lock(connection: Connection) -> None:
    """Make this transaction the only writer of the ledger until it ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def migrate(engine: Engine) -> tuple[str | None, str | None]:
    """Bring the tables to the newest migration; returns the one before and the one now."""
    with engine.connect().execution_options(**WRITING) as connection, connection.begin():
        lock(connection)
        before = MigrationContext.configure(connection).get_current_revision()
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return before, _script().get_current_head()


def newest() -> str | None:
    """The newest migration."""
    return _script().get_current_head()


def settle(engine: Engine) -> None:
    """Bring what was erased out of SQLite's log file too; PostgreSQL does so by itself."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql("BEGIN")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def _script() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where _begin_sqlite says, not where the driver guesses
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get("registry_writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
