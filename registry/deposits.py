"""The door of machines: a record that a program sends becomes a published version, or a submission that waits.

Whoever may publish publishes; everybody else's record goes to those who may. A record is known again by the name that
its sender gave it. Draft, publication, receipt, letters, audit line and the answer that is kept for a repeated request
are one transaction, so whatever breaks leaves all of it or nothing.
Source: 2005 report, paragraphs 7 and 22; http.md of the registry's design, section 7.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from registry import aims, arrivals, attachments, database, decisions, desk, drafts, receipts, submission
from registry.aims import Aim, recognised
from registry.arrivals import Arrival
from registry.database import Connection
from registry.decisions import Outcome
from registry.desk import Actor
from registry.drafts import Draft
from registry.errors import Gone, PreconditionMissing, Unfit, Unreadable
from registry.exchange import jsonld
from registry.exchange.pointers import pointer
from registry.findings import Finding
from registry.ledger import ENDS, Writer, since_version
from registry.records import author_side
from registry.registry import Registry
from registry.shape import path_name
from registry.submission import overtaken, title_of
from registry.terms import Graph, NamedNode

NEW = NamedNode("urn:registry:new")  # what a record without a name is called in what is told of it


def nothing(connection: Connection) -> None:
    """What a deposit does beside, where nothing is to be done."""


@dataclass(frozen=True)
class Terms:
    """On what terms records are taken: when; published at once where that may be; or only looked at (`dry`).

    `before` is called inside the transaction and may raise, `after` too, with what was done.
    """

    at: datetime
    direct: bool = True
    dry: bool = False
    before: Callable[[Connection], None] = nothing
    after: Callable[[Connection, Deposited], None] = lambda connection, done: None


@dataclass(frozen=True)
class Deposited:
    """What became of a record: `status` is the code of a status, or `sound` where it was only looked at.

    `changed` tells whether anything was written, `made` whether the record is new; `receipt` is the id of its receipt
    and `secret` opens it; `revision` is that of the draft that waits.
    """

    status: str
    identifier: str
    changed: bool = False
    made: bool = False
    version: int | None = None
    revision: int | None = None
    receipt: str | None = None
    secret: str = ""
    findings: tuple[Finding, ...] = ()
    document: Any = None


class Refused(Unfit):
    """A record that is refused; `document` is what was sent as compact JSON-LD, to which the findings point."""

    def __init__(self, findings: tuple[Finding, ...], document: Any, about: NamedNode) -> None:
        super().__init__(
            "The record cannot be published yet. Answers that need mending: {count}.",
            remedy="Mend what is marked.",
            findings=findings,
            count=sum(finding.blocks for finding in findings),
        )
        self.document, self.about = document, about

    def pointer(self, finding: Finding) -> str:
        """Where a finding points to in the document."""
        return pointer(self.document, finding)


def deposit(registry: Registry, actor: Actor, aim: Aim, arrival: Arrival, terms: Terms) -> Deposited:
    """Take one record: checked, then published or submitted, all or nothing; the same again changes nothing.

    Raises Refused with the findings, Stale when somebody published in between, Conflict over a draft of another.
    """
    graph, foreign = arrivals.adopted(registry, arrival, aim.record, aim.format)
    found = (*foreign, *submission.findings(registry, aim.record, graph, day=terms.at.date(), by=actor.account.id))
    told = _renamed(found, aim, arrival)
    document = _document(registry, aim, arrival, graph)
    if any(finding.blocks for finding in told):
        known = _arrived_since(registry, actor, aim, terms)
        if known is None:
            raise Refused(told, document, _called(aim, arrival))
        return deposit(registry, actor, known, arrival, terms)
    if terms.dry:
        name = aim.record.value if aim.known else ""
        return Deposited("sound", path_name(NamedNode(name)) if name else "", findings=told, document=document)
    with registry.ledger.writing() as writer:
        terms.before(writer.connection)
        if aim.origin and not aim.known:  # another request may have made it since
            registry.follow(last=writer.began)
            aim = recognised(registry, actor, aim, writer.connection, direct=terms.direct)
            graph = desk.moved(graph, aim.record) if aim.known else graph
        done = replace(_taken(registry, writer, actor, aim, graph, told, terms), findings=told, document=document)
        terms.after(writer.connection, done)
    registry.follow(last=writer.reached)
    return done


def _arrived_since(registry: Registry, actor: Actor, aim: Aim, terms: Terms) -> Aim | None:
    """The record that another request made of the same arrival in the meantime: a twin is found in every new record."""
    if aim.known or aim.origin is None:
        return None
    registry.follow()
    with database.reading(registry.ledger.engine) as connection:
        found = recognised(registry, actor, aim, connection, direct=terms.direct)
    return found if found.known else None


def _taken(
    registry: Registry,
    writer: Writer,
    actor: Actor,
    aim: Aim,
    graph: Graph,
    told: tuple[Finding, ...],
    terms: Terms,
) -> Deposited:
    """What the transaction does."""
    if set(ENDS) & set(writer.kinds(aim.record.value)):
        raise Gone("{name} has ended already.", name=path_name(aim.record))
    if known := _unchanged(registry, writer, aim, graph):
        return known
    found = _draft(registry, writer, actor, aim, graph, terms.at)
    if aim.direct:
        outcome = decisions.published(registry, writer, actor, found, told, at=terms.at)
    else:
        outcome = decisions.submitted(registry, writer.connection, actor, found, told, at=terms.at)
    return _deposited(outcome, made=not aim.known)


def _deposited(outcome: Outcome, *, made: bool) -> Deposited:
    draft, event = outcome.draft, outcome.event
    return Deposited(
        status=draft.status,
        identifier=draft.identifier,
        changed=True,
        made=made,
        version=event.version if event else draft.base,
        revision=None if event else draft.revision,
        receipt=draft.receipt,
        secret=outcome.secret,
    )


def _unchanged(registry: Registry, writer: Writer, aim: Aim, graph: Graph) -> Deposited | None:
    """What stands already and says the same, published or waiting; None where there is something to write."""
    form = submission.form_of(registry, aim.record, graph)
    if aim.draft:
        now = drafts.draft(writer.connection, aim.draft.id)
        if now.revision == aim.draft.revision and now.status == "pending-approval" and not aim.direct:
            same = submission.form_of(registry, aim.record, now.graph) == form
            done = Deposited(now.status, now.identifier, version=now.base, revision=now.revision, receipt=now.receipt)
            return done if same else None
        return None
    latest, kinds = writer.latest(aim.record.value), writer.kinds(aim.record.value)
    if latest and latest.graph == form and "archived" not in since_version(kinds):
        _expect(aim, latest.version)
        return Deposited("published", path_name(aim.record), version=latest.version)
    return None


def _draft(registry: Registry, writer: Writer, actor: Actor, aim: Aim, graph: Graph, at: datetime) -> Draft:
    """The draft that holds what was sent: a new one, or the sender's own that is open."""
    connection = writer.connection
    latest = writer.latest(aim.record.value) if aim.known else None
    if aim.entry:
        _expect(aim, latest.version if latest else None)
    if aim.draft:
        return _rewritten(registry, connection, actor, aim, graph, at)
    if aim.entry:
        return desk.amended(registry, connection, actor, aim.entry, aim.acting, graph, at=at)
    return desk.begun(registry, connection, actor, aim.format, aim.acting, at=at, graph=graph)


