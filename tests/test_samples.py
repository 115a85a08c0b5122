"""The samples: what the 2005 report counts is the answer of a query, and what is real loads with its gaps shown.

`data/samples/figures.csv` has a row for every figure of the report: where it stands, and the query, its bindings, the
row and the column that give it, in the world of a day or, without one, as the registry stands.
"""

import csv
import filecmp
import os
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from registry.graphs import Row
from registry.load import Summary, Terms, load
from registry.queries import Value
from registry.registry import Registry
from registry.shape import path_name
from registry.terms import DCTERMS, RDF, Literal, NamedNode
from tests.conftest import ROOT, TODAY, no_progress, opened_at

DATA = Path(__file__).parent / "data" / "samples"
REPORT = "id/BCH-REP-SCBD-8971"
DAY = date(2004, 12, 15)
EXPECTED = {"project": 7, "meeting": 18, "organisation": 37, "opportunity": 1, "resource": 1, "news": 2, "course": 1}
EXPECTED |= {"group": 2, "report": 1, "recommendation": 10}

with (DATA / "figures.csv").open(encoding="utf-8", newline="") as file:
    FIGURES = list(csv.DictReader(file))


@pytest.fixture(scope="module")
def loaded(registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Registry, Summary]]:
    """A registry with all three samples, from a copy of the ledger that has two; and how the real ones were taken."""
    folder = tmp_path_factory.mktemp("samples")
    with (
        closing(sqlite3.connect(registry.settings.data / "ledger.sqlite")) as kept,
        closing(sqlite3.connect(folder / "ledger.sqlite")) as copy,
    ):
        kept.backup(copy)
    everything = opened_at(folder)
    summary = load(everything, [ROOT / "samples" / "real"], Terms(TODAY, by="test", legacy=True), no_progress)
    yield everything, summary
    everything.close()


@pytest.fixture(scope="module")
def everything(loaded: tuple[Registry, Summary]) -> Registry:
    """The registry with all three samples."""
    return loaded[0]


@pytest.fixture(scope="module")
def then(everything: Registry) -> Registry:
    """The world of 15 December 2004."""
    return everything.at(datetime.combine(DAY, time.max, UTC))


def pairs(cell: str, registry: Registry) -> dict[str, Value]:
    """What a cell of the table says: IRIs of this registry and days; nothing after the sign means unbound."""
    found: dict[str, Value] = {}
    for pair in cell.split():
        name, _, value = pair.partition("=")
        found[name] = date.fromisoformat(value) if value[:1].isdigit() else registry.own.iri(value) if value else None
    return found


def number(row: Row, column: str) -> int:
    value = row[column]
    assert isinstance(value, Literal)
    return int(value.value)


@pytest.mark.parametrize("figure", FIGURES, ids=[figure["measure"] for figure in FIGURES])
def test_every_figure_of_the_report_is_answered(figure: dict[str, str], everything: Registry, then: Registry) -> None:
    world = then if figure["world"] else everything
    rows = world.select(figure["query"], **pairs(figure["bindings"], everything))
    wanted = pairs(figure["row"], everything)
    (row,) = (row for row in rows if all(row.get(name) == value for name, value in wanted.items()))
    assert number(row, figure["column"]) == int(figure["value"])


def test_the_report_states_its_figures_beside_what_is_counted(everything: Registry) -> None:
    rows = everything.select("reports/report-figures", report=everything.own.iri(REPORT))
    stated = [(text(row, "paragraph"), number(row, "value"), text(row, "asOf")) for row in rows]
    assert stated == [(figure["paragraph"], int(figure["value"]), figure["as_of"]) for figure in FIGURES]
    counted = [row for row in rows if row.get("counted")]
    assert [number(row, "counted") for row in counted] == [number(row, "value") for row in counted]
    assert len(counted) == 8


@pytest.mark.parametrize("lang", ["fr", "es", "ru", "zh", "ar"])
def test_the_figures_are_named_in_every_language(lang: str, everything: Registry) -> None:
    rows = everything.select("reports/report-figures", report=everything.own.iri(REPORT), language=lang)
    assert len(rows) == len(FIGURES)
    assert len({text(row, "measure") for row in rows}) == len(FIGURES)


