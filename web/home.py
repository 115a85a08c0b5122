"""The front page: what the Coordination Mechanism is, how its elements stand, what the registry holds today.

Source: 2005 report, paragraphs 1 to 5 (R01, R05).
"""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from registry.formats import Format
from registry.graphs import Row
from registry.registry import Registry
from registry.terms import NamedNode
from web import schemaorg
from web.api import service
from web.holdings import catalogue, holdings
from web.labels import Labels
from web.map import picture
from web.render import Page
from web.rows import iri_of, text_of
from web.services import catalogued
from web.visit import Target, Visit, Visiting, fixed_by
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
class Element:
    """One element of the Coordination Mechanism, its state and the day that was said."""

    iri: NamedNode
    definition: Text
    state: NamedNode | None
    as_of: str
    components: tuple[Element, ...]


@dataclass(frozen=True)
class Brief:
    """A record in one line: its format and title, who stands behind it, the day that counts."""

    record: NamedNode
    format: Format
    title: Text
    source: NamedNode | None
    when: str


def _resource(visit: Visit) -> Target:
    return Target(
        path="",
        html=lambda page: _draw(visit, page),
        graph=lambda: catalogue(visit.registry),
        links=lambda: (*service(visit), catalogued(visit)),
    )


def _draw(visit: Visit, page: Page) -> bytes:
    registry, day = visit.registry, visit.site.day
    kinds = [format.target for format in registry.formats.values()]
    newest = registry.select("records/newest", kind=kinds) if kinds else ()
    closing = registry.select("records/closing", day=day)
    page.told = schemaorg.of_registry(page)
    return visit.site.renderer.draw(
        "home.html",
        page,
        holdings=holdings(visit),
        picture=picture(page),
        elements=elements(registry, page),
        newest=_briefs(page, newest, "issued"),
        closing=_briefs(page, closing, "end"),
    )


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


def _briefs(page: Page, rows: tuple[Row, ...], day: str) -> list[Brief]:
    labels = Labels(page.registry, (record for row in rows if (record := iri_of(row, "record"))))
    found = []
    for row in rows:
        record, kind = iri_of(row, "record"), iri_of(row, "class")
        format = page.registry.formats.by_class(kind) if kind else None
        if record and format:
            found.append(Brief(record, format, page.text(labels[record]), iri_of(row, "source"), text_of(row, day)))
    return found
