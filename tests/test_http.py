"""What the web of data expects, as cases in tests/http/*.toml: request, status, headers, body. GET and HEAD alike."""

import asyncio
import re
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from registry.load import Terms, load
from registry.registry import Registry, open_registry
from registry.retirement import merge, retire
from registry.settings import Settings
from tests.conftest import TODAY, no_progress, settings_in
from web.app import create_app
from web.doors import Doors
from web.negotiate import DATA

FOLDER = Path(__file__).parent / "http"
Case = dict[str, Any]
LINK = re.compile(r'<([^<>"\s]+)>((?:; [a-z]+="[^"]*")+)(?:, |$)')
WITH_DATA = [
    "doc/BCH-CDI-SCBD-108",
    "doc/BCH-CDI-SCBD-108/v/1",
    "doc/BCH-CDI-SCBD-108/history",
    "register/projects",
    "search",
    "vocabulary/action-plan-2006",
    "vocabulary/action-plan-2006/ap2006-c",
    "vocabulary",
    "format/project",
    "format",
    "ns/capacity",
    "query",
    "query/reports/elements",
    "index",
]


def cases(kind: str) -> list[Any]:
    found = []
    for path in sorted(FOLDER.glob("*.toml")):
        for case in tomllib.loads(path.read_text(encoding="utf-8")).get(kind, []):
            found.append(pytest.param(case, id=f"{path.stem}: {case['name']}"))
    return found


def loaded(folder: Path, base: str = "http://localhost:8000/") -> Registry:
    """A registry of three organisations."""
    chosen = Settings(base=base, data=folder / "var", house=settings_in(folder).house)
    registry = open_registry(chosen, clock=lambda: TODAY)
    records = "".join(
        f"""<id/BCH-ORG-SCBD-{number}> a <ns/capacity#Organisation> ;
  <http://xmlns.com/foaf/0.1/name> "Institute number {number}"@en , "Institut numéro {number}"@fr ;
  <http://purl.org/dc/terms/type> <vocabulary/organisation-type/academic> ;
  <ns/capacity#country> <vocabulary/countries/KE> .
"""
        for number in (1, 2, 3)
    )
    (folder / "records.ttl").write_text(records, encoding="utf-8")
    summary = load(registry, [folder / "records.ttl"], Terms(TODAY, by="test", legacy=True), no_progress)
    assert not summary.refusals, summary.refusals[0].tell()
    return registry


@pytest.fixture(scope="module")
def ended_client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    registry = loaded(tmp_path_factory.mktemp("ended"))
    reasons = {"en": "It closed its doors.", "fr": "Il a fermé ses portes."}
    retire(registry, "BCH-ORG-SCBD-1", reasons, by="test", successor="BCH-ORG-SCBD-2")
    merge(registry, "BCH-ORG-SCBD-3", "BCH-ORG-SCBD-2", {"en": "The same institute."}, by="test")
    app = create_app(registry, registry.settings, today=lambda: TODAY.date(), clock=lambda: TODAY)
    app.state.site.search.prepare(TODAY.date())
    app.state.site.search.settle()
    with TestClient(app, base_url="http://localhost:8000", follow_redirects=False) as client:
        yield client
    registry.close()


@pytest.fixture(scope="module")
def app_client(registry: Registry) -> Iterator[TestClient]:
    app = create_app(registry, registry.settings, today=lambda: TODAY.date(), clock=lambda: TODAY)
    app.state.site.search.prepare(TODAY.date())
    app.state.site.search.settle()
    with TestClient(app, base_url="http://localhost:8000", follow_redirects=False) as client:
        yield client


def ask(client: TestClient, method: str, path: str, headers: dict[str, str]) -> Any:
    """One request and no more: what a client would add by itself is left out, cookies are not kept."""
    client.cookies.clear()
    plain = {"Accept": "", "Accept-Encoding": "", "Accept-Language": ""}
    sent = {name: value for name, value in {**plain, **headers}.items() if value}
    request = client.build_request(method, f"http://localhost:8000{path}")
    for name in plain:
        request.headers.pop(name, None)
    request.headers.update(sent)
    return client.send(request)


