"""The registers: `/register/projects` and its like, as pages and as data.

As data a register is a `dcat:Catalog` whose members are paged the Hydra way: the collection (all records that fit)
has a view (this page) with first, previous, next and last, the same as in the Link header.
"""

from __future__ import annotations

from typing import Annotated
from typing import Literal as Choice
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Query
from starlette.responses import Response

from registry.errors import NotFound
from registry.formats import Format
from registry.language import in_order
from registry.standing import LICENCE
from registry.terms import DCTERMS, FOAF, RDF, XSD, Graph, Literal, NamedNode, Namespace, Term, Triple
from web.answers import Link
from web.hits import hits, options, sources
from web.holdings import DCAT, catalogue, holdings
from web.listing import Asked, Listing
from web.negotiate import LISTS, Profile, split
from web.render import Page
from web.table import of_register
from web.visit import Target, Visit, Visiting, fixed_by

router = APIRouter()

HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")
AROUND = 2


@router.get("/register")
def index(visit: Visiting) -> Response:
    """All registers: what each is for and what it holds; as data, the catalogue of them."""
    return visit.reply(_index(visit), None)


@router.get("/register.{suffix}")
def index_as(visit: Visiting, suffix: str) -> Response:
    """All registers, in the form that the address fixes."""
    return visit.reply(_index(visit), fixed_by(suffix, "register"))


def _index(visit: Visit) -> Target:
    return Target(
        path="register",
        html=lambda page: visit.site.renderer.draw("registers.html", page, holdings=holdings(visit)),
        graph=lambda: catalogue(visit.registry),
    )


@router.get("/register/{name}")
def register(
    visit: Visiting,
    name: str,
    state: str = "",
    archived: Choice["", "yes", "no", "only"] = "",
    concept: Annotated[tuple[str, ...], Query()] = (),
    country: str = "",
    source: str = "",
    page: Annotated[int, Query(ge=1)] = 1,
) -> Response:
    """One register, newest record first."""
    visit.known_only()
    slug, fixed = split(name)
    format = visit.registry.formats.by_register(slug.lower())
    if format is None:
        raise NotFound("There is no register {name}.", name=slug)
    listing = Listing(visit.registry, format, Asked(page, state, archived, concept, country, source), visit.site.day)
    resource = Target(
        path=f"register/{format.register}",
        html=lambda drawn: draw(visit, drawn, listing),
        graph=lambda: graph(visit, listing),
        table=lambda drawn: of_register(listing, drawn.lang),
        links=lambda: _links(visit, listing),
        profiles=lambda: (Profile("dcat", DCAT.iri.removesuffix("#")),),
        offers=LISTS,
    )
    return visit.reply(resource, fixed)


def draw(visit: Visit, page: Page, listing: Listing) -> bytes:
    """The page of a register."""
    entries = [entry for line in listing.shown if (entry := visit.registry.record(line.identifier))]
    return visit.site.renderer.draw(
        "register.html",
        page,
        format=listing.format,
        listing=listing,
        hits=hits(page, entries, listing),
        numbers=numbers(listing.asked.page, listing.pages),
        countries=_countries(visit, page, listing.format),
        facets=options(page, listing),
        sources=sources(page, listing),
    )


def numbers(page: int, pages: int) -> list[int | None]:
    """The page numbers to offer: the first, the last, those around this one; None stands for what is left out."""
    near = sorted({1, pages, *range(max(1, page - AROUND), min(pages, page + AROUND) + 1)})
    found: list[int | None] = []
    for number in near:
        if found and number - (found[-1] or 0) > 1:
            found.append(None)
        found.append(number)
    return found


def _countries(visit: Visit, page: Page, format: Format) -> list[tuple[str, str]]:
    """The countries to choose from, by name; none where no field of the format names countries."""
    own, concepts = visit.registry.own, visit.registry.concepts
    scheme = concepts.scheme(own.iri("vocabulary/countries"))
    if not scheme or not any(scheme.iri in field.schemes for field in format.fields):
        return []
    named = [(c.label(page.lang), c.notation) for iri in scheme.concepts if (c := concepts.get(iri))]
    return sorted(named, key=lambda pair: in_order(pair[0]))


def _view(visit: Visit, page: int | None) -> NamedNode:
    """The address of a page of this list, with its filters; of the whole collection for None."""
    kept = {name: values for name, values in visit.query.items() if name not in ("page", "lang")}
    if page:
        kept["page"] = [str(page)]
    path = split(visit.path)[0]
    return visit.registry.own.iri(
        path + (f"?{urlencode(kept, doseq=True, quote_via=quote, safe=':/')}" if kept else "")
    )


def _links(visit: Visit, listing: Listing) -> tuple[Link, ...]:
    """The neighbours of this page, the catalogue, what the records keep to, their class and their licence."""
    found = {
        **paging(visit, listing),
        "collection": NamedNode(visit.registry.own.base),
        "describedby": listing.format.iri,
        "type": DCAT.Catalog,
        "license": LICENCE,
    }
    return tuple(Link(iri.value, rel) for rel, iri in found.items())


def paging(visit: Visit, listing: Listing) -> dict[str, NamedNode]:
    """The neighbours of this page."""
    page, pages = listing.asked.page, listing.pages
    places = {"first": 1, "prev": page - 1, "next": page + 1, "last": pages}
    return {rel: _view(visit, number) for rel, number in places.items() if 1 <= number <= pages}


def graph(visit: Visit, listing: Listing) -> Graph:
    """One page of a register as data."""
    registry, format = visit.registry, listing.format
    shown = listing.shown
    collection, view = _view(visit, None), _view(visit, listing.asked.page)
    said: list[tuple[NamedNode, NamedNode, Term]] = [
        (collection, RDF.type, DCAT.Catalog),
        (collection, RDF.type, HYDRA.Collection),
        (collection, HYDRA.totalItems, Literal(len(listing.lines))),
        (collection, DCTERMS.license, LICENCE),
        (collection, DCTERMS.conformsTo, format.iri),
        *((collection, DCTERMS.title, Literal(text, language=lang)) for lang, text in format.register_names.items()),
    ]
    if listing.pages > 1:
        names = {"prev": "previous"}
        said += [(collection, HYDRA.view, view), (view, RDF.type, HYDRA.PartialCollectionView)]
        said += [(view, HYDRA[names.get(rel, rel)], iri) for rel, iri in paging(visit, listing).items()]
    for line in shown:
        doc = registry.own.doc(line.identifier)
        said += [
            (collection, HYDRA.member, line.record),
            (collection, DCAT.record, doc),
            (line.record, RDF.type, format.target),
            (doc, RDF.type, DCAT.CatalogRecord),
            (doc, FOAF.primaryTopic, line.record),
            (doc, DCTERMS.identifier, Literal(line.identifier)),
            (doc, DCTERMS.modified, Literal(line.modified, datatype=XSD.dateTime)),
        ]
    records: list[NamedNode] = [line.record for line in shown]
    named = registry.select("records/labels", record=list(records), path=format.label.path) if records else ()
    said += [(row["record"], format.label.path, row["label"]) for row in named]  # type: ignore[misc]
    return Graph(Triple(subject, predicate, value) for subject, predicate, value in said)
