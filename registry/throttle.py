"""How often something may be tried, by key and sliding window. Keys are digests: no address is ever kept in the clear.

Who guesses is slowed down; who knows the password is not locked out: an address from which an account has signed in
before is judged by its own tries alone, and a window slides, so that nothing is shut for longer than it.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Iterable
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import Connection, delete, func, select

from registry.database import moment, written
from registry.errors import TooMany
from registry.tables import attempt as TABLE

KNOWN_FOR = timedelta(days=90)
GUESSES, WINDOW = 9, timedelta(minutes=15)  # the tenth password in a window is not looked at


def key(what: str, *parts: str) -> str:
    """The key of something that is counted; `parts` (an e-mail address, a network address) are digested."""
    return f"{what}:{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()}"


def network(address: str) -> str:
    """What counts as one address: of IPv6 the /64, which one household or office has to itself."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 6 and not parsed.ipv4_mapped:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed.ipv4_mapped if parsed.version == 6 else parsed)


def admit(connection: Connection, keys: Iterable[str], *, at: datetime, limit: int, within: timedelta) -> None:
    """Count one try under every key; raises TooMany, and counts none, where `limit` were made `within` the window.

    A try that is turned away does not count, so that the window always opens again.
    """
    since, now = written(at - within), written(at)
    for one in keys:
        mine = (TABLE.c.key == one, TABLE.c.at > since)
        count, first = connection.execute(select(func.count(), func.min(TABLE.c.at)).where(*mine)).one()
        if count >= limit:
            after = max(1, ceil((moment(first) + within - at).total_seconds()))
            raise TooMany("This was tried too often.", remedy="Try again in {after} seconds.", after=after)
        connection.execute(TABLE.insert(), {"key": one, "at": now})


def guess(connection: Connection, email: str, address: str, *, at: datetime) -> tuple[str, ...]:
    """Count one password tried for an e-mail address, known or not, from a network address; returns the keys.

    Tries are counted by the two together, and by each alone unless its owner has signed in from there before. Raises
    TooMany at the tenth in a quarter of an hour.
    """
    near = network(address)
    keys = [key("both", email, near)]
    if not known(connection, key("known", email, near), at=at):
        keys += [key("account", email), key("address", near)]
    admit(connection, keys, at=at, limit=GUESSES, within=WINDOW)
    return tuple(keys)


def greet(connection: Connection, email: str, address: str, *, at: datetime) -> None:
    """The owner of an account was seen at a network address: the try of this moment was no guess."""
    near = network(address)
    forgive(connection, (key("account", email), key("address", near)), at=at)
    connection.execute(delete(TABLE).where(TABLE.c.key == key("both", email, near)))
    remember(connection, key("known", email, near), at=at)


def forgive(connection: Connection, keys: Iterable[str], *, at: datetime) -> None:
    """Take back the try of a moment: it was none of a guesser."""
    connection.execute(delete(TABLE).where(TABLE.c.key.in_(tuple(keys)), TABLE.c.at == written(at)))


def remember(connection: Connection, one: str, *, at: datetime) -> None:
    """Keep that the owner of something was seen; what is older than 90 days is forgotten, whatever it is."""
    clear(connection, at)
    connection.execute(delete(TABLE).where(TABLE.c.key == one))
    connection.execute(TABLE.insert(), {"key": one, "at": written(at)})


def clear(connection: Connection, at: datetime) -> int:
    """Remove the tries that no window reaches back to; how many."""
    return connection.execute(delete(TABLE).where(TABLE.c.at <= written(at - KNOWN_FOR))).rowcount


def known(connection: Connection, one: str, *, at: datetime) -> bool:
    """Whether the owner of something was seen in the last 90 days."""
    seen = select(TABLE.c.id).where(TABLE.c.key == one, TABLE.c.at > written(at - KNOWN_FOR)).limit(1)
    return connection.execute(seen).first() is not None
