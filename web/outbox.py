"""The box of letters, for administrators: what was written to whom, and whether it went out.

Where no mail server is set, the letters stay here and are read here, links and all. Where one is set, what they say is
not shown: a link in a letter opens an account, and is for its reader alone. Every look is noted in the audit trail.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from registry import audit, database, outbox
from registry.errors import BadParameter, NotFound
from web.visit import Visit, Visiting
from web.words import marked as _

router = APIRouter()

SIZE = 50
KINDS = {
    "invitation": _("Invitation"),
    "confirmation": _("Confirmation of an address"),
    "already-registered": _("Account there already"),
    "reset": _("New password"),
    "password-changed": _("Password changed"),
    "submitted": _("Submitted"),
    "returned": _("Returned"),
    "published": _("Published"),
    "declined": _("Declined"),
}
STATES = {"waiting": _("Waiting"), "sent": _("Sent"), "failed": _("Failed")}


@router.get("/outbox")
def box(visit: Visiting, state: str = "", page: Annotated[int, Query(ge=1)] = 1) -> Response:
    """The letters, newest first, of one state or of all."""
    visit.known_only()
    if state and state not in STATES:
        raise BadParameter("{value} is none of {names}.", where="state", value=state, names=", ".join(outbox.STATES))
    by = visit.administrator.id
    with database.writing(visit.engine) as connection:
        counts = outbox.counts(connection)
        pages = max(1, -(-(counts[state] if state else sum(counts.values())) // SIZE))
        if page > pages:
            raise NotFound("The last page is {last}.", where="page", last=pages)
        found = outbox.letters(connection, state=state or None, page=page, size=SIZE)
        audit.note(connection, at=visit.now, by=by, action="outbox-read", subject="outbox", origin="browser")
    return visit.private(
        "outbox.html",
        "outbox",
        letters=found,
        counts=counts,
        state=state,
        number=page,
        pages=pages,
        kinds=KINDS,
        states=STATES,
        stays=_stays(visit),
    )


@router.get("/outbox/{id}")
def letter(visit: Visiting, id: str) -> Response:
    """One letter: where it stands, and in the local box also what it says."""
    by = visit.administrator.id
    with database.writing(visit.engine) as connection:
        found = outbox.one(connection, id)
        if found is None:
            raise NotFound("There is no such letter.")
        audit.note(connection, at=visit.now, by=by, action="letter-read", subject=id, origin="browser")
    blocks = [block.splitlines() for block in found.text.split("\n\n")] if _stays(visit) else []
    return visit.private(
        "letter.html", f"outbox/{id}", letter=found, blocks=blocks, kinds=KINDS, states=STATES, stays=_stays(visit)
    )


def _stays(visit: Visit) -> bool:
    """Whether letters stay on this machine."""
    return visit.site.settings.smtp is None
