"""What is private stays so: a word planted in accounts, drafts, notes and more, and every public door asked for it.

The doors are those of `tests/data/matrix.csv`, so a new route is asked as soon as it has its row there.
"""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from registry import attachments, database, desk, dumps, saved
from registry.decisions import approve, send_back, submit
from registry.desk import Actor
from registry.drafts import Draft
from registry.people import Account
from registry.registry import Registry
from registry.terms import DCAT, Graph, NamedNode, Triple
from tests.asking import asked
from tests.conftest import TODAY
from tests.deskwork import ORGANISATION, opened, person
from tests.files import pdf
from tests.matrix import CASES, DEFAULTS, NAMES, NOBODY, Case, Prepared, stated
from tests.sending import token
from tests.test_desk import written

CANARY = "kingfisher"
DATA = "application/n-quads, text/turtle, application/atom+xml, application/json;q=0.5, */*;q=0.1"
DOORS = (  # beside the routes, where their usual case shows little
    *(f"/doc/{{news}}{ending}" for ending in (".trig", ".rdf", ".jsonld", "/history.trig", "/v/1.jsonld")),
    *("/history.trig", "/history.nq", "/ldes/news.trig", "/ldes/news.trig?page=1", "/feed/news", "/linkset/{news}"),
    *(f"/oai?verb=ListRecords&metadataPrefix={prefix}" for prefix in ("oai_dc", "rdf")),
    *("/oai?verb=Identify", "/sitemap/pages-1.xml", "/sitemap/news-1.xml", "/register/news.csv", "/register/news.xlsx"),
    *(f"/search.{suffix}?q={CANARY[:6]}*" for suffix in ("csv", "trig", "json", "atom")),
    *("/search/suggestions?q=kingf", f"/search.csv?q={CANARY}", "/id/{drafted}", "/doc/{drafted}.ttl"),
    *(f"/dump/latest/{name}" for name in ("all.nq.gz", "all.trig.gz", "news.nq.gz", "dump.json")),
)
ADVERSARIAL = [
    f"SELECT * {{ ?s ?p ?o FILTER(CONTAINS(LCASE(CONCAT(STR(?s), STR(?p), STR(?o))), '{CANARY}')) }}",
    f"SELECT * {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(CONTAINS(LCASE(CONCAT(STR(?g), STR(?s), STR(?o))), '{CANARY}')) }}",
    f"SELECT * {{ ?s ?p ?o FILTER(REGEX(STR(?o), '{CANARY}', 'i')) }}",
    "SELECT * FROM <urn:drafts> FROM NAMED <urn:accounts> { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }",
    "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }",
    "CONSTRUCT { ?g <x:holds> ?o } { GRAPH ?g { ?s ?p ?o } }",
    "SELECT DISTINCT ?g { GRAPH ?g { } }",
    "DESCRIBE ?s { ?s ?p ?o FILTER(ISIRI(?s)) } LIMIT 5000",
    "SELECT * { ?account <http://xmlns.com/foaf/0.1/mbox> ?o }",
    "SELECT * { ?s <http://www.w3.org/2006/vcard/ns#hasEmail> ?o }",
]
FORMS = (
    "text/csv, application/n-triples",
    "application/sparql-results+json, application/ld+json",
    "application/sparql-results+xml, application/rdf+xml",
    "text/tab-separated-values, text/turtle",
    "text/html",
)


@dataclass(frozen=True)
class Planted:
    """Doors for nobody, and the words that none may show."""

    prepared: Prepared
    words: tuple[str, ...]

    @property
    def client(self) -> TestClient:
        client = self.prepared.clients[NOBODY]
        client.cookies.clear()
        return client

    def shown(self, text: str) -> list[str]:
        return [word for word in self.words if word.lower() in text.lower()]


def noted(office: Registry, account: Account, **words: str) -> Draft:
    """A draft with a private note."""
    draft, actor = written(office, account, "news", **words), Actor(account)
    note = f"A {CANARY} is nobody's business."
    return desk.save(office, actor, draft.id, draft.graph, revision=draft.revision, at=TODAY, note=note)


