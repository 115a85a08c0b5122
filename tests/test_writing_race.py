"""Many programs at once, and programs that break off: no update is lost, none is made twice."""

import json
import random
import re
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from registry import database
from registry.registry import Registry
from tests.sending import (
    JSONLD,
    NTRIPLES,
    PATCH,
    TURTLE,
    bearing,
    client_of,
    compact,
    ntriples,
    office,
    token,
    turtle,
)
from tests.test_desk import KENYA, person

__all__ = ["office"]


def race(office: Registry, writers: int, edits: int) -> None:
    """Each writer changes what it read last, and reads again when it is told that somebody was faster."""
    clear = [token(office, person(office, f"point-{n}", "bch-national-focal-point", **KENYA)) for n in range(writers)]
    with client_of(office) as client:
        made = client.post("/register/needs", content=turtle("need"), headers=bearing(clear[0], Content_Type=TURTLE))
        name = made.json()["identifier"]

        def write(number: int) -> tuple[list[int], int]:
            chance, won, lost = random.Random(number), [], 0
            tag, links = '"v1"', list[str]()
            own = f"https://w{number}.example/"
            for edit in range(edits):
                mine = f"{own}{edit}"
                while True:
                    sent = bearing(clear[number], Content_Type=PATCH, If_Match=tag)
                    wanted = [*(link for link in links if not link.startswith(own)), mine]
                    got = client.patch(f"/doc/{name}", content=json.dumps({"links": wanted}), headers=sent)
                    told = got.json()
                    if got.status_code == 200:
                        won.append(told["version"])
                        tag, links = got.headers["ETag"], wanted
                        break
                    assert got.status_code == 412, got.text
                    lost += 1
                    assert mine in told["yours"]["links"]
                    current = told["current"]
                    tag, links = f'"{current["tag"]}"', current["document"].get("links", [])
                    if chance.random() < 0.2:
                        read = client.get(f"/doc/{name}.jsonld").json()
                        tag, links = f'"v{read["record"]["version"]}"', read.get("links", [])
            return won, lost

        with ThreadPoolExecutor(writers) as pool:
            results = list(pool.map(write, range(writers)))
    versions = sorted(version for won, _ in results for version in won)
    assert versions == list(range(2, writers * edits + 2))
    assert sum(lost for _, lost in results) > 0
    _each_adds_its_own(office, name, writers, edits)
    office.ledger.verify()


def _each_adds_its_own(office: Registry, name: str, writers: int, edits: int) -> None:
    """Each version has one link that the one before it had not, in whose place no other writer's is gone."""
    before: set[str] = set()
    added = []
    for event in office.versions(name)[1:]:
        links = set(re.findall(r"<(https://w[0-9]+\.example/[0-9]+)>", event.graph or ""))
        (new,) = links - before
        assert {new.rpartition("/")[0]} >= {gone.rpartition("/")[0] for gone in before - links}
        added.append(new)
        before = links
    assert sorted(added) == sorted(f"https://w{n}.example/{e}" for n in range(writers) for e in range(edits))


def test_many_writers_lose_no_update(office: Registry) -> None:
    race(office, 8, 6)


@pytest.mark.soak
def test_twenty_writers_of_fifty_edits_each(office: Registry) -> None:
    race(office, 20, 50)


def test_many_who_read_while_they_read_do_not_wait_for_each_other(office: Registry) -> None:
    """Each holds a connection and needs another: a pool with a limit would keep all of them waiting."""
    meeting = threading.Barrier(20)

    def read(_: int) -> int:
        with database.reading(office.ledger.engine):
            meeting.wait(20)
            return office.ledger.last()

    with ThreadPoolExecutor(20) as pool:
        assert set(pool.map(read, range(20))) == {office.ledger.last()}


def test_of_two_changes_from_one_state_one_is_made(office: Registry) -> None:
    clear = token(office, person(office, "point", "bch-national-focal-point", **KENYA))
    with client_of(office) as client, ThreadPoolExecutor(6) as pool:
        made = client.post("/register/needs", content=turtle("need"), headers=bearing(clear, Content_Type=TURTLE))
        name = made.json()["identifier"]

        def change(number: int) -> int:
            sent = bearing(clear, Content_Type=PATCH, If_Match='"v1"')
            if number == 5:
                return client.delete(f"/doc/{name}?reason=Old", headers=bearing(clear, If_Match='"v1"')).status_code
            body = json.dumps({"description": {"en": str(number)}})
            return client.patch(f"/doc/{name}", content=body, headers=sent).status_code

        statuses = list(pool.map(change, range(6)))
    assert statuses.count(200) == 1
    assert set(statuses) <= {200, 410, 412}


def nameless(office: Registry) -> str:
    """A record without a name of its own, which cannot be known again by it."""
    document = compact(office, "need", turtle("need"))
    del document["id"]
    return json.dumps(document)


def test_of_one_request_sent_many_times_at_once_one_record_is_made(office: Registry) -> None:
    clear = token(office, person(office, "point", "bch-national-focal-point", **KENYA))
    body = nameless(office)
    with client_of(office) as client, ThreadPoolExecutor(6) as pool:

        def send(key: str) -> tuple[int, str]:
            sent = bearing(clear, Content_Type=JSONLD, Idempotency_Key=key)
            got = client.post("/register/needs", content=body, headers=sent)
            return got.status_code, got.json().get("identifier", "")

        answers = set(pool.map(send, ["one"] * 6))
        assert len(answers) == 1 and next(iter(answers))[0] == 201


def test_of_one_name_sent_many_times_at_once_one_record_is_made(office: Registry) -> None:
    clear = token(office, person(office, "contributor", "registered-user"))
    text = ntriples(office, turtle("contact"))
    with client_of(office) as client, ThreadPoolExecutor(6) as pool:

        def send(_: int) -> str:
            got = client.post("/register/contacts", content=text, headers=bearing(clear, Content_Type=NTRIPLES))
            assert got.status_code in (200, 201), got.text
            return str(got.json()["identifier"])

        assert len(set(pool.map(send, range(6)))) == 1


def killed(times: int, folder: Path, start: Path) -> dict[str, int]:
    told = subprocess.run(
        [sys.executable, "-m", "tests.crash_sending", str(times), str(folder), str(start)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)  # type: ignore[no-any-return]


def test_five_kills(office_folder: Path, tmp_path: Path) -> None:
    found = killed(5, tmp_path, office_folder)
    assert found["killed"] == 5 and found["published"] and found["submitted"]


@pytest.mark.soak
def test_a_hundred_kills(office_folder: Path, tmp_path: Path) -> None:
    assert killed(100, tmp_path, office_folder)["killed"] == 100
