"""What the routes do not say of themselves: their group, the media of their answers, their statuses, their examples.

Paths, methods, parameters and words come from the routes; a test asks every example and holds the media to what is
really offered. A route is described here or left out for a reason, so that none is forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from registry.language import LANGUAGES
from registry.registry import Registry
from registry.shape import path_name
from web.asking import WISHES, WRITTEN
from web.description import OFFERS
from web.looking import OFFERED as REPORTS
from web.methods import ASKING, PATCHES, READS
from web.negotiate import ATOM, DATA, ITEMS, JSON, JSONLD, LISTS, MEDIA, RESULTS, Media
from web.oai import ARGUMENTS
from web.oai import LISTS as HARVESTED
from web.words import marked as _

SEARCH, RECORDS, HISTORY = _("Search"), _("Registers and records"), _("History")
WORDS, FORMATS, QUERIES = _("Vocabularies and countries"), _("Common formats and terms"), _("Queries")
FEEDS, SENDING, SERVICE = _("Dumps and feeds"), _("Sending records"), _("The service")
GROUPS = (SEARCH, RECORDS, HISTORY, WORDS, FORMATS, QUERIES, FEEDS, SENDING, SERVICE)

READ = (200, 304, 308, 400, 406)
SENT = (200, 201, 202, 308, 400, 401, 403, 404, 409, 410, 412, 413, 415, 422, 428, 429)
ANYTHING = Media("", "*/*", "")


@dataclass(frozen=True)
class Known:
    """What is known of the operations at a path: `places` says which example stands in each place of it.

    `statuses` are those beside READ, or all of them for what is sent; `reads` the media of a body; `headers` those that
    a request may have. `more` are parameters that no argument of the route names, with what they may hold.
    """

    group: str
    media: tuple[Media, ...] = MEDIA
    places: Mapping[str, str] = field(default_factory=dict, hash=False)
    statuses: tuple[int, ...] = ()
    reads: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    more: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, hash=False)

    @property
    def negotiated(self) -> bool:
        """Whether a reader chooses among the forms, by parameters too."""
        return len(self.media) > 1 and not self.reads and self.media != _SOLUTIONS

    @property
    def secured(self) -> bool:
        """Whether it asks for a token."""
        return self.group == SENDING


_RECORD = {"name": "record"}
_GONE = (404, 410)
_CHANGE = ("If-Match", "Idempotency-Key")
Told = Mapping[str, Mapping[str, Any]]
_TEXT = {"type": "string"}
_LANG: Told = {"lang": {"type": "string", "enum": list(LANGUAGES)}}
_LINKS, _LINKSET = Media("", "application/link-format", ""), Media("", "application/linkset+json", "")
_XML = Media("xml", "text/xml", "XML")
_HARVEST: Told = {
    "verb": {"type": "string", "enum": list(ARGUMENTS), "example": "Identify"},
    **dict.fromkeys(("identifier", *HARVESTED), _TEXT),
}
_PAGED = (404,)
_ASKED: Told = {
    "query": {**_TEXT, "example": "ASK {}"},
    "default-graph-uri": {"type": "array", "items": _TEXT},
    "named-graph-uri": {"type": "array", "items": _TEXT},
    "as": {"type": "string", "enum": list(WISHES)},
}
_SOLUTIONS = tuple(dict.fromkeys(media for written in WRITTEN.values() for media in written))
_BOUNDED = (400, 403, 406, 413, 429, 503)

GET: Mapping[str, Known] = {
    "/search": Known(SEARCH, RESULTS, statuses=(404, 503)),
    "/search/suggestions": Known(SEARCH, (ITEMS,), statuses=(503,), more=_LANG),
    "/": Known(RECORDS),
    "/register": Known(RECORDS),
    "/register/{name}": Known(RECORDS, RESULTS, {"name": "register"}, (404, 503)),
    "/id/{name}": Known(RECORDS, (), _RECORD, (301, 303, 404, 410)),
    "/doc/{name}": Known(RECORDS, MEDIA, _RECORD, (301, 302, *_GONE), headers=("Accept-Datetime",)),
    "/doc/{name}/v/{version}": Known(RECORDS, MEDIA, {"name": "record", "version": "version"}, _GONE),
    "/doc/{name}/findings": Known(RECORDS, MEDIA, _RECORD, _GONE),
    "/file/{id}/{name}": Known(RECORDS, (ANYTHING,), {"id": "file", "name": "file name"}, (206, 404, 410, 416)),
    "/history": Known(HISTORY, statuses=(303, 404)),
    "/history/{name}": Known(HISTORY, MEDIA, {"name": "event"}, (404,)),
    "/doc/{name}/history": Known(HISTORY, MEDIA, _RECORD, _GONE),
    "/doc/{name}/timemap": Known(HISTORY, (_LINKS,), _RECORD, _GONE),
    "/doc/{name}/compare": Known(HISTORY, MEDIA, _RECORD, _GONE),
    "/vocabulary": Known(WORDS),
    "/vocabulary/{name}": Known(WORDS, LISTS, {"name": "scheme"}, (404,)),
    "/vocabulary/{key}/{name}": Known(WORDS, MEDIA, {"key": "scheme", "name": "concept"}, (404, 410)),
    "/country": Known(WORDS),
    "/country/{name}": Known(WORDS, MEDIA, {"name": "country"}, (404,)),
    "/map": Known(WORDS),
    "/format": Known(FORMATS),
    "/format/{path}": Known(FORMATS, MEDIA, {"path": "format"}, (404,)),
    "/ns": Known(FORMATS),
    "/ns/{name}": Known(FORMATS, MEDIA, {"name": "namespace"}, (404,)),
    "/context/{name}": Known(FORMATS, (JSONLD,), {"name": "context"}, (404,)),
    "/frame/{name}": Known(FORMATS, (JSONLD,), {"name": "context"}, (404,)),
    "/query": Known(QUERIES),
    "/sparql": Known(QUERIES, _SOLUTIONS, statuses=_BOUNDED, more=_ASKED),
    "/sparql.{suffix}": Known(QUERIES, OFFERS),
    "/dump": Known(FEEDS),
    "/dump/latest/{name}": Known(FEEDS, (), {"name": "dumped"}, (302, 404)),
    "/dump/{dump}/{name}": Known(FEEDS, (ANYTHING,), {"dump": "dump", "name": "dumped"}, (206, 404, 410, 416)),
    "/feed": Known(FEEDS, (ATOM,), statuses=_PAGED, more=_LANG),
    "/feed/{name}": Known(FEEDS, (ATOM,), {"name": "register"}, _PAGED, more=_LANG),
    "/ldes": Known(FEEDS, DATA, statuses=_PAGED),
    "/ldes/{name}": Known(FEEDS, DATA, {"name": "register"}, _PAGED),
    "/ldes/{number}/doc": Known(FEEDS, (), {"number": "event"}, (303, 404)),
    "/oai": Known(FEEDS, (_XML,), more=_HARVEST),
    "/catalog": Known(SERVICE),
    "/void": Known(SERVICE),
    "/.well-known/void": Known(SERVICE, (), {}, (302,)),
    "/.well-known/api-catalog": Known(SERVICE, (_LINKSET,)),
    "/conformance": Known(SERVICE),
    "/health": Known(SERVICE, (JSON,)),
}
SEND: Mapping[tuple[str, str], Known] = {
    ("post", "/register/{name}"): Known(SENDING, REPORTS, {"name": "register"}, SENT, READS, ("Idempotency-Key",)),
    ("post", "/register"): Known(SENDING, REPORTS, {}, SENT, READS, ("Idempotency-Key",)),
    ("put", "/doc/{name}"): Known(SENDING, REPORTS, _RECORD, SENT, READS, _CHANGE),
    ("patch", "/doc/{name}"): Known(SENDING, REPORTS, _RECORD, SENT, PATCHES, _CHANGE),
    ("delete", "/doc/{name}"): Known(SENDING, (JSON,), _RECORD, SENT, ("application/json",), _CHANGE),
    ("post", "/sparql"): Known(QUERIES, _SOLUTIONS, {}, (200, 415, *_BOUNDED), ASKING),
    ("post", "/file"): Known(
        SENDING, (JSON,), {}, (*SENT, 503), ("*/*",), ("Content-Disposition", "Repr-Digest", "Content-Digest")
    ),
}
NAMED = Known(QUERIES, (), statuses=(404,))  # each query of the house, with media and parameters of its own

REASONS: Mapping[str, str] = {
    "about": "a page for people, which has no data",
    "account": "of a session, by the forms of its own page",
    "api": "this description, as a page",
    "confirm": "opened by a link in a letter",
    "desk": "of a session, by the forms of its own page",
    "draft": "opened by a link that somebody was given",
    "feed.atom": "the one form of /feed",
    "invitation": "opened by a link in a letter",
    "openapi.json": "this description",
    "linkset": "the links of a page, which its head names",
    "oai post": "the same as GET, for harvesters that send forms",
    "outbox": "of a session, by the forms of its own page",
    "people": "of a session, by the forms of its own page",
    "query/{folder}": "described query by query",
    "receipt": "opened by a link that somebody was given",
    "reset": "opened by a link in a letter",
    "sparql/editor": "a page for people, which has no data",
    "robots.txt": "a file for robots, which they know where to find",
    "sign-in": "a form for people",
    "sign-out": "a form for people",
    "sign-up": "a form for people",
    "sitemap": "for search engines, which robots.txt leads there",
    "sitemap.xml": "for search engines, which robots.txt leads there",
    "static": "the look of the pages",
    "trail": "of a session, by the forms of its own page",
}


def known(method: str, path: str) -> Known | None:
    """What is known of a route; a suffix that fixes the form belongs to the path before it."""
    if method != "get":
        return SEND.get((method, path))
    stem = path.removesuffix(".{suffix}")
    return GET.get(path) or GET.get("/" if stem == "/index" else stem)


def reason(method: str, path: str) -> str | None:
    """Why a route is not described, if there is a reason."""
    segments = path.strip("/").removesuffix(".html").split("/")
    keys = (segments[0], "/".join(segments[:2]), f"{segments[0]} {method}")
    return next((REASONS[key] for key in keys if key in REASONS), None)


def examples(registry: Registry) -> dict[str, str]:
    """What may stand in the places of paths, so that they lead to something: drawn from what is published."""
    kinds = [format.target for format in registry.formats.values()]
    records = [row["identifier"].value for row in registry.select("records/newest", kind=kinds)]
    scheme = next((one for one in registry.concepts.schemes if one.concepts), None)
    found = {
        "register": next((format.register for format in registry.formats.values()), ""),
        "format": next(iter(registry.formats), ""),
        "namespace": next(iter(registry.house.ontologies), ""),
        "context": next((address.rsplit("/", 1)[-1] for address in registry.house.exchanged.contexts), ""),
        "event": str(registry.sequence),
        "version": "1",
        "country": "KE",
        "record": next(iter(records), ""),
        "scheme": scheme.key if scheme else "",
        "concept": path_name(scheme.concepts[0]) if scheme else "",
    }
    return {name: value for name, value in found.items() if value}
