"""The steps of a form: the sections of its format, and one step for each concept that a field asks about.

A field of parts that carries `reg:askedOf` is a questionnaire: its part is asked once for every concept of the scheme,
a step for each top concept; what other parts there are follow in the section's own step.
Source: 2005 report, paragraph 20.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from registry.concepts import Concepts
from registry.formats import Field, Format
from registry.language import Texts
from registry.shape import path_name
from registry.terms import Graph, NamedNode
from web.inputs import natural


@dataclass(frozen=True)
class Step:
    """One page of a form. `asked` are the concepts it asks about; `rest` says that it follows such steps."""

    key: str
    names: Texts
    fields: tuple[Field, ...]
    asked: tuple[NamedNode, ...] = ()
    rest: bool = False


def steps(format: Format, concepts: Concepts) -> tuple[Step, ...]:
    """The steps of a format, in order."""
    return tuple(_steps(format, concepts))


def _steps(format: Format, concepts: Concepts) -> Iterator[Step]:
    for group, fields in format.groups():
        asking = [field for field in fields if questions(field, concepts)]
        for field in asking:
            for top in _tops(field, concepts):
                concept = concepts.get(top)
                names = concept.labels if concept else {}
                yield Step(f"{field.key}-{path_name(top)}", names, (field,), (top, *_within(top, concepts)))
        key, names = (path_name(group.iri), group.names) if group else ("more", {})
        yield Step(key, names, tuple(fields), rest=bool(asking))


def _tops(field: Field, concepts: Concepts) -> tuple[NamedNode, ...]:
    scheme = concepts.scheme(field.asked) if field.asked else None
    tops = (concepts.get(iri) for iri in scheme.top) if scheme else ()
    ordered = sorted((one for one in tops if one), key=lambda one: (one.position, one.notation))
    return tuple(one.iri for one in ordered if not one.deprecated)


def _within(top: NamedNode, concepts: Concepts) -> list[NamedNode]:
    found = []
    for iri in concepts.descendants(top):
        concept, above = concepts.get(iri), concepts.get(top)
        if concept and above and concept.scheme == above.scheme and not concept.deprecated:
            found.append(concept)
    return [one.iri for one in sorted(found, key=lambda one: (one.position, one.notation))]


@dataclass(frozen=True)
class Questions:
    """How a part is asked: the field that holds the concept asked about, and the one that holds the answer."""

    element: Field
    answer: Field


def questions(field: Field, concepts: Concepts) -> Questions | None:
    """How a field of parts is asked of a scheme; None where it is not, or its part has no place for an answer."""
    if not field.asked or not field.part or concepts.scheme(field.asked) is None:
        return None
    inner = field.part.fields
    element = next((one for one in inner if field.asked in one.schemes), None)
    answer = next((one for one in inner if one.schemes and one.max == 1 and one != element), None)
    return Questions(element, answer) if element and answer else None


def answers(record: NamedNode, graph: Graph, field: Field, concepts: Concepts) -> dict[NamedNode, NamedNode]:
    """The part that answers each question of a field: the first that is about the concept asked."""
    asks = questions(field, concepts)
    if asks is None or field.asked is None:
        return {}
    found: dict[NamedNode, NamedNode] = {}
    asked = {iri for top in _tops(field, concepts) for iri in (top, *_within(top, concepts))}
    for part in sorted(graph.iris(record, field.path), key=natural):
        about = graph.objects(part, asks.element.path)
        if len(about) == 1 and isinstance(about[0], NamedNode) and part.value.startswith(record.value + "#"):
            found.setdefault(about[0], part)
    return {concept: part for concept, part in found.items() if concept in asked}
