"""`registry check`: the house is sound, and each thing taken away is named."""

import re
import shutil
from pathlib import Path

import pytest

from registry import inspection
from registry.concepts import Concepts
from registry.language import LANGUAGES
from registry.registry import House, open_registry
from tests.conftest import HOUSE, settings_in

ROOMS = ("ontology", "vocabularies", "shapes", "sparql", "locale")


@pytest.fixture
def house(tmp_path: Path) -> Path:
    for room in ROOMS:
        shutil.copytree(HOUSE / room, tmp_path / "house" / room)
    return tmp_path / "house"


def test_the_house_is_sound(tmp_path: Path) -> None:
    assert list(inspection.inspect(settings_in(tmp_path))) == []


def test_every_concept_has_six_labels() -> None:
    rooms = House(settings_in(Path("none")))
    concepts = Concepts(rooms.vocabularies().values(), rooms.own)
    assert len(concepts) > 600
    for concept in concepts:
        assert set(concept.labels) == set(LANGUAGES), concept.iri


TAKEN = [
    ("vocabularies/skos/need-level.ttl", r'"[^"]*"@ar', '""@en', "need-level.ttl"),
    ("vocabularies/skos/need-level.ttl", r'skos:notation "[^"]*" ;', "", "notation"),
    ("vocabularies/skos/need-level.ttl", r"a skos:Concept ;", "a skos:Concept ; skos:notation [] ;", "blank node"),
    (
        "vocabularies/skos/action-plan-2006.ttl",
        r"(skos:broader :ap2006-a) ;",
        r"\1 , :ap2006-a-1 ;",
        "its own broader concept",
    ),
    ("vocabularies/skos/need-level.ttl", r'skos:notation "yes-some"', 'skos:notation "yes"', "more than one concept"),
    ("shapes/project.ttl", r'"[^"]*"@zh', '"x"@en', "no text in zh"),
    ("shapes/project.ttl", r"<vocabulary/geographic-scope>", "<vocabulary/nowhere>", "there is no concept scheme"),
    ("shapes/project.ttl", r'reg:states "states/project"', 'reg:states "states/nothing"', "there is no query"),
    ("shapes/project.ttl", r"sh:path dcterms:title", "sh:path", "not Turtle"),
    ("sparql/records/list.rq", r"SELECT", "SELECTED", "list"),
    ("sparql/records/list.rq", r"# title: .*", "# nothing", "no title"),
    ("sparql/records/list.rq", r"# param kind.*\n", "", "do not agree"),
    ("ontology/capacity.ttl", r'"Проект"@ru', '"Project again"@en', "no text in ru"),
    ("sparql/checks/period.rq", r"# message.es: .*\n", "", "no message in es"),
]


@pytest.mark.parametrize(("file", "pattern", "instead", "says"), TAKEN, ids=[f"{t[0]}-{t[3]}" for t in TAKEN])
def test_what_is_taken_away_is_named(
    file: str, pattern: str, instead: str, says: str, house: Path, tmp_path: Path
) -> None:
    text = (house / file).read_text(encoding="utf-8")
    assert re.search(pattern, text), "the case no longer changes anything"
    changed = re.sub(pattern, instead, text, count=1)
    (house / file).write_text(changed, encoding="utf-8")
    faults = list(inspection.inspect(settings_in(tmp_path / "var", house)))
    assert any(says in fault for fault in faults), faults[:5]


def test_drift_from_the_release_in_force_is_named(house: Path, tmp_path: Path) -> None:
    settings = settings_in(tmp_path / "var", house)
    open_registry(settings).close()
    assert list(inspection.inspect(settings)) == []
    file = house / "vocabularies" / "skos" / "need-level.ttl"
    file.write_text(file.read_text(encoding="utf-8").replace('"Yes"@en', '"Yes, indeed"@en'), encoding="utf-8")
    assert any("differs from the release in force" in fault for fault in inspection.inspect(settings))
