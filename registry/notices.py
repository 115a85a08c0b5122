"""Letters about a draft: who hears of it, and what they are told.

A letter is a row of the outbox in the transaction of the change that it tells of: it is sent if and only if the change
happened. Source: 2005 report, paragraphs 22 and 23 (b).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from registry import letters, outbox, people, receipts
from registry.database import Connection
from registry.drafts import Draft
from registry.moves import Moves, Owned
from registry.people import Account
from registry.registry import Registry
from registry.submission import title_of


def deciders(connection: Connection, moves: Moves, owned: Owned, author: str) -> list[Account]:
    """Who may decide about a submission: never its author where a second person is asked for."""
    found = [one for one in people.everyone(connection) if not one.closed and moves.acting(one, "approve", owned)]
    speaking = [one for one in found if _speaks(moves, one, owned)] or found
    return [one for one in speaking if one.id != author or not moves.second_person(owned.format)]


def _speaks(moves: Moves, account: Account, owned: Owned) -> bool:
    """Whether somebody speaks for the owner or the format, rather than being able to do everything."""
    acting = moves.acting(account, "approve", owned)
    return acting is not None and moves.bound(acting.role) is not None


def tell(
    connection: Connection,
    registry: Registry,
    kind: str,
    to: Iterable[Account],
    draft: Draft,
    *,
    link: str,
    at: datetime,
    reason: str = "",
    by: str = "",
) -> None:
    """One letter to each, in their own language; a closed account hears nothing.

    The letter of whoever sent the submission holds a link that opens its receipt; nobody else's does.
    """
    format = registry.formats[draft.format]
    for account in to:
        if account.closed:
            continue
        title = title_of(registry, format, draft.record, draft.graph, account.language)
        places = {
            "name": account.name,
            "title": title or draft.identifier,
            "identifier": draft.identifier,
            "link": link,
            "receipt": _receipt(connection, registry, draft, account, at),
            "reason": reason,
            "by": by,
        }
        letter = letters.draw(registry.house.folder, kind, account.language, places)
        outbox.put(connection, letter, address=account.email, at=at, account=account.id)


def _receipt(connection: Connection, registry: Registry, draft: Draft, account: Account, at: datetime) -> str:
    """The link that opens the receipt of a submission, for whoever sent it; nothing for all others."""
    if draft.receipt is None or receipts.receipt(connection, draft.receipt).account != account.id:
        return ""
    secret = receipts.another(connection, draft.receipt, account=account.id, at=at)
    return f"{registry.settings.base}receipt/{secret}"
