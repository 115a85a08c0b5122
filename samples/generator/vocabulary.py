"""The registry's own vocabularies, read for two things: that a code exists, and what a place is called."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

BASE = "http://localhost/"
SKOS = "http://www.w3.org/2004/02/skos/core#"


class Vocabulary:
    """The concept schemes of a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._schemes: dict[str, dict[str, dict[str, str]]] = {}

    def concept(self, scheme: str, code: str) -> str:
        """The prefixed name of a concept.

        Raises KeyError when the scheme has no such code.
        """
        if code not in self._labels(scheme):
            raise KeyError(f"{scheme} has no concept {code}")
        return f"{scheme}:{code}"

    def label(self, scheme: str, code: str, lang: str) -> str:
        """The preferred label of a concept."""
        return self._labels(scheme)[code][lang]

    def groups(self, scheme: str, code: str) -> frozenset[str]:
        """The UN regional groups of a country, or of the countries in a group of another kind."""
        memberships = self._memberships
        within = f"{scheme}/{code}"
        inside = [c for c, wider in memberships.items() if c == code or within in wider]
        groups = {group for country in inside for group in memberships[country]}
        return frozenset(g.split("/")[1] for g in groups if g.startswith("un-regional-group/")) - {"none"}

    def _labels(self, scheme: str) -> dict[str, dict[str, str]]:
        if scheme not in self._schemes:
            found: dict[str, dict[str, str]] = {}
            for quad in self._read(scheme):
                if quad.predicate.value == f"{SKOS}prefLabel" and isinstance(quad.object, Literal):
                    found.setdefault(_code(quad), {})[quad.object.language or ""] = quad.object.value
            self._schemes[scheme] = found
        return self._schemes[scheme]

    @cached_property
    def _memberships(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for quad in self._read("countries"):
            if quad.predicate.value == f"{SKOS}broader" and isinstance(quad.object, NamedNode):
                found.setdefault(_code(quad), set()).add(quad.object.value.removeprefix(f"{BASE}vocabulary/"))
        return found

    def _read(self, scheme: str) -> list[Quad]:
        path = self._folder / f"{scheme}.ttl"
        return list(parse(path=str(path), format=RdfFormat.TURTLE, base_iri=BASE))


def _code(quad: Quad) -> str:
    return str(quad.subject.value).rsplit("/", 1)[-1] if isinstance(quad.subject, NamedNode) else ""
