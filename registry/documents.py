"""A record > its document: what it shows to search, as `sparql/search/document.rq` says.

A document is a plain value; how it is kept and found is for the index to know, and the same document is what is
searched where there is no index.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from registry.brief import brief, written
from registry.formats import Format
from registry.graphs import Row
from registry.language import LANGUAGES, in_order, pick
from registry.records import identifier
from registry.registry import Entry, Registry
from registry.shape import Field, path_name
from registry.terms import Literal, NamedNode

TYPE, SOURCE, STATE, STATUS = "type", "source", "state", "recordStatus"
TITLE, LABEL, TEXT = "title", "label", "text"
BATCH = 200


@dataclass
class Findable:
    """What one record shows to search.

    `texts`: by kind (TITLE, LABEL, TEXT) and language (empty for none) its texts; `titles`: by language what sorts it
    `facets`: by key the IRIs of its values with all broader ones. `named`: the concepts it names itself; `uses`:
    these and all broader ones; `labelled`: those of them whose labels are among the texts. `newest` sorts by the day
    of its last version, then by number; `deadline` is a day as yyyymmdd; `first` and `last` are years. `brief`: what a
    list shows of it, as registry.brief writes it.
    """

    record: NamedNode
    identifier: str = ""
    texts: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    facets: dict[str, set[str]] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)
    uses: set[str] = field(default_factory=set)
    labelled: set[str] = field(default_factory=set)
    titles: dict[str, str] = field(default_factory=dict)
    newest: int = 0
    deadline: int | None = None
    first: int | None = None
    last: int | None = None
    brief: bytes = b""

    def says(self, kind: str, lang: str, text: str) -> None:
        """Add a text."""
        self.texts.setdefault((kind, lang), []).append(text)


class Documents:
    """The documents of a registry's records on a day, which their states depend on."""

    def __init__(self, registry: Registry, day: date) -> None:
        self._registry, self._day = registry, day
        self._keys = {field.path: key for key, field in facet_fields(registry).items()}
        reg = registry.own.reg
        self._keys |= {reg.sourceClass: SOURCE, reg.status: STATUS}
        self._states: Mapping[NamedNode, NamedNode] = {}

    def of(self, records: Iterable[NamedNode]) -> Iterator[Findable]:
        """The documents of those records that are published; asked for in batches."""
        query = self._registry.queries["search/document"]
        for batch in _batches(list(records)):
            self._states = states(self._registry, self._day, batch)
            rows: dict[NamedNode, list[Row]] = {}
            for row in self._registry.graphs.select(query.bind(record=batch)):
                rows.setdefault(row["record"], []).append(row)  # type: ignore[arg-type]
            yield from (self._document(record, found) for record, found in rows.items())

    def _document(self, record: NamedNode, rows: Sequence[Row]) -> Findable:
        document = Findable(record)
        kinds = [row["value"] for row in rows if _role(row) == "type"]
        known = (self._registry.formats.by_class(kind) for kind in kinds if isinstance(kind, NamedNode))
        format = next((format for format in known if format), None)
        if format is None:
            return document
        document.facets[TYPE] = {format.target.value}
        state = self._states.get(record)
        if state:
            document.facets[STATE] = {state.value}
        for row in rows:
            role, path, value = _role(row), row["path"], row["value"]
            if role == "concept" and isinstance(value, NamedNode) and isinstance(path, NamedNode):
                self._concept(document, self._keys.get(path), value, row.get("broader"))
            elif role == "name":
                _say(document, TEXT, row["name"])
            elif isinstance(value, Literal):
                _read(document, role, value)
        self._label(document)
        document.titles = self._titles(document, record, rows, format.label.path)
        document.newest += _number(document.identifier)
        graph = self._registry.graphs.graph(record)
        document.brief = written(brief(record, graph, format, self._registry.own), state)
        return document

    def _concept(self, document: Findable, key: str | None, value: NamedNode, broader: object) -> None:
        document.named.add(value.value)
        for used in (value, broader):
            if isinstance(used, NamedNode):
                document.uses.add(used.value)
                if key not in (SOURCE, STATUS):  # what the registry says of a record is no word of the record
                    document.labelled.add(used.value)
                if key:
                    document.facets.setdefault(key, set()).add(used.value)

    def _label(self, document: Findable) -> None:
        """Every name of the concepts it uses, so that a question in any language finds it."""
        for iri in sorted(document.labelled):
            if concept := self._registry.concepts.get(NamedNode(iri)):
                for lang, text in concept.labels.items():
                    document.says(LABEL, lang, text)
                for lang, others in concept.alts.items():
                    for text in others:
                        document.says(LABEL, lang, text)

    def _titles(self, document: Findable, record: NamedNode, rows: Sequence[Row], path: NamedNode) -> dict[str, str]:
        """What it is called for a reader of each language."""
        said: dict[str, str] = {}
        for row in rows:
            if row["path"] != path:
                continue
            if isinstance(row["value"], Literal):
                said[row["value"].language or "und"] = row["value"].value
            elif concept := self._registry.concepts.get(row["value"]):
                said |= concept.labels
        return {lang: f"{in_order(pick(said, lang)[0])}\x01{path_name(record)}" for lang in LANGUAGES}


