"""`make bench`: figures measured side by side in one run, as ratios to a bare peer doing the same work.

Single times on a shared machine mean little; ratios within one run hold. Prints the table of docs/benchmarks.md.
`python tests/bench.py 1000` measures with 1,000 records instead of 1,000 and 10,000.
"""

import io
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from itertools import chain
from pathlib import Path

import pyoxigraph as ox
import pyshacl
import rdflib
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from jinja2 import Environment
from starlette.testclient import TestClient

from registry import arrivals
from registry.load import Terms, load
from registry.records import author_side, canonical
from registry.registry import Registry, open_registry
from registry.settings import Settings
from registry.shacl import _rdflib
from registry.shape import path_name
from registry.terms import RDF, SKOS, Graph, NamedNode, Triple
from registry.views import Views
from tests import searching, serving
from tests.publishing import Publisher
from web.app import create_app

ROOT = Path(__file__).parent.parent
ROUNDS = 60
FIRST = 100_000
Figure = tuple[str, float, float | None]


def p50(work: Callable[[int], object], rounds: int = ROUNDS) -> float:
    """The median time of one call, in milliseconds."""
    work(0)
    times = []
    for number in range(rounds):
        started = time.perf_counter()
        work(number)
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


def once(work: Callable[[], object]) -> float:
    """The time of one call, in milliseconds."""
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def generated(registry: Registry, count: int, folder: Path) -> Path:
    """Records made of the sample projects, each with an identifier and a title of its own, in files of 500."""
    rows = registry.select("records/list", kind=registry.formats["project"].target)
    records = [row["record"] for row in rows if isinstance(row["record"], NamedNode)]
    models = [
        (
            path_name(record),
            canonical(author_side(record, registry.graphs.graph(record), registry.own), registry.own.base),
        )
        for record in records
    ]
    folder.mkdir()
    for start in range(0, count, 500):
        texts = []
        for number in range(start, min(start + 500, count)):
            name, said = models[number % len(models)]
            alone = "\n".join(line for line in said.split("\n") if "isPartOf" not in line)
            named = re.sub(rf"{name}\b", f"BCH-CDI-SCBD-{FIRST + number}", alone)
            texts.append(named.replace('terms/title> "', f'terms/title> "({number}) '))
        (folder / f"{start:06}.nt").write_text("\n".join(texts) + "\n", encoding="utf-8")
    return folder


def subjects(path: Path) -> Iterator[list[ox.Triple]]:
    """A file's triples, record by record."""
    found: dict[str, list[ox.Triple]] = {}
    for quad in ox.parse(path=path, format=ox.RdfFormat.N_TRIPLES):
        name = str(quad.subject).strip("<>").split("#")[0].rsplit("/", 1)[-1]
        found.setdefault(name, []).append(ox.Triple(quad.subject, quad.predicate, quad.object))
    yield from found.values()


def bare_load(registry: Registry, source: Path, folder: Path) -> None:
    """What a load must do at the least: parse, validate each record with pySHACL, put it into an embedded store."""
    shapes, store = _rdflib(registry.formats["project"].shapes), ox.Store(str(folder))
    for path in sorted(source.glob("*.nt")):
        for triples in subjects(path):
            pyshacl.validate(_with_context(registry, Graph(triples)), shacl_graph=shapes)
            name = NamedNode(str(triples[0].subject).strip("<>").split("#")[0])
            store.extend(ox.Quad(t.subject, t.predicate, t.object, name) for t in triples)
    store.flush()


def _with_context(registry: Registry, graph: Graph) -> rdflib.Graph:
    """A record and what a shape must know of the concepts and records that it names."""
    known = [c for t in graph if (c := registry.concepts.get(t.object))]
    context = [Triple(c.iri, SKOS.inScheme, c.scheme) for c in known]
    agents = [t.object for t in graph if "/id/BCH-ORG" in str(t.object)]
    context += [Triple(iri, RDF.type, registry.own.cap["Organisation"]) for iri in agents]  # type: ignore[arg-type]
    return _rdflib(graph | Graph(context))


def validation(registry: Registry) -> Figure:
    """One project against its common format and the rules; bare pySHACL against the same shapes graph."""
    format = registry.formats["project"]
    records = [row["record"] for row in registry.select("records/list", kind=format.target)][:ROUNDS]
    graphs = [(r, author_side(r, registry.graphs.graph(r), registry.own)) for r in records]  # type: ignore[arg-type]
    organisation = registry.own.cap["Organisation"]
    shapes, prepared = _rdflib(format.shapes), [_with_context(registry, graph) for _, graph in graphs]

    def ours(number: int) -> None:
        record, graph = graphs[number % len(graphs)]
        registry.checks.record(record, graph, classes=lambda r: organisation, day=date(2026, 1, 1))  # type: ignore[arg-type]

    def bare(number: int) -> None:
        pyshacl.validate(prepared[number % len(prepared)], shacl_graph=shapes)

    return "validate one project, p50", p50(ours), p50(bare)


