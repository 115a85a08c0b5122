"""Every error of the registry, as one family.

RegistryError
  BadInput         what was sent cannot be used: the message names the field and the remedy
    Unreadable     a file or body that does not parse
    BadParameter   a parameter of an address, a query or a command
    TooLarge       a body beyond what is read
    UnsupportedMedia  a body of a kind that is not read here
    Unfit          a record that its common format refuses: it carries the findings
    KeyReused      the key of one request, sent with another one
  NotFound         no such record, version, concept, page
  Gone             a record that was retired
  Conflict         the registry is not in a state that allows this
    LedgerBroken   the chain of the ledger does not fit
    StoreInUse     another process holds the store
    Stale          somebody else changed it in the meantime
    PreconditionMissing  it does not say which version it would change
  NotSignedIn      nobody knows who asks
  Forbidden        whoever asks may not
  Busy             nobody could be served just now: to be asked again
  TooMany          asked too often: it says when to ask again
  HouseBroken      a data room (shape, vocabulary, query, translation) cannot be read

A message is an English sentence with {named} places; it is the gettext key of its translations, so a reader
meets it in any of the six languages. `where` says where: a file and line, a field, a parameter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from registry.language import pick, translation


def fill(sentence: str, places: Mapping[str, str]) -> str:
    """A sentence with its {named} places filled; a place nobody fills stays as it stands."""
    return re.sub(r"\{(\w+)\}", lambda found: places.get(found[1], found[0]), sentence)


class RegistryError(Exception):
    """Something the reader can be told of: `message` and `remedy` are gettext keys, `places` fill them.

    A place is a word, or a word in several languages (texts by language), of which the reader's is taken.
    """

    code = "error"

    def __init__(self, message: str, *, remedy: str = "", where: str = "", **places: object) -> None:
        super().__init__(message, remedy, where, places)
        self.message, self.remedy, self.where = message, remedy, where
        self.places = {name: value if isinstance(value, Mapping) else str(value) for name, value in places.items()}

    def say(self, lang: str = "en") -> str:
        """The message in a language, its places filled."""
        return self._fill(self.message, lang)

    def advise(self, lang: str = "en") -> str:
        """The remedy in a language; empty when there is none."""
        return self._fill(self.remedy, lang) if self.remedy else ""

    def _fill(self, sentence: str, lang: str) -> str:
        places = {n: value if isinstance(value, str) else pick(value, lang)[0] for n, value in self.places.items()}
        return fill(translation(lang).gettext(sentence), places)

    def __str__(self) -> str:
        parts = [f"{self.where}: " if self.where else "", self.say()]
        return "".join(parts) + (f" {self.advise()}" if self.remedy else "")


class BadInput(RegistryError):
    """What was sent cannot be used."""

    code = "bad-input"


class Unreadable(BadInput):
    """A file or body that does not parse."""

    code = "unreadable"


class BadParameter(BadInput):
    """A parameter that is unknown, malformed or out of range; `where` names it."""

    code = "bad-parameter"


class NotFound(RegistryError):
    """No such thing here."""

    code = "not-found"


class Gone(RegistryError):
    """It was here and was retired."""

    code = "gone"


class Conflict(RegistryError):
    """The registry is not in a state that allows this."""

    code = "conflict"


class LedgerBroken(Conflict):
    """A row of the ledger does not fit the chain; `where` names the row."""

    code = "ledger-broken"


class StoreInUse(Conflict):
    """Another process holds the triple store."""

    code = "store-in-use"


class TooLarge(BadInput):
    """A body beyond what is read."""

    code = "too-large"


class UnsupportedMedia(BadInput):
    """A body of a kind that is not read here."""

    code = "unsupported-media"


class Unfit(BadInput):
    """A record that its common format refuses; `findings` say why, field by field."""

    code = "unfit"

    def __init__(
        self, message: str, *, findings: Sequence[Any], remedy: str = "", where: str = "", **places: object
    ) -> None:
        super().__init__(message, remedy=remedy, where=where, **places)
        self.findings: tuple[Any, ...] = tuple(findings)


class KeyReused(BadInput):
    """The key that makes a request safe to repeat was sent with another request."""

    code = "key-reused"


class Stale(Conflict):
    """Somebody else changed it in the meantime; `where` says what it is now."""

    code = "stale"


class PreconditionMissing(Conflict):
    """The request does not say which version it would change."""

    code = "precondition-missing"


class NotSignedIn(RegistryError):
    """Nobody knows who asks."""

    code = "not-signed-in"


class Forbidden(RegistryError):
    """Whoever asks may not."""

    code = "forbidden"


class Busy(RegistryError):
    """The registry cannot do this just now; the same request will do later."""

    code = "busy"


class TooMany(RegistryError):
    """Asked too often; `after` is the number of seconds until it may be asked again."""

    code = "too-many"

    def __init__(self, message: str, *, after: int, remedy: str = "", where: str = "", **places: object) -> None:
        super().__init__(message, remedy=remedy, where=where, after=after, **places)
        self.after = after


class HouseBroken(RegistryError):
    """A data room cannot be read; `where` names the file."""

    code = "house-broken"
