"""The desk where drafts are written: begin, amend, duplicate, save, discard; nothing here is public.

Each act is one transaction with its line in the audit trail. Who may do it is said by registry.moves; a draft that is
not somebody's to see is not there for them (404), so that its existence does not leak.
Source: 2005 report, paragraphs 7, 20 and 22.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from registry import attachments, audit, database, drafts
from registry.database import Connection
from registry.drafts import Beginning, Draft
from registry.errors import BadInput, Conflict, NotFound
from registry.formats import Format
from registry.language import Texts
from registry.moves import Owned
from registry.people import Account, Acting
from registry.records import author_side
from registry.records import identifier as as_identifier
from registry.registry import Entry, Registry
from registry.shape import path_name
from registry.submission import title_of
from registry.terms import DCTERMS, RDF, Graph, NamedNode, Triple

NATIONAL = "national-record"


@dataclass(frozen=True)
class Actor:
    """Who does something, and through which door: form, api or command; `origin` is browser, token or command."""

    account: Account
    door: str = "form"
    origin: str = "browser"


@contextmanager
def changing(registry: Registry) -> Iterator[Connection]:
    """One transaction of the desk."""
    with database.writing(registry.ledger.engine) as connection:
        yield connection


def noted(
    connection: Connection, actor: Actor, action: str, subject: str, *, at: datetime, **values: str | None
) -> None:
    """One line of the audit trail."""
    audit.note(connection, at=at, by=actor.account.id, action=action, subject=subject, origin=actor.origin, **values)


def owned(registry: Registry, found: Draft) -> Owned:
    """Whose a draft is."""
    return Owned(registry.formats[found.format], found.country, found.institution, found.author)


def owner_of(registry: Registry, entry: Entry) -> Owned:
    """Whose a published record is: of the country in its identifier, of its publisher, else of whoever recorded it."""
    name = as_identifier(entry.identifier)
    national = path_name(entry.format.category) == NATIONAL
    publisher = next(iter(entry.graph.iris(entry.doc, DCTERMS.publisher)), None)
    versions = [event for event in registry.versions(entry.identifier) if event.version is not None]
    return Owned(
        entry.format,
        name[0].owner if national and name else None,
        publisher.value if publisher else None,
        None if publisher or not versions else versions[-1].by,
    )


def begin(
    registry: Registry,
    actor: Actor,
    format: Format,
    *,
    at: datetime,
    acting: Acting | None = None,
    graph: Graph | None = None,
) -> Draft:
    """A draft of a new record, in the role given or the first that may; of a country where the record is national.

    Raises Forbidden where none of the account's roles may, Conflict where the country has such a record or draft.
    """
    acting = acting or _role(registry, actor.account, format)
    with changing(registry) as connection:
        return begun(registry, connection, actor, format, acting, at=at, graph=graph)


def begun(
    registry: Registry,
    connection: Connection,
    actor: Actor,
    format: Format,
    acting: Acting,
    *,
    at: datetime,
    graph: Graph | None = None,
) -> Draft:
    """The same in a transaction that the caller began."""
    country = acting.country if path_name(format.category) == NATIONAL else None
    whose = Owned(format, country, None if country else acting.institution, actor.account.id)
    registry.moves.demand(actor.account, "save-draft", whose)
    owner = country or "SCBD"
    record = drafts.mint(connection, f"{registry.own.base}id/BCH-{format.type_code}-{owner}-", at=at)
    said = moved(graph, record) if graph else first(registry, format, record, country)
    beginning = Beginning(
        record=record,
        format=format.key,
        graph=said,
        title=title_of(registry, format, record, said),
        role=acting.role,
        institution=acting.institution,
        country=country,
    )
    found = drafts.begin(connection, beginning, by=actor.account, at=at)
    attachments.claim(connection, said, registry.own, record, actor.account.id)
    noted(connection, actor, "begin", found.identifier, at=at, new=found.id)
    return found


def roles(registry: Registry, account: Account, format: Format) -> list[Acting]:
    """The roles in which an account may begin a record of a format."""
    national = path_name(format.category) == NATIONAL
    found = []
    for acting in account.actings:
        whose = Owned(
            format, acting.country if national else None, None if national else acting.institution, account.id
        )
        alone = Account(**{**account.__dict__, "actings": (acting,)})
        if (not national or acting.country) and registry.moves.acting(alone, "save-draft", whose):
            found.append(acting)
    return found


def _role(registry: Registry, account: Account, format: Format) -> Acting:
    found = roles(registry, account, format)
    if not found:
        whose = Owned(format, "" if path_name(format.category) == NATIONAL else None)
        registry.moves.demand(Account(**{**account.__dict__, "actings": ()}), "save-draft", whose)
    return found[0]


def first(registry: Registry, format: Format, record: NamedNode, country: str | None) -> Graph:
    """What a new record says before anybody wrote: its type, and the country that it speaks for."""
    said = [Triple(record, RDF.type, format.target)]
    countries = registry.own.iri("vocabulary/countries")
    for field in format.fields:
        if country and field.schemes == (countries,) and field.max == 1:
            said.append(Triple(record, field.path, registry.own.concept("countries", country)))
    return Graph(said)


def moved(graph: Graph, record: NamedNode) -> Graph:
    """A record's graph under the name of another: its fragments and what it says of itself move along."""
    old = next((s.value.split("#")[0] for s in graph.subjects if isinstance(s, NamedNode)), record.value)

    def renamed(term: object) -> object:
        if isinstance(term, NamedNode) and (term.value == old or term.value.startswith(old + "#")):
            return NamedNode(record.value + term.value[len(old) :])
        return term

    return Graph(Triple(renamed(t.subject), t.predicate, renamed(t.object)) for t in graph)  # type: ignore[arg-type]


