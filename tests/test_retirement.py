"""The ends of a life: what is retired or merged leaves a tombstone, and nothing else moves."""

from pathlib import Path

import pytest

from registry.errors import BadInput, NotFound
from registry.load import Terms, load
from registry.registry import Registry
from registry.retirement import merge, referring, retire
from registry.terms import DCTERMS, RDF, Literal
from tests.conftest import TODAY, no_progress
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
    assert not any(finding.blocks for finding in two.findings(entry, TODAY.date()))


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
    summary = load(two, [tmp_path / "two.ttl"], Terms(TODAY, by="test"), no_progress)
    assert (summary.published, summary.revised, summary.refused, summary.unchanged) == (0, 0, 1, 1)
    assert "BCH-CDI-SCBD-9012 was retired or merged" in summary.refusals[0].tell()
