"""What the web of data expects, as cases in tests/http/*.toml: request, status, headers, body. GET and HEAD alike."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from registry.registry import Registry
from tests.conftest import TODAY
from web.app import create_app

FOLDER = Path(__file__).parent / "http"
Case = dict[str, Any]


def cases(kind: str) -> list[Any]:
    found = []
    for path in sorted(FOLDER.glob("*.toml")):
        for case in tomllib.loads(path.read_text(encoding="utf-8")).get(kind, []):
            found.append(pytest.param(case, id=f"{path.stem}: {case['name']}"))
    return found


@pytest.fixture(scope="module")
def app_client(registry: Registry) -> Iterator[TestClient]:
    app = create_app(registry, registry.settings, today=lambda: TODAY.date())
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
