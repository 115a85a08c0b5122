"""The interface: programs send records, change them and end them, by tokens of their own."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from registry import audit, database, drafts, outbox, people, receipts, tickets, tokens
from registry.records import author_side, canonical, digest
from registry.registry import Registry
from registry.terms import DCTERMS, NamedNode
from tests.conftest import TODAY
from tests.sending import (
    BASE,
    JSON,
    JSONLD,
    NTRIPLES,
    ORGANISATION,
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

PARTNER = "https://partner.example/r/1"


@pytest.fixture
def client(office: Registry) -> Iterator[TestClient]:
    with client_of(office) as found:
        yield found


@pytest.fixture
def point(office: Registry) -> str:
    """The token of a focal point of Kenya, who publishes needs."""
    return token(office, person(office, "point", "bch-national-focal-point", **KENYA))


@pytest.fixture
def contributor(office: Registry) -> str:
    """The token of a contributor, who submits news and publishes contacts."""
    return token(office, person(office, "contributor", "registered-user", institution=ORGANISATION))


def post(client: TestClient, clear: str, register: str, body: Any, media: str = TURTLE, **headers: str) -> Any:
    data = body if isinstance(body, (str, bytes)) else json.dumps(body)
    query = headers.pop("query", "")
    sent = bearing(clear, Content_Type=media, **headers)
    return client.post(f"/register{register}{query}", content=data, headers=sent)


def change(client: TestClient, clear: str, method: str, name: str, body: Any, media: str, **headers: str) -> Any:
    data = body if isinstance(body, (str, bytes)) else json.dumps(body)
    query = headers.pop("query", "")
    sent = bearing(clear, Content_Type=media, **headers)
    return client.request(method, f"/doc/{name}{query}", content=data, headers=sent)


def secret(address: str) -> str:
    return address.rsplit("/", 1)[-1]


def written(registry: Registry) -> tuple[int, ...]:
    """How much there is of everything that a request could leave behind."""
    names = ("ledger", "draft", "number", "receipt", "answer", "outbox", "act")
    with database.reading(registry.ledger.engine) as connection:
        return tuple(connection.exec_driver_sql(f"SELECT COUNT(*) FROM {name}").scalar_one() for name in names)


def test_a_new_record_of_one_who_may_publish(office: Registry, client: TestClient, point: str) -> None:
    got = post(client, point, "/needs", turtle("need"))
    told = got.json()
    assert (got.status_code, told["status"], told["version"]) == (201, "published", 1), got.text
    assert got.headers["Location"] == told["id"] == f"{BASE}id/{told['identifier']}"
    assert got.headers["ETag"] == '"v1"'
    assert f'<{told["receipt"]}>; rel="{BASE}ns/registry#receipt"' in got.headers["Link"]
    assert got.headers["Cache-Control"] == "no-store"
    entry = office.record(told["identifier"])
    assert entry and entry.graph.iris(entry.iri, DCTERMS.source) == (NamedNode(PARTNER),)
    with database.reading(office.ledger.engine) as connection:
        receipt = receipts.opened(connection, secret(told["receipt"]), at=TODAY)
        assert (receipt.outcome, receipt.version, receipt.door) == ("published", 1, "api")
        acts = audit.acts(connection, subject=told["identifier"])
        assert {act.origin for act in acts} == {"token"} and [act.action for act in acts] == ["publish", "begin"]
        audit.verify(connection)


def test_a_new_record_of_anybody_else_waits(office: Registry, client: TestClient, contributor: str) -> None:
    person(office, "validator", "validator")
    got = post(client, contributor, "/news", turtle("news"))
    told = got.json()
    assert (got.status_code, told["status"]) == (202, "pending-approval"), got.text
    assert got.headers["Location"] == told["receipt"]
    assert office.record(told["identifier"]) is None
    with database.reading(office.ledger.engine) as connection:
        assert receipts.opened(connection, secret(told["receipt"]), at=TODAY).outcome == "pending-approval"
        assert [letter.kind for letter in outbox.letters(connection)] == ["submitted"]


def test_what_is_sent_again_changes_nothing(office: Registry, client: TestClient, point: str, contributor: str) -> None:
    first = post(client, point, "/needs", turtle("need")).json()
    waiting = post(client, contributor, "/news", turtle("news")).json()
    before = written(office)
    again = post(client, point, "/needs", turtle("need"))
    assert (again.status_code, again.json()["identifier"], again.json()["changed"]) == (200, first["identifier"], False)
    again = post(client, contributor, "/news", turtle("news"))
    assert (again.status_code, again.json()["identifier"]) == (200, waiting["identifier"]), again.text
    assert written(office) == before


def test_a_record_is_known_by_the_name_of_its_sender(
    office: Registry, client: TestClient, point: str, contributor: str
) -> None:
    first = post(client, point, "/needs", turtle("need")).json()["identifier"]
    other = post(client, point, "/needs", turtle("need").replace('"2004"', '"2005"'))
    assert (other.status_code, other.json()["identifier"], other.json()["version"]) == (200, first, 2), other.text
    waiting = post(client, contributor, "/news", turtle("news")).json()
    more = post(client, contributor, "/news", turtle("news").replace('"2005-01"', '"2005-02"'))
    assert (more.status_code, more.json()["identifier"]) == (202, waiting["identifier"])
    with database.reading(office.ledger.engine) as connection:
        assert receipts.opened(connection, secret(waiting["receipt"]), at=TODAY).outcome == "draft"
        assert receipts.opened(connection, secret(more.json()["receipt"]), at=TODAY).outcome == "pending-approval"


def test_the_same_name_with_somebody_else_is_another_record(
    office: Registry, client: TestClient, contributor: str
) -> None:
    other = ORGANISATION.replace("401", "402")
    stranger = token(office, person(office, "stranger", "registered-user", institution=other))
    mine = post(client, contributor, "/news", turtle("news")).json()["identifier"]
    theirs = post(client, stranger, "/news", turtle("news"))
    assert theirs.status_code == 202 and theirs.json()["identifier"] != mine


def forms(registry: Registry, format: str, case: str) -> list[tuple[str, Any]]:
    """A record in every syntax, and with no name at all."""
    text = turtle(format, case)
    document = compact(registry, format, text)
    plain = {key: value for key, value in document.items() if key != "@context"}
    return [(TURTLE, text), (NTRIPLES, ntriples(registry, text)), (JSONLD, document), (JSON, plain), (JSON, document)]


@pytest.mark.parametrize(("format", "register"), [("need", "needs"), ("contact", "contacts"), ("news", "news")])
def test_one_record_in_every_syntax_has_one_digest(
    office: Registry, client: TestClient, format: str, register: str
) -> None:
    found, digests = [], set()
    for number, (media, body) in enumerate(forms(office, format, "valid-minimal")):
        bound = KENYA if format == "need" else {"institution": ORGANISATION}
        role = "bch-national-focal-point" if format == "need" else "registered-user"
        clear = token(office, person(office, f"one-{number}", role, **bound))
        got = post(client, clear, f"/{register}", body, media, query="?dryRun=true")
        assert got.json()["status"] == "sound", got.text
        found.append(got.json()["findings"])
        text = json.dumps(got.json()["document"])
        from registry.exchange import reading

        graph = reading.read(text.encode(), JSONLD, office.own.base, office.house.contexts)
        digests.add(digest(canonical(author_side(office.own.record("x"), graph, office.own), office.own.base)))
    assert len(digests) == 1
    assert all(one == found[0] for one in found)


def test_one_fault_in_every_syntax_gives_the_same_findings(office: Registry, client: TestClient, point: str) -> None:
    told = []
    text = turtle("need").replace("cap:authority <id/BCH-ORG-SCBD-401> ;", "").replace("mailto:bio", "nobody:bio")
    document = compact(office, "need", text)
    plain = {key: value for key, value in document.items() if key != "@context"}
    for media, body in [(TURTLE, text), (NTRIPLES, ntriples(office, text)), (JSONLD, document), (JSON, plain)]:
        before = written(office)
        got = post(client, point, "/needs", body, media)
        assert (got.status_code, got.headers["Content-Type"]) == (422, "application/problem+json")
        assert written(office) == before
        told.append(got.json()["findings"])
        assert post(client, point, "/needs", body, media, query="?dryRun=true").json()["findings"] == told[-1]
        assert written(office) == before
    assert all(one == told[0] for one in told)
    assert {(one["field"], one["pointer"], one["severity"]) for one in told[0] if one["severity"] == "must"} >= {
        ("authority", "/authority", "must"),
        ("email", "/contact/0/email/0", "must"),
    }


def test_findings_are_told_in_the_language_and_form_that_is_asked_for(
    office: Registry, client: TestClient, point: str
) -> None:
    bad = turtle("need").replace("cap:authority <id/BCH-ORG-SCBD-401> ;", "")
    french = post(client, point, "/needs", bad, Accept_Language="fr").json()
    assert french["findings"][0]["message"].startswith("Remplissez")
    for accept in ("text/turtle", "application/n-triples", "application/ld+json"):
        got = post(client, point, "/needs", bad, Accept=accept)
        assert (got.status_code, got.headers["Content-Type"].split(";")[0]) == (422, accept)
        assert "ValidationReport" in got.text
        dry = post(client, point, "/needs", bad, Accept=accept, query="?dryRun=true")
        assert (dry.status_code, dry.content) == (200, got.content)
    page = post(client, point, "/needs", bad, Accept="text/html")
    assert page.status_code == 422 and french["findings"] and "<li><strong>" in page.text


def test_a_dry_run_leaves_nothing(office: Registry, client: TestClient, point: str, contributor: str) -> None:
    name = post(client, point, "/needs", turtle("need")).json()["identifier"]
    before = written(office)
    assert post(client, contributor, "/news", turtle("news"), query="?dryRun=true").json()["status"] == "sound"
    patched = {"description": {"en": "Text."}}
    assert change(client, point, "PATCH", name, patched, PATCH, If_Match='"v1"', query="?dryRun=true").is_success
    gone = client.delete(f"/doc/{name}?dryRun=true&reason=Old", headers=bearing(point, If_Match='"v1"'))
    assert (gone.status_code, gone.json()["status"]) == (200, "sound")
    assert written(office) == before
    assert post(client, point, "/needs", turtle("need"), query="?dryrun=true").status_code == 400


def test_get_edit_put_round_trips_in_every_medium(office: Registry, client: TestClient, point: str) -> None:
    name = post(client, point, "/needs", turtle("need")).json()["identifier"]
    before = written(office)
    for media, suffix in ((JSONLD, "jsonld"), (JSON, "json"), (TURTLE, "ttl"), (NTRIPLES, "nt")):
        for coding in ("identity", "gzip"):
            got = client.get(f"/doc/{name}.{suffix}", headers={"Accept-Encoding": coding})
            sent = change(client, point, "PUT", name, got.content, media, If_Match=got.headers["ETag"])
            assert (sent.status_code, sent.json()["changed"]) == (200, False), sent.text
    assert written(office) == before
    document = client.get(f"/doc/{name}.jsonld").json()
    document["description"] = {"en": "More."}
    document["record"]["sourceClass"] = f"{BASE}vocabulary/information-source/secretariat"
    document["record"]["version"] = 77
    sent = change(client, point, "PUT", name, document, JSONLD, If_Match='"v1"')
    assert (sent.status_code, sent.json()["version"], sent.headers["ETag"]) == (200, 2, '"v2"'), sent.text
    entry = office.record(name)
    assert entry and entry.graph.text(entry.iri, DCTERMS.description) == "More."
    assert entry.graph.iris(entry.doc, office.own.reg.sourceClass)[0].value.endswith("government-obligation")


def test_a_patch_changes_what_it_names(office: Registry, client: TestClient, point: str) -> None:
    name = post(client, point, "/needs", turtle("need")).json()["identifier"]
    more = {
        "description": {"en": "First.", "fr": "D’abord."},
        "links": ["https://a.example.org", "https://b.example.org"],
    }
    assert change(client, point, "PATCH", name, more, PATCH, If_Match='"v1"').json()["version"] == 2
    less = {"description": {"fr": None}, "links": ["https://b.example.org"]}
    assert change(client, point, "PATCH", name, less, PATCH, If_Match='"v2"').json()["version"] == 3
    document = client.get(f"/doc/{name}.jsonld").json()
    assert (document["description"], document["links"]) == ({"en": "First."}, ["https://b.example.org"])
    bad = change(client, point, "PATCH", name, {"authority": None}, PATCH, If_Match='"v3"')
    assert bad.status_code == 422 and bad.json()["findings"][0]["pointer"] == "/authority"
    unknown = change(client, point, "PATCH", name, {"descripton": {"en": "x"}}, PATCH, If_Match='"v3"')
    assert unknown.status_code == 400 and "description" in unknown.text
    assert change(client, point, "PATCH", name, [1], PATCH, If_Match='"v3"').status_code == 400
    update = change(client, point, "PATCH", name, "DELETE {}", "application/sparql-update", If_Match='"v3"')
    assert (update.status_code, update.headers["Accept-Patch"]) == (415, PATCH)


def test_a_change_says_what_it_was_made_from(office: Registry, client: TestClient, point: str) -> None:
    name = post(client, point, "/needs", turtle("need")).json()["identifier"]
    document = client.get(f"/doc/{name}.jsonld").json()
    for method, media in (("PUT", JSONLD), ("PATCH", PATCH), ("DELETE", JSON)):
        body = {**document, "reason": "Old"} if method == "DELETE" else document
        assert change(client, point, method, name, body, media).status_code == 428, method
        assert change(client, point, method, name, body, media, If_Match='W/"v1"').status_code == 412, method
    html = client.get(f"/doc/{name}.html").headers["ETag"]
    assert change(client, point, "PUT", name, document, JSONLD, If_Match=html).status_code == 412
    old = client.get(f"/doc/{name}.ttl").headers["ETag"]
    assert change(client, point, "PATCH", name, {"description": {"en": "2"}}, PATCH, If_Match=old).is_success
    late = change(client, point, "PATCH", name, {"description": {"en": "mine"}}, PATCH, If_Match=old)
    told = late.json()
    assert (late.status_code, told["current"]["version"], told["current"]["tag"]) == (412, 2, "v2")
    assert told["current"]["document"]["description"] == {"en": "2"}
    assert told["yours"]["description"] == {"en": "mine"}
    assert change(client, point, "PATCH", name, {"description": {"en": "3"}}, PATCH, If_Match='"x", "v2"').is_success


def test_a_contributor_changes_a_record_by_a_draft(office: Registry, client: TestClient, contributor: str) -> None:
    from registry import decisions
    from registry.desk import Actor

    validator = Actor(person(office, "validator", "validator"))
    name = post(client, contributor, "/news", turtle("news")).json()["identifier"]
    with database.reading(office.ledger.engine) as connection:
        draft = drafts.of_record(connection, office.own.record(name))
    assert draft
    decisions.approve(office, validator, draft.id, revision=draft.revision, at=TODAY)
    first = change(client, contributor, "PATCH", name, {"title": {"en": "A"}}, PATCH, If_Match='"v1"')
    assert (first.status_code, first.json()["version"]) == (202, 1), first.text
    unseen = change(client, contributor, "PATCH", name, {"title": {"en": "B"}}, PATCH, If_Match='"v1"')
    assert unseen.status_code == 412 and unseen.json()["current"]["document"]["title"]["en"] == "A"
    again = change(client, contributor, "PATCH", name, {"title": {"en": "B"}}, PATCH, If_Match=first.headers["ETag"])
    assert again.status_code == 202, again.text
    other = token(office, person(office, "colleague", "registered-user", institution=ORGANISATION))
    assert change(client, other, "PATCH", name, {"title": {"en": "C"}}, PATCH, If_Match='"v1"').status_code == 409
    entry = office.record(name)
    assert entry and entry.number == 1


def test_a_record_ends_with_a_reason(office: Registry, client: TestClient, point: str, contributor: str) -> None:
    name = post(client, point, "/needs", turtle("need")).json()["identifier"]
    sent = bearing(point, If_Match='"v1"')
    missing = client.delete(f"/doc/{name}", headers=sent)
    assert missing.status_code == 400 and "reason" in missing.json()["detail"]
    body = {"reason": {"en": "Old.", "fr": "Ancien."}}
    gone = change(client, point, "DELETE", name, body, JSON, If_Match='"v1"')
    assert (gone.status_code, gone.json()["status"]) == (200, "deleted"), gone.text
    assert client.get(f"/doc/{name}.ttl").status_code == 410
    assert client.delete(f"/doc/{name}?reason=Again", headers=sent).status_code == 410
    assert change(client, point, "PUT", name, turtle("need"), TURTLE, If_Match='"v1"').status_code == 410


def test_who_may_not_end_a_record_asks_for_it(office: Registry, client: TestClient, point: str) -> None:
    name = post(client, point, "/needs", turtle("need")).json()["identifier"]
    user = token(office, person(office, "user", "national-authorized-user", **KENYA))
    asked = client.delete(f"/doc/{name}?reason=Old", headers=bearing(user, If_Match='"v1"'))
    assert (asked.status_code, asked.json()["status"]) == (202, "pending-approval"), asked.text
    assert asked.headers["Location"] == asked.json()["receipt"]
    assert office.record(name)


def test_the_same_key_is_the_same_answer(office: Registry, client: TestClient, point: str) -> None:
    text = turtle("need").replace(PARTNER, "_:it")
    text = text.replace("<_:it#contact-1>", "_:c").replace("<_:it#need-1>", "_:n").replace("<_:it>", "_:it")
    first = post(client, point, "/needs", text, Idempotency_Key="one")
    assert first.status_code == 201, first.text
    before = written(office)
    again = post(client, point, "/needs", text, Idempotency_Key="one")
    assert (again.status_code, again.headers["Location"]) == (201, first.headers["Location"])
    assert written(office) == before
    told, same = first.json(), again.json()
    with database.reading(office.ledger.engine) as connection:
        opened = [receipts.opened(connection, secret(one["receipt"]), at=TODAY) for one in (told, same)]
        rows = str(connection.exec_driver_sql("SELECT * FROM answer").all())
    assert opened[0] == opened[1] and {**told, "receipt": 0} == {**same, "receipt": 0}
    assert secret(told["receipt"]) not in rows and point not in rows
    other = post(client, point, "/needs", text.replace('"2004"', '"2005"'), Idempotency_Key="one")
    assert other.status_code == 422 and "findings" not in other.json()
    assert post(client, point, "/needs", text, Idempotency_Key="a b").status_code == 400
    name = told["identifier"]
    patched = {"description": {"en": "2"}}
    for _ in range(2):
        got = change(client, point, "PATCH", name, patched, PATCH, If_Match='"v1"', Idempotency_Key="two")
        assert (got.status_code, got.json()["version"]) == (200, 2), got.text


def test_a_list_is_answered_item_by_item(office: Registry, client: TestClient, contributor: str) -> None:
    good, bad = compact(office, "contact", turtle("contact")), compact(office, "news", turtle("news"))
    bad["id"] = "https://partner.example/r/2"
    del bad["title"]
    body = [good, bad, {"type": "News", "titel": {"en": "x"}}, {"nothing": 1}]
    plain = [{key: value for key, value in one.items() if key != "@context"} for one in body]
    for sent, media in ((body[:2], JSONLD), (plain, JSON)):
        got = post(client, contributor, "", sent, media)
        assert got.status_code == 200, got.text
        told = got.json()
        assert [one["item"] for one in told] == list(range(len(sent)))
        assert told[0]["source"] == PARTNER and told[1]["findings"][0]["field"] == "title"
        expected = [201, 422] if media == JSONLD else [200, 422, 400, 400]
        assert [one["status"] for one in told] == expected
    text = turtle("contact") + turtle("news", name="https://partner.example/r/3").replace("@prefix", "@prefix")
    got = post(client, contributor, "", text)
    assert [one["status"] for one in got.json()] == [200, 202], got.text


def test_a_list_with_a_key_is_taken_once(office: Registry, client: TestClient, contributor: str) -> None:
    nameless = compact(office, "news", turtle("news"))
    del nameless["id"]
    first = post(client, contributor, "", [nameless, nameless], JSONLD, Idempotency_Key="k")
    before = written(office)
    again = post(client, contributor, "", [nameless, nameless], JSONLD, Idempotency_Key="k")
    assert written(office) == before
    names = [[one["identifier"] for one in got.json()] for got in (first, again)]
    assert names[0] == names[1] and len(set(names[0])) == 2
    with database.writing(office.ledger.engine) as connection:  # as if it had broken off before its end
        connection.exec_driver_sql("DELETE FROM answer WHERE key = 'k'")
    third = post(client, contributor, "", [nameless, nameless], JSONLD, Idempotency_Key="k")
    assert [one["identifier"] for one in third.json()] == names[0]


def test_a_list_changes_our_records_by_the_version_they_state(office: Registry, client: TestClient, point: str) -> None:
    name = post(client, point, "/needs", turtle("need")).json()["identifier"]
    document = client.get(f"/doc/{name}.jsonld").json()
    document["description"] = {"en": "2"}
    assert post(client, point, "", [document], JSONLD).json()[0]["version"] == 2
    assert post(client, point, "", [document], JSONLD).json()[0]["status"] == 412
    del document["record"]
    assert post(client, point, "", [document], JSONLD).json()[0]["status"] == 428


def test_only_a_token_opens_the_interface(office: Registry, client: TestClient, point: str) -> None:
    requests = [
        ("POST", "/register/needs", TURTLE),
        ("POST", "/register", TURTLE),
        ("PUT", "/doc/BCH-ORG-SCBD-401", TURTLE),
        ("PATCH", "/doc/BCH-ORG-SCBD-401", PATCH),
        ("DELETE", "/doc/BCH-ORG-SCBD-401?reason=x", JSON),
    ]
    with database.writing(office.ledger.engine) as connection:
        owner = people.find(connection, "point@example.org")
        assert owner
        from registry import sessions

        clear, _ = sessions.begin(connection, owner.id, at=TODAY)
    for method, path, media in requests:
        for headers in ({}, {"Cookie": f"session={clear}"}, {"Authorization": "Basic eDp5"}):
            got = client.request(method, path, content="x", headers={"Content-Type": media, **headers})
            assert (got.status_code, got.headers["WWW-Authenticate"]) == (401, "Bearer"), path
    reading = token(office, owner, scopes=["read"])
    assert post(client, reading, "/needs", turtle("need")).status_code == 403
    assert post(client, point, "/needs", turtle("need"), query="?dryRun=true").status_code == 200
    submitting = token(office, owner, scopes=["submit"])
    assert post(client, submitting, "/needs", turtle("need")).status_code == 202
    with database.writing(office.ledger.engine) as connection:
        found = tokens.find(connection, point, TODAY)
        assert found and found.used
        tokens.revoke(connection, owner.id, found.id, at=TODAY, by="test")
    assert post(client, point, "/needs", turtle("need")).status_code == 401


def test_whoever_guesses_tokens_is_slowed_down(office: Registry, client: TestClient, point: str) -> None:
    guesses = [post(client, f"bcr_{tickets.fresh()}", "/needs", "x").status_code for _ in range(11)]
    assert guesses == [401] * 9 + [429] * 2
    assert post(client, point, "/needs", turtle("need")).status_code == 201
    late = post(client, "bcr_x", "/needs", "x")
    assert int(late.headers["Retry-After"]) <= timedelta(minutes=15).total_seconds()


def test_nobody_writes_what_is_another_s(office: Registry, client: TestClient, point: str, contributor: str) -> None:
    name = post(client, point, "/needs", turtle("need")).json()["identifier"]
    waiting = post(client, contributor, "/news", turtle("news")).json()["identifier"]
    uganda = token(office, person(office, "uganda", "bch-national-focal-point", country="UG"))
    other = token(office, person(office, "other", "registered-user", institution=ORGANISATION.replace("401", "402")))
    for clear, record, status in [
        (uganda, name, 403),
        (other, name, 403),
        (other, waiting, 404),
        (uganda, waiting, 404),
    ]:
        before = written(office)
        for method, media, body in (
            ("PUT", JSONLD, {}),
            ("PATCH", PATCH, {"title": None}),
            ("DELETE", JSON, {"reason": "x"}),
        ):
            got = change(client, clear, method, record, body, media, If_Match="*")
            assert got.status_code == status, (method, record, got.text)
            assert "partner" not in got.text
        assert written(office) == before
    assert post(client, uganda, "/needs", turtle("need")).status_code == 403
    assert post(client, other, "/needs", turtle("need")).status_code == 403
    unknown = change(client, other, "PUT", "BCH-BCHN-SCBD-999999", {}, JSONLD, If_Match="*")
    hidden = change(client, other, "PUT", waiting, {}, JSONLD, If_Match="*")
    assert unknown.text.replace("BCH-BCHN-SCBD-999999", waiting) == hidden.text


def test_a_waiting_record_is_changed_by_its_sender(office: Registry, client: TestClient, contributor: str) -> None:
    first = post(client, contributor, "/news", turtle("news"))
    name = first.json()["identifier"]
    sent = turtle("news").replace('"2005-01"', '"2005-02"')
    got = change(client, contributor, "PUT", name, sent, TURTLE, If_Match=first.headers["ETag"])
    assert (got.status_code, got.json()["identifier"]) == (202, name), got.text
    late = change(client, contributor, "PUT", name, sent, TURTLE, If_Match=first.headers["ETag"])
    assert late.status_code == 412 and late.json()["current"]["version"] is None


def test_kinds_of_bodies(office: Registry, client: TestClient, point: str) -> None:
    text = turtle("need")
    for media in ("text/csv", "application/rdf+xml", "text/html", "", "application/x-www-form-urlencoded"):
        got = post(client, point, "/needs", text, media)
        assert got.status_code == 415 and TURTLE in got.headers["Accept-Post"], media
    assert post(client, point, "/needs", text, TURTLE, Content_Encoding="gzip").status_code == 415
    assert post(client, point, "/needs", text, "text/turtle; charset=iso-8859-1").status_code == 415
    assert post(client, point, "/needs", text, "Text/Turtle; charset=UTF-8").status_code == 201
    plain = {key: value for key, value in compact(office, "need", text).items() if key != "@context"}
    link = f'<{BASE}context/need.v1.jsonld>; rel="http://www.w3.org/ns/json-ld#context"'
    assert post(client, point, "", plain, JSON, Link=link).json()[0]["status"] == 200
    strange = link.replace("need.v1", "other")
    assert post(client, point, "/needs", plain, JSON, Link=strange).status_code == 400
    assert post(client, point, "/nothing", text).status_code == 404


def test_what_may_be_done_is_told(client: TestClient) -> None:
    for path, methods, names in [
        ("/register/needs", "GET, HEAD, POST, OPTIONS", ["Accept-Post"]),
        ("/register", "GET, HEAD, POST, OPTIONS", ["Accept-Post"]),
        ("/doc/BCH-ORG-SCBD-401", "GET, HEAD, PUT, PATCH, DELETE, OPTIONS", ["Accept-Patch"]),
    ]:
        got = client.options(path)
        assert got.headers["Allow"] == methods and all(name in got.headers for name in names)
        sent = {"Origin": "https://app.example", "Access-Control-Request-Method": "PUT"}
        asked = client.options(path, headers=sent)
        assert asked.headers["Access-Control-Allow-Methods"] == methods
        allowed = asked.headers["Access-Control-Allow-Headers"]
        assert all(one in allowed for one in ("Authorization", "If-Match", "Idempotency-Key", "Content-Type"))
        assert "Access-Control-Allow-Credentials" not in asked.headers
    form = client.options("/sign-in", headers={"Origin": "https://a.example", "Access-Control-Request-Method": "POST"})
    assert "POST" not in form.headers["Access-Control-Allow-Methods"]
    assert client.put("/register/needs").headers["Allow"] == "GET, HEAD, POST, OPTIONS"
