"""Loading: a record whole or not at all, the rest goes on, and every refusal says where, what and what to do."""

import re
import tomllib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from starlette.testclient import TestClient

from registry import candidates
from registry.candidates import Lines
from registry.database import moment, written
from registry.errors import BadInput
from registry.exchange import read
from registry.findings import report
from registry.load import Summary, Terms, load, shifted
from registry.registry import Registry
from registry.terms import DCTERMS, RDF, SH, NamedNode
from tests.conftest import TODAY, no_progress
from web.app import create_app

DATA = Path(__file__).parent / "data" / "load"
GOOD = (DATA / "good.ttl").read_text(encoding="utf-8")
CASES: list[dict[str, Any]] = tomllib.loads((DATA / "cases.toml").read_text(encoding="utf-8"))["case"]
TERMS = Terms(TODAY, by="test")


def loaded(registry: Registry, folder: Path, terms: Terms = TERMS) -> Summary:
    return load(registry, [folder], terms, no_progress)


def write(folder: Path, name: str, text: str | bytes) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())


def test_good_then_the_same_again(empty: Registry, tmp_path: Path) -> None:
    write(tmp_path / "in", "good.ttl", GOOD)
    first = loaded(empty, tmp_path / "in")
    assert (first.published, first.refused) == (2, 0)
    before = empty.ledger.last()
    again = loaded(empty, tmp_path / "in")
    assert (again.unchanged, again.published, again.revised) == (2, 0, 0)
    assert empty.ledger.last() == before


def test_a_change_is_a_new_version(empty: Registry, tmp_path: Path) -> None:
    write(tmp_path / "in", "good.ttl", GOOD)
    loaded(empty, tmp_path / "in")
    write(tmp_path / "in", "good.ttl", GOOD.replace("five countries", "six countries"))
    assert loaded(empty, tmp_path / "in").revised == 1
    now, first = empty.record("BCH-CDI-SCBD-9002"), empty.version("BCH-CDI-SCBD-9002", 1)
    assert now is not None
    assert first is not None
    assert (now.number, first.number, first.latest) == (2, 1, 2)
    assert empty.version("BCH-CDI-SCBD-9002", 3) is None


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_refused_with_place_field_and_remedy(case: dict[str, Any], empty: Registry, tmp_path: Path) -> None:
    assert case["replace"] in GOOD
    write(tmp_path / "in", "bad.ttl", GOOD.replace(case["replace"], case["by"]))
    write(tmp_path / "in", "other.ttl", GOOD.replace("9001", "9011").replace("9002", "9012"))
    before = empty.ledger.last()
    summary = loaded(empty, tmp_path / "in")
    refusals = [r for r in summary.refusals if re.search(case["says"], r.finding.say())]
    assert refusals, [r.tell() for r in summary.refusals]
    refusal = refusals[0]
    assert (refusal.file, refusal.line) == ("bad.ttl", case["line"])
    assert re.search(case["remedy"], refusal.finding.advise())
    assert getattr(refusal.finding, "key", "") == case["key"]
    assert "{" not in refusal.tell("ar") + refusal.tell("zh")
    assert summary.refused == 1
    foreign = "foreign" in case["name"]
    assert summary.published == 3 + foreign
    assert empty.ledger.last() == before + 3 + foreign
    assert empty.record("BCH-CDI-SCBD-9012") is not None
    assert (empty.record("BCH-CDI-SCBD-9002") is not None) == foreign


