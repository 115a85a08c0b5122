"""The owner's desk: what waits for me, my drafts, what I sent, the records that I look after, and a new one to begin.

Nothing of it is kept by a cache. Source: 2005 report, paragraphs 7, 20 and 22.
"""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from registry import database, desk, drafts, people, receipts
from registry.drafts import Draft
from registry.formats import Format
from registry.moves import Owned
from registry.people import Account, Acting
from registry.receipts import Receipt
from registry.registry import Entry
from registry.terms import NamedNode
from web import owned
from web.ages import ago, due
from web.labels import Labels, label_of
from web.owned import Held
from web.render import Page
from web.visit import Visit, Visiting
from web.words import Text
from web.words import marked as _

router = APIRouter()

SIZE = 20
DONE = {
    "confirm": _("Confirmed: its readers see today’s date."),
    "archive": _("Archived. It is kept, and can be restored."),
    "restore": _("Restored from the archive."),
    "delete": _("Retired. Its address tells so for ever."),
    "asked": _("Those who may retire it have been asked."),
    "saved": _("Your draft is saved."),
    "discard": _("The draft is discarded."),
    "withdraw": _("Taken back: you can go on writing."),
}


@dataclass(frozen=True)
class Line:
    """A record on the desk: when its owner last looked at it, what could be better, the draft of it, what may be done.

    `due` says that it should be confirmed again; `moves` are codes.
    """

    entry: Entry
    title: Text
    fresh: str
    due: bool
    findings: int
    draft: Draft | None
    moves: frozenset[str]


@dataclass(frozen=True)
class Paper:
    """A draft on the desk."""

    draft: Draft
    title: Text
    format: Format
    changed: str
    changer: str


@dataclass(frozen=True)
class Sent:
    """A submission on the desk."""

    receipt: Receipt
    title: Text
    received: str


@router.get("/desk")
def index(visit: Visiting, page: int = 1, done: str = "") -> Response:
    """The desk of whoever is signed in."""
    mine, drawn = visit.account, visit.page("desk")
    held = owned.held(visit.registry, mine)
    pages = max(1, -(-len(held) // SIZE))
    page = min(max(1, page), pages)
    papers = _papers(visit, drawn, mine)
    stale = [one for one in held if one.status == "published" and due(one.seen, visit.now)]
    return visit.private(
        "desk.html",
        "desk",
        roles=[role(drawn, acting) for acting in mine.actings],
        lines=[line for one in held[(page - 1) * SIZE : page * SIZE] if (line := _line(visit, drawn, mine, one))],
        held=len(held),
        number=page,
        pages=pages,
        due=len(stale),
        papers=[paper for paper in papers if paper.draft.status != "pending-approval"],
        pending=[paper for paper in papers if paper.draft.status == "pending-approval"],
        returned=sum(paper.draft.status == "changes-requested" for paper in papers),
        waiting=len(owned.waiting(visit.registry, mine)) if owned.decider(visit.registry, mine) else None,
        sent=_sent(visit, drawn, mine),
        formats=[one for one in visit.registry.formats.values() if desk.roles(visit.registry, mine, one)],
        done=DONE.get(done, ""),
    )


def role(page: Page, acting: Acting) -> tuple[Text, list[Text]]:
    """What a role is called, and what it is bound to: country, institution, common format."""
    own, bound = page.registry.own, []
    if acting.country:
        bound.append(page.label(own.concept("countries", acting.country)))
    if acting.institution:
        institution = NamedNode(acting.institution)
        bound.append(page.text(Labels(page.registry, [institution])[institution]))
    if acting.format and acting.format in page.registry.formats:
        bound.append(page.text(page.registry.formats[acting.format].names))
    return page.label(own.concept("user-role", acting.role)), bound


def moves_of(visit: Visit, entry: Entry, whose: Owned) -> frozenset[str]:
    """What whoever is signed in may do with a published record, by the codes of the moves."""
    moves = visit.registry.moves
    return frozenset(
        code
        for code, move in moves.items()
        if entry.status in move.sources and moves.acting(visit.account, code, whose)
    )


def _line(visit: Visit, page: Page, mine: Account, one: Held) -> Line | None:
    registry = visit.registry
    entry = registry.record(one.record.value.rpartition("/")[2])
    if entry is None:
        return None
    sentence = _("Confirmed {when}") if one.confirmed and one.confirmed >= one.modified else _("Changed {when}")
    with database.reading(visit.engine) as connection:
        draft = drafts.of_record(connection, entry.iri)
    return Line(
        entry=entry,
        title=page.text(label_of(registry, entry)),
        fresh=page.say_in_words(sentence, when=ago(one.seen, visit.now, page.lang)),
        due=one.status == "published" and due(one.seen, visit.now),
        findings=len(registry.findings(entry, visit.site.day)),
        draft=draft,
        moves=moves_of(visit, entry, desk.owner_of(registry, entry)),
    )


def _papers(visit: Visit, page: Page, mine: Account) -> list[Paper]:
    with database.reading(visit.engine) as connection:
        found = drafts.belonging(connection, mine)
    return [paper(visit, page, draft) for draft in found]


def paper(visit: Visit, page: Page, draft: Draft) -> Paper:
    """A draft as a list shows it."""
    changed = ago(draft.changed, visit.now, page.lang)
    colleague = draft.changer if draft.changer != visit.account.id else ""
    return Paper(draft, page.titled(draft), visit.registry.formats[draft.format], changed, _name(visit, colleague))


def _sent(visit: Visit, page: Page, mine: Account) -> list[Sent]:
    with database.reading(visit.engine) as connection:
        found = receipts.of_account(connection, mine.id, limit=10)
        drafted = {one.record: page.titled(one) for r in found if (one := drafts.of_record(connection, r.record))}
    labels = Labels(visit.registry, {receipt.record for receipt in found})

    def title(record: NamedNode) -> Text:
        return page.text(labels[record]) if record in labels else drafted.get(record) or page.text(labels[record])

    return [Sent(one, title(one.record), ago(one.received, visit.now, page.lang)) for one in found]


def _name(visit: Visit, account: str) -> str:
    with database.reading(visit.engine) as connection:
        found = people.account(connection, account) if account else None
    return found.name if found else ""
