"""The query service against queries that harm: bombs, calls elsewhere, answers without end, readers who leave."""

import asyncio
import http.client
import json
import re
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import AsyncGenerator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx2
import pytest

from registry import worker
from registry.errors import RegistryError
from registry.pool import Cut, Head, Pool, Question, Unwritten
from registry.process import Died, Process
from registry.registry import Registry
from registry.settings import Limits
from registry.snapshot import Snapshots
from tests.asking import JSON, Listener, asked, children, served, waited
from tests.conftest import ROOT

SECONDS = 1.5
STRICT = Limits(seconds=SECONDS, memory=600, budget=1_000_000)
EVERYTHING = "SELECT * { ?s ?p ?o }"
Bomb = dict[str, Any]
BOMBS = tomllib.loads((ROOT / "tests" / "data" / "bombs.toml").read_text(encoding="utf-8"))["bomb"]
for one in BOMBS:
    one["text"] = re.sub(r"«(\d+) (.*?)»", lambda found: found[2] * int(found[1]), one["text"])


@pytest.fixture(scope="module")
def service(registry: Registry) -> Iterator[str]:
    others = children().keys()
    with served(registry, STRICT) as address:
        yield address
    deadline = time.monotonic() + 5
    while children().keys() - others and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not children().keys() - others, "a worker outlived its server"


def post(address: str, query: str, accept: str = JSON) -> httpx2.Response:
    return httpx2.post(address, data={"query": query}, headers={"Accept": accept}, timeout=60)


def well(address: str) -> None:
    """The service answers at once, as if nothing had been."""
    begun = time.monotonic()
    assert post(address, "ASK {}").json()["boolean"]
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("bomb", [pytest.param(bomb, id=bomb["name"]) for bomb in BOMBS])
def test_bombs_harm_nobody(service: str, bomb: Bomb) -> None:
    got = post(service, bomb["text"])
    assert got.status_code in (400, 413, 503) or (got.status_code == 200 and len(got.content) < 10_000), got.text[:200]
    assert got.status_code != 503 or got.headers["Retry-After"]
    well(service)


@pytest.fixture
def snapshots(registry: Registry) -> Iterator[Snapshots]:
    found = Snapshots(registry)
    found.take()
    yield found
    found.close()


@pytest.fixture
def pool() -> Iterator[Pool]:
    found = Pool(STRICT)
    yield found
    found.close()


def run(pool: Pool, snapshots: Snapshots, query: str) -> bytes:
    """The whole answer, past all that stands before the workers."""

    async def ask() -> bytes:
        formats = {"rows": "json", "truth": "json", "triples": "nt"}
        question = Question(query, "http://localhost:8000/", formats, prefixes={})
        parts = [part async for part in pool.ask(question, snapshots.last, lambda seconds: None)]
        assert isinstance(parts[0], Head)
        return b"".join(part for part in parts if isinstance(part, bytes))

    return waited(ask())


def test_bombs_end_their_worker_alone(snapshots: Snapshots, pool: Pool) -> None:
    for bomb in BOMBS:
        if bomb.get("past"):
            with pytest.raises((RegistryError, AssertionError)):
                assert len(run(pool, snapshots, bomb["text"])) > 10_000
            assert b"true" in run(pool, snapshots, "ASK {}"), bomb["name"]


CALLS = [
    "SELECT * { SERVICE <http://127.0.0.1:{port}/> { ?s ?p ?o } }",
    "SELECT * { SERVICE SILENT <http://127.0.0.1:{port}/> { ?s ?p ?o } }",
    "SELECT * { service<http://127.0.0.1:{port}/>{ ?s ?p ?o } }",
    "PREFIX x: <http://127.0.0.1:{port}/> SELECT * { SERVICEx:y { ?s ?p ?o } }",
    "PREFIX SERVICE: <http://127.0.0.1:{port}/> SELECT * { SERVICE:y { ?s ?p ?o } }",
    "SELECT * { \\u0053ERVICE <http://127.0.0.1:{port}/> { ?s ?p ?o } }",
    "SELECT * { # \n SERVICE#{\n<http://127.0.0.1:{port}/>{ ?s ?p ?o } }",
    "SELECT * { ?s ?p true.SERVICE<http://127.0.0.1:{port}/> { ?s ?p ?o } }",
    "SELECT * { { SELECT * { SERVICE <http://127.0.0.1:{port}/> { ?s ?p ?o } } } }",
    "SELECT * { BIND(<http://127.0.0.1:{port}/> AS ?e) SERVICE ?e { ?s ?p ?o } }",
    "SELECT * FROM <http://127.0.0.1:{port}/> { ?s ?p ?o }",
    "SELECT * FROM NAMED <http://127.0.0.1:{port}/> { GRAPH ?g { ?s ?p ?o } }",
    "LOAD <http://127.0.0.1:{port}/>",
    "INSERT { ?s ?p ?o } WHERE { SERVICE <http://127.0.0.1:{port}/> { ?s ?p ?o } }",
    "DESCRIBE <http://127.0.0.1:{port}/>",
]


