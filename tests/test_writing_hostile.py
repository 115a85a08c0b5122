"""Bodies that mean harm: each is refused quickly, with a reason, and leaves nothing behind."""

import json
import time
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from registry.registry import Registry
from tests.sending import (
    BASE,
    JSON,
    JSONLD,
    NTRIPLES,
    PATCH,
    TURTLE,
    bearing,
    client_of,
    compact,
    office,
    token,
    turtle,
)
from tests.test_desk import KENYA, person
from tests.test_writing import written

__all__ = ["office"]

CONTEXT = f"{BASE}context/need.v1.jsonld"
TITLE = "<http://purl.org/dc/terms/description>"
HOSTILE = {
    "deep JSON": (JSONLD, "[" * 400_000),
    "deep objects": (JSON, '{"a":' * 150_000 + "1" + "}" * 150_000),
    "deep but readable": (JSON, '{"contact":' * 300 + "1" + "}" * 300),
    "deep Turtle": (TURTLE, "<x> <y> " + "[ <y> " * 50_000),
    "remote context": (JSONLD, '{"@context": "http://169.254.169.254/latest", "title": "x"}'),
    "remote import": (JSONLD, '{"@context": {"@version": 1.1, "@import": "http://127.0.0.1:1/"}, "title": "x"}'),
    "file context": (JSONLD, '{"@context": "file:///etc/passwd", "title": "x"}'),
    "scoped context": (JSONLD, '{"@context": {"t": {"@id": "urn:t", "@context": "http://127.0.0.1:1/"}}, "t": "x"}'),
    "half a sign in a key": (JSON, '{"\\ud800": "x"}'),
    "half a sign in a value": (JSON, '{"title": {"en": "\\udfff"}}'),
    "half a sign in an IRI": (JSON, '{"id": "https://x.example/\\ud800"}'),
    "no UTF-8": (TURTLE, b"\xff\xfe<x> a <y> ."),
    "endless number": (JSON, '{"title": ' + "9" * 6_000 + "}"),
    "no number": (JSON, '{"title": NaN}'),
    "no JSON": (JSON, "{,"),
    "no object": (JSON, "null"),
    "no object either": (JSONLD, '"text"'),
    "nothing": (TURTLE, ""),
    "cut Turtle": (TURTLE, "<x> a <y"),
    "a ring of blank nodes": (NTRIPLES, "_:a <urn:p> _:b .\n_:b <urn:p> _:a ."),
    "blank nodes without end": (NTRIPLES, "\n".join(f"_:b{n} <urn:p> _:b{n + 1} ." for n in range(30_000))),
    "shared blank nodes": (NTRIPLES, "\n".join(f"_:b{n % 99} <urn:p> _:b{n % 98} ." for n in range(20_000))),
    "triple terms": (TURTLE, "<x> <urn:p> <<( <a> <b> <c> )>> ."),
    "many records": (JSON, json.dumps([{"type": "Need"}] * 101)),
    "many statements": (
        NTRIPLES,
        f"<https://x.example/1> a <{BASE}ns/capacity#Need> .\n"
        + "\n".join(f'<https://x.example/1> {TITLE} "{n}" .' for n in range(12_000)),
    ),
    "a context that renames": (JSONLD, json.dumps({"@context": [CONTEXT, {"@vocab": "javascript:"}], "type": "Need"})),
}


@pytest.fixture
def client(office: Registry) -> Iterator[TestClient]:
    with client_of(office) as found:
        yield found


@pytest.fixture
def point(office: Registry) -> str:
    return token(office, person(office, "point", "bch-national-focal-point", **KENYA))


def test_hostile_bodies_are_refused_quickly(office: Registry, client: TestClient, point: str) -> None:
    before = written(office)
    for name, (media, body) in HOSTILE.items():
        for path in ("/register/needs", "/register"):
            started = time.process_time()  # the machine may be busy with other things
            got = client.post(path, content=body, headers=bearing(point, Content_Type=media))
            spent = time.process_time() - started
            told = json.dumps(got.json()) if got.headers["Content-Type"].endswith("json") else got.text
            statuses = [one["status"] for one in got.json()] if isinstance(got.json(), list) else [got.status_code]
            assert all(400 <= status < 500 for status in statuses), (name, path, told[:300])
            assert "Traceback" not in told
            assert spent < 3, (name, path, spent)
    assert written(office) == before


