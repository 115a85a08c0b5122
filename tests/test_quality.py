"""The layer of quality: what it advises, in our words and in a partner's validator; and that it refuses nothing."""

import csv
from pathlib import Path

import pyshacl
import pytest
import rdflib

from registry import quality
from registry.findings import Finding
from registry.language import LANGUAGES
from registry.registry import Registry
from registry.shacl import _rdflib
from registry.shape import path_name
from registry.terms import RDFS, SH, NamedNode
from tests.test_shapes import DAY, SEVERITY, graph_of, record_of

CASES = sorted((Path(__file__).parent / "data" / "quality").glob("*.ttl"))


def of_quality(found: list[Finding]) -> list[Finding]:
    return [finding for finding in found if finding.shape and "/quality#" in finding.shape.value]


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_advice(path: Path, registry: Registry) -> None:
    graph = graph_of(path, registry)
    record = record_of(graph, registry.formats[path.stem.split("-")[0]])
    found = of_quality(registry.checks.record(record, graph, classes=lambda _: None, day=DAY))
    told = sorted((path_name(f.shape), f.key, f.severity) for f in found if f.shape)
    with path.with_suffix(".expected.csv").open(encoding="utf-8") as source:
        expected = sorted((r["shape"], r["key"], SEVERITY[r["severity"]]) for r in csv.DictReader(source))
    assert told == expected
    for finding in found:
        for lang in LANGUAGES:
            assert finding.say(lang)
            assert finding.advise(lang)
            assert "{" not in finding.say(lang) + finding.advise(lang)
    shapes = registry.house.furniture()[registry.own.iri("format/")]
    chosen = shapes.iris(registry.own.iri("format/quality"), RDFS.seeAlso)
    layer = {t for shape in chosen for t in quality.reachable(shapes, shape)}
    _, report, _ = pyshacl.validate(_rdflib(graph), shacl_graph=_rdflib(type(graph)(layer)))
    assert isinstance(report, rdflib.Graph)
    results = report.objects(None, rdflib.SH.result)
    seen = sorted(path_name(NamedNode(str(report.value(result, rdflib.SH.sourceShape)))) for result in results)
    assert seen == sorted(row[0] for row in expected)


def test_every_shape_of_the_layer_advises_and_applies_somewhere(registry: Registry) -> None:
    shapes = registry.house.furniture()[registry.own.iri("format/")]
    for shape in shapes.iris(registry.own.iri("format/quality"), RDFS.seeAlso):
        assert set(shapes.iris(shape, SH.severity)) < {SH.Warning, SH.Info}
        assert shapes.iris(shape, SH.targetClass), shape
        assert any(shape in shapes.objects(format.iri, RDFS.seeAlso) for format in registry.formats.values())
