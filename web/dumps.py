"""Dumps at `/dump`: an index for people and programs, the files themselves for ever, and the way to the newest.

Source: RFC 9110, section 14 (ranges); RFC 9530 (Repr-Digest).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from fastapi import APIRouter
from starlette.responses import Response

from registry import dumps
from registry.dumps import MANIFEST, NAME, Dump
from registry.errors import Gone, NotFound
from web import distributions
from web.answers import FOREVER, Answer, Link, finish, http_date, redirect
from web.ranges import marks, ranged
from web.render import Page
from web.visit import Target, Visit, Visiting, fixed_by

router = APIRouter()

PIECE = 2**16


@router.get("/dump")
def index(visit: Visiting) -> Response:
    """What there is to fetch, and the feeds that tell what changes from then on."""
    return visit.reply(_target(visit), None)


@router.get("/dump.{suffix}")
def index_as(visit: Visiting, suffix: str) -> Response:
    """The same in the form that the address fixes."""
    return visit.reply(_target(visit), fixed_by(suffix, "dump"))


@router.get("/dump/latest/{name}")
def latest(visit: Visiting, name: str) -> Response:
    """302 to a file of the newest dump."""
    found = dumps.dumps(visit.site.settings.dumps)
    if not found or not (name == MANIFEST or found[-1].file(name)):
        raise NotFound("There is no file {name}.", name=name)
    return redirect(302, f"{visit.site.settings.base}dump/{found[-1].name}/{name}")


@router.get("/dump/{dump}/{name}")
def file(visit: Visiting, dump: str, name: str) -> Response:
    """A file of a dump: the same for ever, whole or in ranges."""
    folder = visit.site.settings.dumps
    known = {one.name: one for one in dumps.dumps(folder)}
    found = known.get(dump)
    if found is None and NAME.fullmatch(dump) and known and dump < max(known):
        raise Gone("This dump was removed.", remedy="Fetch the newest one: /dump/latest/{name}", name=name)
    if found and name == MANIFEST:
        body = (folder / dump / name).read_bytes()
        return finish(visit.request.headers, Answer(body, "application/json", cache=FOREVER))
    told = found.file(name) if found else None
    if found is None or told is None:
        raise NotFound("There is no file {name}.", name=name)
    headers = {
        **marks(told.sha256),
        "Content-Type": "application/gzip",
        "Content-Disposition": f'attachment; filename="{found.name}-{name}"',
        "Last-Modified": http_date(found.written),
        "Cache-Control": FOREVER,
        "Link": str(Link(visit.registry.own.iri("dump").value, "collection")),
    }
    path = folder / dump / name
    return ranged(visit.request.headers, headers, told.size, lambda start, end: _pieces(path, start, end))


def _pieces(path: Path, start: int, end: int) -> Iterator[bytes]:
    with path.open("rb") as opened:
        opened.seek(start)
        while start < end and (piece := opened.read(min(PIECE, end - start))):
            start += len(piece)
            yield piece


def _target(visit: Visit) -> Target:
    registry, found = visit.registry, dumps.dumps(visit.site.settings.dumps)
    own = registry.own
    feeds = {"ldes": "related", "feed": "related", "oai?verb=Identify": "related"}
    return Target(
        path="dump",
        html=lambda page: _draw(visit, page, found),
        graph=lambda: distributions.graph(registry, found),
        links=lambda: tuple(Link(own.iri(path).value, rel) for path, rel in feeds.items()),
        passing=lambda: True,  # the night writes a dump where the ledger has nothing new for the cache
    )


def _draw(visit: Visit, page: Page, found: list[Dump]) -> bytes:
    newest = found[-1] if found else None
    rows = []
    for register in dict.fromkeys(file.register for file in newest.files) if newest else ():
        format = visit.registry.formats.by_register(register)
        files = [file for file in newest.files if file.register == register] if newest else []
        rows.append((page.text(format.register_names) if format else None, files))
    formats = [(format, page.text(format.register_names)) for format in visit.registry.formats.values()]
    older = list(reversed(found[:-1]))
    return visit.site.renderer.draw("dump.html", page, newest=newest, rows=rows, older=older, formats=formats)
