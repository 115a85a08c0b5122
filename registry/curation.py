"""What no shape can ask of a vocabulary: that it is closed, its links lead somewhere, its labels can be told apart.

Source: https://www.w3.org/TR/skos-reference/#integrity-conditions; the quality issues of SKOS vocabularies, qSKOS.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator

from registry.concepts import MATCHES
from registry.findings import Finding, Messages
from registry.records import spoofing
from registry.shape import path_name
from registry.terms import DCTERMS, RDF, SKOS, XSD, Graph, Literal, NamedNode, Own, Term, Triple

LEADS = (SKOS.broader, SKOS.related, DCTERMS.isReplacedBy, *(SKOS[name] for name in MATCHES))
SCRIPTS = {
    "ru": re.compile("[\u0400-\u04ff]"),
    "zh": re.compile("[\u3400-\u4dbf\u4e00-\u9fff]"),
    "ar": re.compile("[\u0600-\u06ff]"),
}
TEXTS = (SKOS.prefLabel, SKOS.altLabel, SKOS.definition, DCTERMS.description)
_SMALL = re.compile(r"[^\W\d_A-Z]")  # a code or an acronym is in capitals in every script


def faults(
    scheme: NamedNode, graph: Graph, exists: Callable[[NamedNode], bool], messages: Messages, own: Own
) -> Iterator[Finding]:
    """Every fault of a vocabulary's file that a query over it would be needed for."""
    concepts = [c for c in graph.having(RDF.type, SKOS.Concept) if isinstance(c, NamedNode)]
    yield from spoofing(graph, messages, {})
    yield from _foreign(scheme, graph, messages)
    yield from _leads(graph, exists, messages, own)
    yield from _tops(scheme, graph, messages)
    yield from _scripts(graph, messages)
    for concept in concepts:
        yield from _code(concept, graph, messages)
    yield from _cycles(concepts, graph, messages)
    yield from _twins(scheme, concepts, graph, messages)


def _foreign(scheme: NamedNode, graph: Graph, messages: Messages) -> Iterator[Finding]:
    """Statements about something else than the scheme and its concepts."""
    for subject in graph.subjects:
        inside = subject == scheme or subject.value.startswith((scheme.value + "/", scheme.value + "#"))
        if isinstance(subject, NamedNode) and not inside:
            yield messages.finding("ForeignTerm", subject, value=subject.value, limit=scheme.value)


def _leads(graph: Graph, exists: Callable[[NamedNode], bool], messages: Messages, own: Own) -> Iterator[Finding]:
    """Links to a concept of the registry's own that is not there."""
    for triple in sorted(graph, key=str):
        value = triple.object
        if triple.predicate not in LEADS or not isinstance(value, NamedNode):
            continue
        if value.value.startswith(own.base) and not graph.objects(value, SKOS.inScheme) and not exists(value):
            yield messages.finding("DanglingConcept", _whole(triple), path=triple.predicate, value=value.value)


def _whole(triple: Triple) -> NamedNode:
    return triple.subject if isinstance(triple.subject, NamedNode) else NamedNode("urn:blank")


def _tops(scheme: NamedNode, graph: Graph, messages: Messages) -> Iterator[Finding]:
    """Top concepts that are not there, or stand below another of the scheme."""
    for top in graph.objects(scheme, SKOS.hasTopConcept):
        above = graph.objects(top, SKOS.broader) if isinstance(top, NamedNode) else []
        below = any(scheme in graph.objects(b, SKOS.inScheme) for b in above if isinstance(b, NamedNode))
        there = isinstance(top, NamedNode) and scheme in graph.objects(top, SKOS.topConceptOf)
        if below or not there:
            said = top.value if isinstance(top, (NamedNode, Literal)) else ""
            yield messages.finding("NotTopConcept", scheme, path=SKOS.hasTopConcept, value=said)


def _scripts(graph: Graph, messages: Messages) -> Iterator[Finding]:
    """Texts that say they are Arabic, Chinese or Russian and have no letter of its script."""
    for triple in sorted(graph, key=str):
        value = triple.object
        if triple.predicate not in TEXTS or not isinstance(value, Literal) or not isinstance(triple.subject, NamedNode):
            continue
        script = SCRIPTS.get(value.language or "")
        if script and _SMALL.search(value.value) and not script.search(value.value):
            yield messages.finding(
                "WrongScript", triple.subject, path=triple.predicate, value=value.value, limit=value.language or ""
            )


def _code(concept: NamedNode, graph: Graph, messages: Messages) -> Iterator[Finding]:
    """A plain code that is not the end of the concept's address."""
    for code in graph.objects(concept, SKOS.notation):
        plain = isinstance(code, Literal) and code.datatype == XSD.string
        if plain and isinstance(code, Literal) and code.value != path_name(concept):
            limit = path_name(concept)
            yield messages.finding("CodeUnlikeAddress", concept, path=SKOS.notation, value=code.value, limit=limit)


def _twins(scheme: NamedNode, concepts: list[NamedNode], graph: Graph, messages: Messages) -> Iterator[Finding]:
    """A code, or a preferred label in one language, that stands for two concepts of a scheme."""
    for component, path in (("TwinCode", SKOS.notation), ("TwinLabel", SKOS.prefLabel)):
        values = Counter(value for concept in concepts for value in graph.objects(concept, path))
        for value, times in values.items():
            if times > 1 and isinstance(value, Literal):
                yield messages.finding(component, scheme, path=path, value=value.value, limit=value.language or "")


def _cycles(concepts: list[NamedNode], graph: Graph, messages: Messages) -> Iterator[Finding]:
    """A concept that is its own broader concept, however far away."""
    for concept in concepts:
        seen, todo = set[Term](), list(graph.objects(concept, SKOS.broader))
        while todo:
            term = todo.pop()
            if term == concept:
                yield messages.finding("BroaderCycle", concept, path=SKOS.broader, value=concept.value)
                break
            if term not in seen and isinstance(term, NamedNode):
                seen.add(term)
                todo += graph.objects(term, SKOS.broader)
