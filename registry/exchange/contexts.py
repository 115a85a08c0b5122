"""The contexts and frames of JSON-LD: frozen files of the room `contexts/`, and what the formats give now.

A context is published at an immutable address, so it is drawn from its format once (`registry freeze`) and served from
the file ever after. In the file the registry's own terms are relative to the base, so it holds on any installation.
A format without a file is drawn at each start: a new format needs only its shape.
Source: https://www.w3.org/TR/json-ld11/, https://www.w3.org/TR/json-ld11-framing/.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from registry import house
from registry.errors import HouseBroken
from registry.exchange import jsonld
from registry.formats import Format
from registry.terms import Own

ROOM = "contexts"
FRAME = ".frame.jsonld"
CONTEXT = ".jsonld"


@dataclass(frozen=True)
class Contexts:
    """What JSON-LD of the registry is read and written with, by address; `frozen` are those that never change."""

    contexts: dict[str, Any] = field(default_factory=dict)
    frames: dict[str, Any] = field(default_factory=dict)
    frozen: frozenset[str] = frozenset()


def read(folder: Path, formats: Iterable[Format], own: Own) -> Contexts:
    """The frozen contexts and frames of a house, all versions, and those of formats that are not frozen yet."""
    contexts, frames = {}, {}
    for path in house.files(folder, ROOM, "*" + CONTEXT):
        stated = _absolute(_parsed(path), own.base)
        if path.name.endswith(FRAME):
            frames[f"{own.base}frame/{path.name.removesuffix(FRAME)}{CONTEXT}"] = stated
        else:
            contexts[f"{own.base}context/{path.name}"] = stated["@context"]
    frozen = frozenset([*contexts, *frames])
    for format in formats:
        contexts.setdefault(jsonld.address(format, own), jsonld.context(format, own)["@context"])
        frames.setdefault(frame_address(format, own), jsonld.frame(format, own))
    return Contexts(contexts, frames, frozen)


def frame_address(format: Format, own: Own) -> str:
    """Where the frame of a format is, beside its context."""
    return f"{own.base}frame/{format.key}.v{format.context_version}{CONTEXT}"


def freeze(folder: Path, formats: Iterable[Format], own: Own) -> tuple[list[str], list[str]]:
    """Write the contexts and frames that have no file yet: the files written, and the faults of those that differ.

    A file that is there is never written again: a format that changed gets the next number (reg:contextVersion).
    """
    written, faults = [], []
    (folder / ROOM).mkdir(exist_ok=True)
    for format in formats:
        for name, document in _drawn(format, own).items():
            path = folder / ROOM / name
            if not path.exists():
                path.write_bytes(document)
                written.append(name)
            elif path.read_bytes() != document:
                faults.append(_changed(name, format))
    return written, faults


def drift(folder: Path, formats: Iterable[Format], own: Own) -> Iterator[str]:
    """The formats that no longer give what was frozen, or are not frozen; none in a house that freezes nothing."""
    if not house.files(folder, ROOM, "*" + CONTEXT):
        return
    for format in formats:
        for name, document in _drawn(format, own).items():
            path = folder / ROOM / name
            if not path.exists():
                yield f"{ROOM}/{name}: {format.key} is not frozen; run registry freeze"
            elif path.read_bytes() != document:
                yield _changed(name, format)


def _changed(name: str, format: Format) -> str:
    return f"{ROOM}/{name}: {format.iri.value} gives another one now; raise its reg:contextVersion"


def _drawn(format: Format, own: Own) -> dict[str, bytes]:
    """The two files of a format as its shape gives them."""
    stem = f"{format.key}.v{format.context_version}"
    documents = {stem + CONTEXT: jsonld.context(format, own), stem + FRAME: jsonld.frame(format, own)}
    return {name: jsonld.dumps(_relative(document, own.base)) for name, document in documents.items()}


def _parsed(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise HouseBroken("This file is not JSON: {reason}", where=path.name, reason=error) from error


def _relative(node: Any, base: str) -> Any:
    """A document with the addresses below the base cut down to `<path>`."""
    if isinstance(node, dict):
        return {key: _relative(value, base) for key, value in node.items()}
    if isinstance(node, list):
        return [_relative(item, base) for item in node]
    return f"<{node.removeprefix(base)}>" if isinstance(node, str) and node.startswith(base) else node


def _absolute(node: Any, base: str) -> Any:
    """A document with each `<path>` made an address below the base."""
    if isinstance(node, dict):
        return {key: _absolute(value, base) for key, value in node.items()}
    if isinstance(node, list):
        return [_absolute(item, base) for item in node]
    own = isinstance(node, str) and node.startswith("<") and node.endswith(">")
    return base + node[1:-1] if own else node
