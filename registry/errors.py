"""Every error of the registry, as one family.

RegistryError
  BadInput         what was sent cannot be used: the message names the field and the remedy
    Unreadable     a file or body that does not parse
    BadParameter   a parameter of an address, a query or a command
  NotFound         no such record, version, concept, page
  Gone             a record that was retired
  Conflict         the registry is not in a state that allows this
    LedgerBroken   the chain of the ledger does not fit
    StoreInUse     another process holds the store
  HouseBroken      a data room (shape, vocabulary, query, translation) cannot be read

A message is an English sentence with {named} places; it is the gettext key of its translations, so a reader
meets it in any of the six languages. `where` says where: a file and line, a field, a parameter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from registry.language import translation


def fill(sentence: str, places: Mapping[str, str]) -> str:
    """A sentence with its {named} places filled; a place nobody fills stays as it stands."""
    return re.sub(r"\{(\w+)\}", lambda found: places.get(found[1], found[0]), sentence)


class RegistryError(Exception):
    """Something the reader can be told of: `message` and `remedy` are gettext keys, `places` fill them."""

    code = "error"

    def __init__(self, message: str, *, remedy: str = "", where: str = "", **places: object) -> None:
        super().__init__(message, remedy, where, places)
        self.message, self.remedy, self.where = message, remedy, where
        self.places = {name: str(value) for name, value in places.items()}

    def say(self, lang: str = "en") -> str:
        """The message in a language, its places filled."""
        return self._fill(self.message, lang)

    def advise(self, lang: str = "en") -> str:
        """The remedy in a language; empty when there is none."""
        return self._fill(self.remedy, lang) if self.remedy else ""

    def _fill(self, sentence: str, lang: str) -> str:
        return fill(translation(lang).gettext(sentence), self.places)

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


class HouseBroken(RegistryError):
    """A data room cannot be read; `where` names the file."""

    code = "house-broken"
