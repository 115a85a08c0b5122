"""The nightly round: what has ended is archived the day after, once, whenever the round comes."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from registry import database, lease, night, outbox, people, repeats, sessions, throttle, tickets
from registry.errors import Conflict
from registry.letters import Letter
from registry.load import Terms, load
from registry.registry import Registry
from registry.terms import NamedNode
from tests.conftest import ROOT, TODAY, no_progress

GOOD = (Path(__file__).parent / "data" / "load" / "good.ttl").read_text(encoding="utf-8")
PROJECT = "BCH-CDI-SCBD-9002"
STEPS: dict[str, night.Step] = {"clear": night.clear, "letters": night.letters}


def moment(day: date) -> datetime:
    return datetime.combine(day, time(3), UTC)


@pytest.fixture
def ends(empty: Registry, tmp_path: Path) -> Registry:
    """A project that ends on 30 November 2026 and says nothing of its status."""
    text = GOOD.replace('"2007"^^xsd:gYear', '"2026-11-30"^^xsd:date')
    (tmp_path / "ends.ttl").write_text(text, encoding="utf-8")
    assert load(empty, [tmp_path / "ends.ttl"], Terms(TODAY, by="test"), no_progress).published == 2
    return empty


def statuses(registry: Registry) -> list[str]:
    return [event.kind for event in registry.versions(PROJECT)]


def test_the_day_after_and_only_once(ends: Registry) -> None:
    for day, kinds in [(30, ["published"]), (31, ["published", "archived"]), (32, ["published", "archived"])]:
        night.run(ends, moment(date(2026, 11, 1) + timedelta(days=day - 1)), by="test")
        assert statuses(ends) == kinds
    entry = ends.record(PROJECT)
    assert entry is not None
    assert entry.status == "archived"


def test_a_week_late_and_with_the_clock_set_back(ends: Registry) -> None:
    assert night.run(ends, moment(date(2026, 12, 8)), by="test")[0].count == 1
    last = ends.ledger.last()
    assert night.run(ends, moment(date(2020, 1, 1)), by="test")[0].count == 0
    assert night.run(ends, moment(date(2026, 12, 1)), by="test")[0].count == 0
    assert ends.ledger.last() == last


def test_what_was_taken_back_from_the_archive_stays(ends: Registry) -> None:
    night.run(ends, moment(date(2026, 12, 8)), by="test")
    with ends.ledger.writing() as writer:
        writer.append("restored", ends.own.record(PROJECT).value, by="test")
    assert night.run(ends, moment(date(2026, 12, 9)), by="test")[0].count == 0


def test_a_status_that_the_owner_states_is_the_owners_to_change(empty: Registry, tmp_path: Path) -> None:
    ongoing = '"2007"^^xsd:gYear ; cap:projectStatus <vocabulary/project-status/ongoing>'
    text = GOOD.replace('"2007"^^xsd:gYear', ongoing)
    (tmp_path / "stated.ttl").write_text(text, encoding="utf-8")
    assert load(empty, [tmp_path / "stated.ttl"], Terms(TODAY, by="test"), no_progress).published == 2
    assert night.run(empty, moment(date(2026, 12, 9)), by="test")[0].count == 0


def test_of_the_sample_of_2004_no_expired_offer_stands_among_the_current_ones(empty: Registry) -> None:
    load(empty, [ROOT / "samples" / "period-2004"], Terms(TODAY, by="test"), no_progress)
    night.run(empty, TODAY, by="test")
    format = empty.formats["opportunity"]
    assert format.states
    rows = empty.select(format.states, day=TODAY.date())
    expired = {r["record"] for r in rows if isinstance(r["state"], NamedNode) and r["state"].value.endswith("/expired")}
    listed = {row["record"]: row["status"] for row in empty.select("records/list", kind=format.target)}
    assert expired
    assert {str(listed[record]) for record in expired} == {str(empty.own.concept("record-status", "archived"))}
    kept, replayed = empty.views.digests(empty.graphs)
    assert kept == replayed


def test_a_step_that_fails_is_written_down_and_the_round_goes_on(ends: Registry) -> None:
    def fail(registry: Registry, at: datetime) -> int:
        raise ValueError("no such thing")

    done = night.run(ends, moment(date(2026, 12, 8)), by="test", steps={"first": fail, "note": night.note})
    assert [(step.step, step.count, step.failed) for step in done] == [
        ("first", 0, "ValueError: no such thing"),
        ("note", 1, ""),
    ]
    with ends.ledger.engine.connect() as connection:
        rows = connection.execute(select(database.round.c.step, database.round.c.failed)).all()
    assert [tuple(row) for row in rows] == [("first", "ValueError: no such thing"), ("note", None)]


def test_one_round_at_a_time_and_a_dead_holder_does_not_keep_the_lease(ends: Registry) -> None:
    engine, now = ends.ledger.engine, moment(date(2026, 12, 8))
    with lease.held(engine, "night", "another", now), pytest.raises(Conflict, match="another has been at it"):
        night.run(ends, now + timedelta(minutes=1), by="test")
    holding = lease.held(engine, "night", "dead", now)
    holding.__enter__()
    night.run(ends, now + lease.LASTS + timedelta(seconds=1), by="test")
    holding = lease.held(engine, "night", "of a clock that was set back", now)
    holding.__enter__()
    night.run(ends, now - timedelta(days=300), by="test")


def test_a_round_as_if_on_another_day_holds_its_lease_by_the_clock(ends: Registry) -> None:
    engine, now = ends.ledger.engine, moment(date(2026, 12, 8))
    with lease.held(engine, "night", "another", now), pytest.raises(Conflict, match="another has been at it"):
        night.run(ends, moment(date(2010, 1, 1)), by="test", now=now + timedelta(minutes=1))
    night.run(ends, moment(date(2010, 1, 1)), by="test", now=now)


def test_what_is_past_its_use_is_removed_and_failed_letters_are_counted(empty: Registry) -> None:
    engine, day = empty.ledger.engine, timedelta(days=1)
    letter = Letter("reset", "en", "Choose", "Text\n", "<p>Text</p>")
    with database.writing(engine) as connection:
        person = people.create(connection, email="a@example.org", name="A", language="en", at=TODAY, by="test")
        for number in range(4):
            outbox.put(connection, letter, address=f"{number}@example.org", at=TODAY)
        ids = [kept.id for _ in range(4) if (kept := outbox.claim(connection, TODAY, TODAY + day))]
        outbox.mark_sent(connection, ids[0], TODAY)
        outbox.mark_failed(connection, ids[1], "550 no such user", None)
        outbox.mark_failed(connection, ids[2], "451 later", TODAY + day)
        cookie, _ = sessions.begin(connection, person.id, at=TODAY)
        tickets.issue(connection, "reset", person.id, at=TODAY, lasts=day)
        used = tickets.issue(connection, "invite", person.id, at=TODAY, lasts=300 * day)
        tickets.take(connection, "invite", used, TODAY)
        receipt = tickets.issue(connection, "receipt", "r", at=TODAY, lasts=None)
        throttle.admit(connection, ["password:x"], at=TODAY, limit=1, within=day)
        repeats.keep(connection, repeats.Repeat(person.id, "k", "d"), repeats.Kept(200, {}, "a"), at=TODAY)

    def done(at: datetime) -> list[int]:
        return [step.count for step in night.run(empty, at, by="test", steps=STEPS)]

    def left() -> list[str]:
        with database.reading(engine) as connection:
            assert tickets.peek(connection, "receipt", receipt, at=TODAY + 400 * day)
            return sorted(kept.id for kept in outbox.letters(connection))

    assert done(TODAY - day) == [0, 2], "a clock that was set back removes nothing"
    assert done(TODAY + timedelta(hours=1)) == [1, 2], "the invitation was taken up"
    with database.reading(engine) as connection:
        assert sessions.find(connection, cookie, TODAY + timedelta(hours=1))
    assert done(TODAY + 3 * day) == [3, 0], "session, link and answer"
    assert done(TODAY + 89 * day) == [0, 0]
    assert left() == sorted(ids)
    assert done(TODAY + 90 * day) == [2, 0], "the letter that was sent, and the try"
    assert done(TODAY + 179 * day) == [0, 0]
    assert done(TODAY + 180 * day) == [1, 0], "the letter that was given up"
    assert left() == sorted(ids[2:]), "letters that wait stay"
