"""Search: what is found in six languages, that the index says what SPARQL says, and that it follows the ledger."""

import csv
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from registry.clauses import Sought, Word
from registry.documents import Documents, facet_fields
from registry.errors import BadParameter, Busy
from registry.load import Terms, load
from registry.registry import Registry
from registry.search import SORTS, SOURCE, STATE, TYPE, Answer, Asked, Search
from registry.terms import NamedNode
from registry.wanted import read
from tests.conftest import ROOT, TODAY, no_progress, opened_at

DAY = TODAY.date()
DATA = ROOT / "tests" / "data" / "search"
LANGUAGES = ("en", "fr", "es", "ru", "zh", "ar")
CASES = [
    pytest.param(lang, row, id=f"{lang}: {row['query']}")
    for lang in LANGUAGES
    for row in csv.DictReader((DATA / f"cases-{lang}.csv").read_text(encoding="utf-8").splitlines())
]
WORDS = ("risk", "оценка", "biosécurité", "生物安全", "السلامة", "training", "laborator*", '"risk assessment"')


@pytest.fixture(scope="module")
def search(registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Search]:
    """The search of both samples."""
    found = Search(registry, tmp_path_factory.mktemp("index") / "index")
    found.build(DAY)
    yield found
    found.close()


@pytest.fixture(scope="module")
def alone(registry: Registry) -> Search:
    """The same without an index."""
    return Search(registry, None)


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory, founded: Path) -> Iterator[tuple[Search, Search]]:
    """The search of the records that the cases are about, with and without an index."""
    folder = tmp_path_factory.mktemp("cases")
    shutil.copytree(founded, folder / "var")
    registry = opened_at(folder / "var")
    told = load(registry, [DATA / "records.ttl"], Terms(TODAY, by="test"), no_progress)
    assert not told.refusals, told.refusals[0].tell()
    found = Search(registry, folder / "index")
    found.build(DAY)
    yield found, Search(registry, None)
    found.close()
    registry.close()


def names(records: tuple[NamedNode, ...]) -> list[str]:
    return [record.value.rsplit("/", 1)[-1] for record in records]


def test_there_are_twenty_cases_a_language() -> None:
    assert min(Counter(str(case.values[0]) for case in CASES).values()) >= 20


@pytest.mark.parametrize(("lang", "row"), CASES)
def test_case(cases: tuple[Search, Search], lang: str, row: dict[str, str]) -> None:
    asked = Asked(text=row["query"], lang=lang, day=DAY, size=100)
    for one in cases:
        found = names(one.answer(asked).records)
        assert row["finds"] in found[:3], (row["why"], found[:5])
        assert row["not"] not in found, row["why"]


def random_question(registry: Registry, chance: random.Random, *, worded: bool = False) -> Asked:
    """Filters drawn by chance from what the formats offer."""
    chosen: dict[str, tuple[NamedNode, ...]] = {}
    if chance.random() < 0.5:
        kinds = [format.target for format in registry.formats.values()]
        chosen[TYPE] = tuple(chance.sample(kinds, chance.randint(1, 3)))
    if chance.random() < 0.3:
        chosen[SOURCE] = tuple(_concepts(registry, "information-source", chance))
    if chance.random() < 0.2:
        chosen[STATE] = tuple(_concepts(registry, chance.choice(["project-status", "opportunity-status"]), chance))
    fields = list(facet_fields(registry).values())
    for field in chance.sample(fields, chance.choice([0, 1, 1, 2])):
        scheme = registry.concepts.scheme(chance.choice(field.schemes))
        if scheme:
            chosen[field.key] = tuple(chance.sample(scheme.concepts, min(len(scheme.concepts), chance.randint(1, 4))))
    country = chance.choice(_concepts(registry, "countries", chance)) if chance.random() < 0.2 else None
    since = chance.randint(2000, 2027) if chance.random() < 0.3 else None
    return Asked(
        text=chance.choice(WORDS) if worded else "",
        chosen=chosen,
        concepts=tuple(_concepts(registry, "action-plan-2006", chance)[:1]) if chance.random() < 0.15 else (),
        country=country,
        archived=chance.choice(["", "", "yes", "only"]),
        since=since,
        until=chance.randint(since or 2000, 2030) if chance.random() < 0.3 else None,
        sort=chance.choice(["newest", "title", "deadline"]),
        lang=chance.choice(LANGUAGES),
        day=DAY,
    )


def _concepts(registry: Registry, key: str, chance: random.Random) -> list[NamedNode]:
    scheme = registry.concepts.scheme(registry.own.iri(f"vocabulary/{key}"))
    assert scheme
    return chance.sample(scheme.concepts, min(len(scheme.concepts), 3))


