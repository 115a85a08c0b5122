"""Atom feeds of what changes: of all records, or of one register, in the reader's language.

`/feed/projects` holds the newest changes; what came before stands in archives, `?page=3`, which never change and lead
each to the one before. An entry is a record, so whoever reads the archives from the oldest on keeps the last that is
said of each. A record that ended is a deleted entry. Sources: RFC 4287; RFC 5005, section 4; RFC 6721.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated
from xml.etree.ElementTree import Element

from fastapi import APIRouter, Query
from starlette.responses import Response

from registry.errors import NotFound
from registry.feed import ALL, Change, Feed, Leaf
from registry.formats import Format
from registry.language import base_language
from registry.registry import Registry
from registry.standing import ending
from web import atom
from web.answers import FOREVER, FRESH, Answer, Link, finish
from web.hits import shortened
from web.labels import texts_of
from web.negotiate import ATOM, Media, choose_media
from web.problems import NotAcceptable
from web.render import Page
from web.visit import Visit, Visiting
from web.words import marked as _

router = APIRouter()

Number = Annotated[int | None, Query(alias="page", ge=1)]


@router.get("/feed")
def feed(visit: Visiting, number: Number = None) -> Response:
    """What changed among all records."""
    return _reply(visit, None, number, None)


@router.get("/feed.atom")
def feed_as(visit: Visiting, number: Number = None) -> Response:
    """The same, in the one form it has."""
    return _reply(visit, None, number, ATOM)


@router.get("/feed/{name}")
def of_register(visit: Visiting, name: str, number: Number = None) -> Response:
    """What changed in a register."""
    stem = name.removesuffix(f".{ATOM.suffix}")
    return _reply(visit, register_of(visit.registry, stem), number, ATOM if stem != name else None)


@dataclass(frozen=True)
class View:
    """What is shown of a feed: which page, whether as the newest, whether it never changes again."""

    format: Format | None
    leaf: Leaf | None
    current: bool
    archived: bool


def register_of(registry: Registry, name: str) -> Format:
    """The format of a register by the end of its address; raises NotFound for none."""
    found = registry.formats.by_register(name)
    if found is None:
        raise NotFound("There is nothing called {name}.", name=name)
    return found


def leaf_of(feed: Feed, number: int, code: str) -> Leaf:
    """A page of a feed; raises NotFound where it has not as many."""
    found = feed.page(number, code)
    if found is None:
        raise NotFound("There is nothing called {name}.", name=f"page={number}")
    return found


def _reply(visit: Visit, format: Format | None, number: int | None, fixed: Media | None) -> Response:
    visit.known_only()
    path, code = (f"feed/{format.register}", format.type_code) if format else ("feed", ALL)
    offered = choose_media(visit.request.headers.get("accept"), (ATOM,))
    if not (fixed or offered):
        raise NotAcceptable(path, (ATOM,))
    feed = visit.site.feed.upto(visit.registry.sequence)
    newest = next(iter(feed.pages(code)[-1:]), None)
    leaf = leaf_of(feed, number, code) if number else newest
    archived = bool(number and leaf and leaf.full)
    view = View(format, leaf, current=number is None, archived=archived)
    named = base_language(visit.request.query_params.get("lang", "")) is not None
    key = (path, number, visit.language, named, archived or visit.registry.sequence)
    answer = visit.site.pages.get(key, lambda: _answer(visit, path, view, named=named))
    return finish(visit.request.headers, answer, visit.now)


def _answer(visit: Visit, path: str, view: View, *, named: bool) -> Answer:
    """The feed before it meets the conditions of a request; `named`: the address says the language."""
    code = view.format.type_code if view.format else ALL
    changes = visit.site.feed.on(view.leaf, code) if view.leaf else []
    return Answer(
        body=_draw(visit.page(path), view, changes),
        content_type=ATOM.content_type,
        language=visit.language,
        modified=view.leaf.ends if view.leaf else None,
        cache=FOREVER if view.archived and named else FRESH,
        vary=() if named else ("Accept-Language", "Cookie"),
        links=(Link(visit.registry.own.iri("dump").value, "collection"),),
    )


def _draw(page: Page, view: View, changes: Iterable[Change]) -> bytes:
    format, leaf = view.format, view.leaf
    name = page.say_in_words(_("Biosafety Capacity Registry"))
    title = f"{page.text(format.register_names).text} – {name}" if format else name
    base = page.absolute(f"{page.path}.{ATOM.suffix}")

    def address(number: int | None) -> str:
        return f"{base}?{f'page={number}&' if number else ''}lang={page.lang}"

    updated = leaf.ends if leaf else page.registry.changed
    root = atom.feed(page, f"{page.absolute(page.path)}?lang={page.lang}", title, name, updated)
    number = leaf.number if leaf else 1
    atom.link(root, "self", address(None if view.current else number))
    atom.link(root, "alternate", page.absolute(f"register/{format.register}" if format else "register"), "text/html")
    if number > 1:
        atom.link(root, "prev-archive", address(number - 1))
    if not view.current:
        atom.link(root, "current", address(None))
    if view.archived:
        atom.archive(root)
    last = {change.identifier: change for change in changes}  # of a record its newest state on this page
    for change in sorted(last.values(), key=lambda change: -change.event.seq):
        _entry(root, page, change)
    return atom.written(root)


def _entry(root: Element, page: Page, change: Change) -> None:
    registry, at = page.registry, change.event.entered
    if change.act == "delete":
        end = ending(change.event, registry.own)
        gone = atom.deleted(root, change.record.value, at, page.text(end.reasons))
        if end.successor:
            atom.link(gone, "related", registry.own.doc(end.successor).value, "text/html")
        return
    format, doc = change.format, registry.own.doc(change.identifier).value
    titles = texts_of(registry, change.graph.objects(change.record, format.label.path)) if format else {}
    title = page.text(titles or {"und": change.identifier})
    added = atom.entry(root, change.record.value, title, at, change.standing.issued)
    atom.link(added, "alternate", doc, "text/html")
    atom.link(added, "alternate", f"{doc}.ttl", "text/turtle")
    atom.link(added, "via", registry.own.iri(f"ldes/{change.event.seq}").value, "text/turtle")
    if format:
        atom.category(added, format.register, page.text(format.names).text)
        texts = change.graph.texts(change.record, format.description.path) if format.description else {}
        if texts:
            intro = shortened(page.text(texts))
            atom.add(added, "summary", intro.text, intro.lang)
