"""What records are called: by the field of their format that names them, for many records in one query."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from registry.formats import Field
from registry.language import Texts
from registry.registry import Entry, Registry
from registry.shape import path_name
from registry.terms import Graph, Literal, NamedNode, Term
from web.rows import iri_of


class Labels:
    """What other records are called: one query for all that a page names."""

    def __init__(self, registry: Registry, records: Iterable[NamedNode]) -> None:
        self._registry = registry
        self._found: dict[NamedNode, dict[str, str]] = {}
        wanted = sorted(set(records), key=str)
        if wanted:
            self._ask(wanted)

    def _ask(self, wanted: list[NamedNode]) -> None:
        paths = {format.label.path for format in self._registry.formats.values()}
        rows = self._registry.select_each("records/labels", "record", wanted, path=sorted(paths, key=str))
        for row in rows:
            record, kind = iri_of(row, "record"), iri_of(row, "class")
            format = self._registry.formats.by_class(kind) if kind else None
            ended = "class" not in row
            if record and (ended or (format and format.label.path == row["path"])):
                self._found.setdefault(record, {}).update(texts_of(self._registry, [row["label"]]))

    def __getitem__(self, record: NamedNode) -> Mapping[str, str]:
        """The label of a record in all its languages; its identifier when there is none."""
        return self._found.get(record) or {"und": path_name(record)}

    def __contains__(self, record: object) -> bool:
        return record in self._found


def texts_of(registry: Registry, terms: Iterable[Term]) -> dict[str, str]:
    """Literals by language; for a concept its labels, so that a record can be named by a concept."""
    texts: dict[str, str] = {}
    for term in terms:
        if isinstance(term, Literal):
            texts[term.language or "und"] = term.value
        elif concept := registry.concepts.get(term):
            texts.update(concept.labels)
    return texts


def label_of(registry: Registry, entry: Entry) -> Texts:
    """What a record is called, in all its languages."""
    found = texts_of(registry, entry.graph.objects(entry.iri, entry.format.label.path))
    return found or {"und": entry.identifier}


def references(entry: Entry) -> set[NamedNode]:
    """The records that a record names in its fields and parts."""
    return set(named_by(entry.graph, entry.iri, entry.format.fields))


def named_by(graph: Graph, subject: NamedNode, fields: Iterable[Field]) -> Iterator[NamedNode]:
    """The records that a description names in these fields and in those of its parts."""
    for field in fields:
        for value in graph.iris(subject, field.path):
            if field.part:
                yield from named_by(graph, value, field.part.fields)
            elif field.kind == "record":
                yield value
