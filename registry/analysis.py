"""A text > the tokens by which it is found, with their places; the same for indexing, asking and highlighting.

A token is a word made comparable: one form of its characters, small letters, no accents, no harakat, and its stem in
the language of the text. Accents go before the stem is taken, so that a word typed without them is found. Chinese,
which writes no spaces, is cut into overlapping pairs of characters. A text without a language is only folded.

Sources: Unicode Standard Annex 15 (NFKC); the Snowball stemmers of English, French, Spanish and Russian; for Arabic the
stemmer Light10: Larkey, Ballesteros and Connell, "Improving stemming for Arabic information retrieval" (2002).
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Collection, Iterator
from functools import lru_cache
from itertools import pairwise

import Stemmer

from registry.language import LANGUAGES

Span = tuple[int, int]
TONGUES = ("", *LANGUAGES)  # a text may be in no language

LONGEST = 64  # characters of a word that count: a longer one is found by its begin
_HAN = "\u2e80-\u2fd5\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_VARIANT = "\ufe00-\ufe0f\U000e0100-\U000e01ef"  # they say how the character before them is drawn
_MARK = "".join(chr(code) for code in range(0x300, 0x10000) if unicodedata.category(chr(code))[0] == "M")
_JOINER = "\u00ad\u200c\u200d\u2060\ufeff"  # soft hyphen and its like: unseen, within a word
_APOSTROPHES = "'’‘ʼ＇"
_LETTER = rf"[^\W_ʼ{_HAN}]"
_SIGN = re.compile(f"[{_HAN}][{_VARIANT}]*")
# Runs of letters are one step for the regular expression, not one for each letter.
_WORD = re.compile(
    f"(?P<han>(?:{_SIGN.pattern})+)|{_LETTER}+(?:[{_MARK}]+{_LETTER}*)*(?:[{_JOINER}]+(?:{_LETTER}+|[{_MARK}]+)+)*"
)
_WITHIN = re.compile(f"[{_MARK}{_JOINER}{_HAN}]")  # what makes a word more than a run of letters
# What stays whole where a text is cut: a Chinese character with the marks that close it, else what is between spaces.
_PIECE = re.compile(rf"{_SIGN.pattern}[，。、；：！？）》」』”’]*|[^\s{_HAN}]+")

# Letters that are written for one another, and the tatweel, which only fills a line.
_LATIN = {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i"}
_ARABIC = {"ٱ": "ا", "ى": "ي", "ة": "ه", "گ": "ك", "ک": "ك", "ی": "ي", "ـ": ""}
_ALIKE = str.maketrans(_LATIN | _ARABIC)
_ELIDED = frozenset(("c", "d", "j", "l", "m", "n", "s", "t", "qu", "jusqu", "lorsqu", "puisqu", "presqu", "quelqu"))
_SPELLINGS = {
    # organization = organisation, analyze = analyse, program = programme; LMOs = LMO, NFPs = NFP
    "en": (("([iy])z", r"\1s"), ("programme", "program"), ("^([^aeiouys]{2,4}[aou]?)s$", r"\1")),
    "es": (("([bcdfghjklmpqrtvwxz])s$", r"\1"),),  # the plural of what is no Spanish word: OVMs, ONGs
}
_SNOWBALL = {"en": "english", "fr": "french", "es": "spanish", "ru": "russian"}
# Letters before and behind a stem, and how many must be left: Light10, with three more that texts of the UN need.
_BEFORE = {"وبال": 2, "وال": 2, "بال": 2, "كال": 2, "فال": 2, "ولل": 2, "ال": 2, "لل": 2, "و": 3}
_BEHIND = {"ها": 2, "ان": 2, "ات": 2, "ون": 2, "ين": 2, "يه": 2, "ه": 2, "ي": 2, "ا": 3}


class _Stemmers(threading.local):
    """The Snowball stemmers of one thread: they keep their word in themselves, so threads may not share them."""

    def __init__(self) -> None:
        self.of = {lang: Stemmer.Stemmer(name, 0) for lang, name in _SNOWBALL.items()}


_STEMMERS = _Stemmers()


def tokens(text: str, lang: str) -> list[str]:
    """The tokens of a text in a language of the registry, in their order; "" for a text without a language."""
    return [token for token, _, _ in spans(text, lang)]


def spans(text: str, lang: str, begins: frozenset[str] | None = None) -> Iterator[tuple[str, int, int]]:
    """Each token of a text, with where in the text it begins and where it ends; tokens hold no spaces.

    `begins`: words that do not begin with one of these letters may be passed over, for whoever looks for a few tokens.
    """
    leaning = lang in ("en", "fr")
    words = _WORD
    if begins is not None and not _WITHIN.search(text):
        words = _beginning(frozenset(sign for sign in set(text) if _begin(sign) in begins))
    for found in words.finditer(text):
        start, end = found.span()
        word = found[0]
        if found.lastgroup == "han":
            yield from _pairs(word, start)
        elif not (leaning and _bound(text, word, start, end, lang)) and (token := _token(word[:LONGEST], lang)):
            yield token, start, end


def highlight(text: str, lang: str, terms: Collection[str], width: int = 240) -> tuple[str, list[Span]]:
    """The passage of a text that holds most of the tokens looked for, and where they stand in it.

    The passage has at most `width` characters and is cut between words; "…" stands, beyond these, where text was left
    out. A term that ends with "*" looks for all words that begin so once folded, a single Chinese character for itself.
    Places that touch are one. Without any place the passage is the begin of the text.
    """
    places = _places(text, lang, terms)
    start, end = _window(text, places, width)
    before, behind = ("…" if text[:start].strip() else ""), ("…" if text[end:].strip() else "")
    shift = len(before) - start
    inside = [(max(a, start) + shift, min(b, end) + shift) for a, b in places if a < end and b > start]
    return before + text[start:end] + behind, inside


def _pairs(run: str, offset: int) -> Iterator[tuple[str, int, int]]:
    """The overlapping pairs of a run of Chinese characters; a character that stands alone is its own token."""
    signs = [(unicodedata.normalize("NFKC", found[0][0]), *found.span()) for found in _SIGN.finditer(run)]
    if len(signs) == 1:
        yield signs[0][0], offset, offset + len(run)
    for (first, start, _), (second, _, end) in pairwise(signs):
        yield first + second, offset + start, offset + end


def _bound(text: str, word: str, start: int, end: int, lang: str) -> bool:
    """Whether a word only leans on its neighbour by an apostrophe: the l of l’évaluation, the s of country’s."""
    if lang == "fr" and text[end : end + 1] in tuple(_APOSTROPHES) and text[end + 1 : end + 2].isalnum():
        return word.casefold() in _ELIDED
    return lang == "en" and word in ("s", "S") and start > 1 and text[start - 1] in _APOSTROPHES


@lru_cache(1 << 16)
def _token(word: str, lang: str) -> str:
    """The token of one word; "" when nothing is left of it."""
    word = _folded(word)
    for pattern, by in _SPELLINGS.get(lang, ()):
        word = re.sub(pattern, by, word)
    if lang == "ar":
        return _light(word)
    return str(_STEMMERS.of[lang].stemWord(word)) if lang in _SNOWBALL else word


@lru_cache(1 << 10)
def _beginning(signs: frozenset[str]) -> re.Pattern[str]:
    """The words that begin with one of these letters, in a text whose words are runs of letters."""
    letters = "".join(sorted(re.escape(sign) for sign in signs if re.match(_LETTER, sign)))
    # The letter comes first, so that the regular expression leaps from one to the next.
    return re.compile(rf"[{letters}](?<!{_LETTER}.){_LETTER}*" if letters else r"(?!)")


@lru_cache(1 << 12)
def _begin(sign: str) -> str:
    """The letter with which the token of a word begins, but for Arabic, where what stands before a stem is cut off."""
    return _folded(sign)[:1]


def _folded(word: str) -> str:
    """A word in small letters and plain digits, without accents and marks; й stays, which is a letter of its own."""
    small = unicodedata.normalize("NFKC", word).casefold().translate(_ALIKE)
    apart = unicodedata.normalize("NFKD", small).replace("и\u0306", "й").translate(_ALIKE)
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in apart if c.isalnum())


def _light(word: str) -> str:
    """An Arabic word without its article and conjunction, and without its endings."""
    for ending, left in _BEFORE.items():
        if word.startswith(ending) and len(word) - len(ending) >= left:
            word = word[len(ending) :]
            break
    # A word that itself begins like the article, as in الالتزام and التزام, loses that too: with and without are one.
    if word.startswith("ال") and len(word) >= 4:
        word = word[2:]
    for ending, left in _BEHIND.items():
        if word.endswith(ending) and len(word) - len(ending) >= left:
            word = word[: -len(ending)]
    return word


def _places(text: str, lang: str, terms: Collection[str]) -> list[Span]:
    """Where the terms stand in a text, in order; places that touch or overlap are one."""
    if not terms:
        return []
    begins = tuple(term[:-1] for term in terms if term.endswith("*") and len(term) > 1)
    letters = None if lang == "ar" else frozenset(term[0] for term in terms)
    found = [(a, b) for token, a, b in spans(text, lang, letters) if token in terms]
    if begins:
        found += [(a, b) for token, a, b in spans(text, "", letters) if token.startswith(begins)]
    single = {term for term in terms if len(term) == 1 and _SIGN.match(term)}
    if single:
        found += [sign.span() for sign in _SIGN.finditer(text) if unicodedata.normalize("NFKC", sign[0][0]) in single]
    merged: list[Span] = []
    for a, b in sorted(found):
        if merged and a <= merged[-1][1]:
            a, b = merged[-1][0], max(b, merged.pop()[1])
        merged.append((a, b))
    return merged


def _window(text: str, places: list[Span], width: int) -> Span:
    """From where to where the passage goes: whole pieces, around the densest places, with some words before them."""
    if len(text) <= width:
        return 0, len(text)
    first, last = _densest(places, width) if places else (0, 0)
    begin = max(0, min(first - min(width // 6, max(0, width - (last - first))), len(text) - width))
    pieces = [found.span() for found in _PIECE.finditer(text, text.rfind(" ", 0, begin) + 1, first + 2 * width)]
    begin = min([begin, *(a for a, b in pieces if a <= first < b)])
    whole = [(a, b) for a, b in pieces if a >= begin and b <= begin + width]
    if whole and whole[0][0] <= first < whole[-1][1]:
        return whole[0][0], whole[-1][1]
    end = first + width  # one word wider than the passage: it is cut, never between a letter and its marks
    while first + 1 < end < len(text) and unicodedata.category(text[end])[0] == "M":
        end -= 1
    return first, end


def _densest(places: list[Span], width: int) -> Span:
    """The begin of the first and the end of the last of the most places that fit into a passage."""
    best, until = (0, -1), 0
    for i, (start, _) in enumerate(places):
        until = max(until, i)
        while until + 1 < len(places) and places[until + 1][1] <= start + width:
            until += 1
        if until - i > best[1] - best[0]:
            best = (i, until)
    return places[best[0]][0], places[best[1]][1]
