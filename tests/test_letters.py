"""Letters: every kind in every language, whole, safe and with one way onward."""

import re
import shutil
import unicodedata
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, nodes

from registry import house, letters
from registry.errors import BadInput, HouseBroken
from registry.language import LANGUAGES
from registry.letters import FILES, KINDS, draw
from tests.conftest import HOUSE, ROOT

LINK = "https://registry.example.org/confirm/abc?x=1&y=2"
PLACES = {
    "name": "Ama Owusu",
    "link": LINK,
    "until": datetime(2026, 12, 1, 9, 5, tzinfo=UTC),
    "title": "Détection d’OVM",
    "identifier": "BCH-CDI-SCBD-108",
    "reason": "The budget is missing.",
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_letter_is_whole(kind: str, lang: str) -> None:
    letter = draw(HOUSE, kind, lang, PLACES)
    assert (letter.kind, letter.language) == (kind, lang)
    for said in (letter.subject, letter.text, re.sub(r"<style>.*?</style>", "", letter.html, flags=re.DOTALL)):
        assert said.strip()
        assert not re.search(r"\{\w*\}|\{\{|\{%|None|Undefined", said), said
    assert "\n" not in letter.subject
    assert "\n\n\n" not in letter.text
    assert letter.text.count(LINK) == 1
    assert re.findall(r'(?:href|src)="([^"]*)"', letter.html) == [LINK.replace("&", "&amp;")]
    assert "<img" not in letter.html and "url(" not in letter.html and "<script" not in letter.html
    root = f'<html lang="{lang}" dir="{"rtl" if lang == "ar" else "ltr"}">'
    assert root in letter.html


@pytest.mark.parametrize("kind", KINDS)
def test_the_two_forms_of_a_letter_say_the_same(kind: str) -> None:
    letter = draw(HOUSE, kind, "en", {**PLACES, "link": "https://registry.example.org/x"})
    body = letter.html[letter.html.index("<main>") : letter.html.index("</main>")]
    words = " ".join(ElementTree.fromstring(body + "</main>").itertext())
    assert set(re.findall(r"\w+", letter.text)) == set(re.findall(r"\w+", words))


@pytest.mark.parametrize("kind", KINDS)
def test_every_letter_says_why_it_comes(kind: str) -> None:
    assert "You receive this letter because" in draw(HOUSE, kind, "en", PLACES).text


def test_a_moment_is_said_in_the_language_of_the_reader() -> None:
    assert "1 December 2026" in draw(HOUSE, "reset", "en", PLACES).text
    assert "1 décembre 2026" in draw(HOUSE, "reset", "fr", PLACES).text
    assert "2026年12月1日" in draw(HOUSE, "reset", "zh", PLACES).text
    assert "09:05" in draw(HOUSE, "reset", "ru", PLACES).text


def test_a_language_that_is_none_of_the_six_reads_english() -> None:
    assert draw(HOUSE, "reset", "nl", PLACES) == draw(HOUSE, "reset", "en", PLACES)


def test_a_reader_without_a_name_and_a_decision_without_a_reason() -> None:
    letter = draw(HOUSE, "returned", "en", {**PLACES, "name": "", "reason": ""})
    assert letter.text.startswith("Hello,\n")
    assert "The reason" not in letter.text + letter.html
    assert "The budget is missing." in draw(HOUSE, "returned", "en", PLACES).text


def test_nobody_writes_to_strangers_through_a_confirmation() -> None:
    letter = draw(HOUSE, "confirmation", "en", {**PLACES, "name": "Buy at evil.example"})
    assert "evil" not in letter.subject + letter.text + letter.html


@pytest.mark.parametrize("name", ["title", "name", "reason"])
def test_what_others_wrote_stays_one_piece_of_text(name: str) -> None:
    evil = 'A\r\nBcc: all@example.org\u2028\x00\u202e<a href="https://evil.example">{link}</a>{{ 7*7 }}'
    letter = draw(HOUSE, "returned", "en", {**PLACES, name: evil})
    assert "\nBcc" not in letter.subject + letter.text and not re.search("[\x00\r\u2028\u202e]", letter.text)
    assert "Bcc: all@example.org" in letter.text
    assert 'href="https://evil' not in letter.html and "&lt;a href=" in letter.html
    assert "{link}" in letter.text and "{{ 7*7 }}" in letter.text
    assert len(draw(HOUSE, "returned", "en", {**PLACES, name: "x" * 9000}).text) < 2000


def test_in_arabic_foreign_pieces_keep_their_direction() -> None:
    letter = draw(HOUSE, "published", "ar", PLACES)
    assert "\u2068BCH-CDI-SCBD-108\u2069" in letter.text
    assert "<bdi>BCH-CDI-SCBD-108</bdi>" in letter.html


@given(st.text(max_size=600))
def test_a_place_is_always_one_line(text: str) -> None:
    found = letters.tidy(text)
    assert len(found) <= letters.LONGEST
    assert not {unicodedata.category(one) for one in found} & {"Cc", "Cs", "Zl", "Zp"}
    assert letters.tidy(found) == found
    found.encode()


@pytest.mark.parametrize(
    "link", ["", "javascript:alert(1)", "/confirm/x", "https://a b", 'https://a"b', "https://a\nb"]
)
def test_a_letter_leads_to_the_web_only(link: str) -> None:
    with pytest.raises(BadInput):
        draw(HOUSE, "reset", "en", {**PLACES, "link": link})


@pytest.mark.parametrize("kind", ["submitted", "returned", "published", "declined"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_letter_to_a_submitter_holds_the_receipt_too(kind: str, lang: str) -> None:
    receipt = "https://registry.example.org/receipt/abc"
    letter = draw(HOUSE, kind, lang, {**PLACES, "receipt": receipt})
    assert letter.text.count(receipt) == letter.html.count(f'href="{receipt}"') == 1
    assert letter.text.index(LINK) < letter.text.index(receipt)
    assert "\n\n\n" not in letter.text
    assert draw(HOUSE, kind, lang, {**PLACES, "receipt": ""}) == draw(HOUSE, kind, lang, PLACES)
    with pytest.raises(BadInput, match="lead to"):
        draw(HOUSE, kind, lang, {**PLACES, "receipt": "javascript:alert(1)"})


def test_a_place_that_nobody_fills_and_a_kind_that_is_none() -> None:
    without = {name: value for name, value in PLACES.items() if name != "until"}
    with pytest.raises(HouseBroken, match="'until' is undefined") as found:
        draw(HOUSE, "reset", "en", without)
    assert found.value.where == "letters/reset/text.txt"
    with pytest.raises(HouseBroken):
        draw(HOUSE, "advertisement", "en", PLACES)


def test_the_room_has_these_kinds_and_no_sentence_outside_gettext() -> None:
    room = ROOT / "letters"
    assert {path.name for path in room.iterdir() if path.is_dir()} == set(KINDS)
    for kind in KINDS:
        assert {path.name for path in (room / kind).iterdir()} == set(FILES)
    for path in room.rglob("*.*"):
        tree = Environment().parse(path.read_text(encoding="utf-8"))
        outside = "".join(data.data for data in tree.find_all(nodes.TemplateData))
        bare = re.sub(r"<style>.*?</style>|<[^>]*>", "", outside, flags=re.DOTALL)
        assert not re.search(r"[^\W\d_]", bare), f"{path}: {bare}"


def test_a_house_may_have_letters_of_its_own(tmp_path: Path) -> None:
    assert house.letters(tmp_path) == ROOT / "letters"
    shutil.copytree(ROOT / "letters", tmp_path / "letters")
    (tmp_path / "letters" / "reset" / "subject.txt").write_text("Ours\n", encoding="utf-8")
    assert draw(tmp_path, "reset", "en", PLACES).subject == "Ours"
