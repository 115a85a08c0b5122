"""The services for programs: where each is, what it keeps to, what describes it. One that has no route is not there.

Sources: RFC 9727 (api-catalog); RFC 8631 (service-desc, service-doc, service-meta); RFC 9264 (link sets);
https://www.w3.org/TR/vocab-dcat-3/#Class:Data_Service.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.responses import Response

from web import api
from web.answers import Answer, Link, finish
from web.negotiate import HTML, TURTLE
from web.visit import Visit, Visiting
from web.words import marked as _

router = APIRouter()

CATALOG = ".well-known/api-catalog"
PROFILE = "https://www.rfc-editor.org/info/rfc9727"
LINKSET = "application/linkset+json"
OPENAPI = (api.PATH, api.OPENAPI[1].type)


@dataclass(frozen=True)
class Service:
    """A service: its path, what it is called, the specification it keeps to where there is one.

    `about` are the documents that describe it: relation, path, media type. What is no interface is a file to be found.
    """

    path: str
    title: str
    keeps_to: str
    about: tuple[tuple[str, str, str], ...] = ()
    interface: bool = True


SERVICES = (
    Service(
        "sparql",
        _("SPARQL queries"),
        "https://www.w3.org/TR/sparql11-protocol/",
        (("service-desc", "sparql.ttl", TURTLE.type), ("service-doc", "sparql.html", HTML.type)),
    ),
    Service("search", _("Search"), "", (("service-desc", *OPENAPI),)),
    Service("query", _("Queries"), "", (("service-desc", *OPENAPI),)),
    Service("register", _("Registers and records"), "", (("service-desc", *OPENAPI),)),
    Service(
        "oai",
        "OAI-PMH",
        "http://www.openarchives.org/OAI/openarchivesprotocol.html",
        (("service-meta", "oai?verb=Identify", "text/xml"),),
    ),
    Service("ldes", "Linked Data Event Streams", "https://w3id.org/ldes/specification"),
    Service("feed", "Atom", "https://www.rfc-editor.org/info/rfc4287"),
    Service("openapi.json", "OpenAPI", "https://spec.openapis.org/oas/v3.1.1", interface=False),
    Service("sitemap.xml", _("Map of the site"), "https://www.sitemaps.org/protocol.html", interface=False),
    Service("void", "VoID", "https://www.w3.org/TR/void/", interface=False),
    Service("catalog", "DCAT", "https://www.w3.org/TR/vocab-dcat-3/", interface=False),
    Service("dump", _("Dumps and feeds"), "https://www.w3.org/TR/n-quads/", interface=False),
)


def services(visit: Visit) -> tuple[Service, ...]:
    """The services of this application: those that have a route; no query service where it is switched off."""
    paths = {route.path for route in visit.request.app.state.rooms if isinstance(route, APIRoute)}
    asks = visit.site.asks
    return tuple(one for one in SERVICES if f"/{one.path}" in paths and (asks or one.path != "sparql"))


def catalogued(visit: Visit) -> Link:
    """The link to the list of services."""
    return Link(visit.site.settings.base + CATALOG, "api-catalog", {"type": LINKSET})


@router.get("/.well-known/api-catalog")
def api_catalog(visit: Visiting) -> Response:
    """The services for programs as a set of links."""
    content_type = f'{LINKSET}; profile="{PROFILE}"'
    links = (catalogued(visit), Link(PROFILE, "profile"))
    body = json.dumps({"linkset": _linkset(visit)}, indent=1).encode()
    return finish(visit.request.headers, Answer(body, content_type, links=links))


def _linkset(visit: Visit) -> list[dict[str, Any]]:
    base, found = visit.site.settings.base, services(visit)
    document = ("service-doc", "api", HTML.type)
    told: list[dict[str, Any]] = [{"anchor": base + CATALOG, "item": [{"href": base + one.path} for one in found]}]
    for one in found:
        if one.interface:
            links: dict[str, Any] = {"anchor": base + one.path}
            stated = {rel for rel, _, _ in one.about}
            about = one.about if "service-doc" in stated else (*one.about, document)
            for rel, path, type in about:
                links.setdefault(rel, []).append({"href": base + path, "type": type})
            links["status"] = [{"href": f"{base}health", "type": "application/json"}]
            told.append(links)
    return told
