"""The queries of `sparql/checks/` > rules: what a shape cannot say, of one record or across records.

An empty answer is right; a row gives `?focus`, `?path` and `?value`. A rule runs in a little store: the record, the
concepts it names and, where its header says what records `shares`, the current records around it. So a rule across
records is one file too. The same text, asked of the whole registry, gives every record that breaks it.
Source: 2005 report, paragraph 23 (d).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from registry.concepts import Concepts
from registry.errors import HouseBroken
from registry.findings import Finding
from registry.formats import Formats
from registry.graphs import Embedded, Row
from registry.language import LANGUAGES, Texts
from registry.queries import Queries, Query
from registry.shape import SEVERITIES, Field, all_fields, path_name
from registry.terms import RDF, SH, Graph, Literal, NamedNode, Own, Term

_PREFIX = re.compile(r"^PREFIX\s+([\w-]*):\s*<([^>]*)>\s*$", re.MULTILINE)
_NAME = re.compile(r"(?<![\w:<#/?$])([A-Za-z][\w-]*):([A-Za-z_][\w-]*)")
_TOLD = re.compile(r"([A-Za-z][\w-]*:[A-Za-z_][\w-]*)\s+AS\s+\?path")
_HOLDER = re.compile(r"([A-Za-z][\w-]*:[A-Za-z_][\w-]*)\s+\?focus\b")
_CLASS = re.compile(r"\?focus\s+a\s+([A-Za-z][\w-]*:[A-Za-z_][\w-]*)")

# The current records, other than the first, that have one of the values at the path, or are such a value.
Near = Callable[[NamedNode, NamedNode, Sequence[Term]], Mapping[NamedNode, Graph]]
Fields = Mapping[NamedNode, Field]


@dataclass(frozen=True)
class Rule:
    """One rule: `classes` are what it says `?focus` is, `paths` the fields it speaks of, `shares` what joins records.

    `holds` are the paths that lead to `?focus`, `tells` those it reports on; `iri` is the shape it is published as.
    `absence`: what it finds is that something is missing, of which legacy records are excused.
    """

    name: str
    iri: NamedNode
    query: Query
    severity: NamedNode
    messages: Texts
    remedies: Texts
    classes: frozenset[NamedNode]
    paths: frozenset[NamedNode]
    holds: frozenset[NamedNode]
    tells: frozenset[NamedNode]
    shares: tuple[NamedNode, ...]
    absence: bool = False

    def text(self, day: date) -> str:
        """The query as it is asked on a day."""
        asks = any(parameter.name == "day" for parameter in self.query.parameters)
        return self.query.bind(day=day) if asks else self.query.text

    def concerns(self, graph: Graph) -> bool:
        """Whether a graph has anything that the rule speaks of; else it could find nothing."""
        if self.classes:
            return any(graph.having(RDF.type, target) for target in self.classes)
        return any(triple.predicate in self.paths for triple in graph)


class Rules:
    """The rules of a house, by name."""

    def __init__(self, queries: Queries, formats: Formats, own: Own) -> None:
        self._queries, self._formats, self._own = queries, formats, own

    @cached_property
    def all(self) -> tuple[Rule, ...]:
        """Every rule; raises HouseBroken, naming the query, when a header cannot be read."""
        return tuple(self._rule(query) for query in self._queries.below("checks"))

    def _rule(self, query: Query) -> Rule:
        prefixes = {name: self._absolute(iri) for name, iri in _PREFIX.findall(query.text)}
        body = "\n".join(line for line in query.text.splitlines() if not line.lstrip().startswith("#"))

        def named(names: Iterable[str]) -> list[NamedNode]:
            parts = (name.split(":", 1) for name in names)
            return [NamedNode(prefixes[prefix] + local) for prefix, local in parts if prefix in prefixes]

        severity, shares = query.meta.get("severity", "Violation"), query.meta.get("shares", "").split()
        if SH[severity] not in SEVERITIES:
            raise HouseBroken("{severity} is no severity.", where=query.name, severity=severity)
        if len(named(shares)) != len(shares):
            raise HouseBroken("What the records share is not written in the query's prefixes.", where=query.name)
        used = named(":".join(found) for found in _NAME.findall(body))
        return Rule(
            name=query.name,
            iri=self._own.iri(f"format/check/{path_name(NamedNode('urn:' + query.name))}"),
            query=query,
            severity=SH[severity],
            messages=_texts(query, "message"),
            remedies=_texts(query, "remedy"),
            classes=frozenset(named(_CLASS.findall(body))),
            paths=frozenset(used) & self._formats.field_keys.keys(),
            holds=frozenset(named(_HOLDER.findall(body))) & self._formats.field_keys.keys(),
            tells=frozenset(named(_TOLD.findall(body))),
            shares=tuple(named(shares)),
            absence=query.meta.get("absence") == "yes",
        )

    def _absolute(self, iri: str) -> str:
        return iri if re.match(r"[a-z][a-z0-9+.-]*:", iri) else self._own.base + iri

    @property
    def shared(self) -> frozenset[NamedNode]:
        """The paths at which some rule across records joins them."""
        return frozenset(path for rule in self.all for path in rule.shares)

    def alone(self, graph: Graph, concepts: Concepts, day: date, fields: Fields) -> list[Finding]:
        """What the rules find in one record and the concepts it names."""
        rules = [rule for rule in self.all if not rule.shares and rule.concerns(graph)]
        return self._asked(rules, graph, {}, concepts, day, fields) if rules else []

    def across(
        self, record: NamedNode, graph: Graph, near: Near, concepts: Concepts, day: date, fields: Fields
    ) -> list[Finding]:
        """What the rules across records find in one record; what they find in the others is not told here."""
        rules = [rule for rule in self.all if rule.shares and rule.concerns(graph)]
        others: dict[NamedNode, Graph] = {}
        shared = dict.fromkeys(path for rule in rules for path in rule.shares)
        for path in shared:
            others |= _around(record, graph, path, near)
        if not others and not any(record in graph.objects(record, path) for path in shared):
            return []
        return self._asked(rules, graph, others, concepts, day, fields)

    def round(self, select: Callable[[str], Iterable[Row]], concepts: Concepts, day: date) -> list[Finding]:
        """What every rule finds in the whole of a store: no row is right."""
        return [
            self._finding(rule, row, concepts, self._fields)
            for rule in self.all
            for row in _single(select(rule.text(day)))
        ]

    def _asked(
        self,
        rules: Sequence[Rule],
        graph: Graph,
        others: Mapping[NamedNode, Graph],
        concepts: Concepts,
        day: date,
        fields: Fields,
    ) -> list[Finding]:
        store = Embedded(self._own.base)
        store.fill([(NamedNode("urn:registry:candidate"), graph), *others.items(), *_named(graph, concepts)])
        subjects = set(graph.subjects)
        return [
            self._finding(rule, row, concepts, fields)
            for rule in rules
            for row in _single(store.select(rule.text(day)))
            if row["focus"] in subjects
        ]

    def _finding(self, rule: Rule, row: Row, concepts: Concepts, fields: Fields) -> Finding:
        focus, path, value = row["focus"], row.get("path"), row.get("value")
        assert isinstance(focus, NamedNode)
        field = (fields.get(path) or self._fields.get(path)) if isinstance(path, NamedNode) else None
        names: Texts = {}
        if concept := concepts.get(value):
            names = concept.labels
        elif isinstance(value, NamedNode) and value.value.startswith(self._own.base + "id/"):
            names = dict.fromkeys(LANGUAGES, path_name(value))
        return Finding(
            component=rule.name,
            severity=SEVERITIES[rule.severity],
            focus=focus,
            path=path if isinstance(path, NamedNode) else None,
            key=field.key if field else path_name(path) if isinstance(path, NamedNode) else "",
            value=value.value if isinstance(value, (NamedNode, Literal)) else "",
            value_names=names,
            names=field.names if field else {},
            messages=rule.messages,
            remedies=rule.remedies,
            term=value,
            shape=rule.iri,
        )

    @cached_property
    def _fields(self) -> dict[NamedNode, Field]:
        """A field for each path: that of the first format that has it."""
        every = [field for format in self._formats.values() for field in all_fields(format.fields)]
        return {field.path: field for field in reversed(every)}


def _texts(query: Query, word: str) -> Texts:
    return {lang: query.meta[f"{word}.{lang}"] for lang in LANGUAGES if f"{word}.{lang}" in query.meta}


def _single(rows: Iterable[Row]) -> Iterator[Row]:
    """Each row once: several languages or ways may lead to the same finding."""
    seen = set()
    for row in rows:
        key = tuple(str(row.get(name)) for name in ("focus", "path", "value"))
        if key not in seen:
            seen.add(key)
            yield row


def _named(graph: Graph, concepts: Concepts) -> Iterator[tuple[NamedNode, Graph]]:
    """The concepts that a graph names, and those above them."""
    named = {concept.iri: concept for triple in graph if (concept := concepts.get(triple.object))}
    above = {iri for concept in named.values() for iri in concepts.ancestors(concept.iri)} - named.keys()
    for iri in [*named, *above]:
        if concept := concepts.get(iri):
            yield iri, concept.graph


def _around(record: NamedNode, graph: Graph, path: NamedNode, near: Near) -> dict[NamedNode, Graph]:
    """The records that share a value of a path with a record.

    Where a value is itself a record, what that one leads to counts as well, and so on: a ring shows only as a whole.
    """
    found: dict[NamedNode, Graph] = {}
    values = _values([graph], path)
    while values:
        new = {other: told for other, told in near(record, path, values).items() if other not in found}
        found |= new
        values = _values([new[value] for value in values if isinstance(value, NamedNode) and value in new], path)
    return found


def _values(graphs: Iterable[Graph], path: NamedNode) -> list[Term]:
    return list({t.object: None for graph in graphs for t in graph if t.predicate == path})  # type: ignore[misc]
