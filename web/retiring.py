"""The end of a record, asked for by a program: a tombstone where the account may end it, else a request that waits.

Sources: RFC 9110, section 9.3.5; 2005 report, paragraph 23 (b).
"""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from registry import aims, arrivals, desk, retirement, upkeep
from registry.aims import Aim
from registry.deposits import Deposited
from registry.errors import BadInput, Conflict, Stale
from registry.language import LANGUAGES, Texts
from registry.repeats import Kept
from web import preconditions
from web.depositing import answer, given
from web.methods import INTERFACE
from web.sent import Ending, Sent
from web.visit import Visit, Visiting
from web.writing import DryRun, spelt

router = APIRouter(tags=[INTERFACE])


@router.delete("/doc/{name}")
def end(
    visit: Visiting, sent: Ending, name: str, dry: DryRun = False, reason: str = "", successor: str = ""
) -> Response:
    """Retire a record for a reason, in the query or in a body of JSON; or ask those who may to do so."""
    visit.known_only()
    stem, registry, actor = spelt(visit, name), visit.registry, sent.bearer.actor
    registry.follow()
    reasons, following = _stated(visit, sent, reason, successor)
    aim = aims.at(registry, actor, stem, direct=sent.bearer.direct)
    preconditions.demand(visit, aim, None)
    if aim.entry is None or aim.draft:
        raise Conflict(
            "{name} cannot be retired while there is a draft of it.", remedy="Decide about the draft first.", name=stem
        )
    owned = desk.owner_of(registry, aim.entry)
    direct = sent.bearer.direct and registry.moves.acting(actor.account, "delete", owned)
    if dry:
        registry.moves.demand(actor.account, "delete" if direct else "request-deletion", owned)
        successor_entry = retirement.successor_of(registry, stem, following)
        retirement.tombstone(registry, aim.entry, reasons, successor_entry)
        told = {"status": "sound", "changed": False, "identifier": stem, "findings": []}
        return given(visit, sent, Kept(200, {}, json.dumps(told)))
    if not direct:
        asked = upkeep.ask_to_retire(registry, actor, aim.entry, reasons, at=visit.now, successor=following)
        draft = asked.draft
        done = Deposited(draft.status, stem, True, False, draft.base, draft.revision, draft.receipt, asked.secret)
        return given(visit, sent, answer(visit, done), {draft.receipt or "": asked.secret})
    return _retired(visit, sent, aim, reasons, following)


def _retired(visit: Visit, sent: Sent, aim: Aim, reasons: Texts, successor: str | None) -> Response:
    registry, entry = visit.registry, aim.entry
    assert entry
    try:
        event = upkeep.retire(registry, sent.bearer.actor, entry, reasons, at=visit.now, successor=successor)
    except Stale as error:
        registry.follow()
        now = aims.at(registry, sent.bearer.actor, entry.identifier)
        raise preconditions.told(visit, error, now, None) from error
    told: dict[str, Any] = {
        "status": "deleted",
        "changed": True,
        "identifier": entry.identifier,
        "id": entry.iri.value,
        "version": entry.number,
        "event": event.seq,
        "reason": dict(reasons),
        "successor": successor,
    }
    body = json.dumps({name: value for name, value in told.items() if value is not None}, ensure_ascii=False)
    return given(visit, sent, Kept(200, {}, body))


def _stated(visit: Visit, sent: Sent, reason: str, successor: str) -> tuple[Texts, str | None]:
    """The reasons by language and the identifier of the successor; raises BadInput without a reason."""
    said: Any = arrivals.parsed(sent.data) if sent.data.strip() else {}
    if not isinstance(said, dict):
        raise BadInput("The body is no object of JSON.", remedy="Send reason, and successor if any.", where="body")
    stated = said.get("reason", reason)
    reasons = {visit.language: stated} if isinstance(stated, str) else stated
    sound = isinstance(reasons, dict) and all(isinstance(text, str) for text in reasons.values())
    if not sound or not any(text.strip() for text in reasons.values()) or not set(reasons) <= set(LANGUAGES):
        raise BadInput(
            "A reason is needed, in one of the six languages.", remedy="Say in a sentence why.", where="reason"
        )
    following = said.get("successor", successor) or None
    if following is not None and not isinstance(following, str):
        raise BadInput("The successor is the identifier of a record.", where="successor")
    return reasons, following.rsplit("/", 1)[-1] if following else None
