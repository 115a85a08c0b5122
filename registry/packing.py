"""The files of a backup: packed beside the ledger's rows, and taken out again, each proven by its SHA-256.

Only files that were ever public are kept, as the ledger keeps only records that were: `files.jsonl` has a line for
each, `files/<id>` its bytes. Of one that was withheld, only the line is there.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import fields

from registry import attachments, filetypes
from registry.attachments import LARGEST, PIECE, File
from registry.database import Connection, Engine, moment, reading

LINES, FOLDER = "files.jsonl", "files/"
_LARGEST_LINE = 2**16
_MOMENTS = ("made", "published", "withheld")

Tell = Callable[[int, int], object]


def pack(archive: zipfile.ZipFile, engine: Engine, tell: Tell) -> tuple[int, str]:
    """Write all files that were ever public; returns how many, and the digest of their lines."""
    with reading(engine) as connection:
        found = attachments.everything(connection)
    lines = "".join(json.dumps(attachments.row_of(file), ensure_ascii=False) + "\n" for file in found).encode()
    for number, file in enumerate(found, 1):
        if not file.withheld:
            with archive.open(FOLDER + file.id, "w") as out:
                for piece in attachments.pieces(engine, file):
                    out.write(piece)
        tell(number, len(found))
    archive.writestr(LINES, lines)
    return len(found), hashlib.sha256(lines).hexdigest()


def unpack(archive: zipfile.ZipFile, connection: Connection, count: int, digest: str, tell: Tell) -> None:
    """Keep the files of a backup; raises ValueError where they are not those that it was made of."""
    hashed, found = hashlib.sha256(), 0
    with archive.open(LINES) as packed, io.BufferedReader(packed) as source:  # type: ignore[type-var]
        while line := source.readline(_LARGEST_LINE + 1):
            hashed.update(line)
            found += 1
            if found > count:
                break
            file = _file(line)
            attachments.take_in(connection, file, () if file.withheld else _bytes(archive, file))
            tell(found, count)
    if (found, hashed.hexdigest()) != (count, digest):
        raise ValueError(LINES)


def _file(line: bytes) -> File:
    row = json.loads(line) if len(line) <= _LARGEST_LINE else None
    if not isinstance(row, dict) or row.keys() != {field.name for field in fields(File)}:
        raise ValueError(LINES)
    for name, value in row.items():
        kind = int if name == "size" else str
        if not (type(value) is kind or (name in (*_MOMENTS[1:], "record") and value is None)):
            raise ValueError(name)
    file = File(**{**row, **{name: moment(row[name]) if row[name] else None for name in _MOMENTS}})
    sizes = range(1) if file.withheld else range(1, LARGEST + 1)
    sound = re.fullmatch(r"[0-9a-f]{32} [0-9a-f]{64}", f"{file.id} {file.sha256}") and file.kind in filetypes.KINDS
    if not (sound and file.published and file.size in sizes and file.name == attachments.spoken(file.name, file.kind)):
        raise ValueError(file.id)
    return file


def _bytes(archive: zipfile.ZipFile, file: File) -> list[bytes]:
    """The bytes of a file, in pieces; raises ValueError where they are others than those that were packed."""
    with archive.open(FOLDER + file.id) as source:
        data = source.read(LARGEST + 1)
    same = len(data) == file.size and hashlib.sha256(data).hexdigest() == file.sha256
    if not same or filetypes.recognised(io.BytesIO(data), file.name) != file.kind:
        raise ValueError(file.id)
    return [data[start : start + PIECE] for start in range(0, len(data), PIECE)]
