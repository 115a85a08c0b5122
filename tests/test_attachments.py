"""Files of records: attached in forms and by programs, private until published, downloaded in a sandbox, backed up."""

import asyncio
import hashlib
import io
import json
import re
import zipfile
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from registry import attachments, audit, backup, cli, database, desk, drafts, night, tables
from registry.desk import Actor
from registry.errors import BadInput, Conflict, TooMany
from registry.registry import Registry
from registry.terms import DCAT
from tests.conftest import TODAY, no_progress, opened_at, settings_in
from tests.deskwork import Visitor, lead, opened
from tests.files import EMPTY_PDF, pdf, png
from tests.filling import scrape
from tests.sending import bearing, token
from tests.test_backup import replaced, without
from tests.test_desk_pages import Office
from web import slots

pytestmark = pytest.mark.xdist_group("attachments")
BASE = "http://localhost:8000/"
STEP = "about"


@pytest.fixture(scope="module")
def opened_office(office_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with opened(office_folder, tmp_path_factory.mktemp("attached")) as registry:
        yield Office(registry)


@pytest.fixture
def office(opened_office: Office) -> Office:
    return opened_office


def form_of(visitor: Visitor, id: str) -> dict[str, list[str]]:
    html = visitor.read(f"/desk/draft/{id}?step={STEP}")
    body = html[html.index(f'action="/desk/draft/{id}"') :]
    return scrape(("<form>" + body[body.index(">") + 1 : body.index("</form>")] + "</form>").encode()).fields


def attach(visitor: Visitor, id: str, files: dict[str, tuple[str, bytes]], do: str = "save", **said: str) -> Any:
    """Fill in the step with its files and press a button, as a browser would."""
    fields = {**form_of(visitor, id), **{name.replace("__", "."): value for name, value in said.items()}}
    headers = {"Accept": "text/html", "Accept-Language": visitor.language, "Origin": "http://localhost:8000"}
    return visitor.client.post(
        f"/desk/draft/{id}", data={**fields, "csrf": visitor.csrf, "do": do}, files=files, headers=headers
    )


def attached(office: Office, data: bytes = EMPTY_PDF, name: str = "contributor") -> tuple[str, str]:
    """A draft with a file in it: its id, and the path of the file."""
    id = office.written(name)
    got = attach(
        office.visitor(name),
        id,
        {"attachment-1.file": ("Terms of Référence.PDF", data)},
        **{"attachment-1__title__en": "Terms"},
    )
    assert lead(got)
    return id, next(iter(attachments.named(office.draft(id).graph, office.registry.own))).value.removeprefix(BASE)


def test_a_form_asks_for_a_file_only_where_one_can_stand(office: Office) -> None:
    id, author = office.written("contributor"), office.visitor("contributor")
    html = author.read(f"/desk/draft/{id}?step={STEP}&more=attachment")
    assert 'enctype="multipart/form-data"' in html and 'type="file"' in html
    assert "sha256" not in form_of(author, id)
    assert "multipart" not in author.read(f"/desk/draft/{id}?step=identification")


def test_a_file_is_kept_measured_and_shown(office: Office) -> None:
    id, path = attached(office)
    draft, own = office.draft(id), office.registry.own
    part = draft.graph.having(DCAT.downloadURL, own.iri(path))[0]
    assert path.endswith("/terms-of-reference.pdf")
    assert draft.graph.iris(part, DCAT.mediaType) == (own.concept("file-type", "pdf"),)
    assert draft.graph.text(part, DCAT.byteSize) == str(len(pdf()))
    assert draft.graph.text(part, own.reg.sha256) == hashlib.sha256(pdf()).hexdigest()
    html = office.visitor("contributor").read(f"/desk/draft/{id}?step={STEP}")
    assert "terms-of-reference.pdf" in html and "PDF document" in html
    # the form sent again as it stands says the same
    assert lead(attach(office.visitor("contributor"), id, {}))
    assert office.draft(id).graph.triples ^ draft.graph.triples == set()


def test_another_file_takes_the_place_of_the_first(office: Office) -> None:
    id, path = attached(office)
    assert lead(attach(office.visitor("contributor"), id, {"attachment-1.file": ("x.pdf", png(2, 2))}))
    named = attachments.named(office.draft(id).graph, office.registry.own)
    assert [iri.value.rsplit("/", 1)[-1] for iri in named] == ["x-pdf.png"]
    assert path not in {iri.value for iri in named}


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.pdf", b"<html><script>alert(1)</script>", "Files of this kind are not taken."),
        ("a.pdf", pdf()[:20], "damaged or cut"),
        ("big.pdf", b"%PDF-" + bytes(attachments.LARGEST), "at most 10 MB"),
    ],
)
def test_a_refused_file_says_why_and_nothing_typed_is_lost(name: str, data: bytes, says: str, office: Office) -> None:
    id, author = office.written("contributor"), office.visitor("contributor")
    got = attach(author, id, {"attachment-1.file": (name, data)}, "request-publication", links="https://kept.example/")
    assert got.status_code == 422
    beside = got.text[got.text.index('id="attachment-1.file.told"') :]
    assert says in beside[:600] and "https://kept.example/" in got.text
    assert "https://kept.example/" in str(office.draft(id).graph.triples)
    assert not attachments.named(office.draft(id).graph, office.registry.own)


