"""The files of the look, and those of others that pages load: each an answer, kept whole and compressed.

All of `static/`, its folders too, have one kind of address: `/static/{name}`.
"""

from __future__ import annotations

from pathlib import Path

from web.answers import FOREVER, Answer

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
FILES = {
    path.name: Answer(path.read_bytes(), TYPES[path.suffix], cache=FOREVER)
    for path in sorted((Path(__file__).parent / "static").rglob("*"))
    if path.suffix in TYPES
}


def versioned(name: str) -> str:
    """The path of a file below the base; it changes with its content, so that it may be kept for ever."""
    return f"static/{name}?v={FILES[name].digest[:10]}"


def weight(*names: str) -> int:
    """The bytes of these files on their way to a browser, all of which take gzip."""
    return sum(len(FILES[name].zipped) for name in names)
