"""Something with an address, and its drawing in the medium that was chosen.

Sources: RFC 8288 (links); RFC 9110, section 8.7 (Content-Location); https://www.w3.org/TR/json-ld11/, section 6.1
(JSON as JSON-LD).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from registry.exchange import jsonld
from registry.exchange.writing import serialise
from registry.terms import Graph, NamedNode
from web.alternates import Alternates, One
from web.answers import FRESH, NEVER, Answer, Link
from web.choice import ALTERNATES, Choice
from web.negotiate import CSV, FORMS, HTML, JSON, JSONLD, MEDIA, PROFILES, TABLES, Media, Profile, Representation
from web.render import Page
from web.site import Site
from web.spreadsheet import workbook
from web.table import Table
from web.words import marked as _
from web.xhtml import xhtml

LONG = 200  # characters of a query from which on the header does not repeat it for every form; the page's head does
REPEATED = ("alternate", "first", "last")
TURNING = ("first", "prev", "next", "last")


@dataclass(frozen=True)
class Target:
    """Something with an address, ready to be drawn in any of the media it offers; drawn only when not kept.

    What must be looked up is a function, called only then: a kept page costs no look at the store. `path` is the
    one address below the base, without suffix. `modified` is of the data; pages also change with
    the labels they show and with the day. `jsonld` gives the forms of JSON-LD, its context within or by address
    (`context`); `name` is what its graph is called in a dataset, its own address unless something else is. `drawn` are
    media that it draws in a way of its own. `passing`: what was drawn just now holds for the moment, nobody keeps it.
    """

    path: str
    html: Callable[[Page], bytes]
    graph: Callable[[], Graph]
    jsonld: Callable[[str, bool], bytes] | None = None
    table: Callable[[Page], Table] | None = None
    modified: Callable[[], datetime | None] = lambda: None
    links: Callable[[], tuple[Link, ...]] = tuple
    profiles: Callable[[], tuple[Profile, ...]] = tuple
    context: Callable[[], str] = str
    name: NamedNode | None = None
    drawn: Mapping[Media, Callable[[Page], bytes]] = field(default_factory=dict, hash=False)
    passing: Callable[[], bool] = lambda: False
    cache: str = FRESH
    status: int = 200
    offers: tuple[Media, ...] = field(default=MEDIA)


class Drawing:
    """Draws resources for one request: `asked` is its query as it stands in an address, `page` makes its pages."""

    def __init__(self, site: Site, asked: str, page: Callable[[str], Page]) -> None:
        self._site, self._asked, self._page = site, asked, page

    def answer(self, resource: Target, choice: Choice) -> Answer:
        """The whole answer, before it meets the conditions of a request."""
        if choice.alternates:
            resource = self._alternates(resource)
        found, media = choice.representation, choice.representation.media
        modified = resource.modified() or self._site.registry.changed
        profiles = (ALTERNATES,) if choice.alternates else resource.profiles()
        near = self._near(resource, choice)
        links = (*self.links(resource), *near, *(Link(one.iri, "profile") for one in profiles))
        headers = {"Content-Location": self.located(resource, choice)}
        if media in TABLES and resource.table:
            body, headers["Content-Disposition"] = self._tabled(resource.table, resource.path, media)
            links = tuple(link for link in links if link.rel not in TURNING)
        elif media in resource.drawn:
            body = resource.drawn[media](self._page(resource.path))
        elif media.worded:
            page = self._page(resource.path)
            page.offer(resource.offers, tuple(link for link in links if link.rel != "canonical"))
            body = resource.html(page) if media is HTML else xhtml(resource.html(page))
        else:
            body = self._data(resource, found)
        if media is JSON and (context := resource.context()) and not found.inline:
            links = (*links, Link(context, PROFILES + "context", {"type": JSONLD.type}))
        if profiles:
            headers["Content-Profile"] = ", ".join(f"<{one.iri}>" for one in profiles)
        vary = () if choice.fixed else ("Accept", "Accept-Profile")
        return Answer(
            body=body,
            content_type=found.content_type,
            status=resource.status,
            language=found.language or None,
            modified=max(modified, self._site.modified) if media.worded else modified,
            cache=NEVER if resource.passing() else FRESH if media.worded else resource.cache,
            vary=(*vary, "Accept-Language", "Cookie") if media.worded else vary,
            links=links if len(self._asked) <= LONG else tuple(link for link in links if link.rel not in REPEATED),
            headers=headers,
        )

    def _near(self, resource: Target, choice: Choice) -> tuple[Link, ...]:
        """The resource's own links; where the address fixed the form, those to further pages fix it too."""
        if not choice.fixed:
            return resource.links()
        whole, found = self._site.settings.base + resource.path, choice.representation
        form = [f"_profile={found.form}"] if found.form else []

        def turned(link: Link) -> Link:
            path, _, asked = link.target.partition("?")
            if link.rel not in TURNING or path != whole:
                return link
            said = "&".join([*([asked] if asked else []), *form])
            return replace(link, target=f"{path}.{found.media.suffix}" + (f"?{said}" if said else ""))

        return tuple(map(turned, resource.links()))

    def _tabled(self, table: Callable[[Page], Table], path: str, media: Media) -> tuple[bytes, str]:
        """A table as a file, and the header that says what the file is called."""
        page = self._page(path)
        drawn = table(page)
        title = drawn.title or page.say_in_words(_("Records"))
        body = drawn.csv() if media is CSV else workbook(drawn, page.lang, title)
        return body, f'attachment; filename="{drawn.name.removesuffix(".csv")}.{media.suffix}"'

    def _data(self, resource: Target, found: Representation) -> bytes:
        media, graph = found.media, resource.graph
        if media not in (JSON, JSONLD):
            name = resource.name or self._site.registry.own.iri(resource.path + self._asked)
            return serialise(graph(), media.type, self._site.registry.house.prefixes, name)
        if resource.jsonld:
            return resource.jsonld(found.form, found.inline)
        if media is JSON or found.form == "compacted":
            return jsonld.dumps(jsonld.compacted(graph(), self._site.registry.house.prefixes))
        return jsonld.dumps(jsonld.expanded(graph()))

    def _alternates(self, resource: Target) -> Target:
        """The list of the resource's representations, in its place."""
        forms = FORMS if resource.jsonld else ()
        found = [Choice(Representation(media), fixed=True) for media in resource.offers]
        found += [Choice(Representation(JSONLD, form=form), fixed=True) for form in forms]
        ones = tuple(
            One(self.located(resource, one), one.representation.media, one.representation.form) for one in found
        )
        listed = Alternates(self._site.registry.own.iri(resource.path), ones, resource.profiles())
        return Target(
            path=resource.path,
            html=lambda page: listed.html(self._site.renderer.draw, page),
            graph=listed.graph,
            links=resource.links,
        )

    def located(self, resource: Target, choice: Choice) -> str:
        """The address of exactly this representation."""
        found = choice.representation
        asked = [self._asked.removeprefix("?")] if self._asked else []
        asked += [f"lang={found.language}"] if found.language else []
        asked += [f"_profile={found.form}"] if found.form else []
        asked += ["_profile=alt"] if choice.alternates else []
        asked += ["_context=inline"] if found.inline else []
        path = f"{resource.path or 'index'}.{found.media.suffix}"
        return self._site.settings.base + path + ("?" + "&".join(asked) if asked else "")

    def links(self, resource: Target) -> tuple[Link, ...]:
        """Canonical and alternates, for every medium the same."""
        base, asked = self._site.settings.base, self._asked
        alternates = (
            Link(f"{base}{resource.path or 'index'}.{media.suffix}{asked}", "alternate", {"type": media.type})
            for media in resource.offers
        )
        return (Link(f"{base}{resource.path}{asked}", "canonical"), *alternates)
