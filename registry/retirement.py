"""The end of a record's life: it is retired, or merged into the record that it doubles. Nothing is ever deleted.

What ended keeps its identifier and its versions; in its place stands a tombstone with its name, the reason, the day
and what replaces it. Source: 2005 report, paragraph 23 (b) and (d); life cycle of the Biosafety Clearing-House.
"""

from __future__ import annotations

from registry.errors import BadInput, NotFound
from registry.language import LANGUAGES, Texts
from registry.ledger import Event, Writer
from registry.records import canonical, spoken
from registry.records import identifier as as_identifier
from registry.registry import Entry, Registry
from registry.shape import path_name
from registry.terms import DCTERMS, Graph, Literal, NamedNode, Term, Triple


def retire(registry: Registry, name: str, reasons: Texts, *, by: str, successor: str | None = None) -> Event:
    """Retire a record for a reason, told in one language or several; `successor` names what replaces it.

    Raises NotFound for a record that is not there, BadInput for one that ended already or a reason that is none.
    """
    following = successor_of(registry, name, successor)
    return _end(registry, "retired", name, reasons, following, by)


def merge(registry: Registry, name: str, into: str, reasons: Texts, *, by: str) -> Event:
    """Merge a record into the one that it doubles: its address leads there from now on.

    Raises NotFound for a record that is not there; BadInput for a merge into itself, into a record that ended (and so
    for a ring), or into a record of another type.
    """
    following = _following(registry, name, into)
    return _end(registry, "merged", name, reasons, following, by)


def _end(registry: Registry, kind: str, name: str, reasons: Texts, following: Entry | None, by: str) -> Event:
    entry = _live(registry, name)
    graph = tombstone(registry, entry, reasons, following)
    with registry.ledger.writing() as writer:
        event = end(registry, writer, kind, entry, graph, following, by=by)
    registry.follow()
    return event


def end(
    registry: Registry, writer: Writer, kind: str, entry: Entry, graph: Graph, following: Entry | None, *, by: str
) -> Event:
    """Append the end of a record, with its tombstone's statements; raises BadInput where it ended already."""
    for other in (entry, following):
        if other and _ended(writer.kinds(other.iri.value)):
            raise _over(registry, other.identifier)
    return writer.append(kind, entry.iri.value, by=by, graph=canonical(graph, registry.own.base))


def successor_of(registry: Registry, name: str, successor: str | None) -> Entry | None:
    """The record that takes the place of another; raises BadInput for itself or one that ended, NotFound for none."""
    return _following(registry, name, successor) if successor else None


def tombstone(registry: Registry, entry: Entry, reasons: Texts, following: Entry | None) -> Graph:
    """The statements of the event: how the record was called on its last day, why it ended, what replaces it.

    Raises BadInput without a reason in one of the six languages, and for one that hides signs.
    """
    told = {lang: text.strip() for lang, text in reasons.items() if text.strip()}
    if not told or not set(told) <= set(LANGUAGES):
        raise BadInput(
            "A reason is needed, in one of the six languages.", remedy="Say in a sentence why.", where="reason"
        )
    for text in told.values():
        spoken(text, "reason")
    own, doc = registry.own, entry.doc
    said: list[tuple[NamedNode, Term]] = [(own.reg.reason, Literal(t, language=tag)) for tag, t in told.items()]
    said += [(DCTERMS.title, title) for title in _titles(registry, entry)]
    if following:
        said.append((DCTERMS.isReplacedBy, following.iri))
    return Graph(Triple(doc, predicate, value) for predicate, value in said)


def _titles(registry: Registry, entry: Entry) -> list[Literal]:
    """What names the record; where a concept does, its labels of the day."""
    found = []
    for term in entry.graph.objects(entry.iri, entry.format.label.path):
        if isinstance(term, Literal):
            found.append(term)
        elif concept := registry.concepts.get(term):
            found += [Literal(text, language=lang) for lang, text in concept.labels.items()]
    return found


def _following(registry: Registry, name: str, successor: str) -> Entry:
    if _spelt(name) == _spelt(successor):
        raise BadInput("{name} cannot take its own place.", remedy="Name another record.", where="into", name=name)
    following = _live(registry, successor)
    if following.format.key != _live(registry, name).format.key:
        raise BadInput(
            "{name} and {other} are records of different types.",
            remedy="Only a record of the same type can take its place.",
            where="into",
            name=_spelt(name),
            other=following.identifier,
        )
    return following


def _live(registry: Registry, name: str) -> Entry:
    """A published record by its identifier."""
    if as_identifier(name) is None:
        raise NotFound("There is no record {name}.", name=name)
    entry = registry.record(_spelt(name))
    if entry is None and registry.ending(_spelt(name)):
        raise _over(registry, _spelt(name))
    if entry is None:
        raise NotFound("There is no record {name}.", name=name)
    return entry


def _over(registry: Registry, name: str) -> BadInput:
    registry.follow()
    ending = registry.ending(name)
    successor = ending.successor if ending else None
    if ending and ending.kind == "merged" and successor:
        return BadInput(
            "{name} was merged into {other} on {day}.",
            remedy="Take {other} instead.",
            name=name,
            other=successor,
            day=ending.at.date(),
        )
    day = ending.at.date() if ending else ""
    return BadInput("{name} was retired on {day}.", remedy="Take a record that stands.", name=name, day=day)


def _ended(kinds: list[str]) -> bool:
    return not {"retired", "merged"}.isdisjoint(kinds)


def _spelt(name: str) -> str:
    found = as_identifier(name)
    return str(found[0]) if found else name


def referring(registry: Registry, name: str) -> list[str]:
    """The identifiers of the records that refer to a record, so that whoever ends it can mend them."""
    rows = registry.select("records/mentions", record=registry.own.record(_spelt(name)))
    return sorted({path_name(row["by"]) for row in rows if isinstance(row["by"], NamedNode)})
