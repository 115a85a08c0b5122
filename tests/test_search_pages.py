"""The pages of the search and what they export: one form without scripts, and the same result in every form."""

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from registry.language import LANGUAGES
from registry.registry import Registry
from registry.search import Asked
from tests.conftest import TODAY
from tests.test_http import ask
from tests.test_pages import BASE, DATA, in_json, triples
from web.answers import Answer
from web.app import create_app
from web.cache import Pages
from web.facetted import FIXED, keys, read, written

ATOM = "{http://www.w3.org/2005/Atom}"
TOTAL = re.compile(r"<h2>Records: ([\d,]+)</h2>")
ELEMENT = "action-plan-2004/ap2004-a"


@pytest.fixture(scope="module")
def client(registry: Registry) -> Iterator[TestClient]:
    app = create_app(registry, registry.settings, today=lambda: TODAY.date(), clock=lambda: TODAY)
    app.state.site.search.build(TODAY.date())
    with TestClient(app, base_url="http://localhost:8000", follow_redirects=False) as found:
        yield found
    app.state.site.search.close()


def page(client: TestClient, query: str = "", lang: str = "en") -> str:
    got = ask(client, "GET", f"/search{query}", {"Accept": "text/html", "Accept-Language": lang})
    assert got.status_code == 200, got.text[:600]
    return str(got.text)


def total(text: str) -> int:
    found = TOTAL.search(text)
    assert found
    return int(found[1].replace(",", ""))


def items(client: TestClient, query: str = "") -> Any:
    return ask(client, "GET", f"/search.json{query}", {}).json()


def test_everything_is_one_form_and_needs_no_script(client: TestClient) -> None:
    text = page(client, "?q=training&type=courses&since=2004&view=table")
    forms = re.findall(r"<form[^>]*>", text)
    assert forms == ['<form class="two facetted" method="get" action="/search">']
    names = set(re.findall(r'<(?:input|select)[^>]* name="([^"]+)"', text))
    assert {"q", "type", "source", "since", "until", "concerns", "archived", "sort", "view"} <= names
    assert re.search(r'<input type="checkbox" name="type" value="courses" checked>', text)
    assert '<input type="hidden" name="view" value="table">' in text
    assert not re.search(r"<script(?! src=)", text)
    assert not re.search(r"\son\w+=", text)


def test_an_empty_form_asks_for_everything(client: TestClient) -> None:
    said = "?q=&since=&until=&concerns=&archived=&sort="
    assert total(page(client, said)) == total(page(client))
    assert f'<link rel="canonical" href="{BASE}search">' in page(client, said)


def test_the_words_found_are_marked_and_nothing_else_is_markup(client: TestClient) -> None:
    text = page(client, "?q=training")
    marks = {mark.lower() for mark in re.findall(r"<mark>(.*?)</mark>", text)}
    assert "training" in marks
    assert all(mark.startswith("train") for mark in marks)
    hostile = page(client, "?q=" + quote('<mark>"><script>alert(1)</script> training'))
    assert "<script>alert" not in hostile


def test_words_are_marked_in_the_language_that_holds_them(client: TestClient) -> None:
    """A French reader who looks for an English word sees the English text, and is told that it is English."""
    text = page(client, "?q=biosafety", "fr")
    assert re.search(r'lang="en" dir="ltr">[^<]*<mark>', text)


def test_a_facet_is_counted_and_narrows_as_it_says(client: TestClient) -> None:
    text = page(client, "?q=biosafety")
    boxes = re.findall(r'name="type" value="([^"]+)">.*?<span>([\d,]+)</span></label>', text)
    assert len(boxes) > 2
    for value, count in boxes:
        assert items(client, f"?q=biosafety&type={value}")["total"] == int(count.replace(",", ""))


def test_what_is_chosen_can_be_taken_away(client: TestClient) -> None:
    query = f"?q=biosafety&type=projects&type=needs&element={ELEMENT}&concerns=KE&since=2001&until=2030&archived=yes"
    text = page(client, query)
    chips = [unescape(href) for href in re.findall(r'<a class="chip" rel="nofollow" href="([^"]+)"', text)]
    assert len(chips) == 7
    whole = parse_qs(query[1:])
    for href in chips:
        left = parse_qs(urlsplit(href).query)
        gone = sum(len(values) for values in whole.values()) - sum(len(values) for values in left.values())
        assert gone == 1, href
        assert page(client, href.removeprefix("/search"))


def test_a_facet_takes_a_whole_address_too(client: TestClient) -> None:
    short, whole = (items(client, f"?element={quote(value)}") for value in (ELEMENT, f"{BASE}vocabulary/{ELEMENT}"))
    assert short["total"] == whole["total"] > 0
    assert items(client, f"?concept={BASE}vocabulary/{ELEMENT}")["total"] >= short["total"]