def test_a_form_beyond_all_size_is_refused_and_a_stranger_sends_little(office: Office) -> None:
    id = office.written("contributor")
    big = b"%PDF-" + bytes(2_000_000)
    assert attach(office.visitor("contributor"), id, {"attachment-1.file": ("a.pdf", big * 25)}).status_code == 413
    nobody = office.visitor()
    headers = {"Origin": "http://localhost:8000", "Accept": "text/html"}
    got = nobody.client.post(f"/desk/draft/{id}", data={"csrf": "x"}, files={"f": ("a", big)}, headers=headers)
    assert got.status_code == 413


def test_what_is_not_published_opens_for_those_alone_who_may_see_the_draft(office: Office) -> None:
    id, path = attached(office)
    shared = office.visitor("contributor").post(f"/desk/draft/{id}/share").text
    secret = re.findall(r"/draft/([\w-]{43})", shared)[0]
    people = ("contributor", "other", "validator", "")
    opens = {name: office.visitor(name).get("/" + path).status_code for name in people}
    assert opens == {"contributor": 200, "other": 404, "validator": 404, "": 404}
    got = office.visitor("contributor").get("/" + path)
    assert got.headers["cache-control"] == "no-store" and "access-control-allow-origin" not in got.headers
    stranger = office.visitor()
    assert f'href="/draft/{secret}/{path}"' in stranger.read(f"/draft/{secret}")
    assert stranger.get(f"/draft/{secret}/{path}").content == pdf()
    _, elsewhere = attached(office, pdf(b"elsewhere"))
    assert stranger.get(f"/draft/{secret}/{elsewhere}").status_code == 404
    assert stranger.get(f"/draft/{'x' * 43}/{path}").status_code == 404
    assert office.visitor("contributor").get(f"/file/{path.split('/')[1]}/other.pdf").status_code == 404


def published(office: Office, data: bytes = EMPTY_PDF) -> tuple[str, str]:
    """A published record with a file: its identifier, and the path of the file."""
    id, path = attached(office, data)
    author, validator = office.visitor("contributor"), office.visitor("validator")
    assert lead(attach(author, id, {}, "request-publication")).startswith("/receipt/")
    assert validator.get("/" + path).status_code == 200
    got = validator.post(f"/desk/draft/{id}/review", do="approve", revision=str(office.draft(id).revision))
    assert lead(got) == "/desk/queue?done=approve"
    return office.draft(id).identifier, path


