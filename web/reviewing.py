"""The reviewers' desk: what waits, oldest first; each submission beside what is published, and what is decided of it.

Source: 2005 report, paragraph 23 (d); process of the Biosafety Clearing-House: approve, edit or reject.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from registry import decisions, desk
from registry.desk import Actor
from registry.errors import BadInput, Conflict, Forbidden, RegistryError, Unfit
from registry.findings import Finding
from registry.formats import Format
from registry.terms import NamedNode
from web import owned
from web.ages import ago
from web.desk import Paper, paper
from web.drafting import revision_of
from web.draftpage import STATUS, Kept, checked, kept_of
from web.findings import remarks as in_words
from web.labels import Labels
from web.preview import changed, entry_of, preview, retirement
from web.render import Page
from web.session import Posted, Posting
from web.visit import Visit, Visiting
from web.words import Text
from web.words import marked as _

router = APIRouter()

DONE = {
    "approve": _("Approved: it is published."),
    "request-changes": _("Returned to its author with your remarks."),
    "reject": _("Declined; its author has been told why."),
}
REMARK = "remark."


@dataclass(frozen=True)
class Waiting:
    """A submission in the queue: who it comes from, since when it waits."""

    paper: Paper
    whose: Text | None
    age: str


@dataclass(frozen=True)
class Check:
    """One line of the checks: what is asked, whether it is so, and what to say where it is not."""

    name: str
    passed: bool
    told: str


@router.get("/desk/queue")
def queue(visit: Visiting, done: str = "") -> Response:
    """What waits for whoever is signed in, oldest first."""
    mine, page = visit.account, visit.page("desk/queue")
    if not owned.decider(visit.registry, mine):
        raise Forbidden("None of your roles decides about submissions.", remedy="Your own records are on your desk.")
    found = owned.waiting(visit.registry, mine)
    lines = [
        Waiting(
            paper(visit, page, draft),
            whose(page, draft.country, draft.institution),
            ago(draft.submitted or draft.changed, visit.now, page.lang),
        )
        for draft in found
    ]
    return visit.private("desk-queue.html", "desk/queue", lines=lines, done=DONE.get(done, ""))


def whose(page: Page, country: str | None, institution: str | None) -> Text | None:
    """What a submission comes from: its country or institution."""
    if country:
        return page.label(page.registry.own.concept("countries", country))
    if institution:
        iri = NamedNode(institution)
        return page.text(Labels(page.registry, [iri])[iri])
    return None


@router.get("/desk/draft/{id}/review")
def review(visit: Visiting, id: str) -> Response:
    """A submission, beside the version in force, with what the checks say and what may be decided."""
    return _page(visit, kept_of(visit, id))


@router.post("/desk/draft/{id}/review")
def decide(visit: Visiting, id: str, posted: Posting) -> Response:
    """Approve, return or decline: the button `do` is the code of the move."""
    do, revision, reason = posted.get("do"), revision_of(posted), posted.get("reason").strip()
    registry, actor, at = visit.registry, Actor(visit.account), visit.now
    kept = kept_of(visit, id)
    try:
        if do == "approve":
            decisions.approve(registry, actor, id, revision=revision, at=at)
        elif do == "request-changes":
            remarks = _remarks(posted, registry.formats[kept.draft.format])
            decisions.send_back(registry, actor, id, revision=revision, at=at, reason=reason, remarks=remarks)
        elif do == "reject":
            decisions.decline(registry, actor, id, revision=revision, at=at, reason=reason)
        else:
            raise BadInput("Choose what is to be done.", where="do")
    except (BadInput, Conflict, Forbidden) as fault:
        return _page(visit, kept, fault, posted.fields)
    return visit.go(f"/desk/queue?done={do}")


def _remarks(posted: Posted, format: Format) -> list[tuple[str, str]]:
    """The remarks that were written on fields of the format, or on parts of them; no page sends any other."""
    keys = {field.key for field in format.fields}
    named = (
        (name.removeprefix(REMARK), values[0]) for name, values in posted.fields.items() if name.startswith(REMARK)
    )
    return [(name, text.strip()) for name, text in named if text.strip() and re.split(r"[.~-]", name)[0] in keys]


def _page(
    visit: Visit, kept: Kept, fault: RegistryError | None = None, typed: Mapping[str, list[str]] | None = None
) -> Response:
    found, registry, path = kept.draft, visit.registry, f"desk/draft/{kept.draft.id}/review"
    page, version = visit.page(path), found.asks == "version"
    format = registry.formats[found.format]
    before = registry.record(found.identifier)
    after = entry_of(registry, found)
    told = fault.findings if isinstance(fault, Unfit) else checked(visit, found) if version else ()
    decides = found.status == "pending-approval" and owned.decides(registry, visit.account, found)
    if not decides and found.author != visit.account.id:
        registry.moves.demand(visit.account, "approve", desk.owned(registry, found))
    return visit.private(
        "desk-review.html",
        path,
        200 if fault is None else STATUS.get(fault.code, 409 if isinstance(fault, Conflict) else 422),
        draft=found,
        format=format,
        kept=kept,
        shown=preview(page, after) if version else None,
        ends=retirement(page, found) if not version else None,
        before=before,
        overtaken=bool(before and version and before.number != found.base),
        sections=changed(page, before, after) if before and version else [],
        checks=checks(page, told) if version else [],
        remarks=in_words(page, after, told),
        whose=whose(page, found.country, found.institution),
        age=ago(found.submitted or found.changed, visit.now, page.lang),
        decides=decides,
        own=found.author == visit.account.id,
        groups=[(group, fields) for group, fields in format.groups()] if version else [],
        moves=registry.moves,
        fault=fault,
        typed={name: values[0] for name, values in (typed or {}).items()},
    )


def checks(page: Page, told: tuple[Finding, ...]) -> list[Check]:
    """The checks in short: what must be, what should be, what could be."""
    _say = page.say_in_words
    rows = (
        ("must", _("All that must be put right")),
        ("should", _("What should be better")),
        ("may", _("What could be better")),
    )
    found = []
    for severity, name in rows:
        count = sum(finding.severity == severity for finding in told)
        found.append(Check(_say(name), not count, page.number(count)))
    return found
