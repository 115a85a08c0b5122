"""The public query service: the protocol as cases in tests/http/sparql.toml, and what cases cannot say."""

import csv
import io
import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from registry import named
from registry.budget import MOST, Budget
from registry.errors import TooMany
from registry.language import LANGUAGES
from registry.load import Terms, load
from registry.pool import Beyond
from registry.registry import Registry
from registry.settings import Limits
from tests.asking import CSV, GENEROUS, JSON, asked, children
from tests.conftest import TODAY, no_progress
from web import asking
from web.asking import QUERY

Case = dict[str, Any]
CASES = tomllib.loads((Path(__file__).parent / "http" / "sparql.toml").read_text(encoding="utf-8"))["sparql"]
SD = "http://www.w3.org/ns/sparql-service-description#"


@pytest.fixture(scope="module")
def client(registry: Registry) -> Iterator[TestClient]:
    others = children().keys()
    with asked(registry) as client:
        yield client
    assert not children().keys() - others


def sent(client: TestClient, case: Case, method: str) -> Any:
    pairs = [("query", case["query"])] if "query" in case else []
    pairs += list(case.get("params", {}).items())
    address = case.get("path") or "/sparql" + (f"?{urlencode(pairs)}" if pairs else "")
    request = client.build_request(method, f"http://localhost:8000{address}")
    if method == "POST":
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if "form" in case else {}
        body = urlencode(case["form"]) if "form" in case else case.get("body", "")
        request = client.build_request(method, str(request.url), content=body.encode(), headers=kind)
    for name in ("Accept", "Accept-Encoding", "Accept-Language"):
        request.headers.pop(name, None)
    request.headers.update(case.get("headers", {}))
    client.cookies.clear()
    return client.send(request)


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES])
def test_protocol(client: TestClient, case: Case) -> None:
    method = case.get("method", "GET")
    got = sent(client, case, method)
    assert got.status_code == case["status"], got.text[:400]
    for name, value in case.get("expect", {}).items():
        assert got.headers.get(name) == value, name
    for name, pieces in case.get("has", {}).items():
        assert all(piece in got.headers.get(name, "") for piece in pieces), name
    assert all(piece in got.text for piece in case.get("contains", [])), got.text[:1000]
    assert not [piece for piece in case.get("absent", []) if piece in got.text]
    if method == "GET":
        head = sent(client, case, "HEAD")
        assert (head.status_code, head.content) == (got.status_code, b"")
        left_out = ("etag", "content-length")  # of a page, which says how long it took
        same = [
            one
            for one in got.headers.multi_items()
            if "html" not in got.headers["content-type"] or one[0] not in left_out
        ]
        assert set(same) <= set(head.headers.multi_items())


def answer(client: TestClient, query: str, accept: str = JSON, way: str = "form", **params: Any) -> Any:
    headers = {"Accept": accept}
    if way == "address":
        return client.get("/sparql", params={"query": query, **params}, headers=headers)
    if way == "form":
        return client.post("/sparql", data={"query": query, **params}, headers=headers)
    headers["Content-Type"] = QUERY
    return client.post("/sparql", content=query.encode(), params=params, headers=headers)


def rows(got: Any) -> list[dict[str, str]]:
    assert got.status_code == 200, got.text
    return [{name: cell["value"] for name, cell in row.items()} for row in got.json()["results"]["bindings"]]


@pytest.mark.parametrize("way", ["address", "form", "body"])
def test_nothing_is_decoded_twice(client: TestClient, way: str) -> None:
    query = 'SELECT ("50%25+1" AS ?x) (<http://e.example/a%20b> AS ?y) ("é+ü 生物 سلامة & = ;" AS ?z) {}'
    expected = {"x": "50%25+1", "y": "http://e.example/a%20b", "z": "é+ü 生物 سلامة & = ;"}
    assert rows(answer(client, query, way=way)) == [expected]


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=60)


@settings(max_examples=34, deadline=None)
@given(st.lists(TEXTS, min_size=30, max_size=30))
def test_any_text_comes_back_as_it_was(client: TestClient, texts: list[str]) -> None:
    """A thousand strings, as literals and within IRIs; none ends its quotation."""
    values = " ".join(f"({ox.Literal(text)} <http://e.example/{text.encode().hex()}>)" for text in texts)
    found = rows(answer(client, f"SELECT * {{ VALUES (?x ?y) {{ {values} }} }}"))
    assert [row["x"] for row in found] == texts
    assert [bytes.fromhex(row["y"].rsplit("/", 1)[1]).decode() for row in found] == texts


