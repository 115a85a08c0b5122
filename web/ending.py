"""What is done to a published record without a new version: confirmed, archived, restored, retired."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter
from starlette.responses import Response

from registry import database, desk, drafts, upkeep
from registry.desk import Actor
from registry.errors import BadInput, Conflict, Forbidden, RegistryError
from registry.registry import Entry
from registry.retirement import referring
from web.beginning import standing
from web.desk import moves_of
from web.labels import Labels, label_of
from web.session import Posting
from web.visit import Visit, Visiting
from web.words import marked as _

router = APIRouter()

ENDS = {"delete": _("Retire it"), "request-deletion": _("Ask for its retirement")}
SAID = {
    "confirm": _("Nothing has changed and all of it is still true: readers see today’s date."),
    "archive": _("It is no longer current: the lists put it aside, its page and its address stay."),
    "restore": _("It is current again."),
}


@router.get("/desk/record/{identifier}")
def record(visit: Visiting, identifier: str) -> Response:
    """What may be done with a published record, by whoever is signed in."""
    return _page(visit, standing(visit, identifier))


@router.post("/desk/record/{identifier}")
def change(visit: Visiting, identifier: str, posted: Posting) -> Response:
    """One of these: the button `do` is the code of a move."""
    entry, code, actor = standing(visit, identifier), posted.get("do"), Actor(visit.account)
    reasons = {visit.language: posted.get("reason")}
    successor = posted.get("successor").strip() or None
    try:
        if code in upkeep.MOVES:
            upkeep.change(visit.registry, actor, entry, code, at=visit.now)
        elif code == "delete":
            upkeep.retire(visit.registry, actor, entry, reasons, at=visit.now, successor=successor)
        elif code == "request-deletion":
            outcome = upkeep.ask_to_retire(visit.registry, actor, entry, reasons, at=visit.now, successor=successor)
            return visit.go(f"/receipt/{outcome.secret}")
        else:
            raise BadInput("Choose what is to be done.", where="do")
    except (BadInput, Conflict) as fault:
        return _page(visit, entry, fault, posted.fields)
    return visit.go(f"/desk?done={code}")


def _page(
    visit: Visit, entry: Entry, fault: RegistryError | None = None, typed: Mapping[str, list[str]] | None = None
) -> Response:
    registry, path = visit.registry, f"desk/record/{entry.identifier}"
    whose, page = desk.owner_of(registry, entry), visit.page(path)
    moves = moves_of(visit, entry, whose)
    if not moves:
        raise Forbidden("This record is not yours to look after.", remedy="Ask whoever publishes it.")
    with database.reading(visit.engine) as connection:
        draft = drafts.of_record(connection, entry.iri)
    names = referring(registry, entry.identifier)
    labels = Labels(registry, [registry.own.record(name) for name in names])

    def said(name: str) -> str:
        return (typed or {}).get(name, [""])[0]

    status = 200 if fault is None else 409 if isinstance(fault, Conflict) else 422
    return visit.private(
        "desk-record.html",
        path,
        status,
        entry=entry,
        title=page.text(label_of(registry, entry)),
        moves={code: registry.moves[code] for code in (*upkeep.MOVES, *ENDS) if code in moves},
        may=moves,
        ends=ENDS,
        said=SAID,
        draft=draft,
        referring=[(name, page.text(labels[registry.own.record(name)])) for name in names[:20]],
        fault=fault,
        reason=said("reason"),
        successor=said("successor"),
    )