def test_a_value_is_written_as_it_is_read(registry: Registry) -> None:
    said = {"type": ["projects"], "source": ["secretariat"], "element": [ELEMENT], "coverage": ["countries/KE"]}
    asked = read(registry, said, "en", TODAY.date())
    told = {key: [written(registry, key, value) for value in values] for key, values in asked.chosen.items()}
    assert told == said
    assert asked == Asked(chosen=asked.chosen, lang="en", day=TODAY.date())
    assert not set(keys(registry)) & set(FIXED)


def test_every_view_and_every_page_shows_what_was_found(client: TestClient) -> None:
    found = items(client, "?q=biosafety")
    assert found["pages"] > 1
    for view in ("list", "table"):
        text = page(client, f"?q=biosafety&view={view}")
        assert all(f'href="/doc/{item["identifier"]}"' in text for item in found["items"])
        assert 'aria-current="true"' in text
    seen = [
        item["identifier"]
        for n in range(found["pages"])
        for item in items(client, f"?q=biosafety&page={n + 1}")["items"]
    ]
    assert len(seen) == len(set(seen)) == found["total"]
    got = ask(client, "GET", f"/search?q=biosafety&page={found['pages'] + 1}", {})
    assert got.status_code == 404


def test_the_map_leads_to_the_records_found(client: TestClient) -> None:
    text = page(client, "?q=biosafety&type=projects&view=map")
    assert "<svg" in text
    links = re.findall(
        r'<th scope="row"><a href="(/search[^"]+)">[^<]+</a></th><td>([\d,]+)</td><td>([\d,]+)</td>', text
    )
    assert links
    for href, named, reached in links[:3]:
        asked = unescape(href)
        assert "view=" not in asked
        assert total(page(client, asked.removeprefix("/search"))) == int(named) + int(reached)


def test_archived_records_are_told_of_and_one_link_away(client: TestClient) -> None:
    text, found = page(client, "?type=opportunities"), items(client, "?type=opportunities")
    assert found["archivedMore"] > 0
    link = re.search(r'href="([^"]*archived=yes[^"]*)"', text)
    assert link
    assert total(page(client, unescape(link[1]).removeprefix("/search"))) == found["total"] + found["archivedMore"]


def test_what_finds_nothing_says_what_to_do(client: TestClient) -> None:
    text = page(client, "?q=zzzzqqqq&type=news")
    assert total(text) == 0
    assert 'href="/search?q=zzzzqqqq">Search without filters' in text


@pytest.mark.parametrize("query", ["", "?q=training&type=courses", f"?q=biosafety&element={ELEMENT}&page=2"])
def test_every_form_says_the_same(client: TestClient, query: str) -> None:
    turtle, lines = (triples(ask(client, "GET", f"/search.{s}{query}", {}).content, f) for s, f in DATA.items())
    assert turtle == lines
    plain = items(client, query)
    members = {line.split()[2] for line in lines if "hydra/core#member>" in line}
    assert members == {f"<{item['iri']}>" for item in plain["items"]}
    assert f'totalItems> "{plain["total"]}"' in "\n".join(lines)
    if not query:
        assert in_json(client, "search") == lines


def test_the_table_holds_the_whole_result(client: TestClient) -> None:
    got = ask(client, "GET", "/search.csv?q=biosafety&lang=fr", {})
    assert got.headers["Content-Disposition"] == 'attachment; filename="search-2026-11-22.csv"'
    rows = list(csv.DictReader(io.StringIO(got.content.decode("utf-8-sig"), newline="")))
    assert len(rows) == items(client, "?q=biosafety")["total"]
    assert {"identifier", "iri", "state", "modified", "type", "title"} <= set(rows[0])


def test_the_feed_is_one_that_readers_of_feeds_take(client: TestClient) -> None:
    got = ask(client, "GET", "/search.atom?q=biosafety&type=projects", {"Accept-Language": "en"})
    assert got.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = ElementTree.fromstring(got.content)
    assert feed.findtext(f"{ATOM}id") == f"{BASE}search?q=biosafety&type=projects"
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links["self"] == f"{BASE}search.atom?q=biosafety&type=projects"
    entries = feed.findall(f"{ATOM}entry")
    assert 0 < len(entries) <= 50
    moments = [entry.findtext(f"{ATOM}updated") or "" for entry in entries]
    assert moments == sorted(moments, reverse=True)
    assert feed.findtext(f"{ATOM}updated") == moments[0]
    for entry in entries:
        assert (entry.findtext(f"{ATOM}id") or "").startswith(f"{BASE}id/")
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+(\+00:00|Z)", entry.findtext(f"{ATOM}updated") or "")
        assert entry.findtext(f"{ATOM}title")


