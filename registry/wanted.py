"""What somebody typed into the search box > the words, phrases, prefixes and exclusions that it asks for.

A phrase stands in quotation marks of any of the six languages, word* asks for all words that begin so, -word and
-"phrase" leave out. Whatever else is typed never is an error but for its length: a quotation mark without its partner
counts as if it were not there, and so does an operator without a word.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from registry.errors import BadParameter

LONGEST = 1000  # characters
MOST = 32  # words and phrases; what is typed beyond them is not looked for
_QUOTES = {'"': '"', "＂": "＂", "«": "»", "“": "”", "„": "“”", "「": "」", "『": "』"}
_SIGNS = "".join(sorted({*_QUOTES, *"".join(_QUOTES.values())}))
_MINUS, _STAR = "-－−", "*＊"
_PART = re.compile(
    rf"(?P<minus>(?<!\S)[{_MINUS}]+)?(?:"
    + "|".join(f"{opening}(?P<q{i}>[^{closing}]*)[{closing}]" for i, (opening, closing) in enumerate(_QUOTES.items()))
    + rf")|(?P<word>[^\s{_SIGNS}]+)"
)
_TURNS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")  # they turn the direction, unseen


@dataclass(frozen=True)
class Wanted:
    """A word or phrase that is looked for; `excluded`: whoever has it is left out; `prefix`: only the begin of it."""

    text: str
    phrase: bool = False
    prefix: bool = False
    excluded: bool = False


def read(typed: str) -> tuple[Wanted, ...]:
    """What is asked for, in the order typed; empty when there is no word in it.

    Raises BadParameter (`q`) for a text that is longer than any question.
    """
    if len(typed) > LONGEST:
        raise BadParameter(
            "The search text has {count} characters; at most {limit} are read.",
            remedy="Leave words out.",
            where="q",
            count=len(typed),
            limit=LONGEST,
        )
    clean = _TURNS.sub("", "".join(" " if unicodedata.category(sign) == "Cc" else sign for sign in typed))
    found = (_phrase(part) if part["word"] is None else _word(part["word"]) for part in _PART.finditer(clean))
    return tuple(wanted for wanted in found if wanted.text)[:MOST]


def _phrase(part: re.Match[str]) -> Wanted:
    text = next(text for name, text in part.groupdict().items() if name.startswith("q") and text is not None)
    words = re.sub(f"[{_SIGNS}]", " ", text).split()
    said = " ".join(words) if any(map(_solid, text)) else ""
    return Wanted(said, phrase=True, excluded=bool(part["minus"]))


def _word(typed: str) -> Wanted:
    bare = typed.lstrip("".join({sign for sign in typed if not _solid(sign)} - set(_MINUS)))
    text = bare.rstrip("".join({sign for sign in typed if not _solid(sign)} - set(_STAR)))
    excluded, prefix = text[:1] in tuple(_MINUS), text[-1:] in tuple(_STAR)
    return Wanted(_core(text), prefix=prefix, excluded=excluded)


def _core(text: str) -> str:
    """A word without what stands around its letters and digits."""
    return text.strip("".join({sign for sign in text if not _solid(sign)}))


def _solid(sign: str) -> bool:
    """Whether a character belongs to a word: a letter, a digit, a mark on either."""
    return sign.isalnum() or unicodedata.category(sign)[0] == "M"
