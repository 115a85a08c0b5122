"""The one place where the web is tied together: rooms, doors, errors."""

from __future__ import annotations

import gc
import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime

from fastapi import APIRouter, FastAPI
from starlette.responses import Response

from registry import settings as from_environment
from registry import snapshot
from registry.errors import NotFound
from registry.language import LANGUAGES, translation
from registry.registry import Registry, open_registry
from registry.settings import Settings
from web import (
    about,
    account,
    api,
    beginning,
    catalog,
    compare,
    conformance,
    contexts,
    countries,
    desk,
    drafting,
    dumps,
    editor,
    ending,
    feeds,
    files,
    findings,
    formats,
    history,
    home,
    joining,
    ldes,
    memento,
    oai,
    outbox,
    people,
    problems,
    queries,
    receipts,
    records,
    registers,
    retiring,
    reviewing,
    saved,
    search,
    services,
    session,
    sharing,
    signin,
    signposts,
    sitemap,
    sparql,
    terms,
    trail,
    vocabularies,
    void,
    writing,
)
from web import map as atlas
from web.answers import NEVER, Answer, finish
from web.doors import Doors
from web.look import FILES
from web.postman import Postman, Waking, together
from web.repeats import Shortcut
from web.visit import Site, Visiting

ROOMS = (
    sparql.router,  # asked most often; routes are tried in turn
    home.router,
    records.router,
    memento.router,
    history.router,
    compare.router,
    findings.router,
    registers.router,
    search.router,
    queries.router,
    editor.router,
    writing.router,
    retiring.router,
    vocabularies.router,
    ldes.router,
    feeds.router,
    oai.router,
    dumps.router,
    void.router,
    catalog.router,
    services.router,
    conformance.router,
    sitemap.router,
    signposts.router,
    countries.router,
    atlas.router,
    formats.router,
    terms.router,
    contexts.router,
    about.router,
    api.router,
    trail.router,
    people.router,
    account.router,
    joining.router,
    signin.router,
    desk.router,
    saved.router,
    beginning.router,
    drafting.router,
    sharing.router,
    files.router,
    reviewing.router,
    ending.router,
    receipts.router,
    outbox.router,
)

GARBAGE = (10_000, 20, 20)  # new things until the youngest are looked through; rounds of these until the older are
ENDLESS = ("search*?", "sparql*?", "register/*?", "*?*_profile=", "*?*_mediatype=", "*?*format=")
PAGED = ("register/*?page=", "register/*?archived=only$", "register/*?archived=only&page=")

plain = APIRouter()


def create_app(
    registry: Registry,
    settings: Settings,
    today: Callable[[], date] = lambda: datetime.now(UTC).date(),
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> FastAPI:
    """The application over an open registry.

    `today` gives the day that states are asked about, `clock` the moment by which sessions and links end.
    """
    app = FastAPI(
        title="Biosafety Capacity Registry",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.site = site = Site(registry, settings, today, clock)
    app.state.slots = Counter()
    app.state.rooms = tuple(route for room in (*ROOMS, plain) for route in room.routes)
    for room in (*ROOMS, plain):
        app.include_router(room)
    problems.install(app)
    session.install(app)
    app.add_middleware(Shortcut, site=site)
    app.add_middleware(
        Doors, base=settings.base, prefix=site.prefix, rooms=_rooms(), routes=app.state.rooms, failed=problems.failure
    )
    app.router.lifespan_context = site.lifespan
    return app


def serve() -> FastAPI:
    """The application of this process, set by its environment: what uvicorn is given as a factory."""
    settings = from_environment.read()
    registry = open_registry(settings)
    snapshot.clear(settings.data)
    app = create_app(registry, settings)
    site: Site = app.state.site
    site.search.prepare(site.day)
    postman = Postman(registry, settings)
    app.router.lifespan_context = together(site.lifespan, postman.lifespan)
    app.add_middleware(Waking, postman=postman)
    lighten()
    return app


def lighten() -> None:
    """Spare readers the search for garbage among what lives as long as the process: vocabularies, shapes, catalogues.

    Without it a page waits now and then for as long as it takes to draw ten. The catalogues are read before, which else
    the first reader of each language would wait for.
    """
    for lang in LANGUAGES:
        translation(lang)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE)


def _rooms() -> frozenset[str]:
    """The first segments of all addresses, which are written in lower case."""
    paths = (getattr(route, "path", "") for room in (*ROOMS, plain) for route in room.routes)
    return frozenset(path.split("/")[1].split(".")[0].split("{")[0] for path in paths) - {""}


@plain.get("/static/{name}")
def static(visit: Visiting, name: str) -> Response:
    """A file of the look; its address carries a hash of its content."""
    if name not in FILES:
        raise NotFound("There is nothing called {name}.", name=name)
    return finish(visit.request.headers, FILES[name])


@plain.get("/health")
def health(visit: Visiting) -> Response:
    """Whether the registry answers, and the last event it shows."""
    body = json.dumps({"status": "ok", "sequence": visit.registry.sequence}).encode()
    return finish(visit.request.headers, Answer(body, "application/json", cache=NEVER))


@plain.get("/robots.txt")
def robots(visit: Visiting) -> Response:
    """Robots are welcome to everything that is public, page by page, but not to the endless combinations of filters."""
    lines = [
        "User-agent: *",
        *(f"Disallow: {visit.site.prefix}{path}" for path in ENDLESS),
        *(f"Allow: {visit.site.prefix}{path}" for path in (*PAGED, "")),
        f"Sitemap: {visit.site.settings.base}sitemap.xml",
    ]
    return finish(visit.request.headers, Answer("\n".join([*lines, ""]).encode(), "text/plain; charset=utf-8"))
