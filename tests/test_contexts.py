"""Contexts and frames: drawn once, frozen, served from their files for ever, and drift is told."""

import json
import re
import shutil
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from registry import cli, inspection
from registry.errors import HouseBroken
from registry.exchange import contexts, read
from registry.registry import open_registry
from registry.rooms import House
from registry.settings import Settings
from tests.conftest import ROOT, TODAY, settings_in
from web.app import create_app

ROOMS = ("ontology", "vocabularies", "shapes", "sparql", "locale")


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A house of which nothing is frozen."""
    for room in ROOMS:
        shutil.copytree(ROOT / room, tmp_path / "house" / room)
    return tmp_path / "house"


def rooms(house: Path, base: str = "http://localhost:8000/") -> House:
    return House(Settings(base=base, data=house / "var", house=house))


def frozen(house: Path) -> tuple[list[str], list[str]]:
    found = rooms(house)
    return contexts.freeze(house, found.formats.values(), found.own)


def told(house: Path) -> list[str]:
    found = rooms(house)
    return list(contexts.drift(house, found.formats.values(), found.own))


def change(house: Path) -> None:
    """The project's website is called otherwise."""
    path = house / "shapes" / "project.ttl"
    path.write_text(path.read_text(encoding="utf-8").replace("#website>", "#site>"), encoding="utf-8")


def test_a_house_without_the_room_draws_its_contexts(house: Path) -> None:
    found = rooms(house)
    assert not (house / contexts.ROOM).exists()
    assert len(found.contexts) == len(found.exchanged.frames) == len(found.formats)
    assert not found.exchanged.frozen
    assert told(house) == []


def test_what_is_frozen_is_what_was_drawn_on_any_base(house: Path) -> None:
    drawn = rooms(house)
    written, faults = frozen(house)
    assert len(written) == 2 * len(drawn.formats)
    assert not faults
    assert told(house) == []
    text = "".join(path.read_text(encoding="utf-8") for path in (house / contexts.ROOM).iterdir())
    assert "localhost" not in text
    again = rooms(house)
    assert again.exchanged.contexts == drawn.exchanged.contexts
    assert again.exchanged.frames == drawn.exchanged.frames
    assert len(again.exchanged.frozen) == 2 * len(drawn.formats)
    elsewhere = rooms(house, "https://registry.example/a/")
    assert "https://registry.example/a/context/project.v2.jsonld" in elsewhere.contexts
    assert "localhost" not in json.dumps([elsewhere.contexts, elsewhere.exchanged.frames])


def test_freezing_again_writes_nothing(house: Path) -> None:
    frozen(house)
    before = {path: path.stat().st_mtime_ns for path in (house / contexts.ROOM).iterdir()}
    assert frozen(house) == ([], [])
    assert {path: path.stat().st_mtime_ns for path in (house / contexts.ROOM).iterdir()} == before


def test_a_changed_format_drifts_until_it_has_a_new_number(house: Path) -> None:
    frozen(house)
    path = house / contexts.ROOM / "project.v2.jsonld"
    first = path.read_bytes()
    change(house)
    (drift,) = told(house)
    assert "project.v2.jsonld" in drift
    assert "reg:contextVersion" in drift
    written, faults = frozen(house)
    assert (written, faults) == ([], [drift])
    assert path.read_bytes() == first
    assert any("reg:contextVersion" in line for line in inspection.inspect(settings_in(house / "none", house)))
    shape = house / "shapes" / "project.ttl"
    text = shape.read_text(encoding="utf-8")
    shape.write_text(re.sub(r"reg:contextVersion 2\b", "reg:contextVersion 3", text), encoding="utf-8")
    missing = told(house)
    assert len(missing) == 2
    assert all("project.v3" in line and "registry freeze" in line for line in missing)
    assert frozen(house) == (["project.v3.jsonld", "project.v3.frame.jsonld"], [])
    known = rooms(house).contexts
    assert "site" in known["http://localhost:8000/context/project.v3.jsonld"]
    old = "http://localhost:8000/context/project.v2.jsonld"
    assert "website" in known[old]
    document = {"@context": old, "id": "http://localhost:8000/id/BCH-CDI-SCBD-1", "title": {"en": "x"}}
    assert read(json.dumps(document).encode(), "application/ld+json", "http://localhost:8000/", known)


def test_a_broken_file_is_named(house: Path) -> None:
    frozen(house)
    (house / contexts.ROOM / "need.v2.jsonld").write_text("{", encoding="utf-8")
    with pytest.raises(HouseBroken) as found:
        rooms(house)
    assert found.value.where == "need.v2.jsonld"


def test_the_command(house: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("REGISTRY_HOUSE", str(house))
    assert cli.main(["freeze"]) == 0
    assert "project.v2.frame.jsonld" in capsys.readouterr().out
    change(house)
    assert cli.main(["freeze"]) == 1
    assert "reg:contextVersion" in capsys.readouterr().err


def test_what_is_frozen_is_served_for_ever_and_what_is_not_may_change(house: Path) -> None:
    settings = settings_in(house / "var", house)
    lasting = "public, max-age=31536000, immutable"
    for expected in ("public, no-cache", lasting):
        registry = open_registry(settings, clock=lambda: TODAY)
        with TestClient(create_app(registry, settings), base_url="http://localhost:8000") as client:
            for kind, known in (("context", registry.house.contexts), ("frame", registry.house.exchanged.frames)):
                got = client.get(f"/{kind}/project.v2.jsonld", headers={"Origin": "https://app.example"})
                assert got.headers["Cache-Control"] == expected
                assert got.headers["Access-Control-Allow-Origin"] == "*"
                assert got.headers["ETag"]
                body = got.json()["@context"] if kind == "context" else got.json()
                assert body == known[f"http://localhost:8000/{kind}/project.v2.jsonld"]
        registry.close()
        frozen(house)
