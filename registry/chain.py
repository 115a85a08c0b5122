"""A hash chain: numbered rows of which each holds the digest of the row before it, so that no change goes unseen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from sqlalchemy import RowMapping

Row = TypeVar("Row", bound=Mapping[str, Any] | RowMapping)


def fitting(rows: Iterable[Row], digest: Callable[[Row], str], broken: Callable[[int], Exception]) -> Iterator[Row]:
    """Rows as long as each continues the one before; raises what `broken` makes of the first number that does not.

    A row has a `seq`, counted from 1, the digest of the `previous` row (empty for the first), and its own `digest`.
    """
    previous, expected = "", 1
    for row in rows:
        fits = row.get("seq") == expected and row.get("previous") == previous
        if not fits or digest(row) != row.get("digest"):
            raise broken(expected)
        previous, expected = row["digest"], expected + 1
        yield row
