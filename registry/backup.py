"""Backup and restore: the ledger as a file that any later version can read, proven by digest.

A backup is a zip archive of `manifest.json` and `ledger.jsonl`, a row of the ledger a line with all its columns, so it
moves between SQLite and PostgreSQL too; beside them stand the published files (registry.packing). Rows are never
changed, so a backup beside a running server is whole: it holds the rows up to the one that was last when it began. The
archive's table stands at its end: a cut one is seen.
"""

from __future__ import annotations

import hashlib
import io
import json
import lzma
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path

from registry import packing
from registry.database import Connection, DatabaseError, moment
from registry.errors import BadInput, Conflict, LedgerBroken, StoreInUse, UnsupportedMedia
from registry.graphs import Embedded
from registry.ledger import TABLE, Event, Ledger, cut_off
from registry.rooms import House
from registry.settings import Settings
from registry.views import Views

FORM = 2  # 1 held no files
ROWS, MANIFEST = "ledger.jsonl", "manifest.json"
LARGEST_MANIFEST, LARGEST_ROW = 2**20, 2**26  # bytes: what a manifest and a row of the ledger never reach

# What an archive that was cut or changed makes its readers raise: RuntimeError where a part claims to be encrypted,
# NotImplementedError for ways of packing that nobody knows, OSError of bzip2, RecursionError of JSON.
_UNPACKED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError)
_BROKEN = (*_UNPACKED, ValueError, LookupError, TypeError, AttributeError, OverflowError)

Progress = Callable[[str, int, int], object]


@dataclass(frozen=True)
class Manifest:
    """What a backup holds: whose it is, how many rows, the digest of the last one, of the file, of the store, files."""

    form: int
    base: str
    made: str
    version: str
    rows: int
    head: str
    sha256: str
    store: str
    files: int = 0
    files_sha256: str = ""


def backup(settings: Settings, path: Path, *, at: datetime, progress: Progress) -> Manifest:
    """Write a backup; the file is there whole or not at all.

    Raises Conflict when the file exists, LedgerBroken when the chain does not hold: what is broken is not kept as good.
    """
    if path.exists():
        raise Conflict("There is a file {path} already.", remedy="Give another name.", path=path)
    if not path.parent.is_dir():
        raise BadInput("There is no file or folder {path}.", where=str(path), path=path.parent)
    ledger, rooms = Ledger(settings.ledger_url), House(settings)
    last = ledger.last()
    if not last:
        raise Conflict("The registry is empty: there is nothing to keep.")
    _uncut(settings, ledger, rooms, last)
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
            files = packing.pack(archive, ledger.engine, partial(progress, "files"))
            made = Manifest(FORM, settings.base, stamp, _version(), last, head, hashed.hexdigest(), store, *files)
            archive.writestr(MANIFEST, json.dumps(asdict(made), indent=1) + "\n")
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return made


def _uncut(settings: Settings, ledger: Ledger, rooms: House, last: int) -> None:
    """Raises LedgerBroken where the store has shown rows that the ledger has lost; a server that holds it watches."""
    if not settings.store.exists():
        return
    try:
        store = Embedded(rooms.own.base, settings.store)
    except StoreInUse:
        return
    shown = _views(ledger, rooms).position(store)
    store.close()
    if shown > last:
        raise cut_off(last, shown)