def _expect(aim: Aim, number: int | None) -> None:
    if aim.entry and number != aim.entry.number:
        raise overtaken(aim.entry.identifier, number)


def _rewritten(registry: Registry, connection: Connection, actor: Actor, aim: Aim, graph: Graph, at: datetime) -> Draft:
    """The sender's own open draft with the new text; a submission is taken back first."""
    found = drafts.draft(connection, aim.draft.id if aim.draft else "")
    if not found.open or (aim.draft and found.revision != aim.draft.revision):
        raise drafts.stale(found)
    if found.status == "pending-approval":
        registry.moves.demand(actor.account, "withdraw", aim.owned)
        receipts.decide(connection, found.receipt, "draft", at=at)
        desk.noted(connection, actor, "withdraw", found.identifier, at=at, old=found.status, new="draft")
    changes: dict[str, object] = {
        "graph": graph,
        "title": title_of(registry, aim.format, found.record, graph),
        "status": "draft",
        "submitted": None,
        "receipt": None,
        "base": aim.entry.number if aim.entry else None,
    }
    saved = drafts.save(connection, found, by=actor.account, at=at, **changes)
    attachments.claim(connection, graph, registry.own, found.record, actor.account.id)
    old, new = str(found.revision), str(saved.revision)
    desk.noted(connection, actor, "save", found.identifier, at=at, old=old, new=new)
    return saved


