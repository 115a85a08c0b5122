"""The six official languages of the United Nations: which they are, how they run, what they say.

Domain words come from SKOS labels and shapes; sentences and buttons from gettext catalogues in `locale/`.
The catalogues are read as they are written (.po) and compiled in memory, so no binary file is kept.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Mapping
from functools import cache
from gettext import GNUTranslations, NullTranslations

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from registry import house

LANGUAGES = ("en", "fr", "es", "ru", "zh", "ar")
NAMES = {"ar": "العربية", "zh": "中文", "en": "English", "fr": "Français", "ru": "Русский", "es": "Español"}

Texts = Mapping[str, str]


def direction(lang: str) -> str:
    """`rtl` for Arabic, `ltr` for the other five."""
    return "rtl" if lang == "ar" else "ltr"


def pick(texts: Texts, lang: str) -> tuple[str, str]:
    """The text for a reader of `lang` and the language it is really in.

    The order is the reader's own, English, then the registry's order: never hidden, always with its tag (R08).
    ("", lang) when there is no text at all.
    """
    for candidate in (lang, *LANGUAGES, *texts):
        if candidate in texts:
            return texts[candidate], candidate
    return "", lang


def in_order(text: str) -> str:
    """What a text is sorted by: its letters without marks and case, so that É stands with E."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).casefold()


def base_language(tag: str) -> str | None:
    """The registry's language for a BCP 47 tag: `zh-Hant-TW` is zh, `fr-CA` is fr; None when not one of the six."""
    primary = tag.strip().lower().replace("_", "-").split("-")[0]
    return primary if primary in LANGUAGES else None


@cache
def translation(lang: str) -> NullTranslations:
    """The gettext catalogue of a language; English needs none, its sentences are the keys."""
    path = house.find() / "locale" / lang / "LC_MESSAGES" / "registry.po"
    if lang not in LANGUAGES or not path.exists():
        return NullTranslations()
    with path.open("rb") as source:
        catalogue = read_po(source, locale=lang)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)