def filled(text: str, places: dict[str, str]) -> str:
    for name, value in places.items():
        text = text.replace(f"{{{name}}}", value)
    return text


@pytest.mark.parametrize("case", cases("case"))
def test_case(app_client: TestClient, case: Case) -> None:
    judge(app_client, case)


@pytest.mark.parametrize("case", cases("ended"))
def test_ended(ended_client: TestClient, case: Case) -> None:
    judge(ended_client, case)


def judge(app_client: TestClient, case: Case) -> None:
    path, method = case["path"], case.get("method", "GET")
    places: dict[str, str] = {}
    if "first" in case:
        before = ask(app_client, "GET", path, case["first"].get("headers", {}))
        places = {"etag": before.headers["ETag"], "modified": before.headers["Last-Modified"]}
    headers = {name: filled(value, places) for name, value in case.get("headers", {}).items()}
    got = ask(app_client, method, path, headers)
    assert got.status_code == case["status"], got.text[:400]
    for name, value in case.get("expect", {}).items():
        assert got.headers.get(name) == filled(value, places), name
    for name, pieces in case.get("has", {}).items():
        assert all(piece in got.headers.get(name, "") for piece in pieces), f"{name}: {got.headers.get(name)}"
    for name, pieces in case.get("lacks_pieces", {}).items():
        assert not any(piece in got.headers.get(name, "") for piece in pieces), name
    for name in case.get("lacks", []):
        assert name not in got.headers
    for piece in case.get("contains", []):
        assert piece in got.text
    for piece in case.get("absent", []):
        assert piece not in got.text
    if case.get("empty"):
        assert got.content == b""
    if method == "GET":
        head = ask(app_client, "HEAD", path, headers)
        assert (head.status_code, head.content) == (got.status_code, b"")
        assert sorted(head.headers.multi_items()) == sorted(got.headers.multi_items())


@pytest.mark.parametrize("case", cases("distinct"))
def test_tags_differ(app_client: TestClient, case: Case) -> None:
    tags = [ask(app_client, "GET", case["path"], headers).headers["ETag"] for headers in case["headers"]]
    assert len(set(tags)) == len(tags)


def parsed(data: bytes, media: str) -> set[str]:
    """The triples of a document as pyoxigraph reads it, whatever graphs they stand in."""
    syntax = ox.RdfFormat.from_media_type(media)
    assert syntax
    return {str(quad.triple).replace('+00:00"^^', 'Z"^^') for quad in ox.parse(data, syntax)}


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")  # its own parsers call what it deprecates
@pytest.mark.parametrize("path", WITH_DATA)
def test_all_forms_are_one_graph(app_client: TestClient, path: str) -> None:
    """Each parses with two parsers and says the same; none of what is published has blank nodes."""
    expected: set[str] = set()
    for media in DATA:
        got = ask(app_client, "GET", f"/{path}.{media.suffix}?_context=inline", {})
        assert (got.status_code, got.headers["Content-Type"]) == (200, media.content_type)
        found = parsed(got.content, media.type)
        expected = expected or found
        assert found == expected, media.suffix
        if "_:" not in "".join(found):
            other = rdflib.Dataset()
            other.parse(data=got.content, format=media.type)
            assert parsed(other.serialize(format="nquads", encoding="utf-8"), "application/n-quads") == found
    ElementTree.fromstring(ask(app_client, "GET", f"/{path}.xhtml", {}).content)


def test_json_ld_of_a_record_is_the_graph_of_its_turtle(app_client: TestClient) -> None:
    address = "/doc/BCH-CDI-SCBD-108"
    turtle = parsed(ask(app_client, "GET", f"{address}.ttl", {}).content, "text/turtle")
    for form in ("compacted", "expanded", "flattened", "framed"):
        got = ask(app_client, "GET", f"{address}.jsonld?_profile={form}&_context=inline", {})
        assert parsed(got.content, "application/ld+json") == turtle, form


