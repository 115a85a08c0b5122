"""What stands in the way of a new record before a word of it is written: a country's one record, or a draft of it.

No kind of record is named here: the rules across records are asked about what a new record says by itself (its class,
the country that it speaks for), among the current records and the open drafts. Source: `sparql/checks/`.
"""

from __future__ import annotations

from datetime import date

from registry import drafts
from registry.database import Connection
from registry.desk import first
from registry.drafts import Draft
from registry.formats import Format
from registry.neighbours import with_coming
from registry.people import Acting
from registry.registry import Registry
from registry.terms import FOAF, RDF, Graph, NamedNode, Triple


def rivals(
    registry: Registry, connection: Connection, format: Format, acting: Acting, *, day: date
) -> dict[NamedNode, Draft | None]:
    """The records beside which a new one would be refused, each with its open draft; none where it would not be."""
    if acting.country is None:
        return {}
    record = registry.own.record(f"BCH-{format.type_code}-{acting.country}-0")
    said = first(registry, format, record, acting.country)
    doc = Triple(record, FOAF.isPrimaryTopicOf, registry.own.doc(f"BCH-{format.type_code}-{acting.country}-0"))
    opened = {
        found.record: found
        for triple in said
        if triple.predicate != RDF.type
        for found in drafts.saying(connection, f"{triple.predicate} {triple.object} .", format.key)
    }
    coming = {found.record: found.graph for found in opened.values() if found.asks == "version"}
    near = with_coming(registry.near, coming, registry.checks.rules.shared)
    told = registry.checks.across(record, said | Graph([doc]), near=near, day=day)
    named = [finding.term for finding in told if finding.blocks]
    return {term: opened.get(term) for term in named if isinstance(term, NamedNode)}
