"""The data rooms of an installation, read once: formats, queries, ontology, prefixes, contexts, vocabularies."""

from __future__ import annotations

from collections.abc import Container
from functools import cached_property
from pathlib import Path

from registry import constraints, formats, house, quality, queries
from registry.exchange import contexts
from registry.exchange.writing import prefixes
from registry.records import named
from registry.rules import Rules
from registry.settings import Settings
from registry.standing import LICENCE
from registry.terms import DCTERMS, FOAF, RDF, RDFS, VOID, Graph, Literal, NamedNode, Own, Term, Triple


class House:
    """The data rooms of an installation, read once: formats, queries, ontology, prefixes, contexts, vocabularies."""

    def __init__(self, settings: Settings) -> None:
        self.folder: Path = settings.rooms
        self.own = Own(settings.base)
        self.formats = formats.read(self.folder, self.own)
        self.queries = queries.read(self.folder)
        files = {path.stem: path for path in house.files(self.folder, "ontology", "*.ttl")}
        rooms = {stem: formats.parse(path, settings.base) for stem, path in files.items()}
        self.prefixes = prefixes(rooms.pop("prefixes", Graph()), self.own)
        self.ontologies = rooms
        self.exchanged = contexts.read(self.folder, self.formats.values(), self.own)
        self.contexts = self.exchanged.contexts

    @cached_property
    def organisations(self) -> frozenset[NamedNode]:
        """The classes of record that are organizations, and so may publish: the ontology says which."""
        found = (ontology.having(RDFS.subClassOf, FOAF.Organization) for ontology in self.ontologies.values())
        return frozenset(iri for iris in found for iri in iris if isinstance(iri, NamedNode))

    def vocabularies(self, besides: Container[str] = ()) -> dict[NamedNode, Graph]:
        """The concept schemes as the files of the house have them, by IRI; the ledger's latest release rules.

        Those `besides` which others are asked for are not read.
        """
        files = house.files(self.folder, "vocabularies", "skos/*.ttl")
        schemes = {self.own.iri(f"vocabulary/{path.stem}"): path for path in files}
        return {iri: formats.parse(path, self.own.base) for iri, path in schemes.items() if iri.value not in besides}

    def furniture(self) -> dict[NamedNode, Graph]:
        """What the house publishes of itself: ontology, shapes and rules, without blank nodes."""
        ontologies = {self.own.iri(f"ns/{stem}"): graph for stem, graph in self.ontologies.items()}
        rules = constraints.drawn(
            Rules(self.queries, self.formats, self.own).all, self.formats, self.prefixes, self.own
        )
        shapes = named(self.formats.shapes, self.formats.field_keys) | rules | quality.drawn(self.formats, self.own)
        return {**ontologies, self.own.iri("format/"): shapes, self.own.iri("void"): self.dataset}

    @property
    def dataset(self) -> Graph:
        """What the public graphs say of themselves: that they are one dataset, its licence, and where to ask it."""
        here = self.own.iri("void#dataset")
        said: dict[NamedNode, Term] = {
            RDF.type: VOID.Dataset,
            DCTERMS.license: LICENCE,
            VOID.uriSpace: Literal(f"{self.own.base}id/"),
            VOID.sparqlEndpoint: self.own.iri("sparql"),
        }
        return Graph(Triple(here, predicate, value) for predicate, value in said.items())
