"""The page of the query service: an editor, questions to begin with, and the answer as a table.

Its form is a form like any other, so all of it works without scripts, and each answer has an address of its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from time import perf_counter

from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from registry import named
from registry.errors import NotFound, RegistryError
from registry.named import Found
from registry.queries import Query
from registry.terms import Literal, NamedNode, Term
from web.answered import Cell, cells
from web.answers import FRESH, NEVER, Answer, finish
from web.asking import PAGE, WISHES, Asked
from web.look import weight
from web.negotiate import HTML
from web.problems import later, status_of
from web.render import Page
from web.results import Names
from web.visit import Visit

FOLDER = "examples"
FIRST = "examples/projects-by-element"
EDITOR = ("yasgui.min.js", "yasgui.min.css", "editor.js", "editor.css")  # what the full editor loads
_PLACE = re.compile(r"query:(\d+):(\d+)")


@dataclass(frozen=True)
class Shown:
    """An answer as the page shows it: its rows, or whether it is so; the event it shows, and the seconds it took."""

    found: Found
    rows: tuple[list[Cell | None], ...]
    seconds: float
    sequence: str


@dataclass(frozen=True)
class Fault:
    """Why there is no answer, and the line of the query, before and from the place where it cannot be read."""

    message: Markup
    remedy: str
    number: int = 0
    before: str = ""
    behind: str = ""


class Gallery:
    """The page for one reader."""

    def __init__(self, visit: Visit, asked: Asked) -> None:
        self._visit, self._asked = visit, asked

    async def page(self, find: Callable[[Asked], Awaitable[Answer]]) -> Response:
        """The page with the answer to what is asked, or with the reason why there is none."""
        text = await run_in_threadpool(self._chosen)
        page = self._visit.site.renderer.page(self._visit.language, "sparql", self._query())
        shown, fault, status, headers = None, None, 200, {}
        begun = perf_counter()
        try:
            answer = await find(replace(self._asked, query=text, wish=PAGE))
            shown = await run_in_threadpool(self._shown, page, answer, perf_counter() - begun)
        except RegistryError as error:
            status, headers = status_of(error), later(error)
            fault = self._fault(page, error, text)
        body = await run_in_threadpool(self.draw, page, text, shown, fault)
        cache = FRESH if status == 200 else NEVER
        vary = ("Accept", "Accept-Language", "Cookie")
        answer = Answer(body, HTML.content_type, status, self._visit.language, cache=cache, vary=vary, headers=headers)
        return finish(self._visit.request.headers, answer)

    def draw(self, page: Page, text: str = "", shown: Shown | None = None, fault: Fault | None = None) -> bytes:
        """The page, empty or with an answer."""
        visit, limits = self._visit, self._visit.site.service.limits
        return visit.site.renderer.draw(
            "sparql.html",
            page,
            text=text or self.first(),
            examples=visit.registry.queries.below(FOLDER),
            example=self._asked.example,
            shown=shown,
            fault=fault,
            limits=limits,
            wishes=tuple(WISHES),
            query=self._query(),
            graphs=self._asked.graphs,
            weight=weight(*EDITOR),
        )

    def first(self) -> str:
        """The query that stands in an editor before anybody wrote one."""
        return self._text(self._visit.registry.queries[FIRST])

    def _query(self) -> dict[str, list[str]]:
        """What stands in the address of this page."""
        asked = self._asked
        if asked.query is None:
            return {"example": [asked.example]} if asked.example else {}
        return {"query": [asked.query], **asked.graphs}

    def _chosen(self) -> str:
        """The query that was sent, or that of the example; raises NotFound."""
        if self._asked.query is not None:
            return self._asked.query.replace("\r\n", "\n")
        found = self._visit.registry.queries.get(f"{FOLDER}/{self._asked.example}")
        if found is None:
            raise NotFound("There is nothing called {name}.", name=self._asked.example)
        return self._text(found)

    def _text(self, query: Query) -> str:
        """An example as it stands in the editor: on its day, without its head, so that it runs anywhere."""
        registry = self._visit.registry
        text = query.bind(**named.bindings(registry, query, {}, self._visit.site.day))
        lines = [line.replace("   # parameters", "") for line in text.splitlines() if not line.startswith("# ")]
        return "\n".join([f"BASE <{registry.own.base}>", *lines])

    def _shown(self, page: Page, answer: Answer, seconds: float) -> Shown:
        told = json.loads(answer.body)
        if "truth" in told:
            found = Found((), (), truth=told["truth"])
        else:
            names, rows = tuple(told["names"]), told["rows"]
            terms = (
                {name: _term(one) for name, one in zip(names, row, strict=True) if one is not None} for row in rows
            )
            found = Found(names, tuple(terms), cut=told["more"])
        drawn = Names(page.registry, found)
        rows = tuple(cells(page, drawn, found.names, row) for row in found.rows)
        return Shown(found, rows, seconds, answer.headers["Registry-Sequence"])

    def _fault(self, page: Page, error: RegistryError, text: str) -> Fault:
        said = Markup('<bdi dir="ltr" lang="en">{}</bdi>').format(error.places.get("said", ""))  # the engine's words
        message = page.say_in_words(error.message, **{**error.places, "said": said})
        remedy = error.advise(page.lang)
        place = _PLACE.fullmatch(error.where)
        if not place:
            return Fault(Markup(message), remedy)
        number, column = int(place[1]), int(place[2]) - 1
        line = [*text.split("\n"), *[""] * number][number - 1]
        return Fault(Markup(message), remedy, number, line[:column], line[column:])


def _term(told: dict[str, str]) -> Term:
    if told["type"] == "iri":
        return NamedNode(told["value"])
    if told.get("language"):
        return Literal(told["value"], language=told["language"])
    return (
        Literal(told["value"], datatype=NamedNode(told["datatype"])) if "datatype" in told else Literal(told["value"])
    )
