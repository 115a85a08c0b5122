"""SHACL property shapes > Field: what one property of a common format may hold, and how surfaces draw it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from registry.errors import HouseBroken
from registry.language import Texts
from registry.terms import DASH, RDF, RDFS, SH, SKOS, XSD, BlankNode, Graph, NamedNode, Own, Subject, Term

KINDS = {
    RDF.langString: "text",
    XSD.string: "string",
    XSD.decimal: "number",
    XSD.integer: "integer",
    XSD.boolean: "boolean",
}
# How the pattern of an address begins tells what it is; the rest of the pattern may be as strict as it likes.
PATTERNS = {"^https?://": "link", "^mailto:": "email", "^tel:": "telephone"}
ROLES = {DASH.LabelRole: "label", DASH.DescriptionRole: "description", DASH.KeyInfoRole: "key"}
# In SHACL a severity holds for a whole property shape, so advice that a value ought to be there is a shape of its own:
# nameless, on the same path, with a count and a severity below sh:Violation.
SEVERITIES = {SH.Violation: "must", SH.Warning: "should", SH.Info: "may"}


@dataclass(frozen=True)
class PropertyGroup:
    """A section of a format (`sh:PropertyGroup`)."""

    iri: NamedNode
    names: Texts
    order: float

    def __hash__(self) -> int:
        return hash(self.iri)


@dataclass(frozen=True)
class Part:
    """A nested description with fields of its own: a contact, a participation, a need."""

    key: str
    iri: NamedNode
    target: NamedNode | None
    names: Texts
    fields: tuple[Field, ...]

    def field(self, path: NamedNode) -> Field | None:
        """The field of the part that has this path."""
        return next((field for field in self.fields if field.path == path), None)


@dataclass(frozen=True)
class Field:
    """One property of a format or part; `kind` says what a value is, `severity` what its absence means.

    must: the record is refused; should: it is taken, with a finding; may: nothing. `asked` is the scheme of whose
    concepts forms ask for the part, one after the other. `readonly`: the registry writes it, people do not.
    """

    key: str
    iri: NamedNode
    path: NamedNode
    names: Texts
    descriptions: Texts
    order: float
    group: PropertyGroup | None
    kind: str
    min: int
    max: int | None
    schemes: tuple[NamedNode, ...]
    target: NamedNode | None
    part: Part | None
    severity: str
    role: str | None
    facet: bool
    asked: NamedNode | None = None
    readonly: bool = False

    @property
    def required(self) -> bool:
        """A record without it is refused."""
        return self.severity == "must"

    @property
    def recommended(self) -> bool:
        """A record without it is taken, with a finding."""
        return self.severity == "should"


def path_name(iri: NamedNode) -> str:
    """The last piece of an IRI: the fragment of a field, the key of a format, part, scheme."""
    return iri.value.replace("#", "/").rsplit("/", 1)[-1]


def all_fields(fields: Iterable[Field]) -> Iterator[Field]:
    """Fields and the fields of their parts."""
    for field in fields:
        yield field
        if field.part:
            yield from all_fields(field.part.fields)


def fields_of(shapes: Graph, node: Subject, own: Own) -> list[Field]:
    """The fields of a node shape and of the node shapes it includes by `sh:node`.

    Raises HouseBroken, naming the field, when a path is no IRI or the kind of value cannot be told.
    """
    advised = {
        shapes.value(rule, SH.path): SEVERITIES.get(next(iter(shapes.iris(rule, SH.severity)), SH.Violation))
        for rule in shapes.objects(node, SH.property)
        if isinstance(rule, BlankNode) and shapes.text(rule, SH.minCount)
    }
    found = [_field(shapes, iri, own, advised) for iri in shapes.iris(node, SH.property)]
    for included in shapes.iris(node, SH.node):
        found += fields_of(shapes, included, own)
    return found


def _field(shapes: Graph, iri: NamedNode, own: Own, advised: Mapping[Term | None, str | None]) -> Field:
    paths = shapes.iris(iri, SH.path)
    if len(paths) != 1:
        raise HouseBroken("The field needs one path, an IRI.", where=iri.value)
    schemes, part = _schemes(shapes, iri), _part(shapes, iri, own)
    minimum, maximum = int(shapes.text(iri, SH.minCount) or 0), shapes.text(iri, SH.maxCount)
    return Field(
        key=path_name(iri),
        iri=iri,
        path=paths[0],
        names=MappingProxyType(shapes.texts(iri, SH.name)),
        descriptions=MappingProxyType(shapes.texts(iri, SH.description)),
        order=float(shapes.text(iri, SH.order) or 0),
        group=_group(shapes, iri),
        kind=_kind(shapes, iri, own, schemes, part),
        min=minimum,
        max=int(maximum) if maximum else None,
        schemes=schemes,
        target=next(iter(shapes.iris(iri, SH["class"])), None),
        part=part,
        severity="must" if minimum else advised.get(paths[0]) or "may",
        role=next((ROLES[r] for r in shapes.iris(iri, DASH.propertyRole) if r in ROLES), None),
        facet=shapes.text(iri, own.reg.facet) == "true",
        asked=next(iter(shapes.iris(iri, own.reg.askedOf)), None),
        readonly=shapes.text(iri, DASH.readOnly) == "true",
    )


def _group(shapes: Graph, iri: NamedNode) -> PropertyGroup | None:
    for group in shapes.iris(iri, SH.group):
        names = MappingProxyType(shapes.texts(group, RDFS.label))
        return PropertyGroup(group, names, float(shapes.text(group, SH.order) or 0))
    return None


def _schemes(shapes: Graph, iri: NamedNode) -> tuple[NamedNode, ...]:
    for node in shapes.objects(iri, SH.node):
        if not isinstance(node, (NamedNode, BlankNode)):
            continue
        for rule in shapes.objects(node, SH.property):
            if isinstance(rule, (NamedNode, BlankNode)) and SKOS.inScheme in shapes.objects(rule, SH.path):
                members = shapes.items(shapes.value(rule, SH["in"])) + shapes.objects(rule, SH.hasValue)
                return tuple(m for m in members if isinstance(m, NamedNode))
    return ()


def _part(shapes: Graph, iri: NamedNode, own: Own) -> Part | None:
    for node in shapes.iris(iri, SH.node):
        if shapes.iris(node, SH.property):
            fields = sorted(fields_of(shapes, node, own), key=lambda field: (field.order, field.key))
            target = next(iter(shapes.iris(node, SH.targetClass) + shapes.iris(node, SH["class"])), None)
            names = MappingProxyType(shapes.texts(node, SH.name))
            return Part(path_name(node), node, target, names, tuple(fields))
    return None


def _kind(shapes: Graph, iri: NamedNode, own: Own, schemes: tuple[NamedNode, ...], part: Part | None) -> str:
    if schemes:
        return "concept"
    if part:
        return "part"
    if targets := shapes.iris(iri, SH["class"]):
        return "file" if own.reg.File in targets else "record"
    for datatype in shapes.iris(iri, SH.datatype):
        if datatype in KINDS:
            return KINDS[datatype]
    if any(shapes.value(node, SH["or"]) for node in shapes.iris(iri, SH.node)):
        return "date"
    pattern = shapes.text(iri, SH.pattern) or ""
    for beginning, kind in PATTERNS.items():
        if pattern.startswith(beginning):
            return kind
    raise HouseBroken("What a value of the field is cannot be told from its shape.", where=iri.value)
