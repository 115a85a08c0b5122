"""The ideal: a new record type is a shape, a vocabulary and perhaps a query, and no Python changes.

A format of laboratories, its vocabulary of containment levels and its query of states are dropped into a copy of
the house; the list, the page in French, the JSON-LD context and the checks are there.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from registry import inspection, status
from registry.exchange import read
from registry.load import Summary, Terms, load
from registry.registry import Registry, open_registry
from tests.conftest import ROOT, TODAY, no_progress, settings_in
from web.app import create_app

DROPPED = Path(__file__).parent / "data" / "new_register"
ROOMS = ("ontology", "vocabularies", "shapes", "sparql", "locale")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("house")
    for room in ROOMS:
        shutil.copytree(ROOT / room, folder / room)
    shutil.copytree(DROPPED, folder, dirs_exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def opened(house: Path) -> Iterator[tuple[Registry, Summary]]:
    registry = open_registry(settings_in(house / "var", house), clock=lambda: TODAY)
    summary = load(registry, [house / "records"], Terms(TODAY, by="test"), no_progress)
    yield registry, summary
    registry.close()


@pytest.fixture(scope="module")
def client(opened: tuple[Registry, Summary]) -> Iterator[TestClient]:
    registry, _ = opened
    with TestClient(create_app(registry, registry.settings), base_url="http://localhost:8000") as client:
        yield client


def test_the_house_is_sound(house: Path) -> None:
    assert list(inspection.inspect(settings_in(house / "none", house))) == []


def test_checks_refuse_a_wrong_and_an_unknown_concept(opened: tuple[Registry, Summary]) -> None:
    _, summary = opened
    assert (summary.published, summary.refused) == (1, 2)
    found = {(r.record, r.finding.component, r.finding.key) for r in summary.refusals}  # type: ignore[union-attr]
    assert found == {
        ("BCH-LAB-SCBD-2", "NodeConstraintComponent", "level"),
        ("BCH-LAB-SCBD-3", "UnknownConcept", "level"),
    }
    assert "Niveau de confinement" in summary.refusals[0].tell("fr")


def test_the_list(client: TestClient) -> None:
    page = client.get("/register/laboratories", headers={"accept": "text/html", "accept-language": "fr"})
    assert page.status_code == 200
    assert "Laboratoires de détection" in page.text
    assert "Laboratoire de détection du littoral" in page.text
    assert "Laboratoires de détection" in client.get("/", headers={"accept-language": "fr"}).text


def test_the_page_in_french(client: TestClient) -> None:
    page = client.get("/doc/BCH-LAB-SCBD-1", headers={"accept": "text/html", "accept-language": "fr"})
    assert page.status_code == 200
    assert '<html lang="fr"' in page.text
    for words in (
        "Laboratoire de détection du littoral",
        "Confinement",
        "Confinement élevé",
        "https://example.org/lab",
    ):
        assert words in page.text


def test_the_context_and_a_record_in_it(client: TestClient, opened: tuple[Registry, Summary]) -> None:
    registry, _ = opened
    context = client.get("/context/laboratory.v1.jsonld").json()["@context"]
    assert context["level"] == {"@id": registry.own.cap["containment"].value, "@type": "@id"}
    assert context["name"]["@container"] == "@language"
    entry = registry.record("BCH-LAB-SCBD-1")
    assert entry is not None
    document = client.get("/doc/BCH-LAB-SCBD-1.jsonld")
    assert document.json()["name"]["fr"] == "Laboratoire de détection du littoral"
    assert read(document.content, "application/ld+json", registry.own.base, registry.house.contexts) == entry.graph


def test_it_is_found(client: TestClient) -> None:
    """In the figures, the catalogue, the sitemaps, and by search engines."""
    assert "<http://localhost:8000/void#class-cap-Laboratory>" in client.get("/void.nt").text
    listed = "<http://www.w3.org/ns/dcat#dataset> <http://localhost:8000/register/laboratories> ."
    assert listed in client.get("/catalog.nt").text
    assert "doc/BCH-LAB-SCBD-1</loc>" in client.get("/sitemap/laboratories-1.xml").text
    assert '"@type":"ResearchOrganization"' in client.get("/doc/BCH-LAB-SCBD-1.html").text


def test_its_states_are_counted(opened: tuple[Registry, Summary]) -> None:
    lines = list(status.lines(opened[0], TODAY.date(), "fr"))
    assert "Laboratoires de détection: 1" in lines
    assert "  Confirmé: 1" in lines
