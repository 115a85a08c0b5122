"""Which current records concern which country: those that name it, and those that reach it through a region or group.

One query tells what every record names; which countries a region or group reaches, the vocabularies tell. The search
answers the same question for one country; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from registry.concepts import Concept
from registry.formats import Field, Format
from registry.registry import Registry
from registry.standing import LICENCE
from registry.terms import DCTERMS, FOAF, RDF, Graph, Literal, NamedNode, Namespace, Term, Triple
from web.rows import iri_of

HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")

SCHEME = "vocabulary/countries"


@dataclass(frozen=True)
class Count:
    """How many records concern a country: by naming it, or only through a region or group it belongs to."""

    named: int
    reached: int

    @property
    def both(self) -> int:
        """All that concern it."""
        return self.named + self.reached


@dataclass(frozen=True)
class Concern:
    """One record that concerns a country, and the regions and groups through which alone it does."""

    record: NamedNode
    format: Format
    through: tuple[NamedNode, ...]


class Places:
    """The places that current records name, newest record first; of one register, of some records, or of all."""

    def __init__(
        self, registry: Registry, register: Format | None = None, only: Collection[NamedNode] | None = None
    ) -> None:
        self._concepts, self._formats = registry.concepts, registry.formats
        self._formats_of: dict[NamedNode, Format] = {}
        self._at: dict[NamedNode, dict[NamedNode, None]] = {}
        paths = sorted(holding(registry), key=str)
        for row in registry.select("geography/places", path=list(paths)) if paths else ():
            record, kind, place = iri_of(row, "record"), iri_of(row, "class"), iri_of(row, "place")
            format = self._formats.by_class(kind) if kind else None
            if only is not None and record not in only:
                continue
            if record and place and format and register in (None, format):
                self._formats_of[record] = format
                self._at.setdefault(place, {})[record] = None

    def count(self, country: NamedNode) -> Count:
        """How many records concern a country."""
        named = self._at.get(country, {}).keys()
        reached: set[NamedNode] = set()
        for group in self._concepts.ancestors(country):
            reached.update(self._at.get(group, ()))
        return Count(len(named), len(reached - named))

    def concerning(self, country: NamedNode) -> list[Concern]:
        """The records that concern a country, those that name it first."""
        named = self._at.get(country, {})
        reached: dict[NamedNode, list[NamedNode]] = {}
        for group in self._concepts.ancestors(country):
            for record in self._at.get(group, ()):
                if record not in named:
                    reached.setdefault(record, []).append(group)
        newest = [record for record in self._formats_of if record in reached]
        return [
            *(Concern(record, self._formats_of[record], ()) for record in named),
            *(Concern(record, self._formats_of[record], tuple(reached[record])) for record in newest),
        ]


def holding(registry: Registry) -> set[NamedNode]:
    """The paths of the fields that hold countries, or regions or groups of countries, also in parts of records."""
    concepts = registry.concepts
    places = {iri for concept in countries(registry) for iri in (concept.iri, *concepts.ancestors(concept.iri))}
    schemes = {found.scheme for iri in places if (found := concepts.get(iri))}

    def walk(fields: Iterable[Field]) -> Iterable[NamedNode]:
        for field in fields:
            if field.part:
                yield from walk(field.part.fields)
            elif schemes & set(field.schemes):
                yield field.path

    return {path for format in registry.formats.values() for path in walk(format.fields)}


def countries(registry: Registry) -> list[Concept]:
    """The countries and areas of the vocabulary that are in use, by code."""
    scheme = registry.concepts.scheme(registry.own.iri(SCHEME))
    found = (registry.concepts.get(iri) for iri in scheme.concepts) if scheme else ()
    return [concept for concept in found if concept and not concept.deprecated]


def collection(registry: Registry, register: Format | None = None) -> Graph:
    """The countries, each a collection of the records that concern it, with how many these are."""
    own, places = registry.own, Places(registry, register)
    whole = own.iri("country")
    asked = f"?register={register.register}" if register else ""
    said: list[tuple[NamedNode, NamedNode, Term]] = [
        (whole, RDF.type, HYDRA.Collection),
        (whole, DCTERMS.license, LICENCE),
    ]
    for concept in countries(registry):
        one = own.iri(f"country/{concept.notation}{asked}")
        said += [
            (whole, HYDRA.member, one),
            (one, RDF.type, HYDRA.Collection),
            (one, FOAF.primaryTopic, concept.iri),
            (one, HYDRA.totalItems, Literal(places.count(concept.iri).both)),
        ]
    return Graph(Triple(*one) for one in said)
