"""The pages in a real browser: no accessibility fault, nothing beyond the edge of the screen, no complaint."""

import shutil
import threading
import time
from collections.abc import Iterator
from datetime import date

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright

from registry.registry import Registry
from tests.conftest import TODAY
from web.app import create_app

pytestmark = pytest.mark.browser

PAGES = {
    "home": "/",
    "register": "/register/projects",
    "filtered register": "/register/projects?archived=yes&country=KE",
    "needs": "/register/needs",
    "record": "/doc/BCH-CDI-SCBD-108",
    "version": "/doc/BCH-CDI-SCBD-108/v/1",
    "vocabularies": "/vocabulary",
    "vocabulary": "/vocabulary/action-plan-2006",
    "concept": "/vocabulary/action-plan-2006/ap2006-c",
    "country": "/vocabulary/countries/KE",
    "formats": "/format",
    "format": "/format/project",
    "terms": "/ns/registry",
    "no such page": "/nowhere",
}


@pytest.fixture(scope="module")
def address(registry: Registry) -> Iterator[str]:
    """A real server on a free port."""

    def today() -> date:
        return TODAY.date()

    app = create_app(registry, registry.settings, today=today)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", server_header=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield found
        found.close()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("lang", ["en", "ar"])
@pytest.mark.parametrize("path", [pytest.param(path, id=name) for name, path in PAGES.items()])
def test_page(browser: Browser, address: str, path: str, lang: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, locale=lang)
    try:
        page = context.new_page()
        outside: list[str] = []
        page.on("request", lambda sent: None if sent.url.startswith((address, "data:")) else outside.append(sent.url))
        page.goto(address + path)
        assert page.get_attribute("html", "dir") == ("rtl" if lang == "ar" else "ltr")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        found = Axe().run(page).response["violations"]
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
        assert outside == []
    finally:
        context.close()
