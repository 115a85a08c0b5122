"""Who may do what, by which door: every route with every method, asked by nobody and by each role.

`tests/data/matrix.csv` holds the expected status of every cell; `tests/test_matrix.py` asks them all. After a route was
added, `python -m tests.matrix` prints the rows that are missing as they are answered now (`--all`: every row): read
each cell, and write the row into the file only if it is what ought to be.
"""

from __future__ import annotations

import csv
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from registry import (
    attachments,
    database,
    decisions,
    desk,
    drafts,
    outbox,
    receipts,
    saved,
    sessions,
    tickets,
    tokens,
)
from registry.desk import Actor
from registry.drafts import Draft
from registry.registry import Registry
from registry.terms import DCAT, Graph, NamedNode, Triple
from tests.browsing import Clock, browser
from tests.conftest import ROOT, TODAY, opened_at, organised
from tests.deskwork import PEOPLE, opened, person
from tests.files import EMPTY_PDF, pdf
from tests.sending import turtle
from tests.test_desk import described
from web.app import create_app
from web.member import SESSION, masked

FILE = ROOT / "tests" / "data" / "matrix.csv"
NOBODY = "nobody"
ROLES = (NOBODY, *PEOPLE)
HEAD = ("route", "method", "case", *ROLES)
WORD = "n" * 43


@dataclass(frozen=True)
class Case:
    """How a route is asked: what stands in its places, in its query, in its form or body; by cookie or by token."""

    name: str = ""
    places: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    token: bool = False


@dataclass(frozen=True)
class Row:
    """One line of the matrix: what each role is answered."""

    route: str
    method: str
    case: str
    cells: Mapping[str, int]


SEARCH: dict[str, Any] = {"name": "Mine", "query": "q=seed&type=projects", "language": "en", "seen": 1, "at": TODAY}
STALE = {"revision": "0"}  # whoever may is told that the draft was saved since: nothing changes
TURTLE = {"Content-Type": "text/turtle", "If-Match": "*"}


def _api(places: Mapping[str, str] | None = None, **more: Any) -> list[Case]:
    """A route of the interface for programs: by cookie, which it never reads, and by token."""
    return [Case("cookie", places or {}), Case("token", places or {}, token=True, **more)]


