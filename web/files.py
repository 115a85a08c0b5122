"""The files of records: opened by those who may, sent by programs.

A file is never shown in the page of the registry: it is downloaded, under the kind that was found in it, in a sandbox
without rights. One that no published record names is there for those alone who may see a draft that does.
Sources: RFC 6266; RFC 9530 (Repr-Digest); W3C CSP 3 (sandbox).
"""

from __future__ import annotations

import re
import tempfile
from base64 import b64encode
from collections.abc import AsyncIterator
from functools import partial
from typing import IO, Annotated
from urllib.parse import quote, unquote

from fastapi import APIRouter, Depends, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from registry import attachments, database, desk, drafts, filetypes, tickets
from registry.attachments import File, Sender
from registry.desk import Actor
from registry.errors import BadInput, Forbidden, Gone, NotFound, TooLarge, UnsupportedMedia
from registry.terms import NamedNode
from web.answers import NEVER
from web.bearer import Bearer, bearer, sender
from web.member import PRIVATE
from web.methods import ANYTHING, INTERFACE
from web.ranges import marks, ranged
from web.slots import slot
from web.visit import Visit, Visiting

router = APIRouter()

CACHED = "public, max-age=300"  # withheld files are gone everywhere soon
SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"
_IANA = "https://www.iana.org/assignments/media-types/"
_DIGEST = re.compile(r"(?:^|,)\s*sha-256=:([A-Za-z0-9+/]+=*):")
_NAMED = re.compile(r"filename\*=(?:utf-8|UTF-8)''([^;\s]+)|filename=\"([^\"]*)\"|filename=([^;\s]+)")


@router.get("/file/{id}/{name}")
def opened(visit: Visiting, id: str, name: str) -> Response:
    """A file of a record; 410 with the reason for one that was withheld."""
    with database.reading(visit.engine) as connection:
        found = attachments.find(connection, id)
    if found.path != f"file/{id}/{name}" or not (found.public or found.withheld or _shown(visit, found)):
        raise NotFound("There is no file {name}.", name=name)
    return sent(visit, found)


@router.get("/draft/{secret}/file/{id}/{name}")
def shared(visit: Visiting, secret: str, id: str, name: str) -> Response:
    """A file of a draft behind a link: for whoever has the link, signed in or not."""
    with database.reading(visit.engine) as connection:
        ticket = tickets.peek(connection, "share", secret, at=visit.now)
        found = attachments.find(connection, id)
        draft = drafts.of_record(connection, NamedNode(found.record)) if found.record else None
        if not (ticket and draft and draft.id == ticket.subject and found.path == f"file/{id}/{name}"):
            raise NotFound("There is no file {name}.", name=name)
    return sent(visit, found)


def sent(visit: Visit, found: File) -> Response:
    """A file, whole or the part that was asked for."""
    if found.withheld:
        raise Gone("This file was withheld. {reason}", reason=found.reason)
    pieces = partial(attachments.pieces, visit.engine, found)
    return ranged(visit.request.headers, _headers(visit, found), found.size, pieces)


def _shown(visit: Visit, found: File) -> bool:
    """Whether whoever is signed in may see a file that is not published: their own, or one in a draft of theirs."""
    program = "authorization" in visit.request.headers
    mine = bearer(visit).actor.account if program else visit.signed
    if mine is None:
        return False
    with database.reading(visit.engine) as connection:
        draft = drafts.of_record(connection, NamedNode(found.record)) if found.record else None
        if mine.id == found.account or draft is None:
            return mine.id == found.account
        try:
            return bool(desk.find(visit.registry, connection, Actor(mine), draft.id))
        except NotFound:
            return False


