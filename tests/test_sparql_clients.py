"""Clients that others wrote, unmodified, against a real server."""

from collections.abc import Iterator
from typing import Any

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, JSON, POST, POSTDIRECTLY, TURTLE, XML, SPARQLWrapper

from registry.registry import Registry
from tests.asking import served

TITLES = (
    "SELECT ?x ?title { ?x a <http://localhost:8000/ns/capacity#Project> ; <http://purl.org/dc/terms/title> ?title }"
)
ONE = rdflib.URIRef("http://localhost:8000/id/BCH-CDI-SCBD-108")


@pytest.fixture(scope="module")
def address(registry: Registry) -> Iterator[str]:
    with served(registry) as found:
        yield found


@pytest.mark.parametrize("method", ["GET", POST])
@pytest.mark.parametrize("direct", [False, True])
def test_sparqlwrapper(address: str, method: str, direct: bool) -> None:
    client = SPARQLWrapper(address)
    client.setMethod(method)
    if direct and method == POST:
        client.setRequestMethod(POSTDIRECTLY)
    client.setQuery(f"{TITLES} ORDER BY ?x LIMIT 5")
    client.setReturnFormat(JSON)
    found = client.queryAndConvert()
    assert len(found["results"]["bindings"]) == 5
    client.setReturnFormat(XML)
    assert client.queryAndConvert().toxml().count("<result>") == 5
    client.setReturnFormat(CSV)
    assert client.queryAndConvert().count(b"\r\n") == 6
    client.setQuery(f"CONSTRUCT WHERE {{ <{ONE}> ?p ?o }}")
    client.setReturnFormat(TURTLE)
    assert b"BCH-CDI-SCBD-108" in client.queryAndConvert()


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
def test_rdflib(address: str, method: Any) -> None:
    graph = rdflib.Graph(SPARQLStore(address, method=method))
    assert len(list(graph.query(f"{TITLES} LIMIT 7"))) == 7
    titles = set(graph.objects(ONE, rdflib.DCTERMS.title))
    assert titles
    assert graph.query("ASK { ?s ?p ?o }").askAnswer
    assert len(graph) > 10_000


def test_another_engine_joins_with_us(address: str) -> None:
    """A federated query from outside: what we refuse to do ourselves, others may do with us."""
    own = ox.Store()
    own.add(ox.Quad(ox.NamedNode(ONE), ox.NamedNode("x:rank"), ox.Literal(1)))
    text = f"SELECT ?t {{ ?x <x:rank> 1 . SERVICE <{address}> {{ ?x <http://purl.org/dc/terms/title> ?t }} }}"
    assert len(list(own.query(text))) >= 1  # type: ignore[arg-type]
