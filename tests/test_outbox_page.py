"""The box of letters as administrators see it."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from registry import audit, database, letters, outbox
from registry.registry import Registry
from registry.settings import Smtp
from tests.browsing import Clock, browser, member, sign_in
from tests.conftest import HOUSE, TODAY

HTML = {"Accept": "text/html"}
LINK = "http://localhost:8000/reset/secret"


def administrator(registry: Registry, *, smtp: Smtp | None = None) -> TestClient:
    registry.settings = replace(registry.settings, smtp=smtp)
    member(registry, "amina@example.org", "secretariat")
    client = browser(registry, Clock())
    assert sign_in(client).status_code == 303
    return client


def written(registry: Registry, count: int = 1, lang: str = "en") -> list[str]:
    places = {"name": "<b>Kofi</b>", "link": LINK, "until": TODAY}
    letter = letters.draw(HOUSE, "reset", lang, places)
    with database.writing(registry.ledger.engine) as connection:
        return [
            outbox.put(connection, letter, address="kofi@example.org", at=TODAY + timedelta(seconds=number))
            for number in range(count)
        ]


def test_the_box_and_a_letter(empty: Registry) -> None:
    client = administrator(empty)
    (id,) = written(empty)
    box = client.get("/outbox", headers=HTML)
    assert box.status_code == 200
    assert "kofi@example.org" in box.text and "letters stay here" in box.text and "New password" in box.text
    assert box.headers["cache-control"] == "no-store" and "Cookie" in box.headers["vary"]
    letter = client.get(f"/outbox/{id}", headers=HTML)
    assert f'<a href="{LINK}">' in letter.text
    assert "Dear &lt;b&gt;Kofi&lt;/b&gt;," in letter.text and "<b>Kofi" not in letter.text
    assert "&lt;!doctype html&gt;" in letter.text
    with database.reading(empty.ledger.engine) as connection:
        acts = [(act.action, act.subject) for act in audit.acts(connection) if act.action.endswith("-read")]
    assert acts == [("letter-read", id), ("outbox-read", "outbox")]


def test_an_arabic_letter_keeps_its_direction(empty: Registry) -> None:
    client = administrator(empty)
    (id,) = written(empty, lang="ar")
    assert 'lang="ar" dir="rtl">\n<p>' in client.get(f"/outbox/{id}", headers=HTML).text


@pytest.mark.parametrize("lang", ["en", "fr", "es", "ru", "zh", "ar"])
def test_the_page_in_every_language(empty: Registry, lang: str) -> None:
    client = administrator(empty)
    (id,) = written(empty)
    for path in ("/outbox", f"/outbox/{id}"):
        found = client.get(f"{path}?lang={lang}", headers=HTML)
        assert found.status_code == 200 and f'<html lang="{lang}"' in found.text


def test_with_a_mail_server_a_letter_is_for_its_reader_alone(empty: Registry) -> None:
    client = administrator(empty, smtp=Smtp("127.0.0.1", 9, "none"))
    (id,) = written(empty)
    letter = client.get(f"/outbox/{id}", headers=HTML).text
    assert "kofi@example.org" in letter and "Choose a new password" in letter
    assert "secret" not in letter and "Kofi" not in letter
    with database.writing(empty.ledger.engine) as connection:
        outbox.claim(connection, TODAY, TODAY + timedelta(minutes=1))
        outbox.mark_failed(connection, id, "550 <no> such user", None)
    assert "550 &lt;no&gt; such user" in client.get(f"/outbox/{id}", headers=HTML).text


def test_states_and_pages(empty: Registry) -> None:
    client = administrator(empty)
    ids = written(empty, 51)
    with database.writing(empty.ledger.engine) as connection:
        outbox.mark_sent(connection, ids[0], TODAY)
    first, second = (client.get(f"/outbox?page={page}", headers=HTML).text for page in (1, 2))
    assert len(re.findall(r'href="/outbox/\w{32}"', first)) == 50
    assert re.findall(r'href="/outbox/(\w{32})"', second) == [ids[0]]
    sent = client.get("/outbox?state=sent", headers=HTML).text
    assert re.findall(r'href="/outbox/(\w{32})"', sent) == [ids[0]]
    assert "No letter fits" in client.get("/outbox?state=failed", headers=HTML).text
    for path, status in (
        ("?page=3", 404),
        ("?page=0", 400),
        ("?page=x", 400),
        ("?state=lost", 400),
        ("?stat=sent", 400),
        ("/none", 404),
    ):
        assert client.get(f"/outbox{path}", headers=HTML).status_code == status, path


@pytest.mark.parametrize("role", ["registered-user", "bch-national-focal-point", "validator", "curator"])
def test_it_is_for_administrators(empty: Registry, role: str) -> None:
    bound = {"country": "KE"} if role == "bch-national-focal-point" else {}
    member(empty, "amina@example.org", role, **bound)
    (id,) = written(empty)
    client = browser(empty, Clock())
    for path in ("/outbox", f"/outbox/{id}"):
        found = client.get(path, headers=HTML)
        assert found.status_code in (303, 401) and "kofi" not in found.text
    sign_in(client)
    for path in ("/outbox", f"/outbox/{id}", "/outbox/none"):
        found = client.get(path, headers=HTML)
        assert found.status_code == 403 and "kofi" not in found.text
