"""Files that belong to records: kept in the database in pieces, private until a record that names them is published.

A file belongs to one record, or until a record names it to the account that sent it; only that record may name it, and
only those who may see a draft of it may open it. What the registry measured of it (kind, size, SHA-256) is written into
the record, in place of what was said. A published file stays, as the versions that name it do, and any record may name
it, until an administrator withholds it; one that no open draft and no record names is removed after a week.
Source: 2005 report, paragraph 7; requirement R10; threats: attachments, ownership.
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

from registry import audit, filetypes, tables
from registry.database import Engine, moment, reading, writing, written
from registry.drafts import OPEN
from registry.errors import BadInput, Conflict, Gone, NotFound, TooLarge
from registry.terms import DCAT, XSD, Graph, Literal, NamedNode, Own, Triple

LARGEST = 10_000_000  # bytes of one file
QUOTA = 500_000_000  # bytes of all files of an institution, a country, or an account that acts for none
PIECE = 2**18  # bytes in a row of the database
UNUSED = timedelta(days=7)
TABLE, PIECES = tables.file, tables.piece
_UNSAFE = re.compile(r"[/\\:*?\"<>|\u115f\u1160\u3164]")


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
    record: str | None
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


@dataclass(frozen=True)
class Sender:
    """Who sends a file, by which door, for which record (none yet for a program's), and whose quota it counts on."""

    account: str
    owner: str
    origin: str
    record: str | None = None


def keep(engine: Engine, source: IO[bytes], name: str, sender: Sender, *, at: datetime) -> File:
    """Keep a file that somebody sent; the same one, sent again before it is published, is one file.

    Raises UnsupportedMedia for a kind that is not taken, TooLarge for a file or an owner with too much, Gone for bytes
    that were withheld. The file is looked through before the transaction begins, so that nobody waits for that.
    """
    size = source.seek(0, 2)
    if size > LARGEST:
        raise TooLarge("A file may have at most {count} MB.", where="file", count=LARGEST // 1_000_000)
    kind, sha256 = filetypes.recognised(source, name), digest(source)
    id, said = secrets.token_hex(16), spoken(name, kind)
    made = File(id, said, kind, size, sha256, sender.account, sender.owner, sender.record, at, None, None, "")
    with writing(engine) as connection:
        if again := _again(connection, made):
            return again
        _demand_room(connection, made)
        source.seek(0)
        take_in(connection, made, iter(lambda: source.read(PIECE), b""))
        noted = {"action": "attach", "subject": made.path, "new": sha256, "origin": sender.origin}
        audit.note(connection, at=at, by=sender.account, **noted)
    return made


def _again(connection: Connection, made: File) -> File | None:
    """The same file of the same sender that is not published yet; it is as young as this one now."""
    gone = select(TABLE).where(TABLE.c.sha256 == made.sha256, TABLE.c.withheld.is_not(None))
    if row := connection.execute(gone).mappings().first():
        raise Gone("This file was withheld. {reason}", reason=row["reason"])
    same = [TABLE.c[name] == getattr(made, name) for name in ("account", "sha256", "name")]
    same += [TABLE.c.record.is_(None) if made.record is None else TABLE.c.record == made.record]
    row = connection.execute(select(TABLE).where(*same, TABLE.c.published.is_(None))).mappings().first()
    if row:
        connection.execute(update(TABLE).where(TABLE.c.id == row["id"]).values(made=written(made.made)))
    return _file(row) if row else None


def _demand_room(connection: Connection, made: File) -> None:
    held = select(func.coalesce(func.sum(TABLE.c.size), 0)).where(TABLE.c.owner == made.owner)
    if int(connection.execute(held).scalar_one()) + made.size > QUOTA:
        raise TooLarge(
            "The files of one institution may have {count} MB together.",
            remedy="Give the web address of the file instead, or ask the administrators.",
            where="file",
            count=QUOTA // 1_000_000,
        )


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


def nameable(connection: Connection, iri: NamedNode, own: Own, record: NamedNode | None, by: str | None) -> bool:
    """Whether a record may name a file: a public one, one of its own, one that its sender (`by`) has not used yet."""
    found = known(connection, iri, own)
    if found is None:
        return False
    mine = record is not None and found.record == record.value
    return found.public or mine or (found.record is None and by is not None and found.account == by)


def claim(connection: Connection, graph: Graph, own: Own, record: NamedNode, by: str) -> None:
    """Make the unused files that somebody sent, and that a record of theirs names, files of that record."""
    free = (TABLE.c.record.is_(None), TABLE.c.account == by)
    if ids := [id_of(iri, own) for iri in named(graph, own)]:
        connection.execute(update(TABLE).where(TABLE.c.id.in_(ids), *free).values(record=record.value))


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


def publish(connection: Connection, graph: Graph, own: Own, record: NamedNode, *, at: datetime) -> None:
    """Make the files that a record names public, in the transaction that publishes the record.

    Raises Conflict where one of them was taken away since the checks, or never was the record's to name.
    """
    for iri in named(graph, own):
        if not nameable(connection, iri, own, record, None):
            raise Conflict("A file of this record is not there any more.", remedy="Attach it anew.", where=iri.value)
        mine = (TABLE.c.id == id_of(iri, own), TABLE.c.published.is_(None))
        connection.execute(update(TABLE).where(*mine).values(published=written(at)))


def withhold(connection: Connection, id: str, reason: str, *, at: datetime, by: str) -> File:
    """Take a file away for good, wherever its bytes are: they are erased, its name and digest stay with the reason.

    Nobody can send the same bytes again.
    """
    found = find(connection, id)
    if found.withheld:
        raise Conflict("The file {name} is withheld already.", name=found.name)
    if not reason.strip():
        raise BadInput("Say why the file is withheld: readers are told.", where="reason")
    same = TABLE.c.sha256 == found.sha256
    connection.execute(delete(PIECES).where(PIECES.c.file.in_(select(TABLE.c.id).where(same))))
    connection.execute(update(TABLE).where(same).values(withheld=written(at), reason=reason.strip(), size=0))
    noted = {"action": "withhold", "subject": found.path, "old": found.sha256, "new": reason.strip()}
    audit.note(connection, at=at, by=by, origin="command", **noted)
    return find(connection, id)


def clear(connection: Connection, at: datetime) -> int:
    """Remove what was kept for a week and no record and no open draft of its record names; returns how many."""
    draft = tables.draft.c
    names = exists().where(draft.record == TABLE.c.record, draft.graph.contains(TABLE.c.id), draft.status.in_(OPEN))
    old = select(TABLE).where(TABLE.c.published.is_(None), TABLE.c.withheld.is_(None), ~names)
    found = [_file(row) for row in connection.execute(old.where(TABLE.c.made < written(at - UNUSED))).mappings()]
    for one in found:
        connection.execute(delete(PIECES).where(PIECES.c.file == one.id))
        connection.execute(delete(TABLE).where(TABLE.c.id == one.id))
        noted = {"action": "detach", "subject": one.path, "old": one.sha256, "origin": "night"}
        audit.note(connection, at=at, by="night", **noted)
    return len(found)


def everything(connection: Connection) -> list[File]:
    """The files that were ever public, withheld ones too, in the order in which they were kept."""
    query = select(TABLE).where(TABLE.c.published.is_not(None)).order_by(TABLE.c.made, TABLE.c.id)
    return [_file(row) for row in connection.execute(query).mappings()]


def spoken(name: str, kind: str) -> str:
    """The name of a file without folders and without signs that are not seen or mislead, ending as its kind does."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    seen = (" " if unicodedata.category(sign)[0] == "C" else sign for sign in unicodedata.normalize("NFC", last))
    said = re.sub(r"\s+", " ", _UNSAFE.sub(" ", "".join(seen))).strip(" .")
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
