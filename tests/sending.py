"""What the tests of the interface share: accounts with tokens, a client, records to send."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from registry import database, submission, tokens
from registry.exchange import jsonld, reading
from registry.people import Account
from registry.records import lines
from registry.registry import Registry
from registry.terms import Graph, NamedNode
from tests.conftest import ROOT, TODAY, opened_at
from web.app import create_app

BASE = "http://localhost:8000/"
ORGANISATION = f"{BASE}id/BCH-ORG-SCBD-401"
JSONLD, JSON, TURTLE, NTRIPLES = "application/ld+json", "application/json", "text/turtle", "application/n-triples"
PATCH = "application/merge-patch+json"


@pytest.fixture
def office(office_folder: Path, tmp_path: Path) -> Iterator[Registry]:
    """A registry with the period's organisations, to be written in."""
    shutil.copytree(office_folder, tmp_path / "office")
    registry = opened_at(tmp_path / "office")
    yield registry
    registry.close()


@contextmanager
def client_of(registry: Registry) -> Iterator[TestClient]:
    """A client of a server over a registry, on the tests' day."""
    app = create_app(registry, registry.settings, today=lambda: TODAY.date(), clock=lambda: TODAY)
    with TestClient(app, base_url=BASE.rstrip("/"), follow_redirects=False) as client:
        yield client


def token(registry: Registry, account: Account, scopes: Iterable[str] = ("submit", "publish")) -> str:
    """A token of an account in the clear."""
    with database.writing(registry.ledger.engine) as connection:
        until = TODAY + timedelta(days=30)
        return tokens.issue(connection, account.id, name="test", scopes=scopes, until=until, at=TODAY)[0]


def bearing(clear: str, **headers: str) -> dict[str, str]:
    """The headers of a request with a token."""
    return {"Authorization": f"Bearer {clear}", **{name.replace("_", "-"): value for name, value in headers.items()}}


def turtle(format: str, case: str = "valid-minimal", name: str = "https://partner.example/r/1") -> str:
    """A record of the shape tests under a partner's name, which refers to what the office has; of Kenya if of any."""
    text = (ROOT / "tests" / "data" / "shapes" / format / f"{case}.ttl").read_text(encoding="utf-8")
    old = next(line.split(">")[0][1:] for line in text.splitlines() if line.startswith("<id/"))
    text = text.replace("BCH-ORG-SCBD-1>", "BCH-ORG-SCBD-401>").replace("BCH-ORG-SCBD-2>", "BCH-ORG-SCBD-401>")
    return text.replace(old, name).replace("countries/ML", "countries/KE").replace("countries/GE", "countries/KE")


def graph(registry: Registry, text: str) -> Graph:
    """The graph of a Turtle text."""
    return submission.taken(registry, reading.read(text.encode(), TURTLE, registry.own.base, {}))


def ntriples(registry: Registry, text: str) -> str:
    """The same in N-Triples."""
    return "\n".join(lines(reading.read(text.encode(), TURTLE, registry.own.base, {})))


def compact(registry: Registry, format: str, text: str, name: str = "https://partner.example/r/1") -> dict[str, Any]:
    """The same in compact JSON-LD."""
    read = reading.read(text.encode(), TURTLE, registry.own.base, {})
    return jsonld.compact(NamedNode(name), read, registry.formats[format], registry.own)
