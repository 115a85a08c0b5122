"""What the tests of the query service share: a client, a real server, a listener that nobody may call."""

import asyncio
import os
import socket
import threading
import time
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import uvicorn
from starlette.testclient import TestClient

from registry.registry import Registry
from registry.settings import Limits
from tests.conftest import TODAY
from web.app import create_app

T = TypeVar("T")

JSON = "application/sparql-results+json"
CSV = "text/csv"
GENEROUS = Limits(seconds=10, memory=700, budget=1_000_000)


@contextmanager
def asked(registry: Registry, limits: Limits = GENEROUS) -> Iterator[TestClient]:
    """A client of the service over a registry, on the tests' day."""
    settings = replace(registry.settings, limits=limits)
    app = create_app(registry, settings, today=lambda: TODAY.date(), clock=lambda: TODAY)
    with TestClient(app, base_url="http://localhost:8000", follow_redirects=False) as client:
        yield client


@contextmanager
def served(registry: Registry, limits: Limits = GENEROUS) -> Iterator[str]:
    """The address of the service on a real server."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    app = create_app(registry, replace(registry.settings, limits=limits))
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="critical"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}/sparql"
    server.should_exit = True
    thread.join(10)


class Listener:
    """A server on this machine that counts who calls."""

    def __init__(self) -> None:
        self.calls = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                caller, _ = self._socket.accept()
            except OSError:
                return
            self.calls += 1
            caller.close()

    def close(self) -> None:
        """Listen no more."""
        self._socket.close()


def waited(work: Coroutine[Any, Any, T]) -> T:
    """What a coroutine comes to, in a loop and a thread of its own: a browser's loop may be running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def children() -> dict[int, str]:
    """The workers that are children of this process, with their states; one that ended and was not buried is Z."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            command = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if int(stat[1]) == os.getpid() and (b"worker.py" in command or (stat[0] == "Z")):
            found[int(folder.name)] = stat[0]
    return found
