"""JSON-LD drawn from a common format: its context, and a record in it.

Terms are the keys of the fields; texts are language maps, repeatable values always arrays, dates and decimals typed
strings (1.5 as a JSON number becomes an invalid 1.5E0), references IRIs. Written by hand from the context, which is
fifty times faster than a compaction algorithm and tested to read back to the same graph.
Source: https://www.w3.org/TR/json-ld11/.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from registry.formats import Format
from registry.shape import Field, all_fields, path_name
from registry.terms import DCTERMS, FOAF, RDF, XSD, BlankNode, Graph, Literal, NamedNode, Own, Subject, Term

Json = dict[str, Any]


def _system(own: Own) -> dict[str, tuple[NamedNode, str]]:
    """The registry's own statements on the /doc side, and how each is written."""
    return {
        "record": (FOAF.isPrimaryTopicOf, "id"),
        "about": (FOAF.primaryTopic, "id"),
        "identifier": (DCTERMS.identifier, "plain"),
        "version": (own.reg.version, "integer"),
        "issued": (DCTERMS.issued, "dateTime"),
        "modified": (DCTERMS.modified, "dateTime"),
        "confirmed": (own.reg.confirmed, "dateTime"),
        "archived": (own.reg.archived, "dateTime"),
        "recordStatus": (own.reg.status, "id"),
        "sourceClass": (own.reg.sourceClass, "id"),
        "publisher": (DCTERMS.publisher, "id"),
        "licence": (DCTERMS.license, "id"),
        "language": (DCTERMS.language, "set"),
        "conformsTo": (DCTERMS.conformsTo, "id"),
    }


def context(format: Format, own: Own) -> Json:
    """The context document of a format."""
    terms: Json = {"@version": 1.1, "id": "@id", "type": {"@id": "@type", "@container": "@set"}}
    terms |= {path_name(target): target.value for target in _classes(format, own)}
    terms |= {name: _own_term(iri, how) for name, (iri, how) in _system(own).items()}
    many = repeatable(format)
    for field in all_fields(format.fields):
        terms[field.key] = _term(field, field.key in many)
    return {"@context": terms}


def frame(format: Format, own: Own) -> Json:
    """What makes the compact form of a record from any other: a tree from the record, each part where it belongs."""
    return {"@context": address(format, own), "@embed": "@once", "type": [path_name(format.target)]}


def address(format: Format, own: Own) -> str:
    """Where the context of a format is: an immutable file, by version."""
    return f"{own.base}context/{format.key}.v{format.context_version}.jsonld"


def repeatable(format: Format) -> frozenset[str]:
    """The keys whose values always stand in an array: those that may have several values anywhere in the format."""
    return frozenset(field.key for field in all_fields(format.fields) if field.max != 1 and field.kind != "text")


def compact(record: NamedNode, graph: Graph, format: Format, own: Own, *, inline: bool = False) -> Json:
    """One record as JSON-LD in the context of its format; it is also the framed form."""
    body: Json = {"@context": context(format, own)["@context"] if inline else address(format, own)}
    writer = _Writer(graph, format, own)
    body |= writer.node(record, format.fields)
    for doc in graph.iris(record, FOAF.isPrimaryTopicOf):
        body["record"] = writer.node(doc, ())
    return body


def flattened(graph: Graph, format: Format, own: Own, *, inline: bool = False) -> Json:
    """One record as JSON-LD in the context of its format: the record, its parts and its document side by side."""
    writer = _Writer(graph, format, own)
    flat = {field.key: replace(field, part=None) for field in all_fields(format.fields)}
    nodes = [writer.node(subject, tuple(flat.values())) for subject in graph.subjects]
    return {"@context": context(format, own)["@context"] if inline else address(format, own), "@graph": nodes}


def dumps(document: Any) -> bytes:
    """JSON as the registry writes it."""
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


def expanded(graph: Graph) -> list[Json]:
    """Any graph as expanded and flat JSON-LD: what has no common format is written so."""
    nodes = []
    for subject in graph.subjects:
        node: Json = {"@id": _id(subject)}
        for predicate, values in graph.described(subject).items():
            if predicate == RDF.type:
                node["@type"] = [_id(value) for value in values]
            else:
                node[predicate.value] = [_expanded(value) for value in values]
        nodes.append(node)
    return nodes


def compacted(graph: Graph, prefixes: Mapping[str, str]) -> Json:
    """Any graph as JSON-LD with short names for its properties and types; every value stands in an array."""
    used: dict[str, str] = {}

    def short(iri: str) -> str:
        for prefix, namespace in prefixes.items():
            if iri.startswith(namespace) and not iri.removeprefix(namespace).startswith("//"):
                used[prefix] = namespace
                return f"{prefix}:{iri.removeprefix(namespace)}"
        return iri

    nodes = []
    for node in expanded(graph):
        written: Json = {"@id": node.pop("@id")}
        if types := node.pop("@type", None):
            written["@type"] = [short(one) for one in types]
        for predicate, values in node.items():
            written[short(predicate)] = [
                value | {"@type": short(value["@type"])} if "@type" in value else value for value in values
            ]
        nodes.append(written)
    return {"@context": {prefix: used[prefix] for prefix in sorted(used)}, "@graph": nodes}


