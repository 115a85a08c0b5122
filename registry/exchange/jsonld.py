"""JSON-LD drawn from a common format: its context, and a record in it.

Terms are the keys of the fields; texts are language maps, repeatable values always arrays, dates and decimals typed
strings (1.5 as a JSON number becomes an invalid 1.5E0), references IRIs. Written by hand from the context, which is
fifty times faster than a compaction algorithm and tested to read back to the same graph.
Source: https://www.w3.org/TR/json-ld11/.
"""

from __future__ import annotations

import json
from typing import Any

from registry.formats import Format
from registry.shape import Field, path_name
from registry.terms import DCTERMS, FOAF, RDF, XSD, BlankNode, Graph, Literal, NamedNode, Own, Term

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
    terms: Json = {"@version": 1.1, "id": "@id", "type": "@type"}
    terms |= {path_name(target): target.value for target in _classes(format, own)}
    terms |= {name: _own_term(iri, how) for name, (iri, how) in _system(own).items()}
    for field in _with_inner(format.fields):
        terms[field.key] = _term(field)
    return {"@context": terms}


def address(format: Format, own: Own) -> str:
    """Where the context of a format is: an immutable file, by version."""
    return f"{own.base}context/{format.key}.v{format.context_version}.jsonld"


def compact(record: NamedNode, graph: Graph, format: Format, own: Own, *, inline: bool = False) -> Json:
    """One record as JSON-LD in the context of its format."""
    body: Json = {"@context": context(format, own)["@context"] if inline else address(format, own)}
    body |= _node(record, graph, format.fields, set(_classes(format, own)))
    for doc in graph.iris(record, FOAF.isPrimaryTopicOf):
        body["record"] = _document(doc, graph, own)
    return body


def dumps(document: Any) -> bytes:
    """JSON as the registry writes it."""
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


def expanded(graph: Graph) -> list[Json]:
    """Any graph as expanded JSON-LD, for what has no common format: vocabularies, lists, terms."""
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


def _classes(format: Format, own: Own) -> list[NamedNode]:
    """The classes that a record of the format may name by their local names."""
    parts = (field.part.target for field in format.fields if field.part)
    return [format.target, own.reg.Record, *(target for target in parts if target)]


def _node(subject: NamedNode, graph: Graph, fields: tuple[Field, ...], classes: set[NamedNode]) -> Json:
    types = [path_name(iri) if iri in classes else iri.value for iri in graph.iris(subject, RDF.type)]
    node: Json = {"id": subject.value} | ({"type": types} if types else {})
    for field in fields:
        if values := graph.objects(subject, field.path):
            node[field.key] = _values(field, values, graph, classes)
    return node


def _values(field: Field, values: list[Term], graph: Graph, classes: set[NamedNode]) -> Any:
    if field.kind == "text":
        texts: dict[str, Any] = {}
        for value in values:
            if isinstance(value, Literal):
                texts.setdefault(value.language or "@none", []).append(value.value)
        return {lang: found[0] if len(found) == 1 else found for lang, found in sorted(texts.items())}
    if field.part:
        written: list[Any] = [_node(v, graph, field.part.fields, classes) for v in values if isinstance(v, NamedNode)]
    else:
        written = [_plain(field, value) for value in values]
    return written[0] if field.max == 1 and len(written) == 1 else written


def _plain(field: Field, value: Term) -> Any:
    if isinstance(value, Literal):
        expected = _datatype(field)
        if value.datatype == XSD.boolean and expected == XSD.boolean.value:
            return value.value == "true"
        if value.datatype == XSD.integer and expected == XSD.integer.value:
            return int(value.value)
        if value.datatype.value == expected or (expected is None and value.datatype == XSD.string):
            return value.value
        return {"@value": value.value, "@type": value.datatype.value}
    return _id(value)


def _datatype(field: Field) -> str | None:
    kinds = {"number": XSD.decimal, "integer": XSD.integer, "boolean": XSD.boolean, "date": XSD.date}
    return kinds[field.kind].value if field.kind in kinds else None


def _term(field: Field) -> Json:
    term: Json = {"@id": field.path.value}
    if field.kind == "text":
        return term | {"@container": "@language"}
    if field.kind in ("concept", "record", "link", "email", "telephone", "part"):
        term["@type"] = "@id"
    elif datatype := _datatype(field):
        term["@type"] = datatype
    return term if field.max == 1 else term | {"@container": "@set"}


def _own_term(iri: NamedNode, how: str) -> Json:
    types = {"id": "@id", "integer": XSD.integer.value, "dateTime": XSD.dateTime.value}
    term: Json = {"@id": iri.value} | ({"@type": types[how]} if how in types else {})
    return term | {"@container": "@set"} if how == "set" else term


def _document(doc: NamedNode, graph: Graph, own: Own) -> Json:
    node: Json = {"id": doc.value, "type": [path_name(iri) for iri in graph.iris(doc, RDF.type)]}
    for name, (iri, how) in _system(own).items():
        found: list[Any] = [v.value if isinstance(v, Literal) else _id(v) for v in graph.objects(doc, iri)]
        if how == "integer":
            found = [int(value) for value in found]
        if found:
            node[name] = found if how == "set" else found[0]
    return node


def _with_inner(fields: tuple[Field, ...]) -> list[Field]:
    inner = [part_field for field in fields if field.part for part_field in field.part.fields]
    return [*fields, *inner]


def _expanded(value: Term) -> Json:
    if not isinstance(value, Literal):
        return {"@id": _id(value)}
    if value.language:
        return {"@value": value.value, "@language": value.language}
    return {"@value": value.value} | ({} if value.datatype == XSD.string else {"@type": value.datatype.value})


def _id(term: Term) -> str:
    return f"_:{term.value}" if isinstance(term, BlankNode) else term.value
