"""`/search`: everything that is public, by words, types, places, years and concepts; as pages and as data.

Every choice stands in the address, so that a search can be kept, sent, fed to a program, or repeated in SPARQL.
Source: 2005 report, paragraph 7 (customised searching in all six languages).
"""

from __future__ import annotations

import json

from fastapi import APIRouter
from starlette.responses import Response

from registry.errors import NotFound
from web import facetted
from web.answers import Answer, finish
from web.found import Found
from web.listing import Listing
from web.negotiate import RESULTS, Media
from web.visit import Visit, Visiting

router = APIRouter()

PATH = "search"
SHORT = "public, max-age=300"
TYPED = 200


@router.get("/search")
def search(visit: Visiting) -> Response:
    """What fits, twenty records to a page."""
    return _reply(visit, None)


@router.get("/search.{suffix}")
def search_as(visit: Visiting, suffix: str) -> Response:
    """What fits, in the form that the address fixes."""
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
    found = Found(visit.site.search, asked, visit.site.day)
    return visit.reply(Listing(visit, PATH, found, facetted.view(visit.query)).target(), fixed)
