"""Records found by a piece of their name, for the fields of a form that refer to records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from registry.language import Texts
from registry.registry import Registry
from registry.shape import path_name
from registry.terms import NamedNode
from web.labels import Labels
from web.rows import iri_of

SHORTEST = 2


def lookup(registry: Registry, target: NamedNode, text: str) -> Sequence[tuple[NamedNode, Texts, str]]:
    """The first records of a class that are called by a text: IRI, name in all its languages, identifier.

    A text of one letter finds nothing: it would find everything.
    """
    format, text = registry.formats.by_class(target), text.strip()
    if format is None or len(text) < SHORTEST:
        return ()
    rows = registry.select("records/lookup", kind=target, path=format.label.path, text=text)
    found = [iri for row in rows if (iri := iri_of(row, "record"))]
    labels = Labels(registry, found)
    return [(iri, labels[iri], path_name(iri)) for iri in found]


def called(registry: Registry, records: Iterable[NamedNode]) -> Callable[[NamedNode], Texts | None]:
    """What records are called, asked for all at once; None for one that is not published."""
    labels = Labels(registry, records)

    def texts(iri: NamedNode) -> Texts | None:
        return dict(labels[iri]) if iri in labels else None

    return texts
