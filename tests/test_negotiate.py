"""The choice of a representation, by itself: RFC 9110's own example, and that no header breaks it."""

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.negotiate import (
    HTML,
    JSONLD,
    LONGEST,
    MEDIA,
    NTRIPLES,
    PLAIN,
    PROFILES,
    RDFXML,
    TURTLE,
    Profile,
    accepts_gzip,
    choose_form,
    choose_language,
    choose_media,
    choose_profile,
    split,
)

OFFERED = (Profile("project", "http://localhost:8000/format/project"), Profile("alt", "http://www.w3.org/altr"))

# RFC 9110, section 12.5.1: text/plain;format=flowed is not offered here, so text/plain stands for text/*.
EXAMPLE = "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, text/plain;format=fixed;q=0.4, */*;q=0.5"


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        (None, HTML),
        ("", HTML),
        (EXAMPLE, PLAIN),
        ("text/turtle", TURTLE),
        ("TEXT/TURTLE", TURTLE),
        ("text/turtle;charset=utf-8", TURTLE),
        ("text/html;q=0, text/*", TURTLE),
        ("text/*;q=0, application/n-triples", NTRIPLES),
        ("*/*, application/n-triples", NTRIPLES),
        ("application/ld+json;q=0.000", None),
        ("text/html;q=1.0001", HTML),
        ("image/*", None),
        ("text/turtle;level=1;q=0, text/turtle;q=0.2", TURTLE),
        ('application/ld+json;profile="http://www.w3.org/ns/json-ld#flattened"', JSONLD),
        ("application/rdf+xml, text/turtle;q=0.9", RDFXML),
        ("text/html, application/xhtml+xml, */*;q=0.1", HTML),
    ],
)
def test_media(header: str | None, chosen: object) -> None:
    assert choose_media(header, (*MEDIA, PLAIN)) == chosen


@given(st.text(alphabet=st.characters(max_codepoint=255), max_size=200))
def test_no_header_breaks_it(header: str) -> None:
    assert choose_media(header, MEDIA) in (None, *MEDIA)
    assert choose_language(header, header, header) in ("en", "fr", "es", "ru", "zh", "ar")
    assert accepts_gzip(header) in (True, False)
    assert choose_form(header) == ""
    assert choose_profile(header, OFFERED)[1] in (None, *OFFERED)


@pytest.mark.parametrize(
    ("header", "form"),
    [
        (None, ""),
        ("application/ld+json", ""),
        (f'application/ld+json;profile="{PROFILES}expanded"', "expanded"),
        (f"application/ld+json;profile={PROFILES}expanded", "expanded"),
        (f'application/ld+json;profile="{PROFILES}compacted {PROFILES}flattened"', "flattened"),
        (f'application/ld+json;profile="{PROFILES}expanded";q=0', ""),
        (f'application/ld+json;profile="{PROFILES}expanded";q=0.2, application/ld+json', ""),
        (f'application/ld+json;profile="{PROFILES}framed", application/ld+json', "framed"),
        ('application/ld+json;profile="https://example.org/"', ""),
        (f'text/turtle;profile="{PROFILES}expanded"', ""),
    ],
)
def test_form(header: str | None, form: str) -> None:
    assert choose_form(header) == form


@pytest.mark.parametrize(
    ("header", "asked", "token"),
    [
        (None, False, None),
        ("<http://localhost:8000/format/project>", True, "project"),
        ("<HTTP://LOCALHOST:8000/format/project>;q=0.1", True, "project"),
        ("<http://www.w3.org/altr>, <http://localhost:8000/format/project>;q=0.5", True, "alt"),
        ("<http://localhost:8000/format/project>;q=0", True, None),
        ("<https://example.org/>", True, None),
        ("*", True, "project"),
    ],
)
def test_profile(header: str | None, asked: bool, token: str | None) -> None:
    wanted, found = choose_profile(header, OFFERED)
    assert (wanted, found.token if found else None) == (asked, token)


@pytest.mark.parametrize(
    ("asked", "cookie", "header", "chosen"),
    [
        (None, None, None, "en"),
        ("fr", "es", "ru", "fr"),
        ("xx", "es", "ru", "es"),
        (None, None, "zh-Hant-TW", "zh"),
        (None, None, "ar-EG, fr;q=0.9", "ar"),
        (None, None, "de, *;q=0.1", "en"),
        (None, None, "fr;q=0, es;q=0.1", "es"),
        (None, None, "es;q=0.5, fr;q=0.5", "es"),
    ],
)
def test_language(asked: str | None, cookie: str | None, header: str | None, chosen: str) -> None:
    assert choose_language(asked, cookie, header) == chosen


@pytest.mark.parametrize(
    ("header", "taken"),
    [("gzip", True), ("br, gzip;q=0.5", True), ("*", True), ("gzip;q=0", False), ("*;q=0", False), (None, False)],
)
def test_gzip(header: str | None, taken: bool) -> None:
    assert accepts_gzip(header) is taken


@pytest.mark.parametrize(
    ("name", "found"),
    [("x.ttl", ("x", TURTLE)), ("x", ("x", None)), (".ttl", (".ttl", None)), ("x.pdf", ("x.pdf", None))],
)
def test_suffix(name: str, found: object) -> None:
    assert split(name) == found


@pytest.mark.parametrize("piece", ['"\\', '"', ';"', ',"\\', '"\\"', "*/*,", '","', "\\"])
def test_a_header_is_read_in_one_pass(piece: str) -> None:
    begun = process_time()
    for size in (LONGEST, 60_000):
        header = (piece * 60_000)[:size]
        choose_media(header, MEDIA)
        choose_language(None, None, header)
        choose_profile(header, OFFERED)
        accepts_gzip(header)
        choose_form(header)
    assert process_time() - begun < 2


def test_a_header_beyond_all_length_counts_as_absent() -> None:
    header = "text/turtle, " * (LONGEST // 10)
    assert choose_media(header, MEDIA) == HTML
    assert choose_media(header[:LONGEST], MEDIA) == TURTLE
    assert choose_language(None, None, "ar," * LONGEST) == "en"
    assert choose_profile("*," * LONGEST, OFFERED) == (False, None)
