"""How many records there are, by state: the figures the 2005 report gives in paragraphs 9 to 11, on any day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from registry.formats import Format
from registry.language import pick
from registry.registry import Registry
from registry.shape import path_name
from registry.terms import Literal, NamedNode


@dataclass(frozen=True)
class Figures:
    """The figures of one register on a day: all records, how many are archived, and how many are in each state."""

    format: Format
    total: int
    archived: int
    states: tuple[tuple[NamedNode, int], ...]


def figures(registry: Registry, day: date) -> list[Figures]:
    """The figures of every register, in the order of the registers."""
    totals: dict[NamedNode, dict[str, int]] = {}
    for row in registry.select("reports/counts", kind=[f.target for f in registry.formats.values()]):
        target, status, records = row["kind"], row["status"], row["records"]
        assert isinstance(target, NamedNode) and isinstance(status, NamedNode) and isinstance(records, Literal)
        totals.setdefault(target, {})[path_name(status)] = int(records.value)
    return [_figures(registry, format, totals.get(format.target, {}), day) for format in registry.formats.values()]


def _figures(registry: Registry, format: Format, by_status: dict[str, int], day: date) -> Figures:
    states: Counter[NamedNode] = Counter()
    if format.states:
        rows = registry.select(format.states, day=day)
        states.update(row["state"] for row in rows if isinstance(row["state"], NamedNode))
    ordered = sorted(states.items(), key=lambda item: _place(registry, item[0]))
    return Figures(format, sum(by_status.values()), by_status.get("archived", 0), tuple(ordered))


def _place(registry: Registry, state: NamedNode) -> tuple[int, str]:
    """A state's place in the order of its vocabulary."""
    concept = registry.concepts.get(state)
    return (concept.position if concept else 0, state.value)


def lines(registry: Registry, day: date, lang: str) -> Iterator[str]:
    """The figures as lines of text: a register a line, its states indented below."""
    yield f"{day.isoformat()}"
    archived = registry.concepts.get(registry.own.concept("record-status", "archived"))
    for figure in figures(registry, day):
        yield f"{pick(figure.format.register_names, lang)[0]}: {figure.total}"
        for state, count in figure.states:
            concept = registry.concepts.get(state)
            yield f"  {concept.label(lang) if concept else path_name(state)}: {count}"
        if figure.archived:
            yield f"  {archived.label(lang) if archived else 'archived'}: {figure.archived}"
