"""The post against a real mail server: nothing lost, nothing doubled but by a death, no failure is anybody's error."""

import os
import shutil
import signal
import smtplib
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import compat32, default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from starlette.testclient import TestClient

from registry import cli, database, letters, outbox, post
from registry.database import Engine
from registry.errors import BadParameter
from registry.letters import Letter
from registry.outbox import Kept
from registry.registry import Registry
from registry.settings import Settings, Smtp, read
from tests.conftest import HOUSE, ROOT, TODAY
from web import app, postman
from web.postman import Postman

CERTIFICATE = ROOT / "tests" / "data" / "mail" / "of-tests-only.pem"
LETTER = Letter("reset", "ar", "اختيار كلمة مرور", "نص\n", "<p>نص</p>")
MINUTE = timedelta(minutes=1)
CHILD = """
import sys, time
from datetime import datetime
from registry import database, outbox, post
from registry.settings import Smtp
url, port, at, pause = sys.argv[1:]
engine, sent = database.connect(url), outbox.mark_sent
def slowly(*given):
    time.sleep(float(pause))
    sent(*given)
outbox.mark_sent = slowly
print("ready", flush=True)
smtp = Smtp("127.0.0.1", int(port), "none")
post.deliver(engine, smtp, sender="registry@example.org", host="example.org", at=datetime.fromisoformat(at))
"""


class Box:
    """A mail server's hands: it keeps what it takes, and answers some readers as it is told."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.readers: list[str] = []
        self.answers: dict[str, str] = {}
        self.users: list[bytes] = []
        self.secure: list[bool] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        answer = self.answers.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        letter = message_from_bytes(envelope.content, policy=default)
        self.taken.append(letter)
        self.raw.append(envelope.content)
        self.readers += envelope.rcpt_tos
        self.secure.append(session.ssl is not None)
        envelope.content.decode("ascii")  # every server can take it
        return self.answers.get("data", "250 OK")

    def known(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        self.users.append(data.login)
        return AuthResult(success=data.password == b"p@ss", handled=False)

    @property
    def ids(self) -> list[str]:
        return [str(letter["Message-ID"]) for letter in self.taken]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


Serve = Callable[..., tuple[Box, int]]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts mail servers, and stops them."""
    running: list[Controller] = []

    def start(port: int = 0, **options: Any) -> tuple[Box, int]:
        box, port = Box(), port or free_port()
        if options.get("auth_required"):
            options["authenticator"] = box.known
        running.append(Controller(box, hostname="127.0.0.1", port=port, **options))
        running[-1].start()
        return box, port

    yield start
    for controller in running:
        controller.stop()


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'desk.sqlite'}"


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = database.connect(url)
    yield engine
    engine.dispose()


def put(engine: Engine, *addresses: str, at: datetime = TODAY) -> list[str]:
    with database.writing(engine) as connection:
        return [outbox.put(connection, LETTER, address=address, at=at) for address in addresses]


def one(engine: Engine, id: str) -> Kept:
    with database.reading(engine) as connection:
        found = outbox.one(connection, id)
    assert found
    return found


def lines(part: Any) -> list[str]:
    """What a part says: lines end otherwise on the way."""
    return str(part.get_content()).splitlines()


def near(port: int) -> Smtp:
    return Smtp("127.0.0.1", port, "none")


def deliver(engine: Engine, smtp: Smtp, at: datetime = TODAY) -> tuple[int, int]:
    done = post.deliver(engine, smtp, sender="registry@example.org", host="example.org", at=at)
    return done.sent, done.failed


