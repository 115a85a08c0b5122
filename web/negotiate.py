"""Accept, Accept-Profile, Accept-Language > a medium, a form of JSON-LD, a profile, a language.

A resource offers media types in its own order of preference; the reader's `Accept` chooses among them, unless the
address already fixes one by its suffix. New serialisations are rows of `MEDIA`.
Sources: RFC 9110, sections 5.6.6 and 12; RFC 4647, section 3.4 (look-up); RFC 6906 (profiles); JSON-LD 1.1, section C
(the profiles of its media type); https://www.w3.org/TR/dx-prof-conneg/ (Accept-Profile).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from registry.language import base_language

DEFAULT_LANGUAGE = "en"

LONGEST = 8_192  # characters of a header that are read; what browsers and libraries send has some hundreds

# Nothing is given back that was taken, so a header is read once. Behind a quote that never closes none closes.
_CLOSED = re.compile(r'(?:[^"]++|"(?:[^"\\]|\\.)*+")*+', re.DOTALL)
_ELEMENT = re.compile(r'(?:[^",]++|"(?:[^"\\]|\\.)*+"?+)++', re.DOTALL)
_PIECE = re.compile(r'(?:[^";]++|"(?:[^"\\]|\\.)*+"?+)++', re.DOTALL)
_QVALUE = re.compile(r"0(?:\.\d{0,3})?|1(?:\.0{0,3})?|\.\d{1,3}")


@dataclass(frozen=True)
class Media:
    """A media type that can be served: the suffix that fixes it, its name for readers, whether it has words.

    What has words is written for a reader of one language; data carry all languages.
    """

    suffix: str
    type: str
    name: str
    charset: str = ""
    worded: bool = False

    @property
    def content_type(self) -> str:
        """The value of Content-Type."""
        return f"{self.type}; charset={self.charset}" if self.charset else self.type


HTML = Media("html", "text/html", "HTML", "utf-8", worded=True)
XHTML = Media("xhtml", "application/xhtml+xml", "XHTML", "utf-8", worded=True)
TURTLE = Media("ttl", "text/turtle", "Turtle", "utf-8")
JSONLD = Media("jsonld", "application/ld+json", "JSON-LD")
NTRIPLES = Media("nt", "application/n-triples", "N-Triples")
RDFXML = Media("rdf", "application/rdf+xml", "RDF/XML")
TRIG = Media("trig", "application/trig", "TriG")
NQUADS = Media("nq", "application/n-quads", "N-Quads")
JSON = Media("json", "application/json", "JSON")
CSV = Media("csv", "text/csv", "CSV", "utf-8", worded=True)
XLSX = Media("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "XLSX", worded=True)
PROBLEM = Media("json", "application/problem+json", "JSON")
PLAIN = Media("txt", "text/plain", "Text", "utf-8")
ATOM = Media("atom", "application/atom+xml", "Atom", "utf-8", worded=True)
ITEMS = Media("json", "application/json", "JSON", worded=True)
SPARQL = Media("rq", "application/sparql-query", "SPARQL", "utf-8")

DATA = (TURTLE, JSONLD, NTRIPLES, RDFXML, TRIG, NQUADS)
MEDIA = (HTML, *DATA, JSON, XHTML)
TABLES = (CSV, XLSX)
LISTS = (HTML, *DATA, *TABLES, JSON, XHTML)
RESULTS = (HTML, *DATA, *TABLES, ATOM, ITEMS, SPARQL, XHTML)
SUFFIXES = {media.suffix: media for media in LISTS}

PROFILES = "http://www.w3.org/ns/json-ld#"
FORMS = ("compacted", "expanded", "flattened", "framed")


@dataclass(frozen=True)
class Profile:
    """What a resource's data promise to keep to: a common format, SKOS; `token` is its name in an address."""

    token: str
    iri: str


@dataclass(frozen=True)
class Representation:
    """What a reader gets: a medium; its language where it has words; of JSON-LD the form and where its context is."""

    media: Media
    language: str = ""
    form: str = ""
    inline: bool = False

    @property
    def content_type(self) -> str:
        """The value of Content-Type; a form of JSON-LD that was asked for is named."""
        return self.media.content_type + (f'; profile="{PROFILES}{self.form}"' if self.form else "")


@dataclass(frozen=True)
class Range:
    """One media range of an Accept header."""

    type: str
    parameters: Mapping[str, str]
    quality: float
    order: int

    def specificity(self, media: Media) -> float | None:
        """How closely the range names a media type; None when it does not.

        A parameter nobody here knows makes a range less certain, not void: the profile is a wish (RFC 6906),
        unless the range is an exclusion, which then speaks of something that is not offered.
        """
        main = media.type.split("/")[0]
        if self.type in ("*/*", f"{main}/*"):
            return 0.0 if self.type == "*/*" else 1.0
        if self.type != media.type:
            return None
        if not self.parameters:
            return 2.0
        if self.parameters == {"charset": media.charset}:
            return 3.0
        return None if self.quality == 0 else 1.5


