"""RDF terms, namespaces, and a small immutable graph: what flows between the rooms.

Terms are the engine's own (pyoxigraph), so nothing is copied into objects that forget half of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

Subject = NamedNode | BlankNode
Term = NamedNode | BlankNode | Literal

__all__ = ["BlankNode", "Graph", "Literal", "NamedNode", "Namespace", "Own", "Subject", "Term", "Triple", "from_lines"]


class Namespace:
    """A namespace whose terms are its attributes or items: `DCTERMS.title`, `SKOS["prefLabel"]`."""

    def __init__(self, iri: str) -> None:
        self.iri = iri

    def __getattr__(self, name: str) -> NamedNode:
        if name.startswith("__"):
            raise AttributeError(name)
        return NamedNode(self.iri + name)

    def __getitem__(self, name: str) -> NamedNode:
        return NamedNode(self.iri + name)


RDF = Namespace("http://www.w3.org/1999/02/22-rdf-syntax-ns#")
RDFS = Namespace("http://www.w3.org/2000/01/rdf-schema#")
XSD = Namespace("http://www.w3.org/2001/XMLSchema#")
OWL = Namespace("http://www.w3.org/2002/07/owl#")
DCTERMS = Namespace("http://purl.org/dc/terms/")
FOAF = Namespace("http://xmlns.com/foaf/0.1/")
PROV = Namespace("http://www.w3.org/ns/prov#")
SKOS = Namespace("http://www.w3.org/2004/02/skos/core#")
SH = Namespace("http://www.w3.org/ns/shacl#")
DASH = Namespace("http://datashapes.org/dash#")
SCHEMA = Namespace("https://schema.org/")
DCAT = Namespace("http://www.w3.org/ns/dcat#")
VOID = Namespace("http://rdfs.org/ns/void#")


class Own:
    """The registry's own names below its base: terms, records, documents, schemes, formats."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.reg = Namespace(base + "ns/registry#")
        self.cap = Namespace(base + "ns/capacity#")
        self.history = NamedNode(base + "history")

    def iri(self, path: str) -> NamedNode:
        """The IRI of a path below the base."""
        return NamedNode(self.base + path)

    def record(self, identifier: str) -> NamedNode:
        """The thing itself: `/id/BCH-OPP-SCBD-1042`."""
        return self.iri(f"id/{identifier}")

    def doc(self, identifier: str) -> NamedNode:
        """The document that describes it: `/doc/BCH-OPP-SCBD-1042`."""
        return self.iri(f"doc/{identifier}")

    def version(self, identifier: str, number: int) -> NamedNode:
        """One version of the document, for ever the same."""
        return self.iri(f"doc/{identifier}/v/{number}")

    def concept(self, scheme: str, code: str) -> NamedNode:
        """A concept by its scheme's key and its code."""
        return self.iri(f"vocabulary/{scheme}/{code}")


def from_lines(text: str) -> Graph:
    """The graph that lines of N-Triples hold."""
    return Graph(q.triple for q in parse(text, RdfFormat.N_TRIPLES))


class Graph:
    """An immutable set of triples with the three look-ups that pages and checks need."""

    def __init__(self, triples: Iterable[Triple] = ()) -> None:
        self.triples: frozenset[Triple] = frozenset(triples)

    def __len__(self) -> int:
        return len(self.triples)

    def __iter__(self) -> Iterator[Triple]:
        return iter(self.triples)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Graph) and self.triples == other.triples

    def __hash__(self) -> int:
        return hash(self.triples)

    def __or__(self, other: Graph) -> Graph:
        return Graph(self.triples | other.triples)

    @cached_property
    def _by_subject(self) -> dict[Subject, dict[NamedNode, list[Term]]]:
        index: dict[Subject, dict[NamedNode, list[Term]]] = {}
        for triple in self.triples:
            index.setdefault(triple.subject, {}).setdefault(triple.predicate, []).append(triple.object)  # type: ignore[arg-type]
        for said in index.values():
            for terms in said.values():
                if len(terms) > 1:
                    terms.sort(key=str)
        return index

    @property
    def subjects(self) -> list[Subject]:
        """Every subject, in the order of the sorted N-Triples."""
        return sorted(self._by_subject, key=str)

    def predicates(self, subject: Subject) -> list[NamedNode]:
        """The predicates used of a subject."""
        return sorted(self._by_subject.get(subject, {}), key=str)

    def objects(self, subject: Subject, predicate: NamedNode) -> list[Term]:
        """The values of a property, in the order of the sorted N-Triples."""
        return self._by_subject.get(subject, {}).get(predicate, [])

    def value(self, subject: Subject, predicate: NamedNode) -> Term | None:
        """One value of a property, or None."""
        return next(iter(self.objects(subject, predicate)), None)

    def text(self, subject: Subject, predicate: NamedNode) -> str | None:
        """The first literal of a property as a string, or None."""
        for term in self.objects(subject, predicate):
            if isinstance(term, Literal):
                return term.value
        return None

    def iris(self, subject: Subject, predicate: NamedNode) -> tuple[NamedNode, ...]:
        """The values that are IRIs."""
        return tuple(t for t in self.objects(subject, predicate) if isinstance(t, NamedNode))

    def texts(self, subject: Subject, predicate: NamedNode) -> dict[str, str]:
        """The texts of a property by language; a plain literal counts as undetermined (`und`)."""
        literals = [t for t in self.objects(subject, predicate) if isinstance(t, Literal)]
        return {t.language or "und": t.value for t in literals}

    def described(self, subject: Subject) -> dict[NamedNode, list[Term]]:
        """All that is said of a subject: its properties and their values, both in the order of the sorted N-Triples."""
        said = self._by_subject.get(subject, {})
        return {predicate: said[predicate] for predicate in self.predicates(subject)}

    def about(self, subjects: Iterable[Subject]) -> Graph:
        """The triples of these subjects."""
        return Graph(
            Triple(subject, predicate, value)
            for subject in subjects
            for predicate, values in self.described(subject).items()
            for value in values
        )

    def having(self, predicate: NamedNode, value: Term) -> list[Subject]:
        """The subjects that have this value."""
        return self._by_value.get((predicate, value), [])

    @cached_property
    def _by_value(self) -> dict[tuple[NamedNode, Term], list[Subject]]:
        index: dict[tuple[NamedNode, Term], list[Subject]] = {}
        for subject, described in self._by_subject.items():
            for predicate, values in described.items():
                for value in values:
                    index.setdefault((predicate, value), []).append(subject)
        return index

    def items(self, head: Term | None) -> list[Term]:
        """The members of an RDF list."""
        found: list[Term] = []
        while isinstance(head, (NamedNode, BlankNode)) and head != RDF.nil:
            found += self.objects(head, RDF.first)[:1]
            head = self.value(head, RDF.rest)
        return found