def test_a_letter_as_it_arrives(engine: Engine, serve: Serve) -> None:
    box, port = serve()
    (id,) = put(engine, "ama@example.org")
    assert deliver(engine, near(port)) == (1, 0)
    (letter,) = box.taken
    assert box.readers == ["ama@example.org"]
    assert letter["To"].addresses[0].addr_spec == "ama@example.org"
    assert letter["From"].addresses[0].addr_spec == "registry@example.org"
    name = str(make_header(decode_header(str(message_from_bytes(box.raw[0], policy=compat32)["From"]))))
    assert name == "سجل القدرات في مجال السلامة الأحيائية <registry@example.org>"
    assert letter["Subject"] == LETTER.subject
    assert letter["Message-ID"] == f"<{id}@example.org>"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Content-Language"] == "ar"
    assert letter["Date"].datetime == TODAY
    assert letter.get_content_type() == "multipart/alternative"
    text, html = letter.iter_parts()
    assert (text.get_content_type(), lines(text)) == ("text/plain", LETTER.text.splitlines())
    assert (html.get_content_type(), lines(html)) == ("text/html", LETTER.html.splitlines())
    assert text.get_content_charset() == html.get_content_charset() == "utf-8"
    assert one(engine, id).state == "sent"
    assert deliver(engine, near(port)) == (0, 0)


@pytest.mark.parametrize("lang", ["en", "fr", "es", "ru", "zh", "ar"])
def test_real_letters_survive_the_line(engine: Engine, serve: Serve, lang: str) -> None:
    box, port = serve()
    places = {"link": "https://example.org/" + "x" * 200, "title": "Größe 安全 " * 30, "identifier": "B", "name": "É"}
    letter = letters.draw(HOUSE, "published", lang, places)
    with database.writing(engine) as connection:
        outbox.put(connection, letter, address="ama@münchen.example", at=TODAY)
    assert deliver(engine, near(port)) == (1, 0)
    text, html = box.taken[0].iter_parts()
    assert (lines(text), lines(html)) == (letter.text.splitlines(), letter.html.splitlines())
    assert box.taken[0]["Subject"] == letter.subject
    assert box.readers == ["ama@xn--mnchen-3ya.example"]


@pytest.mark.parametrize(
    "subject",
    [
        "=?utf-8?q?a=0d=0aBcc:_all@example.org?=",
        "Published: =?utf-8?b?DQpCY2M6IHg=?= x",
        "a: b <c@d>, e",
        "Größe " * 80,
    ],
)
def test_a_subject_stays_what_it_is(engine: Engine, serve: Serve, subject: str) -> None:
    box, port = serve()
    with database.writing(engine) as connection:
        letter = Letter("published", "en", subject.strip(), "From here\n.\n", "<p></p>")
        outbox.put(connection, letter, address="ama@example.org", at=TODAY)
    assert deliver(engine, near(port)) == (1, 0)
    assert box.taken[0]["Subject"] == subject.strip()
    assert box.taken[0]["Bcc"] is None and len(box.taken[0].keys()) == len(set(box.taken[0].keys()))
    assert lines(next(iter(box.taken[0].iter_parts()))) == ["From here", "."]


def test_letters_go_in_order_and_over_one_connection(engine: Engine, serve: Serve, monkeypatch: Any) -> None:
    box, port = serve()
    opened, real = [], smtplib.SMTP
    monkeypatch.setattr(smtplib, "SMTP", lambda *given, **named: opened.append(given) or real(*given, **named))
    put(engine, "b@example.org", at=TODAY - MINUTE)
    put(engine, "a@example.org", at=TODAY - 2 * MINUTE)
    put(engine, "later@example.org", at=TODAY + MINUTE)
    assert deliver(engine, near(port)) == (2, 0)
    assert box.readers == ["a@example.org", "b@example.org"]
    assert len(opened) == 1


