"""A posted form > the record's graph: what the shown fields say is replaced, the rest is kept.

A pure function: the order of the fields does not matter, nothing is asked of a database, nothing typed is lost. What is
wrong with the record the checks tell; here is only read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from registry.concepts import Concepts
from registry.formats import Field, Format
from registry.shape import Part
from registry.terms import RDF, Graph, Literal, NamedNode, Own, Term, Triple
from web.inputs import ASKED, CHOSEN, NOT_ASSESSED, NOT_SAID, Node, part_keys, part_of, tree
from web.steps import Step, answers, questions
from web.typed import Typist, cleaned

REDRAWING = ("add", "remove", "search")


def read(
    fields: Mapping[str, Sequence[str]],
    format: Format,
    record: NamedNode,
    before: Graph,
    shown: Iterable[Step],
    *,
    concepts: Concepts,
    own: Own,
) -> Graph:
    """The record after a form was posted that showed these steps, by the names of `web.inputs`."""
    reader = _Reader(record, before, concepts, own, part_keys(format.fields))
    known = Graph([*before, Triple(record, RDF.type, format.target)])
    return reader.record(known, tree(fields), tuple(shown))


class _Reader:
    """Reads one posted form into one record."""

    def __init__(self, record: NamedNode, before: Graph, concepts: Concepts, own: Own, keys: list[str]) -> None:
        self._record, self._before, self._concepts = record, before, concepts
        self._typist, self._keys = Typist(concepts, own), keys

    def record(self, known: Graph, posted: Node, shown: Sequence[Step]) -> Graph:
        """The whole record."""
        every = (field for step in shown for field in step.fields if not field.readonly)
        fields = tuple({field.path: field for field in every}.values())
        gone: set[Triple] = set()
        for field in fields:
            left = self._left(field, shown, posted)
            for value in self._before.objects(self._record, field.path):
                if value not in left:
                    gone.add(Triple(self._record, field.path, value))
                    gone |= self._subtree(value, field.part) if field.part else set()
        return Graph([*(t for t in known if t not in gone), *self._said(self._record, fields, posted)])

    def _named(self, field: Field, prefix: str) -> tuple[str, NamedNode] | None:
        found = part_of(self._record, prefix, self._keys) if field.part else None
        return found if found and found[0] == field.key else None

    def _left(self, field: Field, shown: Sequence[Step], posted: Node) -> set[Term]:
        """The parts of a questionnaire that the shown steps did not ask for, or asked for under another name."""
        asks = questions(field, self._concepts)
        if not asks:
            return set()
        asked = {iri for step in shown for iri in step.asked}
        named = {found[1]: node for name, node in posted.inner.items() if (found := self._named(field, name))}
        elsewhere = {self._typist.term(asks.element, node.one(ASKED)) for node in named.values()}
        answered = answers(self._record, self._before, field, self._concepts)
        left: set[Term] = {part for iri, part in answered.items() if iri not in asked or iri in elsewhere}
        if not any(step.rest and field in step.fields for step in shown):
            left |= set(self._before.objects(self._record, field.path)) - set(answered.values())
        return left - named.keys()

    def _subtree(self, part: Term, shape: Part) -> set[Triple]:
        """What is said of a part, and of the parts within it."""
        if not isinstance(part, NamedNode) or not part.value.startswith(self._record.value + "#"):
            return set()
        found = set(self._before.about([part]))
        for field in shape.fields:
            for inner in self._before.objects(part, field.path) if field.part else ():
                found |= self._subtree(inner, field.part) if field.part and inner != part else set()
        return found

    def _said(self, subject: NamedNode, fields: Sequence[Field], posted: Node) -> Iterator[Triple]:
        for field in fields:
            before = self._before.objects(subject, field.path)
            if field.kind == "text":
                terms: Iterable[Term] = self._texts(field, posted, before)
            else:
                terms = self._values(field, posted, before)
            for term in terms:
                yield Triple(subject, field.path, term)
        for prefix, inner in posted.inner.items():
            for field in fields:
                if found := self._named(field, prefix):
                    yield from self._part(subject, field, found[1], inner)

    def _texts(self, field: Field, posted: Node, before: Sequence[Term]) -> Iterator[Term]:
        """The texts by language; without one stand those that came so through another door."""
        said = {**posted.below(field.key).values, "": posted.all(field.key)}
        for lang, texts in said.items():
            for text in filter(None, map(cleaned, texts)):
                kept = (term for term in before if _language(term) == lang and cleaned(term.value) == text)
                try:
                    written = Literal(text, language=lang) if lang else Literal(text)
                except ValueError:  # the name of the input was not written by us
                    continue
                yield next(kept, written)

    def _values(self, field: Field, posted: Node, before: Sequence[Term]) -> Iterator[Term]:
        chosen = posted.below(field.key)
        for number, text in enumerate(posted.all(field.key)):
            text = chosen.one(f"{CHOSEN}{number}") or text
            term = self._typist.term(field, text, before)
            if term is not None:
                yield term

    def _part(self, subject: NamedNode, field: Field, part: NamedNode, posted: Node) -> Iterator[Triple]:
        """A part with what is said of it; nothing where it was left empty or said not to be."""
        assert field.part
        there = bool(self._before.described(part))
        asks = questions(field, self._concepts) if subject == self._record else None
        about = self._typist.term(asks.element, posted.one(ASKED)) if asks else None
        answer = posted.one(asks.answer.key) if asks and about else ""
        if answer == NOT_ASSESSED and there:
            return
        if asks and answer in (NOT_ASSESSED, NOT_SAID):
            posted.values.pop(asks.answer.key)
        said = list(self._said(part, [inner for inner in field.part.fields if not inner.readonly], posted))
        if asks and about and (said or answer == NOT_SAID):
            said.append(Triple(part, asks.element.path, about))
        if not said:
            return
        yield Triple(subject, field.path, part)
        yield from said
        types: Iterable[NamedNode] = self._before.iris(part, RDF.type)
        if not there and field.part.target:
            types = (field.part.target,)
        yield from (Triple(part, RDF.type, kind) for kind in types)
        yield from self._unknown(part, field.part)

    def _unknown(self, part: NamedNode, shape: Part) -> Iterator[Triple]:
        """What another door, or the registry itself, said of a part that no input of it shows."""
        known = {RDF.type, *(field.path for field in shape.fields if not field.readonly)}
        for predicate, values in self._before.described(part).items():
            if predicate not in known:
                yield from (Triple(part, predicate, value) for value in values)


def _language(term: Term) -> str:
    return (term.language or "") if isinstance(term, Literal) else ""
