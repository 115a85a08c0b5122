"""What is asked > clauses: rows for `sparql/search/records.rq`, each of which the index can ask as well.

A clause is met by any of its rows, and every clause must be met.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from registry.documents import SOURCE, STATE, STATUS, TYPE, facet_fields
from registry.lexicon import Runs
from registry.queries import Value
from registry.registry import Registry
from registry.terms import FOAF, RDF, NamedNode

ANYWHERE, RECORD = "", "record"


@dataclass(frozen=True)
class Clause:
    """One condition: `key` is a facet, ANYWHERE, or RECORD for records themselves.

    It is met exactly, or by a narrower concept too.
    """

    key: str
    values: tuple[NamedNode, ...]
    exactly: bool = False
    excluded: bool = False


class Conditions:
    """The clauses of one question: `chosen` by facet, concepts, country, status."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._paths = {key: field.path for key, field in facet_fields(registry).items()}

    def of(
        self,
        chosen: Mapping[str, tuple[NamedNode, ...]],
        concepts: Iterable[NamedNode],
        country: NamedNode | None,
        archived: str,
    ) -> tuple[Clause, ...]:
        """The clauses, that of the type first: without one, every type that has a register."""
        registry, own = self._registry, self._registry.own
        types = chosen.get(TYPE) or tuple(format.target for format in registry.formats.values())
        found = [Clause(TYPE, types, exactly=True)]
        found += [Clause(key, values, exactly=key == STATE) for key, values in chosen.items() if key != TYPE and values]
        found += [Clause(ANYWHERE, (concept,)) for concept in concepts]
        if country:
            found.append(Clause(ANYWHERE, (country, *registry.concepts.ancestors(country)), exactly=True))
        if archived != "yes":
            status = own.concept("record-status", "archived")
            found.append(Clause(STATUS, (status,), exactly=True, excluded=archived != "only"))
        return tuple(found)

    def rows(self, clauses: Iterable[Clause], since: int | None, until: int | None) -> list[dict[str, Value]]:
        """The rows of clauses, but for those of states, which a day decides; without a type, every type will do."""
        asked = [clause for clause in clauses if clause.key != STATE]
        if not any(clause.key == TYPE for clause in asked):
            every = tuple(format.target for format in self._registry.formats.values())
            asked.insert(0, Clause(TYPE, every, exactly=True))
        count = sum(not clause.excluded for clause in asked)
        years: dict[str, Value] = {"since": since, "until": until}
        return [{**row, "clauses": count, **(years if row["clause"] == 1 else {})} for row in self._rows(asked)]

    def _rows(self, clauses: Iterable[Clause]) -> Iterator[dict[str, Value]]:
        number = 0
        for clause in clauses:
            number += not clause.excluded
            for value in clause.values:
                yield {
                    "clause": 0 if clause.excluded else number,
                    "path": self.path(clause.key),
                    "value": value,
                    "exactly": clause.exactly,
                }

    def path(self, key: str) -> NamedNode | None:
        """The path of a facet; None for anywhere."""
        reg = self._registry.own.reg
        known = {TYPE: RDF.type, SOURCE: reg.sourceClass, STATUS: reg.status, RECORD: FOAF.primaryTopic}
        return known.get(key) or self._paths.get(key)


@dataclass(frozen=True)
class Word:
    """A word that is looked for: by language the runs of tokens of which one must stand in a text."""

    runs: Runs = field(hash=False)
    excluded: bool = False


@dataclass(frozen=True)
class Sought:
    """Everything that is asked of a record: clauses, words, years.

    `liked` are words that it need not hold, and stands higher for.
    """

    clauses: tuple[Clause, ...]
    words: tuple[Word, ...] = ()
    since: int | None = None
    until: int | None = None
    liked: tuple[Word, ...] = ()

    def without(self, key: str) -> Sought:
        """The same but for what was chosen in a facet; of the type, which every record has, any will do."""
        return replace(self, clauses=tuple(clause for clause in self.clauses if clause.key != key))
