"""Three versions of a record: its history, any two compared in words and as data, what its page says of the last."""

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from starlette.testclient import TestClient

from registry import retirement
from registry.load import Terms, load
from registry.registry import Registry
from registry.terms import RDF, Graph, NamedNode, Triple, from_lines
from tests.conftest import ROOT, TODAY, no_progress, opened_at
from tests.test_http import ask
from web.app import create_app
from web.compare import CS
from web.history import SIZE
from web.render import Renderer

BASE = "http://localhost:8000/"
RECORD = "BCH-CDI-SCBD-9901"
FILES = sorted((ROOT / "tests" / "data" / "history").glob("*.ttl"))


def revised(folder: Path) -> Registry:
    """A registry with a record in three versions."""
    registry = opened_at(folder)
    for path in FILES:
        summary = load(registry, [path], Terms(TODAY, by="test"), no_progress)
        assert not summary.refusals, summary.refusals[0].tell()
    return registry


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    registry = revised(tmp_path_factory.mktemp("history") / "var")
    yield registry
    registry.close()


@pytest.fixture(scope="module")
def client(versions: Registry) -> Iterator[TestClient]:
    app = create_app(versions, versions.settings, today=lambda: TODAY.date())
    with TestClient(app, base_url=BASE, follow_redirects=False) as client:
        yield client


def get(client: TestClient, path: str, lang: str = "en") -> str:
    got = ask(client, "GET", path, {"Accept-Language": lang})
    assert got.status_code == 200, got.text[:300]
    return str(got.text)


def graph(client: TestClient, path: str) -> Graph:
    return from_lines(get(client, path))


def plain(page: str) -> str:
    """The words of a page without its markup."""
    return "".join(piece.partition(">")[2] for piece in ("x>" + page).split("<"))


def test_the_sentences_say_what_changed(client: TestClient) -> None:
    page = plain(get(client, f"/doc/{RECORD}/compare?from=1&to=3"))
    for sentence in (
        "Title of the project: text in Chinese changed",
        "Title of the project: text in French added",
        "Regions and countries: Rwanda added",
        "Regions and countries: Uganda removed",
        "Total budget (in US dollars): 40,000 changed to 50,000",
        "Contact: Registry focal point added",
        "E-mail (Head of the unit): head@test.example.org changed to unit@test.example.org",
    ):
        assert sentence in page


def test_texts_are_marked_by_word_and_by_character(client: TestClient) -> None:
    page = get(client, f"/doc/{RECORD}/compare?from=1&to=2")
    assert "<del>two </del><ins>three </ins>countries" in page
    assert '<p class="marked" lang="zh" dir="ltr">检测改性<ins>活</ins>生物体</p>' in page
    assert '<p class="marked" lang="ar" dir="rtl">' in page
    assert '<p class="marked" lang="fr" dir="ltr"><ins>' in page


def test_backwards_is_the_other_way_round(client: TestClient) -> None:
    page = plain(get(client, f"/doc/{RECORD}/compare?from=2&to=1"))
    assert "Total budget (in US dollars): 50,000 changed to 40,000" in page
    assert "Regions and countries: Rwanda removed" in page


def test_without_versions_the_two_newest_are_compared(client: TestClient) -> None:
    page = plain(get(client, f"/doc/{RECORD}/compare"))
    assert "From version 2 to version 3" in page
    assert "From version 1 to version 2" in plain(get(client, f"/doc/{RECORD}/compare?to=2"))
    assert "This is one version; choose two that differ." in plain(get(client, f"/doc/{RECORD}/compare?from=2&to=2"))


@pytest.mark.parametrize("pair", [(1, 2), (2, 3), (1, 3), (3, 1)])
def test_the_change_set_makes_one_version_of_the_other(client: TestClient, pair: tuple[int, int]) -> None:
    """What the data say, applied to the one version, gives what its author said in the other."""

    def author(number: int) -> set[Triple]:
        found = graph(client, f"/doc/{RECORD}/v/{number}.nt")
        return {t for t in found if "/doc/" not in str(t.subject) and "/doc/" not in str(t.object)}

    told = graph(client, f"/doc/{RECORD}/compare.nt?from={pair[0]}&to={pair[1]}")
    (whole,) = told.having(RDF.type, CS.ChangeSet)

    def stated(link: NamedNode) -> set[Triple]:
        nodes = told.iris(whole, link)
        return {
            Triple(*(told.objects(node, path)[0] for path in (RDF.subject, RDF.predicate, RDF.object)))  # type: ignore[arg-type]
            for node in nodes
        }

    assert (author(pair[0]) - stated(CS.removal)) | stated(CS.addition) == author(pair[1])
    assert stated(CS.removal) <= author(pair[0])


def test_the_history_of_the_record(client: TestClient) -> None:
    page = get(client, f"/doc/{RECORD}/history")
    assert page.count('type="radio" name="from"') == page.count('type="radio" name="to"') == 3
    said = plain(page)
    assert said.index("Version 3") < said.index("Version 2") < said.index("Version 1")
    assert {"First published", "Revised"} <= {what for what in ("First published", "Revised") if what in said}
    told = graph(client, f"/doc/{RECORD}/history.nt")
    assert len(told.having(NamedNode(BASE + "ns/registry#record"), NamedNode(f"{BASE}id/{RECORD}"))) == 3


def test_the_page_says_what_changed_last(client: TestClient) -> None:
    page = plain(get(client, f"/doc/{RECORD}"))
    assert "Regions and countries: Uganda removed" in page
    assert "Rwanda added" not in page
    assert "All changes" in page
    earlier = plain(get(client, f"/doc/{RECORD}/v/2"))
    assert "Uganda removed" not in earlier


