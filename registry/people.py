"""Accounts and the roles they act in: who may come in, as what, for which institution, country and common format.

Nothing of an account is public and nothing of it is in the triple store. What is done to an account is noted in the
audit trail by the functions here, without its e-mail address. Source: 2005 report, paragraphs 7 and 22.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, insert, select, update

from registry import audit, passwords, saved, sessions, tokens
from registry.database import written
from registry.errors import BadInput, Conflict, NotFound
from registry.language import LANGUAGES
from registry.tables import account as ACCOUNT
from registry.tables import acting as ACTING
from registry.wording import address, personal

CONTRIBUTOR, ADMINISTRATOR = "registered-user", "secretariat"
NATIONAL = ("national-authorized-user", "bch-national-focal-point")
ROLES = (CONTRIBUTOR, *NATIONAL, "validator", "curator", ADMINISTRATOR)


@dataclass(frozen=True)
class Acting:
    """One role in which an account acts, and what it is bound to; None where it is bound to none in particular."""

    id: int
    role: str
    institution: str | None
    country: str | None
    format: str | None

    def __str__(self) -> str:
        bound = (self.institution, self.country, self.format)
        return ", ".join([self.role, *(one for one in bound if one)])


@dataclass(frozen=True)
class Account:
    """A person who may do things here, and the roles in force."""

    id: str
    email: str
    name: str
    language: str
    confirmed: bool
    closed: bool
    actings: tuple[Acting, ...]

    def acts(self, *roles: str) -> tuple[Acting, ...]:
        """The roles in force that are one of these; all of them where none is named."""
        return tuple(acting for acting in self.actings if not roles or acting.role in roles)

    @property
    def administrator(self) -> bool:
        """Whether this is one of the Secretariat, who appoint the others."""
        return bool(self.acts(ADMINISTRATOR))


def create(
    connection: Connection,
    *,
    email: str,
    name: str,
    language: str,
    at: datetime,
    by: str,
    password: str | None = None,
    confirmed: bool = False,
    origin: str = "browser",
) -> Account:
    """A new account, without a role yet.

    Raises BadInput whose `where` is `email`, `name`, `language` or `password`; of two accounts with one e-mail address
    the second is refused.
    """
    email, name = address(email), personal(name)
    if language not in LANGUAGES:
        raise BadInput("{value} is none of the six languages.", where="language", value=language)
    if find(connection, email):
        raise BadInput("There is an account with this e-mail address.", where="email")
    if password is not None:
        passwords.judge(password, name, email)
    row = {
        "id": secrets.token_hex(8),
        "email": email,
        "name": name,
        "password": passwords.hashed(password) if password is not None else None,
        "language": language,
        "created": written(at),
        "confirmed": written(at) if confirmed else None,
        "closed": None,
    }
    connection.execute(ACCOUNT.insert(), row)
    audit.note(connection, at=at, by=by, action="account-made", subject=row["id"] or "", origin=origin)
    return _certain(connection, str(row["id"]))


def account(connection: Connection, id: str) -> Account | None:
    """The account of an identifier."""
    row = connection.execute(select(ACCOUNT).where(ACCOUNT.c.id == id)).mappings().first()
    return _account(row, _actings(connection, id)) if row else None


def find(connection: Connection, email: str) -> Account | None:
    """The account of an e-mail address, whatever the case of its letters."""
    found = connection.execute(select(ACCOUNT.c.id).where(ACCOUNT.c.email == email.strip().lower())).scalar()
    return account(connection, found) if found else None


def everyone(connection: Connection) -> list[Account]:
    """All accounts, by name."""
    held: dict[str, list[Acting]] = {}
    for row in connection.execute(select(ACTING).where(ACTING.c.ended.is_(None)).order_by(ACTING.c.id)).mappings():
        held.setdefault(row["account"], []).append(_acting(row))
    rows = connection.execute(select(ACCOUNT).order_by(ACCOUNT.c.name, ACCOUNT.c.id)).mappings()
    return [_account(row, held.get(row["id"], ())) for row in rows]


def password_of(connection: Connection, account: str) -> str | None:
    """What is kept of the password of an account that may sign in; None where it has none, or may not."""
    may = (ACCOUNT.c.id == account, ACCOUNT.c.closed.is_(None), ACCOUNT.c.confirmed.is_not(None))
    return connection.execute(select(ACCOUNT.c.password).where(*may)).scalar()


def set_password(
    connection: Connection, account: str, kept: str, *, at: datetime, by: str, origin: str = "browser", but: str = ""
) -> None:
    """Give an account a password, hashed before the transaction; ends its sessions, save one perhaps."""
    connection.execute(update(ACCOUNT).where(ACCOUNT.c.id == account).values(password=kept))
    sessions.end_all(connection, account, but=but)
    audit.note(connection, at=at, by=by, action="password-set", subject=account, origin=origin)


def refresh_password(connection: Connection, account: str, kept: str) -> None:
    """Keep the same password by today's parameters: nothing that anybody did."""
    connection.execute(update(ACCOUNT).where(ACCOUNT.c.id == account).values(password=kept))


