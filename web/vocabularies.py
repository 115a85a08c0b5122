"""The controlled vocabularies: all schemes, one scheme, one concept, as pages and as SKOS.

Nothing is hidden for want of a label: a concept without one in the reader's language is shown in another, tagged.
Sources: https://www.w3.org/TR/skos-reference/; 2005 report, paragraphs 7 and 20.
"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from registry.concepts import Concept, Scheme
from registry.errors import NotFound
from registry.language import in_order
from registry.registry import Registry
from registry.standing import LICENCE
from registry.terms import DCTERMS, RDF, SKOS, Graph
from web.answers import Link
from web.concepts import draw_concept, draw_scheme
from web.negotiate import LISTS, Profile, split
from web.render import Page
from web.table import of_scheme
from web.visit import Target, Visit, Visiting, fixed_by

router = APIRouter()

SKOS_PROFILE = Profile("skos", SKOS.iri.removesuffix("#"))
ABOUT = (Link(LICENCE.value, "license"),)


@router.get("/vocabulary")
def schemes(visit: Visiting) -> Response:
    """All vocabularies."""
    return visit.reply(_schemes(visit), None)


@router.get("/vocabulary.{suffix}")
def schemes_as(visit: Visiting, suffix: str) -> Response:
    """All vocabularies, in the form that the address fixes."""
    return visit.reply(_schemes(visit), fixed_by(suffix, "vocabulary"))


@router.get("/vocabulary/{name}")
def scheme(visit: Visiting, name: str) -> Response:
    """One vocabulary."""
    key, fixed = split(name)
    found = _scheme(visit.registry, key)
    resource = Target(
        path=f"vocabulary/{found.key}",
        html=lambda page: draw_scheme(visit, page, found),
        graph=lambda: found.graph,
        table=lambda page: of_scheme(visit.registry, found, page.lang),
        links=lambda: (Link(visit.registry.own.iri("vocabulary").value, "collection"), *ABOUT),
        profiles=lambda: (SKOS_PROFILE,),
        offers=LISTS,
    )
    return visit.reply(resource, fixed)


@router.get("/vocabulary/{key}/{name}")
def concept(visit: Visiting, key: str, name: str) -> Response:
    """One concept."""
    own, within = visit.registry.own, _scheme(visit.registry, key)
    code, fixed = split(name)
    known = visit.registry.concepts.get(own.concept(within.key, code)) if _plain(code) else None
    found = known or _spelt(visit.registry, within, code)
    if found is None:
        raise NotFound("There is no concept {name} in the vocabulary {scheme}.", name=code, scheme=within.key)
    resource = Target(
        path=found.iri.value.removeprefix(own.base),
        html=lambda page: draw_concept(visit, page, within, found),
        graph=lambda: found.graph,
        links=lambda: (Link(within.iri.value, "collection"), *ABOUT),
        profiles=lambda: (SKOS_PROFILE,),
    )
    return visit.reply(resource, fixed)


def _schemes(visit: Visit) -> Target:
    return Target(
        path="vocabulary",
        html=lambda page: visit.site.renderer.draw(
            "vocabularies.html", page, schemes=_by_label(visit, page), accepted=DCTERMS.dateAccepted
        ),
        graph=lambda: _list(visit.registry),
    )


def _scheme(registry: Registry, key: str) -> Scheme:
    found = registry.concepts.scheme(registry.own.iri(f"vocabulary/{key.lower()}")) if _plain(key) else None
    if found is None:
        raise NotFound("There is no vocabulary {name}.", name=key)
    return found


def _plain(name: str) -> bool:
    """Whether a name can be the end of an IRI as it stands."""
    return name.isascii() and name.replace("-", "").replace("_", "").isalnum()


def _spelt(registry: Registry, scheme: Scheme, code: str) -> Concept | None:
    """The concept whose code differs in case only: its own address is where the reader is sent."""
    asked = f"{scheme.iri.value}/{code}".casefold()
    return next((registry.concepts.get(iri) for iri in scheme.concepts if iri.value.casefold() == asked), None)


def _by_label(visit: Visit, page: Page) -> list[Scheme]:
    return sorted(visit.registry.concepts.schemes, key=lambda scheme: in_order(page.text(scheme.labels).text))


def _list(registry: Registry) -> Graph:
    """What each vocabulary says of itself, without its concepts."""
    kept = (RDF.type, SKOS.prefLabel, DCTERMS.description, DCTERMS.issued)
    return Graph(t for s in registry.concepts.schemes for t in s.graph.about([s.iri]) if t.predicate in kept)
