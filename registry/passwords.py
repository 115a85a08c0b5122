"""Passwords: which are good enough, and how they are kept: argon2id as RFC 9106 recommends where memory is scarce.

Long ones are asked for, not odd ones; those that everybody tries first are refused. A password is read in the form
NFKC, so that it is the same from every keyboard. Source: NIST SP 800-63B, section 5.1.1.2; OWASP ASVS 2.1.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import pairwise
from pathlib import Path
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from registry.errors import BadInput, TooMany

LEAST = 12
MOST = 1000  # letters; a longer one is an attack on the time it takes
HASHER = PasswordHasher()
_AT_ONCE = BoundedSemaphore(3)  # each takes 64 MiB while it lasts
_PATIENCE = 15  # seconds
_LEET = str.maketrans("@4301!$57", "aaeoiisst")


def judge(password: str, *about: str) -> None:
    """Refuse a password that is too short, or that is guessed first; `about` is what is known of its owner.

    Raises BadInput, whose `where` is `password`.
    """
    plain = unicodedata.normalize("NFKC", password)
    if len(plain) < LEAST:
        raise BadInput("A password needs at least {count} characters.", where="password", count=LEAST)
    if len(plain) > MOST:
        raise BadInput("A password may have at most {count} characters.", where="password", count=MOST)
    if _guessed(plain.casefold(), about):
        raise BadInput(
            "This password is one of those that are guessed first.",
            remedy="Take several words that have nothing to do with each other.",
            where="password",
        )


def hashed(password: str) -> str:
    """What is kept of a password. It takes a tenth of a second: never while the database waits."""
    with _turn():
        return HASHER.hash(unicodedata.normalize("NFKC", password))


def fits(kept: str | None, password: str) -> bool:
    """Whether a password is the one that was kept; where none was, it takes the same time and is not."""
    known = kept if kept is not None else _nobody()
    with _turn():
        try:
            HASHER.verify(known, unicodedata.normalize("NFKC", password[: MOST + 1]))
        except (VerificationError, InvalidHashError):
            return False
    return kept is not None


def outdated(kept: str) -> bool:
    """Whether a password was kept by weaker parameters than today's."""
    return HASHER.check_needs_rehash(kept)


@contextmanager
def _turn() -> Iterator[None]:
    """Few at a time: many together would take all the memory there is."""
    if not _AT_ONCE.acquire(timeout=_PATIENCE):
        raise TooMany("Too many are signing in at this moment.", remedy="Try again in {after} seconds.", after=5)
    try:
        yield
    finally:
        _AT_ONCE.release()


@cache
def _nobody() -> str:
    """What is compared with where nobody is known."""
    return HASHER.hash("nobody has this password")


@cache
def _common() -> frozenset[str]:
    """The words of the list, of which a password may not be made up alone."""
    return frozenset(Path(__file__).with_name("passwords.txt").read_text(encoding="utf-8").split())


def _guessed(plain: str, about: Iterable[str]) -> bool:
    return _repeats(plain) or _runs(plain) or _is_common(plain) or _is_about(plain, about)


def _repeats(plain: str) -> bool:
    """A few letters over and over: abcabcabcabc; or few different ones at all."""
    return len(set(plain)) < 5 or re.fullmatch(r"(.{1,6}?)\1+.{0,5}", plain, re.DOTALL) is not None


def _runs(plain: str) -> bool:
    """The alphabet or the digits in a row, forwards or backwards."""
    steps = [ord(after) - ord(before) for before, after in pairwise(plain)]
    return max(steps.count(1), steps.count(-1)) > 0.7 * len(steps)


def _is_common(plain: str) -> bool:
    """A word of the list, whatever digits and signs stand around it or in place of its letters."""
    bare = re.sub(r"[\W\d_]+", "", plain)
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", plain)
    forms = {plain, bare, core, core.translate(_LEET), re.sub(r"[\W_]", "", core.translate(_LEET))}
    return not bare or any(_made_up(form) for form in forms)


def _made_up(form: str) -> bool:
    """Whether a text is words of the list and nothing else, at most two of them."""
    words = _common()
    return form in words or any(form[:cut] in words and form[cut:] in words for cut in range(3, len(form) - 2))


def _is_about(plain: str, about: Iterable[str]) -> bool:
    """Little more than the owner's name or e-mail address."""
    rest = plain
    for part in sorted({p for text in about for p in re.split(r"[\W_]+", text.casefold()) if len(p) > 3}, key=len):
        rest = rest.replace(part, "")
    return rest != plain and len(re.sub(r"[\W\d_]+", "", rest)) < 6
