"""SKOS > Scheme, Concept: the controlled vocabularies as one immutable object, swapped on every release.

Source: https://www.w3.org/TR/skos-reference/; 2005 report, paragraphs 7 and 20.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from registry.language import Texts, pick
from registry.shape import path_name
from registry.terms import DCTERMS, OWL, RDF, SCHEMA, SKOS, XSD, Graph, Literal, NamedNode, Own

MATCHES = ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")


@dataclass(frozen=True)
class Scheme:
    """A concept scheme: its labels, where it comes from, its top concepts and all its concepts, by code."""

    iri: NamedNode
    key: str
    labels: Texts
    descriptions: Texts
    issued: str
    source: str
    top: tuple[NamedNode, ...]
    concepts: tuple[NamedNode, ...]
    graph: Graph


@dataclass(frozen=True)
class Concept:
    """A concept with its six labels, its place and its mappings; `graph` is what the vocabulary says of it.

    `position` is its place in the order of its scheme (`schema:position`), 0 where the codes give the order.
    """

    iri: NamedNode
    scheme: NamedNode
    notation: str
    position: int
    labels: Texts
    alts: dict[str, tuple[str, ...]]
    definitions: Texts
    notes: Texts
    broader: tuple[NamedNode, ...]
    narrower: tuple[NamedNode, ...]
    matches: dict[str, tuple[NamedNode, ...]]
    awaits: frozenset[str]
    deprecated: bool
    replaced_by: NamedNode | None
    graph: Graph

    def label(self, lang: str) -> str:
        """The preferred label for a reader of a language."""
        return pick(self.labels, lang)[0] or self.notation


class Concepts:
    """All schemes and concepts that are in force."""

    def __init__(self, graphs: Iterable[Graph], own: Own) -> None:
        self._own = own
        self._schemes: dict[NamedNode, Scheme] = {}
        self._concepts: dict[NamedNode, Concept] = {}
        for graph in graphs:
            self._read(graph)

    def _read(self, graph: Graph) -> None:
        for iri in graph.having(RDF.type, SKOS.ConceptScheme):
            members = [c for c in graph.having(SKOS.inScheme, iri) if isinstance(c, NamedNode)]
            found = sorted((self._concept(graph, c) for c in members), key=lambda c: (c.position, c.notation))
            self._concepts |= {concept.iri: concept for concept in found}
            if isinstance(iri, NamedNode):
                self._schemes[iri] = _scheme(graph, iri, tuple(concept.iri for concept in found))

    def _concept(self, graph: Graph, iri: NamedNode) -> Concept:
        plain = _plain(graph, iri, SKOS.notation)
        alts: dict[str, tuple[str, ...]] = {}
        for term in graph.objects(iri, SKOS.altLabel):
            if isinstance(term, Literal) and term.language:
                alts[term.language] = (*alts.get(term.language, ()), term.value)
        return Concept(
            iri=iri,
            scheme=graph.iris(iri, SKOS.inScheme)[0],
            notation=plain[0] if plain else path_name(iri),
            position=int(graph.text(iri, SCHEMA.position) or 0),
            labels=MappingProxyType(graph.texts(iri, SKOS.prefLabel)),
            alts=alts,
            definitions=graph.texts(iri, SKOS.definition),
            notes=graph.texts(iri, SKOS.editorialNote),
            broader=graph.iris(iri, SKOS.broader),
            narrower=tuple(s for s in graph.having(SKOS.broader, iri) if isinstance(s, NamedNode)),
            matches={name: graph.iris(iri, SKOS[name]) for name in MATCHES if graph.iris(iri, SKOS[name])},
            awaits=frozenset(_plain(graph, iri, self._own.reg.awaitsReview)),
            deprecated=graph.text(iri, OWL.deprecated) == "true",
            replaced_by=next(iter(graph.iris(iri, DCTERMS.isReplacedBy)), None),
            graph=_about(graph, iri),
        )

    @cached_property
    def schemes(self) -> tuple[Scheme, ...]:
        """The schemes in the order of their English labels."""
        return tuple(sorted(self._schemes.values(), key=lambda scheme: pick(scheme.labels, "en")[0]))

    def scheme(self, iri: NamedNode) -> Scheme | None:
        """The scheme with this IRI."""
        return self._schemes.get(iri)

    def get(self, iri: object) -> Concept | None:
        """The concept with this IRI, or None."""
        return self._concepts.get(iri) if isinstance(iri, NamedNode) else None

    def __iter__(self) -> Iterator[Concept]:
        return iter(self._concepts.values())

    def __len__(self) -> int:
        return len(self._concepts)

    def ancestors(self, iri: NamedNode) -> list[NamedNode]:
        """Every broader concept, nearest first, through all schemes; a cycle ends where it closes."""
        return self._walk(iri, lambda concept: concept.broader)

    def descendants(self, iri: NamedNode) -> list[NamedNode]:
        """Every narrower concept, nearest first, through all schemes."""
        return self._walk(iri, lambda concept: self._narrower.get(concept.iri, ()))

    @cached_property
    def _narrower(self) -> dict[NamedNode, tuple[NamedNode, ...]]:
        index: dict[NamedNode, list[NamedNode]] = {}
        for concept in self._concepts.values():
            for broader in concept.broader:
                index.setdefault(broader, []).append(concept.iri)
        return {broader: tuple(narrower) for broader, narrower in index.items()}

    def _walk(self, iri: NamedNode, step: Callable[[Concept], tuple[NamedNode, ...]]) -> list[NamedNode]:
        found: dict[NamedNode, None] = {}
        todo = [iri]
        while todo:
            concept = self._concepts.get(todo.pop(0))
            for neighbour in step(concept) if concept else ():
                if neighbour not in found and neighbour != iri:
                    found[neighbour] = None
                    todo.append(neighbour)
        return list(found)


def _scheme(graph: Graph, iri: NamedNode, members: tuple[NamedNode, ...]) -> Scheme:
    return Scheme(
        iri=iri,
        key=path_name(iri),
        labels=MappingProxyType(graph.texts(iri, SKOS.prefLabel)),
        descriptions=MappingProxyType(graph.texts(iri, DCTERMS.description)),
        issued=graph.text(iri, DCTERMS.issued) or "",
        source=graph.text(iri, DCTERMS.source) or "",
        top=tuple(member for member in members if iri in graph.objects(member, SKOS.topConceptOf)),
        concepts=members,
        graph=graph,
    )


def _about(graph: Graph, iri: NamedNode) -> Graph:
    """What a vocabulary says of one concept: its own triples and those of its fragments."""
    groups = [value for values in graph.described(iri).values() for value in values]
    inner = [v for v in groups if isinstance(v, NamedNode) and v.value.startswith(iri.value + "#")]
    return graph.about([iri, *inner])


def _plain(graph: Graph, iri: NamedNode, predicate: NamedNode) -> list[str]:
    """The values that have neither language nor a datatype of their own."""
    literals = [term for term in graph.objects(iri, predicate) if isinstance(term, Literal)]
    return [term.value for term in literals if not term.language and term.datatype == XSD.string]
