"""The pages of countries: groups, needs and priorities, records that name a country or reach it."""

import re

import pytest
from starlette.testclient import TestClient

from registry.registry import Registry
from tests.test_http import app_client as app_client
from tests.test_http import ask
from web.countries import regions
from web.places import countries
from web.priorities import priorities
from web.render import Renderer


@pytest.fixture(scope="module")
def codes(registry: Registry) -> list[str]:
    return [concept.notation for concept in countries(registry)]


def test_every_country_stands_once_in_the_index(registry: Registry, codes: list[str]) -> None:
    found = regions(Renderer(registry, "/").page("en", "country"))
    assert sorted(place.concept.notation for region in found for place in region.places) == sorted(codes)
    assert [region.name.text for region in found][-1] == "Other areas"


def test_every_country_has_a_page(app_client: TestClient, codes: list[str]) -> None:
    for code in codes:
        page = ask(app_client, "GET", f"/country/{code}", {"Accept": "text/html"})
        assert page.status_code == 200, code
        assert page.text.count("<h1") == 1


def test_needs_stand_by_element_the_most_urgent_first(registry: Registry) -> None:
    page = Renderer(registry, "/").page("en", "country/KE")
    found = priorities(page, registry.own.concept("countries", "KE"))
    assert found
    for one in found:
        assert one.elements
        for _, wishes in one.elements:
            order = [page.concept(wish.priority).position for wish in wishes if wish.priority]  # type: ignore[union-attr]
            assert order == sorted(order)
            assert all(wish.href.startswith("/doc/BCH-NEED-KE-") and "#" in wish.href for wish in wishes)


def test_page_and_data_hold_the_same_records(app_client: TestClient) -> None:
    page = ask(app_client, "GET", "/country/BB", {"Accept": "text/html"}).text
    data = ask(app_client, "GET", "/country/BB.nt", {}).text
    members = set(re.findall(r"hydra/core#member> <http://localhost:8000/id/([\w-]+)>", data))
    assert members == set(re.findall(r'href="/doc/(BCH-[\w-]+)"', page)) & members
    total = re.search(r'hydra/core#totalItems> "(\d+)"', data)
    assert total
    assert int(total[1]) == len(members)


def test_groups_are_told_with_the_day_their_list_was_read(app_client: TestClient) -> None:
    page = ask(app_client, "GET", "/country/KE", {"Accept": "text/html"}).text
    assert page.count("list read on 22 November 2026") == 5
    assert "to be checked" not in page, "the source of a list is for curators"
