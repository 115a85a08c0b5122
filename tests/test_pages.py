"""The pages as documents: data equal in every form, minted addresses that answer, text that stays text."""

import json
import random
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest
from markupsafe import Markup
from starlette.testclient import TestClient

from registry.load import Terms, load
from registry.registry import Registry, open_registry
from tests.conftest import ROOT, TODAY, no_progress, opened_at, settings_in
from tests.test_http import app_client as app_client
from tests.test_http import ask
from web.app import create_app
from web.cache import Pages
from web.render import Renderer
from web.words import Text, said_date

BASE = "http://localhost:8000/"
DATA = {"ttl": ox.RdfFormat.TURTLE, "nt": ox.RdfFormat.N_TRIPLES}
RESOURCES = [
    "index",
    "doc/BCH-CDI-SCBD-108",
    "doc/BCH-CDI-SCBD-108/v/1",
    "register/projects",
    "search",
    "vocabulary",
    "vocabulary/action-plan-2006",
    "vocabulary/action-plan-2006/ap2006-c",
    "vocabulary/countries/KE",
    "country",
    "country/KE",
    "map",
    "register",
    "format",
    "format/project",
    "format/part/contact",
    "ns",
    "ns/registry",
    "ns/capacity",
    "history",
    "history/7",
    "doc/BCH-CDI-SCBD-108/history",
    "doc/BCH-CDI-SCBD-108/findings",
]
PAGES = [
    "",
    "map",
    "country/KE",
    "register",
    "register/projects",
    "search",
    "doc/BCH-CDI-SCBD-108",
    "vocabulary/countries",
    "vocabulary/action-plan-2006/ap2006-c",
    "format/project",
    "ns/registry",
    "history",
    "doc/BCH-CDI-SCBD-108/history",
]
WORDS = ["about", "about/data", "about/quality", "about/accessibility"]


def triples(text: bytes, syntax: ox.RdfFormat) -> set[str]:
    return {str(quad) for quad in ox.parse(text, syntax, base_iri=BASE)}


def in_json(client: TestClient, path: str) -> set[str]:
    """The JSON-LD of a resource, its context written into it: nothing is fetched."""
    body = ask(client, "GET", f"/{path}.jsonld", {}).json()
    if isinstance(body, dict) and isinstance(body.get("@context"), str):
        body["@context"] = ask(client, "GET", body["@context"].removeprefix(BASE[:-1]), {}).json()["@context"]
    return triples(json.dumps(body).encode(), ox.RdfFormat.JSON_LD)


@pytest.mark.parametrize("path", RESOURCES)
def test_every_form_says_the_same(app_client: TestClient, path: str) -> None:
    turtle, lines = (triples(ask(app_client, "GET", f"/{path}.{s}", {}).content, f) for s, f in DATA.items())
    assert turtle
    assert turtle == lines
    assert in_json(app_client, path) == lines


@pytest.mark.parametrize("path", RESOURCES)
def test_every_address_it_mints_answers(app_client: TestClient, path: str) -> None:
    found = ask(app_client, "GET", f"/{path}.nt", {}).text
    for address in sorted(set(re.findall(rf"<{BASE}([^>#]*)", found))):
        got = ask(app_client, "GET", f"/{address}", {"Accept": "text/turtle, application/ld+json;q=0.5"})
        assert got.status_code < 400, address


@pytest.mark.parametrize("path", [*PAGES, *WORDS])
def test_every_link_of_a_page_answers(app_client: TestClient, path: str) -> None:
    page = ask(app_client, "GET", f"/{path}", {}).text
    for address in sorted(set(re.findall(r'(?:href|src)="(/[^"#]*)', page))):
        got = ask(app_client, "GET", address.replace("&amp;", "&"), {})
        assert got.status_code < 400, address


def test_a_record_says_what_it_is_about(app_client: TestClient) -> None:
    found = triples(ask(app_client, "GET", "/doc/BCH-CDI-SCBD-108.nt", {}).content, ox.RdfFormat.N_TRIPLES)
    about = f"<{BASE}doc/BCH-CDI-SCBD-108> <http://xmlns.com/foaf/0.1/primaryTopic> <{BASE}id/BCH-CDI-SCBD-108>"
    assert about in found


def test_no_answer_is_another_readers(registry: Registry, app_client: TestClient) -> None:
    """A thousand requests at random against one warm cache: each is what a cold one gives for it."""
    chance = random.Random(2005)
    languages = ["en", "fr", "es", "ru", "zh", "ar"]
    cold: dict[tuple[str, str, str, str], str] = {}
    fresh = create_app(registry, registry.settings, today=lambda: TODAY.date())
    with TestClient(fresh, base_url="http://localhost:8000", follow_redirects=False) as other:
        for _ in range(1000):
            key = (
                "/" + chance.choice(PAGES),
                chance.choice(["text/html", "text/turtle", "application/ld+json"]),
                chance.choice(languages),
                chance.choice(["gzip", "identity"]),
            )
            headers = {"Accept": key[1], "Accept-Language": key[2], "Accept-Encoding": key[3]}
            got = ask(app_client, "GET", key[0], headers)
            assert got.headers["Content-Type"].startswith(key[1])
            assert got.headers.get("Content-Language", key[2]) == key[2]
            if key not in cold:
                fresh.state.site.pages = Pages()
                cold[key] = ask(other, "GET", key[0], headers).headers["ETag"]
            assert got.headers["ETag"] == cold[key]


