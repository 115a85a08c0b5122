"""Comunica, a client of the web of data, unmodified: it reads the service's description first, and asks by it."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import httpx2
import pyoxigraph as ox
import pytest

from registry.registry import Registry
from tests.asking import JSON, served

FOLDER = Path(__file__).parent / "comunica"
BASE = "http://localhost:8000/"
PROLOGUE = f"PREFIX cap: <{BASE}ns/capacity#> PREFIX dcterms: <http://purl.org/dc/terms/> "
PROLOGUE += "PREFIX skos: <http://www.w3.org/2004/02/skos/core#> "
COUNTRIES = "?project a cap:Project ; dcterms:spatial ?place . ?place skos:prefLabel ?name"
ROWS = f"{PROLOGUE} SELECT ?project ?name {{ {COUNTRIES} FILTER(LANG(?name) = 'ar') }}"
TRUTH = f"{PROLOGUE} ASK {{ {COUNTRIES} FILTER(?name = 'Peru'@en) }}"
TRIPLES = f"{PROLOGUE} CONSTRUCT {{ ?place dcterms:isReferencedBy ?project }} {{ {COUNTRIES} }}"
RECORD = f"{BASE}id/BCH-CDI-SCBD-108"
TOGETHER = f"{{ <{RECORD}> dcterms:spatial ?place . %s {{ ?place skos:prefLabel ?name }} }}"
NTRIPLES = "application/n-triples"

pytestmark = pytest.mark.skipif(
    not (shutil.which("node") and (FOLDER / "node_modules").is_dir()),
    reason="no Comunica on this machine: node and npm bring it by `make comunica`",
)


def rows(text: str) -> list[list[tuple[str, str]]]:
    bindings = json.loads(text)["results"]["bindings"]
    return sorted(sorted((name, cell["value"]) for name, cell in row.items()) for row in bindings)


def statements(text: str) -> set[ox.Triple]:
    return {quad.triple for quad in ox.parse(text, ox.RdfFormat.N_TRIPLES)}


def test_it_finds_what_we_answer(registry: Registry) -> None:
    """Rows of a join, yes or no, a graph; and a record's document joined with the service."""
    service = f"{BASE}sparql"
    query = f"{PROLOGUE} SELECT ?name {TOGETHER % f'SERVICE <{service}>'}"
    asked: list[dict[str, Any]] = [
        {"query": ROWS, "source": service, "media": JSON},
        {"query": TRUTH, "source": service, "media": JSON},
        {"query": TRIPLES, "source": service, "media": NTRIPLES},
        {"query": query, "source": f"{BASE}doc/BCH-CDI-SCBD-108.ttl", "media": JSON},
    ]
    with served(registry) as address:
        given = json.dumps({"known": BASE, "served": address.removesuffix("sparql"), "asked": asked})
        done = subprocess.run(["node", "ask.mjs"], input=given, cwd=FOLDER, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        asked[3]["query"] = f"{PROLOGUE} SELECT ?name {TOGETHER % ''}"
        own = [
            httpx2.post(address, data={"query": one["query"]}, headers={"Accept": one["media"]}, timeout=60).text
            for one in asked
        ]
    assert len(rows(own[0])) > 100
    assert rows(found["answers"][0]) == rows(own[0])
    assert json.loads(found["answers"][1])["boolean"] is json.loads(own[1])["boolean"] is True
    assert statements(found["answers"][2]) == statements(own[2]) != set()
    assert rows(found["answers"][3]) == rows(own[3])
    assert len(found["calls"]) < 20, "it took the service apart into patterns: its description was not understood"