def test_a_published_file_is_downloaded_in_a_sandbox(office: Office) -> None:
    name, path = published(office)
    stranger = office.visitor()
    page = stranger.read(f"/doc/{name}")
    assert f'href="/{path}"' in page and "terms-of-reference.pdf" in page and "PDF document" in page
    got = stranger.get("/" + path)
    assert got.content == pdf() and got.headers["content-type"] == "application/pdf"
    assert got.headers["content-disposition"].startswith('attachment; filename="terms-of-reference.pdf"; filename*=')
    assert got.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["repr-digest"] == f"sha-256=:{b64encode(hashlib.sha256(pdf()).digest()).decode()}:"
    assert not got.headers.get("set-cookie")
    data = stranger.get(f"/doc/{name}.jsonld", "*/*").json()
    [attachment] = data["attachment"]
    assert attachment["file"] == BASE + path and attachment["byteSize"] == len(pdf())
    assert stranger.get(data["@context"].removeprefix("http://localhost:8000"), "*/*").status_code == 200


def test_parts_and_conditions(office: Office) -> None:
    _, path = published(office)
    client, whole = office.visitor().client, pdf()
    tag = client.get("/" + path).headers["etag"]

    def part(said: str, **more: str) -> Any:
        return client.get("/" + path, headers={"Range": said, **{n.replace("_", "-"): v for n, v in more.items()}})

    got = part("bytes=5-9")
    assert (got.status_code, got.content) == (206, whole[5:10])
    assert got.headers["content-range"] == f"bytes 5-9/{len(whole)}" and got.headers["content-length"] == "5"
    assert part("bytes=-4").content == whole[-4:] and part("bytes=10-").content == whole[10:]
    assert part("bytes=0-99999").content == whole
    assert part("bytes=99999-").status_code == 416
    for odd in ("bytes=5-2", "bytes=a-b", "lines=1-2", "bytes=0-1,3-4", "bytes=-"):
        assert part(odd).status_code in (200, 416), odd
    assert part("bytes=5-9", If_Range='"other"').content == whole
    assert part("bytes=5-9", If_Range=tag).status_code == 206
    assert client.get("/" + path, headers={"If-None-Match": tag}).status_code == 304
    head = client.head("/" + path)
    assert head.status_code == 200 and not head.content and head.headers["content-length"] == str(len(whole))


def test_large_files_come_in_pieces_byte_for_byte(office: Office) -> None:
    data = pdf(bytes(range(256)) * 4000)
    engine = office.registry.ledger.engine
    kept = attachments.keep(engine, io.BytesIO(data), "a", attachments.Sender("x", "x", "token"), at=TODAY)
    assert b"".join(attachments.pieces(engine, kept)) == data
    edge = attachments.PIECE
    for start, end in ((0, 1), (edge - 1, edge + 1), (edge, edge), (len(data) - 1, len(data)), (3, 2 * edge + 5)):
        assert b"".join(attachments.pieces(engine, kept, start, end)) == data[start:end]


def test_one_owner_has_a_quota_and_the_same_file_counts_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "QUOTA", len(pdf()) + 10)
    id, author = office.written("other"), office.visitor("other")
    assert lead(attach(author, id, {"attachment-1.file": ("a.pdf", pdf())}))
    assert lead(attach(author, id, {"attachment-2.file": ("a.pdf", pdf())}))
    assert len(attachments.named(office.draft(id).graph, office.registry.own)) == 1
    got = attach(author, id, {"attachment-3.file": ("c.png", png(1, 1))})
    assert got.status_code == 422 and "500 MB" not in got.text and "together" in got.text


