"""The facets of a search as its page draws them: boxes to tick with names and counts, chips that take a choice away.

All is asked by links and one form: nothing needs a script.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup

from registry.concepts import Concepts
from registry.formats import Field
from registry.language import Texts, in_order
from registry.registry import Registry
from registry.search import SORTS, SOURCE, STATE, TYPE, Asked, Facet, Option
from registry.shape import path_name
from registry.terms import NamedNode
from web.facetted import written
from web.places import countries
from web.render import Page
from web.words import Text
from web.words import marked as _

SHOWN = 8
TITLES = {TYPE: _("Record type"), SOURCE: _("Who stands behind it"), STATE: _("State")}


@dataclass(frozen=True)
class Box:
    """One value of a facet, to be ticked; `note` names its vocabulary where names alone mislead."""

    name: str
    value: str
    label: Text
    note: Text | None
    count: int
    chosen: bool
    depth: int


@dataclass(frozen=True)
class Filter:
    """The values of one facet under one name; `first` are shown, the `rest` is unfolded."""

    title: Text
    boxes: tuple[Box, ...]

    @property
    def first(self) -> tuple[Box, ...]:
        """The values that are shown at once."""
        return self.boxes[:SHOWN]

    @property
    def rest(self) -> tuple[Box, ...]:
        """The values that are unfolded."""
        return self.boxes[SHOWN:]

    @property
    def chosen(self) -> bool:
        """Whether one of the values is ticked."""
        return any(box.chosen for box in self.boxes)


def groups(page: Page, facets: Sequence[Facet], types: Sequence[NamedNode]) -> list[Filter]:
    """The facets as the page draws them, those without a value left out; `types`: those of the records, if not all."""
    fields: dict[str, list[Field]] = {}
    for format in page.registry.formats.values():
        for field in format.fields if not types or format.target in types else ():
            if field.facet:
                fields.setdefault(field.key, []).append(field)
    found = []
    for facet in facets:
        for title, options in _named(page, facet, fields.get(facet.key, [])):
            if options:
                found.append(Filter(title, tuple(_boxes(page, facet.key, options))))
    return found


def _named(page: Page, facet: Facet, fields: Sequence[Field]) -> Iterator[tuple[Text, list[Option]]]:
    """A facet under the name its `fields` have. Where each has a vocabulary of its own, each has its own name."""
    options = list(facet.options)
    if facet.field is None:
        yield Text(page.say_in_words(TITLES[facet.key]), page.lang), options
        return
    if len(fields) > 1 and not any(count > 1 for count in Counter(s for f in fields for s in f.schemes).values()):
        for field in fields:
            yield page.text(field.names), [one for one in options if _scheme(page, one.value) in field.schemes]
    else:
        yield page.text(_commonest(fields) or facet.field.names), options


def _scheme(page: Page, value: NamedNode) -> NamedNode | None:
    found = page.registry.concepts.get(value)
    return found.scheme if found else None


def _commonest(fields: Sequence[Field]) -> Texts:
    """The names that most of the formats give to a field they share."""
    ranked = Counter(tuple(sorted(field.names.items())) for field in fields).most_common(1)
    return dict(ranked[0][0]) if ranked else {}


def _boxes(page: Page, key: str, options: Sequence[Option]) -> Iterator[Box]:
    labels = {one.value: label(page, key, one.value) for one in options}
    names = Counter(found.text for found in labels.values())
    for one in options:
        text = labels[one.value]
        note = page.vocabulary(one.value) if names[text.text] > 1 else None
        yield Box(key, written(page.registry, key, one.value), text, note, one.count, one.chosen, min(one.depth, 3))


def label(page: Page, key: str, value: NamedNode) -> Text:
    """What a value of a facet is called."""
    format = page.registry.formats.by_class(value) if key == TYPE else None
    return page.text(format.register_names) if format else page.label(value)


def places(page: Page, chosen: NamedNode | None) -> Markup:
    """The countries to choose from, by name, as the options of a list."""
    options = str(_options(page.registry, page.registry.concepts, page.lang))
    code = f'value="{path_name(chosen)}"' if chosen else ""
    return Markup(options.replace(code, f"{code} selected", 1) if code else options)


@lru_cache(32)
def _options(registry: Registry, known: Concepts, lang: str) -> Markup:
    """Hundreds of options, which are the same on every page until other concepts are `known`."""
    found = ((concept.label(lang), concept.notation) for concept in countries(registry))
    named = sorted(found, key=lambda pair: in_order(pair[0]))
    return Markup("").join(Markup('<option value="{}">{}</option>\n').format(code, name) for name, code in named)


@dataclass(frozen=True)
class Chip:
    """One thing that was chosen, and the address of the same search without it."""

    label: Text
    href: str


def chips(page: Page, asked: Asked) -> list[Chip]:
    """Everything that narrows the search, but for its words."""
    found = []
    for key, values in asked.chosen.items():
        for value in values:
            kept = [one for one in values if one != value]
            said = {key: [written(page.registry, key, one) for one in kept]}
            found.append(Chip(label(page, key, value), page.again(**said)))
    for concept in asked.concepts:
        others = [one.value for one in asked.concepts if one != concept]
        found.append(Chip(page.label(concept), page.again(concept=others)))
    if asked.country:
        found.append(Chip(page.label(asked.country), page.again(concerns=None)))
    archived = _("Archived records too") if asked.archived == "yes" else _("Archived records only")
    told = (
        ("since", _("From {year}"), asked.since),
        ("until", _("Up to {year}"), asked.until),
        ("archived", archived, asked.archived),
    )
    for name, sentence, given in told:
        if given:
            said_so = Text(page.say_in_words(sentence, year=given), page.lang)
            found.append(Chip(said_so, page.again(**{name: None})))
    return found


def kept(page: Page, asked: Asked, drawn: Sequence[Filter]) -> list[tuple[str, str]]:
    """What the form must bring back although no box of it shows it."""
    shown = {(box.name, box.value) for group in drawn for box in group.boxes}
    values = [(key, written(page.registry, key, one)) for key, chosen in asked.chosen.items() for one in chosen]
    concepts = [("concept", one.value) for one in asked.concepts]
    return [*(pair for pair in values if pair not in shown), *concepts]


def sorts(page: Page, asked: Asked) -> list[tuple[str, str, bool]]:
    """The orders to choose from: value, name, whether it is the one; the first is that of a search without any."""
    names = {
        "relevance": _("Best match"),
        "newest": _("Newest first"),
        "deadline": _("Closing soonest"),
        "title": _("Title"),
    }
    usual = "relevance" if asked.text else "newest"
    order = [usual, *(name for name in SORTS if name != usual and (asked.text or name != "relevance"))]
    return [("" if one == usual else one, page.say_in_words(names[one]), one == (asked.sort or usual)) for one in order]
