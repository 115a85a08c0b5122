"""The command line as people use it: real processes where the process matters, exit codes, messages that help."""

import io
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from unittest import mock

import pytest
import uvicorn

from registry import cli, database, tables
from tests.conftest import HOUSE

DATA = Path(__file__).parent / "data" / "load"


def surroundings(folder: Path, environment: dict[str, str]) -> dict[str, str]:
    return {"REGISTRY_DATA": str(folder / "var"), "REGISTRY_HOUSE": str(HOUSE)} | environment


def process(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command as a process of its own."""
    command = [sys.executable, "-m", "registry.cli", *arguments]
    env = os.environ | surroundings(folder, environment)
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


def registry(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command within this process, which has imported everything already."""
    out, err = (
        io.TextIOWrapper(io.BytesIO(), "utf-8", how, write_through=True) for how in ("strict", "backslashreplace")
    )
    with mock.patch.dict(os.environ, surroundings(folder, environment)), redirect_stdout(out), redirect_stderr(err):
        try:
            code = cli.main([*arguments])
        except SystemExit as ended:  # as argparse ends
            code = int(ended.code or 0)
    told = (stream.buffer.getvalue().decode() for stream in (out, err))  # type: ignore[attr-defined]
    return subprocess.CompletedProcess(arguments, code, *told)


@pytest.fixture
def folder(founded: Path, tmp_path: Path) -> Path:
    """A folder with the data of a registry that was just founded."""
    shutil.copytree(founded, tmp_path / "var")
    return tmp_path


def test_load_status_verify_rebuild(tmp_path: Path) -> None:
    loaded = process(tmp_path, "load", str(DATA / "good.ttl"))
    assert loaded.returncode == 0, loaded.stderr
    assert loaded.stdout.startswith("Published: 2. Revised: 0. Unchanged: 0. Refused: 0. Advice: ")
    assert "publishing" in loaded.stderr
    assert "Unchanged: 2" in process(tmp_path, "load", "--quiet", str(DATA / "good.ttl")).stdout
    figures = process(tmp_path, "status", "--lang", "fr").stdout.splitlines()
    assert "Projets: 1" in figures
    verified = process(tmp_path, "verify")
    assert verified.returncode == 0
    kept, replayed = re.findall(r"[0-9a-f]{64}", verified.stdout)
    assert kept == replayed
    assert kept in process(tmp_path, "rebuild").stdout


def test_refusals_are_counted_and_the_exit_code_says_so(folder: Path) -> None:
    (folder / "bad.ttl").write_text("<id/BCH-CDI-SCBD-1> a <ns/capacity#Project>", encoding="utf-8")
    told = registry(folder, "load", "--quiet", str(folder / "bad.ttl"))
    assert told.returncode == 1
    assert told.stderr.startswith("bad.ttl:1")
    assert "Refused: 1" in told.stdout


@pytest.mark.parametrize(
    ("arguments", "environment", "says"),
    [
        (("load", "nowhere.ttl"), {}, "no file or folder nowhere.ttl"),
        (("load", "--source", "king", "x"), {}, "Give one of government-obligation"),
        (("load", "--source", "a b", "x"), {}, "Give one of government-obligation"),
        (("load", "--report", "/tmp", "x"), {}, "it is a folder, or in none"),
        (("load", "--report", "/nowhere/report.ttl", "x"), {}, "it is a folder, or in none"),
        (("load", "--by", "\udcff", "x"), {}, "by is no text"),
        (("retire", "a b", "--reason", "x"), {}, "There is no record a b"),
        (("retire", "BCH-CDI-SCBD-8102>", "--reason", "x"), {}, "There is no record BCH-CDI-SCBD-8102>"),
        (("retire", "BCH-CDI-SCBD-8102", "--reason", "\udcff"), {}, "reason is no text"),
        (("serve", "--port", "99999"), {}, "99999 is no port"),
        (("backup", "/nowhere/kept.zip"), {}, "no file or folder /nowhere"),
        (("status",), {"REGISTRY_BASE": "registry"}, "REGISTRY_BASE"),
        (("status",), {"REGISTRY_HOUSE": "/nowhere"}, "is not a house"),
    ],
)
def test_what_cannot_be_done_says_why(
    arguments: tuple[str, ...], environment: dict[str, str], says: str, folder: Path
) -> None:
    told = registry(folder, *arguments, **environment)
    assert told.returncode == 2
    assert says in told.stderr
    assert "Traceback" not in told.stderr


def test_a_changed_byte_is_named(folder: Path) -> None:
    registry(folder, "load", "--quiet", str(DATA / "good.ttl"))
    with sqlite3.connect(folder / "var" / "ledger.sqlite") as connection:
        connection.execute("DROP TRIGGER ledger_no_update")
        row = connection.execute("SELECT max(seq) FROM ledger").fetchone()[0]
        connection.execute("UPDATE ledger SET graph = replace(graph, 'vocabulary', 'vocabulery') WHERE seq = ?", (row,))
    connection.close()
    told = registry(folder, "verify")
    assert told.returncode == 1
    assert f"row {row}" in told.stderr


def test_answers_wait_for_no_acknowledgement(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each connection has what its listening socket has; without it Nagle's algorithm holds each answer for 40 ms."""
    found = []

    def run(server: uvicorn.Server, sockets: list[socket.socket]) -> None:
        for one in sockets:
            found.append(one.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            one.close()

    monkeypatch.setattr(uvicorn.Server, "run", run)
    monkeypatch.setenv("REGISTRY_DATA", str(tmp_path))
    cli.main(["serve", "--port", "0"])
    assert found == [1]


def _flooded(port: int) -> bytes:
    """The first line that a server answers to a request whose head does not end."""
    with socket.create_connection(("127.0.0.1", port), 20) as client:
        client.sendall(b"GET /health HTTP/1.1\r\nHost: a\r\n" + b"a: b\r\n" * 20_000)
        return client.recv(100)


def test_loading_beside_a_server(tmp_path: Path) -> None:
    """The server holds the store; the load only appends; the server shows it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    base = f"http://127.0.0.1:{port}/"
    env = os.environ | {"REGISTRY_DATA": str(tmp_path / "var"), "REGISTRY_BASE": base, "REGISTRY_HOUSE": str(HOUSE)}
    server = subprocess.Popen([sys.executable, "-m", "registry.cli", "serve", "--port", str(port)], env=env)
    try:
        for _ in range(200):
            try:
                urllib.request.urlopen(f"{base}health", timeout=2).close()
                break
            except OSError:
                time.sleep(0.1)
        assert b" 400 " in _flooded(port)
        loaded = process(tmp_path, "load", "--quiet", str(DATA / "good.ttl"), REGISTRY_BASE=base)
        assert loaded.returncode == 0, loaded.stderr
        refused = process(tmp_path, "rebuild", REGISTRY_BASE=base)
        assert refused.returncode == 2
        assert "Stop the server first" in refused.stderr
        time.sleep(1)
        with urllib.request.urlopen(f"{base}doc/BCH-CDI-SCBD-9002.ttl", timeout=5) as answer:
            assert b"Detection network" in answer.read()
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)


def test_a_record_and_a_registry_through_their_lives(folder: Path) -> None:
    registry(folder, "load", "--quiet", str(DATA / "good.ttl"))
    night = registry(folder, "night", "--day", "2015-12-01")
    assert night.returncode == 0
    assert re.fullmatch(r"note: 1\nrules: 0\nclear: 0\ndump: [1-9]\d*\nletters: 0\n", night.stdout)
    ended = registry(folder, "retire", "BCH-ORG-SCBD-9001", "--reason", "Closed in 2026.")
    assert ended.returncode == 0
    assert "BCH-ORG-SCBD-9001: retired, row" in ended.stdout
    assert "BCH-CDI-SCBD-9002" in ended.stderr
    again = registry(folder, "merge", "BCH-ORG-SCBD-9001", "BCH-ORG-SCBD-9001", "--reason", "Twice.")
    assert again.returncode == 2
    assert "cannot take its own place" in again.stderr
    made = registry(folder, "backup", str(folder / "kept.zip"))
    assert made.returncode == 0, made.stderr
    restored = registry(folder, "restore", str(folder / "kept.zip"), REGISTRY_DATA=str(folder / "elsewhere"))
    assert restored.returncode == 0, restored.stderr
    assert re.findall(r"[0-9a-f]{64}", made.stdout) == re.findall(r"[0-9a-f]{64}", restored.stdout)
    assert registry(folder, "verify", REGISTRY_DATA=str(folder / "elsewhere")).returncode == 0
    assert "not empty" in registry(folder, "restore", str(folder / "kept.zip")).stderr
    assert registry(folder, "migrate").stdout == f"At {database.newest()} already.\n"


def test_a_ledger_whose_end_was_cut_is_evidence(folder: Path) -> None:
    registry(folder, "load", "--quiet", str(DATA / "good.ttl"))
    with sqlite3.connect(folder / "var" / "ledger.sqlite") as connection:
        connection.execute("DROP TRIGGER ledger_no_delete")
        connection.execute("DELETE FROM ledger WHERE seq = (SELECT max(seq) FROM ledger)")
    connection.close()
    for command in ("verify", "rebuild", "status"):
        told = registry(folder, command)
        assert told.returncode == 1
        assert "rows were cut off its end" in told.stderr
        assert "keep this one as evidence" in told.stderr


def test_a_ledger_without_its_guards_is_told(folder: Path) -> None:
    registry(folder, "status")
    with sqlite3.connect(folder / "var" / "ledger.sqlite") as connection:
        connection.execute("DROP TRIGGER ledger_no_update")
    connection.close()
    told = registry(folder, "verify")
    assert told.returncode == 1
    assert "no trigger ledger_no_update" in told.stderr


def test_an_older_database_is_migrated_when_asked_and_a_damaged_one_is_told(folder: Path) -> None:
    registry(folder, "status")
    with sqlite3.connect(folder / "var" / "ledger.sqlite") as connection:
        newer = [name for name in reversed(tables.account.metadata.sorted_tables) if name.name != "ledger"]
        for table in newer:
            connection.execute(f"DROP TABLE {table.name}")
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    connection.close()
    told = registry(folder, "status")
    assert told.returncode == 2
    assert "registry migrate" in told.stderr
    assert registry(folder, "migrate").stdout == f"Migrated from 0001 to {database.newest()}.\n"
    assert registry(folder, "status").returncode == 0
    (folder / "other").mkdir()
    (folder / "other" / "ledger.sqlite").write_bytes(b"not a database at all" * 100)
    damaged = registry(folder, "status", REGISTRY_DATA=str(folder / "other"))
    assert damaged.returncode == 2
    assert "cannot be read" in damaged.stderr
    assert "Traceback" not in damaged.stderr
    nowhere = registry(folder, "status", REGISTRY_LEDGER="oracle:/nowhere")
    assert nowhere.returncode == 2
    assert "REGISTRY_LEDGER" in nowhere.stderr


def test_a_file_whose_name_is_no_text_is_told_by_its_bytes(folder: Path) -> None:
    (folder / "in").mkdir()
    (folder / "in" / os.fsdecode(b"\xff.ttl")).write_text("<id/BCH-CDI-SCBD-1> a", encoding="utf-8")
    (folder / "in" / os.fsdecode(b"\xfe.ttl")).write_bytes((DATA / "good.ttl").read_bytes())
    report = str(folder / "report.ttl")
    told = registry(folder, "load", "--quiet", "--report", report, str(folder / "in"))
    assert told.returncode == 1, told.stderr
    assert "\\udcff.ttl:1" in told.stderr
    assert "Published: 2." in told.stdout
    assert "Traceback" not in told.stderr


@pytest.mark.parametrize(
    "error",
    [
        OSError(28, "No space left on device"),
        OSError("IO error: No space left on device"),
        database.DatabaseError("INSERT", {}, sqlite3.OperationalError("database or disk is full")),
    ],
)
def test_a_full_disk_is_one_line(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(given: object, options: object) -> int:
        raise error

    monkeypatch.setattr(cli, "_status", full)
    assert cli.main(["status"]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert re.search("full|No space", told)
