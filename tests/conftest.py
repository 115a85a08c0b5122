"""What the tests share: a house, a registry with the samples in it, and a browser where there is one.

No test reaches beyond this machine, and none may be skipped where REGISTRY_NO_SKIPS is set.
"""

import fcntl
import gc
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from registry import passwords
from registry.load import Terms, load, shifted
from registry.registry import Registry, open_registry
from registry.rooms import House
from registry.settings import Settings

ROOT = Path(__file__).parent.parent
TODAY = datetime(2026, 11, 22, 12, tzinfo=UTC)
ANCHOR = date(2026, 1, 1)

# A registry is many small objects that stay: to look for rings among them as often as usual is a third of the time.
gc.set_threshold(50_000, 20, 50)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    soak = bool(os.environ.get("REGISTRY_SOAK"))
    items[:] = [item for item in items if soak == bool(item.get_closest_marker("soak"))]
    for item in items:
        if not item.get_closest_marker("xdist_group"):  # a file stays with one process, and its fixtures are made once
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
    if not shutil.which("chromium") and not os.environ.get("REGISTRY_NO_SKIPS"):
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason="no Chromium on this machine"))


def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    skipped = call.excinfo is not None and call.excinfo.errisinstance(pytest.skip.Exception)
    if skipped and os.environ.get("REGISTRY_NO_SKIPS"):
        pytest.exit(f"{item.nodeid} was skipped, and skips are forbidden here", returncode=1)


def no_progress(what: str, done: int, of: int) -> None:
    """A load that draws nothing."""


HOUSE = Path(os.environ.get("REGISTRY_HOUSE", ROOT))


def settings_in(folder: Path, house: Path = HOUSE) -> Settings:
    return Settings(base="http://localhost:8000/", data=folder, house=house)


def load_samples(registry: Registry) -> None:
    terms = Terms(TODAY, by="test")
    period = load(registry, [ROOT / "samples" / "period-2004"], terms, no_progress)
    assert not period.refusals, period.refusals[0].tell()
    today = load(registry, [ROOT / "samples" / "today"], shifted(terms, ANCHOR, TODAY.date()), no_progress)
    assert not today.refusals, today.refusals[0].tell()


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """A password costs a tenth of a second on purpose: here it costs nothing, but in the tests of passwords."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@cache
def rooms() -> House:
    """The data rooms of the house, which no test changes."""
    return House(settings_in(ROOT / "var"))


def opened_at(folder: Path) -> Registry:
    """The registry of a data folder on the tests' day."""
    return open_registry(settings_in(folder), clock=lambda: TODAY, rooms=rooms())


def once(factory: pytest.TempPathFactory, name: str, fill: Callable[[Path], None]) -> Path:
    """A folder that one process of a run makes for all of them: to be copied, never to be opened."""
    place = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        place = place.parent
    with (place / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / name).exists():
            shutil.rmtree(place / f"{name}.part", ignore_errors=True)
            fill(place / f"{name}.part")
            (place / f"{name}.part").rename(place / name)
    return place / name


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a registry that was just founded, to be copied."""
    return once(tmp_path_factory, "founded", lambda folder: opened_at(folder).close())


def organised(founded: Path, folder: Path) -> None:
    """Fill a folder with a registry of the period's organisations, so that records have something to refer to."""
    shutil.copytree(founded, folder)
    registry = opened_at(folder)
    source = ROOT / "samples" / "period-2004" / "organisations.ttl"
    assert not load(registry, [source], Terms(TODAY, by="test"), no_progress).refusals
    registry.close()


@pytest.fixture(scope="session")
def office_folder(founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of such a registry, to be copied."""
    return once(tmp_path_factory, "office", lambda folder: organised(founded, folder))


@pytest.fixture(scope="session")
def sampled(founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a registry with both samples, to be copied."""

    def fill(folder: Path) -> None:
        shutil.copytree(founded, folder)
        registry = opened_at(folder)
        load_samples(registry)
        registry.close()

    return once(tmp_path_factory, "sampled", fill)


@pytest.fixture
def empty(founded: Path, tmp_path: Path) -> Iterator[Registry]:
    """A registry that was just founded."""
    shutil.copytree(founded, tmp_path / "var")
    registry = opened_at(tmp_path / "var")
    yield registry
    registry.close()


@pytest.fixture(scope="session")
def registry(sampled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """A registry with both samples; tests only read it."""
    folder = tmp_path_factory.mktemp("registry")
    shutil.copytree(sampled, folder, dirs_exist_ok=True)
    registry = opened_at(folder)
    yield registry
    registry.close()
