"""Files that belong to records: kept in the database in pieces, private until a record that names them is published.

A file is named by an IRI nobody can guess, `file/<id>/<name>`; whoever knows it may name it in a record of theirs. What
the registry measured of it (kind, size, SHA-256) is written into each record that names it, in place of what was said.
A published file stays, as the versions that name it do, until an administrator withholds it; one that no draft and no
record names is removed after a week. Source: 2005 report, paragraph 7; requirement R10; threats: attachments.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO

from sqlalchemy import Connection, RowMapping, delete, exists, func, insert, select, update

from registry import filetypes, tables
from registry.database import Engine, moment, reading, written
from registry.drafts import OPEN
from registry.errors import BadInput, Conflict, NotFound, TooLarge
from registry.terms import DCAT, XSD, Graph, Literal, NamedNode, Own, Triple

LARGEST = 10_000_000  # bytes of one file
QUOTA = 500_000_000  # bytes of all files of an institution, a country, or an account that acts for none
PIECE = 2**18  # bytes in a row of the database
UNUSED = timedelta(days=7)
TABLE, PIECES = tables.file, tables.piece
_UNSEEN = re.compile(r"[\x00-\x1f\x7f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff/\\:*?\"<>|]+")


@dataclass(frozen=True)
class File:
    """A file as it is kept; `kind` is a code of `vocabulary/file-type`, `size` is in bytes."""

    id: str
    name: str
    kind: str
    size: int
    sha256: str
    account: str
    owner: str
    made: datetime
    published: datetime | None
    withheld: datetime | None
    reason: str

    @property
    def path(self) -> str:
        """Where it is, below the base."""
        return f"file/{self.id}/{plain(self.name)}"

    @property
    def public(self) -> bool:
        """Whether a published record names it."""
        return self.published is not None and self.withheld is None


def keep(connection: Connection, source: IO[bytes], name: str, *, account: str, owner: str, at: datetime) -> File:
    """Keep a file that somebody sent; the same bytes, sent again before they are published, are one file.

    Raises UnsupportedMedia for a kind that is not taken, TooLarge for a file or an owner with too much.
    """
    size = source.seek(0, 2)
    if size > LARGEST:
        raise TooLarge("A file may have at most {count} MB.", where="file", count=LARGEST // 1_000_000)
    kind = filetypes.recognised(source, name)
    sha256 = digest(source)
    again = select(TABLE).where(
        TABLE.c.owner == owner, TABLE.c.sha256 == sha256, TABLE.c.published.is_(None), TABLE.c.withheld.is_(None)
    )
    if row := connection.execute(again).mappings().first():
        return _file(row)
    held: int = connection.execute(
        select(func.coalesce(func.sum(TABLE.c.size), 0)).where(TABLE.c.owner == owner)
    ).scalar_one()
    if held + size > QUOTA:
        raise TooLarge(
            "The files of one institution may have {count} MB together.",
            remedy="Give the web address of the file instead, or ask the administrators.",
            where="file",
            count=QUOTA // 1_000_000,
        )
    made = File(secrets.token_hex(16), spoken(name, kind), kind, size, sha256, account, owner, at, None, None, "")
    source.seek(0)
    take_in(connection, made, iter(lambda: source.read(PIECE), b""))
    return made


def take_in(connection: Connection, file: File, pieces: Iterable[bytes]) -> None:
    """Keep a file as it is, its bytes in pieces of the usual length."""
    connection.execute(insert(TABLE), row_of(file))
    for number, piece in enumerate(pieces):
        connection.execute(insert(PIECES), {"file": file.id, "number": number, "bytes": piece})


def find(connection: Connection, id: str) -> File:
    """A file by its id; raises NotFound."""
    row = connection.execute(select(TABLE).where(TABLE.c.id == id)).mappings().first()
    if row is None:
        raise NotFound("There is no file {name}.", name=id[:40])
    return _file(row)


def pieces(engine: Engine, found: File, start: int = 0, end: int | None = None) -> Iterator[bytes]:
    """The bytes of a file from `start` up to before `end`, a piece at a time: a slow reader holds no transaction."""
    end = found.size if end is None else end
    while start < end:
        number, skipped = divmod(start, PIECE)
        query = select(PIECES.c.bytes).where(PIECES.c.file == found.id, PIECES.c.number == number)
        with reading(engine) as connection:
            piece: bytes | None = connection.execute(query).scalar()
        if piece is None:  # withheld while it was read
            return
        taken = piece[skipped : skipped + end - start]
        start += len(taken)
        yield taken


def named(graph: Graph, own: Own) -> dict[NamedNode, list[NamedNode]]:
    """The files that a graph names, by their IRIs: which of its subjects do."""
    found: dict[NamedNode, list[NamedNode]] = {}
    for triple in graph:
        if triple.predicate == DCAT.downloadURL and isinstance(triple.object, NamedNode) and id_of(triple.object, own):
            found.setdefault(triple.object, []).append(triple.subject)  # type: ignore[arg-type]
    return found


def id_of(iri: NamedNode, own: Own) -> str | None:
    """The id in the IRI of a file; None for any other."""
    found = re.fullmatch(re.escape(own.base) + r"file/([0-9a-f]{32})/[a-z0-9.-]{1,80}", iri.value)
    return found[1] if found else None


def known(connection: Connection, iri: NamedNode, own: Own) -> File | None:
    """The file that an IRI names, if it is kept and not withheld."""
    try:
        found = find(connection, id_of(iri, own) or "")
    except NotFound:
        return None
    return found if found.withheld is None and own.iri(found.path) == iri else None


def measured(engine: Engine, graph: Graph, own: Own) -> Graph:
    """The graph with what the registry measured of the files that it names, in place of what was said of them."""
    used = named(graph, own)
    if not used:
        return graph
    said, told = set(), []
    with reading(engine) as connection:
        for iri, subjects in used.items():
            if found := known(connection, iri, own):
                said |= set(subjects)
                told += [Triple(subject, *fact) for subject in subjects for fact in _facts(found, own)]
    measures = (DCAT.mediaType, DCAT.byteSize, own.reg.sha256)
    return Graph([*(t for t in graph if not (t.subject in said and t.predicate in measures)), *told])


def _facts(found: File, own: Own) -> list[tuple[NamedNode, NamedNode | Literal]]:
    return [
        (DCAT.mediaType, own.concept("file-type", found.kind)),
        (DCAT.byteSize, Literal(str(found.size), datatype=XSD.integer)),
        (own.reg.sha256, Literal(found.sha256)),
    ]


def publish(connection: Connection, graph: Graph, own: Own, *, at: datetime) -> None:
    """Make the files that a record names public, in the transaction that publishes the record."""
    ids = [id for iri in named(graph, own) if (id := id_of(iri, own))]
    if ids:
        now = update(TABLE).where(TABLE.c.id.in_(ids), TABLE.c.published.is_(None)).values(published=written(at))
        connection.execute(now)


def withhold(connection: Connection, id: str, reason: str, *, at: datetime) -> File:
    """Take a file away for good: its bytes are erased, its name and its digest stay with the reason."""
    found = find(connection, id)
    if found.withheld:
        raise Conflict("The file {name} is withheld already.", name=found.name)
    if not reason.strip():
        raise BadInput("Say why the file is withheld: readers are told.", where="reason")
    connection.execute(delete(PIECES).where(PIECES.c.file == id))
    connection.execute(
        update(TABLE).where(TABLE.c.id == id).values(withheld=written(at), reason=reason.strip(), size=0)
    )
    return find(connection, id)


def clear(connection: Connection, at: datetime) -> int:
    """Remove what was kept for a week and no record and no open draft names; returns how many."""
    names = exists().where(tables.draft.c.graph.contains(TABLE.c.id), tables.draft.c.status.in_(OPEN))
    old = select(TABLE.c.id).where(TABLE.c.published.is_(None), TABLE.c.withheld.is_(None), ~names)
    ids = connection.execute(old.where(TABLE.c.made < written(at - UNUSED))).scalars().all()
    for id in ids:
        connection.execute(delete(PIECES).where(PIECES.c.file == id))
        connection.execute(delete(TABLE).where(TABLE.c.id == id))
    return len(ids)


def everything(connection: Connection) -> list[File]:
    """The files that were ever public, withheld ones too, in the order in which they were kept."""
    query = select(TABLE).where(TABLE.c.published.is_not(None)).order_by(TABLE.c.made, TABLE.c.id)
    return [_file(row) for row in connection.execute(query).mappings()]


def spoken(name: str, kind: str) -> str:
    """The name of a file without folders and without signs that are not seen or mislead, ending as its kind does."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    said = re.sub(r"\s+", " ", _UNSEEN.sub(" ", unicodedata.normalize("NFC", last))).strip(" .")
    stem, dot, ending = said.rpartition(".")
    if dot and ending.lower() in (kind, "jpg", "jpe", "tsv", "text", "htm", "html"):
        said = stem
    return f"{said[:100].rstrip(' .') or 'file'}.{kind}"


def plain(name: str) -> str:
    """The name of a file as it stands in an IRI: small letters, digits and hyphens."""
    stem, _, ending = name.rpartition(".")
    ascii = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode().lower()
    return f"{re.sub(r'[^a-z0-9]+', '-', ascii).strip('-')[:60].strip('-') or 'file'}.{ending}"


def digest(source: IO[bytes]) -> str:
    """The SHA-256 of a file in hexadecimal digits."""
    source.seek(0)
    return hashlib.file_digest(source, "sha256").hexdigest()  # type: ignore[arg-type]


def row_of(found: File) -> dict[str, object]:
    """A file as a row."""
    moments = {name: getattr(found, name) for name in ("made", "published", "withheld")}
    return {**found.__dict__, **{name: written(at) if at else None for name, at in moments.items()}}


def _file(row: RowMapping) -> File:
    moments = {name: moment(row[name]) if row[name] else None for name in ("made", "published", "withheld")}
    return File(**{**row, **moments})
