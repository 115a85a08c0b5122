"""A browser without scripts, for tests: it keeps cookies, and sends the forms that pages hold."""

import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any

from starlette.testclient import TestClient

from registry import database, people
from registry.people import Account
from registry.registry import Registry
from tests.conftest import TODAY
from web.app import create_app

PASSWORD = "seven green lamps in the fog"
_INPUT = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)"')


class Clock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.now = TODAY

    def __call__(self) -> datetime:
        return self.now

    def on(self, **by: float) -> None:
        self.now += timedelta(**by)


def browser(registry: Registry, clock: Clock, address: str = "192.0.2.1", app: Any = None) -> TestClient:
    """A browser at a network address; of an application that others use too, where one is given."""
    app = app or create_app(registry, registry.settings, today=lambda: clock().date(), clock=clock)
    base = registry.settings.base.split("/")
    return TestClient(app, base_url="//".join((base[0], base[2])), follow_redirects=False, client=(address, 50_000))


def word(client: TestClient, path: str = "/sign-in") -> str:
    """What the forms of a page bring back."""
    got = client.get(path, headers={"Accept": "text/html"})
    assert got.status_code == 200, (path, got.status_code, got.text[-600:])
    return re.search(r'name="csrf" value="([^"]+)"', got.text)[1]  # type: ignore[index]


def hidden(text: str) -> dict[str, str]:
    """The hidden inputs of a page."""
    return {name: unescape(value) for name, value in _INPUT.findall(text)}


def send(client: TestClient, path: str, page: str = "", **fields: Any) -> Any:
    """Fill in the form of a page and send it."""
    shown = {name.replace("__", "-"): value for name, value in fields.items()}
    headers = {"Origin": str(client.base_url).rstrip("/"), "Accept": "text/html"}
    return client.post(path, data={"csrf": word(client, page or path), **shown}, headers=headers)


def member(registry: Registry, email: str = "amina@example.org", *roles: str, **bound: str) -> Account:
    """An account with a password and roles."""
    with database.writing(registry.ledger.engine) as connection:
        account = people.create(
            connection,
            email=email,
            name="Amina Example",
            language="en",
            at=TODAY,
            by="test",
            password=PASSWORD,
            confirmed=True,
        )
        for role in roles:
            people.appoint(connection, account.id, role=role, by="test", at=TODAY, **bound)  # type: ignore[arg-type]
        found = people.account(connection, account.id)
    assert found
    return found


def sign_in(client: TestClient, email: str = "amina@example.org", password: str = PASSWORD, **fields: str) -> Any:
    return send(client, "/sign-in", email=email, password=password, **fields)


def letters(registry: Registry) -> list[Any]:
    """The letters in the outbox, oldest first."""
    with registry.ledger.engine.connect() as connection:
        table = database.metadata.tables["outbox"]
        return list(connection.execute(table.select().order_by(table.c.made)).mappings())


def link(letter: Any) -> str:
    """The path that a letter leads to."""
    return re.search(r"https?://[^/\s]+(/\S+)", letter["text"])[1]  # type: ignore[index]
