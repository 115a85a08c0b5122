"""Every error, as the reader asked to be answered: a page, application/problem+json or Turtle, never a stack trace.

Sources: RFC 9457 (problem details); RFC 9110, sections 15.5 and 12.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from registry.errors import Busy, NotSignedIn, RegistryError, Stale, TooMany, Unfit, Unreadable
from registry.terms import Graph
from web import negotiate, reports
from web.answers import NEVER, Answer, Link, finish, redirect
from web.methods import QUERIES, allowed, reads
from web.negotiate import HTML, JSON, JSONLD, PLAIN, PROBLEM, Media
from web.told import OFFERED, Told
from web.words import marked as _

STATUS = {
    **dict.fromkeys(("bad-input", "unreadable", "bad-parameter"), 400),
    "not-signed-in": 401,
    "forbidden": 403,
    "not-found": 404,
    "not-acceptable": 406,
    "conflict": 409,
    "gone": 410,
    "stale": 412,
    "too-large": 413,
    "unsupported-media": 415,
    "unfit": 422,
    "key-reused": 422,
    "precondition-missing": 428,
    "too-many": 429,
    "busy": 503,
}
SECLUDED = (401, 403, 412, 422, 428, 429)  # answers to one reader alone, which no cache keeps

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")

TITLES = {
    400: _("The request cannot be understood"),
    401: _("Sign in first"),
    403: _("This is not yours to do"),
    404: _("There is nothing at this address"),
    405: _("This cannot be done here"),
    406: _("Not available in that form"),
    409: _("The registry is not in a state that allows this"),
    410: _("This was here and was retired"),
    412: _("Somebody else changed it in the meantime"),
    413: _("This is too large"),
    415: _("This kind of content is not read here"),
    422: _("The record is not as its common format says"),
    428: _("Say which version you would change"),
    429: _("Too many requests"),
    500: _("Something went wrong on our side"),
    503: _("This cannot be answered just now"),
}
BUSY = 30  # seconds
REUSED = _("This key belongs to another request")


class Moved(Exception):
    """The thing is here, under another spelling of its address."""

    def __init__(self, location: str) -> None:
        super().__init__(location)
        self.location = location


class Overtaken(Stale):
    """Somebody else published in the meantime; both texts come along, as compact JSON-LD."""

    def __init__(self, error: Stale, **members: object) -> None:
        super().__init__(error.message, remedy=error.remedy, where=error.where, **error.places)
        self.members = members


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
    if isinstance(error, NotSignedIn) and _is_reader(request):
        return _to_sign_in(request)
    lang = _language(request)
    status = status_of(error)
    told = status < 500 or isinstance(error, Busy)
    detail = " ".join(filter(None, (error.say(lang), error.advise(lang)))) if told else ""
    if isinstance(error, NotAcceptable):
        return _answer(request, status, detail, offers=error.offers, path=error.path)
    headers = later(error)
    headers |= {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    headers |= reads(request.app.state.rooms, request.scope) if status == 415 else {}
    named = error.where if error.code == "bad-parameter" else ""
    title = REUSED if error.code == "key-reused" else ""
    report = reports.graph_of(error, request.app.state.site.registry.own) if isinstance(error, Unfit) else None
    members = _members(error, lang)
    return _answer(
        request, status, detail, parameter=named, headers=headers, title=title, members=members, report=report
    )


def status_of(error: RegistryError) -> int:
    """The status that an error is answered with."""
    return STATUS.get(error.code, 500)


def later(error: RegistryError) -> dict[str, str]:
    """When to ask again, where an error passes by itself."""
    after = error.after if isinstance(error, TooMany) else BUSY if isinstance(error, Busy) else None
    return {} if after is None else {"Retry-After": str(after)}


def _members(error: RegistryError, lang: str) -> Mapping[str, object]:
    """What a problem tells beside the words: where, both texts, what was found field by field."""
    if isinstance(error, Unfit):
        return {"findings": reports.of_error(error, lang)}
    if isinstance(error, Unreadable) and error.where:
        return {"where": error.where}
    return error.members if isinstance(error, Overtaken) else {}


def _is_reader(request: Request) -> bool:
    """Whether a person asks for a page: they sign in first and come back."""
    return request.method == "GET" and negotiate.choose_media(request.headers.get("accept"), OFFERED) is HTML


def _to_sign_in(request: Request) -> Response:
    """303 to the form, which leads back here; `next` is always a path below the base."""
    query = f"?{request.url.query}" if request.url.query else ""
    target = urlencode({"next": f"/{request.url.path.lstrip('/')}{query}"})
    location = f"{request.app.state.site.settings.base}sign-in?{target}"
    return Response(status_code=303, headers={"Location": location, "Cache-Control": NEVER, "Vary": "Cookie"})


async def http_error(request: Request, error: Exception) -> Response:
    """An error of the framework: no such route, a method that is not allowed."""
    assert isinstance(error, HTTPException)
    lines = dict(error.headers or {})
    if "Allow" in lines:
        lines["Allow"] = allowed(request.app.state.rooms, request.scope)
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
    title: str = "",
    members: Mapping[str, object] | None = None,
    report: Graph | None = None,
) -> Response:
    lang = _language(request)
    title = registry_sentence(title or TITLES.get(status, HTTPStatus(status).phrase), request)
    media = _medium(request, reported=report is not None)
    told = Told(request, status, title, detail, parameter, lang, members or {}, report)
    site = request.app.state.site
    alternates = tuple(
        Link(f"{site.settings.base}{path}.{offer.suffix}", "alternate", {"type": offer.type}) for offer in offers
    )
    answer = Answer(
        body=told.body(media, alternates),
        content_type=media.content_type,
        status=status,
        language=lang,
        cache=NEVER if status >= 500 or status in SECLUDED else "no-cache",
        vary=("Accept", "Accept-Language", "Cookie"),
        links=alternates,
        headers=headers or {},
    )
    return finish(request.headers, answer)


def _medium(request: Request, *, reported: bool) -> Media:
    """In what an error is told: a program that sends data is told in JSON unless it asks for something else.

    Who asks the query service and names no wish is told in plain text (SPARQL 1.1 Protocol, section 2.1.6).
    """
    fixed = negotiate.split(request.url.path)[1]
    if fixed in OFFERED:
        return fixed
    if fixed in (JSON, JSONLD):
        return PROBLEM
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    program = request.method not in ("GET", "HEAD") and kind not in FORMS
    asking = QUERIES in getattr(request.scope.get("route"), "tags", ())
    offered = ((PLAIN,) if asking else (PROBLEM,) if program else ()) + OFFERED + ((JSONLD,) if reported else ())
    accept = request.headers.get("accept")
    # whoever reads any JSON reads a problem in it
    return negotiate.choose_media(accept, offered) or (PROBLEM if "json" in (accept or "") else PLAIN)
