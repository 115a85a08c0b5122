"""Shapes and queries > findings: is this record as its common format says?

SHACL Core runs in pySHACL over a small graph of the record, the concepts it names and the classes of the records
it refers to: one shapes graph a format (eight in one cost 14 ms a record, one costs 4). What a shape cannot say is
a query in `sparql/checks/`, run by the engine: an empty answer is right. Shapes come only from the house.
Source: https://www.w3.org/TR/shacl/; 2005 report, paragraph 23 (d).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from functools import cached_property

from registry import shacl
from registry.concepts import Concepts
from registry.findings import Finding, Messages
from registry.formats import Format, Formats, reachable
from registry.graphs import Embedded
from registry.language import LANGUAGES, NAMES, Texts
from registry.queries import Queries, Query
from registry.records import identifier, spoofing
from registry.shape import SEVERITIES, Field, all_fields, path_name
from registry.terms import RDF, SH, SKOS, Graph, Literal, NamedNode, Own, Term, Triple

NATIONAL = "national-record"
MISSING = ("MinCountConstraintComponent",)

Classes = Callable[[NamedNode], NamedNode | None]


class Checks:
    """The checks of one house. `concepts` are those in force; a release makes new checks."""

    def __init__(self, formats: Formats, concepts: Concepts, queries: Queries, own: Own) -> None:
        self._formats, self._concepts, self._queries, self._own = formats, concepts, queries, own
        self.messages = Messages(formats.shapes, own)
        self._shapes = {key: shacl.Shapes(format.shapes) for key, format in formats.items()}
        self._fields = {field.iri: field for format in formats.values() for field in all_fields(format.fields)}

    def record(
        self, record: NamedNode, graph: Graph, *, classes: Classes, day: date, legacy: bool = False
    ) -> list[Finding]:
        """The findings of one record, refusing ones first. `classes` tells the class of a record that is referred to.

        A legacy record is excused from missing fields only, never from wrong ones.
        """
        types = [t for t in graph.iris(record, RDF.type) if self._formats.by_class(t)]
        if len(types) != 1:
            component = "TwoClasses" if types else "NoFormat"
            said = " ".join(t.value for t in types or graph.iris(record, RDF.type))
            kinds = tuple(format.names for format in self._formats.values())
            return [self.messages.finding(component, record, path=RDF.type, value=said, allowed=kinds)]
        format = self._formats[self._formats.by_class(types[0]).key]  # type: ignore[union-attr]
        by_path = {field.path: field for field in reversed(list(all_fields(format.fields)))}
        found = [
            *self._identifier(record, graph, format),
            *spoofing(graph, self.messages, by_path),
            *self._unknown_fields(record, graph, format),
            *self._schemed(record, graph, format.fields),
            *self._shaped(record, graph, format, by_path, classes),
        ]
        if not any(finding.blocks and finding.component not in MISSING for finding in found):
            found += self._ruled(graph, day)
        if legacy:
            found = [replace(f, severity="should") if f.component in MISSING else f for f in found]
        return sorted(found, key=lambda f: (not f.blocks, f.focus.value, f.key, f.component, f.value))

    def vocabulary(self, graph: Graph) -> list[Finding]:
        """The findings of one concept scheme against `shapes/vocabulary.ttl`: six labels, one notation, no cycle."""
        results = shacl.validate(graph, self._vocabulary_shapes)
        return [
            *(self._finding(result, {}) for result in results),
            *_cycles(graph, self.messages),
            *_twins(graph, self.messages),
        ]

    @cached_property
    def _vocabulary_shapes(self) -> shacl.Shapes:
        names = (self._own.iri(f"format/{name}") for name in ("scheme", "concept", "membership"))
        triples = {triple for name in names for triple in reachable(self._formats.shapes, name)}
        return shacl.Shapes(Graph(triples))

    def _identifier(self, record: NamedNode, graph: Graph, format: Format) -> Iterator[Finding]:
        found = identifier(path_name(record))
        owners = self._owners(record, graph, format)
        fits = (
            found is not None
            and str(found[0]) == path_name(record)
            and found[0].type_code == format.type_code
            and (found[0].owner in owners if owners else found[0].owner != "SCBD")
        )
        if not fits:
            example = f"BCH-{format.type_code}-{next(iter(owners), 'KE')}-108"
            yield self.messages.finding("Identifier", record, value=path_name(record), limit=example)

    def _owners(self, record: NamedNode, graph: Graph, format: Format) -> list[str]:
        """Who may own the record: SCBD a reference record, the country it speaks for a national one."""
        if path_name(format.category) != NATIONAL:
            return ["SCBD"]
        countries = self._own.iri("vocabulary/countries")
        fields = [field for field in format.fields if field.schemes == (countries,) and field.max == 1]
        named = (self._concepts.get(value) for field in fields for value in graph.objects(record, field.path))
        return [concept.notation for concept in named if concept and concept.scheme == countries]

    def _unknown_fields(self, record: NamedNode, graph: Graph, format: Format) -> Iterator[Finding]:
        """Statements that the common format has no field for, and fragments that no field leads to."""
        places = {record: format.fields}
        for field in format.fields:
            if field.part:
                places |= dict.fromkeys(graph.iris(record, field.path), field.part.fields)
        uses = Counter(triple.object for triple in graph)
        for subject in graph.subjects:
            if not isinstance(subject, NamedNode):
                continue
            if subject != record and uses[subject] > 1:
                yield self.messages.finding("SharedPart", subject, value=subject.value)
            if subject not in places:
                yield self.messages.finding("LooseFragment", subject, value=subject.value)
                continue
            known = {RDF.type, *(field.path for field in places[subject])}
            for predicate in graph.predicates(subject):
                if predicate not in known:
                    value = graph.value(subject, predicate)
                    said = value.value if isinstance(value, (NamedNode, Literal)) else ""
                    yield self.messages.finding("UnknownField", subject, path=predicate, value=said)

    def _shaped(
        self, record: NamedNode, graph: Graph, format: Format, by_path: dict[NamedNode, Field], classes: Classes
    ) -> list[Finding]:
        data = graph | Graph(self._context(record, graph, format, classes))
        parts = [value for field in format.fields if field.part for value in graph.iris(record, field.path)]
        results = shacl.validate(data, self._shapes[format.key], [record, *parts])
        dangling = frozenset(value.value for value in self._elsewhere(graph) if classes(value) is None)
        found = [self._finding(result, by_path, dangling) for result in results]
        told = {finding.focus.value for finding in found if finding.focus in parts}
        return [f for f in found if f.component != "NodeConstraintComponent" or f.value not in told]

    def _context(self, record: NamedNode, graph: Graph, format: Format, classes: Classes) -> Iterator[Triple]:
        """What a shape must know besides the record: the classes of its parts and of the records it refers to."""
        for field in format.fields:
            if field.part and field.part.target:
                for value in graph.iris(record, field.path):
                    yield Triple(value, RDF.type, field.part.target)
        for value in self._elsewhere(graph):
            if target := classes(value):
                yield Triple(value, RDF.type, target)

    def _elsewhere(self, graph: Graph) -> set[NamedNode]:
        """The other records that a record names."""
        named = {t.object for t in graph if isinstance(t.object, NamedNode)} - set(graph.subjects)
        return {value for value in named if value.value.startswith(self._own.base + "id/") and "#" not in value.value}

    def _schemed(self, subject: NamedNode, graph: Graph, fields: tuple[Field, ...]) -> Iterator[Finding]:
        """Values that are no concept of the schemes of their field: what `sh:node [ skos:inScheme ]` says."""
        for field in fields:
            for value in graph.objects(subject, field.path):
                concept = self._concepts.get(value)
                if field.part and isinstance(value, NamedNode):
                    yield from self._schemed(value, graph, field.part.fields)
                elif field.schemes and (concept is None or concept.scheme not in field.schemes):
                    yield self.messages.finding(
                        "NodeConstraintComponent" if concept else "UnknownConcept",
                        subject,
                        field=field,
                        value=value.value if isinstance(value, (NamedNode, Literal)) else "",
                        value_names=concept.labels if concept else {},
                        allowed=self._allowed(field, ""),
                    )

    def _finding(
        self, result: shacl.Result, by_path: dict[NamedNode, Field], dangling: frozenset[str] = frozenset()
    ) -> Finding:
        field = self._fields.get(result.shape) if result.shape else by_path.get(result.path) if result.path else None
        component = result.component
        if component == "ClassConstraintComponent" and result.value in dangling:
            component = "DanglingReference"
        finding = self.messages.finding(
            component,
            result.focus,
            severity=result.severity,
            path=result.path,
            field=field,
            value=result.value,
            limit=self._limit(result.shape, result.component),
            allowed=self._allowed(field, component),
        )
        words = self._own_words(result)
        return replace(finding, messages=words, remedies={}) if words else finding

    def _limit(self, shape: NamedNode | None, component: str) -> str:
        """The bound that was not met: of MaxLengthConstraintComponent, the shape's `sh:maxLength`."""
        stem = component.removesuffix("ConstraintComponent")
        if shape is None:
            return "1"  # nameless shapes only advise that a value be there
        term = self._formats.shapes.value(shape, SH[stem[:1].lower() + stem[1:]])
        return term.value if isinstance(term, Literal) else path_name(term) if isinstance(term, NamedNode) else ""

    def _allowed(self, field: Field | None, component: str) -> tuple[Texts, ...]:
        """What may stand there instead: the schemes of a concept, the kind of record, the six languages."""
        if component == "LanguageInConstraintComponent":
            return tuple({lang: NAMES[lang]} for lang in LANGUAGES)
        if field and field.target and (format := self._formats.by_class(field.target)):
            return (format.names,)
        schemes = (self._concepts.scheme(iri) for iri in field.schemes) if field else ()
        return tuple(scheme.labels for scheme in schemes if scheme)

    def _own_words(self, result: shacl.Result) -> Texts:
        """The message of the shape itself, or of the node shape that a value had to be like; none: the component's."""
        shapes = self._formats.shapes
        if result.shape is None:
            return {}
        like = shapes.iris(result.shape, SH.node) if result.component == "NodeConstraintComponent" else ()
        return next((texts for node in (result.shape, *like) if (texts := shapes.texts(node, SH.message))), {})

    def _ruled(self, graph: Graph, day: date) -> Iterator[Finding]:
        """The findings of the queries in `sparql/checks/` over the record and the concepts it names."""
        rules = self._queries.below("checks")
        if not rules:
            return
        store = Embedded(self._own.base)
        named = [concept for t in graph if (concept := self._concepts.get(t.object))]
        wider = [c for n in named for iri in self._concepts.ancestors(n.iri) if (c := self._concepts.get(iri))]
        concepts = {concept.iri: concept.graph for concept in [*named, *wider]}
        store.fill([(NamedNode("urn:registry:candidate"), graph), *concepts.items()])
        for rule in rules:
            asks = any(parameter.name == "day" for parameter in rule.parameters)
            for row in store.select(rule.bind(day=day) if asks else rule.text):
                yield self._broken(rule, row)

    def _broken(self, rule: Query, row: dict[str, Term]) -> Finding:
        path, value = row.get("path"), row.get("value")
        field = next((f for f in self._fields.values() if f.path == path), None)
        texts = {
            word: {lang: rule.meta[f"{word}.{lang}"] for lang in LANGUAGES if f"{word}.{lang}" in rule.meta}
            for word in ("message", "remedy")
        }
        focus = row["focus"]
        assert isinstance(focus, NamedNode)
        return Finding(
            component=rule.name,
            severity=SEVERITIES[SH[rule.meta.get("severity", "Violation")]],
            focus=focus,
            path=path if isinstance(path, NamedNode) else None,
            key=field.key if field else "",
            value=value.value if isinstance(value, (NamedNode, Literal)) else "",
            value_names=concept.labels if (concept := self._concepts.get(value)) else {},
            names=field.names if field else {},
            messages=texts["message"],
            remedies=texts["remedy"],
        )


def _twins(graph: Graph, messages: Messages) -> Iterator[Finding]:
    """A code that stands for two concepts of a scheme."""
    codes = Counter(n for c in graph.having(RDF.type, SKOS.Concept) for n in graph.objects(c, SKOS.notation))
    for notation, times in codes.items():
        if times > 1 and isinstance(notation, Literal):
            (scheme, *_) = graph.having(RDF.type, SKOS.ConceptScheme)
            assert isinstance(scheme, NamedNode)
            yield messages.finding("TwinCode", scheme, path=SKOS.notation, value=notation.value)


def _cycles(graph: Graph, messages: Messages) -> Iterator[Finding]:
    """A concept that is its own broader concept, however far away."""
    for concept in graph.having(RDF.type, SKOS.Concept):
        seen, todo = set[Term](), list(graph.objects(concept, SKOS.broader))
        while todo:
            term = todo.pop()
            if term == concept and isinstance(concept, NamedNode):
                yield messages.finding("BroaderCycle", concept, path=SKOS.broader, value=concept.value)
                break
            if term not in seen and isinstance(term, NamedNode):
                seen.add(term)
                todo += graph.objects(term, SKOS.broader)
