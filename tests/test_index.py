"""The folder of the search index: many small changes, a change that fails, and two that would write."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from registry.documents import TYPE, Findable
from registry.index import Index, Shown
from registry.terms import NamedNode

DAY = date(2026, 1, 1)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    made = Index(tmp_path / "index", [TYPE])
    yield made
    made.close()


def findable(name: str) -> Findable:
    return Findable(NamedNode(f"https://bch.example/id/{name}"), facets={TYPE: {"a"}})


def put(index: Index, name: str, sequence: int) -> None:
    assert list(index.write([findable(name)], Shown(sequence, DAY))) == [1]


def test_many_changes_do_not_pile_up(index: Index) -> None:
    for number in range(60):
        put(index, f"BCH-X-{number}", number)
        assert index.shown == Shown(number, DAY)
    put(index, "BCH-X-0", 60)
    assert index.shown and index.size == 60
    assert index._searcher.num_segments < 30


def test_a_change_that_fails_leaves_nothing(index: Index) -> None:
    put(index, "BCH-X-1", 1)

    def failing() -> Iterator[Findable]:
        yield findable("BCH-X-2")
        raise RuntimeError("the store is gone")

    with pytest.raises(RuntimeError, match="gone"):
        list(index.write(failing(), Shown(2, DAY), anew=True))
    assert index.shown == Shown(1, DAY) and index.size == 1
    put(index, "BCH-X-3", 2)
    assert index.shown == Shown(2, DAY) and index.size == 2


def test_one_writes_at_a_time(index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(index, "BCH-X-1", 1)
    other = Index(tmp_path / "index", [TYPE])
    with monkeypatch.context() as patch:
        patch.setattr("registry.index.PATIENCE", 0.0)
        with pytest.raises(ValueError, match="Lock"):
            put(other, "BCH-X-2", 2)
    put(other, "BCH-X-2", 2)
    assert index.shown == Shown(2, DAY) and index.size == 2
    other.close()
