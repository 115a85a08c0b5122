"""The commands that keep the registry: its nightly round, dumps, the ends of records, backup, restore, migration."""

from __future__ import annotations

import argparse
import os
import socket
import sys
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

from registry import attachments, backup, database, dumps, lease, night, outbox, post, release, retirement
from registry.bar import Bar
from registry.errors import BadParameter
from registry.ledger import Event
from registry.registry import Registry, open_beside
from registry.settings import Settings
from registry.shape import path_name
from registry.terms import NamedNode

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def add(commands: Commands) -> None:
    """Make the commands known to the command line."""
    rounds = commands.add_parser("night", help="the nightly round: archive what has ended")
    rounds.add_argument("--day", type=day, help="as if on this day (default today)")
    rounds.set_defaults(run=_night)

    dumping = commands.add_parser("dump", help="write everything public into compressed files, for all to fetch")
    dumping.set_defaults(run=_dump)

    retire = commands.add_parser("retire", help="retire a record: a tombstone takes its place")
    retire.add_argument("record", help="its identifier, such as BCH-CDI-SCBD-108")
    _reasoned(retire)
    retire.add_argument("--successor", help="the identifier of the record that replaces it")
    retire.set_defaults(run=_retire)

    merge = commands.add_parser("merge", help="merge a record into the one that it doubles")
    merge.add_argument("record", help="the identifier of the double")
    merge.add_argument("into", help="the identifier of the record that stays")
    _reasoned(merge)
    merge.set_defaults(run=_merge)

    releasing = commands.add_parser("release", help="release vocabularies whose files have changed")
    releasing.add_argument("scheme", nargs="*", help="such as activity-type (default all that have changed)")
    releasing.add_argument("--by", default="operator", help="who releases them, for the ledger (default operator)")
    releasing.set_defaults(run=_release)

    sending = commands.add_parser("post", help="send the letters that are due, beside a running server too")
    sending.add_argument("--again", action="store_true", help="try those once more that were given up")
    sending.set_defaults(run=_post)

    withhold = commands.add_parser("withhold", help="take a published file away for good: its address tells why")
    withhold.add_argument("file", help="its address, such as https://registry.example.org/file/…/report.pdf")
    withhold.add_argument("--reason", required=True, help="why, in a sentence that readers will see")
    withhold.add_argument("--by", default="operator", help="who does it, for the audit trail (default operator)")
    withhold.set_defaults(run=_withhold)

    keep = commands.add_parser("backup", help="write the ledger and the files into one, beside a running server too")
    keep.add_argument("file", type=Path, help="the file to write, such as registry.zip")
    keep.set_defaults(run=_backup)
    back = commands.add_parser("restore", help="fill an empty registry from a backup")
    back.add_argument("file", type=Path, help="the backup")
    back.set_defaults(run=_restore)
    migrate = commands.add_parser("migrate", help="bring the database of an older version up to this one")
    migrate.set_defaults(run=_migrate)


