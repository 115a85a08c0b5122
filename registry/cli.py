"""The command line: `registry serve | load | check | rebuild | verify | status`, and those of `keeping`.

A command opens the store where it is free; beside a running server it only appends to the ledger, which the server
follows. Exit status: 0 done, 1 something was refused or does not fit, 2 the command could not be carried out.
"""

from __future__ import annotations

import argparse
import io
import os
import socket
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, time
from pathlib import Path

from registry import audit, database, house, inspection, keeping, offices, sending, settings, status
from registry.bar import Bar
from registry.database import DatabaseError
from registry.errors import BadParameter, LedgerBroken, RegistryError
from registry.exchange import contexts
from registry.exchange.writing import serialise
from registry.findings import report
from registry.keeping import day
from registry.load import Summary, Terms, load, shifted
from registry.registry import Registry, open_beside, open_registry
from registry.rooms import House
from registry.settings import Settings
from registry.terms import NamedNode

LOADED = NamedNode("urn:registry:load")  # a report of many records stands nowhere; its parts are fragments of this


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; messages go to the standard error, results to the standard output."""
    options = _parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):  # a file may have a name that is no text
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        _whole(options)
        return int(options.run(settings.read(), options))
    except LedgerBroken as error:
        print(error, file=sys.stderr)
        return 1
    except BrokenPipeError:  # whoever read the output, such as `head`, has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except RegistryError as error:
        print(error, file=sys.stderr)
    except OSError as error:  # a disk that is full, a folder that may not be written
        print(": ".join(str(part) for part in (error.filename, error.strerror or error) if part), file=sys.stderr)
    except DatabaseError as error:
        print(f"The database could not do it: {error.orig}.", file=sys.stderr)
    return 2


def _whole(options: argparse.Namespace) -> None:
    """Refuse words that are no text: they would go into the ledger. Names of files may be so."""
    for name, given in vars(options).items():
        for value in given if isinstance(given, list) else [given]:
            try:
                _ = value.encode() if isinstance(value, str) else b""
            except UnicodeEncodeError as error:
                raise BadParameter("{name} is no text.", remedy="Write it in UTF-8.", name=name) from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="registry", description="The Biosafety Capacity Registry.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    serve = commands.add_parser("serve", help="serve the registry over HTTP")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    serve.add_argument("--port", type=_port, default=8000, help="port to listen on (default 8000)")
    serve.set_defaults(run=_serve)

    loader = commands.add_parser("load", help="check and publish the records of files and folders")
    loader.add_argument(
        "path", nargs="+", type=Path, help="a file or folder; `samples/period-2004` of the house is found too"
    )
    loader.add_argument("--legacy", action="store_true", help="excuse missing fields, never wrong ones")
    loader.add_argument(
        "--source", default="secretariat", help="source class where a file states none (default secretariat)"
    )
    loader.add_argument("--by", default="operator", help="who loads, for the ledger (default operator)")
    loader.add_argument(
        "--anchor", type=day, help="dates are written around this day and mean the day of first loading"
    )
    loader.add_argument("--dry-run", action="store_true", help="check only, publish nothing")
    loader.add_argument("--advice", action="store_true", help="tell what is recommended and missing, too")
    loader.add_argument("--lang", default="en", help="language of what is told of records (default en)")
    loader.add_argument("--report", type=Path, help="write all findings to this file, as a validation report in Turtle")
    loader.add_argument("--quiet", action="store_true", help="no progress bar")
    loader.set_defaults(run=_load)

    check = commands.add_parser(
        "check", help="check the data rooms: shapes, vocabularies, queries, translations, drift"
    )
    check.set_defaults(run=_check)
    freezer = commands.add_parser("freeze", help="write the JSON-LD contexts and frames that have no file yet")
    freezer.set_defaults(run=_freeze)
    rebuild = commands.add_parser("rebuild", help="make the triple store anew from the ledger")
    rebuild.set_defaults(run=_rebuild)
    verify = commands.add_parser("verify", help="prove the ledger's chain and that the store agrees with it")
    verify.set_defaults(run=_verify)
    for room in (keeping, offices, sending):
        room.add(commands)
    figures = commands.add_parser("status", help="how many records there are, by state")
    figures.add_argument("--day", type=day, help="as recorded up to the end of this day, such as 2004-12-15")
    figures.add_argument("--lang", default="en", help="language of the labels (default en)")
    figures.set_defaults(run=_status)
    return parser


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6 and int(text) < 2**16):
        raise argparse.ArgumentTypeError(f"{text} is no port; give one from 0 (any that is free) to 65535")
    return int(text)


def _serve(given: Settings, options: argparse.Namespace) -> int:
    import uvicorn  # only this command needs a web server

    where = {"host": options.host, "port": options.port}
    # h11 bounds the head of a request and reads the body of one that offers an upgrade; faster readers do neither.
    config = uvicorn.Config(
        "web.app:serve", factory=True, http="h11", log_level="warning", access_log=False, server_header=False, **where
    )
    try:
        listening = config.bind_socket()  # before the store is opened: a port that is taken is told at once
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # or each answer waits 40 ms for an ACK
        print(f"The registry is at {given.base} and listens on {options.host}:{options.port}", flush=True)
        server = uvicorn.Server(config)
        server.run(sockets=[listening])
    except SystemExit as ended:  # uvicorn's way of saying that it could not start, after it said why
        return 2 if ended.code else 0
    return 0 if server.started else 2


def _load(given: Settings, options: argparse.Namespace) -> int:
    if options.report and (options.report.is_dir() or not options.report.parent.is_dir()):
        raise BadParameter(
            "{path} cannot be written: it is a folder, or in none.", where="--report", path=options.report
        )
    registry = open_beside(given)
    try:
        terms = Terms(datetime.now(UTC), options.by, _source(registry, options.source), options.legacy)
        if options.anchor:
            first = registry.ledger.event(1)
            terms = shifted(terms, options.anchor, first.entered.date() if first else terms.at.date())
        with Bar(disable=options.quiet) as bar:
            summary = load(registry, [_found(path) for path in options.path], terms, bar.tell, dry=options.dry_run)
        if options.report:
            told = report(summary.findings(registry.own), registry.own, LOADED)
            options.report.write_bytes(serialise(told, "text/turtle", registry.house.prefixes))
    finally:
        registry.close()
    _report(summary, advice=options.advice, lang=options.lang)
    if options.dry_run:
        print(f"Sound, not published: {summary.sound}.")
    return 1 if summary.refused else 0


def _found(path: Path) -> Path:
    """The path itself, or the same path inside the house: samples travel in the wheel."""
    inside = house.find() / path
    return inside if not path.exists() and inside.exists() else path


def _source(registry: Registry, code: str) -> str:
    known = registry.concepts.scheme(registry.own.iri("vocabulary/information-source"))
    codes = [c.notation for iri in (known.concepts if known else ()) if (c := registry.concepts.get(iri))]
    if code not in codes:
        raise BadParameter(
            "{value} is no source class.",
            remedy="Give one of {codes}.",
            where="--source",
            value=code,
            codes=", ".join(codes),
        )
    return code


def _report(summary: Summary, *, advice: bool, lang: str) -> None:
    for refusal in summary.refusals:
        print(refusal.tell(lang), file=sys.stderr)
    if advice:
        for hint in summary.advice:
            print(f"advice · {hint.tell(lang)}", file=sys.stderr)
    counts = f"Published: {summary.published}. Revised: {summary.revised}. Unchanged: {summary.unchanged}."
    print(f"{counts} Refused: {summary.refused}. Advice: {len(summary.advice)}.")


def _check(given: Settings, options: argparse.Namespace) -> int:
    faults = list(inspection.inspect(given))
    for fault in faults:
        print(fault, file=sys.stderr)
    print("The house is sound." if not faults else f"Faults: {len(faults)}.")
    return 1 if faults else 0


def _freeze(given: Settings, options: argparse.Namespace) -> int:
    rooms = House(given)
    written, faults = contexts.freeze(rooms.folder, rooms.formats.values(), rooms.own)
    for fault in faults:
        print(fault, file=sys.stderr)
    print(*written, f"Written: {len(written)}.", sep="\n")
    return 1 if faults else 0


def _rebuild(given: Settings, options: argparse.Namespace) -> int:
    registry = open_registry(given)
    registry.close()
    registry.views.rebuild(given.store)
    registry = open_registry(given)
    print(f"Rebuilt to row {registry.sequence}. Digest {registry.graphs.digest()}")
    registry.close()
    return 0


def _verify(given: Settings, options: argparse.Namespace) -> int:
    registry = open_beside(given)
    try:
        rows = registry.ledger.verify()
        unguarded = registry.ledger.unguarded()
        with database.reading(registry.ledger.engine) as connection:
            acts = audit.verify(connection)
        kept, replayed = registry.views.digests(registry.graphs)
    finally:
        registry.close()
    print(f"Rows: {rows}. The chain holds.\nActs: {acts}. The audit trail holds.")
    if unguarded:
        print(
            f"Nothing keeps the ledger or the audit trail append-only: no trigger {', '.join(unguarded)}.",
            file=sys.stderr,
        )
        print("Make a backup and restore it into an empty database.", file=sys.stderr)
        return 1
    if not registry.keeps_store:
        print(f"A server holds the store: stop it to prove that too.\nDigest of a replay:  {replayed}")
        return 0
    print(f"Digest of the store: {kept}\nDigest of a replay:  {replayed}")
    if kept != replayed:
        print("The store does not agree with the ledger. Run: registry rebuild", file=sys.stderr)
        return 1
    return 0


def _status(given: Settings, options: argparse.Namespace) -> int:
    registry = open_beside(given)
    try:
        day = options.day or datetime.now(UTC).date()
        world = registry.at(datetime.combine(day, time.max, UTC)) if options.day else registry
        for line in status.lines(world, day, options.lang):
            print(line)
    finally:
        registry.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
