"""The page of a draft: its form with what is to be told about it, or what it says where it cannot be written in."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from registry import database, desk, drafts, people, submission
from registry.desk import Actor
from registry.drafts import Draft, Remark
from registry.errors import Conflict, Forbidden, RegistryError, Stale
from registry.findings import Finding
from registry.terms import Graph
from web import owned
from web.ages import ago
from web.draftform import Look, drawn
from web.forms import ALL
from web.preview import Beside, beside, entry_of, preview, retirement
from web.visit import Visit

SENDING = ("request-publication", "publish")
OFFERED = (*SENDING, "discard", "withdraw")
STATUS = {"stale": 412, "unfit": 422, "forbidden": 403}


@dataclass(frozen=True)
class Kept:
    """A draft as it stands, with what was said of it and who holds it."""

    draft: Draft
    remarks: tuple[Remark, ...]
    names: dict[str, str]

    def name(self, account: str | None) -> str:
        """What somebody is called; nothing for nobody."""
        return self.names.get(account or "", "")


def kept_of(visit: Visit, id: str) -> Kept:
    """A draft that whoever is signed in may see; raises NotSignedIn, NotFound."""
    mine = visit.account
    with database.reading(visit.engine) as connection:
        found = desk.find(visit.registry, connection, Actor(mine), id)
        remarks = tuple(drafts.remarks(connection, found))
        ids = {found.author, found.changer, found.held, *(remark.by for remark in remarks)} - {None}
        known = (people.account(connection, str(one)) for one in ids)
        return Kept(found, remarks, {one.id: one.name for one in known if one})


def moves_of(visit: Visit, found: Draft) -> frozenset[str]:
    """What whoever is signed in may do with a draft in its status."""
    moves, whose = visit.registry.moves, desk.owned(visit.registry, found)
    fitting = [code for code in OFFERED if found.status in moves[code].sources]
    codes = {code for code in fitting if moves.acting(visit.account, code, whose)}
    return frozenset(codes | ({"approve"} if owned.decides(visit.registry, visit.account, found) else set()))


def editable(visit: Visit, found: Draft) -> bool:
    """Whether whoever is signed in may write in a draft as it stands."""
    try:
        desk.editable(visit.registry, Actor(visit.account), found)
    except (Conflict, Forbidden):
        return False
    return True


def checked(visit: Visit, found: Draft) -> tuple[Finding, ...]:
    """What the checks find in a draft on the day."""
    return tuple(submission.findings(visit.registry, found.record, found.graph, day=visit.site.day))


def form_page(
    visit: Visit,
    kept: Kept,
    graph: Graph,
    look: Look,
    fault: RegistryError | None = None,
    *,
    note: str | None = None,
    status: int = 200,
) -> Response:
    """The form of a draft, filled with `graph`; with a fault, also what somebody else saved beside it."""
    found, path = kept.draft, f"desk/draft/{kept.draft.id}"
    page = visit.page(path)
    made = drawn(page, visit.account, found, graph, look, kept.remarks)
    moves = moves_of(visit, found)
    told = {code: visit.registry.moves[code] for code in OFFERED if code in moves}
    if "publish" in told:
        told.pop("request-publication", None)
    return visit.private(
        "desk-draft.html",
        path,
        status if fault is None else STATUS.get(fault.code, 409),
        draft=found,
        format=visit.registry.formats[found.format],
        title=preview(page, entry_of(visit.registry, found, graph)).title,
        form=made,
        whole=made.step == ALL,
        look=look,
        moves=told,
        sending=[code for code in SENDING if code in told],
        kept=kept,
        holder=_holder(visit, kept),
        changed=ago(found.changed, visit.now, page.lang),
        note=found.note if note is None else note,
        fault=fault,
        sides=_sides(visit, kept, graph, fault),
        rebase=_overtaken(fault),
    )


def _holder(visit: Visit, kept: Kept) -> str:
    """Who else is writing in a draft now."""
    found = kept.draft
    held = found.held not in (None, visit.account.id) and found.held_until and visit.now < found.held_until
    return kept.name(found.held) if held else ""


def _overtaken(fault: RegistryError | None) -> bool:
    """Whether the record itself was published anew since the draft was begun."""
    return isinstance(fault, Stale) and fault.where.startswith("v/")


def _sides(visit: Visit, kept: Kept, graph: Graph, fault: RegistryError | None) -> list[Beside]:
    """What was saved or published in the meantime, beside what was typed."""
    if not isinstance(fault, Stale):
        return []
    page, registry = visit.page(""), visit.registry
    mine = entry_of(registry, kept.draft, graph)
    theirs = registry.record(kept.draft.identifier) if _overtaken(fault) else entry_of(registry, kept.draft)
    return beside(page, theirs, mine) if theirs else []


def reading_page(visit: Visit, kept: Kept, fault: RegistryError | None = None) -> Response:
    """What a draft says, how it stands, and what may be done with it."""
    found, path = kept.draft, f"desk/draft/{kept.draft.id}"
    page, moves = visit.page(path), moves_of(visit, kept.draft)
    offered = [code for code in OFFERED if code in moves]
    if found.asks != "version":
        offered = [code for code in offered if code != "publish"]
    return visit.private(
        "desk-reading.html",
        path,
        200 if fault is None else STATUS.get(fault.code, 409),
        draft=found,
        format=visit.registry.formats[found.format],
        shown=preview(page, entry_of(visit.registry, found)) if found.asks == "version" else None,
        ends=retirement(page, found) if found.asks != "version" else None,
        moves={code: visit.registry.moves[code] for code in offered},
        reviews="approve" in moves,
        kept=kept,
        changed=ago(found.changed, visit.now, page.lang),
        fault=fault,
    )
