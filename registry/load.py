"""Files > records: the operators' door.

A file is the unit of reading, a record the unit of publishing: each record is written whole or not at all, and the
rest of the load goes on. What the /doc side of a file states (when a record was issued, by which institution, in
which source class, when it was archived) is taken here, and only here, as what is known from where it came.
Loading the same again writes nothing. Source: 2005 report, paragraph 22.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from registry.errors import BadInput, RegistryError
from registry.exchange.reading import MAX_BYTES, SUFFIXES, read
from registry.findings import Finding
from registry.ledger import Writer
from registry.records import author_side, canonical, named, split, widened
from registry.registry import Registry
from registry.shape import path_name
from registry.terms import DCTERMS, RDF, XSD, Graph, Literal, NamedNode, Triple, from_lines

BATCH = 200

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
        parts = (where, self.record, key, f"{self.finding.say(lang)} {self.finding.advise(lang)}".strip())
        return " · ".join(part for part in parts if part)


@dataclass
class Summary:
    """What a load came to; `refused` counts records, and files that could not be read at all."""

    published: int = 0
    revised: int = 0
    unchanged: int = 0
    refused: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    advice: list[Refusal] = field(default_factory=list)


@dataclass(frozen=True)
class Terms:
    """On what terms a load is taken: when, by whom, as legacy records or not; its dates are moved by `days`."""

    at: datetime
    by: str = "operator"
    source: str = "secretariat"
    legacy: bool = False
    days: int = 0


def load(registry: Registry, paths: Iterable[Path], terms: Terms, progress: Progress, *, dry: bool = False) -> Summary:
    """Check and publish the records of files and folders; `dry` checks only.

    `progress` hears (what, done, of) as the load goes on.
    """
    summary = Summary()
    candidates = _read_all(registry, list(_files(paths)), terms, summary, progress)
    sound = _checked(registry, candidates, terms, summary, progress)
    if dry:
        return summary
    ordered = sorted(sound, key=lambda candidate: candidate.moment)
    for start in range(0, len(ordered), BATCH):
        batch = ordered[start : start + BATCH]
        forms = [canonical(author_side(c.record, c.graph, registry.own), registry.own.base) for c in batch]
        with registry.ledger.writing() as writer:
            for candidate, form in zip(batch, forms, strict=True):
                _append(registry, writer, candidate, form, terms, summary)
        registry.follow()
        progress("publishing", start + len(batch), len(ordered))
    return summary


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.suffix in SUFFIXES and p.is_file())
        elif path.is_file():
            yield path
        else:
            raise BadInput("There is no file or folder {path}.", where=str(path), path=path)


def _read_all(
    registry: Registry, files: list[Path], terms: Terms, summary: Summary, progress: Progress
) -> list[Candidate]:
    found: dict[NamedNode, Candidate] = {}
    for number, path in enumerate(files, 1):
        progress("reading", number, len(files))
        try:
            candidates = _read_file(registry, path, terms, summary)
        except RegistryError as error:
            line = re.search(r"line (\d+)", error.where)
            summary.refused += 1
            summary.refusals.append(Refusal(path.name, int(line[1]) if line else None, "", error))
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


def _read_file(registry: Registry, path: Path, terms: Terms, summary: Summary) -> list[Candidate]:
    media = SUFFIXES.get(path.suffix)
    if media is None:
        raise BadInput("{suffix} is not a kind of file that is read here.", where="", suffix=path.suffix or path.name)
    with path.open("rb") as source:
        data = source.read(MAX_BYTES + 1)
    graph = named(read(data, media, registry.own.base, registry.house.contexts), registry.formats.field_keys)
    graph = widened(graph, registry.formats.decimals)
    if terms.days:
        graph = _moved(graph, terms.days)
    records, foreign = split(graph, registry.own, registry.checks.messages)
    text = data.decode("utf-8-sig")
    for finding in foreign:
        summary.refused += 1
        summary.refusals.append(Refusal(path.name, _line(text, finding.value), "", finding))
    return [
        Candidate(
            record, described, path.name, _line(text, path_name(record)), _issued(registry, record, described, terms)
        )
        for record, described in records.items()
    ]


def _checked(
    registry: Registry, candidates: list[Candidate], terms: Terms, summary: Summary, progress: Progress
) -> list[Candidate]:
    """The candidates that may be published; one that refers to a refused one is refused with it."""
    coming = {candidate.record: _class_of(candidate.graph, candidate.record) for candidate in candidates}
    known: dict[NamedNode, NamedNode | None] = {}

    def classes(record: NamedNode) -> NamedNode | None:
        if record in coming:
            return coming[record]
        if record not in known:
            known[record] = _published_class(registry, record)
        return known[record]

    findings: dict[NamedNode, list[Finding]] = {}
    pending = candidates
    while pending:
        for number, candidate in enumerate(pending, 1):
            findings[candidate.record] = _findings(registry, candidate, terms, classes)
            progress("checking", number, len(pending))
        fallen = {c.record for c in pending if any(f.blocks for f in findings[c.record])}
        for record in fallen:
            del coming[record]
        pending = [c for c in candidates if c.record in coming and _refers_to(c.graph, fallen)]
    for candidate in candidates:
        _tell(candidate, findings[candidate.record], summary)
    return [candidate for candidate in candidates if candidate.record in coming]


def _findings(
    registry: Registry, candidate: Candidate, terms: Terms, classes: Callable[[NamedNode], NamedNode | None]
) -> list[Finding]:
    graph = author_side(candidate.record, candidate.graph, registry.own)
    found = registry.checks.record(
        candidate.record, graph, classes=classes, day=candidate.moment.date(), legacy=terms.legacy
    )
    if candidate.moment > terms.at:
        doc = registry.own.doc(path_name(candidate.record))
        late = registry.checks.messages.finding(
            "FutureMoment", doc, path=DCTERMS.issued, value=f"{candidate.moment:%Y-%m-%d}"
        )
        found = [late, *found]
    return found


def _tell(candidate: Candidate, findings: list[Finding], summary: Summary) -> None:
    if any(finding.blocks for finding in findings):
        summary.refused += 1
    for finding in findings:
        heard = summary.refusals if finding.blocks else summary.advice
        heard.append(Refusal(candidate.file, candidate.line, path_name(candidate.record), finding))


def _append(
    registry: Registry, writer: Writer, candidate: Candidate, form: str, terms: Terms, summary: Summary
) -> None:
    record, own = candidate.record.value, registry.own
    doc, reg = own.doc(path_name(candidate.record)), own.reg
    latest = writer.latest(record)
    institution = next(iter(candidate.graph.iris(doc, DCTERMS.publisher)), None)
    source = next(iter(candidate.graph.iris(doc, reg.sourceClass)), None)
    if latest is not None and latest.graph == form:
        summary.unchanged += 1
    else:
        writer.append(
            "revised" if latest else "published",
            record,
            by=terms.by,
            at=None if latest else candidate.moment,
            version=(latest.version or 0) + 1 if latest else 1,
            institution=institution.value if institution else None,
            source=path_name(source) if source else (None if latest else terms.source),
            graph=form,
        )
        summary.revised += latest is not None
        summary.published += latest is None
    done = writer.kinds(record)
    for kind in ("confirmed", "archived"):
        at = _moment(candidate.graph, doc, reg[kind])
        if at and kind not in done:
            writer.append(kind, record, by=terms.by, at=min(max(at, candidate.moment), terms.at))


def _issued(registry: Registry, record: NamedNode, graph: Graph, terms: Terms) -> datetime:
    return _moment(graph, registry.own.doc(path_name(record)), DCTERMS.issued) or terms.at


def _moment(graph: Graph, subject: NamedNode, predicate: NamedNode) -> datetime | None:
    """A date or moment in UTC; a date counts from its first second."""
    text = graph.text(subject, predicate)
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInput(
            "{value} is not a date.", remedy="Write it as 2004-12-15.", where=path_name(predicate), value=text
        ) from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _moved(graph: Graph, days: int) -> Graph:
    """The graph with every date and moment moved by a number of days."""

    def moved(triple: Triple) -> Triple:
        value = triple.object
        if not isinstance(value, Literal) or value.datatype not in (XSD.date, XSD.dateTime):
            return triple
        kind = date if value.datatype == XSD.date else datetime
        later = (kind.fromisoformat(value.value) + timedelta(days=days)).isoformat()
        return Triple(triple.subject, triple.predicate, Literal(later, datatype=value.datatype))

    return Graph(moved(triple) for triple in graph)


def _class_of(graph: Graph, record: NamedNode) -> NamedNode | None:
    return next(iter(graph.iris(record, RDF.type)), None)


def _published_class(registry: Registry, record: NamedNode) -> NamedNode | None:
    forms = [event.graph for event in registry.ledger.events(record=record.value) if event.graph is not None]
    return _class_of(from_lines(forms[-1]), record) if forms else None


def _refers_to(graph: Graph, records: set[NamedNode]) -> bool:
    return any(triple.object in records for triple in graph)


def _line(text: str, name: str) -> int:
    """The line where a record or subject is first described, else named; 1 when the syntax hides it."""
    whole = re.escape(name) + r"(?![\w-])"
    for pattern in (rf'^\s*<[^>\n]*{whole}>|"@?id"\s*:\s*"[^"]*{whole}"', whole):
        if found := re.search(pattern, text, re.MULTILINE):
            return text.count("\n", 0, found.end()) + 1
    return 1


def shifted(terms: Terms, anchor: date, first: date) -> Terms:
    """The terms of a load whose dates are written around an anchor and mean the day of the first loading."""
    return replace(terms, days=(first - anchor).days)
