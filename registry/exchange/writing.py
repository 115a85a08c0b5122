"""Graphs as RDF documents, in the registry's prefixes and a stable order."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pyoxigraph as ox

from registry.terms import RDF, SH, Graph, Literal, NamedNode, Own, Triple

MEDIA = {
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
    "application/trig": ox.RdfFormat.TRIG,
    "application/n-quads": ox.RdfFormat.N_QUADS,
}
_UNSAYABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def sayable(text: str) -> str:
    """A text as XML can hold it: in place of a sign that XML 1.0 has no way to write stands U+FFFD.

    Such signs are refused at every door today; older ledgers may hold some. Source: XML 1.0, production 2 (Char).
    """
    return _UNSAYABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def _in_xml(triple: Triple) -> Triple:
    said = triple.object
    if not isinstance(said, Literal) or not _UNSAYABLE.search(said.value):
        return triple
    text = sayable(said.value)
    value = Literal(text, language=said.language) if said.language else Literal(text, datatype=said.datatype)
    return Triple(triple.subject, triple.predicate, value)


def prefixes(declarations: Graph, own: Own) -> dict[str, str]:
    """The one list of prefixes, `ontology/prefixes.ttl`, with the registry's own namespaces made absolute."""
    found = {}
    for node in declarations.subjects:
        prefix, namespace = declarations.text(node, SH.prefix), declarations.text(node, SH.namespace)
        if prefix and namespace:
            found[prefix] = namespace if ":" in namespace else own.base + namespace
    return dict(sorted(found.items()))


def serialise(graph: Graph, media: str, prefixes: dict[str, str], name: NamedNode | None = None) -> bytes:
    """A graph in a media type of MEDIA; equal graphs give equal bytes, so entity tags hold.

    `name` is what the graph is called where the syntax can tell (TriG, N-Quads); without it it is the default graph.
    """
    triples = sorted(graph, key=_reading_order)
    syntax = MEDIA[media]
    if syntax == ox.RdfFormat.RDF_XML:
        triples = [_in_xml(triple) for triple in triples]
    named = name if name and syntax.supports_datasets else None
    statements = [ox.Quad(t.subject, t.predicate, t.object, named) for t in triples] if named else triples
    text = "".join(map(str, statements))
    used = {p: n for p, n in prefixes.items() if n in text}
    keeps = syntax in (ox.RdfFormat.N_TRIPLES, ox.RdfFormat.N_QUADS)
    data = ox.serialize(statements, format=syntax, prefixes=None if keeps else used)
    assert data is not None
    return data.replace(b"\r", b"&#13;") if syntax == ox.RdfFormat.RDF_XML else data  # else XML reads a plain line end


def dataset(graphs: Mapping[NamedNode, Graph], media: str, prefixes: dict[str, str]) -> bytes:
    """Several graphs, each under its name, in a media type that can tell them apart (TriG, N-Quads)."""
    statements = [
        ox.Quad(t.subject, t.predicate, t.object, name)
        for name, graph in graphs.items()
        for t in sorted(graph, key=_reading_order)
    ]
    keeps = media == "application/n-quads"
    text = "".join(map(str, statements))
    used = {p: n for p, n in prefixes.items() if n in text}
    data = ox.serialize(statements, format=MEDIA[media], prefixes=None if keeps else used)
    assert data is not None
    return data


def _reading_order(triple: Triple) -> tuple[bool, str, bool, str]:
    """The thing before its parts, both before the document about them; of each, first what it is."""
    subject = triple.subject.value if isinstance(triple.subject, NamedNode) else str(triple.subject)
    return "/doc/" in subject, subject, triple.predicate != RDF.type, str(triple)
