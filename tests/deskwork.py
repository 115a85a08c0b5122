"""People at the desk, for tests: accounts in each role, and what they do with its pages as a browser would."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from registry import database, people, sessions
from registry.people import Account
from registry.registry import Registry
from tests.browsing import Clock, browser
from tests.conftest import TODAY, opened_at
from web.member import SESSION, masked

ORGANISATION = "http://localhost:8000/id/BCH-ORG-SCBD-401"
OTHER = "http://localhost:8000/id/BCH-ORG-SCBD-402"
PEOPLE: dict[str, tuple[str, dict[str, str]]] = {
    "contributor": ("registered-user", {"institution": ORGANISATION}),
    "other": ("registered-user", {"institution": OTHER}),
    "user": ("national-authorized-user", {"country": "KE"}),
    "point": ("bch-national-focal-point", {"country": "KE"}),
    "foreigner": ("bch-national-focal-point", {"country": "ML"}),
    "validator": ("validator", {}),
    "curator": ("curator", {}),
    "secretary": ("secretariat", {}),
}
_FORM = re.compile(r"<form[^>]*action=\"([^\"]*)\"[^>]*>(.*?)</form>", re.DOTALL)


@contextmanager
def opened(office_folder: Path, folder: Path) -> Iterator[Registry]:
    """A registry with the period's organisations and contacts, so that records have something to refer to."""
    shutil.copytree(office_folder, folder / "var")
    registry = opened_at(folder / "var")
    yield registry
    registry.close()


def person(registry: Registry, name: str, role: str, language: str = "en", **bound: str) -> Account:
    """An account in a role; its name is told apart from its e-mail address."""
    with database.writing(registry.ledger.engine) as connection:
        made = people.create(
            connection,
            email=f"{name}@example.org",
            name=f"{name.title()} Person",
            language=language,
            at=TODAY,
            by="test",
            confirmed=True,
        )
        if role:
            people.appoint(connection, made.id, role=role, by="test", at=TODAY, **bound)
        found = people.account(connection, made.id)
    assert found
    return found


class Visitor:
    """Somebody with a browser: signed in from the start, or nobody."""

    def __init__(self, registry: Registry, account: Account | None, clock: Clock, language: str = "en") -> None:
        self.client: TestClient = browser(registry, clock)
        self.account, self.language = account, language
        self._csrf = "n" * 43
        self.client.cookies.set("csrf", self._csrf)
        if account:
            with database.writing(registry.ledger.engine) as connection:
                clear, session = sessions.begin(connection, account.id, at=clock())
            self.client.cookies.set(SESSION, clear)
            self._csrf = session.csrf

    @property
    def csrf(self) -> str:
        """What a form brings back."""
        return masked(self._csrf)

    def get(self, path: str, accept: str = "text/html") -> Any:
        return self.client.get(path, headers={"Accept": accept, "Accept-Language": self.language})

    def post(self, path: str, fields: dict[str, Any] | None = None, **more: Any) -> Any:
        headers = {"Accept": "text/html", "Accept-Language": self.language, "Origin": "http://localhost:8000"}
        return self.client.post(path, data={"csrf": self.csrf, **(fields or {}), **more}, headers=headers)

    def read(self, path: str) -> str:
        """The text of a page that must be there."""
        got = self.get(path)
        assert got.status_code == 200, (path, got.status_code, got.headers.get("location"), got.text[-800:])
        return str(got.text)

    def fill(self, path: str, do: str = "", **fields: Any) -> Any:
        """Fill in the form of a draft as it stands and press a button; a double underscore stands for a point."""
        from tests.filling import scrape

        html = self.read(path)
        whole = next(body for action, body in _FORM.findall(html) if unescape(action) == path.split("?")[0])
        found = scrape(whole.encode()).fields
        found.pop("csrf")
        said = {name.replace("__", "."): value for name, value in fields.items()}
        return self.post(path.split("?")[0], {**found, **said, "do": do})


def lead(got: Any) -> str:
    """Where an answer leads, below the base."""
    assert got.status_code == 303, (got.status_code, re.sub(r"\s+", " ", got.text)[-1500:])
    return str(got.headers["location"].removeprefix("http://localhost:8000"))