@pytest.mark.parametrize(
    ("name", "data", "line"),
    [
        ("malformed.ttl", "<id/BCH-CDI-SCBD-1> a .\n", 1),
        ("cut.ttl", GOOD[: len(GOOD) // 2], None),
        ("cut.jsonld", '{"@id": "id/BCH-CDI-SCBD-1",\n "@type":', 2),
        ("remote.jsonld", '{"@context": "https://example.org/c.jsonld", "@id": "id/BCH-CDI-SCBD-1"}', None),
        ("doctype.rdf", '<!DOCTYPE r [<!ENTITY a "b">]>\n<r/>', 1),
        ("large.ttl", b"# " + b"x" * (50 * 2**20), None),
        ("shared.ttl", "_:a <x:p> <x:o> . <id/BCH-CDI-SCBD-1> <x:q> _:a ; <x:r> _:a .", None),
        ("bytes.ttl", b"\xff\xfe\x00", 1),
    ],
)
def test_a_file_that_cannot_be_read_stops_nothing(
    name: str, data: str | bytes, line: int | None, empty: Registry, tmp_path: Path
) -> None:
    write(tmp_path / "in", name, data)
    write(tmp_path / "in", "good.ttl", GOOD)
    summary = loaded(empty, tmp_path / "in")
    assert (summary.published, summary.refused) == (2, 1)
    (refusal,) = summary.refusals
    assert refusal.file == name
    assert refusal.finding.advise()
    if line:
        assert refusal.line == line


def test_who_refers_to_a_refused_record_is_refused_with_it(empty: Registry, tmp_path: Path) -> None:
    write(tmp_path / "in", "a.ttl", GOOD.replace('foaf:name "Lake Region Biosafety Institute"@en ;', ""))
    summary = loaded(empty, tmp_path / "in")
    assert (summary.published, summary.refused) == (0, 2)


def test_a_record_in_two_files_is_taken_once(empty: Registry, tmp_path: Path) -> None:
    write(tmp_path / "in", "a.ttl", GOOD)
    write(tmp_path / "in", "b.ttl", GOOD)
    summary = loaded(empty, tmp_path / "in")
    assert (summary.published, summary.refused) == (2, 2)
    assert "a.ttl" in summary.refusals[0].tell()


def test_the_doc_side_says_when_and_for_whom(empty: Registry, tmp_path: Path) -> None:
    said = """<doc/BCH-CDI-SCBD-9002> dcterms:issued "2003-05-06"^^xsd:date ; dcterms:publisher <id/BCH-ORG-SCBD-9001> ;
      <ns/registry#sourceClass> <vocabulary/information-source/government-obligation> ;
      <ns/registry#archived> "2004-01-02"^^xsd:date ."""
    write(tmp_path / "in", "good.ttl", GOOD + said)
    assert loaded(empty, tmp_path / "in").published == 2
    assert loaded(empty, tmp_path / "in").unchanged == 2
    kinds = [(event.kind, event.at.date()) for event in empty.versions("BCH-CDI-SCBD-9002")]
    assert kinds == [("published", date(2003, 5, 6)), ("archived", date(2004, 1, 2))]
    entry = empty.record("BCH-CDI-SCBD-9002")
    assert entry is not None
    assert entry.status == "archived"
    assert entry.graph.iris(entry.doc, empty.own.reg.sourceClass) == (
        empty.own.concept("information-source", "government-obligation"),
    )
    before = empty.at(datetime(2003, 12, 31, tzinfo=UTC)).record("BCH-CDI-SCBD-9002")
    assert before is not None
    assert before.status == "published"
    assert empty.at(datetime(2003, 5, 5, tzinfo=UTC)).record("BCH-CDI-SCBD-9002") is None


def test_nothing_is_issued_in_the_future(empty: Registry, tmp_path: Path) -> None:
    later = (TODAY + timedelta(days=2)).date()
    said = f'<doc/BCH-CDI-SCBD-9002> dcterms:issued "{later}"^^xsd:date .'
    write(tmp_path / "in", "good.ttl", GOOD + said)
    summary = loaded(empty, tmp_path / "in")
    assert summary.refused == 1
    assert "still to come" in summary.refusals[0].tell()


def test_legacy_excuses_what_is_missing_never_what_is_wrong(empty: Registry, tmp_path: Path) -> None:
    bare = GOOD.replace('cap:objectives "Reliable results for decisions."@en ;', "")
    legacy = Terms(TODAY, legacy=True)
    write(tmp_path / "in", "a.ttl", bare.replace("1850000.50", "-5"))
    assert loaded(empty, tmp_path / "in", legacy).refused == 1
    write(tmp_path / "in", "a.ttl", bare)
    summary = loaded(empty, tmp_path / "in", legacy)
    assert (summary.refused, summary.published) == (0, 1)
    assert any(advice.finding.key == "objectives" for advice in summary.advice if hasattr(advice.finding, "key"))


def test_dates_around_an_anchor_move_with_the_first_day(empty: Registry, tmp_path: Path) -> None:
    said = '<doc/BCH-ORG-SCBD-9001> dcterms:issued "2025-12-30"^^xsd:date .'
    write(tmp_path / "in", "good.ttl", GOOD.replace('"2007"^^xsd:gYear', '"2026-01-11"^^xsd:date') + said)
    loaded(empty, tmp_path / "in", shifted(TERMS, date(2026, 1, 1), TODAY.date()))
    entry = empty.record("BCH-CDI-SCBD-9002")
    assert entry is not None
    assert entry.graph.text(entry.iri, entry.format.fields[0].path) is not None
    assert {t.object.value for t in entry.graph if "endDate" in str(t.predicate)} == {"2026-12-02"}  # type: ignore[union-attr]
    assert empty.versions("BCH-ORG-SCBD-9001")[0].at.date() == TODAY.date() - timedelta(days=2)


DOC = "<doc/BCH-CDI-SCBD-9002>"


@pytest.mark.parametrize(
    ("said", "key", "says"),
    [
        ('dcterms:issued "2004"', "issued", "is not a date"),
        ('<ns/registry#archived> "soon"', "archived", "is not a date"),
        ("<ns/registry#sourceClass> <vocabulary/countries/KE>", "sourceClass", "is not a concept of"),
        ("<ns/registry#sourceClass> <vocabulary/information-source/king>", "sourceClass", "no concept that"),
        ("dcterms:publisher <id/BCH-ORG-SCBD-7>", "publisher", "does not exist here"),
    ],
)
def test_a_doc_side_that_cannot_be_refuses_its_record_only(
    said: str, key: str, says: str, empty: Registry, tmp_path: Path
) -> None:
    write(tmp_path / "in", "good.ttl", f"{GOOD}\n{DOC} {said} .")
    summary = loaded(empty, tmp_path / "in")
    assert (summary.published, summary.refused) == (1, 1)
    (refusal,) = summary.refusals
    assert says in refusal.tell()
    assert f"· {key} ·" in refusal.tell()


def test_an_archived_record_that_changes_stays_archived_while_its_file_says_so(empty: Registry, tmp_path: Path) -> None:
    said = f'{DOC} dcterms:issued "2003-05-06"^^xsd:date ; <ns/registry#archived> "2004-01-02"^^xsd:date .'
    write(tmp_path / "in", "good.ttl", GOOD + said)
    loaded(empty, tmp_path / "in")
    write(tmp_path / "in", "good.ttl", GOOD.replace("five countries", "six countries") + said)
    assert loaded(empty, tmp_path / "in").revised == 1
    entry = empty.record("BCH-CDI-SCBD-9002")
    assert entry is not None
    assert (entry.number, entry.status) == (2, "archived")
    assert loaded(empty, tmp_path / "in").unchanged == 2


def test_languages_with_script_or_region_are_one_of_the_six(empty: Registry, tmp_path: Path) -> None:
    write(tmp_path / "in", "good.ttl", GOOD.replace('"Detection network"@en', '"检测网络"@zh-Hans , "Network"@en-GB'))
    assert loaded(empty, tmp_path / "in").refused == 0
    entry = empty.record("BCH-CDI-SCBD-9002")
    assert entry is not None
    assert set(entry.graph.texts(entry.iri, entry.format.label.path)) == {"zh", "en", "fr", "ar"}


def test_a_dry_run_publishes_nothing(empty: Registry, tmp_path: Path) -> None:
    write(tmp_path / "in", "good.ttl", GOOD)
    before = empty.ledger.last()
    summary = load(empty, [tmp_path / "in"], TERMS, no_progress, dry=True)
    assert (summary.sound, summary.published, empty.ledger.last()) == (2, 0, before)


def test_a_file_that_cannot_be_opened_stops_nothing(
    empty: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "in", "a.ttl", GOOD)
    write(tmp_path / "in", "b.ttl", GOOD)
    real = Path.open

    def opened(self: Path, *arguments: Any, **named: Any) -> Any:
        if self.name == "b.ttl":
            raise PermissionError(13, "Permission denied")
        return real(self, *arguments, **named)

    monkeypatch.setattr(Path, "open", opened)
    summary = loaded(empty, tmp_path / "in")
    assert (summary.published, summary.refused) == (2, 1)
    assert "cannot be opened: Permission denied" in summary.refusals[0].tell()


def stated(said: str) -> str:
    return "@prefix reg: <ns/registry#> .\n" + GOOD + f"\n<doc/BCH-CDI-SCBD-9002> {said} .\n"


def test_who_publishes_and_in_which_class_can_be_corrected(empty: Registry, tmp_path: Path) -> None:
    write(tmp_path / "in", "good.ttl", GOOD)
    loaded(empty, tmp_path / "in")
    source = "<vocabulary/information-source/government-obligation>"
    write(tmp_path / "in", "good.ttl", stated(f"dcterms:publisher <id/BCH-ORG-SCBD-9001> ; reg:sourceClass {source}"))
    again = loaded(empty, tmp_path / "in")
    assert (again.revised, again.unchanged, again.refused) == (1, 1, 0), [r.tell() for r in again.refusals]
    entry = empty.record("BCH-CDI-SCBD-9002")
    assert entry is not None
    assert entry.graph.iris(entry.doc, DCTERMS.publisher) == (empty.own.record("BCH-ORG-SCBD-9001"),)
    assert entry.graph.iris(entry.doc, empty.own.reg.sourceClass)[0].value.endswith("government-obligation")
    assert loaded(empty, tmp_path / "in").unchanged == 2
    write(tmp_path / "in", "good.ttl", GOOD)
    assert loaded(empty, tmp_path / "in").unchanged == 2  # what a file does not state it does not take back


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ("dcterms:publisher <id/BCH-CDI-SCBD-9002>", "is not a record of the type Organization"),
        ('dcterms:publisher "UNEP"', "UNEP"),
        ('reg:sourceClass "government-obligation"', "government-obligation"),
        ('reg:archived "2030-01-01"^^xsd:date', "2030-01-01"),
    ],
)
def test_a_doc_side_that_cannot_be_is_refused(said: str, says: str, empty: Registry, tmp_path: Path) -> None:
    write(tmp_path / "in", "bad.ttl", stated(said))
    summary = loaded(empty, tmp_path / "in")
    assert (summary.published, summary.refused) == (1, 1)
    assert says in summary.refusals[0].tell()


