"""The records around a record, which rules across records look at: current ones, never archived or ended ones."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence

from registry.graphs import Row
from registry.rules import Near
from registry.shape import path_name
from registry.terms import Graph, NamedNode, Own, Term


def published(select: Callable[..., Sequence[Row]], graph: Callable[[NamedNode], Graph], own: Own) -> Near:
    """The neighbours among the records that a store shows."""

    def current(record: NamedNode) -> Graph | None:
        shown = graph(record)
        doc = own.doc(path_name(record))
        return shown if shown.value(doc, own.reg.version) and not shown.value(doc, own.reg.archived) else None

    def near(record: NamedNode, path: NamedNode, values: Sequence[Term]) -> dict[NamedNode, Graph]:
        rows = select("records/sharing", record=record, path=path, value=list(values)) if values else ()
        named = [row["other"] for row in rows] + [value for value in values if _record(value, own)]
        others = dict.fromkeys(other for other in named if isinstance(other, NamedNode) and other != record)
        return {other: shown for other in others if (shown := current(other))}

    return near


def with_coming(near: Near, coming: Mapping[NamedNode, Graph], paths: Container[NamedNode]) -> Near:
    """The neighbours as they will be: records that are about to be published stand in place of what is shown of them.

    `paths` are those that any rule asks about.
    """
    index: dict[tuple[NamedNode, Term], set[NamedNode]] = {}
    for record, graph in coming.items():
        for triple in graph:
            if triple.predicate in paths:
                index.setdefault((triple.predicate, triple.object), set()).add(record)  # type: ignore[arg-type]

    def nearer(record: NamedNode, path: NamedNode, values: Sequence[Term]) -> dict[NamedNode, Graph]:
        found = {other: graph for other, graph in near(record, path, values).items() if other not in coming}
        for value in values:
            others = index.get((path, value), set()) | {value}
            found |= {other: coming[other] for other in others if other in coming and other != record}  # type: ignore[index,misc]
        return found

    return nearer


def _record(value: Term, own: Own) -> bool:
    return isinstance(value, NamedNode) and value.value.startswith(own.base + "id/") and "#" not in value.value