def test_programs_send_the_file_first_and_name_it(office: Office) -> None:
    account = office.accounts["contributor"]
    client, clear = office.visitor().client, token(office.registry, account)
    said = {"Content-Digest": f"sha-256=:{b64encode(hashlib.sha256(pdf()).digest()).decode()}:"}

    def send(data: bytes, **headers: str) -> Any:
        return client.post("/file?name=Guide.pdf", content=data, headers={**bearing(clear), **headers})

    assert client.post("/file", content=pdf()).status_code == 401
    assert send(pdf(b"other"), **said).status_code == 400
    assert send(pdf(), **{"Repr-Digest": "SHA-256=:AAAA:"}).status_code == 400
    assert send(pdf(), **{"Content-Type": "multipart/form-data; boundary=x"}).status_code == 415
    assert send(b"<svg/>").status_code == 415
    assert send(b"%PDF-" + bytes(attachments.LARGEST)).status_code == 413
    got = send(pdf(), **said)
    assert got.status_code == 201 and got.headers["location"] == got.json()["file"]
    named = client.post(
        "/file",
        content=png(1, 1),
        headers={**bearing(clear), "Content-Disposition": "attachment; filename*=UTF-8''%D9%85.x"},
    )
    assert named.json()["name"] == "م.x.png"
    address = got.json()["file"]
    path = address.removeprefix("http://localhost:8000")
    assert client.get(path).status_code == 404
    assert client.get(path, headers=bearing(clear)).content == pdf()
    other = token(office.registry, office.accounts["other"])
    assert client.get(path, headers=bearing(other)).status_code == 404
    dry = client.post("/file?dryRun=true&name=x", content=png(2, 2), headers=bearing(clear))
    assert dry.status_code == 200 and dry.json()["name"] == "x.png"
    assert client.options("/file").headers["accept-post"] == "*/*"
    record = {
        "@type": "News",
        "title": {"en": "Guide"},
        "attachment": [{"title": {"en": "Guide"}, "file": address, "sha256": "0" * 64, "byteSize": 5}],
    }
    body = json.dumps(record)
    headers = {**bearing(clear), "Content-Type": "application/json"}
    told = client.post("/register/news?dryRun=true", content=body, headers=headers).json()
    assert not [f for f in told.get("errors", []) if "attachment" in json.dumps(f)], told
    lost = body.replace(address[-40:-20], "0" * 20)
    told = client.post("/register/news?dryRun=true", content=lost, headers=headers)
    assert "names a file that the registry does not have" in told.text


def test_a_withheld_file_is_gone_and_says_why(office: Office) -> None:
    data = pdf(b"of a person")
    (_, path), (draft, private) = published(office, data), attached(office, data)
    with database.writing(office.registry.ledger.engine) as connection:
        with pytest.raises(BadInput):
            attachments.withhold(connection, path.split("/")[1], " ", at=TODAY, by="test")
        attachments.withhold(connection, path.split("/")[1], "It named a person", at=TODAY, by="test")
        assert not connection.execute(select(tables.piece).where(tables.piece.c.file == path.split("/")[1])).first()
    got = office.visitor().get("/" + path)
    assert got.status_code == 410 and "It named a person" in got.text
    assert office.visitor("contributor").get("/" + private).status_code == 410, "the same bytes elsewhere"
    again = attach(office.visitor("contributor"), draft, {"attachment-1.file": ("again.pdf", data)})
    assert again.status_code == 422 and "It named a person" in again.text
    sent = attach(office.visitor("contributor"), draft, {}, "request-publication")
    assert sent.status_code == 422 and "a file that the registry does not have" in sent.text


