"""One request on its way to an answer: what may be asked of the site, which representation, from which cache."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from functools import cached_property
from time import monotonic
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.responses import Response

from registry.errors import NotFound
from registry.exchange import jsonld
from registry.exchange.writing import serialise
from registry.registry import Registry
from registry.settings import Settings
from registry.terms import Graph
from web import negotiate
from web.answers import FRESH, Answer, Link, finish, redirect
from web.cache import Pages
from web.negotiate import HTML, JSONLD, MEDIA, SUFFIXES, Media, Representation
from web.problems import Moved, NotAcceptable
from web.render import Page, Renderer

COOKIE = "lang"
PAUSE = 0.5
_YEAR = 365 * 24 * 3600


class Site:
    """What every room of the web shares: the registry, its settings, the templates, the kept pages, the day."""

    def __init__(self, registry: Registry, settings: Settings, today: Callable[[], date]) -> None:
        self.registry, self.settings, self._today = registry, settings, today
        self.prefix = urlsplit(settings.base).path
        self.renderer = Renderer(registry, self.prefix)
        self.pages = Pages()
        self._looked = 0.0

    def followed(self) -> Registry:
        """The registry, at most half a second behind its ledger: loads and other processes append to it."""
        if monotonic() - self._looked > PAUSE:
            self._looked = monotonic()
            self.registry.follow()
        return self.registry

    @property
    def day(self) -> date:
        """The day that states are asked about."""
        return self._today()

    @property
    def modified(self) -> datetime:
        """Since when pages with words of many records look as they do: the last event, or the day's begin."""
        return max(self.registry.changed, datetime.combine(self.day, time(), UTC))


@dataclass(frozen=True)
class Resource:
    """Something with an address, ready to be drawn in any of the media it offers; drawn only when not kept.

    What must be looked up is a function, called only then: a kept page costs no look at the store. `path` is the
    one address below the base, without suffix. `modified` is of the data; pages also change with
    the labels they show and with the day.
    """

    path: str
    html: Callable[[Page], bytes]
    graph: Callable[[], Graph]
    jsonld: Callable[[], bytes] | None = None
    modified: Callable[[], datetime | None] = lambda: None
    links: Callable[[], tuple[Link, ...]] = tuple
    cache: str = FRESH
    offers: tuple[Media, ...] = field(default=MEDIA)


def fixed_by(suffix: str, stem: str) -> Media:
    """The medium that a suffix fixes; raises NotFound for any other ending."""
    found = SUFFIXES.get(suffix.lower())
    if found is None:
        raise NotFound("There is nothing called {name}.", name=f"{stem}.{suffix}")
    return found


class Visit:
    """A request, read: its language, what it accepts, how it is answered."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.site: Site = request.app.state.site
        self.path = request.url.path.lstrip("/")

    @cached_property
    def registry(self) -> Registry:
        """The registry, after it has caught up with what others appended to the ledger."""
        return self.site.followed()

    @cached_property
    def language(self) -> str:
        """The reader's language."""
        query, cookies, headers = self.request.query_params, self.request.cookies, self.request.headers
        return negotiate.choose_language(query.get("lang"), cookies.get(COOKIE), headers.get("accept-language"))

    @cached_property
    def query(self) -> dict[str, list[str]]:
        """The parameters of the address, each with all its values."""
        found: dict[str, list[str]] = {}
        for name, value in self.request.query_params.multi_items():
            found.setdefault(name, []).append(value)
        return found

    def page(self, path: str) -> Page:
        """A page for this reader."""
        return self.site.renderer.page(self.language, path, self.query)

    def moved(self, path: str) -> Moved:
        """The redirect to the one spelling of an address; the query comes along."""
        query = self.request.url.query
        return Moved(self.site.settings.base + path + (f"?{query}" if query else ""))

    def see_other(self, path: str) -> Response:
        """303 from a thing to the document about it."""
        return redirect(303, self.moved(path).location, vary=("Accept", "Accept-Language"))

    def reply(self, resource: Resource, fixed: Media | None) -> Response:
        """The answer in the medium that the address fixes or the reader prefers, from the cache when it is there."""
        stated = f"{resource.path or 'index'}.{fixed.suffix}" if fixed else resource.path
        if self.path != stated:
            raise self.moved(stated)
        media = fixed or negotiate.choose_media(self.request.headers.get("accept"), resource.offers)
        if media is None:
            resource.links()  # what is not there at all is 404, whatever was asked for
            raise NotAcceptable(resource.path, resource.offers)
        choice = Representation(media, self.language if media is HTML else "")
        asked = (self.path, self.request.url.query, media.suffix, choice.language)
        key = (*asked, self.registry.sequence, self.site.day)
        answer = self.site.pages.get(key, lambda: self._draw(resource, choice, fixed))
        return self._remember(finish(self.request.headers, answer), media)

    def _draw(self, resource: Resource, choice: Representation, fixed: Media | None) -> Answer:
        media, modified = choice.media, resource.modified() or self.registry.changed
        if media is HTML:
            body, modified = resource.html(self.page(resource.path)), max(modified, self.site.modified)
        elif media is JSONLD:
            body = resource.jsonld() if resource.jsonld else jsonld.dumps(jsonld.expanded(resource.graph()))
        else:
            body = serialise(resource.graph(), media.type, self.registry.house.prefixes)
        vary = () if fixed else ("Accept",)
        return Answer(
            body=body,
            content_type=media.content_type,
            language=choice.language or None,
            modified=modified,
            cache=FRESH if media is HTML else resource.cache,
            vary=(*vary, "Accept-Language", "Cookie") if media is HTML else vary,
            links=(*self.links(resource), *resource.links()),
            headers={"Content-Location": self.located(resource, choice)},
        )

    def located(self, resource: Resource, choice: Representation) -> str:
        """The address of exactly this representation."""
        path = f"{resource.path or 'index'}.{choice.media.suffix}"
        query = [self.request.url.query] if self.request.url.query else []
        if choice.language and "lang" not in self.query:
            query.append(f"lang={choice.language}")
        return self.site.settings.base + path + ("?" + "&".join(query) if query else "")

    def links(self, resource: Resource) -> tuple[Link, ...]:
        """Canonical and alternates, for every medium the same."""
        base, query = self.site.settings.base, self.request.url.query
        asked = f"?{query}" if query else ""
        alternates = (
            Link(f"{base}{resource.path or 'index'}.{media.suffix}{asked}", "alternate", {"type": media.type})
            for media in resource.offers
        )
        return (Link(f"{base}{resource.path}{asked}", "canonical"), *alternates)

    def _remember(self, response: Response, media: Media) -> Response:
        """Keep the language a reader asked for by name; such an answer is for no shared cache."""
        asked = negotiate.choose_language(self.request.query_params.get("lang"), None, None)
        if media is HTML and "lang" in self.query and self.request.cookies.get(COOKIE) != asked:
            response.set_cookie(COOKIE, asked, max_age=_YEAR, path=self.site.prefix, samesite="lax", httponly=True)
            response.headers["Cache-Control"] = "private, no-cache"
        return response


async def _visit(request: Request) -> Visit:
    return Visit(request)


Visiting = Annotated[Visit, Depends(_visit)]
