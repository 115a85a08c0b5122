"""OAI-PMH 2.0 at `/oai`: the records for library systems, in simple Dublin Core and in RDF.

Here are the protocol's arguments, errors and envelope; `web.repository` answers its verbs. All that goes wrong is told
in words of the protocol, with HTTP status 200. Source: https://www.openarchives.org/OAI/openarchivesprotocol.html.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from web.answers import NEVER, Answer, finish
from web.markup import element
from web.repository import Asked, Refused, Repository
from web.resumption import opened
from web.session import Posted, reading
from web.visit import Visit, Visiting

router = APIRouter()

NAMESPACE = "http://www.openarchives.org/OAI/2.0/"
LISTS = ("metadataPrefix", "from", "until", "set", "resumptionToken")
ARGUMENTS: Mapping[str, tuple[str, ...]] = {
    "Identify": (),
    "ListMetadataFormats": ("identifier",),
    "ListSets": ("resumptionToken",),
    "GetRecord": ("identifier", "metadataPrefix"),
    "ListIdentifiers": LISTS,
    "ListRecords": LISTS,
}
REQUIRED = {
    "GetRecord": ("identifier", "metadataPrefix"),
    **dict.fromkeys(("ListIdentifiers", "ListRecords"), LISTS[:1]),
}
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SECOND = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_WORD = re.compile(r"[A-Za-z0-9\-_.!~*'()]+(:[A-Za-z0-9\-_.!~*'()]+)*")
_URI = re.compile(r"[^\s<>\"{}|\\^`]+")


@router.get("/oai")
def harvest(visit: Visiting) -> Response:
    """A request of the protocol in an address."""
    given = visit.request.query_params
    return _reply(visit, {name: given.getlist(name) for name in given})


@router.post("/oai")
def harvest_posted(visit: Visiting, posted: Annotated[Posted, Depends(reading())]) -> Response:
    """The same request as a form."""
    return _reply(visit, posted.fields)


def _reply(visit: Visit, given: Mapping[str, list[str]]) -> Response:
    repository, echo = Repository(visit.registry, visit.site.feed), {}
    try:
        verb = _verb(given)
        stated = _stated(verb, given)
        asked = _asked(repository, verb, stated)
        echo = {"verb": verb, **stated}
        said = element(verb, content=_content(visit, repository, asked))
    except Refused as refused:
        if refused.code == "badResumptionToken":
            echo = {"verb": verb, **stated}
        said = element("error", refused.reason, code=refused.code)
    now = f"{visit.now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    request = element("request", visit.registry.own.base + "oai", **echo)
    where = f"{NAMESPACE} {NAMESPACE}OAI-PMH.xsd"
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<OAI-PMH xmlns="{NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        f' xsi:schemaLocation="{where}">\n{element("responseDate", now)}{request}{said}</OAI-PMH>\n'
    )
    return finish(visit.request.headers, Answer(body.encode(), "text/xml; charset=utf-8", cache=NEVER))


def _content(visit: Visit, repository: Repository, asked: Asked) -> str:
    """What stands within the element of a verb; many harvesters ask the same, so it is kept until the ledger grows."""
    key = ("oai", asked.verb, tuple(sorted(asked.stated.items())), asked.token, visit.registry.sequence)
    kind = "text/xml; charset=utf-8"
    return visit.site.pages.get(key, lambda: Answer(repository.answer(asked).encode(), kind)).body.decode()


def _verb(given: Mapping[str, list[str]]) -> str:
    stated = given.get("verb", [])
    if len(stated) != 1 or stated[0] not in ARGUMENTS:
        raise Refused("badVerb", f"Give one verb: {', '.join(ARGUMENTS)}.")
    return stated[0]


def _stated(verb: str, given: Mapping[str, list[str]]) -> dict[str, str]:
    """The arguments, each once and known to the verb; a token stands alone, what is required is there."""
    stated = {}
    for name, values in given.items():
        if name == "verb":
            continue
        if name not in ARGUMENTS[verb]:
            raise Refused("badArgument", f"{verb} takes no argument {name}.")
        if len(values) != 1 or not values[0]:
            raise Refused("badArgument", f"Give {name} once, with a value.")
        stated[name] = values[0]
    if "resumptionToken" in stated:
        if len(stated) > 1:
            raise Refused("badArgument", "A resumptionToken stands alone.")
        return stated
    if missing := [name for name in REQUIRED.get(verb, ()) if name not in stated]:
        raise Refused("badArgument", f"{verb} needs {', '.join(missing)}.")
    shapes = {"identifier": _URI, "set": _WORD, "metadataPrefix": _WORD}
    if wrong := [name for name, shape in shapes.items() if name in stated and not shape.fullmatch(stated[name])]:
        raise Refused("badArgument", f"This is no {wrong[0]}.")
    return stated


def _asked(repository: Repository, verb: str, stated: Mapping[str, str]) -> Asked:
    """What is asked for, in the arguments or in the token that stands for them."""
    if text := stated.get("resumptionToken"):
        token = opened(text, repository.key)
        if token is None or token.verb != verb:
            raise Refused("badResumptionToken", "This token was not given for this list.")
        fixed = {"metadataPrefix": token.prefix, "from": token.begins, "until": token.ends, "set": token.set}
        stated = {name: value for name, value in fixed.items() if value}
    else:
        token = None
    begins, ends = stated.get("from", ""), stated.get("until", "")
    since, until = _moment("from", begins), _moment("until", ends)
    if begins and ends and (len(begins) != len(ends) or (since and until and since > until)):
        raise Refused("badArgument", "from must not lie behind until, and both be days, or both be seconds.")
    return Asked(verb, stated, since, until, token)


def _moment(name: str, text: str) -> datetime | None:
    """A day or a second; of `until` the whole of it."""
    if not text:
        return None
    try:
        if _DAY.fullmatch(text):
            day = datetime.combine(datetime.strptime(text, "%Y-%m-%d"), time(), UTC)
            return day if name == "from" else day + timedelta(days=1, microseconds=-1)
        if _SECOND.fullmatch(text):
            second = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
            return second if name == "from" else second + timedelta(seconds=1, microseconds=-1)
    except (ValueError, OverflowError):
        pass
    raise Refused("badArgument", f"{name} is a day such as 2026-11-23, or a second such as 2026-11-23T09:30:00Z.")
