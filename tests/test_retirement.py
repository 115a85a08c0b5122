"""The ends of a life: what is retired or merged leaves a tombstone, and nothing else moves."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from registry.errors import BadInput, NotFound
from registry.load import Terms, load
from registry.registry import Registry
from registry.retirement import merge, referring, retire
from registry.terms import DCTERMS, RDF, Literal
from tests.conftest import TODAY, no_progress
from web.app import create_app
from web.labels import Labels

GOOD = Path(__file__).parent / "data" / "load" / "good.ttl"
WHY = {"en": "Registered twice.", "fr": "Enregistré deux fois."}


@pytest.fixture
def two(empty: Registry, tmp_path: Path) -> Registry:
    """Two organizations and two projects, pairwise alike."""
    text = GOOD.read_text(encoding="utf-8")
    (tmp_path / "one.ttl").write_text(text, encoding="utf-8")
    other = text.replace("9001", "9011").replace("9002", "9012").replace("Lake Region", "Lakes Region")
    (tmp_path / "two.ttl").write_text(other.replace('"Detection network"', '"Detection networks"'), encoding="utf-8")
    summary = load(empty, [tmp_path / "one.ttl", tmp_path / "two.ttl"], Terms(TODAY, by="test"), no_progress)
    assert summary.published == 4, [refusal.tell() for refusal in summary.refusals]
    return empty


def test_a_retired_record_leaves_its_name_its_reason_and_its_successor(two: Registry) -> None:
    retire(two, "bch-cdi-scbd-9002", WHY, by="test", successor="BCH-CDI-SCBD-9012")
    assert two.record("BCH-CDI-SCBD-9002") is None
    ending = two.ending("BCH-CDI-SCBD-9002")
    assert ending is not None
    assert (ending.kind, ending.successor) == ("retired", "BCH-CDI-SCBD-9012")
    assert ending.reasons == WHY
    assert ending.titles["fr"] == "Réseau de détection"
    doc = two.own.doc("BCH-CDI-SCBD-9002")
    assert ending.graph == two.graphs.graph(two.own.record("BCH-CDI-SCBD-9002"))
    assert set(ending.graph.subjects) == {doc}
    assert ending.graph.iris(doc, RDF.type) == (two.own.reg.Tombstone,)
    assert ending.graph.iris(doc, DCTERMS.isReplacedBy) == (two.own.record("BCH-CDI-SCBD-9012"),)
    assert "BCH-CDI-SCBD-9002" not in {
        row["identifier"].value
        for row in two.select("records/list", kind=two.formats["project"].target)
        if isinstance(row["identifier"], Literal)
    }


def test_the_versions_of_a_retired_record_stay(two: Registry) -> None:
    before = two.version("BCH-CDI-SCBD-9002", 1)
    retire(two, "BCH-CDI-SCBD-9002", WHY, by="test")
    after = two.version("BCH-CDI-SCBD-9002", 1)
    assert before is not None
    assert after is not None
    assert before.graph == after.graph
    ending = two.ending("BCH-CDI-SCBD-9002")
    assert ending is not None
    assert ending.successor is None


def test_a_replay_gives_the_same_store_and_the_history_says_why(two: Registry) -> None:
    retire(two, "BCH-CDI-SCBD-9002", WHY, by="A person whom nobody may see")
    merge(two, "BCH-ORG-SCBD-9001", "BCH-ORG-SCBD-9011", WHY, by="test")
    kept, replayed = two.views.digests(two.graphs)
    assert kept == replayed
    history = two.graphs.graph(two.own.history)
    (event,) = history.having(two.own.reg.kind, Literal("retired"))
    assert history.texts(event, two.own.reg.reason) == WHY
    assert "nobody may see" not in "\n".join(two.graphs.dump())


def test_whoever_ends_a_record_hears_who_refers_to_it(two: Registry) -> None:
    merge(two, "BCH-ORG-SCBD-9001", "BCH-ORG-SCBD-9011", WHY, by="test")
    assert referring(two, "BCH-ORG-SCBD-9001") == ["BCH-CDI-SCBD-9002"]
    assert referring(two, "BCH-ORG-SCBD-9011") == ["BCH-CDI-SCBD-9002", "BCH-CDI-SCBD-9012"]


def test_what_ended_keeps_its_name_where_others_name_it(two: Registry) -> None:
    merge(two, "BCH-ORG-SCBD-9001", "BCH-ORG-SCBD-9011", WHY, by="test")
    ended = two.own.record("BCH-ORG-SCBD-9001")
    labels = Labels(two, [ended])
    assert ended in labels
    assert labels[ended] == {"en": "Lake Region Biosafety Institute"}
    entry = two.record("BCH-CDI-SCBD-9002")
    assert entry is not None
    findings = two.findings(entry, TODAY.date())
    assert not any(finding.blocks for finding in findings)
    (advice,) = [finding for finding in findings if finding.component == "EndedReference"]
    assert advice.key == "lead"
    (replaced,) = two.select("records/replaced", record=two.own.record("BCH-ORG-SCBD-9011"))
    assert replaced["replaced"] == ended


def test_a_merge_into_itself_in_a_ring_or_across_types_is_refused(two: Registry) -> None:
    last = two.ledger.last()
    with pytest.raises(BadInput, match="cannot take its own place"):
        merge(two, "BCH-ORG-SCBD-9001", "bch-org-scbd-9001", WHY, by="test")
    with pytest.raises(BadInput, match="different types"):
        merge(two, "BCH-ORG-SCBD-9001", "BCH-CDI-SCBD-9002", WHY, by="test")
    with pytest.raises(NotFound, match="BCH-ORG-SCBD-9999"):
        merge(two, "BCH-ORG-SCBD-9001", "BCH-ORG-SCBD-9999", WHY, by="test")
    with pytest.raises(BadInput, match="reason"):
        merge(two, "BCH-ORG-SCBD-9001", "BCH-ORG-SCBD-9011", {"en": "  "}, by="test")
    assert two.ledger.last() == last
    merge(two, "BCH-ORG-SCBD-9001", "BCH-ORG-SCBD-9011", WHY, by="test")
    with pytest.raises(BadInput, match=r"was merged into BCH-ORG-SCBD-9011 .* Take BCH-ORG-SCBD-9011"):
        merge(two, "BCH-ORG-SCBD-9011", "BCH-ORG-SCBD-9001", WHY, by="test")
    with pytest.raises(BadInput, match="was merged"):
        retire(two, "BCH-ORG-SCBD-9001", WHY, by="test")
    assert two.ledger.last() == last + 1


def test_an_identifier_that_ended_is_not_used_again(two: Registry, tmp_path: Path) -> None:
    retire(two, "BCH-CDI-SCBD-9012", WHY, by="test")
    path = tmp_path / "two.ttl"
    summary = load(two, [path], Terms(TODAY, by="test"), no_progress)
    assert (summary.published, summary.revised, summary.refused, summary.unchanged) == (0, 0, 0, 2)
    path.write_text(path.read_text(encoding="utf-8").replace("Detection networks", "Networks"), encoding="utf-8")
    summary = load(two, [path], Terms(TODAY, by="test"), no_progress)
    assert (summary.published, summary.revised, summary.refused, summary.unchanged) == (0, 0, 1, 1)
    assert "BCH-CDI-SCBD-9012 was retired or merged" in summary.refusals[0].tell()


def test_a_reference_to_what_ended_says_so(two: Registry, tmp_path: Path) -> None:
    retire(two, "BCH-ORG-SCBD-9011", WHY, by="test")
    path = tmp_path / "two.ttl"
    path.write_text(path.read_text(encoding="utf-8").replace("Detection networks", "Networks"), encoding="utf-8")
    summary = load(two, [path], Terms(TODAY, by="test"), no_progress)
    told = [refusal.tell() for refusal in summary.refusals if "· lead ·" in refusal.tell()]
    assert told and "retired or merged into another record" in told[0]


def test_a_successor_is_of_the_same_type(two: Registry) -> None:
    with pytest.raises(BadInput, match="different types"):
        retire(two, "BCH-ORG-SCBD-9011", WHY, by="test", successor="BCH-CDI-SCBD-9012")


@pytest.mark.parametrize("text", ["Closed\x01.", "Closed\u202e.", "Closed\ud800.", "Closed\ufffe."])
def test_a_reason_hides_nothing(text: str, two: Registry) -> None:
    last = two.ledger.last()
    with pytest.raises(BadInput, match="signs that cannot be shown"):
        retire(two, "BCH-CDI-SCBD-9002", {"en": text}, by="test")
    assert two.ledger.last() == last


@pytest.mark.parametrize("name", ["a b", "BCH-CDI-SCBD-9002>", " ", "\ud800"])
def test_what_is_no_identifier_names_no_record(name: str, two: Registry) -> None:
    with pytest.raises(NotFound):
        retire(two, name, WHY, by="test")
    with pytest.raises(NotFound):
        merge(two, "BCH-CDI-SCBD-9002", name, WHY, by="test")


def test_a_record_that_ends_while_it_is_loaded_is_refused(two: Registry, tmp_path: Path) -> None:
    path = tmp_path / "two.ttl"
    path.write_text(path.read_text(encoding="utf-8").replace("Detection networks", "Networks"), encoding="utf-8")

    def meanwhile(what: str, done: int, of: int) -> None:
        if what == "checking" and done == of and two.record("BCH-CDI-SCBD-9012"):
            retire(two, "BCH-CDI-SCBD-9012", WHY, by="test")

    summary = load(two, [path], Terms(TODAY, by="test"), meanwhile)
    assert (summary.revised, summary.refused, summary.unchanged) == (0, 1, 1)
    assert "BCH-CDI-SCBD-9012 was retired or merged" in summary.refusals[0].tell()
    assert [event.kind for event in two.versions("BCH-CDI-SCBD-9012")] == ["published", "retired"]


def test_a_version_that_an_old_ledger_holds_behind_an_end_can_be_read(two: Registry) -> None:
    retire(two, "BCH-CDI-SCBD-9012", WHY, by="test")
    record = two.own.record("BCH-CDI-SCBD-9012").value
    first = next(event for event in two.ledger.events(record=record))
    with two.ledger.writing() as writer:
        writer.append("revised", record, by="old", version=2, graph=(first.graph or "").replace("networks", "webs"))
    two.follow()
    late = two.version("BCH-CDI-SCBD-9012", 2)
    assert late is not None
    assert (late.number, late.latest) == (2, 2)
    assert two.record("BCH-CDI-SCBD-9012") is None
    app = create_app(two, two.settings, today=lambda: TODAY.date(), clock=lambda: TODAY)
    with TestClient(app, base_url="http://localhost:8000") as client:
        for path in ("history", "compare", "compare?from=1&to=2", "v/1", "v/2"):
            got = client.get(f"/doc/BCH-CDI-SCBD-9012/{path}", headers={"Accept": "text/html"})
            assert got.status_code == 200, path
        assert client.get("/doc/BCH-CDI-SCBD-9012").status_code == 410
