"""Signposts for machines on the page of a record: typed links in its head, and all of them as a set at `/linkset/X`.

The page is the landing page: it says by what the record is cited, what describes it, what kind of thing it is, which
files belong to it. The set says the same, and from the other end too.
Sources: https://signposting.org/FAIR/ (levels 1 and 2); RFC 9264 (link sets); RFC 8288 (links).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from registry.errors import NotFound
from registry.registry import Entry, Registry
from registry.standing import LICENCE
from registry.terms import DCAT, DCTERMS, SCHEMA
from web.answers import Answer, Link, finish
from web.negotiate import DATA, JSONLD, TURTLE, Media, choose_media
from web.problems import NotAcceptable
from web.schemaorg import classes
from web.visit import Visiting

router = APIRouter()

JSON_SET = Media("json", "application/linkset+json", "Link set (JSON)")
TEXT_SET = Media("txt", "application/linkset", "Link set")
SETS = (JSON_SET, TEXT_SET)
HEADED = (TURTLE, JSONLD)  # the forms that the head of a page names; the set has all
IANA = "https://www.iana.org/assignments/media-types/"


def links(registry: Registry, entry: Entry) -> tuple[Link, ...]:
    """The signposts of a record beside those that every record has: for the Link header of its page."""
    address = f"{registry.own.base}linkset/{entry.identifier}"
    return (*_said(registry, entry, HEADED), *(Link(address, "linkset", {"type": media.type}) for media in SETS))


@router.get("/linkset/{name}")
def linkset(visit: Visiting, name: str) -> Response:
    """The links of a record, from both ends."""
    registry, path = visit.registry, f"linkset/{name}"
    entry = registry.record(name)
    if entry is None:
        if registry.ending(name):
            return visit.see_other(f"doc/{name}")
        raise NotFound("There is no record {name}.", name=name)
    media = choose_media(visit.request.headers.get("accept"), SETS)
    if media is None:
        raise NotAcceptable(path, SETS)
    told = list(_both(registry, entry))
    body = _json(told) if media is JSON_SET else _text(told)
    about = (Link(entry.doc.value, "describes"),)
    answer = Answer(body.encode(), media.type, modified=entry.changed, vary=("Accept",), links=about)
    return finish(visit.request.headers, answer, visit.now)


def _said(registry: Registry, entry: Entry, forms: tuple[Media, ...]) -> Iterator[Link]:
    """What the page of a record leads to, as signposts have it."""
    graph = entry.graph
    yield Link(SCHEMA.AboutPage.value, "type")
    yield from (Link(one.value, "type") for one in classes(registry, entry.format.target))
    yield from (Link(one.value, "author") for one in graph.iris(entry.doc, DCTERMS.publisher))
    yield from (Link(f"{entry.doc.value}.{media.suffix}", "describedby", {"type": media.type}) for media in forms)
    yield from (Link(address, "item", {"type": type} if type else {}) for address, type in _files(registry, entry))


def _files(registry: Registry, entry: Entry) -> Iterator[tuple[str, str]]:
    """The files that belong to a record, with their media types."""
    for attached in entry.graph.iris(entry.iri, registry.own.cap.attachment):
        kinds = (registry.concepts.get(kind) for kind in entry.graph.iris(attached, DCAT.mediaType))
        same = [one.value for kind in kinds if kind for one in kind.matches.get("exactMatch", ())]
        type = next((one.removeprefix(IANA) for one in same if one.startswith(IANA)), "")
        yield from ((file.value, type) for file in entry.graph.iris(attached, DCAT.downloadURL))


def _both(registry: Registry, entry: Entry) -> Iterator[tuple[str, Link]]:
    """Every link with its anchor: from the page to what belongs to it, and from that back to the page."""
    page = entry.doc.value
    register = registry.own.iri(f"register/{entry.format.register}").value
    whole = (
        Link(entry.iri.value, "cite-as"),
        Link(entry.format.target.value, "type"),
        Link(LICENCE.value, "license"),
        Link(register, "collection"),
        Link(entry.format.iri.value, "describedby"),
        *_said(registry, entry, DATA),
    )
    yield from ((page, link) for link in whole)
    for link in whole:
        if link.rel == "describedby" and link.attributes:
            yield link.target, Link(page, "describes", {"type": "text/html"})
            yield link.target, Link(entry.format.iri.value, "profile")
        elif link.rel == "item":
            yield link.target, Link(page, "collection", {"type": "text/html"})
            yield link.target, Link(SCHEMA.DigitalDocument.value, "type")


def _json(told: list[tuple[str, Link]]) -> str:
    found: dict[str, dict[str, Any]] = {}
    for anchor, link in told:
        context = found.setdefault(anchor, {"anchor": anchor})
        context.setdefault(link.rel, []).append({"href": link.target, **link.attributes})
    return json.dumps({"linkset": list(found.values())}, indent=1)


def _text(told: list[tuple[str, Link]]) -> str:
    return ",\n".join(str(Link(link.target, link.rel, {**link.attributes, "anchor": anchor})) for anchor, link in told)
