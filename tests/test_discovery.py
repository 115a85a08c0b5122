"""What is here to be found: the dataset in figures, the catalogue, services, signposts, sitemaps, schema.org."""

import json
import random
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import extruct
import pyoxigraph as ox
import pyshacl
import pytest
import rdflib
from lxml import etree
from starlette.testclient import TestClient

from registry import dumps
from registry.census import Counting
from registry.language import LANGUAGES
from registry.load import Terms, load
from registry.registry import Registry
from registry.retirement import retire
from registry.terms import DCAT, RDF, Graph, NamedNode
from tests.browsing import Clock, browser
from tests.conftest import ROOT, TODAY, no_progress, opened_at
from web import schemaorg

BASE = "http://localhost:8000/"
VOID = "http://rdfs.org/ns/void#"
HERE = NamedNode(f"{BASE}void#dataset")
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
XHTML = "{http://www.w3.org/1999/xhtml}"
NAME = "Lake Region Biosafety Institute"
EVIL = "</script><script>alert(1)</script><!-- & ]]>"
GOOD = ROOT / "tests" / "data" / "load" / "good.ttl"
SHAPES = ROOT / "tests" / "data" / "dcat-ap.ttl"
BLOCK = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)


@pytest.fixture(scope="module")
def client(registry: Registry) -> Iterator[TestClient]:
    with browser(registry, Clock()) as client:
        client.app.state.site.search.prepare(TODAY.date())  # type: ignore[attr-defined]
        client.app.state.site.search.settle()  # type: ignore[attr-defined]
        yield client


