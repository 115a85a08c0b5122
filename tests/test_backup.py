"""Backup and restore: the same digest elsewhere, or a refusal that says why and leaves nothing behind."""

import hashlib
import json
import shutil
import threading
import zipfile
from pathlib import Path

import pytest

from registry import backup, database
from registry.errors import BadInput, Conflict, LedgerBroken, RegistryError
from registry.ledger import Ledger
from registry.load import Terms, load
from registry.registry import Registry, open_registry
from registry.settings import Settings
from tests.conftest import HOUSE, TODAY, no_progress, opened_at, settings_in

GOOD = Path(__file__).parent / "data" / "load" / "good.ttl"


@pytest.fixture
def kept(empty: Registry, tmp_path: Path) -> Path:
    """A backup of a registry with two records."""
    load(empty, [GOOD], Terms(TODAY, by="test"), no_progress)
    backup.backup(empty.settings, tmp_path / "kept.zip", at=TODAY, progress=no_progress)
    return tmp_path / "kept.zip"


@pytest.fixture(scope="module")
def archive(founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same backup, made once for all that only read it."""
    folder = tmp_path_factory.mktemp("archive")
    shutil.copytree(founded, folder / "var")
    registry = opened_at(folder / "var")
    load(registry, [GOOD], Terms(TODAY, by="test"), no_progress)
    backup.backup(registry.settings, folder / "kept.zip", at=TODAY, progress=no_progress)
    registry.close()
    return folder / "kept.zip"


@pytest.fixture
def copied(archive: Path, tmp_path: Path) -> Path:
    """A copy of the backup, to be damaged."""
    return Path(shutil.copy(archive, tmp_path / "kept.zip"))


def test_restored_elsewhere_it_is_the_same(empty: Registry, kept: Path, tmp_path: Path) -> None:
    made = backup.restore(settings_in(tmp_path / "other"), kept, progress=no_progress)
    other = opened_at(tmp_path / "other")
    assert other.ledger.verify() == made.rows == empty.ledger.last()
    assert other.graphs.digest() == empty.graphs.digest()
    assert other.ledger.unguarded() == []
    other.close()


def test_a_ledger_whose_end_was_cut_off_is_not_kept_as_good(kept: Path, tmp_path: Path) -> None:
    backup.restore(settings_in(tmp_path / "other"), kept, progress=no_progress)
    other = opened_at(tmp_path / "other")
    with database.writing(other.ledger.engine) as connection:
        connection.exec_driver_sql("DROP TRIGGER ledger_no_delete")
        connection.exec_driver_sql("DELETE FROM ledger WHERE seq = (SELECT MAX(seq) FROM ledger)")
    with pytest.raises(LedgerBroken, match="cut off"):
        other.follow()
    other.close()
    with pytest.raises(LedgerBroken, match="cut off"):
        backup.backup(other.settings, tmp_path / "cut.zip", at=TODAY, progress=no_progress)
    assert not (tmp_path / "cut.zip").exists()


def test_beside_a_writer_it_holds_what_was_there_when_it_began(empty: Registry, tmp_path: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            with empty.ledger.writing() as writer:
                record = empty.own.record(f"BCH-CDI-SCBD-{number}")
                writer.append("published", record.value, by="t", version=1, graph=f"{record} <x:p> <x:o> .")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        made = [backup.backup(empty.settings, tmp_path / f"{n}.zip", at=TODAY, progress=no_progress) for n in range(3)]
    finally:
        stop.set()
        writer.join()
    assert made[0].rows < made[-1].rows <= empty.ledger.last()
    for number, manifest in enumerate(made):
        settings = settings_in(tmp_path / f"restored-{number}")
        assert backup.restore(settings, tmp_path / f"{number}.zip", progress=no_progress) == manifest
        restored = open_registry(settings, clock=lambda: TODAY)
        assert restored.ledger.verify() == manifest.rows
        event = empty.ledger.event(manifest.rows)
        assert event is not None
        assert event.digest == manifest.head
        restored.close()


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def rewrite(path: Path, change: str, by: str, member: str = backup.ROWS) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert change in parts[member]
    parts[member] = parts[member].replace(change, by, 1)
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)


def without_last_row(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        rows = archive.read(backup.ROWS).decode().splitlines(keepends=True)
    rewrite(path, rows[-1], "")


def without(path: Path, member: str) -> None:
    replaced(path, member, None)


def replaced(path: Path, member: str, text: str | None, packing: int = zipfile.ZIP_DEFLATED) -> None:
    """The archive with another text for one of its members, or without it."""
    with zipfile.ZipFile(path) as archive:
        parts: dict[str, str | None] = {name: archive.read(name).decode() for name in archive.namelist()}
    parts[member] = text
    with zipfile.ZipFile(path, "w", packing) as archive:
        for name, kept in parts.items():
            if kept is not None:
                archive.writestr(name, kept)


def patch(path: Path, mark: bytes, place: int, by: bytes) -> None:
    """Other bytes in the first header of a kind: its signature, the flags of encryption, the way of packing."""
    data = bytearray(path.read_bytes())
    start = data.index(mark) + place
    data[start : start + len(by)] = by
    path.write_bytes(data)


def spoilt(path: Path, packing: int) -> None:
    """The rows packed in some way, and their stream changed in its midst."""
    with zipfile.ZipFile(path) as archive:
        rows = archive.read(backup.ROWS).decode()
    replaced(path, backup.ROWS, rows, packing)
    data = bytearray(path.read_bytes())
    data[60:4_000] = bytes(255 - byte for byte in data[60:4_000])
    path.write_bytes(data)


def changed_row(path: Path, **columns: object) -> None:
    with zipfile.ZipFile(path) as archive:
        first, *rest = archive.read(backup.ROWS).decode().splitlines(keepends=True)
    replaced(path, backup.ROWS, "".join([json.dumps({**json.loads(first), **columns}) + "\n", *rest]))


@pytest.mark.parametrize(
    ("damage", "error", "says"),
    [
        (cut, BadInput, "not a whole backup"),
        (lambda path: path.write_bytes(b"PK nothing"), BadInput, "not a whole backup"),
        (lambda path: path.unlink(), BadInput, "no file"),
        (lambda path: rewrite(path, "five countries", "six countries"), LedgerBroken, "does not fit"),
        (without_last_row, BadInput, "not a whole backup"),
        (lambda path: rewrite(path, '"form": 2', '"form": 3', backup.MANIFEST), BadInput, "newer version"),
        (lambda path: rewrite(path, '"form": 2,', "", backup.MANIFEST), BadInput, "not a whole backup"),
        (lambda path: without(path, backup.ROWS), BadInput, "not a whole backup"),
        (lambda path: without(path, backup.MANIFEST), BadInput, "not a whole backup"),
        (lambda path: patch(path, b"PK\x03\x04", 0, b"XX"), BadInput, "not a whole backup"),
        (lambda path: patch(path, b"PK\x01\x02", 8, b"\x01"), BadInput, "not a whole backup"),
        (lambda path: patch(path, b"PK\x01\x02", 10, b"\x63"), BadInput, "not a whole backup"),
        (lambda path: spoilt(path, zipfile.ZIP_LZMA), BadInput, "not a whole backup"),
        (lambda path: spoilt(path, zipfile.ZIP_BZIP2), BadInput, "not a whole backup"),
        (lambda path: spoilt(path, zipfile.ZIP_DEFLATED), BadInput, "not a whole backup"),
        (lambda path: replaced(path, backup.MANIFEST, "[" * 200_000), BadInput, "not a whole backup"),
        (lambda path: replaced(path, backup.MANIFEST, "[1, 2]"), BadInput, "not a whole backup"),
        (lambda path: replaced(path, backup.MANIFEST, " " * 2**21), BadInput, "not a whole backup"),
        (lambda path: rewrite(path, '"rows": ', '"rows": "x", "y": ', backup.MANIFEST), BadInput, "not a whole backup"),
        (lambda path: rewrite(path, '"base": "', '"base": 5, "x": "', backup.MANIFEST), BadInput, "not a whole backup"),
        (lambda path: replaced(path, backup.ROWS, "[" * 200_000), BadInput, "not a whole backup"),
        (lambda path: replaced(path, backup.ROWS, "5\n"), BadInput, "not a whole backup"),
        (lambda path: changed_row(path, graph=5), BadInput, "not a whole backup"),
        (lambda path: changed_row(path, seq=True), BadInput, "not a whole backup"),
        (lambda path: changed_row(path, version=2**70), BadInput, "not a whole backup"),
        (lambda path: changed_row(path, by="\ud800"), BadInput, "not a whole backup"),
        (lambda path: changed_row(path, entered="yesterday"), BadInput, "not a whole backup"),
        (lambda path: changed_row(path, by=None), BadInput, "not a whole backup"),
        (lambda path: rewrite(path, '"store": "', '"store": "0', backup.MANIFEST), LedgerBroken, "does not have the"),
    ],
)
def test_what_is_not_whole_is_refused_and_leaves_nothing(
    damage: object, error: type[RegistryError], says: str, copied: Path, tmp_path: Path
) -> None:
    damage(copied)  # type: ignore[operator]
    settings = settings_in(tmp_path / "other")
    with pytest.raises(error, match=says):
        backup.restore(settings, copied, progress=no_progress)
    assert Ledger(settings.ledger_url).last() == 0


def test_never_over_a_registry_nor_of_another_base(empty: Registry, kept: Path, tmp_path: Path) -> None:
    with pytest.raises(Conflict, match="not empty"):
        backup.restore(empty.settings, kept, progress=no_progress)
    other = Settings(base="https://registry.example.org/", data=tmp_path / "other", house=HOUSE)
    with pytest.raises(BadInput, match="backup of http://localhost:8000/"):
        backup.restore(other, kept, progress=no_progress)
    with pytest.raises(Conflict, match="already"):
        backup.backup(empty.settings, kept, at=TODAY, progress=no_progress)
    assert list(kept.parent.glob("*.part")) == []


def test_the_manifest_can_be_read_by_people(kept: Path) -> None:
    with zipfile.ZipFile(kept) as archive:
        manifest = json.loads(archive.read(backup.MANIFEST))
    assert {"base", "made", "version", "rows", "head", "sha256", "store"} < manifest.keys()


def test_a_row_beyond_all_length_is_refused(copied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backup, "LARGEST_ROW", 1_000)
    with pytest.raises(BadInput, match="not a whole backup"):
        backup.restore(settings_in(tmp_path / "other"), copied, progress=no_progress)


def test_what_another_version_made_is_restored_but_not_compared(copied: Path, tmp_path: Path) -> None:
    rewrite(copied, '"version": "', '"version": "0.0.', backup.MANIFEST)
    rewrite(copied, '"store": "', '"store": "0', backup.MANIFEST)
    made = backup.restore(settings_in(tmp_path / "other"), copied, progress=no_progress)
    assert not backup.proven(made)
    assert Ledger(settings_in(tmp_path / "other").ledger_url).verify() == made.rows


def test_rows_that_say_nothing_are_refused(copied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.ledger._digest", lambda row: row["digest"])
    with zipfile.ZipFile(copied) as archive:
        rows = archive.read(backup.ROWS).decode().splitlines(keepends=True)
        manifest = json.loads(archive.read(backup.MANIFEST))
    rows[-1] = json.dumps({**json.loads(rows[-1]), "graph": "no triples"}) + "\n"
    replaced(copied, backup.ROWS, "".join(rows))
    manifest["sha256"] = hashlib.sha256("".join(rows).encode()).hexdigest()
    replaced(copied, backup.MANIFEST, json.dumps(manifest))
    with pytest.raises(BadInput, match="not a whole backup"):
        backup.restore(settings_in(tmp_path / "other"), copied, progress=no_progress)
    assert Ledger(settings_in(tmp_path / "other").ledger_url).last() == 0


def test_a_folder_that_is_not_there_is_named(empty: Registry, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no file or folder .*nowhere\."):
        backup.backup(empty.settings, tmp_path / "nowhere" / "kept.zip", at=TODAY, progress=no_progress)