def test_a_large_body_is_refused_before_it_is_read(office: Registry, client: TestClient, point: str) -> None:
    literal = b'<https://x.example/1> <urn:p> "' + b"x" * 30_000_000 + b'" .'

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(literal), 65_536):
            yield literal[start : start + 65_536]

    for body in (literal, pieces()):
        started = time.process_time()
        got = client.post("/register/needs", content=body, headers=bearing(point, Content_Type=TURTLE))
        assert got.status_code == 413 and time.process_time() - started < 2


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("description", {"en": "a\u202eb"}),
        ("description", {"en": "a\u0000b"}),
        ("description", {"en": "a\ufffeb"}),
        ("links", ["javascript:alert(1)"]),
        ("links", ["data:text/html,x"]),
        ("links", ["file:///etc/passwd"]),
        ("origin", ["vbscript:x"]),
    ],
)
def test_texts_and_links_that_deceive(
    office: Registry, client: TestClient, point: str, field: str, value: object
) -> None:
    before = written(office)
    document = {**compact(office, "need", turtle("need")), field: value}
    got = client.post("/register/needs", content=json.dumps(document), headers=bearing(point, Content_Type=JSONLD))
    assert got.status_code in (400, 422), got.text
    assert got.status_code == 400 or field in {one["field"] for one in got.json()["findings"]}
    assert written(office) == before


def test_a_name_that_runs_is_not_kept(office: Registry, client: TestClient, point: str) -> None:
    for name in ("javascript:alert(1)", "urn:x:1"):
        got = client.post(
            "/register/needs?dryRun=true",
            content=turtle("need", name=name),
            headers=bearing(point, Content_Type=TURTLE),
        )
        assert "origin" not in got.json()["document"], got.text


def test_subjects_of_others_are_refused_by_name(office: Registry, client: TestClient, point: str) -> None:
    foreign = {
        f"<{BASE}id/BCH-ORG-SCBD-401> <http://xmlns.com/foaf/0.1/name> 'Stolen'@en .": "BCH-ORG-SCBD-401",
        "<https://elsewhere.example/x> <http://purl.org/dc/terms/title> 'Stolen'@en .": "https://elsewhere.example/x",
        f"<{BASE}vocabulary/countries/KE> <http://purl.org/dc/terms/title> 'Stolen'@en .": "countries/KE",
    }
    before = written(office)
    for more, name in foreign.items():
        body = turtle("need") + more
        got = client.post("/register/needs", content=body, headers=bearing(point, Content_Type=TURTLE))
        assert got.status_code == 422, got.text
        assert any(name in one["message"] for one in got.json()["findings"]), got.text
    ours = turtle("need", name=f"{BASE}id/BCH-NEED-KE-1")
    got = client.post("/register/needs", content=ours, headers=bearing(point, Content_Type=TURTLE))
    assert got.status_code == 400 and "BCH-NEED-KE-1" in got.text
    assert written(office) == before


def test_graphs_of_others_are_not_graphs_here(office: Registry, client: TestClient, point: str) -> None:
    document = compact(office, "need", turtle("need"))
    context = document.pop("@context")
    body = {"@context": context, "@id": f"{BASE}id/BCH-ORG-SCBD-401", "@graph": [document]}
    before = office.record("BCH-ORG-SCBD-401")
    got = client.post("/register/needs", content=json.dumps(body), headers=bearing(point, Content_Type=JSONLD))
    assert got.status_code == 201, got.text
    after = office.record("BCH-ORG-SCBD-401")
    assert before and after and before.graph == after.graph


def test_nested_things_of_a_partner_become_fragments(office: Registry, client: TestClient, point: str) -> None:
    document = compact(office, "need", turtle("need"))
    document["contact"][0]["id"] = "https://partner.example/people/5"
    got = client.post("/register/needs", content=json.dumps(document), headers=bearing(point, Content_Type=JSONLD))
    assert got.status_code == 201, got.text
    name = got.json()["identifier"]
    entry = office.record(name)
    assert entry and {s.value.partition("#")[2] for s in entry.graph.subjects} == {"", "contact-1", "need-1"}


def test_a_patch_that_means_harm(office: Registry, client: TestClient, point: str) -> None:
    made = client.post("/register/needs", content=turtle("need"), headers=bearing(point, Content_Type=TURTLE))
    name = made.json()["identifier"]
    before = written(office)
    patches = ['{"a":' * 900 + "1" + "}" * 900, '{"@context": "http://127.0.0.1:1/"}', "{", '{"id": null, "type": 1}']
    patches += ['{"id": "http://localhost:8000/id/BCH-ORG-SCBD-401"}', '{"links": ["\\ud800"]}', '{"country": 1.5}']
    for body in patches:
        sent = bearing(point, Content_Type=PATCH, If_Match='"v1"')
        got = client.patch(f"/doc/{name}", content=body, headers=sent)
        assert 400 <= got.status_code < 500, (body[:60], got.text[:300])
    assert written(office) == before


def test_a_fault_says_its_line(client: TestClient, point: str) -> None:
    got = client.post("/register/needs", content="<a> a <b> .\n<a> <b> ;;", headers=bearing(point, Content_Type=TURTLE))
    assert (got.status_code, got.json()["where"]) == (400, "line 2")
    got = client.post("/register/needs", content='{\n"a": }', headers=bearing(point, Content_Type=JSON))
    assert (got.status_code, got.json()["where"]) == (400, "line 2")
