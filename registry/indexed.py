"""A question answered by the index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from registry.brief import read
from registry.clauses import ANYWHERE, RECORD, Clause, Sought
from registry.index import Index, Query, both, unscored
from registry.lexicon import Lexicon
from registry.terms import Graph, NamedNode

LAST = 99_991_231


class Indexed:
    """The answers of one index; records are IRIs as text."""

    def __init__(self, index: Index, lexicon: Lexicon) -> None:
        self._index, self.lexicon = index, lexicon

    def count(self, sought: Sought) -> int:
        """How many records fit."""
        return self._index.count(self._query(sought))

    def page(self, sought: Sought, sort: str, lang: str, day: date, offset: int, limit: int) -> list[str]:
        """Some of the records that fit, in an order."""
        query = self._query(sought, ranked=sort == "relevance")
        if sort == "deadline":
            return self._by_deadline(query, day, offset, limit)
        return self._index.find(query, f"title_in_{lang}" if sort == "title" else sort, limit, offset)

    def _by_deadline(self, query: Query, day: date, offset: int, limit: int) -> list[str]:
        """What closes soonest first, then what has closed or never does, the newest first."""
        ahead = self._index.between("deadline", int(f"{day:%Y%m%d}"), LAST)
        closing = both([query, ahead])
        count = self._index.count(closing)
        found = self._index.find(closing, "deadline", limit, offset) if offset < count else []
        if len(found) < limit:
            rest = both([query], [ahead])
            found += self._index.find(rest, "newest", limit - len(found), max(0, offset - count))
        return found

    def briefs(self, records: Iterable[NamedNode]) -> dict[NamedNode, tuple[Graph, NamedNode | None]]:
        """Records in brief, in their order, each with its state."""
        found = self._index.briefs([record.value for record in records])
        return {NamedNode(record): read(said) for record, said in found.items()}

    def counts(self, sought: Sought, keys: Sequence[str]) -> dict[str, dict[str, int]]:
        """For each facet how many fitting records have each value."""
        return self._index.counts(self._query(sought), keys)

    def common(self, word: Sought, share: float) -> bool:
        """Whether more than a share of all records hold a word."""
        return self._index.count(self._query(word)) > share * max(1, self._index.size)

    def _query(self, sought: Sought, ranked: bool = False) -> Query:
        must, never = [unscored(self._index.term("kind", "record"))], list[Query]()
        for clause in sought.clauses:
            (never if clause.excluded else must).append(unscored(self._clause(clause)))
        for word in sought.words:
            (never if word.excluded else must).append(self._index.word(word.runs))
        must += [unscored(one) for one in self._index.years(sought.since, sought.until)]
        return both(must, never, [self._index.word(word.runs) for word in sought.liked] if ranked else ())

    def _clause(self, clause: Clause) -> Query:
        values = [value.value for value in clause.values]
        if clause.key == ANYWHERE:
            return self._index.any("named" if clause.exactly else "uses", values)
        return self._index.any("id" if clause.key == RECORD else f"f_{clause.key}", values)
