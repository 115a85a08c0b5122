"""Kill -9 in the middle of publications, again and again: `python -m tests.crash_sending KILLS FOLDER START`.

Each child opens a copy of the registry in START, proves ledger, store, audit trail, outbox and receipts, then sends
records by the interface's own function: contacts that are published, news that wait, each with a key. The parent kills
it at any moment after its first record. The next child sends the same again from where the last answer was heard: what
had been done is answered again, what had not is done once.
"""

import contextlib
import json
import os
import random
import shutil
import signal
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from registry import aims, arrivals, audit, database, deposits, people, repeats
from registry.deposits import Deposited, Terms
from registry.desk import Actor
from registry.people import Account
from registry.registry import Registry
from registry.repeats import Kept, Repeat, Repeated
from tests.conftest import opened_at, rooms
from tests.sending import TURTLE, turtle

ALL = 12  # records of each kind that a life may send


def prepare(registry: Registry) -> None:
    """A contributor and a validator."""
    at = datetime.now(UTC)
    roles = {"author": "registered-user", "validator": "validator"}
    with database.writing(registry.ledger.engine) as connection:
        for name, role in roles.items():
            email = f"{name}@example.org"
            made = people.create(connection, email=email, name=name, language="en", at=at, by="t", confirmed=True)
            people.appoint(connection, made.id, by="t", at=at, role=role)


def author(registry: Registry) -> Account:
    with database.reading(registry.ledger.engine) as connection:
        found = people.find(connection, "author@example.org")
    assert found
    return found


def prove(registry: Registry) -> Counter[str]:
    """Everything fits together: one version, one receipt, one letter, one answer for each thing that was done."""
    registry.ledger.verify()
    kept, replayed = registry.views.digests(registry.graphs)
    assert kept == replayed
    with database.reading(registry.ledger.engine) as connection:
        audit.verify(connection)
        ask = connection.exec_driver_sql
        events = [row[0] for row in ask("SELECT record FROM ledger WHERE kind = 'published' AND \"by\" <> 'test'")]
        drafts = [tuple(row) for row in ask("SELECT record, status, receipt FROM draft")]
        receipts = {row[0]: (row[1], row[2]) for row in ask("SELECT id, record, outcome FROM receipt")}
        answers = [row[0] for row in ask("SELECT body FROM answer")]
        letters = [row[0] for row in ask("SELECT kind FROM outbox")]
        acts = Counter(row[0] for row in ask("SELECT action FROM act"))
        numbers = [row[0] for row in ask("SELECT record FROM number")]
    states = Counter(status for _, status, _ in drafts)
    assert set(states) <= {"published", "pending-approval"}, states
    assert len(set(events)) == len(events) == states["published"] == acts["publish"]
    assert len(letters) == letters.count("submitted") == states["pending-approval"] == acts["submit"]
    assert len(receipts) == len(drafts) == len(answers) == len(numbers) == acts["begin"]
    for record, status, receipt in drafts:
        assert receipts[receipt] == (record, status)
        assert any(record.rsplit("/", 1)[-1] in answer for answer in answers)
    return states


def send(registry: Registry, account: Account, format: str, key: str) -> str:
    """One record with a key, as the interface sends it; returns its identifier."""
    actor, at = Actor(account, door="api", origin="token"), datetime.now(UTC)
    repeat = Repeat(account.id, key, key)

    def before(connection: database.Connection) -> None:
        if kept := repeats.earlier(connection, repeat):
            raise Repeated(kept)

    def after(connection: database.Connection, done: Deposited) -> None:
        repeats.keep(connection, repeat, Kept(200, {}, done.identifier), at=at)

    text = turtle(format).replace("https://partner.example/r/1#", "_:").replace("<_:contact-1>", "_:c")
    text = text.replace("<_:need-1>", "_:n").replace("<https://partner.example/r/1>", "_:it")
    found = arrivals.read(registry, text.encode(), TURTLE, format=registry.formats[format])
    arrival = arrivals.sole(found, registry.own)
    aim = aims.new(registry, actor, registry.formats[format], arrival)
    try:
        return deposits.deposit(registry, actor, aim, arrival, Terms(at, before=before, after=after)).identifier
    except Repeated as repeated:
        return repeated.kept.body


def child(folder: Path, first: int, tell: int) -> None:
    """One life: prove what is there, then send until killed, telling each answer."""
    try:
        registry = opened_at(folder)
        prove(registry)
        who = author(registry)
        for number in range(first, first + ALL):
            format = ("contact", "news")[number % 2]
            name = send(registry, who, format, f"key-{number}")
            os.write(tell, f"{number} {name}\n".encode())
        registry.close()
    except BaseException as error:
        print(repr(error), file=sys.stderr)
        os._exit(3)
    os._exit(0)


def main(kills: int, folder: Path, start: Path) -> dict[str, int]:
    """Run until so many children were killed; returns what happened."""
    shutil.copytree(start, folder / "var")
    rooms()  # once for all lives
    pid = os.fork()
    if pid == 0:
        registry = opened_at(folder / "var")
        prepare(registry)
        registry.close()
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    chance, killed, acknowledged = random.Random(2005), 0, dict[int, str]()
    while killed < kills:
        hear, tell = os.pipe()
        pid = os.fork()
        if pid == 0:
            child(folder / "var", max(acknowledged, default=-1) + 1, tell)
        os.close(tell)
        heard = os.read(hear, 65_536)
        time.sleep(chance.uniform(0, 0.3))
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        while more := os.read(hear, 65_536):
            heard += more
        os.close(hear)
        assert os.WIFSIGNALED(status) or os.waitstatus_to_exitcode(status) == 0, "a child found something half-done"
        killed += os.WIFSIGNALED(status)
        for line in heard.decode().splitlines():
            number, name = line.split()
            assert acknowledged.setdefault(int(number), name) == name
    registry = opened_at(folder / "var")
    states = prove(registry)
    who = author(registry)
    for number, name in acknowledged.items():  # what was answered is there, and is not done again
        format = ("contact", "news")[number % 2]
        assert send(registry, who, format, f"key-{number}") == name
        assert format == "news" or registry.record(name)
    assert prove(registry) == states
    registry.close()
    published, submitted = states["published"], states["pending-approval"]
    return {"killed": killed, "answered": len(acknowledged), "published": published, "submitted": submitted}


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))))