def publication(registry: Registry, count: int) -> Figure:
    """One contact published through the desk by whoever may; and bare pySHACL."""
    publisher = Publisher(registry, f"bench-{count}", ROUNDS + 1)
    record = registry.own.record("BCH-CON-SCBD-900")
    adopted = arrivals.adopted(registry, publisher.sent[0], record, publisher.format)[0]
    said, shapes = _with_context(registry, adopted), _rdflib(publisher.format.shapes)
    with_desk = p50(lambda _: publisher.publish())
    return (
        f"publish one record through the desk, p50, {count:,} records",
        with_desk,
        p50(lambda _: pyshacl.validate(said, shacl_graph=shapes)),
    )


def pages(registry: Registry) -> Iterator[Figure]:
    """A record page; and a FastAPI application that does one look-up and one template, or one serialisation."""
    bare, template = FastAPI(), Environment(autoescape=True).from_string("<h1>{{ title }}</h1>")
    store = ox.Store()
    record = registry.own.record("BCH-CDI-SCBD-1")
    store.extend(ox.Quad(t.subject, t.predicate, t.object) for t in registry.graphs.graph(record))
    title = registry.formats["project"].label.path

    @bare.get("/page")
    def page() -> HTMLResponse:
        (quad, *_) = store.quads_for_pattern(record, title, None)
        return HTMLResponse(template.render(title=str(quad.object)))

    @bare.get("/turtle")
    def turtle() -> HTMLResponse:
        triples = (quad.triple for quad in store.quads_for_pattern(None, None, None))
        return HTMLResponse(ox.serialize(triples, format=ox.RdfFormat.TURTLE))

    path, base = "/doc/BCH-CDI-SCBD-1", registry.settings.base.rstrip("/")
    html, rdf = {"accept": "text/html"}, {"accept": "text/turtle"}
    with TestClient(create_app(registry, registry.settings), base_url=base) as ours, TestClient(bare) as peer:
        etag = ours.get(path, headers=rdf).headers["etag"]
        known = rdf | {"if-none-match": etag}
        plain, serialised = p50(lambda n: peer.get("/page")), p50(lambda n: peer.get("/turtle"))
        first = p50(lambda n: ours.get(f"/doc/BCH-CDI-SCBD-{n + 2}", headers=html))
        yield "record page, HTML, first time", first, plain
        yield "record page, HTML, kept", p50(lambda n: ours.get(path, headers=html)), plain
        yield "record, Turtle, kept", p50(lambda n: ours.get(path, headers=rdf)), serialised
        yield "record, Turtle, 304", p50(lambda n: ours.get(path, headers=known)), serialised


def keeping(registry: Registry, count: int, folder: Path) -> Iterator[Figure]:
    """Load, rebuild, verify and dump many records; the bare peer does the least that the same work needs."""
    source = generated(registry, count, folder / f"source-{count}")
    terms = Terms(datetime.now(UTC), legacy=True)
    loading = once(lambda: load(registry, [source], terms, lambda *_: None))
    published = sum(1 for _ in registry.select("records/list", kind=registry.formats["project"].target))
    assert published >= count, f"{published} of {count} were published"
    yield (
        f"load and validate {count:,} records",
        loading,
        once(lambda: bare_load(registry, source, folder / f"bare-{count}")),
    )
    lines = "\n".join(registry.graphs.dump()) + "\n"

    def bulk() -> None:
        ox.Store(str(folder / f"bulk-{count}")).bulk_load(io.BytesIO(lines.encode()), ox.RdfFormat.N_QUADS)

    rooms = registry.house
    views = Views(registry.ledger, rooms.formats, rooms.own, rooms.furniture())
    rows = f"{registry.sequence:,} rows"
    yield f"rebuild the store, {rows}", once(lambda: views.rebuild(folder / "rebuilt" / f"store-{count}")), once(bulk)
    yield f"verify the chain, {rows}", once(registry.ledger.verify), None
    store = ox.Store(str(folder / f"bulk-{count}"))
    out = folder / "dump.nq"
    yield (
        f"dump, sorted, {rows}",
        once(lambda: out.write_text("\n".join(registry.graphs.dump()))),
        once(lambda: store.dump(str(out), ox.RdfFormat.N_QUADS)),
    )


def published(registry: Registry, count: int) -> Iterator[Figure]:
    """The same in a registry that holds so many records."""
    yield publication(registry, count)


def main(sizes: list[int]) -> None:
    """Measure and print."""
    print("| what | registry, ms | bare peer, ms | ratio |\n| --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            place = Path(folder) / str(size)
            registry = open_registry(Settings(data=place / "var", house=ROOT))
            load(registry, [ROOT / "samples" / "period-2004"], Terms(datetime.now(UTC)), lambda *_: None)
            figures = [validation(registry), *pages(registry)] if size == sizes[0] else []
            for what, ours, peer in chain(figures, keeping(registry, size, place), published(registry, size)):
                compared = f"{peer:,.2f} | {ours / peer:.2f}" if peer else " | "
                print(f"| {what} | {ours:,.2f} | {compared} |", flush=True)
            registry.close()


if __name__ == "__main__":
    asked = [int(size) for size in sys.argv[1:]]
    main(asked or [1_000, 10_000])
    print()
    searching.main(asked or searching.SIZES)
    print()
    serving.main(asked or serving.SIZES)
