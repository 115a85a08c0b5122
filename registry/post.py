"""The post: it takes letters from the outbox to a mail server, and tries again where that fails.

A letter is claimed in one transaction, sent, and marked in another: a process that dies between leaves it due again
after a while, with the same Message-ID, by which a reader's mailbox knows the double. So nothing is lost, and there
are never more doubles than deaths. A letter that fails is nobody's error: it waits longer each time.
Source: design, threats 21 and 23; RFC 5321, sections 4.2.1 and 4.5.4.1; RFC 3834, section 5.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.charset import QP, Charset
from email.header import Header
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.policy import compat32
from email.utils import format_datetime
from time import monotonic
from types import TracebackType

from registry import database, outbox
from registry.database import Engine
from registry.language import translation
from registry.letters import tidy
from registry.outbox import Kept
from registry.settings import Smtp

WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 720, 1440))
TRIES = len(WAITS) + 1
CLAIMED = timedelta(minutes=15)  # longer than one letter can take with all its answers
STALE = timedelta(days=7)  # due so long and never tried: a mail server was set only now, or the machine was off
TIMEOUT = 20.0  # seconds to wait for each answer of the mail server
BUSY = 421  # the server says so and hangs up

POLICY = compat32.clone(linesep="\r\n", mangle_from_=False)

_UTF8 = Charset("utf-8")
_UTF8.body_encoding = QP  # every server takes it, those without 8BITMIME too


@dataclass(frozen=True)
class Delivered:
    """What a round came to: how many letters a mail server took, and how many tries failed."""

    sent: int
    failed: int


class _Refused(Exception):
    """The mail server will never take this letter."""


def deliver(
    engine: Engine,
    smtp: Smtp,
    *,
    sender: str,
    host: str,
    at: datetime,
    go_on: Callable[[], bool] = lambda: True,
) -> Delivered:
    """Send what is due, in order, over one connection; `host` is that of the base, for the Message-IDs.

    `go_on` is asked before each letter.

    A failure is written into the letter's row and never raised. A round ends early where the mail server itself
    cannot be reached: the other letters stay due. Two processes may do this at once: each takes other letters.
    """
    began, sent, failed = monotonic(), 0, 0
    with _Line(smtp, host) as line:
        while go_on() and (kept := _claimed(engine, now := at + timedelta(seconds=monotonic() - began))):
            try:
                if kept.tries == 1 and kept.due < now - STALE:
                    raise _Refused("it waited too long to be sent unasked")
                line.send(message(kept, sender=sender, host=host), sender, _ascii_domain(kept.address))
            except Exception as error:  # whatever it is, the letter waits and the caller goes on
                failed += 1
                _missed(engine, kept, error, now)
            else:
                sent += 1
                with database.writing(engine) as connection:
                    outbox.mark_sent(connection, kept.id, now)
            if line.dead:
                break
    return Delivered(sent, failed)


def message(kept: Kept, *, sender: str, host: str) -> Message:
    """The letter as it goes over the line: the same at every try, so that a double is known as one.

    Made by the older half of Python's library: the newer one reads a subject before it writes it, decodes what only
    looks encoded in it, and loses spaces between words that are.
    """
    letter = MIMEMultipart("alternative", boundary=f"part-{kept.id}", policy=POLICY)
    letter["From"] = _from(translation(kept.language).gettext("Biosafety Capacity Registry"), sender)
    letter["To"] = _ascii_domain(kept.address)
    letter["Subject"] = Header(kept.subject, "utf-8", header_name="Subject").encode()
    letter["Date"] = format_datetime(kept.made)
    letter["Message-ID"] = f"<{kept.id}@{host}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter["Content-Language"] = kept.language
    for subtype, said in (("plain", kept.text), ("html", kept.html)):
        part = MIMENonMultipart("text", subtype, policy=POLICY)
        part.set_payload(said, _UTF8)
        letter.attach(part)
    return letter


def _from(name: str, sender: str) -> str:
    value = Header(header_name="From")
    value.append(name, "us-ascii" if name.isascii() else "utf-8")
    value.append(f"<{sender}>", "us-ascii")
    return value.encode()


def _claimed(engine: Engine, now: datetime) -> Kept | None:
    with database.reading(engine) as connection:
        if not outbox.is_due(connection, now):
            return None
    with database.writing(engine) as connection:
        return outbox.claim(connection, now, now + CLAIMED)


def _missed(engine: Engine, kept: Kept, error: Exception, now: datetime) -> None:
    over = kept.tries >= TRIES or isinstance(error, _Refused) or _final(error)
    with database.writing(engine) as connection:
        outbox.mark_failed(connection, kept.id, _told(error), None if over else now + WAITS[kept.tries - 1])


def _final(error: Exception) -> bool:
    """Whether the server refuses this reader or this letter for good, as a number of five hundred says."""
    about_it = isinstance(error, (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError))
    return about_it and all(code >= 500 for code in _codes(error))


def _codes(error: Exception) -> list[int]:
    """The numbers that the server answered."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return [code for code, _ in error.recipients.values()]
    return [error.smtp_code] if isinstance(error, smtplib.SMTPResponseException) else []


def _told(error: Exception) -> str:
    """What the last try was told, on one line; the address stands in the row already."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        answers = [f"{code} {_decoded(said)}" for code, said in error.recipients.values()]
        return tidy("; ".join(answers))
    if isinstance(error, smtplib.SMTPResponseException):
        return tidy(f"{error.smtp_code} {_decoded(error.smtp_error)}")
    return tidy(str(error) or type(error).__name__)


def _decoded(said: bytes | str) -> str:
    return said.decode(errors="replace") if isinstance(said, bytes) else said


def _ascii_domain(address: str) -> str:
    """The address with its domain as mail servers know it, such as xn--mnchen-3ya.de."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain if domain.isascii() else domain.encode('idna').decode()}"


class _Line:
    """A connection to the mail server, opened for the first letter; `dead` when it cannot be opened or used."""

    def __init__(self, smtp: Smtp, host: str) -> None:
        self._smtp, self._host, self.dead = smtp, host, False
        self._server: smtplib.SMTP | None = None

    def __enter__(self) -> _Line:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server:
            with suppress(smtplib.SMTPException, OSError):
                self._server.quit()
            self._server.close()

    def send(self, letter: Message, sender: str, address: str) -> None:
        """Send one letter to one address."""
        if self._server is None:
            self.dead = True
            self._server = self._opened()
            self.dead = False
        try:
            self._server.sendmail(sender, [address], letter.as_bytes(policy=POLICY))
        except smtplib.SMTPServerDisconnected:
            self.dead = True
            raise
        except smtplib.SMTPException as error:
            self.dead = isinstance(error, smtplib.SMTPSenderRefused) or BUSY in _codes(error)
            raise
        except OSError:  # the connection broke, or took too long
            self.dead = True
            raise

    def _opened(self) -> smtplib.SMTP:
        smtp, context = self._smtp, ssl.create_default_context()
        if smtp.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(smtp.host, smtp.port, self._host, timeout=TIMEOUT, context=context)
        else:
            server = smtplib.SMTP(smtp.host, smtp.port, self._host, timeout=TIMEOUT)
        try:
            if smtp.security == "starttls":
                server.starttls(context=context)
            if smtp.user:
                server.login(smtp.user, smtp.password)
        except BaseException:
            server.close()
            raise
        return server
