"""The invented texts, a file a language; the same place in every file means the same."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .vocabulary import Vocabulary

Texts = dict[str, str]


class Book:
    """The texts of all languages, and the names of places in them."""

    def __init__(self, folder: Path, vocabulary: Vocabulary) -> None:
        self._texts = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.toml"))}
        self._vocabulary = vocabulary

    def say(self, languages: tuple[str, ...], *path: str | int, **fill: Mapping[str, str]) -> Texts:
        """What stands at a place of the book, in these languages; `fill` gives the words for its blanks."""
        found = {}
        for lang in languages:
            value = str(self._at(lang, path))
            for blank, words in fill.items():
                value = value.replace(f"{{{blank}}}", words[lang])
            found[lang] = value[:1].upper() + value[1:]
        return found

    def count(self, *path: str | int) -> int:
        """How many texts a list of the book has."""
        return len(self._at("en", path))

    def codes(self, *path: str | int) -> list[str]:
        """The names under which a table of the book has texts."""
        return list(self._at("en", path))

    def _at(self, lang: str, path: tuple[str | int, ...]) -> Any:
        value: Any = self._texts[lang]
        for step in path:
            value = value[step]
        return value

    def place(self, places: tuple[str, ...], languages: tuple[str, ...]) -> Texts:
        """The name of a place, or of several: own words for groups, else the vocabulary's label."""
        return {
            lang: self._texts[lang]["places"]["separator"].join(self._name(place, lang) for place in places)
            for lang in languages
        }

    def _name(self, place: str, lang: str) -> str:
        own: Mapping[str, str] = self._texts[lang]["places"]
        scheme, code = place.split("/")
        return own[place] if place in own else self._vocabulary.label(scheme, code, lang)


def joined(*parts: Texts) -> Texts:
    """Sentences one after the other; Chinese has no space between them."""
    return {lang: ("" if lang == "zh" else " ").join(part[lang] for part in parts) for lang in parts[0]}