def test_nothing_calls_elsewhere(service: str, snapshots: Snapshots, pool: Pool) -> None:
    """Through the service, and past it: the process itself has no network."""
    listener = Listener()
    here = f"http://127.0.0.1:{listener.port}/"
    for call in CALLS:
        query = call.replace("{port}", str(listener.port))
        got = post(service, query)
        assert got.status_code in (400, 403, 406) or not got.json()["results"]["bindings"], query
        with suppress(RegistryError, Unwritten):
            run(pool, snapshots, query)
    for name in ("default-graph-uri", "named-graph-uri", "using-graph-uri"):
        asked_of = {"query": f"{EVERYTHING} LIMIT 5", name: here}
        assert httpx2.get(service, params=asked_of, timeout=60).status_code == 200
    assert listener.calls == 0
    socket.create_connection(("127.0.0.1", listener.port)).close()
    time.sleep(0.1)
    assert listener.calls == 1, "the listener hears nobody"
    listener.close()


PROBE = """
import sys, socket, os, ctypes
sys.path.insert(0, {folder!r})
import worker
worker.isolate()
worker.bound(600)
refused = 0
for attempt in (
    lambda: socket.socket(),
    lambda: socket.socketpair(),
    lambda: os.execv("/bin/true", ["true"]),
    lambda: os.write(os.open({file!r}, os.O_CREAT | os.O_WRONLY), b"x"),
):
    try:
        attempt()
    except OSError:
        refused += 1
print(refused)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the filter is Linux's")
def test_the_process_can_call_nobody_and_write_nothing(tmp_path: Path) -> None:
    folder, file = str(Path(worker.__file__).parent), str(tmp_path / "written")
    code = "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n" + PROBE.format(folder=folder, file=file)
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "4\n"


def test_where_there_is_no_filter_nothing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker.platform, "machine", lambda: "abacus")
    monkeypatch.setattr(worker.ctypes, "CDLL", lambda *_, **__: type("C", (), {"prctl": staticmethod(lambda *_: 0)}))
    monkeypatch.setattr(worker.sys, "platform", "linux")
    with pytest.raises(OSError, match="abacus"):
        worker.isolate()


def read(client: httpx2.Client, address: str, received: bytearray) -> None:
    with client.stream("POST", address, data={"query": EVERYTHING}, headers={"Accept": JSON}) as got:
        assert got.status_code == 200
        for piece in got.iter_raw():
            received += piece


def test_a_cut_answer_has_no_end(registry: Registry) -> None:
    """More bytes than there may be: what came is no whole JSON, and the client knows that it is not all."""
    with (
        served(registry, Limits(bytes=1, seconds=20, budget=1_000_000)) as address,
        httpx2.Client(timeout=60) as client,
    ):
        received = bytearray()
        with pytest.raises(httpx2.RemoteProtocolError):
            read(client, address, received)
        assert 65_536 <= len(received) <= 1 << 20
        with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
            json.loads(received)
        well(address)


def test_a_long_answer_is_sent_whole(registry: Registry) -> None:
    with served(registry, Limits(seconds=60)) as address:
        got = httpx2.post(address, data={"query": EVERYTHING}, headers={"Accept": "text/csv"}, timeout=60)
    assert got.status_code == 200
    assert len(got.content) > 5_000_000
    assert "content-length" not in got.headers


def raw(address: str, query: str) -> socket.socket:
    """A reader who has asked, and has read nothing yet."""
    found = urlsplit(address)
    reader = socket.create_connection((found.hostname, found.port))
    path = f"{found.path}?{urlencode({'query': query})}"
    reader.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: {JSON}\r\n\r\n".encode())
    return reader


HARD = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


@pytest.mark.parametrize(("query", "read"), [(HARD, 0), (EVERYTHING, 100)], ids=["before the first byte", "within it"])
def test_a_reader_who_leaves_frees_the_worker(registry: Registry, query: str, read: int) -> None:
    with served(registry, Limits(workers=1, seconds=60, budget=1_000_000)) as address:
        well(address)
        for _ in range(2):
            reader = raw(address, query)
            reader.recv(read) if read else time.sleep(0.3)
            reader.close()
            well(address)


def test_who_wants_the_head_alone_holds_no_worker(registry: Registry) -> None:
    with served(registry, Limits(workers=1, seconds=60, budget=1_000_000)) as address:
        for _ in range(2):
            got = httpx2.head(address, params={"query": EVERYTHING}, headers={"Accept": JSON}, timeout=60)
            assert (got.status_code, got.content, got.headers["Content-Type"]) == (200, b"", JSON)
            well(address)


def test_a_reader_who_stalls_is_not_waited_for(registry: Registry) -> None:
    with served(registry, Limits(workers=1, seconds=SECONDS, budget=1_000_000)) as address:
        readers = [raw(address, EVERYTHING)]
        well(address)
        readers[0].close()


def test_many_wait_and_are_told(registry: Registry) -> None:
    """One worker, two places: of five hard queries two are turned away at once, and nobody waits for ever."""
    limits = Limits(workers=1, queue=2, seconds=SECONDS, budget=1_000_000)
    with served(registry, limits) as address, ThreadPoolExecutor(5) as threads:
        begun = time.monotonic()
        found = list(threads.map(lambda number: post(address, f"{HARD} # {number}"), range(5)))
        assert [got.status_code for got in found] == [503] * 5
        assert sum("Too many" in got.text for got in found) >= 2
        assert time.monotonic() - begun < 5 * SECONDS
        well(address)


def test_pages_are_drawn_beside_hard_queries(service: str) -> None:
    with ThreadPoolExecutor(8) as threads:
        hard = [threads.submit(post, service, f"{HARD} # {number}") for number in range(6)]
        page = http.client.HTTPConnection(urlsplit(service).netloc, timeout=30)
        for _ in range(5):
            page.request("GET", "/doc/BCH-CDI-SCBD-108.ttl")
            assert page.getresponse().read()
        page.close()
        assert {one.result().status_code for one in hard} == {503}
    well(service)


def test_a_worker_that_is_killed_is_replaced(snapshots: Snapshots, pool: Pool) -> None:
    assert b"true" in run(pool, snapshots, "ASK {}")
    (first,) = pool.processes
    subprocess.run(["kill", "-9", str(first)], check=True)
    time.sleep(0.1)
    assert b"true" in run(pool, snapshots, "ASK {}")
    assert first not in pool.processes


def test_a_worker_dies_with_its_parent(snapshots: Snapshots) -> None:
    """No orphan: the parent is killed and can tidy nothing up."""
    code = """
