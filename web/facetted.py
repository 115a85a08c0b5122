"""The parameters of a search > what is asked of it, and back.

A facet's parameter is the key of its field, a value is written as the piece of its IRI behind `vocabulary/`, so that a
new shape or vocabulary brings its own filters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from registry.concepts import Concept
from registry.errors import BadParameter
from registry.registry import Registry
from registry.search import SORTS, SOURCE, STATE, TYPE, Asked
from registry.shape import path_name
from registry.terms import NamedNode
from web.choice import OVERRIDES
from web.words import marked as _

FIXED = ("q", TYPE, SOURCE, STATE, "concept", "concerns", "archived", "since", "until", "sort", "view", "page")
ARCHIVED = ("yes", "only")
VIEWS = ("list", "table", "map")
YEARS = range(1900, 2101)

Query = Mapping[str, Sequence[str]]


def keys(registry: Registry) -> tuple[str, ...]:
    """The facets that the formats have, by their fields; a key that a search needs for itself is none."""
    fields = (field for format in registry.formats.values() for field in format.fields if field.facet)
    return tuple(dict.fromkeys(f.key for f in fields if f.key not in FIXED and f.key not in OVERRIDES))


def read(registry: Registry, query: Query, lang: str, day: date) -> Asked:
    """What a reader asks for on a day; raises BadParameter, which names the parameter."""
    chosen = {
        TYPE: tuple(_type(registry, value) for value in query.get(TYPE, ())),
        SOURCE: tuple(_source(registry, value) for value in query.get(SOURCE, ())),
        **{
            key: tuple(_concept(registry, key, value).iri for value in query.get(key, ()))
            for key in (STATE, *keys(registry))
        },
    }
    return Asked(
        text=_one(query, "q"),
        chosen={key: tuple(dict.fromkeys(values)) for key, values in chosen.items() if values},
        concepts=tuple(dict.fromkeys(_concept(registry, "concept", value).iri for value in query.get("concept", ()))),
        country=_country(registry, _one(query, "concerns")),
        archived=_word(query, "archived", ARCHIVED),
        since=_number(query, "since", YEARS),
        until=_number(query, "until", YEARS),
        sort=_word(query, "sort", SORTS),
        page=_number(query, "page", range(1, 1_000_000_000)) or 1,
        lang=lang,
        day=day,
    )


def view(query: Query) -> str:
    """How what is found is to be shown."""
    return _word(query, "view", VIEWS) or VIEWS[0]


def _one(query: Query, name: str) -> str:
    return next(reversed(query.get(name, ())), "")


def _word(query: Query, name: str, words: Sequence[str]) -> str:
    value = _one(query, name)
    if value and value not in words:
        message, remedy = _("{value} is no value of {name}."), _("There are {names}.")
        raise BadParameter(message, remedy=remedy, where=name, value=value, name=name, names=", ".join(words))
    return value


def _number(query: Query, name: str, allowed: range) -> int | None:
    value = _one(query, name).strip()
    if not value:
        return None
    if not (value.isascii() and value.isdigit()) or len(value) > 10 or int(value) not in allowed:
        message, remedy = _("{value} is no value of {name}."), _("Give a whole number from {first} to {last}.")
        first, last = allowed[0], allowed[-1]
        raise BadParameter(message, remedy=remedy, where=name, value=value, name=name, first=first, last=last)
    return int(value)


def _type(registry: Registry, value: str) -> NamedNode:
    found = registry.formats.by_register(value.lower())
    if found is None:
        raise BadParameter("There is no register {name}.", where=TYPE, name=value)
    return found.target


def _source(registry: Registry, value: str) -> NamedNode:
    found = _known(registry, f"information-source/{value.lower()}")
    if found is None:
        raise BadParameter("There is no class of source {value}.", where=SOURCE, value=value)
    return found.iri


def _country(registry: Registry, value: str) -> NamedNode | None:
    if not value:
        return None
    found = _known(registry, value if ":" in value else f"countries/{value.upper()}")
    if found is None or found.scheme != registry.own.iri("vocabulary/countries"):
        raise BadParameter("There is no country {value}.", where="concerns", value=value)
    return found.iri


def _concept(registry: Registry, name: str, value: str) -> Concept:
    found = _known(registry, value)
    if found is None:
        raise BadParameter("There is no concept {value}.", where=name, value=value)
    return found


def _known(registry: Registry, value: str) -> Concept | None:
    """The concept that is written so: by its whole IRI, or by the piece of it behind `vocabulary/`."""
    try:
        return registry.concepts.get(NamedNode(value if ":" in value else f"{registry.own.base}vocabulary/{value}"))
    except ValueError:
        return None


def written(registry: Registry, key: str, value: NamedNode) -> str:
    """A value of a facet as an address has it."""
    format = registry.formats.by_class(value) if key == TYPE else None
    if format:
        return format.register
    if key == SOURCE:
        return path_name(value)
    return value.value.removeprefix(f"{registry.own.base}vocabulary/")
