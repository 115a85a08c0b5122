"""The rules of `sparql/checks/`: of one record, across records, over the whole registry, and as SHACL-SPARQL."""

import csv
import re
from pathlib import Path

import pyshacl
import pytest
import rdflib

from registry import constraints, queries
from registry.errors import HouseBroken
from registry.findings import Finding, report
from registry.formats import reachable
from registry.graphs import Embedded
from registry.language import LANGUAGES
from registry.load import Summary, Terms, load
from registry.neighbours import with_coming
from registry.records import split
from registry.registry import Registry
from registry.rules import Rules
from registry.shacl import _rdflib
from registry.shape import path_name
from registry.terms import RDF, RDFS, SH, BlankNode, Graph, Literal, NamedNode, Triple
from tests.conftest import TODAY, no_progress
from tests.test_shapes import CASES, DAY, SEVERITY, graph_of, record_of

ACROSS = Path(__file__).parent / "data" / "across"
TERMS = Terms(TODAY, by="test")
FILES = sorted(ACROSS.glob("*.ttl"))
NAMES = ("need-one-per-country", "twin-organisation", "part-of-itself", "twin-title")
Told = set[tuple[str, str, str, str]]


@pytest.fixture(scope="module")
def published(registry: Registry) -> rdflib.Graph:
    """The rules as they are published, with today held still, for pySHACL."""
    graph = registry.house.furniture()[registry.own.iri("format/")]
    rules = [r.iri for r in registry.checks.rules.all]
    shapes = [*rules, *(NamedNode(f"{rule.value}#query") for rule in rules)]
    prefixes = [s for s in graph.subjects if isinstance(s, NamedNode) and "format/prefixes" in s.value]
    found = _rdflib(graph.about([*shapes, *prefixes]))
    for rule, _, text in list(found.triples((None, rdflib.SH.select, None))):
        found.set((rule, rdflib.SH.select, rdflib.Literal(str(text).replace("NOW()", f'"{DAY}"^^xsd:date'))))
    return found


def by_pyshacl(data: Graph, shapes: rdflib.Graph) -> Told:
    _, results, _ = pyshacl.validate(_rdflib(data), shacl_graph=shapes, advanced=True, inference="none")
    assert isinstance(results, rdflib.Graph)
    told = set()
    for result in results.objects(None, rdflib.SH.result):
        focus, path, value, shape = (
            str(results.value(result, rdflib.SH[name]) or "")
            for name in ("focusNode", "resultPath", "value", "sourceShape")
        )
        told.add((focus, path, "" if value == focus else plain(value), shape))
    return told


def plain(value: str) -> str:
    """A number whatever its zeros: the engine writes 1200.00 as 1200."""
    return str(float(value)) if re.fullmatch(r"[0-9.]+", value) else value


def by_rules(findings: list[Finding]) -> Told:
    return {
        (
            f.focus.value,
            f.path.value if f.path else "",
            "" if f.value == f.focus.value else plain(f.value),
            f.shape.value,
        )
        for f in findings
        if f.shape and f.component.startswith("checks/")
    }


def with_concepts(graph: Graph, registry: Registry) -> Graph:
    named = [c for t in graph if (c := registry.concepts.get(t.object))]
    above = [a for c in named for iri in registry.concepts.ancestors(c.iri) if (a := registry.concepts.get(iri))]
    return graph | Graph(triple for concept in [*named, *above] for triple in concept.graph)


@pytest.mark.parametrize("path", CASES, ids=[f"{p.parent.name}-{p.stem}" for p in CASES])
def test_a_partner_finds_with_shacl_what_the_rules_find(
    path: Path, registry: Registry, published: rdflib.Graph
) -> None:
    graph = graph_of(path, registry)
    format = registry.formats[path.parent.name]
    record = record_of(graph, format)
    typed = [
        Triple(value, RDF.type, field.part.target)
        for field in format.fields
        if field.part and field.part.target
        for value in graph.iris(record, field.path)
    ]
    data = graph | Graph(typed)
    found = registry.checks.rules.alone(data, registry.concepts, DAY, {})
    own = {s.value for s in graph.subjects if isinstance(s, NamedNode)}
    seen = {told for told in by_pyshacl(with_concepts(data, registry), published) if told[0] in own}
    assert seen == by_rules(found)


def split_up(graph: Graph, registry: Registry) -> dict[NamedNode, Graph]:
    records, foreign = split(graph, registry.own, registry.checks.messages)
    assert not foreign
    return records


def nobody(record: NamedNode, path: NamedNode, values: object) -> dict[NamedNode, Graph]:
    return {}


def expected(path: Path) -> list[tuple[str, str, str, str, str]]:
    with path.with_suffix(".expected.csv").open(encoding="utf-8") as source:
        rows = csv.DictReader(source)
        return sorted((r["focus"], r["component"], r["key"], r["value"], SEVERITY[r["severity"]]) for r in rows)


