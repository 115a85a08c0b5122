"""The full editor of queries: files of others as they came, and the page that loads them; tests/browser opens it."""

import hashlib
import tomllib
from collections.abc import Iterator
from html import unescape

import pytest
from starlette.testclient import TestClient

from registry.registry import Registry
from tests.asking import asked
from tests.conftest import ROOT
from web.gallery import EDITOR
from web.words import said_size

FOLDER = ROOT / "web" / "static" / "yasgui"
SOURCE = tomllib.loads((FOLDER / "source.toml").read_text(encoding="utf-8"))
HTML = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def client(registry: Registry) -> Iterator[TestClient]:
    with asked(registry) as client:
        yield client


def test_the_files_are_as_they_came() -> None:
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in FOLDER.glob("*.min.*")}
    assert found == SOURCE["sha256"]
    assert "The MIT License" in (FOLDER / "yasgui.LICENSE.txt").read_text(encoding="utf-8")
    for told in ("CONTRIBUTING.md", "docs/operators.md"):
        assert f"YASGUI {SOURCE['version']}" in (ROOT / told).read_text(encoding="utf-8"), told


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_the_link_says_what_goes_over_the_wire(client: TestClient, lang: str) -> None:
    page = client.get("/sparql/editor", headers=HTML).text
    sent = 0
    for name in EDITOR:
        address = page.split(f"/static/{name}?v=")[1].split('"')[0]
        with client.stream("GET", f"/static/{name}?v={address}", headers={"Accept-Encoding": "gzip"}) as got:
            assert got.headers["Content-Encoding"] == "gzip"
            sent += len(b"".join(got.iter_raw()))
    assert said_size(str(sent), lang) in client.get("/sparql", params={"lang": lang}, headers=HTML).text


def test_the_query_comes_along(client: TestClient) -> None:
    asked = {"query": 'SELECT ("<&" AS ?x) {}', "default-graph-uri": "http://localhost:8000/ns/registry"}
    plain = client.get("/sparql", params=asked, headers=HTML).text
    address = unescape(plain.split('<a href="/sparql/editor')[1].split('"')[0])
    page = client.get(f"/sparql/editor{address}", headers=HTML).text
    assert 'data-query="SELECT (&#34;&lt;&amp;&#34; AS ?x) {}"' in page
    assert "default-graph-uri" in page.split('data-arguments="')[1].split('"')[0]
    assert '<meta name="robots" content="noindex">' in page
    first = client.get("/sparql/editor", headers=HTML).text
    assert "SELECT" in first.split('data-query="')[1].split('"')[0]
    assert "noindex" not in first


def test_only_this_page_allows_two_style_sheets_by_their_digests(client: TestClient) -> None:
    here, elsewhere = (client.get(path, headers=HTML).headers for path in ("/sparql/editor", "/sparql"))
    name = "Content-Security-Policy"
    assert here[name].count("'sha256-") == 2
    assert "'sha256-" not in elsewhere[name]
    assert "unsafe" not in here[name]
