"""What is wrong with a record, where, and what to do: one finding shape for every door and every surface.

Focus node and path become the field of a form, the cell of a sheet, the pointer of problem+json or the line of a
load's summary; the words are data, `shapes/messages.ttl` and the shapes themselves, in six languages.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from registry.errors import RegistryError, fill
from registry.language import LANGUAGES, Texts, pick
from registry.shape import SEVERITIES, Field, path_name
from registry.terms import RDF, SH, Graph, Literal, NamedNode, Own, Term, Triple


@dataclass(frozen=True)
class Finding:
    """One finding. `component` is the SHACL constraint component or the check that found it.

    `severity` is must (the record is refused), should or may. `focus` is the record or one of its parts; `path`
    the property; `key` the field's key, or the property's name where no field has it. `term` is the value as it stands
    in the graph, `shape` the shape or rule that asked for something else, where they are known.
    """

    component: str
    severity: str
    focus: NamedNode
    path: NamedNode | None = None
    key: str = ""
    value: str = ""
    value_names: Texts = field(default_factory=dict, hash=False)
    names: Texts = field(default_factory=dict, hash=False)
    messages: Texts = field(default_factory=dict, hash=False)
    remedies: Texts = field(default_factory=dict, hash=False)
    limit: str = ""
    allowed: tuple[Texts, ...] = field(default=(), hash=False)
    term: Term | None = None
    shape: NamedNode | None = None

    @property
    def blocks(self) -> bool:
        """The record is refused because of it."""
        return self.severity == "must"

    def say(self, lang: str = "en") -> str:
        """What is wrong, in a language."""
        return fill(pick(self.messages, lang)[0] or self.component, self._places(lang))

    def advise(self, lang: str = "en") -> str:
        """What to do about it; empty where the message says it all."""
        return fill(pick(self.remedies, lang)[0], self._places(lang))

    def _places(self, lang: str) -> Mapping[str, str]:
        return {
            "field": pick(self.names, lang)[0] or self.key or (self.path.value if self.path else ""),
            "value": pick(self.value_names, lang)[0]
            or (self.value if len(self.value) < 120 else self.value[:117] + "…"),
            "limit": self.limit,
            "allowed": " / ".join(pick(texts, lang)[0] for texts in self.allowed) or self.limit,
        }


def of_error(error: RegistryError, focus: NamedNode) -> Finding:
    """What could not be read at all, as a finding."""
    messages, remedies = ({lang: say(lang) for lang in LANGUAGES} for say in (error.say, error.advise))
    return Finding("Unreadable", "must", focus, value=error.where, messages=messages, remedies=remedies)


class Messages:
    """The words of findings by constraint component, from `shapes/messages.ttl`."""

    def __init__(self, shapes: Graph, own: Own) -> None:
        self._shapes, self._own = shapes, own

    def finding(
        self,
        component: str,
        focus: NamedNode,
        *,
        severity: str = "must",
        path: NamedNode | None = None,
        field: Field | None = None,
        value: str = "",
        value_names: Texts = MappingProxyType({}),
        limit: str = "",
        allowed: tuple[Texts, ...] = (),
        term: Term | None = None,
        shape: NamedNode | None = None,
    ) -> Finding:
        """A finding of a component of SHACL, or of the registry's own where SHACL has none."""
        words = self._words(component, limit)
        return Finding(
            component=component,
            severity=severity,
            focus=focus,
            path=field.path if field else path,
            key=field.key if field else (path_name(path) if path else ""),
            value=value,
            value_names=value_names,
            names=field.names if field else {},
            messages=self._shapes.texts(words, SH.message),
            remedies=self._shapes.texts(words, self._own.reg.remedy),
            limit=limit,
            allowed=allowed,
            term=term,
            shape=shape,
        )

    def _words(self, component: str, limit: str) -> NamedNode:
        """What has the words of a component: those at this limit, the registry's own, or those of SHACL."""
        names = ([f"{component}-{limit}"] if limit.isdigit() else []) + [component]
        own = (self._own.reg[name] for name in names)
        return next((one for one in own if self._shapes.described(one)), SH[component])


def report(findings: Iterable[Finding], own: Own, about: NamedNode | None = None) -> Graph:
    """Findings as an `sh:ValidationReport`, each an `sh:ValidationResult` in six languages, without blank nodes.

    The report is a fragment of `about`; without it, of the /doc IRI of the record that the first finding is about.
    Source: https://www.w3.org/TR/shacl/#validation-report.
    """
    told = list(findings)
    place = about or own.doc(path_name(NamedNode(told[0].focus.value.split("#")[0])) if told else "")
    whole = NamedNode(f"{place.value}#report")
    triples = [
        Triple(whole, RDF.type, SH.ValidationReport),
        Triple(whole, SH.conforms, Literal(not told)),
    ]
    for number, finding in enumerate(told, 1):
        result = NamedNode(f"{place.value}#finding-{number}")
        triples.append(Triple(whole, SH.result, result))
        triples += (Triple(result, predicate, value) for predicate, value in _result(finding, own))
    return Graph(triples)


def _result(finding: Finding, own: Own) -> Iterator[tuple[NamedNode, Term]]:
    yield RDF.type, SH.ValidationResult
    yield SH.resultSeverity, next(iri for iri, severity in SEVERITIES.items() if severity == finding.severity)
    yield SH.focusNode, finding.focus
    if finding.path:
        yield SH.resultPath, finding.path
    if isinstance(finding.term, (NamedNode, Literal)):
        yield SH.value, finding.term
    elif finding.value:
        yield SH.value, Literal(finding.value)
    if finding.shape:
        yield SH.sourceShape, finding.shape
    yield SH.sourceConstraintComponent, component(finding, own)
    if finding.shape and finding.component.startswith("checks/"):
        yield SH.sourceConstraint, NamedNode(f"{finding.shape.value}#query")
    for lang in LANGUAGES:
        yield SH.resultMessage, Literal(finding.say(lang), language=lang)
        if advice := finding.advise(lang):
            yield own.reg.remedy, Literal(advice, language=lang)


def component(finding: Finding, own: Own) -> NamedNode:
    """The constraint component that found something: of SHACL, of SHACL-SPARQL for a rule, or of the registry's own."""
    if finding.component.startswith("checks/"):
        return SH.SPARQLConstraintComponent
    return SH[finding.component] if finding.component.endswith("ConstraintComponent") else own.reg[finding.component]
