"""A record of three versions through time."""

import re
import shutil
from datetime import timedelta
from pathlib import Path

from registry.load import Terms, load
from registry.registry import open_registry
from tests.browsing import Clock, browser
from tests.conftest import TODAY, no_progress, settings_in
from web.answers import http_date

GOOD = (Path(__file__).parent / "data" / "load" / "good.ttl").read_text(encoding="utf-8")
DOC = "/doc/BCH-ORG-SCBD-9001"


def test_each_moment_has_its_version(founded: Path, tmp_path: Path) -> None:
    shutil.copytree(founded, tmp_path / "var")
    clock = Clock()
    registry = open_registry(settings_in(tmp_path / "var"), clock=clock)
    for name in ("Lake Region", "Lakes Region", "Great Lakes"):
        (tmp_path / "one.ttl").write_text(GOOD.replace("Lake Region", name), encoding="utf-8")
        assert not load(registry, [tmp_path / "one.ttl"], Terms(TODAY, by="test"), no_progress).refusals
        clock.on(hours=1)

    with browser(registry, clock) as client:
        for minutes, number in [(-999, 1), (0, 1), (59, 1), (60, 2), (61, 2), (120, 3), (9999, 3)]:
            moment = http_date(TODAY + timedelta(minutes=minutes))
            led = client.get(DOC, headers={"Accept-Datetime": moment})
            assert led.headers["Location"].endswith(f"{DOC}/v/{number}"), minutes
        second = client.get(f"{DOC}/v/2.ttl")
        assert second.headers["Memento-Datetime"] == http_date(TODAY + timedelta(hours=1))
        assert "Lakes Region" in second.text
        ways = re.findall(r"/v/(\d)>; rel=\"([a-z ]*memento)\"", second.headers["Link"])
        assert ways == [("1", "first prev memento"), ("3", "next last memento")]
        listed = re.findall(r"/v/(\d)>; rel=\"([a-z ]*)\"", client.get(f"{DOC}/timemap").text)
        assert listed == [("1", "first memento"), ("2", "memento"), ("3", "last memento")]
    registry.close()
