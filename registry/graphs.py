"""A triple store behind one small protocol; embedded in the process today, another engine tomorrow.

The union of the named graphs is the default graph of every query. A replacement of graphs is one SPARQL Update of
several operations: atomic, where clear followed by extend is not (tried).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

import pyoxigraph as ox

from registry.errors import StoreInUse
from registry.terms import Graph, NamedNode, Term, Triple

Row = dict[str, Term]


class Graphs(Protocol):
    """What the registry asks of a triple store."""

    def select(self, query: str) -> Iterator[Row]:
        """The rows of a SELECT, lazily; a variable without a value is absent from its row."""

    def table(self, query: str) -> tuple[tuple[str, ...], Iterator[Row]]:
        """What a SELECT asks for, by name and in its order, and its rows, lazily."""

    def construct(self, query: str) -> Graph:
        """The graph of a CONSTRUCT or DESCRIBE."""

    def ask(self, query: str) -> bool:
        """The answer of an ASK."""

    def replace(self, graphs: dict[NamedNode, Iterable[Triple]], added: dict[NamedNode, Iterable[Triple]]) -> None:
        """Atomically: these graphs hold exactly these triples, and those graphs gain those."""

    def fill(self, graphs: Iterable[tuple[NamedNode, Iterable[Triple]]]) -> None:
        """Fill an empty store that nobody reads yet, as fast as it can."""

    def graph(self, name: NamedNode) -> Graph:
        """All triples of one named graph."""

    def names(self) -> list[NamedNode]:
        """The names of all graphs, sorted."""

    def dump(self) -> Iterator[str]:
        """Every quad as a line of N-Quads, sorted."""

    def digest(self) -> str:
        """The digest of the dump: two stores that hold the same have the same."""

    def copy(self, folder: Path, without: NamedNode) -> Graph:
        """Copy the whole store as it stands into a new folder, but for one graph; returns that graph as it was."""

    def close(self) -> None:
        """Let go of the store."""


class Embedded:
    """pyoxigraph in the process: in a folder, or in memory when there is none.

    One process a folder: a second writer is refused by the engine's lock, told as StoreInUse.
    """

    def __init__(self, base: str, folder: Path | None = None) -> None:
        self._base, self._folder = base, folder
        try:
            if folder:
                folder.parent.mkdir(parents=True, exist_ok=True)
            self._store = ox.Store(str(folder)) if folder else ox.Store()
        except OSError as error:
            if "lock" not in str(error).lower():
                raise
            raise StoreInUse(
                "Another process holds the triple store {folder}.",
                remedy="Stop the server first, or leave the work to it: it follows the ledger by itself.",
                folder=folder,
            ) from error

    def select(self, query: str) -> Iterator[Row]:
        """The rows of a SELECT, lazily."""
        return self.table(query)[1]

    def table(self, query: str) -> tuple[tuple[str, ...], Iterator[Row]]:
        """What a SELECT asks for, by name and in its order, and its rows, lazily."""
        solutions = self._store.query(query, base_iri=self._base, use_default_graph_as_union=True)
        assert isinstance(solutions, ox.QuerySolutions)
        names = tuple(variable.value for variable in solutions.variables)
        rows = ({name: value for name in names if (value := solution[name]) is not None} for solution in solutions)
        return names, rows

    def construct(self, query: str) -> Graph:
        """The graph of a CONSTRUCT or DESCRIBE."""
        triples = self._store.query(query, base_iri=self._base, use_default_graph_as_union=True)
        assert isinstance(triples, ox.QueryTriples)
        return Graph(triples)

    def ask(self, query: str) -> bool:
        """The answer of an ASK."""
        return bool(self._store.query(query, base_iri=self._base, use_default_graph_as_union=True))

    def run(self, query: str) -> None:
        """Run a query of any form to its end and forget the answer."""
        answer = self._store.query(query, base_iri=self._base, use_default_graph_as_union=True)
        if not isinstance(answer, ox.QueryBoolean):
            for _ in answer:
                pass

    def replace(self, graphs: dict[NamedNode, Iterable[Triple]], added: dict[NamedNode, Iterable[Triple]]) -> None:
        """One update of several operations; the engine rolls all back when one fails."""
        self._store.update(update_text(graphs, added))

    def graph(self, name: NamedNode) -> Graph:
        """All triples of one named graph."""
        quads = self._store.quads_for_pattern(None, None, None, name)
        return Graph(q.triple for q in quads)

    def names(self) -> list[NamedNode]:
        """The names of all graphs, sorted."""
        found = (name for name in self._store.named_graphs() if isinstance(name, NamedNode))
        return sorted(found, key=lambda name: name.value)

    def fill(self, graphs: Iterable[tuple[NamedNode, Iterable[Triple]]]) -> None:
        """Fill an empty store fast: not one transaction, so only for a store that nobody reads yet."""
        self._store.bulk_extend(
            ox.Quad(t.subject, t.predicate, t.object, name) for name, triples in graphs for t in triples
        )

    def dump(self) -> Iterator[str]:
        """Every quad as a line of N-Quads, sorted; no graph of the registry holds a blank node."""
        yield from sorted(f"{quad} ." for quad in self._store)

    def digest(self) -> str:
        """The digest of the dump."""
        return digest(self.dump())

    def copy(self, folder: Path, without: NamedNode) -> Graph:
        """A backup of the engine's own, of one moment: hard links for the most part. A store in memory is written."""
        if self._folder:
            self._store.backup(str(folder))
        copied = Embedded(self._base, folder)
        if not self._folder:
            copied._store.bulk_extend(iter(self._store))
        left = copied.graph(without)
        copied._store.remove_graph(without)
        copied.close()
        return left

    def close(self) -> None:
        """Let go of the folder's lock."""
        self._store.flush()
        del self._store


def canonical(triples: Iterable[Triple], base: str) -> Graph:
    """The triples after one pass through the engine, which writes 007 as 7 and language tags in lower case."""
    store = ox.Store()
    store.extend(ox.Quad(t.subject, t.predicate, t.object) for t in triples)
    return Graph(q.triple for q in store)


def digest(lines: Iterable[str]) -> str:
    """The SHA-256 of lines, each ended by a newline."""
    total = hashlib.sha256()
    for line in lines:
        total.update(line.encode() + b"\n")
    return total.hexdigest()


def update_text(graphs: dict[NamedNode, Iterable[Triple]], added: dict[NamedNode, Iterable[Triple]]) -> str:
    """The one SPARQL text that Python writes: updates take no bindings, so terms serialise themselves."""
    operations = []
    for name, triples in graphs.items():
        operations.append(f"DROP SILENT GRAPH {name}")
        operations += _insert(name, triples)
    for name, triples in added.items():
        operations += _insert(name, triples)
    return ";\n".join(operations)


def _insert(name: NamedNode, triples: Iterable[Triple]) -> list[str]:
    lines = [f"{t.subject} {t.predicate} {t.object} ." for t in triples]
    return [f"INSERT DATA {{ GRAPH {name} {{\n" + "\n".join(lines) + "\n}}"] if lines else []
