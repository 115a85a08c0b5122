"""What a country says it needs, element by element, the most urgent first.

Source: 2005 report, paragraphs 7 and 20 (the needs and priorities that countries submit).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from registry.terms import NamedNode
from web.render import Page
from web.rows import iri_of, text_of

LAST = 10**6


@dataclass
class Wish:
    """One thing needed: its place in the record, how urgent, what, by when, how far met."""

    href: str
    priority: NamedNode | None
    timeframe: NamedNode | None
    status: NamedNode | None
    categories: list[NamedNode] = field(default_factory=list)


@dataclass
class Wishes:
    """One current record of a country's needs: the day it speaks of, and its wishes by element."""

    href: str
    day: str
    elements: list[tuple[NamedNode, list[Wish]]]


def priorities(page: Page, country: NamedNode) -> list[Wishes]:
    """The current records of a country's needs, the newest first."""
    found: dict[NamedNode, tuple[str, dict[NamedNode, dict[NamedNode, Wish]]]] = {}
    for row in page.registry.select("geography/needs", country=country):
        record, item, element = iri_of(row, "record"), iri_of(row, "item"), iri_of(row, "element")
        if not (record and item and element):
            continue
        _, elements = found.setdefault(record, (text_of(row, "day"), {}))
        wishes = elements.setdefault(element, {})
        if item not in wishes:
            priority, timeframe, status = (iri_of(row, name) for name in ("priority", "timeframe", "status"))
            wishes[item] = Wish(page.href(item), priority, timeframe, status)
        category = iri_of(row, "category")
        if category and category not in wishes[item].categories:
            wishes[item].categories.append(category)
    return [Wishes(page.href(record), day, _in_order(page, elements)) for record, (day, elements) in found.items()]


def _in_order(page: Page, elements: dict[NamedNode, dict[NamedNode, Wish]]) -> list[tuple[NamedNode, list[Wish]]]:
    """Elements in the order of their vocabulary, the wishes of each by priority."""
    return [
        (element, sorted(elements[element].values(), key=lambda wish: _rank(page, wish.priority)))
        for element in sorted(elements, key=lambda iri: (_rank(page, iri), iri.value))
    ]


def _rank(page: Page, iri: NamedNode | None) -> int:
    concept = page.concept(iri)
    return concept.position if concept else LAST
