"""A draft shown to others: as the page that its record will have, and by a link that needs no account.

The link is read only, lasts fourteen days, can be shut at any time, and only its digest is kept: whoever writes in the
draft sees which links are open, by the moment they were made.
"""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter
from starlette.responses import Response

from registry import database, desk, drafts, people, tickets
from registry.desk import Actor
from registry.errors import Conflict, NotFound
from web.draftpage import kept_of
from web.preview import entry_of, preview, retirement
from web.session import Posting
from web.visit import Visit, Visiting
from web.words import marked as _

router = APIRouter()

LASTS = timedelta(days=14)


@router.get("/desk/draft/{id}/preview")
def shown(visit: Visiting, id: str) -> Response:
    """A draft as the page of its record will show it."""
    kept = kept_of(visit, id)
    return _page(visit, f"desk/draft/{id}/preview", kept.draft, mine=True)


@router.get("/desk/draft/{id}/share")
def share_form(visit: Visiting, id: str) -> Response:
    """How a draft is shared, and how that ends."""
    return _share(visit, kept_of(visit, id).draft)


@router.post("/desk/draft/{id}/share")
def share(visit: Visiting, id: str, posted: Posting) -> Response:
    """A new link, shown this once; or all links shut (`do` is `shut`), or the one made at a moment (`shut`)."""
    found = kept_of(visit, id).draft
    if not found.open:
        raise Conflict("This draft is closed: {status}.", remedy="Begin another.", status=found.status)
    if posted.get("do") == "shut" or posted.get("shut"):
        return _shut(visit, found, posted.get("shut"))
    with desk.changing(visit.registry) as connection:
        clear = tickets.issue(connection, "share", id, at=visit.now, lasts=LASTS, account=visit.account.id)
        desk.noted(connection, Actor(visit.account), "share", found.identifier, at=visit.now, new=id)
    return _share(visit, found, clear)


@router.get("/draft/{secret}")
def shared(visit: Visiting, secret: str) -> Response:
    """A draft behind a link: for whoever has the link, signed in or not."""
    with database.reading(visit.engine) as connection:
        ticket = tickets.peek(connection, "share", secret, at=visit.now)
        found = drafts.draft(connection, ticket.subject) if ticket else None
    if found is None or not found.open:
        raise NotFound("There is no draft behind this link.", remedy="Ask whoever sent it for another one.")
    return unreferred(_page(visit, f"draft/{secret}", found, mine=False))


def unreferred(response: Response) -> Response:
    """A page whose address is a secret: no link from it tells where it was followed."""
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _shut(visit: Visit, found: drafts.Draft, made: str) -> Response:
    """Shut the link that was made at a moment, all where none is named; one that is shut already is no fault."""
    visit.registry.moves.demand(visit.account, "save-draft", desk.owned(visit.registry, found))
    with desk.changing(visit.registry) as connection:
        links = tickets.of(connection, "share", found.id, visit.now)
        for one in (one for one in links if made in ("", one.made.isoformat())):
            tickets.close(connection, one)
            old = f"{found.id} {one.made.isoformat()}"
            desk.noted(connection, Actor(visit.account), "unshare", found.identifier, at=visit.now, old=old)
    return _share(visit, found, said=_("The link is shut.") if made else _("All links are shut."))


def _share(visit: Visit, found: drafts.Draft, clear: str = "", *, said: str = "") -> Response:
    path = f"desk/draft/{found.id}/share"
    writes = visit.registry.moves.acting(visit.account, "save-draft", desk.owned(visit.registry, found)) is not None
    with database.reading(visit.engine) as connection:
        links = tickets.of(connection, "share", found.id, visit.now) if writes and found.open else []
        known = (people.account(connection, id) for id in {one.account for one in links if one.account})
        names = {one.id: one.name for one in known if one}
    return visit.private(
        "desk-share.html",
        path,
        201 if clear else 200,
        draft=found,
        link=f"{visit.site.settings.base}draft/{clear}" if clear else "",
        until=visit.now + LASTS,
        links=links,
        names=names,
        said=said,
    )


def _page(visit: Visit, path: str, found: drafts.Draft, *, mine: bool) -> Response:
    page, door = visit.page(path), "" if mine else f"{path}/"
    return visit.private(
        "desk-preview.html",
        path,
        draft=found,
        format=visit.registry.formats[found.format],
        shown=preview(page, entry_of(visit.registry, found), door) if found.asks == "version" else None,
        ends=retirement(page, found) if found.asks != "version" else None,
        mine=mine,
    )
