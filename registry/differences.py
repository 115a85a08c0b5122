"""Two versions of a record > what became of each field: graph against graph, by the fields of the format.

Values that a field holds in one graph only were removed or added; parts are the same part when they have the same
fragment. `apply` makes the one graph of the other, so nothing is forgotten. Texts are compared word by word, Chinese
character by character. Source: 2005 report, paragraph 23 (b), which wants records kept up to date in the open.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

from registry.shape import Field
from registry.terms import Graph, Literal, NamedNode, Term, Triple

ADDED, REMOVED, CHANGED, SAME = "added", "removed", "changed", "same"
_SENTENCES = re.compile(r"[^.!?。！？؟\n]*(?:[.!?。！？؟]+|\n+|$)\s*")
_WORDS = re.compile(r"\w+\s*|[^\w\s]\s*|\s+")
_EFFORT = 400_000  # pairs of equal words to look at, beyond which a passage counts as rewritten


@dataclass(frozen=True)
class Piece:
    """A stretch of a text: `how` is same, added or removed."""

    how: str
    text: str


@dataclass(frozen=True)
class TextChange:
    """A text in one language, before and after; None where there was or is none."""

    language: str
    before: str | None
    after: str | None

    @property
    def how(self) -> str:
        """What became of the text: added, removed or changed."""
        return ADDED if self.before is None else REMOVED if self.after is None else CHANGED

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The text with what was taken out and put in."""
        return pieces(self.before or "", self.after or "", self.language)


@dataclass(frozen=True)
class PartChange:
    """What became of a part: it was added, removed, or changed in some of its fields."""

    part: NamedNode
    how: str
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Change:
    """What became of one field: all its values before and after; for a field of parts, the parts that differ."""

    subject: NamedNode
    field: Field
    before: tuple[Term, ...]
    after: tuple[Term, ...]
    parts: tuple[PartChange, ...] = ()

    @property
    def removed(self) -> tuple[Term, ...]:
        """The values that are no longer there."""
        return tuple(value for value in self.before if value not in self.after)

    @property
    def added(self) -> tuple[Term, ...]:
        """The values that were not there."""
        return tuple(value for value in self.after if value not in self.before)

    @property
    def replaced(self) -> bool:
        """One value took the place of another."""
        return len(self.before) == len(self.after) == 1

    @property
    def texts(self) -> tuple[TextChange, ...]:
        """The values by language, for a field of texts."""
        old, new = _by_language(self.removed), _by_language(self.added)
        return tuple(
            TextChange(language, before, after)
            for language in dict.fromkeys([*old, *new])
            for before, after in zip_longest(old.get(language, ()), new.get(language, ()))
        )


@dataclass(frozen=True)
class Differences:
    """All that differs between two graphs: field by field, and as the triples that one has and the other has not."""

    changes: tuple[Change, ...]
    removed: Graph
    added: Graph

    def __bool__(self) -> bool:
        return bool(self.removed or self.added)

    def apply(self, graph: Graph) -> Graph:
        """The graph after the change, of the graph before it."""
        return Graph((graph.triples - self.removed.triples) | self.added.triples)


def differences(record: NamedNode, before: Graph, after: Graph, fields: Iterable[Field]) -> Differences:
    """What must happen to one graph of a record to give the other."""
    return Differences(
        changes=tuple(_changes(record, before, after, fields)),
        removed=Graph(before.triples - after.triples),
        added=Graph(after.triples - before.triples),
    )


def _changes(subject: NamedNode, before: Graph, after: Graph, fields: Iterable[Field]) -> Iterator[Change]:
    for field in fields:
        old, new = before.objects(subject, field.path), after.objects(subject, field.path)
        parts = tuple(_parts(field, before, after, old, new)) if field.part else ()
        if parts or set(old) != set(new):
            yield Change(subject, field, tuple(old), tuple(new), parts)


def _parts(field: Field, before: Graph, after: Graph, old: list[Term], new: list[Term]) -> Iterator[PartChange]:
    """The parts of a field that differ, each known by its fragment."""
    assert field.part
    for part in dict.fromkeys([*old, *new]):
        if isinstance(part, NamedNode):
            changes = tuple(_changes(part, before, after, field.part.fields))
            how = CHANGED if part in old and part in new else ADDED if part in new else REMOVED
            if changes or how != CHANGED:
                yield PartChange(part, how, changes)


def told(changes: Iterable[Change]) -> tuple[Graph, Graph]:
    """The triples that changes tell of: those removed and those added."""
    removed, added = set[Triple](), set[Triple]()
    for change in changes:
        removed |= {Triple(change.subject, change.field.path, value) for value in change.removed}
        added |= {Triple(change.subject, change.field.path, value) for value in change.added}
        for part in change.parts:
            inner = told(part.changes)
            removed |= inner[0].triples
            added |= inner[1].triples
    return Graph(removed), Graph(added)


def _by_language(values: Iterable[Term]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for value in values:
        if isinstance(value, Literal):
            found.setdefault(value.language or "und", []).append(value.value)
    return found


def pieces(before: str, after: str, language: str) -> tuple[Piece, ...]:
    """A text with what was taken out and put in: sentence by sentence first, then word by word where one changed."""
    found: list[Piece] = []
    for old, new in _blocks(_SENTENCES.findall(before), _SENTENCES.findall(after)):
        if old == new:
            found.append(Piece(SAME, "".join(old)))
        else:
            found += _worded("".join(old), "".join(new), language)
    return tuple(_joined(found))


def _worded(before: str, after: str, language: str) -> list[Piece]:
    """A passage that was rewritten, word by word; as a whole where little of it stayed or it is too long to tell."""
    old, new = (list(text) if language == "zh" else _WORDS.findall(text) for text in (before, after))
    counts = Counter(new)
    whole = [Piece(REMOVED, before), Piece(ADDED, after)]
    if sum(counts[word] for word in old) > _EFFORT:
        return whole
    blocks = list(_blocks(old, new))
    kept = sum(len("".join(a)) for a, b in blocks if a == b)
    if kept * 3 < max(len(before), len(after)):
        return whole
    found: list[Piece] = []
    for a, b in blocks:
        found += [Piece(SAME, "".join(a))] if a == b else [Piece(REMOVED, "".join(a)), Piece(ADDED, "".join(b))]
    return found


def _blocks(old: list[str], new: list[str]) -> Iterator[tuple[list[str], list[str]]]:
    for _, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        yield old[i1:i2], new[j1:j2]


def _joined(found: Iterable[Piece]) -> Iterator[Piece]:
    """Pieces of one kind that follow each other as one; empty ones left out."""
    last: Piece | None = None
    for piece in found:
        if last and piece.how == last.how:
            last = Piece(last.how, last.text + piece.text)
        elif piece.text:
            if last:
                yield last
            last = piece
    if last:
        yield last
