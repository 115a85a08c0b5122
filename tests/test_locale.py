"""The interface in six languages: every sentence translated, every place kept, every plural form there."""

import re
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from registry.language import LANGUAGES, base_language, pick, translation

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "locale"))

import gather  # noqa: E402

SENTENCES = gather.gather()
PLACE = re.compile(r"\{\w*\}|%\(\w+\)[sd]")


@pytest.mark.parametrize("lang", [lang for lang in LANGUAGES if lang != "en"])
def test_every_sentence_is_translated(lang: str) -> None:
    with (ROOT / "locale" / lang / "LC_MESSAGES" / "registry.po").open("rb") as source:
        catalogue = read_po(source, locale=lang)
    for sentence in SENTENCES:
        if not sentence.id:
            continue
        known = catalogue.get(sentence.id, sentence.context)
        assert known is not None, sentence.id
        assert known.string, sentence.id
        forms = known.string if isinstance(known.string, (tuple, list)) else [known.string]
        assert all(forms), sentence.id
        if known.pluralizable:
            assert len(forms) == catalogue.num_plurals
        else:
            assert sorted(PLACE.findall(str(sentence.id))) == sorted(PLACE.findall(forms[0])), sentence.id
    assert {message.id for message in catalogue} == {message.id for message in SENTENCES}, "run make messages"


def test_catalogues_are_read_as_they_are_written() -> None:
    assert translation("fr").gettext("Home") != "Home"
    assert translation("en").gettext("Home") == "Home"
    assert translation("xx").gettext("Home") == "Home"


def test_a_text_is_never_hidden() -> None:
    assert pick({"zh": "项目"}, "fr") == ("项目", "zh")
    assert pick({"en": "a", "fr": "b"}, "ru") == ("a", "en")
    assert pick({}, "ar") == ("", "ar")


@pytest.mark.parametrize(
    ("tag", "lang"),
    [("zh-Hant-TW", "zh"), ("zh-Hans", "zh"), ("fr-CA", "fr"), ("AR_eg", "ar"), ("nl", None), ("", None)],
)
def test_language_tags(tag: str, lang: str | None) -> None:
    assert base_language(tag) == lang
