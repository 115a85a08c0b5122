"""Rows of a query, read with certainty: a value is an IRI or a text, or it is not there."""

from __future__ import annotations

from registry.graphs import Row
from registry.terms import Literal, NamedNode


def iri_of(row: Row, name: str) -> NamedNode | None:
    """The IRI of a column; None when it has none."""
    value = row.get(name)
    return value if isinstance(value, NamedNode) else None


def text_of(row: Row, name: str) -> str:
    """The text of a literal of a column; empty when there is none."""
    value = row.get(name)
    return value.value if isinstance(value, Literal) else ""