@settings(max_examples=60, deadline=None)
@given(st.text("<>\"{}|^`\\'#;.()[]?$@ \n\tSERVICEselectwhere*", max_size=80))
def test_whatever_is_asked_is_answered(client: TestClient, text: str) -> None:
    got = answer(client, f"SELECT * {{ {text} }} LIMIT 1")
    assert got.status_code in (200, 400, 503)


def test_the_description(client: TestClient, registry: Registry) -> None:
    got = client.get("/sparql", headers={"Accept": "text/turtle"})
    graph = {(str(q.subject), str(q.predicate), str(q.object)) for q in ox.parse(got.content, ox.RdfFormat.TURTLE)}
    here = "<http://localhost:8000/sparql>"
    for name, value in (("endpoint", here), ("supportedLanguage", f"<{SD}SPARQL11Query>")):
        assert (here, f"<{SD}{name}>", value) in graph
    assert (here, f"<{SD}feature>", f"<{SD}UnionDefaultGraph>") in graph
    told = {object for _, predicate, object in graph if predicate == f"<{SD}name>"}
    query = "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } FILTER(!CONTAINS(STR(?g), '/id/')) }"
    assert {f"<{row['g']}>" for row in rows(answer(client, query))} == told
    for accept in ("application/rdf+xml", "application/ld+json", "application/n-triples"):
        other = client.get("/sparql", headers={"Accept": accept})
        assert other.headers["Content-Type"] == accept
        assert len({str(q) for q in ox.parse(other.content, ox.RdfFormat.from_media_type(accept))}) == len(graph)  # type: ignore[arg-type]


