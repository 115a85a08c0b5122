"""The ledger: append-only in the database itself, chained, and telling of the first row that does not fit."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from registry.errors import LedgerBroken
from registry.ledger import Ledger


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}", clock=lambda: datetime(2026, 1, 1, tzinfo=UTC))
    with ledger.writing() as writer:
        writer.append("opened", "http://localhost/", by="test")
        for number in range(1, 6):
            writer.append(
                "published", f"http://localhost/id/{number}", by="test", version=1, graph="<a> <b> <c> .\n<a> <b> <d> ."
            )
    return ledger


def raw(ledger: Ledger) -> sqlite3.Connection:
    return sqlite3.connect(str(ledger.engine.url.database))


def test_chain_holds(ledger: Ledger) -> None:
    assert ledger.verify() == 6
    assert [event.seq for event in ledger.events(after=2)] == [3, 4, 5, 6]


def test_clock_set_back_never_moves_entered_back(tmp_path: Path) -> None:
    times = iter([datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)])
    ledger = Ledger(f"sqlite:///{tmp_path / 'l.sqlite'}", clock=lambda: next(times))
    with ledger.writing() as writer:
        first = writer.append("opened", "x", by="test")
        assert writer.append("published", "y", by="test").entered == first.entered


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger SET note = 'x' WHERE seq = 3",
        "DELETE FROM ledger WHERE seq = 6",
        "INSERT OR REPLACE INTO ledger SELECT * FROM ledger WHERE seq = 1",
        "REPLACE INTO ledger SELECT * FROM ledger WHERE seq = 6",
        'INSERT INTO ledger SELECT seq + 2, entered, at, kind, record, version, by, "for", source, graph, salts, note,'
        " digest, digest FROM ledger WHERE seq = 6",
        'INSERT INTO ledger SELECT seq + 1, entered, at, kind, record, version, by, "for", source, graph, salts, note,'
        " 'fork', digest FROM ledger WHERE seq = 6",
    ],
)
def test_the_database_refuses(ledger: Ledger, statement: str) -> None:
    with raw(ledger) as connection, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(statement)
    connection.close()
    assert ledger.verify() == 6


@pytest.mark.parametrize(
    "change",
    [
        "graph = replace(graph, '<d>', '<e>')",
        "at = replace(at, '2026', '2025')",
        "salts = replace(salts, substr(salts, 1, 1), 'x')",
        "\"for\" = 'somebody'",
        "digest = 'x'",
        "seq = 99",
    ],
)
def test_verify_names_a_changed_row(ledger: Ledger, change: str) -> None:
    with raw(ledger) as connection:
        for trigger in ("ledger_no_update", "ledger_no_delete", "ledger_in_order"):
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute(f"UPDATE ledger SET {change} WHERE seq = 4")
    connection.close()
    with pytest.raises(LedgerBroken) as told:
        ledger.verify()
    assert told.value.where == "row 4"


def test_an_exception_leaves_nothing(ledger: Ledger) -> None:
    def fail() -> None:
        with ledger.writing() as writer:
            writer.append("published", "z", by="test")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert ledger.last() == 6


def test_two_writers_make_no_fork(ledger: Ledger) -> None:
    other = Ledger(str(ledger.engine.url))
    with ledger.writing() as writer:
        writer.append("published", "a", by="test")
    with other.writing() as writer:
        writer.append("published", "b", by="test")
    assert ledger.verify() == 8


def test_unknown_kind_is_refused(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="no kind"), ledger.writing() as writer:
        writer.append("publishd", "z", by="test")
