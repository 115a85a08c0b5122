"""The operations of the interface > one OpenAPI description, for programs that write programs.

Sources: https://spec.openapis.org/oas/v3.1.1; RFC 9110; RFC 9457; RFC 6750.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from registry.language import translation
from registry.registry import Registry
from registry.standing import LICENCE
from web.known import ANYTHING, GROUPS
from web.negotiate import ITEMS, JSON, JSONLD, PLAIN, PROBLEM, XLSX, Media
from web.operations import Operation
from web.parameters import Parameter
from web.problems import TITLES
from web.results import SPARQL_JSON
from web.schemas import TEXT, Schema, reference, schemas
from web.told import OFFERED
from web.words import marked as _

VERSION = "3.1.1"
NAME = _("Biosafety Capacity Registry")
ABOUT = _("Everything here is open data, to be read without a key. Programs send records with a token of an account.")
EVERYWHERE = _(
    "The header Accept chooses the form, or a suffix behind the address does. Errors are told in the form that was "
    "asked for, as problem details (RFC 9457) to programs; a wrong parameter is 400 and is named."
)
DONE = {
    200: _("The answer"),
    201: _("A new record was published"),
    202: _("It waits for those who may decide"),
    206: _("The part that was asked for"),
    301: _("It was merged into another record"),
    302: _("Another address answers"),
    303: _("Another address answers"),
    304: _("What you have still holds"),
    308: _("Another spelling of the address"),
    416: _("There is no such part"),
    503: _("Nobody could be served just now: to be asked again"),
}
MOVED = (301, 302, 303, 308)
BODILESS = (304, 416)
ERRORS = (*OFFERED, JSONLD, PLAIN)
ANSWERS = {
    "/search": "Found",
    "/search/suggestions": "Suggestions",
    "/health": "Health",
    "/register": "TakenList",
    "/file": "File",
}
BODIES = {"post /register": "Records", "patch /doc/{name}": "Patch", "delete /doc/{name}": "Ending"}


class Shared:
    """What several operations say alike, kept once under a name: their parameters, their errors."""

    def __init__(self, lang: str) -> None:
        self.say = translation(lang).gettext
        self.parameters: dict[str, dict[str, Any]] = {}
        self.responses: dict[str, dict[str, Any]] = {}

    def parameter(self, one: Parameter) -> dict[str, Any]:
        """A reference to a parameter; what has the same name and is another gets a number."""
        told: dict[str, Any] = {"name": one.name, "in": one.place, "description": one.words, "schema": dict(one.schema)}
        if one.required:
            told["required"] = True
        if one.example is not None:
            told["example"] = one.example
        number = 1
        while self.parameters.setdefault(key := f"{one.name}-{number}", told) != told:
            number += 1
        return {"$ref": f"#/components/parameters/{key}"}

    def response(self, one: Operation, status: int) -> dict[str, Any]:
        """A response; what is not the answer itself is a reference to what all operations say."""
        told: dict[str, Any] = {
            "description": self.say(DONE.get(status) or TITLES.get(status) or HTTPStatus(status).phrase)
        }
        if status < 300:
            headers = ("ETag", "Link") if one.known.negotiated or one.known.secured else ("ETag",)
            told["headers"] = {name: {"schema": TEXT} for name in headers}
            told["content"] = {each.type: {"schema": _schema(one, each)} for each in one.media}
            return told
        if status in MOVED:
            told["headers"] = {"Location": {"schema": TEXT, "required": True}}
        elif status not in BODILESS:
            told["content"] = {each.type: {"schema": _problem(each)} for each in ERRORS}
        self.responses[str(status)] = told
        return {"$ref": f"#/components/responses/{status}"}


def document(found: Iterable[Operation], registry: Registry, lang: str) -> dict[str, Any]:
    """The description in a language."""
    shared, paths = Shared(lang), dict[str, dict[str, Any]]()
    for one in found:
        paths.setdefault(one.path, {})[one.method] = _operation(one, shared)
    return {
        "openapi": VERSION,
        "info": {
            "title": shared.say(NAME),
            "description": f"{shared.say(ABOUT)} {shared.say(EVERYWHERE)}",
            "version": "1",
            "license": {"name": "CC BY 4.0", "url": LICENCE.value},
        },
        "servers": [{"url": registry.settings.base.rstrip("/")}],
        "tags": [{"name": shared.say(group)} for group in GROUPS],
        "paths": paths,
        "components": {
            "schemas": schemas(registry, lang),
            "parameters": shared.parameters,
            "responses": shared.responses,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(one: Operation, shared: Shared) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": one.id,
        "tags": [shared.say(one.group)],
        "summary": one.summary,
        "parameters": [shared.parameter(parameter) for parameter in one.parameters],
        "responses": {str(status): shared.response(one, status) for status in one.statuses},
    }
    if one.description:
        told["description"] = one.description
    if one.known.reads:
        told["requestBody"] = _body(one)
    if one.known.secured:
        told["security"] = [{"token": []}]
    return told


def _schema(one: Operation, media: Media) -> Schema:
    """What an answer looks like in a medium."""
    if media in (JSON, ITEMS):
        if one.path.startswith("/query/"):
            return reference("Rows")
        if one.path == "/sparql":
            return {}
        if one.known.secured and one.stem not in ("/file", "/register"):
            return reference("Taken")
        if one.known.secured or media is ITEMS or one.stem == "/health":
            return reference(ANSWERS.get(one.stem, "Found"))
        return reference("Graph")
    if media is JSONLD:
        return reference("Graph")
    if media is SPARQL_JSON:
        return reference("SparqlResults")
    return {} if media in (ANYTHING, XLSX) or media.type.endswith("json") else TEXT


def _problem(media: Media) -> Schema:
    if media is PROBLEM:
        return reference("Problem")
    return reference("Graph") if media is JSONLD else TEXT


def _body(one: Operation) -> Mapping[str, Any]:
    name = BODIES.get(f"{one.method} {one.path}", "Record")
    kinds = {kind: {"schema": reference(name) if kind.endswith("json") else {}} for kind in one.known.reads}
    return {"required": one.method != "delete", "content": kinds}
