"""What the registers hold on a day, and the catalogue of them.

Source: 2005 report, paragraphs 9 and 10 (what is past is archived, and can still be found).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from registry.formats import Format
from registry.registry import Registry
from registry.terms import DCAT, DCTERMS, FOAF, RDF, Graph, NamedNode, Triple
from web.rows import iri_of, text_of
from web.visit import Visit
from web.whole import Said, common, named, people, texts


@dataclass(frozen=True)
class Holding:
    """What one register holds: its current records, in which states these are, and the archived ones."""

    format: Format
    current: int
    archived: int
    states: tuple[tuple[NamedNode, int], ...]

    @property
    def total(self) -> int:
        """All records of the register."""
        return self.current + self.archived


def holdings(visit: Visit) -> list[Holding]:
    """The registers and their counts on the day, by the queries that their formats name."""
    registry = visit.registry
    kinds = [format.target for format in registry.formats.values()]
    rows = registry.select("reports/counts", kind=kinds) if kinds else ()
    counts = {(iri_of(row, "kind"), iri_of(row, "status")): int(text_of(row, "records") or 0) for row in rows}
    archive = registry.own.concept("record-status", "archived")
    found = []
    for format in registry.formats.values():
        archived = counts.get((format.target, archive), 0)
        total = sum(count for (kind, _), count in counts.items() if kind == format.target)
        found.append(Holding(format, total - archived, archived, _states(visit, format)))
    return found


def _states(visit: Visit, format: Format) -> tuple[tuple[NamedNode, int], ...]:
    """The states that current records of a register are in, in the order of their vocabulary."""
    if not format.states:
        return ()
    registry = visit.registry
    archived = {row["record"] for row in registry.select("reports/archived")}
    rows = registry.select(format.states, day=visit.site.day)
    counted = Counter(iri_of(row, "state") for row in rows if row["record"] not in archived)
    known = ((found.position, found.notation, iri) for iri in counted if (found := registry.concepts.get(iri)))
    return tuple((iri, counted[iri]) for _, _, iri in sorted(known, key=lambda one: one[:2]) if iri)


def catalogue(registry: Registry) -> Graph:
    """The registry as a catalogue of its registers."""
    return Graph(Triple(*said) for said in (*heads(registry), *people(registry)))


def heads(registry: Registry) -> Iterator[Said]:
    """What a catalogue says of itself and of each register: its name, what it holds, who publishes it."""
    here = NamedNode(registry.own.base)
    yield here, RDF.type, DCAT.Catalog
    yield here, FOAF.homepage, here
    yield from named(here, registry)
    yield from common(here, registry)
    for format in registry.formats.values():
        register = registry.own.iri(f"register/{format.register}")
        yield here, DCAT.catalog, register
        yield register, RDF.type, DCAT.Catalog
        yield from texts(register, DCTERMS.title, format.register_names)
        yield from texts(register, DCTERMS.description, format.descriptions)
        yield register, DCTERMS.conformsTo, format.iri
        yield from common(register, registry)
