"""The queries that everybody may ask by name, and what people give them > terms.

A file of one of the rooms below `sparql/` is asked as it stands: its header says what it takes, its VALUES row what
holds where nothing is given. Only files of the house are run so, never what somebody else wrote.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from registry.errors import BadParameter
from registry.queries import Binding, Parameter, Queries, Query, Value
from registry.records import identifier
from registry.registry import Registry
from registry.terms import Graph, NamedNode, Term

FOLDERS = ("reports", "gaps", "examples")
MOST = 10_000  # rows of an answer
MANY = 50  # values of one parameter
LONGEST = 1_000  # characters of one value
FORMS = ("SELECT", "CONSTRUCT", "DESCRIBE", "ASK")
TRIPLE = ("subject", "predicate", "object")

_FORM = re.compile(rf"^\s*({'|'.join(FORMS)})\b", re.IGNORECASE | re.MULTILINE)
_DEFAULT = re.compile(r'"((?:[^"\\]|\\.)*)"')
_LIMIT = re.compile(r"^LIMIT (\d+)\s*\Z", re.MULTILINE)
_PREFIXED = re.compile(r"([a-z][\w-]*):([\w-]+)")


@dataclass(frozen=True)
class Found:
    """What a query found: the names of its columns, its rows; of a query for a graph also that, for a truth that.

    `cut`: there were more than MOST rows, or than the LIMIT that the query ends with; these are the first of them.
    """

    names: tuple[str, ...]
    rows: tuple[Mapping[str, Term], ...]
    graph: Graph | None = None
    truth: bool | None = None
    cut: bool = False


def named(queries: Queries) -> tuple[Query, ...]:
    """The queries that may be asked by name, room by room."""
    return tuple(query for folder in FOLDERS for query in queries.below(folder))


def form(query: Query) -> str:
    """Which of FORMS a query has."""
    found = _FORM.search("\n".join(line for line in query.text.splitlines() if not line.startswith("#")))
    return found[1].upper() if found else FORMS[0]


def default(query: Query, parameter: Parameter, day: date) -> str:
    """What a parameter has where nothing is given, as people write it; nothing where anything fits.

    The day asked about is today, whatever day the file was written on.
    """
    if _is_today(parameter):
        return day.isoformat()
    stated = parameter.default
    if stated == "UNDEF":
        return ""
    if stated.startswith("<"):
        return stated[1:-1].removeprefix("vocabulary/").removeprefix("id/")
    literal = _DEFAULT.match(stated)
    return literal[1] if literal else stated


def bindings(registry: Registry, query: Query, given: Mapping[str, Sequence[str]], day: date) -> dict[str, Binding]:
    """What is given for the parameters of a query, as terms; raises BadParameter, which names the parameter."""
    found: dict[str, Binding] = {}
    for parameter in query.parameters:
        texts = [text.strip() for text in given.get(parameter.name, ()) if text.strip()]
        if len(texts) > (MANY if parameter.kind == "IRI" else 1):
            raise BadParameter("There are too many values of {name}.", **_place(parameter, ""))
        values = [value(registry, parameter, text) for text in texts]
        if values:
            found[parameter.name] = values if parameter.kind == "IRI" else values[0]
        elif _is_today(parameter):
            found[parameter.name] = day
    return found


def value(registry: Registry, parameter: Parameter, text: str) -> Value:
    """One value of a parameter; raises BadParameter for a text that is none."""
    if len(text) > LONGEST:
        said = _place(parameter, text[:20] + "…")
        raise BadParameter(
            "{value} is no value of {name}.", remedy="Give at most {most} characters.", most=LONGEST, **said
        )
    if parameter.kind == "IRI":
        return _iri(registry, parameter, text)
    if parameter.kind == "date":
        return _date(parameter, text)
    if parameter.kind == "integer":
        if not re.fullmatch(r"-?\d{1,15}", text, re.ASCII):
            raise BadParameter(
                "{value} is no value of {name}.", remedy="Give a whole number.", **_place(parameter, text)
            )
        return int(text)
    if parameter.kind == "boolean":
        if text not in ("true", "false"):
            raise BadParameter("{value} is no value of {name}.", remedy="Say true or false.", **_place(parameter, text))
        return text == "true"
    return text


def ask(registry: Registry, query: Query, values: Mapping[str, Binding]) -> Found:
    """The answer to a query with these values."""
    text, graphs = query.bind(**values), registry.graphs
    kind = form(query)
    if kind == "ASK":
        return Found((), (), truth=graphs.ask(text))
    if kind == "SELECT":
        limit = _LIMIT.search(text)
        most = min(int(limit[1]), MOST) if limit else MOST
        names, solutions = graphs.table(_LIMIT.sub(f"LIMIT {most + 1}", text))
        rows = tuple(islice(solutions, most + 1))
        return Found(names, rows[:most], cut=len(rows) > most)
    graph = graphs.construct(text)
    ordered = sorted(graph, key=lambda t: (str(t.subject), str(t.predicate), str(t.object)))
    rows = tuple({"subject": t.subject, "predicate": t.predicate, "object": t.object} for t in ordered[:MOST])  # type: ignore[dict-item]
    return Found(TRIPLE, rows, graph=graph, cut=len(ordered) > MOST)


def _is_today(parameter: Parameter) -> bool:
    return parameter.kind == "date" and parameter.name == "day"


def _date(parameter: Parameter, text: str) -> date:
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
            return date.fromisoformat(text)
    except ValueError:
        pass
    said = _place(parameter, text)
    raise BadParameter("{value} is no value of {name}.", remedy="Give a day, such as 2004-12-15.", **said)


def _iri(registry: Registry, parameter: Parameter, text: str) -> NamedNode:
    """An IRI as people write it: whole, with a prefix of the registry, by identifier, or behind `vocabulary/`.

    Where the default is a concept, its code alone is one of the same vocabulary.
    """
    own, concepts = registry.own, registry.concepts
    prefixed = _PREFIXED.fullmatch(text)
    try:
        if prefixed and prefixed[1] in registry.house.prefixes:
            return NamedNode(registry.house.prefixes[prefixed[1]] + prefixed[2])
        if ":" in text:
            return NamedNode(text)
        if found := identifier(text):
            return own.record(str(found[0]))
        beside = parameter.default.strip("<>").rpartition("/")[0]
        for path in (f"vocabulary/{text}", f"{beside}/{text}"):
            iri = own.iri(path)
            if concepts.get(iri) or concepts.scheme(iri):
                return iri
    except ValueError:
        pass
    raise BadParameter(
        "{value} is no value of {name}.",
        remedy="Give a whole IRI, one with a prefix such as cap:Project, an identifier or a concept.",
        **_place(parameter, text),
    )


def _place(parameter: Parameter, text: str) -> dict[str, str]:
    return {"where": parameter.name, "value": text, "name": parameter.name}