@pytest.mark.parametrize(
    ("name", "data"),
    [("empty.ttl", ""), ("null.json", "null"), ("plain.json", '{"id": "x", "title": "y"}'), ("list.json", "[]")],
)
def test_a_file_without_a_record_is_told(name: str, data: str, empty: Registry, tmp_path: Path) -> None:
    write(tmp_path / "in", name, data)
    summary = loaded(empty, tmp_path / "in")
    assert summary.refused == 1
    assert summary.refusals[0].finding.advise()


def test_a_suffix_in_capitals_is_read_and_a_folder_with_nothing_is_told(empty: Registry, tmp_path: Path) -> None:
    write(tmp_path / "in", "GOOD.TTL", GOOD)
    assert loaded(empty, tmp_path / "in").published == 2
    (tmp_path / "none").mkdir()
    with pytest.raises(BadInput, match="no file that is read here"):
        loaded(empty, tmp_path / "none")


def test_a_finding_in_a_part_names_the_part(empty: Registry, tmp_path: Path) -> None:
    email = re.search(r"vcard:hasEmail <[^>]*>", GOOD)
    assert email
    write(tmp_path / "in", "bad.ttl", GOOD.replace(email[0], 'vcard:fn "A. Person"'))
    told = [refusal.tell() for refusal in loaded(empty, tmp_path / "in").refusals]
    assert any(re.search(r"· BCH-CDI-SCBD-9002#[\w-]+ · email ·", line) for line in told), told


