"""What the query service says of itself: what it speaks, what it answers in, which graphs there are.

There is a graph for each record, so these are not listed: they are told by where their names begin (`void:uriSpace`).
Sources: https://www.w3.org/TR/sparql11-service-description/, https://www.w3.org/TR/void/.
"""

from __future__ import annotations

from collections.abc import Iterator

from registry.registry import Registry
from registry.standing import LICENCE
from registry.terms import DCTERMS, RDF, VOID, Graph, Literal, NamedNode, Namespace, Term, Triple
from web.negotiate import DATA, HTML, XHTML

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
FORMATS = Namespace("http://www.w3.org/ns/formats/")
RESULTS = ("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV")
DOCUMENTS = ("Turtle", "N-Triples", "RDF_XML", "JSON-LD")
OFFERS = (*DATA, HTML, XHTML)


def described(registry: Registry) -> Graph:
    """The description; every name in it is a fragment of the service's address."""
    return Graph(Triple(*said) for said in _said(registry))


def _said(registry: Registry) -> Iterator[tuple[NamedNode, NamedNode, Term]]:
    own = registry.own
    service, union, records = (own.iri(f"sparql{part}") for part in ("", "#union", "#records"))
    dataset = own.iri("void#dataset")
    yield service, RDF.type, SD.Service
    yield service, SD.endpoint, service
    yield service, SD.supportedLanguage, SD.SPARQL11Query
    yield service, SD.feature, SD.UnionDefaultGraph
    for name in (*RESULTS, *DOCUMENTS):
        yield service, SD.resultFormat, FORMATS[name]
    yield service, SD.defaultDataset, dataset
    yield dataset, RDF.type, SD.Dataset
    yield dataset, RDF.type, VOID.Dataset
    yield dataset, SD.defaultGraph, union
    yield dataset, VOID.sparqlEndpoint, service
    yield dataset, VOID.subset, records
    yield dataset, DCTERMS.license, LICENCE
    yield dataset, DCTERMS.isPartOf, NamedNode(own.base)
    yield union, RDF.type, SD.Graph
    yield records, RDF.type, VOID.Dataset
    yield records, VOID.uriSpace, Literal(f"{own.base}id/")
    for graph in graphs(registry):
        here = own.iri(f"sparql#{graph.value.removeprefix(own.base).strip('/').replace('/', '-')}")
        yield dataset, SD.namedGraph, here
        yield here, RDF.type, SD.NamedGraph
        yield here, SD.name, graph


def graphs(registry: Registry) -> Iterator[NamedNode]:
    """The graphs besides those of records: history, ontology, shapes, the dataset, each vocabulary in force."""
    yield registry.own.history
    yield from (registry.own.iri(f"ns/{name}") for name in registry.house.ontologies)
    yield registry.own.iri("format/")
    yield registry.own.iri("void")
    yield from (scheme.iri for scheme in registry.concepts.schemes)
