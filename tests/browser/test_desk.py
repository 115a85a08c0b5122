"""The desk in a real browser, scripts off and on: a need is registered in French, published in Arabic, seen by all."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

from registry import database, people, sessions
from registry.passwords import hashed
from tests.browser.conftest import WIDTHS, judged, launched, served
from tests.browsing import PASSWORD
from tests.conftest import TODAY
from tests.deskwork import opened, person
from tests.files import EMPTY_PDF
from tests.matrix import Prepared
from web.member import SESSION

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("desk browser")]

BASE = "http://localhost:8000"
PAGES = {
    "desk": ("contributor", "/desk"),
    "desk of a focal point": ("point", "/desk"),
    "empty desk": ("curator", "/desk"),
    "new": ("contributor", "/desk/new/news"),
    "amend": ("contributor", "/desk/amend/{news}"),
    "draft": ("contributor", "/desk/draft/{draft}"),
    "whole draft": ("contributor", "/desk/draft/{draft}?view=all&check=yes"),
    "questions": ("user", "/desk/draft/{national}?step=need-ap2006-a&check=yes"),
    "waiting draft": ("contributor", "/desk/draft/{waiting}"),
    "preview": ("contributor", "/desk/draft/{draft}/preview"),
    "share": ("contributor", "/desk/draft/{draft}/share"),
    "shared": ("", "/draft/{shared}"),
    "queue": ("validator", "/desk/queue"),
    "empty queue": ("foreigner", "/desk/queue"),
    "review": ("validator", "/desk/draft/{waiting}/review"),
    "review of one's own": ("contributor", "/desk/draft/{waiting}/review"),
    "record": ("secretary", "/desk/record/{news}"),
    "receipt": ("", "/receipt/{opens}"),
    "my receipt": ("contributor", "/desk/receipt/{receipt}"),
    "searches": ("contributor", "/desk/searches?done=saved"),
    "no searches": ("other", "/desk/searches"),
    "saving a search": ("other", "/desk/searches/new?of=q%3Dseed%26type%3Dprojects"),
    "a saved search": ("contributor", "/desk/searches/{search}"),
    "no draft": ("contributor", "/desk/draft/none"),
    "not mine": ("other", "/desk/record/{news}"),
}


@pytest.fixture(scope="module")
def prepared(office_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prepared]:
    with opened(office_folder, tmp_path_factory.mktemp("desk")) as registry:
        yield Prepared(registry)


@pytest.fixture(scope="module")
def reader(playwright: Playwright, prepared: Prepared) -> Iterator[Browser]:
    with served(prepared.registry) as port, launched(playwright, port) as browser:
        yield browser


def entered(reader: Browser, prepared: Prepared, role: str, lang: str, width: int) -> Page:
    """A page of the browser of a role, signed in."""
    context = reader.new_context(viewport={"width": width, "height": 900}, locale=lang)
    if role:
        with database.writing(prepared.registry.ledger.engine) as connection:
            account = prepared.accounts[role].id
            clear, _ = sessions.begin(connection, account, at=datetime.now(UTC))
        context.add_cookies([{"name": SESSION, "value": clear, "url": BASE}])
    return context.new_page()


@pytest.mark.parametrize("lang", ["en", "ar"])
@pytest.mark.parametrize("name", PAGES)
def test_no_accessibility_violation(name: str, lang: str, reader: Browser, prepared: Prepared) -> None:
    role, path = PAGES[name]
    page = entered(reader, prepared, role, lang, WIDTHS[0])
    page.goto(BASE + path.format(**prepared.places))
    assert page.locator("html").get_attribute("lang") == lang
    judged(page, *WIDTHS)
    page.context.close()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("lang", ["en", "ar"])
def test_no_accessibility_violation_where_something_is_wrong(
    lang: str, width: int, reader: Browser, prepared: Prepared
) -> None:
    page = entered(reader, prepared, "contributor", lang, width)
    page.goto(f"{BASE}/desk/new/news")
    page.locator("main button").click()
    draft = page.url.split("?")[0]
    with page.expect_response(draft) as refused:
        page.locator("button[value=request-publication]").click()
    assert refused.value.status == 422
    assert page.locator("#summary a").count() > 2
    judged(page)
    page.goto(draft)
    page.locator("[name='title.en']").first.evaluate(
        "node => node.closest('details') && (node.closest('details').open = true)"
    )
    page.locator("[name='title.en']").fill("Typed while somebody else saved")
    page.evaluate("document.querySelector('[name=revision]').value = '0'")
    with page.expect_response(draft) as stale:
        page.locator("button[value=save]").click()
    assert stale.value.status == 412
    assert page.locator("table.both").is_visible()
    assert page.locator("[name='title.en']").input_value() == "Typed while somebody else saved"
    judged(page)
    page.goto(f"{BASE}/desk/record/{prepared.places['news']}")
    page.locator("button[value=request-deletion]").click()
    assert page.locator("[aria-invalid=true]").count() == 1
    judged(page)
    page.context.close()
    page = entered(reader, prepared, "validator", lang, width)
    page.goto(f"{BASE}/desk/draft/{prepared.places['waiting']}/review")
    page.locator("button[value=request-changes]").click()
    assert page.locator("[aria-invalid=true]").count() == 1
    judged(page)
    page.context.close()


def signed(context: BrowserContext, email: str) -> Page:
    """The desk of somebody who signs in by the form."""
    page = context.new_page()
    page.goto(f"{BASE}/desk")
    assert "/sign-in" in page.url
    page.locator("[name=email]").fill(email)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main button").first.click()
    assert page.url == f"{BASE}/desk"
    return page


@pytest.mark.parametrize(("scripts", "country"), [(False, "UG"), (True, "RW")])
def test_a_need_goes_from_the_user_in_french_to_the_public_in_arabic(
    scripts: bool, country: str, reader: Browser, prepared: Prepared
) -> None:
    registry = prepared.registry
    for role, name, lang in (("national-authorized-user", "user", "fr"), ("bch-national-focal-point", "point", "ar")):
        account = person(registry, f"{name}-{country.lower()}", role, lang, country=country)
        with database.writing(registry.ledger.engine) as connection:
            people.set_password(connection, account.id, hashed(PASSWORD), at=TODAY, by="test")
    judge = judged if scripts else lambda page: None
    french = reader.new_context(locale="fr", java_script_enabled=scripts)
    page = signed(french, f"user-{country.lower()}@example.org")
    judge(page)
    page.locator("a[href='/desk/new/needs']").click()
    page.locator("main button").click()
    assert page.locator("html").get_attribute("lang") == "fr"
    page.locator("[name=assessed]").fill("2026-05")
    page.locator("[name='description.fr']").fill("Un laboratoire manque.")
    page.locator("button[value=next]").click()
    page.locator("[name=authority]").first.fill("BCH-ORG-SCBD-401")
    page.locator("[name$='.email']").first.fill("biosecurite@example.org")
    page.locator("button[value=next]").click()
    judge(page)
    page.locator("fieldset.question").first.locator("input[type=radio]").nth(1).check()
    page.locator("button[value=request-publication]").click()
    assert "/receipt/" in page.url, page.locator("main").inner_text()[:1500]
    receipt = page.url
    judge(page)
    told = page.locator("main").inner_text()
    record = re.search(rf"BCH-NEED-{country}-\d+", told)
    assert record
    french.close()

    arabic = reader.new_context(locale="ar", java_script_enabled=scripts)
    page = signed(arabic, f"point-{country.lower()}@example.org")
    page.locator("a[href='/desk/queue']").click()
    judge(page)
    page.locator("main table a").first.click()
    assert page.locator("html").get_attribute("dir") == "rtl"
    judge(page)
    page.locator("button[value=approve]").click()
    assert page.url.startswith(f"{BASE}/desk/queue?done=approve")
    judge(page)
    arabic.close()

    public = reader.new_context(locale="fr", java_script_enabled=scripts)
    page = public.new_page()
    page.goto(f"{BASE}/doc/{record[0]}")
    assert "Un laboratoire manque." in page.locator("main").inner_text()
    judge(page)
    page.goto(receipt)
    hrefs = [link.get_attribute("href") for link in page.locator("main a").all()]
    assert f"/doc/{record[0]}/v/1" in hrefs
    assert any(href and href.startswith("/history/") for href in hrefs)
    judge(page)
    public.close()


@pytest.mark.parametrize(("scripts", "width", "lang"), [(False, 390, "ar"), (True, 1280, "en")])
def test_a_file_is_refused_with_its_reason_or_attached_and_downloaded(
    scripts: bool, width: int, lang: str, reader: Browser, prepared: Prepared
) -> None:
    def chosen(name: str, data: bytes) -> None:
        page.locator("input[type=file]").set_input_files({"name": name, "mimeType": "x/y", "buffer": data})

    context = reader.new_context(locale=lang, java_script_enabled=scripts, viewport={"width": width, "height": 900})
    with database.writing(prepared.registry.ledger.engine) as connection:
        clear, _ = sessions.begin(connection, prepared.accounts["contributor"].id, at=datetime.now(UTC))
    context.add_cookies([{"name": SESSION, "value": clear, "url": BASE}])
    page = context.new_page()
    page.goto(f"{BASE}/desk/new/news")
    page.locator("main button").click()
    page.goto(page.url.split("?")[0] + "?step=about")
    page.locator("button[name=add][value=attachment]").click()
    page.locator("[name='attachment-1.title.en']").evaluate(
        "node => node.closest('details') && (node.closest('details').open = true)"
    ) if scripts else page.locator("details.six summary").first.click()
    page.locator(f"[name='attachment-1.title.{lang}']").fill("Guide")
    if scripts:
        chosen("large.pdf", bytes(10_000_001))
        assert page.locator(".over").filter(has_text="too large").is_visible()
        assert page.locator("input[type=file]").input_value() == ""
    chosen("page.pdf", b"<script>alert(1)</script>")
    with page.expect_response(page.url.split("?")[0]) as refused:
        page.locator("button[value=save]").click()
    assert refused.value.status == 422
    assert page.locator("[id='attachment-1.file.told']").is_visible()
    assert page.locator(f"[name='attachment-1.title.{lang}']").input_value() == "Guide"
    if scripts:
        judged(page)
    chosen("guide.pdf", EMPTY_PDF)
    page.locator("button[value=save]").click()
    assert page.locator("a[href$='/guide.pdf']").is_visible()
    if scripts:
        judged(page)
    page.locator("a[href$='/preview']").click()
    with page.expect_download() as download:
        page.locator("a[href$='/guide.pdf']").click()
    assert download.value.path().read_bytes() == EMPTY_PDF
    assert download.value.suggested_filename == "guide.pdf"
    context.close()


@pytest.mark.parametrize("scripts", [False, True])
def test_a_search_is_saved_from_its_page(scripts: bool, reader: Browser, prepared: Prepared) -> None:
    account = person(prepared.registry, f"searcher-{scripts}", "")
    with database.writing(prepared.registry.ledger.engine) as connection:
        people.set_password(connection, account.id, hashed(PASSWORD), at=TODAY, by="test")
    viewport = {"width": 390, "height": 800}
    page = reader.new_context(viewport=viewport, locale="ar", java_script_enabled=scripts).new_page()
    page.goto(f"{BASE}/search?q=institute&type=organisations")
    page.locator("a[href^='/desk/searches/new']").click()
    page.wait_for_url(lambda url: "/sign-in" in url)
    page.locator("[name=email]").fill(account.email)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main button").first.click()
    page.wait_for_url(lambda url: "/desk/searches/new?of=" in url)
    page.locator("main p bdi, main p").filter(has_text="institute").first.wait_for()
    page.locator("[name=name]").fill("")
    page.locator("main button").click()
    page.locator("[name=name]").fill("معاهد")
    page.locator("main button").click()
    page.wait_for_url(f"{BASE}/desk/searches?done=saved")
    page.locator("tbody th a").click()
    page.wait_for_url(f"{BASE}/search?q=institute&type=organisations")
    page.goto(f"{BASE}/desk/searches")
    page.locator("tbody .can a").last.click()
    page.locator("button[value=remove]").click()
    expect(page.locator("tbody tr")).to_have_count(0)
    page.context.close()
