"""Saved searches: kept as what they ask, of one owner, within bounds; their pages."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from registry import database, people, saved
from registry.errors import BadInput, NotFound
from registry.registry import Registry
from tests.browsing import Clock
from tests.conftest import TODAY
from tests.deskwork import Visitor, lead, opened, person
from web import facetted

ASKED = "?type=projects&q=seed&concerns=ke&element=action-plan-2004/ap2004-a&since=2001&page=3&view=table&lang=fr"
KEPT = "concerns=KE&element=action-plan-2004/ap2004-a&q=seed&since=2001&type=projects"


@pytest.fixture(scope="module")
def registry(office_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with opened(office_folder, tmp_path_factory.mktemp("saved")) as registry:
        yield registry


@pytest.fixture(scope="module")
def amina(registry: Registry) -> people.Account:
    return person(registry, "amina", "")


@pytest.fixture(scope="module")
def visitor(registry: Registry, amina: people.Account) -> Visitor:
    return Visitor(registry, amina, Clock())


@pytest.fixture(scope="module")
def nobody(registry: Registry) -> Visitor:
    return Visitor(registry, None, Clock())


def kept(registry: Registry, account: people.Account) -> list[saved.Saved]:
    with database.reading(registry.ledger.engine) as connection:
        return saved.of(connection, account.id)


def keep(registry: Registry, account: people.Account, name: str = "Mine", query: str = KEPT) -> saved.Saved:
    with database.writing(registry.ledger.engine) as connection:
        return saved.save(connection, account.id, name=name, query=query, language="en", seen=7, at=TODAY)


def test_a_search_is_saved_renamed_and_removed(registry: Registry, amina: people.Account, visitor: Visitor) -> None:
    page = visitor.read("/search" + ASKED.replace("&page=3", "").replace("&lang=fr", ""))
    link = re.search(r'href="(/desk/searches/new\?[^"]*)"', page)
    assert link
    form = visitor.read(unescape(link[1]))
    assert f'name="of" value="{KEPT.replace("&", "&amp;")}"' in form
    assert "“seed”" in form and "Kenya" in form and "From 2001" in form
    assert lead(visitor.post("/desk/searches", of=KEPT, name="  Seeds in   Kenya ")) == "/desk/searches?done=saved"
    (one,) = kept(registry, amina)
    assert (one.name, one.query, one.seen, one.letters) == ("Seeds in Kenya", KEPT, registry.sequence, False)
    listed = visitor.read("/desk/searches?done=saved")
    assert "The search is saved." in listed and "Seeds in Kenya" in listed
    assert f'href="/search?{KEPT.replace("&", "&amp;")}"' in listed
    assert f'href="/search.atom?{KEPT.replace("&", "&amp;")}"' in listed
    assert visitor.get(f"/search.atom?{KEPT}").status_code == 200
    assert "done=renamed" in lead(visitor.post(f"/desk/searches/{one.id}", name="Maize: Kenya"))
    assert kept(registry, amina)[0].name == "Maize: Kenya"
    assert "done=removed" in lead(visitor.post(f"/desk/searches/{one.id}", do="remove"))
    assert kept(registry, amina) == []
    assert visitor.get(f"/desk/searches/{one.id}").status_code == 404


@pytest.mark.parametrize("language", ["en", "fr", "ar"])
def test_the_list_says_what_is_asked_and_how_many_fit_now(registry: Registry, language: str) -> None:
    mine = person(registry, f"list-{language}", "")
    keep(registry, mine, "Organisations", "type=organisations")
    keep(registry, mine, "Everything", "")
    text = Visitor(registry, mine, Clock(), language).read("/desk/searches")
    found = registry.select("records/list", kind=registry.formats["organisation"].target)
    cells = re.findall(r"<td>([^<]*)</td>", text)
    assert str(len(found)) in [re.sub(r"\D", "", cell) for cell in cells]
    assert registry.formats["organisation"].register_names[language] in text


def test_equal_questions_are_kept_as_equal_texts(registry: Registry) -> None:
    same = [
        ASKED,
        KEPT,
        KEPT.replace("concerns=KE", f"concerns={registry.own.base}vocabulary/countries/KE"),
        KEPT + "&element=action-plan-2004/ap2004-a&archived=no",
        "&".join(reversed(KEPT.split("&"))),
    ]
    asked = [facetted.parsed(registry, text, "en", TODAY.date()) for text in same]
    assert {facetted.query(registry, one) for one in asked} == {KEPT}
    again = facetted.parsed(registry, KEPT, "en", TODAY.date())
    assert again == asked[0]


@pytest.mark.parametrize(
    ("of", "told"),
    [
        ("elemnt=action-plan-2004/ap2004-a", "There is no parameter elemnt here."),
        ("element=none", "There is no concept none."),
        ("concerns=XX", "There is no country XX."),
        ("since=soon", "soon is no value of since."),
        ("q=" + "x" * 5_000, "at most 4000 characters"),
        ("q=" + "x" * 1_500, "The search text has 1500 characters"),
    ],
)
def test_what_no_search_asks_is_refused_in_words(
    registry: Registry, amina: people.Account, visitor: Visitor, of: str, told: str
) -> None:
    for got in (visitor.client.get("/desk/searches/new", params={"of": of}), visitor.post("/desk/searches", of=of)):
        assert got.status_code == 400
        assert told in unescape(got.text)
    assert kept(registry, amina) == []


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "tricky\u202ename", "zero\u200bwidth"])
def test_a_name_that_is_none_is_asked_for_again(visitor: Visitor, name: str) -> None:
    got = visitor.post("/desk/searches", of=KEPT, name=name)
    assert got.status_code == 422
    assert 'aria-invalid="true"' in got.text
    assert KEPT.replace("&", "&amp;") in got.text


def test_a_search_that_can_be_asked_no_more_says_so(registry: Registry) -> None:
    mine = person(registry, "late", "")
    keep(registry, mine, "Of old", "element=action-plan-1999/gone")
    text = unescape(Visitor(registry, mine, Clock()).read("/desk/searches"))
    assert "There is no concept action-plan-1999/gone." in text
    assert "/search?element" not in text


def test_only_the_owner_sees_renames_and_removes(registry: Registry, visitor: Visitor, nobody: Visitor) -> None:
    theirs = keep(registry, person(registry, "other", ""), "Secret words")
    path = f"/desk/searches/{theirs.id}"
    assert "Secret words" not in visitor.read("/desk/searches")
    answers: list[Any] = [visitor.get(path), visitor.post(path, name="Taken"), visitor.post(path, do="remove")]
    assert [got.status_code for got in answers] == [404, 404, 404]
    with database.reading(registry.ledger.engine) as connection:
        assert saved.one(connection, theirs.account, theirs.id) == theirs
    assert lead(nobody.get("/desk/searches/new?of=q%3Dseed")).startswith("/sign-in?next=%2Fdesk%2Fsearches%2Fnew%3Fof")
    assert nobody.post(path, do="remove").status_code in (401, 403)
    assert "no-store" in visitor.get("/desk/searches").headers["cache-control"]


def test_at_most_fifty_and_none_of_an_account_that_is_closed(registry: Registry) -> None:
    mine = person(registry, "keen", "")
    for number in range(saved.MOST):
        keep(registry, mine, f"Search {number}")
    with pytest.raises(BadInput, match="There are 50 searches already"):
        keep(registry, mine)
    with database.writing(registry.ledger.engine) as connection:
        first = saved.of(connection, mine.id)[0]
        people.close(connection, mine.id, at=TODAY, by="test")
        assert saved.of(connection, mine.id) == []
        with pytest.raises(NotFound):
            saved.rename(connection, mine.id, first.id, name="x", at=TODAY)
