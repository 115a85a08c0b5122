""".rq > Query: one SPARQL query a file, each running as it stands.

A header of comment lines names the query and its parameters; a line of the pattern, marked `# parameters`, is a
VALUES row that declares them with their default values; there may be several such lines. A binding replaces a row by
typed terms, which serialise themselves, so no value is ever pasted into the text of a query. Relative IRIs are read
against the base.

    # title: Records of one register, newest first
    # param class  IRI   the class of record
      VALUES (?class) { (<ns/capacity#Project>) }   # parameters
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from registry import house
from registry.errors import HouseBroken
from registry.terms import XSD, Literal, NamedNode, Term

Value = Term | str | int | bool | date | None
Binding = Value | Sequence[Value]

_ROW = re.compile(r"^\s*VALUES\s*\(([^)]*)\)\s*\{\s*\((.*)\)\s*\}\s*# parameters\s*$", re.MULTILINE)
_TERM = re.compile(r'UNDEF|<[^>]*>|"(?:[^"\\]|\\.)*"(?:@[\w-]+|\^\^(?:<[^>]*>|[\w-]*:[\w-]+))?|[^\s()]+')
_META = re.compile(r"^# ([\w.]+): (.*)$", re.MULTILINE)
_PARAM = re.compile(r"^# param (\w+) +(\w+) +(.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Parameter:
    """A declared parameter: its name, the kind of value it takes, what it is for, its default as written."""

    name: str
    kind: str
    purpose: str
    default: str


@dataclass(frozen=True)
class Query:
    """One query file: `name` is its path below sparql/ without suffix, `meta` the keys of its header."""

    name: str
    title: str
    text: str
    meta: Mapping[str, str] = field(default_factory=dict, hash=False)
    parameters: tuple[Parameter, ...] = ()

    def bind(self, **values: Binding) -> str:
        """The query with its parameters bound; one that is not given keeps the file's default.

        A list gives one row a value. Raises HouseBroken when a parameter is not declared: a typing error
        must not silently ask something else.
        """
        self._declared(values)
        if not values:
            return self.text
        defaults = {parameter.name: parameter.default for parameter in self.parameters}

        def replaced(found: re.Match[str]) -> str:
            names = found[1].replace("?", "").split()
            rows: list[list[str]] = [[]]
            for name in names:
                given = values.get(name)
                several = isinstance(given, Sequence) and not isinstance(given, str)
                options = [_written(value) for value in (given if several else [given])]  # type: ignore[arg-type,union-attr]
                rows = [[*row, option] for row in rows for option in (options if name in values else [defaults[name]])]
            return _values(names, rows)

        return _ROW.sub(replaced, self.text)

    def with_rows(self, *tables: Sequence[Mapping[str, Value]]) -> str:
        """The query with whole rows in place of its defaults, one table for each VALUES line that it names.

        A parameter that a row does not give is UNDEF there. Raises HouseBroken as `bind` does.
        """
        self._declared({name: None for table in tables for row in table for name in row})

        def replaced(found: re.Match[str]) -> str:
            names = found[1].replace("?", "").split()
            table = next((one for one in tables if any(name in row for row in one for name in names)), None)
            if table is None:
                return found[0]
            return _values(names, [[_written(row.get(name)) for name in names] for row in table])

        return _ROW.sub(replaced, self.text)

    def _declared(self, given: Mapping[str, object]) -> None:
        unknown = given.keys() - {parameter.name for parameter in self.parameters}
        if unknown:
            raise HouseBroken("The query has no parameter {name}.", where=self.name, name=", ".join(sorted(unknown)))


class Queries(Mapping[str, Query]):
    """The queries of a house by name: `records/describe`."""

    def __init__(self, found: dict[str, Query]) -> None:
        self._found = found

    def __getitem__(self, name: str) -> Query:
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def below(self, folder: str) -> list[Query]:
        """The queries of a folder, by name."""
        return [self._found[name] for name in sorted(self._found) if name.startswith(folder + "/")]


def read(folder: Path) -> Queries:
    """The queries of a house; raises HouseBroken naming file and fault."""
    found = {}
    for path in house.files(folder, "sparql", "**/*.rq"):
        name = path.relative_to(folder / "sparql").with_suffix("").as_posix()
        found[name] = parse(name, path.read_text(encoding="utf-8"))
    return Queries(found)


def parse(name: str, text: str) -> Query:
    """One query from its text; raises HouseBroken when header and parameters do not agree."""
    meta = {found[1]: found[2].strip() for found in _META.finditer(text)}
    if "title" not in meta:
        raise HouseBroken("The query has no title.", where=name)
    declared = {found[1]: (found[2], found[3].strip()) for found in _PARAM.finditer(text)}
    rows = list(_ROW.finditer(text))
    lines = dict.fromkeys((row[1], row[2]) for row in rows)  # a line may be repeated where a branch needs its own
    names = [name for row, _ in lines for name in row.replace("?", "").split()]
    defaults = [default for _, row in lines for default in _TERM.findall(row)]
    if len(set(names)) != len(names) or set(names) != set(declared) or len(names) != len(defaults):
        raise HouseBroken("The parameters of the query and its VALUES row do not agree.", where=name)
    for parameter in names:
        if len(re.findall(rf"[?$]{parameter}\b", text)) < 2:
            raise HouseBroken("The query never uses its parameter {name}.", where=name, name=parameter)
    parameters = (Parameter(n, *declared[n], default) for n, default in zip(names, defaults, strict=True))
    return Query(name, meta["title"], text, meta, tuple(parameters))


def _values(names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    body = " ".join(f"({' '.join(row)})" for row in rows)
    return f"  VALUES ({' '.join(f'?{name}' for name in names)}) {{ {body} }}"


def _written(value: Value) -> str:
    """A value as it is written in SPARQL: terms serialise themselves, with all escapes."""
    if value is None:
        return "UNDEF"
    if isinstance(value, bool):
        return str(Literal(value))
    if isinstance(value, datetime):
        return str(Literal(value.isoformat(), datatype=XSD.dateTime))
    if isinstance(value, date):
        return str(Literal(value.isoformat(), datatype=XSD.date))
    if isinstance(value, (str, int)):
        return str(Literal(value))
    if isinstance(value, (NamedNode, Literal)):
        return str(value)
    raise TypeError(f"{value!r} cannot be bound")
