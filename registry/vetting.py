"""The data rooms, before they are used: vocabularies by `shapes/vocabulary.ttl`, shapes by `shapes/shape.ttl`.

What no shape can ask is asked here.
Source: https://www.w3.org/TR/skos-reference/#integrity-conditions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from registry import curation, shacl
from registry.findings import Finding, Messages
from registry.formats import Formats, reachable
from registry.records import named
from registry.shape import all_fields
from registry.terms import RDF, RDFS, SH, Graph, NamedNode, Own, Subject, Triple

_SAYS = (RDFS.isDefinedBy,)


class Vetting:
    """The rules for the data rooms themselves."""

    def __init__(self, shapes: Graph, own: Own) -> None:
        self._shapes, self._own = named(shapes, {}), own  # the same house again gives the same graphs again
        self._messages = Messages(shapes, own)

    def vocabulary(self, scheme: NamedNode, graph: Graph, exists: Callable[[NamedNode], bool]) -> list[Finding]:
        """The findings of the file of one concept scheme; `exists` says of an own IRI whether a concept has it."""
        return [
            *self._shaped(graph, self._asked("scheme", "concept", "placed", "membership")),
            *curation.faults(scheme, graph, exists, self._messages, self._own),
        ]

    def formats(self, formats: Formats, ontologies: Iterable[Graph], known: Iterable[str]) -> list[Finding]:
        """The findings of the common formats, their parts, fields and sections; `known` are the known namespaces."""
        fields = [field for format in formats.values() for field in all_fields(format.fields)]
        own = [field for format in formats.values() for field in format.fields]
        asked: dict[str, tuple[NamedNode, Iterable[NamedNode]]] = {
            "shape/format": (SH.NodeShape, (format.iri for format in formats.values())),
            "shape/part": (SH.NodeShape, (field.part.iri for field in fields if field.part)),
            "shape/field": (SH.PropertyShape, (field.iri for field in fields)),
            "shape/kind": (SH.PropertyShape, (field.iri for field in fields)),
            "shape/grouped": (SH.PropertyShape, (field.iri for field in own)),
            "shape/section": (SH.PropertyGroup, (field.group.iri for field in own if field.group)),
        }
        terms = Graph([*_defined(self._shapes, known), *(t for o in ontologies for t in o if t.predicate in _SAYS)])
        groups = Graph(Triple(group, RDF.type, SH.PropertyGroup) for group in self._groups())
        found = []
        for name, (kind, focus) in asked.items():
            nodes = list(dict.fromkeys(focus))
            typed = Graph(Triple(node, RDF.type, kind) for node in nodes)
            data = self._shapes.about(nodes) | typed | terms | groups
            found += self._shaped(data, self._asked(name), nodes)
        return found

    def _groups(self) -> list[Subject]:
        return self._shapes.having(RDF.type, SH.PropertyGroup)

    def _asked(self, *names: str) -> Graph:
        """The shapes of these names with all they lead to."""
        return Graph({t for name in names for t in reachable(self._shapes, self._own.iri(f"format/{name}"))})

    def _shaped(self, graph: Graph, shapes: Graph, focus: Sequence[NamedNode] = ()) -> list[Finding]:
        return [self._worded(result, shapes) for result in _results(graph, shapes, tuple(focus))]

    def _worded(self, result: shacl.Result, shapes: Graph) -> Finding:
        """A result in the words of its shape; else in those of its component."""
        finding = self._messages.finding(
            result.component,
            result.focus,
            severity=result.severity,
            path=result.path,
            value=result.value,
            term=result.term,
            shape=result.shape,
        )
        like = shapes.iris(result.shape, SH.node) if result.shape else ()
        speakers = [node for node in (result.shape, *like) if node and shapes.texts(node, SH.message)]
        if not speakers:
            return finding
        words, remedies = (shapes.texts(speakers[0], said) for said in (SH.message, self._own.reg.remedy))
        return replace(finding, messages=words, remedies=remedies)


@lru_cache(maxsize=128)
def _results(graph: Graph, shapes: Graph, focus: tuple[NamedNode, ...]) -> list[shacl.Result]:
    """The results for a graph; kept, for most of the rooms are as they were when somebody looks a second time."""
    return shacl.validate(graph, shacl.Shapes(shapes), focus)


def _defined(shapes: Graph, known: Iterable[str]) -> Iterator[Triple]:
    """By which known vocabulary the terms are defined that shapes name; own terms say so themselves."""
    namespaces = tuple(known)
    for triple in shapes:
        term = triple.object
        if triple.predicate in (SH.path, SH["class"], SH.targetClass) and isinstance(term, NamedNode):
            yield from (Triple(term, RDFS.isDefinedBy, NamedNode(n)) for n in namespaces if term.value.startswith(n))
