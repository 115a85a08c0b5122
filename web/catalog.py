"""`/catalog`: what there is to have, as DCAT-AP tells it: registers, vocabularies, everything at once, and services.

Each is drawn from the house and the routes: a new format, vocabulary or service is in the catalogue.
Source: https://semiceu.github.io/DCAT-AP/releases/3.0.0/.
"""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter
from starlette.responses import Response

from registry import dumps
from registry.census import Census
from registry.terms import DCAT, RDF, SKOS, Graph, NamedNode, Triple
from web import datasets
from web.holdings import heads, holdings
from web.negotiate import RESULTS
from web.render import Page
from web.services import services
from web.visit import Target, Visit, Visiting, fixed_by
from web.whole import AUTHORITY, Said, dataset, people, temporal

router = APIRouter()


@router.get("/catalog")
def catalog(visit: Visiting) -> Response:
    """Everything there is to have: datasets with their files, and services."""
    return visit.reply(_target(visit), None)


@router.get("/catalog.{suffix}")
def catalog_as(visit: Visiting, suffix: str) -> Response:
    """The same in the form that the address fixes."""
    return visit.reply(_target(visit), fixed_by(suffix, "catalog"))


def _target(visit: Visit) -> Target:
    census = visit.site.census()
    return Target(
        path="catalog",
        html=lambda page: _draw(visit, page),
        graph=lambda: Graph(Triple(*said) for said in _said(visit, census)),
        passing=lambda: census is None,
    )


def _draw(visit: Visit, page: Page) -> bytes:
    return visit.site.renderer.draw(
        "catalog.html",
        page,
        holdings=holdings(visit),
        forms=[media for media in RESULTS if media.suffix in datasets.FILES],
        schemes=visit.registry.concepts.schemes,
        services=[one for one in services(visit) if one.interface],
    )


def _said(visit: Visit, census: Census | None) -> Iterator[Said]:
    registry = visit.registry
    own, schemes = registry.own, registry.concepts.schemes
    themes = NamedNode(f"{AUTHORITY}data-theme")
    since = dict(census.since) if census else {}
    first = registry.ledger.event(1)
    dump = next(iter(dumps.dumps(visit.site.settings.dumps)[-1:]), None)
    feed = visit.site.feed.upto(registry.sequence)
    released = registry.ledger.changed([scheme.iri.value for scheme in schemes], registry.sequence)
    yield from heads(registry)
    yield from people(registry)
    yield NamedNode(own.base), DCAT.themeTaxonomy, themes
    yield themes, RDF.type, SKOS.ConceptScheme
    yield from datasets.everything(registry, dump, registry.changed)
    yield from temporal(registry, dataset(own), min(since.values(), default=None))
    for format in registry.formats.values():
        here = own.iri(f"register/{format.register}")
        changed = next((leaf.ends for leaf in feed.pages(format.type_code)[-1:]), first.entered if first else None)
        yield from datasets.of_register(registry, format, dump, changed or registry.changed)
        yield from temporal(registry, here, since.get(format.target))
    for scheme in schemes:
        yield from datasets.of_scheme(registry, scheme, released.get(scheme.iri.value, registry.changed))
    for service in services(visit):
        if service.interface:
            yield from datasets.of_service(registry, service)
