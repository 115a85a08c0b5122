"""The countries: an index by region, and a page for each with what the registry knows of it.

Sources: 2005 report, paragraphs 7 and 20 (needs and priorities of countries), 9 and 10 (where activities take place).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from registry.concepts import Concept
from registry.errors import BadParameter, NotFound
from registry.formats import Format
from registry.language import LANGUAGES, in_order
from registry.registry import Registry
from registry.standing import LICENCE
from registry.terms import DCTERMS, FOAF, RDF, Graph, Literal, NamedNode, Term, Triple
from web.answers import Link
from web.concepts import Membership, memberships, notes
from web.labels import Labels
from web.map import locator
from web.negotiate import split
from web.places import HYDRA, Concern, Count, Places, collection, countries
from web.priorities import priorities
from web.render import Page
from web.visit import Target, Visit, Visiting, fixed_by
from web.words import Text
from web.words import marked as _

router = APIRouter()

REGIONS = "vocabulary/m49-region"
PARTIES = "vocabulary/party-status"
SIZE = 100
FIRST = 6


@router.get("/country")
def index(visit: Visiting) -> Response:
    """All countries by region, with how many records concern each."""
    return visit.reply(_index(visit), None)


@router.get("/country.{suffix}")
def index_as(visit: Visiting, suffix: str) -> Response:
    """All countries, in the form that the address fixes."""
    return visit.reply(_index(visit), fixed_by(suffix, "country"))


@router.get("/country/{name}")
def country(visit: Visiting, name: str, page: Annotated[int, Query(ge=1)] = 1, register: str = "") -> Response:
    """One country; as data, what its vocabulary says of it and the records that concern it."""
    code, fixed = split(name)
    own = visit.registry.own
    found = (
        visit.registry.concepts.get(own.concept("countries", code.upper()))
        if code.isalnum() and code.isascii()
        else None
    )
    if found is None:
        raise NotFound("There is no country {name}.", name=code)
    holding = Holding(visit.registry, found, _register(visit.registry, register), page)
    resource = Target(
        path=f"country/{found.notation}",
        html=lambda drawn: draw(visit, drawn, found),
        graph=lambda: graph(visit.registry, holding),
        links=lambda: holding.links,
    )
    return visit.reply(resource, fixed)


def _register(registry: Registry, slug: str) -> Format | None:
    found = registry.formats.by_register(slug.lower()) if slug else None
    if slug and found is None:
        raise BadParameter("There is no register {name}.", where="register", name=slug)
    return found


def _index(visit: Visit) -> Target:
    return Target(
        path="country",
        html=lambda page: visit.site.renderer.draw("countries.html", page, regions=regions(page)),
        graph=lambda: collection(visit.registry),
    )


@dataclass(frozen=True)
class Place:
    """A country in the index."""

    concept: Concept
    name: str
    count: Count


@dataclass(frozen=True)
class Region:
    """A region of the world with its countries by name."""

    name: Text
    places: tuple[Place, ...]


def regions(page: Page) -> list[Region]:
    """The countries by the regions of the world; those in none of them stand last."""
    registry, counted = page.registry, Places(page.registry)
    scheme = registry.concepts.scheme(registry.own.iri(REGIONS))
    found: dict[NamedNode | None, list[Place]] = {iri: [] for iri in scheme.concepts} if scheme else {}
    for concept in countries(registry):
        above = [iri for iri in registry.concepts.ancestors(concept.iri) if iri in found]
        place = Place(concept, concept.label(page.lang), counted.count(concept.iri))
        found.setdefault(above[0] if above else None, []).append(place)
    named = {iri: page.label(iri) if iri else Text(page.say_in_words(_("Other areas")), page.lang) for iri in found}
    return [
        Region(named[iri], tuple(sorted(found[iri], key=lambda one: in_order(one.name))))
        for iri in sorted(found, key=lambda iri: (iri is None, in_order(named[iri].text)))
        if found[iri]
    ]


@dataclass(frozen=True)
class Shown:
    """A record in a list of a country's page."""

    href: str
    title: Text
    through: tuple[Text, ...]


@dataclass(frozen=True)
class Share:
    """What one register holds of a country: the records that name it, and those that reach it."""

    format: Format
    named: tuple[Shown, ...]
    reached: tuple[Shown, ...]