def elements(header: str) -> list[str]:
    """The elements of a comma-separated header; a comma inside quotes separates nothing, unless they never close.

    A header longer than LONGEST has none: it counts as absent, so its sender is answered as one without wishes.
    """
    if len(header) > LONGEST:
        return []
    closed = _CLOSED.match(header)
    whole = closed.end() if closed else 0
    header = header[:whole] + header[whole:].replace('"', "")
    return [found.strip() for found in _ELEMENT.findall(header) if found.strip()]


def weighted(element: str) -> tuple[str, dict[str, str], float | None]:
    """An element's value, its parameters and its weight; None for a weight that is not one."""
    value, *pieces = [piece.strip() for piece in _PIECE.findall(element)] or [""]
    parameters: dict[str, str] = {}
    quality: float | None = 1.0
    for piece in pieces:
        name, _, text = piece.partition("=")
        text = text.strip()
        if text.startswith('"'):
            text = re.sub(r"\\(.)", r"\1", text.strip('"'))
        if name.strip().lower() == "q":
            quality = float(text) if _QVALUE.fullmatch(text) else None
        else:
            parameters[name.strip().lower()] = text.lower()
    return value.lower(), parameters, quality


def ranges(header: str) -> list[Range]:
    """The media ranges of an Accept header; what cannot be read is passed over."""
    found = []
    for order, element in enumerate(elements(header)):
        value, parameters, quality = weighted(element)
        if quality is not None and re.fullmatch(r"(\*/\*|[^\s/*]+/(\*|[^\s/*]+))", value):
            found.append(Range(value, parameters, quality, order))
    return found


def choose_media(header: str | None, offers: Iterable[Media]) -> Media | None:
    """The offer that the reader wants most; None when the reader excludes them all.

    The most specific range that names an offer gives its weight. Among equal weights the more specific range
    wins, then the one named first, then the server's own order.
    """
    asked = ranges(header or "")
    if not asked:
        return next(iter(offers), None)
    best: tuple[tuple[float, float, float], Media] | None = None
    for media in offers:
        fits = [(fit, -one.order, one.quality) for one in asked if (fit := one.specificity(media)) is not None]
        if not fits:
            continue
        fit, order, quality = max(fits)
        if quality > 0 and (best is None or (quality, fit, order) > best[0]):
            best = ((quality, fit, order), media)
    return best[1] if best else None


def choose_form(header: str | None) -> str:
    """The form of JSON-LD that the reader names by a profile of the media type; empty when none is named."""
    best: tuple[tuple[float, float], str] | None = None
    for one in ranges(header or ""):
        if one.type == JSONLD.type and one.quality > 0:
            named = one.parameters.get("profile", "").split()
            form = next((form for form in reversed(FORMS) if PROFILES + form in named), "")
            if best is None or (one.quality, -one.order) > best[0]:
                best = ((one.quality, -one.order), form)
    return best[1] if best else ""


def choose_profile(header: str | None, offers: Iterable[Profile]) -> tuple[bool, Profile | None]:
    """Whether a reader asks for profiles at all, and which of those offered they want most."""
    asked, found = False, []
    for order, element in enumerate(elements(header or "")):
        value, _, quality = weighted(element)
        asked = True
        for profile in offers:
            if quality and value in ("*", profile.token, f"<{profile.iri.lower()}>", profile.iri.lower()):
                found.append((quality, -order, profile))
    return asked, max(found, key=lambda one: one[:2])[2] if found else None


def choose_language(asked: str | None, cookie: str | None, header: str | None) -> str:
    """The language of the page: `?lang=`, then the cookie, then Accept-Language, then English.

    A language the registry does not speak is passed over, never an error.
    """
    for stated in (asked, cookie):
        if stated and (language := base_language(stated)):
            return language
    wishes = []
    for order, element in enumerate(elements(header or "")):
        tag, _, quality = weighted(element)
        language = base_language(tag)
        if language and quality:
            wishes.append((quality, -order, language))
    return max(wishes)[2] if wishes else DEFAULT_LANGUAGE


def accepts_gzip(header: str | None) -> bool:
    """Whether the reader takes gzip: named with a weight above 0, or covered by `*`."""
    weights = {value: quality for value, _, quality in map(weighted, elements(header or ""))}
    return bool(weights.get("gzip", weights.get("x-gzip", weights.get("*"))))


def split(name: str, offers: Iterable[Media] = LISTS) -> tuple[str, Media | None]:
    """A last path segment without its suffix, and the media type of those offered that the suffix fixes."""
    stem, dot, suffix = name.rpartition(".")
    media = next((one for one in offers if one.suffix == suffix.lower()), None) if dot and stem else None
    return (stem, media) if media else (name, None)