HOSTILE = ROOT / "tests" / "data" / "pages" / "hostile.ttl"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    registry = opened_at(tmp_path_factory.mktemp("hostile") / "var")
    summary = load(registry, [HOSTILE], Terms(TODAY, by="test"), no_progress)
    assert not summary.refusals, summary.refusals[0].tell()
    with TestClient(create_app(registry, registry.settings), base_url="http://localhost:8000") as client:
        yield client
    registry.close()


@pytest.mark.parametrize("path", ["/", "/register/organisations", "/doc/BCH-ORG-SCBD-1", "/doc/BCH-ORG-SCBD-1/v/1"])
def test_text_stays_text(hostile: TestClient, path: str) -> None:
    page = hostile.get(path).text
    assert "&lt;script&gt;alert(1)" in page
    for bad in ("<script>", "<img src=x", "<b>bold", 'onmouseover="'):
        assert bad not in page


def test_below_a_folder_every_address_has_the_folder(tmp_path: Path) -> None:
    """Behind a proxy that cuts the folder off, or one that does not."""
    settings = replace(settings_in(tmp_path / "var"), base="https://example.org/bcr/")
    registry = open_registry(settings, clock=lambda: TODAY)
    with TestClient(create_app(registry, settings), follow_redirects=False) as client:
        for path in ("/vocabulary/countries/KE", "/bcr/vocabulary/countries/KE"):
            got = client.get(path)
            assert got.status_code == 200
            assert '<https://example.org/bcr/vocabulary/countries/KE>; rel="canonical"' in got.headers["Link"]
            assert all(href.startswith("/bcr/") for href in re.findall(r'(?:href|src)="(/[^"]*)', got.text))
        assert client.get("/bcr/vocabulary/").headers["Location"] == "https://example.org/bcr/vocabulary"
        assert client.get("/bcr").status_code == 200
        assert "Path=/bcr/" in client.get("/bcr/?lang=fr").headers["Set-Cookie"]
    registry.close()


@pytest.mark.parametrize(
    ("address", "href"),
    [
        ("javascript:alert(1)", ""),
        ("JavaScript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("vbscript:x", ""),
        ("urn:isbn:1", ""),
        ("https://example.org/a", "https://example.org/a"),
        ("mailto:a@example.org", "mailto:a@example.org"),
        ("tel:+254-20", "tel:+254-20"),
        (BASE + "id/BCH-CDI-SCBD-108#contact-1", "/doc/BCH-CDI-SCBD-108#contact-1"),
        (BASE + "vocabulary/countries/KE", "/vocabulary/countries/KE"),
        ("register/projects", "/register/projects"),
        ("//evil.example", "/evil.example"),
    ],
)
def test_links_lead_only_where_links_may(registry: Registry, address: str, href: str) -> None:
    assert Renderer(registry, "/").page("en", "").href(address) == href


def test_other_languages_carry_their_tag(registry: Registry) -> None:
    page = Renderer(registry, "/").page("en", "")
    assert page.say({"en": "a < b"}) == "a &lt; b"
    assert page.say({"ar": "كينيا"}) == '<span lang="ar" dir="rtl">كينيا</span>'
    assert page.say(Text("+254", "und")) == '<span lang="" dir="auto">+254</span>'
    assert page.say_in_words("{name}:", name=Markup("<b>x</b>")) == "<b>x</b>:"
    assert not isinstance(page.say_in_words("{name}:", name="<b>"), Markup)


@pytest.mark.parametrize(
    ("stated", "lang", "said"),
    [
        ("2005-01-26", "en", "26 January 2005"),
        ("2005-01", "en", "January 2005"),
        ("2005", "en", "2005"),
        ("2005-01", "fr", "janvier 2005"),
        ("2005-01-26T10:00:00Z", "es", "26 de enero de 2005"),
        ("2005", "zh", "2005年"),
        ("2005-02-30", "en", "2005-02-30"),
        ("soon", "en", "soon"),
    ],
)
def test_dates_are_as_exact_as_stated(stated: str, lang: str, said: str) -> None:
    assert said_date(stated, lang) == said


def test_no_template_marks_text_safe() -> None:
    for path in (ROOT / "web" / "templates").glob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\|\s*safe\b|autoescape false| style=|\son\w+=", text), path.name


def test_nothing_is_loaded_from_elsewhere() -> None:
    for folder in ("templates", "static"):
        for path in filter(Path.is_file, Path(ROOT / "web" / folder).rglob("*")):
            found = re.findall(r'(?:src=|@import|url\()["\']?(https?://[^"\')]*)', path.read_text(encoding="utf-8"))
            assert not found, path.name
