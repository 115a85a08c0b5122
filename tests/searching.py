"""Figures of the search, part of `make bench`: the index, SPARQL alone, and SQLite FTS5 over the same tokens.

`python -m tests.searching 1000` measures with 1,000 records instead of 1,000, 10,000 and 100,000.

Invented records (tests/inventing.py) are put into the store without the ledger, which the search does not read; what is
published afterwards goes the whole way.
"""

import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from starlette.testclient import TestClient

from registry.analysis import tokens
from registry.documents import Documents, Findable
from registry.facets import Facet
from registry.language import LANGUAGES
from registry.load import Terms, load
from registry.registry import Registry, open_registry
from registry.search import SOURCE, STATE, Answer, Asked, Search
from registry.settings import Settings
from registry.shape import path_name
from registry.terms import NamedNode
from tests.inventing import records, words
from tests.publishing import Publisher
from web.app import create_app, lighten
from web.facetted import written

ROOT = Path(__file__).parent.parent
SIZES = (1_000, 10_000, 100_000)
ROUNDS = 200
UPDATES = 20
WORDY = 10_000  # records in whose texts SPARQL alone is asked to look for words
DAY = date(2026, 1, 1)


class Peer:
    """The least that the same search needs in SQLite: FTS5 over the same tokens, a row for each value of a facet."""

    def __init__(self, path: Path, documents: Iterator[Findable]) -> None:
        self.db = sqlite3.connect(path)
        self.db.execute(
            "CREATE VIRTUAL TABLE doc USING fts5(title, label, text, tokenize='unicode61 remove_diacritics 0')"
        )
        self.db.execute("CREATE TABLE facet (key TEXT, value TEXT, doc INTEGER)")
        for number, document in enumerate(documents):
            said = dict.fromkeys(("title", "label", "text"), "")
            for (kind, lang), found in document.texts.items():
                tongue = lang if lang in LANGUAGES else ""
                said[kind] += " ".join(token for text in found for token in tokens(text, tongue)) + " "
            self.db.execute("INSERT INTO doc (rowid, title, label, text) VALUES (?, ?, ?, ?)", (number, *said.values()))
            values = [(key, value, number) for key, found in document.facets.items() for value in found]
            self.db.executemany("INSERT INTO facet VALUES (?, ?, ?)", values)
        self.db.execute("CREATE INDEX by_value ON facet (key, value, doc)")
        self.db.execute("CREATE INDEX by_doc ON facet (doc, key, value)")
        self.db.commit()

    def answer(self, token: str, chosen: dict[str, str]) -> tuple[list[int], int, list[tuple[str, str, int]]]:
        """The best twenty, how many there are, and counts of all facets, each without its own choice."""
        best = self._records(token, chosen)
        page = f"SELECT rowid FROM doc WHERE doc MATCH ? AND rowid IN ({best}) ORDER BY bm25(doc, 6, 2, 1) LIMIT 20"
        if not token:
            page = f"SELECT doc FROM ({best}) ORDER BY doc DESC LIMIT 20"
        given = [token] if token else []
        found = [row[0] for row in self.db.execute(page, [*given, *given])]
        (count,) = self.db.execute(f"SELECT count(*) FROM ({best})", given).fetchone()
        told = []
        for key in chosen or {"": ""}:
            others = {other: value for other, value in chosen.items() if other != key}
            only = f"AND key = '{key}'" if key else ""
            inside = self._records(token, others)
            rows = self.db.execute(
                f"SELECT key, value, count(*) FROM facet WHERE doc IN ({inside}) {only} GROUP BY key, value", given
            )
            told += rows.fetchall()
        if chosen:
            keys = ", ".join(f"'{key}'" for key in chosen)
            told += self.db.execute(
                f"SELECT key, value, count(*) FROM facet WHERE doc IN ({best}) AND key NOT IN ({keys}) "
                "GROUP BY key, value",
                given,
            ).fetchall()
        return found, count, told

    def _records(self, token: str, chosen: dict[str, str]) -> str:
        parts = [f"SELECT doc FROM facet WHERE key = '{key}' AND value = '{value}'" for key, value in chosen.items()]
        text = ["SELECT rowid AS doc FROM doc WHERE doc MATCH ?"] if token else []
        return " INTERSECT ".join([*text, *parts]) or "SELECT DISTINCT doc FROM facet"


