"""A record in brief: of its graph what a list shows, and its state. The index keeps it, so lists read no records.

A brief is kept as lines: the IRI of the state or nothing, then triples.
"""

from __future__ import annotations

from registry.formats import Format
from registry.records import lines
from registry.shape import path_name
from registry.terms import RDF, Graph, NamedNode, Own, from_lines


def brief(record: NamedNode, graph: Graph, format: Format, own: Own) -> Graph:
    """What is said of the record's document, and of the record its class, name, description and key facts."""
    heads = [field.path for field in (format.label, format.description, *format.key_info) if field]
    paths, doc = {RDF.type, own.reg.sample, *heads}, own.doc(path_name(record))
    return Graph(t for t in graph if t.subject == doc or (t.subject == record and t.predicate in paths))


def written(graph: Graph, state: NamedNode | None) -> bytes:
    """A graph as lines of N-Triples, in order, behind the state of its record."""
    return "\n".join((state.value if state else "", *lines(graph))).encode()


def read(said: bytes) -> tuple[Graph, NamedNode | None]:
    """The graph and the state that were written."""
    state, _, triples = said.decode().partition("\n")
    return from_lines(triples), NamedNode(state) if state else None
