"""What kind a file is, told by what stands in it, never by its name or by what its sender says.

The kinds are the codes of `vocabulary/file-type`. Each has one test of its structure: a file that is cut, says
that it holds programs, is two kinds at once, or would grow beyond measure by what it says of itself, is refused with
the reason. It is no search for malice: nothing is unpacked here and nothing is drawn, and readers get every file as a
download in a sandbox. Sources: ISO 32000-1, 7.5; W3C PNG, 5; ITU-T T.81, annex B; ECMA-376, part 2;
OASIS OpenDocument 1.3, part 2; 2005 report, paragraph 7 (attachments).
"""

from __future__ import annotations

import codecs
import html
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import IO

from registry.errors import UnsupportedMedia

MOST_PIXELS = 100_000_000
MOST_ENTRIES = 5_000
MOST_SEGMENTS = 1_000  # of a JPEG before its frame
MOST_UNPACKED = 300_000_000  # bytes of all that an archive holds
_PIECE = 2**16
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_UNSEEN = " \t\r\n\f\ufeff\u00a0\u00ad\u200b\u200c\u200d\u200e\u200f\u2060"
_TAIL = 1024  # how far from its end a PDF may say that it ends

_OFFICE = {
    "docx": b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
    "xlsx": b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
    "pptx": b"application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml",
}
_OPEN = {
    b"application/vnd.oasis.opendocument.text": "odt",
    b"application/vnd.oasis.opendocument.spreadsheet": "ods",
    b"application/vnd.oasis.opendocument.presentation": "odp",
}
_ZIP_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, KeyError)

KINDS = ("pdf", "docx", "xlsx", "pptx", "odt", "ods", "odp", "csv", "txt", "png", "jpeg")


def recognised(source: IO[bytes], name: str) -> str:
    """The code of the kind of a file; `name` only tells a table from a text.

    Raises UnsupportedMedia, with the reason and the remedy, for a file that is not taken.
    """
    source.seek(0)
    head = source.read(16)
    for beginning, test in _TESTS.items():
        if head.startswith(beginning):
            kind = test(source)
            if kind not in (*_OFFICE, *_OPEN.values()) and zipfile.is_zipfile(source):
                raise UnsupportedMedia(
                    "The file is two kinds of file at once.",
                    remedy="Save it anew as PDF, and attach that.",
                    where="file",
                )
            return kind
    return _text(source, name)


def _pdf(source: IO[bytes]) -> str:
    if b"%%EOF" not in _last(source, _TAIL):
        raise _cut()
    return "pdf"


def _png(source: IO[bytes]) -> str:
    source.seek(8)
    head = source.read(16)
    if len(head) < 16 or head[4:8] != b"IHDR" or not _last(source, 12).endswith(b"IEND\xaeB`\x82"):
        raise _cut()
    _demand_pixels(*struct.unpack(">II", head[8:16]))
    return "png"


