"""Letters that the web writes: into the outbox, in the transaction of what they tell of, with links from the base."""

from __future__ import annotations

from datetime import timedelta

from registry import letters, outbox, tickets
from registry.database import Connection
from registry.letters import Letter
from registry.people import Account
from web.visit import Visit

PAUSE = timedelta(hours=1)  # between two letters of a kind that anybody may ask for


def draw(visit: Visit, kind: str, language: str, path: str, **places: object) -> Letter:
    """A letter whose link leads to a path below the base, whatever host was asked."""
    link = visit.site.settings.base + path
    return letters.draw(visit.site.settings.rooms, kind, language, {"link": link, **places})


def put(connection: Connection, visit: Visit, letter: Letter, account: Account) -> None:
    """Put a letter to an account into the outbox."""
    outbox.put(connection, letter, address=account.email, at=visit.now, account=account.id)


def lately(connection: Connection, visit: Visit, address: str, *kinds: str) -> bool:
    """Whether an address got one of these letters within the hour: nobody floods it through us."""
    return any(outbox.lately(connection, address, kind, visit.now - PAUSE) for kind in kinds)


def send_link(connection: Connection, visit: Visit, account: Account, purpose: str, by: str | None = None) -> None:
    """A letter with a link that works once: to take up an invitation, to confirm an address, to reset a password."""
    room, kind = {
        "invite": ("invitation", "invitation"),
        "confirm": ("confirm", "confirmation"),
        "reset": ("reset", "reset"),
    }[purpose]
    lasts = tickets.LASTS[purpose]
    secret = tickets.issue(connection, purpose, account.id, at=visit.now, lasts=lasts, account=account.id)
    letter = draw(
        visit, kind, account.language, f"{room}/{secret}", name=account.name, until=visit.now + lasts, by=by or ""
    )
    put(connection, visit, letter, account)
