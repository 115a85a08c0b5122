"""`make bench`: figures measured side by side in one run, as ratios to a bare peer doing the same work.

Single times on a shared machine mean little; ratios within one run hold. Prints the table of docs/benchmarks.md.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pyoxigraph as ox
import pyshacl
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from jinja2 import Environment
from starlette.testclient import TestClient

from registry.load import Terms, load
from registry.records import author_side
from registry.registry import Registry, open_registry
from registry.settings import Settings
from registry.shacl import _rdflib
from registry.terms import RDF, SKOS, Graph, Triple
from web.app import create_app

ROOT = Path(__file__).parent.parent
ROUNDS = 60


def p50(work: Callable[[int], object], rounds: int = ROUNDS) -> float:
    """The median time of one call, in milliseconds."""
    work(0)
    times = []
    for number in range(rounds):
        started = time.perf_counter()
        work(number)
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


def validation(registry: Registry) -> tuple[float, float]:
    """One project against its common format and the rules; bare pySHACL against the same shapes graph."""
    format = registry.formats["project"]
    records = [row["record"] for row in registry.select("records/list", kind=format.target)][:ROUNDS]
    graphs = [(r, author_side(r, registry.graphs.graph(r), registry.own)) for r in records]  # type: ignore[arg-type]
    classes = {r: format.target for r, _ in graphs}
    organisation = registry.own.cap["Organisation"]

    def ours(number: int) -> None:
        record, graph = graphs[number % len(graphs)]
        registry.checks.record(record, graph, classes=lambda r: classes.get(r, organisation), day=date(2026, 1, 1))  # type: ignore[arg-type]

    prepared = []
    for _, graph in graphs:
        known = [c for t in graph if (c := registry.concepts.get(t.object))]
        context = [Triple(c.iri, SKOS.inScheme, c.scheme) for c in known]
        named = [t.object for t in graph if "/id/BCH-ORG" in str(t.object)]
        context += [Triple(iri, RDF.type, registry.own.cap["Agent"]) for iri in named]  # type: ignore[arg-type]
        prepared.append(_rdflib(graph | Graph(context)))
    shapes = _rdflib(format.shapes)
    return p50(ours), p50(lambda n: pyshacl.validate(prepared[n % len(prepared)], shacl_graph=shapes))


def pages(registry: Registry) -> list[tuple[str, float, float]]:
    """A record page; and a FastAPI application that does one look-up and one template, or one serialisation."""
    bare, template = FastAPI(), Environment(autoescape=True).from_string("<h1>{{ title }}</h1>")
    store = ox.Store()
    record = registry.own.record("BCH-CDI-SCBD-1")
    store.extend(ox.Quad(t.subject, t.predicate, t.object) for t in registry.graphs.graph(record))
    title = registry.formats["project"].label.path

    @bare.get("/page")
    def page() -> HTMLResponse:
        (quad, *_) = store.quads_for_pattern(record, title, None)
        return HTMLResponse(template.render(title=quad.object.value))

    @bare.get("/turtle")
    def turtle() -> HTMLResponse:
        triples = (quad.triple for quad in store.quads_for_pattern(None, None, None))
        return HTMLResponse(ox.serialize(triples, format=ox.RdfFormat.TURTLE))

    path, base = "/doc/BCH-CDI-SCBD-1", registry.settings.base.rstrip("/")
    with TestClient(create_app(registry, registry.settings), base_url=base) as ours, TestClient(bare) as peer:
        etag = ours.get(path, headers={"accept": "text/turtle"}).headers["etag"]
        html, rdf = {"accept": "text/html"}, {"accept": "text/turtle"}
        plain, serialised = p50(lambda n: peer.get("/page")), p50(lambda n: peer.get("/turtle"))
        return [
            (
                "record page, HTML, first time",
                p50(lambda n: ours.get(f"/doc/BCH-CDI-SCBD-{n + 1}", headers=html)),
                plain,
            ),
            ("record page, HTML, kept", p50(lambda n: ours.get(path, headers=html)), plain),
            ("record, Turtle, kept", p50(lambda n: ours.get(path, headers=rdf)), serialised),
            ("record, Turtle, 304", p50(lambda n: ours.get(path, headers=rdf | {"if-none-match": etag})), serialised),
        ]


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder) / "var", house=ROOT)
        registry = open_registry(settings)
        started = time.perf_counter()
        summary = load(registry, [ROOT / "samples" / "period-2004"], Terms(datetime.now(UTC)), lambda *_: None)
        loading = time.perf_counter() - started
        print("| what | registry, ms | bare peer, ms | ratio |\n| --- | --- | --- | --- |")
        for what, ours, peer in [("validate one project, p50", *validation(registry)), *pages(registry)]:
            print(f"| {what} | {ours:.2f} | {peer:.2f} | {ours / peer:.2f} |")
        print(f"| load {summary.published} records, each | {loading / summary.published * 1000:.2f} | | |")
        for what, work in (
            ("verify the ledger", registry.ledger.verify),
            ("replay the ledger into memory", lambda: registry.at(datetime.now(UTC))),
            ("digest of the store's dump", registry.graphs.digest),
        ):
            print(f"| {what}, {registry.sequence} rows | {p50(lambda _, work=work: work(), 5):.0f} | | |")
        registry.close()


if __name__ == "__main__":
    main()
