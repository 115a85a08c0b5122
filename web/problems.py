"""Every error, as the reader asked to be answered: a page, application/problem+json or Turtle, never a stack trace.

Sources: RFC 9457 (problem details); RFC 9110, sections 15.5 and 12.1.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from registry.errors import RegistryError
from registry.exchange.writing import serialise
from registry.terms import DCTERMS, RDF, Graph, Literal, NamedNode, Namespace, Triple
from web import negotiate
from web.answers import NEVER, Answer, Link, finish, redirect
from web.negotiate import HTML, JSON, JSONLD, NQUADS, NTRIPLES, PLAIN, PROBLEM, RDFXML, TRIG, TURTLE, XHTML, Media
from web.words import marked as _
from web.xhtml import xhtml

HTTP = Namespace("http://www.w3.org/2011/http#")
STATUS = {"bad-input": 400, "unreadable": 400, "bad-parameter": 400, "not-found": 404, "gone": 410, "conflict": 409}


OFFERED = (HTML, PROBLEM, TURTLE, NTRIPLES, RDFXML, TRIG, NQUADS, XHTML)

TITLES = {
    400: _("The request cannot be understood"),
    404: _("There is nothing at this address"),
    405: _("This cannot be done here"),
    406: _("Not available in that form"),
    409: _("The registry is not in a state that allows this"),
    410: _("This was here and was retired"),
    500: _("Something went wrong on our side"),
}


class Moved(Exception):
    """The thing is here, under another spelling of its address."""

    def __init__(self, location: str) -> None:
        super().__init__(location)
        self.location = location


class NotAcceptable(RegistryError):
    """None of the media that are offered here is one the reader accepts, or the profile asked for is none of them."""

    code = "not-acceptable"

    def __init__(self, path: str, offers: tuple[Media, ...], *, profile: str = "", tokens: str = "") -> None:
        types = ", ".join(media.type for media in offers)
        if profile:
            message = _("This address is not offered in the profile {profile}.")
            super().__init__(message, remedy=_("There are {tokens}."), profile=profile, tokens=tokens)
        else:
            message = _("This address is offered as {types}.")
            super().__init__(message, remedy=_("Ask for one of these types, or follow one of the links."), types=types)
        self.path, self.offers = path, offers


def install(app: FastAPI) -> None:
    """Answer every error of the application here."""
    app.add_exception_handler(RegistryError, registry_error)
    app.add_exception_handler(HTTPException, http_error)
    app.add_exception_handler(RequestValidationError, parameter_error)
    app.add_exception_handler(Moved, moved)


async def moved(request: Request, error: Exception) -> Response:
    """The one spelling of the address."""
    assert isinstance(error, Moved)
    return redirect(308, error.location)


async def registry_error(request: Request, error: Exception) -> Response:
    """An error of the registry, in its own words."""
    assert isinstance(error, RegistryError)
    lang = _language(request)
    status = 406 if isinstance(error, NotAcceptable) else STATUS.get(error.code, 500)
    detail = " ".join(filter(None, (error.say(lang), error.advise(lang)))) if status < 500 else ""
    if isinstance(error, NotAcceptable):
        return _answer(request, status, detail, offers=error.offers, path=error.path)
    return _answer(request, status, detail, parameter=error.where if error.code == "bad-parameter" else "")


async def http_error(request: Request, error: Exception) -> Response:
    """An error of the framework: no such route, a method that is not allowed."""
    assert isinstance(error, HTTPException)
    lines = dict(error.headers or {})
    if "Allow" in lines:
        lines["Allow"] = "GET, HEAD, OPTIONS" if "GET" in lines["Allow"] else f"{lines['Allow']}, OPTIONS"
    return _answer(request, error.status_code, "", headers=lines)


async def parameter_error(request: Request, error: Exception) -> Response:
    """A parameter of the address that cannot be used: 400, and it is named."""
    assert isinstance(error, RequestValidationError)
    names = dict.fromkeys(str(found["loc"][-1]) for found in error.errors())
    said = registry_sentence(_("The parameter {name} has a value that cannot be used here."), request)
    detail = " ".join(said.replace("{name}", name) for name in names)
    return _answer(request, 400, detail, parameter=", ".join(names))


async def failure(request: Request) -> Response:
    """The last resort: the fault is in the log, the reader learns only that it was ours."""
    return _answer(request, 500, "")


def registry_sentence(sentence: str, request: Request) -> str:
    """A sentence in the reader's language, its places still open."""
    return RegistryError(sentence).say(_language(request))


