"""What a page is about in the words of schema.org, for search engines: a block of data in its head.

The class is what the ontology says of the class of the record (`rdfs:subClassOf` a class of schema.org), the properties
those that are of schema.org or below one of it; so a new format has its block without a line here. The block is small:
what would make it longer than MOST is left out.
Sources: https://schema.org/docs/datamodel.html; https://www.w3.org/TR/json-ld11/#embedding-json-ld-in-html-documents.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from markupsafe import Markup

from registry.concepts import Concept, Scheme
from registry.formats import Field, Format
from registry.language import LANGUAGES
from registry.registry import Entry, Registry
from registry.standing import LICENCE
from registry.terms import DCTERMS, RDFS, SCHEMA, Graph, Literal, NamedNode
from web.labels import Labels, label_of
from web.negotiate import TABLES
from web.render import Page
from web.whole import ABOUT, NAME, PUBLISHER

MOST = 1_200  # bytes of a block
LONG = 200  # characters of a text
FEW = 3  # values of a property

Told = dict[str, Any]

# A block ends where its element does, whatever stands in a title; & too, so that it is the same in XML.
_ESCAPED = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})


def classes(registry: Registry, term: NamedNode | None) -> tuple[NamedNode, ...]:
    """The classes of schema.org that a class of ours is below."""
    return _above(registry, term, RDFS.subClassOf) if term else ()


def of_record(page: Page, entry: Entry, labels: Labels) -> Markup:
    """What a record is: its class, its name, its dates and whom it names; the page that tells of it."""
    graph, doc = entry.graph, entry.doc
    format = entry.format
    told: Told = {
        "@type": _type(page.registry, format.target),
        "@id": entry.iri.value,
        "sameAs": entry.iri.value,
        "name": page.text(label_of(page.registry, entry)).text,
        "mainEntityOfPage": {
            "@type": "WebPage",
            "@id": doc.value,
            "inLanguage": page.lang,
            "datePublished": (graph.text(doc, DCTERMS.issued) or "")[:10],
            "dateModified": (graph.text(doc, DCTERMS.modified) or "")[:10],
            "license": LICENCE.value,
            "isPartOf": {"@type": "Dataset", "@id": page.absolute(f"register/{format.register}")},
        },
    }
    if described := page.text(graph.texts(entry.iri, format.description.path)).text if format.description else "":
        told["description"] = _brief(described)
    return _fitting(told, _fields(page, graph, entry.iri, format.fields, labels))


def of_registry(page: Page) -> Markup:
    """The registry as a catalogue of its registers."""
    registers = [page.absolute(f"register/{format.register}") for format in page.registry.formats.values()]
    told = {
        "@type": "DataCatalog",
        "@id": page.absolute(""),
        "url": page.absolute(""),
        "name": page.say_in_words(NAME),
        "license": LICENCE.value,
        "inLanguage": list(LANGUAGES),
        "publisher": {"@type": "Organization", "name": page.say_in_words(PUBLISHER)},
    }
    about = _brief(page.say_in_words(ABOUT))
    return _fitting(told, [("dataset", [{"@id": one} for one in registers]), ("description", about)])


def of_register(page: Page, format: Format) -> Markup:
    """A register as a dataset."""
    address = page.absolute(f"register/{format.register}")
    told = {
        "@type": "Dataset",
        "@id": address,
        "url": address,
        "name": page.text(format.register_names).text,
        "description": _brief(page.text(format.descriptions).text),
        "license": LICENCE.value,
        "inLanguage": list(LANGUAGES),
        "isAccessibleForFree": True,
        "includedInDataCatalog": {"@type": "DataCatalog", "@id": page.absolute("")},
        "publisher": {"@type": "Organization", "name": page.say_in_words(PUBLISHER)},
    }
    files = [
        {"@type": "DataDownload", "encodingFormat": media.type, "contentUrl": f"{address}.{media.suffix}"}
        for media in TABLES
    ]
    return _fitting(told, [("distribution", files)])


def of_scheme(page: Page, scheme: Scheme) -> Markup:
    """A vocabulary."""
    told = {"@type": "DefinedTermSet", "@id": scheme.iri.value, "url": scheme.iri.value, "license": LICENCE.value}
    told["name"] = page.text(scheme.labels).text
    return _fitting(told, [("description", _brief(page.text(scheme.descriptions).text))])


def of_concept(page: Page, concept: Concept) -> Markup:
    """A concept of a vocabulary."""
    told = {"@type": "DefinedTerm", "@id": concept.iri.value, "url": concept.iri.value, "termCode": concept.notation}
    told |= {"name": page.text(concept.labels).text, "inDefinedTermSet": concept.scheme.value}
    return _fitting(told, [("description", _brief(page.text(concept.definitions).text))])


def _fields(
    page: Page, graph: Graph, subject: NamedNode, fields: Iterable[Field], labels: Labels
) -> Iterator[tuple[str, Any]]:
    """What the fields hold that schema.org has a word for."""
    for field in fields:
        for property in _above(page.registry, field.path, RDFS.subPropertyOf):
            name = property.value.removeprefix(SCHEMA.iri)
            values = _values(page, graph, subject, field, labels, name)
            yield name, values[0] if len(values) == 1 else values


def _values(page: Page, graph: Graph, subject: NamedNode, field: Field, labels: Labels, name: str) -> list[Any]:
    if field.kind == "text":
        text = page.text(graph.texts(subject, field.path)).text
        return [_brief(text)] if text else []
    found: list[Any] = []
    for value in graph.objects(subject, field.path)[:FEW]:
        if isinstance(value, Literal):
            found.append(value.value)
        elif concept := page.concept(value):
            found.append(concept.notation if name == "inLanguage" else page.text(concept.labels).text)
        elif isinstance(value, NamedNode) and field.part:
            inner = dict(_fields(page, graph, value, field.part.fields, labels))
            found.append({"@type": _type(page.registry, field.part.target), **{k: v for k, v in inner.items() if v}})
        elif isinstance(value, NamedNode) and field.kind == "record":
            told = {"@type": _type(page.registry, field.target), "@id": value.value}
            found.append({**told, "name": page.text(labels[value]).text})
        elif isinstance(value, NamedNode):
            found.append(value.value)
    return found


def _above(registry: Registry, term: NamedNode, predicate: NamedNode) -> tuple[NamedNode, ...]:
    """The terms of schema.org that a term is below, or the term itself where it is one."""
    if term.value.startswith(SCHEMA.iri):
        return (term,)
    above = [one for ontology in registry.house.ontologies.values() for one in ontology.iris(term, predicate)]
    return tuple(one for one in above if one.value.startswith(SCHEMA.iri))


def _type(registry: Registry, term: NamedNode | None) -> Any:
    names = [one.value.removeprefix(SCHEMA.iri) for one in classes(registry, term)] or ["Thing"]
    return names[0] if len(names) == 1 else names


def _brief(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONG else line[: LONG - 1].rsplit(" ", 1)[0] + "…"


def _fitting(told: Told, more: Iterable[tuple[str, Any]]) -> Markup:
    """The block with as much more as it has room for; a name that is taken, or has nothing behind it, is left out."""
    told = {"@context": "https://schema.org", **told}
    for name, value in more:
        wider = {**told, name: value}
        if value not in ([], "", None) and name not in told and len(_written(wider).encode()) <= MOST:
            told = wider
    return Markup(_written(told))


def _written(told: Told) -> str:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPED)
