"""A JSON-LD document that somebody sends > the same with the contexts it names put in their place, and nothing lost.

JSON-LD passes over a key that the context does not know, without a word. In a document that uses a context of the
registry such a key is a mistake, and is refused by its name and place.
Source: https://www.w3.org/TR/json-ld11/, section 4.1 (contexts) and 4.6.2 (language maps).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any

from registry.errors import Unreadable
from registry.terms import Literal, NamedNode

MAX_DEPTH = 100
KEYWORDS = frozenset(
    [
        *("@context", "@direction", "@graph", "@id", "@included", "@index", "@json", "@language", "@list", "@nest"),
        *("@none", "@reverse", "@set", "@type", "@value", "@version"),
    ]
)


LONG = 20
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_OURS = re.compile(r"_:|#|/?(id|doc|file|format|vocabulary)/")


class Inexact(str):
    """A number with a fraction or too many digits, as it was written: JSON-LD would make an xsd:double of it."""


def _whole(digits: str) -> int | Inexact:
    return int(digits) if len(digits) <= LONG else Inexact(digits)


@dataclass(frozen=True)
class _Scope:
    """What holds at one place of a document: the keys that mean something, and whether others are mistakes."""

    contexts: Mapping[str, Any]
    terms: Mapping[str, Any] = field(default_factory=dict)
    strict: bool = False
    depth: int = 0
    path: str = ""

    def below(self, key: str) -> _Scope:
        """One level deeper."""
        if self.depth >= MAX_DEPTH:
            raise too_deep()
        return replace(self, depth=self.depth + 1, path=f"{self.path}/{key}")

    def under(self, stated: Any) -> _Scope:
        """After a context; one of the registry's makes keys strict, a @vocab gives every key a meaning."""
        if isinstance(stated, list):
            scope = self
            for one in stated:
                scope = scope.under(one)
            return scope
        if stated is None:
            return replace(self, terms={}, strict=False)
        known = self.contexts.get(stated) if isinstance(stated, str) else stated
        if not isinstance(known, dict):
            return self
        strict = self.strict or isinstance(stated, str) or self._published(known)
        return replace(self, terms={**self.terms, **known}, strict=strict and "@vocab" not in known)

    def _published(self, context: dict[str, Any]) -> bool:
        """Whether a context that stands in the document is a copy of one that the registry publishes."""
        plain = {key: term for key, term in context.items() if key != "@version"}
        return any(plain == {k: t for k, t in known.items() if k != "@version"} for known in self.contexts.values())

    def check(self, key: str) -> None:
        """Refuse a key that JSON-LD would pass over in silence."""
        if not self.strict or key in KEYWORDS or key in self.terms or ":" in key[1:]:
            return
        near = get_close_matches(key, sorted(self.terms.keys() - KEYWORDS), 3, 0.5)
        place = self.path.lstrip("/") or "the document"
        if near:
            raise Unreadable(
                "The key {key} means nothing in the context of this document.",
                remedy="Did you mean {near}?",
                where=place,
                key=key,
                near=", ".join(near),
            )
        raise Unreadable(
            "The key {key} means nothing in the context of this document.",
            remedy="Take it away, or write the whole address of a property.",
            where=place,
            key=key,
        )


def substituted(text: str, contexts: Mapping[str, Any]) -> str:
    """The document with the contexts it names put in their place.

    Raises Unreadable for what is no JSON, a context nobody knows here, a key without a meaning, a number that JSON-LD
    would make inexact.
    """
    try:
        document = json.loads(text, parse_float=Inexact, parse_int=_whole)
        whole = json.dumps(_node(document, _Scope(contexts)), ensure_ascii=False)
        whole.encode()
    except UnicodeEncodeError as error:
        raise Unreadable(
            "The file holds half of a sign, which is no text in UTF-8.", remedy="Write whole characters, in UTF-8."
        ) from error
    except json.JSONDecodeError as error:
        raise unparsed("JSON-LD", error.lineno, error.msg) from error
    except RecursionError as error:
        raise too_deep() from error
    return whole