def plant(office: Registry) -> tuple[str, ...]:
    """The word in every table of the desk; what else is private of these accounts and drafts."""
    account = person(office, CANARY, "registered-user", institution=ORGANISATION)
    curator = person(office, f"{CANARY}s", "validator")
    actor, draft = Actor(account), noted(office, account, افتتاح=f"{CANARY} افتتاح")
    sender = attachments.Sender(account.id, CANARY, "token", draft.record.value)
    kept = attachments.keep(office.ledger.engine, BytesIO(pdf()), f"{CANARY}.pdf", sender, at=TODAY)
    part = NamedNode(draft.record.value + "#attachment-1")
    graph = draft.graph | Graph([Triple(part, DCAT.downloadURL, office.own.iri(kept.path))])
    desk.save(office, actor, draft.id, graph, revision=draft.revision, at=TODAY)
    public = noted(office, account)  # it is published behind remarks, and by whom is told to nobody
    sent = submit(office, actor, public.id, revision=public.revision, at=TODAY)
    back = send_back(
        office,
        Actor(curator),
        public.id,
        revision=sent.draft.revision,
        at=TODAY,
        reason=f"No {CANARY}, please.",
        remarks=[("title.en", f"Which {CANARY}?")],
    )
    sent = submit(office, actor, public.id, revision=back.draft.revision, at=TODAY)
    approve(office, Actor(curator), public.id, revision=sent.draft.revision, at=TODAY)
    assert office.record(public.identifier)
    with database.writing(office.ledger.engine) as connection:
        saved.save(connection, account.id, name=CANARY, query=f"q={CANARY}", language="en", seen=1, at=TODAY)
    return account.id, curator.id, draft.id, draft.identifier, public.id, kept.id, sent.secret, token(office, account)


@pytest.fixture(scope="module")
def planted(office_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planted]:
    with opened(office_folder, tmp_path_factory.mktemp("private")) as office:
        words = plant(office)
        with database.reading(office.ledger.engine) as connection:
            tables = {name: table for name, table in database.metadata.tables.items() if name != "event"}
            held = {
                name
                for name, table in tables.items()
                if CANARY in str(connection.execute(table.select()).all()).lower()
            }
        assert {"account", "draft", "remark", "search", "outbox"} <= held, held
        prepared = Prepared(office)
        dumps.write(office, office.settings.data / "dumps", TODAY)
        people = [account.name for account in prepared.accounts.values()]
        people += [account.email for account in prepared.accounts.values()]
        yield Planted(prepared, (CANARY, *words, *people, prepared.places["drafted"], prepared.places["shared"]))


def addresses(prepared: Prepared) -> Iterator[str]:
    """Every address that anybody may open, once; what a secret opens is for who has it."""
    for row in stated():
        if row.method == "GET" and row.cells[NOBODY] == 200 and "{secret}" not in row.route:
            case = next(one for one in CASES.get((row.route, "GET"), [Case()]) if one.name == row.case)
            filled = {**DEFAULTS, "name": NAMES.get(row.route, "{news}"), **case.places}
            path = row.route.replace(":path", "")
            for place, value in filled.items():
                value = prepared.places[value[1:-1]] if value.startswith("{") else value
                path = path.replace(f"{{{place}}}", value)
            yield path
    yield from (door.format(**prepared.places) for door in DOORS)


def test_no_public_door_shows_it(planted: Planted) -> None:
    found, answered = [], 0
    for address in addresses(planted.prepared):
        fixed = "." in address.rpartition("/")[2].partition("?")[0]
        for accept in ("*/*",) if fixed else ("text/html", DATA):
            got = planted.client.get(address, headers={"Accept": accept}, follow_redirects=True)
            assert got.status_code < 500, address
            answered += got.status_code == 200
            body = gzip.decompress(got.content).decode() if address.endswith(".gz") else got.text
            own = planted.shown(address)  # pages repeat what they are asked
            said = planted.shown("\n".join([*got.headers.values(), body]))
            found += [(address, accept, word) for word in said if word not in own]
    assert not found
    assert answered > 120


def test_no_query_finds_it(planted: Planted) -> None:
    """Each of them in two forms, and all in all in every form."""
    with asked(planted.prepared.registry) as client:
        for number, query in enumerate(ADVERSARIAL):
            for accept in (FORMS[0], FORMS[1 + number % 4]):
                got = client.get("/sparql", params={"query": query}, headers={"Accept": accept})
                assert got.status_code == 200, (query, got.text)
                page = got.text.partition('id="results"')[2].partition('class="reuse"')[0]
                assert not planted.shown(page if accept == "text/html" else got.text), query
