"""The outbox: a letter is there if and only if the change that it tells of is."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from registry import database, outbox
from registry.database import Engine
from registry.errors import BadInput
from registry.letters import Letter
from tests.conftest import TODAY

LETTER = Letter("reset", "fr", "Choisissez", "Texte\n", "<p>Texte</p>")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = database.connect(f"sqlite:///{tmp_path / 'desk.sqlite'}")
    yield engine
    engine.dispose()


def put(engine: Engine, address: str = "ama@example.org", at: object = TODAY, letter: Letter = LETTER) -> str:
    with database.writing(engine) as connection:
        return outbox.put(connection, letter, address=address, at=at)  # type: ignore[arg-type]


def one(engine: Engine, id: str) -> outbox.Kept:
    with database.reading(engine) as connection:
        found = outbox.one(connection, id)
    assert found
    return found


def test_a_letter_is_kept_as_it_was_drawn(engine: Engine) -> None:
    kept = one(engine, put(engine, "Ama@Example.org"))
    assert (kept.kind, kept.language, kept.subject) == ("reset", "fr", "Choisissez")
    assert (kept.text, kept.html, kept.address) == ("Texte\n", "<p>Texte</p>", "ama@example.org")
    assert (kept.made, kept.due, kept.tries, kept.sent, kept.state) == (TODAY, TODAY, 0, None, "waiting")


def test_a_change_that_fails_writes_no_letter(engine: Engine) -> None:
    def change() -> None:
        with database.writing(engine) as connection:
            outbox.put(connection, LETTER, address="ama@example.org", at=TODAY)
            raise RuntimeError("the change failed")

    with pytest.raises(RuntimeError):
        change()
    with database.reading(engine) as connection:
        assert outbox.counts(connection) == {"waiting": 0, "sent": 0, "failed": 0}


@pytest.mark.parametrize(
    "address",
    [
        "ama@example.org\r\nBcc: all@example.org",
        "ama@example.org\n",
        "ama@example.org,b@example.org",
        "ama@example.org b@example.org",
        "Ama <ama@example.org>",
        "ama\x00@example.org",
        "ama\x7f@example.org",
        "ama@\u2028example.org",
        "ama",
        "@example.org",
        "a@b@example.org",
        "ämä@example.org",
        "",
    ],
)
def test_an_address_is_exactly_one(engine: Engine, address: str) -> None:
    with pytest.raises(BadInput) as found:
        put(engine, address)
    assert found.value.where == "email"


@pytest.mark.parametrize("subject", ["A\r\nBcc: b@example.org", "A\nB", "A\x00", "A\u2029B"])
def test_a_subject_has_one_line(engine: Engine, subject: str) -> None:
    with pytest.raises(BadInput):
        put(engine, letter=Letter("reset", "en", subject, "", ""))


def test_whether_a_letter_was_written_lately(engine: Engine) -> None:
    put(engine)
    with database.reading(engine) as connection:
        assert outbox.lately(connection, "AMA@example.org", "reset", TODAY - MINUTE)
        assert not outbox.lately(connection, "ama@example.org", "reset", TODAY + MINUTE)
        assert not outbox.lately(connection, "ama@example.org", "invitation", TODAY - MINUTE)
        assert not outbox.lately(connection, "b@example.org", "reset", TODAY - MINUTE)


def test_the_list_goes_back_in_time_page_by_page(engine: Engine) -> None:
    ids = [put(engine, at=TODAY + number * MINUTE) for number in range(5)]
    with database.reading(engine) as connection:
        pages = [outbox.letters(connection, page=page, size=2) for page in (1, 2, 3, 4)]
        assert [kept.id for page in pages for kept in page] == ids[::-1]
        assert outbox.letters(connection, state="sent") == []
        assert len(outbox.letters(connection, state="waiting")) == 5
        assert outbox.one(connection, "none") is None


def test_a_claim_is_for_one_and_ends_by_itself(engine: Engine) -> None:
    first, second = put(engine), put(engine, at=TODAY + MINUTE)
    at, until = TODAY + 2 * MINUTE, TODAY + 10 * MINUTE
    with database.writing(engine) as connection:
        claimed = [outbox.claim(connection, at, until) for _ in range(3)]
    assert [kept.id if kept else None for kept in claimed] == [first, second, None]
    with database.writing(engine) as connection:
        again = outbox.claim(connection, until, until + MINUTE)
    assert again and (again.id, again.tries) == (first, 2)


def test_what_was_sent_is_forgotten_and_what_was_given_up_can_be_revived(engine: Engine) -> None:
    sent, lost = put(engine), put(engine)
    with database.writing(engine) as connection:
        outbox.mark_sent(connection, sent, TODAY)
        outbox.mark_failed(connection, lost, "550 no such user", None)
        outbox.mark_failed(connection, sent, "too late", None)
        assert outbox.counts(connection) == {"waiting": 0, "sent": 1, "failed": 1}
        assert not outbox.is_due(connection, TODAY + timedelta(days=10_000))
    kept = one(engine, sent)
    assert (kept.state, kept.text, kept.html, kept.failed) == ("sent", "", "", None)
    assert (one(engine, lost).state, one(engine, lost).failed) == ("failed", "550 no such user")
    with database.writing(engine) as connection:
        assert outbox.revive(connection, TODAY) == 1
    assert (one(engine, lost).state, one(engine, lost).tries) == ("waiting", 0)
