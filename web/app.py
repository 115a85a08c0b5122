"""The one place where the web is tied together: rooms, doors, errors."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime

from fastapi import APIRouter, FastAPI
from starlette.responses import Response

from registry import settings as from_environment
from registry import snapshot
from registry.errors import NotFound
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
from web.answers import FOREVER, NEVER, Answer, finish
from web.doors import Doors
from web.postman import Postman, Waking, together
from web.render import STATIC
from web.visit import Site, Visiting

ROOMS = (
    home.router,
    records.router,
    memento.router,
    history.router,
    compare.router,
    findings.router,
    registers.router,
    search.router,
    queries.router,
    sparql.router,
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
TYPES = {"css": "text/css; charset=utf-8", "svg": "image/svg+xml", "js": "text/javascript; charset=utf-8"}

ENDLESS = ("search*?", "sparql?", "register/*?", "*?*_profile=", "*?*_mediatype=", "*?*format=")
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
    return app


def _rooms() -> frozenset[str]:
    """The first segments of all addresses, which are written in lower case."""
    paths = (getattr(route, "path", "") for room in (*ROOMS, plain) for route in room.routes)
    return frozenset(path.split("/")[1].split(".")[0].split("{")[0] for path in paths) - {""}


@plain.get("/static/{name}")
def static(visit: Visiting, name: str) -> Response:
    """A file of the look; its address carries a hash of its content."""
    if name not in STATIC:
        raise NotFound("There is nothing called {name}.", name=name)
    answer = Answer(STATIC[name], TYPES[name.rsplit(".", 1)[-1]], cache=FOREVER)
    return finish(visit.request.headers, answer)


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
