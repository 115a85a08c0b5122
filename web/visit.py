"""One request on its way to an answer: what may be asked of the site, which representation, from which cache.

A parameter of an address is an argument of its route, so nothing else needs to be told which there are; but for those
that come from the shapes, which a route tells (`known_too`).
"""

from __future__ import annotations

from difflib import get_close_matches
from functools import cached_property
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import Depends, Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from registry.errors import BadParameter, NotFound
from registry.language import base_language
from registry.registry import Registry
from web import negotiate
from web.answers import finish, redirect
from web.choice import OVERRIDES, Choice, Offer, choose
from web.member import Caller
from web.negotiate import FORMS, MEDIA, SUFFIXES, Media
from web.problems import Moved, NotAcceptable
from web.render import Page
from web.site import Site
from web.target import Drawing, Target

__all__ = ["Site", "Target", "Visit", "Visiting", "fixed_by"]

COOKIE = "lang"
TRACKING = ("utm_", "fbclid", "gclid", "msclkid", "mc_cid", "mc_eid")
_YEAR = 365 * 24 * 3600


def fixed_by(suffix: str, stem: str) -> Media:
    """The medium that a suffix fixes; raises NotFound for any other ending."""
    found = SUFFIXES.get(suffix.lower())
    if found is None:
        raise NotFound("There is nothing called {name}.", name=f"{stem}.{suffix}")
    return found


class Visit(Caller):
    """A request, read: its language, what it accepts, how it is answered; who asks, where that matters."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.site: Site = request.app.state.site
        self.path = request.url.path.lstrip("/")
        self._told: tuple[str, ...] = ()

    def known_too(self, names: tuple[str, ...]) -> None:
        """Tell, before anything is asked, parameters that no argument of the route names: those drawn from shapes."""
        self._told = names

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
    def parameters(self) -> tuple[str, ...]:
        """The names of the parameters that this address knows: the arguments of its route, and what it told."""
        route = self.request.scope.get("route")
        arguments = tuple(one.alias for one in route.dependant.query_params) if isinstance(route, APIRoute) else ()
        return (*arguments, *self._told)

    @cached_property
    def query(self) -> dict[str, list[str]]:
        """The parameters that this address knows, each with all its values, without empty ones.

        Others are passed over: links come with marks that letters and networks hang on them.
        """
        given = self.request.query_params
        found = {name: [value for value in given.getlist(name) if value] for name in self.parameters}
        return {name: values for name, values in found.items() if values and name not in OVERRIDES}

    def known_only(self) -> None:
        """Refuse a parameter that this address does not know: a misspelt filter would show everything."""
        for name in self.request.query_params:
            if name not in self.parameters and name not in OVERRIDES and not name.startswith(TRACKING):
                near = get_close_matches(name, self.parameters, 1)
                names = ", ".join(near or self.parameters)
                raise BadParameter(
                    "There is no parameter {name} here.",
                    remedy="Did you mean {names}?" if near else "There are {names}.",
                    where=name,
                    name=name,
                    names=names,
                )

    @property
    def asked(self) -> str:
        """The known parameters as they stand behind an address."""
        return f"?{urlencode(self.query, doseq=True, quote_via=quote, safe=':/')}" if self.query else ""

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

    def see_other_page(self, path: str) -> Response:
        """303 to another page of the same list, whose address says all; the language comes along."""
        stated, hash, fragment = path.partition("#")
        asked = f"&lang={self.language}" if "lang" in self.request.query_params else ""
        return redirect(303, self.site.settings.base + stated + asked + hash + fragment)

    def reply(self, resource: Target, fixed: Media | None, *, spelt: bool = True) -> Response:
        """The answer in the medium that the address fixes or the reader prefers, from the cache when it is there.

        An address that is spelt otherwise is led to the one spelling, unless it is not the resource's own.
        """
        stated = f"{resource.path or 'index'}.{fixed.suffix}" if fixed else resource.path
        if spelt and self.path != stated:
            raise self.moved(stated)
        choice = self._choice(resource, fixed)
        drawing = Drawing(self.site, self.asked, self.page)
        key = (drawing.located(resource, choice), choice.fixed, resource.status, self.registry.sequence, self.site.day)
        answer = self.site.pages.get(key, lambda: drawing.answer(resource, choice))
        return self._remember(finish(self.request.headers, answer, self.now), choice.representation.media)

    def _choice(self, resource: Target, fixed: Media | None) -> Choice:
        asks = bool({"_profile", "accept-profile"} & {*self.request.query_params, *self.request.headers})
        profiles = resource.profiles() if asks else ()
        forms = FORMS if resource.jsonld else tuple(form for form in FORMS if form != "framed")
        offer = Offer(resource.path or "index", resource.offers, profiles, forms)
        try:
            found = choose(self.request.query_params, self.request.headers, offer, fixed, self.language)
            if found.alternates and found.representation.media not in MEDIA:
                raise NotAcceptable(offer.path, MEDIA)
            return found
        except NotAcceptable:
            resource.links()  # what is not there at all is 404, whatever was asked for
            raise

    def _remember(self, response: Response, media: Media) -> Response:
        """Keep the language a reader asked for by name; such an answer is for no shared cache."""
        asked = base_language(self.request.query_params.get("lang", ""))
        if media.worded and asked and self.request.cookies.get(COOKIE) != asked:
            response.set_cookie(COOKIE, asked, max_age=_YEAR, path=self.site.prefix, samesite="lax", httponly=True)
            response.headers["Cache-Control"] = "private, no-cache"
        return response


async def _visit(request: Request) -> Visit:
    return Visit(request)


Visiting = Annotated[Visit, Depends(_visit)]
