"""Files > records: the operators' door.

A file is the unit of reading, a record the unit of publishing: each record is written whole or not at all, and the
rest of the load goes on. What the /doc side of a file states (when a record was issued, by which institution, in
which source class, when it was archived) is taken here, and only here, as what is known from where it came.
Loading the same again writes nothing. Source: 2005 report, paragraph 22.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

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
from registry.ledger import Writer
from registry.records import author_side, canonical
from registry.registry import Registry
from registry.shape import path_name
from registry.terms import DCTERMS, RDF, Graph, NamedNode, from_lines

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


def _known(registry: Registry, candidate: Candidate, summary: Summary) -> bool:
    """Whether the ledger says all this already: then nothing is checked and nothing written."""
    events = list(registry.ledger.events(record=candidate.record.value))
    forms = [event.graph for event in events if event.graph is not None]
    if not forms or forms[-1] != _form(registry, candidate):
        return False
    doc = registry.own.doc(path_name(candidate.record))
    stated = [kind for kind in STANDINGS if moment_of(candidate.graph, doc, registry.own.reg[kind])]
    known = set(stated) <= set(_since([event.kind for event in events]))
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
    return [*found, *_doc_findings(registry, candidate, classes)]


def _doc_findings(
    registry: Registry, candidate: Candidate, classes: Callable[[NamedNode], NamedNode | None]
) -> Iterator[Finding]:
    """What the /doc side names must exist: the source class as a concept, the publisher as a record."""
    own, messages = registry.own, registry.checks.messages
    doc = own.doc(path_name(candidate.record))
    scheme = registry.concepts.scheme(own.iri("vocabulary/information-source"))
    for value in candidate.graph.objects(doc, own.reg.sourceClass):
        concept = registry.concepts.get(value)
        if scheme and (concept is None or concept.scheme != scheme.iri):
            component = "NodeConstraintComponent" if concept else "UnknownConcept"
            path = own.reg.sourceClass
            yield messages.finding(component, doc, path=path, value=value.value, allowed=(scheme.labels,))
    for value in candidate.graph.objects(doc, DCTERMS.publisher):
        if not isinstance(value, NamedNode) or classes(value) is None:
            yield messages.finding("DanglingReference", doc, path=DCTERMS.publisher, value=value.value)


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
    shown = writer.latest(record)
    done = _since(writer.kinds(record))
    for kind in STANDINGS:
        at = moment_of(candidate.graph, doc, reg[kind])
        if at and shown and kind not in done:
            writer.append(kind, record, by=terms.by, at=min(max(at, shown.at), terms.at))


def _since(kinds: list[str]) -> list[str]:
    """The kinds of the events behind a record's newest version: a new version is neither confirmed nor archived."""
    newest = max((place for place, kind in enumerate(kinds) if kind in ("published", "revised")), default=-1)
    return kinds[newest + 1 :]


def _class_of(graph: Graph, record: NamedNode) -> NamedNode | None:
    return next(iter(graph.iris(record, RDF.type)), None)


def _published_class(registry: Registry, record: NamedNode) -> NamedNode | None:
    forms = [event.graph for event in registry.ledger.events(record=record.value) if event.graph is not None]
    return _class_of(from_lines(forms[-1]), record) if forms else None


def _refers_to(graph: Graph, records: set[NamedNode]) -> bool:
    return any(triple.object in records for triple in graph)