CASES: Mapping[tuple[str, str], list[Case]] = {
    ("/register/{name}", "POST"): [
        *_api({"name": "news"}, query="?dryRun=true", body=turtle("news"), headers=TURTLE),
        Case("token national", {"name": "needs"}, "?dryRun=true", body=turtle("need"), headers=TURTLE, token=True),
    ],
    ("/register", "POST"): _api(query="?dryRun=true", body="[]", headers={"Content-Type": "application/json"}),
    ("/doc/{name}", "PUT"): [
        *_api({"name": "{news}"}, query="?dryRun=true", body=turtle("news", name="{own}"), headers=TURTLE),
        Case("token national", {"name": "{need}"}, "?dryRun=true", {}, turtle("need", name="{own}"), TURTLE, True),
    ],
    ("/doc/{name}", "PATCH"): _api(
        {"name": "{news}"},
        query="?dryRun=true",
        body='{"title": {"en": "Another title"}}',
        headers={"Content-Type": "application/merge-patch+json", "If-Match": "*"},
    ),
    ("/doc/{name}", "DELETE"): [
        *_api({"name": "{news}"}, query="?dryRun=true&reason=A+test", headers={"If-Match": "*"}),
        Case("token national", {"name": "{need}"}, "?dryRun=true&reason=A+test", headers={"If-Match": "*"}, token=True),
    ],
    ("/desk/new/{register}", "GET"): [Case("reference", {"register": "news"}), Case("national", {"register": "needs"})],
    ("/desk/new/{register}", "POST"): [
        Case("reference", {"register": "news"}),
        Case("national", {"register": "needs"}),
    ],
    ("/desk/amend/{identifier}", "GET"): [
        Case("reference", {"identifier": "{news}"}),
        Case("national", {"identifier": "{need}"}),
    ],
    ("/desk/amend/{identifier}", "POST"): [
        Case("reference", {"identifier": "{news}"}),
        Case("national", {"identifier": "{need}"}),
    ],
    ("/desk/draft/{id}", "GET"): [
        Case("reference", {"id": "{draft}"}),
        Case("national", {"id": "{national}"}),
        Case("submitted", {"id": "{waiting}"}),
        Case("submitted national", {"id": "{asked}"}),
    ],
    ("/desk/draft/{id}", "POST"): [
        *[
            Case(f"{do} {kind}".strip(), {"id": place}, fields={**STALE, "do": do})
            for do in ("save", "request-publication", "publish", "discard")
            for kind, place in (("reference", "{draft}"), ("national", "{national}"))
        ],
        Case("withdraw reference", {"id": "{waiting}"}, fields={**STALE, "do": "withdraw"}),
        Case("withdraw national", {"id": "{asked}"}, fields={**STALE, "do": "withdraw"}),
        Case("save submitted", {"id": "{waiting}"}, fields={**STALE, "do": "save"}),
        Case("save submitted national", {"id": "{asked}"}, fields={**STALE, "do": "save"}),
    ],
    ("/desk/draft/{id}/preview", "GET"): [Case("reference", {"id": "{draft}"}), Case("national", {"id": "{national}"})],
    ("/desk/draft/{id}/share", "GET"): [Case("reference", {"id": "{draft}"}), Case("national", {"id": "{national}"})],
    ("/desk/draft/{id}/share", "POST"): [Case("reference", {"id": "{draft}"}), Case("national", {"id": "{national}"})],
    ("/desk/draft/{id}/review", "GET"): [Case("reference", {"id": "{waiting}"}), Case("national", {"id": "{asked}"})],
    ("/desk/draft/{id}/review", "POST"): [
        Case(f"{do} {kind}", {"id": place}, fields={**STALE, "do": do, "reason": "A test."})
        for do in ("approve", "request-changes", "reject")
        for kind, place in (("reference", "{waiting}"), ("national", "{asked}"))
    ],
    ("/desk/record/{identifier}", "GET"): [
        Case("reference", {"identifier": "{news}"}),
        Case("national", {"identifier": "{need}"}),
    ],
    ("/desk/record/{identifier}", "POST"): [
        # whoever may retire is asked for a reason, whoever may restore told that it is not archived: nothing changes
        Case(f"{do} {kind}", {"identifier": place}, fields={"do": do})
        for do in ("confirm", "restore", "delete", "request-deletion")
        for kind, place in (("reference", "{news}"), ("national", "{need}"))
    ],
    ("/desk/searches/{id}", "GET"): [Case("", {"id": "{search}"})],
    ("/desk/searches/{id}", "POST"): [Case("", {"id": "{search}"})],
    ("/desk/receipt/{id}", "GET"): [Case("", {"id": "{receipt}"})],
    ("/receipt/{secret}", "GET"): [Case("", {"secret": "{opens}"}), Case("guessed", {"secret": "g" * 43})],
    ("/draft/{secret}", "GET"): [Case("", {"secret": "{shared}"}), Case("guessed", {"secret": "g" * 43})],
    ("/file/{id}/{name}", "GET"): [
        Case("published", {"id": "{open file}", "name": "guide.pdf"}),
        Case("draft", {"id": "{held file}", "name": "guide.pdf"}),
        Case("national draft", {"id": "{national file}", "name": "guide.pdf"}),
    ],
    ("/draft/{secret}/file/{id}/{name}", "GET"): [
        Case("", {"secret": "{shared}", "id": "{held file}", "name": "guide.pdf"}),
        Case("of another draft", {"secret": "{shared}", "id": "{national file}", "name": "guide.pdf"}),
        Case("guessed", {"id": "{held file}", "name": "guide.pdf"}),
    ],
    ("/file", "POST"): _api(body=EMPTY_PDF.decode()),
    ("/doc/{name}", "GET"): [Case("", {"name": "{news}"}), Case("draft", {"name": "{drafted}"})],
    **{(f"/{room}", "GET"): [Case(headers={"Accept": "*/*"})] for room in ("ldes", "feed")},  # which are no pages
    **{(f"/{room}/{{name}}", "GET"): [Case(headers={"Accept": "*/*"})] for room in ("ldes", "feed")},
    ("/people/{id}", "GET"): [Case("", {"id": "{victim}"})],
    ("/outbox/{id}", "GET"): [Case("", {"id": "{letter}"})],
}
DEFAULTS = {
    "suffix": "ttl",
    "name": "{news}",
    "version": "1",
    "key": "countries",
    "id": "{victim}",
    "acting": "999999",
    "token": "none",
    "secret": "g" * 43,
    "path": "need",
    "folder": "reports",
    "number": "1",
    "dump": "2026-11-22-1",
}
NAMES = {
    "/history/{name}": "1",
    "/ldes/{name}": "projects",
    "/feed/{name}": "projects",
    "/dump/latest/{name}": "all.nq.gz",
    "/dump/{dump}/{name}": "all.nq.gz",
    "/register/{name}": "news",
    "/vocabulary/{name}": "countries",
    "/vocabulary/{key}/{name}": "KE",
    "/country/{name}": "KE",
    "/ns/{name}": "registry",
    "/context/{name}": "project.v1.jsonld",
    "/frame/{name}": "project.v1.jsonld",
    "/about/{name}": "data",
    "/query/{folder}/{name}": "counts",
    "/static/{name}": "registry.css",
}