def test_a_server_that_is_down_is_asked_ever_more_rarely(engine: Engine) -> None:
    smtp, at, tries = near(free_port()), TODAY, []
    (id,) = put(engine, "ama@example.org")
    while (kept := one(engine, id)).state == "waiting":
        at = kept.due
        tries.append(round((at - TODAY).total_seconds() / 60))
        assert deliver(engine, smtp, at - timedelta(seconds=1)) == (0, 0)
        assert deliver(engine, smtp, at) == (0, 1)
        assert "refused" in (one(engine, id).failed or "").lower()
    assert tries == [0, 1, 6, 36, 156, 516, 1236, 2676]
    assert (kept.state, kept.tries) == ("failed", 8)
    assert deliver(engine, smtp, at + timedelta(days=300)) == (0, 0)


def test_a_server_that_comes_back_gets_every_letter_once(engine: Engine, serve: Serve) -> None:
    port = free_port()
    ids = put(engine, "a@example.org", "b@example.org", "c@example.org")
    assert deliver(engine, near(port)) == (0, 1)  # one try tells that it is down: the other two stay due
    assert [one(engine, id).tries for id in ids].count(0) == 2
    box, _ = serve(port)
    assert deliver(engine, near(port), TODAY + 2 * MINUTE) == (3, 0)
    assert Counter(box.ids) == {f"<{id}@example.org>": 1 for id in ids}


def test_a_reader_who_is_refused_holds_up_nobody(engine: Engine, serve: Serve) -> None:
    box, port = serve()
    box.answers = {"gone@example.org": "550 5.1.1 No such user", "full@example.org": "452 4.2.2 Try later"}
    gone, full, well = put(engine, "gone@example.org", "full@example.org", "well@example.org")
    assert deliver(engine, near(port)) == (1, 2)
    assert one(engine, well).state == "sent"
    kept = one(engine, gone)
    assert (kept.state, kept.tries, kept.failed) == ("failed", 1, "550 5.1.1 No such user")
    kept = one(engine, full)
    assert (kept.state, kept.failed) == ("waiting", "452 4.2.2 Try later")
    assert timedelta(0) <= kept.due - TODAY - MINUTE < MINUTE
    box.answers = {}
    assert deliver(engine, near(port), TODAY + 3 * MINUTE) == (1, 0)
    assert box.readers == ["well@example.org", "full@example.org"]


@pytest.mark.parametrize(("answer", "state"), [("554 5.7.1 Spam", "failed"), ("451 4.3.0 Later", "waiting")])
def test_a_letter_that_is_refused(engine: Engine, serve: Serve, answer: str, state: str) -> None:
    box, port = serve()
    box.answers = {"data": answer}
    (id,) = put(engine, "ama@example.org")
    assert deliver(engine, near(port)) == (0, 1)
    assert (one(engine, id).state, one(engine, id).failed) == (state, answer)


def test_a_server_that_hangs_up(engine: Engine, serve: Serve) -> None:
    box, port = serve()
    box.answers = {"busy@example.org": "421 4.3.2 Closing"}
    busy, other = put(engine, "busy@example.org", "other@example.org")
    done = deliver(engine, near(port))
    assert done[1] == 1 and one(engine, busy).state == "waiting"
    box.answers = {}
    deliver(engine, near(port), TODAY + 2 * MINUTE)
    assert {one(engine, busy).state, one(engine, other).state} == {"sent"}
    assert max(Counter(box.ids).values()) == 1


def test_a_letter_that_cannot_be_written_down_stops_nobody(engine: Engine, serve: Serve) -> None:
    box, port = serve()
    strange, well = put(engine, f"ama@{'é' * 70}.example", "well@example.org")
    assert deliver(engine, near(port)) == (1, 1)
    assert "label" in (one(engine, strange).failed or "")
    assert one(engine, well).state == "sent" and box.readers == ["well@example.org"]


def test_a_box_that_waited_for_a_mail_server_is_not_poured_out(engine: Engine, serve: Serve) -> None:
    box, port = serve()
    old, new = put(engine, "old@example.org", at=TODAY - timedelta(days=8)) + put(engine, "new@example.org")
    assert deliver(engine, near(port)) == (1, 1)
    assert (one(engine, old).state, one(engine, new).state) == ("failed", "sent")
    with database.writing(engine) as connection:
        outbox.revive(connection, TODAY)
    assert deliver(engine, near(port)) == (1, 0)
    assert box.readers == ["new@example.org", "old@example.org"]


