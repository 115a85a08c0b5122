"""What the tests share: a house, a registry with the samples in it, and a browser where there is one.

No test reaches beyond this machine, and none may be skipped where REGISTRY_NO_SKIPS is set.
"""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from registry.load import Terms, load, shifted
from registry.registry import Registry, open_registry
from registry.settings import Settings

ROOT = Path(__file__).parent.parent
TODAY = datetime(2026, 11, 22, 12, tzinfo=UTC)
ANCHOR = date(2026, 1, 1)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    soak = bool(os.environ.get("REGISTRY_SOAK"))
    items[:] = [item for item in items if soak == bool(item.get_closest_marker("soak"))]
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


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a registry that was just founded, to be copied."""
    folder = tmp_path_factory.mktemp("founded") / "var"
    open_registry(settings_in(folder), clock=lambda: TODAY).close()
    return folder


@pytest.fixture
def empty(founded: Path, tmp_path: Path) -> Iterator[Registry]:
    """A registry that was just founded."""
    shutil.copytree(founded, tmp_path / "var")
    registry = open_registry(settings_in(tmp_path / "var"), clock=lambda: TODAY)
    yield registry
    registry.close()


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """A registry with both samples; tests only read it."""
    registry = open_registry(settings_in(tmp_path_factory.mktemp("registry")), clock=lambda: TODAY)
    load_samples(registry)
    yield registry
    registry.close()
