"""What is decided about drafts: submitted, published, approved, returned, declined, taken back.

A publication, its receipt, its letters and its line in the audit trail are one transaction with the event of the
ledger. The checks run before it; what they saw is held by the version that the draft began from.
Source: 2005 report, paragraph 23 (d); process of the Biosafety Clearing-House: approve, edit or reject.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from registry import drafts, notices, people, receipts, retirement, submission
from registry.database import Connection, written
from registry.desk import Actor, changing, find, noted, owned, require
from registry.drafts import Draft
from registry.errors import Forbidden, Gone, Unfit
from registry.findings import Finding
from registry.ledger import Event, Writer
from registry.people import Account
from registry.records import spoken
from registry.registry import Registry
from registry.shape import path_name
from registry.submission import Version
from registry.terms import DCTERMS


@dataclass(frozen=True)
class Outcome:
    """What came of an act: the draft behind it, the event if anything was published, the secret of its receipt."""

    draft: Draft
    event: Event | None = None
    secret: str = ""
    findings: tuple[Finding, ...] = ()


def checked(registry: Registry, found: Draft, at: datetime) -> tuple[Finding, ...]:
    """What the checks advise; raises Unfit, with the findings, where they refuse."""
    told = tuple(submission.findings(registry, found.record, found.graph, day=at.date()))
    if any(finding.blocks for finding in told):
        raise Unfit(
            "The record cannot be published yet. Answers that need mending: {count}.",
            remedy="Mend what is marked.",
            findings=told,
            count=sum(finding.blocks for finding in told),
        )
    return told


def submit(registry: Registry, actor: Actor, id: str, *, revision: int, at: datetime) -> Outcome:
    """Send a draft to those who may publish it."""
    found = _read(registry, actor, id, "request-publication", revision)
    told = checked(registry, found, at) if found.asks == "version" else ()
    with changing(registry) as connection:
        found = _again(registry, connection, actor, id, "request-publication", revision)
        return submitted(registry, connection, actor, found, told, at=at)


def submitted(
    registry: Registry, connection: Connection, actor: Actor, found: Draft, told: tuple[Finding, ...], *, at: datetime
) -> Outcome:
    """The same in a transaction that the caller began and read the draft in; `told` is what its checks advised."""
    receipt, secret = receipts.write(
        connection,
        found.record,
        account=actor.account.id,
        door=actor.door,
        advice=len(told),
        outcome="pending-approval",
        at=at,
    )
    changes = {"status": "pending-approval", "submitted": written(at), "receipt": receipt, **FREE}
    after = drafts.save(connection, found, by=actor.account, at=at, **changes)
    noted(connection, actor, "submit", found.identifier, at=at, old=found.status, new="pending-approval")
    to = notices.deciders(connection, registry.moves, owned(registry, found), found.author)
    link = f"{registry.settings.base}desk/draft/{found.id}"
    notices.tell(connection, registry, "submitted", to, after, link=link, at=at, by=actor.account.name)
    return Outcome(after, secret=secret, findings=told)


FREE: dict[str, object] = {"held": None, "held_until": None}


def publish(registry: Registry, actor: Actor, id: str, *, revision: int, at: datetime) -> Outcome:
    """Publish a draft of one's own, where its category allows that without anybody's approval."""
    return _publish(registry, actor, id, "publish", revision, at)


def approve(registry: Registry, actor: Actor, id: str, *, revision: int, at: datetime) -> Outcome:
    """Publish what somebody submitted, or retire the record where they asked for that.

    Raises Forbidden to its author where a second person is asked for.
    """
    return _publish(registry, actor, id, "approve", revision, at)


def _publish(registry: Registry, actor: Actor, id: str, code: str, revision: int, at: datetime) -> Outcome:
    found = _read(registry, actor, id, code, revision)
    if found.asks == "retirement":
        return _retire(registry, actor, found, code, revision, at)
    told = checked(registry, found, at)
    with registry.ledger.writing() as writer:
        found = _again(registry, writer.connection, actor, id, code, revision)
        outcome = published(registry, writer, actor, found, told, at=at, code=code)
    registry.follow(last=writer.reached)
    return outcome


def published(
    registry: Registry,
    writer: Writer,
    actor: Actor,
    found: Draft,
    told: tuple[Finding, ...],
    *,
    at: datetime,
    code: str = "publish",
) -> Outcome:
    """The same in a transaction that the caller began and read the draft in; `told` is what its checks advised."""
    connection = writer.connection
    event = submission.append(registry, writer, _version(registry, actor, found, code), day=at.date())
    number, seq = (event.version, event.seq) if event else (found.base, None)
    receipt, secret = found.receipt, ""
    if receipt:
        receipts.decide(connection, receipt, "published", at=at, version=number, seq=seq)
    else:
        receipt, secret = receipts.write(
            connection,
            found.record,
            account=actor.account.id,
            door=actor.door,
            advice=len(told),
            outcome="published",
            at=at,
            version=number,
            seq=seq,
        )
    changes = {"status": "published", "receipt": receipt, **FREE}
    after = drafts.save(connection, found, by=actor.account, at=at, **changes)
    noted(connection, actor, code, found.identifier, at=at, old=found.status, new=f"version {number}")
    link = registry.own.doc(found.identifier).value
    others = _author(connection, found, actor.account)
    notices.tell(connection, registry, "published", others, after, link=link, at=at, by=actor.account.name)
    return Outcome(after, event, secret, told)


def _version(registry: Registry, actor: Actor, found: Draft, code: str) -> Version:
    """The version that a draft becomes. The source class follows from the role that answers for the record.

    Of a national record that is the role of whoever publishes it; of a reference record, which the Secretariat only
    validates, that of its author.
    """
    whose = owned(registry, found)
    acting = registry.moves.demand(actor.account, code, whose)
    role = acting.role if found.country or code == "publish" else found.role
    source = registry.moves.source(role, whose.format)
    institution = found.institution or (acting.institution if found.country else None)
    return Version(found.record, found.graph, found.base, actor.account.id, institution, source)


def send_back(
    registry: Registry,
    actor: Actor,
    id: str,
    *,
    revision: int,
    at: datetime,
    reason: str,
    remarks: Iterable[tuple[str, str]] = (),
) -> Outcome:
    """Return a submission to its author with a message and remarks on fields (name of the input, text)."""
    return _refuse(registry, actor, id, "request-changes", revision, at, reason, tuple(remarks))


def decline(registry: Registry, actor: Actor, id: str, *, revision: int, at: datetime, reason: str) -> Outcome:
    """Decline a submission for good."""
    return _refuse(registry, actor, id, "reject", revision, at, reason, ())


def _refuse(
    registry: Registry,
    actor: Actor,
    id: str,
    code: str,
    revision: int,
    at: datetime,
    reason: str,
    remarks: tuple[tuple[str, str], ...],
) -> Outcome:
    for field, text in (("reason", reason), *remarks):
        spoken(text, field)
    with changing(registry) as connection:
        found = _again(registry, connection, actor, id, code, revision, reason.strip())
        target = registry.moves[code].target or found.status
        after = drafts.save(connection, found, by=actor.account, at=at, status=target, **FREE)
        drafts.say(connection, found, [("", reason), *remarks], by=actor.account, at=at)
        receipts.decide(connection, found.receipt, target, at=at)
        noted(connection, actor, code, found.identifier, at=at, old=found.status, new=target)
        kind, link = ("returned", f"desk/draft/{id}") if after.open else ("declined", "desk")
        notices.tell(
            connection,
            registry,
            kind,
            _author(connection, found, actor.account),
            after,
            link=registry.settings.base + link,
            at=at,
            reason=reason,
            by=actor.account.name,
        )
    return Outcome(after)


def withdraw(registry: Registry, actor: Actor, id: str, *, revision: int, at: datetime) -> Outcome:
    """Take a submission back, to go on writing."""
    with changing(registry) as connection:
        found = _again(registry, connection, actor, id, "withdraw", revision)
        after = drafts.save(connection, found, by=actor.account, at=at, status="draft", submitted=None)
        receipts.decide(connection, found.receipt, "draft", at=at)
        noted(connection, actor, "withdraw", found.identifier, at=at, old=found.status, new="draft")
    return Outcome(after)


def _retire(registry: Registry, actor: Actor, found: Draft, code: str, revision: int, at: datetime) -> Outcome:
    """Retire the record that a draft asks to retire; its graph is the tombstone's statements."""
    registry.moves.demand(actor.account, "delete", owned(registry, found))
    entry = registry.record(found.identifier)
    if entry is None:
        raise Gone("{name} has ended already.", name=found.identifier)
    successors = found.graph.iris(entry.doc, DCTERMS.isReplacedBy)
    successor = path_name(successors[0]) if successors else None
    following = retirement.successor_of(registry, found.identifier, successor)
    with registry.ledger.writing() as writer:
        found = _again(registry, writer.connection, actor, found.id, code, revision)
        event = retirement.end(registry, writer, "retired", entry, found.graph, following, by=actor.account.id)
        receipts.decide(writer.connection, found.receipt, "deleted", at=at, seq=event.seq)
        after = drafts.save(writer.connection, found, by=actor.account, at=at, status="deleted", **FREE)
        noted(writer.connection, actor, "delete", found.identifier, at=at, old="published", new="deleted")
    registry.follow()
    return Outcome(after, event)


def _read(registry: Registry, actor: Actor, id: str, code: str, revision: int) -> Draft:
    """The draft as it stands, before the checks."""
    with changing(registry) as connection:
        return _again(registry, connection, actor, id, code, revision, "said later")


def _again(
    registry: Registry, connection: Connection, actor: Actor, id: str, code: str, revision: int, reason: str = "-"
) -> Draft:
    """The draft inside the transaction that decides about it; raises where the move is not possible any more."""
    found = find(registry, connection, actor, id)
    registry.moves.demand(actor.account, code, owned(registry, found))
    require(registry, found, code, reason)
    if found.revision != revision:
        raise drafts.stale(found)
    if (
        code == "approve"
        and found.author == actor.account.id
        and registry.moves.second_person(owned(registry, found).format)
    ):
        raise Forbidden(
            "Somebody else than the author must approve this record.", remedy="Ask a colleague who may approve it."
        )
    return found


def _author(connection: Connection, found: Draft, but: Account) -> list[Account]:
    """The author, unless they did it themselves."""
    author = None if found.author == but.id else people.account(connection, found.author)
    return [author] if author else []
