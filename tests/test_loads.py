"""Many readers, slow readers, bombs beside pages: nobody waits for others longer than the limits say.

What runs every time asserts who is served, not how fast; the figures are those of the long tests, whose server is a
process of its own.
"""

import asyncio
import os
import random
import re
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import httpx2
import pytest

from registry.registry import Registry, open_registry
from registry.settings import Limits
from tests.asking import children, served, waited
from tests.conftest import ROOT, TODAY, load_samples, settings_in
from tests.test_sparql_hostile import BOMBS, HARD, post, raw, well

CLIENTS = 300
ENDLESS = "SELECT * { ?s ?p ?o . ?x ?y ?z }"


async def head(address: str, query: str) -> tuple[int, bool]:
    """The status of an answer, once all of it has come, and whether it says when to come again."""
    found = urlsplit(address)
    reader, writer = await asyncio.open_connection(found.hostname, found.port)
    target = f"{found.path}?{urlencode({'query': query})}"
    writer.write(f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    got = await reader.readuntil(b"\r\n\r\n")
    while await reader.read(1 << 16):
        pass
    writer.close()
    await writer.wait_closed()
    return int(got.split(b" ", 2)[1]), b"\r\nretry-after:" in got.lower()


async def crowd(address: str, queries: list[str]) -> Counter[tuple[int, bool]]:
    return Counter(await asyncio.gather(*(head(address, query) for query in queries)))


def queries(every: int) -> list[str]:
    """Different questions, so that none is answered from memory; every so manieth never ends."""
    return [HARD + f" # {n}" if n % every == 0 else f"SELECT * {{ ?s a ?o }} LIMIT {n}" for n in range(CLIENTS)]


def settled(state: Callable[[], bool]) -> bool:
    """Whether something comes true soon: a killed process is on the machine's list until it is buried."""
    deadline = time.monotonic() + 10
    while not state() and time.monotonic() < deadline:
        time.sleep(0.1)
    return state()


def test_three_hundred_at_once(registry: Registry) -> None:
    others = children().keys()
    with served(registry, Limits(seconds=4, budget=1_000_000)) as address:
        found = waited(crowd(address, queries(75)))
        assert set(found) <= {(200, False), (429, True), (503, True)}, found
        assert found[200, False] > 5, found
        well(address)
        assert settled(lambda: len(children().keys() - others) <= 2)
    assert settled(lambda: not children().keys() - others)


def test_a_reader_of_single_bytes_holds_nobody_up(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    """Long before the end of their time the worker is another's; what they got has no end."""
    monkeypatch.setattr("registry.pool.STALLED", 0.01)
    done = threading.Event()
    limits = Limits(workers=1, seconds=120, budget=1_000_000)
    with (
        served(registry, limits) as address,
        raw(address, ENDLESS) as reader,
        ThreadPoolExecutor(1) as thread,
    ):

        def drip() -> None:
            while not done.wait(0.2):
                assert reader.recv(1)

        slow = thread.submit(drip)
        other = httpx2.post(address, data={"query": "ASK {}"}, timeout=60)
        done.set()
        slow.result()
        assert other.json()["boolean"]
        end = b""
        while piece := reader.recv(1 << 20):
            end = (end + piece)[-5:]
        assert end != b"0\r\n\r\n"


class Server:
    """The registry as operators run it, in a process of its own."""

    def __init__(self, folder: Path, port: int) -> None:
        named = {"REGISTRY_DATA": str(folder), "REGISTRY_SPARQL_BUDGET": "999999"}
        command = [sys.executable, "-m", "registry.cli", "serve", "--port", str(port)]
        self._process = subprocess.Popen(command, cwd=ROOT, env=os.environ | named, stdout=subprocess.DEVNULL)
        self.base, self.address = f"http://127.0.0.1:{port}/", f"http://127.0.0.1:{port}/sparql"

    def ready(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                return well(self.address)
            except httpx2.TransportError:
                assert self._process.poll() is None, "the server could not start"
                time.sleep(0.2)
        raise AssertionError("the server did not answer")

    @property
    def memory(self) -> int:
        """Resident megabytes of the server itself, without its workers."""
        status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="utf-8")
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) >> 10  # type: ignore[index]

    def workers(self) -> list[int]:
        stats = [path.read_text(encoding="utf-8") for path in Path("/proc").glob("[0-9]*/stat")]
        return [int(one.split()[0]) for one in stats if one.rpartition(")")[2].split()[1] == str(self._process.pid)]

    def close(self) -> list[int]:
        """End it; the workers that outlive it."""
        workers = self.workers()
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(30)
        return [pid for pid in workers if Path(f"/proc/{pid}").exists()]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("served") / "var"
    registry = open_registry(settings_in(folder), clock=lambda: TODAY)
    load_samples(registry)
    registry.close()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    found = Server(folder, port)
    found.ready()
    yield found
    assert not found.close()


def soon(address: str) -> float:
    """How long a question takes that needs nothing; no answer from memory."""
    begun = time.monotonic()
    assert post(address, f"ASK {{}} # {begun}").json()["boolean"]
    return time.monotonic() - begun


def told(name: str, figures: list[float]) -> float:
    """The 95th percentile in seconds; what is measured is said, with how busy the machine is."""
    p95 = statistics.quantiles(figures, n=20)[-1]
    middle, load = statistics.median(figures), os.getloadavg()[0]
    print(f"{name}: {len(figures)}, p50 {middle:.3f} s, p95 {p95:.3f} s, most {max(figures):.3f} s, load {load:.1f}")
    return p95


@pytest.mark.soak
def test_after_each_bomb_at_once(server: Server) -> None:
    before, figures = server.memory, []
    for bomb in BOMBS:
        assert post(server.address, bomb["text"]).status_code in (200, 400, 413, 503)
        figures.append(soon(server.address))
    told("ASK {} behind a bomb", figures)
    assert max(figures) < 1
    assert server.memory < before + 100
    assert settled(lambda: len(server.workers()) <= 2)


@pytest.mark.soak
def test_three_hundred_with_the_limits_of_the_house(server: Server) -> None:
    before = server.memory
    for _ in range(3):
        found = waited(crowd(server.address, queries(3)))
        print(found)
        assert set(found) <= {(200, False), (429, True), (503, True)}, found
        assert found[200, False]
        assert soon(server.address) < 1
    assert server.memory < before + 100
    assert settled(lambda: len(server.workers()) <= 2)


@pytest.mark.soak
def test_pages_beside_bombs(server: Server) -> None:
    """Eight who throw bombs, one who reads a record and searches; for a minute."""
    done = threading.Event()
    records: list[float] = []
    searches: list[float] = []
    words = ("training", "law", "detection", "risk", "network", "forum", "laboratory", "expert")

    def throw(first: int) -> None:
        while not done.is_set():
            bomb = BOMBS[random.randrange(len(BOMBS))]["text"]
            assert post(server.address, f"{bomb} # {first}").status_code in (200, 400, 413, 503)

    with ThreadPoolExecutor(8) as threads, httpx2.Client(base_url=server.base, timeout=60) as reader:
        bombs = [threads.submit(throw, number) for number in range(8)]
        until = time.monotonic() + 60
        while time.monotonic() < until:
            for path, figures in (
                (f"doc/BCH-CDI-SCBD-{random.randint(1, 108)}.html", records),
                (f"search?q={random.choice(words)}&lang={random.choice(['en', 'ar', 'fr'])}", searches),
            ):
                begun = time.monotonic()
                assert reader.get(path, headers={"Accept": "text/html"}).status_code in (200, 404, 410)
                figures.append(time.monotonic() - begun)
        done.set()
        for bomb in bombs:
            bomb.result()
    assert told("record pages beside bombs", records) < 1
    assert told("search pages beside bombs", searches) < 1
