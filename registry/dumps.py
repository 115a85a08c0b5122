"""Dumps: everything public at one row of the ledger, as compressed files that never change.

A dump is a folder `2026-11-23-4711`: the day, and the number of the last event it shows. In it stand N-Quads and TriG
of the whole and of each register, and `dump.json`, which says of each file its size, its SHA-256 and its number of
statements. The same row gives the same bytes, whenever and wherever it is written.
Sources: RFC 1952 (gzip); https://www.w3.org/TR/n-quads/; https://www.w3.org/TR/trig/.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyoxigraph as ox

from registry.registry import Registry

ALL = "all"
TYPES = {"nq": "application/n-quads", "trig": "application/trig"}
MANIFEST = "dump.json"
NAME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})-([0-9]{1,15})")


@dataclass(frozen=True)
class File:
    """A file of a dump. `register` is the slug of a register, or `all`; `kind` is nq or trig; `content` the digest of
    what stands in it before it is compressed."""

    name: str
    register: str
    kind: str
    size: int
    sha256: str
    statements: int
    content: str


@dataclass(frozen=True)
class Dump:
    """A dump: when it was written, the last event it shows and when that was entered."""

    name: str
    sequence: int
    entered: datetime
    written: datetime
    files: tuple[File, ...]

    def file(self, name: str) -> File | None:
        """One of its files."""
        return next((file for file in self.files if file.name == name), None)


def write(registry: Registry, folder: Path, at: datetime) -> Dump | None:
    """Write a dump of what the registry shows; None where the newest one says the same already.

    It is made beside and put in its place whole, so nobody ever reads half of one.
    """
    found = dumps(folder)
    name = f"{at.astimezone(UTC):%Y-%m-%d}-{registry.sequence}"
    made = folder / f".{name}"
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    try:
        files = tuple(_files(registry, made))
        if found and _contents(found[-1].files) == _contents(files):
            return None
        newest = registry.ledger.event(registry.sequence)
        entered = newest.entered if newest else at
        written = max(at, entered)  # a round that notes events before it dumps began before them
        dump = Dump(name, registry.sequence, entered, written, files)
        told = {**asdict(dump), "entered": entered.isoformat(), "written": written.isoformat()}
        (made / MANIFEST).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
        shutil.rmtree(folder / name, ignore_errors=True)  # of the same day and row, but of an older house
        made.rename(folder / name)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return dump


def dumps(folder: Path) -> list[Dump]:
    """The dumps that are there, oldest first."""
    names = (path.parent.name for path in folder.glob(f"*/{MANIFEST}") if NAME.fullmatch(path.parent.name))
    found = [_read(folder / name) for name in names]
    return sorted(found, key=lambda dump: (dump.written, dump.sequence))


def prune(folder: Path, keep: int) -> list[str]:
    """Remove dumps: all but the newest ones and the first of each month. Returns the names of those removed."""
    found = dumps(folder)
    months: dict[str, str] = {}
    for dump in found:
        months.setdefault(dump.name[:7], dump.name)
    kept = {dump.name for dump in found[-keep:]} | set(months.values())
    gone = [dump.name for dump in found if dump.name not in kept]
    for name in gone:
        shutil.rmtree(folder / name)
    return gone


def _contents(files: Iterable[File]) -> dict[str, str]:
    return {file.name: file.content for file in files}


def _read(folder: Path) -> Dump:
    told = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    return Dump(
        name=told["name"],
        sequence=told["sequence"],
        entered=datetime.fromisoformat(told["entered"]),
        written=datetime.fromisoformat(told["written"]),
        files=tuple(File(**file) for file in told["files"]),
    )


def _files(registry: Registry, folder: Path) -> list[File]:
    """Write the files of a dump: graph by graph in the order of their names, the statements of each sorted."""
    slugs = {format.type_code: format.register for format in registry.formats.values()}
    files = {(slug, kind): _Compressed(folder, slug, kind) for slug in (ALL, *slugs.values()) for kind in TYPES}
    prefixes, start = registry.house.prefixes, registry.own.base + "id/BCH-"
    head = "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in prefixes.items()).encode()
    for (_, kind), file in files.items():
        file.write(head if kind == "trig" else b"", 0)
    for name in registry.graphs.names():
        if not name.value.startswith(registry.own.base):
            continue  # how far the store shows the ledger, which is nobody's business
        lines = {str(triple): triple for triple in registry.graphs.graph(name)}
        ordered = dict(sorted(lines.items()))
        plain = "".join(f"{line} {name} .\n" for line in ordered).encode()
        turtle = ox.serialize(ordered.values(), format=ox.RdfFormat.TURTLE, prefixes=prefixes) or b""
        body = b"%s {\n%s}\n" % (str(name).encode(), turtle.split(b"\n", len(prefixes))[-1])
        code = name.value.removeprefix(start).split("-")[0] if name.value.startswith(start) else ""
        for slug in (ALL, *([slugs[code]] if code in slugs else [])):
            files[slug, "nq"].write(plain, len(ordered))
            files[slug, "trig"].write(body, len(ordered))
    return [file.closed() for file in files.values()]


class _Compressed:
    """A file of a dump while it is written; the time in its head is 0, so that equal contents give equal bytes."""

    def __init__(self, folder: Path, register: str, kind: str) -> None:
        self._path, self._register, self._kind = folder / f"{register}.{kind}.gz", register, kind
        self._raw = self._path.open("wb")
        self._zipped = gzip.GzipFile("", "wb", 6, self._raw, mtime=0)
        self._digest, self._statements = hashlib.sha256(), 0

    def write(self, data: bytes, statements: int) -> None:
        """Add some statements."""
        self._zipped.write(data)
        self._digest.update(data)
        self._statements += statements

    def closed(self) -> File:
        """The file, safe on the disk and measured."""
        self._zipped.close()
        self._raw.flush()
        os.fsync(self._raw.fileno())
        self._raw.close()
        with self._path.open("rb") as written:
            digest = hashlib.file_digest(written, "sha256").hexdigest()
        return File(
            name=self._path.name,
            register=self._register,
            kind=self._kind,
            size=self._path.stat().st_size,
            sha256=digest,
            statements=self._statements,
            content=self._digest.hexdigest(),
        )
