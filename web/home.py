"""The front page: what the Coordination Mechanism is, how its elements stand, what the registry holds today.

Source: 2005 report, paragraphs 1 to 5 (R01, R05).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from registry.formats import Format
from registry.graphs import Row
from registry.registry import Entry, Registry
from registry.shape import path_name
from registry.standing import LICENCE
from registry.terms import DCTERMS, RDF, Graph, Literal, NamedNode, Term, Triple
from web.entry import Standing
from web.labels import label_of
from web.listing import Asked, Listing
from web.registers import DCAT
from web.render import Page
from web.rows import iri_of, text_of
from web.visit import Resource, Visit, Visiting, fixed_by
from web.words import Text

router = APIRouter()

MECHANISM = "vocabulary/mechanism-element"


@router.get("/")
def home(visit: Visiting) -> Response:
    """The front page; as data, the catalogue of the registers."""
    return visit.reply(_resource(visit), None)


@router.get("/index.{suffix}")
def home_as(visit: Visiting, suffix: str) -> Response:
    """The front page in the form that the address fixes."""
    return visit.reply(_resource(visit), fixed_by(suffix, "index"))


@dataclass(frozen=True)
class Holding:
    """What one register holds: how many records, in which states, how many of them archived."""

    format: Format
    count: int
    archived: int
    states: tuple[tuple[NamedNode, int], ...]


@dataclass(frozen=True)
class Element:
    """One element of the Coordination Mechanism, its state and the day that was said."""

    iri: NamedNode
    definition: Text
    state: NamedNode | None
    as_of: str
    components: tuple[Element, ...]


@dataclass(frozen=True)
class Brief:
    """A record in one line."""

    entry: Entry
    title: Text
    standing: Standing
    when: str


def _resource(visit: Visit) -> Resource:
    return Resource(path="", html=lambda page: _draw(visit, page), graph=lambda: _catalogue(visit.registry))


def _draw(visit: Visit, page: Page) -> bytes:
    registry, day = visit.registry, visit.site.day
    kinds = [format.target for format in registry.formats.values()]
    newest = registry.select("records/newest", kind=kinds) if kinds else ()
    closing = registry.select("records/closing", day=day)
    return visit.site.renderer.draw(
        "home.html",
        page,
        holdings=holdings(visit),
        elements=elements(registry, page),
        newest=list(_briefs(visit, page, ((iri_of(row, "record"), text_of(row, "issued")) for row in newest))),
        closing=list(_briefs(visit, page, ((iri_of(row, "record"), text_of(row, "end")) for row in closing))),
    )


def holdings(visit: Visit) -> list[Holding]:
    """The registers and their counts on the day, by the queries that their formats name."""
    registry = visit.registry
    kinds = [format.target for format in registry.formats.values()]
    rows = registry.select("reports/counts", kind=kinds) if kinds else ()
    counts = {(iri_of(row, "kind"), iri_of(row, "status")): int(text_of(row, "records") or 0) for row in rows}
    archive = registry.own.concept("record-status", "archived")
    found = []
    for format in registry.formats.values():
        archived = counts.get((format.target, archive), 0)
        total = sum(count for (kind, _), count in counts.items() if kind == format.target)
        listing = Listing(registry, format, Asked(), visit.site.day)
        states = tuple((state, count) for state in listing.states if (count := listing.count(state)))
        found.append(Holding(format, total, archived, states))
    return found


def elements(registry: Registry, page: Page) -> tuple[Element, ...]:
    """The elements of the Mechanism, each with its components below it."""
    below: dict[NamedNode | None, list[Row]] = {}
    for row in registry.select("reports/elements", scheme=registry.own.iri(MECHANISM)):
        below.setdefault(iri_of(row, "whole"), []).append(row)

    def made(parent: NamedNode | None) -> tuple[Element, ...]:
        found = ((iri_of(row, "element"), row) for row in below.get(parent, ()))
        return tuple(_element(page, row, element, made(element)) for element, row in found if element)

    return made(None)


def _element(page: Page, row: Row, element: NamedNode, components: tuple[Element, ...]) -> Element:
    concept = page.concept(element)
    definition = page.text(concept.definitions if concept else {})
    return Element(element, definition, iri_of(row, "state"), text_of(row, "asOf"), components)


def _briefs(visit: Visit, page: Page, found: Iterable[tuple[NamedNode | None, str]]) -> Iterable[Brief]:
    registry = visit.registry
    for record, when in found:
        entry = registry.record(path_name(record)) if record else None
        if entry:
            title = page.text(label_of(registry, entry))
            yield Brief(entry, title, Standing(registry, entry, visit.site.day), when)


def _catalogue(registry: Registry) -> Graph:
    """The registry as a catalogue of its registers."""
    own = registry.own
    here = NamedNode(own.base)
    said: list[tuple[NamedNode, NamedNode, Term]] = [(here, RDF.type, DCAT.Catalog), (here, DCTERMS.license, LICENCE)]
    for format in registry.formats.values():
        register = own.iri(f"register/{format.register}")
        names = format.register_names.items()
        said += [(here, DCAT.catalog, register), (register, RDF.type, DCAT.Catalog)]
        said += [(register, DCTERMS.title, Literal(text, language=lang)) for lang, text in names]
    return Graph(Triple(subject, predicate, value) for subject, predicate, value in said)
