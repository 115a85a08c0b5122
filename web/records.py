"""A record and its versions: `/id/X` is the thing, `/doc/X` the document about it, `/doc/X/v/3` one version for ever.

A record that ended is not forgotten: a retired one is answered 410 with its tombstone, a merged one leads to the record
that it doubled (301); its versions stay.
Sources: Cool URIs for the Semantic Web (https://www.w3.org/TR/cooluris/); 2005 report, paragraphs 9 to 14; RFC 5829
(links between versions); RFC 8574 (cite-as); RFC 7089 (Memento); RFC 9110, sections 15.4.2 and 15.5.11.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from functools import cache

from fastapi import APIRouter
from starlette.responses import Response

from registry.errors import NotFound
from registry.exchange import jsonld
from registry.records import identifier as as_identifier
from registry.registry import Entry
from registry.standing import Ending
from registry.terms import DCTERMS
from web import memento, signposts
from web.answers import FOREVER, FRESH, Link, redirect
from web.entry import draw
from web.negotiate import Media, Profile, split
from web.visit import Target, Visit, Visiting

router = APIRouter()

LONGEST = 40


class _Ended(Exception):
    """The record is no more; what is left of it."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(ending.identifier)
        self.ending = ending


@router.get("/id/{name}")
def thing(visit: Visiting, name: str) -> Response:
    """303 from a record to the document that describes it."""
    stem, number = _named(name)
    if number:
        return visit.see_other(f"doc/{stem}/v/{number}")
    if stem != name:
        raise visit.moved(f"id/{stem}")
    try:
        _entry(visit, stem)
    except _Ended as ended:
        return _end(visit, ended.ending, "id", None)
    return visit.see_other(f"doc/{stem}")


@router.get("/doc/{name}")
def document(visit: Visiting, name: str) -> Response:
    """The document about a record, in the form and language asked for."""
    stem, fixed = split(name)
    stem, number = _named(stem)
    if number:
        raise visit.moved(f"doc/{stem}/v/{number}")
    gate = memento.gate(visit, fixed)
    if gate and (response := memento.led(visit, stem)):
        return response
    try:
        found = visit.reply(_resource(visit, f"doc/{stem}", cache(lambda: _entry(visit, stem)), FRESH), fixed)
    except _Ended as ended:
        found = _end(visit, ended.ending, "doc", fixed)
    return memento.varied(found) if gate else found


@router.get("/doc/{name}/v/{version}")
def version(visit: Visiting, name: str, version: str) -> Response:
    """One version of a record: the same for ever."""
    written, fixed = split(version)
    stem, _ = _named(name)
    number = int(written) if re.fullmatch(r"[0-9]{1,9}", written) else 0
    if not number:
        raise _no_version(stem, written)
    found = cache(lambda: _version(visit, stem, number))
    response = visit.reply(_resource(visit, f"doc/{stem}/v/{number}", found, FOREVER), fixed)
    return memento.dated(visit, stem, number, response)


def described(visit: Visit, stem: str) -> Target:
    """The document about a record, as `/doc/X` offers it; raises NotFound when it is drawn and is not there."""
    return _resource(visit, f"doc/{stem}", cache(lambda: _entry(visit, stem)), FRESH)


def _end(visit: Visit, ending: Ending, room: str, fixed: Media | None) -> Response:
    """The answer for a record that ended: the way to the one it was merged into, or its tombstone."""
    if ending.kind == "merged" and ending.successor:
        suffix = f".{fixed.suffix}" if fixed else ""
        return redirect(301, visit.moved(f"{room}/{ending.successor}{suffix}").location)
    own, doc = visit.registry.own, visit.registry.own.doc(ending.identifier)
    successor = own.doc(ending.successor) if ending.successor else None
    links = [Link(own.record(ending.identifier).value, "describes"), Link(f"{doc.value}/history", "version-history")]
    links += [Link(successor.value, "successor-version")] if successor else []
    past = memento.moments(visit.registry, ending.identifier)
    links += past.links() if past else ()
    resource = Target(
        path=f"doc/{ending.identifier}",
        html=lambda page: visit.site.renderer.draw("tombstone.html", page, ending=ending, successor=successor),
        graph=lambda: ending.graph,
        links=lambda: tuple(links),
        name=own.record(ending.identifier),
        status=410,
    )
    return visit.reply(resource, fixed, spelt=room == "doc")