def _jpeg(source: IO[bytes]) -> str:
    """Walks the segments up to the one that states the size of the picture."""
    if not _last(source, _TAIL).rstrip(b"\0\r\n ").endswith(b"\xff\xd9"):
        raise _cut()
    source.seek(2)
    for _segment in range(MOST_SEGMENTS):
        head = source.read(4)
        if len(head) < 4 or head[0] != 0xFF:
            break
        marker, length = head[1], int.from_bytes(head[2:], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            frame = source.read(5)
            if len(frame) < 5:
                break
            _demand_pixels(int.from_bytes(frame[3:5], "big"), int.from_bytes(frame[1:3], "big"))
            return "jpeg"
        source.seek(max(length, 2) - 2, 1)
    raise _cut()


def _demand_pixels(width: int, height: int) -> None:
    if not 0 < width * height <= MOST_PIXELS:
        raise UnsupportedMedia(
            "The picture is {width} by {height} dots: too many to open.",
            remedy="Make it smaller, and attach it again.",
            where="file",
            width=width,
            height=height,
        )


def _archive(source: IO[bytes]) -> str:
    """An office document: an archive that says which kind it is, without programs and without measureless parts."""
    end = _last(source, 22)  # the record at the end of an archive without a comment
    if end[:4] != b"PK\x05\x06":
        raise _cut()
    if struct.unpack("<H", end[10:12])[0] > MOST_ENTRIES:
        raise UnsupportedMedia(
            "The file grows beyond measure when it is opened.",
            remedy="Save it anew as PDF, and attach that.",
            where="file",
        )
    try:
        with zipfile.ZipFile(source) as archive:
            _demand_plain(archive)
            return _office(archive)
    except _ZIP_BROKEN as error:
        raise _cut() from error


def _demand_plain(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if len(parts) > MOST_ENTRIES or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise UnsupportedMedia(
            "The file grows beyond measure when it is opened.",
            remedy="Save it anew as PDF, and attach that.",
            where="file",
        )
    if any(part.flag_bits & 1 for part in parts):
        raise UnsupportedMedia(
            "The file is locked with a password.",
            remedy="Send it without one: what is published is for all.",
            where="file",
        )
    names = [part.filename for part in parts]
    if any(name.startswith("/") or "\\" in name or ".." in name.split("/") for name in names):
        raise UnsupportedMedia(
            "The file holds parts that point outside of it.",
            remedy="Save it anew as PDF, and attach that.",
            where="file",
        )
    pieces = {piece for name in names for piece in name.lower().split("/")}
    if pieces & {"vbaproject.bin", "vbadata.xml", "basic", "scripts", "macros"} or any(":" in name for name in names):
        raise _programs()


def _office(archive: zipfile.ZipFile) -> str:
    names = set(archive.namelist())
    if "mimetype" in names and (kind := _OPEN.get(_said(archive, "mimetype").strip())):
        return kind
    said = _said(archive, "[Content_Types].xml") if "[Content_Types].xml" in names else b""
    if b"macroEnabled" in html.unescape(said.decode("utf-8", "replace")).encode():
        raise _programs()
    found = [kind for kind, word in _OFFICE.items() if word in said]
    if len(found) != 1:
        raise UnsupportedMedia("An archive is not taken.", remedy="Attach the files in it one by one.", where="file")
    return found[0]


def _said(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as part:
        return part.read(1_000_000)


def _old(_source: IO[bytes]) -> str:
    raise UnsupportedMedia(
        "Files of this older kind (.doc, .xls, .ppt) can hold programs.",
        remedy="Save it as PDF, DOCX or ODT.",
        where="file",
    )


def _text(source: IO[bytes], name: str) -> str:
    """A text or a table in UTF-8. What begins like a page, a drawing or a program is none."""
    source.seek(0)
    decoder, first = codecs.getincrementaldecoder("utf-8-sig")(), ""
    try:
        while piece := source.read(_PIECE):
            text = decoder.decode(piece)
            if _NO_TEXT.search(text):
                raise _unknown()
            first = first or text.lstrip(_UNSEEN)[:16]
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise _unknown() from error
    if not first:
        raise UnsupportedMedia("The file is empty.", remedy="Choose another file.", where="file")
    if first.startswith(("<", "#!", "{\\rtf", "%!")):
        raise _unknown()
    return "csv" if name.lower().endswith((".csv", ".tsv")) else "txt"


def _last(source: IO[bytes], count: int) -> bytes:
    source.seek(max(source.seek(0, 2) - count, 0))
    return source.read()


def _cut() -> UnsupportedMedia:
    return UnsupportedMedia(
        "The file is damaged or cut.", remedy="Open it to see whether it is whole, and attach it again.", where="file"
    )


def _programs() -> UnsupportedMedia:
    return UnsupportedMedia(
        "The file holds programs (macros).", remedy="Save it without them, or as PDF.", where="file"
    )


def _unknown() -> UnsupportedMedia:
    return UnsupportedMedia(
        "Files of this kind are not taken.",
        remedy="Attach a PDF, a DOCX, XLSX, PPTX, ODT, ODS or ODP, a PNG or JPEG, or a text or table in UTF-8.",
        where="file",
    )


_TESTS: dict[bytes, Callable[[IO[bytes]], str]] = {
    b"%PDF-": _pdf,
    b"\x89PNG\r\n\x1a\n": _png,
    b"\xff\xd8\xff": _jpeg,
    b"PK\x03\x04": _archive,
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": _old,
}
