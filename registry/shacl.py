"""pySHACL, and the one bridge to rdflib: a graph against a shapes graph > results.

rdflib holds only graphs that were already read and bounded; it never reads a stranger's input.
Source: https://www.w3.org/TR/shacl/#validation-report.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass

import pyshacl
import rdflib

from registry.shape import SEVERITIES, path_name
from registry.terms import RDF, SH, SKOS, BlankNode, Graph, Literal, NamedNode, Subject, Term, Triple

# A value that is not of its datatype is a finding; rdflib would print a traceback for each as well.
logging.getLogger("rdflib.term").setLevel(logging.CRITICAL)

LOGICAL = (SH["or"], SH["and"], SH["not"], SH.xone)
NUMBERS = {
    rdflib.XSD.decimal: re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"),
    rdflib.XSD.integer: re.compile(r"[+-]?[0-9]+"),
}
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
class Rule:
    """One property shape: its path, whether it asks for a value that is not there, and its statements."""

    path: Term | None
    asks: bool
    statements: tuple[Statement, ...]


class Shapes:
    """A shapes graph taken apart, so that a record meets only the shapes that can say something of it.

    pySHACL reads every triple of a shapes graph anew for every record and runs every shape, also those of fields
    that are empty. What is left out could not have found anything: names, help and messages; property shapes
    without a count whose path the record does not use; the nesting of parts, which are targets of their own. The
    schemes of concepts are left to registry.checks, which asks the vocabularies themselves: nested shapes for each
    concept were two thirds of the time. A test holds the verdicts equal to those of the whole shapes graph.
    """

    def __init__(self, shapes: Graph) -> None:
        self._shapes = shapes
        self._nodes = [
            (node, shapes.iris(node, SH.targetClass)[0], self._own(node), self._rules(node))
            for node in shapes.having(RDF.type, SH.NodeShape)
            if shapes.iris(node, SH.targetClass)
        ]

    def _own(self, node: Subject) -> tuple[Statement, ...]:
        """What a node shape says by itself, with the lists of its `sh:or` and its like."""
        found: list[Triple] = []
        for triple in self._shapes.about([node]):
            if triple.predicate in (SH.property, SH.node, SH.targetClass) or _said(triple):
                continue
            found.append(triple)
            if triple.predicate in LOGICAL and isinstance(triple.object, (NamedNode, BlankNode)):
                found += self._below(triple.object)
        return tuple(_statement(triple) for triple in found)

    def _rules(self, node: Subject) -> list[Rule]:
        rules = []
        for name in self._shapes.objects(node, SH.property):
            if not isinstance(name, (NamedNode, BlankNode)):
                continue
            triples = self._below(name)
            path = self._shapes.value(name, SH.path)
            asks = not isinstance(path, NamedNode) or any(
                t.predicate in (SH.minCount, SH.qualifiedMinCount, SH.hasValue) for t in triples
            )
            member = Triple(node, SH.property, name)
            rules.append(Rule(path, asks, tuple(_statement(t) for t in [member, *triples])))
        return rules

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

    def meeting(self, data: Graph, focus: Iterable[NamedNode]) -> rdflib.Graph:
        """The shapes graph for these focus nodes; for every node of a target class when none is named.

        Its targets are the nodes themselves: a record that is only referred to is of a target class too, and
        pySHACL's own choice of focus nodes leaves nested shapes unasked (tried).
        """
        graph, nodes = rdflib.Graph(bind_namespaces="none"), set(focus)
        for node, target, own, rules in self._nodes:
            subjects = [s for s in data.having(RDF.type, target) if not nodes or s in nodes]
            used = {predicate for subject in subjects for predicate in data.predicates(subject)}
            if subjects:
                targets = (_statement(Triple(node, SH.targetNode, subject)) for subject in subjects)
                for statement in (*own, *targets):
                    graph.add(statement)
                for rule in rules:
                    if rule.asks or rule.path in used:
                        for statement in rule.statements:
                            graph.add(statement)
        return graph


def validate(data: Graph, shapes: Shapes, focus: Iterable[NamedNode] = ()) -> list[Result]:
    """The results of a validation, of all targets or of the nodes in `focus` only; a detail of another is left out."""
    met = shapes.meeting(data, focus)
    _, report, _ = pyshacl.validate(_rdflib(data), shacl_graph=met, advanced=False, inference="none")
    assert isinstance(report, rdflib.Graph)
    return [_result(report, node) for node in report.objects(None, rdflib.SH.result)]


def _result(report: rdflib.Graph, node: rdflib.term.Node) -> Result:
    def iri(predicate: rdflib.URIRef) -> NamedNode | None:
        value = report.value(node, predicate)
        return NamedNode(str(value)) if isinstance(value, rdflib.URIRef) else None

    component, severity, focus = (
        iri(rdflib.SH.sourceConstraintComponent),
        iri(rdflib.SH.resultSeverity),
        iri(rdflib.SH.focusNode),
    )
    assert component is not None and severity is not None and focus is not None
    value = report.value(node, rdflib.SH.value)
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
