"""The words that the records use, by the tokens they are found by: prefixes, forms for SPARQL, what was meant.

It is drawn from the index when it is first needed and kept until the index changes.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import cached_property
from itertools import islice, product

from registry.analysis import TONGUES, tokens
from registry.wanted import Wanted

MOST = 200  # tokens that a prefix stands for, forms that a phrase may have
Runs = Mapping[str, tuple[tuple[str, ...], ...]]


class Lexicon:
    """`forms` gives the words of all texts in a language (empty for none), small letters; asked when first needed."""

    def __init__(self, forms: Callable[[str], Iterable[str]]) -> None:
        self._drawn = forms

    @cached_property
    def _forms(self) -> dict[str, tuple[str, ...]]:
        return {lang: tuple(self._drawn(lang)) for lang in TONGUES}

    @cached_property
    def _by_token(self) -> dict[str, dict[str, set[str]]]:
        found: dict[str, dict[str, set[str]]] = {}
        for lang, words in self._forms.items():
            for word in words:
                for token in tokens(word, lang)[:1]:
                    found.setdefault(lang, {}).setdefault(token, set()).add(word)
        return found

    @cached_property
    def _folded(self) -> dict[str, dict[str, str]]:
        """By language the folded form of each word with its token."""
        found: dict[str, dict[str, str]] = {}
        for lang, by_token in self._by_token.items():
            for token, words in by_token.items():
                for word in words:
                    found.setdefault(lang, {})["".join(tokens(word, ""))] = token
        return found

    def runs(self, wanted: Wanted) -> Runs:
        """By language what a word looks for: runs of tokens that stand side by side, any of which will do."""
        found: dict[str, tuple[tuple[str, ...], ...]] = {}
        for lang in TONGUES:
            if wanted.prefix and len(tokens(wanted.text, "")) == 1:
                found[lang] = tuple((token,) for token in self._beginning(wanted.text, lang))
            else:
                run = tuple(tokens(wanted.text, lang))
                single = len(run) == 1 and len(run[0]) == 1 and run[0] >= "\u2e80"
                found[lang] = self._holding(run[0], lang) if single else (run,) if run else ()
        return {lang: runs for lang, runs in found.items() if runs}

    def _beginning(self, typed: str, lang: str) -> list[str]:
        begin = "".join(tokens(typed, ""))
        words = self._folded.get(lang, {})
        return list(dict.fromkeys(token for word, token in words.items() if begin and word.startswith(begin)))[:MOST]

    def _holding(self, sign: str, lang: str) -> tuple[tuple[str, ...], ...]:
        """A single Chinese character stands in pairs: every pair that holds it."""
        known = self._by_token.get(lang, {})
        pairs = [(token,) for token in sorted(known) if sign in token and len(token) == 2]
        return ((sign,), *pairs[:MOST])

    def said(self, wanted: Wanted) -> list[tuple[str, str]]:
        """What a text of a language says that holds a word, in any of its forms: the language, the form.

        Forms are in small letters, between spaces but for Chinese.
        """
        found: dict[tuple[str, str], None] = {}
        for lang, runs in self.runs(wanted).items():
            known = self._by_token.get(lang, {})
            for run in runs:
                forms = [sorted(known.get(token, ())) for token in run]
                for one in islice(product(*forms), MOST):
                    found[lang, _joined(one)] = None
        return list(found)

    def near(self, wanted: Wanted, lang: str) -> str:
        """The word that is spelt most like what nothing was found for, of the reader's language first; else nothing."""
        word = wanted.text.lower()
        for tongue in dict.fromkeys((lang, *TONGUES)):
            like = [form for form in self._forms[tongue] if form[0] == word[0] and abs(len(form) - len(word)) < 3]
            if found := get_close_matches(word, like, 1, 0.75):
                return found[0]
        return ""

    def beginning(self, typed: str, lang: str, limit: int) -> list[str]:
        """The words of a language that begin as typed, each as it stands in a text, accents and all."""
        begin, folded = "".join(tokens(typed, "")), self._folded.get(lang, {})
        words = sorted(word for word in folded if begin and word.startswith(begin))
        return [self._spelt(word, lang) for word in words[:limit]]

    def _spelt(self, word: str, lang: str) -> str:
        """A folded word with its signs: of several spellings the one with the most."""
        forms = self._by_token[lang][self._folded[lang][word]]
        same = (form for form in forms if "".join(tokens(form, "")) == word)
        return min(same, key=lambda form: (-len(unicodedata.normalize("NFKD", form)), form))


def _joined(forms: Sequence[str]) -> str:
    """Words side by side as SPARQL sees them; Chinese pairs overlap and have nothing around them."""
    if len(forms[0]) <= 2 and forms[0][0] >= "\u2e80":
        return forms[0] + "".join(form[-1] for form in forms[1:])
    said = "".join(sign if unicodedata.category(sign)[0] in "LNM" else " " for sign in " ".join(forms))
    return f" {' '.join(said.split())} "
