"""The W3C's own tests of the SPARQL 1.1 Protocol and Service Description, which are not part of this repository.

`python -m tests.protocol <checkout of w3c/rdf-tests>` (or REGISTRY_RDF_TESTS) asks them of the service in a process of
its own data and prints what each came to. Tests of updates pass when every update is refused.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyoxigraph as ox
from starlette.testclient import TestClient

from registry.registry import open_registry
from registry.terms import Graph, NamedNode, Term, Triple
from tests.asking import asked
from tests.conftest import settings_in

MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
HT = "http://www.w3.org/2011/http#"
UT = "http://www.w3.org/2009/sparql/tests/test-update#"
CHARS = NamedNode("http://www.w3.org/2011/content#chars")
CODING = NamedNode("http://www.w3.org/2011/content#characterEncoding")
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
LABEL = NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
FOLDER = Path("sparql") / "sparql11"
KINDS = {
    "boolean": ("application/sparql-results+json", "application/sparql-results+xml"),
    "tabular": ("application/sparql-results+json", "application/sparql-results+xml", "text/csv"),
    "RDF": ("text/turtle", "application/rdf+xml", "application/n-triples"),
}


@dataclass(frozen=True)
class Outcome:
    """What a test came to: its name, whether it passed, what was answered."""

    name: str
    passed: bool
    answered: str


class Suite:
    """The manifests of a checkout."""

    def __init__(self, checkout: Path) -> None:
        self._folder = checkout / FOLDER / "protocol"
        self._graph = _read(self._folder / "manifest.ttl")

    def data(self) -> dict[NamedNode, Graph]:
        """The graphs that the tests ask about, by the names they have there."""
        found = {}
        for given in {t.object for t in self._graph if t.predicate == NamedNode(UT + "graphData")}:
            file, label = self._value(given, UT + "graph"), self._graph.value(given, LABEL)  # type: ignore[arg-type]
            path = self._folder / file.value.rsplit("/", 1)[-1]  # type: ignore[union-attr]
            found[NamedNode(label.value)] = _read(path)  # type: ignore[union-attr]
        return found

    def run(self, client: TestClient) -> Iterator[Outcome]:
        """Each test of the protocol, asked."""
        for test in self._graph.having(NamedNode(RDF + "type"), NamedNode(MF + "ProtocolTest")):
            name = str(test.value).rsplit("#", 1)[-1]
            requests = self._items(self._value(self._value(test, MF + "action"), HT + "requests"))
            updates = name.startswith(("update", "bad_update"))
            told = [self._ask(client, request, updates) for request in requests]
            yield Outcome(name, all(passed for passed, _ in told), ", ".join(answered for _, answered in told))

    def _ask(self, client: TestClient, request: Any, updates: bool) -> tuple[bool, str]:
        path = "/sparql" + self._value(request, HT + "absolutePath").value.removeprefix("/sparql/").removeprefix(
            "/sparql"
        )
        headers = {
            self._value(header, HT + "fieldName").value: self._value(header, HT + "fieldValue").value
            for header in self._items(self._value(request, HT + "headers"))
        }
        body = self._value(request, HT + "body")
        coding = self._graph.value(body, CODING).value if body else "UTF-8"  # type: ignore[union-attr]
        content = self._graph.value(body, CHARS).value.encode(coding) if body else None  # type: ignore[union-attr]
        got = client.request(self._value(request, HT + "methodName").value, path, content=content, headers=headers)
        if updates and not ("query" in headers.get("content-type", "") or "query=" in path):
            return 400 <= got.status_code < 500, f"{got.status_code} refused"
        return self._fits(self._value(request, HT + "resp"), got, updates), str(got.status_code)

    def _fits(self, expected: Any, got: Any, updates: bool) -> bool:
        allowed = {str(one.value)[-3:] for one in self._graph.iris(expected, NamedNode(MF + "expectedStatus"))}
        if f"{got.status_code // 100}xx" not in allowed:
            return False
        kind, truth = self._value(expected, MF + "expectedFormat"), self._value(expected, MF + "expectedBoolean")
        media = got.headers.get("content-type", "").split(";")[0]
        if kind is not None and media not in KINDS[kind.value]:
            return False
        return truth is None or updates or got.json()["boolean"] == (truth.value == "true")

    def _value(self, subject: Any, predicate: str) -> Any:
        return None if subject is None else self._graph.value(subject, NamedNode(predicate))

    def _items(self, node: Any) -> Iterator[Term]:
        while node is not None and node != NamedNode(RDF + "nil"):
            yield self._value(node, RDF + "first")
            node = self._value(node, RDF + "rest")


def description(client: TestClient) -> Iterator[Outcome]:
    """The three tests of the service description."""
    got = client.get("/sparql", headers={"Accept": "text/turtle"})
    graph = Graph(q.triple for q in ox.parse(got.content, ox.RdfFormat.TURTLE))
    sd = "http://www.w3.org/ns/sparql-service-description#"
    here = NamedNode("http://localhost:8000/sparql")
    yield Outcome("returns-rdf", len(graph) > 0, got.headers["content-type"])
    yield Outcome("has-endpoint-triple", here in graph.iris(here, NamedNode(sd + "endpoint")), here.value)
    typed = graph.having(NamedNode(RDF + "type"), NamedNode(sd + "Service"))
    datasets = graph.iris(here, NamedNode(sd + "defaultDataset"))
    named = [name for one in datasets for name in graph.iris(one, NamedNode(sd + "namedGraph"))]
    whole = all(graph.iris(one, NamedNode(sd + "name")) for one in named)
    yield Outcome("conforms-to-schema", [*typed] == [here] and bool(datasets) and whole, f"{len(named)} named graphs")


def outcomes(checkout: Path, folder: Path) -> list[Outcome]:
    """What every test comes to, over a registry that holds the graphs of the tests."""
    suite = Suite(checkout)
    registry = open_registry(settings_in(folder / "var"))
    registry.graphs.replace(dict(suite.data()), {})
    with asked(registry) as client:
        found = [*suite.run(client), *description(client)]
    registry.close()
    return found


def _read(path: Path) -> Graph:
    base = f"http://test.example/{path.name}"
    with path.open("rb") as file:
        syntax = ox.RdfFormat.from_extension(path.suffix[1:])
        return Graph(Triple(q.subject, q.predicate, q.object) for q in ox.parse(file, syntax, base_iri=base))


def main() -> int:
    """Ask all tests; the exit status tells whether one failed, or there were none."""
    stated = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("REGISTRY_RDF_TESTS", "")
    if not stated or not (Path(stated) / FOLDER / "protocol" / "manifest.ttl").is_file():
        print("There is no checkout of w3c/rdf-tests: give its folder, or set REGISTRY_RDF_TESTS.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        found = outcomes(Path(stated), Path(folder))
    for one in found:
        print(f"{'passed' if one.passed else 'FAILED'}  {one.name}: {one.answered}")
    failed = sum(not one.passed for one in found)
    print(f"{len(found) - failed} of {len(found)} passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
