"""A register is a search whose record type is fixed: what it finds, counts and offers, and what old addresses mean."""

import random
import re
from html import unescape
from typing import Any

import pytest
from starlette.testclient import TestClient

from registry.registry import Registry
from tests.test_http import ask
from tests.test_pages import BASE
from tests.test_search_pages import TOTAL, total
from tests.test_search_pages import client as client

TAB = re.compile(r'<a rel="nofollow" href="([^"]+)"( aria-current="true")?>([^<]+): <b>([\d,]+)</b></a>')
BOX = re.compile(r'type="checkbox" name="([^"]+)" value="([^"]+)"( checked)?>.*?<span>([\d,]+)</span></label>')
COMBINATIONS = 30


def page(client: TestClient, path: str, lang: str = "en") -> str:
    got = ask(client, "GET", f"/{path}", {"Accept": "text/html", "Accept-Language": lang})
    assert got.status_code == 200, got.text[:600]
    return str(got.text)


def items(client: TestClient, path: str, query: str) -> Any:
    return ask(client, "GET", f"/{path}.json{query}", {}).json()


def combination(client: TestClient, chance: random.Random, register: str) -> str:
    """A question at random, of what the register holds."""
    facets = items(client, f"register/{register}", "?archived=yes")["facets"]
    offered = {key: [one["value"] for one in facets[key]] for key in facets if key != "type"}
    asked = [(key, value) for key, values in offered.items() if chance.random() < 0.3 for value in values[:2]]
    asked += [("q", "biosafety")] * (chance.random() < 0.3) + [("concerns", "KE")] * (chance.random() < 0.3)
    asked += [("since", "2003")] * (chance.random() < 0.2) + [("sort", "title")] * (chance.random() < 0.3)
    said = chance.choice(["", "", "yes", "only"])
    if said or any(name == "state" for name, _ in asked):
        asked.append(("archived", said or "yes"))
    return "?" + "&".join(f"{name}={value}" for name, value in asked)


def test_a_register_finds_what_a_search_of_its_type_finds(client: TestClient, registry: Registry) -> None:
    chance, found = random.Random(2005), 0
    registers = [format.register for format in registry.formats.values()]
    for number in range(COMBINATIONS):
        register = registers[number % len(registers)]
        query = combination(client, chance, register)
        here, there = items(client, f"register/{register}", query), items(client, "search", f"{query}&type={register}")
        assert bool(here.pop("next", "")) == bool(there.pop("next", ""))  # each leads on within itself
        assert here == there, (register, query)
        text = page(client, f"register/{register}{query}")
        assert total(text) == here["total"]
        assert all(f'href="/doc/{item["identifier"]}"' in text for item in here["items"])
        for name, value, chosen, count in BOX.findall(text):
            (one,) = (one for one in here["facets"][name] if one["value"] == value)
            assert (one["chosen"], one["count"]) == (bool(chosen), int(count.replace(",", "")))
        found += here["total"]
    assert found > COMBINATIONS


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("country=KE", "concerns=KE"),
        ("country=ke", "concerns=KE"),
        (f"country={BASE}vocabulary/countries/KE", "concerns=KE"),
        ("country=KE&archived=no", "concerns=KE"),
        ("state=completed", "state=project-status/completed&archived=yes"),
        ("state=completed&archived=no", "state=project-status/completed"),
        (
            f"state={BASE}vocabulary/project-status/completed&archived=only",
            "state=project-status/completed&archived=only",
        ),
        ("state=ongoing&country=CN&page=1", "state=project-status/ongoing&concerns=CN&archived=yes"),
        (f"concept={BASE}vocabulary/m49-region/002&archived=yes", "concept=m49-region/002&archived=yes"),
    ],
)
def test_old_addresses_stay_true(client: TestClient, old: str, new: str) -> None:
    here, there = items(client, "register/projects", f"?{old}"), items(client, "search", f"?type=projects&{new}")
    assert here["total"] > 0
    assert {item["iri"] for item in here["items"]} == {item["iri"] for item in there["items"]}
    assert here["total"] == there["total"]


def test_a_country_is_a_facet_where_it_is_one(client: TestClient) -> None:
    """The bare code is a country concerned, as ever; the value of the facet is the country that the record names."""
    named, concerned = (items(client, "register/courses", f"?country={value}") for value in ("countries/KE", "KE"))
    assert named == items(client, "search", "?type=courses&country=countries/KE")
    assert concerned == items(client, "search", "?type=courses&concerns=KE")
    both = ask(client, "GET", "/register/courses?country=countries/KE&country=KE", {"Accept": "text/html"})
    assert both.headers["Content-Location"] == f"{BASE}register/courses.html?concerns=KE&country=countries/KE&lang=en"


