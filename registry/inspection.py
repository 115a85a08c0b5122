"""The house looks at itself: are its data rooms whole, and do they agree with each other and with the ledger?

What `registry check` prints. Every line names a file or a term, what is wrong, and so what to mend.
"""

from __future__ import annotations

from collections.abc import Iterator

from registry import constraints
from registry.concepts import Concepts
from registry.errors import RegistryError
from registry.exchange import contexts
from registry.formats import Format
from registry.graphs import Embedded
from registry.language import LANGUAGES, Texts
from registry.ledger import Ledger
from registry.records import canonical
from registry.rooms import House
from registry.rules import Rules
from registry.settings import Settings
from registry.shape import Field
from registry.terms import OWL, RDF, RDFS, SH, BlankNode, Graph, NamedNode
from registry.vetting import Vetting


def inspect(settings: Settings) -> Iterator[str]:
    """Every fault of the house, a line each."""
    try:
        rooms = House(settings)
        graphs = rooms.vocabularies()
    except RegistryError as error:
        yield str(error)
        return
    concepts = Concepts(graphs.values(), rooms.own)
    vetting = Vetting(rooms.formats.shapes, rooms.own)
    yield from _vocabularies(rooms, graphs, concepts, vetting)
    yield from _shapes(rooms, vetting)
    for format in rooms.formats.values():
        yield from _format(format, concepts, rooms)
    yield from _names(rooms)
    yield from _queries(rooms)
    yield from _rules(rooms)
    yield from contexts.drift(rooms.folder, rooms.formats.values(), rooms.own)
    yield from _drift(settings, rooms, graphs)


def _vocabularies(rooms: House, graphs: dict[NamedNode, Graph], concepts: Concepts, vetting: Vetting) -> Iterator[str]:
    for scheme, graph in graphs.items():
        file = scheme.value.rsplit("/", 1)[-1] + ".ttl"
        if concepts.scheme(scheme) is None:
            yield f"{file}: the file holds no concept scheme {scheme.value}"
        for finding in vetting.vocabulary(scheme, graph, lambda iri: concepts.get(iri) is not None):
            yield f"{file}: {finding.focus.value} · {finding.key} · {finding.say()} {finding.advise()}".strip()
        if any(isinstance(term, BlankNode) for triple in graph for term in (triple.subject, triple.object)):
            yield f"{file}: the file holds a blank node; give it an IRI"


def _shapes(rooms: House, vetting: Vetting) -> Iterator[str]:
    """What `shapes/shape.ttl` finds in the formats."""
    known = [iri for iri in rooms.prefixes.values() if not iri.startswith(rooms.own.base)]
    for finding in vetting.formats(rooms.formats, rooms.ontologies.values(), known):
        yield f"{finding.focus.value}: {finding.say()} {finding.advise()}".strip()


def _format(format: Format, concepts: Concepts, rooms: House) -> Iterator[str]:
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
        for word in ("message", "remedy") if query.name.startswith("checks/") else ():
            for lang in LANGUAGES:
                if f"{word}.{lang}" not in query.meta:
                    yield f"sparql/{query.name}.rq: no {word} in {lang}"


def _rules(rooms: House) -> Iterator[str]:
    """Every rule can be read, concerns some format, and can be published as SHACL-SPARQL."""
    try:
        rules = Rules(rooms.queries, rooms.formats, rooms.own).all
    except RegistryError as error:
        yield f"sparql/{error.where}.rq: {error.say()}"
        return
    for rule in rules:
        if found := constraints.FORBIDDEN.search(constraints.select(rule, rooms.own)):
            yield f"sparql/{rule.name}.rq: a rule with {found[0]} cannot be published as SHACL. Say it without."
        if not any(constraints.concerns(rule, format) for format in rooms.formats.values()):
            yield f"sparql/{rule.name}.rq: the rule concerns no format. Name a class or fields that a format has."


def _drift(settings: Settings, rooms: House, graphs: dict[NamedNode, Graph]) -> Iterator[str]:
    """Files that no longer say what the ledger's latest release says: a draft somebody has to review."""
    if not settings.ledger and not (settings.data / "ledger.sqlite").exists():
        return
    ledger = Ledger(settings.ledger_url)
    for scheme, graph in graphs.items():
        released = [e.graph for e in ledger.events(record=scheme.value) if e.graph is not None]
        if released and released[-1] != canonical(graph, rooms.own.base):
            remedy = "Release it (registry release), or put the released file back."
            yield f"{scheme.value}: the file differs from the release in force. {remedy}"
