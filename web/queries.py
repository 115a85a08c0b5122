"""`/query` and `/query/reports/counts`: the queries of the house, each a page, a table and data, asked by parameters.

One file is all of it: its header the title and the parameters, its text the answer. The rows are told whole in every
form; only the page shows them in pieces.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from registry import named
from registry.errors import NotFound
from registry.language import LANGUAGES, translation
from registry.named import Found
from registry.queries import Binding
from registry.queries import Query as Asking
from registry.registry import Registry
from registry.terms import DCTERMS, RDF, RDFS, SH, Graph, Literal, NamedNode, Term, Triple
from web import results
from web.answered import cells
from web.answers import Link
from web.listing import numbers
from web.negotiate import DATA, HTML, ITEMS, MEDIA, TABLES, XHTML, Media, split
from web.render import Page
from web.results import SPARQL_JSON, SPARQL_XML, Names
from web.visit import Target, Visit, Visiting, fixed_by
from web.words import marked as _

router = APIRouter()

PATH = "query"
SHOWN = 100  # rows of a page
GRAPHS = (HTML, *DATA, *TABLES, ITEMS, XHTML)
ROWS = (HTML, *DATA, SPARQL_JSON, SPARQL_XML, *TABLES, ITEMS, XHTML)
ROOMS = {
    "reports": (_("Reports"), _("Figures of what the registry holds, and those that reports state.")),
    "gaps": (_("Gaps"), _("What countries need, beside what is offered.")),
    "examples": (_("Examples"), _("Questions to begin one's own from.")),
}
EXECUTABLE = {"SELECT": ("Select", "select"), "CONSTRUCT": ("Construct", "construct"), "ASK": ("Ask", "ask")}


@dataclass(frozen=True)
class Asked:
    """A query with the values it is asked with, and its answer, looked for when it is wanted."""

    registry: Registry
    query: Asking
    values: Mapping[str, Binding]
    day: date

    @cached_property
    def found(self) -> Found:
        """The answer."""
        return named.ask(self.registry, self.query, self.values)

    @cached_property
    def names(self) -> Names:
        """What the things in the answer are called."""
        return Names(self.registry, self.found)

    @property
    def text(self) -> str:
        """The query as it is asked, so that it runs anywhere."""
        return f"BASE <{self.registry.own.base}>\n{self.query.bind(**self.values)}"

    @property
    def path(self) -> str:
        """Its address below the base."""
        return f"{PATH}/{self.query.name}"


@router.get("/query")
def index(visit: Visiting) -> Response:
    """All queries that have a name and an address; as data, each with its text."""
    return visit.reply(_index(visit), None)


@router.get("/query.{suffix}")
def index_as(visit: Visiting, suffix: str) -> Response:
    """All queries, in the form that the address fixes."""
    return visit.reply(_index(visit), fixed_by(suffix, PATH))


@router.get("/query/{folder}/{name}")
def query(visit: Visiting, folder: str, name: str, page: Annotated[int, Query(ge=1)] = 1) -> Response:
    """The answer of one query."""
    registry = visit.registry
    stem, fixed = split(name, ROWS)
    found = next((one for one in named.named(registry.queries) if one.name == f"{folder}/{stem}"), None)
    if found is None:
        raise NotFound("There is no query {name}.", name=f"{folder}/{stem}")
    visit.known_too(tuple(parameter.name for parameter in found.parameters))
    visit.known_only()
    values = named.bindings(registry, found, visit.query, visit.site.day)
    return visit.reply(_answered(visit, Asked(registry, found, values, visit.site.day), page), fixed)


def offered(query: Asking) -> tuple[Media, ...]:
    """The media of the answer of a query."""
    return GRAPHS if named.form(query) in ("CONSTRUCT", "DESCRIBE") else ROWS


def _answered(visit: Visit, asked: Asked, number: int) -> Target:
    subject = visit.registry.own.iri(asked.path + visit.asked)
    file = f"{asked.query.name.replace('/', '-')}-{asked.day.isoformat()}.csv"
    title = asked.query.title
    return Target(
        path=asked.path,
        html=lambda page: _draw(visit, page, asked, number),
        graph=lambda: results.of_graph(asked.found, subject),
        table=lambda page: results.of_table(asked.found, asked.names, page.lang, file, page.say_in_words(title)),
        modified=lambda: visit.site.modified,
        links=lambda: (Link(visit.registry.own.iri(PATH).value, "collection"),),
        drawn={
            SPARQL_JSON: lambda page: results.of_sparql_json(asked.found),
            SPARQL_XML: lambda page: results.of_sparql_xml(asked.found),
            ITEMS: lambda page: results.of_items(asked.found, asked.names, page.lang),
        },
        offers=offered(asked.query),
    )


def _draw(visit: Visit, page: Page, asked: Asked, number: int) -> bytes:
    found = asked.found
    pages = max(1, -(-len(found.rows) // SHOWN))
    if number > pages:
        raise NotFound("The last page is {last}.", where="page", last=pages)
    shown = found.rows[(number - 1) * SHOWN : number * SHOWN]
    return visit.site.renderer.draw(
        "query.html",
        page,
        asked=asked,
        folder=ROOMS[asked.query.name.split("/")[0]][0],
        about=asked.query.meta.get("about", ""),
        boxes=_boxes(visit, asked),
        rows=[cells(page, asked.names, found.names, row) for row in shown],
        number=number,
        pages=pages,
        numbers=numbers(number, pages),
        most=len(asked.found.rows),
        media=offered(asked.query),
        whole={name: values for name, values in visit.query.items() if name != "page"},
    )


def _boxes(visit: Visit, asked: Asked) -> list[tuple[str, str, str, list[str]]]:
    """The parameters for a form: name, kind, what for, the values that hold; of IRIs there may be one more."""
    found = []
    for one in asked.query.parameters:
        held = visit.query.get(one.name) or [named.default(asked.query, one, asked.day)]
        more = [""] if one.kind == "IRI" and held[-1] else []
        found.append((one.name, one.kind, one.purpose, [*held, *more]))
    return found


def _index(visit: Visit) -> Target:
    found = named.named(visit.registry.queries)
    rooms = [(name, about, [q for q in found if q.name.startswith(f"{key}/")]) for key, (name, about) in ROOMS.items()]
    return Target(
        path=PATH,
        html=lambda page: visit.site.renderer.draw("queries.html", page, rooms=[one for one in rooms if one[2]]),
        graph=lambda: Graph(triple for one in found for triple in _described(visit.registry, one)),
        offers=MEDIA,
    )


def _described(registry: Registry, query: Asking) -> list[Triple]:
    """A query as harvesters of examples read it: an executable of SHACL, with its text."""
    subject = registry.own.iri(f"{PATH}/{query.name}")
    kind, property = EXECUTABLE.get(named.form(query), EXECUTABLE["CONSTRUCT"])
    said: list[tuple[NamedNode, Term]] = [
        (RDF.type, SH.SPARQLExecutable),
        (RDF.type, SH[f"SPARQL{kind}Executable"]),
        (SH[property], Literal(f"BASE <{registry.own.base}>\n{query.text}")),
    ]
    for lang in LANGUAGES:
        say = translation(lang).gettext
        said.append((DCTERMS.title, Literal(say(query.title), language=lang)))
        if about := query.meta.get("about"):
            said.append((RDFS.comment, Literal(say(about), language=lang)))
    return [Triple(subject, predicate, value) for predicate, value in said]
