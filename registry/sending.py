"""The command `registry submit`: an operator sends files for an account, by the same way as programs do.

A file that was read here carries the version that it was made from; one of a partner its own names. Exit status as of
the other commands: 1 where a record was refused.
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from registry import arrivals, database, deposits, people
from registry.arrivals import Arrival
from registry.candidates import Refusal, files_of
from registry.deposits import Deposited, Refused, Terms
from registry.desk import Actor
from registry.errors import BadInput, RegistryError
from registry.exchange.reading import SUFFIXES
from registry.registry import Registry, open_beside
from registry.settings import Settings

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

PLAIN = {".json": arrivals.JSON}


def add(commands: Commands) -> None:
    """Make the command known to the command line."""
    submit = commands.add_parser("submit", help="send the records of files for an account")
    submit.add_argument("file", nargs="+", type=Path, help="a file or folder")
    submit.add_argument("--as", dest="email", required=True, help="the e-mail address of the account")
    submit.add_argument("--dry-run", action="store_true", help="check only, write nothing")
    submit.add_argument("--lang", default="en", help="language of what is told of records (default en)")
    submit.set_defaults(run=_submit)


def _submit(given: Settings, options: argparse.Namespace) -> int:
    registry = open_beside(given)
    try:
        return submit(registry, options.file, options.email, datetime.now(UTC), dry=options.dry_run, lang=options.lang)
    finally:
        registry.close()


def submit(
    registry: Registry, paths: list[Path], email: str, at: datetime, *, dry: bool = False, lang: str = "en"
) -> int:
    """Send the records of files for an account, each by itself; one line tells of each.

    Returns the exit status. Raises BadInput for no such account, or one that is closed or was never confirmed.
    """
    with database.reading(registry.ledger.engine) as connection:
        account = people.find(connection, email)
    if account is None or account.closed or not account.confirmed:
        raise BadInput("There is no account {email} in force.", where="--as", email=email)
    actor, terms, refused = Actor(account, door="command", origin="command"), Terms(at, dry=dry), 0
    for path in files_of(paths):
        for item in _items(registry, path):
            try:
                if isinstance(item, RegistryError):
                    raise item
                _tell(registry, path, item, deposits.one(registry, actor, item, terms), lang)
            except RegistryError as error:
                refused += 1
                _refuse(path, item, error, lang)
    return 1 if refused else 0


def _items(registry: Registry, path: Path) -> list[arrivals.Found]:
    suffix = path.suffix.lower()
    media = PLAIN.get(suffix) or SUFFIXES.get(suffix)
    try:
        if media is None:
            raise BadInput("{suffix} is not a kind of file that is read here.", suffix=path.suffix or path.name)
        return arrivals.read(registry, path.read_bytes(), media)
    except RegistryError as error:
        return [error]


def _called(item: arrivals.Found) -> str:
    return item.subject.value.rsplit("/", 1)[-1] if isinstance(item, Arrival) and item.origin else ""


def _tell(registry: Registry, path: Path, item: Arrival, done: Deposited, lang: str) -> None:
    number = f"version {done.version}" if done.version else ""
    link = f"{registry.settings.base}receipt/{done.secret}" if done.secret else ""
    said = done.status if done.changed or done.status == "sound" else "unchanged"
    print(" · ".join(filter(None, (path.name, _called(item), said, done.identifier, number, link))))
    for finding in done.findings:
        hint = Refusal(path.name, None, _called(item) or done.identifier, finding)
        print(f"advice · {hint.tell(lang)}", file=sys.stderr)


def _refuse(path: Path, item: arrivals.Found, error: RegistryError, lang: str) -> None:
    found = [one for one in error.findings if one.blocks] if isinstance(error, Refused) else [error]
    for one in found:
        print(Refusal(path.name, None, _called(item), one).tell(lang), file=sys.stderr)
