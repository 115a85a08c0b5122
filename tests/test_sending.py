"""`registry submit`: the operators' way for an account."""

import json
from pathlib import Path

import pytest

from registry import audit, database, drafts, sending
from registry.errors import BadInput
from registry.exchange import jsonld
from registry.registry import Registry
from tests.conftest import TODAY
from tests.sending import compact, office, turtle
from tests.test_desk import KENYA, person
from tests.test_writing import written

__all__ = ["office"]


def test_files_are_sent_for_an_account(office: Registry, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    person(office, "point", "bch-national-focal-point", **KENYA)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "need.ttl").write_text(turtle("need"), encoding="utf-8")
    plain = {key: value for key, value in compact(office, "news", turtle("news")).items() if key != "@context"}
    plain["id"] = "https://partner.example/r/2"
    (tmp_path / "in" / "news.json").write_text(json.dumps([plain, {**plain, "title": {}}]), encoding="utf-8")
    before = written(office)
    assert sending.submit(office, [tmp_path / "in"], "point@example.org", TODAY, dry=True) == 1
    assert written(office) == before
    capsys.readouterr()
    assert sending.submit(office, [tmp_path / "in"], "point@example.org", TODAY) == 1
    told = capsys.readouterr()
    assert [line.split(" · ")[2] for line in told.out.splitlines()] == ["published", "pending-approval"]
    assert "title" in told.err and "news.json" in told.err
    name = told.out.split(" · ")[3]
    with database.reading(office.ledger.engine) as connection:
        assert {act.origin for act in audit.acts(connection, subject=name)} == {"command"}
        assert len(drafts.waiting(connection)) == 1


def test_what_was_read_here_says_its_version(
    office: Registry, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    person(office, "point", "bch-national-focal-point", **KENYA)
    file = tmp_path / "need.ttl"
    file.write_text(turtle("need"), encoding="utf-8")
    assert sending.submit(office, [file], "point@example.org", TODAY) == 0
    name = capsys.readouterr().out.split(" · ")[3]
    entry = office.record(name)
    assert entry
    document = jsonld.compact(entry.iri, entry.graph, entry.format, office.own)
    document["description"] = {"en": "More."}
    edited = tmp_path / "edited.jsonld"
    edited.write_bytes(jsonld.dumps(document))
    assert sending.submit(office, [edited], "point@example.org", TODAY) == 0
    assert "version 2" in capsys.readouterr().out
    assert sending.submit(office, [edited], "point@example.org", TODAY) == 1
    del document["record"]
    edited.write_bytes(jsonld.dumps(document))
    assert sending.submit(office, [edited], "point@example.org", TODAY) == 1
    assert "which version" in capsys.readouterr().err


def test_an_account_must_be_in_force(office: Registry, tmp_path: Path) -> None:
    (tmp_path / "x.ttl").write_text(turtle("need"), encoding="utf-8")
    with pytest.raises(BadInput):
        sending.submit(office, [tmp_path / "x.ttl"], "nobody@example.org", TODAY)
