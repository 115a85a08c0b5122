"""Coming in, staying in, going out: as a browser without scripts does it, and as others would like to."""

import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from registry import audit, database, passwords, people, tickets
from registry.registry import Registry, open_registry
from registry.settings import Settings
from tests.browsing import PASSWORD, Clock, browser, hidden, letters, link, member, send, sign_in, word
from tests.conftest import HOUSE, TODAY, opened_at
from web.app import create_app
from web.doors import unsaid
from web.member import local, masked, unmasked
from web.session import posting

OTHER = "nine quiet owls near a barn"
OPEN = ("/sign-in", "/sign-up", "/reset")
READING = ("/oai",)  # a protocol that reads by POST too, and takes what it does not know for a wrong argument


@pytest.fixture(scope="module")
def opened(founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    folder = tmp_path_factory.mktemp("desk") / "var"
    shutil.copytree(founded, folder)
    registry = opened_at(folder)
    yield registry
    registry.close()


@pytest.fixture
def empty(opened: Registry, tmp_path: Path) -> Iterator[Registry]:
    """A registry without people: the one of this module, over a new copy of its database."""
    before = opened.ledger.engine
    before.dispose()
    shutil.copy(opened.settings.data / "ledger.sqlite", tmp_path / "ledger.sqlite")
    opened.ledger.engine = database.connect(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    yield opened
    opened.ledger.engine.dispose()
    opened.ledger.engine = before


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(empty: Registry, clock: Clock) -> Iterator[TestClient]:
    with browser(empty, clock) as client:
        yield client


def kept(registry: Registry) -> str:
    """All that is kept in all tables but the letters that wait to be sent, as one text."""
    with registry.ledger.engine.connect() as connection:
        tables = [table for name, table in database.metadata.tables.items() if name not in ("ledger", "outbox")]
        return "\n".join(str(tuple(row)) for table in tables for row in connection.execute(table.select()))


def done(registry: Registry) -> list[str]:
    with database.reading(registry.ledger.engine) as connection:
        return [act.action for act in audit.acts(connection, limit=1000)]


def test_in_and_out(empty: Registry, client: TestClient) -> None:
    member(empty)
    got = client.get("/account?done=saved", headers={"Accept": "text/html"})
    assert got.status_code == 303
    assert got.headers["Location"] == "http://localhost:8000/sign-in?next=%2Faccount%3Fdone%3Dsaved"
    page = client.get(got.headers["Location"])
    back = sign_in(client, " AMINA@example.org", next=hidden(page.text)["next"])
    assert (back.status_code, back.headers["Location"]) == (303, "http://localhost:8000/account?done=saved")
    (cookie,) = [line for line in back.headers.get_list("set-cookie") if line.startswith("session=")]
    assert re.fullmatch(r"session=[\w-]{43}; HttpOnly; Path=/; SameSite=lax", cookie)
    mine = client.get("/account")
    assert mine.status_code == 200 and "amina@example.org" in mine.text and "Sign out" in mine.text
    assert client.get("/sign-in").headers["Location"] == "http://localhost:8000/desk"
    out = send(client, "/sign-out", "/account")
    assert (out.status_code, out.headers["Location"]) == (303, "http://localhost:8000/")
    assert "session" not in client.cookies
    assert client.get("/account").status_code == 303
    assert {"signed-in", "signed-out"} <= set(done(empty))
    assert client.get("/account", headers={"Accept": "application/json"}).status_code == 401


def test_a_new_session_each_time(empty: Registry, client: TestClient) -> None:
    member(empty)
    client.cookies.set("session", fixed := "A" * 43, domain="localhost.local", path="/")
    sign_in(client)
    first = client.cookies["session"]
    assert first != fixed
    with browser(empty, Clock()) as thief:
        thief.cookies.set("session", fixed, path="/")
        assert thief.get("/account").status_code == 303
        thief.cookies.set("session", first, path="/")
        assert thief.get("/account").status_code == 200
        form = client.get("/account").text
        client.post("/sign-out", data={"csrf": hidden(form)["csrf"]})
        assert thief.get("/account").status_code == 303, "ended on the server, not in the browser alone"
    assert first not in kept(empty)


def test_private_pages_are_for_one_reader(empty: Registry, client: TestClient) -> None:
    member(empty, "boss@example.org", "secretariat")
    for path in (*OPEN, "/account", "/people", "/trail"):
        if path == "/account":
            sign_in(client, "boss@example.org")
            continue
        got = client.get(path)
        assert got.status_code == 200, path
        assert got.headers["Cache-Control"] == "no-store"
        assert "Cookie" in got.headers["Vary"]
        assert got.headers["X-Robots-Tag"] == "noindex"
        assert got.headers["Referrer-Policy"] == "same-origin"
        assert "Access-Control-Allow-Origin" not in got.headers
        assert "Link" not in got.headers and "ETag" not in got.headers
        assert 'rel="canonical"' not in got.text and 'rel="alternate"' not in got.text
    public = client.get("/")
    assert "boss" not in public.text and "Set-Cookie" not in public.headers
    assert "Cookie" not in public.headers["Vary"] or "no-store" not in public.headers["Cache-Control"]
    client.cookies.clear()
    assert client.get("/").content == public.content, "public pages are the same for all"
    assert 'href="/desk">Sign in</a>' in public.text


def test_secure_below_a_folder(tmp_path: Path, clock: Clock) -> None:
    chosen = Settings(base="https://registry.example/biosafety/", data=tmp_path / "var", house=HOUSE)
    registry = open_registry(chosen, clock=clock)
    member(registry)
    app = create_app(registry, chosen, clock=clock)
    with TestClient(app, base_url="https://10.0.0.1", follow_redirects=False) as client:
        got = client.get("/biosafety/sign-in", headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
        lines = got.headers.get_list("set-cookie")
        assert lines and all("Secure" in line and "Path=/biosafety/;" in line for line in lines)
        assert "evil.example" not in got.text
        assert 'action="/biosafety/sign-in"' in got.text
        fields = {"csrf": hidden(got.text)["csrf"], "email": "amina@example.org"}
        hosts = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
        headers = {"Origin": "https://registry.example", **hosts}
        client.post("/biosafety/reset", data=fields, headers=headers)
        (letter,) = letters(registry)
        assert "https://registry.example/biosafety/reset/" in letter["text"]
        assert "evil" not in letter["text"] + letter["html"]
        back = client.post("/biosafety/sign-in", data={**fields, "password": PASSWORD}, headers=headers)
        assert back.headers["Location"] == "https://registry.example/biosafety/desk"
        assert "Secure" in back.headers["set-cookie"]
    registry.close()


@pytest.mark.parametrize(
    "outward",
    [
        "https://evil.example/",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n//evil.example",
        "javascript:alert(1)",
        "evil.example",
        " //evil.example",
        "http:evil.example",
        "/%0d%0aSet-Cookie:x=y\r\nX: y",
        "",
    ],
)
def test_no_open_redirect(empty: Registry, client: TestClient, outward: str) -> None:
    member(empty)
    assert local(outward) == ""
    got = sign_in(client, next=outward)
    assert got.headers["Location"] == "http://localhost:8000/desk"


@given(st.text(max_size=30))
@settings(max_examples=300, deadline=None)
def test_local_paths_stay_here(path: str) -> None:
    found = local("/" + path)
    assert found == "" or (found.startswith("/") and found[1:2] not in ("/", "\\"))


def test_known_and_unknown_are_answered_alike(
    empty: Registry, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    member(empty)
    asked: list[str | None] = []
    fits = passwords.fits
    monkeypatch.setattr(passwords, "fits", lambda kept, given: asked.append(kept) or fits(kept, given))
    known = sign_in(client, "amina@example.org", OTHER)
    unknown = sign_in(client, "nobody@example.org", OTHER)
    assert known.status_code == unknown.status_code == 422
    assert asked[0] and asked[1] is None, "a hash is computed for both"

    def without(text: str, address: str) -> str:
        return re.sub(r'name="csrf" value="\w+"', "", text.replace(address, ""))

    assert without(known.text, "amina@example.org") == without(unknown.text, "nobody@example.org")
    assert OTHER not in known.text
    assert known.headers.keys() == unknown.headers.keys()
    assert done(empty).count("sign-in-refused") == 2


def test_the_tenth_guess_is_not_looked_at(empty: Registry, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    member(empty)
    looked: list[str] = []
    fits = passwords.fits

    def quick(kept: str | None, given: str) -> bool:
        looked.append(given)
        return given == PASSWORD and fits(kept, given)

    monkeypatch.setattr(passwords, "fits", quick)
    with browser(empty, clock, "198.51.100.7") as home:
        assert sign_in(home).status_code == 303
        with browser(empty, clock) as client:
            got = [sign_in(client, password=f"guess number {n} of many").status_code for n in range(11)]
            assert got == [422] * 9 + [429] * 2
            last = sign_in(client)
            assert last.status_code == 429, "not even the right one"
            assert 0 < int(last.headers["Retry-After"]) <= 900
            assert len(looked) == 10
            home.cookies.clear()
            assert sign_in(home).status_code == 303, "the owner comes in from elsewhere"
            clock.on(minutes=16)
            assert sign_in(client).status_code == 303, "the window slides"
    assert "192.0.2.1" not in kept(empty) and "198.51.100.7" not in kept(empty)


def test_registration(empty: Registry, client: TestClient, clock: Clock) -> None:
    got = send(client, "/sign-up", name="Baraka Example", email="Baraka@Example.org", language="fr")
    assert got.status_code == 200 and "baraka@example.org" in got.text
    (letter,) = letters(empty)
    assert (letter["kind"], letter["language"], letter["address"]) == ("confirmation", "fr", "baraka@example.org")
    path = link(letter)
    assert path.startswith("/confirm/")
    for _ in range(2):
        shown = client.get(path)
        assert shown.status_code == 200, "looking at it changes nothing"
    assert sign_in(client, "baraka@example.org").status_code == 422
    assert send(client, path, name="Baraka", password="short").status_code == 422
    took = send(client, path, name="Baraka", password=PASSWORD)
    assert (took.status_code, took.headers["Location"]) == (303, "http://localhost:8000/desk")
    with database.reading(empty.ledger.engine) as connection:
        found = people.find(connection, "baraka@example.org")
    assert found and found.confirmed and found.name == "Baraka"
    assert [acting.role for acting in found.actings] == ["registered-user"]
    again = client.get(path, headers={"Accept": "text/html"})
    assert again.status_code == 410
    refused = client.post(path, data={"csrf": word(client, "/account"), "name": "x", "password": OTHER})
    assert refused.status_code == 410
    assert path.rsplit("/", 1)[1] not in kept(empty)
    assert client.get("/account").status_code == 200


def test_nobody_learns_who_has_an_account(empty: Registry, client: TestClient, clock: Clock) -> None:
    member(empty)
    pages = []
    for path in ("/sign-up", "/reset"):
        for email in ("amina@example.org", "nobody@example.org"):
            got = send(client, path, name="Somebody", email=email, language="en")
            pages.append(re.sub(r'name="csrf" value="\w+"', "", got.text.replace(email, "")))
    assert pages[0] == pages[1] and pages[2] == pages[3]
    kinds = [(one["kind"], one["address"]) for one in letters(empty)]
    assert kinds == [
        ("already-registered", "amina@example.org"),
        ("confirmation", "nobody@example.org"),
        ("reset", "amina@example.org"),
        ("reset", "nobody@example.org"),
    ]


def test_a_reset_of_nobody_writes_nothing(empty: Registry, client: TestClient) -> None:
    assert send(client, "/reset", email="nobody@example.org").status_code == 200
    assert letters(empty) == []


def test_one_letter_an_hour(empty: Registry, client: TestClient, clock: Clock) -> None:
    member(empty)
    for _ in range(3):
        send(client, "/sign-up", name="Somebody", email="new@example.org", language="en")
        send(client, "/sign-up", name="Somebody", email="amina@example.org", language="en")
        send(client, "/reset", email="amina@example.org")
    assert sorted(one["kind"] for one in letters(empty)) == ["already-registered", "confirmation", "reset"]
    clock.on(minutes=61)
    send(client, "/sign-up", name="Somebody", email="new@example.org", language="en")
    assert len(letters(empty)) == 4


def test_an_address_asks_for_few_letters(empty: Registry, client: TestClient) -> None:
    got = [send(client, "/reset", email=f"{n}@example.org").status_code for n in range(22)]
    assert got == [200] * 20 + [429] * 2


@pytest.mark.parametrize("bad", ["a@b.org\r\nBcc: c@d.org", "a@b.org\nx", "a@b.org%0aBcc:x", "a@b.org, c@d.org"])
def test_no_header_is_injected(empty: Registry, client: TestClient, bad: str) -> None:
    member(empty, "boss@example.org", "secretariat")
    assert send(client, "/sign-up", name="Somebody", email=bad, language="en").status_code == 422
    assert send(client, "/reset", email=bad).status_code == 422
    assert send(client, "/sign-up", name="A\r\nBcc: c@d.org", email="a@b.org", language="en").status_code == 422
    sign_in(client, "boss@example.org")
    got = send(client, "/people", name="Somebody", email=bad, language="en", role="curator")
    assert got.status_code == 422 and 'aria-invalid="true"' in got.text
    assert letters(empty) == []


def test_reset(empty: Registry, client: TestClient, clock: Clock) -> None:
    member(empty)
    sign_in(client)
    old = client.cookies["session"]
    with browser(empty, clock, "198.51.100.7") as other:
        send(other, "/reset", email="AMINA@example.org")
        (letter,) = letters(empty)
        path = link(letter)
        assert other.get(path).status_code == 200 and client.get("/account").status_code == 200
        took = send(other, path, password=OTHER)
        assert took.headers["Location"] == "http://localhost:8000/sign-in?done=reset"
        assert client.get("/account").status_code == 303, "all sessions end"
        assert other.get(path).status_code == 410
        assert other.post(path, data={"csrf": word(other), "password": PASSWORD}).status_code == 410
        assert sign_in(other, password=PASSWORD).status_code == 422
        assert sign_in(other, password=OTHER).status_code == 303
    assert [one["kind"] for one in letters(empty)] == ["reset", "password-changed"]
    assert "password-set" in done(empty)
    text = kept(empty)
    assert old not in text and OTHER not in text and path.rsplit("/", 1)[1] not in text


def test_a_reset_lasts_an_hour(empty: Registry, client: TestClient, clock: Clock) -> None:
    assert tickets.LASTS["reset"] <= timedelta(hours=1)
    member(empty)
    send(client, "/reset", email="amina@example.org")
    path = link(letters(empty)[0])
    clock.on(minutes=60)
    assert client.get(path).status_code == 410


def test_my_account(empty: Registry, client: TestClient, clock: Clock) -> None:
    mine = member(empty)
    sign_in(client)
    assert send(client, "/account", name="Amina the Second", language="ar").headers["Location"].endswith("done=saved")
    assert 'dir="rtl"' in client.get("/account").text
    assert send(client, "/account", name="", language="ar").status_code == 422
    before = client.cookies["session"]
    assert send(client, "/account/password", "/account", password__now=OTHER, password=OTHER).status_code == 422
    assert send(client, "/account/password", "/account", password__now=PASSWORD, password="short").status_code == 422
    with browser(empty, clock, "198.51.100.7") as other:
        sign_in(other)
        got = send(client, "/account/password", "/account", password__now=PASSWORD, password=OTHER)
        assert got.status_code == 303 and client.cookies["session"] != before
        assert client.get("/account").status_code == 200 and other.get("/account").status_code == 303
        sign_in(other, password=OTHER)
        assert send(client, "/account/sessions", "/account").status_code == 303
        assert client.get("/account").status_code == 200 and other.get("/account").status_code == 303
    assert [one["kind"] for one in letters(empty)] == ["password-changed"]
    with database.reading(empty.ledger.engine) as connection:
        acts = [(act.action, act.old, act.new) for act in audit.acts(connection, subject=mine.id)]
    assert ("renamed", "Amina Example", "Amina the Second") in acts
    assert "amina@example.org" not in str(acts)


def test_tokens_are_shown_once(empty: Registry, client: TestClient) -> None:
    member(empty)
    sign_in(client)
    made = send(client, "/account/tokens", "/account", name="nightly job", scope=["read", "submit"], days="30")
    assert made.status_code == 201
    (clear,) = re.findall(r"bcr_[\w-]{43}", made.text)
    assert clear not in client.get("/account").text and clear not in kept(empty)
    assert send(client, "/account/tokens", "/account", name="x", scope=["root"], days="30").status_code == 422
    for days in ("0", "", "-1", "9999999999", "x", "²"):
        assert send(client, "/account/tokens", "/account", name="x", scope=["read"], days=days).status_code == 422
    (revoke,) = re.findall(r'action="(/account/tokens/\w+/revoke)"', client.get("/account").text)
    assert send(client, revoke, "/account").status_code == 303
    assert "nightly job" not in client.get("/account").text
    assert send(client, revoke, "/account").status_code == 404


def test_administrators_invite(empty: Registry, client: TestClient, clock: Clock) -> None:
    member(empty, "boss@example.org", "secretariat")
    sign_in(client, "boss@example.org")
    got = send(
        client,
        "/people",
        name="Chebet",
        email="chebet@example.org",
        language="fr",
        role="bch-national-focal-point",
        country="KE",
        institution="",
        format="",
    )
    assert got.status_code == 303
    page = got.headers["Location"].removeprefix("http://localhost:8000").split("?")[0]
    (letter,) = letters(empty)
    assert (letter["kind"], letter["language"]) == ("invitation", "fr")
    assert send(client, f"{page}/invite", page).status_code == 303
    assert client.get(link(letter)).status_code == 410, "a second letter shuts the first"
    with browser(empty, clock, "198.51.100.7") as chebet:
        took = send(chebet, link(letters(empty)[1]), name="Chebet Example", password=PASSWORD)
        assert took.status_code == 303
        assert chebet.get("/people", headers={"Accept": "text/html"}).status_code == 403
        assert chebet.get("/trail", headers={"Accept": "text/html"}).status_code == 403
        got = send(client, f"{page}/roles", page, role="validator", country="", institution="", format="project")
        assert got.status_code == 303
        assert chebet.get("/account").status_code == 303, "a change of roles ends sessions"
    shown = client.get(page).text
    assert "Kenya" in shown and "Chebet Example" in shown
    for wrong in ({"role": "king"}, {"country": "XX"}, {"format": "poem"}, {"institution": "BCH-ORG-SCBD-0"}):
        fields = {"role": "curator", "country": "", "institution": "", "format": "", **wrong}
        assert send(client, f"{page}/roles", page, **fields).status_code == 422, wrong
    dismissals = re.findall(r'action="(/people/\w+/roles/\d+/dismiss)"', shown)
    assert len(dismissals) == 2
    assert send(client, dismissals[0], page).status_code == 303
    assert send(client, dismissals[0], page).status_code == 404
    assert send(client, f"{page}/close", page).status_code == 303
    with browser(empty, clock, "198.51.100.7") as chebet:
        assert sign_in(chebet, "chebet@example.org").status_code == 422
    assert client.get("/people/nobody").status_code == 404


def test_who_changes_their_own_roles_stays_in(empty: Registry, client: TestClient) -> None:
    boss = member(empty, "boss@example.org", "secretariat")
    sign_in(client, "boss@example.org")
    page, before = f"/people/{boss.id}", client.cookies["session"]
    fields = {"role": "curator", "country": "", "institution": "", "format": ""}
    assert send(client, f"{page}/roles", page, **fields).status_code == 303
    assert client.cookies["session"] != before and client.get("/people").status_code == 200
    assert send(client, f"{page}/close", page).status_code == 409, "the last administrator stays"


def test_reading_the_trail_is_noted(empty: Registry, client: TestClient) -> None:
    boss = member(empty, "boss@example.org", "secretariat")
    sign_in(client, "boss@example.org")
    client.get("/trail")
    got = client.get(f"/trail?by={boss.id}")
    assert "trail-read" in got.text and "account-made" not in got.text
    assert client.get("/trail?before=x&subject=%00").status_code in (200, 400)
    with database.reading(empty.ledger.engine) as connection:
        read = [act for act in audit.acts(connection) if act.action == "trail-read"]
        assert len(read) >= 2 and read[-1].by == boss.id
        assert audit.verify(connection) > 3


def takes_a_form(dependant: Dependant) -> bool:
    return any(
        getattr(one.call, "__qualname__", "").startswith(posting.__name__ + ".") or takes_a_form(one)
        for one in dependant.dependencies
    )


def form_routes(app: FastAPI) -> list[tuple[str, str, bool]]:
    routes = [route for route in app.state.rooms if isinstance(route, APIRoute)]
    return [
        (method, re.sub(r"\{acting\}", "1", route.path), takes_a_form(route.dependant))
        for route in routes
        for method in sorted(route.methods - {"GET", "HEAD"})
    ]


def test_every_form_is_refused_that_is_not_ours(empty: Registry, client: TestClient) -> None:
    """Each route that writes: with a session but without its word, with another's, from elsewhere: 403 and no act."""
    app: Any = client.app
    member(empty, "boss@example.org", "secretariat")
    sign_in(client, "boss@example.org")
    right, before = word(client, "/account"), done(empty)
    found = form_routes(app)
    assert len([1 for _, _, form in found if form]) >= 14
    for method, pattern, form in found:
        path = re.sub(r"\{(\w+)(?::path)?\}", "x", pattern)

        def sent(data: dict[str, str], path: str = path, method: str = method, **headers: str) -> int:
            lines = {name.replace("_", "-"): value for name, value in headers.items()}
            return client.request(method, path, data=data, headers=lines).status_code

        if path in READING:
            assert sent({"csrf": right}) in (200, 400), path
            continue
        if not form:  # a door of programs: a cookie opens nothing there
            assert sent({"csrf": right}) in (400, 401, 403, 404, 405, 415, 428), path
            continue
        assert sent({}) == 403, path
        assert sent({"csrf": ""}) == 403, path
        assert sent({"csrf": masked("A" * 43)}) == 403, path
        assert sent({"csrf": right}, Origin="https://evil.example") == 403, path
        assert sent({"csrf": right}, Origin="null") == 403, path
        assert sent({"csrf": right}, Sec_Fetch_Site="cross-site") == 403, path
        assert sent({"csrf": right}, Sec_Fetch_Site="same-site") == 403, path
    assert done(empty) == before
    client.cookies.clear()
    for path in OPEN:
        client.cookies.clear()
        assert client.post(path, data={"csrf": masked("A" * 43), "email": "a@b.org"}).status_code == 403


def test_a_word_looks_different_every_time() -> None:
    word = "A" * 43
    assert masked(word) != masked(word) and unmasked(masked(word)) == word
    assert unmasked("x") == unmasked("") == unmasked("abc") == unmasked("zzzz") == ""


def test_a_form_that_comes_too_late_loses_nothing(empty: Registry, client: TestClient, clock: Clock) -> None:
    member(empty)
    sign_in(client)
    typed = {"csrf": word(client, "/account"), "name": 'Amina "the" <b>Late</b>', "language": "fr"}
    clock.on(hours=3)
    headers = {"Origin": "http://localhost:8000"}
    late = client.post("/account", data=typed, headers=headers)
    assert late.status_code == 403 and "<b>Late" not in late.text
    fields = hidden(late.text)
    assert fields["kept.path"] == "/account" and fields["kept.f.name"] == typed["name"]
    wrong = client.post("/sign-in", data={**fields, "email": "amina@example.org", "password": OTHER}, headers=headers)
    assert wrong.status_code == 422 and hidden(wrong.text)["kept.f.name"] == typed["name"]
    fields = hidden(wrong.text)
    back = client.post("/sign-in", data={**fields, "email": "amina@example.org", "password": PASSWORD}, headers=headers)
    assert back.status_code == 200 and 'action="/account"' in back.text
    again = hidden(back.text.split("<main")[1])
    assert again["name"] == typed["name"] and "password" not in again
    again["name"] = "Amina Late"
    assert client.post("/account", data=again, headers=headers).status_code == 303


def test_forms_are_bounded_and_forms(empty: Registry, client: TestClient) -> None:
    right = word(client)
    big = client.post("/sign-in", data={"csrf": right, "email": "x" * 1_100_000})
    assert big.status_code == 413

    def pieces() -> Iterator[bytes]:
        yield b"csrf=" + right.encode() + b"&email="
        for _ in range(20):
            yield b"x" * 100_000

    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert client.post("/sign-in", content=pieces(), headers=kind).status_code == 413
    assert client.post("/sign-in", json={"csrf": right}).status_code == 415
    many = "&".join(f"a{n}=1" for n in range(6000))
    assert client.post("/sign-in", content=many, headers=kind).status_code in (400, 413)
    assert client.post("/sign-in", content=f"csrf={right}&email=%00a", headers=kind).status_code == 400
    broken = {"Content-Type": "multipart/form-data; boundary=x"}
    assert client.post("/sign-in", content=b"--x\r\nnonsense", headers=broken).status_code in (400, 403)
    assert client.post("/sign-in", content=b"\xff\xfe=%ff", headers=kind).status_code == 403


def test_methods_are_told(client: TestClient) -> None:
    assert client.options("/sign-in").headers["Allow"] == "GET, HEAD, POST, OPTIONS"
    assert client.options("/sign-out").headers["Allow"] == "POST, OPTIONS"
    assert client.delete("/sign-in").headers["Allow"] == "GET, HEAD, POST, OPTIONS"
    preflight = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    got = client.options("/sign-in", headers=preflight)
    assert "Access-Control-Allow-Credentials" not in got.headers


def test_secrets_stay_out_of_logs() -> None:
    assert unsaid("/reset/" + "a-_1" * 11) == "/reset/…"
    assert unsaid("/doc/BCH-CDI-SCBD-108") == "/doc/BCH-CDI-SCBD-108"


def test_the_pages_speak_six_languages(empty: Registry, client: TestClient) -> None:
    for lang in ("en", "fr", "es", "ru", "zh", "ar"):
        got = client.get(f"/sign-in?lang={lang}")
        assert f'<html lang="{lang}"' in got.text and got.headers["Cache-Control"] == "no-store"
    assert client.cookies["lang"] == "ar"
    assert TODAY


@pytest.mark.parametrize("path", ["x", "//x", "http://evil.example/", ""])
def test_a_late_form_whose_way_back_is_none_is_shown_again(empty: Registry, client: TestClient, path: str) -> None:
    page = client.get("/sign-in").text
    late = re.search(r'name="csrf" value="([^"]+)"', page)[1]  # type: ignore[index]
    client.cookies.clear()
    headers = {"Origin": "http://localhost:8000", "Accept": "text/html"}
    got = client.post("/sign-out", data={"csrf": late, "kept.path": path}, headers=headers)
    assert got.status_code == 403, got.text[-300:]


@pytest.mark.parametrize("charset", ["punycode", "undefined", "utf-7", "raw_unicode_escape"])
def test_a_form_is_read_in_utf_8_only(client: TestClient, charset: str) -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n\\ud800\r\n--b--\r\n'
    headers = {"Content-Type": f"multipart/form-data; boundary=b; charset={charset}", "Origin": "http://localhost:8000"}
    assert client.post("/sign-in", content=body, headers=headers).status_code == 415


@pytest.mark.parametrize("given", ["[", '">', "\x01", "\ufffe", "BCH-ORG-SCBD-99", "x" * 5000])
def test_an_institution_that_is_none_is_told_at_its_field(empty: Registry, client: TestClient, given: str) -> None:
    account = member(empty, "root@example.org", "secretariat")
    sign_in(client, "root@example.org")
    path = f"/people/{account.id}"
    got = send(client, f"{path}/roles", path, role="registered-user", institution=given)
    assert got.status_code == 422, got.text[-300:]
