"""The JSON-LD contexts and frames of the formats: files that never change once they are frozen.

A changed format gets a new version and with it a new address. What is not frozen yet may still change, and says so.
"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from registry.errors import NotFound
from registry.exchange import jsonld
from web.answers import FOREVER, FRESH, Answer, Link, finish
from web.negotiate import JSONLD
from web.visit import Visit, Visiting

router = APIRouter()


@router.get("/context/{name}")
def context(visit: Visiting, name: str) -> Response:
    """The JSON-LD context of a format, by version."""
    found = visit.registry.house.exchanged.contexts.get(visit.registry.own.base + visit.path)
    if found is None:
        raise NotFound("There is no context {name}.", name=name)
    return _lasting(visit, jsonld.dumps({"@context": found}), "frame")


@router.get("/frame/{name}")
def frame(visit: Visiting, name: str) -> Response:
    """The JSON-LD frame of a format: it makes the form that the registry writes from any other."""
    found = visit.registry.house.exchanged.frames.get(visit.registry.own.base + visit.path)
    if found is None:
        raise NotFound("There is no frame {name}.", name=name)
    return _lasting(visit, jsonld.dumps(found), "context")


def _lasting(visit: Visit, body: bytes, other: str) -> Response:
    """A file, for ever the same when it is frozen; it names its neighbour and its format."""
    base, (_, name) = visit.registry.own.base, visit.path.split("/")
    address = base + visit.path
    links = [Link(address, "canonical"), Link(f"{base}{other}/{name}", "related")]
    if (key := name.split(".")[0]) in visit.registry.formats:
        links.append(Link(f"{base}format/{key}", "describedby"))
    frozen = address in visit.registry.house.exchanged.frozen
    lasts = FOREVER if frozen else FRESH
    changed = visit.registry.changed
    answer = Answer(body, JSONLD.content_type, modified=changed, cache=lasts, links=tuple(links))
    return finish(visit.request.headers, answer, visit.now)
