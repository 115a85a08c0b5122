"""`/search`: everything that is public, by words, types, places, years and concepts; as pages and as data.

Every choice stands in the address, so that a search can be kept, sent, fed to a program, or repeated in SPARQL.
Source: 2005 report, paragraph 7 (customised searching in all six languages).
"""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import quote, urlencode

from fastapi import APIRouter
from starlette.responses import Response

from registry.errors import NotFound
from registry.standing import LICENCE
from registry.terms import NamedNode
from web import exports, facets, facetted
from web.answers import Answer, Link, finish
from web.found import Found
from web.map import Picture, picture
from web.negotiate import ATOM, ITEMS, RESULTS, Media
from web.places import HYDRA, Places
from web.registers import numbers
from web.render import Page
from web.table import of_records
from web.visit import Target, Visit, Visiting

router = APIRouter()

PATH = "search"
SHORT = "public, max-age=300"
TYPED = 200
FEW = 6


@router.get("/search")
def search(visit: Visiting) -> Response:
    """What fits, twenty records to a page."""
    return _reply(visit, None)


@router.get("/search.{suffix}")
def search_as(visit: Visiting, suffix: str) -> Response:
    """What fits, in the form that the address fixes; a table and a feed know no pages."""
    fixed = next((media for media in RESULTS if media.suffix == suffix.lower()), None)
    if fixed is None:
        raise NotFound("There is nothing called {name}.", name=f"search.{suffix}")
    return _reply(visit, fixed)


@router.get("/search/suggestions")
def suggestions(visit: Visiting, q: str = "") -> Response:
    """What the begin of a word may become, for a field that offers it while somebody types."""
    found = visit.site.search.suggest(q[:TYPED], visit.language, visit.site.day) if q.strip() else ()
    body = json.dumps(found, ensure_ascii=False).encode()
    vary = ("Accept-Language", "Cookie")
    answer = Answer(body, "application/json", language=visit.language, cache=SHORT, vary=vary)
    return finish(visit.request.headers, answer)


def _reply(visit: Visit, fixed: Media | None) -> Response:
    visit.known_too((*facetted.FIXED, *facetted.keys(visit.registry)))
    visit.known_only()
    asked = facetted.read(visit.registry, visit.query, visit.language, visit.site.day)
    view = facetted.view(visit.query)
    found = Found(visit.site.search, asked, visit.site.day)
    resource = Target(
        path=PATH,
        html=lambda page: _draw(visit, page, found, view),
        graph=lambda: exports.graph(found, _view(visit, None), _view(visit, asked.page), _paging(visit, found)),
        table=lambda page: of_records(visit.registry, found.all, found.day, page.lang),
        links=lambda: _links(visit, found),
        drawn={ITEMS: lambda page: exports.items(page, found), ATOM: lambda page: exports.atom(page, found)},
        offers=RESULTS,
        passing=lambda: not found.answer.indexed,
    )
    return visit.reply(resource, fixed)


def _draw(visit: Visit, page: Page, found: Found, view: str) -> bytes:
    asked, answer = found.asked, found.answer
    groups = facets.groups(page, answer.facets)
    meant = [(term, page.again(q=term)) for term in (answer.corrected,) if term]
    return visit.site.renderer.draw(
        "search.html",
        page,
        asked=asked,
        answer=answer,
        view=view,
        views=facetted.VIEWS,
        hits=found.hits(page) if view != "map" else [],
        picture=_picture(page, found) if view == "map" else None,
        numbers=numbers(asked.page, answer.pages),
        groups=groups,
        few=FEW,
        kept=facets.kept(page, asked, groups),
        sorts=facets.sorts(page, asked),
        chips=facets.chips(page, asked),
        countries=facets.places(page),
        meant=meant,
        progress=found.search.progress(),
        sparql=found.search.query(replace(asked, page=1)),
    )


def _picture(page: Page, found: Found) -> Picture:
    """Where the records are that were found: each country leads to those that concern it."""
    return picture(page, found=Places(page.registry, only=frozenset(found.all)))


def _view(visit: Visit, page: int | None) -> NamedNode:
    """The address of a page of what was found; of the whole for None."""
    kept = {name: values for name, values in visit.query.items() if name not in ("page", "view")}
    if page:
        kept["page"] = [str(page)]
    asked = f"?{urlencode(kept, doseq=True, quote_via=quote, safe=':/')}" if kept else ""
    return visit.registry.own.iri(PATH + asked)


def _paging(visit: Visit, found: Found) -> dict[str, NamedNode]:
    page, pages = found.asked.page, found.answer.pages
    places = {"first": 1, "prev": page - 1, "next": page + 1, "last": pages}
    return {rel: _view(visit, number) for rel, number in places.items() if 1 <= number <= pages}


def _links(visit: Visit, found: Found) -> tuple[Link, ...]:
    """The neighbours of this page, the catalogue, what the data are, their licence."""
    said = {
        **_paging(visit, found),
        "collection": NamedNode(visit.registry.own.base),
        "type": HYDRA.Collection,
        "license": LICENCE,
    }
    return tuple(Link(iri.value, rel) for rel, iri in said.items())