def told(answer: Answer) -> tuple[object, ...]:
    """What must be equal whoever answers: the records in their order, all counts."""
    counts = {(f.key, o.value.value): (o.count, o.chosen, o.depth) for f in answer.facets for o in f.options}
    return answer.total, answer.pages, answer.hidden, answer.records, counts


@pytest.mark.parametrize("part", range(5))
def test_the_index_says_what_sparql_says(search: Search, alone: Search, part: int) -> None:
    """500 combinations of filters by chance, in their order; one in ten with all its facets."""
    chance, met = random.Random(part), 0
    for number in range(100):
        asked = random_question(search.registry, chance)
        found = search.all(asked)
        assert found == alone.all(asked), asked
        if number % 10 == 0:
            assert told(search.answer(asked)) == told(alone.answer(asked)), asked
        met += bool(found)
    assert met > 10


def test_words_and_filters_together(search: Search, alone: Search) -> None:
    chance = random.Random(7)
    for _ in range(40):
        asked = random_question(search.registry, chance, worded=True)
        assert told(search.answer(asked)) == told(alone.answer(asked)), asked


@pytest.mark.parametrize(
    "text",
    [
        *("", "risk assessment", "оценка риска", "生物安全", "السلامة -projet", '"risk assessment"', "-risk"),
        *("institution", "Institute", "nation*"),  # forms of English words that in French texts are other words
    ],
)
def test_the_same_in_sparql(search: Search, text: str) -> None:
    chance = random.Random(text)
    for number in range(3):
        asked = random_question(search.registry, chance) if number else Asked(day=DAY, archived="yes")
        asked = Asked(**{**asked.__dict__, "text": text})
        rows = search.registry.graphs.select(search.query(asked))
        assert sorted(str(row["record"]) for row in rows) == sorted(map(str, search.all(asked))), asked


def test_facets_are_what_a_count_by_hand_gives(search: Search) -> None:
    documents = list(Documents(search.registry, DAY).of(search.all(Asked(archived="yes", day=DAY))))
    counted = Counter((key, value) for one in documents for key, values in one.facets.items() for value in values)
    facets = search.answer(Asked(archived="yes", day=DAY)).facets
    assert {facet.key for facet in facets} >= {TYPE, SOURCE, STATE, "element", "country"}
    for facet in facets:
        for option in facet.options:
            assert option.count == counted[facet.key, option.value.value], (facet.key, option.value)


def test_a_choice_is_not_counted_in_its_own_facet(search: Search) -> None:
    before = {o.value: o.count for f in search.answer(Asked(day=DAY)).facets if f.key == TYPE for o in f.options}
    some = search.registry.formats["project"].target
    after = search.answer(Asked(chosen={TYPE: (some,)}, day=DAY))
    assert after.total == before[some]
    assert {o.value: o.count for f in after.facets if f.key == TYPE for o in f.options} == before


def test_pages_hold_each_record_once(search: Search) -> None:
    for sort in SORTS:
        asked = Asked(text="biosafety", sort=sort, day=DAY, size=7)
        found = [
            record
            for page in range(1, search.answer(asked).pages + 1)
            for record in search.answer(Asked(**{**asked.__dict__, "page": page})).records
        ]
        assert len(found) == len(set(found)) == search.answer(asked).total


def test_what_closes_next_stands_first(search: Search) -> None:
    format = search.registry.formats["opportunity"]
    found = search.all(Asked(chosen={TYPE: (format.target,)}, sort="deadline", archived="yes", day=DAY))
    ends = [one.deadline for one in Documents(search.registry, DAY).of(found)]
    by_record = dict(zip([d.record for d in Documents(search.registry, DAY).of(found)], ends, strict=True))
    today = int(f"{DAY:%Y%m%d}")
    ahead = [end for record in found if (end := by_record[record]) and end >= today]
    assert ahead and ahead == sorted(ahead)
    assert [by_record[record] for record in found[: len(ahead)]] == ahead


def test_what_was_meant(search: Search) -> None:
    assert search.answer(Asked(text="labratory asessment", day=DAY)).corrected == "laboratory assessment"
    assert search.answer(Asked(text="zzzzzzqqq", day=DAY)).corrected == ""
    assert "risk assessment" in search.suggest("risk ass", "en", DAY)


@pytest.mark.parametrize(
    "text", ["", "   ", "-", '"', "**", "\x00", "🙂", "AND OR NOT", "a" * 900, "مرحبا hello שלום", "(]{["]
)
def test_odd_questions_are_answered(search: Search, alone: Search, text: str) -> None:
    for one in (search, alone):
        assert one.answer(Asked(text=text, day=DAY)).total >= 0