def text(row: Row, column: str) -> str:
    value = row[column]
    assert isinstance(value, Literal)
    return value.value


def test_the_register_of_courses_is_empty_in_2004(everything: Registry, then: Registry) -> None:
    """2005 report, paragraph 12: there were plans for it."""
    course = everything.own.cap["Course"]
    assert not then.select("records/list", kind=course)
    assert number(then.select("reports/courses-submitted", day=date(2004, 10, 31))[0], "courses") == 0
    recorded = [event.at.year for event in everything.ledger.events() if "/id/BCH-CRS-SCBD-6" in event.record]
    assert recorded == [2005] * 31


def test_nothing_real_is_in_2004(then: Registry) -> None:
    assert then.record("BCH-MTG-SCBD-8805") is None
    assert then.record("BCH-ORG-SCBD-8601") is None


def test_what_is_real_loads_with_its_gaps_shown(loaded: tuple[Registry, Summary]) -> None:
    registry, summary = loaded
    assert (summary.refused, summary.revised, summary.published) == (0, 0, sum(EXPECTED.values()))
    shown = Counter(refusal.record for refusal in summary.advice)
    assert shown["BCH-CDI-SCBD-8105"] > 5
    assert not shown["BCH-MTG-SCBD-8802"]
    again = load(registry, [ROOT / "samples" / "real"], Terms(TODAY, by="test", legacy=True), no_progress)
    assert (again.unchanged, again.published, again.refused) == (sum(EXPECTED.values()), 0, 0)


def test_what_is_real_has_a_source_and_no_mark_of_a_sample(everything: Registry) -> None:
    kinds: Counter[str] = Counter()
    for format in everything.formats.values():
        for row in everything.select("records/list", kind=format.target):
            identifier = path_name(row["record"]) if isinstance(row["record"], NamedNode) else ""
            entry = everything.record(identifier)
            assert entry
            if entry.graph.text(entry.iri, everything.own.reg["sample"]) == "true":
                continue
            kinds[format.key] += 1
            assert entry.graph.objects(entry.iri, DCTERMS.source) or entry.graph.objects(
                entry.iri, everything.own.cap["otherInformation"]
            ), identifier
            assert entry.graph.iris(entry.doc, everything.own.reg["sourceClass"])
    assert kinds == EXPECTED


def test_no_person_is_named_and_no_address_of_a_sample_leads_anywhere(everything: Registry) -> None:
    """The author of a real report is named on its cover; contacts of samples are functions."""
    for path in (ROOT / "samples").glob("*/*.ttl"):
        lines = path.read_text(encoding="utf-8")
        assert "vcard:fn" not in lines, path
        if path.parent.name != "real":
            hosts = {part.split("/")[0].split(">")[0] for part in lines.split("<https://")[1:]}
            assert hosts <= {"example.org", "schema.org"}, path


def test_every_register_has_content_in_several_languages(registry: Registry) -> None:
    for format in registry.formats.values():
        rows = registry.select("records/list", kind=format.target)
        records = [row["record"] for row in rows if isinstance(row["record"], NamedNode)]
        languages = {lang for r in records for lang in registry.graphs.graph(r).texts(r, format.label.path)}
        if format.key != "need":  # a need is called by its country
            assert languages == {"en", "fr", "es", "ru", "zh", "ar"}, format.key
        for record in records:
            assert registry.graphs.graph(record).iris(record, RDF.type) == (format.target,)


def test_the_generator_writes_the_same_files(tmp_path: Path) -> None:
    samples = tmp_path / "samples"
    shutil.copytree(ROOT / "samples", samples, ignore=shutil.ignore_patterns("*.ttl", "__pycache__", "real"))
    (tmp_path / "vocabularies").symlink_to(ROOT / "vocabularies")
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run([sys.executable, str(samples / "generate.py")], check=True, env=environment)
    for world in ("period-2004", "today"):
        names = sorted(path.name for path in (ROOT / "samples" / world).glob("*.ttl"))
        assert sorted(path.name for path in (samples / world).glob("*.ttl")) == names
        _, differing, missing = filecmp.cmpfiles(ROOT / "samples" / world, samples / world, names, shallow=False)
        assert not differing + missing
