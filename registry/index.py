"""The search index: documents by token, facet, day and title, in a folder that can be thrown away.

It is a view of the ledger: the sequence number it shows moves in the commit of the change itself, in a document of its
own, for the index keeps nothing else beside documents. Tokens are made by registry.analysis, the same for asking.
Source: https://github.com/quickwit-oss/tantivy-py.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import tantivy

from registry.analysis import TONGUES, spans
from registry.documents import LABEL, TEXT, TITLE, Findable
from registry.language import LANGUAGES

WEIGHTS = {TITLE: 6.0, LABEL: 2.0, TEXT: 1.0}
REST = 0.5  # seconds that a writer is kept for another change
PATIENCE = 5.0  # seconds that a change waits for another writer
MADE = 3  # grows when documents are written in another way, so that an older index is made anew
GAP = "\x01"  # between two texts, so that no phrase reaches from one into the next
MEMORY = 50_000_000
FEW = 100  # values up to which term by term is faster than a set, which is made into an automaton for each question
Query = tantivy.Query


@dataclass(frozen=True)
class Shown:
    """What an index shows: the ledger up to a sequence number, states as they are on a day."""

    sequence: int
    day: date


class Index:
    """An index in a folder. One process writes it; `facets` are the keys that it counts."""

    def __init__(self, folder: Path, facets: Sequence[str]) -> None:
        self.facets = tuple(facets)
        self._schema = _schema(self.facets)
        self._index = _opened(folder, self._schema, sha256(repr((MADE, self.facets, WEIGHTS)).encode()).hexdigest())
        self._searcher = self._index.searcher()
        self._writer: tantivy.IndexWriter | None = None
        self._turn, self._writes = threading.Lock(), 0

    def close(self) -> None:
        """Let another write; segments that are being joined stay apart until somebody does."""
        with self._turn:
            self._writer = None

    @property
    def shown(self) -> Shown | None:
        """What the index shows, whoever wrote it; None of one that was never filled."""
        self._index.reload()
        self._searcher = self._index.searcher()
        found = self._searcher.search(self.term("kind", "position"), 1).hits
        if not found:
            return None
        seq, day = self._searcher.doc(found[0][1])["id"][0].split(" ")
        return Shown(int(seq), date.fromisoformat(day))

    def write(
        self, findables: Iterable[Findable], shown: Shown, *, gone: Iterable[str] = (), anew: bool = False
    ) -> Iterator[int]:
        """Put records in place of themselves, take others out; `anew`: out with everything before.

        Counts as it goes; at its end all is durable and seen at once, together with what the index shows from then on.
        Segments are joined behind the readers, by a writer that is kept for a moment, so that the next change need not
        wait for them. Raises ValueError while another writes for long.
        """
        with self._turn:
            self._writes += 1
            writer = self._writer = self._writer or self._sole()
            try:
                if anew:
                    writer.delete_all_documents()
                for iri in gone:
                    writer.delete_documents_by_term("id", iri)
                for count, findable in enumerate(findables, 1):
                    if not anew:
                        writer.delete_documents_by_term("id", findable.record.value)
                    writer.add_document(_written(findable))
                    yield count
                writer.delete_documents_by_term("kind", "position")
                position = tantivy.Document()
                position.add_text("kind", "position")
                position.add_text("id", f"{shown.sequence} {shown.day.isoformat()}")
                writer.add_document(position)
                writer.commit()
            except BaseException:
                writer.rollback()
                raise
            finally:
                rest = threading.Timer(REST, self._rest, [self._writes])
                rest.daemon = True
                rest.start()

    def _sole(self) -> tantivy.IndexWriter:
        """The one writer of the folder, as soon as another has let go of it."""
        until = monotonic() + PATIENCE
        while True:
            try:
                return self._index.writer(MEMORY, 1)
            except ValueError:
                if monotonic() > until:
                    raise
                sleep(REST / 10)

    def _rest(self, writes: int) -> None:
        """Behind a change that none followed: see the segments joined, and let another write."""
        with self._turn:
            if self._writer and writes == self._writes:
                self._writer.wait_merging_threads()
                self._writer = None

    def term(self, name: str, value: str) -> Query:
        """Documents with a value."""
        return Query.term_query(self._schema, name, value)

    def any(self, name: str, values: Sequence[str]) -> Query:
        """Documents with one of some values."""
        if len(values) > FEW:
            return Query.term_set_query(self._schema, name, list(values))
        found = [self.term(name, value) for value in values]
        return found[0] if len(found) == 1 else Query.boolean_query([(tantivy.Occur.Should, one) for one in found])

    def between(self, name: str, least: int | None, most: int | None) -> Query:
        """Documents of which a number lies between two, both counted in."""
        kind = tantivy.FieldType.Integer
        return Query.range_query(self._schema, name, kind, lower_bound=least, upper_bound=most)

    def years(self, since: int | None, until: int | None) -> list[Query]:
        """Documents of which a year lies between two."""
        found = [self.between("last", since, None)] if since is not None else []
        return [*found, self.between("first", None, until)] if until is not None else found

    def word(self, tongues: Mapping[str, Sequence[Sequence[str]]]) -> Query:
        """Documents whose texts hold, in one of the languages, one of the runs of tokens; titles count most."""
        found: list[tuple[Any, Query]] = []
        for lang, runs in tongues.items():
            for kind, weight in WEIGHTS.items():
                name = _text_field(kind, lang)
                for run in runs:
                    one = (
                        Query.term_query(self._schema, name, run[0])
                        if len(run) == 1
                        else Query.phrase_query(self._schema, name, list(run))
                    )
                    found.append((tantivy.Occur.Should, Query.boost_query(one, weight)))
        return Query.boolean_query(found) if found else Query.empty_query()

    def count(self, query: Query) -> int:
        """How many documents fit."""
        return int(self._searcher.search(query, 1).count or 0)  # type: ignore[attr-defined]

    def find(self, query: Query, sort: str, limit: int, offset: int = 0) -> list[str]:
        """The records that fit, in an order: `relevance`, or the name of a field and whether it grows."""
        if sort == "relevance":
            found = self._searcher.search(query, limit, False, offset=offset)
        else:
            order = tantivy.Order.Desc if sort == "newest" else tantivy.Order.Asc
            found = self._searcher.search(query, limit, False, order_by_field=sort, offset=offset, order=order)
        return [self._searcher.doc(address)["id"][0] for _, address in found.hits]

    def briefs(self, records: Sequence[str]) -> dict[str, bytes]:
        """What lists show of records, in their order; of one that is not there nothing."""
        hits = self._searcher.search(self.any("id", records), len(records), False).hits if records else []
        found = {doc["id"][0]: bytes(doc["brief"][0]) for doc in (self._searcher.doc(at) for _, at in hits)}
        return {record: found[record] for record in records if record in found}

    def counts(self, query: Query, keys: Sequence[str]) -> dict[str, dict[str, int]]:
        """For each facet how many fitting documents have each value; exact."""
        if not keys:
            return {}
        size = 65_000
        asked = {key: {"terms": {"field": f"f_{key}", "size": size, "segment_size": size}} for key in keys}
        answer = self._searcher.aggregate(query, asked)
        return {key: {str(b["key"]): int(b["doc_count"]) for b in answer[key]["buckets"]} for key in keys}

    def forms(self, lang: str) -> list[str]:
        """Every word of a language as it stands in titles and texts, small letters."""
        return [word for word, _ in self._searcher.terms_with_prefix(f"w_{lang or 'und'}", "")]

    @property
    def labelled(self) -> list[str]:
        """The concepts whose labels are among the texts."""
        return [iri for iri, _ in self._searcher.terms_with_prefix("labelled", "")]

    @property
    def size(self) -> int:
        """How many records it holds."""
        return self.count(self.term("kind", "record"))


def both(queries: Iterable[Query], without: Iterable[Query] = (), liked: Iterable[Query] = ()) -> Query:
    """Documents that fit every query, and none of the others; those that fit what is `liked` too weigh more."""
    parts = [(tantivy.Occur.Must, query) for query in queries]
    parts += [(tantivy.Occur.MustNot, query) for query in without]
    return Query.boolean_query([*parts, *((tantivy.Occur.Should, query) for query in liked)])


def unscored(query: Query) -> Query:
    """A query that chooses and does not weigh."""
    return Query.const_score_query(query, 0.0)


def _text_field(kind: str, lang: str) -> str:
    return f"{kind}_{lang or 'und'}"


def _schema(facets: Sequence[str]) -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_bytes_field("brief", stored=True)
    for name in ("kind", "named", "uses", "labelled"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for key in facets:
        builder.add_text_field(f"f_{key}", fast=True, tokenizer_name="raw", index_option="basic")
    for lang in TONGUES:
        for kind in WEIGHTS:
            builder.add_text_field(_text_field(kind, lang), tokenizer_name="whitespace", index_option="position")
        builder.add_text_field(f"w_{lang or 'und'}", tokenizer_name="raw", index_option="basic")
    for lang in LANGUAGES:
        builder.add_text_field(f"title_in_{lang}", fast=True, tokenizer_name="raw", index_option="basic")
    for name in ("newest", "deadline", "first", "last"):
        builder.add_integer_field(name, indexed=True, fast=True)
    return builder.build()


def _opened(folder: Path, schema: tantivy.Schema, made_as: str) -> tantivy.Index:
    """The index of a folder, empty where there is none, where it is damaged or was made in another way."""
    label = folder / "made-as"
    if label.exists() and label.read_text(encoding="utf-8") == made_as:
        try:
            index = tantivy.Index(schema, path=str(folder))
            index.searcher().search(Query.all_query(), 1)
            return index
        except (ValueError, OSError):
            pass
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    index = tantivy.Index(schema, path=str(folder))
    label.write_text(made_as, encoding="utf-8")
    return index


def _written(document: Findable) -> tantivy.Document:
    made = tantivy.Document()
    made.add_text("kind", "record")
    made.add_text("id", document.record.value)
    made.add_bytes("brief", document.brief)
    for name, values in (("named", document.named), ("uses", document.uses), ("labelled", document.labelled)):
        for value in values:
            made.add_text(name, value)
    for key, found in document.facets.items():
        for value in found:
            made.add_text(f"f_{key}", value)
    words: dict[str, set[str]] = {}
    for (kind, lang), texts in document.texts.items():
        tongue = lang if lang in TONGUES else ""
        read = [(_label if kind == LABEL else _read)(text, tongue) for text in texts]
        made.add_text(_text_field(kind, tongue), f" {GAP} ".join(said for said, _ in read))
        if kind != LABEL:
            words.setdefault(tongue, set()).update(*(forms for _, forms in read))
    for lang, forms in words.items():
        for form in forms:
            made.add_text(f"w_{lang or 'und'}", form)
    for lang, title in document.titles.items():
        made.add_text(f"title_in_{lang}", title)
    for name in ("newest", "deadline", "first", "last"):
        number = getattr(document, name)
        if number is not None:
            made.add_integer(name, number)
    return made


def _read(text: str, lang: str) -> tuple[str, set[str]]:
    """The tokens of a text side by side, and its words as they stand there, small letters."""
    read = list(spans(text, lang))
    return " ".join(token for token, _, _ in read), {text[start:end].lower() for _, start, end in read}


_label = lru_cache(1 << 14)(_read)  # the same few thousand labels come again with every record
