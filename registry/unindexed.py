"""A question answered by SPARQL alone: what a search, a facet and a count mean, where there is no index.

Filters and counts are the queries of `sparql/search/`; words are looked for in the documents that `document.rq` draws,
by the same analysis as in the index.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cached_property

from registry.analysis import TONGUES, spans, tokens
from registry.clauses import Clause, Conditions, Sought, Word
from registry.documents import LABEL, STATE, TEXT, TITLE, TYPE, Documents, Findable, states
from registry.language import LANGUAGES
from registry.lexicon import Lexicon
from registry.registry import Registry
from registry.terms import NamedNode

KEPT = 256  # answers
WEIGHTS = {TITLE: 6, LABEL: 2, TEXT: 1}
Record = NamedNode


class Unindexed:
    """The answers of one registry as it is now, on a day."""

    def __init__(self, registry: Registry, day: date) -> None:
        self._registry, self._day, self._conditions = registry, day, Conditions(registry)
        self._found: dict[Sought, dict[Record, int]] = {}
        self._by_key: dict[str, list[tuple[Record, NamedNode]]] = {}

    def count(self, sought: Sought) -> int:
        """How many records fit."""
        return len(self._fitting(sought))

    def page(self, sought: Sought, sort: str, lang: str, day: date, offset: int, limit: int) -> list[str]:
        """Some of the records that fit, in an order."""
        fitting = self._fitting(sought)
        drawn = {d.record: d for d in self._documents if d.record in fitting}

        def place(record: Record) -> tuple[object, ...]:
            document = drawn[record]
            if sort == "title":
                return (document.titles.get(lang, ""),)
            ahead = document.deadline if document.deadline and document.deadline >= int(f"{day:%Y%m%d}") else None
            if sort == "deadline":
                return (ahead is None, ahead or 0, -document.newest)
            return (-fitting[record] if sort == "relevance" else 0, -document.newest)

        ordered = sorted(drawn, key=place)
        return [record.value for record in ordered[offset : offset + limit]]

    def counts(self, sought: Sought, keys: Sequence[str]) -> dict[str, dict[str, int]]:
        """For each facet how many fitting records have each value, itself or a narrower one."""
        fitting, found = self._fitting(sought), {key: dict[str, int]() for key in keys}
        for key in keys:
            for record, value in self._values(key):
                if record in fitting:
                    found[key][value.value] = found[key].get(value.value, 0) + 1
        return found

    def _values(self, key: str) -> Iterable[tuple[Record, NamedNode]]:
        """The values of a facet that each record has."""
        if key not in self._by_key:
            kinds = [format.target for format in self._registry.formats.values()]
            path = self._conditions.path(key)
            rows = self._registry.select("search/facet", kind=kinds, path=path) if path else ()
            pairs = {(row["record"], row["value"]) for row in rows}
            pairs |= set(self._states.items()) if key == STATE else set()
            self._by_key[key] = [pair for pair in pairs if key != TYPE or pair[1] in kinds]  # type: ignore[misc]
        return self._by_key[key]

    def common(self, word: Sought, share: float) -> bool:
        """Whether more than a share of all records hold a word."""
        return self.count(word) > share * max(1, len(self._documents))

    @cached_property
    def lexicon(self) -> Lexicon:
        """The words of all texts."""
        forms: dict[str, set[str]] = {lang: set() for lang in TONGUES}
        for document in self._documents:
            for (_, lang), texts in document.texts.items():
                tongue = lang if lang in forms else ""
                forms[tongue].update(t[a:b].lower() for t in texts for _, a, b in spans(t, tongue))
        return Lexicon(lambda lang: forms[lang])

    @cached_property
    def _states(self) -> dict[Record, NamedNode]:
        return dict(states(self._registry, self._day))

    @cached_property
    def _documents(self) -> list[Findable]:
        kinds = [format.target for format in self._registry.formats.values()]
        rows = self._registry.select("search/facet", kind=kinds, path=[self._conditions.path(TYPE)])
        records = sorted({row["record"] for row in rows}, key=str)
        return list(Documents(self._registry, self._day).of(records))  # type: ignore[arg-type]

    def _fitting(self, sought: Sought) -> dict[Record, int]:
        """The records that fit, with how much their words weigh."""
        found = self._found.get(sought)
        if found is None:
            rows = self._conditions.rows(sought.clauses, sought.since, sought.until)
            query = self._registry.queries["search/records"].with_rows(rows)
            records = {row["record"] for row in self._registry.graphs.select(query)}
            for clause in sought.clauses:
                if clause.key == STATE:
                    records = {record for record in records if self._in_state(record, clause)}
            found = self._worded(records, sought) if sought.words else dict.fromkeys(records, 0)  # type: ignore[arg-type]
            self._found = {**(self._found if len(self._found) < KEPT else {}), sought: found}
        return found

    def _in_state(self, record: object, clause: Clause) -> bool:
        return isinstance(record, NamedNode) and self._states.get(record) in clause.values

    def _worded(self, records: Iterable[object], sought: Sought) -> dict[Record, int]:
        found, wanted = {}, set(records)
        for document in self._documents:
            if document.record in wanted:
                weights = [(word.excluded, _weight(document, word)) for word in sought.words]
                if all(bool(weight) != excluded for excluded, weight in weights):
                    liked = sum(_weight(document, word) for word in sought.liked)
                    found[document.record] = sum(weight for _, weight in weights) + liked
        return found


def _weight(document: Findable, word: Word) -> int:
    """How much a document says of a word: the sum over its texts that hold it."""
    weight = 0
    for (kind, lang), texts in document.texts.items():
        for runs in (word.runs.get(lang if lang in LANGUAGES else "", ()),):
            weight += sum(WEIGHTS[kind] for text in texts if runs and _holds(text, lang, runs))
    return weight


def _holds(text: str, lang: str, runs: Sequence[Sequence[str]]) -> bool:
    said = f" {' '.join(tokens(text, lang if lang in LANGUAGES else ''))} "
    return any(f" {' '.join(run)} " in said for run in runs)
