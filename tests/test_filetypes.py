"""What may be attached is told by what stands in it; what is cut, armed or two things at once is refused in words."""

import io
import struct
import zlib
from collections.abc import Callable
from contextlib import suppress

import pytest

from registry.concepts import Concepts
from registry.errors import UnsupportedMedia
from registry.filetypes import KINDS, MOST_ENTRIES, recognised
from registry.rooms import House
from tests.conftest import settings_in
from tests.files import DOCX, EMPTY_PDF, jpeg, odf, office, pdf, png, zipped


def told(data: bytes, name: str = "a.pdf") -> str:
    return recognised(io.BytesIO(data), name)


@pytest.mark.parametrize(
    ("kind", "data", "name"),
    [
        ("pdf", pdf(), "report.exe"),
        ("png", png(3, 2), "a.pdf"),
        ("jpeg", jpeg(3, 2), "a.jpg"),
        ("docx", office("docx"), "a.docx"),
        ("xlsx", office("xlsx"), "a.bin"),
        ("pptx", office("pptx"), "a"),
        ("odt", odf("text"), "a.odt"),
        ("ods", odf("spreadsheet"), "a.ods"),
        ("odp", odf("presentation"), "a.odp"),
        ("txt", "Termes de référence\n".encode(), "a.html"),
        ("txt", "\ufeffالاختصاصات".encode(), "a.txt"),
        ("csv", b"a;b\r\n1;2\r\n", "A.CSV"),
        ("csv", b"a\tb\n", "a.tsv"),
    ],
)
def test_a_file_is_known_by_what_stands_in_it(kind: str, data: bytes, name: str) -> None:
    assert told(data, name) == kind


def test_the_kinds_are_the_concepts_of_the_vocabulary() -> None:
    rooms = House(settings_in(None))
    concepts = Concepts(rooms.vocabularies().values(), rooms.own)
    scheme = concepts.scheme(rooms.own.iri("vocabulary/file-type"))
    assert scheme
    found = [concepts.get(iri) for iri in scheme.concepts]
    assert tuple(one.notation for one in found if one) == KINDS
    for one in found:
        assert one and one.matches["exactMatch"][0].value.startswith("https://www.iana.org/assignments/media-types/")


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "The file is empty."),
    "blanks": (lambda: b" \n\n", "The file is empty."),
    "page": (lambda: b"\n <!DOCTYPE html><script>alert(1)</script>", "Files of this kind"),
    "drawing": (lambda: b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "Files of this kind"),
    "page after a mark": (lambda: "\ufeff<html>".encode(), "Files of this kind"),
    "script": (lambda: b"#!/bin/sh\nrm -rf /\n", "Files of this kind"),
    "postscript": (lambda: b"%!PS-Adobe-3.0\n", "Files of this kind"),
    "program": (lambda: b"MZ\x90\x00\x03", "Files of this kind"),
    "elf": (lambda: b"\x7fELF\x02", "Files of this kind"),
    "gif": (lambda: b"GIF89a\x01\x00", "Files of this kind"),
    "latin": (lambda: "été".encode("latin-1"), "Files of this kind"),
    "utf-16": (lambda: "text".encode("utf-16"), "Files of this kind"),
    "half a sign": (lambda: "é".encode()[:1], "Files of this kind"),
    "old word": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "older kind"),
    "half a pdf": (lambda: pdf()[:-30] + b" " * 2000, "damaged or cut"),
    "half a png": (lambda: png(3, 2)[:-4], "damaged or cut"),
    "png and more": (lambda: png(3, 2) + b"<script>", "damaged or cut"),
    "half a jpeg": (lambda: jpeg(3, 2)[:-2], "damaged or cut"),
    "jpeg without a frame": (lambda: b"\xff\xd8\xff\xe0\x00\x02\xff\xd9", "damaged or cut"),
    "pixel bomb": (lambda: png(60_000, 60_000), "too many to open"),
    "wide jpeg": (lambda: jpeg(65_000, 65_000), "too many to open"),
    "half an archive": (lambda: office("docx")[:-10], "damaged or cut"),
    "archive": (lambda: zipped({"a.txt": b"a"}), "An archive is not taken"),
    "slip": (lambda: zipped({**DOCX, "../../etc/passwd": b"x"}), "point outside"),
    "absolute": (lambda: zipped({**DOCX, "/etc/passwd": b"x"}), "point outside"),
    "backslash": (lambda: zipped({**DOCX, "..\\x": b"x"}), "point outside"),
    "macros": (lambda: zipped({**DOCX, "word/vbaProject.bin": b"x"}), "programs"),
    "basic": (lambda: odf("text", {"Basic/Standard/Module1.xml": b"x"}), "programs"),
    "macro-enabled": (lambda: zipped({"[Content_Types].xml": b"ms-word.document.macroEnabled.main+xml"}), "programs"),
    "many parts": (lambda: zipped({f"{n}": b"" for n in range(MOST_ENTRIES + 1)}), "beyond measure"),
    "two kinds": (lambda: pdf(zipped({"evil.html": b"<script>"})), "two kinds"),
    "locked": (lambda: locked(), "locked"),
    "two documents": (lambda: zipped({"[Content_Types].xml": b"".join(office_words())}), "An archive"),
}


def office_words() -> list[bytes]:
    from registry.filetypes import _OFFICE

    return list(_OFFICE.values())


def locked() -> bytes:
    data = bytearray(office("docx"))
    for place in range(len(data)):
        if data[place : place + 4] == b"PK\x01\x02":
            data[place + 8] |= 1
    return bytes(data)


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_is_refused_in_words(name: str) -> None:
    make, words = REFUSED[name]
    with pytest.raises(UnsupportedMedia) as caught:
        told(make(), "a.txt")
    assert words in caught.value.say() and caught.value.advise()
    assert caught.value.advise("ar") != caught.value.advise()


def test_a_bomb_is_seen_by_what_it_says_of_itself_and_opened_no_further() -> None:
    """An archive whose parts claim 4 GB, and one that lies about it: neither grows here."""
    claims = zipped({**DOCX, "word/media/a": zlib.compress(bytes(10))})
    directory = claims.rindex(b"PK\x01\x02")
    claims = claims[: directory + 24] + struct.pack("<I", 0xFFFFFFF0) + claims[directory + 28 :]
    with pytest.raises(UnsupportedMedia, match="beyond measure"):
        told(claims)
    lies = zipped({"[Content_Types].xml": bytes(50_000_000)})
    directory = lies.rindex(b"PK\x01\x02")
    lies = lies[: directory + 24] + struct.pack("<I", 100) + lies[directory + 28 :]
    with pytest.raises(UnsupportedMedia):
        told(lies)


def test_any_bytes_get_an_answer() -> None:
    """Every file cut anywhere, and with any byte changed, is known or refused; nothing else is raised."""
    for data in (EMPTY_PDF, png(3, 2), jpeg(3, 2), office("docx"), odf("text")):
        for place in range(0, len(data), 3):
            for broken in (data[:place], data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :]):
                with suppress(UnsupportedMedia):
                    assert told(broken) in KINDS