def _named(name: str) -> tuple[str, int | None]:
    """An identifier as it is spelt here, and the revision that people write behind it."""
    found = as_identifier(name) if len(name) <= LONGEST else None
    if not found:
        raise _nothing(name)
    return str(found[0]), found[1]


def _entry(visit: Visit, stem: str) -> Entry:
    entry = visit.registry.record(stem)
    if entry is None:
        if ending := visit.registry.ending(stem):
            raise _Ended(ending)
        raise _nothing(stem)
    return entry


def _version(visit: Visit, stem: str, number: int) -> Entry:
    entry = visit.registry.version(stem, number)
    if entry is None:
        raise _no_version(stem, str(number))
    return entry


def _nothing(name: str) -> NotFound:
    return NotFound("There is no record {name}.", name=name)


def _no_version(name: str, number: str) -> NotFound:
    return NotFound("There is no version {number} of the record {name}.", number=number, name=name)


def _resource(visit: Visit, path: str, entry: Callable[[], Entry], lasting: str) -> Target:
    own = visit.registry.own

    def as_json(form: str, inline: bool) -> bytes:
        found = entry()
        if form == "expanded":
            return jsonld.dumps(jsonld.expanded(found.graph))
        if form == "flattened":
            return jsonld.dumps(jsonld.flattened(found.graph, found.format, own, inline=inline))
        return jsonld.dumps(jsonld.compact(found.iri, found.graph, found.format, own, inline=inline))

    return Target(
        path=path,
        html=lambda page: draw(visit, page, entry()),
        graph=lambda: entry().graph,
        jsonld=as_json,
        modified=lambda: _modified(visit, entry(), lasting),
        links=lambda: _links(visit, entry(), lasting),
        profiles=lambda: (Profile(entry().format.key, entry().format.iri.value),),
        context=lambda: jsonld.address(entry().format, own),
        name=own.iri(path) if lasting == FOREVER else own.iri(path.replace("doc/", "id/", 1)),
        cache=lasting,
    )


def _modified(visit: Visit, entry: Entry, lasting: str) -> datetime:
    """Since when a record, or one of its versions, reads as it does."""
    if lasting != FOREVER:
        return entry.changed
    events = visit.registry.versions(entry.identifier)
    return next(event.entered for event in events if event.graph and event.version == entry.number)


def _links(visit: Visit, entry: Entry, lasting: str) -> tuple[Link, ...]:
    register = visit.registry.own.iri(f"register/{entry.format.register}")
    found = [
        Link(entry.iri.value, "describes"),
        Link(entry.format.iri.value, "describedby"),
        Link(entry.format.target.value, "type"),
        Link(register.value, "collection"),
        *(Link(licence.value, "license") for licence in entry.graph.iris(entry.doc, DCTERMS.license)),
        Link(f"{entry.doc.value}/history", "version-history"),
        *signposts.links(visit.registry, entry),
    ]
    past = memento.moments(visit.registry, entry.identifier)
    if lasting != FOREVER:
        return (*found, Link(entry.iri.value, "cite-as"), *(past.links() if past else ()))
    found += past.links(entry.number) if past else ()
    found += [Link(entry.doc.value, "latest-version"), Link(f"{entry.doc.value}/v/{entry.number}", "cite-as")]
    neighbours = (("predecessor-version", entry.number - 1), ("successor-version", entry.number + 1))
    found += [Link(f"{entry.doc.value}/v/{n}", rel) for rel, n in neighbours if 0 < n <= entry.latest]
    return tuple(found)