def _classes(format: Format, own: Own) -> list[NamedNode]:
    """The classes that a record of the format may name by their local names."""
    parts = (field.part.target for field in all_fields(format.fields) if field.part)
    return [format.target, own.reg.Record, *(target for target in parts if target)]


class _Writer:
    """Writes the nodes of one record's graph in the terms of its format's context."""

    def __init__(self, graph: Graph, format: Format, own: Own) -> None:
        self._graph, self._system, self._many = graph, _system(own), repeatable(format)
        self._classes = {iri: path_name(iri) for iri in _classes(format, own)}

    def node(self, subject: Subject, fields: tuple[Field, ...]) -> Json:
        """A node: its types, its fields, what the registry says of it, and what no term stands for, by IRI."""
        described = self._graph.described(subject)
        node: Json = {"id": _id(subject)}
        if types := self._graph.iris(subject, RDF.type):
            node["type"] = [self._classes.get(iri, iri.value) for iri in types]
        left = dict.fromkeys(described)
        left.pop(RDF.type, None)
        for field in fields:
            if field.path in left:
                node[field.key] = self._values(field, described[field.path])
                del left[field.path]
        for name, (iri, how) in self._system.items():
            if iri in left:
                node[name] = _own_values(how, described[iri])
                del left[iri]
        return node | {iri.value: [_expanded(value) for value in described[iri]] for iri in left}

    def _values(self, field: Field, values: list[Term]) -> Any:
        if field.kind == "text":
            return _texts(values)
        if field.part:
            written = [
                _expanded(value) if isinstance(value, Literal) else self.node(value, field.part.fields)
                for value in values
            ]
        else:
            written = [_plain(field, value) for value in values]
        return written if field.key in self._many or len(written) > 1 else written[0]


def _texts(values: list[Term]) -> Json:
    texts: dict[str, list[str]] = {}
    for value in values:
        if isinstance(value, Literal):
            texts.setdefault(value.language or "@none", []).append(value.value)
    return {lang: found[0] if len(found) == 1 else found for lang, found in sorted(texts.items())}


def _own_values(how: str, values: list[Term]) -> Any:
    found: list[Any] = [value.value if isinstance(value, Literal) else _id(value) for value in values]
    if how == "integer":
        found = [int(value) for value in found]
    return found if how == "set" or len(found) > 1 else found[0]


def _plain(field: Field, value: Term) -> Any:
    if isinstance(value, Literal):
        expected = _datatype(field)
        plain = field.kind == "string" and value.datatype == XSD.string
        if value.datatype.value == expected or plain:
            return _native(value)
        return _expanded(value)
    return _id(value)


def _native(value: Literal) -> Any:
    """A whole number or a truth as JSON has them; anything else, or written unusually, as text."""
    if value.datatype == XSD.boolean and value.value in ("true", "false"):
        return value.value == "true"
    if value.datatype == XSD.integer and re.fullmatch(r"0|-?[1-9]\d{0,14}", value.value):
        return int(value.value)
    return value.value


def _datatype(field: Field) -> str | None:
    kinds = {"number": XSD.decimal, "integer": XSD.integer, "boolean": XSD.boolean, "date": XSD.date}
    return kinds[field.kind].value if field.kind in kinds else None


def _term(field: Field, many: bool) -> Json:
    term: Json = {"@id": field.path.value}
    if field.kind == "text":
        return term | {"@container": "@language"}
    if field.kind in ("concept", "record", "link", "email", "telephone", "file", "part"):
        term["@type"] = "@id"
    elif datatype := _datatype(field):
        term["@type"] = datatype
    return term | {"@container": "@set"} if many else term


def _own_term(iri: NamedNode, how: str) -> Json:
    types = {"id": "@id", "integer": XSD.integer.value, "dateTime": XSD.dateTime.value}
    term: Json = {"@id": iri.value} | ({"@type": types[how]} if how in types else {})
    return term | {"@container": "@set"} if how == "set" else term


def _expanded(value: Term) -> Json:
    if not isinstance(value, Literal):
        return {"@id": _id(value)}
    if value.language:
        return {"@value": value.value, "@language": value.language}
    return {"@value": _native(value)} | ({} if value.datatype == XSD.string else {"@type": value.datatype.value})


def _id(term: Term) -> str:
    return f"_:{term.value}" if isinstance(term, BlankNode) else term.value
