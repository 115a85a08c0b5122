"""The records that somebody looks after: their institution's, their country's, and those they wrote for nobody else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from registry import database, desk, drafts, receipts
from registry.drafts import Draft
from registry.formats import Format
from registry.graphs import Row
from registry.moves import Owned
from registry.people import Account
from registry.registry import Entry, Registry
from registry.shape import path_name
from registry.terms import NamedNode
from web.rows import iri_of, text_of


@dataclass(frozen=True)
class Held:
    """A record that somebody looks after, and when it was last changed or confirmed."""

    record: NamedNode
    status: str
    modified: datetime
    confirmed: datetime | None

    @property
    def seen(self) -> datetime:
        """When its owner last looked at it."""
        return max(self.modified, self.confirmed) if self.confirmed else self.modified


def held(registry: Registry, account: Account) -> list[Held]:
    """The records that an account looks after; those that nobody looked at for longest come first."""
    rows: list[Row] = []
    publishers = [NamedNode(acting.institution) for acting in account.actings if acting.institution]
    countries = sorted({acting.country for acting in account.actings if acting.country})
    kinds = [format.target for format in registry.formats.values() if path_name(format.category) == desk.NATIONAL]
    if publishers:
        rows += registry.select("records/owned", publisher=list(dict.fromkeys(publishers)))
    if countries and kinds:
        rows += registry.select("records/national", kind=list(kinds), country=list(countries))
    found = {one.record: one for row in rows if (one := _held(row))}
    for one in _alone(registry, account):
        found.setdefault(one.record, one)
    return sorted(found.values(), key=lambda one: (one.status != "published", one.seen, one.record.value))


def _held(row: Row) -> Held | None:
    record, status = iri_of(row, "record"), iri_of(row, "status")
    modified, confirmed = _moment(text_of(row, "modified")), _moment(text_of(row, "confirmed"))
    return Held(record, path_name(status), modified, confirmed) if record and status and modified else None


def _alone(registry: Registry, account: Account) -> list[Held]:
    """The records that an account published for no institution, as its receipts tell."""
    with database.reading(registry.ledger.engine) as connection:
        mine = receipts.of_account(connection, account.id, limit=200)
    names = dict.fromkeys(receipt.identifier for receipt in mine if receipt.version)
    found = []
    for name in names:
        entry = registry.record(name)
        if entry and desk.owner_of(registry, entry).account == account.id:
            found.append(_of(registry, entry))
    return found


def _of(registry: Registry, entry: Entry) -> Held:
    confirmed = _moment(entry.graph.text(entry.doc, registry.own.reg.confirmed) or "")
    return Held(entry.iri, entry.status, entry.changed, confirmed)


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def waiting(registry: Registry, account: Account) -> list[Draft]:
    """The submissions that an account may decide about, oldest first; its own only where one person is enough."""
    with database.reading(registry.ledger.engine) as connection:
        every = drafts.waiting(connection)
    return [found for found in every if decides(registry, account, found)]


def decides(registry: Registry, account: Account, found: Draft) -> bool:
    """Whether an account may decide about a submission."""
    format = registry.formats[found.format]
    whose = Owned(format, found.country, found.institution, found.author)
    own = found.author == account.id and registry.moves.second_person(format)
    return not own and registry.moves.acting(account, "approve", whose) is not None


def decider(registry: Registry, account: Account) -> bool:
    """Whether there is any kind of record about which an account may decide."""
    return any(
        registry.moves.acting(account, "approve", Owned(format, country))
        for format in registry.formats.values()
        for country in (_countries(account) if path_name(format.category) == desk.NATIONAL else [None])
    )


def _countries(account: Account) -> list[str | None]:
    return [*{acting.country for acting in account.actings if acting.country}, ""]


def deciding_roles(registry: Registry, format: Format) -> list[NamedNode]:
    """The roles in which people decide about a kind of record; those bound to an owner or format come first."""
    category, right = registry.concepts.get(format.category), registry.moves["approve"].right
    found = category.graph.iris(category.iri, right) if category else ()
    return sorted(found, key=lambda role: (registry.moves.bound(path_name(role)) is None, role.value))