def test_the_command_withholds_and_names_the_records(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name, path = published(office, pdf(b"by command"))
    monkeypatch.setenv("REGISTRY_DATA", str(office.registry.settings.data))
    asked = ["withhold", BASE + path, "--reason", "It was secret.", "--by", "ops"]
    assert cli.main(asked) == 0
    told = capsys.readouterr()
    assert told.out == "Withheld: Terms of Référence.pdf.\n" and told.err == f"Records that name it: {name}.\n"
    assert office.visitor().get("/" + path).status_code == 410
    with database.reading(office.registry.ledger.engine) as connection:
        (act,) = audit.acts(connection, subject=path, limit=1)
    assert (act.action, act.by, act.new) == ("withhold", "ops", "It was secret.")
    assert cli.main(asked) != 0
    assert b"by command" not in Path(office.registry.settings.data, "ledger.sqlite-wal").read_bytes()


def test_nobody_opens_or_publishes_the_file_of_another_by_naming_it(office: Office) -> None:
    _, path = attached(office, pdf(b"private"))
    stranger, mine = office.visitor("other"), office.written("other")
    words = {"attachment-1.title.en": f"see {path}", "attachment-1.file": BASE + path}
    assert lead(attach(stranger, mine, {}, **words))
    assert stranger.get("/" + path).status_code == 404
    shared = stranger.post(f"/desk/draft/{mine}/share").text
    secret = re.findall(r"/draft/([\w-]{43})", shared)[0]
    assert office.visitor().get(f"/draft/{secret}/{path}").status_code == 404
    got = attach(stranger, mine, {}, "request-publication")
    assert got.status_code == 422 and "a file that the registry does not have" in got.text
    clear = token(office.registry, office.accounts["other"])
    record = {"@type": "News", "title": {"en": "x"}, "attachment": [{"title": {"en": "x"}, "file": BASE + path}]}
    headers = {**bearing(clear), "Content-Type": "application/json"}
    told = stranger.client.post("/register/news", content=json.dumps(record), headers=headers)
    assert told.status_code == 422 and "a file that the registry does not have" in told.text
    draft = office.draft(mine)
    with database.writing(office.registry.ledger.engine) as connection, pytest.raises(Conflict):
        attachments.publish(connection, draft.graph, office.registry.own, draft.record, at=TODAY)
    assert office.visitor().get("/" + path).status_code == 404


def test_what_is_not_saved_keeps_no_file(office: Office) -> None:
    """Neither a stale form nor one to a draft that its sender cannot write in counts against anybody."""

    def count() -> int:
        with database.reading(office.registry.ledger.engine) as connection:
            return len(connection.execute(select(tables.file.c.id)).all())

    id, author = office.written("contributor"), office.visitor("contributor")
    before = count()
    stale = {**form_of(author, id), "revision": "0", "csrf": author.csrf, "do": "save"}
    headers = {"Accept": "text/html", "Origin": "http://localhost:8000"}
    files = {"attachment-1.file": ("a.pdf", pdf(b"stale"))}
    assert author.client.post(f"/desk/draft/{id}", data=stale, files=files, headers=headers).status_code == 412
    desk.discard(
        office.registry,
        Actor(office.accounts["contributor"]),
        id,
        revision=office.draft(id).revision,
        at=office.clock(),
    )
    closed = {**stale, "revision": str(office.draft(id).revision)}
    assert author.client.post(f"/desk/draft/{id}", data=closed, files=files, headers=headers).status_code == 409
    assert count() == before


def test_few_files_are_on_their_way_at_once_and_none_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "LASTS", 0.05)
    app = FastAPI()
    app.state.slots = Counter()

    async def held(count: int) -> None:
        async with slots.slot(app, "somebody"), slots.slot(app, "another"):
            if count > 1:
                await held(count - 1)
            else:
                await asyncio.sleep(10)

    with ThreadPoolExecutor(1) as thread:  # beside a browser, this one has a loop already
        for count, error in ((slots.MOST, BadInput), (slots.MOST + 1, TooMany)):
            with pytest.raises(error):
                thread.submit(lambda count=count: asyncio.run(held(count))).result()
    assert not app.state.slots


def test_the_text_of_a_form_stays_small(office: Office) -> None:
    id, author = office.written("contributor"), office.visitor("contributor")
    long = {f"attachment-{number}.title.en": "x" * 400_000 for number in range(1, 5)}
    assert attach(author, id, {"attachment-1.file": ("a.pdf", pdf())}, **long).status_code == 413


