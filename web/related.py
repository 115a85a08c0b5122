"""The records related to a record: what they have in common, and the searches that find all of them.

Source: 2005 report, paragraphs 18 and 23 (a) (who is doing what and where, without doing it twice).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from registry.formats import Format
from registry.records import identifier
from registry.registry import Entry, Registry
from registry.shape import path_name
from registry.terms import NamedNode
from web.facetted import written
from web.labels import Labels
from web.render import Page
from web.rows import iri_of, text_of
from web.words import Text
from web.words import marked as _

ELEMENT = "element"


@dataclass(frozen=True)
class Related:
    """A record and what it shares: pairs of an element and a country, organisations, needs that both answer."""

    record: NamedNode
    format: Format
    pairs: tuple[tuple[NamedNode, NamedNode], ...]
    organisations: tuple[NamedNode, ...]
    needs: tuple[NamedNode, ...]

    @property
    def named(self) -> set[NamedNode]:
        """The records whose names its line needs."""
        return {self.record, *self.organisations, *self.needs}


@dataclass(frozen=True)
class Reason:
    """Why a record is related: in a sentence, and by what, each with the address where it has one."""

    sentence: str
    shared: tuple[tuple[Text, str], ...]


@dataclass(frozen=True)
class Line:
    """A related record as the page shows it."""

    format: Format
    title: Text
    href: str
    reasons: tuple[Reason, ...]


def related(registry: Registry, record: NamedNode) -> list[Related]:
    """The records with most in common with a record, by one query."""
    found = []
    for row in registry.select("records/related", record=record):
        other = iri_of(row, "other")
        named = identifier(path_name(other)) if other else None
        format = registry.formats.by_code(named[0].type_code) if named else None
        if other and format:
            shared = [one.partition("|")[::2] for one in dict.fromkeys(text_of(row, "shared").split())]
            values = {
                kind: [value for name, value in shared if name == kind] for kind in ("place", "organisation", "need")
            }
            pairs = (value.split("|") for value in values["place"])
            found.append(
                Related(
                    other,
                    format,
                    tuple((NamedNode(element), NamedNode(country)) for element, country in pairs),
                    tuple(map(NamedNode, values["organisation"])),
                    tuple(map(NamedNode, values["need"])),
                )
            )
    return found


def lines(page: Page, labels: Labels, found: Sequence[Related]) -> list[Line]:
    """The related records as the page shows them; `labels` knows what they are called."""
    return [
        Line(one.format, page.text(labels[one.record]), page.href(one.record), tuple(_reasons(page, labels, one)))
        for one in found
    ]


def _reasons(page: Page, labels: Labels, one: Related) -> Iterator[Reason]:
    if one.pairs:
        concepts = [*dict.fromkeys(e for e, _country in one.pairs), *dict.fromkeys(c for _element, c in one.pairs)]
        yield Reason(_("Same element and country"), tuple((page.label(iri), "") for iri in concepts))
    records = ((_("Answers the same need"), one.needs), (_("Same organization"), one.organisations))
    for sentence, shared in records:
        if shared:
            yield Reason(sentence, tuple((page.text(labels[iri]), page.href(iri)) for iri in shared))


def searches(page: Page, entry: Entry, found: Sequence[Related]) -> list[tuple[Text, str]]:
    """For each country that was shared the search that finds all current records with an element of this record."""
    values = {triple.object for triple in entry.graph if triple.predicate == page.registry.own.cap[ELEMENT]}
    elements = sorted(written(page.registry, ELEMENT, iri) for iri in values if isinstance(iri, NamedNode))
    countries = dict.fromkeys(country for one in found for _element, country in one.pairs)
    return [
        (page.label(iri), page.href("search", **{ELEMENT: elements, "concerns": path_name(iri)})) for iri in countries
    ]