@pytest.mark.parametrize("lang", ["fr", "es", "ru", "zh", "ar"])
def test_it_is_told_in_every_language(client: TestClient, lang: str) -> None:
    for path in (f"doc/{RECORD}/compare?from=1&to=3", f"doc/{RECORD}/history", "history", "about", "ns/capacity"):
        assert f'<html lang="{lang}"' in get(client, f"/{path}", lang)


def test_a_retired_record_keeps_its_history(tmp_path: Path) -> None:
    registry = revised(tmp_path / "var")
    retirement.retire(registry, RECORD, reasons={"en": "Published by mistake."}, by="test")
    with TestClient(create_app(registry, registry.settings), base_url=BASE) as client:
        page = plain(get(client, f"/doc/{RECORD}/history"))
        assert "Retired" in page
        assert "Published by mistake." in page
        assert "50,000" in get(client, f"/doc/{RECORD}/compare?from=1&to=3")
        assert ask(client, "GET", f"/doc/{RECORD}/findings", {}).status_code == 410
    registry.close()


def test_every_event_is_on_its_page(client: TestClient, versions: Registry) -> None:
    last = versions.sequence
    for number in {1, last, last - SIZE, last // 2} - {0}:
        if number < 1:
            continue
        got = ask(client, "GET", f"/history?event={number}", {})
        assert got.status_code == 303
        address, _, fragment = got.headers["Location"].removeprefix(BASE).partition("#")
        assert f'<li id="{fragment}">' in get(client, f"/{address}")
        assert f"<{BASE}history#{number}>" in get(client, f"/history/{number}.nt")


def test_the_pages_of_the_history_hold_every_event_once(client: TestClient, versions: Registry) -> None:
    seen: list[str] = []
    for page in range(1, -(-versions.sequence // SIZE) + 1):
        found = graph(client, f"/history.nt?page={page}")
        seen += [str(subject) for subject in found.subjects]
    assert len(seen) == len(set(seen)) == versions.sequence


def test_a_state_that_the_dates_deny_is_marked(client: TestClient) -> None:
    page = get(client, f"/doc/{RECORD}")
    assert 'class="tag doubt" href="#findings"' in page
    assert "What could be better" in page
    report = get(client, f"/doc/{RECORD}/findings.ttl")
    assert "sh:ValidationReport" in report
    assert "The dates say otherwise" not in get(client, "/doc/BCH-ORG-SCBD-9901")


def test_changed_is_said_of_a_new_version_only(client: TestClient) -> None:
    assert "<dt>Changed</dt>" in get(client, f"/doc/{RECORD}")
    assert "<dt>Changed</dt>" not in get(client, f"/doc/{RECORD}/v/1")
    assert "<dt>Changed</dt>" not in get(client, "/doc/BCH-ORG-SCBD-9901")


def test_a_text_in_another_language_says_which(client: TestClient) -> None:
    assert '<span class="lang-name">الإنجليزية' in get(client, f"/doc/{RECORD}", "ar")
    assert 'class="lang-name"' not in get(client, f"/doc/{RECORD}", "en")


def test_hostile_text_stays_text_in_comparisons(tmp_path: Path) -> None:
    registry = opened_at(tmp_path / "var")
    text = (ROOT / "tests" / "data" / "pages" / "hostile.ttl").read_text(encoding="utf-8")
    for number, version in enumerate((text, text.replace("alert(1)", "alert(2)").replace("<b>bold", "<b>bolder"))):
        path = tmp_path / f"{number}.ttl"
        path.write_text(version, encoding="utf-8")
        assert not load(registry, [path], Terms(TODAY, by="test"), no_progress).refusals
    with TestClient(create_app(registry, registry.settings), base_url=BASE) as client:
        for path in ("doc/BCH-ORG-SCBD-1/compare", "doc/BCH-ORG-SCBD-1/history", "doc/BCH-ORG-SCBD-1", "history"):
            page = get(client, f"/{path}")
            for bad in ("<script>", "<img src=x", "<b>bold", 'onmouseover="'):
                assert bad not in page, path
    registry.close()


def test_a_format_shows_a_record_that_somebody_wrote(client: TestClient) -> None:
    page = get(client, "/format/project")
    assert f'href="/doc/{RECORD}"' in page
    assert "Generated sample record</span>" not in page
    assert "&lt;http://localhost:8000/id/BCH-CDI-SCBD-9901&gt; a cap:Project" in page


def test_codes_keep_their_direction(versions: Registry) -> None:
    page = Renderer(versions, "/").page("ar", "")
    assert page.isolated("مثال: 2004-11.") == 'مثال: <bdi dir="ltr">2004-11</bdi>.'
    assert page.isolated("<b>2 000</b>") == '&lt;b&gt;<bdi dir="ltr">2 000</bdi>&lt;/b&gt;'
    assert (
        page.isolated({"en": "<i>2004-11"}) == '<span lang="en" dir="ltr">&lt;i&gt;<bdi dir="ltr">2004-11</bdi></span>'
    )
    assert page.isolated("tel:+1514.") == '<bdi dir="ltr">tel:+1514</bdi>.'


def test_turtle_of_a_comparison_parses(client: TestClient) -> None:
    text = get(client, f"/doc/{RECORD}/compare.ttl?from=1&to=3")
    assert len(list(ox.parse(text, ox.RdfFormat.TURTLE))) > 20
