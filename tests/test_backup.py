"""Backup and restore: the same digest elsewhere, or a refusal that says why and leaves nothing behind."""

import json
import threading
import zipfile
from pathlib import Path

import pytest

from registry import backup
from registry.errors import BadInput, Conflict, LedgerBroken, RegistryError
from registry.load import Terms, load
from registry.registry import Registry, open_registry
from registry.settings import Settings
from tests.conftest import HOUSE, TODAY, no_progress, settings_in

GOOD = Path(__file__).parent / "data" / "load" / "good.ttl"


@pytest.fixture
def kept(empty: Registry, tmp_path: Path) -> Path:
    """A backup of a registry with two records."""
    load(empty, [GOOD], Terms(TODAY, by="test"), no_progress)
    backup.backup(empty.settings, tmp_path / "kept.zip", at=TODAY, progress=no_progress)
    return tmp_path / "kept.zip"


def test_restored_elsewhere_it_is_the_same(empty: Registry, kept: Path, tmp_path: Path) -> None:
    made = backup.restore(settings_in(tmp_path / "other"), kept, progress=no_progress)
    other = open_registry(settings_in(tmp_path / "other"), clock=lambda: TODAY)
    assert other.ledger.verify() == made.rows == empty.ledger.last()
    assert other.graphs.digest() == empty.graphs.digest()
    assert other.ledger.unguarded() == []
    other.close()


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


@pytest.mark.parametrize(
    ("damage", "error", "says"),
    [
        (cut, BadInput, "not a whole backup"),
        (lambda path: path.write_bytes(b"PK nothing"), BadInput, "not a whole backup"),
        (lambda path: path.unlink(), BadInput, "no file"),
        (lambda path: rewrite(path, "five countries", "six countries"), LedgerBroken, "does not fit"),
        (without_last_row, BadInput, "not a whole backup"),
        (lambda path: rewrite(path, '"form": 1', '"form": 2', backup.MANIFEST), BadInput, "newer version"),
        (lambda path: rewrite(path, '"form": 1,', "", backup.MANIFEST), BadInput, "not a whole backup"),
    ],
)
def test_what_is_not_whole_is_refused_and_leaves_nothing(
    damage: object, error: type[RegistryError], says: str, kept: Path, tmp_path: Path
) -> None:
    damage(kept)  # type: ignore[operator]
    settings = settings_in(tmp_path / "other")
    with pytest.raises(error, match=says):
        backup.restore(settings, kept, progress=no_progress)
    registry = open_registry(settings, clock=lambda: TODAY)
    assert registry.record("BCH-CDI-SCBD-9002") is None
    registry.close()


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
