"""A draft and its form: written step by step, saved sound or not, checked, sent.

Every button saves first. What was typed is never lost: where it cannot be saved it comes back in the form, beside what
somebody else saved in the meantime. Source: 2005 report, paragraphs 7 and 22; threats: concurrent edits.
"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from registry import decisions, desk, drafts, footing
from registry.desk import Actor
from registry.drafts import Draft
from registry.errors import Conflict, Forbidden, Unfit
from registry.terms import Graph
from web import owned, uploads
from web.draftform import Look, read, step_of
from web.draftpage import OFFERED, SENDING, Kept, checked, editable, form_page, kept_of, reading_page
from web.entries import REDRAWING
from web.forms import ALL
from web.inputs import field_of
from web.session import Posted, posting
from web.steps import steps
from web.visit import Visit, Visiting

router = APIRouter()

NEW = "new:"  # before the register where a record to refer to is begun


@router.get("/desk/draft/{id}")
def write(
    visit: Visiting,
    id: str,
    step: str = "",
    view: str = "",
    more: Annotated[tuple[str, ...], Query()] = (),
    check: str = "",
) -> Response:
    """The form of a draft; for those who cannot write in it now, what it says."""
    kept = kept_of(visit, id)
    found = kept.draft
    if (
        not step
        and not view
        and found.status == "pending-approval"
        and owned.decides(visit.registry, visit.account, found)
    ):
        return visit.go(f"/desk/draft/{id}/review")
    if found.asks != "version" or not editable(visit, found):
        return reading_page(visit, kept)
    told = checked(visit, found) if check else ()
    return form_page(visit, kept, found.graph, Look(ALL if view == "all" else step, more, told, bool(check)))


@router.post("/desk/draft/{id}")
def save(visit: Visiting, id: str, posted: Annotated[Posted, Depends(posting(uploads.WHOLE))]) -> Response:
    """Save what the form says, then do what its button says: stay, go on, leave, check, send, give up."""
    kept, do = kept_of(visit, id), posted.get("do")
    found = kept.draft
    if do == "withdraw" or (found.asks != "version" and do in OFFERED):
        return _without_text(visit, kept, do, revision_of(posted))
    format = visit.registry.formats[found.format]
    step = step_of(format, visit.registry.concepts, posted.get("step"))
    page = visit.page(f"desk/draft/{id}")
    if found.asks != "version":
        return visit.go(f"/desk/draft/{id}")
    mine = editable(visit, found) and revision_of(posted) == found.revision  # else what is sent is not saved either
    posted, refused = uploads.taken(visit, found, posted) if mine else (posted, ())
    graph, look = read(visit.registry, page, found, posted.fields, step), Look(step)
    try:
        if do in OFFERED:
            visit.registry.moves.demand(visit.account, do, desk.owned(visit.registry, found))
        saved = _save(visit, found, graph, posted, do)
    except (Conflict, Forbidden) as fault:
        newer = kept_of(visit, id)
        graph = read(visit.registry, page, newer.draft, posted.fields, step)
        return form_page(visit, newer, graph, look, fault, note=posted.get("private-note"))
    if refused:
        look = Look(step, uploads.bare(refused, saved), refused, checked=True, refused=True)
        return form_page(visit, kept_of(visit, id), saved.graph, look, status=422)
    if do in SENDING:
        return _send(visit, id, do, saved.revision, step)
    if do == "discard":
        desk.discard(visit.registry, Actor(visit.account), id, revision=saved.revision, at=visit.now)
        return visit.go("/desk?done=discard")
    if do == "leave":
        with desk.changing(visit.registry) as connection:
            drafts.let_go(connection, saved, by=visit.account)
        return visit.go("/desk?done=saved")
    return visit.go(_onward(visit, saved, posted, step))


def _save(visit: Visit, found: Draft, graph: Graph, posted: Posted, do: str) -> Draft:
    """The draft with what was typed, on the newest version of its record where its author has compared the two."""
    note = posted.get("private-note") if "private-note" in posted.fields else None
    keep = footing.renew if do == "rebase" else desk.save
    revision = revision_of(posted)
    return keep(visit.registry, Actor(visit.account), found.id, graph, revision=revision, at=visit.now, note=note)


def _onward(visit: Visit, saved: Draft, posted: Posted, step: str) -> str:
    """The page behind a button: the same step where more was asked for, the next, the checked one, another record."""
    do, query, anchor = posted.get("do"), {"step": step}, ""
    format = visit.registry.formats[saved.format]
    if do.startswith(NEW) and (other := visit.registry.formats.by_register(do.removeprefix(NEW))):
        return f"/desk/new/{other.register}"
    keys = [one.key for one in steps(format, visit.registry.concepts)]
    if do == "next" and step in keys[:-1]:
        query["step"] = keys[keys.index(step) + 1]
    if do == "previous" and step in keys[1:]:
        query["step"] = keys[keys.index(step) - 1]
    if do == "check":
        query["check"], anchor = "yes", "#summary"
    for button in REDRAWING:
        if field_of(name := posted.get(button), format.fields):
            query |= {"more": name} if button == "add" else {}
            anchor = "#" + (_owner(name) if button == "remove" else name)
    return f"/desk/draft/{saved.id}?{urlencode(query)}{anchor}"


def _owner(prefix: str) -> str:
    """The name of the field that a part belongs to: `contact` of `contact-1`."""
    before, dot, last = prefix.rpartition(".")
    return before + dot + last.split("~")[0].rsplit("-", 1)[0]


def _send(visit: Visit, id: str, do: str, revision: int, step: str) -> Response:
    """Submit or publish; what stands against it is told beside the fields."""
    act = decisions.submit if do == "request-publication" else decisions.publish
    try:
        outcome = act(visit.registry, Actor(visit.account), id, revision=revision, at=visit.now)
    except (Conflict, Forbidden, Unfit) as fault:
        kept = kept_of(visit, id)
        told = fault.findings if isinstance(fault, Unfit) else ()
        look = Look(step, findings=tuple(told), checked=bool(told), refused=bool(told))
        return form_page(visit, kept, kept.draft.graph, look, fault)
    return visit.go(f"/receipt/{outcome.secret}" if outcome.secret else f"/desk/receipt/{outcome.draft.receipt}")


def _without_text(visit: Visit, kept: Kept, do: str, revision: int) -> Response:
    """What is done to a draft that has no form, or none just now."""
    registry, actor, id = visit.registry, Actor(visit.account), kept.draft.id
    try:
        if do == "withdraw":
            decisions.withdraw(registry, actor, id, revision=revision, at=visit.now)
        elif do == "discard":
            desk.discard(registry, actor, id, revision=revision, at=visit.now)
        else:
            return _send(visit, id, do, revision, "")
    except Conflict as fault:
        return reading_page(visit, kept_of(visit, id), fault)
    return visit.go(
        f"/desk/draft/{id}?step=" if do == "withdraw" and kept.draft.asks == "version" else f"/desk?done={do}"
    )


def revision_of(posted: Posted) -> int:
    """The revision that a form was drawn from; one that is no number fits none."""
    said = posted.get("revision")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else -1