def _headers(visit: Visit, found: File) -> dict[str, str]:
    concept = visit.registry.concepts.get(visit.registry.own.concept("file-type", found.kind))
    matches = concept.matches.get("exactMatch", ()) if concept else ()
    media = next((one.value.removeprefix(_IANA) for one in matches if one.value.startswith(_IANA)), "")
    charset = "; charset=utf-8" if media.startswith("text/") else ""
    ascii = attachments.plain(found.name)
    headers = {
        "Content-Type": (media or "application/octet-stream") + charset,
        "Content-Disposition": f"attachment; filename=\"{ascii}\"; filename*=UTF-8''{quote(found.name, safe='')}",
        "Content-Security-Policy": SANDBOX,
        "X-Content-Type-Options": "nosniff",
        **marks(found.sha256),
        "Cache-Control": CACHED if found.public else NEVER,
    }
    return headers if found.public else {**headers, "Vary": "Cookie, Authorization", **PRIVATE}


async def _received(visit: Visiting, request: Request) -> AsyncIterator[tuple[Bearer, IO[bytes]]]:
    """Who sends a file, and the file, counted while it comes in; nothing is read of a stranger's."""
    by, most = await run_in_threadpool(sender, visit), attachments.LARGEST
    if (kind := request.headers.get("content-type", "")).lower().startswith("multipart/"):
        raise UnsupportedMedia("Send the file itself, not a form.", where="Content-Type", type=kind)
    with tempfile.SpooledTemporaryFile(2**20) as body:
        async with slot(request.app, by.actor.account.id):
            async for piece in request.stream():
                body.write(piece)
                if body.tell() > most:
                    raise TooLarge("A file may have at most {count} MB.", where="body", count=most // 1_000_000)
        yield by, body


def _demand_whole(request: Request, body: IO[bytes]) -> None:
    """Raises BadInput where the sender states another digest than the file has: it was damaged on its way."""
    stated = [one for name in ("repr-digest", "content-digest") for one in request.headers.getlist(name)]
    found = _DIGEST.findall(", ".join(stated))
    if len(found) != ", ".join(stated).lower().count("sha-256="):
        raise BadInput("This digest cannot be read.", remedy="Write it as sha-256=:base64:.", where="Repr-Digest")
    for said in found:
        if said.rstrip("=") != b64encode(bytes.fromhex(attachments.digest(body))).decode().rstrip("="):
            raise BadInput(
                "The file that came is not the one that was sent: its SHA-256 is another.",
                remedy="Send it again.",
                where="Repr-Digest",
            )


def _name(request: Request) -> str:
    """The name that a header gives the file; "file" where none does."""
    found = _NAMED.search(request.headers.get("content-disposition", ""))
    return unquote(found[1]) if found and found[1] else (found and (found[2] or found[3])) or "file"


@router.post("/file", tags=[INTERFACE, ANYTHING])
def send(
    visit: Visiting,
    received: Annotated[tuple[Bearer, IO[bytes]], Depends(_received)],
    name: Annotated[str, Query(max_length=300)] = "",
    dry: Annotated[bool, Query(alias="dryRun")] = False,
) -> Response:
    """Keep a file that a record to come will name: by the address that the answer gives, as `file` of an attachment."""
    visit.known_only()
    by, body = received
    account, said = by.actor.account, name or _name(visit.request)
    if not account.actings:
        raise Forbidden("Your role does not allow this.", remedy="Ask the Secretariat for one.")
    owners = {acting.institution or acting.country or account.id for acting in account.actings}
    from_ = Sender(account.id, min(owners), by.actor.origin)
    _demand_whole(visit.request, body)
    if dry:
        kind = filetypes.recognised(body, said)
        seen = {"name": attachments.spoken(said, kind), "kind": kind, "sha256": attachments.digest(body)}
        return JSONResponse(seen, headers={"Cache-Control": NEVER})
    kept = attachments.keep(visit.engine, body, said, from_, at=visit.now)
    address = visit.registry.own.iri(kept.path).value
    told = {"file": address, "name": kept.name, "kind": kept.kind, "byteSize": kept.size, "sha256": kept.sha256}
    return JSONResponse(told, 201, {"Location": address, "Cache-Control": NEVER})