def test_what_nothing_names_is_removed_after_a_week(office: Office) -> None:
    id, path = attached(office, pdf(b"of this draft alone"))
    _, public = published(office)
    engine, own = office.registry.ledger.engine, office.registry.own

    def there(path: str) -> bool:
        with database.reading(engine) as connection:
            return attachments.known(connection, own.iri(path), own) is not None

    def later(days: int) -> None:
        with database.writing(engine) as connection:
            attachments.clear(connection, office.clock() + timedelta(days=days))

    later(30)
    assert there(path) and there(public)
    author = Actor(office.accounts["contributor"])
    desk.discard(office.registry, author, id, revision=office.draft(id).revision, at=office.clock())
    later(6)
    assert there(path)
    later(8)
    assert not there(path) and there(public)
    assert "clear" in night.STEPS and drafts.OPEN


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\me\\Plan.PDF", "Plan.pdf"),
        ("a\u202efdp.exe", "a fdp.exe.pdf"),
        ("a\r\nSet-Cookie: x", "a Set-Cookie x.pdf"),
        ('"quoted"; x.pdf', "quoted ; x.pdf"),
        ("...", "file.pdf"),
        ("", "file.pdf"),
        ("x" * 500, "x" * 100 + ".pdf"),
        ("اختصاصات.pdf", "اختصاصات.pdf"),
        ("e\u0301te\u0301.pdf", "été.pdf"),
    ],
)
def test_names_lead_nowhere_and_mislead_nobody(name: str, expected: str) -> None:
    assert attachments.spoken(name, "pdf") == expected
    assert attachments.plain(expected).isascii() and "/" not in attachments.plain(expected)


def test_a_backup_holds_what_was_published_and_proves_it(office: Office, tmp_path: Path) -> None:
    _, path = published(office)
    _, gone = published(office, pdf(b"gone"))
    private = attached(office)[1]
    registry: Registry = office.registry
    with database.writing(registry.ledger.engine) as connection:
        attachments.withhold(connection, gone.split("/")[1], "Why", at=TODAY, by="test")
    kept = tmp_path / "kept.zip"
    made = backup.backup(registry.settings, kept, at=TODAY, progress=no_progress)
    assert made.files >= 2
    backup.restore(settings_in(tmp_path / "other"), kept, progress=no_progress)
    other = opened_at(tmp_path / "other")
    visitor = Visitor(other, None, office.clock)
    assert visitor.get("/" + path).content == pdf()
    assert visitor.get("/" + gone).status_code == 410 and visitor.get("/" + private).status_code == 404
    other.close()
    line = made_line(kept)
    for damage in (
        lambda: replaced(kept, f"files/{path.split('/')[1]}", "other bytes"),
        lambda: without(kept, "files.jsonl"),
        lambda: replaced(kept, "files.jsonl", "5\n"),
        lambda: rewritten(kept, {**line, "id": "../../../x"}),
        lambda: rewritten(kept, {**line, "kind": "html"}),
        lambda: rewritten(kept, {**line, "name": 'a"\r\n.pdf'}),
        lambda: rewritten(kept, {**line, "size": -5}),
        lambda: rewritten(kept, {**line, "published": None}),
        lambda: rewritten(kept, line, line),
    ):
        backup.backup(registry.settings, kept, at=TODAY, progress=no_progress) if not kept.exists() else None
        damage()
        with pytest.raises(BadInput, match="not a whole backup"):
            backup.restore(settings_in(tmp_path / "third"), kept, progress=no_progress)
        assert not (tmp_path / "third" / "store").exists()
        kept.unlink()


def made_line(kept: Path) -> dict[str, object]:
    """A line of the files of a backup: of one that is not withheld."""
    with zipfile.ZipFile(kept) as archive:
        found = [json.loads(line) for line in archive.read("files.jsonl").splitlines()]
    return next(line for line in found if not line["withheld"])


def rewritten(kept: Path, *lines: dict[str, object]) -> None:
    """The same backup with other lines of files, and a manifest that agrees with them."""
    text = "".join(json.dumps(line) + "\n" for line in lines)
    replaced(kept, "files.jsonl", text)
    with zipfile.ZipFile(kept) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    manifest |= {"files": len(lines), "files_sha256": hashlib.sha256(text.encode()).hexdigest()}
    replaced(kept, "manifest.json", json.dumps(manifest))