def test_the_header_chooses_as_everywhere(client: TestClient) -> None:
    for accept, kind in (
        ("application/atom+xml", "application/atom+xml; charset=utf-8"),
        ("application/json", "application/json"),
        ("text/turtle", "text/turtle; charset=utf-8"),
        ("text/csv", "text/csv; charset=utf-8"),
    ):
        got = ask(client, "GET", "/search?q=biosafety", {"Accept": accept})
        assert (got.status_code, got.headers["Content-Type"]) == (200, kind)
    assert ask(client, "GET", "/search", {"Accept": "image/png"}).status_code == 406
    assert ask(client, "GET", "/search.atom?_profile=alt", {}).status_code == 406
    assert ask(client, "GET", "/search?_profile=alt", {"Accept": "text/turtle"}).status_code == 200
    assert ask(client, "GET", "/search.exe", {}).status_code == 404


def test_plain_json_is_in_the_language_of_the_reader(client: TestClient) -> None:
    labels = {}
    for lang in LANGUAGES:
        got = ask(client, "GET", "/search.json?q=biosafety", {"Accept-Language": lang})
        assert got.headers["Content-Language"] == lang
        labels[lang] = got.json()["facets"]["type"][0]["label"]
    assert len(set(labels.values())) == len(LANGUAGES)


def test_every_language_has_every_page(client: TestClient) -> None:
    for lang in LANGUAGES:
        for query in ("", "?q=biosafety&view=table", "?q=biosafety&view=map", "?q=zzzzqqqq"):
            assert f'<html lang="{lang}"' in page(client, query, lang)


def test_suggestions(client: TestClient) -> None:
    got = ask(client, "GET", "/search/suggestions?q=biosa", {"Accept-Language": "en"})
    assert got.headers["Content-Type"] == "application/json"
    assert got.headers["Cache-Control"] == "public, max-age=300"
    assert "Accept-Language" in got.headers["Vary"]
    assert any(text.startswith("biosa") for text in got.json())
    assert ask(client, "GET", "/search/suggestions?q=evaluat", {"Accept-Language": "fr"}).json()[0][0] == "é"
    assert all(text.startswith("-biosa") for text in ask(client, "GET", "/search/suggestions?q=-biosa", {}).json())
    for typed in ("", "%00", "%20", "x" * 5000, '"', "-", "*"):
        answer = ask(client, "GET", f"/search/suggestions?q={typed}", {})
        assert answer.status_code == 200
        assert isinstance(answer.json(), list)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("q=" + "a" * 10_000, "q"),
        ("page=-1", "page"),
        ("page=0", "page"),
        ("page=1e9", "page"),
        ("page=" + "9" * 400, "page"),
        ("since=abc", "since"),
        ("since=1066", "since"),
        ("until=200%C2%B2", "until"),
        ("type=unicorns", "type"),
        ("source=me", "source"),
        ("state=none/such", "state"),
        ("element=action-plan-2004/none", "element"),
        ("element=%3Cx%3E", "element"),
        ("concept=urn:x", "concept"),
        ("concerns=XX", "concerns"),
        ("concerns=..%2Faction-plan-2004%2Fap2004-a", "concerns"),
        ("archived=maybe", "archived"),
        ("sort=random", "sort"),
        ("view=3d", "view"),
        ("typ=projects", "typ"),
        ("q=biosafety&" + "&".join(["country=countries/KE"] * 100), "country"),
    ],
)
def test_what_cannot_be_asked_is_named(client: TestClient, query: str, name: str) -> None:
    got = ask(client, "GET", f"/search?{query}", {"Accept": "application/problem+json", "Accept-Language": "en"})
    assert got.status_code == 400, got.text[:300]
    assert got.json()["parameter"] == name
    assert got.json()["detail"]


@pytest.mark.parametrize(
    "typed", ['"', "- -", "* **", "\0", "🌾", "a\0b", '"un closed', "-biosafety", "（生物）", "%", "\u202e"]
)
def test_whatever_is_typed_is_answered(client: TestClient, typed: str) -> None:
    for suffix in ("", ".json", ".nt", ".atom"):
        assert ask(client, "GET", f"/search{suffix}?q={quote(typed)}", {}).status_code == 200


@given(
    st.dictionaries(st.sampled_from([*FIXED, "element", "country", "q"]), st.text(max_size=12), min_size=1, max_size=3)
)
@settings(max_examples=60, deadline=None)
def test_no_parameter_breaks_it(client: TestClient, said: dict[str, str]) -> None:
    query = "&".join(f"{name}={quote(value, errors='replace')}" for name, value in said.items())
    assert ask(client, "GET", f"/search?{query}", {}).status_code in (200, 400, 404)


