"""The full editor in a real browser: it answers, calls nobody, keeps nothing, and can be used by everybody."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

QUERY = "SELECT ?x ?y { VALUES (?x ?y) { (<http://example.org/x'y> 'one<img src=x>'@en) (<http://example.org/2> 2) } }"


@contextmanager
def editing(browser: Browser, address: str, lang: str, width: int) -> Iterator[Page]:
    """The editor with a query; at the end, only this registry was asked, nothing was refused and nothing is kept."""
    page = browser.new_context(viewport={"width": width, "height": 900}, locale=lang).new_page()
    called: list[str] = []
    faults: list[str] = []
    page.on("request", lambda request: called.append(request.url))
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{address}/sparql/editor?query={quote(QUERY)}", wait_until="load")
    yield page
    assert called
    assert all(url.startswith((address, "data:")) for url in called), called
    assert not faults
    page.goto(f"{address}/health")
    assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
    page.context.close()


def sound(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("lang", ["en", "ar"])
def test_a_query_is_answered(browser: Browser, address: str, lang: str, width: int) -> None:
    with editing(browser, address, lang, width) as page:
        sound(page)
        page.locator(".yasqe_queryButton").click()
        page.locator(".yasr td").first.wait_for()
        told = page.locator(".yasr table").inner_text()
        assert "http://example.org/x'y" in told
        assert "one<img src=x>" in told
        sound(page)


def test_its_other_parts(browser: Browser, address: str) -> None:
    """Settings, a second tab, the link to share, the answer as it came, and prefixes that are this registry's."""
    with editing(browser, address, "en", 1280) as page:
        page.locator(".tabContextButton").click()
        assert not page.get_by_text("Default Graphs").is_visible()
        sound(page)
        page.locator("h1").click()
        page.locator(".yasqe_share").click()
        assert page.locator(".yasqe_sharePopup input").input_value().startswith(f"{address}/sparql?query=SELECT")
        sound(page)
        page.locator("h1").click()
        page.locator(".yasqe_queryButton").click()
        page.locator(".yasr td").first.wait_for()
        with page.expect_download() as file:
            page.locator(".yasr_downloadIcon").click()
        assert file.value.suggested_filename.endswith(".csv")
        page.locator(".select_response").click()
        page.locator(".yasr .CodeMirror").wait_for()
        sound(page)
        page.locator(".addTab").click()
        text = page.locator(".tabPanel.active .yasqe .CodeMirror")
        text.click()
        page.keyboard.press("Control+A")
        page.keyboard.type("SELECT * { ?x a cap:Project }")
        page.get_by_text("ns/capacity#").first.wait_for()  # the prefix is put before the query
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.tagName") != "TEXTAREA"
        sound(page)


def test_without_scripts_it_leads_back(browser: Browser, address: str) -> None:
    page = browser.new_context(java_script_enabled=False, locale="en").new_page()
    page.goto(f"{address}/sparql/editor?query={quote(QUERY)}")
    assert page.get_by_text("The full editor needs JavaScript.").is_visible()
    page.get_by_role("link", name="Back to the simple page").click()
    assert page.locator("#query").input_value() == QUERY
    page.context.close()
