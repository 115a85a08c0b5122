"""The common formats and the rules, by data: each case is a record and the findings it must give, no more, no less.

Beside a case stands the list of what must be found (component, key, fragment of the focus, severity). The second
test holds the lean validation equal to pySHACL over the whole shapes graph.
"""

import csv
import re
from datetime import date
from pathlib import Path

import pyshacl
import pytest
import rdflib

from registry.exchange import read
from registry.findings import Finding
from registry.formats import Format
from registry.records import named
from registry.registry import Registry
from registry.shacl import _rdflib
from registry.shape import all_fields, path_name
from registry.terms import RDF, SH, SKOS, Graph, NamedNode, Triple

DATA = Path(__file__).parent / "data" / "shapes"
CASES = sorted(path for path in DATA.glob("*/*.ttl"))
SEVERITY = {"Violation": "must", "Warning": "should", "Info": "may"}
DAY = date(2026, 11, 22)


def graph_of(path: Path, registry: Registry) -> Graph:
    return named(read(path.read_bytes(), "text/turtle", registry.own.base, {}), registry.formats.field_keys)


def asked(found: list[Finding]) -> list[Finding]:
    """What the format itself asks; the layer of quality has its own cases."""
    return [finding for finding in found if not (finding.shape and "/quality#" in finding.shape.value)]


def record_of(graph: Graph, format: Format) -> NamedNode:
    (record,) = graph.having(RDF.type, format.target)
    assert isinstance(record, NamedNode)
    return record


@pytest.fixture(scope="session")
def world(registry: Registry) -> dict[NamedNode, NamedNode]:
    graph = graph_of(DATA / "world.ttl", registry)
    return {s: graph.iris(s, RDF.type)[0] for s in graph.subjects if isinstance(s, NamedNode)}


def test_every_text_is_more_than_blanks_and_every_address_more_than_its_scheme(registry: Registry) -> None:
    bare = {"link": "https://", "email": "mailto:", "telephone": "tel:", "text": "  ", "string": "\t"}
    for format in registry.formats.values():
        for field in all_fields(format.fields):
            if value := bare.get(field.kind):
                pattern = registry.formats.shapes.text(field.iri, SH.pattern)
                assert pattern and not re.search(pattern, value), field.iri.value


def test_what_is_missing_is_to_be_filled_in_and_what_is_too_few_is_counted(registry: Registry) -> None:
    field = registry.formats["project"].label
    few = "«\u00a0{field}\u00a0» ne contient pas assez de valeurs."
    words = {
        "1": ("Fill in “{field}”.", "Remplissez «\u00a0{field}\u00a0».", ""),
        "2": ("“{field}” has too few values.", few, "Give at least 2 values."),
    }
    for limit, (english, french, remedy) in words.items():
        finding = registry.checks.messages.finding(
            "MinCountConstraintComponent", registry.own.record("BCH-CDI-SCBD-1"), field=field, limit=limit
        )
        assert finding.say() == english.format(field=field.names["en"])
        assert finding.say("fr") == french.format(field=field.names["fr"])
        assert finding.advise() == remedy
        assert finding.component == "MinCountConstraintComponent"


@pytest.mark.parametrize("path", CASES, ids=[f"{p.parent.name}-{p.stem}" for p in CASES])
def test_findings(path: Path, registry: Registry, world: dict[NamedNode, NamedNode]) -> None:
    graph = graph_of(path, registry)
    record = record_of(graph, registry.formats[path.parent.name])
    found = asked(registry.checks.record(record, graph, classes=world.get, day=DAY))
    told = sorted((f.component, f.key, f.focus.value.partition("#")[2], f.severity) for f in found)
    with path.with_suffix(".expected.csv").open(encoding="utf-8") as source:
        rows = list(csv.DictReader(source))
    expected = sorted((r["component"], r["key"], r["focus-fragment"], SEVERITY[r["severity"]]) for r in rows)
    assert told == expected
    assert path.stem.startswith("valid") == (not any(f.severity == "must" for f in found)) or not any(
        r["severity"] == "Violation" for r in rows
    )
    for finding in found:
        for lang in ("en", "fr", "es", "ru", "zh", "ar"):
            assert finding.say(lang)
            assert "{" not in finding.say(lang) + finding.advise(lang)


@pytest.mark.parametrize("path", CASES, ids=[f"{p.parent.name}-{p.stem}" for p in CASES])
def test_the_lean_validation_gives_the_verdict_of_the_whole_shapes_graph(
    path: Path, registry: Registry, world: dict[NamedNode, NamedNode]
) -> None:
    graph = graph_of(path, registry)
    format = registry.formats[path.parent.name]
    record = record_of(graph, format)
    context = [Triple(iri, RDF.type, target) for iri, target in world.items()]
    for triple in graph:
        if concept := registry.concepts.get(triple.object):
            context.append(Triple(concept.iri, SKOS.inScheme, concept.scheme))
    for field in format.fields:
        if field.part and field.part.target:
            context += [Triple(value, RDF.type, field.part.target) for value in graph.iris(record, field.path)]
    parts = [v for f in format.fields if f.part for v in graph.iris(record, f.path)]
    _, report, _ = pyshacl.validate(_rdflib(graph | Graph(context)), shacl_graph=_rdflib(format.shapes))
    assert isinstance(report, rdflib.Graph)
    whole = set()
    for result in report.objects(None, rdflib.SH.result):
        path_said, focus = report.value(result, rdflib.SH.resultPath), report.value(result, rdflib.SH.focusNode)
        severity = report.value(result, rdflib.SH.resultSeverity)
        of_part = report.value(result, rdflib.SH.value) in {rdflib.URIRef(v.value) for v in parts}
        ours = focus in {rdflib.URIRef(node.value) for node in (record, *parts)}
        if ours and not of_part:  # a part that is not as it should be is told by its own results
            whole.add((str(focus), str(path_said), path_name(NamedNode(str(severity)))))
    found = asked(registry.checks.record(record, graph, classes=world.get, day=DAY))
    shaped = [
        f
        for f in found
        if f.component.endswith("ConstraintComponent")
        or f.component in ("UnknownConcept", "DanglingReference", "BlankText")
    ]
    lean = {
        (
            f.focus.value,
            f.path.value if f.path else "",
            {"must": "Violation", "should": "Warning", "may": "Info"}[f.severity],
        )
        for f in shaped
    }
    assert lean == whole
