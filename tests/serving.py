"""Figures of the query service, part of `make bench`: beside `oxigraph serve` and rdflib-endpoint on the same data.

`python -m tests.serving 1000` measures with 1,000 records instead of 1,000 and 10,000. One client asks the three
servers in turn, so that what else the machine does falls on each of them.
"""

import csv
import hashlib
import io
import json
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

import pyoxigraph as ox

from registry.load import Terms, load
from registry.registry import open_registry
from registry.search import Search
from registry.settings import Settings
from registry.views import POSITION
from tests.inventing import FIRST, records
from tests.peers import ROOT, Connection, Peer, body, serving

SIZES = (1_000, 10_000)
ROUNDS = 5
SECONDS = 0.5  # that each server is asked small queries in a round
# How many at once, over connections that stay open or one for each query, as SPARQLWrapper and curl ask.
WAYS = {"1 connection": (1, True), "8 connections": (8, True), "a connection for each": (1, False)}
CHECKED = 20
ROWS = 10_000
PATIENCE = 12.0  # seconds that one server is asked the same stream again
DEAR = 200_000  # triples from which on Turtle takes rdflib-endpoint minutes
JSON, CSV = "application/sparql-results+json", "text/csv"
RDF = {"N-Triples": ox.RdfFormat.N_TRIPLES, "Turtle": ox.RdfFormat.TURTLE}

SMALL = """SELECT ?record ?title {{
  VALUES ?record {{ <http://localhost:8000/id/BCH-CDI-SCBD-{}> <http://localhost:8000/id/BCH-CDI-SCBD-{}> }}
  ?record <http://purl.org/dc/terms/title> ?title
}}"""
MANY = f"SELECT ?s ?p ?o {{ ?s ?p ?o }} LIMIT {ROWS}"
ALL = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"


@dataclass
class Figures:
    """What one server took: seconds of each answer, and answers or lines a second, round by round."""

    times: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return statistics.median(self.rates)

    def told(self, unit: str) -> str:
        """The median round and, as a measure of noise, the worst and the best; of many answers p50 and p95 too."""
        said = f"{self.rate:,.0f} {unit}/s ({min(self.rates):,.0f}-{max(self.rates):,.0f})"
        if len(self.times) < 100:
            return f"{statistics.median(self.times):,.2f} s: {said}"
        p50, p95 = (statistics.quantiles(self.times, n=100)[at] * 1000 for at in (49, 94))
        return f"{p50:,.2f} / {p95:,.2f} ms: {said}"


Row = tuple[str, str, list[Figures | None]]


def found(count: int, folder: Path) -> tuple[Path, Path]:
    """A data folder with so many records, and the quads that its query service shows."""
    data, quads, copy = folder / "var", folder / "public.nq", folder / "copy"
    registry = open_registry(Settings(data=data, house=ROOT))
    load(registry, [ROOT / "samples" / "period-2004"], Terms(datetime.now(UTC)), lambda *_: None)
    search = Search(registry, data / "index")
    search.build(datetime.now(UTC).date())  # before the store is filled, so that the server has none to build
    search.close()
    registry.graphs.fill(records(registry, count))
    registry.graphs.copy(copy, without=POSITION)
    ox.Store.read_only(str(copy)).dump(str(quads), ox.RdfFormat.N_QUADS)
    registry.close()
    return data, quads


def small(peer: Peer, queries: Callable[[], str], way: tuple[int, bool], seconds: float, figures: Figures) -> None:
    """As many small queries as a server answers in some seconds, so many at once, over connections kept or not."""
    connections, kept = way
    times: list[list[float]] = [[] for _ in range(connections)]
    since = time.perf_counter()

    def ask(mine: list[float]) -> None:
        now = time.perf_counter()
        while now < since + seconds:
            with Connection(peer) as connection:
                while now < since + seconds:
                    connection.ask(peer.request(queries(), JSON))
                    before, now = now, time.perf_counter()
                    mine.append(now - before)
                    if not kept:
                        break

    threads = [threading.Thread(target=ask, args=(mine,)) for mine in times]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answered = [one for mine in times for one in mine]
    figures.times += answered
    figures.rates.append(len(answered) / (time.perf_counter() - since))


def questions(count: int) -> Callable[[], str]:
    """Small queries, none like any before: the titles of two records."""
    assert count >= 1_000, "fewer records would not make as many questions as are asked"
    chance, asked = random.Random(count), set[tuple[int, int]]()

    def question() -> str:
        while (pair := (FIRST + chance.randrange(count), FIRST + chance.randrange(count))) in asked:
            pass
        asked.add(pair)
        return SMALL.format(*pair)

    return question


