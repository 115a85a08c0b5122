"""A record in three versions in a real browser: its page, its history, a comparison, choosing without a script."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Playwright

from tests.browser.conftest import WIDTHS, judged, launched, served
from tests.browser.test_pages import opened
from tests.test_history import RECORD, revised

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("revised")]

BASE = "http://localhost:8000"
PAGES = [f"/doc/{RECORD}", f"/doc/{RECORD}/history", f"/doc/{RECORD}/compare?from=1&to=3", f"/doc/{RECORD}/findings"]


@pytest.fixture(scope="module")
def reader(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    registry = revised(tmp_path_factory.mktemp("revised") / "var")
    with served(registry) as port, launched(playwright, port) as browser:
        yield browser
    registry.close()


@pytest.mark.parametrize("lang", ["en", "ar"])
@pytest.mark.parametrize("path", PAGES)
def test_no_accessibility_violation(path: str, lang: str, reader: Browser) -> None:
    page = opened(reader, BASE, path, lang, WIDTHS[0])
    try:
        judged(page, *WIDTHS)
    finally:
        page.context.close()


def test_two_versions_are_chosen_without_a_script(reader: Browser) -> None:
    context = reader.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{BASE}/doc/{RECORD}/history")
    page.locator("input[name=from][value='1']").check()
    page.locator("input[name=to][value='2']").check()
    page.locator("form.choose button").click()
    address, _, asked = page.url.partition("?")
    assert (address, {*asked.split("&")}) == (f"{BASE}/doc/{RECORD}/compare", {"from=1", "to=2"})
    assert page.locator("del, ins").count() > 4
    context.close()


def test_arabic_texts_run_from_right_to_left_in_an_english_comparison(reader: Browser) -> None:
    page = opened(reader, BASE, f"/doc/{RECORD}/compare?from=1&to=2", "en", 1280)
    marked = page.locator("p.marked[lang=ar]").first
    assert marked.evaluate("node => getComputedStyle(node).direction") == "rtl"
    page.context.close()
