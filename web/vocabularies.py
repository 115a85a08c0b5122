"""The controlled vocabularies: all schemes, one scheme, one concept, as pages and as SKOS.

Nothing is hidden for want of a label: a concept without one in the reader's language is shown in another, tagged.
Sources: https://www.w3.org/TR/skos-reference/; 2005 report, paragraphs 7 and 20.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from registry.concepts import Concept, Scheme
from registry.errors import NotFound
from registry.formats import Format
from registry.language import LANGUAGES
from registry.registry import Registry
from registry.terms import DCTERMS, RDF, SKOS, Graph, Literal, NamedNode, Triple
from web.answers import Link
from web.fields import Labels
from web.negotiate import split
from web.render import Page
from web.visit import Resource, Visit, Visiting
from web.words import Text

router = APIRouter()

FIRST = 5
LONG = 60


@router.get("/vocabulary")
def schemes(visit: Visiting) -> Response:
    """All vocabularies."""
    return _schemes(visit, "vocabulary")


@router.get("/vocabulary.{suffix}")
def schemes_as(visit: Visiting, suffix: str) -> Response:
    """All vocabularies, in the form that the address fixes."""
    return _schemes(visit, f"vocabulary.{suffix}")


@router.get("/vocabulary/{name}")
def scheme(visit: Visiting, name: str) -> Response:
    """One vocabulary."""
    key, fixed = split(name)
    found = _scheme(visit.registry, key)
    resource = Resource(
        path=f"vocabulary/{found.key}",
        html=lambda page: _draw_scheme(visit, page, found),
        graph=lambda: found.graph,
        links=lambda: (Link(visit.registry.own.iri("vocabulary").value, "collection"),),
    )
    return visit.reply(resource, fixed)


@router.get("/vocabulary/{key}/{name}")
def concept(visit: Visiting, key: str, name: str) -> Response:
    """One concept."""
    own, within = visit.registry.own, _scheme(visit.registry, key)
    code, fixed = split(name)
    found = visit.registry.concepts.get(own.concept(within.key, code)) or _spelt(visit.registry, within, code)
    if found is None:
        raise NotFound("There is no concept {name} in the vocabulary {scheme}.", name=code, scheme=within.key)
    resource = Resource(
        path=found.iri.value.removeprefix(own.base),
        html=lambda page: _draw_concept(visit, page, within, found),
        graph=lambda: found.graph,
        links=lambda: (Link(within.iri.value, "collection"),),
    )
    return visit.reply(resource, fixed)


def _schemes(visit: Visit, name: str) -> Response:
    stem, fixed = split(name)
    resource = Resource(
        path="vocabulary",
        html=lambda page: visit.site.renderer.draw("vocabularies.html", page, schemes=_by_label(visit, page)),
        graph=lambda: _list(visit.registry),
    )
    if stem != "vocabulary":
        raise NotFound("There is nothing called {name}.", name=name)
    return visit.reply(resource, fixed)


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
    return sorted(visit.registry.concepts.schemes, key=lambda scheme: page.text(scheme.labels).text.casefold())


def _list(registry: Registry) -> Graph:
    """What each vocabulary says of itself, without its concepts."""
    kept = (RDF.type, SKOS.prefLabel, DCTERMS.description, DCTERMS.issued)
    return Graph(t for s in registry.concepts.schemes for t in s.graph.about([s.iri]) if t.predicate in kept)


@dataclass(frozen=True)
class Branch:
    """A concept in the tree of its scheme; one that is narrower than two concepts stands under each."""

    concept: Concept
    label: Text
    branches: tuple[Branch, ...]


def tree(page: Page, scheme: Scheme) -> tuple[Branch, ...]:
    """The hierarchy of a scheme; a concept whose broader ones are elsewhere stands at the top."""
    known = page.registry.concepts
    members = {iri: one for iri in scheme.concepts if (one := known.get(iri))}

    def grow(iris: Iterable[NamedNode], above: tuple[NamedNode, ...]) -> tuple[Branch, ...]:
        return tuple(
            Branch(members[iri], page.label(iri), grow(members[iri].narrower, (*above, iri)))
            for iri in sorted(iris, key=lambda iri: members[iri].notation if iri in members else "")
            if iri in members and iri not in above
        )

    return grow((iri for iri, one in members.items() if not set(one.broader) & members.keys()), ())


def _draw_scheme(visit: Visit, page: Page, scheme: Scheme) -> bytes:
    concepts = [c for iri in scheme.concepts if (c := visit.registry.concepts.get(iri))]
    progress = [
        (lang, sum(lang in c.labels for c in concepts), sum(lang in c.awaits for c in concepts)) for lang in LANGUAGES
    ]
    return visit.site.renderer.draw(
        "scheme.html",
        page,
        scheme=scheme,
        concepts=concepts,
        tree=tree(page, scheme),
        progress=progress,
        long=len(concepts) > LONG,
    )


@dataclass(frozen=True)
class Use:
    """The records of one register that use a concept."""

    format: Format
    count: int
    first: tuple[tuple[str, Text], ...]


def _draw_concept(visit: Visit, page: Page, scheme: Scheme, concept: Concept) -> bytes:
    return visit.site.renderer.draw(
        "concept.html",
        page,
        scheme=scheme,
        concept=concept,
        label=page.text(concept.labels),
        trail=_trail(visit.registry, concept),
        memberships=memberships(visit.registry, concept),
        uses=uses(visit.registry, page, concept.iri),
    )


def _trail(registry: Registry, concept: Concept) -> list[NamedNode]:
    """One way up from a concept within its scheme, widest first: the breadcrumb."""
    trail: list[NamedNode] = []
    here: Concept | None = concept
    while here:
        above = (one for iri in here.broader if (one := registry.concepts.get(iri)) and one.scheme == concept.scheme)
        here = next((one for one in above if one.iri not in (concept.iri, *trail)), None)
        if here:
            trail.insert(0, here.iri)
    return trail


def memberships(registry: Registry, concept: Concept) -> list[tuple[NamedNode, str, str]]:
    """The groups a country belongs to, each with the day the list was read and where."""
    reg, graph = registry.own.reg, concept.graph
    found = []
    for member in graph.iris(concept.iri, reg.membership):
        for group in graph.iris(member, reg.group):
            found.append((group, graph.text(member, reg.readOn) or "", graph.text(member, DCTERMS.source) or ""))
    return found


def uses(registry: Registry, page: Page, concept: NamedNode) -> list[Use]:
    """The records that use a concept or a narrower one, register by register, the newest first."""
    found: dict[str, list[NamedNode]] = {}
    for row in registry.select("records/uses", concept=concept):
        record, target = row["record"], row["class"]
        format = registry.formats.by_class(target) if isinstance(target, NamedNode) else None
        if format and isinstance(record, NamedNode):
            found.setdefault(format.key, []).append(record)
    labels = Labels(registry, (record for records in found.values() for record in records[:FIRST]))
    return [
        Use(registry.formats[key], len(found[key]), tuple((page.href(r), page.text(labels[r])) for r in found[key][:FIRST]))
        for key in registry.formats
        if key in found
    ]