def confirm(connection: Connection, account: str, *, at: datetime, by: str, origin: str = "letter") -> None:
    """Note that whoever reads the account's letters is its owner; a second time changes nothing."""
    open = (ACCOUNT.c.id == account, ACCOUNT.c.confirmed.is_(None))
    if connection.execute(update(ACCOUNT).where(*open).values(confirmed=written(at))).rowcount:
        audit.note(connection, at=at, by=by, action="account-confirmed", subject=account, origin=origin)


def rename(connection: Connection, account: str, *, name: str, language: str, at: datetime, by: str) -> None:
    """Change what an account is called, and the language of its letters; raises BadInput naming the field."""
    name, before = personal(name), _certain(connection, account)
    if language not in LANGUAGES:
        raise BadInput("{value} is none of the six languages.", where="language", value=language)
    connection.execute(update(ACCOUNT).where(ACCOUNT.c.id == account).values(name=name, language=language))
    for action, old, new in (("renamed", before.name, name), ("language-set", before.language, language)):
        if old != new:
            audit.note(connection, at=at, by=by, action=action, subject=account, origin="browser", old=old, new=new)


def close(connection: Connection, account: str, *, at: datetime, by: str, origin: str = "browser") -> None:
    """Close an account: sessions and tokens end, saved searches go, nobody signs in any more; what it wrote remains.

    Raises NotFound for no account, Conflict for the last administrator.
    """
    found = _certain(connection, account)
    if found.closed:
        return
    if found.administrator:
        _not_the_last(connection)
    connection.execute(update(ACCOUNT).where(ACCOUNT.c.id == account).values(closed=written(at), password=None))
    held = (ACTING.c.account == account, ACTING.c.ended.is_(None))
    connection.execute(update(ACTING).where(*held).values(ended=written(at)))
    sessions.end_all(connection, account)
    tokens.revoke_all(connection, account, at=at)
    saved.remove_all(connection, account)
    audit.note(connection, at=at, by=by, action="account-closed", subject=account, origin=origin)


def appoint(
    connection: Connection,
    account: str,
    *,
    role: str,
    by: str,
    at: datetime,
    institution: str | None = None,
    country: str | None = None,
    format: str | None = None,
    origin: str = "browser",
) -> Acting:
    """Let an account act in a role; its sessions end, so that nobody acts by rights of before.

    `institution` is the IRI of an organization's record, `country` a code, `format` the key of a common format; None
    stands for no one in particular. Raises BadInput whose `where` is `role` or `country`, NotFound for no account.
    """
    if role not in ROLES:
        raise BadInput("{value} is no role.", remedy="There are {roles}.", where="role", value=role, roles=_all_roles())
    if role in NATIONAL and not country:
        raise BadInput("This role is held for a country.", remedy="Name the country.", where="country")
    found = _certain(connection, account)
    if found.closed:
        raise Conflict("This account is closed.")
    bound = {"role": role, "institution": institution, "country": country, "format": format}
    for acting in found.actings:
        if {name: getattr(acting, name) for name in bound} == bound:
            return acting
    row = {**bound, "account": account, "by": by, "since": written(at), "ended": None}
    given = connection.execute(insert(ACTING).returning(ACTING), row).mappings().one()
    sessions.end_all(connection, account)
    new = str(_acting(given))
    audit.note(connection, at=at, by=by, action="role-given", subject=account, origin=origin, new=new)
    return _acting(given)


def dismiss(connection: Connection, acting: int, *, by: str, at: datetime, origin: str = "browser") -> None:
    """End a role, and the sessions of its account. Raises NotFound for none, Conflict for the last administrator."""
    mine = (ACTING.c.id == acting, ACTING.c.ended.is_(None))
    row = connection.execute(select(ACTING).where(*mine)).mappings().first()
    if row is None:
        raise NotFound("There is no such role in force.")
    if row["role"] == ADMINISTRATOR:
        _not_the_last(connection)
    connection.execute(update(ACTING).where(*mine).values(ended=written(at)))
    sessions.end_all(connection, row["account"])
    old = str(_acting(row))
    audit.note(connection, at=at, by=by, action="role-taken", subject=row["account"], origin=origin, old=old)


def _not_the_last(connection: Connection) -> None:
    if sum(one.administrator for one in everyone(connection)) < 2:
        raise Conflict("This is the last administrator.", remedy="Appoint another one first.")


def _all_roles() -> str:
    return ", ".join(ROLES)


def _certain(connection: Connection, id: str) -> Account:
    found = account(connection, id)
    if found is None:
        raise NotFound("There is no such account.")
    return found


def _actings(connection: Connection, account: str) -> list[Acting]:
    held = select(ACTING).where(ACTING.c.account == account, ACTING.c.ended.is_(None)).order_by(ACTING.c.id)
    return [_acting(row) for row in connection.execute(held).mappings()]


def _acting(row: RowMapping) -> Acting:
    return Acting(row["id"], row["role"], row["institution"], row["country"], row["format"])


def _account(row: RowMapping, actings: Iterable[Acting]) -> Account:
    return Account(
        id=row["id"],
        email=row["email"],
        name=row["name"],
        language=row["language"],
        confirmed=row["confirmed"] is not None,
        closed=row["closed"] is not None,
        actings=tuple(actings),
    )
