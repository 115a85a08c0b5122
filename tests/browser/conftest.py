"""A real server on a port of its own, and a real browser."""

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvicorn
from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from registry.registry import Registry
from web.app import create_app

WIDTHS = (1280, 390)
AXE = "axe.run({resultTypes: ['violations']}).then(found => ({violations: found.violations}))"


def judged(page: Page, *widths: int) -> None:
    """Nothing that axe finds, nothing wider than the window: at each of these widths, or as the page stands."""
    height = (page.viewport_size or {"height": 900})["height"]
    page.evaluate(Axe().axe_script)
    for width in widths or (None,):
        if width:
            page.set_viewport_size({"width": width, "height": height})
        found = AxeResults(page.evaluate(AXE))
        assert found.violations_count == 0, f"{page.url} at {width or 'its width'}\n{found.generate_report()}"
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0, f"{page.url} is {overflow} px wider than the window at {width or 'its width'}"


@contextmanager
def served(registry: Registry) -> Iterator[int]:
    """The port on which a registry is served."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = uvicorn.Config(create_app(registry, registry.settings), port=port, log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield port
    server.should_exit = True
    thread.join(10)


@contextmanager
def launched(playwright: Playwright, port: int) -> Iterator[Browser]:
    """Chromium, for which the base is the server on a port."""
    options = [
        f"--host-resolver-rules=MAP localhost 127.0.0.1:{port}",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-background-networking",
    ]
    found = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=options)
    yield found
    found.close()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """The driver of browsers; there can be one in a process."""
    with sync_playwright() as found:
        yield found


@pytest.fixture(scope="session")
def port(registry: Registry) -> Iterator[int]:
    """The port on which the registry with the samples is served."""
    with served(registry) as port:
        yield port


@pytest.fixture(scope="session")
def address(registry: Registry) -> str:
    """Where readers find the registry: its base, which the browser is told to look for on the port."""
    return registry.settings.base.rstrip("/")


@pytest.fixture(scope="session")
def browser(playwright: Playwright, port: int) -> Iterator[Browser]:
    """Chromium, for which the base is the server of these tests."""
    with launched(playwright, port) as found:
        yield found
