"""What people may be called and written to: names without tricks, e-mail addresses of one shape.

A name stands in letters to others, so it holds no address of the web and nothing that turns a line around.
Source: Unicode Technical Report 36, section 3; RFC 5321, section 4.5.3.
"""

from __future__ import annotations

import re
import unicodedata

from registry.errors import BadInput

LONGEST = 120
HEADING = 100
_ADDRESS = re.compile(
    r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
)
_LINKING = re.compile(r"[:/\\<>@]|\bwww\.", re.IGNORECASE)
_JOINERS = "\u200c\u200d"  # they belong to words of Persian and of Indian languages


def address(text: str) -> str:
    """An e-mail address in lower case; raises BadInput (`email`) for what is none, a line break in it above all."""
    lowered = text.strip(" ").lower()
    if len(lowered) > 254 or not _ADDRESS.fullmatch(lowered) or ".." in lowered:
        raise BadInput(
            "This is no e-mail address.", remedy="Write it as name@example.org, in Latin letters.", where="email"
        )
    return lowered


def personal(text: str) -> str:
    """A name in the form NFC with single spaces; raises BadInput (`name`) for none, a long one, one with tricks."""
    name = _sized(text, LONGEST)
    if _odd(name) or _LINKING.search(name):
        raise BadInput(
            "A name holds letters and spaces, no web address and no invisible characters.",
            remedy="Write it as it should stand in a letter.",
            where="name",
        )
    return re.sub(r" {2,}", " ", name)


def heading(text: str) -> str:
    """What somebody calls a thing of their own, as `personal` has it; it may hold any sign that can be seen."""
    name = _sized(" ".join(text.split()), HEADING)
    if _odd(name):
        raise BadInput("A name holds no invisible characters.", remedy="Type it anew.", where="name")
    return name


def _sized(text: str, longest: int) -> str:
    name = " ".join(unicodedata.normalize("NFC", text).split(" ")).strip()
    if not name or len(name) > longest:
        raise BadInput("A name has 1 to {count} characters.", where="name", count=longest)
    return name


def _odd(name: str) -> bool:
    return any(unicodedata.category(letter) in ("Cc", "Cf", "Zl", "Zp") and letter not in _JOINERS for letter in name)
