"""The registry's own terms: `/ns`, `/ns/capacity#element`: what each means, where it is used, what a value looks like.

Sources: https://www.w3.org/TR/owl2-rdf-based-semantics/; Cool URIs for the Semantic Web (hash namespaces).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from fastapi import APIRouter
from starlette.responses import Response

from registry.errors import NotFound
from registry.formats import Field, Format
from registry.language import Texts
from registry.registry import Registry
from registry.rooms import House
from registry.shape import path_name
from registry.terms import DCTERMS, RDF, RDFS, SH, Graph, Literal, NamedNode, Term
from web.formats import example_of, shapes_of
from web.negotiate import split
from web.render import Page
from web.visit import Target, Visit, Visiting, fixed_by
from web.words import Text
from web.words import marked as _

router = APIRouter()

KINDS = {
    "Class": _("Class"),
    "ObjectProperty": _("Property whose value is a thing"),
    "DatatypeProperty": _("Property whose value is a text, number or date"),
    "AnnotationProperty": _("Annotation of a shape or a vocabulary"),
    "Check": _("Check"),
    "NamedIndividual": _("Individual"),
}
LONG = 160


@dataclass(frozen=True)
class Use:
    """A place where a term is used: a field of a format or part, a class of record, a message."""

    format: Text
    href: str
    field: Text | None
    anchor: str


@dataclass(frozen=True)
class Described:
    """One term as its page shows it."""

    name: str
    iri: NamedNode
    labels: Texts
    definitions: Texts
    kinds: tuple[str, ...]
    domains: tuple[NamedNode, ...]
    ranges: tuple[NamedNode, ...]
    above: tuple[NamedNode, ...]
    uses: tuple[Use, ...]
    source: Text | None
    example: str
    message: Text | None


@router.get("/ns")
def namespaces(visit: Visiting) -> Response:
    """The registry's own namespaces; as data, what each says of itself."""
    return visit.reply(_namespaces(visit), None)


@router.get("/ns.{suffix}")
def namespaces_as(visit: Visiting, suffix: str) -> Response:
    """The namespaces in the form that the address fixes."""
    return visit.reply(_namespaces(visit), fixed_by(suffix, "ns"))


def _namespaces(visit: Visit) -> Target:
    registry = visit.registry
    found = {registry.own.iri(f"ns/{key}"): graph for key, graph in registry.house.ontologies.items()}
    return Target(
        path="ns",
        html=lambda page: visit.site.renderer.draw(
            "namespaces.html",
            page,
            rows=[
                (
                    iri,
                    _title(page, graph, iri),
                    page.text(graph.texts(iri, DCTERMS.description)),
                    len(_terms(graph, iri)),
                )
                for iri, graph in found.items()
            ],
            prefixes=registry.house.prefixes,
        ),
        graph=lambda: Graph(triple for iri, graph in found.items() for triple in graph.about([iri])),
    )


@router.get("/ns/{name}")
def namespace(visit: Visiting, name: str) -> Response:
    """The terms of one of the registry's own namespaces."""
    key, fixed = split(name)
    found = visit.registry.house.ontologies.get(key.lower())
    if found is None:
        raise NotFound("There is no namespace {name}.", name=key)
    resource = Target(
        path=f"ns/{key.lower()}",
        html=lambda page: _draw(visit, page, visit.registry.own.iri(f"ns/{key.lower()}"), found),
        graph=lambda: found,
    )
    return visit.reply(resource, fixed)


def _draw(visit: Visit, page: Page, start: NamedNode, ontology: Graph) -> bytes:
    values = _examples(visit.registry)
    uses = _uses(visit.registry, page)
    return visit.site.renderer.draw(
        "terms.html",
        page,
        iri=start.value,
        title=_title(page, ontology, start),
        about=page.text(ontology.texts(start, DCTERMS.description)),
        terms=[_described(page, ontology, term, uses, values) for term in _terms(ontology, start)],
    )


def _terms(ontology: Graph, start: NamedNode) -> list[NamedNode]:
    found = [s for s in ontology.subjects if isinstance(s, NamedNode) and s.value.startswith(start.value + "#")]
    return sorted(found, key=lambda term: term.value.casefold())


def _title(page: Page, ontology: Graph, start: NamedNode) -> Text:
    return page.text(ontology.texts(start, DCTERMS.title) or {"und": path_name(start)})


def _described(
    page: Page, ontology: Graph, term: NamedNode, uses: dict[NamedNode, list[Use]], values: dict[NamedNode, Term]
) -> Described:
    kinds = [path_name(kind) for kind in ontology.iris(term, RDF.type)]
    source = page.text(ontology.texts(term, DCTERMS.source))
    message = page.text(page.registry.formats.shapes.texts(term, SH.message))
    return Described(
        name=path_name(term),
        iri=term,
        labels=ontology.texts(term, RDFS.label),
        definitions=ontology.texts(term, RDFS.comment),
        kinds=tuple(page.say_in_words(KINDS.get(kind, kind)) for kind in kinds),
        domains=ontology.iris(term, RDFS.domain),
        ranges=ontology.iris(term, RDFS.range),
        above=ontology.iris(term, RDFS.subPropertyOf) + ontology.iris(term, RDFS.subClassOf),
        uses=tuple(uses.get(term, ())),
        source=source or None,
        example=_written(page, values.get(term)),
        message=message or None,
    )


def _written(page: Page, value: Term | None) -> str:
    """A value as Turtle writes it, cut where it is long."""
    if isinstance(value, NamedNode):
        return page.short(value)
    said = str(value) if isinstance(value, Literal) else ""
    return said if len(said) <= LONG else said[: LONG - 1] + "…"


def _uses(registry: Registry, page: Page) -> dict[NamedNode, list[Use]]:
    """Where each term is used: as the class of a format or part, or as the path of a field."""
    found: dict[NamedNode, list[Use]] = {}
    for format in registry.formats.values():
        for term, use in _uses_of(page, format):
            known = found.setdefault(term, [])
            if use not in known:
                known.append(use)
    return found


def _uses_of(page: Page, format: Format) -> Iterator[tuple[NamedNode, Use]]:
    name, href = page.text(format.names), page.href(format.iri)
    yield format.target, Use(name, href, None, "")

    def walk(fields: Iterable[Field], above: str) -> Iterator[tuple[NamedNode, Use]]:
        for field in fields:
            anchor = f"{above}{field.key}"
            yield field.path, Use(name, href, page.text(field.names), anchor)
            if field.part:
                if field.part.target:
                    yield field.part.target, Use(name, href, page.text(field.names), anchor)
                yield from walk(field.part.fields, f"{anchor}.")

    yield from walk(format.fields, "")


def _examples(registry: Registry) -> dict[NamedNode, Term]:
    """A value for each property that has one: in the example of a format, else in a shape or an event."""
    records = [entry.graph for format in registry.formats.values() if (entry := example_of(registry, format))]
    event = registry.construct("history/events", event=NamedNode(f"{registry.own.history.value}#{registry.sequence}"))
    found: dict[NamedNode, Term] = {}
    for graph in (*records, event):
        for subject in graph.subjects:
            for predicate, values in graph.described(subject).items():
                found.setdefault(predicate, values[0])
    return _of_shapes(registry.house) | found


@lru_cache(maxsize=2)
def _of_shapes(rooms: House) -> dict[NamedNode, Term]:
    shapes = shapes_of(rooms)
    return {p: values[0] for s in shapes.subjects for p, values in shapes.described(s).items()}