def test_a_death_between_sending_and_marking_gives_one_double(
    engine: Engine, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    box, port = serve()
    (id,) = put(engine, "ama@example.org")

    def die(*given: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(outbox, "mark_sent", die)
        with pytest.raises(KeyboardInterrupt):
            deliver(engine, near(port))
    assert deliver(engine, near(port), TODAY + MINUTE) == (0, 0)  # it is claimed still
    assert deliver(engine, near(port), TODAY + post.CLAIMED + MINUTE) == (1, 0)
    assert box.ids == [f"<{id}@example.org>"] * 2
    assert box.raw[0] == box.raw[1]


def test_kill_9_between_sending_and_marking(engine: Engine, url: str, serve: Serve) -> None:
    box, port = serve()
    ids = put(engine, *(f"reader{number}@example.org" for number in range(3)))
    child = started(url, port, TODAY, pause=60)
    until(lambda: box.taken)
    killed(child)
    assert deliver(engine, near(port), TODAY + MINUTE) == (2, 0)
    assert deliver(engine, near(port), TODAY + post.CLAIMED + MINUTE) == (1, 0)
    counted = Counter(box.ids)
    assert set(counted) == {f"<{id}@example.org>" for id in ids}
    assert sorted(counted.values()) == [1, 1, 2]


def test_kill_9_at_any_moment(engine: Engine, url: str, serve: Serve) -> None:
    box, port = serve()
    ids = put(engine, *(f"reader{number}@example.org" for number in range(40)))
    at, kills = TODAY, 4
    for life in range(kills):
        child, before = started(url, port, at, pause=0.02), len(box.taken)
        until(lambda so_far=before + 2 + life: len(box.taken) >= so_far)
        time.sleep(0.005 * life)
        killed(child)
        at += post.CLAIMED + MINUTE
    deliver(engine, near(port), at)
    counted = Counter(box.ids)
    assert set(counted) == {f"<{id}@example.org>" for id in ids}
    assert counted.total() <= len(ids) + kills
    assert {one(engine, id).state for id in ids} == {"sent"}


def test_two_postmen_at_once_double_nothing(url: str, engine: Engine, serve: Serve) -> None:
    box, port = serve()
    ids = put(engine, *(f"reader{number}@example.org" for number in range(30)))
    children = [started(url, port, TODAY, pause=0) for _ in range(2)]
    mine = threading.Thread(target=deliver, args=(engine, near(port)))
    mine.start()
    assert [child.wait(60) for child in children] == [0, 0]
    mine.join()
    assert Counter(box.ids) == {f"<{id}@example.org>": 1 for id in ids}


def started(url: str, port: int, at: datetime, *, pause: float) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-c", CHILD, url, str(port), at.isoformat(), str(pause)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT)
    assert child.stdout and child.stdout.readline() == b"ready\n"
    child.stdout.close()
    return child


def killed(child: "subprocess.Popen[bytes]") -> None:
    os.kill(child.pid, signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL


def until(happened: Callable[[], object], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.005)


@pytest.fixture
def server_tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


def test_starttls_with_a_password(
    engine: Engine, serve: Serve, server_tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    box, port = serve(tls_context=server_tls, require_starttls=True, auth_required=True)
    put(engine, "ama@example.org")
    smtp = read({"REGISTRY_SMTP": f"smtp://desk:p%40ss@127.0.0.1:{port}"}).smtp
    assert smtp and deliver(engine, smtp) == (1, 0)
    assert box.users == [b"desk"] and box.secure == [True]


def test_a_wrong_password_is_told_and_not_shown(
    engine: Engine, serve: Serve, server_tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    box, port = serve(tls_context=server_tls, require_starttls=True, auth_required=True)
    first, second = put(engine, "a@example.org", "b@example.org")
    assert deliver(engine, Smtp("127.0.0.1", port, "starttls", "desk", "s3cret")) == (0, 1)
    tried = next(kept for kept in (one(engine, first), one(engine, second)) if kept.tries)
    assert (tried.failed or "").startswith("535") and tried.state == "waiting"
    assert "s3cret" not in (tried.failed or "") + repr(Smtp("x", 1, "tls", "desk", "s3cret"))
    assert not box.taken


def test_a_certificate_that_nobody_vouches_for(engine: Engine, serve: Serve, server_tls: ssl.SSLContext) -> None:
    box, port = serve(tls_context=server_tls)
    (id,) = put(engine, "ama@example.org")
    assert deliver(engine, Smtp("127.0.0.1", port, "starttls", "desk", "p@ss")) == (0, 1)
    assert "certificate" in (one(engine, id).failed or "").lower()
    assert not box.taken and not box.users


def test_no_letter_goes_in_clear_where_tls_was_asked_for(engine: Engine, serve: Serve) -> None:
    box, port = serve()
    (id,) = put(engine, "ama@example.org")
    assert deliver(engine, Smtp("127.0.0.1", port, "starttls")) == (0, 1)
    assert "STARTTLS" in (one(engine, id).failed or "") and not box.taken


def test_tls_from_the_start(
    engine: Engine, serve: Serve, server_tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    box, port = serve(ssl_context=server_tls)
    put(engine, "ama@example.org")
    assert deliver(engine, Smtp("127.0.0.1", port, "tls")) == (1, 0)
    assert len(box.taken) == 1


def test_the_settings_of_the_mail_server() -> None:
    assert read({}).smtp is None and read({"REGISTRY_SMTP": ""}).smtp is None
    told = read({"REGISTRY_SMTP": "smtp://me:p%40ss%3A@mail.example.org:2525"}).smtp
    assert told == Smtp("mail.example.org", 2525, "starttls", "me", "p@ss:")
    assert read({"REGISTRY_SMTP": "smtp://mail.example.org"}).smtp == Smtp("mail.example.org", 587, "starttls")
    assert read({"REGISTRY_SMTP": "smtps://mail.example.org"}).smtp == Smtp("mail.example.org", 465, "tls")
    assert read({"REGISTRY_SMTP": "smtp://127.0.0.1:25?starttls=no"}).smtp == Smtp("127.0.0.1", 25, "none")
    assert read({}).letters_from == "registry@localhost"
    named = read({"REGISTRY_BASE": "https://registry.example.org:8443/r/"})
    assert (named.host, named.letters_from) == ("registry.example.org", "registry@registry.example.org")
    assert read({"REGISTRY_FROM": "desk@example.org"}).letters_from == "desk@example.org"


@pytest.mark.parametrize(
    "value",
    [
        "mail.example.org",
        "mail.example.org:25",
        "http://mail.example.org",
        "smtp://",
        "smtp://host:port",
        "smtp://host:99999",
        "smtp://user@host",
        "smtp://user:s3cret@host/inbox",
        "smtp://user:s3cret@host?tls=no",
        "smtp://user:s3cret@host?starttls=maybe",
        "smtp://user:s3cret@host?starttls=no",
        "smtps://localhost?starttls=no",
        "smtp://[::1",
    ],
)
def test_what_is_no_mail_server(value: str) -> None:
    with pytest.raises(BadParameter) as found:
        read({"REGISTRY_SMTP": value})
    assert found.value.where == "REGISTRY_SMTP"
    assert "s3cret" not in str(found.value) + repr(found.value)


@pytest.mark.parametrize("value", ["desk", "Desk <desk@example.org>", "a@b\nBcc: c@d", "a@b,c@d", "é@example.org"])
def test_what_is_no_sender(value: str) -> None:
    with pytest.raises(BadParameter) as found:
        read({"REGISTRY_FROM": value})
    assert found.value.where == "REGISTRY_FROM"


def test_the_postman_walks_and_stops(empty: Registry, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    box, port = serve()
    monkeypatch.setattr(postman, "PAUSE", 30)
    settings = Settings(data=empty.settings.data, house=HOUSE, smtp=near(port))
    walking = Postman(empty, settings, clock=lambda: TODAY)
    walking.start()
    put(empty.ledger.engine, "a@example.org")
    walking.wake()
    until(lambda: len(box.taken) == 1)
    walking.stop()
    put(empty.ledger.engine, "b@example.org")
    walking.wake()
    assert not walking._thread.is_alive()
    assert box.readers == ["a@example.org"]


def test_the_postman_outlives_a_database_that_is_busy(
    empty: Registry, serve: Serve, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    box, port = serve()
    monkeypatch.setattr(postman, "PAUSE", 0.01)
    failures, real = iter([RuntimeError("busy")]), post.deliver

    def sometimes(*given: Any, **named: Any) -> post.Delivered:
        for failure in failures:
            raise failure
        return real(*given, **named)

    monkeypatch.setattr(post, "deliver", sometimes)
    put(empty.ledger.engine, "a@example.org")
    walking = Postman(empty, Settings(house=HOUSE, smtp=near(port)), clock=lambda: TODAY)
    walking.start()
    until(lambda: box.taken)
    walking.stop()
    assert "could not be sent" in caplog.text


def test_a_server_sends_by_itself_and_at_once_after_a_write(
    founded: Path, tmp_path: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    box, port = serve()
    shutil.copytree(founded, tmp_path / "var")
    monkeypatch.setenv("REGISTRY_DATA", str(tmp_path / "var"))
    monkeypatch.setenv("REGISTRY_SMTP", f"smtp://127.0.0.1:{port}?starttls=no")
    monkeypatch.setattr(postman, "PAUSE", 60)
    application = app.serve()
    assert "postman" not in {thread.name for thread in threading.enumerate()}
    with TestClient(application, base_url="http://localhost:8000") as client:
        assert "postman" in {thread.name for thread in threading.enumerate()}
        registry = application.state.site.registry
        put(registry.ledger.engine, "a@example.org", at=datetime.now(UTC))
        client.post("/health")
        until(lambda: box.readers == ["a@example.org"])
    assert "postman" not in {thread.name for thread in threading.enumerate()}
    registry.close()


def test_without_a_mail_server_nobody_walks(empty: Registry) -> None:
    walking = Postman(empty, Settings(house=HOUSE))
    walking.start()
    walking.wake()
    walking.stop()
    assert walking._thread.ident is None


def test_the_command(
    tmp_path: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    box, port = serve()
    monkeypatch.setenv("REGISTRY_DATA", str(tmp_path))
    engine = database.connect(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    put(engine, "a@example.org", "gone@example.org", at=TODAY - timedelta(days=1))
    with database.writing(engine) as connection:
        outbox.revive(connection, TODAY)
    assert cli.main(["post"]) == 0
    told = capsys.readouterr()
    assert told.out == "Sent: 0. Failed tries: 0. Waiting: 2. Given up: 0.\n" and "REGISTRY_SMTP" in told.err
    monkeypatch.setenv("REGISTRY_SMTP", f"smtp://127.0.0.1:{port}?starttls=no")
    monkeypatch.setattr(post, "STALE", timedelta(days=100_000))
    box.answers = {"gone@example.org": "550 No such user"}
    assert cli.main(["post"]) == 1
    assert capsys.readouterr().out == "Sent: 1. Failed tries: 1. Waiting: 0. Given up: 1.\n"
    box.answers = {}
    assert cli.main(["post", "--again"]) == 0
    assert capsys.readouterr().out == "Sent: 1. Failed tries: 0. Waiting: 0. Given up: 0.\n"
    engine.dispose()