def day(text: str) -> date:
    """A day as people write it on a command line."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is not a day; write it as 2004-12-15") from error


def _reasoned(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--reason", required=True, help="why, in a sentence that readers will see")
    parser.add_argument("--lang", default="en", help="the language of the reason (default en)")
    parser.add_argument("--by", default="operator", help="who does it, for the ledger (default operator)")


def _night(given: Settings, options: argparse.Namespace) -> int:
    at = datetime.combine(options.day, time(), UTC) if options.day else datetime.now(UTC)
    if at > datetime.now(UTC):
        raise BadParameter(
            "{value} is still to come.",
            remedy="What a round archives stays archived: give a day up to today.",
            where="--day",
            value=options.day,
        )
    registry = open_beside(given)
    try:
        done = night.run(registry, at, by=f"{socket.gethostname()}:{os.getpid()}", now=datetime.now(UTC))
    finally:
        registry.close()
    for step in done:
        print(f"{step.step}: {step.count}" + (f" · {step.failed}" if step.failed else ""))
    return 1 if any(step.failed for step in done) else 0


def _dump(given: Settings, options: argparse.Namespace) -> int:
    registry = open_beside(given)
    try:
        with lease.held(registry.ledger.engine, "night", f"{socket.gethostname()}:{os.getpid()}", datetime.now(UTC)):
            written = dumps.write(registry, given.dumps, datetime.now(UTC))
            removed = dumps.prune(given.dumps, given.kept_dumps)
    finally:
        registry.close()
    print(f"Written: {given.dumps / written.name}" if written else "Nothing is new since the last dump.")
    if removed:
        print(f"Removed: {', '.join(removed)}.")
    return 0


def _retire(given: Settings, options: argparse.Namespace) -> int:
    registry = open_beside(given)
    try:
        reasons = {options.lang: options.reason}
        return _ended(
            registry,
            retirement.retire(registry, options.record, reasons, by=options.by, successor=options.successor),
        )
    finally:
        registry.close()


def _merge(given: Settings, options: argparse.Namespace) -> int:
    registry = open_beside(given)
    try:
        reasons = {options.lang: options.reason}
        return _ended(registry, retirement.merge(registry, options.record, options.into, reasons, by=options.by))
    finally:
        registry.close()


def _ended(registry: Registry, event: Event) -> int:
    name = path_name(NamedNode(event.record))
    print(f"{name}: {event.kind}, row {event.seq}.")
    if names := retirement.referring(registry, name):
        print(f"Records that refer to it: {', '.join(names)}.", file=sys.stderr)
    return 0


def _post(given: Settings, options: argparse.Namespace) -> int:
    engine, at, done = database.connect(given.ledger_url), datetime.now(UTC), post.Delivered(0, 0)
    if given.smtp is None:
        print("REGISTRY_SMTP is not set: letters stay in the box.", file=sys.stderr)
    else:
        if options.again:
            with database.writing(engine) as connection:
                outbox.revive(connection, at)
        done = post.deliver(engine, given.smtp, sender=given.letters_from, host=given.host, at=at)
    with database.reading(engine) as connection:
        counts = outbox.counts(connection)
    engine.dispose()
    told = f"Waiting: {counts['waiting']}. Given up: {counts['failed']}."
    print(f"Sent: {done.sent}. Failed tries: {done.failed}. {told}")
    return 1 if done.failed else 0


def _release(given: Settings, options: argparse.Namespace) -> int:
    registry = open_beside(given)
    try:
        events = release.release(registry, options.scheme, by=options.by)
    finally:
        registry.close()
    for event in events:
        print(f"{path_name(NamedNode(event.record))}: release {event.version}")
    print(f"Released: {len(events)}.")
    return 0


def _withhold(given: Settings, options: argparse.Namespace) -> int:
    id, registry = options.file.rstrip("/").split("/file/")[-1].split("/")[0], open_beside(given)
    engine = registry.ledger.engine
    try:
        with database.writing(engine) as connection:
            gone = attachments.withhold(connection, id, options.reason, at=datetime.now(UTC), by=options.by)
        database.settle(engine)
        rows = registry.select("records/mentions", record=registry.own.iri(gone.path))
        names = sorted({path_name(row["by"]) for row in rows if isinstance(row["by"], NamedNode)})
    finally:
        registry.close()
    print(f"Withheld: {gone.name}.")
    if names:
        print(f"Records that name it: {', '.join(names)}.", file=sys.stderr)
    return 0


def _backup(given: Settings, options: argparse.Namespace) -> int:
    with Bar(disable=not sys.stderr.isatty()) as bar:
        made = backup.backup(given, options.file, at=datetime.now(UTC), progress=bar.tell)
    print(f"Rows: {made.rows}. Files: {made.files}. Digest of the last row: {made.head}")
    print(f"Digest of the records: {made.store}")
    return 0


def _restore(given: Settings, options: argparse.Namespace) -> int:
    with Bar(disable=not sys.stderr.isatty()) as bar:
        made = backup.restore(given, options.file, progress=bar.tell)
    compared = made.store if backup.proven(made) else f"not compared, for version {made.version} made the backup."
    print(f"Restored rows: {made.rows}. Files: {made.files}. Digest of the last row: {made.head}")
    print(f"Digest of the records: {compared}")
    return 0


def _migrate(given: Settings, options: argparse.Namespace) -> int:
    before, now = database.migrate(database.engine_of(given.ledger_url))
    print(f"Migrated from {before or 'nothing'} to {now}." if before != now else f"At {now} already.")
    return 0
