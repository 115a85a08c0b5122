"""What is done to published records without a new version: confirmed, archived, restored, retired.

Confirming costs its owner one press of a button, and shows every reader a fresh date.
Source: 2005 report, paragraphs 10, 23 (b) and 25; confirmation rule of the Biosafety Clearing-House.
"""

from __future__ import annotations

from datetime import datetime

from registry import drafts, notices, receipts, retirement, submission
from registry.database import written
from registry.decisions import FREE, Outcome
from registry.desk import Actor, amend, changing, noted, owned, owner_of, status_of
from registry.errors import Conflict, Gone
from registry.language import Texts
from registry.ledger import ENDS, Event, since_version
from registry.registry import Entry, Registry

MOVES = {"confirm": "confirmed", "archive": "archived", "restore": "restored"}


def change(registry: Registry, actor: Actor, entry: Entry, code: str, *, at: datetime) -> Event:
    """Confirm, archive or restore a record (`code` is the move); raises Conflict where its status does not allow it."""
    registry.moves.demand(actor.account, code, owner_of(registry, entry))
    with registry.ledger.writing() as writer:
        kinds = writer.kinds(entry.iri.value)
        lately = [kind for kind in since_version(kinds) if kind in ("archived", "restored")]
        status = "deleted" if set(ENDS) & set(kinds) else "archived" if lately[-1:] == ["archived"] else "published"
        if status not in registry.moves[code].sources:
            raise Conflict(
                "This cannot be done with a record in this status: {status}.",
                remedy="Look at the record again: somebody may have changed it.",
                status=status_of(registry, status),
            )
        event = writer.append(MOVES[code], entry.iri.value, by=actor.account.id)
        noted(writer.connection, actor, code, entry.identifier, at=at, old=status, new=registry.moves[code].target)
    registry.follow()
    return event


def retire(
    registry: Registry, actor: Actor, entry: Entry, reasons: Texts, *, at: datetime, successor: str | None = None
) -> Event:
    """End the life of a record; raises BadInput without a reason or with a successor that cannot take its place.

    Raises Stale when another version was published since `entry` was read, Gone when it has ended.
    """
    registry.moves.demand(actor.account, "delete", owner_of(registry, entry))
    following = retirement.successor_of(registry, entry.identifier, successor)
    graph = retirement.tombstone(registry, entry, reasons, following)
    with registry.ledger.writing() as writer:
        latest = writer.latest(entry.iri.value)
        if set(ENDS) & set(writer.kinds(entry.iri.value)):
            raise Gone("{name} has ended already.", name=entry.identifier)
        if latest and latest.version != entry.number:
            raise submission.overtaken(entry.identifier, latest.version)
        if open_one := drafts.of_record(writer.connection, entry.iri):
            raise Conflict(
                "{name} cannot be retired while there is a draft of it.",
                remedy="Decide about the draft first.",
                where=open_one.id,
                name=entry.identifier,
            )
        event = retirement.end(registry, writer, "retired", entry, graph, following, by=actor.account.id)
        noted(writer.connection, actor, "delete", entry.identifier, at=at, old=entry.status, new="deleted")
    registry.follow()
    return event


def ask_to_retire(
    registry: Registry, actor: Actor, entry: Entry, reasons: Texts, *, at: datetime, successor: str | None = None
) -> Outcome:
    """Ask those who may to retire a record; it stays as it is until they decide."""
    whose = owner_of(registry, entry)
    registry.moves.demand(actor.account, "request-deletion", whose)
    following = retirement.successor_of(registry, entry.identifier, successor)
    graph = retirement.tombstone(registry, entry, reasons, following)
    with changing(registry) as connection:
        found = drafts.of_record(connection, entry.iri)
    if found:
        raise Conflict(
            "There is a draft of {name} already.",
            remedy="Go on with that one, or discard it first.",
            where=found.id,
            name=entry.identifier,
        )
    found = amend(registry, actor, entry, at=at, asks="retirement")
    with changing(registry) as connection:
        receipt, secret = receipts.write(
            connection,
            entry.iri,
            account=actor.account.id,
            door=actor.door,
            advice=0,
            outcome="pending-approval",
            at=at,
        )
        changes = {"status": "pending-approval", "submitted": written(at), "receipt": receipt, "graph": graph, **FREE}
        after = drafts.save(connection, found, by=actor.account, at=at, **changes)
        noted(connection, actor, "request-deletion", entry.identifier, at=at, old=entry.status, new=after.status)
        to = notices.deciders(connection, registry.moves, owned(registry, after), after.author)
        link = f"{registry.settings.base}desk/draft/{after.id}"
        notices.tell(connection, registry, "submitted", to, after, link=link, at=at, by=actor.account.name)
    return Outcome(after, secret=secret)