def told(findings: list[Finding]) -> list[tuple[str, str, str, str, str]]:
    return sorted(
        (path_name(f.focus), f.component, f.key, path_name(NamedNode(f.value)), f.severity)
        for f in findings
        if f.component in {"checks/" + name for name in NAMES}
    )


@pytest.mark.parametrize("path", FILES, ids=[p.stem for p in FILES])
def test_across_records_the_record_the_registry_and_a_partner_find_the_same(
    path: Path, registry: Registry, published: rdflib.Graph
) -> None:
    graph, rules = graph_of(path, registry), registry.checks.rules
    records = split_up(graph, registry)
    near = with_coming(nobody, records, rules.shared)
    one_by_one = [f for r, g in records.items() for f in registry.checks.across(r, g, near=near, day=DAY)]
    assert told(one_by_one) == expected(path)
    for finding in one_by_one:
        for lang in LANGUAGES:
            assert "{" not in finding.say(lang) + finding.advise(lang)
            assert "BCH-" in finding.say(lang) + finding.advise(lang) or "field" in finding.messages
    store = Embedded(registry.own.base)
    store.fill(records.items())
    assert told(rules.round(store.select, registry.concepts, DAY)) == expected(path)
    names = {f"{registry.own.base}format/check/{name}" for name in NAMES}
    assert {t for t in by_pyshacl(graph, published) if t[3] in names} == by_rules(one_by_one)


def test_a_round_over_the_samples_finds_no_rule_across_records_broken(registry: Registry) -> None:
    found = registry.checks.rules.round(registry.graphs.select, registry.concepts, DAY)
    assert [row for row in told(found) if row[4] == "must"] == []


NEED = """@prefix cap: <ns/capacity#> . @prefix dcterms: <http://purl.org/dc/terms/> .
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix foaf: <http://xmlns.com/foaf/0.1/> .
<id/BCH-ORG-SCBD-9001> a cap:Organisation ; foaf:name "Lake Region Biosafety Institute"@en ;
  dcterms:type <vocabulary/organisation-type/academic> ; cap:country <vocabulary/countries/KE> .
<id/BCH-NEED-KE-NUMBER> a cap:Need ; cap:country <vocabulary/countries/KE> ; dcterms:date "2005"^^xsd:gYear ;
  cap:authority <id/BCH-ORG-SCBD-9001> ; dcat:contactPoint <id/BCH-NEED-KE-NUMBER#contact-1> ;
  dcterms:description "TEXT"@en ; cap:needItem <id/BCH-NEED-KE-NUMBER#need-1> .
<id/BCH-NEED-KE-NUMBER#contact-1> a vcard:Kind ; vcard:hasEmail <mailto:focal@example.org> .
<id/BCH-NEED-KE-NUMBER#need-1> a cap:NeedItem ; cap:element <vocabulary/action-plan-2004/ap2004-c> .
"""


def need(number: int, text: str = "What the country needs, in a few plain words.") -> str:
    return NEED.replace("NUMBER", str(number)).replace("TEXT", text)


def loaded(registry: Registry, folder: Path, *texts: str) -> Summary:
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for number, text in enumerate(texts):
        (folder / f"{number}.ttl").write_text(text, encoding="utf-8")
    return load(registry, [folder], TERMS, no_progress)


def test_a_second_needs_record_is_refused_and_names_the_first(empty: Registry, tmp_path: Path) -> None:
    assert loaded(empty, tmp_path / "in", need(1)).refused == 0
    assert loaded(empty, tmp_path / "in", need(1)).unchanged == 2, "the same again does not meet itself"
    assert loaded(empty, tmp_path / "in", need(1, "What the country needs now, in other words.")).revised == 1
    summary = loaded(empty, tmp_path / "in", need(2))
    assert (summary.refused, summary.published) == (1, 0)
    assert "already has a current record of its needs: BCH-NEED-KE-1." in summary.refusals[0].tell()


def test_an_archived_record_does_not_count(empty: Registry, tmp_path: Path) -> None:
    archived = (
        '<doc/BCH-NEED-KE-1> <ns/registry#archived> "2006-01-02"^^xsd:date ; dcterms:issued "2005-01-02"^^xsd:date .'
    )
    assert loaded(empty, tmp_path / "in", need(1) + archived).refused == 0
    assert loaded(empty, tmp_path / "in", need(2)).refused == 0
    past = archived.replace("KE-1>", "KE-3>")
    assert loaded(empty, tmp_path / "in", need(3) + past).refused == 0, "nor does one that comes in archived"


def test_two_in_one_load_meet_each_other(empty: Registry, tmp_path: Path) -> None:
    only = need(2).split("<id/BCH-ORG")[0] + "<id/BCH-NEED-KE-2" + need(2).split("<id/BCH-NEED-KE-2", 1)[1]
    summary = loaded(empty, tmp_path / "in", need(1), only)
    assert (summary.refused, summary.published) == (2, 1)


