"""pySHACL, and the one bridge to rdflib: a graph against a shapes graph > results.

rdflib holds only graphs that were already read and bounded; it never reads a stranger's input (measured.md, trap 12).
Source: https://www.w3.org/TR/shacl/#validation-report.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyshacl
import rdflib

from registry.shape import SEVERITIES, path_name
from registry.terms import BlankNode, Graph, Literal, NamedNode, Term

Shapes = rdflib.Graph


@dataclass(frozen=True)
class Result:
    """One `sh:ValidationResult`; `shape` is None for a nameless shape, which only advises."""

    component: str
    severity: str
    focus: NamedNode
    path: NamedNode | None
    shape: NamedNode | None
    value: str


def prepare(shapes: Graph) -> Shapes:
    """A shapes graph, converted once and used for every record of a format.

    Names, help and messages stay behind: pySHACL reads every triple of a shape anew for every record.
    """
    return _rdflib(Graph(t for t in shapes if not (isinstance(t.object, Literal) and t.object.language)))


def validate(data: Graph, shapes: Shapes) -> list[Result]:
    """The results of a validation; those that explain another result are left out."""
    _, report, _ = pyshacl.validate(_rdflib(data), shacl_graph=shapes, advanced=False, inference="none")
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
    )


def _rdflib(graph: Graph) -> rdflib.Graph:
    target = rdflib.Graph()
    for triple in graph:
        target.add((_node(triple.subject), _node(triple.predicate), _node(triple.object)))  # type: ignore[arg-type]
    return target


def _node(term: Term) -> rdflib.term.Node:
    if isinstance(term, NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, BlankNode):
        return rdflib.BNode(term.value)
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    datatype = None if term.datatype.value.endswith("XMLSchema#string") else rdflib.URIRef(term.datatype.value)
    return rdflib.Literal(term.value, datatype=datatype)
