"""What a search found, as a list shows it: each record in short, the words that were looked for marked.

The words are marked in the title and in a piece of the description: in the reader's language where it holds one of
them, else in another language that does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cached_property

from markupsafe import Markup, escape

from registry import analysis
from registry.documents import stated
from registry.language import LANGUAGES, Texts
from registry.registry import Entry
from registry.search import Answer, Asked, Search
from registry.shape import path_name
from registry.terms import NamedNode
from web.hits import EXCERPT, Hit, hits
from web.labels import texts_of
from web.render import Page
from web.words import Text

LONG = 10_000

Terms = Mapping[str, frozenset[str]]


class Found:
    """What is asked of the search and what it finds; each is looked up when first wanted."""

    def __init__(self, search: Search, asked: Asked, day: date) -> None:
        self.search, self.asked, self.day = search, asked, day
        self.registry = search.registry

    @cached_property
    def answer(self) -> Answer:
        """The page asked for, with its facets; raises NotFound behind the last page."""
        return self.search.answer(self.asked)

    @cached_property
    def all(self) -> tuple[NamedNode, ...]:
        """Every record that fits."""
        return self.search.all(self.asked)

    def entries(self, records: tuple[NamedNode, ...]) -> list[Entry]:
        """Records as they stand; one that went since it was found is left out."""
        return self.registry.records(map(path_name, records))

    @cached_property
    def shown(self) -> list[Entry]:
        """The records of the page asked for."""
        return self.entries(self.answer.records)

    def through(self, entry: Entry) -> list[NamedNode]:
        """The regions and groups through which alone a record concerns the country asked for; none when it names it."""
        country = self.asked.country
        if country is None:
            return []
        named = {triple.object for triple in entry.graph}
        if country in named:
            return []
        return [group for group in self.registry.concepts.ancestors(country) if group in named]

    def hits(self, page: Page) -> list[Hit]:
        """The records of the page asked for, with the words marked."""
        whole = self.asked.country is not None  # a brief does not say through what a record concerns a country
        found = self.answer.records
        entries = stated(self.registry, self.day, found) if whole else self.search.entries(found, self.day)
        shown = hits(page, entries, self.through)
        return [marked(page, hit, self.answer.terms) for hit in shown] if self.answer.terms else shown


def marked(page: Page, hit: Hit, terms: Terms) -> Hit:
    """A record in short with the words marked that were looked for."""
    entry, field = hit.entry, hit.entry.format.description
    title = _marked(hit.title, terms, LONG) or hit.title
    texts = texts_of(page.registry, entry.graph.objects(entry.iri, field.path)) if field else {}
    return replace(hit, title=title, intro=_piece(texts, page.lang, terms) or hit.intro)


def _piece(texts: Texts, lang: str, terms: Terms) -> Text | None:
    """The piece of a description that holds the words, in the first language in which one does."""
    for tag in dict.fromkeys((lang, *LANGUAGES, *texts)):
        if tag in texts and (found := _marked(Text(" ".join(texts[tag].split()), tag), terms, EXCERPT)):
            return found
    return None


def _marked(text: Text, terms: Terms, width: int) -> Text | None:
    """A text, or the piece of it that holds the words, with these marked; None where it holds none."""
    lang = text.lang if text.lang in LANGUAGES else ""
    excerpt, places = analysis.highlight(text.text, lang, terms.get(lang, frozenset()), width)
    if not places:
        return None
    said, begin = Markup(""), 0
    for start, end in places:
        said += escape(excerpt[begin:start]) + Markup("<mark>{}</mark>").format(excerpt[start:end])
        begin = end
    return Text(said + escape(excerpt[begin:]), text.lang)
