"""The registers: `/register/projects` and its like, each a search whose record type is fixed, as pages and as data.

A parameter has the name and the values that it has in a search. Two are older: a country by `country` is one that is
concerned, a state may be its code alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from fastapi import APIRouter
from starlette.responses import Response

from registry.errors import BadParameter, NotFound
from registry.formats import Format
from registry.search import STATE, TYPE, Asked
from registry.shape import path_name
from registry.terms import DCAT, DCTERMS, FOAF, RDF, Graph, Literal, NamedNode, Term, Triple
from web import facetted
from web.answers import Link
from web.found import Found
from web.holdings import catalogue, holdings
from web.listing import Listing
from web.negotiate import RESULTS, Media, Profile, split
from web.render import Page
from web.table import of_register
from web.visit import Target, Visit, Visiting, fixed_by
from web.words import Text
from web.words import marked as _

router = APIRouter()

COUNTRY, CONCERNS, ARCHIVED = "country", "concerns", "archived"

Query = dict[str, list[str]]


@router.get("/register")
def index(visit: Visiting) -> Response:
    """All registers: what each is for and what it holds; as data, the catalogue of them."""
    return visit.reply(_index(visit), None)


@router.get("/register.{suffix}")
def index_as(visit: Visiting, suffix: str) -> Response:
    """All registers, in the form that the address fixes."""
    return visit.reply(_index(visit), fixed_by(suffix, "register"))


def _index(visit: Visit) -> Target:
    return Target(
        path="register",
        html=lambda page: visit.site.renderer.draw("registers.html", page, holdings=holdings(visit)),
        graph=lambda: catalogue(visit.registry),
    )


@router.get("/register/{name}")
def register(visit: Visiting, name: str) -> Response:
    """What fits in one register, twenty records to a page, the newest first."""
    slug, fixed = split(name, RESULTS)
    format = visit.registry.formats.by_register(slug.lower())
    if format is None:
        raise NotFound("There is no register {name}.", name=slug)
    return _reply(visit, format, fixed)


def _reply(visit: Visit, format: Format, fixed: Media | None) -> Response:
    known = (*(name for name in facetted.FIXED if name != TYPE), *facetted.keys(visit.registry, format), COUNTRY)
    visit.known_too(tuple(dict.fromkeys(known)))
    visit.known_only()
    return visit.reply(Register(visit, format).target(), fixed)


@dataclass(frozen=True)
class Tab:
    """The records in one state, with how many they are; `here` while they are what the page shows."""

    label: Text
    count: int
    href: str
    here: bool


class Register:
    """One register as it is asked for; raises BadParameter for what cannot be asked."""

    def __init__(self, visit: Visit, format: Format) -> None:
        self._visit, self._format, self._day = visit, format, visit.site.day
        visit.query = query = self._respelt(dict(visit.query))
        self._asked = facetted.read(visit.registry, self._searched(query), visit.language, self._day)
        self._found = Found(visit.site.search, self._asked, self._day)
        self._list = Listing(visit, f"register/{format.register}", self._found, facetted.view(query), format)

    def target(self) -> Target:
        """The list of what was found, which is a catalogue as well."""
        registry, found, format = self._visit.registry, self._found, self._format
        return replace(
            self._list.target(),
            html=lambda page: self._list.draw("register.html", page, tabs=self._tabs(page)),
            graph=lambda: self._list.graph() | self._catalogue(),
            table=lambda page: of_register(registry, format, found.all, self._day, page.lang, self._narrowed()),
            links=lambda: (*self._list.links(DCAT.Catalog), Link(format.iri.value, "describedby")),
            profiles=lambda: (Profile("dcat", DCAT.iri.removesuffix("#")),),
        )

    @cached_property
    def _states(self) -> tuple[NamedNode, ...]:
        """The states that records of the register can have, in the order of their vocabulary."""
        if not self._format.states:
            return ()
        known, whole = self._visit.registry.concepts, {TYPE: (self._format.target,)}
        used = self._visit.site.search.counts(Asked(chosen=whole, archived="yes", day=self._day), STATE)
        schemes = dict.fromkeys(concept.scheme for state in used if (concept := known.get(state)))
        return tuple(state for one in schemes if (scheme := known.scheme(one)) for state in scheme.concepts)

    def _respelt(self, query: Query) -> Query:
        """What is asked in its one spelling: `concerns` for a `country` that is no facet, the code alone of a state."""
        registry, stated = self._visit.registry, query.pop(COUNTRY, [])
        faceted = COUNTRY in facetted.keys(registry, self._format)
        query[COUNTRY] = [value for value in stated if faceted and "/" in value and ":" not in value]
        places = [facetted.country(registry, value, COUNTRY) for value in stated if value not in query[COUNTRY]]
        if places and CONCERNS not in query:
            query[CONCERNS] = [places[-1].notation]
        if STATE in query:
            codes = {facetted.written(registry, STATE, state): path_name(state) for state in self._states}
            codes |= {state.value: path_name(state) for state in self._states}
            query[STATE] = list(dict.fromkeys(codes.get(value, value) for value in query[STATE]))
        return {name: query[name] for name in self._visit.parameters if query.get(name)}

    def _searched(self, query: Query) -> Query:
        """The same for a search; who asks for a state is shown its archived records too, unless told otherwise."""
        found = {**query, TYPE: [self._format.register]}
        if STATE in query:
            codes = {path_name(state): state.value for state in self._states}
            for value in query[STATE]:
                if value not in codes:
                    raise BadParameter("There is no state {value} in this register.", where=STATE, value=value)
            found[STATE] = [codes[value] for value in query[STATE]]
            found.setdefault(ARCHIVED, ["yes"])
        return found

    def _tabs(self, page: Page) -> list[Tab]:
        """Current records, those in each state, archived ones, all: each with whatever else was chosen."""
        asked, found, chosen = self._asked, self._found, self._asked.chosen.get(STATE, ())
        others = {key: values for key, values in asked.chosen.items() if key != STATE}
        current = replace(asked, chosen=others, archived="")
        counts = found.search.counts(current, STATE) if self._states else {}
        shown, archived = found.search.count(current), found.search.count(replace(current, archived="only"))

        def whole(name: str, count: int, value: str) -> Tab:
            href = page.again(state=None, archived=value or None)
            return Tab(Text(page.say_in_words(name), page.lang), count, href, not chosen and asked.archived == value)

        tabs = [whole(_("Current"), shown, "")]
        for state in self._states:
            here = chosen == (state,)
            if here or counts.get(state):
                count = found.answer.total if here else counts[state]
                tabs.append(Tab(page.label(state), count, page.again(state=path_name(state), archived="no"), here))
        if archived or (asked.archived and not chosen):
            tabs += [whole(_("Archived"), archived, "only"), whole(_("All"), shown + archived, "yes")]
        return tabs

    def _narrowed(self) -> list[str]:
        """The states and the country that narrow the register, by which a file of it is called."""
        country = self._visit.registry.concepts.get(self._asked.country)
        return [*map(path_name, self._asked.chosen.get(STATE, ())), *([country.notation] if country else [])]

    def _catalogue(self) -> Graph:
        """What makes a page of records that of a catalogue."""
        collection, names = self._list.address(), self._format.register_names
        said: list[tuple[NamedNode, NamedNode, Term]] = [
            (collection, RDF.type, DCAT.Catalog),
            (collection, DCTERMS.conformsTo, self._format.iri),
            *((collection, DCTERMS.title, Literal(text, language=lang)) for lang, text in names.items()),
        ]
        for entry in self._found.shown:
            said += [
                (collection, DCAT.record, entry.doc),
                (entry.doc, RDF.type, DCAT.CatalogRecord),
                (entry.doc, FOAF.primaryTopic, entry.iri),
            ]
        return Graph(Triple(*one) for one in said)
