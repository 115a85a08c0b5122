"""The interface as it describes itself: nothing forgotten, every example answered, every answer as described."""

import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from fastapi.routing import APIRoute
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi import checks
from starlette.testclient import TestClient

from registry import named
from registry.exchange import jsonld
from registry.language import LANGUAGES
from registry.registry import Registry
from tests.conftest import TODAY
from tests.sending import ORGANISATION, bearing, client_of, office, token
from tests.test_desk import person
from tests.test_http import ask
from web import known
from web.operations import Operation, operations
from web.results import LABEL

__all__ = ["office"]

ALTERNATE = re.compile(r'; rel="alternate"; type="([^"]+)"')
CONFORMING = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]


@pytest.fixture(scope="module")
def client(registry: Registry) -> Iterator[TestClient]:
    with client_of(registry) as found:
        found.app.state.site.search.build(TODAY.date())  # type: ignore[attr-defined]
        yield found
        found.app.state.site.search.close()  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def drawn(client: TestClient, registry: Registry) -> dict[str, tuple[Operation, ...]]:
    rooms = client.app.state.rooms  # type: ignore[attr-defined]
    return {lang: operations(rooms, registry, TODAY.date(), lang) for lang in LANGUAGES}


def test_every_route_is_described_or_left_out_for_a_reason(client: TestClient) -> None:
    routes = [route for route in client.app.state.rooms if isinstance(route, APIRoute)]  # type: ignore[attr-defined]
    asked = {(method.lower(), route.path_format) for route in routes for method in route.methods or ()}
    forgotten = [one for one in asked if not known.known(*one) and not known.reason(*one)]
    assert not forgotten, "describe them in web/known.py, or say there why not"
    assert not [one for one in asked if known.known(*one) and known.reason(*one)]
    assert set(known.GET) <= {path for method, path in asked if method == "get"}
    assert set(known.SEND) <= asked
    segments = {"/".join(path.strip("/").split("/")[:2]) for _, path in asked}
    keys = {key.split(" ")[0] for key in known.REASONS}
    assert keys <= segments | {one.split("/")[0] for one in segments}


def test_names_are_unique_and_words_are_translated(drawn: dict[str, tuple[Operation, ...]]) -> None:
    assert all(one.words for operation in drawn["en"] for one in operation.parameters)
    ids = [one.id for one in drawn["en"]]
    assert len(ids) == len(set(ids))
    for lang in LANGUAGES[1:]:
        for english, other in zip(drawn["en"], drawn[lang], strict=True):
            assert english.id == other.id
            assert english.summary != other.summary, (lang, english.summary)
            assert all(a.words != b.words for a, b in zip(english.parameters, other.parameters, strict=True)), lang


def test_every_example_is_answered_in_the_forms_that_are_told(
    client: TestClient, drawn: dict[str, tuple[Operation, ...]]
) -> None:
    asked = 0
    for one in drawn["en"]:
        if one.method != "get" or not (one.address or one.path == "/"):
            continue
        got = ask(client, "GET", f"/{one.address}", {})
        assert got.status_code in ((200,) if one.media else (302, 303)), one.address
        told = [media.type for media in one.media]
        if one.known.negotiated:
            assert ALTERNATE.findall(got.headers["Link"]) == told, one.path
        elif told and "*/*" not in told and one.path != "/sparql":  # without a query it describes itself
            assert [got.headers["Content-Type"].split(";")[0]] == told, one.path
        for parameter in one.parameters:
            if parameter.place == "query" and parameter.example:
                value = parameter.example[0] if parameter.many else parameter.example
                assert ask(client, "GET", f"/{one.address}?{parameter.name}={value}", {}).status_code == 200
                asked += 1
    assert asked > 10


def test_parameters_are_those_that_the_addresses_know(
    client: TestClient, drawn: dict[str, tuple[Operation, ...]]
) -> None:
    """An address that refuses what it does not know names what it knows."""
    compared = 0
    for one in (one for one in drawn["en"] if one.method == "get" and not one.fixed):
        got = ask(client, "GET", f"/{one.address}?qqqqqq=1", {"Accept": "application/problem+json"})
        told = {each.name for each in one.parameters if each.place == "query"}
        found = re.search(r"There are ([\w, -]+)\.$", got.json()["detail"]) if got.status_code == 400 else None
        if not found:
            continue
        names = set(found[1].split(", "))
        assert names <= told, one.path
        assert one.path == "/register/{name}" or not (told - names - {"lang", "format"} - _overrides(told)), one.path
        compared += 1
    assert compared > 8


