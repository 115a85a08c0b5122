"""Accounts, roles, secrets, sessions, tokens, how often, and the trail of it all."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DatabaseError

from registry import audit, cli, database, people, sessions, tables, throttle, tickets, tokens
from registry.database import Connection, Engine
from registry.errors import BadInput, Conflict, LedgerBroken, NotFound, TooMany
from registry.registry import Registry
from registry.wording import address, personal
from tests.conftest import TODAY

HOUR = timedelta(hours=1)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = database.connect(f"sqlite:///{tmp_path / 'desk.sqlite'}")
    yield engine
    engine.dispose()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with database.writing(engine) as connection:
        yield connection


def amina(connection: Connection, email: str = "amina@example.org") -> people.Account:
    return people.create(connection, email=email, name="Amina", language="fr", at=TODAY, by="test", confirmed=True)


def test_the_migrations_make_what_the_tables_say(engine: Engine) -> None:
    assert tables.account.metadata is database.metadata
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), database.metadata) == []


def test_an_account_and_its_roles(connection: Connection) -> None:
    made = amina(connection, " Amina@Example.ORG ")
    assert (made.email, made.language, made.confirmed, made.closed, made.actings) == (
        "amina@example.org",
        "fr",
        True,
        False,
        (),
    )
    assert people.find(connection, "AMINA@example.org") == made == people.account(connection, made.id)
    focal = people.appoint(
        connection, made.id, role="bch-national-focal-point", country="KE", institution="urn:x", by="test", at=TODAY
    )
    again = people.appoint(
        connection, made.id, role="bch-national-focal-point", country="KE", institution="urn:x", by="test", at=TODAY
    )
    assert focal == again, "the same role is held once"
    people.appoint(connection, made.id, role="validator", format="project", by="test", at=TODAY)
    found = people.account(connection, made.id)
    assert found
    assert [acting.country for acting in found.acts("bch-national-focal-point")] == ["KE"]
    assert len(found.acts()) == 2 and not found.administrator
    people.dismiss(connection, focal.id, by="test", at=TODAY)
    assert [a.role for a in people.everyone(connection)[0].actings] == ["validator"]
    with pytest.raises(NotFound):
        people.dismiss(connection, focal.id, by="test", at=TODAY)


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ({"email": "AMINA@EXAMPLE.org"}, "email"),
        ({"email": "no address"}, "email"),
        ({"name": ""}, "name"),
        ({"language": "nl"}, "language"),
        ({"password": "short"}, "password"),
    ],
)
def test_what_an_account_needs(connection: Connection, given: dict[str, str], where: str) -> None:
    amina(connection)
    sound = {"email": "b@example.org", "name": "Baraka", "language": "en"}
    with pytest.raises(BadInput) as refused:
        people.create(connection, **{**sound, **given}, at=TODAY, by="test")
    assert refused.value.where == where


@pytest.mark.parametrize(
    "bad",
    [
        "a@b.org\r\nBcc: c@d.org",
        "a@b.org\nx",
        "a\r@b.org",
        "a@b",
        "@b.org",
        "a b@c.org",
        "a@b..org",
        "a,b@c.org",
        "a@b.org, c@d.org",
        "a@[127.0.0.1]",
        "é@b.org",
        f"{'a' * 65}@b.org",
        f"a@{'b' * 250}.org",
        "a@b.org\x00",
    ],
)
def test_what_is_no_address(bad: str) -> None:
    with pytest.raises(BadInput):
        address(bad)


@pytest.mark.parametrize("mark", ["\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068"])
def test_a_name_turns_nothing_round(mark: str) -> None:
    with pytest.raises(BadInput):
        personal(f"Amina {mark}nimda")


@pytest.mark.parametrize("bad", ["a\nb", "see https://evil.example", "www.evil.example", "a<b", "x" * 121, "a\u2028b"])
def test_a_name_is_no_letter(bad: str) -> None:
    with pytest.raises(BadInput):
        personal(bad)


@pytest.mark.parametrize("good", ["O’Brien-Ní Bhriain", "علی\u200cرضا", "王小明", "José Núñez Jr.", "Müller (Dr)"])
def test_names_of_people(good: str) -> None:
    assert personal(f" {good}  ") == good


def test_roles_that_are_none(connection: Connection) -> None:
    made = amina(connection)
    with pytest.raises(BadInput, match="role"):
        people.appoint(connection, made.id, role="king", by="test", at=TODAY)
    with pytest.raises(BadInput, match="country"):
        people.appoint(connection, made.id, role="national-authorized-user", by="test", at=TODAY)
    with pytest.raises(NotFound):
        people.appoint(connection, "nobody", role="curator", by="test", at=TODAY)


def test_the_last_administrator_stays(connection: Connection) -> None:
    one = amina(connection)
    role = people.appoint(connection, one.id, role="secretariat", by="test", at=TODAY)
    for act in (
        lambda: people.dismiss(connection, role.id, by="test", at=TODAY),
        lambda: people.close(connection, one.id, by="test", at=TODAY),
    ):
        with pytest.raises(Conflict):
            act()
    other = amina(connection, "b@example.org")
    people.appoint(connection, other.id, role="secretariat", by="test", at=TODAY)
    people.close(connection, one.id, by="test", at=TODAY)
    with pytest.raises(Conflict):
        people.appoint(connection, one.id, role="curator", by="test", at=TODAY)


def test_a_closed_account_opens_nothing(connection: Connection) -> None:
    made = amina(connection)
    cookie, _ = sessions.begin(connection, made.id, at=TODAY)
    key, _ = tokens.issue(connection, made.id, name="x", scopes=["read"], until=TODAY + HOUR, at=TODAY)
    people.set_password(connection, made.id, "kept", at=TODAY, by="test")
    people.close(connection, made.id, at=TODAY, by="test")
    assert sessions.find(connection, cookie, TODAY) is None
    assert tokens.find(connection, key, TODAY) is None
    assert people.password_of(connection, made.id) is None


def test_a_change_of_role_or_password_ends_sessions(connection: Connection) -> None:
    made = amina(connection)
    for change in (
        lambda: people.appoint(connection, made.id, role="curator", by="test", at=TODAY),
        lambda: people.set_password(connection, made.id, "kept", at=TODAY, by="test"),
    ):
        cookie, _ = sessions.begin(connection, made.id, at=TODAY)
        assert sessions.find(connection, cookie, TODAY)
        change()
        assert sessions.find(connection, cookie, TODAY) is None


def test_a_session_ends_by_itself(connection: Connection) -> None:
    made, minute = amina(connection), timedelta(minutes=1)
    cookie, session = sessions.begin(connection, made.id, at=TODAY)
    assert sessions.find(connection, cookie, TODAY + 2 * HOUR - minute)
    assert sessions.find(connection, cookie, TODAY + 2 * HOUR) is None
    for hour in range(1, 12):
        sessions.touch(connection, session, TODAY + hour * HOUR)
    assert sessions.find(connection, cookie, TODAY + 12 * HOUR - minute)
    assert sessions.find(connection, cookie, TODAY + 12 * HOUR) is None, "never more than twelve hours"
    sessions.begin(connection, made.id, at=TODAY + 14 * HOUR)
    assert connection.execute(tables.session.select()).all().__len__() == 1, "what has run out is cleared away"


def test_a_secret_opens_once_and_for_a_while(connection: Connection) -> None:
    made = amina(connection)
    first = tickets.issue(connection, "reset", made.id, at=TODAY, lasts=HOUR, account=made.id)
    second = tickets.issue(connection, "reset", made.id, at=TODAY, lasts=HOUR, account=made.id)
    assert tickets.peek(connection, "reset", first, TODAY) is None, "a new one shuts the one before"
    assert tickets.peek(connection, "confirm", second, TODAY) is None, "it opens one thing"
    assert tickets.peek(connection, "reset", second, TODAY + HOUR) is None
    assert tickets.take(connection, "reset", second, TODAY).subject == made.id
    with pytest.raises(BadInput):
        tickets.take(connection, "reset", second, TODAY)
    one, two = (tickets.issue(connection, "share", "draft", at=TODAY, lasts=None) for _ in range(2))
    assert tickets.peek(connection, "share", one, TODAY + 9999 * HOUR)
    assert tickets.peek(connection, "share", two, TODAY)


def test_tokens(connection: Connection) -> None:
    made, other = amina(connection), amina(connection, "b@example.org")
    until = TODAY + timedelta(days=30)
    clear, kept = tokens.issue(
        connection, made.id, name=" my  script ", scopes=["read", "submit"], until=until, at=TODAY
    )
    assert clear.startswith("bcr_") and len(clear) == 47
    found = tokens.find(connection, clear, TODAY)
    assert found and (found.id, found.name, found.scopes) == (kept.id, "my script", {"read", "submit"})
    tokens.touch(connection, kept.id, TODAY + HOUR)
    assert tokens.of(connection, made.id, TODAY)[0].used == TODAY + HOUR
    assert tokens.find(connection, clear, until) is None
    assert tokens.find(connection, clear[4:], TODAY) is None
    with pytest.raises(NotFound):
        tokens.revoke(connection, other.id, kept.id, at=TODAY, by=other.id)
    tokens.revoke(connection, made.id, kept.id, at=TODAY, by=made.id)
    assert tokens.find(connection, clear, TODAY) is None


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ({"name": " "}, "name"),
        ({"scopes": []}, "scope"),
        ({"scopes": ["read", "admin"]}, "scope"),
        ({"until": TODAY}, "days"),
        ({"until": TODAY + timedelta(days=367)}, "days"),
    ],
)
def test_what_a_token_needs(connection: Connection, given: dict[str, object], where: str) -> None:
    sound: dict[str, object] = {"name": "x", "scopes": ["read"], "until": TODAY + HOUR}
    made = amina(connection)
    with pytest.raises(BadInput) as refused:
        tokens.issue(connection, made.id, **{**sound, **given}, at=TODAY)  # type: ignore[arg-type]
    assert refused.value.where == where


def test_guesses_are_counted_and_owners_are_not_locked_out(connection: Connection) -> None:
    def tried(at_home: bool, after: int) -> bool:
        place = "198.51.100.7" if at_home else "192.0.2.1"
        try:
            throttle.guess(connection, "amina@example.org", place, at=TODAY + timedelta(seconds=after))
        except TooMany as refused:
            return not 0 < refused.after <= 900
        return True

    throttle.greet(connection, "amina@example.org", "198.51.100.7", at=TODAY - timedelta(days=30))
    assert [tried(False, second) for second in range(12)] == [True] * 9 + [False] * 3
    assert tried(True, 20), "the owner comes in from where she has been before"
    assert not tried(False, 899)
    assert tried(False, 901), "the window slides"
    kept = connection.execute(tables.attempt.select()).all()
    assert kept and not any("192.0.2" in str(row) or "amina" in str(row) for row in kept)


def test_one_address_cannot_try_many_accounts(connection: Connection) -> None:
    for number in range(9):
        throttle.guess(connection, f"{number}@example.org", f"2001:db8::{number}", at=TODAY)
    with pytest.raises(TooMany):
        throttle.guess(connection, "10@example.org", "2001:db8::ffff", at=TODAY)
    throttle.guess(connection, "10@example.org", "2001:db8:0:1::1", at=TODAY)


def test_the_trail_is_chained_and_append_only(engine: Engine) -> None:
    with database.writing(engine) as connection:
        made = amina(connection)
        people.appoint(connection, made.id, role="curator", by="test", at=TODAY, origin="command")
    with database.reading(engine) as connection:
        assert audit.verify(connection) == 2
        acts = audit.acts(connection, subject=made.id)
        assert [(act.action, act.new, act.origin) for act in acts] == [
            ("role-given", "curator", "command"),
            ("account-made", None, "browser"),
        ]
        assert [act.seq for act in audit.acts(connection, before=2)] == [1]
    act = tables.act
    for statement in (
        update(act).values(by="other"),
        delete(act),
        act.insert().values(seq=9, at="", by="", action="", subject="", origin="", previous="", digest=""),
    ):
        with pytest.raises(DatabaseError, match="append-only"), database.writing(engine) as connection:
            connection.execute(statement)


def test_a_changed_row_of_the_trail_is_found(engine: Engine) -> None:
    with database.writing(engine) as connection:
        for number in range(3):
            audit.note(connection, at=TODAY, by="x", action="y", subject=str(number), origin="command")
        connection.execute(text("DROP TRIGGER act_no_update"))
        connection.execute(update(tables.act).where(tables.act.c.seq == 2).values(by="other"))
    with database.reading(engine) as connection, pytest.raises(LedgerBroken, match="act 2"):
        audit.verify(connection)
    with database.writing(engine) as connection, pytest.raises(ValueError, match="door"):
        audit.note(connection, at=TODAY, by="x", action="y", subject="z", origin="192.0.2.1")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("REGISTRY_DATA", str(tmp_path / "var"))
    return tmp_path


def test_the_first_administrator(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["admin", "list"]) == 1
    (here / "secret").write_text("seven green lamps in the fog\n", encoding="utf-8")
    given = [
        "admin",
        "create",
        "--email",
        "Boss@example.org",
        "--name",
        "Boss",
        "--password-file",
        str(here / "secret"),
    ]
    assert cli.main(given) == 0
    assert cli.main(["admin", "create", "--email", "b@example.org", "--name", "Baraka"]) == 0
    out = capsys.readouterr().out
    assert "/invitation/" in out and "lamps" not in out
    assert cli.main(["admin", "list"]) == 0
    assert capsys.readouterr().out == "b@example.org\tBaraka\t(no password yet)\nboss@example.org\tBoss\n"
    (here / "secret").write_text("short", encoding="utf-8")
    assert cli.main(given) == 2
    assert cli.main(["admin", "create", "--email", "b@example.org\nx", "--name", "B"]) == 2


def test_no_demonstration_without_samples(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["demo"]) == 2
    assert "no sample records" in capsys.readouterr().err


def test_a_demonstration(registry: Registry) -> None:
    from registry import demonstration, passwords

    engine = registry.ledger.engine
    with database.writing(engine) as connection:
        before = demonstration.accounts(connection, TODAY, registry)
        after = demonstration.accounts(connection, TODAY, registry)
        everyone = people.everyone(connection)
        assert [email for email, _, _ in before] == [email for email, _, _ in after]
        assert not {password for _, password, _ in before} & {password for _, password, _ in after}
        assert sorted(a.role for one in everyone for a in one.actings) == sorted(people.ROLES)
        focal = people.find(connection, "focal-point@demo.example")
        contributor = people.find(connection, "contributor@demo.example")
        assert focal and focal.actings[0].country == "KE"
        assert contributor and contributor.actings[0].institution
        kept = people.password_of(connection, focal.id)
        connection.rollback()
    assert passwords.fits(kept, after[2][1]) and not passwords.fits(kept, before[2][1])
