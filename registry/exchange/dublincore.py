"""A record in the fifteen elements of Dublin Core, drawn from its format and from the ontology.

Each property leads, by `rdfs:subPropertyOf` of the ontology, to a term of DCMI, and that to the element it refines. The
field that names a record is its title, the one that introduces it the description; concepts without a term of DCMI
are subjects, countries coverage. So a new record type is in Dublin Core without a word said here.
Sources: https://www.dublincore.org/specifications/dublin-core/dcmi-terms/; OAI-PMH 2.0, section 2.5 (oai_dc).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from registry.concepts import Concepts
from registry.formats import Format
from registry.language import Texts
from registry.shape import Field
from registry.terms import DCTERMS, FOAF, RDF, RDFS, Graph, Literal, NamedNode, Own, Term

ELEMENTS = (
    *("title", "creator", "subject", "description", "publisher", "contributor", "date", "type", "format"),
    *("identifier", "source", "language", "relation", "coverage", "rights"),
)
REFINED = {
    **{name: name for name in ELEMENTS},
    **dict.fromkeys(("abstract", "tableOfContents"), "description"),
    **dict.fromkeys(("available", "created", "dateAccepted", "dateSubmitted", "issued", "modified", "valid"), "date"),
    **dict.fromkeys(("extent", "medium"), "format"),
    **dict.fromkeys(("spatial", "temporal"), "coverage"),
    **dict.fromkeys(("accessRights", "license"), "rights"),
    **dict.fromkeys(("hasPart", "isPartOf", "replaces", "isReplacedBy", "references", "requires"), "relation"),
    "alternative": "title",
    "bibliographicCitation": "identifier",
}


@dataclass(frozen=True, order=True)
class Element:
    """One element of a description: its name, its text, the language of that; empty for what is no language's."""

    name: str
    text: str
    language: str = ""


class DublinCore:
    """Writes records in the fifteen elements, with the labels of today's vocabularies."""

    def __init__(self, ontologies: Iterable[Graph], concepts: Concepts, own: Own) -> None:
        self._concepts = concepts
        self._countries = own.iri("vocabulary/countries")
        self._above: dict[NamedNode, tuple[NamedNode, ...]] = {}
        for graph in ontologies:
            for subject in graph.subjects:
                if isinstance(subject, NamedNode) and (above := graph.iris(subject, RDFS.subPropertyOf)):
                    self._above[subject] = above

    def of(self, record: NamedNode, doc: NamedNode, graph: Graph, format: Format) -> list[Element]:
        """The elements of a record as a graph describes it, each once, in the order of the fifteen."""
        languages = {t.value for t in graph.objects(doc, DCTERMS.language) if isinstance(t, Literal)} | {"en"}
        found = {Element("identifier", record.value), *_texts("type", format.names, languages)}
        for field in format.fields:
            name = self._named(field, format)
            for value in graph.objects(record, field.path) if name else ():
                found.update(self._said(name, value, languages))
        for predicate, values in graph.described(doc).items():
            name = self._element(predicate) or ""
            if name and predicate not in (RDF.type, FOAF.primaryTopic):
                found.update(element for value in values for element in self._said(name, value, languages))
        return sorted(found, key=lambda element: (ELEMENTS.index(element.name), element))

    def _named(self, field: Field, format: Format) -> str:
        """The element of a field; empty for parts, and where nothing tells."""
        if field.part:
            return ""
        if field is format.label:
            return "title"
        if field is format.description:
            return "description"
        if self._countries in field.schemes:
            return "coverage"
        return self._element(field.path) or ("subject" if field.kind == "concept" else "")

    def _element(self, path: NamedNode) -> str | None:
        """The element that a property refines, straight or by the properties above it."""
        if path.value.startswith(DCTERMS.iri):
            return REFINED.get(path.value.removeprefix(DCTERMS.iri))
        return next((name for above in self._above.get(path, ()) if (name := self._element(above))), None)

    def _said(self, name: str, value: Term, languages: set[str]) -> Iterator[Element]:
        if isinstance(value, Literal):
            yield Element(name, value.value, value.language or "")
        elif concept := self._concepts.get(value):
            yield from _texts(name, concept.labels, languages)
        else:
            yield Element(name, value.value)


def _texts(name: str, texts: Texts, languages: set[str]) -> Iterator[Element]:
    yield from (Element(name, text, lang) for lang, text in texts.items() if lang in languages)