def test_a_date_without_its_type_is_told_how_to_write_it(empty: Registry, tmp_path: Path) -> None:
    write(tmp_path / "in", "bad.ttl", GOOD.replace('"2007"^^xsd:gYear', '"2007"'))
    (refusal,) = loaded(empty, tmp_path / "in").refusals
    assert '"2005"^^xsd:gYear in Turtle' in refusal.tell()
    assert "XMLSchema#gYearMonth" in refusal.tell("ar")


def test_all_findings_of_a_load_are_one_report(empty: Registry, tmp_path: Path) -> None:
    write(tmp_path / "in", "bad.ttl", GOOD.replace('"2007"^^xsd:gYear', '"2003-12-31"^^xsd:date'))
    write(tmp_path / "in", "cut.ttl", GOOD[:200])
    summary = loaded(empty, tmp_path / "in")
    told = report(summary.findings(empty.own), empty.own, NamedNode("urn:registry:load"))
    (whole,) = told.having(RDF.type, SH.ValidationReport)
    assert len(told.objects(whole, SH.result)) == len(summary.refusals) + len(summary.advice)
    (unread,) = told.having(SH.sourceConstraintComponent, empty.own.reg.Unreadable)
    assert told.iris(unread, SH.focusNode) == (NamedNode("urn:registry:file:cut.ttl"),)
    assert told.having(SH.sourceShape, empty.own.iri("format/check/period"))


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ("0999-01-01", "before the year 1000"),
        ("0001-01-01T00:00:00+14:00", "is not a date"),
        ("9999-12-31T23:59:59-14:00", "is not a date"),
    ],
)
def test_a_date_beyond_the_calendar_refuses_its_record_only(
    said: str, says: str, empty: Registry, tmp_path: Path
) -> None:
    write(tmp_path / "in", "good.ttl", f'{GOOD}\n{DOC} dcterms:issued "{said}" .')
    summary = loaded(empty, tmp_path / "in")
    assert (summary.published, summary.refused) == (1, 1)
    assert says in summary.refusals[0].tell()


