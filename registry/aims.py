"""What a record that a program sends goes to: a new record, one that is published, a draft of the sender's own.

A record is known again by the name that it has with its sender, its `dcterms:source`, as long as the sender may amend
what bears it; anybody may cite the same source. Source: house rules, "Partners' documents".
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from registry import database, desk, drafts
from registry.arrivals import Arrival
from registry.database import Connection
from registry.desk import NATIONAL, Actor
from registry.drafts import Draft
from registry.errors import BadInput, Conflict, Forbidden, Gone, NotFound
from registry.formats import Format
from registry.moves import Owned
from registry.people import Acting
from registry.registry import Entry, Registry
from registry.shape import path_name
from registry.terms import DCTERMS, Graph, NamedNode

UNNUMBERED = 999_999_999_999  # stands for a number as long as a new record has none


@dataclass(frozen=True)
class Aim:
    """What a deposit goes to, whose it is, in which role; `direct` where it may be published without anybody else.

    `origin` is the name that its sender gave it.
    """

    format: Format
    record: NamedNode
    owned: Owned
    acting: Acting
    direct: bool
    entry: Entry | None = None
    draft: Draft | None = None
    origin: NamedNode | None = None

    @property
    def known(self) -> bool:
        """Whether the record is here already, published or as a draft."""
        return self.entry is not None or self.draft is not None

    @property
    def tag(self) -> str:
        """What tells the state that a change is made from: `v3`; `v3-r5` with a draft of the sender's own, or `r5`."""
        parts = [f"v{self.entry.number}"] if self.entry else []
        return "-".join([*parts, *([f"r{self.draft.revision}"] if self.draft else [])])


def new(registry: Registry, actor: Actor, format: Format, arrival: Arrival, *, direct: bool = True) -> Aim:
    """The aim of a record that bears no identifier of ours: what is known by its name, else a new record.

    Raises BadInput for an identifier of ours, Forbidden where no role of the account may write such a record.
    """
    own, origin = registry.own, arrival.origin
    if origin and origin.value.startswith(own.base) and origin.value != own.base:
        raise BadInput(
            "The registry names its records itself: {name} cannot be given to a new one.",
            remedy="Leave the name out or send your own; change a record at its own address with PUT.",
            where="@id",
            name=origin.value,
        )
    acting = _acting(registry, actor, format, arrival)
    national = path_name(format.category) == NATIONAL
    owned = Owned(
        format,
        acting.country if national else None,
        None if national else acting.institution,
        actor.account.id,
    )
    owner = acting.country if national else "SCBD"
    record = own.record(f"BCH-{format.type_code}-{owner}-{UNNUMBERED}")
    may = registry.moves.acting(actor.account, "publish", owned)
    foreign = origin if origin and origin.value != own.base else None
    found = Aim(format, record, owned, acting, bool(may and direct), origin=foreign)
    if not foreign:
        return found
    with database.reading(registry.ledger.engine) as connection:
        return recognised(registry, actor, found, connection, direct=direct)


def recognised(registry: Registry, actor: Actor, aim: Aim, connection: Connection, *, direct: bool) -> Aim:
    """The record or draft that has the same origin and that the account may amend, else the same aim."""
    origin = aim.origin
    if origin is None:
        return aim
    for row in registry.select("records/mentions", record=origin):
        by = row["by"]
        if not isinstance(by, NamedNode) or row["path"] != DCTERMS.source:
            continue
        entry = registry.record(path_name(by))
        said = entry is not None and origin in entry.graph.objects(entry.iri, DCTERMS.source)
        if entry and said and entry.format is aim.format:
            owned = desk.owner_of(registry, entry)
            if registry.moves.acting(actor.account, "amend", owned):
                return replace(_of_entry(registry, actor, entry, connection, direct=direct), origin=origin)
    for draft in drafts.saying(connection, f"{DCTERMS.source} {origin} .", aim.format.key):
        mine = draft.author == actor.account.id and draft.base is None
        if mine and origin in draft.graph.objects(draft.record, DCTERMS.source):
            return replace(_of_draft(registry, actor, draft, direct=direct), origin=origin)
    return aim


def at(registry: Registry, actor: Actor, name: str, *, direct: bool = True) -> Aim:
    """The aim of a change of the record of an identifier.

    Raises NotFound for a record that is not there, or only as a draft that is not the account's to see; Gone for one
    that ended; Forbidden where the account may not amend it; Conflict where somebody else has an open draft of it.
    """
    entry = registry.record(name)
    with database.reading(registry.ledger.engine) as connection:
        if entry:
            return _of_entry(registry, actor, entry, connection, direct=direct)
        if registry.ending(name):
            raise Gone("{name} has ended already.", name=name)
        draft = drafts.of_record(connection, registry.own.record(name))
        if draft is None:
            raise NotFound("There is no record {name}.", name=name)
        try:
            desk.find(registry, connection, actor, draft.id)
        except NotFound as error:
            raise NotFound("There is no record {name}.", name=name) from error
        return _of_draft(registry, actor, draft, direct=direct)


def _of_entry(registry: Registry, actor: Actor, entry: Entry, connection: Connection, *, direct: bool) -> Aim:
    owned = desk.owner_of(registry, entry)
    acting = registry.moves.demand(actor.account, "amend", owned)
    may = registry.moves.acting(actor.account, "publish", owned)
    draft = drafts.of_record(connection, entry.iri)
    if draft and (draft.author != actor.account.id or draft.asks != "version"):
        raise _taken(draft)
    return Aim(entry.format, entry.iri, owned, acting, bool(may and direct), entry, draft)


def _of_draft(registry: Registry, actor: Actor, draft: Draft, *, direct: bool) -> Aim:
    owned = desk.owned(registry, draft)
    acting = registry.moves.demand(actor.account, "save-draft", owned)
    may = registry.moves.acting(actor.account, "publish", owned)
    if draft.author != actor.account.id:
        raise _taken(draft)
    return Aim(owned.format, draft.record, owned, acting, bool(may and direct), None, draft)


def _taken(draft: Draft) -> Conflict:
    return Conflict(
        "There is a draft of {name} already.",
        remedy="Go on with that one, or discard it first.",
        where=draft.id,
        name=draft.identifier,
    )


def _acting(registry: Registry, actor: Actor, format: Format, arrival: Arrival) -> Acting:
    """The role that the record is written in: of a national record, one of the country that it speaks for."""
    found = desk.roles(registry, actor.account, format)
    countries = _countries(registry, format, arrival.graph, arrival)
    if countries:
        found = [acting for acting in found if acting.country in countries]
    if not found:
        raise Forbidden(
            "You may not do this: {move}.",
            remedy="Ask those who may: the focal point of the country, or the Secretariat.",
            move=registry.moves["save-draft"].names.get("en", "save-draft"),
        )
    return found[0]


def _countries(registry: Registry, format: Format, graph: Graph, arrival: Arrival) -> list[str]:
    """The codes of the countries that a national record says it speaks for."""
    if path_name(format.category) != NATIONAL:
        return []
    scheme = registry.own.iri("vocabulary/countries")
    fields = [field for field in format.fields if field.schemes == (scheme,) and field.max == 1]
    named = (registry.concepts.get(v) for field in fields for v in graph.objects(arrival.subject, field.path))
    return [concept.notation for concept in named if concept and concept.scheme == scheme]
