"""SHACL node shapes > Format: the common formats, read once into frozen models that draw every surface.

A Format is a node shape that carries `reg:typeCode`; a Part is a node shape that a field nests by `sh:node`; the
fragment of a property shape's IRI is the field's key: its name in forms, JSON-LD, spreadsheets and findings.
Source: https://www.w3.org/TR/shacl/; 2005 report, paragraph 7.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

import pyoxigraph as ox

from registry import house
from registry.errors import HouseBroken
from registry.language import Texts
from registry.shape import Field, Part, PropertyGroup, all_fields, fields_of, path_name
from registry.terms import RDF, SH, BlankNode, Graph, NamedNode, Own, Triple

__all__ = ["Field", "Format", "Formats", "Part", "PropertyGroup", "read"]


@dataclass(frozen=True)
class Format:
    """One common format: what a record of a type holds, how it is named, where its register is."""

    key: str
    iri: NamedNode
    target: NamedNode
    names: Texts
    descriptions: Texts
    register: str
    register_names: Texts
    type_code: str
    category: NamedNode
    states: str | None
    context_version: int
    order: float
    fields: tuple[Field, ...]
    shapes: Graph

    def field(self, path: NamedNode) -> Field | None:
        """The field of the record itself that has this path."""
        return self._by_path.get(path)

    @cached_property
    def _by_path(self) -> dict[NamedNode, Field]:
        return {field.path: field for field in self.fields}

    @property
    def label(self) -> Field:
        """The field that names a record (`dash:LabelRole`)."""
        return next(field for field in self.fields if field.role == "label")

    @property
    def description(self) -> Field | None:
        """The field that introduces a record (`dash:DescriptionRole`)."""
        return next((field for field in self.fields if field.role == "description"), None)

    @property
    def key_info(self) -> tuple[Field, ...]:
        """The fields that a reader wants first (`dash:KeyInfoRole`)."""
        return tuple(field for field in self.fields if field.role == "key")

    def groups(self) -> list[tuple[PropertyGroup | None, list[Field]]]:
        """The fields in their sections, both in their order; fields without a group come last."""
        sections: dict[PropertyGroup | None, list[Field]] = {}
        for field in self.fields:
            sections.setdefault(field.group, []).append(field)
        return sorted(sections.items(), key=lambda item: item[0].order if item[0] else float("inf"))


class Formats(Mapping[str, Format]):
    """The common formats by key, in the order of their registers."""

    def __init__(self, formats: list[Format], shapes: Graph) -> None:
        ordered = sorted(formats, key=lambda format: (format.order, format.key))
        self._by_key = {format.key: format for format in ordered}
        self._by_class = {format.target: format for format in ordered}
        self._by_register = {format.register: format for format in ordered}
        self._by_code = {format.type_code: format for format in ordered}
        self.shapes = shapes
        every = [field for format in ordered for field in all_fields(format.fields)]
        self.decimals = frozenset(field.path for field in every if field.kind == "number")
        self.field_keys: Mapping[NamedNode, str] = MappingProxyType({field.path: field.key for field in every})

    def __getitem__(self, key: str) -> Format:
        return self._by_key[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_key)

    def __len__(self) -> int:
        return len(self._by_key)

    def by_class(self, target: NamedNode) -> Format | None:
        """The format of records of a class."""
        return self._by_class.get(target)

    def by_register(self, slug: str) -> Format | None:
        """The format behind `/register/<slug>`."""
        return self._by_register.get(slug)

    def by_code(self, code: str) -> Format | None:
        """The format whose identifiers carry this type code."""
        return self._by_code.get(code)


def read(folder: Path, own: Own) -> Formats:
    """The common formats of a house.

    Raises HouseBroken, naming the file or shape, when one does not parse or lacks what a surface needs.
    """
    triples: set[Triple] = set()
    for path in house.files(folder, "shapes", "*.ttl"):
        triples |= set(parse(path, own.base))
    shapes = Graph(triples)
    found = [s for s in shapes.having(RDF.type, SH.NodeShape) if shapes.value(s, own.reg.typeCode)]
    return Formats([_format(shapes, iri, own) for iri in found if isinstance(iri, NamedNode)], shapes)


def parse(path: Path, base: str) -> Graph:
    """A Turtle file of a data room as a graph, its relative IRIs read against the base.

    Raises HouseBroken naming the file and line.
    """
    try:
        quads = ox.parse(path=path, format=ox.RdfFormat.TURTLE, base_iri=base)
        return Graph(q.triple for q in quads)
    except SyntaxError as error:
        raise HouseBroken(
            "This file is not Turtle: {reason}", where=f"{path.name}:{error.lineno}", reason=error.msg
        ) from error


def reachable(graph: Graph, start: NamedNode) -> Graph:
    """The triples of a shape and of all it leads to: its own shapes graph."""
    seen: set[object] = set()
    todo: list[NamedNode | BlankNode] = [start]
    triples: list[Triple] = []
    while todo:
        subject = todo.pop()
        if subject in seen:
            continue
        seen.add(subject)
        for predicate in graph.predicates(subject):
            for value in graph.objects(subject, predicate):
                triples.append(Triple(subject, predicate, value))
                if isinstance(value, (NamedNode, BlankNode)):
                    todo.append(value)
    return Graph(triples)


def _format(shapes: Graph, iri: NamedNode, own: Own) -> Format:
    def need(predicate: NamedNode) -> str:
        text = shapes.text(iri, predicate)
        if text is None:
            raise HouseBroken("The shape lacks {name}.", where=iri.value, name=predicate.value)
        return text

    targets, category = shapes.iris(iri, SH.targetClass), shapes.iris(iri, own.reg.category)
    if len(targets) != 1 or len(category) != 1:
        raise HouseBroken("The shape needs one target class and one category.", where=iri.value)
    fields = tuple(sorted(fields_of(shapes, iri, own), key=lambda f: (_group_order(f), f.order, f.key)))
    if not any(field.role == "label" for field in fields):
        raise HouseBroken("No field of the shape names its records (dash:LabelRole).", where=iri.value)
    return Format(
        key=path_name(iri),
        iri=iri,
        target=targets[0],
        names=MappingProxyType(shapes.texts(iri, SH.name)),
        descriptions=MappingProxyType(shapes.texts(iri, SH.description)),
        register=need(own.reg.register),
        register_names=MappingProxyType(shapes.texts(iri, own.reg.registerName)),
        type_code=need(own.reg.typeCode),
        category=category[0],
        states=shapes.text(iri, own.reg.states),
        context_version=int(need(own.reg.contextVersion)),
        order=float(shapes.text(iri, SH.order) or 0),
        fields=fields,
        shapes=_flat(reachable(shapes, iri), iri),
    )


def _flat(shapes: Graph, iri: NamedNode) -> Graph:
    """The shapes graph with the fields of included node shapes as the format's own, so that each is told by itself."""
    included = shapes.iris(iri, SH.node)
    taken = [t for t in shapes if not (t.subject == iri and t.predicate == SH.node)]
    given = [Triple(iri, SH.property, rule) for node in included for rule in shapes.objects(node, SH.property)]
    return Graph([*taken, *given])


def _group_order(field: Field) -> float:
    return field.group.order if field.group else float("inf")
