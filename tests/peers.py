"""Servers of SPARQL side by side, each a process of its own on this machine, and a client that costs little.

`oxigraph serve` and rdflib-endpoint live in an environment of their own, `.venv/peers`, which `make bench` sets up.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).parent.parent
BIN = ROOT / ".venv" / "peers" / "bin"
PATIENCE = 600  # seconds that a server has to read its data
MOST = "999999"  # as far as the limits of an installation go
LIMITS = {f"REGISTRY_SPARQL_{name}": MOST for name in ("BUDGET", "ROWS", "BYTES", "SECONDS")}


@dataclass(frozen=True)
class Peer:
    """A server: its name, its port, the path of its query service."""

    name: str
    port: int
    path: str

    def request(self, query: str, accept: str) -> bytes:
        """A query by GET."""
        head = f"GET {self.path}?query={quote(query)} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nAccept: {accept}"
        return f"{head}\r\n\r\n".encode()


class Connection:
    """A connection that stays open. Answers are read as they come and taken apart when nobody counts the time."""

    def __init__(self, peer: Peer) -> None:
        self._socket = socket.create_connection(("127.0.0.1", peer.port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def ask(self, request: bytes) -> bytearray:
        """The whole answer, head and all, as it came over the wire."""
        self._socket.sendall(request)
        answer = bytearray()
        while (end := answer.find(b"\r\n\r\n")) < 0:
            self._more(answer)
        head = bytes(answer[:end]).lower()
        assert head.startswith(b"http/1.1 200 "), bytes(answer[:2000])
        if b"transfer-encoding: chunked" in head:
            while not answer.endswith(b"\r\n0\r\n\r\n"):
                self._more(answer)
            return answer
        length = int(head.partition(b"content-length: ")[2].split(b"\r\n")[0])
        while len(answer) < end + 4 + length:
            self._more(answer)
        return answer

    def _more(self, answer: bytearray) -> None:
        data = self._socket.recv(1 << 18)
        assert data, "the server left"
        answer += data


def body(answer: bytearray) -> bytes:
    """The body of an answer, without its chunks."""
    head, _, rest = answer.partition(b"\r\n\r\n")
    if b"transfer-encoding: chunked" not in head.lower():
        return bytes(rest)
    found, at = [], 0
    while True:
        end = rest.index(b"\r\n", at)
        size = int(rest[at:end], 16)
        if not size:
            return b"".join(found)
        found.append(bytes(rest[end + 2 : end + 2 + size]))
        at = end + 4 + size


@contextmanager
def serving(data: Path, quads: Path, folder: Path) -> Iterator[list[Peer]]:
    """The registry of a data folder as it is run, the others with the same quads; ours comes first."""
    if not (BIN / "oxigraph").exists():
        raise SystemExit(f"There are no servers to compare with in {BIN.parent}: `make bench` puts them there.")
    store = str(folder / "oxigraph")
    for step in (["load", "--file", str(quads)], ["optimize"]):
        subprocess.run([BIN / "oxigraph", *step, "--location", store], check=True, capture_output=True)
    ours = {"REGISTRY_DATA": str(data), "REGISTRY_BASE": "http://localhost:8000/", **LIMITS}
    with ExitStack() as stack:

        def start(name: str, path: str, environ: Mapping[str, str], *command: str) -> Peer:
            port = _free()
            said = [str(part).replace("PORT", str(port)) for part in command]
            stack.enter_context(_running(said, environ, port))
            return Peer(name, port, path)

        host = ("--host", "127.0.0.1", "--port", "PORT")
        yield [
            start("registry", "/sparql", ours, sys.executable, "-m", "registry.cli", "serve", "--port", "PORT"),
            start(
                "oxigraph serve",
                "/query",
                {},
                *(str(BIN / "oxigraph"), "serve", "--union-default-graph"),
                *("--location", store, "--bind", "127.0.0.1:PORT"),
            ),
            start("rdflib-endpoint", "/", {}, str(BIN / "rdflib-endpoint"), "serve", *host, str(quads)),
        ]


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _running(command: list[str], environ: Mapping[str, str], port: int) -> Iterator[None]:
    """A server, once it listens."""
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, env={**os.environ, **environ}, cwd=ROOT, stdout=quiet, stderr=quiet) as process:
        try:
            until = time.monotonic() + PATIENCE
            while not _listens(port):
                assert process.poll() is None, f"{command} ended"
                assert time.monotonic() < until, f"{command} does not listen"
                time.sleep(0.2)
            yield
        finally:
            process.terminate()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
