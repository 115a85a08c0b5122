"""The list of all representations of a resource: what `?_profile=alt` answers.

Source: https://www.w3.org/TR/dx-prof-conneg/, section 6 (the alternates view and its data model).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from registry.terms import DCTERMS, RDF, Graph, Literal, NamedNode, Namespace, Triple
from web.choice import ALTERNATES
from web.negotiate import MEDIA, Media, Profile
from web.render import Page

ALTR = Namespace(ALTERNATES.iri + "#")


@dataclass(frozen=True)
class One:
    """One representation: its address, its medium, its form of JSON-LD where it is not the usual one."""

    address: str
    media: Media
    form: str = ""


@dataclass(frozen=True)
class Alternates:
    """All representations of the resource with an address, the usual one first."""

    resource: NamedNode
    all: tuple[One, ...]
    profiles: tuple[Profile, ...]

    media = MEDIA

    def html(self, draw: Callable[..., bytes], page: Page) -> bytes:
        """The list as a page."""
        return draw("alternates.html", page, listed=self)

    def graph(self) -> Graph:
        """The list as data."""
        triples = []
        for number, one in enumerate(self.all):
            iri = NamedNode(one.address)
            triples.append(Triple(self.resource, ALTR.hasRepresentation, iri))
            if number == 0:
                triples.append(Triple(self.resource, ALTR.hasDefaultRepresentation, iri))
            triples += [
                Triple(iri, RDF.type, ALTR.Representation),
                Triple(iri, DCTERMS.format, Literal(one.media.type)),
            ]
            triples += [Triple(iri, DCTERMS.conformsTo, NamedNode(profile.iri)) for profile in self.profiles]
        return Graph(triples)
