"""The pages of the desk as owners and reviewers see them: begun, written, sent, decided; and what nobody else sees."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from registry import audit, database, desk, drafts, tickets
from registry.desk import Actor
from registry.registry import Registry
from registry.terms import DCTERMS, Graph, Literal, Triple
from tests.browsing import Clock
from tests.conftest import ROOT, TODAY
from tests.deskwork import PEOPLE, Visitor, lead, opened, person
from tests.filling import scrape
from tests.test_desk import described

pytestmark = pytest.mark.xdist_group("desk")


class Office:
    """A registry with people in it; each has a browser."""

    def __init__(self, registry: Registry) -> None:
        self.registry, self.clock = registry, Clock()
        self.accounts = {name: person(registry, name, role, **bound) for name, (role, bound) in PEOPLE.items()}

    def visitor(self, name: str = "", language: str = "en") -> Visitor:
        return Visitor(self.registry, self.accounts.get(name), self.clock, language)

    def written(self, name: str, format: str = "news") -> str:
        """A draft of somebody's with a valid text in it; its id."""
        actor = Actor(self.accounts[name])
        draft = desk.begin(self.registry, actor, self.registry.formats[format], at=self.clock())
        graph = described(self.registry, draft)
        return desk.save(self.registry, actor, draft.id, graph, revision=draft.revision, at=self.clock()).id

    def draft(self, id: str) -> drafts.Draft:
        with database.reading(self.registry.ledger.engine) as connection:
            return drafts.draft(connection, id)

    def submitted(self, name: str, format: str = "news") -> tuple[str, str]:
        """A submission of somebody's; its id, and the path of its receipt."""
        id = self.written(name, format)
        got = self.visitor(name).post(
            f"/desk/draft/{id}", _whole(self.registry, self.draft(id)), do="request-publication", step="all"
        )
        return id, lead(got)

    def published(self, name: str, by: str, format: str = "news") -> str:
        """The identifier of a record that was submitted and approved."""
        id, _ = self.submitted(name, format)
        got = self.visitor(by).post(f"/desk/draft/{id}/review", do="approve", revision=str(self.draft(id).revision))
        assert lead(got) == "/desk/queue?done=approve"
        return self.draft(id).identifier


def _whole(registry: Registry, draft: drafts.Draft) -> dict[str, list[str]]:
    """The fields of a draft's form as a browser would send them."""
    from web.draftform import Look, drawn
    from web.render import Renderer

    renderer = Renderer(registry, "/")
    page = renderer.page("en", f"desk/draft/{draft.id}")
    account = person_of(registry, draft.author)
    form = drawn(page, account, draft, draft.graph, Look("all"), ())
    environment = renderer._environment
    template = environment.from_string(
        '{% import "form-fields.html" as drawn with context %}{{ drawn.fields(page, form) }}'
    )
    html = template.render(page=page, form=form, _=page.say_in_words)
    return {**scrape(html.encode()).fields, "revision": [str(draft.revision)]}


def person_of(registry: Registry, id: str):  # type: ignore[no-untyped-def]
    from registry import people

    with database.reading(registry.ledger.engine) as connection:
        return people.account(connection, id)


