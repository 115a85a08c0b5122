"""`/sparql`: the public query service, by the SPARQL 1.1 Protocol; for people a page with an editor.

Queries run in other processes over a snapshot of the public graphs (`registry.service`); this room reads requests and
writes answers. A small answer is whole, has a tag, and is kept by query, graphs, form and event; a long one is sent
while it is made. Sources: https://www.w3.org/TR/sparql11-protocol/, https://www.w3.org/TR/sparql11-service-description/.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Hashable
from dataclasses import replace
from functools import cached_property

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from registry.errors import BadParameter
from registry.pool import Head, Question, Unwritten
from web import asking, description
from web.answers import FRESH, NEVER, Answer, finish
from web.asking import PAGE, Asked, Unacceptable
from web.gallery import Gallery
from web.methods import QUERIES
from web.negotiate import HTML, Media, choose_media
from web.streams import Streamed, unless_gone
from web.visit import Target, Visit, Visiting, fixed_by

router = APIRouter()

PATH = "sparql"
SEQUENCE = "Registry-Sequence"
SHOWN = 500  # rows that a page shows


@router.get("/sparql", tags=[QUERIES])
async def sparql(visit: Visiting, request: Request) -> Response:
    """The answer to a query; without one, the description of the service, or the page for people."""
    visit.site.service.present()
    asked = asking.of_address(request)
    page = _is_page(request) and asked.wish in ("", PAGE)
    if page and (asked.query is not None or asked.example):
        return await Gallery(visit, asked).page(lambda chosen: _small(visit, request, chosen))
    if asked.query is None:
        if choose_media(request.headers.get("accept"), description.OFFERS) is None and not request.query_params:
            raise _no_query()
        return await run_in_threadpool(_described, visit, None)
    return await _answered(visit, request, asked)


@router.get("/sparql.{suffix}")
def sparql_as(visit: Visiting, suffix: str) -> Response:
    """The description of the service in the form that the address fixes."""
    visit.site.service.present()
    return _described(visit, fixed_by(suffix, PATH))


@router.post("/sparql", tags=[QUERIES])
async def sparql_by_post(visit: Visiting, request: Request) -> Response:
    """The answer to a query that a body holds."""
    visit.site.service.present()
    return await _answered(visit, request, await asking.of_body(request))


def _is_page(request: Request) -> bool:
    """Whether a browser asks for something to look at."""
    return choose_media(request.headers.get("accept"), (*asking.WRITTEN["rows"], *description.OFFERS)) is HTML


def _described(visit: Visit, fixed: Media | None) -> Response:
    resource = Target(
        path=PATH,
        html=lambda page: Gallery(visit, Asked(None)).draw(page),
        graph=lambda: description.described(visit.registry),
        offers=description.OFFERS,
    )
    return visit.reply(resource, fixed)


def _no_query() -> BadParameter:
    return BadParameter("There is no query.", remedy="Send one as query.", where="query")


class _Asking:
    """One question on its way: who asks, what of which snapshot, and where its answer is kept."""

    def __init__(self, visit: Visit, request: Request, asked: Asked) -> None:
        if not (asked.query or "").strip():
            raise _no_query()
        self.visit, self.request, self.asked = visit, request, asked
        self.service = visit.site.service
        self.formats = asking.formats(request.headers.get("accept"), asked.wish)
        self.terminals = self.service.admit(visit.address, asked.query or "", asked.longest)
        self.steady = not self.terminals.varies
        if not self.formats:
            raise Unacceptable("rows")

    @property
    def question(self) -> Question:
        """The question as a worker reads it."""
        return Question(
            query=self.asked.query or "",
            base=self.visit.site.settings.base,
            formats={form: name for form, (_, name) in self.formats.items()},
            default=self.asked.default,
            named=self.asked.named,
            own=self.terminals.own,
            shown=SHOWN,
            prefixes=self.visit.site.registry.house.prefixes if self.formats.get("triples") else None,
        )

    @cached_property
    def key(self) -> Hashable:
        """What the answer depends on, but for the event."""
        asked = self.asked
        return PATH, asked.query, asked.default, asked.named, tuple(self.formats.items())

    async def begin(self) -> tuple[Head, AsyncGenerator[Head | bytes, None]]:
        """The head, and the bytes to come; a reader who leaves before is noticed."""
        parts = self.service.ask(self.question, self.visit.address)
        try:
            head = await unless_gone(self.request.receive, anext(parts))
        except BaseException as error:
            await parts.aclose()
            if isinstance(error, Unwritten):
                raise Unacceptable(error.form) from None
            raise
        assert isinstance(head, Head)
        return head, parts

    async def find(self, *, all: bool = False) -> Answer | Streamed:
        """The answer: kept, whole, or, unless all of it is wanted at once, sent while it is made."""
        site = self.visit.site
        at_hand = site.at_hand()
        snapshot = at_hand if at_hand else await run_in_threadpool(site.snapshot)
        key = (self.key, snapshot.sequence)
        if self.steady and (kept := site.answers.kept(key)):
            return kept
        head, parts = await self.begin()
        media = self.formats[head.form][0]
        headers = {SEQUENCE: str(head.sequence)}
        if not (head.whole or all):
            lines = {"Content-Type": media.content_type, "Cache-Control": NEVER, "Vary": "Accept", **headers}
            return Streamed(parts, lines)
        body = b"".join([part async for part in parts if isinstance(part, bytes)])
        cache = FRESH if self.steady else NEVER
        answer = Answer(body, media.content_type, cache=cache, vary=("Accept",), headers=headers)
        if self.steady and head.whole and head.sequence == snapshot.sequence:
            site.answers.keep(key, answer)
        return answer


async def _answered(visit: Visit, request: Request, asked: Asked) -> Response:
    """The answer as programs get it; one to a body is kept by nobody on its way."""
    mine = _Asking(visit, request, asked)
    found = await mine.find()
    if isinstance(found, Streamed):
        return found
    if request.method != "GET":
        return finish(request.headers, replace(found, cache=NEVER))
    if mine.steady:
        visit.site.repeats.note(request.scope, mine.key)
    return finish(request.headers, found)


async def _small(visit: Visit, request: Request, asked: Asked) -> Answer:
    """An answer for a page, which is short whatever the query is."""
    found = await _Asking(visit, request, asked).find(all=True)
    assert isinstance(found, Answer)
    return found
