"""`/openapi.json`, which describes the interface for programs, and `/api`, the same for people.

Sources: https://spec.openapis.org/oas/v3.1.1; RFC 8631 (service-desc, service-doc); the media types of
https://datatracker.ietf.org/doc/draft-ietf-httpapi-rest-api-mediatypes/.
"""

from __future__ import annotations

import json
from urllib.parse import quote, urlencode

from fastapi import APIRouter
from starlette.responses import Response

from registry.terms import Graph
from web import openapi
from web.answers import Answer, Link, finish
from web.known import GROUPS
from web.negotiate import HTML, JSON, Media, choose_media
from web.operations import Operation, operations
from web.render import Page
from web.visit import Target, Visit, Visiting

router = APIRouter()

PATH = "openapi.json"
OPENAPI = (
    JSON,  # what tools ask for, and what a reader without wishes gets
    Media("json", "application/openapi+json", "OpenAPI"),
    Media("json", "application/vnd.oai.openapi+json", "OpenAPI"),
)
VARIED = ("format", "_mediatype")  # what there is to choose from is told with each
BRIEF = ("lang", "format", "_mediatype", "_profile", "_context", "If-None-Match")  # told once for all operations


def service(visit: Visit) -> tuple[Link, ...]:
    """Where the interface is described: for programs, and for people."""
    base = visit.site.settings.base
    return (
        Link(f"{base}{PATH}", "service-desc", {"type": OPENAPI[1].type}),
        Link(f"{base}api", "service-doc", {"type": HTML.type}),
    )


@router.get("/openapi.json")
def description(visit: Visiting) -> Response:
    """The interface as an OpenAPI document, in the reader's language."""
    media = choose_media(visit.request.headers.get("accept"), OPENAPI) or JSON
    key = (PATH, media.type, visit.language, visit.registry.sequence, visit.site.day)
    return finish(visit.request.headers, visit.site.pages.get(key, lambda: _described(visit, media)), visit.now)


def _described(visit: Visit, media: Media) -> Answer:
    told = openapi.document(_operations(visit, visit.language), visit.registry, visit.language)
    return Answer(
        body=json.dumps(told, ensure_ascii=False, indent=1).encode(),
        content_type=media.type,
        language=visit.language,
        modified=visit.site.modified,
        vary=("Accept", "Accept-Language", "Cookie"),
        links=service(visit)[1:],
    )


@router.get("/api")
def page(visit: Visiting) -> Response:
    """The interface for programs, for people."""
    return visit.reply(_page(visit), None)


@router.get("/api.html")
def page_as(visit: Visiting) -> Response:
    """The same, in the one form it has."""
    return visit.reply(_page(visit), HTML)


def _page(visit: Visit) -> Target:
    return Target(
        path="api",
        html=lambda drawn: _draw(visit, drawn),
        graph=Graph,
        links=lambda: service(visit)[:1],
        offers=(HTML,),
    )


def _draw(visit: Visit, page: Page) -> bytes:
    found = [one for one in _operations(visit, page.lang) if not one.fixed]
    return visit.site.renderer.draw(
        "api.html",
        page,
        about=openapi.ABOUT,
        everywhere=openapi.EVERYWHERE,
        groups=[(group, [one for one in found if one.group == group]) for group in GROUPS],
        shared={one.name: one for operation in found for one in operation.parameters if one.name in BRIEF}.values(),
        brief=BRIEF,
        varied=VARIED,
        called=lambda operation: _called(page, operation),
    )


def _called(page: Page, one: Operation) -> str:
    """The operation as a call of curl, with values that are answered; of what is sent, with a place for the token."""
    given = {each.name: each.example for each in one.parameters if each.place == "query" and each.example}
    asked = f"?{urlencode(given, doseq=True, quote_via=quote, safe=':/')}" if given else ""
    address = page.absolute((one.address or one.path.lstrip("/")) + asked)
    said = [] if one.method == "get" else [f"-X {one.method.upper()}"]
    said += ['-H "Authorization: Bearer …"'] if one.known.secured else []
    said += ['-H "If-Match: …"'] if "If-Match" in one.known.headers else []
    if one.known.reads and one.method != "delete":
        said.append(f'-H "Content-Type: {one.known.reads[0]}" --data-binary @body')
    return " ".join(["curl", *said, f'"{address}"'])


def _operations(visit: Visit, lang: str) -> tuple[Operation, ...]:
    rooms, asks = visit.request.app.state.rooms, visit.site.asks
    there = (route for route in rooms if asks or not getattr(route, "path", "").startswith("/sparql"))
    return operations(there, visit.registry, visit.site.day, lang)
