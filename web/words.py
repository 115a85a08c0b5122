"""Dates, numbers and texts as a reader of a language reads them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal
from babel.units import format_unit

from registry.language import LANGUAGES, NAMES, Texts, direction, pick

LOCALES: Mapping[str, str] = {lang: lang for lang in LANGUAGES} | {"en": "en_GB"}

SHORT = 110

_PARTIAL = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?(?:T|Z|[+-]|$)")


@dataclass(frozen=True)
class Text:
    """A piece of text and the language it is in; `und` when nobody says."""

    text: str
    lang: str

    def __bool__(self) -> bool:
        return bool(self.text)

    @property
    def dir(self) -> str:
        """The direction it runs in; `auto` lets the browser look at its first letters."""
        return "auto" if self.lang == "und" else direction(self.lang)

    @property
    def language_name(self) -> str:
        """The language's own name for itself."""
        return NAMES.get(self.lang, self.lang)

    @property
    def short(self) -> bool:
        """Whether it fits beside its name, on a line or two."""
        return len(self.text) <= SHORT and "\n" not in self.text.strip()

    @property
    def blocks(self) -> list[tuple[bool, list[str]]]:
        """The text as blocks: a paragraph has one line; a list (True) a line an item."""
        blocks: list[tuple[bool, list[str]]] = []
        for line in filter(None, map(str.strip, self.text.splitlines())):
            item = re.match(r"[-*•]\s+(.+)", line)
            if item and blocks and blocks[-1][0]:
                blocks[-1][1].append(item[1])
            else:
                blocks.append((bool(item), [item[1] if item else line]))
        return blocks


def marked(sentence: str) -> str:
    """A sentence that is to be translated later, when the reader is known: imported as `_`, so that it is found."""
    return sentence


def best(texts: Texts, lang: str) -> Text:
    """The text for a reader of a language."""
    return Text(*pick(texts, lang))


def others(texts: Texts, lang: str) -> list[Text]:
    """The same text in the languages that `best` did not pick, in the registry's order."""
    _, chosen = pick(texts, lang)
    order = [*LANGUAGES, *(tag for tag in texts if tag not in LANGUAGES)]
    return [Text(texts[tag], tag) for tag in order if tag in texts and tag != chosen]


@lru_cache(maxsize=4096, typed=True)
def said_date(stated: str | date | datetime, lang: str) -> str:
    """A date, a month or a year, as exact as it was stated; what is none of them stays as it is."""
    found = _PARTIAL.match(stated if isinstance(stated, str) else stated.isoformat())
    if not found:
        return str(stated)
    year, month, day = (int(part) if part else 0 for part in found.groups())
    locale = LOCALES[lang]
    try:
        whole = date(year, month or 1, day or 1)
    except ValueError:
        return str(stated)
    if day:
        return format_date(whole, "long", locale=locale)
    return format_skeleton("yMMMM" if month else "y", whole, locale=locale)


@lru_cache(maxsize=4096, typed=True)
def said_number(number: float | int | str, lang: str) -> str:
    """A number with the language's separators."""
    try:
        return str(format_decimal(number, locale=LOCALES[lang]))
    except (ValueError, ArithmeticError):
        return str(number)


def said_size(count: str, lang: str) -> str:
    """A number of bytes in a short unit: 1.2 MB, 340 kB; never in bytes, for which few languages have a short word."""
    if not (count.isascii() and count.isdigit()):
        return count
    size, units = float(count[:15]) / 1000, ["kilobyte", "megabyte", "gigabyte"]
    while size >= 1000 and len(units) > 1:
        size, units = size / 1000, units[1:]
    shown = max(round(size, 1), 0.1) if size < 10 else round(size)
    return str(format_unit(shown, f"digital-{units[0]}", "short", locale=LOCALES[lang]))


def language_name(tag: str, lang: str) -> str:
    """The name of a language in another: `fr` in Spanish is francés."""
    name = Locale.parse(LOCALES[lang]).languages.get(tag)
    return str(name) if name else tag
