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
from registry.formats import Field, reachable
from registry.records import named
from registry.registry import House
from registry.shape import fields_of, path_name
from registry.terms import OWL, RDF, RDFS, SKOS, Graph, NamedNode, Namespace
from web.answers import FOREVER, Answer, Link, finish
from web.negotiate import JSONLD, split
from web.render import Page
from web.visit import Resource, Visit, Visiting

router = APIRouter()

TERMS = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, RDFS.Class, RDF.Property, OWL.AnnotationProperty)


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
        html=lambda page: _draw_terms(visit, page, key.lower(), found),
        graph=lambda: found,
    )
    return visit.reply(resource, fixed)


@lru_cache(maxsize=2)
def _shapes(rooms: House) -> Graph:
    """All shapes under the names they have in the triple store, so that equal questions get equal bytes."""
    return named(rooms.formats.shapes, rooms.own)


def _draw_shape(visit: Visit, page: Page, shapes: Graph, iri: NamedNode) -> bytes:
    registry = visit.registry
    format = registry.formats.get(path_name(iri))
    sections: list[tuple[object, list[Field]]]
    if format and format.iri == iri:
        sections = list(format.groups())
    else:
        fields = fields_of(registry.formats.shapes, iri, registry.own)
        sections = [(None, sorted(fields, key=lambda field: (field.order, field.key)))]
    texts = shapes.texts(iri, Namespace("http://www.w3.org/ns/shacl#").name) or shapes.texts(iri, RDFS.label)
    return visit.site.renderer.draw(
        "format.html",
        page,
        format=format,
        title=page.text(texts or {"und": path_name(iri)}),
        about=page.text(shapes.texts(iri, Namespace("http://www.w3.org/ns/shacl#").description)),
        sections=[(group, fields) for group, fields in sections if fields],
        context=jsonld.address(format, registry.own) if format else "",
    )


def _draw_terms(visit: Visit, page: Page, key: str, ontology: Graph) -> bytes:
    start = f"{visit.registry.own.base}ns/{key}"
    terms = [s for s in ontology.subjects if isinstance(s, NamedNode) and s.value.startswith(start + "#")]
    rows = [
        (
            path_name(term),
            page.text(ontology.texts(term, RDFS.label) or {"und": path_name(term)}),
            page.text(ontology.texts(term, RDFS.comment) or ontology.texts(term, SKOS.definition)),
            [path_name(kind) for kind in ontology.iris(term, RDF.type)],
        )
        for term in sorted(terms, key=lambda term: term.value.casefold())
    ]
    itself = NamedNode(start)
    return visit.site.renderer.draw("terms.html", page, key=key, iri=start, rows=rows, graph=ontology, itself=itself)
