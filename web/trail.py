"""The audit trail, for administrators: who did what to what, when, through which door. Reading it is noted in it."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from registry import audit, database, people
from registry.errors import LedgerBroken
from web.visit import Visiting

router = APIRouter()

SIZE = 100


@router.get("/trail")
def trail(visit: Visiting, subject: str = "", by: str = "", before: str = "") -> Response:
    """Acts, newest first: all, of a subject, by an account; and whether the chain holds."""
    reader = visit.administrator
    asked = {"subject": subject or None, "by": by or None}
    last = int(before) if before.isascii() and before.isdigit() and len(before) < 18 else None
    with database.reading(visit.engine) as connection:
        acts = audit.acts(connection, **asked, before=last, limit=SIZE + 1)
        names = {one.id: one.name for one in people.everyone(connection)}
        try:
            count, broken = audit.verify(connection), None
        except LedgerBroken as error:
            count, broken = 0, error
    with database.writing(visit.engine) as connection:
        read = " ".join(f"{name}={value}" for name, value in asked.items() if value) or "all"
        audit.note(
            connection, at=visit.now, by=reader.id, action="trail-read", subject="trail", origin="browser", new=read
        )
    shown, more = acts[:SIZE], len(acts) > SIZE
    return visit.private(
        "trail.html",
        "trail",
        acts=shown,
        older=shown[-1].seq if more else None,
        who=names,
        count=count,
        broken=broken,
        asked={name: value for name, value in asked.items() if value},
    )
