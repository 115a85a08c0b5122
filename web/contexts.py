"""What the registry's own IRIs lead to: terms, common formats, JSON-LD contexts.

A context is an immutable file: a changed format gets a new version and with it a new address.
"""

from __future__ import annotations

import re
from functools import lru_cache

from fastapi import APIRouter
from starlette.responses import Response

from registry.errors import NotFound
from registry.exchange import jsonld
from registry.formats import Field, Group, reachable
from registry.registry import House
from registry.shape import fields_of, path_name
from registry.terms import DCTERMS, RDF, RDFS, SH, Graph, NamedNode
from web.answers import FOREVER, Answer, Link, finish
from web.negotiate import JSONLD, split
from web.render import Page
from web.visit import Resource, Visit, Visiting, fixed_by
from web.words import marked as _

router = APIRouter()


DUTIES = {"must": _("Mandatory"), "should": _("Recommended"), "may": _("Optional")}
KINDS = {
    "text": _("Text in one or more languages"),
    "string": _("Text"),
    "number": _("Number"),
    "integer": _("Whole number"),
    "boolean": _("Yes or no"),
    "date": _("Date, month or year"),
    "concept": _("Concept of:"),
    "record": _("Reference to a record:"),
    "link": _("Web address"),
    "email": _("E-mail address"),
    "telephone": _("Telephone number"),
    "part": _("Part of the record:"),
}


@router.get("/context/{name}")
def context(visit: Visiting, name: str) -> Response:
    """The JSON-LD context of a format, by version."""
    rooms = visit.registry.house
    found = rooms.contexts.get(f"{rooms.own.base}context/{name}")
    if found is None:
        raise NotFound("There is no context {name}.", name=name)
    answer = Answer(jsonld.dumps({"@context": found}), JSONLD.content_type, cache=FOREVER)
    return finish(visit.request.headers, answer)


@router.get("/format/{path:path}")
def shape(visit: Visiting, path: str) -> Response:
    """A common format, or a part of one, as SHACL and as a page that explains its fields."""
    key, fixed = split(path)
    shapes, own = _shapes(visit.registry.house), visit.registry.own
    iri = own.iri(f"format/{key.lower()}") if re.fullmatch(r"[\w/-]+", key, re.ASCII) else None
    if iri is None or not shapes.described(iri):
        raise NotFound("There is no format {name}.", name=key)
    format = visit.registry.formats.get(key.lower())
    links = [Link(own.iri(f"register/{format.register}").value, "collection")] if format else []
    resource = Resource(
        path=f"format/{key.lower()}",
        html=lambda page: _draw_shape(visit, page, shapes, iri),
        graph=lambda: reachable(shapes, iri),
        links=lambda: tuple(links),
    )
    return visit.reply(resource, fixed)


@router.get("/ns/{name}")
def namespace(visit: Visiting, name: str) -> Response:
    """The terms of one of the registry's own namespaces."""
    key, fixed = split(name)
    found = visit.registry.house.ontologies.get(key.lower())
    if found is None:
        raise NotFound("There is no namespace {name}.", name=key)
    resource = Resource(
        path=f"ns/{key.lower()}",
        html=lambda page: _draw_terms(visit, page, visit.registry.own.iri(f"ns/{key.lower()}"), found),
        graph=lambda: found,
    )
    return visit.reply(resource, fixed)


@router.get("/format")
def formats(visit: Visiting) -> Response:
    """All common formats; as data, all shapes."""
    return visit.reply(_formats(visit), None)


@router.get("/format.{suffix}")
def formats_as(visit: Visiting, suffix: str) -> Response:
    """All common formats in the form that the address fixes."""
    return visit.reply(_formats(visit), fixed_by(suffix, "format"))


def _formats(visit: Visit) -> Resource:
    return Resource(
        path="format",
        html=lambda page: visit.site.renderer.draw("formats.html", page),
        graph=lambda: _shapes(visit.registry.house),
    )


@lru_cache(maxsize=2)
def _shapes(rooms: House) -> Graph:
    """All shapes under the names they have in the triple store, so that equal questions get equal bytes."""
    return rooms.furniture()[rooms.own.iri("format/")]


def _draw_shape(visit: Visit, page: Page, shapes: Graph, iri: NamedNode) -> bytes:
    registry, say = visit.registry, page.say_in_words
    format = registry.formats.get(path_name(iri))
    sections: list[tuple[Group | None, list[Field]]]
    if format and format.iri == iri:
        sections = format.groups()
    else:
        fields = fields_of(registry.formats.shapes, iri, registry.own)
        sections = [(None, sorted(fields, key=lambda field: (field.order, field.key)))]
    texts = shapes.texts(iri, SH.name) or shapes.texts(iri, RDFS.label)
    return visit.site.renderer.draw(
        "format.html",
        page,
        format=format,
        title=page.text(texts or {"und": path_name(iri)}),
        about=page.text(shapes.texts(iri, SH.description)),
        sections=[
            (group, [(field, say(DUTIES[_duty(field)]), say(KINDS[field.kind])) for field in fields])
            for group, fields in sections
            if fields
        ],
        context=jsonld.address(format, registry.own) if format else "",
    )


def _duty(field: Field) -> str:
    return "must" if field.required else "should" if field.recommended else "may"


def _draw_terms(visit: Visit, page: Page, start: NamedNode, ontology: Graph) -> bytes:
    terms = [s for s in ontology.subjects if isinstance(s, NamedNode) and s.value.startswith(start.value + "#")]
    rows = [
        (
            path_name(term),
            page.text(ontology.texts(term, RDFS.label) or {"und": path_name(term)}),
            page.text(ontology.texts(term, RDFS.comment)),
            [path_name(kind) for kind in ontology.iris(term, RDF.type)],
        )
        for term in sorted(terms, key=lambda term: term.value.casefold())
    ]
    return visit.site.renderer.draw(
        "terms.html",
        page,
        iri=start.value,
        title=page.text(ontology.texts(start, DCTERMS.title) or {"und": path_name(start)}),
        about=page.text(ontology.texts(start, DCTERMS.description)),
        rows=rows,
    )