def test_the_union_is_what_is_public_and_no_more(client: TestClient, registry: Registry) -> None:
    public = len({line.rsplit(" <", 1)[0] for line in registry.graphs.dump() if "<urn:registry:position>" not in line})
    got = answer(client, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    assert rows(got) == [{"n": str(public)}]
    assert got.headers["Registry-Sequence"] == str(registry.sequence)
    assert not rows(answer(client, "SELECT ?g { GRAPH ?g {} FILTER(STRSTARTS(STR(?g), 'urn:')) }"))


@pytest.mark.parametrize("query", [pytest.param(q, id=q) for q in ("examples", "reports")])
def test_examples_answer(client: TestClient, registry: Registry, query: str) -> None:
    for found in registry.queries.below(query):
        bound = found.bind(**named.bindings(registry, found, {}, TODAY.date()))
        kind = named.form(found)
        got = answer(client, bound, JSON if kind != "CONSTRUCT" else "text/turtle")
        assert got.status_code == 200, found.name
        assert "true" in got.text if kind == "ASK" else len(got.text) > 200, found.name


def test_there_are_examples_for_harvesters_and_analysts(client: TestClient, registry: Registry) -> None:
    found = registry.queries.below("examples")
    assert len(found) >= 12
    assert {named.form(query) for query in found} == {"SELECT", "CONSTRUCT", "ASK"}
    for lang in LANGUAGES:
        page = client.get(f"/sparql?lang={lang}", headers={"Accept": "text/html"}).text
        assert all(f"example={query.name.split('/')[1]}" in page for query in found)
        assert (found[0].title in page) == (lang == "en")
    for query in found:
        page = client.get("/sparql", params={"example": query.name.split("/")[1]}, headers={"Accept": "text/html"})
        assert page.status_code == 200, query.name
        assert 'id="results"' in page.text


def test_small_answers_are_kept(client: TestClient, registry: Registry) -> None:
    query = "SELECT ?s { ?s a <http://www.w3.org/ns/prov#Activity> } LIMIT 5"
    first = answer(client, query, way="address")
    pool = client.app.state.site.service.pool  # type: ignore[attr-defined]
    before, pool.ask = pool.ask, None
    try:
        again = client.get(
            "/sparql", params={"query": query}, headers={"Accept": JSON, "If-None-Match": first.headers["ETag"]}
        )
        assert (again.status_code, again.headers["ETag"]) == (304, first.headers["ETag"])
        assert answer(client, query, way="form").content == first.content
    finally:
        pool.ask = before
    one, two = (answer(client, "SELECT (STRUUID() AS ?x) {}", way="address") for _ in "12")
    assert one.content != two.content
    assert one.headers["Cache-Control"] == "no-store"


def test_the_same_request_is_answered_before_the_room(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    query = "SELECT ?s { ?s a <http://www.w3.org/ns/prov#Activity> } LIMIT 5"
    with asked(registry, Limits(budget=4)) as client:
        first = answer(client, query, way="address")
        with monkeypatch.context() as patched:
            patched.setattr(asking, "of_address", None)
            again = answer(client, query, way="address")
            assert (again.content, again.headers) == (first.content, first.headers)
            head = client.head("/sparql", params={"query": query}, headers={"Accept": JSON})
            assert (head.content, head.headers["ETag"]) == (b"", first.headers["ETag"])
        assert answer(client, query, CSV, way="address").headers["Content-Type"].startswith(CSV)
        client.app.state.site.service.budget.charge("testclient", 100)  # type: ignore[attr-defined]
        assert answer(client, query, way="address").status_code == 429


def test_a_new_record_is_seen(empty: Registry, tmp_path: Path) -> None:
    clock, others = [0.0], children()
    count = "SELECT (COUNT(?x) AS ?n) { ?x a <ns/capacity#Organisation> }"
    (tmp_path / "one.ttl").write_text(
        """<id/BCH-ORG-SCBD-1> a <ns/capacity#Organisation> ; <http://xmlns.com/foaf/0.1/name> "An institute"@en ;
        <http://purl.org/dc/terms/type> <vocabulary/organisation-type/academic> ;
        <ns/capacity#country> <vocabulary/countries/KE> .""",
        encoding="utf-8",
    )
    with asked(empty) as client:
        service = client.app.state.site.service  # type: ignore[attr-defined]
        service._snapshots._clock = lambda: clock[0]
        before = answer(client, count)
        assert rows(before) == [{"n": "0"}]
        workers = service.pool.processes
        load(empty, [tmp_path / "one.ttl"], Terms(TODAY, by="test", legacy=True), no_progress)
        assert rows(answer(client, count)) == [{"n": "0"}]  # a copy was taken just now
        clock[0] += 3
        after = answer(client, count)
        assert rows(after) == [{"n": "1"}]
        assert int(after.headers["Registry-Sequence"]) > int(before.headers["Registry-Sequence"])
        assert not set(workers) & set(service.pool.processes)
        for _ in "123":
            (tmp_path / "one.ttl").write_text((tmp_path / "one.ttl").read_text().replace('"@en', '!"@en'))
            load(empty, [tmp_path / "one.ttl"], Terms(TODAY, by="test", legacy=True), no_progress)
            clock[0] += 3
            answer(client, count)
        folder = empty.settings.data / "snapshots"
        assert len(list(folder.glob("*/*"))) <= 2
    assert not list(folder.iterdir())
    assert children().keys() <= others.keys()


def test_rows_have_a_limit_that_is_told(registry: Registry) -> None:
    with asked(registry, Limits(rows=10, budget=1_000_000)) as client:
        assert len(rows(answer(client, "SELECT * { ?s a ?o } LIMIT 10"))) == 10
        for accept in (JSON, CSV, "text/tab-separated-values", "application/sparql-results+xml"):
            got = answer(client, "SELECT * { ?s a ?o } LIMIT 12", accept)
            assert (got.status_code, "10" in got.text) == (400, True)
        assert answer(client, "CONSTRUCT { ?s a ?o } { ?s a ?o } LIMIT 11", "text/turtle").status_code == 400
        page = client.get("/sparql", params={"query": "SELECT * { ?s a ?o }"}, headers={"Accept": "text/html"}).text
        assert "10" in page


def test_a_page_is_small_whatever_the_answer_is(registry: Registry) -> None:
    """Some doublings in a query make megabytes of each of its 500 rows; a query may have hundreds of columns, too."""
    twice = " ".join(f"BIND(CONCAT(?v{n}, ?v{n}) AS ?v{n + 1})" for n in range(7))
    long = f'BIND("{"<" * 1000}" AS ?v0) {twice} VALUES ?r {{ {" ".join(map(str, range(500)))} }}'
    wide = " ".join(f"(1 AS ?c{n})" for n in range(400))
    with asked(registry, Limits(budget=1_000_000)) as client:
        for query in (f"SELECT ?v7 {{ {long} }}", f"SELECT {wide} {{ ?s ?p ?o }}"):
            page = client.get("/sparql", params={"query": query}, headers={"Accept": "text/html"})
            assert (page.status_code, len(page.content) < 12_000_000) == (200, True), query[:80]
        whole = answer(client, f"SELECT ?v7 {{ {long} }} LIMIT 2", CSV).text
        assert len(whole) > 2 * 128_000


def test_csv_opens_as_a_table(client: TestClient) -> None:
    got = answer(client, 'SELECT ("a\\nb" AS ?x) ("é,\\"" AS ?y) {}', CSV)
    assert list(csv.reader(io.StringIO(got.text, newline=""))) == [["x", "y"], ["a\nb", 'é,"']]


def test_a_budget_is_gained_back() -> None:
    now = [0.0]
    budget = Budget(60, lambda: now[0])
    for _ in range(5):
        budget.admit("192.0.2.7")
        budget.charge("192.0.2.7", 25)
    with pytest.raises(TooMany) as refused:
        budget.admit("192.0.2.7")
    assert refused.value.after == 6
    budget.admit("192.0.2.8")
    now[0] += 6
    budget.admit("192.0.2.7")
    for _ in range(61):
        budget.charge("2001:db8::1", errors=1)
    with pytest.raises(TooMany):
        budget.admit("2001:db8::2")  # the same household
    for number in range(MOST + 10):
        budget.charge(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", 1)
    assert len(budget) == MOST


def test_who_asks_too_much_waits(registry: Registry) -> None:
    with asked(registry, Limits(budget=4)) as client:
        answers = [answer(client, "nonsense") for _ in range(6)]
        assert [got.status_code for got in answers] == [400] * 5 + [429]
        assert int(answers[-1].headers["Retry-After"]) > 0
        assert client.get("/sparql", headers={"Accept": "*/*"}).status_code == 200


def test_a_machine_without_room_for_a_worker_says_so(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise OSError(24, "Too many open files")

    with asked(registry) as client:
        with monkeypatch.context() as patched:
            patched.setattr("registry.pool.Process", refused)
            assert answer(client, "ASK {}").status_code == 503
        assert answer(client, "ASK {}").status_code == 200


def test_who_brings_workers_down_waits(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    def beyond(*_: object) -> None:
        raise Beyond("It was too much.")

    monkeypatch.setattr("registry.pool.Pool._judge", beyond)
    with asked(registry, Limits(budget=4)) as client:
        assert [answer(client, "ASK {}").status_code for _ in range(6)] == [503] * 5 + [429]


def test_it_can_be_switched_off(registry: Registry) -> None:
    with asked(registry, Limits(workers=0)) as client:
        assert answer(client, "ASK {}").status_code == 404
        assert client.get("/sparql", headers={"Accept": "text/html"}).status_code == 404
        assert not any(path.startswith("/sparql") for path in client.get("/openapi.json").json()["paths"])
        for path in ("/about/data", "/query", "/query/reports/elements"):
            assert 'href="/sparql' not in client.get(path, headers={"Accept": "text/html"}).text


def test_updates_change_nothing(client: TestClient, registry: Registry) -> None:
    before = registry.graphs.digest()
    for path, body, kind in (
        ("/sparql", "CLEAR ALL", "application/sparql-update"),
        ("/sparql", "update=CLEAR+ALL", "application/x-www-form-urlencoded"),
        ("/sparql", "DELETE WHERE { ?s ?p ?o }", QUERY),
        ("/sparql?update=CLEAR+ALL", "", QUERY),
        ("/sparql", "INSERT DATA { <a:b> <a:b> 1 }", "text/plain"),
    ):
        got = client.post(path, content=body.encode(), headers={"Content-Type": kind})
        assert 400 <= got.status_code < 500
    assert registry.graphs.digest() == before
    assert json.loads(answer(client, "ASK {}").text)["boolean"]


def test_one_process_is_enough(registry: Registry) -> None:
    with asked(registry, Limits(workers=1, queue=0, seconds=10, budget=GENEROUS.budget)) as client:
        for _ in range(3):
            assert answer(client, "ASK {}").status_code == 200
        assert len(client.app.state.site.service.pool.processes) == 1  # type: ignore[attr-defined]
