"""The map of the site for search engines: `/sitemap.xml` lists sitemaps, these every public page, each just once.

An address stands there without language; the pages of the six languages are its alternates. What ended, and what only
leads elsewhere, is left out. A sitemap has few addresses, for each takes a kilobyte with its alternates.
Sources: https://www.sitemaps.org/protocol.html (50,000 addresses, 50 MB);
https://developers.google.com/search/docs/specialty/international/localized-versions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from fastapi import APIRouter
from starlette.responses import Response

from registry.errors import NotFound
from registry.language import LANGUAGES
from web import about
from web.answers import Answer, finish
from web.known import GET
from web.markup import element
from web.negotiate import HTML, Media
from web.places import countries
from web.visit import Visit, Visiting

router = APIRouter()

XML = Media("xml", "application/xml", "XML", "utf-8")
SIZE = 2_000  # addresses of one sitemap
NAMESPACES = {"xmlns": "http://www.sitemaps.org/schemas/sitemap/0.9"}
WITH_LINKS = {**NAMESPACES, "xmlns__xhtml": "http://www.w3.org/1999/xhtml"}
INDEX, PAGES, VOCABULARIES = "sitemap.xml", "pages", "vocabularies"

Entry = tuple[str, datetime]


@router.get("/sitemap.xml")
def index(visit: Visiting) -> Response:
    """The list of sitemaps, kept by the last event and the day: all addresses are gone through for it."""
    key = (INDEX, visit.registry.sequence, visit.site.day)
    return finish(visit.request.headers, visit.site.pages.get(key, lambda: _listed(visit)), visit.now)


@router.get("/sitemap/{name}")
def sitemap(visit: Visiting, name: str) -> Response:
    """One sitemap: pages, a register, or the vocabularies."""
    stem, _, number = name.removesuffix(".xml").rpartition("-")
    entries = _entries(visit, stem) if re.fullmatch("[1-9][0-9]{0,4}", number) else []
    start = (int(number) - 1) * SIZE if entries else 0
    if not name.endswith(".xml") or not entries[start:]:
        raise NotFound("There is nothing called {name}.", name=name)
    inner = "".join(_url(visit, path, at) for path, at in entries[start : start + SIZE])
    return finish(visit.request.headers, _answer(visit, element("urlset", content=inner, **WITH_LINKS)), visit.now)


def _listed(visit: Visit) -> Answer:
    told = []
    for name in (PAGES, VOCABULARIES, *(format.register for format in visit.registry.formats.values())):
        entries = _entries(visit, name)
        for number in range(0, len(entries), SIZE):
            changed = max(at for _, at in entries[number : number + SIZE])
            told.append((f"sitemap/{name}-{number // SIZE + 1}.xml", changed))
    inner = "".join(element("sitemap", content=_located(visit, path, at)) for path, at in told)
    return _answer(visit, element("sitemapindex", content=inner, **NAMESPACES))


def _answer(visit: Visit, body: str) -> Answer:
    text = '<?xml version="1.0" encoding="UTF-8"?>\n' + body
    return Answer(text.encode(), XML.content_type, modified=visit.registry.changed)


def _located(visit: Visit, path: str, at: datetime) -> str:
    said = at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return element("loc", visit.site.settings.base + path) + element("lastmod", said)


def _url(visit: Visit, path: str, at: datetime) -> str:
    address = visit.site.settings.base + path
    others = {**{lang: f"{address}?lang={lang}" for lang in LANGUAGES}, "x-default": address}
    links = (element("xhtml:link", rel="alternate", hreflang=lang, href=href) for lang, href in others.items())
    return element("url", content=_located(visit, path, at) + "".join(links))


def _entries(visit: Visit, name: str) -> list[Entry]:
    """The addresses below the base with the moment of their last change: pages, vocabularies, records of a register."""
    if name in (PAGES, VOCABULARIES):
        return list(_pages(visit) if name == PAGES else _vocabularies(visit))
    registry = visit.registry
    if (format := registry.formats.by_register(name)) is None:
        return []
    shown = (item for item in visit.site.feed.upto(registry.sequence).items() if not item.ended)
    return [(f"doc/{item.identifier}", item.entered) for item in shown if item.code == format.type_code]


def _pages(visit: Visit) -> Iterator[Entry]:
    """The pages that show something of all records, or of the house; they change with it and with the day."""
    registry, at = visit.registry, visit.site.modified
    stems = [path.strip("/") for path, known in GET.items() if HTML in known.media and "{" not in path]
    stems += ["about" + (f"/{key}" if key else "") for key in about.PAGES]
    stems += ["api"]
    stems += [f"register/{format.register}" for format in registry.formats.values()]
    stems += [f"format/{key}" for key in registry.formats]
    stems += [f"ns/{name}" for name in registry.house.ontologies]
    stems += [f"country/{country.notation}" for country in countries(registry)]
    yield from ((stem, at) for stem in stems)


def _vocabularies(visit: Visit) -> Iterator[Entry]:
    """Each vocabulary with its concepts, which changed with its last release."""
    registry = visit.registry
    schemes = registry.concepts.schemes
    released = registry.ledger.changed([scheme.iri.value for scheme in schemes], registry.sequence)
    for scheme in schemes:
        at = released.get(scheme.iri.value, registry.changed)
        yield from ((iri.value.removeprefix(registry.own.base), at) for iri in (scheme.iri, *scheme.concepts))