def _node(node: Any, scope: _Scope) -> Any:
    if isinstance(node, Inexact):
        raise Unreadable(
            "The number {value} has no exact meaning in JSON-LD.",
            remedy='Write decimals as text: "{value}".',
            value=node if len(node) <= LONG else f"{node[:LONG]}…",
        )
    if isinstance(node, list):
        return [_node(item, scope.below(str(number))) for number, item in enumerate(node)]
    if not isinstance(node, dict):
        return node
    if "@context" in node:
        scope = scope.under(node["@context"])
    return {key: _valued(key, value, scope) for key, value in node.items()}


def _valued(key: str, value: Any, scope: _Scope) -> Any:
    if key in ("@context", "@import"):
        return _context(value, scope)
    if key == "@version" and isinstance(value, Inexact):
        return float(value)
    scope.check(key)
    term, inner = scope.terms.get(key), scope.below(key)
    if isinstance(term, dict) and term.get("@type") == "@id":
        value = _kept(value, scope.strict)
    if "@id" in (key, term) and isinstance(value, str) and not _address(value):
        raise unparsed("JSON-LD", None, f"“{value}” is no address, so it cannot be an @id")
    if key == "@language" and isinstance(value, str):
        _demand_language(value)
    stated = term.get("@container") if isinstance(term, dict) else None
    by_language = "@language" in stated if isinstance(stated, (str, list, dict)) else False
    if isinstance(value, dict) and by_language:
        for tag in value.keys() - {"@none"}:
            _demand_language(tag)
        return {tag: _node(said, inner) for tag, said in value.items()}
    return _node(value, inner)


def _kept(value: Any, strict: bool) -> Any:
    """Texts where addresses belong: one that can be none stays, as a text, for the checks to tell of it.

    JSON-LD would pass over "see our page" without a word, and of "" or "example.org" make an address of the registry.
    """
    if isinstance(value, list):
        return [_kept(one, strict) for one in value]
    return {"@value": value} if isinstance(value, str) and not _address(value, strict) else value


def _address(text: str, strict: bool = False) -> bool:
    """Whether a text can be an address: a whole one or a relative one; `strict`: that only into a room of ours."""
    whole = _SCHEME.match(text)
    try:
        return bool(whole or not strict or _OURS.match(text)) and bool(NamedNode(text if whole else f"urn:{text}"))
    except ValueError:
        return False


def _demand_language(tag: str) -> None:
    """Refuse what is no language tag, such as `en_GB`: its text would be passed over without a word."""
    try:
        Literal("", language=tag)
    except ValueError as error:
        raise unparsed("JSON-LD", None, f"“{tag}” is no language tag") from error


def _context(value: Any, scope: _Scope) -> Any:
    if isinstance(value, str):
        if value not in scope.contexts:
            raise Unreadable(
                "The context {address} is not known here, and none is fetched.",
                remedy="Use one of the contexts that the registry publishes, or write the context into the file.",
                where="@context",
                address=value,
            )
        return scope.contexts[value]
    if isinstance(value, list):
        return [_context(item, scope.below("@context")) for item in value]
    return _definitions(value, scope.below("@context"))


def _definitions(value: Any, scope: _Scope) -> Any:
    """A context that stands in the document: its terms are defined here, so none of them is unknown."""
    if isinstance(value, dict):
        loose = replace(scope, strict=False, terms={})
        return {key: _valued(key, inner, loose) for key, inner in value.items()}
    return _node(value, scope)


def unparsed(syntax: str, line: int | None, reason: str) -> Unreadable:
    """A file that its parser cannot read, with the line."""
    return Unreadable(
        "The file cannot be read as {syntax}: {reason}",
        remedy="Mend this line; if the file ends there, it was cut: send it whole.",
        where=f"line {line}" if line else "",
        syntax=syntax,
        reason=reason.rstrip(".") + ".",
    )


def too_deep() -> Unreadable:
    """A file that is nested beyond any record's depth."""
    return Unreadable("The file is nested deeper than {limit} levels.", remedy="Write it flat.", limit=MAX_DEPTH)