def times(work: Callable[[int], object], rounds: int = ROUNDS) -> tuple[float, float]:
    """The median and the 95th of a hundred, in milliseconds."""
    work(0)
    found = []
    for number in range(rounds):
        started = time.perf_counter()
        work(number)
        found.append((time.perf_counter() - started) * 1000)
    return statistics.median(found), statistics.quantiles(found, n=20)[-1]


def once(work: Callable[[], object]) -> float:
    """The time of one call, in milliseconds."""
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


class Questions:
    """What is asked: a word that some records hold, three values of facets."""

    known = {lang: words(lang) for lang in LANGUAGES}

    def __init__(self, records: int) -> None:
        self._chance = random.Random(records)
        self._facets: dict[str, list[NamedNode]] = {}

    def know(self, answer: Answer) -> None:
        """Choose from the values that the commonest facets have."""
        self._facets = {
            facet.key: _commonest(facet) for facet in answer.facets if facet.key in (SOURCE, STATE, "element")
        }

    def word(self) -> str:
        """A word of one of the languages, neither among the commonest nor among the rarest."""
        return self.known[self._chance.choice(LANGUAGES)][self._chance.randint(5, 500)]

    def chosen(self) -> dict[str, tuple[NamedNode, ...]]:
        """One of the values of three facets."""
        return {key: (self._chance.choice(values),) for key, values in self._facets.items()}

    def asked(self, text: bool, chosen: bool) -> Asked:
        """One question."""
        lang = self._chance.choice(LANGUAGES)
        return Asked(text=self.word() if text else "", chosen=self.chosen() if chosen else {}, lang=lang, day=DAY)


def _commonest(facet: Facet) -> list[NamedNode]:
    return [one.value for one in sorted(facet.options, key=lambda one: -one.count)[:5]]


KINDS = {
    "a word": (True, False),
    "a word, three facets chosen": (True, True),
    "three facets chosen": (False, True),
    "everything": (False, False),
}


def measured(registry: Registry, count: int, folder: Path) -> Iterator[tuple[str, str, str]]:
    """For so many records each figure: what, the registry's, the peers'; each as it is measured."""
    registry.graphs.fill(records(registry, count))
    questions = Questions(count)
    kept = registry.settings.data / "index"
    search = Search(registry, kept)
    yield "build the index", f"{once(lambda: search.build(DAY)) / 1000:,.1f} s", ""
    peer, filling = _peer(registry, folder / "peer.db")
    beside = f"FTS5: {_size(folder / 'peer.db'):,.1f} MB, filled in {filling:,.1f} s"
    yield "on disk", f"{sum(map(_size, kept.iterdir())):,.1f} MB", beside
    questions.know(search.answer(Asked(day=DAY)))
    for kind, (text, chosen) in KINDS.items():
        asked = [questions.asked(text, chosen) for _ in range(ROUNDS)]
        ours = times(lambda number, asked=asked: search.answer(asked[number]))
        theirs = times(lambda number, asked=asked: peer.answer(*_plainly(asked[number])), _rounds(count))
        yield f"{kind}, with all facets", _told(ours), f"FTS5: {_told(theirs)}"
    peer.db.close()
    yield from _alone(registry, questions, count)
    search.close()
    yield from _pages(registry, questions)
    yield from _visible(registry, count)


