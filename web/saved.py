"""`/desk/searches`: the searches that a person saved, how many records fit each now, and saving one more.

The public pages know no session, so that they can be kept by caches: their link carries what is asked to the desk.
Source: 2005 report, paragraphs 7 and 8.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from registry import database, saved, wanted
from registry.errors import BadInput, BadParameter, Busy, RegistryError
from registry.saved import Saved
from registry.search import Asked
from web import facets, facetted
from web.ages import ago
from web.render import Page
from web.session import Posting
from web.visit import Visit, Visiting
from web.words import Text
from web.words import marked as _

router = APIRouter()

PATH = "desk/searches"
DONE = {
    "saved": _("The search is saved."),
    "renamed": _("The search has its new name."),
    "removed": _("The search is removed."),
}


@dataclass(frozen=True)
class Line:
    """A saved search as the list shows it: what it asks, how many records fit; or why it cannot be asked any more."""

    saved: Saved
    words: tuple[Text, ...]
    count: int
    made: str
    fault: str


@router.get("/desk/searches")
def index(visit: Visiting, done: str = "") -> Response:
    """The searches of whoever is signed in."""
    mine, page = visit.account, visit.page(PATH)
    with database.reading(visit.engine) as connection:
        found = saved.of(connection, mine.id)
    lines = [_line(visit, page, one) for one in found]
    return visit.private("searches.html", PATH, lines=lines, most=saved.MOST, done=DONE.get(done, ""))


@router.get("/desk/searches/new")
def new(visit: Visiting, of: str = "") -> Response:
    """The page that saves a search; `of` is what it asks, as it stands in the address of the search."""
    asked = _asked(visit, of) if visit.account else None
    return _form(visit, f"{PATH}/new", asked, name=_suggested(visit, asked))


@router.post("/desk/searches")
def save(visit: Visiting, posted: Posting) -> Response:
    """A search is saved."""
    mine, asked = visit.account, _asked(visit, posted.get("of"))
    query, seen = facetted.query(visit.registry, asked), visit.registry.sequence
    try:
        with database.writing(visit.engine) as connection:
            saved.save(
                connection,
                mine.id,
                name=posted.get("name"),
                query=query,
                language=visit.language,
                seen=seen,
                at=visit.now,
            )
    except BadInput as fault:
        return _form(visit, f"{PATH}/new", asked, name=posted.get("name"), status=422, fault=fault)
    return visit.go(f"/{PATH}?done=saved")


@router.get("/desk/searches/{id}")
def change(visit: Visiting, id: str) -> Response:
    """The page that renames or removes a search."""
    one = _one(visit, id)
    return _form(visit, f"{PATH}/{id}", None, name=one.name, one=one)


@router.post("/desk/searches/{id}")
def changed(visit: Visiting, id: str, posted: Posting) -> Response:
    """A search has another name, or is removed."""
    one = _one(visit, id)
    try:
        with database.writing(visit.engine) as connection:
            if posted.get("do") == "remove":
                saved.remove(connection, one.account, id)
            else:
                saved.rename(connection, one.account, id, name=posted.get("name"), at=visit.now)
    except BadInput as fault:
        return _form(visit, f"{PATH}/{id}", None, name=posted.get("name"), one=one, status=422, fault=fault)
    return visit.go(f"/{PATH}?done={'removed' if posted.get('do') == 'remove' else 'renamed'}")


def _one(visit: Visit, id: str) -> Saved:
    with database.reading(visit.engine) as connection:
        return saved.one(connection, visit.account.id, id)


def _asked(visit: Visit, query: str) -> Asked:
    if len(query) > saved.LONGEST:
        raise BadParameter("A search that is saved has at most {count} characters.", where="of", count=saved.LONGEST)
    asked = facetted.parsed(visit.registry, query, visit.language, visit.site.day)
    wanted.read(asked.text)  # what no search reads is not kept either
    return asked


def _form(
    visit: Visit,
    path: str,
    asked: Asked | None,
    *,
    name: str,
    one: Saved | None = None,
    status: int = 200,
    fault: RegistryError | None = None,
) -> Response:
    page = visit.page(path)
    return visit.private(
        "search-saved.html",
        path,
        status,
        one=one,
        of=facetted.query(visit.registry, asked) if asked else "",
        words=list(_words(page, asked)) if asked else [],
        name=name,
        longest=saved.HEADING,
        fault=fault,
    )


def _line(visit: Visit, page: Page, one: Saved) -> Line:
    made = ago(one.made, visit.now, page.lang)
    try:
        asked = facetted.parsed(visit.registry, one.query, page.lang, visit.site.day)
        return Line(one, tuple(_words(page, asked)), visit.site.search.count(asked), made, "")
    except (BadParameter, Busy) as fault:
        return Line(one, (), 0, made, fault.say(page.lang))


def _words(page: Page, asked: Asked) -> Iterator[Text]:
    """What is asked, in words."""
    if asked.text:
        yield Text(f"“{asked.text}”", "und")
    yield from (chip.label for chip in facets.chips(page, asked))


def _suggested(visit: Visit, asked: Asked | None) -> str:
    """A name to begin with: what is asked, as far as it fits."""
    words = _words(visit.page(PATH), asked) if asked else ()
    return ", ".join(word.text for word in words)[: saved.HEADING].strip(", ")