def states(
    registry: Registry, day: date, records: Sequence[NamedNode] = (), formats: Iterable[Format] | None = None
) -> Mapping[NamedNode, NamedNode]:
    """The state of each record on a day, or of some, where its format tells states; `formats`: theirs, if known."""
    told = registry.formats.values() if formats is None else formats
    names = sorted({format.states for format in told if format.states})
    given: Sequence[NamedNode | None] = records or [None]
    texts = (registry.queries[name].bind(day=day, record=given) for name in names)
    rows = (row for text in texts for row in registry.graphs.select(text))
    return {row["record"]: row["state"] for row in rows if "state" in row}  # type: ignore[misc]


def stated(registry: Registry, day: date, records: Iterable[NamedNode]) -> list[tuple[Entry, NamedNode | None]]:
    """Records as they stand, each with its state on a day; those that went are left out."""
    entries = registry.records(map(path_name, records))
    told = states(registry, day, [entry.iri for entry in entries], [entry.format for entry in entries])
    return [(entry, told.get(entry.iri)) for entry in entries]


def facet_fields(registry: Registry) -> Mapping[str, Field]:
    """The facets of all formats by key, each as the first format has it."""
    every = [field for format in registry.formats.values() for field in format.fields]
    return {field.key: field for field in reversed(every) if field.facet and field.kind == "concept"}


def facet_schemes(registry: Registry) -> Mapping[str, frozenset[NamedNode]]:
    """The vocabularies of each facet, by key, in all formats that have it; none where any concept will do."""
    found: dict[str, frozenset[NamedNode]] = {}
    for format in registry.formats.values():
        for one in format.fields:
            if one.facet:
                found[one.key] = found.get(one.key, frozenset()) | frozenset(one.schemes)
    return found


def _read(document: Findable, role: str, value: Literal) -> None:
    if role in (TITLE, TEXT):
        _say(document, role, value)
    elif role == "identifier":
        document.identifier = value.value
        document.says(TITLE, "", value.value)
    elif role == "modified":
        document.newest = int(value.value[:10].replace("-", "")) * 10**7
    elif role in ("date", "deadline") and value.value[:4].isdigit():
        year = int(value.value[:4])
        document.first = min(year, document.first or year)
        document.last = max(year, document.last or year)
        if role == "deadline":
            document.deadline = int((value.value[:10] + "0000-12-31"[len(value.value[:10]) :]).replace("-", ""))


def _say(document: Findable, kind: str, value: object) -> None:
    if isinstance(value, Literal):
        document.says(kind, value.language or "", value.value)


def _role(row: Row) -> str:
    role = row["role"]
    return role.value if isinstance(role, Literal) else ""


def _number(name: str) -> int:
    found = identifier(name)
    return found[0].number % 10**7 if found else 0


def _batches(records: Sequence[NamedNode]) -> Iterator[list[NamedNode]]:
    for start in range(0, len(records), BATCH):
        yield list(records[start : start + BATCH])
