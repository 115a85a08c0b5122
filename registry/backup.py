"""Backup and restore: the ledger as a file that any later version can read, proven by digest.

A backup is a zip archive of `manifest.json` and `ledger.jsonl`, a row of the ledger a line with all its columns, so it
moves between SQLite and PostgreSQL too. Rows are never changed, so a backup beside a running server is whole: it
holds the rows up to the one that was last when it began. The archive's table stands at its end: a cut one is seen.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO

from registry.errors import BadInput, Conflict, LedgerBroken
from registry.graphs import Embedded
from registry.ledger import Ledger
from registry.rooms import House
from registry.settings import Settings
from registry.views import Views

FORM = 1
ROWS, MANIFEST = "ledger.jsonl", "manifest.json"

Progress = Callable[[str, int, int], object]


@dataclass(frozen=True)
class Manifest:
    """What a backup holds: whose it is, how many rows, the digest of the last one, of the file and of the store."""

    form: int
    base: str
    made: str
    version: str
    rows: int
    head: str
    sha256: str
    store: str


def backup(settings: Settings, path: Path, *, at: datetime, progress: Progress) -> Manifest:
    """Write a backup; the file is there whole or not at all.

    Raises Conflict when the file exists, LedgerBroken when the chain does not hold: what is broken is not kept as good.
    """
    if path.exists():
        raise Conflict("There is a file {path} already.", remedy="Give another name.", path=path)
    ledger, rooms = Ledger(settings.ledger_url), House(settings)
    last = ledger.last()
    if not last:
        raise Conflict("The registry is empty: there is nothing to keep.")
    part = path.with_name(path.name + ".part")
    hashed, head = hashlib.sha256(), ""
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
            with archive.open(ROWS, "w", force_zip64=True) as out:
                for row in ledger.rows(until=last):
                    line = json.dumps(row, ensure_ascii=False).encode() + b"\n"
                    hashed.update(line)
                    out.write(line)
                    head = row["digest"]
                    progress("backup", row["seq"], last)
            stamp = at.astimezone(UTC).isoformat()
            store = _digest(ledger, rooms, last)
            made = Manifest(FORM, settings.base, stamp, _version(), last, head, hashed.hexdigest(), store)
            archive.writestr(MANIFEST, json.dumps(asdict(made), indent=1) + "\n")
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return made


def restore(settings: Settings, path: Path, *, progress: Progress) -> Manifest:
    """Fill an empty registry from a backup, and prove that it is the same.

    All rows are written in one transaction: nothing is restored by halves. Raises BadInput for an archive that is cut,
    changed or from another base; Conflict when the registry is not empty; LedgerBroken when the chain does not hold.
    """
    with _opened(path) as archive:
        manifest = _manifest(archive, path)
        if manifest.base != settings.base:
            raise BadInput(
                "This is a backup of {base}.",
                remedy="Set REGISTRY_BASE to it: identifiers are for ever.",
                where="REGISTRY_BASE",
                base=manifest.base,
            )
        ledger = Ledger(settings.ledger_url)
        if ledger.last() or settings.store.exists():
            raise Conflict(
                "The registry in {folder} is not empty.",
                remedy="Restore into an empty data folder and an empty database.",
                folder=settings.data,
            )
        with archive.open(ROWS) as source:
            ledger.refill(_rows(source, manifest, path, progress))
    rooms = House(settings)
    if manifest.version == _version() and _digest(ledger, rooms, manifest.rows) != manifest.store:
        raise LedgerBroken("The restored store does not have the digest that the backup states.", where=str(path))
    return manifest


def _rows(source: IO[bytes], manifest: Manifest, path: Path, progress: Progress) -> Iterator[dict[str, object]]:
    """The rows of an archive; at their end the file must be the one that its manifest speaks of."""
    hashed, count, head = hashlib.sha256(), 0, ""
    try:
        for line in source:
            hashed.update(line)
            row = json.loads(line)
            count, head = count + 1, str(row.get("digest"))
            progress("restore", count, manifest.rows)
            yield row
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, AttributeError) as error:
        raise _damaged(path) from error
    if (hashed.hexdigest(), count, head) != (manifest.sha256, manifest.rows, manifest.head):
        raise _damaged(path)


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as error:
        if not path.is_file():
            raise BadInput("There is no file or folder {path}.", where=str(path), path=path) from error
        raise _damaged(path) from error


def _manifest(archive: zipfile.ZipFile, path: Path) -> Manifest:
    try:
        found = json.loads(archive.read(MANIFEST))
        if found["form"] != FORM:
            raise BadInput("This backup was made by a newer version of the registry.", where=str(path))
        return Manifest(**found)
    except (KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> BadInput:
    return BadInput("{path} is not a whole backup.", remedy="It was cut or changed: take another.", path=path)


def _digest(ledger: Ledger, rooms: House, last: int) -> str:
    """The digest of all public data that the rows up to one give, without what the house itself publishes."""
    store = Embedded(rooms.own.base)
    Views(ledger, rooms.formats, rooms.own, {}).world(None, store, upto=last)
    return store.digest()


def _version() -> str:
    return version("biosafety-capacity-registry")
