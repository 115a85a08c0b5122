"""One log and many clothes: whoever follows LDES, Atom or OAI-PMH ends with what the dump holds, digest for digest."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from starlette.testclient import TestClient

from registry import dumps, feed
from registry.feed import Feed
from registry.registry import Registry, open_registry
from tests.browsing import Clock, browser
from tests.conftest import settings_in
from tests.harvesting import ByLdes, Story, dumped, followers
from web import repository


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def registry(founded: Path, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    """A registry of one's own, whose clock goes on; pages are small, so that there are many."""
    monkeypatch.setattr(feed, "SIZE", 7)
    monkeypatch.setattr(repository, "PAGE", 3)
    shutil.copytree(founded, tmp_path / "var")
    registry = open_registry(settings_in(tmp_path / "var"), clock=clock)
    yield registry
    registry.close()


@pytest.mark.parametrize("seed", [1, 2])
def test_all_who_follow_end_with_what_the_dump_holds(
    registry: Registry, clock: Clock, tmp_path: Path, seed: int
) -> None:
    chance = Random(seed)
    story = Story(registry, clock, tmp_path, chance)
    with browser(registry, clock) as client:
        all = list(followers(client, chance))
        for _ in range(25):
            for _ in range(chance.randint(1, 3)):
                story.go_on()
            chance.choice(all).follow(chance.choice((0, 2, 9, 60)))
        for follower in all:
            follower.follow(None)
        dump = dumps.write(registry, registry.settings.dumps, clock())
        assert dump
        held = dumped(registry.settings.dumps / dump.name / "all.nq.gz")
        assert held == dumped(registry.settings.dumps / dump.name / "organisations.nq.gz")
        assert 5 < len(held) == len(story.live) < story.count
        for follower in all:
            assert follower.held == held, type(follower).__name__
        by_ldes = all[0]
        assert isinstance(by_ldes, ByLdes)
        assert by_ldes.seen == [event.seq for event in registry.ledger.events() if "/id/" in event.record]
        _same_for_a_newcomer(registry, client, chance, held)


def _same_for_a_newcomer(registry: Registry, client: TestClient, chance: Random, held: dict[str, str]) -> None:
    """Whoever comes at the end sees the same pages, and a feed that reads the ledger at once the same items."""
    newcomer = ByLdes(client, chance, "/ldes/organisations")
    newcomer.follow(None)
    assert newcomer.held == held
    grown = Feed(registry.ledger, registry.formats, registry.own)
    for number in range(1, registry.sequence + 1, 5):
        grown.upto(number)
    fresh = Feed(registry.ledger, registry.formats, registry.own).upto(registry.sequence)
    assert grown.upto(registry.sequence).items() == fresh.items()
    assert grown.pages() == fresh.pages()