def restore(settings: Settings, path: Path, *, progress: Progress) -> Manifest:
    """Fill an empty registry from a backup, and prove that it is the same.

    All rows are written in one transaction, which ends well only when the proof does: nothing is restored by halves.
    Raises BadInput for an archive that is cut, changed or from another base; Conflict when the registry is not empty;
    LedgerBroken when the chain or the digest of the records does not hold. The digest is one of this very version of
    the registry: see `proven`.
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
        rooms = House(settings)
        views = _views(ledger, rooms)

        def prove(connection: Connection, events: Iterator[Event]) -> None:
            _prove(events, views, manifest, path)
            try:
                if manifest.form > 1:
                    packing.unpack(
                        archive, connection, manifest.files, manifest.files_sha256, partial(progress, "files")
                    )
            except (*_BROKEN, DatabaseError, UnsupportedMedia) as error:
                raise _damaged(path) from error

        ledger.refill(_rows(archive, manifest, path, progress), prove)
    return manifest


def proven(manifest: Manifest) -> bool:
    """Whether a restored backup was compared by the digest of its records: other versions may publish otherwise."""
    return manifest.version == _version()


def _prove(events: Iterator[Event], views: Views, manifest: Manifest, path: Path) -> None:
    store = Embedded(manifest.base)
    try:
        views.show(events, store)
    except (ValueError, TypeError, SyntaxError) as error:  # rows that fit, of which nobody could show the records
        raise _damaged(path) from error
    if proven(manifest) and store.digest() != manifest.store:
        raise LedgerBroken("The restored store does not have the digest that the backup states.", where=str(path))


def _rows(archive: zipfile.ZipFile, manifest: Manifest, path: Path, progress: Progress) -> Iterator[dict[str, object]]:
    """The rows of an archive; at their end the file must be the one that its manifest speaks of."""
    hashed, count, head = hashlib.sha256(), 0, ""
    try:
        with archive.open(ROWS) as packed, io.BufferedReader(packed) as source:  # type: ignore[type-var]
            while line := source.readline(LARGEST_ROW + 1):
                hashed.update(line)
                row = _row(line)
                count, head = count + 1, str(row["digest"])
                if count > manifest.rows:
                    raise _damaged(path)
                progress("restore", count, manifest.rows)
                yield row
    except _BROKEN as error:
        raise _damaged(path) from error
    if (hashed.hexdigest(), count, head) != (manifest.sha256, manifest.rows, manifest.head):
        raise _damaged(path)


def _row(line: bytes) -> dict[str, object]:
    """One row, its columns of the kinds that they have in the ledger; raises ValueError for anything else."""
    row = json.loads(line) if len(line) <= LARGEST_ROW else None
    if not isinstance(row, dict):
        raise ValueError("no row")
    for column in TABLE.columns:
        value, kind = row.get(column.name), column.type.python_type
        if not (type(value) is kind or (value is None and column.nullable)):
            raise ValueError(column.name)
        if isinstance(value, int) and not 0 <= value < 2**31:
            raise ValueError(column.name)
        if isinstance(value, str):
            value.encode()  # half a character is no text
    moment(row["entered"]), moment(row["at"])
    return row


def _opened(path: Path) -> zipfile.ZipFile:
    if not path.is_file():
        raise BadInput("There is no file or folder {path}.", where=str(path), path=path)
    try:
        return zipfile.ZipFile(path)
    except PermissionError as error:
        raise BadInput("The file cannot be opened: {reason}.", where=str(path), reason=error.strerror) from error
    except _BROKEN as error:
        raise _damaged(path) from error


def _manifest(archive: zipfile.ZipFile, path: Path) -> Manifest:
    try:
        with archive.open(MANIFEST) as source:
            written = source.read(LARGEST_MANIFEST + 1)
        found = json.loads(written) if len(written) <= LARGEST_MANIFEST else {}
        if found["form"] not in (1, FORM):
            raise BadInput("This backup was made by a newer version of the registry.", where=str(path))
        manifest = Manifest(**found)
    except _BROKEN as error:
        raise _damaged(path) from error
    numbers = ("form", "rows", "files")
    kinds = {field.name: int if field.name in numbers else str for field in fields(Manifest)}
    if any(type(value) is not kinds[name] for name, value in asdict(manifest).items()):
        raise _damaged(path)
    return manifest


def _damaged(path: Path) -> BadInput:
    return BadInput("{path} is not a whole backup.", remedy="It was cut or changed: take another.", path=path)


def _views(ledger: Ledger, rooms: House) -> Views:
    """What shows the records alone, without what the house itself publishes."""
    return Views(ledger, rooms.formats, rooms.own, {})


def _digest(ledger: Ledger, rooms: House, last: int) -> str:
    """The digest of all public data that the rows up to one give, without what the house itself publishes."""
    store = Embedded(rooms.own.base)
    _views(ledger, rooms).world(None, store, upto=last)
    return store.digest()


def _version() -> str:
    return version("biosafety-capacity-registry")
