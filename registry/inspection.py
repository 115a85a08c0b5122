"""The house looks at itself: are its data rooms whole, and do they agree with each other and with the ledger?

What `registry check` prints. Every line names a file or a term, what is wrong, and so what to mend.
"""

from __future__ import annotations

from collections.abc import Iterator

from registry.checks import Checks
from registry.concepts import Concepts
from registry.errors import RegistryError
from registry.formats import Format
from registry.graphs import Embedded
from registry.language import LANGUAGES, Texts
from registry.ledger import Ledger
from registry.records import canonical
from registry.registry import House
from registry.settings import Settings
from registry.shape import Field
from registry.terms import OWL, RDF, RDFS, SH, BlankNode, Graph, NamedNode


def inspect(settings: Settings) -> Iterator[str]:
    """Every fault of the house, a line each."""
    try:
        rooms = House(settings)
        graphs = rooms.vocabularies()
    except RegistryError as error:
        yield str(error)
        return
    concepts = Concepts(graphs.values(), rooms.own)
    yield from _vocabularies(rooms, graphs, concepts)
    for format in rooms.formats.values():
        yield from _format(format, concepts, rooms)
    yield from _names(rooms)
    yield from _queries(rooms)
    yield from _drift(settings, rooms, graphs)


def _vocabularies(rooms: House, graphs: dict[NamedNode, Graph], concepts: Concepts) -> Iterator[str]:
    checks = Checks(rooms.formats, concepts, rooms.queries, rooms.own)
    for scheme, graph in graphs.items():
        file = scheme.value.rsplit("/", 1)[-1] + ".ttl"
        if concepts.scheme(scheme) is None:
            yield f"{file}: the file holds no concept scheme {scheme.value}"
        for finding in checks.vocabulary(graph):
            yield f"{file}: {finding.focus.value} · {finding.key} · {finding.say()} {finding.advise()}".strip()
        if any(isinstance(term, BlankNode) for triple in graph for term in (triple.subject, triple.object)):
            yield f"{file}: the file holds a blank node; give it an IRI"


def _format(format: Format, concepts: Concepts, rooms: House) -> Iterator[str]:
    for what, texts in (
        ("names", format.names),
        ("descriptions", format.descriptions),
        ("register", format.register_names),
    ):
        yield from _six(f"{format.iri.value} · {what}", texts)
    for field in format.fields:
        yield from _field(field, concepts)
        for inner in field.part.fields if field.part else ():
            yield from _field(inner, concepts)
    keys: dict[str, str] = {}
    every = [*format.fields, *(inner for field in format.fields if field.part for inner in field.part.fields)]
    for field in every:
        if keys.setdefault(field.key, field.path.value) != field.path.value:
            yield f"{field.iri.value}: the key {field.key} already means {keys[field.key]}"
    if format.states and format.states not in rooms.queries:
        yield f"{format.iri.value}: there is no query {format.states}"


def _field(field: Field, concepts: Concepts) -> Iterator[str]:
    yield from _six(f"{field.iri.value} · name", field.names)
    yield from _six(f"{field.iri.value} · description", field.descriptions)
    if field.group:
        yield from _six(f"{field.group.iri.value} · label", field.group.names)
    for scheme in field.schemes:
        if concepts.scheme(scheme) is None:
            yield f"{field.iri.value}: there is no concept scheme {scheme.value}"


def _names(rooms: House) -> Iterator[str]:
    """Six labels and comments for every own term; six words for every message."""
    for graph in rooms.ontologies.values():
        for term in graph.subjects:
            if graph.value(term, RDF.type) in (None, OWL.Ontology):
                continue
            yield from _six(f"{term.value} · label", graph.texts(term, RDFS.label))
            yield from _six(f"{term.value} · comment", graph.texts(term, RDFS.comment))
    for shape in rooms.formats.shapes.subjects:
        if texts := rooms.formats.shapes.texts(shape, SH.message):
            yield from _six(f"{shape.value} · message", texts)


def _six(what: str, texts: Texts) -> Iterator[str]:
    missing = [lang for lang in LANGUAGES if not texts.get(lang, "").strip()]
    if missing:
        yield f"{what}: no text in {', '.join(missing)}"


def _queries(rooms: House) -> Iterator[str]:
    """Every query runs as it stands, on an empty store."""
    store = Embedded(rooms.own.base)
    for query in rooms.queries.values():
        try:
            store.run(query.text)
        except (SyntaxError, ValueError) as error:
            yield f"sparql/{query.name}.rq: {error}"
        for lang in LANGUAGES:
            if query.name.startswith("checks/") and f"message.{lang}" not in query.meta:
                yield f"sparql/{query.name}.rq: no message in {lang}"


def _drift(settings: Settings, rooms: House, graphs: dict[NamedNode, Graph]) -> Iterator[str]:
    """Files that no longer say what the ledger's latest release says: a draft somebody has to review."""
    if not settings.ledger and not (settings.data / "ledger.sqlite").exists():
        return
    ledger = Ledger(settings.ledger_url)
    for scheme, graph in graphs.items():
        released = [e.graph for e in ledger.events(record=scheme.value) if e.graph is not None]
        if released and released[-1] != canonical(graph, rooms.own.base):
            yield f"{scheme.value}: the file differs from the release in force"