@pytest.mark.parametrize("path", ["/", *(f"/{path}" for path in WITH_DATA if path != "index")])
def test_links_are_written_as_they_must_be(app_client: TestClient, path: str) -> None:
    got = ask(app_client, "GET", path, {"Accept": "text/turtle"})
    line = got.headers["Link"]
    found = [(target, dict(re.findall(r'([a-z]+)="([^"]*)"', rest))) for target, rest in LINK.findall(line)]
    assert sum(len(one) for one in (m[0] for m in re.finditer(LINK, line))) == len(line)
    rels = [attributes["rel"] for _, attributes in found]
    assert rels.count("canonical") == 1
    types = {attributes["type"] for _, attributes in found if attributes["rel"] == "alternate"}
    assert {media.type for media in DATA} < types


def test_every_address_that_a_record_mints_answers(registry: Registry, app_client: TestClient) -> None:
    start, addresses = registry.own.base, set()
    for format in registry.formats.values():
        for row in registry.select("records/list", kind=format.target)[:3]:
            entry = registry.record(row["identifier"].value)  # type: ignore[union-attr]
            assert entry
            named = {term for triple in entry.graph for term in triple if isinstance(term, ox.NamedNode)}
            addresses |= {term.value.split("#")[0] for term in named if term.value.startswith(start)}
    assert len(addresses) > 40
    for address in sorted(addresses):
        got = ask(app_client, "GET", "/" + address.removeprefix(start), {"Accept": "text/turtle"})
        assert got.status_code < 400, address


PIECES = st.sampled_from(
    [
        *("doc", "id", "register", "vocabulary", "format", "ns", "context", "frame", "history", "projects", "v", "1"),
        *("BCH-CDI-SCBD-108", "BCH-CDI-SCBD-108.ttl", "project.v1.jsonld", "countries", "%00", "%FF", "..", ".", "-1"),
        *("%E7%94%9F", "%3Cscript%3E", "project.csv", ".ttl", "x.", "9" * 20, "compare", "%2F", "", "a" * 300),
    ]
)
NAMES = st.sampled_from(
    [
        "lang",
        "format",
        "_mediatype",
        "_profile",
        "_context",
        "page",
        "state",
        "concept",
        "country",
        "event",
        "from",
        "x",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=4), st.lists(st.tuples(NAMES, PIECES), max_size=3))
def test_nothing_breaks_it(app_client: TestClient, path: list[str], query: list[tuple[str, str]]) -> None:
    asked = "&".join(f"{name}={value}" for name, value in query)
    got = ask(app_client, "GET", "/" + "/".join(path) + (f"?{asked}" if asked else ""), {"Accept": "text/turtle"})
    assert got.status_code < 500
    assert "Traceback" not in got.text


def test_below_a_folder_all_addresses_are_whole(tmp_path: Path) -> None:
    base = "https://registry.example/biosafety/"
    registry = loaded(tmp_path, base)
    app = create_app(registry, registry.settings, today=lambda: TODAY.date(), clock=lambda: TODAY)
    with TestClient(app, base_url="http://10.0.0.1:9999", follow_redirects=False) as client:
        assert client.get("/biosafety/id/BCH-ORG-SCBD-1").headers["Location"] == base + "doc/BCH-ORG-SCBD-1"
        got = client.get("/biosafety/doc/BCH-ORG-SCBD-1", headers={"X-Forwarded-Host": "evil.example"})
        assert got.headers["Content-Location"] == base + "doc/BCH-ORG-SCBD-1.html?lang=en"
        assert "10.0.0.1" not in got.text + str(got.headers)
        assert "evil.example" not in got.text + str(got.headers)
        assert "Disallow: /biosafety/register/*?" in client.get("/biosafety/robots.txt").text
        context = client.get("/biosafety/doc/BCH-ORG-SCBD-1.jsonld").json()["@context"]
        assert client.get("/biosafety/" + context.removeprefix(base)).status_code == 200
    registry.close()


