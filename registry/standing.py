"""A record as its events leave it: the fold of a record's rows, and what the registry itself says of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from registry.formats import Formats
from registry.ledger import Event
from registry.shape import path_name
from registry.terms import DCTERMS, FOAF, PROV, RDF, XSD, Graph, Literal, NamedNode, Own, Term, Triple, from_lines

LICENCE = NamedNode("https://creativecommons.org/licenses/by/4.0/")


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


def fold(events: Iterable[Event]) -> Standing | None:
    """The standing of one record after its events, oldest first; None before it was published."""
    standing: Standing | None = None
    for event in events:
        standing = _after(standing, event)
    return standing


def _after(standing: Standing | None, event: Event) -> Standing | None:
    if event.graph is not None:
        return Standing(
            record=NamedNode(event.record),
            graph=from_lines(event.graph),
            version=event.version or 1,
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
    return standing


def whole(standing: Standing, formats: Formats, own: Own) -> Graph:
    """The record's graph as it is published: the author's triples and the registry's own on the /doc side."""
    record, identifier = standing.record, path_name(standing.record)
    doc, reg = own.doc(identifier), own.reg
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
    if event.version and event.graph is not None and event.kind != "vocabulary":
        said.append((PROV.generated, own.version(path_name(record), event.version)))
    if event.institution:
        said.append((PROV.wasAssociatedWith, NamedNode(event.institution)))
    return [Triple(subject, predicate, value) for predicate, value in said]


def languages(graph: Graph) -> list[str]:
    """The languages a record's own texts are in, sorted."""
    return sorted({t.object.language for t in graph if isinstance(t.object, Literal) and t.object.language})


def moment(at: datetime) -> Literal:
    """A moment as xsd:dateTime in UTC, to the second where it has no parts of one."""
    return Literal(at.isoformat().replace("+00:00", "Z"), datatype=XSD.dateTime)
