"""A changed vocabulary file becomes a release, or is refused whole."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.errors import Conflict, NotFound
from registry.registry import Registry, open_registry
from registry.release import changed, release
from tests.conftest import HOUSE, TODAY, settings_in

ROOMS = ("ontology", "vocabularies", "shapes", "sparql", "contexts", "locale", "letters")


@pytest.fixture
def kept(founded: Path, tmp_path: Path) -> Iterator[Registry]:
    """A registry over a house of its own, whose files may be changed."""
    for room in ROOMS:
        shutil.copytree(HOUSE / room, tmp_path / "house" / room)
    shutil.copytree(founded, tmp_path / "var")
    registry = open_registry(settings_in(tmp_path / "var", tmp_path / "house"), clock=lambda: TODAY)
    yield registry
    registry.close()


def edit(registry: Registry, name: str, old: str, new: str) -> None:
    path = registry.house.folder / "vocabularies" / "skos" / f"{name}.ttl"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_changed_label_is_released_and_shown(kept: Registry) -> None:
    assert release(kept, [], by="test") == []
    edit(kept, "need-priority", '"High"@en', '"Urgent"@en')
    concept = kept.own.concept("need-priority", "high")
    assert kept.concepts.get(concept).label("en") == "High"  # type: ignore[union-attr]
    (event,) = release(kept, [], by="test")
    assert (event.kind, event.version) == ("vocabulary", 2)
    assert kept.concepts.get(concept).label("en") == "Urgent"  # type: ignore[union-attr]
    assert not changed(kept)
    assert release(kept, ["need-priority"], by="test") == []


def test_only_what_is_named_is_released(kept: Registry) -> None:
    edit(kept, "need-priority", '"High"@en', '"Urgent"@en')
    edit(kept, "need-level", '"Yes"@en', '"Certainly"@en')
    assert [event.record for event in release(kept, ["need-level"], by="test")] == [
        "http://localhost:8000/vocabulary/need-level"
    ]
    assert [scheme.value for scheme in changed(kept)] == ["http://localhost:8000/vocabulary/need-priority"]
    with pytest.raises(NotFound):
        release(kept, ["need-priorities"], by="test")


def test_a_faulty_file_stops_them_all(kept: Registry) -> None:
    edit(kept, "need-level", '"Yes"@en', '"Certainly"@en')
    edit(kept, "need-priority", '"High"@en', '"Low"@en')  # two concepts of one name
    last = kept.ledger.last()
    with pytest.raises(Conflict, match="need-priority"):
        release(kept, [], by="test")
    assert kept.ledger.last() == last


def test_a_concept_in_force_is_never_taken_out(kept: Registry) -> None:
    path = kept.house.folder / "vocabularies" / "skos" / "need-priority.ttl"
    text = path.read_text(encoding="utf-8")
    without = re.sub(r"\n:low a skos:Concept ;.*?\n\n|\n:low a skos:Concept ;.*\Z", "\n", text, flags=re.DOTALL)
    path.write_text(without.replace(", :low", "").replace(":low, ", ""), encoding="utf-8")
    with pytest.raises(Conflict, match="low"):
        release(kept, [], by="test")
