"""The letters that the registry writes: a subject, a plain text and an HTML text, in one of the six languages.

What they say stands in the data room `letters/`: a folder for each kind with `subject.txt`, `text.txt` and
`letter.html`, Jinja templates whose sentences are gettext keys, within the frames of all letters. Every letter says
why its reader gets it and leads to one place, beside which may stand the receipt of what its reader sent; it holds no
image and nothing that tells the sender it was opened.
What others wrote (names, titles, reasons) is stripped of line breaks and control characters, so that it can neither
begin a header nor a paragraph of its own, nor turn the direction of what follows.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from babel.dates import format_date
from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError
from markupsafe import Markup, escape

from registry import house
from registry.errors import BadInput, HouseBroken, fill
from registry.language import LANGUAGES, direction, translation

KINDS = (
    "invitation",
    "confirmation",
    "already-registered",
    "reset",
    "password-changed",
    "submitted",
    "returned",
    "published",
    "declined",
)
FILES = ("subject.txt", "text.txt", "letter.html")
LONGEST = 500  # characters of a place, so that a title cannot be a letter of its own

_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_HIDDEN = {"Cc", "Cs", "Zl", "Zp"}
_WEB = re.compile(r"https?://[^\s<>\"]+")


@dataclass(frozen=True)
class Letter:
    """A letter as it is drawn for one reader: nothing in it is left to fill."""

    kind: str
    language: str
    subject: str
    text: str
    html: str


def draw(folder: Path, kind: str, language: str, places: Mapping[str, object]) -> Letter:
    """The letter of a kind in a language; `folder` is the house (`settings.rooms`).

    Places: `link` always, an absolute http(s) address, and `receipt`, another or nothing; `until`, a moment, where the
    link ends (invitation, confirmation, reset); `title` and `identifier` where it is about a record; `name` of the
    reader and `reason` may be missing. A confirmation never says the name: whoever registered a stranger's address
    would write to them by it.
    Moments are said in the reader's language and in UTC. Raises BadInput for a link that leads elsewhere,
    HouseBroken, naming the file, for a letter that is not there or that asks for a place nobody gave.
    """
    lang = language if language in LANGUAGES else "en"
    links = {name: str(places.get(name, "")) for name in ("link", "receipt")}
    for name, link in links.items():
        if not _WEB.fullmatch(link) and (link or name == "link"):
            raise BadInput("{value} is not an address that a letter may lead to.", where=name, value=link)
    said = {"name": "", "reason": "", **{name: _said(value, lang) for name, value in places.items()}, **links}
    context = {**said, "lang": lang, "dir": direction(lang)}
    subject = tidy(_drawn(folder, f"{kind}/subject.txt", lang, context))
    return Letter(
        kind,
        lang,
        subject,
        _spaced(_drawn(folder, f"{kind}/text.txt", lang, context)),
        _drawn(folder, f"{kind}/letter.html", lang, {**context, "subject": subject}),
    )


def tidy(text: str) -> str:
    """A text on one line: without control characters, line breaks and marks that turn the direction, not too long."""
    plain = "".join(" " if unicodedata.category(one) in _HIDDEN else one for one in text if one not in _TURNING)
    short = " ".join(plain.split())
    return short if len(short) <= LONGEST else short[: LONGEST - 1].rstrip() + "…"


def _said(value: object, lang: str) -> str:
    """A place as the letter says it: a moment in words, everything else tidy."""
    if not isinstance(value, datetime):
        return tidy(str(value))
    _, at = translation(lang).gettext, value.astimezone(UTC)
    day = format_date(at.date(), "long", locale="en_GB" if lang == "en" else lang)
    return fill(_("{day} at {time} UTC"), {"day": day, "time": f"{at:%H:%M}"})


def _drawn(folder: Path, name: str, lang: str, context: Mapping[str, object]) -> str:
    try:
        template = _environment(house.letters(folder)).get_template(name)
        return template.render(context, _=_words(lang, name.endswith(".html")))
    except TemplateError as error:
        reason = error.message or type(error).__name__
        raise HouseBroken("The letter cannot be drawn: {reason}.", where=f"letters/{name}", reason=reason) from error


def _words(lang: str, markup: bool) -> Callable[..., str]:
    """The `_` of a template. What others wrote keeps its own direction inside a sentence."""

    def say(sentence: str, **given: object) -> str:
        said = translation(lang).gettext(sentence)
        places = {name: str(place) for name, place in given.items()}
        if markup:
            isolated = {name: str(Markup("<bdi>{}</bdi>").format(place)) for name, place in places.items()}
            return Markup(fill(str(escape(said)), isolated))
        if direction(lang) == "rtl":
            return fill(said, {name: f"\u2068{place}\u2069" for name, place in places.items()})
        return fill(said, places)

    return say


def _spaced(text: str) -> str:
    """A plain text with one empty line between its paragraphs, none at its ends but the last line break."""
    return re.sub(r"\n{3,}", "\n\n", text.strip()) + "\n"


@cache
def _environment(folder: Path) -> Environment:
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=lambda name: bool(name and name.endswith(".html")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
