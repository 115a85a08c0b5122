"""Rules > SHACL-SPARQL: each query of `sparql/checks/` as the constraint that a partner's validator can run.

Drawn mechanically, word for word: `?focus` becomes `$this`, a day that is asked for becomes today, addresses become
whole. What SHACL forbids beside a variable that is bound beforehand, the queries do without: VALUES, MINUS, SERVICE.
Source: https://www.w3.org/TR/shacl/#sparql-constraints, section 5.2.1 and 5.3.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from registry.formats import Format, Formats
from registry.language import Texts
from registry.rules import Rule
from registry.shape import all_fields
from registry.terms import RDF, RDFS, SH, XSD, Graph, Literal, NamedNode, Own, Term, Triple

FORBIDDEN = re.compile(r"\b(VALUES|MINUS|SERVICE)\b", re.IGNORECASE)
_DAY = re.compile(r"^\s*VALUES\s*\(\?day\).*# parameters\s*$", re.MULTILINE)
_ADDRESS = re.compile(r"<([a-z][^<>\s:]*)>")
_PLACE = re.compile(r"\{(\w+)\}")


def drawn(rules: tuple[Rule, ...], formats: Formats, prefixes: Mapping[str, str], own: Own) -> Graph:
    """The shapes of the rules, the prefixes they are written in, and a link to each from the formats it concerns."""
    place = own.iri("format/prefixes")
    triples = list(_prefixes(place, prefixes))
    for rule in rules:
        concerned = [format for format in formats.values() if concerns(rule, format)]
        triples += _shape(rule, concerned, place, own)
        triples += (Triple(format.iri, RDFS.seeAlso, rule.iri) for format in concerned)
    return Graph(triples)


def concerns(rule: Rule, format: Format) -> bool:
    """Whether records of a format can break a rule: by their class or a part's, or by the fields it compares."""
    parts = [field.part for field in format.fields if field.part]
    if rule.classes:
        return bool(rule.classes & {format.target, *(part.target for part in parts if part.target)})
    if rule.holds:
        return bool(rule.holds & {field.path for field in format.fields})
    holders = [{field.path for field in fields} for fields in (format.fields, *(part.fields for part in parts))]
    return any(rule.tells & paths and len(rule.paths & paths) >= min(2, len(rule.paths)) for paths in holders)


def select(rule: Rule, own: Own) -> str:
    """The query of a rule as the text of `sh:select`."""
    lines = [line for line in rule.query.text.splitlines() if not line.startswith(("#", "PREFIX"))]
    text = _DAY.sub("  BIND(NOW() AS ?day)", "\n".join(lines).strip())
    text = _ADDRESS.sub(lambda found: f"<{own.base}{found[1]}>", text)
    return re.sub(r"[?$]focus\b", "$this", text)


def _shape(rule: Rule, concerned: list[Format], prefixes: NamedNode, own: Own) -> Iterator[Triple]:
    query = NamedNode(f"{rule.iri.value}#query")
    yield Triple(rule.iri, RDF.type, SH.NodeShape)
    yield Triple(rule.iri, RDFS.label, Literal(rule.query.title, language="en"))
    yield Triple(rule.iri, SH.severity, rule.severity)
    for predicate, targets in _targets(rule):
        yield from (Triple(rule.iri, predicate, target) for target in targets)
    yield Triple(rule.iri, SH.sparql, query)
    said: list[tuple[NamedNode, Term]] = [
        (RDF.type, SH.SPARQLConstraint),
        (SH.prefixes, prefixes),
        (SH.select, Literal(select(rule, own))),
    ]
    names = _names(rule, concerned)
    for predicate, texts in ((SH.message, rule.messages), (own.reg.remedy, rule.remedies)):
        said += ((predicate, Literal(_places(text, names.get(lang)), language=lang)) for lang, text in texts.items())
    for predicate, value in said:
        yield Triple(query, predicate, value)


def _targets(rule: Rule) -> Iterator[tuple[NamedNode, frozenset[NamedNode]]]:
    """The nodes that a rule looks at: of its classes, held by its paths, or else with a value it speaks of."""
    if rule.classes:
        yield SH.targetClass, rule.classes
    elif rule.holds:
        yield SH.targetObjectsOf, rule.holds
    else:
        yield SH.targetSubjectsOf, rule.paths


def _names(rule: Rule, concerned: list[Format]) -> Texts:
    """What the field is called that the rule tells of; nothing where it may tell of several."""
    told = {path for path in rule.tells if path in rule.paths}
    fields = [field for format in concerned for field in all_fields(format.fields) if field.path in told]
    return fields[0].names if fields and len(told) == 1 else {}


def _places(text: str, name: str | None) -> str:
    """The places of a message as SHACL writes them: `{?value}`; the field by its name where there is one."""

    def place(found: re.Match[str]) -> str:
        if found[1] == "field":
            return name or "{?path}"
        return "{?value}" if found[1] == "value" else found[0]

    return _PLACE.sub(place, text)


def _prefixes(place: NamedNode, prefixes: Mapping[str, str]) -> Iterator[Triple]:
    for prefix, namespace in prefixes.items():
        one = NamedNode(f"{place.value}#{prefix}")
        yield Triple(place, SH.declare, one)
        yield Triple(one, SH.prefix, Literal(prefix))
        yield Triple(one, SH.namespace, Literal(namespace, datatype=XSD.anyURI))
