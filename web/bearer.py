"""Who sends a request to the interface: the account of its bearer token, never that of a cookie.

Wrong tokens are counted by the network they come from, so that nobody goes on guessing; a right one is never kept
waiting for them. Sources: RFC 6750; OWASP REST Security cheat sheet.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from registry import database, people, throttle, tokens
from registry.desk import Actor
from registry.errors import Forbidden, NotSignedIn
from registry.tokens import Token
from web.visit import Visit

SUBMIT, PUBLISH = "submit", "publish"
_SELDOM = timedelta(minutes=1)  # when a token was used is kept no finer


@dataclass(frozen=True)
class Bearer:
    """An account that acts by a program, and what its token may be used for."""

    actor: Actor
    token: Token

    @property
    def direct(self) -> bool:
        """Whether the program may publish, where its account may."""
        return PUBLISH in self.token.scopes


def sender(visit: Visit) -> Bearer:
    """Who sends a record; raises NotSignedIn, TooMany for a guesser, Forbidden for a token that only reads."""
    found = bearer(visit)
    if not {SUBMIT, PUBLISH} & found.token.scopes:
        raise Forbidden(
            "This token may not be used to send records.", remedy="Make one with the scope submit, or publish."
        )
    return found


def bearer(visit: Visit) -> Bearer:
    """Who holds the token of a request; raises NotSignedIn without a token in force, TooMany for a guesser."""
    scheme, _, clear = visit.request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not clear.strip():
        raise NotSignedIn("This address asks for a token.", remedy="Send it in the header Authorization: Bearer.")
    with database.reading(visit.engine) as connection:
        token = tokens.find(connection, clear.strip(), visit.now)
        account = people.account(connection, token.account) if token else None
    if token is None or account is None or account.closed or not account.confirmed:
        _count(visit)
        raise NotSignedIn("This token is not in force.", remedy="Make another one on the page of your account.")
    if token.used is None or visit.now - token.used > _SELDOM:
        with database.writing(visit.engine) as connection:
            tokens.touch(connection, token.id, visit.now)
    return Bearer(Actor(account, door="api", origin="token"), token)


def _count(visit: Visit) -> None:
    """Count a wrong token; raises TooMany at the tenth in a quarter of an hour."""
    keys = [throttle.key("token", throttle.network(visit.address))]
    with database.writing(visit.engine) as connection:
        throttle.admit(connection, keys, at=visit.now, limit=throttle.GUESSES, within=throttle.WINDOW)
