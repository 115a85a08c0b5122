"""The answer of a query in every form: the standard results of SPARQL, plain JSON, a table, RDF.

Programs of SPARQL read its own JSON and XML; a spreadsheet the table; who knows neither the plain JSON. As RDF the rows
are a result set in the W3C's vocabulary for them, the only one that triple stores read; the graph of a CONSTRUCT is
given as it is. Sources: https://www.w3.org/TR/sparql11-results-json/, https://www.w3.org/TR/rdf-sparql-XMLres/,
http://www.w3.org/2001/sw/DataAccess/tests/result-set.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from xml.etree import ElementTree

from registry.exchange.writing import sayable
from registry.language import Texts, pick
from registry.named import Found
from registry.registry import Registry
from registry.terms import RDF, RDFS, XSD, BlankNode, Graph, Literal, NamedNode, Namespace, Term, Triple
from web.labels import Labels
from web.negotiate import Media
from web.table import Table, harmless

SPARQL_JSON = Media("srj", "application/sparql-results+json", "SPARQL JSON")
SPARQL_XML = Media("srx", "application/sparql-results+xml", "SPARQL XML")
RESULT = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/result-set#")
NAMESPACE = "http://www.w3.org/2005/sparql-results#"
LABEL = "Label"  # behind the name of a column: what its IRIs are called
_NUMBER = re.compile(r"-?\d+(\.\d+)?")

ElementTree.register_namespace("sparql", NAMESPACE)


class Names:
    """What the things of an answer are called: records, concepts, vocabularies, classes and properties of ours."""

    def __init__(self, registry: Registry, found: Found) -> None:
        iris = {value for row in found.rows for value in row.values() if isinstance(value, NamedNode)}
        self._registry = registry
        self._records = Labels(registry, {iri for iri in iris if iri.value.startswith(f"{registry.own.base}id/")})

    def texts(self, iri: NamedNode) -> Texts:
        """What it is called, by language; empty where nobody knows."""
        registry = self._registry
        known = registry.concepts.get(iri) or registry.concepts.scheme(iri)
        if known:
            return known.labels
        if iri in self._records:
            return self._records[iri]
        if format := registry.formats.by_class(iri):
            return format.names
        terms = (ontology.texts(iri, RDFS.label) for ontology in registry.house.ontologies.values())
        return next(filter(None, terms), {})


def of_sparql_json(found: Found) -> bytes:
    """The results in the JSON of SPARQL."""
    if found.truth is not None:
        told: dict[str, object] = {"head": {}, "boolean": found.truth}
    else:
        rows = [{name: _binding(row[name]) for name in found.names if name in row} for row in found.rows]
        told = {"head": {"vars": list(found.names)}, "results": {"bindings": rows}}
    return json.dumps(told, ensure_ascii=False).encode()


def _binding(value: Term) -> dict[str, str]:
    if isinstance(value, NamedNode):
        return {"type": "uri", "value": value.value}
    if isinstance(value, BlankNode):
        return {"type": "bnode", "value": value.value}
    said = {"type": "literal", "value": value.value}
    if value.language:
        return said | {"xml:lang": value.language}
    return said if value.datatype == XSD.string else said | {"datatype": value.datatype.value}


def of_sparql_xml(found: Found) -> bytes:
    """The results in the XML of SPARQL."""
    root = ElementTree.Element(f"{{{NAMESPACE}}}sparql")
    head = _within(root, "head")
    if found.truth is not None:
        _within(root, "boolean").text = str(found.truth).lower()
    else:
        for name in found.names:
            _within(head, "variable", name=name)
        results = _within(root, "results")
        for row in found.rows:
            result = _within(results, "result")
            for name in found.names:
                if name in row:
                    _value(_within(result, "binding", name=name), row[name])
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def _within(parent: ElementTree.Element, tag: str, **attributes: str) -> ElementTree.Element:
    return ElementTree.SubElement(parent, f"{{{NAMESPACE}}}{tag}", attributes)


def _value(parent: ElementTree.Element, value: Term) -> None:
    said = _binding(value)
    added = _within(parent, {"uri": "uri", "bnode": "bnode"}.get(said["type"], "literal"))
    added.text = sayable(said["value"])
    if "datatype" in said:
        added.set("datatype", said["datatype"])
    if "xml:lang" in said:
        added.set("{http://www.w3.org/XML/1998/namespace}lang", said["xml:lang"])


def of_graph(found: Found, subject: NamedNode) -> Graph:
    """The results as RDF about `subject`; rows and their values are fragments of it, so that nothing is blank."""
    if found.graph is not None:
        return found.graph
    said: list[tuple[NamedNode, NamedNode, Term]] = [(subject, RDF.type, RESULT.ResultSet)]
    if found.truth is not None:
        said.append((subject, RESULT.boolean, Literal(found.truth)))
    else:
        said.append((subject, RESULT.size, Literal(len(found.rows))))
        said += [(subject, RESULT.resultVariable, Literal(name)) for name in found.names]
    for number, row in enumerate(found.rows, 1):
        solution = NamedNode(f"{subject.value}#row-{number}")
        said += [(subject, RESULT.solution, solution), (solution, RESULT.index, Literal(number))]
        for name, value in row.items():
            binding = NamedNode(f"{solution.value}-{name}")
            said += [
                (solution, RESULT.binding, binding),
                (binding, RESULT.variable, Literal(name)),
                (binding, RESULT.value, value),
            ]
    return Graph(Triple(*one) for one in said)


def of_items(found: Found, names: Names, lang: str) -> bytes:
    """The results as plain JSON: an object a row, numbers as numbers, beside each IRI what it is called."""
    if found.truth is not None:
        return json.dumps({"answer": found.truth}).encode()
    columns = _columns(found)
    rows = [dict(_cells(row, names, lang)) for row in found.rows]
    told = {"columns": columns, "rows": rows, "complete": not found.cut}
    return json.dumps(told, ensure_ascii=False, indent=1).encode()


def of_table(found: Found, names: Names, lang: str, file: str, title: str) -> Table:
    """The results as a table: a column for each of the query's own, and one for what its IRIs are called."""
    if found.truth is not None:
        return Table(file, [("answer",), (str(found.truth).lower(),)], title)
    columns = _columns(found)
    rows = (dict(_cells(row, names, lang)) for row in found.rows)
    return Table(file, _lines(columns, rows), title)


