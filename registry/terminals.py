"""What a stranger's query is made of, read terminal by terminal before any engine parses it.

A text of some kilobytes can bring an engine down, and SERVICE and LOAD make it call elsewhere. So length, depth and
number of patterns are bounded, and what calls or writes is refused in words. Text inside strings, IRIs and comments is
never taken for a keyword. The engine reads keywords without a boundary behind them (`SERVICEx:y {` calls), so a bare
word that holds one counts. Each character is looked at a bounded number of times.
Source: https://www.w3.org/TR/sparql11-query/#sparqlGrammar, terminals.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from registry.errors import BadParameter, TooLarge, Unreadable

LONGEST = 65_536  # characters
DEEPEST = 100  # brackets within brackets, and signs before signs
PATTERNS = 200  # of triples, and the clauses that hold them
OPERATORS = 500

_TERMINAL = re.compile(
    r"""(?P<skip>\#[^\n\r]*+|\s++)
 |(?P<iri><[^<>"{}|^`\x00-\x20]*+>)
 |(?P<string>\"\"\"(?:"{0,2}+(?:[^"\\]|\\.))*+\"\"\"|'''(?:'{0,2}+(?:[^'\\]|\\.))*+'''
   |"(?!"")(?:[^"\\\n\r]|\\.)*+"|'(?!'')(?:[^'\\\n\r]|\\.)*+')
 |(?P<open>["'])
 |(?P<variable>[?$]\w++)
 |(?P<tag>@[a-zA-Z]++(?:-[a-zA-Z0-9]++)*+(?:--[a-zA-Z]++)?+)
 |(?P<blank>_:[\w.·-]*+)
 |(?P<number>\d++(?:\.\d++)?+(?:[eE][+-]?\d++)?+)
 |(?P<name>(?=[^\W\d_]|:)(?P<word>[^\W\d_][\w.·-]*+)?+(?P<local>:(?:[\w:.·-]|%[0-9A-Fa-f]{2}|\\[^\n\r])*+)?+)
 |(?P<sign>.)""",
    re.VERBOSE | re.DOTALL,
)
_WRITES = ("insert", "delete", "load", "clear", "drop", "create", "add", "move", "copy", "with")
_VARYING = ("now", "rand", "uuid")  # functions that answer otherwise each time
_CALLED = re.compile(rf"(?:{'|'.join(_VARYING)})\(")
_HEADS = ("select", "ask", "construct", "describe")
_CLAUSES = ("optional", "union", "minus", "graph", "filter", "bind", "exists", "values")
_PLACE = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)
_CLASS = re.compile(r"(?<!\")\[[^\]]*\]")  # of characters, as the engine's grammar writes them
_PREFIX = "Prefix not found"
_REASON = re.compile(r"\b[A-Z][A-Za-z]+ [a-z]")  # words for people among the terminals


@dataclass(frozen=True)
class Terminals:
    """What the terminals of a query tell: whether it names its own dataset, whether it answers otherwise each time."""

    own: bool
    varies: bool


def read(query: str, longest: int = LONGEST) -> Terminals:
    """Look a query over.

    Raises TooLarge, BadParameter (depth, patterns, SERVICE, an update: no query is one, so it is malformed by the
    protocol, section 2.1.4), Unreadable (a text without its end, an escape where none is read, a begin of no query).
    """
    if len(query) > longest:
        raise TooLarge(
            "A query may have at most {count} characters here.",
            remedy="Ask for less at once, or send it by POST, which takes {most}.",
            where="query",
            count=longest,
            most=LONGEST,
        )
    reader = _Reader(query)
    for found in _TERMINAL.finditer(query):
        reader.meet(found)
    return Terminals(own=reader.own, varies=reader.varies)


class _Reader:
    """Meets one terminal after the other."""

    def __init__(self, query: str) -> None:
        self._query = query
        self._brackets: list[str] = []
        self._signs = self._patterns = self._operators = 0
        self._head = ""  # the first word behind the prologue
        self._before = ""
        self._calling = False
        self.own = self.varies = False

    def meet(self, found: re.Match[str]) -> None:
        kind, text = found.lastgroup or "", found.group()
        if kind == "skip":
            return
        if kind == "open":
            raise _no_end(self._query, found.start())
        if kind == "iri":  # or is it a < and a >, and what stands between them
            self.varies = self.varies or bool(_CALLED.search(text.lower()))
        if kind in ("name", "blank"):  # what ends with a stop ends a pattern
            self._patterns += text.count(".") if kind == "blank" else len(text) - len(text.rstrip("."))
            self._bounded()
        if kind == "name":
            self._name((found["word"] or "").lower(), found["local"], found.start())
        elif kind == "sign":
            self._sign(text, found.start())
        self._calling = kind == "name" and found["local"] is not None and "service" in (found["word"] or "").lower()
        self._calling = self._calling and self._before != "graph"
        self._before = text.lower()
        self._signs = self._signs if text in "!-+^" else 0

    def _name(self, word: str, local: str | None, at: int) -> None:
        if "from" in word and not self._brackets and self._before != "prefix":
            self.own = True
        if local is not None:
            return
        if "service" in word:
            raise _calls()
        self._head = self._head or (word if not word.startswith(("prefix", "base", "version")) else "")
        if self._head.startswith(_WRITES):
            raise BadParameter(
                "This service only reads: {word} is refused.",
                remedy="Records are sent through the interface for programs, or at the desk.",
                where="query",
                word=self._head.upper(),
            )
        if self._head and not self._head.startswith(_HEADS):
            raise Unreadable(
                "A query begins with SELECT, ASK, CONSTRUCT or DESCRIBE, not with {word}.",
                where=place(self._query, at),
                word=self._head.upper(),
            )
        self.varies = self.varies or any(name in word for name in _VARYING)
        self._patterns += any(name in word for name in _CLAUSES)
        self._bounded()

    def _sign(self, sign: str, at: int) -> None:
        if sign == "\\":
            raise Unreadable(
                "There is an escape at line {line}, column {column}, where none is read.",
                remedy="Escape inside of texts and IRIs only.",
                where=place(self._query, at),
                **_at(self._query, at),
            )
        if sign in "{([":
            if sign == "{" and self._calling:
                raise _calls()
            self._brackets.append(sign)
        elif sign in "})]":
            del self._brackets[-1:]
        elif sign in ".;" or (sign == "," and self._brackets[-1:] != ["("]):
            self._patterns += 1
        else:
            self._operators += 1
            self._signs += 1
        self._bounded()

    def _bounded(self) -> None:
        if len(self._brackets) + self._signs > DEEPEST:
            raise BadParameter("A query may be at most {count} brackets or signs deep.", where="query", count=DEEPEST)
        if self._patterns > PATTERNS:
            raise BadParameter("A query may have at most {count} patterns.", where="query", count=PATTERNS)
        if self._operators > OPERATORS:
            raise BadParameter("A query may have at most {count} operators.", where="query", count=OPERATORS)


def _calls() -> BadParameter:
    return BadParameter(
        "SERVICE is refused: this service calls no other.",
        remedy="Ask both, and join the answers on your side, or ask from an engine of your own.",
        where="query",
    )


def _no_end(query: str, at: int) -> Unreadable:
    return Unreadable(
        "The text that begins at line {line}, column {column} does not end.",
        remedy="Close it with the same quotation mark; a text of several lines stands between three.",
        where=place(query, at),
        **_at(query, at),
    )


def unread(said: str, query: str = "") -> Unreadable:
    """What the engine says of a query that it cannot parse, as an error with its place."""
    if _PREFIX in said and (missing := _undeclared(query)):
        return Unreadable(
            "Nothing says what {prefix} stands for.",
            remedy="Begin the query with PREFIX {prefix} and the address that it stands for, between < and >.",
            where=place(query, missing.start()),
            prefix=f"{missing['word'] or ''}:",
        )
    found = _PLACE.match(said)
    if not found:
        return Unreadable("The query cannot be read: {said}", where="query", said=said)
    line, column, rest = found.groups()
    expected = [one.strip() for one in re.sub(r"\s+", " ", _CLASS.sub("", rest)).split(", ")]
    reasons = [one.removeprefix("expected one of ") for one in expected if _REASON.search(one)]
    return Unreadable(
        "The query cannot be read at line {line}, column {column}: {said}.",
        where=f"query:{line}:{column}",
        line=line,
        column=column,
        said=", ".join(reasons or filter(None, expected)),
    )


def _undeclared(query: str) -> re.Match[str] | None:
    """The first name whose prefix no PREFIX before it declares."""
    declared, before = set(), ""
    for found in _TERMINAL.finditer(query):
        if found.lastgroup == "name" and found["local"] is not None:
            if before == "prefix":
                declared.add(found["word"])
            elif found["word"] not in declared:
                return found
        if found.lastgroup != "skip":
            before = found.group().lower()
    return None


def place(query: str, at: int) -> str:
    """Where a character stands: `query:2:17`."""
    found = _at(query, at)
    return f"query:{found['line']}:{found['column']}"


def _at(query: str, at: int) -> dict[str, int]:
    before = query[:at]
    return {"line": before.count("\n") + 1, "column": at - (before.rfind("\n") + 1) + 1}
