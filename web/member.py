"""Whoever is behind a request: the session of the cookie, the account, the word that every form must bring back.

Sources: RFC 6265; OWASP Session Management and Cross-Site Request Forgery Prevention cheat sheets.
"""

from __future__ import annotations

import re
import secrets
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from fastapi import Request
from starlette.responses import Response

from registry import database, people, sessions
from registry.database import Connection, Engine
from registry.errors import Forbidden, NotSignedIn
from registry.language import base_language
from registry.people import Account
from registry.sessions import Browser
from registry.tickets import fresh
from web.answers import NEVER, Answer, finish
from web.negotiate import HTML

if TYPE_CHECKING:
    from web.render import Page
    from web.site import Site

SESSION, BEFORE, LANGUAGE = "session", "csrf", "lang"  # the cookies
_WORD = re.compile(r"[\w-]{43}")
_YEAR = 365 * 24 * 3600
PRIVATE = {
    "X-Robots-Tag": "noindex",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def local(path: str) -> str:
    """A path below the base, with its leading slash, or nothing when an address leads anywhere else.

    `//host`, `/\\host`, `https:…` and what holds control characters leads elsewhere in one browser or another.
    """
    decent = re.fullmatch(r"/(?![/\\])[^\x00-\x20\\\x7f]*", path)
    return path if decent and not urlsplit(path).netloc else ""


def masked(word: str) -> str:
    """A word as a page shows it: different every time, so that its compressed length tells nothing of it."""
    mask = secrets.token_hex(len(word))
    return mask + _crossed(mask, word.encode().hex())


def unmasked(shown: str) -> str:
    """The word that a page showed; anything else gives no word."""
    half = len(shown) // 2
    if not re.fullmatch(r"(?:[0-9a-f]{4})+", shown):
        return ""
    return bytes.fromhex(_crossed(shown[:half], shown[half:])).decode("latin-1")


def _crossed(mask: str, text: str) -> str:
    return bytes(a ^ b for a, b in zip(bytes.fromhex(mask), bytes.fromhex(text), strict=True)).hex()


class Caller:
    """The part of a visit that knows who asks. Public pages never come here, so they stay cacheable."""

    request: Request
    site: Site

    if TYPE_CHECKING:

        @cached_property
        def language(self) -> str:
            """The reader's language."""

        def page(self, path: str) -> Page:
            """A page for this reader."""

    @property
    def engine(self) -> Engine:
        """The database of the desk, which is the ledger's."""
        return self.site.registry.ledger.engine

    @cached_property
    def now(self) -> datetime:
        """The moment of this request."""
        return self.site.now

    @property
    def address(self) -> str:
        """Where the request comes from; never kept but as a digest."""
        return self.request.client.host if self.request.client else ""

    @cached_property
    def _cookies(self) -> dict[str, str]:
        """The cookies that the answer sets; an empty one is taken away."""
        return {}

    @cached_property
    def session(self) -> Browser | None:
        """The session of the cookie, while it lasts."""
        clear = self.request.cookies.get(SESSION, "")
        if not _WORD.fullmatch(clear):
            return None
        with database.reading(self.engine) as connection:
            found = sessions.find(connection, clear, self.now)
        if found and sessions.stirred(found, self.now):
            with database.writing(self.engine) as connection:
                sessions.touch(connection, found, self.now)
        return found

    @cached_property
    def signed(self) -> Account | None:
        """The account that is signed in, if any."""
        if self.session is None:
            return None
        with database.reading(self.engine) as connection:
            found = people.account(connection, self.session.account)
        return found if found and not found.closed else None

    @property
    def account(self) -> Account:
        """The account that is signed in; raises NotSignedIn, which leads readers of pages to sign in."""
        if self.signed is None:
            raise NotSignedIn("This is for people who have signed in.", remedy="Sign in and come back.")
        return self.signed

    @property
    def administrator(self) -> Account:
        """The account that is signed in, an administrator; raises NotSignedIn or Forbidden."""
        if not self.account.administrator:
            raise Forbidden("This is for administrators.", remedy="Ask the Secretariat.")
        return self.account

    @cached_property
    def word(self) -> str:
        """What a form must bring back: of the session, or of a cookie before there is one."""
        if self.session:
            return self.session.csrf
        kept = self.request.cookies.get(BEFORE, "")
        if _WORD.fullmatch(kept):
            return kept
        self._cookies[BEFORE] = word = fresh()
        return word

    @property
    def csrf(self) -> str:
        """The value of the hidden input `csrf` of every form."""
        return masked(self.word)

    def begin(self, connection: Connection, account: str) -> None:
        """Sign an account in: a new session with a new identifier; the one before, if any, ends."""
        if self.session:
            sessions.end(connection, self.session.digest)
        clear, session = sessions.begin(connection, account, at=self.now)
        self._cookies |= {SESSION: clear, BEFORE: ""}
        self.session, self.word = session, session.csrf
        self.__dict__.pop("signed", None)

    def leave(self, connection: Connection) -> None:
        """End the session of this browser."""
        if self.session:
            sessions.end(connection, self.session.digest)
        self._cookies[SESSION] = ""
        self.session = None
        for name in ("signed", "word"):
            self.__dict__.pop(name, None)

    def private(self, template: str, path: str, status: int = 200, **context: object) -> Response:
        """A page for one reader alone: kept by no cache, found by no robot, linked to by nothing public."""
        shown = {"private": True, "signed": self.signed, "csrf": self.csrf, **context}
        body = self.site.renderer.draw(template, self.page(path), **shown)
        answer = Answer(
            body,
            HTML.content_type,
            status=status,
            language=self.language,
            cache=NEVER,
            vary=("Cookie", "Accept-Language"),
            headers=PRIVATE,
        )
        return self._bake(finish(self.request.headers, answer))

    def go(self, path: str) -> Response:
        """303 to a path below the base, to the front page for any other."""
        target = quote(local(path).lstrip("/"), safe="/?&=#%+,:;@~!$'()*")
        location = self.site.settings.base + target
        headers = {"Location": location, "Cache-Control": NEVER, "Vary": "Cookie", **PRIVATE}
        return self._bake(Response(status_code=303, headers=headers))

    def _bake(self, response: Response) -> Response:
        """Hang the cookies on an answer."""
        secure = urlsplit(self.site.settings.base).scheme == "https"
        asked = base_language(self.request.query_params.get("lang", ""))
        if asked and self.request.cookies.get(LANGUAGE) != asked:
            self.speak(response, asked)
        for name, value in self._cookies.items():
            age = None if value else 0
            path = self.site.prefix
            response.set_cookie(name, value, max_age=age, path=path, secure=secure, httponly=True, samesite="lax")
        return response

    def speak(self, response: Response, language: str) -> Response:
        """Keep the language that a reader chose."""
        response.set_cookie(LANGUAGE, language, max_age=_YEAR, path=self.site.prefix, samesite="lax", httponly=True)
        return response
