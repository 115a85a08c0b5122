"""Receipts: what became of a submission, told to whoever holds its secret link, and on the desk of whoever sent it.

A receipt names roles and institutions, never people; what reviewers wrote is read on the desk only.
Source: 2005 report, paragraphs 22 and 25.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter
from starlette.responses import Response

from registry import database, receipts
from registry.errors import NotFound
from registry.formats import Format
from registry.receipts import Receipt
from registry.records import identifier as as_identifier
from registry.shape import path_name
from web import owned
from web.labels import Labels
from web.render import Page
from web.sharing import unreferred
from web.visit import Visit, Visiting
from web.words import Text
from web.words import marked as _

router = APIRouter()

DOORS = {
    "form": _("By the form of the desk"),
    "api": _("By a program"),
    "command": _("By the operators of the registry"),
}


@dataclass(frozen=True)
class Step:
    """One thing that happened to a submission; without a moment, what it waits for."""

    at: datetime | None
    said: str
    note: str = ""


@router.get("/receipt/{secret}")
def by_link(visit: Visiting, secret: str) -> Response:
    """A receipt behind its secret link: nobody need be signed in."""
    with database.reading(visit.engine) as connection:
        found = receipts.opened(connection, secret, at=visit.now)
    return unreferred(_page(visit, f"receipt/{secret}", found, mine=False))


@router.get("/desk/receipt/{id}")
def mine(visit: Visiting, id: str) -> Response:
    """A receipt of mine."""
    account = visit.account
    with database.reading(visit.engine) as connection:
        found = receipts.receipt(connection, id)
    if found.account != account.id:
        raise NotFound("There is no receipt {name}.", name=id)
    return _page(visit, f"desk/receipt/{id}", found, mine=True)


def _page(visit: Visit, path: str, found: Receipt, *, mine: bool) -> Response:
    registry, page = visit.registry, visit.page(path)
    name = as_identifier(found.identifier)
    format = registry.formats.by_code(name[0].type_code) if name else None
    there = registry.record(found.identifier) is not None
    return visit.private(
        "desk-receipt.html",
        path,
        receipt=found,
        format=format,
        title=page.text(Labels(registry, [found.record])[found.record]) if there else None,
        there=there,
        story=story(page, found, format, name[0].owner if name else ""),
        outcome=registry.own.concept("record-status", found.outcome),
        roles=_deciders(page, found, format, name[0].owner if name else ""),
        registered=format.register if format else "",
        mine=mine,
        link=f"{visit.site.settings.base}{path}" if not mine else "",
    )


def story(page: Page, found: Receipt, format: Format | None, owner: str) -> list[Step]:
    """What happened, in its order: received, checked, and what was decided."""
    say, count = page.say_in_words, page.number(found.advice)
    steps = [Step(found.received, say(_("Received")), say(DOORS.get(found.door, DOORS["api"])))]
    if found.checked:
        advice = say(_("Nothing stands against its publication; pieces of advice: {count}"), count=count)
        steps.append(Step(found.checked, say(_("Checked")), advice))
    decided, said = found.decided, _SAID.get(found.outcome)
    if found.outcome == "published" and found.version:
        number = page.number(found.version)
        if found.seq:
            steps.append(Step(decided, say(_("Published in version {number}"), number=number)))
        else:
            steps.append(
                Step(decided, say(_("It says the same as version {number}: nothing new was published"), number=number))
            )
    elif found.outcome == "deleted" and found.seq:
        steps.append(Step(decided, say(_("The record was retired"))))
    elif said:
        steps.append(Step(decided, say(said[0]), say(said[1]) if said[1] else ""))
    return steps


_SAID = {
    "changes-requested": (_("Returned with a message"), _("Sign in to read it and to go on writing.")),
    "deleted": (_("Declined, with a reason"), _("Sign in to read it.")),
    "draft": (_("Taken back by its author"), ""),
}


def _deciders(page: Page, found: Receipt, format: Format | None, owner: str) -> list[Text]:
    """Whom a submission waits for: the roles that decide; of a country where they speak for one."""
    if found.outcome != "pending-approval" or format is None:
        return []
    roles = owned.deciding_roles(page.registry, format)
    country = page.registry.concepts.get(page.registry.own.concept("countries", owner))
    named = []
    for role in roles:
        bound = page.registry.moves.bound(path_name(role))
        if country and bound == "country":
            both = page.say_in_words(_("{role}, {name}"), role=page.label(role).text, name=country.label(page.lang))
            named.append(Text(both, page.lang))
        else:
            named.append(page.label(role))
    return named
