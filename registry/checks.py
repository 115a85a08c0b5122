"""Shapes and queries > findings: is this record as its common format says?

SHACL Core runs in pySHACL over a small graph of the record, the concepts it names and the classes of the records
it refers to: one shapes graph a format (eight in one cost 14 ms a record, one costs 4). What a shape cannot say is
a query in `sparql/checks/`, run by the engine (registry.rules). Shapes come only from the house.
Source: https://www.w3.org/TR/shacl/; 2005 report, paragraph 23 (d).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date

from registry import quality, shacl
from registry.concepts import Concepts
from registry.findings import Finding, Messages
from registry.formats import Format, Formats
from registry.language import LANGUAGES, NAMES, Texts
from registry.queries import Queries
from registry.records import identifier, spoofing
from registry.rules import Near, Rules
from registry.shape import Field, all_fields, path_name
from registry.terms import RDF, SH, Graph, Literal, NamedNode, Own, Triple

NATIONAL = "national-record"
MISSING = ("MinCountConstraintComponent",)

Classes = Callable[[NamedNode], NamedNode | None]


class Checks:
    """The checks of one house. `concepts` are those in force; a release makes new checks."""

    def __init__(self, formats: Formats, concepts: Concepts, queries: Queries, own: Own) -> None:
        self._formats, self._concepts, self._own = formats, concepts, own
        self.messages = Messages(formats.shapes, own)
        self.rules = Rules(queries, formats, own)
        self._shapes = {
            key: shacl.Shapes(quality.layer(format, formats.shapes, own)) for key, format in formats.items()
        }
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
            typed = graph | Graph(self._parts(record, graph, format))
            found += self.rules.alone(typed, self._concepts, day, by_path)
        if legacy:
            excused = {*MISSING, *(rule.name for rule in self.rules.all if rule.absence)}
            found = [replace(f, severity="should") if f.blocks and f.component in excused else f for f in found]
        return sorted(found, key=lambda f: (not f.blocks, f.focus.value, f.key, f.component, f.value))

    def across(self, record: NamedNode, graph: Graph, *, near: Near, day: date) -> list[Finding]:
        """The findings of the rules across records: `graph` with the /doc side, `near` gives the records around it."""
        format = next((f for t in graph.iris(record, RDF.type) if (f := self._formats.by_class(t))), None)
        by_path = {field.path: field for field in reversed(list(all_fields(format.fields)))} if format else {}
        return self.rules.across(record, graph, near, self._concepts, day, by_path)

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
        """Statements that the common format has no field for, fragments that no field leads to, parts of others."""
        places = {record: format.fields}
        for field in format.fields:
            if field.part:
                parts = graph.iris(record, field.path)
                places |= dict.fromkeys(parts, field.part.fields)
                for part in parts:
                    if not part.value.startswith(record.value + "#"):
                        yield self.messages.finding("ForeignPart", record, field=field, value=part.value)
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
        known = {value: classes(value) for value in self._elsewhere(graph)}
        data = graph | Graph(self._context(record, graph, format, known))
        parts = [value for field in format.fields if field.part for value in graph.iris(record, field.path)]
        results = shacl.validate(data, self._shapes[format.key], [record, *parts])
        named = {value.value: target for value, target in known.items()}
        found = [self._finding(result, by_path, named) for result in results]
        told = {finding.focus.value for finding in found if finding.focus in parts}
        return [f for f in found if f.component != "NodeConstraintComponent" or f.value not in told]

    def _context(
        self, record: NamedNode, graph: Graph, format: Format, known: Mapping[NamedNode, NamedNode | None]
    ) -> Iterator[Triple]:
        """What a shape must know besides the record: the classes of its parts and of the records it refers to."""
        yield from self._parts(record, graph, format)
        yield from (Triple(value, RDF.type, target) for value, target in known.items() if target)

    def _parts(self, record: NamedNode, graph: Graph, format: Format) -> Iterator[Triple]:
        """The classes of the parts of a record, which need not say them."""
        for field in format.fields:
            if field.part and field.part.target:
                for value in graph.iris(record, field.path):
                    yield Triple(value, RDF.type, field.part.target)

    def _elsewhere(self, graph: Graph) -> set[NamedNode]:
        """The other records, and the files, that a record names."""
        named = {t.object for t in graph if isinstance(t.object, NamedNode)} - set(graph.subjects)
        rooms = (self._own.base + "id/", self._own.base + "file/")
        return {value for value in named if value.value.startswith(rooms) and "#" not in value.value}

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
                        term=value,
                        shape=field.iri,
                    )

    def _finding(
        self, result: shacl.Result, by_path: dict[NamedNode, Field], known: Mapping[str, NamedNode | None]
    ) -> Finding:
        field = self._fields.get(result.shape) if result.shape else None
        if field is None and result.path:
            field = by_path.get(result.path)
        component = result.component
        if component == "ClassConstraintComponent" and result.value in known:
            ended = known[result.value] == self._own.reg.Tombstone
            component = "EndedReference" if ended else component if known[result.value] else "DanglingReference"
        if component in ("ClassConstraintComponent", "DanglingReference") and field and field.kind == "file":
            component = "DanglingFile"
        if component == "PatternConstraintComponent" and not result.value.strip():
            component = "BlankText"
        finding = self.messages.finding(
            component,
            result.focus,
            severity=result.severity,
            path=result.path,
            field=field,
            value=result.value,
            limit=self._limit(result.shape, result.component),
            allowed=self._allowed(field, component),
            term=result.term,
            shape=result.shape,
        )
        speaker = self._speaker(result)
        if speaker is None:
            return finding
        remedies = self._formats.shapes.texts(speaker, self._own.reg.remedy)
        return replace(finding, messages=self._formats.shapes.texts(speaker, SH.message), remedies=remedies)

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

    def _speaker(self, result: shacl.Result) -> NamedNode | None:
        """Whose words tell of a result: the shape itself, or the node shape that a value had to be like; or none."""
        shapes = self._formats.shapes
        if result.shape is None:
            return None
        like = shapes.iris(result.shape, SH.node) if result.component == "NodeConstraintComponent" else ()
        return next((node for node in (result.shape, *like) if shapes.texts(node, SH.message)), None)
