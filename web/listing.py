"""What a search found, under one address: its page, its data, its links; of all registers, or of one.

As data the collection (all records that fit) has a view (this page) with first, previous, next and last, the same as in
the Link header.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode

from registry.formats import Format
from registry.search import STATE, TYPE, Asked
from registry.standing import LICENCE
from registry.terms import Graph, NamedNode
from web import exports, facets, facetted, schemaorg
from web.answers import Link
from web.found import Found
from web.map import Picture, picture
from web.negotiate import ATOM, ITEMS, RESULTS, SPARQL
from web.places import HYDRA, Places
from web.render import Page
from web.table import of_records
from web.visit import Target, Visit

AROUND = 2
FEW = 6


@dataclass(frozen=True)
class Listing:
    """What was found under a path below the base, and how its page shows it: one of `facetted.VIEWS`.

    `register`: whose records they all are. Its page offers neither the type nor, beside its tabs, the state once more.
    """

    visit: Visit
    path: str
    found: Found
    view: str
    register: Format | None = None

    def target(self) -> Target:
        """The list with its forms; a table, a feed and a query know no pages."""
        found = self.found
        return Target(
            path=self.path,
            html=lambda page: self.draw("search.html", page),
            graph=self.graph,
            table=lambda page: of_records(found.registry, found.all, found.day, page.lang),
            links=lambda: self.links(HYDRA.Collection),
            drawn={
                ITEMS: lambda page: exports.items(page, found, self._following(page)),
                ATOM: lambda page: exports.atom(page, found, self.register),
                SPARQL: lambda _: found.search.query(replace(found.asked, page=1)).encode(),
            },
            offers=RESULTS,
            passing=lambda: not found.answer.indexed,
        )

    def draw(self, template: str, page: Page, **more: object) -> bytes:
        """The page, with `more` for its template."""
        asked, answer = self.found.asked, self.found.answer
        left_out = (TYPE, STATE) if self.register else ()
        offered = [facet for facet in answer.facets if facet.key not in left_out]
        groups = facets.groups(page, offered, asked.chosen.get(TYPE, ()))
        if self.register and not page.asked:
            page.told = schemaorg.of_register(page, self.register)
        within = {key: values for key, values in asked.chosen.items() if key != TYPE or not self.register}
        return self.visit.site.renderer.draw(
            template,
            page,
            register=self.register,
            asked=asked,
            answer=answer,
            view=self.view,
            views=facetted.VIEWS,
            hits=self.found.hits(page) if self.view != "map" else [],
            picture=self._picture(page) if self.view == "map" else None,
            numbers=numbers(asked.page, answer.pages),
            upto=self._upto,
            groups=groups,
            few=FEW,
            kept=facets.kept(page, replace(asked, chosen=within), groups),
            sorts=facets.sorts(page, asked),
            chips=facets.chips(page, self._untold(asked) if self.register else asked),
            countries=facets.places(page, asked.country),
            meant=[(term, page.again(q=term)) for term in (answer.corrected,) if term],
            progress=self.found.search.progress(),
            saving=page.href("desk/searches/new", of=facetted.query(page.registry, asked)),
            **more,
        )

    def _untold(self, asked: Asked) -> Asked:
        """What is asked that neither the name of the register nor a tab tells: there is a tab for each one state."""
        chosen = {key: values for key, values in asked.chosen.items() if key != TYPE and (key != STATE or values[1:])}
        return replace(asked, chosen=chosen, archived="")

    def _picture(self, page: Page) -> Picture:
        """Where the records are that were found: each country leads to those that concern it."""
        return picture(page, found=Places(page.registry, only=frozenset(self.found.all)))

    def graph(self) -> Graph:
        """One page as data."""
        asked = self.found.asked
        return exports.graph(self.found, self.address(), self.address(asked.page, asked.upto), self._paging())

    def address(self, page: int | None = None, upto: int | None = None) -> NamedNode:
        """The address of a page of what was found, as it was up to an event; of the whole without a number."""
        turning = ("page", "view", "upto")
        kept = {name: values for name, values in self.visit.query.items() if name not in turning}
        if page:
            kept["page"] = [str(page)]
        if upto:
            kept["upto"] = [str(upto)]
        asked = f"?{urlencode(kept, doseq=True, quote_via=quote, safe=':/')}" if kept else ""
        return self.found.registry.own.iri(self.path + asked)

    def _following(self, page: Page) -> str:
        """The address of the next page as plain JSON, in the language of this one; empty on the last."""
        number = self.found.asked.page + 1
        if number > self.found.answer.pages:
            return ""
        asked = self.address(number, self._upto).value.partition("?")[2]
        return page.absolute(f"{self.path}.{ITEMS.suffix}?{asked}&lang={page.lang}")

    @property
    def _upto(self) -> int:
        """The event with which the reader began to turn pages: none moves on while new records come."""
        return self.found.asked.upto or self.found.registry.sequence

    def _paging(self) -> dict[str, NamedNode]:
        """The neighbours of this page."""
        page, pages = self.found.asked.page, self.found.answer.pages
        places = {"first": 1, "prev": page - 1, "next": page + 1, "last": pages}
        within = {rel: number for rel, number in places.items() if 1 <= number <= pages}
        return {rel: self.address(number, self._upto if number > 1 else None) for rel, number in within.items()}

    def links(self, type: NamedNode) -> tuple[Link, ...]:
        """The neighbours of this page, the catalogue, what the data are, their licence."""
        said = {
            **self._paging(),
            "collection": NamedNode(self.found.registry.own.base),
            "type": type,
            "license": LICENCE,
        }
        return tuple(Link(iri.value, rel) for rel, iri in said.items())


def numbers(page: int, pages: int) -> list[int | None]:
    """The page numbers to offer: the first, the last, those around this one; None stands for what is left out."""
    near = sorted({1, pages, *range(max(1, page - AROUND), min(pages, page + AROUND) + 1)})
    found: list[int | None] = []
    for number in near:
        if found and number - (found[-1] or 0) > 1:
            found.append(None)
        found.append(number)
    return found
