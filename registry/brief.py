"""A record in brief: of its graph what a list shows. The index keeps it, so that a list need not read whole records."""

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


def written(graph: Graph) -> bytes:
    """A graph as lines of N-Triples, in order."""
    return "\n".join(lines(graph)).encode()


def read(said: bytes) -> Graph:
    """The graph that was written."""
    return from_lines(said.decode())