@pytest.fixture(scope="module")
def small(founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """A registry of two records, one of which has a name that would break a page; each test leaves it as it was."""
    folder = tmp_path_factory.mktemp("small")
    shutil.copytree(founded, folder / "var")
    (folder / "evil.ttl").write_text(GOOD.read_text(encoding="utf-8").replace(NAME, EVIL), encoding="utf-8")
    registry = opened_at(folder / "var")
    assert load(registry, [folder / "evil.ttl"], Terms(TODAY, by="test"), no_progress).published == 2
    yield registry
    registry.close()


def graph(client: TestClient, path: str) -> Graph:
    got = client.get(path)
    assert got.status_code == 200, path
    return Graph(ox.parse(got.content, ox.RdfFormat.N_TRIPLES))  # type: ignore[arg-type]


def number(found: Graph, subject: NamedNode, name: str) -> int:
    return int(found.text(subject, NamedNode(VOID + name)) or -1)


def test_the_figures_are_those_of_the_store(registry: Registry, client: TestClient) -> None:
    found = graph(client, "/void.nt")
    quads = [quad for quad in ox.parse("\n".join(registry.graphs.dump()), ox.RdfFormat.N_QUADS) if BASE in str(quad[3])]
    triples = {quad.triple for quad in quads}
    assert number(found, HERE, "triples") == len(quads) == len(triples)
    assert number(found, HERE, "distinctSubjects") == len({triple.subject for triple in triples})
    assert number(found, HERE, "distinctObjects") == len({triple.object for triple in triples})
    of_class = Counter(triple.object for triple in triples if triple.predicate == RDF.type)
    of_property = Counter(triple.predicate for triple in triples)
    assert (number(found, HERE, "classes"), number(found, HERE, "properties")) == (len(of_class), len(of_property))
    for parts, key, count, expected in (
        ("classPartition", "class", "entities", of_class),
        ("propertyPartition", "property", "triples", of_property),
    ):
        named = {found.value(part, NamedNode(VOID + key)): part for part in found.iris(HERE, NamedNode(VOID + parts))}
        assert {term: number(found, part, count) for term, part in named.items()} == expected  # type: ignore[arg-type]
    pattern = found.text(HERE, NamedNode(VOID + "uriRegexPattern")) or ""
    records = {triple.subject for triple in triples if re.fullmatch(pattern + r"[^#]+", triple.subject.value)}  # type: ignore[union-attr]
    assert number(found, HERE, "entities") == len(records)
    live = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
    counted = client.get("/sparql", params={"query": live}, headers={"Accept": "application/sparql-results+json"})
    assert counted.json()["results"]["bindings"][0]["n"]["value"] == str(len(quads))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_catalogue_is_as_dcat_ap_wants_it(small: Registry) -> None:
    written = dumps.write(small, small.settings.dumps, TODAY)
    with browser(small, Clock()) as client:
        got = client.get("/catalog.nt")
        found = Graph(ox.parse(got.content, ox.RdfFormat.N_TRIPLES))  # type: ignore[arg-type]
        data, shapes = rdflib.Graph().parse(data=got.content, format="nt"), rdflib.Graph().parse(SHAPES)
        conforms, _, report = pyshacl.validate(data, shacl_graph=shapes)
        assert conforms, report[:2000]
        assert written
        for file in written.files:
            (address,) = [
                one for one in found.having(RDF.type, DCAT.Distribution) if str(one).endswith(f"/{file.name}>")
            ]
            assert found.text(address, DCAT.byteSize) == str(file.size)
        registers = {small.own.iri(f"register/{format.register}") for format in small.formats.values()}
        schemes = {scheme.iri for scheme in small.concepts.schemes}
        assert set(found.iris(NamedNode(BASE), DCAT.dataset)) == registers | schemes | {HERE}
        addresses = {t.object.value for t in found if t.predicate in (DCAT.endpointURL, DCAT.downloadURL)}  # type: ignore[union-attr]
        for address in random.Random(6).sample(sorted(addresses), 12):
            assert client.get("/" + address.removeprefix(BASE)).status_code in (200, 400), address


def test_one_dataset_has_one_name(registry: Registry, client: TestClient) -> None:
    """VoID, the catalogue, the dumps and the query service speak of the same thing."""
    for path in ("void", "catalog", "dump", "sparql"):
        assert graph(client, f"/{path}.nt").iris(HERE, RDF.type), path
    told = graph(client, "/void.nt")
    for name in ("sparqlEndpoint", "uriSpace"):
        (row,) = registry.graphs.select(f"SELECT ?v {{ {HERE} <{VOID}{name}> ?v }}")
        assert row["v"] == told.value(HERE, NamedNode(VOID + name))


def test_every_service_that_is_listed_is_there(client: TestClient) -> None:
    got = client.get("/.well-known/api-catalog")
    assert got.headers["Content-Type"] == 'application/linkset+json; profile="https://www.rfc-editor.org/info/rfc9727"'
    whole, *each = got.json()["linkset"]
    listed = {one["href"].removeprefix(BASE) for one in whole["item"]}
    assert {"sparql", "oai", "ldes", "sitemap.xml", "openapi.json", "search"} <= listed
    assert {one["anchor"].removeprefix(BASE) for one in each} <= listed
    links = [link for one in each for rel, found in one.items() if rel != "anchor" for link in found]
    for link in links:
        answer = client.get(link["href"].removeprefix(BASE[:-1]), headers={"Accept": link["type"]})
        assert (answer.status_code, answer.headers["Content-Type"].split(";")[0]) == (200, link["type"]), link
    for path in listed - {"oai"}:
        assert client.get(f"/{path}").status_code == 200, path


def test_links_from_both_ends(registry: Registry, client: TestClient) -> None:
    for format in registry.formats.values():
        name = registry.select("records/list", kind=format.target)[0]["identifier"].value  # type: ignore[union-attr]
        page = f"{BASE}doc/{name}"
        told = client.get(f"/linkset/{name}").json()["linkset"]
        text = client.get(f"/linkset/{name}", headers={"Accept": "application/linkset"}).text
        said = {
            (one["anchor"], rel, link["href"])
            for one in told
            for rel, all in one.items()
            if rel != "anchor"
            for link in all
        }
        assert said == {
            (a, rel, href) for href, rel, a in re.findall(r'<([^>]*)>; rel="([^"]*)".*anchor="([^"]*)"', text)
        }
        mine = {(rel, href) for anchor, rel, href in said if anchor == page}
        assert ("cite-as", f"{BASE}id/{name}") in mine
        assert ("type", "https://schema.org/AboutPage") in mine
        for rel, href in mine:
            if rel == "describedby" and "/doc/" in href:
                assert (href, "describes", page) in said
                assert client.get("/" + href.removeprefix(BASE)).status_code == 200
        head = client.head(f"/doc/{name}").headers["Link"]
        assert f'<{BASE}linkset/{name}>; rel="linkset"; type="application/linkset+json"' in head
        assert f'<{page}.ttl>; rel="describedby"; type="text/turtle"' in head


def mapped(client: TestClient) -> dict[str, list[Any]]:
    """Every sitemap with its entries."""
    index = etree.fromstring(client.get("/sitemap.xml").content)
    assert index.tag == f"{SITEMAP}sitemapindex"
    found = {}
    for one in index:
        path = one.findtext(f"{SITEMAP}loc").removeprefix(BASE)
        got = client.get(f"/{path}")
        assert len(got.content) < 50 * 2**20
        found[path] = list(etree.fromstring(got.content))
        assert 0 < len(found[path]) <= 50_000
        newest = max(url.findtext(f"{SITEMAP}lastmod") for url in found[path])
        assert one.findtext(f"{SITEMAP}lastmod") == newest
    return found


def test_the_map_of_the_site(registry: Registry, client: TestClient) -> None:
    found = mapped(client)
    urls = {url.findtext(f"{SITEMAP}loc"): url for urls in found.values() for url in urls}
    assert len(urls) == sum(map(len, found.values())), "each once"
    records = {
        row["identifier"].value
        for f in registry.formats.values()
        for row in registry.select("records/list", kind=f.target)
    }  # type: ignore[union-attr]
    assert {f"{BASE}doc/{name}" for name in records} <= set(urls)
    assert {concept.iri.value for concept in registry.concepts} <= set(urls)
    for address, url in urls.items():
        links = {link.get("hreflang"): link.get("href") for link in url.iter(f"{XHTML}link")}
        assert links == {**{lang: f"{address}?lang={lang}" for lang in LANGUAGES}, "x-default": address}
    for address in random.Random(7).sample(sorted(urls), 100):
        got = client.get("/" + address.removeprefix(BASE), headers={"Accept": "text/html"})
        assert got.status_code == 200, address
        assert f'<link rel="canonical" href="{address}">' in got.text
    assert f"Sitemap: {BASE}sitemap.xml" in client.get("/robots.txt").text.splitlines()


def test_pages_say_what_they_are_about(registry: Registry, client: TestClient) -> None:
    kinds = {}
    for format in registry.formats.values():
        name = registry.select("records/list", kind=format.target)[0]["identifier"].value  # type: ignore[union-attr]
        for lang in ("en", "ar"):
            page = client.get(f"/doc/{name}.html?lang={lang}").text
            (told,) = extruct.extract(page, base_url=BASE, syntaxes=["json-ld"])["json-ld"]
            assert told["sameAs"] == f"{BASE}id/{name}"
            whole = told["mainEntityOfPage"]
            assert whole["isPartOf"]["@id"] == f"{BASE}register/{format.register}"
            assert whole["inLanguage"] == lang
            dates = re.findall(r'"\w*[dD]ate\w*": "([^"]*)"', json.dumps(told))
            assert all(re.fullmatch(r"\d{4}(-\d\d){0,2}", date) for date in dates), dates
            assert len(BLOCK.findall(page)[0].encode()) <= schemaorg.MOST
        kinds[format.key] = told["@type"]
    assert kinds["project"] == "Project"
    assert set(kinds["opportunity"]) == {"Grant", "Offer"}
    assert (kinds["course"], kinds["meeting"], kinds["organisation"]) == ("Course", "Event", "Organization")
    assert "Thing" not in kinds.values(), "the ontology says of each class what it is for search engines"
    for path, type in (
        ("/", "DataCatalog"),
        ("/register/projects", "Dataset"),
        ("/vocabulary/countries", "DefinedTermSet"),
    ):
        page = client.get(path, headers={"Accept": "text/html"}).text
        (told,) = extruct.extract(page, base_url=BASE, syntaxes=["json-ld"])["json-ld"]
        assert told["@type"] == type
        assert len(BLOCK.findall(page)[0].encode()) <= schemaorg.MOST
    assert len(extruct.extract(client.get("/").text, base_url=BASE, syntaxes=["json-ld"])["json-ld"][0]["dataset"]) > 10
    course = registry.own.cap.session
    with_sessions = [row["record"] for row in registry.select("records/list", kind=registry.own.cap.Course)]
    name = next(r.value for r in with_sessions if registry.graphs.graph(r).objects(r, course)).rsplit("/")[-1]  # type: ignore
    assert '"hasCourseInstance":{"@type":"CourseInstance"' in client.get(f"/doc/{name}.html").text


def test_no_title_ends_the_block(small: Registry) -> None:
    with browser(small, Clock()) as client:
        for suffix in ("html", "xhtml"):
            page = client.get(f"/doc/BCH-ORG-SCBD-9001.{suffix}").text
            assert "<script>" not in page
            assert json.loads(BLOCK.findall(page)[0])["name"] == EVIL
        assert "unsafe-inline" not in client.get("/").headers["Content-Security-Policy"]


def test_a_switched_off_service_is_not_announced(small: Registry) -> None:
    with browser(small, Clock()) as client:
        site = client.app.state.site  # type: ignore[attr-defined]
        site.settings = replace(site.settings, limits=replace(site.settings.limits, workers=0))
        listed = client.get("/.well-known/api-catalog").json()["linkset"][0]["item"]
        assert f"{BASE}sparql" not in {one["href"] for one in listed}
        assert not graph(client, "/void.nt").iris(HERE, NamedNode(VOID + "sparqlEndpoint"))


def test_what_ended_is_found_no_more(empty: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.sitemap.SIZE", 100)
    assert load(empty, [GOOD], Terms(TODAY, by="test"), no_progress).published == 2
    seconds, asked, select = [0.0], [], empty.graphs.select

    def counted(text: str) -> Any:
        asked.append(text)
        seconds[0] += 1
        return select(text)

    with browser(empty, Clock()) as client:
        assert len([name for name in mapped(client) if "vocabularies" in name]) > 5
        for name in (
            "projects-2.xml",
            "projects-0.xml",
            "projects-01.xml",
            "projects.xml",
            "projects-1",
            "pages-².xml",
        ):
            assert client.get(f"/sitemap/{name}").status_code == 404, name
        assert client.get("/linkset/BCH-CDI-SCBD-1").status_code == 404
        assert client.get("/linkset/BCH-ORG-SCBD-9001", headers={"Accept": "text/html"}).status_code == 406
        monkeypatch.setattr(empty.graphs, "select", counted)
        counting = Counting(empty, clock=lambda: seconds[0])
        first = counting.newest(10)
        assert first and first == counting.newest(10)
        assert (first.sequence, first.records, len(asked)) == (empty.sequence, 2, 1)
        retire(empty, "BCH-CDI-SCBD-9002", {"en": "It ended."}, by="test")
        assert counting.newest(10) == first, "a long count is followed by a longer pause"
        seconds[0] += 20
        second = counting.newest(10)
        assert second and (second.records, asked.count(asked[0])) == (1, 2)
        monkeypatch.undo()
        assert client.get("/sitemap/projects-1.xml").status_code == 404
        assert client.get("/linkset/BCH-CDI-SCBD-9002").headers["Location"] == f"{BASE}doc/BCH-CDI-SCBD-9002"
