"""What can be chosen in a field: the concepts of its schemes as trees, and what was chosen that is none of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from registry.concepts import Concept
from registry.formats import Field
from registry.language import in_order
from registry.terms import NamedNode, Term
from web.render import Page
from web.typed import Typist
from web.words import Text
from web.words import marked as _

RADIOS = 7
BOXES = 15


@dataclass(frozen=True)
class Option:
    """One answer: what is posted, what is said; `ids` only the first of a field has."""

    value: str
    label: Text
    checked: bool = False
    id: str = ""
    within: tuple[Option, ...] = ()

    @property
    def count(self) -> int:
        """How many answers it and what lies within it are."""
        return 1 + sum(option.count for option in self.within)

    @property
    def flat(self) -> list[tuple[int, Option]]:
        """It and what lies within it, each with its depth."""
        return [(0, self), *((depth + 1, one) for option in self.within for depth, one in option.flat)]


@dataclass(frozen=True)
class Answers:
    """The answers of one scheme, under its name where there are several."""

    label: Text | None
    options: tuple[Option, ...]


def concepts(page: Page, typist: Typist, field: Field, chosen: Sequence[Term], name: str) -> list[Answers]:
    """The concepts that a field may hold, scheme by scheme; first what was chosen that is none of them."""
    registry = page.registry
    schemes = [scheme for iri in field.schemes if (scheme := registry.concepts.scheme(iri))]
    groups = []
    offered: set[Term] = set()
    for scheme in schemes:
        found = [one for iri in scheme.concepts if (one := registry.concepts.get(iri))]
        found = [one for one in found if not one.deprecated or one.iri in chosen]
        offered |= {one.iri for one in found}
        options = _trees(page, typist, field, _ordered(page, found), chosen)
        groups.append(Answers(page.text(scheme.labels) if len(schemes) > 1 else None, options))
    others = [term for term in chosen if term not in offered]
    if others:
        options = tuple(Option(typist.text(field, term), _label(page, typist, field, term), True) for term in others)
        groups.insert(0, Answers(Text(page.say_in_words(_("Not in the vocabulary")), page.lang), options))
    return _numbered(groups, name)


def truths(page: Page, typist: Typist, field: Field, chosen: Sequence[Term], name: str) -> list[Answers]:
    """Yes and no; and what was stated that is neither."""
    said = [typist.text(field, term) for term in chosen]
    words = {"true": page.say_in_words(_("Yes")), "false": page.say_in_words(_("No"))}
    options = [Option(value, Text(word, page.lang), value in said) for value, word in words.items()]
    options += [Option(value, Text(value, "und"), True) for value in said if value not in words]
    return _numbered([Answers(None, tuple(options))], name)


def count(groups: Iterable[Answers]) -> int:
    """How many answers there are."""
    return sum(option.count for group in groups for option in group.options)


def _ordered(page: Page, found: Sequence[Concept]) -> Sequence[Concept]:
    """The order of the scheme where it has one; a long plain list by its names."""
    if len(found) <= BOXES or any(one.position for one in found):
        return found
    return sorted(found, key=lambda one: in_order(one.label(page.lang)))


def _trees(
    page: Page, typist: Typist, field: Field, found: Sequence[Concept], chosen: Collection[Term]
) -> tuple[Option, ...]:
    known = {one.iri for one in found}
    below: dict[NamedNode | None, list[Concept]] = {}
    for one in found:
        below.setdefault(next((iri for iri in one.broader if iri in known), None), []).append(one)
    drawn: set[NamedNode] = set()

    def option(one: Concept) -> Option:
        drawn.add(one.iri)
        within = tuple(option(inner) for inner in below.get(one.iri, ()) if inner.iri not in drawn)
        return Option(typist.text(field, one.iri), page.text(one.labels), one.iri in chosen, within=within)

    trees = [option(one) for one in below.get(None, ())]
    trees += [option(one) for one in found if one.iri not in drawn]  # a ring has no top
    return tuple(trees)


def _label(page: Page, typist: Typist, field: Field, term: Term) -> Text:
    concept = page.concept(term)
    return page.text(concept.labels) if concept else Text(typist.text(field, term), "und")


def _numbered(groups: list[Answers], name: str) -> list[Answers]:
    """The groups with the name as the id of their first answer, to which findings lead."""
    for number, group in enumerate(groups):
        if group.options:
            first = replace(group.options[0], id=name)
            groups[number] = replace(group, options=(first, *group.options[1:]))
            break
    return groups
