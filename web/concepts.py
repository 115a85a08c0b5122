"""The pages of the vocabularies: the tree of a scheme, a concept with all that is known of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from registry.concepts import Concept, Scheme
from registry.formats import Format
from registry.language import LANGUAGES, Texts
from registry.registry import Registry
from registry.shape import path_name
from registry.terms import DCTERMS, RDFS, SKOS, XSD, Literal, NamedNode, Term
from web import schemaorg
from web.labels import Labels
from web.places import SCHEME
from web.render import Page
from web.rows import iri_of
from web.visit import Visit
from web.words import Text
from web.words import marked as _

FIRST = 5
LONG = 60


MATCHES = {
    "exactMatch": _("Same"),
    "closeMatch": _("Nearly the same"),
    "broadMatch": _("Part of the wider"),
    "narrowMatch": _("Wider than"),
    "relatedMatch": _("Related"),
}


@dataclass(frozen=True)
class Branch:
    """A concept in the tree of its scheme; one that is narrower than two concepts stands under each."""

    concept: Concept
    label: Text
    branches: tuple[Branch, ...]


@dataclass(frozen=True)
class Membership:
    """One group that a country belongs to: the day its list was read, and where."""

    group: NamedNode
    read: str
    source: str


@dataclass(frozen=True)
class Use:
    """The records of one register that use a concept."""

    format: Format
    count: int
    first: tuple[tuple[str, Text], ...]


def draw_scheme(visit: Visit, page: Page, scheme: Scheme) -> bytes:
    """The page of a vocabulary."""
    concepts = [c for iri in scheme.concepts if (c := visit.registry.concepts.get(iri))]
    page.told = schemaorg.of_scheme(page, scheme)
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
        adopted=scheme.graph.text(scheme.iri, DCTERMS.dateAccepted),
        remarks=[note for note in (scheme.graph.texts(scheme.iri, SKOS.editorialNote),) if note],
    )


def tree(page: Page, scheme: Scheme) -> tuple[Branch, ...]:
    """The hierarchy of a scheme; a concept whose broader ones are elsewhere stands at the top."""
    known = page.registry.concepts
    members = {iri: one for iri in scheme.concepts if (one := known.get(iri))}

    def grow(iris: Iterable[NamedNode], above: tuple[NamedNode, ...]) -> tuple[Branch, ...]:
        inside = sorted(
            (iri for iri in iris if iri in members), key=lambda iri: (members[iri].position, members[iri].notation)
        )
        return tuple(
            Branch(members[iri], page.label(iri), grow(members[iri].narrower, (*above, iri)))
            for iri in inside
            if iri not in above
        )

    return grow((iri for iri, one in members.items() if not set(one.broader) & members.keys()), ())


def draw_concept(visit: Visit, page: Page, scheme: Scheme, concept: Concept) -> bytes:
    """The page of a concept."""
    page.told = schemaorg.of_concept(page, concept)
    groups = memberships(visit.registry, concept)
    place = concept.scheme == visit.registry.own.iri(SCHEME)
    matches = [(page.say_in_words(MATCHES[kind]), iris) for kind, iris in concept.matches.items()]
    return visit.site.renderer.draw(
        "concept.html",
        page,
        scheme=scheme,
        concept=concept,
        label=page.text(concept.labels),
        trail=trail(visit.registry, concept),
        languages=LANGUAGES,
        broader=[iri for iri in concept.broader if iri not in [one.group for one in groups]],
        matches=matches,
        memberships=groups,
        notes=notes(concept),
        remarks=[concept.notes] if concept.notes else [],
        country=f"country/{concept.notation}" if place else "",
        facts=facts(visit.registry, page, concept),
        uses=uses(visit.registry, page, concept.iri),
    )


def trail(registry: Registry, concept: Concept) -> list[NamedNode]:
    """One way up from a concept within its scheme, widest first: the breadcrumb."""
    found: list[NamedNode] = []
    for iri in registry.concepts.ancestors(concept.iri):
        here = registry.concepts.get(found[0] if found else concept.iri)
        above = registry.concepts.get(iri)
        if here and above and iri in here.broader and above.scheme == concept.scheme:
            found.insert(0, iri)
    return found


def notes(concept: Concept) -> list[Texts]:
    """What the vocabulary tells every reader of a concept beside its definition."""
    found = (concept.graph.texts(concept.iri, predicate) for predicate in (SKOS.scopeNote, SKOS.note))
    return [texts for texts in found if texts]


def memberships(registry: Registry, concept: Concept) -> list[Membership]:
    """The groups a country belongs to, each with the day the list was read and where."""
    reg, graph = registry.own.reg, concept.graph
    return [
        Membership(group, graph.text(member, reg.readOn) or "", graph.text(member, DCTERMS.source) or "")
        for member in graph.iris(concept.iri, reg.membership)
        for group in graph.iris(member, reg.group)
    ]


def facts(registry: Registry, page: Page, concept: Concept) -> list[tuple[Text, Text, str]]:
    """What else the vocabulary says of a concept, in the registry's own terms: other codes, states, days."""
    own, graph = registry.own, concept.graph
    told = (own.reg.membership, own.reg.awaitsReview)
    found: list[tuple[Text, Text, str]] = []
    for code in graph.objects(concept.iri, SKOS.notation):
        if isinstance(code, Literal) and code.datatype != XSD.string:
            found.append((_term(registry, page, code.datatype), Text(code.value, "und"), ""))
    for predicate, values in graph.described(concept.iri).items():
        if predicate.value.startswith(own.base + "ns/") and predicate not in told:
            found += [(_term(registry, page, predicate), *_fact(page, value)) for value in values]
    return found


def _term(registry: Registry, page: Page, term: NamedNode) -> Text:
    """What the registry's ontology calls one of its terms."""
    for ontology in registry.house.ontologies.values():
        if texts := ontology.texts(term, RDFS.label):
            return page.text(texts)
    return Text(path_name(term), "und")


def _fact(page: Page, value: Term) -> tuple[Text, str]:
    if isinstance(value, NamedNode):
        return page.label(value), page.href(value)
    if isinstance(value, Literal) and value.datatype == XSD.date:
        return Text(page.date(value), page.lang), ""
    return Text(getattr(value, "value", ""), "und"), ""


def uses(registry: Registry, page: Page, concept: NamedNode) -> list[Use]:
    """The records that use a concept or a narrower one, register by register, the newest first."""
    found: dict[str, list[NamedNode]] = {}
    for row in registry.select("records/uses", concept=concept):
        record, kind = iri_of(row, "record"), iri_of(row, "class")
        format = registry.formats.by_class(kind) if kind else None
        if format and record:
            found.setdefault(format.key, []).append(record)
    labels = Labels(registry, (record for records in found.values() for record in records[:FIRST]))
    return [
        Use(
            format=registry.formats[key],
            count=len(found[key]),
            first=tuple((page.href(record), page.text(labels[record])) for record in found[key][:FIRST]),
        )
        for key in registry.formats
        if key in found
    ]