def _language(request: Request) -> str:
    query, cookies, headers = request.query_params, request.cookies, request.headers
    return negotiate.choose_language(query.get("lang"), cookies.get("lang"), headers.get("accept-language"))


def _answer(
    request: Request,
    status: int,
    detail: str,
    *,
    parameter: str = "",
    offers: tuple[Media, ...] = (),
    path: str = "",
    headers: Mapping[str, str] | None = None,
) -> Response:
    lang = _language(request)
    title = registry_sentence(TITLES.get(status, HTTPStatus(status).phrase), request)
    fixed = negotiate.split(request.url.path)[1]
    media = PROBLEM if fixed in (JSON, JSONLD) else fixed if fixed in OFFERED else None
    accept = request.headers.get("accept")
    media = media or negotiate.choose_media(accept, OFFERED)
    media = media or (PROBLEM if "json" in (accept or "") else PLAIN)  # whoever reads any JSON reads a problem in it
    told = _Told(request, status, title, detail, parameter, lang)
    site = request.app.state.site
    alternates = tuple(
        Link(f"{site.settings.base}{path}.{offer.suffix}", "alternate", {"type": offer.type}) for offer in offers
    )
    answer = Answer(
        body=told.body(media, alternates),
        content_type=media.content_type,
        status=status,
        language=lang,
        cache=NEVER if status >= 500 else "no-cache",
        vary=("Accept", "Accept-Language", "Cookie"),
        links=alternates,
        headers=headers or {},
    )
    return finish(request.headers, answer)


class _Told:
    """An error in words, ready for any medium."""

    def __init__(self, request: Request, status: int, title: str, detail: str, parameter: str, lang: str) -> None:
        self.request, self.status, self.title, self.detail = request, status, title, detail
        self.parameter, self.lang = parameter, lang
        self.site = request.app.state.site
        self.address = self.site.settings.base + quote(request.url.path.lstrip("/"), safe="/:@!$&'()*+,;=~.-_")

    def body(self, media: Media, alternates: tuple[Link, ...]) -> bytes:
        """The error in a medium."""
        if media in (HTML, XHTML):
            page = self.site.renderer.page(self.lang, self.request.url.path.lstrip("/"))
            drawn = bytes(self.site.renderer.draw("problem.html", page, problem=self, alternates=alternates))
            return xhtml(drawn) if media is XHTML else drawn
        if media is PROBLEM:
            return json.dumps(self.details(), ensure_ascii=False).encode()
        if media in OFFERED:
            return bytes(serialise(self.graph(), media.type, self.site.registry.house.prefixes))
        lines = [self.title, self.detail, *(f"{link.attributes['type']} {link.target}" for link in alternates)]
        return "\n".join(filter(None, lines)).encode() + b"\n"

    def details(self) -> dict[str, object]:
        """The members of application/problem+json."""
        found: dict[str, object] = {"type": "about:blank", "title": self.title, "status": self.status}
        extra = {"detail": self.detail, "instance": self.address, "parameter": self.parameter}
        return found | {name: value for name, value in extra.items() if value}

    def graph(self) -> Graph:
        """The error as a response in the W3C's HTTP vocabulary; a fragment, so that no record is spoken of."""
        subject = NamedNode(self.address + "#problem")
        triples = [
            Triple(subject, RDF.type, HTTP.Response),
            Triple(subject, HTTP.statusCodeNumber, Literal(self.status)),
            Triple(subject, DCTERMS.title, Literal(self.title, language=self.lang)),
        ]
        if self.detail:
            triples.append(Triple(subject, DCTERMS.description, Literal(self.detail, language=self.lang)))
        return Graph(triples)