@pytest.fixture(scope="module")
def opened_office(office_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with opened(office_folder, tmp_path_factory.mktemp("office")) as registry:
        yield Office(registry)


@pytest.fixture
def office(opened_office: Office) -> Office:
    """The office of all these tests, on the morning of the same day; each writes records of its own."""
    opened_office.clock = Clock()
    return opened_office


def test_the_desk_asks_to_sign_in(office: Office) -> None:
    nobody = office.visitor()
    assert lead(nobody.get("/desk")) == "/sign-in?next=%2Fdesk"
    for path in ("/desk/queue", "/desk/new/news", "/desk/amend/BCH-ORG-SCBD-401", "/desk/record/BCH-ORG-SCBD-401"):
        assert lead(nobody.get(path)).startswith("/sign-in?next=")


@pytest.mark.parametrize("language", ["en", "fr", "es", "ru", "zh", "ar"])
def test_every_page_is_private_and_in_six_languages(office: Office, language: str) -> None:
    id = office.written("contributor")
    waiting, receipt = office.submitted("contributor")
    author, validator = office.visitor("contributor", language), office.visitor("validator", language)
    mine = ["/desk", "/desk/new/news", "/desk/record/BCH-ORG-SCBD-401", f"/desk/draft/{id}"]
    mine += [f"/desk/draft/{id}/preview", f"/desk/draft/{id}/share", f"/desk/draft/{id}?view=all", receipt]
    mine += [f"/desk/draft/{id}?check=yes", f"/desk/draft/{waiting}", f"/desk/draft/{waiting}/review"]
    theirs = ["/desk", "/desk/queue", f"/desk/draft/{waiting}/review"]
    for visitor, paths in ((author, mine), (validator, theirs)):
        for path in paths:
            if path == "/desk/record/BCH-ORG-SCBD-401":
                continue
            got = visitor.get(path)
            assert got.status_code == 200, (path, got.text[-600:])
            assert got.headers["cache-control"] == "no-store"
            assert got.headers["x-robots-tag"] == "noindex"
            assert "Cookie" in got.headers["vary"]
            assert "access-control-allow-origin" not in got.headers
            assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in got.text
            assert "etag" not in got.headers


def test_a_record_is_begun_written_checked_and_sent(office: Office) -> None:
    author = office.visitor("contributor")
    assert "/desk/new/news" in author.read("/desk")
    assert "Begin the draft" in author.read("/desk/new/news")
    path = lead(author.post("/desk/new/news"))
    id = path.rsplit("/", 1)[1]
    got = author.fill(path, "save", title__en="A laboratory opens")
    assert lead(got).startswith(path)
    assert office.draft(id).title == "A laboratory opens"
    checked = author.read(f"{path}?step=identification&check=yes")
    assert "Before it can be published" in checked
    refused = author.fill(path, "request-publication")
    assert refused.status_code == 422
    assert "A laboratory opens" in refused.text
    assert office.draft(id).status == "draft"
    assert lead(author.fill(path, "discard")) == "/desk?done=discard"
    assert office.draft(id).status == "deleted"


def test_a_submission_is_seen_approved_and_told_by_its_receipt(office: Office) -> None:
    id, receipt = office.submitted("contributor")
    nobody = office.visitor()
    told = nobody.get(receipt)
    assert told.headers["referrer-policy"] == "no-referrer"
    assert "Waiting for a decision by:" in told.text
    assert "Contributor Person" not in told.text
    assert id in office.visitor("validator").read("/desk/queue")
    page = office.visitor("validator").read(f"/desk/draft/{id}/review")
    assert 'accesskey="a"' in page
    assert 'accesskey="r"' in page
    revision = str(office.draft(id).revision)
    got = office.visitor("validator").post(f"/desk/draft/{id}/review", do="approve", revision=revision)
    assert lead(got) == "/desk/queue?done=approve"
    name = office.draft(id).identifier
    told = nobody.get(receipt)
    assert "Published in version 1" in told.text
    assert f"/doc/{name}/v/1" in told.text
    assert f"/history/{office.registry.sequence}" in told.text
    assert name in office.visitor("contributor").read("/desk")


def test_a_reviewer_returns_with_remarks_that_stand_beside_the_fields(office: Office) -> None:
    id, receipt = office.submitted("contributor")
    validator, author = office.visitor("validator"), office.visitor("contributor")
    revision = str(office.draft(id).revision)
    silent = validator.post(
        f"/desk/draft/{id}/review", {"remark.title": "Which?"}, do="request-changes", revision=revision
    )
    assert silent.status_code == 422
    assert "Which?" in silent.text
    said = {"remark.title": "Which laboratory?", "reason": "Nearly <b>there</b>."}
    got = validator.post(f"/desk/draft/{id}/review", said, do="request-changes", revision=revision)
    assert lead(got) == "/desk/queue?done=request-changes"
    page = author.read(f"/desk/draft/{id}")
    beside = re.search(r'<label for="title\.en">.*?</div>', page, re.DOTALL)
    assert beside
    assert "Which laboratory?" in beside[0]
    assert "Nearly &lt;b&gt;there&lt;/b&gt;." in page
    told = office.visitor().read(receipt)
    assert "Returned with a message" in told
    assert "Nearly" not in told
    assert "Which laboratory?" not in told


def test_a_second_person_is_asked_for_and_told_why(office: Office) -> None:
    id, _ = office.submitted("secretary")
    secretary = office.visitor("secretary")
    page = secretary.read(f"/desk/draft/{id}/review")
    assert "Somebody else than the author must approve it." in page
    assert 'value="approve"' not in page
    assert id not in secretary.read("/desk/queue")
    got = secretary.post(f"/desk/draft/{id}/review", do="approve", revision=str(office.draft(id).revision))
    assert got.status_code == 403
    back = secretary.post(f"/desk/draft/{id}", do="withdraw", revision=str(office.draft(id).revision))
    assert lead(back).startswith(f"/desk/draft/{id}")
    assert office.draft(id).status == "draft"


def test_a_stale_form_shows_both_texts_and_loses_nothing(office: Office) -> None:
    id = office.written("contributor")
    account = person(
        office.registry, "colleague", "registered-user", institution=PEOPLE["contributor"][1]["institution"]
    )
    author, colleague = office.visitor("contributor"), Visitor(office.registry, account, office.clock)
    path = f"/desk/draft/{id}"
    fields = _whole(office.registry, office.draft(id))
    assert "Contributor Person is writing" in colleague.read(path) or "Contributor Person" in colleague.read(path)
    held = colleague.post(path, {**fields, "title.en": ["Typed by the colleague"]}, step="all", do="save")
    assert held.status_code == 409
    assert "Typed by the colleague" in held.text
    office.clock.on(minutes=30)
    assert lead(colleague.post(path, {**fields, "title.en": ["Theirs"]}, step="all", do="save")).startswith(path)
    office.clock.on(minutes=30)
    typed = {**fields, "title.en": ["Mine & <i>own</i>"], "private-note": ["Do not forget"]}
    lost = author.post(path, typed, step="all", do="save")
    assert lost.status_code == 412
    assert "Both texts side by side" in lost.text
    assert "Theirs" in lost.text
    assert 'value="Mine &amp; &lt;i&gt;own&lt;/i&gt;"' in lost.text
    assert "Do not forget" in lost.text
    revision = re.search(r'name="revision" value="(\d+)"', lost.text)
    assert revision
    assert lead(author.post(path, {**typed, "revision": [revision[1]]}, step="all", do="save")).startswith(path)
    kept = office.draft(id)
    assert (kept.title, kept.note) == ("Mine & <i>own</i>", "Do not forget")


def test_a_form_whose_session_ended_comes_back_whole(office: Office) -> None:
    id = office.written("contributor")
    author = office.visitor("contributor")
    office.clock.on(hours=13)
    lost = author.post(f"/desk/draft/{id}", {"title.en": "Typed for an hour", "private-note": "Mine"}, do="save")
    assert lost.status_code == 403
    assert "Nothing you typed is lost" in lost.text
    assert 'value="Typed for an hour"' in lost.text
    assert 'value="Mine"' in lost.text
    assert f'value="/desk/draft/{id}"' in lost.text


def test_an_owner_confirms_with_one_press(office: Office) -> None:
    name = office.published("contributor", "validator")
    author = office.visitor("contributor")
    office.clock.on(days=400)
    author = office.visitor("contributor")
    assert "Please confirm" in author.read("/desk")
    assert lead(author.post(f"/desk/record/{name}", do="confirm")) == "/desk?done=confirm"
    assert "Confirmed: its readers see today" in author.read("/desk?done=confirm")
    events = [event.kind for event in office.registry.versions(name)]
    assert events == ["published", "confirmed"]


def test_a_record_is_amended_and_compared_and_not_overtaken(office: Office) -> None:
    name = office.published("contributor", "validator")
    author = office.visitor("contributor")
    assert f"/desk/amend/{name}" in office.visitor().read(f"/doc/{name}")
    assert "A draft begins from version 1" in author.read(f"/desk/amend/{name}")
    path = lead(author.post(f"/desk/amend/{name}"))
    fields = _whole(office.registry, office.draft(path.rsplit("/", 1)[1]))
    got = author.post(path, {**fields, "title.en": ["Quite another title"]}, do="request-publication", step="all")
    assert lead(got).startswith("/receipt/")
    page = office.visitor("validator").read(f"{path}/review")
    assert "What changes in version 1" in page
    assert "<ins>" in page
    assert "Quite another title" not in office.visitor().read(f"/doc/{name}")


def test_a_record_published_in_between_is_compared_and_built_upon(office: Office) -> None:
    registry, point = office.registry, office.visitor("point")
    id = office.written("point", "need")
    assert lead(point.fill(f"/desk/draft/{id}", "publish")).startswith("/receipt/")
    name = office.draft(id).identifier
    path = lead(point.post(f"/desk/amend/{name}"))
    entry = registry.record(name)
    assert entry
    from registry import submission

    graph = office.draft(id).graph | Graph(
        [Triple(entry.iri, DCTERMS.description, Literal("Elsewhere.", language="en"))]
    )
    with registry.ledger.writing() as writer:
        form = submission.form_of(registry, entry.iri, graph)
        writer.append("revised", entry.iri.value, by="another door", version=2, graph=form)
    registry.follow()
    lost = point.fill(path, "publish", description__en="Typed here.")
    assert lost.status_code == 412
    assert "As published" in lost.text
    assert "Elsewhere." in lost.text
    assert "Typed here." in lost.text
    assert lead(point.fill(path, "rebase")).startswith(path)
    assert lead(point.fill(path, "publish")).startswith("/receipt/")
    entry = registry.record(name)
    assert entry
    assert entry.number == 3
    assert entry.graph.texts(entry.iri, DCTERMS.description) == {"en": "Typed here."}


def test_a_record_is_retired_with_a_reason(office: Office) -> None:
    name = office.published("contributor", "validator")
    author, secretary = office.visitor("contributor"), office.visitor("secretary")
    silent = author.post(f"/desk/record/{name}", do="request-deletion")
    assert silent.status_code == 422
    asked = author.post(f"/desk/record/{name}", do="request-deletion", reason="It was a test.")
    receipt = lead(asked)
    assert "Waiting for a decision by:" in office.visitor().read(receipt)
    with database.reading(office.registry.ledger.engine) as connection:
        found = next(one for one in drafts.waiting(connection) if one.identifier == name)
    page = secretary.read(f"/desk/draft/{found.id}/review")
    assert "It was a test." in page
    got = secretary.post(f"/desk/draft/{found.id}/review", do="approve", revision=str(found.revision))
    assert lead(got) == "/desk/queue?done=approve"
    assert office.visitor().get(f"/doc/{name}").status_code == 410
    assert "The record was retired" in office.visitor().read(receipt)


def test_a_shared_draft_is_read_without_an_account_until_it_is_shut(office: Office) -> None:
    id = office.written("contributor")
    author, nobody = office.visitor("contributor"), office.visitor()
    author.post(f"/desk/draft/{id}", {"revision": "2", "private-note": "Secret thought", "step": "identification"})
    made = author.post(f"/desk/draft/{id}/share")
    assert made.status_code == 201
    link = re.search(r'value="http://localhost:8000(/draft/[\w-]+)"', made.text)
    assert link
    got = nobody.get(link[1])
    assert got.status_code == 200
    assert got.headers["referrer-policy"] == "no-referrer"
    assert got.headers["x-robots-tag"] == "noindex"
    assert "Secret thought" not in got.text
    assert "<form" not in got.text.split("<main")[1]
    assert nobody.post(link[1]).status_code == 405
    author.post(f"/desk/draft/{id}/share", do="shut")
    assert nobody.get(link[1]).status_code == 404
    again = re.search(r'value="http://localhost:8000(/draft/[\w-]+)"', author.post(f"/desk/draft/{id}/share").text)
    assert again
    office.clock.on(days=15)
    assert nobody.get(again[1]).status_code == 404


def test_open_links_are_listed_by_date_for_those_who_write_and_shut_one_by_one(office: Office) -> None:
    id, _receipt = office.submitted("contributor")
    author, nobody = office.visitor("contributor"), office.visitor()
    path, links = f"/desk/draft/{id}/share", []
    for _number in range(3):
        office.clock.on(minutes=1)
        made = re.search(r'value="http://localhost:8000/draft/([\w-]+)"', author.post(path).text)
        assert made
        links.append(made[1])
    page = author.read(path)
    shown = re.findall(r'name="shut" value="([^"]+)"', page)
    assert len(shown) == 3 and shown == sorted(shown, reverse=True)
    assert "Contributor Person" in page.split("<main")[1]
    assert not any(secret in page or tickets.digest(secret) in page for secret in links)
    assert office.visitor("other").post(path, shut=shown[1]).status_code == 404
    assert "The link is shut." in author.post(path, shut=shown[1]).text
    assert [nobody.get(f"/draft/{secret}").status_code for secret in links] == [200, 404, 200]
    assert author.post(path, shut="x" * 1000).status_code == 200
    assert "All links are shut." in author.post(path, do="shut").text
    assert [nobody.get(f"/draft/{secret}").status_code for secret in links] == [404, 404, 404]
    assert 'name="shut"' not in author.read(path)


EVIL = '"><script>alert(1)</script>\u202e'


def test_what_is_typed_is_text_and_nothing_of_it_is_public(office: Office) -> None:
    id = office.written("contributor")
    author = office.visitor("contributor")
    fields = _whole(office.registry, office.draft(id)) | {"title.en": [EVIL], "private-note": [EVIL]}
    author.post(f"/desk/draft/{id}", fields, do="save", step="all")
    for path in ("/desk", f"/desk/draft/{id}", f"/desk/draft/{id}/preview", f"/desk/draft/{id}?check=yes&view=all"):
        assert "<script>alert" not in author.read(path), path
    name = office.draft(id).identifier
    nobody = office.visitor()
    for path in ("/", "/register/news", "/history", "/history.ttl", "/register/news.ttl"):
        text = nobody.read(path) if "." not in path else nobody.get(path, "*/*").text
        assert name not in text
    assert nobody.get(f"/doc/{name}").status_code == 404
    assert "alert(1)" not in "".join(office.registry.graphs.dump())
    assert nobody.get(f"/desk/draft/{id}", "application/json").status_code == 401


def test_records_are_looked_up_by_a_piece_of_their_name(office: Office) -> None:
    path = lead(office.visitor("contributor").post("/desk/new/projects"))
    author = office.visitor("contributor")
    page = author.read(f"{path}?view=all")
    button = re.search(r'name="search" value="([^"]+)"', page)
    assert button
    field = button[1]
    entry = office.registry.record("BCH-ORG-SCBD-401")
    assert entry
    title = next(iter(entry.graph.texts(entry.iri, entry.format.label.path).values()))
    got = author.fill(f"{path}?view=all", "", **{field.replace(".", "__"): title[:12].upper(), "search": field})
    assert lead(got).endswith(f"#{field}")
    assert "BCH-ORG-SCBD-401" in author.read(lead(got).split("#")[0])


def test_a_new_record_to_refer_to_is_begun_after_the_text_is_saved(office: Office) -> None:
    author = office.visitor("contributor")
    path = lead(author.post("/desk/new/projects"))
    page = author.read(f"{path}?view=all")
    assert 'name="do" value="new:organisations"' in page
    assert "/desk/new/" not in page.split("<main")[1], "no link leads away from what was typed"
    got = author.fill(f"{path}?view=all", "new:organisations", title__en="Not to be lost")
    assert lead(got) == "/desk/new/organisations"
    assert 'value="Not to be lost"' in author.read(path)
    for unknown in ("new:", "new:nothing", "new:../../sign-in", "new:" + "x" * 10_000):
        assert lead(author.fill(path, unknown)) == f"{path}?step=identification"


def test_one_more_part_is_asked_for_without_a_script(office: Office) -> None:
    author = office.visitor("contributor")
    path = lead(author.post("/desk/new/projects"))
    page = author.read(f"{path}?view=all")
    name = re.findall(r'class="box parts" id="([^"]+)"', page)[0]
    got = author.fill(f"{path}?view=all", "", add=name)
    assert lead(got) == f"{path}?step=all&more={name}#{name}"
    again = author.read(lead(got).split("#")[0])
    assert again.count(f'name="{name}') > page.count(f'name="{name}')


@pytest.mark.parametrize("button", ["add", "remove", "search"])
@pytest.mark.parametrize(
    "value", ["x" * 900_000, "contact-1.x", "contact-1\r\nSet-Cookie: a=b", "", "contact~" + "é" * 250]
)
def test_a_button_that_no_form_has_leads_nowhere_else(button: str, value: str, office: Office) -> None:
    author = office.visitor("contributor")
    path = lead(author.post("/desk/new/projects"))
    got = author.post(path, {"revision": "1", "step": "who"}, **{button: value})
    assert lead(got) == f"{path}?step=who"


def test_what_is_done_at_the_desk_stands_in_the_audit_trail(office: Office) -> None:
    name = office.published("contributor", "validator")
    with database.reading(office.registry.ledger.engine) as connection:
        acts = [act.action for act in audit.acts(connection, subject=name)]
        assert acts == ["approve", "submit", "save", "save", "begin"]
        audit.verify(connection)


def test_a_record_begins_with_the_text_of_another(office: Office) -> None:
    name = office.published("contributor", "validator")
    author = office.visitor("contributor")
    assert f"like={name}" in author.read("/desk/new/news")
    path = lead(author.post("/desk/new/news", like=name))
    draft = office.draft(path.rsplit("/", 1)[1])
    assert draft.identifier != name
    assert draft.title
    assert author.post("/desk/new/news", like="BCH-NEWS-SCBD-1").status_code == 422


def test_the_page_before_a_draft_leads_to_the_one_that_is_there(office: Office) -> None:
    id = office.written("foreigner", "need")
    page = office.visitor("foreigner").read("/desk/new/needs")
    assert f'href="/desk/draft/{id}"' in page and "could not be published" in page
    assert "could not be published" not in office.visitor("contributor").read("/desk/new/projects")


def test_ages_are_said_in_words() -> None:
    from web.ages import ago

    assert ago(TODAY - timedelta(days=3), TODAY, "en") == "3 days ago"
    assert ago(TODAY, TODAY, "fr") == "il y a 1 minute"
    assert all(ago(TODAY - timedelta(days=800), TODAY, lang) for lang in ("es", "ru", "zh", "ar"))


ODD = [
    "javascript:alert(1)",
    "1,250",
    "2026-13-40",
    "<b>x</b>",
    "\u202eabc",
    "a" * 5000,
    "-",
    "http://[::1",
    "BCH-ORG-SCBD-9",
]


@pytest.mark.parametrize(
    "format", sorted(path.name for path in (ROOT / "tests" / "data" / "shapes").iterdir() if path.is_dir())
)
def test_a_draft_of_anything_can_be_saved_and_looked_at(format: str, office: Office) -> None:
    """Whatever stands in the fields of a form, it is kept, shown again, and none of the pages fails."""
    registry = office.registry
    author = office.visitor(
        "point" if registry.formats[format].category.value.endswith("national-record") else "secretary"
    )
    path = lead(author.post(f"/desk/new/{registry.formats[format].register}"))
    parts = re.findall(r'class="box parts" id="([^"]+)"', author.read(f"{path}?view=all"))
    page = f"{path}?view=all&" + "&".join(f"more={part}" for part in parts)
    whole = re.search(r"<form[^>]*novalidate[^>]*>(.*?)</form>", author.read(page), re.DOTALL)
    assert whole
    found = scrape(whole[1].encode())
    typed: dict[str, list[str]] = dict(found.fields)
    texts = [one.get("name") for one in found.inputs if one.get("type", "text") not in ("hidden", "radio", "checkbox")]
    for number, name in enumerate(dict.fromkeys(filter(None, texts))):
        typed[name] = [ODD[number % len(ODD)]]
    typed.pop("csrf")
    assert lead(author.post(path, typed, do="save")).startswith(path)
    for address in (f"{path}?view=all&check=yes", path, f"{path}/preview", "/desk"):
        assert 'href="javascript:' not in author.read(address)
    for button in ("publish", "request-publication"):
        typed["revision"] = [str(office.draft(path.rsplit("/", 1)[1]).revision)]
        assert author.post(path, typed, do=button).status_code in (403, 422)