def smalls(peers: Sequence[Peer], count: int) -> Iterator[Row]:
    """The same query again and again, and queries that differ."""
    same, other = SMALL.format(FIRST, FIRST + 1), questions(count)
    for query in [same, *(other() for _ in range(CHECKED))]:
        (rows, *beside) = [_bindings(peer, query) for peer in peers]
        assert rows and all(rows == theirs for theirs in beside), query
    for what, queries in (("the same small query", lambda: same), ("small queries that differ", other)):
        for name, way in WAYS.items():
            figures = [Figures() for _ in peers]
            for peer in peers:
                small(peer, queries, way, SECONDS / 2, Figures())
            for _ in range(ROUNDS):
                for peer, mine in zip(peers, figures, strict=True):
                    small(peer, queries, way, SECONDS, mine)
            yield f"{what}, {name}", "requests", list(figures)


def _bindings(peer: Peer, query: str) -> list[str]:
    with Connection(peer) as connection:
        told = json.loads(body(connection.ask(peer.request(query, JSON))))
    return sorted(json.dumps(row, sort_keys=True) for row in told["results"]["bindings"])


def streams(peers: Sequence[Peer], quads: int) -> Iterator[Row]:
    """Long answers, each to its last byte; what they hold is compared when the time is taken."""
    for name, accept in (("JSON", JSON), ("CSV", CSV)):
        yield f"SELECT of {ROWS:,} rows, {name}", "rows", stream(peers, MANY, accept, _rows)
    for name, form in RDF.items():
        asked = [None if "rdflib" in one.name and name == "Turtle" and quads > DEAR else one for one in peers]
        yield f"CONSTRUCT of everything, {name}", "triples", stream(asked, ALL, form.media_type, _triples)


def stream(
    peers: Sequence[Peer | None], query: str, accept: str, content: Callable[[bytes, str], tuple[int, str]]
) -> list[Figures | None]:
    """The same long answer of each server, asked for in turn; a slow server is asked less often."""
    figures = [Figures() if peer else None for peer in peers]
    known: dict[int, tuple[int, str]] = {}
    for _ in range(ROUNDS):
        for place, (peer, mine) in enumerate(zip(peers, figures, strict=True)):
            if peer is None or mine is None or sum(mine.times) > PATIENCE:
                continue
            with Connection(peer) as connection:
                since = time.perf_counter()
                answer = connection.ask(peer.request(query, accept))
                mine.times.append(time.perf_counter() - since)
            if place not in known:
                known[place] = content(body(answer), accept)
                assert known[place] == known[0], f"{peer.name}: {known}"
            mine.rates.append(known[place][0] / mine.times[-1])
    return figures


def _rows(data: bytes, accept: str) -> tuple[int, str]:
    """How many rows there are; which of all they are, each server decides for itself."""
    if accept == JSON:
        count = len(json.loads(data)["results"]["bindings"])
    else:
        count = sum(1 for _ in csv.reader(io.StringIO(data.decode(), newline=""))) - 1
    assert count == ROWS, count
    return count, ""


def _triples(data: bytes, accept: str) -> tuple[int, str]:
    """How many triples, and a digest of them all, whatever their order; rdflib writes 10 as 10.0 and UTC as +00:00."""
    form = next(form for form in RDF.values() if form.media_type == accept)
    store = ox.Store()
    store.bulk_load(data, form)
    lines = sorted(str(quad.triple) for quad in store)
    return len(lines), hashlib.sha256("\n".join(lines).encode()).hexdigest()


def measured(count: int, folder: Path) -> Iterator[Row]:
    """Each figure for so many records."""
    with ProcessPoolExecutor(1, get_context("spawn")) as apart:  # the client is left with nothing of it
        data, quads = apart.submit(found, count, folder).result()
    lines = quads.read_bytes().count(b"\n")
    with serving(data, quads, folder) as peers:
        yield from smalls(peers, count)
        yield from streams(peers, lines)


def main(sizes: Sequence[int]) -> None:
    """Measure and print; a ratio above 1 is a loss."""
    print("| records | what | registry | `oxigraph serve` | ratio | rdflib-endpoint | ratio |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            for what, unit, (ours, *others) in measured(size, Path(folder)):
                assert ours
                cells = (
                    f"{one.told(unit)} | {one.rate / ours.rate:,.3g}" if one else "not asked: minutes | "
                    for one in others
                )
                print(f"| {size:,} | {what} | {ours.told(unit)} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or SIZES)