def amend(registry: Registry, actor: Actor, entry: Entry, *, at: datetime, asks: str = "version") -> Draft:
    """The open draft of a published record, begun from its last version where there is none."""
    whose = owner_of(registry, entry)
    acting = registry.moves.demand(actor.account, "amend", whose)
    with changing(registry) as connection:
        found = drafts.of_record(connection, entry.iri)
        said = author_side(entry.iri, entry.graph, registry.own)
        return found or amended(registry, connection, actor, entry, acting, said, at=at, asks=asks)


def amended(
    registry: Registry,
    connection: Connection,
    actor: Actor,
    entry: Entry,
    acting: Acting,
    said: Graph,
    *,
    at: datetime,
    asks: str = "version",
) -> Draft:
    """A new draft of a published record in a transaction that the caller began; Conflict where there is one."""
    whose = owner_of(registry, entry)
    beginning = Beginning(
        record=entry.iri,
        format=entry.format.key,
        graph=said,
        title=title_of(registry, entry.format, entry.iri, said),
        role=acting.role,
        asks=asks,
        base=entry.number,
        institution=whose.institution,
        country=whose.country,
    )
    found = drafts.begin(connection, beginning, by=actor.account, at=at)
    attachments.claim(connection, said, registry.own, entry.iri, actor.account.id)
    noted(connection, actor, "amend", found.identifier, at=at, new=found.id)
    return found


def duplicate(registry: Registry, actor: Actor, entry: Entry, *, at: datetime) -> Draft:
    """A new draft that says what a published record says."""
    return begin(registry, actor, entry.format, at=at, graph=author_side(entry.iri, entry.graph, registry.own))


def find(registry: Registry, connection: Connection, actor: Actor, id: str) -> Draft:
    """A draft that the account may see: its own, its institution's, its country's, or one sent to it for decision.

    What was never sent is nobody's who only decides: a validator has no business in what somebody is still writing.
    """
    found = drafts.draft(connection, id)
    if found.author != actor.account.id and not _shared(registry, actor.account, found):
        raise NotFound("There is no draft {name}.", name=id)
    return found


def _shared(registry: Registry, account: Account, found: Draft) -> bool:
    whose = owned(registry, found)
    writing = registry.moves.acting(account, "save-draft", whose)
    if writing and registry.moves.bound(writing.role) in ("country", "institution"):
        return True
    return found.submitted is not None and registry.moves.acting(account, "approve", whose) is not None


def save(
    registry: Registry, actor: Actor, id: str, graph: Graph, *, revision: int, at: datetime, note: str | None = None
) -> Draft:
    """Keep what was written, sound or not; raises Stale when somebody saved since `revision`."""
    with changing(registry) as connection:
        found = find(registry, connection, actor, id)
        editable(registry, actor, found)
        if found.revision != revision:
            raise drafts.stale(found)
        format = registry.formats[found.format]
        changes: dict[str, object] = {"graph": graph, "title": title_of(registry, format, found.record, graph)}
        if note is not None:
            changes["note"] = note
        saved = drafts.save(connection, found, by=actor.account, at=at, **changes)
        drafts.hold(connection, saved, by=actor.account, at=at)
        attachments.claim(connection, graph, registry.own, found.record, actor.account.id)
        noted(connection, actor, "save", found.identifier, at=at, old=str(revision), new=str(saved.revision))
    return saved


def editable(registry: Registry, actor: Actor, found: Draft) -> None:
    """Raises where a draft cannot be written in: by nobody while it waits but those who decide about it."""
    whose = owned(registry, found)
    if found.status == "pending-approval":
        registry.moves.demand(actor.account, "approve", whose)
    elif not found.open:
        raise Conflict(
            "This draft is closed: {status}.", remedy="Begin another.", status=status_of(registry, found.status)
        )
    else:
        registry.moves.demand(actor.account, "save-draft", whose)


def status_of(registry: Registry, code: str) -> Texts:
    """How a status is called."""
    concept = registry.concepts.get(registry.own.concept("record-status", code))
    return concept.labels if concept else {"en": code}


def require(registry: Registry, found: Draft, code: str, reasons: Mapping[str, str] | str = "") -> None:
    """Raises where a move is not possible in the status of a draft, or lacks the reason that it needs."""
    move = registry.moves[code]
    if found.status not in move.sources:
        raise Conflict(
            "This cannot be done with a record in this status: {status}.",
            remedy="Look at its receipt: somebody may have decided about it.",
            status=status_of(registry, found.status),
        )
    if move.reason and not reasons:
        raise BadInput("A reason is needed.", remedy="Say in a sentence why.", where="reason")


def discard(registry: Registry, actor: Actor, id: str, *, revision: int, at: datetime) -> None:
    """Give a draft up; it is kept, closed, for the audit trail."""
    with changing(registry) as connection:
        found = find(registry, connection, actor, id)
        registry.moves.demand(actor.account, "discard", owned(registry, found))
        require(registry, found, "discard")
        if found.revision != revision:
            raise drafts.stale(found)
        drafts.save(connection, found, by=actor.account, at=at, status="deleted", held=None, held_until=None)
        noted(connection, actor, "discard", found.identifier, at=at, old=found.id)
