"""pySHACL, and the one bridge to rdflib: a graph against a shapes graph > results.

rdflib holds only graphs that were already read and bounded; it never reads a stranger's input.
Source: https://www.w3.org/TR/shacl/#validation-report.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import rdflib
from pyshacl.constraints import CONSTRAINT_PARAMETERS_MAP
from pyshacl.constraints.constraint_component import ConstraintComponent
from pyshacl.graph_abstraction import DataGraph
from pyshacl.monkey import apply_patches
from pyshacl.pytypes import SHACLExecutor
from pyshacl.shape import Shape
from pyshacl.shapes_graph import ShapesGraph

from registry.shape import SEVERITIES, path_name
from registry.terms import RDF, SH, SKOS, BlankNode, Graph, Literal, NamedNode, Subject, Term, Triple

# A value that is not of its datatype is a finding; rdflib would print a traceback for each as well.
logging.getLogger("rdflib.term").setLevel(logging.CRITICAL)
apply_patches()  # type: ignore[no-untyped-call]

LOGICAL = (SH["or"], SH["and"], SH["not"], SH.xone)
NUMBERS = {
    rdflib.XSD.decimal: re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"),
    rdflib.XSD.integer: re.compile(r"[+-]?[0-9]+"),
}
Report = tuple[str, rdflib.BNode, list[tuple[rdflib.term.Node, rdflib.term.Node, Any]]]
Statement = tuple[rdflib.term.Node, rdflib.term.Node, rdflib.term.Node]


@dataclass(frozen=True)
class Result:
    """One `sh:ValidationResult`; `shape` is None for a nameless shape, which only advises."""

    component: str
    severity: str
    focus: NamedNode
    path: NamedNode | None
    shape: NamedNode | None
    value: str
    term: Term | None


@dataclass(frozen=True)
class Asked:
    """One shape of pySHACL with its constraints, made once: it makes them anew for every validation."""

    shape: Shape
    constraints: tuple[ConstraintComponent, ...]

    @classmethod
    def of(cls, shape: Shape) -> Asked:
        """A shape and what it asks; nothing where it is deactivated."""
        predicates = () if shape.deactivated else shape.sg.graph.predicates(shape.node)
        said = (CONSTRAINT_PARAMETERS_MAP.get(predicate) for predicate in predicates)
        return cls(shape, tuple(kind(shape) for kind in dict.fromkeys(said) if kind))

    def reports(self, graph: DataGraph, node: rdflib.URIRef) -> Iterator[Report]:
        """What it says of a focus node: a text, the name of the result, and its statements."""
        values = self.shape.value_nodes(graph, [node]) if self.constraints else {}
        for constraint in self.constraints:
            yield from constraint.evaluate(SHACLExecutor(), graph, values, [self.shape, constraint])[1]


@dataclass(frozen=True)
class Rule:
    """One property shape: its path, and whether it asks for a value that is not there."""

    path: Term | None
    asks: bool
    asked: Asked


@dataclass(frozen=True)
class Room:
    """A node shape with a target class: what it says by itself, and its property shapes."""

    target: NamedNode
    alone: Asked
    rules: tuple[Rule, ...]


class Shapes:
    """A shapes graph taken apart and read when it is first asked, so that a record meets only what can say something.

    pySHACL's entry reads every triple of a shapes graph anew for every record and runs every shape, also those of
    fields that are empty; here its own shapes, made once, are asked one by one. What is left out could not have found
    anything: names, help and messages; property shapes without a count whose path the record does not use; the nesting
    of parts, which are targets of their own. The schemes of concepts are left to registry.checks, which asks the
    vocabularies themselves: nested shapes for each concept were two thirds of the time. A test holds the verdicts
    equal to those of the whole shapes graph.
    """

    def __init__(self, shapes: Graph) -> None:
        self._shapes = shapes

    @cached_property
    def _rooms(self) -> tuple[Room, ...]:
        shapes, graph = self._shapes, rdflib.Graph(bind_namespaces="none")
        targeted = [node for node in shapes.having(RDF.type, SH.NodeShape) if shapes.iris(node, SH.targetClass)]
        for node in targeted:
            rules = self._named(node)
            asked = (Triple(rule, RDF.type, SH.PropertyShape) for rule in rules)
            for triple in (*self._own(node), *asked, *(t for rule in rules for t in self._below(rule))):
                graph.add(_statement(triple))
        read = ShapesGraph(graph)
        read.shapes  # noqa: B018 - it reads them when they are first asked for, and two threads must not
        return tuple(
            Room(
                shapes.iris(node, SH.targetClass)[0],
                Asked.of(read.lookup_shape_from_node(_node(node))),
                tuple(self._rule(read, name) for name in self._named(node)),
            )
            for node in targeted
        )

    def _named(self, node: Subject) -> list[Subject]:
        return [name for name in self._shapes.objects(node, SH.property) if isinstance(name, (NamedNode, BlankNode))]

    def _rule(self, read: ShapesGraph, name: Subject) -> Rule:
        path = self._shapes.value(name, SH.path)
        counts = (SH.minCount, SH.qualifiedMinCount, SH.hasValue)
        asks = not isinstance(path, NamedNode) or any(t.predicate in counts for t in self._below(name))
        return Rule(path, asks, Asked.of(read.lookup_shape_from_node(_node(name))))

    def _own(self, node: Subject) -> Iterator[Triple]:
        """What a node shape says by itself, with the lists of its `sh:or` and its like."""
        for triple in self._shapes.about([node]):
            if triple.predicate in (SH.property, SH.node, SH.targetClass) or _said(triple):
                continue
            yield triple
            if triple.predicate in LOGICAL and isinstance(triple.object, (NamedNode, BlankNode)):
                yield from self._below(triple.object)

    def _below(self, start: Subject) -> list[Triple]:
        """The statements of a property shape and of what it leads to, but for nested parts."""
        found: list[Triple] = []
        todo, seen = [start], set[Subject]()
        while todo:
            subject = todo.pop()
            if subject in seen:
                continue
            seen.add(subject)
            for triple in self._shapes.about([subject]):
                value = triple.object
                nested = triple.predicate == SH.node and (self._targeted(value) or self._schemed(value))
                if _said(triple) or nested:
                    continue
                found.append(triple)
                if isinstance(value, (NamedNode, BlankNode)):
                    todo.append(value)
        return found

    def _targeted(self, value: object) -> bool:
        return isinstance(value, NamedNode) and bool(self._shapes.iris(value, SH.targetClass))

    def _schemed(self, value: object) -> bool:
        rules = self._shapes.objects(value, SH.property) if isinstance(value, BlankNode) else []
        return any(isinstance(r, BlankNode) and SKOS.inScheme in self._shapes.objects(r, SH.path) for r in rules)

    def meeting(self, data: Graph, focus: Iterable[NamedNode]) -> Iterator[tuple[Asked, NamedNode]]:
        """The shapes that each focus node meets; every node of a target class when none is named.

        pySHACL's own choice of focus nodes leaves nested shapes unasked (tried).
        """
        nodes = set(focus)
        for room in self._rooms:
            for subject in data.having(RDF.type, room.target):
                if isinstance(subject, NamedNode) and (not nodes or subject in nodes):
                    used = data.predicates(subject)
                    yield room.alone, subject
                    yield from ((rule.asked, subject) for rule in room.rules if rule.asks or rule.path in used)


def validate(data: Graph, shapes: Shapes, focus: Iterable[NamedNode] = ()) -> list[Result]:
    """The results of a validation, of all targets or of the nodes in `focus` only; a detail of another is left out."""
    graph = DataGraph.from_rdflib(_rdflib(data))
    met = shapes.meeting(data, focus)
    reports = (report for asked, node in met for report in asked.reports(graph, rdflib.URIRef(node.value)))
    return [_result({s[1]: s[2] for s in said if s[0] == name}) for _, name, said in reports]


def _result(said: Mapping[rdflib.term.Node, Any]) -> Result:
    """A result by what pySHACL says of it; a node of the data comes with its graph."""
    values = {predicate: value[1] if isinstance(value, tuple) else value for predicate, value in said.items()}

    def iri(predicate: rdflib.URIRef) -> NamedNode | None:
        value = values.get(predicate)
        return NamedNode(str(value)) if isinstance(value, rdflib.URIRef) else None

    component, severity, focus = (
        iri(rdflib.SH.sourceConstraintComponent),
        iri(rdflib.SH.resultSeverity),
        iri(rdflib.SH.focusNode),
    )
    assert component is not None and severity is not None and focus is not None
    value = values.get(rdflib.SH.value)
    return Result(
        component=path_name(component),
        severity=SEVERITIES[severity],
        focus=focus,
        path=iri(rdflib.SH.resultPath),
        shape=iri(rdflib.SH.sourceShape),
        value="" if value is None else str(value),
        term=_term(value),
    )


def _rdflib(graph: Graph) -> rdflib.Graph:
    target = rdflib.Graph(bind_namespaces="none")
    for triple in graph:
        target.add(_statement(triple))
    return target


def _said(triple: Triple) -> bool:
    """A text for people."""
    return isinstance(triple.object, Literal) and bool(triple.object.language)


def _statement(triple: Triple) -> Statement:
    return _node(triple.subject), _node(triple.predicate), _node(triple.object)  # type: ignore[arg-type]


def _term(node: rdflib.term.Node | None) -> Term | None:
    if isinstance(node, rdflib.URIRef):
        return NamedNode(str(node))
    if not isinstance(node, rdflib.Literal):
        return None
    if node.language:
        return Literal(str(node), language=node.language)
    return Literal(str(node), datatype=NamedNode(str(node.datatype))) if node.datatype else Literal(str(node))


def _node(term: Term) -> rdflib.term.Node:
    if isinstance(term, NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, BlankNode):
        return rdflib.BNode(term.value)
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    datatype = None if term.datatype.value.endswith("XMLSchema#string") else rdflib.URIRef(term.datatype.value)
    found = rdflib.Literal(term.value, datatype=datatype)
    if datatype in NUMBERS and not NUMBERS[datatype].fullmatch(term.value.strip()):
        found._ill_typed, found._value = True, None  # Python takes more for numbers than XML Schema does: NaN, 1e9, ١٢
    return found
