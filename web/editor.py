"""`/sparql/editor`: YASGUI, an editor that others made, for those who want more than the page of `/sparql`.

It is served from here and calls nobody but `/sparql` (`static/editor.js`); which version it is, and whose, stands in
`static/yasgui/source.toml`.
"""

from __future__ import annotations

import json

from fastapi import APIRouter
from starlette.responses import Response

from registry.terms import Graph
from web import asking
from web.doors import POLICY
from web.gallery import Gallery
from web.negotiate import HTML, Media
from web.render import Page
from web.visit import Target, Visit, Visiting

router = APIRouter()

PATH = "sparql/editor"
# Its table writes two style sheets into the page, one where columns end, one while somebody draws at such an end. The
# page allows these two by their digests, and no others: what is found may hold hostile text.
STYLES = "'sha256-zCK2EVMoPc04mRF/g5CotUvxbJPWS+8V0b+s9ptqQIk=' 'sha256-c0O6TmFAkgpNbHxKAa1BrveWHHopjEtC47i0PzMudxg='"
CARRIED = ("query", "default-graph-uri", "named-graph-uri")


@router.get("/sparql/editor")
def editor(visit: Visiting) -> Response:
    """The page, with the query and the graphs that its address brings."""
    return _editor(visit, None)


@router.get("/sparql/editor.html")
def editor_as(visit: Visiting) -> Response:
    """The same, in the one form it has."""
    return _editor(visit, HTML)


def _editor(visit: Visit, fixed: Media | None) -> Response:
    visit.site.service.present()
    visit.known_too(CARRIED)
    asked = asking.of_address(visit.request)

    def draw(page: Page) -> bytes:
        return visit.site.renderer.draw(
            "editor.html",
            page,
            text=(asked.query or "").replace("\r\n", "\n") or Gallery(visit, asked).first(),
            prefixes=json.dumps(dict(visit.registry.house.prefixes)),
            arguments=json.dumps([{"name": name, "value": iri} for name, iris in asked.graphs.items() for iri in iris]),
        )

    response = visit.reply(Target(path=PATH, html=draw, graph=Graph, offers=(HTML,)), fixed)
    response.headers["Content-Security-Policy"] = POLICY.replace("style-src 'self'", f"style-src 'self' {STYLES}")
    return response