class Prepared:
    """A registry in which there is one of everything, and a browser for nobody and for each role."""

    def __init__(self, registry: Registry) -> None:
        self.registry, self.clock = registry, Clock()
        self.accounts = {name: person(registry, name, role, **bound) for name, (role, bound) in PEOPLE.items()}
        app = create_app(registry, registry.settings, today=lambda: self.clock().date(), clock=self.clock)
        self.clients = {
            name: browser(registry, self.clock, f"192.0.2.{number}", app) for number, name in enumerate(ROLES, 1)
        }
        news, need = self._published("contributor", "validator", "news"), self._published("user", "point", "need")
        draft, national = self._written("contributor", "news"), self._written("user", "need")
        waiting, self._opens = self._submitted("contributor", "news")
        asked, _ = self._submitted("user", "need")
        files = {"held": self._attached(draft), "national": self._attached(national), "open": self._attached(None)}
        with database.writing(registry.ledger.engine) as connection:
            shared = tickets.issue(connection, "share", draft.id, at=TODAY, lasts=None)
            letter = outbox.letters(connection)[0].id
            search = saved.save(connection, self.accounts["contributor"].id, **SEARCH).id
            self.tokens = {name: self._token(connection, account.id) for name, account in self.accounts.items()}
        self.places = {
            "news": news.identifier,
            "need": need.identifier,
            "draft": draft.id,
            "drafted": draft.identifier,
            "national": national.id,
            "waiting": waiting.id,
            "asked": asked.id,
            "receipt": str(waiting.receipt),
            "opens": self._opens,
            "shared": shared,
            "letter": letter,
            "search": search,
            "victim": person(registry, "victim", "").id,
            **{f"{name} file": id for name, id in files.items()},
        }

    def _token(self, connection: database.Connection, account: str) -> str:
        until, scopes = TODAY + timedelta(days=30), ("read", "submit", "publish")
        return tokens.issue(connection, account, name="all", scopes=scopes, until=until, at=TODAY)[0]

    def _written(self, name: str, format: str) -> Draft:
        actor = Actor(self.accounts[name])
        draft = desk.begin(self.registry, actor, self.registry.formats[format], at=TODAY)
        graph = described(self.registry, draft)
        saved = desk.save(self.registry, actor, draft.id, graph, revision=draft.revision, at=TODAY)
        with desk.changing(self.registry) as connection:
            drafts.let_go(connection, saved, by=actor.account)
        return saved

    def _attached(self, draft: Draft | None) -> str:
        """A file that a draft names, or else one that was published; sent by nobody who asks here."""
        own = self.registry.own
        engine, data = self.registry.ledger.engine, pdf((draft.id if draft else "open").encode())
        sender = attachments.Sender("none", "none", "token", draft.record.value if draft else None)
        kept = attachments.keep(engine, BytesIO(data), "guide.pdf", sender, at=TODAY)
        with database.writing(engine) as connection:
            named = own.iri(kept.path)
            if draft:
                part = NamedNode(draft.record.value + "#attachment-1")
                graph = draft.graph | Graph([Triple(part, DCAT.downloadURL, named)])
                drafts.save(connection, draft, by=self.accounts["contributor"], at=TODAY, graph=graph)
            else:
                attachments.claim(connection, Graph([Triple(named, DCAT.downloadURL, named)]), own, named, "none")
                attachments.publish(connection, Graph([Triple(named, DCAT.downloadURL, named)]), own, named, at=TODAY)
        return kept.id

    def _submitted(self, name: str, format: str) -> tuple[Draft, str]:
        draft, actor = self._written(name, format), Actor(self.accounts[name])
        # a second record of a country's needs would be refused by the checks: it waits as they were when it was sent
        if format == "need" and self.registry.record(f"BCH-NEED-KE-{draft.identifier[-6:]}") is None:
            return self._waiting(draft, actor)
        sent = decisions.submit(self.registry, actor, draft.id, revision=draft.revision, at=TODAY)
        return sent.draft, sent.secret

    def _waiting(self, draft: Draft, actor: Actor) -> tuple[Draft, str]:
        with desk.changing(self.registry) as connection:
            receipt, secret = receipts.write(
                connection,
                draft.record,
                account=actor.account.id,
                door="form",
                advice=0,
                outcome="pending-approval",
                at=TODAY,
            )
            changes = {"status": "pending-approval", "submitted": database.written(TODAY), "receipt": receipt}
            return drafts.save(connection, draft, by=actor.account, at=TODAY, **changes), secret

    def _published(self, name: str, by: str, format: str) -> Draft:
        sent, _ = self._submitted(name, format)
        actor = Actor(self.accounts[by])
        return decisions.approve(self.registry, actor, sent.id, revision=sent.revision, at=TODAY).draft

    def ask(self, route: str, method: str, case: Case, role: str) -> int:
        """The status that a role is answered."""
        client, path = self._enter(role), route
        filled = {**DEFAULTS, "name": NAMES.get(route, "{news}"), **case.places}
        for place, value in filled.items():
            path = path.replace(f"{{{place}}}", self._said(value)).replace(f"{{{place}:path}}", self._said(value))
        headers = {"Accept": "text/html", "Accept-Language": "en", **case.headers}
        if case.token:
            client.cookies.clear()
            headers |= {"Authorization": f"Bearer {self.tokens[role]}"} if role != NOBODY else {}
            body = case.body.replace("{own}", f"http://localhost:8000/id/{self._said(filled.get('name', ''))}")
            return client.request(method, path + case.query, content=body, headers=headers).status_code
        if method == "GET":
            return client.get(path + case.query, headers=headers).status_code
        headers["Origin"] = "http://localhost:8000"
        fields = {"csrf": masked(self._csrf), **case.fields}
        return client.request(method, path + case.query, data=fields, headers=headers).status_code

    def _said(self, value: str) -> str:
        return self.places[value[1:-1]] if value.startswith("{") else value

    def _enter(self, role: str) -> TestClient:
        """The browser of a role with a new session, for the request before may have ended the old one."""
        client, self._csrf = self.clients[role], WORD
        client.cookies.clear()
        client.cookies.set("csrf", WORD)
        if role != NOBODY:
            with database.writing(self.registry.ledger.engine) as connection:
                clear, session = sessions.begin(connection, self.accounts[role].id, at=self.clock())
            client.cookies.set(SESSION, clear)
            self._csrf = session.csrf
        return client

    def row(self, route: str, method: str, case: Case) -> Row:
        """What each role is answered now."""
        return Row(route, method, case.name, {role: self.ask(route, method, case, role) for role in ROLES})

    def routes(self) -> Iterator[tuple[str, str, Case]]:
        """Every route of the application with each of its methods, and the ways in which it is asked."""
        app: Any = self.clients[NOBODY].app
        for route in app.state.rooms:
            assert isinstance(route, APIRoute), route
            for method in sorted(route.methods or ()):
                for case in CASES.get((route.path, method), [Case()]):
                    yield route.path, method, case


def stated() -> list[Row]:
    """The rows of the file."""
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return [Row(row["route"], row["method"], row["case"], {role: int(row[role]) for role in ROLES}) for row in rows]


def main() -> None:
    """Print the rows that the file lacks, as they are answered now."""
    known = (
        {(row.route, row.method, row.case) for row in stated()} if FILE.exists() and "--all" not in sys.argv else set()
    )
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(HEAD)
    with tempfile.TemporaryDirectory() as folder:
        founded = Path(folder) / "founded"
        opened_at(founded).close()
        organised(founded, Path(folder) / "office")
        with opened(Path(folder) / "office", Path(folder) / "here") as registry:
            prepared = Prepared(registry)
            for route, method, case in prepared.routes():
                if (route, method, case.name) not in known:
                    row = prepared.row(route, method, case)
                    out.writerow([row.route, row.method, row.case, *(row.cells[role] for role in ROLES)])


if __name__ == "__main__":
    main()
