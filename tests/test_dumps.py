"""Dumps: the same row, the same bytes; served whole, in ranges, for ever; old ones go, the first of a month stays."""

import gzip
import hashlib
import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from registry import cli, dumps
from registry.load import Terms, load
from registry.registry import Registry
from registry.settings import read
from registry.terms import DCAT, DCTERMS, NamedNode
from tests.browsing import Clock, browser
from tests.conftest import TODAY, no_progress
from tests.harvesting import parsed

GOOD = Path(__file__).parent / "data" / "load" / "good.ttl"
SPDX = "http://spdx.org/rdf/terms#"


@pytest.fixture
def filled(empty: Registry) -> Registry:
    assert load(empty, [GOOD], Terms(TODAY, by="test"), no_progress).published == 2
    return empty


def test_the_same_row_gives_the_same_bytes(filled: Registry, tmp_path: Path) -> None:
    first = dumps.write(filled, tmp_path / "one", TODAY)
    again = filled.at(TODAY)
    second = dumps.write(again, tmp_path / "two", TODAY + timedelta(hours=1))
    assert first and second
    assert first.files == second.files
    assert first.name == f"2026-11-22-{filled.ledger.last()}"
    for file in first.files:
        data = (tmp_path / "one" / first.name / file.name).read_bytes()
        assert data == (tmp_path / "two" / second.name / file.name).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (file.size, file.sha256)
    whole = gzip.decompress((tmp_path / "one" / first.name / "all.nq.gz").read_bytes()).decode().splitlines()
    assert sorted(whole) == [line for line in filled.graphs.dump() if " <urn:registry:" not in line]
    trig = gzip.decompress((tmp_path / "one" / first.name / "all.trig.gz").read_bytes())
    assert parsed(trig, "application/trig") == parsed("\n".join(whole).encode(), "application/n-quads")
    projects = gzip.decompress((tmp_path / "one" / first.name / "projects.nq.gz").read_bytes()).decode().splitlines()
    assert projects == [line for line in whole if line.endswith("BCH-CDI-SCBD-9002> .")]
    assert dumps.write(filled, tmp_path / "one", TODAY + timedelta(days=1)) is None
    assert [path.name for path in (tmp_path / "one").iterdir()] == [first.name]


def test_the_newest_stay_and_the_first_of_each_month(tmp_path: Path) -> None:
    days = [TODAY + timedelta(days=12 * step) for step in range(8)]
    for number, day in enumerate(days):
        folder = tmp_path / f"{day:%Y-%m-%d}-{number}"
        folder.mkdir()
        told = {"name": folder.name, "sequence": number, "entered": day.isoformat(), "written": day.isoformat()}
        (folder / dumps.MANIFEST).write_text(json.dumps({**told, "files": []}), encoding="utf-8")
    gone = dumps.prune(tmp_path, 2)
    assert gone == ["2026-12-16-2", "2026-12-28-3", "2027-01-21-5"]
    assert [dump.sequence for dump in dumps.dumps(tmp_path)] == [0, 1, 4, 6, 7]
    assert dumps.prune(tmp_path, 2) == []


def test_a_file_is_served_for_ever_and_in_ranges(filled: Registry) -> None:
    clock, folder = Clock(), filled.settings.dumps
    with browser(filled, clock) as client:
        assert "No dump was written yet" in client.get("/dump", headers={"Accept": "text/html"}).text
        old = dumps.write(filled, folder, TODAY)
        with filled.ledger.writing() as writer:
            writer.append("confirmed", filled.own.record("BCH-CDI-SCBD-9002").value, by="test")
        filled.follow()
        dump = dumps.write(filled, folder, TODAY + timedelta(days=1))
        assert old and dump
        led = client.get("/dump/latest/all.nq.gz")
        assert (led.status_code, led.headers["Cache-Control"]) == (302, "public, no-cache")
        address = led.headers["Location"].removeprefix("http://localhost:8000")
        assert address == f"/dump/{dump.name}/all.nq.gz"
        got, file = client.get(address), dump.file("all.nq.gz")
        assert file and hashlib.sha256(got.content).hexdigest() == file.sha256
        assert "immutable" in got.headers["Cache-Control"]
        assert got.headers["Content-Type"] == "application/gzip"
        assert "Content-Encoding" not in got.headers
        head = client.head(address)
        assert (head.content, head.headers["Content-Length"]) == (b"", str(file.size))
        tag = got.headers["ETag"]
        part = client.get(address, headers={"Range": "bytes=10-19", "If-Range": tag})
        assert (part.status_code, part.content) == (206, got.content[10:20])
        assert part.headers["Content-Range"] == f"bytes 10-19/{file.size}"
        assert client.get(address, headers={"Range": "bytes=10-19", "If-Range": '"other"'}).status_code == 200
        assert client.get(address, headers={"Range": "bytes=-5"}).content == got.content[-5:]
        beyond = client.get(address, headers={"Range": f"bytes={file.size}-"})
        assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{file.size}")
        assert client.get(address, headers={"If-None-Match": tag}).status_code == 304
        assert client.get(f"/dump/{dump.name}/dump.json").json()["sequence"] == filled.sequence
        page = client.get("/dump", headers={"Accept": "text/html", "Accept-Language": "fr"}).text
        assert address in page and f"/dump/{old.name}/all.nq.gz" in page
        graph = parsed(client.get("/dump.ttl").content, "text/turtle")
        iri = NamedNode(f"http://localhost:8000{address}")
        assert graph.text(iri, DCAT.byteSize) == str(file.size)
        assert graph.text(NamedNode(f"{iri.value}#checksum"), NamedNode(SPDX + "checksumValue")) == file.sha256
        assert graph.iris(iri, DCTERMS.license)
        shutil.rmtree(folder / old.name)
        assert client.get(f"/dump/{old.name}/all.nq.gz").status_code == 410
        assert client.get(f"/dump/{dump.name}/..%2fledger.sqlite").status_code in (308, 404)


def test_the_command_writes_one_and_says_so(
    filled: Registry, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("REGISTRY_DATA", str(filled.settings.data))
    monkeypatch.setenv("REGISTRY_HOUSE", str(filled.settings.house))
    assert cli.main(["dump"]) == 0
    assert cli.main(["dump"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    (dump,) = dumps.dumps(filled.settings.dumps)
    assert first == f"Written: {filled.settings.dumps / dump.name}"
    assert second == "Nothing is new since the last dump."
    with pytest.raises(Exception, match="none is no number"):
        read({"REGISTRY_DUMPS": "none"})
    assert read({"REGISTRY_DUMPS": "12"}).kept_dumps == 12
