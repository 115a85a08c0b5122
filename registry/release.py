"""A changed vocabulary file > a new release of its concept scheme: one event, all or nothing.

What records name must not vanish: a concept is deprecated (`owl:deprecated`, `dcterms:isReplacedBy`), never taken out.
Source: 2005 report, paragraph 7 (controlled vocabularies); https://www.w3.org/TR/skos-reference/.
"""

from __future__ import annotations

from collections.abc import Iterable

from registry.concepts import Concepts
from registry.errors import Conflict, NotFound
from registry.ledger import Event
from registry.records import canonical
from registry.registry import Registry
from registry.shape import path_name
from registry.terms import SKOS, Graph, NamedNode, from_lines
from registry.vetting import Vetting


def changed(registry: Registry) -> dict[NamedNode, Graph]:
    """The schemes whose files no longer say what the release in force says."""
    found = {}
    for scheme, graph in registry.house.vocabularies().items():
        latest = _latest(registry, scheme)
        if latest and latest.graph != canonical(graph, registry.own.base):
            found[scheme] = graph
    return found


def release(registry: Registry, names: Iterable[str], *, by: str) -> list[Event]:
    """Release the named schemes as their files have them; all that changed where none is named.

    Raises NotFound for a scheme without a file, Conflict, naming what is wrong, where a file has faults or leaves out a
    concept that is in force. Nothing is released unless everything can be.
    """
    wanted = {registry.own.iri(f"vocabulary/{name}") for name in names}
    files = registry.house.vocabularies()
    for scheme in sorted(wanted - files.keys(), key=str):
        raise NotFound("There is no vocabulary file {name}.", name=f"{path_name(scheme)}.ttl")
    going = {scheme: graph for scheme, graph in changed(registry).items() if not wanted or scheme in wanted}
    concepts = Concepts(files.values(), registry.own)
    vetting = Vetting(registry.formats.shapes, registry.own)
    for scheme, graph in going.items():
        _whole(registry, scheme, graph)
        for finding in vetting.vocabulary(scheme, graph, lambda iri: concepts.get(iri) is not None):
            raise Conflict(
                "{name} has faults: {fault}",
                remedy="Run: registry check",
                name=f"{path_name(scheme)}.ttl",
                fault=f"{path_name(finding.focus)} · {finding.say()}",
            )
    events = []
    with registry.ledger.writing() as writer:
        for scheme, graph in going.items():
            before = writer.latest(scheme.value)
            number = (before.version or 0) + 1 if before else 1
            text = canonical(graph, registry.own.base)
            events.append(writer.append("vocabulary", scheme.value, by=by, version=number, graph=text))
    registry.follow()
    return events


def _whole(registry: Registry, scheme: NamedNode, graph: Graph) -> None:
    """Raises Conflict where a concept of the release in force is not in the file."""
    latest = _latest(registry, scheme)
    before = from_lines(latest.graph or "") if latest else Graph()
    missing = set(before.having(SKOS.inScheme, scheme)) - set(graph.having(SKOS.inScheme, scheme))
    if missing:
        raise Conflict(
            "{name} leaves out concepts that are in force: {codes}.",
            remedy="Keep them as deprecated, with dcterms:isReplacedBy where another takes their place.",
            name=f"{path_name(scheme)}.ttl",
            codes=", ".join(sorted(path_name(one) for one in missing if isinstance(one, NamedNode))),
        )


def _latest(registry: Registry, scheme: NamedNode) -> Event | None:
    events = [event for event in registry.ledger.events(record=scheme.value) if event.version is not None]
    return events[-1] if events else None
