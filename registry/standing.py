"""A record as its events leave it: the fold of a record's rows, and what the registry itself says of it.

A record that was retired or merged leaves a tombstone: its name, why and when it ended, and what replaces it. These
are statements of the event that ended it, made when it was appended, so a replay never depends on later words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from registry.formats import Formats
from registry.language import Texts
from registry.ledger import ENDS, Event
from registry.shape import path_name
from registry.terms import DCTERMS, FOAF, PROV, RDF, XSD, Graph, Literal, NamedNode, Own, Term, Triple, from_lines

LICENCE = NamedNode("https://creativecommons.org/licenses/by/4.0/")


@dataclass(frozen=True)
class Ending:
    """How a record ended: `kind` is retired or merged, `successor` the identifier of what replaces it."""

    identifier: str
    kind: str
    at: datetime
    reasons: Texts
    titles: Texts
    successor: str | None
    graph: Graph


@dataclass(frozen=True)
class Standing:
    """What the events of one record come to. Times are `at`: when the fact was recorded where it came from."""

    record: NamedNode
    graph: Graph
    version: int
    issued: datetime
    modified: datetime
    source: str | None
    institution: str | None
    confirmed: datetime | None = None
    archived: datetime | None = None
    ended: Event | None = None


def fold(events: Iterable[Event]) -> Standing | None:
    """The standing of one record after its events, oldest first; None before it was published."""
    standings = [standing for _, standing in steps(events)]
    return standings[-1] if standings else None


def steps(events: Iterable[Event]) -> Iterator[tuple[Event, Standing | None]]:
    """Each event of one record, oldest first, with the standing of the record behind it."""
    standing: Standing | None = None
    for event in events:
        standing = _after(standing, event)
        yield event, standing


def _after(standing: Standing | None, event: Event) -> Standing | None:
    if standing and standing.ended:
        return standing
    if event.version is not None:
        return Standing(
            record=NamedNode(event.record),
            graph=from_lines(event.graph or ""),
            version=event.version,
            issued=standing.issued if standing else event.at,
            modified=event.at,
            source=event.source or (standing.source if standing else None),
            institution=event.institution or (standing.institution if standing else None),
            confirmed=standing.confirmed if standing else None,
            archived=None,
        )
    if standing is None:
        return None
    if event.kind == "confirmed":
        return replace(standing, confirmed=event.at)
    if event.kind == "archived":
        return replace(standing, archived=event.at)
    if event.kind == "restored":
        return replace(standing, archived=None)
    return replace(standing, ended=event) if event.kind in ENDS else standing


def ending(event: Event, own: Own) -> Ending:
    """How the record of a retiring or merging event ended."""
    identifier = path_name(NamedNode(event.record))
    doc, said = own.doc(identifier), from_lines(event.graph or "")
    successors = said.iris(doc, DCTERMS.isReplacedBy)
    return Ending(
        identifier=identifier,
        kind=event.kind,
        at=event.at,
        reasons=said.texts(doc, own.reg.reason),
        titles=said.texts(doc, DCTERMS.title),
        successor=path_name(successors[0]) if successors else None,
        graph=said | _tombstone(identifier, event.at, own),
    )


def whole(standing: Standing, formats: Formats, own: Own) -> Graph:
    """The record's graph as it is published: the author's triples and the registry's own on the /doc side."""
    record, identifier = standing.record, path_name(standing.record)
    doc, reg = own.doc(identifier), own.reg
    if standing.ended:
        return ending(standing.ended, own).graph
    status = "archived" if standing.archived else "published"
    said: list[tuple[NamedNode, Term]] = [
        (RDF.type, reg.Record),
        (FOAF.primaryTopic, record),
        (DCTERMS.identifier, Literal(identifier)),
        (reg.version, Literal(standing.version)),
        (DCTERMS.issued, moment(standing.issued)),
        (DCTERMS.modified, moment(standing.modified)),
        (reg.status, own.concept("record-status", status)),
        (DCTERMS.license, LICENCE),
        *((DCTERMS.language, Literal(lang)) for lang in languages(standing.graph)),
    ]
    for target in standing.graph.iris(record, RDF.type):
        if format := formats.by_class(target):
            said.append((DCTERMS.conformsTo, format.iri))
    if standing.source:
        said.append((reg.sourceClass, own.concept("information-source", standing.source)))
    if standing.institution:
        said.append((DCTERMS.publisher, NamedNode(standing.institution)))
    if standing.confirmed:
        said.append((reg.confirmed, moment(standing.confirmed)))
    if standing.archived:
        said.append((reg.archived, moment(standing.archived)))
    system = [Triple(doc, predicate, value) for predicate, value in said]
    return standing.graph | Graph([*system, Triple(record, FOAF.isPrimaryTopicOf, doc)])


def _tombstone(identifier: str, at: datetime, own: Own) -> Graph:
    """What the registry itself says of a record that ended."""
    doc = own.doc(identifier)
    said: list[tuple[NamedNode, Term]] = [
        (RDF.type, own.reg.Tombstone),
        (FOAF.primaryTopic, own.record(identifier)),
        (DCTERMS.identifier, Literal(identifier)),
        (own.reg.status, own.concept("record-status", "deleted")),
        (PROV.invalidatedAtTime, moment(at)),
        (DCTERMS.license, LICENCE),
    ]
    return Graph(Triple(doc, predicate, value) for predicate, value in said)


def activity(event: Event, own: Own) -> list[Triple]:
    """An event as the public history tells it: what, when, for which institution, never by which person."""
    subject, record = NamedNode(f"{own.history.value}#{event.seq}"), NamedNode(event.record)
    said: list[tuple[NamedNode, Term]] = [
        (RDF.type, PROV.Activity),
        (own.reg.kind, Literal(event.kind)),
        (own.reg.record, record),
        (own.reg.sequence, Literal(event.seq)),
        (PROV.endedAtTime, moment(event.at)),
    ]
    if event.kind in ENDS:
        told = (own.reg.reason, DCTERMS.isReplacedBy)
        said += [(t.predicate, t.object) for t in from_lines(event.graph or "") if t.predicate in told]  # type: ignore[misc]
    elif event.version and event.kind != "vocabulary":
        said.append((PROV.generated, own.version(path_name(record), event.version)))
    if event.institution:
        said.append((PROV.wasAssociatedWith, NamedNode(event.institution)))
    return [Triple(subject, predicate, value) for predicate, value in said]


def languages(graph: Graph) -> list[str]:
    """The languages a record's own texts are in, sorted."""
    return sorted({t.object.language for t in graph if isinstance(t.object, Literal) and t.object.language})


def moment(at: datetime) -> Literal:
    """A moment as xsd:dateTime in UTC, as the engine writes it: no more parts of a second than there are."""
    text = at.isoformat().replace("+00:00", "")
    return Literal(f"{text.rstrip('0') if '.' in text else text}Z", datatype=XSD.dateTime)