def _lines(columns: Sequence[str], rows: Iterable[dict[str, str | int | bool]]) -> Iterator[Sequence[str]]:
    yield columns
    for row in rows:
        values = (row.get(column, "") for column in columns)
        yield [_cell(one) for one in values]


def _cell(value: str | int | bool) -> str:
    if isinstance(value, str):
        return value if _NUMBER.fullmatch(value) else harmless(value)
    return str(value).lower()


def _columns(found: Found) -> list[str]:
    """The columns of the query, each that has an IRI with one beside it for what it is called."""
    named = {name for row in found.rows for name, value in row.items() if isinstance(value, NamedNode)}
    return [column for name in found.names for column in ((name, name + LABEL) if name in named else (name,))]


def _cells(row: Mapping[str, Term], names: Names, lang: str) -> Iterator[tuple[str, str | int | bool]]:
    for name, value in row.items():
        yield name, _plain(value)
        if isinstance(value, NamedNode) and (texts := names.texts(value)):
            yield name + LABEL, pick(texts, lang)[0]


def _plain(value: Term) -> str | int | bool:
    """A value as JSON has it; decimals stay text, which is exact."""
    if isinstance(value, Literal):
        if value.datatype == XSD.integer and re.fullmatch(r"-?\d{1,15}", value.value):
            return int(value.value)
        if value.datatype == XSD.boolean:
            return value.value in ("true", "1")
    return value.value
