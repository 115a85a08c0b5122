"""A record and its versions: `/id/X` is the thing, `/doc/X` the document about it, `/doc/X/v/3` one version for ever.

Sources: Cool URIs for the Semantic Web (https://www.w3.org/TR/cooluris/); 2005 report, paragraphs 9 to 14.
"""

from __future__ import annotations

import re

from fastapi import APIRouter
from starlette.responses import Response

from registry.errors import NotFound
from registry.exchange import jsonld
from registry.records import identifier as as_identifier
from registry.registry import Entry
from registry.terms import DCTERMS
from web.answers import FOREVER, FRESH, Link
from web.entry import draw
from web.negotiate import split
from web.visit import Resource, Visit, Visiting

router = APIRouter()

LONGEST = 40


@router.get("/id/{name}")
def thing(visit: Visiting, name: str) -> Response:
    """303 from a record to the document that describes it."""
    stem, number = _named(name)
    if number:
        return visit.see_other(f"doc/{stem}/v/{number}")
    if stem != name:
        raise visit.moved(f"id/{stem}")
    _entry(visit, stem)
    return visit.see_other(f"doc/{stem}")


@router.get("/doc/{name}")
def document(visit: Visiting, name: str) -> Response:
    """The document about a record, in the form and language asked for."""
    stem, fixed = split(name)
    stem, number = _named(stem)
    if number:
        raise visit.moved(f"doc/{stem}/v/{number}")
    entry = _entry(visit, stem)
    return visit.reply(_resource(visit, entry, f"doc/{stem}", FRESH), fixed)


@router.get("/doc/{name}/v/{version}")
def version(visit: Visiting, name: str, version: str) -> Response:
    """One version of a record: the same for ever."""
    written, fixed = split(version)
    stem, _ = _named(name)
    number = int(written) if re.fullmatch(r"[0-9]{1,9}", written) else 0
    entry = visit.registry.version(stem, number)
    if entry is None:
        raise NotFound("There is no version {number} of the record {name}.", number=written, name=stem)
    return visit.reply(_resource(visit, entry, f"doc/{stem}/v/{entry.number}", FOREVER), fixed)


def _named(name: str) -> tuple[str, int | None]:
    """An identifier as it is spelt here, and the revision that people write behind it."""
    found = as_identifier(name) if len(name) <= LONGEST else None
    if not found:
        raise _nothing(name)
    return str(found[0]), found[1]


def _entry(visit: Visit, stem: str) -> Entry:
    entry = visit.registry.record(stem)
    if entry is None:
        raise _nothing(stem)
    return entry


def _nothing(name: str) -> NotFound:
    return NotFound("There is no record {name}.", name=name)


def _resource(visit: Visit, entry: Entry, path: str, cache: str) -> Resource:
    registry, own = visit.registry, visit.registry.own
    written = [e.entered for e in registry.versions(entry.identifier) if e.graph and e.version == entry.number]
    licence = entry.graph.iris(entry.doc, DCTERMS.license)
    links = [
        Link(entry.iri.value, "describes"),
        Link(entry.format.iri.value, "describedby"),
        Link(entry.format.target.value, "type"),
        Link(own.iri(f"register/{entry.format.register}").value, "collection"),
        *(Link(iri.value, "license") for iri in licence),
    ]
    if cache == FOREVER:
        links.append(Link(entry.doc.value, "latest-version"))
    return Resource(
        path=path,
        html=lambda page: draw(visit, page, entry),
        graph=lambda: entry.graph,
        jsonld=lambda: jsonld.dumps(jsonld.compact(entry.iri, entry.graph, entry.format, own)),
        modified=written[-1] if cache == FOREVER and written else entry.changed,
        links=lambda: tuple(links),
        cache=cache,
    )