def test_the_same_again_in_sparql_and_as_a_call(client: TestClient, registry: Registry) -> None:
    for path, query in (("search", "?q=biosafety&type=projects"), ("register/projects", "?q=biosafety&page=2")):
        text = ask(client, "GET", f"/{path}{query}", {"Accept": "text/html"}).text
        shown = [unescape(code) for code in re.findall(r"<pre[^>]*><code>(.*?)</code></pre>", text, re.DOTALL)]
        assert shown == [f'curl "{BASE}{path}.json{query}"']
        link = re.search(r'href="([^"]+)" rel="alternate" type="application/sparql-query"', text)
        assert link
        got = ask(client, "GET", unescape(link[1]), {})
        assert got.headers["Content-Type"] == "application/sparql-query; charset=utf-8"
        chosen = {"type": (registry.formats["project"].target,)}
        asked = Asked(text="biosafety", chosen=chosen, day=TODAY.date())
        assert got.text == client.app.state.site.search.query(asked)  # type: ignore[attr-defined]
        found = {str(row["record"]) for row in registry.graphs.select(got.text)}
        assert len(found) == items(client, "?q=biosafety&type=projects")["total"]


def test_search_is_offered_where_readers_begin(client: TestClient) -> None:
    home = ask(client, "GET", "/", {"Accept": "text/html"}).text
    assert '<form class="searchbar" role="search" method="get" action="/search">' in home
    assert 'href="/search"' in home
    register = ask(client, "GET", "/register/projects", {"Accept": "text/html"}).text
    assert '<form class="two facetted" method="get" action="/register/projects">' in register


def test_what_is_drawn_while_the_index_is_built_is_not_kept(
    client: TestClient, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = client.app.state.site.search  # type: ignore[attr-defined]
    answer, query = type(search).answer, "?q=laboratory&until=2031"
    with monkeypatch.context() as building:
        building.setattr(type(search), "answer", lambda self, asked: replace(answer(self, asked), indexed=False))
        building.setattr(type(search), "progress", lambda self: (2_000, 5_000))
        got = ask(client, "GET", f"/search{query}", {"Accept": "text/html", "Accept-Language": "en"})
        assert got.headers["Cache-Control"] == "no-store"
        assert "2,000 of 5,000 records are in it" in got.text
    later = ask(client, "GET", f"/search{query}", {"Accept": "text/html", "Accept-Language": "en"})
    assert later.headers["Cache-Control"] == "public, no-cache"
    assert "being built" not in later.text


def test_json_leads_to_its_next_page(client: TestClient) -> None:
    for path in ("search.json?q=training&archived=yes", "register/projects.json?q=biosafety"):
        found, following = list[str](), f"{BASE}{path}&lang=fr"
        while following:
            got = ask(client, "GET", following.removeprefix(BASE.rstrip("/")), {})
            assert got.headers["Content-Type"] == "application/json"
            assert got.headers["Content-Language"] == "fr"
            found += [item["iri"] for item in got.json()["items"]]
            following = got.json().get("next", "")
        assert len(set(found)) == len(found) == got.json()["total"] > 20


def test_years_may_be_typed_in_the_digits_of_any_script(client: TestClient) -> None:
    assert 0 < items(client, "?since=٢٠٠٥")["total"] == items(client, "?since=2005")["total"]


def test_json_has_what_programs_need(client: TestClient) -> None:
    found = items(client, "?q=training&type=courses")
    assert set(found) == {"total", "page", "pages", "archivedMore", "next", "items", "facets"}
    for item in found["items"]:
        assert set(item) == {"identifier", "iri", "page", "type", "title", "titleLanguage", "modified"}
        assert item["type"] == "courses"
    assert json.dumps(found["facets"]["type"][0]["value"])


def test_a_long_question_is_not_repeated_for_every_form_in_the_header(client: TestClient) -> None:
    short, long = (
        ask(client, "GET", f"/search?q={text}", {"Accept": "text/html"}) for text in ("seed", "+".join(["seed"] * 60))
    )
    assert 'rel="alternate"' in short.headers["Link"] and 'rel="alternate"' not in long.headers["Link"]
    assert 'rel="canonical"' in long.headers["Link"] and 'rel="alternate" type="text/csv"' in long.text


def test_the_kept_answers_have_a_bound_in_bytes() -> None:
    pages = Pages(size=4, most=160)
    for number, size in enumerate((10, 10, 10, 11)):
        pages.keep(number, Answer(b"x" * size, "text/plain"))
    assert [bool(pages.kept(number)) for number in range(4)] == [True, True, True, False]  # too large to be kept
    pages = Pages(size=100, most=160)
    for number in range(40):
        pages.keep(number % 30, Answer(b"x" * 10, "text/plain"))
    assert sum(len(kept.body) for number in range(30) if (kept := pages.kept(number))) == 160


def test_a_concept_of_another_vocabulary_is_none_of_a_filter(client: TestClient) -> None:
    got = ask(client, "GET", "/search.json?element=countries/KE", {})
    assert got.status_code == 400 and "element" in got.text