def one(registry: Registry, actor: Actor, arrival: Arrival, terms: Terms) -> Deposited:
    """A record of a list, whatever its type: new, known by the name its sender gave it, or with an identifier of ours.

    One with an identifier of ours says on its /doc side which version it was made from, as whatever was read here
    does; raises PreconditionMissing where it does not, Stale where that is not the newest.
    """
    subject, base = arrival.subject, registry.own.base + "id/"
    if isinstance(subject, NamedNode) and subject.value.startswith(base):
        aim = aims.at(registry, actor, subject.value.removeprefix(base), direct=terms.direct)
        if arrival.version is None:
            raise PreconditionMissing(
                "The record does not say which version of {name} it was made from.",
                remedy="Keep the version that stands in what you read here.",
                where="version",
                name=path_name(aim.record),
            )
        if aim.entry and arrival.version != aim.entry.number:
            raise overtaken(aim.entry.identifier, aim.entry.number)
        return deposit(registry, actor, aim, arrival, terms)
    format = arrivals.format_of(registry, arrival)
    if format is None:
        raise Unreadable("The body holds no record.", remedy="Say what it is: the class of one of the common formats.")
    aim = aims.new(registry, actor, format, arrival, direct=terms.direct)
    return deposit(registry, actor, aim, arrival, terms)


def _called(aim: Aim, arrival: Arrival) -> NamedNode:
    """What the record is called to its sender."""
    return aim.record if aim.known else arrival.origin or NEW


def _renamed(found: tuple[Finding, ...], aim: Aim, arrival: Arrival) -> tuple[Finding, ...]:
    """Findings of a record that has no identifier yet, under the name that its sender knows."""
    if aim.known:
        return found
    old, new = aim.record.value, _called(aim, arrival).value.split("#")[0]

    def said(text: str) -> str:
        return new + text[len(old) :] if text == old or text.startswith(old + "#") else text

    return tuple(
        replace(
            finding,
            focus=NamedNode(said(finding.focus.value)),
            value=said(finding.value),
            term=NamedNode(said(finding.term.value)) if isinstance(finding.term, NamedNode) else finding.term,
        )
        for finding in found
    )


def _document(registry: Registry, aim: Aim, arrival: Arrival, graph: Graph) -> Any:
    """What was sent, as compact JSON-LD, under the name that its sender knows."""
    record = aim.record if aim.known else NamedNode(_called(aim, arrival).value.split("#")[0])
    said = author_side(aim.record, graph, registry.own)
    return jsonld.compact(record, said if aim.known else desk.moved(said, record), aim.format, registry.own)


def sent(registry: Registry, aim: Aim, arrival: Arrival) -> Any:
    """What was sent, as compact JSON-LD."""
    return _document(registry, aim, arrival, arrivals.adopted(registry, arrival, aim.record, aim.format)[0])


def current(registry: Registry, aim: Aim) -> Any:
    """What stands now, as compact JSON-LD: the sender's own open draft, else the published version."""
    said = aim.draft.graph if aim.draft else aim.entry.graph if aim.entry else Graph()
    return jsonld.compact(aim.record, said, aim.format, registry.own)


def fresh_receipt(registry: Registry, receipt: str, *, account: str, at: datetime) -> str:
    """Another secret that opens a receipt: what was shown once is kept nowhere."""
    with database.writing(registry.ledger.engine) as connection:
        return receipts.another(connection, receipt, account=account, at=at)
