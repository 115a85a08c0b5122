"""What is asked of the registry > the records that fit, how many have each value of each facet, in the order asked for.

The index answers; `sparql/search/` says what is meant, and answers alone where there is no index: in a world of the
past, or while the index is built. Source: 2005 report, paragraph 7: customised searching in all six languages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path

from registry.analysis import spans
from registry.clauses import RECORD, Clause, Conditions, Sought, Word
from registry.documents import SOURCE, STATE, STATUS, TYPE, facet_fields, stated, states
from registry.errors import BadParameter, Busy, NotFound
from registry.facets import Facet, Facets, Option
from registry.follower import Follower
from registry.index import Index
from registry.indexed import Indexed
from registry.lexicon import Lexicon
from registry.queries import Value
from registry.registry import Entry, Registry
from registry.terms import FOAF, NamedNode
from registry.unindexed import Unindexed
from registry.wanted import Wanted, read

__all__ = ["SORTS", "SOURCE", "STATE", "TYPE", "Answer", "Asked", "Facet", "Option", "Search"]

SORTS = ("relevance", "newest", "deadline", "title")
ANYTHING: tuple[str | None, str] = (None, "")
NOTHING = ("", " \x01 ")
CORRECTED = 6  # words of a question for which one that is spelt alike is looked for
PAST = 10_000  # events behind which no list is held still
MANY = 20_000  # records that SPARQL alone is not asked to search
COMMON = 0.4  # a word that more of the records have than this tells little: it is not demanded beside others


@dataclass(frozen=True)
class Asked:
    """What a reader asks for.

    `chosen`: for a facet (TYPE, SOURCE, STATE, or the key of a field) its values: one of them within a facet, all
    facets together. `concepts`: each must be used, itself or by a narrower one, in whatever field. `country`: it must
    be concerned, by itself or through a region or group. `archived`: hidden unless "yes", or "only" they. `since` and
    `until`: years, of which the record's own must meet one. `sort` is one of SORTS; when empty by relevance where there
    is a text, else the newest first. States are those of `day`. `upto`: the event of the ledger with which a reader
    began to turn pages: what was first published behind it is left out, so that no page moves on meanwhile.
    """

    text: str = ""
    chosen: Mapping[str, tuple[NamedNode, ...]] = field(default_factory=dict)
    concepts: tuple[NamedNode, ...] = ()
    country: NamedNode | None = None
    archived: str = ""
    since: int | None = None
    until: int | None = None
    sort: str = ""
    page: int = 1
    size: int = 20
    lang: str = "en"
    day: date = date.max
    upto: int | None = None


@dataclass(frozen=True)
class Answer:
    """What fits: how many, the records of the page asked for, the facets.

    `hidden`: how many more would fit that are archived. `corrected`: what was meant, perhaps, where nothing fits.
    `terms`: by language (empty for texts without one) the tokens looked for. `indexed` is false while the index is
    being built and SPARQL answers alone.
    """

    total: int
    pages: int
    hidden: int
    records: tuple[NamedNode, ...]
    facets: tuple[Facet, ...]
    corrected: str = ""
    terms: Mapping[str, frozenset[str]] = field(default_factory=dict)
    indexed: bool = True


class Search:
    """The search of one registry; `folder` is where its index is kept, None for one that SPARQL answers alone."""

    def __init__(self, registry: Registry, folder: Path | None) -> None:
        self.registry, self._conditions = registry, Conditions(registry)
        fields = facet_fields(registry)
        self._facets = Facets(registry, fields)
        keys = (TYPE, SOURCE, STATE, STATUS, *fields)
        self._follower = Follower(registry, folder, keys) if folder else None
        self._kept: tuple[object, Indexed | Unindexed] | None = None

    def answer(self, asked: Asked) -> Answer:
        """The records that fit; raises NotFound behind the last page, BadParameter for what cannot be asked."""
        finder = self._finder(asked.day)
        wanted = read(asked.text)
        sought = self._sought(asked, wanted, finder)
        total = finder.count(sought)
        pages = max(1, -(-total // asked.size))
        if asked.page > pages:
            raise NotFound("The last page is {last}.", where="page", last=pages)
        first = (asked.page - 1) * asked.size
        hidden = 0 if asked.archived else finder.count(self._sought(replace(asked, archived="only"), wanted, finder))
        return Answer(
            total=total,
            pages=pages,
            hidden=hidden,
            records=self._page(finder, asked, sought, first, asked.size) if total else (),
            facets=self._facets.of(finder, sought, asked.chosen),
            corrected=_corrected(finder, wanted, asked.lang) if not total else "",
            terms=_terms(sought),
            indexed=isinstance(finder, Indexed) or self._follower is None,
        )

    def all(self, asked: Asked, most: int | None = None) -> tuple[NamedNode, ...]:
        """Every record that fits, in the order asked for, or the first of them."""
        finder = self._finder(asked.day)
        sought = self._sought(asked, read(asked.text), finder)
        total = finder.count(sought)
        return self._page(finder, asked, sought, 0, min(total, most or total)) if total else ()

    def entries(self, records: Iterable[NamedNode], day: date) -> list[tuple[Entry, NamedNode | None]]:
        """Records as lists show them, with their states: in brief out of the index; those that went are left out."""
        finder = self._finder(day)
        if not isinstance(finder, Indexed):
            return stated(self.registry, day, records)
        briefs = finder.briefs(records)
        shown = self.registry.entries({record: graph for record, (graph, _) in briefs.items()}, {})
        return [(entry, briefs[entry.iri][1]) for entry in shown]

    def count(self, asked: Asked) -> int:
        """How many records fit."""
        finder = self._finder(asked.day)
        return finder.count(self._sought(asked, read(asked.text), finder))

    def counts(self, asked: Asked, key: str) -> dict[NamedNode, int]:
        """How many of the records that fit have each value of a facet."""
        finder = self._finder(asked.day)
        counted = finder.counts(self._sought(asked, read(asked.text), finder), [key])[key]
        return {NamedNode(value): count for value, count in counted.items()}

    def suggest(self, typed: str, lang: str, day: date, limit: int = 8) -> tuple[str, ...]:
        """What the last word that somebody is typing may become; a minus or a quotation mark before it stays."""
        before, _, last = typed[:200].rpartition(" ")
        words = self._finder(day).lexicon.beginning(last, lang, limit) if last else []
        sign = last[: next((place for place, one in enumerate(last) if one.isalnum()), 0)]
        return tuple(f"{before} {sign}{word}".strip() for word in words)

    def query(self, asked: Asked) -> str:
        """The SPARQL query that finds the same records."""
        finder = self._finder(asked.day)
        wanted = read(asked.text)
        sought = self._sought(asked, wanted, finder)
        rows = self._conditions.rows(sought.clauses, asked.since, asked.until)
        rows = self._with_states(rows, sought, asked.day)
        kept = self._demanded(wanted, finder)
        if not kept:
            return self.registry.queries["search/records"].with_rows(rows)
        held, out = ([one for one in kept if one.excluded is excluded] for excluded in (False, True))
        told: list[tuple[int, tuple[str | None, str]]] = []
        for number, word in (*enumerate(held, 1), *((0, word) for word in out)):
            told += [(number, one) for one in finder.lexicon.said(word) or [NOTHING]]
        told += [] if held else [(1, ANYTHING)]
        words: list[dict[str, Value]] = [
            {"words": max(1, len(held)), "word": number, "form": form, "tongue": tongue}
            for number, (tongue, form) in told
        ]
        return self.registry.queries["search/texts"].with_rows(rows, words)

    def _with_states(self, rows: list[dict[str, Value]], sought: Sought, day: date) -> list[dict[str, Value]]:
        """States follow from a day: the records that are in them on it are named one by one."""
        asked = [clause for clause in sought.clauses if clause.key == STATE]
        if not asked:
            return rows
        found = states(self.registry, day)
        here = [record for record, state in found.items() if all(state in clause.values for clause in asked)]
        count = int(str(rows[0]["clauses"])) + 1
        named: list[dict[str, Value]] = [
            {"clause": count, "path": FOAF.primaryTopic, "value": record, "exactly": True}
            for record in here or [self.registry.own.iri("")]
        ]
        return [{**row, "clauses": count} for row in (*rows, *named)]

    def progress(self) -> tuple[int, int] | None:
        """How many of how many records the index holds while it is being built; None when it stands."""
        return self._follower.progress if self._follower else None

    def build(self, day: date) -> None:
        """Make the index anew, here and now."""
        if self._follower:
            self._follower.build(day)

    def prepare(self, day: date) -> None:
        """Bring the index to where the ledger is, before anybody asks; a long way goes on in a thread of its own."""
        if self._follower:
            self._follower.followed(day)

    def settle(self) -> None:
        """Wait until the index stands."""
        if self._follower:
            self._follower.settle()

    def close(self) -> None:
        """Let go of the index."""
        if self._follower:
            self._follower.close()

    def _finder(self, day: date) -> Indexed | Unindexed:
        """Who answers: the index, or SPARQL; kept as long as neither ledger nor day moves.

        Raises Busy while the index of many records is built, which SPARQL alone would search for minutes.
        """
        index = self._follower.followed(day) if self._follower else None
        done, of = (self.progress() or (0, 0)) if index is None else (0, 0)
        if of > MANY:
            raise Busy(
                "The search is being prepared: {done} of {count} records.",
                remedy="Try again in a minute.",
                done=done,
                count=of,
            )
        key = (self.registry.sequence, day, index is None)
        kept = self._kept
        if kept is None or kept[0] != key:
            found = Indexed(index, Lexicon(partial(self._forms, index))) if index else Unindexed(self.registry, day)
            self._kept = kept = (key, found)
        return kept[1]

    def _forms(self, index: Index, lang: str) -> list[str]:
        """Every word of a language that a record can be found by: of its texts, of the labels of its concepts."""
        concepts = (self.registry.concepts.get(NamedNode(iri)) for iri in index.labelled)
        texts = (text for one in concepts if one for text in (one.labels.get(lang, ""), *one.alts.get(lang, ())))
        return [*index.forms(lang), *{text[a:b].lower() for text in texts for _, a, b in spans(text, lang)}]

    def _sought(self, asked: Asked, wanted: Sequence[Wanted], finder: Indexed | Unindexed) -> Sought:
        clauses = self._conditions.of(asked.chosen, asked.concepts, asked.country, asked.archived)
        if later := self._later(asked.upto):
            clauses = (*clauses, Clause(RECORD, later, exactly=True, excluded=True))
        demanded = self._demanded(wanted, finder)
        words = tuple(Word(finder.lexicon.runs(one), one.excluded) for one in demanded)
        liked = tuple(Word(finder.lexicon.runs(one)) for one in wanted if one not in demanded)
        return Sought(clauses, words, asked.since, asked.until, liked)

    def _later(self, upto: int | None) -> tuple[NamedNode, ...]:
        """The records that were first published behind an event; raises BadParameter where it is long past."""
        sequence = self.registry.sequence
        if upto is None or upto >= sequence:
            return ()
        if sequence - upto > PAST:
            message, remedy = "The list has changed much since page 1.", "Begin again with page 1, without {name}."
            raise BadParameter(message, remedy=remedy, where="upto", name="upto")
        return tuple(map(NamedNode, self.registry.ledger.begun(upto, sequence)))

    def _demanded(self, wanted: Sequence[Wanted], finder: Indexed | Unindexed) -> tuple[Wanted, ...]:
        """The words that records must hold: of several not those that most records hold."""
        plain = [one for one in wanted if not (one.phrase or one.prefix or one.excluded)]
        if len(plain) < 2:
            return tuple(wanted)
        rare = [one for one in plain if not finder.common(Sought((), (Word(finder.lexicon.runs(one)),)), COMMON)]
        return tuple(one for one in wanted if one not in plain or one in rare or not rare)

    def _page(
        self, finder: Indexed | Unindexed, asked: Asked, sought: Sought, first: int, size: int
    ) -> tuple[NamedNode, ...]:
        sort = asked.sort or ("relevance" if sought.words else "newest")
        if sort == "relevance" and not any(not word.excluded for word in sought.words):
            sort = "newest"
        return tuple(map(NamedNode, finder.page(sought, sort, asked.lang, asked.day, first, size)))


def _terms(sought: Sought) -> dict[str, frozenset[str]]:
    """By language the tokens that are looked for."""
    found: dict[str, set[str]] = {}
    for word in (*sought.words, *sought.liked):
        if not word.excluded:
            for lang, runs in word.runs.items():
                found.setdefault(lang, set()).update(token for run in runs for token in run)
    return {lang: frozenset(tokens) for lang, tokens in found.items()}


def _corrected(finder: Indexed | Unindexed, wanted: Sequence[Wanted], lang: str) -> str:
    """What was meant, perhaps: each word that nobody has in the form that is spelt most like it; else nothing."""
    said, changed = [], False
    for number, one in enumerate(wanted):
        known = one.phrase or one.excluded or finder.count(Sought((), (Word(finder.lexicon.runs(one)),)))
        near = "" if known or number >= CORRECTED else finder.lexicon.near(one, lang)
        changed = changed or bool(near)
        said.append(near or _typed(one))
    return " ".join(said) if changed else ""


def _typed(one: Wanted) -> str:
    text = f'"{one.text}"' if one.phrase else f"{one.text}*" if one.prefix else one.text
    return f"-{text}" if one.excluded else text
