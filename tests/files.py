"""Small files of every kind that may be attached, made here byte by byte."""

import io
import struct
import zipfile
import zlib

from registry.filetypes import _OFFICE

EMPTY_PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def pdf(within: bytes = b"") -> bytes:
    """A page-less PDF, with something else inside it."""
    return EMPTY_PDF.replace(b"trailer", within + b"\ntrailer") if within else EMPTY_PDF


def png(width: int, height: int) -> bytes:
    """A black picture, of which the size is only said."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(8))) + chunk(b"IEND", b"")


def jpeg(width: int, height: int) -> bytes:
    """The segments of a picture up to its size, and its end."""
    comment = b"\xff\xfe" + struct.pack(">H", 6) + b"note"
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 8, 8, height, width, 0)
    return b"\xff\xd8\xff\xe0" + struct.pack(">H", 4) + b"JF" + comment + frame + b"\xff\xd9"


def zipped(parts: dict[str, bytes]) -> bytes:
    """An archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


DOCX = {"[Content_Types].xml": b'<Override ContentType="' + _OFFICE["docx"] + b'"/>', "word/document.xml": b"<w/>"}


def office(kind: str) -> bytes:
    """An office document of the newer kind."""
    return zipped({"[Content_Types].xml": b'<Override ContentType="' + _OFFICE[kind] + b'"/>'})


def odf(kind: str, more: dict[str, bytes] | None = None) -> bytes:
    """An OpenDocument file."""
    said = f"application/vnd.oasis.opendocument.{kind}".encode()
    return zipped({"mimetype": said, "content.xml": b"<o/>", **(more or {})})
