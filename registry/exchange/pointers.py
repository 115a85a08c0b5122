"""Where a finding points to in a record's compact JSON-LD: a JSON pointer.

Source: RFC 6901.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from registry.findings import Finding
from registry.terms import Literal, NamedNode


def pointer(document: Any, finding: Finding) -> str:
    """The pointer to the value that a finding is about, else to its field, else to the part that lacks the field."""
    node, place = next(_nodes(document, "", finding.focus.value), (None, ""))
    if node is None or not (finding.key or finding.path):
        return place
    unnamed = finding.path.value if finding.path else ""
    key = unnamed if unnamed in node else "type" if unnamed.endswith("#type") else finding.key
    return f"{place}/{_escaped(key)}{_within(node.get(key), finding)}"


def _nodes(node: Any, place: str, name: str) -> Iterator[tuple[dict[str, Any], str]]:
    """The objects of a document that are about something, with their pointers."""
    if isinstance(node, dict):
        if node.get("id", node.get("@id")) == name:
            yield node, place
        for key, value in node.items():
            yield from _nodes(value, f"{place}/{_escaped(key)}", name)
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from _nodes(value, f"{place}/{number}", name)


def _within(value: Any, finding: Finding) -> str:
    """The rest of the pointer, into a list or a language map, where the value can be told."""
    term = finding.term
    said = term.value if isinstance(term, (NamedNode, Literal)) else finding.value
    if isinstance(value, dict):
        lang = term.language if isinstance(term, Literal) else None
        tags = [tag for tag, text in value.items() if tag == lang or (lang is None and said and text == said)]
        return f"/{_escaped(tags[0])}" if len(tags) == 1 else ""
    if isinstance(value, list):
        places = [number for number, one in enumerate(value) if said and _plain(one) == said]
        return f"/{places[0]}" if len(places) == 1 else ""
    return ""


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return value.get("id", value.get("@value", value.get("@id")))
    return value if isinstance(value, str) else str(value)


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
