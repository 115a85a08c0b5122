"""The commands about people: administrators, and the accounts of a demonstration."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from registry import database, demonstration, passwords, people, tickets
from registry.database import Connection
from registry.errors import BadInput
from registry.people import ADMINISTRATOR, Account
from registry.registry import open_beside
from registry.settings import Settings

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

BY = "operator"


def add(commands: Commands) -> None:
    """Make the commands known to the command line."""
    admin = commands.add_parser("admin", help="make an administrator, or list them")
    offices = admin.add_subparsers(required=True, metavar="COMMAND")
    create = offices.add_parser("create", help="make an account that is an administrator's")
    create.add_argument("--email", required=True, help="the e-mail address to sign in with")
    create.add_argument("--name", required=True, help="the name, as letters say it")
    create.add_argument("--lang", default="en", help="the language of letters (default en)")
    create.add_argument(
        "--password-file", type=Path, help="a file whose first line is the password; without it a link is printed"
    )
    create.set_defaults(run=_create)
    offices.add_parser("list", help="the administrators, one a line").set_defaults(run=_list)
    demo = commands.add_parser("demo", help="accounts to try the desk with, where samples are loaded")
    demo.set_defaults(run=_demo)


def _create(given: Settings, options: argparse.Namespace) -> int:
    at, engine = datetime.now(UTC), database.connect(given.ledger_url)
    password = _first_line(options.password_file) if options.password_file else None
    if password is not None:
        passwords.judge(password, options.name, options.email)
    kept = passwords.hashed(password) if password is not None else None
    with database.writing(engine) as connection:
        found = people.find(connection, options.email)
        if found and found.closed:
            raise BadInput("This account is closed.", where="--email")
        account = found or _made(connection, options, at)
        people.appoint(connection, account.id, role=ADMINISTRATOR, by=BY, at=at, origin="command")
        if kept:
            people.confirm(connection, account.id, at=at, by=BY, origin="command")
            people.set_password(connection, account.id, kept, at=at, by=BY, origin="command")
            print(f"{account.email} is an administrator.")
        elif account.confirmed:
            print(f"{account.email} is an administrator now, with the password as before.")
        else:
            lasts = tickets.LASTS["invite"]
            secret = tickets.issue(connection, "invite", account.id, at=at, lasts=lasts, account=account.id)
            print(f"{account.email} is an administrator. To choose a password, once, within {lasts.days} days:")
            print(f"{given.base}invitation/{secret}")
    return 0


def _made(connection: Connection, options: argparse.Namespace, at: datetime) -> Account:
    return people.create(
        connection, email=options.email, name=options.name, language=options.lang, at=at, by=BY, origin="command"
    )


def _first_line(path: Path) -> str:
    lines = path.read_text(encoding="utf-8").splitlines()
    return lines[0] if lines else ""


def _list(given: Settings, options: argparse.Namespace) -> int:
    with database.reading(database.connect(given.ledger_url)) as connection:
        found = [account for account in people.everyone(connection) if account.administrator]
    for account in found:
        print(f"{account.email}\t{account.name}" + ("" if account.confirmed else "\t(no password yet)"))
    if not found:
        print("There is none. Run: registry admin create", file=sys.stderr)
    return 0 if found else 1


def _demo(given: Settings, options: argparse.Namespace) -> int:
    registry = open_beside(given)
    try:
        with database.writing(registry.ledger.engine) as connection:
            accounts = demonstration.accounts(connection, datetime.now(UTC), registry)
    finally:
        registry.close()
    print(f"Accounts to try the desk with, at {given.base}sign-in; new passwords each time:")
    for email, password, what in accounts:
        print(f"  {email:32} {password}   {what}")
    return 0