import sys, time
from pathlib import Path
from registry.process import Process
from registry.snapshot import Snapshot
one = Process(Snapshot(Path(sys.argv[1]), 1), 600)
print(one.pid, flush=True)
time.sleep(60)
"""
    folder = str(snapshots.last().folder)
    parent = subprocess.Popen([sys.executable, "-c", code, folder], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    with parent:
        assert parent.stdout
        child = Path("/proc") / parent.stdout.readline().strip()
        deadline = time.monotonic() + 20
        while b"worker.py" not in (child / "cmdline").read_bytes() and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(1)
        parent.kill()
    deadline = time.monotonic() + 10
    while child.exists() and (child / "stat").read_text().rpartition(")")[2].split()[0] != "Z":
        assert time.monotonic() < deadline
        time.sleep(0.05)


async def rest(parts: AsyncGenerator[Head | bytes, None]) -> None:
    async for part in parts:
        assert b"http" in part  # type: ignore[operator]


def test_nobody_reads_the_answer_of_another(snapshots: Snapshots) -> None:
    """A worker is taken from a reader who is slow; its pipes are theirs until they let go, whoever asks meanwhile."""
    formats = {"rows": "csv", "truth": "json"}
    pool = Pool(Limits(workers=1, seconds=0.7))

    async def ask() -> None:
        slow = pool.ask(Question(EVERYTHING, "x:", formats), snapshots.last, lambda seconds: None)
        assert isinstance(await anext(slow), Head)
        await asyncio.sleep(1)
        for number in range(5):
            query = Question(f"SELECT ({number} AS ?n) {{}}", "x:", formats)
            parts = [part async for part in pool.ask(query, snapshots.last, lambda seconds: None)]
            assert parts[1] == f"n\r\n{number}\r\n".encode()
        with pytest.raises(Cut):
            await rest(slow)

    waited(ask())
    pool.close()


def test_frames_that_end_too_soon(snapshots: Snapshots) -> None:
    async def ask() -> None:
        process = Process(snapshots.last(), 600)
        await process.say(b'{"query": "ASK {}", "base": "http://localhost:8000/"}\n')
        assert "fault" in json.loads((await process.frame())[1])
        process.kill()
        with pytest.raises(Died):
            await process.frame()
        assert process.gone(5)

    waited(ask())


def test_a_cut_is_told_where_it_can_be(registry: Registry) -> None:
    assert issubclass(Cut, RegistryError)
    with asked(registry, STRICT) as client:
        got = client.get("/sparql", params={"query": HARD}, headers={"Accept": "text/html"})
        assert (got.status_code, got.headers["Retry-After"]) == (503, "30")
        assert "1.5 seconds" in got.text


@pytest.mark.soak
def test_for_minutes(registry: Registry) -> None:
    """Each bomb many times, eight at once, with the limits of the house: nobody dies but workers, nothing is left."""
    others = children().keys()
    with served(registry, Limits(budget=1_000_000)) as address, ThreadPoolExecutor(8) as threads:
        for _ in range(3):
            assert {got.status_code for got in threads.map(lambda bomb: post(address, bomb["text"]), BOMBS)} <= {
                *(200, 400, 413, 503)
            }
            well(address)
    assert not children().keys() - others
