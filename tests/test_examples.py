"""Examples and reports mean what the pages say: their answers beside those of the search, and beside the triples."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from registry import named
from registry.registry import Registry
from registry.shape import path_name
from registry.terms import NamedNode
from tests.asking import asked

COUNTRIES = ("UA", "KE", "CM", "ID", "CO", "DE", "FJ")
FIXED = re.compile(r'FILTER\(LANG\(\?(\w+)\) = "\w+"\)')
TAKING_PART = ("leadOrganisation", "funder", "coFunder", "organisation")
COMPARED = {"examples/labels-missing"}  # English is what its answer is about


@pytest.fixture(scope="module")
def client(registry: Registry) -> Iterator[TestClient]:
    with asked(registry) as client:
        yield client


def told(client: TestClient, query: str, **given: Any) -> Any:
    got = client.get(f"/query/{query}.json", params=given)
    assert got.status_code == 200, got.text
    return got.json()


def found(client: TestClient, register: str = "search", **given: Any) -> set[str]:
    """The records that the site shows, all pages of them."""
    records: set[str] = set()
    address, given = f"/{register}.json", {"lang": "en", **given}
    while address:
        page = client.get(address, params=given or None).json()
        records |= {item["iri"] for item in page["items"]}
        address, given = page.get("next", ""), {}
    assert len(records) == page["total"]
    return records


@pytest.mark.parametrize("query", ["examples", "reports"])
def test_no_query_holds_to_one_language(registry: Registry, query: str) -> None:
    for one in registry.queries.below(query):
        for match in FIXED.finditer(one.text):
            line = one.text[one.text.rfind("\n", 0, match.start()) + 1 : match.end()]
            assert line.lstrip().startswith("OPTIONAL {") or one.name in COMPARED, one.name
        assert "SAMPLE(" not in one.text, one.name


def test_opportunities_that_are_open_are_those_available(client: TestClient) -> None:
    rows = told(client, "examples/opportunities-open")["rows"]
    assert {row["opportunity"] for row in rows} == found(client, "register/opportunities", state="available")
    assert len({row["opportunity"] for row in rows}) == len(rows)
    assert all(row["title"] for row in rows)
    closes = [row.get("closes", "9999") for row in rows]
    assert closes == sorted(closes)
    assert closes[-1] == "9999"


@pytest.mark.parametrize("country", COUNTRIES)
def test_what_concerns_a_country_is_what_the_search_finds(client: TestClient, country: str) -> None:
    rows = told(client, "examples/country", country=country)["rows"]
    assert {row["record"] for row in rows} == found(client, concerns=country)
    assert len({row["record"] for row in rows}) == len(rows)
    for day in ("2026-11-22", "2004-01-01"):
        answer = told(client, "examples/anything-open", country=country, day=day)["answer"]
        if day == "2026-11-22":
            there = found(client, "register/opportunities", state="available", concerns=country)
        else:
            there = {row["opportunity"] for row in told(client, "examples/opportunities-open", day=day)["rows"]}
            there &= found(client, "register/opportunities", concerns=country)
        assert answer == bool(there)


def test_every_current_project_is_in_the_table(client: TestClient) -> None:
    rows = told(client, "examples/projects-and-countries")["rows"]
    assert {row["project"] for row in rows} == found(client, "register/projects")
    places = [(row["project"], row.get("country")) for row in rows]
    assert len(set(places)) == len(places)
    assert all(row["title"] for row in rows)


def test_records_are_counted_as_the_site_counts_them(client: TestClient) -> None:
    counted = sum(row["records"] for row in told(client, "examples/records-by-type")["rows"])
    assert counted == len(found(client))


def test_organizations_are_counted_by_the_projects_that_name_them(client: TestClient, registry: Registry) -> None:
    counted: Counter[str] = Counter()
    for project in found(client, "register/projects"):
        graph = registry.graphs.graph(NamedNode(project))
        counted.update({str(t.object.value) for t in graph if path_name(t.predicate) in TAKING_PART})
    rows = told(client, "examples/organisations-by-projects")["rows"]
    assert {row["organisation"]: row["projects"] for row in rows} == counted
    assert len(rows) == len(counted) and all(row["called"] for row in rows)


def test_equal_areas_count_together(client: TestClient, registry: Registry) -> None:
    def equal(area: str) -> set[NamedNode]:
        known = {NamedNode(area)}
        while (
            more := {
                NamedNode(row["other"].value)
                for row in registry.graphs.select(MATCHES.format(" ".join(map(str, known))))
            }
            - known
        ):
            known |= more
        return known

    rows = told(client, "examples/projects-by-element")["rows"]
    current = found(client, "register/projects")
    named_by: set[NamedNode] = set()
    for row in rows:
        areas = equal(row["area"])
        assert not areas & named_by
        named_by |= areas
        text = " ".join(map(str, areas))
        projects = {one["x"].value for one in registry.graphs.select(NAMED.format(text))} & current
        assert len(projects) == row["projects"], row
        assert "action-plan-2004" not in row["area"] or len(areas) == 1
    needs = told(client, "examples/needs-without-project")["rows"]
    assert needs
    for need in needs:
        text = " ".join(map(str, equal(need["area"])))
        there = {one["x"].value for one in registry.graphs.select(NEEDED.format(text, NamedNode(need["country"])))}
        assert not there & current, need


MATCHES = """PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?other {{ VALUES ?area {{ {} }} ?area skos:exactMatch|^skos:exactMatch ?other }}"""
NAMED = "SELECT DISTINCT ?x {{ VALUES ?area {{ {} }} ?x a <ns/capacity#Project> ; <ns/capacity#element> ?area }}"
NEEDED = NAMED.removesuffix("}}") + "; <http://purl.org/dc/terms/spatial> {} }}"


def test_changes_go_forward_until_there_are_no_more(registry: Registry, client: TestClient) -> None:
    whole = told(client, "examples/changed-since")
    assert [row["sequence"] for row in whole["rows"]] == sorted(row["sequence"] for row in whole["rows"])
    assert whole["complete"] == (len(whole["rows"]) < 1000)
    assert not told(client, "examples/changed-since", after=registry.sequence)["rows"]
    behind = told(client, "examples/changed-since", after=10)["rows"]
    assert min(row["sequence"] for row in behind) == 11


def test_an_answer_that_a_query_limits_is_not_called_complete(registry: Registry) -> None:
    query = registry.queries["records/closing"]
    seen = named.ask(registry, query, {})
    assert (len(seen.rows), seen.cut) == (6, True)
