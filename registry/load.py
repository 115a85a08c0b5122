"""Files > records: the operators' door.

A file is the unit of reading, a record the unit of publishing: each record is written whole or not at all, and the
rest of the load goes on. What the /doc side of a file states (when a record was issued, by which institution, in
which source class, when it was archived) is taken here, and only here, as what is known from where it came.
Loading the same again writes nothing. Source: 2005 report, paragraph 22.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from registry import attachments
from registry.candidates import (
    STANDINGS,
    Candidate,
    Progress,
    Refusal,
    Summary,
    Terms,
    files_of,
    moment_of,
    read_all,
    shifted,
)
from registry.findings import Finding
from registry.ledger import ENDS, Writer, since_version
from registry.neighbours import with_coming
from registry.records import author_side, canonical
from registry.registry import Registry
from registry.shape import path_name
from registry.standing import Standing, fold
from registry.terms import DCTERMS, FOAF, RDF, Graph, Literal, NamedNode, Triple

__all__ = ["Summary", "Terms", "load", "shifted"]

BATCH = 200


def load(registry: Registry, paths: Iterable[Path], terms: Terms, progress: Progress, *, dry: bool = False) -> Summary:
    """Check and publish the records of files and folders; `dry` checks only.

    `progress` hears (what, done, of) as the load goes on.
    """
    summary = Summary()
    candidates = read_all(registry, files_of(paths), terms, summary, progress)
    candidates = [candidate for candidate in candidates if not _known(registry, candidate, summary)]
    sound = _checked(registry, candidates, terms, summary, progress)
    if dry:
        summary.sound = len(sound)
        return summary
    ordered = sorted(sound, key=lambda candidate: candidate.moment)
    for start in range(0, len(ordered), BATCH):
        batch = ordered[start : start + BATCH]
        forms = [_form(registry, candidate) for candidate in batch]
        with registry.ledger.writing() as writer:
            for candidate, form in zip(batch, forms, strict=True):
                _append(registry, writer, candidate, form, terms, summary)
        registry.follow()
        progress("publishing", start + len(batch), len(ordered))
    return summary


@dataclass(frozen=True)
class Stated:
    """What the /doc side of a file states of a record: who publishes it in which source class, and since when what."""

    institution: str | None
    source: str | None
    moments: Mapping[str, datetime]

    def agrees(self, standing: Standing) -> bool:
        """Whether a record stands so already, as far as this states anything."""
        return self.institution in (None, standing.institution) and self.source in (None, standing.source)


def _stated(registry: Registry, candidate: Candidate) -> Stated:
    doc, reg, graph = registry.own.doc(path_name(candidate.record)), registry.own.reg, candidate.graph
    institution = next(iter(graph.iris(doc, DCTERMS.publisher)), None)
    source = next(iter(graph.iris(doc, reg.sourceClass)), None)
    moments = {kind: at for kind in STANDINGS if (at := moment_of(graph, doc, reg[kind]))}
    return Stated(institution.value if institution else None, path_name(source) if source else None, moments)


def _known(registry: Registry, candidate: Candidate, summary: Summary) -> bool:
    """Whether the ledger says all this already: then nothing is checked and nothing written."""
    events = list(registry.ledger.events(record=candidate.record.value))
    forms, standing = [event.graph for event in events if event.version is not None], fold(events)
    if standing is None or forms[-1] != _form(registry, candidate):
        return False
    if standing.ended:
        summary.unchanged += 1  # it was taken, and has ended since: the same file brings nothing new
        return True
    stated = _stated(registry, candidate)
    since = since_version([event.kind for event in events])
    known = set(stated.moments) <= set(since) and stated.agrees(standing)
    summary.unchanged += known
    return known


def _form(registry: Registry, candidate: Candidate) -> str:
    return canonical(author_side(candidate.record, candidate.graph, registry.own), registry.own.base)


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
    crossed: dict[NamedNode, list[Finding]] = {}
    pending = candidates
    while pending:
        for number, candidate in enumerate(pending, 1):
            findings[candidate.record] = _findings(registry, candidate, terms, classes)
            progress("checking", number, len(pending))
        fallen = {c.record for c in pending if any(f.blocks for f in findings[c.record])}
        for record in fallen:
            del coming[record]
        pending = [c for c in candidates if c.record in coming and _refers_to(c.graph, fallen)]
        if not pending:  # rules across records are asked of what is sound by itself
            sound = [c for c in candidates if c.record in coming]
            crossed = _crossed(registry, sound)
            fallen = {record for record, found in crossed.items() if any(finding.blocks for finding in found)}
            for record in fallen:
                findings[record] += crossed.pop(record)
                del coming[record]
            pending = [c for c in sound if c.record in coming and _refers_to(c.graph, fallen)]
    for candidate in candidates:
        _tell(candidate, [*findings[candidate.record], *crossed.get(candidate.record, [])], summary)
    return [candidate for candidate in candidates if candidate.record in coming]


def _crossed(registry: Registry, candidates: list[Candidate]) -> dict[NamedNode, list[Finding]]:
    """What rules across records find in records that are about to be published together."""
    graphs = {c.record: c.graph | Graph([_shown(registry, c.record)]) for c in candidates}
    near = with_coming(registry.near, graphs, registry.checks.rules.shared)
    return {
        c.record: registry.checks.across(c.record, graphs[c.record], near=near, day=c.moment.date()) for c in candidates
    }


def _shown(registry: Registry, record: NamedNode) -> Triple:
    return Triple(record, FOAF.isPrimaryTopicOf, registry.own.doc(path_name(record)))


def _findings(
    registry: Registry, candidate: Candidate, terms: Terms, classes: Callable[[NamedNode], NamedNode | None]
) -> list[Finding]:
    graph = author_side(candidate.record, candidate.graph, registry.own)
    found = registry.checks.record(
        candidate.record, graph, classes=classes, day=candidate.moment.date(), legacy=terms.legacy
    )
    return [*_doc_findings(registry, candidate, terms, classes), *found]


def _doc_findings(
    registry: Registry, candidate: Candidate, terms: Terms, classes: Callable[[NamedNode], NamedNode | None]
) -> Iterator[Finding]:
    """What the /doc side states must be so: no day to come, a source class, an organization that publishes."""
    own, messages = registry.own, registry.checks.messages
    doc = own.doc(path_name(candidate.record))
    standing = fold(registry.ledger.events(record=candidate.record.value))
    if standing and standing.ended:
        yield _ended(registry, candidate)
    moments = {DCTERMS.issued: candidate.moment}
    moments |= {own.reg[kind]: at for kind, at in _stated(registry, candidate).moments.items()}
    for path, at in moments.items():
        if at > terms.at:
            yield messages.finding("FutureMoment", doc, path=path, value=f"{at:%Y-%m-%d}")
    scheme = registry.concepts.scheme(own.iri("vocabulary/information-source"))
    for value in candidate.graph.objects(doc, own.reg.sourceClass):
        concept = registry.concepts.get(value)
        if scheme and (concept is None or concept.scheme != scheme.iri):
            component = "NodeConstraintComponent" if concept else "UnknownConcept"
            said = value.value if isinstance(value, (NamedNode, Literal)) else ""
            path = own.reg.sourceClass
            yield messages.finding(component, doc, path=path, value=said, allowed=(scheme.labels,))
    organisations = registry.house.organisations
    names = tuple(format.names for format in registry.formats.values() if format.target in organisations)
    for value in candidate.graph.objects(doc, DCTERMS.publisher):
        target = classes(value) if isinstance(value, NamedNode) else None
        if target not in organisations:
            ended = target == registry.own.reg.Tombstone
            component = "EndedReference" if ended else "ClassConstraintComponent" if target else "DanglingReference"
            said = value.value if isinstance(value, (NamedNode, Literal)) else ""
            yield messages.finding(component, doc, path=DCTERMS.publisher, value=said, allowed=names)


def _ended(registry: Registry, candidate: Candidate) -> Finding:
    return registry.checks.messages.finding("EndedRecord", candidate.record, value=path_name(candidate.record))


def _tell(candidate: Candidate, findings: list[Finding], summary: Summary) -> None:
    if any(finding.blocks for finding in findings):
        summary.refused += 1
    for finding in findings:
        heard = summary.refusals if finding.blocks else summary.advice
        heard.append(Refusal(candidate.file, candidate.line, path_name(candidate.record), finding))


def _append(
    registry: Registry, writer: Writer, candidate: Candidate, form: str, terms: Terms, summary: Summary
) -> None:
    record, stated = candidate.record.value, _stated(registry, candidate)
    if not set(ENDS).isdisjoint(writer.kinds(record)):  # it ended after it was checked: nothing follows an end
        _tell(candidate, [_ended(registry, candidate)], summary)
        return
    latest = writer.latest(record)
    standing = fold(registry.ledger.events(record=record)) if latest else None
    if latest and standing and latest.graph == form and stated.agrees(standing):
        summary.unchanged += 1
    else:
        writer.append(
            "revised" if latest else "published",
            record,
            by=terms.by,
            at=None if latest else candidate.moment,
            version=(latest.version or 0) + 1 if latest else 1,
            institution=stated.institution,
            source=stated.source or (None if latest else terms.source),
            graph=form,
        )
        summary.revised += latest is not None
        summary.published += latest is None
    shown = writer.latest(record)
    done = since_version(writer.kinds(record))
    for kind, at in stated.moments.items():
        if shown and kind not in done:
            writer.append(kind, record, by=terms.by, at=max(at, shown.at))


def _class_of(graph: Graph, record: NamedNode) -> NamedNode | None:
    return next(iter(graph.iris(record, RDF.type)), None)


def _published_class(registry: Registry, record: NamedNode) -> NamedNode | None:
    if attachments.id_of(record, registry.own):
        return registry.class_of(record)
    standing = fold(registry.ledger.events(record=record.value))
    if standing and standing.ended:
        return registry.own.reg.Tombstone
    return _class_of(standing.graph, record) if standing else None


def _refers_to(graph: Graph, records: set[NamedNode]) -> bool:
    return any(triple.object in records for triple in graph)