def _rounds(count: int) -> int:
    return min(ROUNDS, max(5, 200_000 // count))


def _size(path: Path) -> float:
    return path.stat().st_size / 1e6


def _told(found: tuple[float, float]) -> str:
    return f"{found[0]:,.1f} / {found[1]:,.1f} ms"


def _peer(registry: Registry, path: Path) -> tuple[Peer, float]:
    """The same documents in SQLite, and how many seconds it took to put them there, analysis and all."""
    rows = registry.select("records/list", kind=registry.formats["project"].target)
    found = [record for row in rows if isinstance(record := row["record"], NamedNode)]
    documents = Documents(registry, DAY).of(found)
    started = time.perf_counter()
    return Peer(path, documents), time.perf_counter() - started


def _plainly(asked: Asked) -> tuple[str, dict[str, str]]:
    """A question as the peer takes it: a token, a value for each facet."""
    found = tokens(asked.text, next((lang for lang in LANGUAGES if asked.text in Questions.known[lang]), ""))
    return (f'"{found[0]}"' if found else "", {key: value.value for key, (value, *_) in asked.chosen.items()})


def _alone(registry: Registry, questions: Questions, count: int) -> Iterator[tuple[str, str, str]]:
    """The records that fit, by the query that the page offers as the same in SPARQL; no facets."""
    search = Search(registry, registry.settings.data / "index")
    for kind, (text, chosen) in KINDS.items():
        if text and count > WORDY:
            yield f"{kind}, records only, SPARQL alone", "not asked: minutes", ""
            continue
        rounds = max(3, min(ROUNDS, 2_000 // count if text else 20_000 // count))
        asked = [search.query(questions.asked(text, chosen)) for _ in range(rounds)]
        found = times(lambda number, asked=asked: list(registry.graphs.select(asked[number])), rounds)
        yield f"{kind}, records only, SPARQL alone", _told(found), ""
    search.close()


def _pages(registry: Registry, questions: Questions) -> Iterator[tuple[str, str, str]]:
    """The page of a search, each asked for the first time."""
    app = create_app(registry, registry.settings, today=lambda: DAY)
    app.state.site.search.prepare(DAY)
    app.state.site.search.settle()
    lighten()
    with TestClient(app, base_url=registry.settings.base.rstrip("/"), headers={"accept": "text/html"}) as client:
        for kind, (text, chosen) in KINDS.items():
            asked = [questions.asked(text, chosen) for _ in range(ROUNDS)]

            def page(number: int, asked: Sequence[Asked] = asked) -> None:
                one = asked[number]
                query = {key: written(registry, key, value) for key, (value, *_) in one.chosen.items()}
                answer = client.get("/search", params={"q": one.text, "lang": one.lang, "page": 1, **query})
                assert answer.status_code == 200, answer.text

            yield f"{kind}, the page", _told(times(page, ROUNDS if text or chosen else 6)), ""


def _visible(registry: Registry, count: int) -> Iterator[tuple[str, str, str]]:
    """From the end of a publication to the first answer that shows it."""
    search = Search(registry, registry.settings.data / "index")
    search.prepare(DAY)
    search.settle()
    publisher = Publisher(registry, f"seen-{count}", UPDATES + 1)

    def seen() -> float:
        record = publisher.publish()
        return once(lambda: _found(search, record))

    seen()
    found = [seen() for _ in range(UPDATES)]
    yield "published, seen in the search", _told((statistics.median(found), max(found))), "p50 / longest"
    search.close()


def _found(search: Search, record: NamedNode) -> None:
    answer = search.answer(Asked(text=path_name(record), day=DAY))
    assert answer.records == (record,), (record, answer)


def main(sizes: Sequence[int]) -> None:
    """Measure and print."""
    print("| records | what, p50 / p95 | registry | beside it |\n| --- | --- | --- | --- |")
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            registry = open_registry(Settings(data=place / "var", house=ROOT))
            load(registry, [ROOT / "samples" / "period-2004"], Terms(datetime.now(UTC)), lambda *_: None)
            for what, ours, beside in measured(registry, size, place):
                print(f"| {size:,} | {what} | {ours} | {beside} |", flush=True)
            registry.close()


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or SIZES)
