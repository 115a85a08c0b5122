"""The operations of the interface, drawn from the routes of the application and from the queries of the house.

What a description for programs and a page for people both say is told here once, in one language. The first line of
what a route says of itself is its summary, the rest its description.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from inspect import getdoc
from typing import Any

from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from registry import named
from registry.language import translation
from registry.queries import Query
from registry.registry import Registry
from web import parameters
from web.known import GROUPS, NAMED, READ, Known, examples, known
from web.negotiate import JSON, TURTLE, Media
from web.parameters import Parameter
from web.queries import offered

SEARCHED = ("/search", "/register/{name}")  # beside those of their routes, these take filters drawn from shapes
SUFFIX = ".{suffix}"


@dataclass(frozen=True)
class Operation:
    """One thing that can be asked of an address: its words, parameters, bodies, media and statuses.

    `example` are values for the places of the path that lead to an answer.
    """

    method: str
    path: str
    group: str
    summary: str
    description: str
    parameters: tuple[Parameter, ...]
    media: tuple[Media, ...]
    statuses: tuple[int, ...]
    known: Known = field(hash=False)
    example: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def id(self) -> str:
        """Its name, which stays the same as long as its address does."""
        return f"{self.method}_{re.sub(r'[^a-z0-9]+', '_', self.path.lower()).strip('_') or 'home'}"

    @property
    def fixed(self) -> bool:
        """Whether a suffix of the address fixes the form."""
        return self.path.endswith(SUFFIX)

    @property
    def stem(self) -> str:
        """The path without the place for a suffix."""
        found = self.path.removesuffix(SUFFIX)
        return "/" if found == "/index" else found

    @property
    def address(self) -> str:
        """An address that is answered, below the base; empty where nothing is there yet."""
        if set(re.findall(r"\{(\w+)\}", self.path)) - self.example.keys():
            return ""
        return re.sub(r"\{(\w+)\}", lambda found: self.example[found[1]], self.path).lstrip("/")


def operations(routes: Iterable[BaseRoute], registry: Registry, day: date, lang: str) -> tuple[Operation, ...]:
    """All operations, group by group, in a language."""
    told = [route for route in routes if isinstance(route, APIRoute) and _methods(route)]
    values = examples(registry)
    plain = {(route.path_format, method): route for route in told for method in _methods(route)}
    found = [one for route in told for one in _of_route(route, registry, values, lang)]
    found = [_worded(one, plain[one.stem, one.method], lang) for one in found]
    found += [one for query in named.named(registry.queries) for one in _of_query(query, day, lang)]
    return tuple(sorted(found, key=lambda one: GROUPS.index(one.group)))


def _methods(route: APIRoute) -> list[str]:
    return [method.lower() for method in sorted(route.methods or ()) if known(method.lower(), route.path_format)]


def _of_route(route: APIRoute, registry: Registry, values: Mapping[str, str], lang: str) -> Iterator[Operation]:
    path = route.path_format
    drawn = get_openapi(title="", version="", routes=[route])["paths"][path]
    for method in _methods(route):
        about = known(method, path)
        assert about
        fixed = path.endswith(SUFFIX)
        stated = [_stated(one, path, values, about, lang) for one in drawn[method].get("parameters", ())]
        if method == "get" and path.removesuffix(SUFFIX) in SEARCHED:
            stated += parameters.of_search(registry, lang, one_register="{name}" in path)
        stated += [_more(name, dict(schema), path, lang) for name, schema in about.more.items()]
        if about.negotiated:
            stated += parameters.common(about.media, lang, fixed=fixed)
        headers = about.headers if about.reads else ("If-None-Match", *about.headers)
        stated += [Parameter(name, "header", parameters.words(path, name, lang), _HEADER) for name in headers]
        example = {place: values[kind] for place, kind in about.places.items() if kind in values}
        yield Operation(
            method=method,
            path=path,
            group=about.group,
            summary="",
            description="",
            parameters=tuple(stated),
            media=about.media,
            statuses=tuple(sorted({*about.statuses, *(() if about.reads else READ), *((404,) if fixed else ())})),
            known=about,
            example=example | ({"suffix": TURTLE.suffix} if fixed else {}),
        )


_HEADER: Mapping[str, Any] = {"type": "string"}


def _stated(drawn: Mapping[str, Any], path: str, values: Mapping[str, str], about: Known, lang: str) -> Parameter:
    """A parameter as its route states it; an empty value is none, so it is neither offered nor a default."""
    name, place = drawn["name"], drawn["in"]
    schema = {key: value for key, value in drawn["schema"].items() if key not in ("title", "default")}
    schema = _plain(schema)
    if name == "suffix":
        schema["enum"] = list(dict.fromkeys(one.suffix for one in about.media))
    example = values.get(about.places.get(name, "")) if place == "path" else None
    return Parameter(name, place, parameters.words(path, name, lang), schema, place == "path", example)


def _more(name: str, schema: dict[str, Any], path: str, lang: str) -> Parameter:
    """A parameter that no argument of the route names."""
    example = schema.pop("example", None)
    return Parameter(name, "query", parameters.words(path, name, lang), schema, example=example)


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema without the ways to say nothing: null, the empty text."""
    for one in schema.pop("anyOf", ()):
        if one.get("type") != "null":
            schema |= one
    if "enum" in schema:
        schema["enum"] = [value for value in schema["enum"] if value != ""]
    if "const" in schema:
        schema["enum"] = [schema.pop("const")]
    return schema


def _worded(operation: Operation, route: APIRoute, lang: str) -> Operation:
    """An operation with what its route says of itself: the first line in the reader's language, the rest as it is."""
    first, _, rest = (getdoc(route.endpoint) or "").partition("\n")
    return replace(operation, summary=translation(lang).gettext(first), description=" ".join(rest.split()))


def _of_query(query: Query, day: date, lang: str) -> Iterator[Operation]:
    say, media = translation(lang).gettext, offered(query)
    about = Known(NAMED.group, media, statuses=NAMED.statuses)
    for fixed in (False, True):
        asked = [*parameters.of_query(query, day, lang), *parameters.common(media, lang, fixed=fixed)]
        if fixed:
            suffixes = {"type": "string", "enum": [one.suffix for one in media]}
            asked.insert(
                0, Parameter("suffix", "path", parameters.words("", "suffix", lang), suffixes, True, JSON.suffix)
            )
        asked.append(Parameter("If-None-Match", "header", parameters.words("", "If-None-Match", lang), _HEADER))
        yield Operation(
            method="get",
            path=f"/query/{query.name}{SUFFIX if fixed else ''}",
            group=NAMED.group,
            summary=say(query.title),
            description=say(query.meta["about"]) if "about" in query.meta else "",
            parameters=tuple(asked),
            media=media,
            statuses=tuple(sorted({*READ, *NAMED.statuses})),
            known=about,
            example={"suffix": JSON.suffix} if fixed else {},
        )
