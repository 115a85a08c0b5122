"""Records related to a record: which, why, in which order; the section of its page; the searches that find them all."""

import re
from collections.abc import Callable, Iterator
from html import unescape
from unittest.mock import patch

import pytest
from starlette.testclient import TestClient

from registry.load import Terms, load
from registry.registry import Registry
from registry.shape import path_name
from tests.conftest import ROOT, TODAY, no_progress, opened_at
from tests.test_http import ask
from web.app import create_app
from web.related import related

FIRST = "BCH-CDI-SCBD-1"
EXPECTED = [  # identifier, pairs, organisations, needs
    ("BCH-CDI-SCBD-6", 0, 0, 1),
    ("BCH-OPP-SCBD-3", 2, 0, 0),
    ("BCH-CDI-SCBD-5", 0, 1, 0),
    ("BCH-CDI-SCBD-2", 2, 0, 0),
    ("BCH-NEED-KE-4", 1, 0, 0),
]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    registry = opened_at(tmp_path_factory.mktemp("related"))
    told = load(registry, [ROOT / "tests" / "data" / "related"], Terms(TODAY, by="test", legacy=True), no_progress)
    assert not told.refusals, told.refusals[0].tell()
    yield registry
    registry.close()


@pytest.fixture(scope="module")
def client(small: Registry) -> Iterator[TestClient]:
    app = create_app(small, small.settings, today=lambda: TODAY.date(), clock=lambda: TODAY)
    with TestClient(app, base_url="http://localhost:8000", follow_redirects=False) as found:
        yield found
    app.state.site.search.close()


def section(client: TestClient, lang: str) -> str:
    text = ask(client, "GET", f"/doc/{FIRST}", {"Accept": "text/html", "Accept-Language": lang}).text
    found = re.search(r'<section class="sec" id="related">.*?</section>', text, re.DOTALL)
    assert found
    return str(found[0])


def test_those_that_share_something_and_no_others_the_nearest_first(small: Registry) -> None:
    found = related(small, small.own.record(FIRST))
    assert [
        (path_name(one.record), len(one.pairs), len(one.organisations), len(one.needs)) for one in found
    ] == EXPECTED


def test_the_relation_goes_both_ways(small: Registry) -> None:
    for name, *_shared in EXPECTED:
        assert FIRST in {path_name(one.record) for one in related(small, small.own.record(name))}


def test_an_organisation_is_not_related_to_those_that_name_it(small: Registry) -> None:
    assert not related(small, small.own.record("BCH-ORG-SCBD-1"))


def test_the_samples_are_related_by_what_they_say(registry: Registry) -> None:
    for name in ("BCH-CDI-SCBD-5001", "BCH-CDI-SCBD-5002", "BCH-CDI-SCBD-5010"):
        entry = registry.record(name)
        assert entry
        said = {triple.object for triple in entry.graph}
        for one in related(registry, entry.iri):
            other = registry.record(path_name(one.record))
            assert other and other.status == "published" and other.iri != entry.iri
            shared = {*one.organisations, *(iri for pair in one.pairs for iri in pair)}
            assert shared | set(one.needs)
            assert shared <= said & {triple.object for triple in other.graph}


def test_the_page_says_why_in_the_language_of_the_reader(client: TestClient, small: Registry) -> None:
    text = section(client, "en")
    assert text.count("<li>") == len(EXPECTED)
    assert "Two elements and a country" in text
    assert "Same element and country:" in text and "Same organization:" in text and "Answers the same need:" in text
    assert 'href="/doc/BCH-ORG-SCBD-1">Seed Institute</a>' in text
    arabic = section(client, "ar")
    kenya = small.concepts.get(small.own.concept("countries", "KE"))
    assert kenya and kenya.labels["ar"] in arabic
    assert "معهد البذور" in arabic
    assert '<a href="/doc/BCH-CDI-SCBD-5" lang="en" dir="ltr">' in arabic
    assert "Same" not in arabic


def test_the_searches_find_all_that_share_an_element_and_a_country(client: TestClient) -> None:
    found: set[str] = set()
    addresses = re.findall(r'href="(/search\?[^"]*)"', section(client, "en"))
    for address in addresses:
        asked = unescape(address).replace("/search?", "/search.json?")
        found |= {one["identifier"] for one in ask(client, "GET", asked, {}).json()["items"]}
    assert len(addresses) == 2
    assert {name for name, pairs, *_others in EXPECTED if pairs} <= found


def test_a_version_and_the_data_know_nothing_of_it(client: TestClient) -> None:
    version = ask(client, "GET", f"/doc/{FIRST}/v/1", {"Accept": "text/html"}).text
    assert 'id="related"' not in version
    assert "BCH-OPP-SCBD-3" not in ask(client, "GET", f"/doc/{FIRST}.ttl", {}).text


def test_a_page_asks_once_and_a_kept_page_not_at_all(client: TestClient, small: Registry) -> None:
    asked = []

    def counted(select: Callable[..., object]) -> Callable[..., object]:
        def counting(name: str, *args: object, **bindings: object) -> object:
            asked.append(name)
            return select(name, *args, **bindings)

        return counting

    each = patch.object(small, "select_each", counted(small.select_each))
    with patch.object(small, "select", counted(small.select)), each:
        section(client, "fr")
        assert asked.count("records/related") == 1
        assert asked.count("records/labels") == 1
        asked.clear()
        section(client, "fr")
        assert "records/related" not in asked
