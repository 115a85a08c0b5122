"""Kill -9 in the middle of a load, again and again: `python -m tests.crash KILLS FOLDER`.

Each child opens the registry, proves ledger and store, then loads a newer version of every record. The parent kills
one in three at any moment of its life, the others within a moment of their first append. A child that finds
anything half-written exits with 3. Children are forked from a parent that never opened a store, whose threads a
fork would not carry along.
"""

import contextlib
import json
import os
import random
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from registry import load
from registry.registry import Registry
from tests.conftest import opened_at, rooms

RECORDS = 60
LINES = 6


def text(version: int) -> str:
    """Sixty organisations, each naming the version of the file it came with, in every field that can tell."""
    record = """<id/BCH-ORG-SCBD-{n}> a <ns/capacity#Organisation> ;
  <http://xmlns.com/foaf/0.1/name> "Institute {n}, version {v}"@en ;
  <http://purl.org/dc/terms/description> "Version {v}"@en , "Version {v}"@fr ;
  <http://purl.org/dc/terms/type> <vocabulary/organisation-type/academic> ;
  <ns/capacity#country> <vocabulary/countries/KE> .
"""
    return "".join(record.format(n=number, v=version) for number in range(1, RECORDS + 1))


def prove(registry: Registry) -> None:
    """The chain holds, the store shows it, and no record mixes two versions or lacks a line."""
    registry.ledger.verify()
    kept, replayed = registry.views.digests(registry.graphs)
    assert kept == replayed
    for event in registry.ledger.events():
        if event.kind in ("published", "revised"):
            lines = (event.graph or "").split("\n")
            assert len(lines) == LINES, event.graph
            versions = {line.rsplit("ersion ", 1)[1].split('"')[0] for line in lines if "ersion " in line}
            assert len(versions) == 1


def child(data: Path, folder: Path, tell: int) -> None:
    """One life: prove what is there, then load."""
    load.BATCH = 7
    try:
        registry = opened_at(data)
        prove(registry)
        terms = load.Terms(datetime.now(UTC), by="crash")

        def heard(what: str, done: int, of: int) -> None:
            if what == "checking" and done == of:
                os.write(tell, b".")

        summary = load.load(registry, [folder], terms, heard)
        assert not summary.refused
        registry.close()
    except BaseException as error:
        print(repr(error), file=sys.stderr)
        os._exit(3)
    os._exit(0)


def main(kills: int, folder: Path) -> dict[str, int]:
    """Run until so many children were killed; returns what happened."""
    data, source = folder / "var", folder / "in"
    source.mkdir(parents=True)
    rooms()  # once for all lives
    chance, killed, finished, version = random.Random(2004), 0, 0, 0
    while killed < kills:
        version += 1
        (source / "organisations.ttl").write_text(text(version), encoding="utf-8")
        hear, tell = os.pipe()
        pid = os.fork()
        if pid == 0:
            child(data, source, tell)
        os.close(tell)
        if version % 3:
            os.read(hear, 1)
            time.sleep(chance.uniform(0, 0.3))
        else:
            time.sleep(chance.uniform(0, 2))
        os.close(hear)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        if os.WIFSIGNALED(status):
            killed += 1
        else:
            finished += 1
            assert os.waitstatus_to_exitcode(status) == 0, "a child found something half-written"
    pid = os.fork()
    if pid == 0:
        child(data, source, os.open(os.devnull, os.O_WRONLY))
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    registry = opened_at(data)
    prove(registry)
    found = {"killed": killed, "finished": finished, "rows": registry.ledger.last(), "records": 0}
    found["records"] = sum(registry.record(f"BCH-ORG-SCBD-{n}") is not None for n in range(1, RECORDS + 1))
    registry.close()
    return found


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), Path(sys.argv[2]))))
