"""Clients that others wrote, unmodified, against a real server; and what no client may ever find."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, JSON, POST, POSTDIRECTLY, TURTLE, XML, SPARQLWrapper

from registry import database, desk
from registry.desk import Actor
from registry.registry import Registry
from tests.asking import asked, served
from tests.conftest import TODAY
from tests.deskwork import ORGANISATION, opened, person
from tests.sending import token
from tests.test_desk import written

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


CANARY = "kingfisher"
ADVERSARIAL = [
    f"SELECT * {{ ?s ?p ?o FILTER(CONTAINS(LCASE(CONCAT(STR(?s), STR(?p), STR(?o))), '{CANARY}')) }}",
    f"SELECT * {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(CONTAINS(LCASE(CONCAT(STR(?g), STR(?s), STR(?o))), '{CANARY}')) }}",
    f"SELECT * {{ ?s ?p ?o FILTER(REGEX(STR(?o), '{CANARY}', 'i')) }}",
    "SELECT * FROM <urn:drafts> FROM NAMED <urn:accounts> { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }",
    "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }",
    "CONSTRUCT { ?g <x:holds> ?o } { GRAPH ?g { ?s ?p ?o } }",
    "SELECT DISTINCT ?g { GRAPH ?g { } }",
    "DESCRIBE ?s { ?s ?p ?o FILTER(ISIRI(?s)) } LIMIT 5000",
    "SELECT * { ?account <http://xmlns.com/foaf/0.1/mbox> ?o }",
    "SELECT * { ?s <http://www.w3.org/2006/vcard/ns#hasEmail> ?o }",
]


def test_nothing_private_is_found(founded: Path, tmp_path: Path) -> None:
    """Accounts, their e-mail addresses, drafts, private notes and saved secrets each hold a word that no answer may."""
    with opened(founded, tmp_path) as office:
        account = person(office, CANARY, "registered-user", institution=ORGANISATION)
        draft = written(office, account, "news", افتتاح=f"{CANARY} افتتاح")
        actor = Actor(account)
        draft = desk.save(
            office,
            actor,
            draft.id,
            draft.graph,
            revision=draft.revision,
            at=TODAY,
            note=f"A {CANARY} is nobody's business.",
        )
        token(office, account)
        with database.reading(office.ledger.engine) as connection:
            tables = {name: table for name, table in database.metadata.tables.items() if name != "event"}
            held = {
                name
                for name, table in tables.items()
                if CANARY in str(connection.execute(table.select()).all()).lower()
            }
        assert {"account", "draft"} <= held, "nothing was planted"
        with asked(office) as client:
            for query in ADVERSARIAL:
                for accept in ("text/csv, application/n-triples", "text/html"):
                    got = client.get("/sparql", params={"query": query}, headers={"Accept": accept})
                    assert got.status_code == 200, query
                    answer = (
                        got.text.partition('id="results"')[2].partition('class="reuse"')[0]
                        if accept == "text/html"
                        else got.text
                    )
                    assert CANARY not in answer.lower(), query
                    assert draft.identifier not in answer, query