@pytest.mark.parametrize(
    ("raw", "location"),
    [
        (b"http://localhost:8000//doc/BCH-ORG-SCBD-1", "/doc/BCH-ORG-SCBD-1"),
        (b"http://[/doc//BCH-ORG-SCBD-1?x=1", "/doc/BCH-ORG-SCBD-1"),
        (b"HTTPS://a:b:c", "/"),
    ],
)
def test_a_request_line_may_hold_a_whole_address(raw: bytes, location: str) -> None:
    """RFC 9112, section 3.2.2: the address is read as a path; whatever stands for a host leads nowhere."""
    answers: list[Any] = []

    async def passed_on(scope: Any, receive: Any, send: Any) -> None:
        answers.append({"path": raw})

    async def send(message: Any) -> None:
        answers.append(message)

    async def failed(request: Any) -> Any:
        raise AssertionError

    scope = {"type": "http", "method": "GET", "path": "/", "raw_path": raw, "query_string": b"", "headers": []}
    doors = Doors(passed_on, "http://localhost:8000/", "/", frozenset({"doc"}), failed)
    with ThreadPoolExecutor(1) as thread:  # a loop of its own: a browser's may be running in this one
        thread.submit(asyncio.run, doors(scope, None, send)).result()  # type: ignore[arg-type]
    headers = dict(answers[0].get("headers", []))
    assert headers[b"location"] == f"http://localhost:8000{location}".encode()


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (b"http://localhost/health", "/health"),
        (b"HTTPS://elsewhere.example:1/doc/BCH-ORG-SCBD-1?x=http://y/", "/doc/BCH-ORG-SCBD-1"),
        (b"http://localhost/base/health", "/health"),
        (b"http://localhost/doc/%C3%A9", "/doc/é"),
        (b"/health", "/health"),
    ],
)
def test_behind_the_doors_the_request_names_its_path_alone(raw: bytes, path: str) -> None:
    seen: list[Any] = []

    async def passed_on(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["path"])

    async def send(message: Any) -> None:
        raise AssertionError

    async def failed(request: Any) -> Any:
        raise AssertionError

    stated = raw.decode().split("?")[0]
    scope = {"type": "http", "method": "GET", "path": stated, "raw_path": raw, "query_string": b"", "headers": []}
    prefix = "/base/" if b"base" in raw else "/"
    doors = Doors(passed_on, f"http://localhost:8000{prefix}", prefix, frozenset({"doc"}), failed)
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, doors(scope, None, send)).result()  # type: ignore[arg-type]
    assert seen == [path]


@pytest.mark.parametrize(
    ("name", "lines", "told"),
    [
        ("accept", ("image/png", "text/turtle"), ("content-type", "text/turtle; charset=utf-8")),
        ("accept", ("text/turtle;q=0.1", "application/n-triples"), ("content-type", "application/n-triples")),
        ("accept-language", ("xx", "fr"), ("content-language", "fr")),
    ],
)
def test_a_list_in_several_lines_is_one_list(
    app_client: TestClient, name: str, lines: tuple[str, ...], told: tuple[str, str]
) -> None:
    address = "http://localhost:8000/doc/BCH-CDI-SCBD-108"
    answer = app_client.get(address, headers=[(name, line) for line in lines])
    assert answer.headers.get(told[0]) == told[1]


def test_no_change_is_dated_in_the_future(registry: Registry) -> None:
    """RFC 9110, section 8.8.2.1: a clock that was set back."""
    before = TODAY - timedelta(days=30)
    app = create_app(registry, registry.settings, today=before.date, clock=lambda: before)
    with TestClient(app, base_url="http://localhost:8000", follow_redirects=False) as client:
        for path in ("/doc/BCH-CDI-SCBD-108.ttl", "/doc/BCH-CDI-SCBD-108.html", "/context/project.v1.jsonld"):
            got = ask(client, "GET", path, {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"})
            assert got.status_code == 200, path
            assert "Last-Modified" not in got.headers
            assert ask(client, "GET", path, {"If-None-Match": got.headers["ETag"]}).status_code == 304
