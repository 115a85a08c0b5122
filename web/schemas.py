"""What bodies of JSON look like, as JSON Schema: problems, lists, answers, and a record of each common format.

A record's schema is drawn from its format, as compact JSON-LD is. It says what a value is, not all that is checked: the
shapes at `/format` do. Sources: https://json-schema.org/draft/2020-12/schema; RFC 9457.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from registry.exchange.jsonld import repeatable
from registry.formats import Format
from registry.language import LANGUAGES, Texts, pick
from registry.registry import Registry
from registry.shape import Field

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
TRUTH: Schema = {"type": "boolean"}


def _object(required: str, **members: Schema) -> Schema:
    return {"type": "object", "properties": members, "required": required.split()}


def _list(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


def reference(name: str) -> Schema:
    """The schema that the description keeps under a name."""
    return {"$ref": f"#/components/schemas/{name}"}


FINDING = _object(
    "severity message",
    **dict.fromkeys(("severity", "field", "pointer", "path", "focus", "value", "message", "remedy"), TEXT),
)
OWN: Mapping[str, Schema] = {
    "Text": {"type": "object", "properties": dict.fromkeys(LANGUAGES, TEXT), "description": "A text by language."},
    "Finding": FINDING,
    "Problem": _object(
        "type title status",
        type=TEXT,
        title=TEXT,
        status=WHOLE,
        detail=TEXT,
        instance=TEXT,
        parameter=TEXT,
        where=TEXT,
        findings=_list(reference("Finding")),
    ),
    "Found": _object(
        "total page pages items facets",
        total=WHOLE,
        page=WHOLE,
        pages=WHOLE,
        archivedMore=WHOLE,
        next=TEXT,
        items=_list(
            _object(
                "identifier iri page type title modified",
                **dict.fromkeys(("identifier", "iri", "page", "type", "title", "titleLanguage", "modified"), TEXT),
            )
        ),
        facets={
            "type": "object",
            "additionalProperties": _list(
                _object("value iri label count chosen", value=TEXT, iri=TEXT, label=TEXT, count=WHOLE, chosen=TRUTH)
            ),
        },
    ),
    "Suggestions": _list(TEXT),
    "Rows": {
        "type": "object",
        "properties": {
            "columns": _list(TEXT),
            "rows": _list({"type": "object", "additionalProperties": {"type": ["string", "integer", "boolean"]}}),
            "complete": TRUTH,
            "answer": TRUTH,
        },
    },
    "SparqlResults": _object("head", head={"type": "object"}, results={"type": "object"}, boolean=TRUTH),
    "Health": _object("status sequence", status=TEXT, sequence=WHOLE),
    "Taken": _object(
        "status changed",
        status=TEXT,
        changed=TRUTH,
        identifier=TEXT,
        id=TEXT,
        version=WHOLE,
        receipt=TEXT,
        event=WHOLE,
        findings=_list(reference("Finding")),
    ),
    "TakenList": _list(_object("item status", item=WHOLE, status=WHOLE)),
    "Ending": _object("reason", reason={"anyOf": [TEXT, reference("Text")]}, successor=TEXT),
    "File": _object("name kind sha256", file=TEXT, name=TEXT, kind=TEXT, byteSize=WHOLE, sha256=TEXT),
    "Graph": {"type": ["object", "array"], "description": "JSON-LD."},
    "Patch": {"type": "object", "description": "A merge patch of the compact JSON-LD of the record (RFC 7396)."},
}


def schemas(registry: Registry, lang: str) -> dict[str, Schema]:
    """All schemas by name; those of records and their parts carry the names and descriptions of their format."""
    records = {_name(format): _record(format, lang) for format in registry.formats.values()}
    record: Schema = {"anyOf": [reference(name) for name in records]}
    several: Schema = {"anyOf": [_list(reference("Record")), {"type": "object"}]}
    return {**OWN, "Record": record, "Records": several, **records}


def _name(format: Format) -> str:
    return "".join(piece.capitalize() for piece in format.key.split("-")) + "Record"


def _record(format: Format, lang: str) -> Schema:
    many = repeatable(format)
    said = _fields(format.fields, many, lang)
    head: Schema = {
        "@context": {"type": ["string", "object", "array"]},
        "id": {"type": "string", "format": "iri-reference"},
        "type": {"type": ["string", "array"]},
    }
    drawn = _described(format.names, format.descriptions, lang)
    return drawn | said | {"properties": head | said["properties"]}


def _fields(fields: Iterable[Field], many: frozenset[str], lang: str) -> Schema:
    found = {field.key: _value(field, many, lang) for field in fields if not field.readonly}
    needed = [field.key for field in fields if field.required and not field.readonly]
    return {"type": "object", "properties": found} | ({"required": needed} if needed else {})


def _value(field: Field, many: frozenset[str], lang: str) -> Schema:
    words = _described(field.names, field.descriptions, lang)
    if field.kind == "text":
        return words | {"allOf": [reference("Text")]}
    one = _fields(field.part.fields, many, lang) if field.part else _one(field)
    return words | (_list(one) if field.key in many else one)


def _one(field: Field) -> Schema:
    """One value that stands for itself; a month or a year is told with its datatype."""
    if field.kind == "integer":
        return {"type": "integer"}
    if field.kind == "boolean":
        return {"type": "boolean"}
    if field.kind == "number":
        return {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"}
    if field.kind == "date":
        partial = _object("@value @type", **{"@value": TEXT, "@type": TEXT})
        return {"anyOf": [{"type": "string", "format": "date"}, partial]}
    return {"type": "string"} | ({} if field.kind == "string" else {"format": "iri"})


def _described(names: Texts, descriptions: Texts, lang: str) -> Schema:
    told = {"title": pick(names, lang)[0], "description": pick(descriptions, lang)[0]}
    return {name: text for name, text in told.items() if text}