def draw(visit: Visit, page: Page, found: Concept) -> bytes:
    """The page of a country."""
    registry = visit.registry
    places, groups = Places(registry), memberships(registry, found)
    party = registry.own.iri(PARTIES)
    return visit.site.renderer.draw(
        "country.html",
        page,
        country=found,
        label=page.text(found.labels),
        languages=LANGUAGES,
        notes=notes(found),
        count=places.count(found.iri),
        party=(
            page.label(party),
            [one for one in groups if (group := page.concept(one.group)) and group.scheme == party],
        ),
        memberships=by_vocabulary(page, groups),
        locator=locator(registry.house.folder, found.notation),
        shares=shares(page, places.concerning(found.iri)),
        wanted=priorities(page, found.iri),
        first=FIRST,
        size=SIZE,
    )


def by_vocabulary(page: Page, found: list[Membership]) -> list[tuple[Text, list[Membership]]]:
    """The groups of a country under the names of their vocabularies."""
    grouped: dict[NamedNode, list[Membership]] = {}
    for membership in found:
        concept = page.concept(membership.group)
        if concept:
            grouped.setdefault(concept.scheme, []).append(membership)
    return [(page.label(scheme), members) for scheme, members in grouped.items()]


def shares(page: Page, concerns: Iterable[Concern]) -> list[Share]:
    """What each register holds of a country, in the order of the registers."""
    found = list(concerns)
    labels = Labels(page.registry, (concern.record for concern in found))

    def shown(concern: Concern) -> Shown:
        through = tuple(page.label(iri) for iri in concern.through)
        return Shown(page.href(concern.record), page.text(labels[concern.record]), through)

    return [
        Share(
            format,
            tuple(shown(one) for one in found if one.format is format and not one.through),
            tuple(shown(one) for one in found if one.format is format and one.through),
        )
        for format in page.registry.formats.values()
        if any(one.format is format for one in found)
    ]


class Holding:
    """The records that concern a country, as data: of one register or of all, page by page."""

    def __init__(self, registry: Registry, country: Concept, register: Format | None, page: int) -> None:
        self.country, self.register, self.page = country, register, page
        self._registry = registry

    @property
    def concerns(self) -> list[Concern]:
        """All of them."""
        return Places(self._registry, self.register).concerning(self.country.iri)

    def address(self, page: int | None) -> NamedNode:
        """The address of a page of them; of the whole collection for None."""
        asked = [f"register={self.register.register}"] if self.register else []
        asked += [f"page={page}"] if page else []
        return self._registry.own.iri(f"country/{self.country.notation}" + ("?" + "&".join(asked) if asked else ""))

    @property
    def links(self) -> tuple[Link, ...]:
        """The index, the concept, and the neighbours of this page."""
        pages = max(1, -(-len(self.concerns) // SIZE))
        if self.page > pages:
            raise NotFound("The last page is {last}.", where="page", last=pages)
        places = {"first": 1, "prev": self.page - 1, "next": self.page + 1, "last": pages}
        around = (Link(self.address(n).value, rel) for rel, n in places.items() if pages > 1 and 1 <= n <= pages)
        own = self._registry.own
        return (
            Link(own.iri("country").value, "collection"),
            Link(self.country.iri.value, "describes"),
            *around,
        )


def graph(registry: Registry, holding: Holding) -> Graph:
    """A country as data: what its vocabulary says of it, and the records that concern it, each with what it names."""
    own, country, concerns = registry.own, holding.country, holding.concerns
    whole = holding.address(None)
    said: list[tuple[NamedNode, NamedNode, Term]] = [
        (whole, RDF.type, HYDRA.Collection),
        (whole, FOAF.primaryTopic, country.iri),
        (whole, HYDRA.totalItems, Literal(len(concerns))),
        (whole, DCTERMS.license, LICENCE),
    ]
    if len(concerns) > SIZE:
        said.append((whole, HYDRA.view, holding.address(holding.page)))
        said.append((holding.address(holding.page), RDF.type, HYDRA.PartialCollectionView))
    for one in concerns[(holding.page - 1) * SIZE : holding.page * SIZE]:
        said += [(whole, HYDRA.member, one.record), (one.record, RDF.type, one.format.target)]
        said += [(one.record, DCTERMS.coverage, place) for place in one.through or (country.iri,)]
        said.append((own.doc(one.record.value.rsplit("/", 1)[-1]), FOAF.primaryTopic, one.record))
    return Graph([*country.graph, *(Triple(*one) for one in said)])