def test_one_question_has_one_address(client: TestClient) -> None:
    for query in ("country=KE&state=project-status/ongoing", "concerns=KE&state=ongoing&utm_source=letter"):
        text = page(client, f"register/projects?{query}")
        assert f'<link rel="canonical" href="{BASE}register/projects?state=ongoing&amp;concerns=KE">' in text
        assert "country=" not in text


@pytest.mark.parametrize("register", ["projects", "opportunities", "meetings", "needs"])
@pytest.mark.parametrize("query", ["", "?archived=yes", "?archived=only", "?concerns=KE&since=2004"])
def test_each_tab_has_as_many_records_as_it_says(client: TestClient, register: str, query: str) -> None:
    tabs = TAB.findall(page(client, f"register/{register}{query}"))
    assert sum(bool(here) for _, here, _, _ in tabs) == 1
    assert any("archived=no" in href for href, _, _, _ in tabs) == (register != "needs")
    for href, _, name, count in tabs:
        there = page(client, unescape(href).removeprefix("/"))
        assert total(there) == int(count.replace(",", "")), (name, href)
        assert re.search(rf'aria-current="true">{re.escape(name)}:', there)


def test_a_state_stays_when_filters_are_applied(client: TestClient) -> None:
    """The form brings back the state that a tab chose, and "leave out" means it there."""
    text = page(client, "register/projects?state=completed&archived=no")
    assert '<input type="hidden" name="state" value="project-status/completed">' in text
    assert '<option value="no">Leave out' in text
    assert '<option value="">Leave out' in page(client, "register/projects")
    sent = "?q=&state=project-status/completed&since=&until=&concerns=&archived=no&sort="
    assert total(page(client, f"register/projects{sent}")) == total(text)


def test_every_view_stays_in_the_register(client: TestClient) -> None:
    found = items(client, "register/projects", "?q=biosafety")
    for view in ("list", "table", "map"):
        text = page(client, f"register/projects?q=biosafety&view={view}")
        assert int(TOTAL.search(text)[1]) == found["total"]  # type: ignore[index]
        assert '<form class="two facetted" method="get" action="/register/projects">' in text
        assert not re.search(r'href="/search[?.]', text)
        assert "<script" not in text
        if view != "map":
            assert all(f'href="/doc/{item["identifier"]}"' in text for item in found["items"])
    links = re.findall(
        r'<th scope="row"><a href="(/register/projects[^"]+)">[^<]+</a></th><td>(\d+)</td><td>(\d+)', text
    )
    assert links
    for href, named, reached in links[:3]:
        assert total(page(client, unescape(href).removeprefix("/"))) == int(named) + int(reached)


def test_the_feed_is_called_by_its_register(client: TestClient) -> None:
    for query, title in (("", "Projects"), ("?q=training", "Projects: training")):
        feed = ask(client, "GET", f"/register/projects.atom{query}", {"Accept-Language": "en"})
        assert feed.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
        assert re.search(rf"<title[^>]*>[^<]*{title} – ", feed.text), feed.text[:300]
        assert f'href="{BASE}register/projects.atom{query}"' in feed.text


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("type=needs", "type"),
        ("delivery=course-delivery/online", "delivery"),
        ("state=available", "state"),
        ("state=project-status/none", "state"),
        ("state=opportunity-status/available", "state"),
        ("element=none", "element"),
        ("concerns=XX", "concerns"),
        ("country=countries/KE", "country"),
        ("sort=random", "sort"),
        ("view=3d", "view"),
    ],
)
def test_what_a_register_cannot_be_asked_is_named(client: TestClient, query: str, name: str) -> None:
    got = ask(client, "GET", f"/register/projects?{query}", {"Accept": "application/problem+json"})
    assert (got.status_code, got.json().get("parameter")) == (400, name), got.text[:300]


def test_further_pages_are_of_the_list_that_was_begun(client: TestClient, registry: Registry) -> None:
    got, read, path = None, [], "/register/organisations.json?archived=yes"
    while path:
        got = ask(client, "GET", path, {})
        read += [one["identifier"] for one in got.json()["items"]]
        path = (
            got.links.get("next", {})
            .get("url", "")
            .replace("/register/organisations?", "/register/organisations.json?")
        )
        path = path.removeprefix(BASE.rstrip("/"))
        assert not path or f"upto={registry.sequence}" in path
    assert got and len(read) == len(set(read)) == got.json()["total"] > 20
    assert "upto" not in got.links["first"]["url"] and "upto" in got.links["prev"]["url"]
    before = items(client, "register/organisations", f"?archived=yes&upto={registry.sequence - 1}")["total"]
    assert before <= len(read)
    shown = page(client, f"register/organisations?archived=yes&page=2&upto={registry.sequence}")
    assert (
        f"page=3&amp;upto={registry.sequence}" in shown
        and 'rel="prev" href="/register/organisations?archived=yes"' not in shown
    )
