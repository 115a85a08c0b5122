"""The views: what the ledger says, no more, no less, however it came there."""

import shutil
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from registry import status
from registry.errors import Conflict, StoreInUse
from registry.graphs import Embedded
from registry.load import Terms, load
from registry.registry import Registry, open_beside, open_registry
from registry.settings import Settings
from registry.terms import Literal, NamedNode
from tests.conftest import HOUSE, TODAY, no_progress, opened_at

GOOD = Path(__file__).parent / "data" / "load" / "good.ttl"


def test_the_figures_of_15_december_2004(registry: Registry) -> None:
    """2005 report, paragraphs 9 to 11: 108 = 74 + 34 archived; 54 of which 29 available; 49."""
    day = date(2004, 12, 15)
    world = registry.at(datetime.combine(day, time.max, UTC))
    found = {figure.format.key: figure for figure in status.figures(world, day)}
    states = {key: {c.value.rsplit("/", 1)[1]: n for c, n in figure.states} for key, figure in found.items()}
    assert found["project"].total == 108
    assert states["project"] == {"ongoing": 74, "completed": 34}
    assert found["project"].archived == 34
    assert found["opportunity"].total == 54
    assert states["opportunity"]["available"] == 29
    assert found["opportunity"].archived == 25
    assert found["need"].total == 49


def test_needs_are_those_of_developing_countries_and_economies_in_transition(registry: Registry) -> None:
    world = registry.at(datetime(2004, 12, 15, 23, tzinfo=UTC))
    groups = {registry.own.concept("development-status", code) for code in ("developing", "economy-in-transition")}
    countries = set()
    for row in world.select("records/list", kind=registry.own.cap["Need"]):
        graph = world.graphs.graph(row["record"])  # type: ignore[arg-type]
        (country,) = graph.iris(row["record"], registry.own.cap["country"])  # type: ignore[arg-type]
        assert groups & set(registry.concepts.ancestors(country)), country
        countries.add(country)
    assert len(countries) == 49


def test_every_generated_record_says_so(registry: Registry) -> None:
    for format in registry.formats.values():
        for row in registry.select("records/list", kind=format.target):
            record = row["record"]
            assert isinstance(record, NamedNode)
            assert registry.graphs.graph(record).objects(record, registry.own.reg["sample"]) == [Literal(True)]


def test_texts_are_in_all_six_languages(registry: Registry) -> None:
    world = registry.at(datetime(2004, 12, 15, 23, tzinfo=UTC))
    for key in ("project", "opportunity"):
        format = registry.formats[key]
        spoken: dict[str, int] = {}
        for row in world.select("records/list", kind=format.target):
            graph = world.graphs.graph(row["record"])  # type: ignore[arg-type]
            languages = graph.texts(row["record"], format.label.path)  # type: ignore[arg-type]
            assert 1 <= len(languages) <= 3
            for lang in languages:
                spoken[lang] = spoken.get(lang, 0) + 1
        assert set(spoken) == {"en", "fr", "es", "ru", "zh", "ar"}
        assert min(spoken.values()) >= 8


def test_rebuild_gives_the_same_store(sampled: Path, tmp_path: Path) -> None:
    shutil.copytree(sampled, tmp_path / "var")
    first = opened_at(tmp_path / "var")
    first.ledger.verify()
    kept, replayed = first.views.digests(first.graphs)
    assert kept == replayed
    first.close()
    first.views.rebuild(first.settings.store)
    again = opened_at(tmp_path / "var")
    assert again.graphs.digest() == kept
    assert again.sequence == first.sequence
    again.close()


def test_a_store_that_disagrees_is_found(empty: Registry) -> None:
    load(empty, [GOOD], Terms(TODAY), no_progress)
    record = empty.own.record("BCH-CDI-SCBD-9002")
    graph = empty.graphs.graph(record)
    empty.graphs.replace({record: list(graph)[1:]}, {})
    kept, replayed = empty.views.digests(empty.graphs)
    assert kept != replayed


def test_a_command_beside_a_server_appends_and_the_server_follows(empty: Registry) -> None:
    with pytest.raises(StoreInUse):
        open_registry(empty.settings)
    beside = open_beside(empty.settings, clock=lambda: TODAY)
    assert load(beside, [GOOD], Terms(TODAY), no_progress).published == 2
    assert empty.record("BCH-CDI-SCBD-9002") is None
    assert empty.follow() == beside.ledger.last()
    assert empty.record("BCH-CDI-SCBD-9002") is not None
    assert empty.graphs.digest() == beside.graphs.digest()
    beside.close()


def test_a_start_writes_nothing_where_nothing_changed(
    founded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(founded, tmp_path / "var")
    written: list[object] = []
    monkeypatch.setattr(Embedded, "replace", lambda *graphs: written.append(graphs))
    opened_at(tmp_path / "var").close()
    assert not written


def test_a_ledger_keeps_its_base(founded: Path, tmp_path: Path) -> None:
    shutil.copytree(founded, tmp_path / "var")
    with pytest.raises(Conflict, match=r"belongs to http://localhost:8000/"):
        open_registry(Settings(base="https://elsewhere.example.org/", data=tmp_path / "var", house=HOUSE))


def test_no_blank_node_and_no_shared_triple(registry: Registry) -> None:
    lines = list(registry.graphs.dump())
    assert not [line for line in lines if "_:" in line.split('"')[0]]
    triples = [line.rsplit(" <", 1)[0] for line in lines]
    assert len(triples) == len(set(triples))
