"""The parameters of a search > what is asked of it, and back.

A facet's parameter is the key of its field, a value is written as the piece of its IRI behind `vocabulary/`, so that a
new shape or vocabulary brings its own filters.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from difflib import get_close_matches
from urllib.parse import parse_qs, quote, urlencode

from registry.concepts import Concept
from registry.documents import facet_fields, facet_schemes
from registry.errors import BadParameter
from registry.formats import Format
from registry.registry import Registry
from registry.search import SORTS, SOURCE, STATE, TYPE, Asked
from registry.shape import path_name
from registry.terms import NamedNode
from web.choice import OVERRIDES
from web.places import SCHEME, countries
from web.words import marked as _

FIXED = ("q", TYPE, SOURCE, STATE, "concept", "concerns", "archived", "since", "until", "sort", "view", "page", "upto")
ARCHIVED = ("yes", "no", "only")
VIEWS = ("list", "table", "map")
YEARS = range(1900, 2101)
MOST = 100  # values of all parameters: each filter on a page has an address that repeats all others

FEW = 20  # words that are told where one is unknown
LONGEST = 60  # characters of an unknown word that are compared

Query = Mapping[str, Sequence[str]]


def keys(registry: Registry, format: Format | None = None) -> tuple[str, ...]:
    """The facets of all formats or of one, by their fields; a key that a search needs for itself is none."""
    own = {field.key for field in format.fields if field.facet} if format else None
    known = (key for key in facet_fields(registry) if own is None or key in own)
    return tuple(key for key in known if key not in FIXED and key not in OVERRIDES)


def read(registry: Registry, query: Query, lang: str, day: date) -> Asked:
    """What a reader asks for on a day; raises BadParameter, which names the parameter."""
    _few(query)
    schemes = facet_schemes(registry)
    chosen = {
        TYPE: tuple(_type(registry, value) for value in query.get(TYPE, ())),
        SOURCE: tuple(_source(registry, value) for value in query.get(SOURCE, ())),
        **{
            key: tuple(_concept(registry, key, value, schemes.get(key)).iri for value in query.get(key, ()))
            for key in (STATE, *keys(registry))
        },
    }
    return Asked(
        text=_one(query, "q"),
        chosen={key: tuple(dict.fromkeys(values)) for key, values in chosen.items() if values},
        concepts=tuple(dict.fromkeys(_concept(registry, "concept", value).iri for value in query.get("concept", ()))),
        country=country(registry, _one(query, "concerns"), "concerns").iri if query.get("concerns") else None,
        archived=_word(query, "archived", ARCHIVED).removeprefix("no"),
        since=_number(query, "since", YEARS),
        until=_number(query, "until", YEARS),
        sort=_word(query, "sort", SORTS),
        page=_number(query, "page", range(1, 1_000_000_000)) or 1,
        upto=_number(query, "upto", range(1, 1_000_000_000)),
        lang=lang,
        day=day,
    )


def view(query: Query) -> str:
    """How what is found is to be shown."""
    return _word(query, "view", VIEWS) or VIEWS[0]


def parsed(registry: Registry, text: str, lang: str, day: date) -> Asked:
    """What the query of an address asks, wherever it is kept; raises BadParameter as `read`, and for unknown names."""
    known = (*FIXED, *keys(registry))
    given = parse_qs(text.removeprefix("?"))
    for name in given:
        if name not in known and name not in OVERRIDES:
            raise BadParameter(
                "There is no parameter {name} here.",
                remedy="There are {names}.",
                where=name,
                name=name,
                names=", ".join(known),
            )
    asked = read(registry, given, lang, day)
    return replace(asked, page=1, upto=None)


def query(registry: Registry, asked: Asked) -> str:
    """What is asked as the query of an address: equal questions to equal texts, whatever page is shown, and how."""
    plain = {
        "q": asked.text,
        "concerns": path_name(asked.country) if asked.country else "",
        "archived": asked.archived,
        "since": str(asked.since or ""),
        "until": str(asked.until or ""),
        "sort": asked.sort,
    }
    said = [(name, value) for name, value in plain.items() if value]
    said += [("concept", iri.value) for iri in asked.concepts]
    said += [(key, written(registry, key, value)) for key, values in asked.chosen.items() for value in values]
    return urlencode(sorted(said), quote_via=quote, safe=":/")


def _few(query: Query) -> None:
    """Raises BadParameter, which names the parameter with the most values, where there are more than anybody reads."""
    count = sum(map(len, query.values()))
    if count > MOST:
        most = max(query, key=lambda name: len(query[name]))
        message = _("A search may have at most {limit} values; this one has {count}.")
        raise BadParameter(message, remedy=_("Take some of them away."), where=most, limit=MOST, count=count)


def _one(query: Query, name: str) -> str:
    return next(reversed(query.get(name, ())), "")


def _word(query: Query, name: str, words: Sequence[str]) -> str:
    value = _one(query, name)
    if value and value not in words:
        message, remedy = _("{value} is no value of {name}."), _("There are {names}.")
        raise BadParameter(message, remedy=remedy, where=name, value=value, name=name, names=", ".join(words))
    return value


def _number(query: Query, name: str, allowed: range) -> int | None:
    """A whole number, in the digits of any script: an Arabic keyboard writes its own."""
    value = _one(query, name).strip()
    if not value:
        return None
    if not value.isdecimal() or len(value) > 10 or int(value) not in allowed:
        message, remedy = _("{value} is no value of {name}."), _("Give a whole number from {first} to {last}.")
        first, last = allowed[0], allowed[-1]
        raise BadParameter(message, remedy=remedy, where=name, value=value, name=name, first=first, last=last)
    return int(value)


def _type(registry: Registry, value: str) -> NamedNode:
    found = registry.formats.by_register(value.lower())
    if found is None:
        registers = [format.register for format in registry.formats.values()]
        raise _unknown(_("There is no register {name}."), TYPE, value, registers)
    return found.target


def _source(registry: Registry, value: str) -> NamedNode:
    found = _known(registry, f"information-source/{value.lower()}")
    if found is None:
        scheme = registry.concepts.scheme(registry.own.iri("vocabulary/information-source"))
        classes = [path_name(iri) for iri in scheme.concepts] if scheme else []
        raise _unknown(_("There is no class of source {value}."), SOURCE, value, classes)
    return found.iri


def country(registry: Registry, value: str, name: str) -> Concept:
    """The country that a parameter names by its code or its IRI; raises BadParameter."""
    found = _known(registry, value if ":" in value else f"countries/{value.upper()}")
    if found is None or found.scheme != registry.own.iri(SCHEME):
        codes = {label.casefold(): path_name(one.iri) for one in countries(registry) for label in one.labels.values()}
        near = get_close_matches(value[:LONGEST].casefold(), codes, 1)
        raise _unknown(_("There is no country {value}."), name, value, [codes[label] for label in near], meant=True)
    return found


def _concept(registry: Registry, name: str, value: str, schemes: Collection[NamedNode] | None = None) -> Concept:
    found = _known(registry, value)
    if found is None or (schemes and found.scheme not in schemes):
        start = f"{registry.own.base}vocabulary/"
        known = [one.iri.value.removeprefix(start) for one in registry.concepts if not schemes or one.scheme in schemes]
        raise _unknown(_("There is no concept {value}."), name, value, known)
    return found


def _unknown(message: str, where: str, value: str, known: Collection[str], meant: bool = False) -> BadParameter:
    """That a value is unknown, and what is spelt like it; of few words all. `meant`: these are known to be like it."""
    asked = value[:LONGEST].lower()
    same = [one for one in known if one.rpartition("/")[2].lower() == asked.rpartition("/")[2]]
    near = known if meant else same or get_close_matches(asked, known, 3)
    names = near or (known if len(known) <= FEW else ())
    remedy = _("Did you mean {names}?") if near else _("There are {names}.") if names else ""
    return BadParameter(message, remedy=remedy, where=where, name=value, value=value, names=", ".join(sorted(names)))


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