def test_the_index_follows_the_ledger(empty: Registry, tmp_path: Path) -> None:
    found = Search(empty, tmp_path / "index")
    assert found.answer(Asked(day=DAY)).total == 0
    load(empty, [DATA / "records.ttl"], Terms(TODAY, by="test"), no_progress)
    empty.follow()
    answer = found.answer(Asked(day=DAY))
    assert answer.indexed and answer.total == Search(empty, None).answer(Asked(day=DAY)).total > 0
    found.close()
    again = Search(empty, tmp_path / "index")
    assert told(again.answer(Asked(day=DAY))) == told(answer)
    again.close()


def test_pages_do_not_move_on_while_they_are_turned(empty: Registry, tmp_path: Path) -> None:
    text = (ROOT / "samples" / "period-2004" / "organisations.ttl").read_text(encoding="utf-8")
    head, *records = text.split("\n<id/")
    records = [f"<id/{one}" for one in records]
    (tmp_path / "first.ttl").write_text("\n".join([head, *records[:50]]), encoding="utf-8")
    (tmp_path / "later.ttl").write_text("\n".join([head, *records[50:]]), encoding="utf-8")
    load(empty, [tmp_path / "first.ttl"], Terms(TODAY), no_progress)
    begun, found = empty.sequence, Search(empty, tmp_path / "index")
    before = names(found.all(Asked(day=DAY)))
    page = found.answer(Asked(day=DAY, upto=begun))
    read = names(page.records)
    load(empty, [tmp_path / "later.ttl"], Terms(TODAY), no_progress)
    for number in range(2, page.pages + 1):
        for one in (found, Search(empty, None)):
            again = one.answer(Asked(day=DAY, upto=begun, page=number))
            assert again.total == page.total == len(before)
        read += names(again.records)
    assert read == before
    assert found.answer(Asked(day=DAY)).total > len(before)
    with pytest.raises(BadParameter, match="changed much"):
        found.answer(Asked(day=DAY, upto=-20_000))
    found.close()


def test_a_new_day_brings_new_states(registry: Registry, search: Search) -> None:
    asked = Asked(archived="yes", day=DAY + timedelta(days=400))
    here = search.answer(asked)
    assert told(here) == told(Search(registry, None).answer(asked))
    assert told(here) != told(search.answer(Asked(archived="yes", day=DAY)))


@pytest.mark.parametrize("damage", ["gone", "cut", "text", "other"])
def test_a_damaged_index_is_made_anew(registry: Registry, tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "index"
    first = Search(registry, folder)
    first.build(DAY)
    wanted = told(first.answer(Asked(day=DAY)))
    first.close()
    if damage == "gone":
        shutil.rmtree(folder)
    elif damage == "cut":
        for path in folder.glob("*.store"):
            path.write_bytes(path.read_bytes()[:10])
    elif damage == "text":
        (folder / "meta.json").write_text("{", encoding="utf-8")
    else:
        (folder / "made-as").write_text("an older way", encoding="utf-8")
    again = Search(registry, folder)
    again.answer(Asked(day=DAY))
    again.settle()
    found = again.answer(Asked(day=DAY))
    assert found.indexed and told(found) == wanted
    again.close()


def test_while_the_index_is_built_sparql_answers(registry: Registry, tmp_path: Path) -> None:
    found = Search(registry, tmp_path / "index")
    first = found.answer(Asked(text="biosafety", day=DAY))
    assert not first.indexed
    found.settle()
    second = found.answer(Asked(text="biosafety", day=DAY))
    assert second.indexed and second.total == first.total and found.progress() is None
    found.close()


def test_many_records_are_not_searched_without_an_index(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.search.MANY", 100)
    found = Search(registry, tmp_path / "index")
    with pytest.raises(Busy, match="being prepared"):
        found.answer(Asked(text="biosafety", day=DAY))
    found.settle()
    assert found.answer(Asked(text="biosafety", day=DAY)).indexed
    found.close()


def test_a_word_that_most_records_hold_weighs_and_is_marked(cases: tuple[Search, Search]) -> None:
    for one in cases:
        finder = one._finder(DAY)
        assert finder.common(Sought((), (Word(finder.lexicon.runs(read("biosafety")[0])),)), 0.4)
        both, alone = (
            one.answer(Asked(text=text, day=DAY, size=200)) for text in ("biosafety laboratory", "laboratory")
        )
        assert both.total == alone.total > 0
        assert set(both.terms["en"]) > set(alone.terms["en"])
