"""One register as it is asked for: which records, in which state, by which concepts and country, page by page.

What a state is, is said by the query that the format names; what a filter means, by `records/uses` and
`records/country`. Archived records are hidden until they or a state are asked for (2005 report, paragraphs 9 and 10).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from registry.concepts import Concept
from registry.errors import BadParameter, NotFound
from registry.formats import Field, Format
from registry.registry import Registry
from registry.shape import path_name
from registry.terms import NamedNode
from web.rows import iri_of, text_of

SIZE = 20
SOURCES = "information-source"
ARCHIVED = "archived"


@dataclass(frozen=True)
class Asked:
    """What a reader asks of a register."""

    page: int = 1
    state: str = ""
    archived: str = ""
    concepts: tuple[str, ...] = ()
    country: str = ""
    source: str = ""


@dataclass(frozen=True)
class Line:
    """One record of the register."""

    record: NamedNode
    identifier: str
    modified: str
    archived: bool
    state: NamedNode | None
    source: NamedNode | None


class Listing:
    """The records of one register that fit what was asked; everything is computed when first wanted."""

    def __init__(self, registry: Registry, format: Format, asked: Asked, day: date) -> None:
        self.registry, self.format, self.asked, self.day = registry, format, asked, day

    @cached_property
    def concepts(self) -> tuple[Concept, ...]:
        """The concepts that records must use, themselves or by a narrower one."""
        return tuple(self._concept(one, "concept") for one in dict.fromkeys(filter(None, self.asked.concepts)))

    @cached_property
    def country(self) -> Concept | None:
        """The country that records must concern."""
        code = self.asked.country
        if not code:
            return None
        stated = self.registry.own.concept("countries", code.upper()).value if code.isalnum() else code
        found = self._concept(stated, "country")
        if found.scheme != self.registry.own.iri("vocabulary/countries"):
            raise BadParameter("There is no country {value}.", where="country", value=code)
        return found

    def _concept(self, stated: str, parameter: str) -> Concept:
        try:
            found = self.registry.concepts.get(NamedNode(stated))
        except ValueError:
            found = None
        if found is None and parameter == "country":
            raise BadParameter("There is no country {value}.", where=parameter, value=self.asked.country)
        if found is None:
            raise BadParameter("There is no concept {value}.", where=parameter, value=stated)
        return found

    @cached_property
    def state(self) -> NamedNode | None:
        """The state that is asked for, as a concept."""
        if not self.asked.state:
            return None
        for state in self.states:
            if path_name(state) == self.asked.state:
                return state
        raise BadParameter("There is no state {value} in this register.", where="state", value=self.asked.state)

    @cached_property
    def states(self) -> tuple[NamedNode, ...]:
        """The states that records of this register can have, in the order of their vocabulary."""
        used = {line.state for line in self._all if line.state}
        schemes = {concept.scheme for state in used if (concept := self.registry.concepts.get(state))}
        known = self.registry.concepts
        found = [s for one in schemes if (scheme := known.scheme(one)) for s in scheme.concepts]
        return tuple(found or sorted(used, key=str))

    @cached_property
    def _all(self) -> list[Line]:
        rows = self.registry.select(self.format.states, day=self.day) if self.format.states else ()
        states = {iri_of(row, "record"): iri_of(row, "state") for row in rows}
        lines = []
        for row in self.registry.select("records/list", kind=self.format.target):
            record, status = iri_of(row, "record"), iri_of(row, "status")
            if record:
                archived = status is not None and path_name(status) == ARCHIVED
                identifier, modified = text_of(row, "identifier"), text_of(row, "modified")
                source = iri_of(row, "source")
                lines.append(Line(record, identifier, modified, archived, states.get(record), source))
        return lines

    @cached_property
    def through(self) -> dict[NamedNode, list[NamedNode]]:
        """How each record concerns the country asked for: by itself, or through a region or group."""
        return concerned(self.registry, self.country.iri) if self.country else {}

    def through_groups(self, record: NamedNode) -> list[NamedNode]:
        """The regions and groups through which alone a record concerns the country; none when it names it."""
        found = self.through.get(record, [])
        return [] if self.country and self.country.iri in found else found

    @cached_property
    def source(self) -> NamedNode | None:
        """The class of source that is asked for: who stands behind a record (2005 report, paragraph 14)."""
        if not self.asked.source:
            return None
        code = self.asked.source.lower()
        found = self.registry.concepts.get(self.registry.own.concept(SOURCES, code)) if _plain(code) else None
        if found is None:
            raise BadParameter("There is no class of source {value}.", where="source", value=self.asked.source)
        return found.iri

    @cached_property
    def sources(self) -> list[tuple[NamedNode, int]]:
        """The classes of source of the records listed, in the order of their vocabulary, with how many are of each."""
        scheme = self.registry.concepts.scheme(self.registry.own.iri(f"vocabulary/{SOURCES}"))
        counted = Counter(line.source for line in self.lines)
        return [(iri, counted[iri]) for iri in scheme.concepts if counted[iri]] if scheme else []

    @cached_property
    def fitting(self) -> list[Line]:
        """The records that fit concepts, country and source, in any state, archived or not."""
        kept = [line for line in self._all if line.source == self.source] if self.source else self._all
        for concept in self.concepts:
            using = {row["record"] for row in self.registry.select("records/uses", concept=concept.iri)}
            kept = [line for line in kept if line.record in using]
        return [line for line in kept if line.record in self.through] if self.country else kept

    @cached_property
    def lines(self) -> list[Line]:
        """The records that fit everything asked; archived ones only where they or a state were asked for."""
        hidden = self.asked.archived == "no" or (not self.asked.archived and not self.state)
        only = self.asked.archived == "only"
        kept = [line for line in self.fitting if not (hidden and line.archived) and (line.archived or not only)]
        return [line for line in kept if line.state == self.state] if self.state else kept

    def count(self, state: NamedNode | None = None, archived: bool = True) -> int:
        """How many fitting records are in a state, with or without the archived ones."""
        lines = (line for line in self.fitting if archived or not line.archived)
        return sum(1 for line in lines if state is None or line.state == state)

    @property
    def pages(self) -> int:
        """How many pages there are; an empty register has one."""
        return max(1, -(-len(self.lines) // SIZE))

    @property
    def shown(self) -> list[Line]:
        """The records of the page asked for; raises NotFound behind the last page."""
        if self.asked.page > self.pages:
            raise NotFound("The last page is {last}.", where="page", last=self.pages)
        first = (self.asked.page - 1) * SIZE
        return self.lines[first : first + SIZE]

    @cached_property
    def facets(self) -> list[tuple[Field, list[tuple[NamedNode, int]]]]:
        """For each facet of the format its concepts and how many of the records listed use them.

        A facet that holds what the states are is left out: the states themselves are offered."""
        known = self.registry.concepts
        stated = {found.scheme for state in self.states if (found := known.get(state))}
        facets = [field for field in self.format.fields if field.facet and field.kind == "concept"]
        fields = {field.path: field for field in facets if not stated & set(field.schemes)}
        if not fields:
            return []
        listed = {line.record for line in self.lines}
        using: dict[NamedNode, dict[NamedNode, set[NamedNode]]] = {}
        for row in self.registry.select("records/facets", kind=self.format.target, path=list(fields)):
            record, path, concept = iri_of(row, "record"), iri_of(row, "path"), iri_of(row, "concept")
            if record in listed and record and path and concept:
                for counted in (concept, *self._broader(concept)):
                    using.setdefault(path, {}).setdefault(counted, set()).add(record)
        sums = {path: [(concept, len(records)) for concept, records in used.items()] for path, used in using.items()}
        return [(field, sums[path]) for path, field in fields.items() if path in sums]

    def _broader(self, concept: NamedNode) -> list[NamedNode]:
        """The broader concepts in the same vocabulary: a record that uses a part of an element counts for it."""
        known = self.registry.concepts
        scheme = found.scheme if (found := known.get(concept)) else None
        return [iri for iri in known.ancestors(concept) if (one := known.get(iri)) and one.scheme == scheme]


def concerned(registry: Registry, country: NamedNode) -> dict[NamedNode, list[NamedNode]]:
    """How each record concerns a country: by itself, or through regions and groups."""
    found: dict[NamedNode, list[NamedNode]] = {}
    for row in registry.select("records/country", country=country):
        record, through = iri_of(row, "record"), iri_of(row, "through")
        if record and through:
            found.setdefault(record, []).append(through)
    return found


def _plain(code: str) -> bool:
    """Whether a code can be the end of an IRI as it stands."""
    return code.isascii() and code.replace("-", "").isalnum()
