"""Files > candidates: what a file brings, record by record, before anything is checked or written.

A file is the unit of reading: one that does not parse is refused whole, and the others go on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from registry.errors import BadInput, RegistryError
from registry.exchange.reading import MAX_BYTES, SUFFIXES, read
from registry.findings import Finding, of_error
from registry.records import classed, named, received, split
from registry.registry import Registry
from registry.shape import path_name
from registry.terms import DCTERMS, XSD, Graph, Literal, NamedNode, Own, Triple

_DESCRIBED = re.compile(
    r"""^[ \t]*+<([^>\n]*+)>|"@?id"\s*+:\s*+"([^"]*+)"|\brdf:about\s*+=\s*+["']([^"'\n]*+)""", re.MULTILINE
)
SEARCHES = 200
EARLIEST = 1000  # an earlier year is a slip of the pen, and what keeps and shows dates writes years in four digits

STANDINGS = ("confirmed", "archived")

Progress = Callable[[str, int, int], object]


@dataclass(frozen=True)
class Candidate:
    """One record of one file, on its way in."""

    record: NamedNode
    graph: Graph
    file: str
    line: int
    moment: datetime


@dataclass(frozen=True)
class Refusal:
    """Why something was not taken: where it stands, what is wrong, what to do."""

    file: str
    line: int | None
    record: str
    finding: Finding | RegistryError

    def tell(self, lang: str = "en") -> str:
        """One line for a person: file:line, record, field, message, remedy."""
        where = f"{self.file}:{self.line}" if self.line else self.file
        key = self.finding.key if isinstance(self.finding, Finding) else self.finding.where
        parts = (where, self._what(), key, f"{self.finding.say(lang)} {self.finding.advise(lang)}".strip())
        return " · ".join(part for part in parts if part)

    def _what(self) -> str:
        """The record, and the part of it where the finding is in a part."""
        _, of, part = self.finding.focus.value.partition("#") if isinstance(self.finding, Finding) else ("", "", "")
        return f"{self.record}{of}{part}" if self.record else ""


@dataclass
class Summary:
    """What a load came to; `refused` counts records, and files that could not be read at all.

    `sound` counts what a dry run would have published or revised.
    """

    published: int = 0
    revised: int = 0
    unchanged: int = 0
    refused: int = 0
    sound: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    advice: list[Refusal] = field(default_factory=list)

    def findings(self, own: Own) -> list[Finding]:
        """All that was found, also where a file or record could not be read at all."""
        told = []
        for heard in (*self.refusals, *self.advice):
            if isinstance(heard.finding, Finding):
                told.append(heard.finding)
            else:
                focus = (
                    own.record(heard.record) if heard.record else NamedNode(f"urn:registry:file:{quote(heard.file)}")
                )
                told.append(of_error(heard.finding, focus))
        return told


@dataclass(frozen=True)
class Terms:
    """On what terms a load is taken: when, by whom, as legacy records or not; its dates are moved by `days`."""

    at: datetime
    by: str = "operator"
    source: str = "secretariat"
    legacy: bool = False
    days: int = 0


def shifted(terms: Terms, anchor: date, first: date) -> Terms:
    """The terms of a load whose dates are written around an anchor and mean the day of the first loading."""
    return replace(terms, days=(first - anchor).days)


def files_of(paths: Iterable[Path]) -> list[Path]:
    """The files of files and folders, by name; raises BadInput for what is not there."""
    return list(_files(paths))


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            found = sorted(p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
            if not found:
                kinds = " ".join(SUFFIXES)
                raise BadInput(
                    "The folder {path} has no file that is read here.",
                    remedy="Read are {kinds}.",
                    where=str(path),
                    path=path,
                    kinds=kinds,
                )
            yield from found
        elif path.is_file():
            yield path
        else:
            raise BadInput("There is no file or folder {path}.", where=str(path), path=path)


def read_all(
    registry: Registry, files: list[Path], terms: Terms, summary: Summary, progress: Progress
) -> list[Candidate]:
    """Every record of the files; what cannot be read, or stands in two files, is told in the summary."""
    found: dict[NamedNode, Candidate] = {}
    for number, path in enumerate(files, 1):
        progress("reading", number, len(files))
        try:
            candidates = _read_file(registry, path, terms, summary)
        except RegistryError as error:
            _unread(path, error, summary)
            continue
        except Exception as error:  # whatever a file may do, the files behind it must have their turn
            reason = f"{type(error).__name__}: {error}"
            _unread(path, BadInput("The file cannot be read: {reason}.", reason=reason), summary)
            continue
        for candidate in candidates:
            if candidate.record in found:
                first = found[candidate.record]
                twice = BadInput("The record stands in {file} too.", remedy="Keep one of the two.", file=first.file)
                summary.refused += 1
                summary.refusals.append(Refusal(candidate.file, candidate.line, path_name(candidate.record), twice))
            else:
                found[candidate.record] = candidate
    return list(found.values())


def _called(path: Path) -> str:
    """The name of a file as text; bytes that are none are shown by their numbers."""
    return path.name.encode(errors="backslashreplace").decode()


def _unread(path: Path, error: RegistryError, summary: Summary) -> None:
    line = re.search(r"line (\d+)", error.where)
    summary.refused += 1
    summary.refusals.append(Refusal(_called(path), int(line[1]) if line else None, "", error))


def _read_file(registry: Registry, path: Path, terms: Terms, summary: Summary) -> list[Candidate]:
    media = SUFFIXES.get(path.suffix.lower())
    if media is None:
        raise BadInput(
            "{suffix} is not a kind of file that is read here.",
            where="",
            suffix=Path(_called(path)).suffix or _called(path),
        )
    try:
        with path.open("rb") as source:
            data = source.read(MAX_BYTES + 1)
    except OSError as error:
        raise BadInput("The file cannot be opened: {reason}.", reason=error.strerror) from error
    graph = named(read(data, media, registry.own.base, registry.house.contexts), registry.formats.field_keys)
    graph = classed(received(graph, registry.formats.decimals), registry.formats)
    if terms.days:
        graph = _moved(graph, terms.days)
    records, foreign = split(graph, registry.own, registry.checks.messages)
    if not records and not foreign:
        raise BadInput(
            "The file holds no record.",
            remedy="A record begins with its address, such as id/BCH-CDI-SCBD-108.",
            where="",
        )
    lines = Lines(data.decode("utf-8-sig"))
    for finding in foreign:
        summary.refused += 1
        summary.refusals.append(Refusal(_called(path), lines[finding.value], "", finding))
    found = []
    for record, described in records.items():
        line = lines[path_name(record)]
        try:
            found.append(Candidate(record, described, _called(path), line, _issued(registry, record, described, terms)))
        except BadInput as error:
            summary.refused += 1
            summary.refusals.append(Refusal(_called(path), line, path_name(record), error))
    return found


def _issued(registry: Registry, record: NamedNode, graph: Graph, terms: Terms) -> datetime:
    """When the record was issued: as its /doc side says, or now. Every date there must be readable."""
    doc = registry.own.doc(path_name(record))
    for kind in STANDINGS:
        moment_of(graph, doc, registry.own.reg[kind])
    return moment_of(graph, doc, DCTERMS.issued) or terms.at


def moment_of(graph: Graph, subject: NamedNode, predicate: NamedNode) -> datetime | None:
    """A date or moment in UTC; a date counts from its first second.

    Raises BadInput for what is no date, lies before the year EARLIEST or has no place in the calendar of UTC.
    """
    text = graph.text(subject, predicate)
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
        found = found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise BadInput(
            "{value} is not a date.", remedy="Write it as 2004-12-15.", where=path_name(predicate), value=text
        ) from error
    if found.year < EARLIEST:
        raise BadInput(
            "{value} lies before the year {year}.",
            remedy="Write it as 2004-12-15.",
            where=path_name(predicate),
            value=text,
            year=EARLIEST,
        )
    return found


def _moved(graph: Graph, days: int) -> Graph:
    """The graph with every date and moment moved by a number of days."""

    def moved(triple: Triple) -> Triple:
        value = triple.object
        if not isinstance(value, Literal) or value.datatype not in (XSD.date, XSD.dateTime):
            return triple
        kind = date if value.datatype == XSD.date else datetime
        try:
            later = (kind.fromisoformat(value.value) + timedelta(days=days)).isoformat()
        except (ValueError, OverflowError):
            return triple  # the checks tell of a date that is none
        return Triple(triple.subject, triple.predicate, Literal(later, datatype=value.datatype))

    return Graph(moved(triple) for triple in graph)


class Lines:
    """The line of a file where a record or subject is first described, else named; 1 when the syntax hides it.

    The file is searched once: a search of its own for each record would cost as much as the checks of the record. What
    that misses is searched for by itself, SEARCHES times.
    """

    def __init__(self, text: str) -> None:
        self._text, self._found, self._searches = text, dict[str, int](), SEARCHES
        line = start = 0
        for match in _DESCRIBED.finditer(text):
            line, start = line + text.count("\n", start, match.end()), match.end()
            address = match[1] or match[2] or match[3] or ""
            self._found.setdefault(address.rsplit("/", 1)[-1].split("#")[0], line + 1)

    def __getitem__(self, name: str) -> int:
        if line := self._found.get(name.rsplit("/", 1)[-1]):
            return line
        self._searches -= 1
        if self._searches < 0:
            return 1
        found = re.search(re.escape(name) + r"(?![\w-])", self._text)
        return self._text.count("\n", 0, found.end()) + 1 if found else 1
