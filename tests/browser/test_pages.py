"""Pages in a real browser: no accessibility violation, Arabic truly mirrored, nothing wider than a telephone."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import WIDTHS, judged

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PAGES = {
    "home": "/",
    "search": "/search",
    "found": "/search?q=training&type=projects&type=courses&since=2003&archived=yes",
    "found as table": "/search?q=biosafety&view=table",
    "found on a map": "/search?q=biosafety&view=map",
    "nothing found": "/search?q=zzzzqqqq&type=news",
    "list": "/register/projects",
    "opportunities": "/register/opportunities",
    "register narrowed": "/register/projects?q=training&state=completed&concerns=KE&element=action-plan-2006/ap2006-c",
    "register as table": "/register/projects?state=ongoing&archived=no&view=table",
    "record": "/doc/BCH-CDI-SCBD-5001",
    "archived": "/doc/BCH-CDI-SCBD-1",
    "need": "/doc/BCH-NEED-{need}",
    "organisation": "/doc/BCH-ORG-SCBD-401",
    "course": "/doc/BCH-CRS-SCBD-5401",
    "resource": "/doc/BCH-VLR-SCBD-5421",
    "contact": "/doc/BCH-CON-SCBD-5441",
    "group": "/doc/BCH-GRP-SCBD-5451",
    "meeting": "/doc/BCH-MTG-SCBD-5461",
    "mechanism": "/doc/BCH-MCH-SCBD-5481",
    "news": "/doc/BCH-BCHN-SCBD-5501",
    "report": "/doc/BCH-REP-SCBD-5521",
    "recommendation": "/doc/BCH-RCM-SCBD-5541",
    "version": "/doc/BCH-CDI-SCBD-5001/v/1",
    "vocabularies": "/vocabulary/",
    "scheme": "/vocabulary/action-plan-2006",
    "concept": "/vocabulary/action-plan-2006/ap2006-c",
    "country": "/vocabulary/countries/KE",
    "country page": "/country/KE",
    "small country": "/country/TV",
    "countries": "/country",
    "map": "/map?register=needs",
    "registers": "/register",
    "format": "/format/project",
    "terms": "/ns/capacity",
    "formats": "/format",
    "part": "/format/part/contact",
    "namespaces": "/ns",
    "registry terms": "/ns/registry",
    "history": "/history",
    "event": "/history/7",
    "history of a record": "/doc/BCH-CDI-SCBD-5001/history",
    "compare one": "/doc/BCH-CDI-SCBD-5001/compare",
    "findings": "/doc/BCH-CDI-SCBD-1/findings",
    "interface": "/api",
    "named queries": "/query",
    "named query": "/query/reports/projects-by-status?day=2004-12-15",
    "named query of many": "/query/reports/counts?kind=cap:Project&kind=cap:Need",
    "query service": "/sparql",
    "query answered": "/sparql?example=needs-without-project",
    "query with a fault": "/sparql?query=SELECT%20*%20%7B%0A%20%3Fs%20a%20nothing%0A%7D",
    "dumps": "/dump",
    "figures": "/void",
    "catalogue": "/catalog",
    "standards": "/conformance",
    "about": "/about",
    "about data": "/about/data",
    "about quality": "/about/quality",
    "about accessibility": "/about/accessibility",
    "missing": "/doc/BCH-CDI-SCBD-99999",
}


@pytest.fixture(scope="session")
def need(registry) -> str:  # type: ignore[no-untyped-def]
    rows = registry.select("records/list", kind=registry.own.cap["Need"])
    return str(rows[0]["identifier"].value).removeprefix("BCH-NEED-")


def opened(browser: Browser, address: str, path: str, lang: str, width: int) -> Page:
    context = browser.new_context(viewport={"width": width, "height": 900}, locale=lang, java_script_enabled=True)
    page = context.new_page()
    page.goto(f"{address}{path}", wait_until="load")
    return page


@pytest.mark.parametrize("lang", ["en", "ar"])
@pytest.mark.parametrize("name", PAGES)
def test_no_accessibility_violation(name: str, lang: str, browser: Browser, address: str, need: str) -> None:
    page = opened(browser, address, PAGES[name].format(need=need), lang, WIDTHS[0])
    try:
        assert page.locator("html").get_attribute("lang") == lang
        judged(page, *WIDTHS)
    finally:
        page.context.close()


def test_arabic_is_mirrored(browser: Browser, address: str) -> None:
    """The brand stands at the other end, and the page says so in the server's bytes."""
    ends = {}
    for lang in ("en", "ar"):
        page = opened(browser, address, "/doc/BCH-CDI-SCBD-5001", lang, 1280)
        box = page.locator("header .brand").bounding_box()
        aside = page.locator("aside").first.bounding_box()
        assert box is not None
        assert aside is not None
        ends[lang] = (box["x"] < 640, aside["x"] > 640)
        assert page.locator("html").get_attribute("dir") == ("rtl" if lang == "ar" else "ltr")
        page.context.close()
    assert ends == {"en": (True, True), "ar": (False, False)}