def test_moments_are_kept_in_the_order_of_time() -> None:
    early = datetime(999, 2, 3, 4, tzinfo=UTC)
    assert written(early) == "0999-02-03T04:00:00.000000Z"
    assert moment(written(early)) == early


def test_whatever_a_file_does_the_others_are_loaded(
    empty: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "in", "a.nt", "<x:a> <x:b> <x:c> .")
    write(tmp_path / "in", "b.ttl", GOOD)

    def fails(data: bytes, media: str, *rest: Any) -> Any:
        if media == "application/n-triples":
            raise ZeroDivisionError("nobody thought of it")
        return read(data, media, *rest)

    monkeypatch.setattr(candidates, "read", fails)
    summary = loaded(empty, tmp_path / "in")
    assert (summary.published, summary.refused) == (2, 1)
    assert "nobody thought of it" in summary.refusals[0].tell()


SLOW = ["\n" * 200_000, " " * 200_000, '"id"' + " " * 200_000, '"id":' * 50_000, "<" * 200_000, "\n<" * 99_999]


def test_the_lines_of_a_file_are_found_in_one_pass() -> None:
    begun = process_time()
    assert {Lines(text)["BCH-CDI-SCBD-1"] for text in SLOW} == {1}
    many = Lines("x" * 2_000_000)
    assert {many[f"BCH-CDI-SCBD-{number}"] for number in range(1, 20_000)} == {1}
    assert process_time() - begun < 5
    assert Lines('<rdf:RDF>\n<a\n rdf:about="id/BCH-CDI-SCBD-7">')["BCH-CDI-SCBD-7"] == 3


def test_a_part_of_another_record_is_refused(empty: Registry, tmp_path: Path) -> None:
    own = "<id/BCH-CDI-SCBD-9002#contact-1> ,"
    write(tmp_path / "in", "bad.ttl", GOOD.replace(own, f"{own} <id/BCH-CDI-SCBD-9009#contact-1> ,"))
    told = [refusal.tell() for refusal in loaded(empty, tmp_path / "in").refusals]
    assert any("is no part of this record" in line and "· contact ·" in line for line in told), told


def test_a_description_without_an_address_is_told_so(empty: Registry, tmp_path: Path) -> None:
    write(tmp_path / "in", "bare.ttl", '[] a <ns/capacity#Project> ; <http://purl.org/dc/terms/title> "x"@en .')
    (refusal,) = loaded(empty, tmp_path / "in").refusals
    assert "no address of its own" in refusal.tell()
    assert "id/BCH-CDI-SCBD-108" in refusal.tell()


def test_parts_with_odd_numbers_are_shown(empty: Registry, tmp_path: Path) -> None:
    odd = GOOD.replace("#contact-1>", "#contact-²>").replace("#contact-2>", f"#contact-{'9' * 5_000}>")
    write(tmp_path / "in", "odd.ttl", odd)
    assert loaded(empty, tmp_path / "in").published == 2
    app = create_app(empty, empty.settings, today=lambda: TODAY.date(), clock=lambda: TODAY)
    with TestClient(app, base_url="http://localhost:8000") as client:
        assert client.get("/doc/BCH-CDI-SCBD-9002").status_code == 200