def test_a_refused_record_does_not_stand_in_the_way_of_another(empty: Registry, tmp_path: Path) -> None:
    only = need(2).split("<id/BCH-ORG")[0] + "<id/BCH-NEED-KE-2" + need(2).split("<id/BCH-NEED-KE-2", 1)[1]
    summary = loaded(empty, tmp_path / "in", need(1), only.replace('"2005"', '"soon"'))
    assert (summary.refused, summary.published) == (1, 2)


def test_findings_of_a_published_record_tell_of_records_around_it(empty: Registry, tmp_path: Path) -> None:
    loaded(empty, tmp_path / "in", need(1), need(1).split("<id/BCH-NEED")[0].replace("9001", "9002"))
    entry = empty.record("BCH-ORG-SCBD-9002")
    assert entry
    twins = [f for f in empty.findings(entry, DAY) if f.component == "checks/twin-organisation"]
    assert [(f.severity, f.value_names["fr"]) for f in twins] == [("should", "BCH-ORG-SCBD-9001")]


def test_a_record_taken_without_a_field_is_advised_of_it(registry: Registry) -> None:
    entries = [registry.record(row["identifier"].value) for row in registry.select("records/list")]  # type: ignore[union-attr]
    found = [finding for entry in entries[:20] if entry for finding in registry.findings(entry, DAY)]
    assert not any(finding.blocks for finding in found)


def test_every_rule_is_published_in_six_languages_and_by_the_formats_it_concerns(registry: Registry) -> None:
    shapes, own = registry.house.furniture()[registry.own.iri("format/")], registry.own
    assert not any(isinstance(term, BlankNode) for t in shapes for term in (t.subject, t.object))
    for rule in registry.checks.rules.all:
        query = NamedNode(f"{rule.iri.value}#query")
        assert shapes.objects(rule.iri, SH.sparql) == [query]
        assert shapes.objects(rule.iri, SH.severity) == [rule.severity]
        text = shapes.text(query, SH.select) or ""
        assert "$this" in text
        assert not constraints.FORBIDDEN.search(text), rule.name
        assert "focus" not in text
        assert set(shapes.texts(query, SH.message)) == set(shapes.texts(query, own.reg.remedy)) == set(LANGUAGES)
        assert "{field}" not in "".join(shapes.texts(query, SH.message).values())
        formats = [f for f in registry.formats.values() if rule.iri in shapes.objects(f.iri, RDFS.seeAlso)]
        assert formats, f"{rule.name} concerns no format"
        assert rule.iri in reachable(shapes, formats[0].iri).subjects


@pytest.mark.parametrize(
    ("header", "says"), [("# severity: Fatal", "no severity"), ("# shares: nobody:knows", "prefixes")]
)
def test_a_header_that_cannot_be_read_names_its_query(header: str, says: str, registry: Registry) -> None:
    text = f"# title: A rule\n{header}\nPREFIX cap: <ns/capacity#>\nSELECT ?focus WHERE {{ ?focus a cap:Need }}"
    found = queries.Queries({"checks/a": queries.parse("checks/a", text)})
    with pytest.raises(HouseBroken, match=says) as error:
        assert Rules(found, registry.formats, registry.own).all
    assert error.value.where == "checks/a"


def test_findings_are_a_validation_report(registry: Registry) -> None:
    (path,) = [path for path in CASES if path.stem == "invalid-period" and path.parent.name == "project"]
    graph = graph_of(path, registry)
    record = record_of(graph, registry.formats["project"])
    found = registry.checks.record(record, graph, classes=lambda _: None, day=DAY)
    told = report(found, registry.own)
    assert not any(isinstance(term, BlankNode) for t in told for term in (t.subject, t.object))
    doc = registry.own.doc(path_name(record)).value
    whole = NamedNode(f"{doc}#report")
    assert told.text(whole, SH.conforms) == "false"
    results = told.iris(whole, SH.result)
    assert len(results) == len(found) > 0
    for result in results:
        for predicate in (SH.resultSeverity, SH.focusNode, SH.resultPath, SH.sourceConstraintComponent):
            assert len(told.iris(result, predicate)) == 1
        assert set(told.texts(result, SH.resultMessage)) == set(LANGUAGES)
    assert report([], registry.own, registry.own.doc("BCH-CDI-SCBD-1")).having(SH.conforms, Literal(True))


def test_the_report_of_a_rule_names_its_query_and_its_value(registry: Registry) -> None:
    (path,) = [path for path in CASES if path.stem == "invalid-coverage-national"]
    graph = graph_of(path, registry)
    found = registry.checks.rules.alone(graph, registry.concepts, DAY, {})
    told = report(found, registry.own)
    (result,) = told.having(SH.sourceShape, registry.own.iri("format/check/coverage"))
    assert told.iris(result, SH.sourceConstraint) == (registry.own.iri("format/check/coverage#query"),)
    assert told.iris(result, SH.value) == (registry.own.concept("geographic-scope", "national"),)
    assert set(told.texts(result, registry.own.reg.remedy)) == set(LANGUAGES)