def _overrides(names: set[str]) -> set[str]:
    return {name for name in names if name.startswith("_")}


def test_records_are_as_their_schemas_say(client: TestClient, registry: Registry) -> None:
    """Those that were taken from elsewhere may lack what a new one must have."""
    parts = {"components": client.get("/openapi.json").json()["components"]}
    for format in registry.formats.values():
        name = "".join(piece.capitalize() for piece in format.key.split("-")) + "Record"
        schema = jsonschema_rs.validator_for({"$ref": f"#/components/schemas/{name}", **parts})
        listed = registry.select("records/list", kind=format.target)
        assert listed, format.key
        for row in listed[:40]:
            entry = registry.record(row["identifier"].value)
            assert entry
            document = jsonld.compact(entry.iri, entry.graph, format, registry.own)
            faults = [f for f in schema.iter_errors(document) if "is a required property" not in f.message]
            assert not faults, (entry.identifier, faults[0].message, faults[0].instance_path)


def conform(client: TestClient, count: int, headers: dict[str, str], example: dict[str, Any], *, sends: bool) -> int:
    """Ask each operation as its description allows, half of the time of something that is there."""
    schema = schemathesis.openapi.from_dict(client.get("/openapi.json").json())
    schema.app = client.app
    asked = 0
    for found in schema.get_all_operations():
        operation = found.ok()  # type: ignore[union-attr]
        if ("security" in operation.definition.raw) != sends or operation.path == "/sparql":
            continue  # the query service has tests of its own, which start its workers

        @settings(
            max_examples=count,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(), there=st.booleans())
        def answered(case: Any, there: bool) -> None:
            nonlocal asked
            places = example.get(case.operation.path, {}) if there else {}
            case.path_parameters = {**(case.path_parameters or {}), **places}
            case.headers = {**(case.headers or {}), **headers}
            got = case.call(allow_redirects=False)
            case.validate_response(got, checks=CONFORMING)
            asked += 1

        answered()
    return asked


def _places(found: tuple[Operation, ...]) -> dict[str, Any]:
    return {one.path: {name: value for name, value in one.example.items() if name != "suffix"} for one in found}


def test_answers_are_as_described(client: TestClient, drawn: dict[str, tuple[Operation, ...]]) -> None:
    assert conform(client, 4, {}, _places(drawn["en"]), sends=False) > 150


@pytest.mark.soak
def test_answers_are_as_described_for_long(client: TestClient, drawn: dict[str, tuple[Operation, ...]]) -> None:
    assert conform(client, 200, {}, _places(drawn["en"]), sends=False) > 5_000


@pytest.mark.parametrize("count", [6, pytest.param(200, marks=pytest.mark.soak)])
def test_what_is_sent_is_answered_as_described(office: Registry, count: int) -> None:
    """With a token that may publish: bodies as described, and others."""
    owner = person(office, "point", "bch-national-focal-point", country="KE")
    record = {"name": ORGANISATION.rsplit("/", 1)[-1]}
    with client_of(office) as client:
        places = {"/doc/{name}": record, "/register/{name}": {"name": "organisations"}}
        assert conform(client, count, bearing(token(office, owner)), places, sends=True) > count


def test_queries_say_the_same_in_every_form(client: TestClient, registry: Registry) -> None:
    """As many rows everywhere; and none takes a parameter that means something else at every address."""
    for query in named.named(registry.queries):
        assert not {"lang", "format", "page"} & {one.name for one in query.parameters}, query.name
        address = f"/query/{query.name}"
        plain = ask(client, "GET", f"{address}.json", {}).json()
        table = ask(client, "GET", f"{address}.csv", {}).text.splitlines()
        page = ask(client, "GET", address, {"Accept": "text/html"})
        assert page.status_code == 200, query.name
        if "answer" in plain:
            continue
        count = len(plain["rows"])
        assert f"<h2>Rows: {count:,}</h2>" in page.text, query.name
        assert len(table) >= count + 1
        assert f'"{plain["columns"][0]}"' in table[0].removeprefix("\ufeff")
        own = [name for name in plain["columns"] if not name.endswith(LABEL)]
        if named.form(query) == "SELECT":
            told = ask(client, "GET", f"{address}.srj", {}).json()
            assert [name for name in told["head"]["vars"] if name in own] == own
            assert len(told["results"]["bindings"]) == count
            xml = ask(client, "GET", f"{address}.srx", {}).text
            assert xml.count("<sparql:result>") == count
            triples = ask(client, "GET", f"{address}.nt", {}).text
            assert triples.count("result-set#solution>") == count
