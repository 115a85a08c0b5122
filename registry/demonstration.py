"""Accounts to try the desk with: one for each role, beside sample records only, with passwords new each time."""

from __future__ import annotations

import secrets
from datetime import datetime

from registry import passwords, people
from registry.database import Connection
from registry.errors import Conflict
from registry.people import ADMINISTRATOR, CONTRIBUTOR
from registry.registry import Registry
from registry.terms import NamedNode

BY, COUNTRY = "demonstration", "KE"
WHO = (
    ("contributor@demo.example", "Amina Demo", CONTRIBUTOR, "contributor, of an institution"),
    ("national@demo.example", "Baraka Demo", "national-authorized-user", "national authorized user of Kenya"),
    ("focal-point@demo.example", "Chebet Demo", "bch-national-focal-point", "BCH national focal point of Kenya"),
    ("validator@demo.example", "Daudi Demo", "validator", "validator"),
    ("curator@demo.example", "Esther Demo", "curator", "curator"),
    ("secretariat@demo.example", "Farid Demo", ADMINISTRATOR, "Secretariat, the administrator"),
)


def accounts(connection: Connection, at: datetime, registry: Registry) -> list[tuple[str, str, str]]:
    """The accounts, made or given new passwords: e-mail address, password in the clear, what it is.

    Raises Conflict unless the registry holds sample records: a real one has no account whose password was printed.
    """
    if not any(_is_sample(registry, kind.target) for kind in registry.formats.values()):
        raise Conflict(
            "There are no sample records here, so there is nothing to demonstrate.",
            remedy="Load some first: registry load samples/period-2004",
        )
    return [(email, _given(connection, at, registry, email, name, role), what) for email, name, role, what in WHO]


def _given(connection: Connection, at: datetime, registry: Registry, email: str, name: str, role: str) -> str:
    """An account with its role; its new password."""
    account = people.find(connection, email) or people.create(
        connection, email=email, name=name, language="en", at=at, by=BY, origin="command"
    )
    password = secrets.token_urlsafe(12)
    people.confirm(connection, account.id, at=at, by=BY, origin="command")
    people.set_password(connection, account.id, passwords.hashed(password), at=at, by=BY, origin="command")
    held = {
        "institution": _institution(registry) if role == CONTRIBUTOR else None,
        "country": COUNTRY if role in people.NATIONAL else None,
    }
    if not account.acts(role):
        people.appoint(connection, account.id, role=role, by=BY, at=at, origin="command", **held)
    return password


def _is_sample(registry: Registry, kind: NamedNode) -> bool:
    """Whether any record of a class says that it is a sample."""
    records = [row["record"] for row in registry.select("records/list", kind=kind)]
    sample = registry.own.reg.sample
    return any(isinstance(iri, NamedNode) and registry.graphs.graph(iri).text(iri, sample) == "true" for iri in records)


def _institution(registry: Registry) -> str | None:
    """The organization that the contributor acts for: the first by identifier."""
    kinds = sorted(registry.house.organisations, key=str)
    rows = (row["record"] for kind in kinds for row in registry.select("records/list", kind=kind))
    return min((iri.value for iri in rows if isinstance(iri, NamedNode)), default=None)