def test_a_map_is_never_mirrored(browser: Browser, address: str) -> None:
    """In every language Mexico lies west of China; and a small country can be hit."""
    for lang in ("en", "ar"):
        page = opened(browser, address, "/map", lang, 1280)
        west, east = (page.locator(f'svg.world a[href="/country/{code}"]').bounding_box() for code in ("MX", "CN"))
        assert west is not None
        assert east is not None
        assert west["x"] < east["x"]
        small = page.locator('svg.world a[href="/country/BB"]')
        box = small.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) > 9
        small.click()
        assert page.url.endswith("/country/BB")
        page.context.close()


def test_the_keyboard_can_pass_over_the_map(browser: Browser, address: str) -> None:
    page = opened(browser, address, "/map", "en", 1280)
    page.locator("a.pass").focus()
    assert (page.locator("a.pass").bounding_box() or {"width": 0})["width"] > 50
    page.keyboard.press("Enter")
    assert page.url.endswith("#table")
    page.context.close()


def test_the_search_suggests_while_somebody_types(browser: Browser, address: str) -> None:
    """By keyboard alone: what is pointed at is told, Escape closes, Enter searches for it."""
    page = opened(browser, address, "/search", "en", 1280)
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text))
    field, options = page.locator("#q"), page.locator("[role=option]")
    try:
        field.press_sequentially("biosa")
        options.first.wait_for()
        assert field.get_attribute("aria-expanded") == "true"
        field.press("ArrowDown")
        pointed = options.first
        assert field.get_attribute("aria-activedescendant") == pointed.get_attribute("id")
        assert pointed.get_attribute("aria-selected") == "true"
        assert Axe().run(page).violations_count == 0
        field.press("Escape")
        assert field.get_attribute("aria-expanded") == "false"
        assert field.input_value() == "biosa"
        field.press_sequentially("f")
        options.first.wait_for()
        field.press("ArrowDown")
        chosen = options.first.inner_text()
        with page.expect_navigation():
            field.press("Enter")
        assert page.locator("#q").input_value() == chosen
        assert "=&" not in page.url and not page.url.endswith("=")
        assert not faults
    finally:
        page.context.close()


def test_the_search_works_without_scripts(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en")
    page = context.new_page()
    page.goto(f"{address}/")
    page.locator("input[name=q]").fill("training")
    page.locator("input[name=q]").press("Enter")
    before = page.locator(".bar h2").inner_text()
    assert page.locator("mark").count() > 0
    page.locator("input[name=type][value=courses]").check()
    page.get_by_role("button", name="Apply filters").click()
    assert page.locator(".bar h2").inner_text() != before
    assert page.locator("input[name=q]").input_value() == "training"
    page.locator("a.chip").click()
    assert page.locator(".bar h2").inner_text() == before
    context.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_query_that_was_run_leads_to_its_results(browser: Browser, address: str, scripts: bool) -> None:
    """After a fault too; and a query that may be answered another time is truly asked again."""
    context = browser.new_context(java_script_enabled=scripts, locale="en", viewport={"width": 390, "height": 844})
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.is_navigation_request() else None)
    run, results = page.get_by_role("button", name="Run query"), page.locator("#results")
    page.goto(f"{address}/sparql")
    for query, anchor in (("ASK { SERVICE <http://example.org/> { ?s ?p ?o } }", ""), ("ASK { ?s ?p }", "#results")):
        page.locator("#query").fill(query)
        with page.expect_navigation():
            run.click()
        assert page.locator("form.editor").get_attribute("action") == f"/sparql{anchor}"
        assert (page.locator("#fault").bounding_box() or {"y": 844})["y"] < 844
    page.locator("#query").fill("SELECT ?s { ?s a <ns/capacity#Project> }\nLIMIT 9")
    with page.expect_navigation():
        run.click()
    expect(results.locator("h2").first).to_be_in_viewport()
    assert results.locator("tbody tr").count() == 9
    asked.clear()
    if scripts:
        with page.expect_navigation():
            page.locator("#query").press("Control+Enter")
        page.wait_for_load_state()
        assert asked
        assert results.locator("tbody tr").count() == 9
    context.close()


@pytest.mark.parametrize("lang", ["en", "ar", "zh"])
def test_cells_of_an_answer_stay_low(browser: Browser, address: str, lang: str) -> None:
    """On a telephone the table scrolls: columns are not squeezed until words break (cells were 400 px high)."""
    page = opened(browser, address, "/sparql?example=projects-and-countries", lang, 390)
    tallest = page.locator(".answer td").evaluate_all("all => Math.max(...all.map(one => one.offsetHeight))")
    assert tallest < 260
    page.context.close()


def test_pages_need_no_scripts_and_call_nobody(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for path in ("/", "/register/projects", "/doc/BCH-CDI-SCBD-5001", "/vocabulary/action-plan-2006"):
        page.goto(f"{address}{path}")
        assert page.locator("h1").count() == 1
        assert page.locator("script:not([type='application/ld+json'])").count() == 0
    assert asked
    assert all(url.startswith((address, "data:")) for url in asked), asked
    context.close()
