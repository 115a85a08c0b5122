"""`/void`: the dataset of everything public in figures, and where to get it; `/.well-known/void` leads there.

The figures are those of queries that count (`discovery/census`), as of the event that is named beside them.
Source: https://www.w3.org/TR/void/, with section 7.2 for the well-known address.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from fastapi import APIRouter
from starlette.responses import Response

from registry import dumps
from registry.census import Census
from registry.registry import Registry
from registry.terms import DCAT, FOAF, RDF, VOID, Graph, Literal, NamedNode, Triple
from web.answers import redirect
from web.description import FORMATS
from web.negotiate import MEDIA
from web.render import Page
from web.rows import iri_of
from web.services import services
from web.visit import Target, Visit, Visiting, fixed_by
from web.whole import Said, common, dataset, named, people, temporal
from web.words import Text

router = APIRouter()

FEATURES = ("Turtle", "N-Triples", "RDF_XML", "JSON-LD", "TriG", "N-Quads")


@router.get("/.well-known/void")
def well_known(visit: Visiting) -> Response:
    """302 to the description of the dataset."""
    return redirect(302, f"{visit.site.settings.base}void")


@router.get("/void")
def void(visit: Visiting) -> Response:
    """The dataset of everything public, in figures."""
    return visit.reply(_target(visit), None)


@router.get("/void.{suffix}")
def void_as(visit: Visiting, suffix: str) -> Response:
    """The same in the form that the address fixes."""
    return visit.reply(_target(visit), fixed_by(suffix, "void"))


def _target(visit: Visit) -> Target:
    registry, census = visit.registry, visit.site.census()
    return Target(
        path="void",
        html=lambda page: _draw(visit, page, census),
        graph=lambda: described(visit, census),
        passing=lambda: census is None or census.sequence != registry.sequence,
        offers=MEDIA,
    )


def _draw(visit: Visit, page: Page, census: Census | None) -> bytes:
    used = [(iri, called(page, iri), count) for iri, count in (census.classes if census else ())]
    used = sorted(used, key=lambda one: -one[2])
    return visit.site.renderer.draw("void.html", page, census=census, used=used)


def called(page: Page, term: NamedNode) -> Text:
    """What a class is called: by its format, else by its short name."""
    format = page.registry.formats.by_class(term)
    return page.text(format.names) if format else Text(page.short(term), "und")


def described(visit: Visit, census: Census | None) -> Graph:
    """The description; without figures as long as nothing has been counted."""
    found = [*_whole(visit), *people(visit.registry), *(_counted(visit.registry, census) if census else ())]
    return Graph(Triple(*one) for one in found)


def _whole(visit: Visit) -> Iterable[Said]:
    registry = visit.registry
    own, here = registry.own, dataset(registry.own)
    document, paths = own.iri("void"), [one.path for one in services(visit)]
    kinds = [format.target for format in registry.formats.values()]
    newest = registry.select("records/newest", kind=kinds) if kinds else ()
    yield document, RDF.type, VOID.DatasetDescription
    yield document, FOAF.primaryTopic, here
    for one in registry.house.dataset:
        if one.predicate != VOID.sparqlEndpoint or "sparql" in paths:
            yield one.subject, one.predicate, one.object  # type: ignore[misc]
    yield here, RDF.type, DCAT.Dataset
    yield from named(here, registry)
    yield from common(here, registry)
    yield here, FOAF.homepage, NamedNode(own.base)
    yield here, VOID.uriRegexPattern, Literal("^" + own.base.replace(".", r"\.") + "id/BCH-")
    yield here, VOID.rootResource, own.iri("register")
    yield from ((here, VOID.feature, FORMATS[name]) for name in FEATURES)
    yield from ((here, VOID.vocabulary, NamedNode(iri)) for iri in vocabularies(registry))
    yield from ((here, VOID.exampleResource, iri) for row in newest[:3] if (iri := iri_of(row, "record")))
    for dump in dumps.dumps(visit.site.settings.dumps)[-1:]:
        whole = (file.name for file in dump.files if file.register == dumps.ALL)
        yield from ((here, VOID.dataDump, own.iri(f"dump/{dump.name}/{name}")) for name in whole)


def vocabularies(registry: Registry) -> list[str]:
    """The namespaces of the properties that the formats use."""
    every = (triple.object for format in registry.formats.values() for triple in format.shapes)
    names = [term.value for term in every if isinstance(term, NamedNode)]
    spaces = registry.house.prefixes.values()
    return sorted(space for space in spaces if any(name.startswith(space) for name in names))


def _counted(registry: Registry, census: Census) -> Iterable[Said]:
    here, own = dataset(registry.own), registry.own
    told = {
        VOID.triples: census.triples,
        VOID.entities: census.records,
        VOID.classes: len(census.classes),
        VOID.properties: len(census.properties),
        VOID.distinctSubjects: census.subjects,
        VOID.distinctObjects: census.objects,
        own.reg.sequence: census.sequence,
    }
    yield from ((here, predicate, Literal(count)) for predicate, count in told.items())
    for term, count in census.classes:
        part = own.iri(f"void#class-{_fragment(registry, term)}")
        yield here, VOID.classPartition, part
        yield part, VOID["class"], term
        yield part, VOID.entities, Literal(count)
    for term, count in census.properties:
        part = own.iri(f"void#property-{_fragment(registry, term)}")
        yield here, VOID.propertyPartition, part
        yield part, VOID.property, term
        yield part, VOID.triples, Literal(count)
    yield from temporal(registry, here, min((year for _, year in census.since), default=None))


def _fragment(registry: Registry, term: NamedNode) -> str:
    """A term as a piece of an address: the prefix and the name, where there is a prefix."""
    for prefix, space in registry.house.prefixes.items():
        if term.value.startswith(space):
            return f"{prefix}-{term.value.removeprefix(space)}"
    return quote(term.value, safe="")
