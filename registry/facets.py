"""The facets of what was found: which are offered, their values with exact counts, broader ones before narrower."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from registry.clauses import Sought
from registry.documents import SOURCE, STATE, TYPE, facet_schemes
from registry.indexed import Indexed
from registry.registry import Registry
from registry.shape import Field
from registry.terms import NamedNode
from registry.unindexed import Unindexed

SHARED = 3  # facets that so many formats have, with the same vocabularies, are offered where no type is chosen


@dataclass(frozen=True)
class Option:
    """One value of a facet: how many of the records found have it; `depth` below the broader ones before it."""

    value: NamedNode
    count: int
    chosen: bool
    depth: int = 0


@dataclass(frozen=True)
class Facet:
    """The values that records found have in a facet, counted as if nothing were chosen in this facet itself.

    `field` is that of a format which has it, for its names; None of TYPE, SOURCE and STATE.
    """

    key: str
    field: Field | None
    options: tuple[Option, ...]


class Facets:
    """The facets of a house, `fields` by key: which are offered for what is asked, and how they are counted."""

    def __init__(self, registry: Registry, fields: Mapping[str, Field]) -> None:
        self._registry, self._fields, self._schemes = registry, fields, facet_schemes(registry)

    def of(
        self, finder: Indexed | Unindexed, sought: Sought, chosen: Mapping[str, tuple[NamedNode, ...]]
    ) -> tuple[Facet, ...]:
        """The facets that are offered for what is asked, each counted without its own choice."""
        registry = self._registry
        offered = [TYPE, SOURCE, STATE, *self._offered(chosen)]
        free = [key for key in offered if not chosen.get(key)]
        counted = finder.counts(sought, free)
        for key in offered:
            if chosen.get(key):
                counted |= finder.counts(sought.without(key), [key])
        stated = {
            concept.scheme
            for value in counted[STATE]
            if (concept := registry.concepts.get(NamedNode(value))) is not None
        }
        found = []
        for key in offered:
            schemes = self._schemes.get(key, frozenset())
            if stated & schemes:
                continue  # the states themselves are offered
            options = tuple(_options(registry, schemes, counted[key], chosen.get(key, ())))
            if options:
                found.append(Facet(key, self._fields.get(key), options))
        return tuple(found)

    def _offered(self, chosen: Mapping[str, tuple[NamedNode, ...]]) -> list[str]:
        """The keys of the fields to offer: those of the types chosen, else those that several formats share."""
        types = chosen.get(TYPE, ())
        formats = [format for format in self._registry.formats.values() if not types or format.target in types]
        said: dict[str, list[tuple[NamedNode, ...]]] = {}
        for format in formats:
            for field in format.fields:
                if field.facet and field.kind == "concept":
                    said.setdefault(field.key, []).append(field.schemes)
        least = SHARED if len(formats) > SHARED else 1
        shared = [key for key, schemes in said.items() if len(set(schemes)) == 1 and len(schemes) >= least]
        return list(dict.fromkeys([*shared, *(key for key in chosen if key in said)]))


def _options(
    registry: Registry, schemes: frozenset[NamedNode], counted: Mapping[str, int], chosen: Sequence[NamedNode]
) -> Iterator[Option]:
    """The values in their order: those used most first, below each its narrower ones."""
    known = registry.concepts
    counts = {NamedNode(value): count for value, count in counted.items()}
    counts |= {value: 0 for value in chosen if value not in counts}
    if schemes:
        counts = {iri: n for iri, n in counts.items() if (c := known.get(iri)) and c.scheme in schemes}

    def above(iri: NamedNode) -> NamedNode | None:
        concept = known.get(iri)
        found = (b for b in concept.broader if b in counts) if concept else iter(())
        return next((b for b in found if (up := known.get(b)) and concept and up.scheme == concept.scheme), None)

    below: dict[NamedNode | None, list[NamedNode]] = {}
    for iri in sorted(counts, key=lambda iri: (-counts[iri], iri.value)):
        below.setdefault(above(iri), []).append(iri)

    def told(parent: NamedNode | None, depth: int) -> Iterator[Option]:
        for iri in below.get(parent, ()):
            yield Option(iri, counts[iri], iri in chosen, depth)
            yield from told(iri, depth + 1)

    return told(None, 0)
