"""A field and its values > a box of a form: the widget that fits, what stands in it, what is told of it.

Which widget: by kind, by how many values there may be and how many answers there are; never by type of record.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from registry.attachments import LARGEST
from registry.findings import Finding
from registry.formats import Field, Format
from registry.shape import path_name
from registry.terms import SH, Graph, NamedNode, Term
from web import lines, pickers
from web.boxes import Around, Box, Inner, Row, Told, told
from web.inputs import NOT_ASSESSED, NOT_SAID, joined, natural, next_free, part_keys, prefix_of
from web.render import Page
from web.steps import Questions, Step, answers
from web.typed import Typist
from web.words import Text
from web.words import marked as _

LONG = 200


class Drawer:
    """Draws the boxes of one record for one reader; `targets` gathers where each finding was told."""

    def __init__(
        self,
        page: Page,
        format: Format,
        record: NamedNode,
        graph: Graph,
        findings: tuple[Finding, ...],
        around: Around,
        more: Collection[str],
    ) -> None:
        self._page, self._format, self.record, self._graph = page, format, record, graph
        self._findings, self._around, self._more = findings, around, more
        self._concepts = page.registry.concepts
        self._keys = part_keys(format.fields)
        self._typist = Typist(self._concepts, page.registry.own)
        self.targets: dict[int, tuple[str, Text | None]] = {}

    def said(self, sentence: str, **places: object) -> Text:
        """A sentence in the reader's language."""
        return Text(self._page.say_in_words(sentence, **places), self._page.lang)

    def box(self, subject: NamedNode, prefix: str, field: Field, rest: bool = False) -> Box:
        """The box of one field; `rest`: of a questionnaire, only what its questions leave."""
        name = joined(prefix, field.key)
        terms = self._graph.objects(subject, field.path)
        if field.part:
            return self._parts(subject, prefix, field, terms, rest)
        if field.readonly or field.kind == "file":
            rows = (lines.facts if field.readonly else lines.files)(self._page, self._typist, field, name, terms)
            box = Box(field, name, "facts" if field.readonly else "file", limit=LARGEST, id=name)
            return self._with_findings(box, subject, rows, (), terms)
        if field.kind in ("concept", "boolean"):
            return self._chosen(subject, field, name, terms)
        limit = self._format.shapes.text(field.iri, SH.maxLength)
        most = int(limit) if limit else None
        wide = (field.kind == "text" and most is None) or (most or 0) > LONG
        long = field.role == "description" or (wide and field.role != "label")
        box = Box(field, name, "text" if field.kind == "text" else "lines", limit=most, id=name)
        others: tuple[Row, ...] = ()
        if field.kind == "text":
            rows, others = lines.texts(self._page, self._typist, field, name, terms)
        else:
            more = name in self._more
            rows = lines.lines(self._page, self._typist, field, name, terms, self._around, more)
        box = replace(box, long=long or any("\n" in row.value for row in (*rows, *others)))
        if field.kind == "record" and field.target:
            box = replace(box, create=self._around.create(field.target))
        return self._with_findings(box, subject, rows, others, terms)

    def _with_findings(
        self, box: Box, subject: NamedNode, rows: tuple[Row, ...], others: tuple[Row, ...], terms: Sequence[Term]
    ) -> Box:
        """The box with what is told of it; each finding leads to the row of its value, or to the first."""
        found = []
        faulty = set()
        for finding in self._of(subject, box.field.key):
            row = self._row_of(box, finding, (*rows, *others)) or rows[0]
            faulty |= {row.id} if finding.blocks else set()
            found.append(self._tell(finding, row.id, kind=box.field.kind))
        rows, others = (tuple(replace(r, faulty=r.id in faulty) for r in some) for some in (rows, others))
        unfolded = any(row.value or row.faulty for row in others)
        return replace(box, rows=rows, others=others, told=tuple(found), open=unfolded, more=box.field.max != 1)

    def _row_of(self, box: Box, finding: Finding, rows: Sequence[Row]) -> Row | None:
        term = finding.term
        lang = lines.language_of(term) if term is not None else ""
        if term is not None and not (box.field.kind != "text" and finding.component.startswith("MaxCount")):
            said = self._typist.text(box.field, term)
            return next((row for row in rows if row.value == said and (not row.lang or row.lang == lang)), None)
        return next((row for row in rows if finding.value and row.value == finding.value), None)

    def _chosen(self, subject: NamedNode, field: Field, name: str, terms: Sequence[Term]) -> Box:
        """A field whose values are chosen. Several values where one may stand are boxes, or one would be lost."""
        draw = pickers.truths if field.kind == "boolean" else pickers.concepts
        groups = draw(self._page, self._typist, field, terms, name)
        count = pickers.count(groups)
        if field.max == 1 and len(terms) <= 1:
            widget = "radios" if count <= pickers.RADIOS else "select"
            if widget == "radios" and not field.required:
                none = pickers.Option("", self.said(_("No answer")), not terms)
                groups.append(pickers.Answers(None, (none,)))
        else:
            widget = "checks" if count <= pickers.BOXES else "scroll"
        found = tuple(self._tell(finding, name) for finding in self._of(subject, field.key))
        return Box(field, name, widget, groups=tuple(groups), told=found, id=name)

    def _parts(self, subject: NamedNode, prefix: str, field: Field, terms: Sequence[Term], rest: bool) -> Box:
        """A field of parts. Where questions come before it (`rest`), only the parts that answer none."""
        assert field.part
        name, keys = joined(prefix, field.key), self._keys
        answered = set(answers(self.record, self._graph, field, self._concepts).values()) if rest else set()
        parts = sorted((t for t in terms if isinstance(t, NamedNode) and t not in answered), key=natural)
        pieces = {part: piece for part in parts if (piece := prefix_of(self.record, part, field.key, keys))}
        if (field.required and not parts and not rest) or name in self._more:
            fresh = next_free(self._graph, self.record, field.key)
            pieces[NamedNode(f"{self.record.value}#{fresh}")] = fresh
        inner = tuple(
            self._inner(field, part, joined(prefix, piece), number)
            for number, (part, piece) in enumerate(pieces.items(), 1)
        )
        kept = tuple(
            pickers.Option(said, Text(said, "und"), True)
            for term in terms
            if term not in pieces and term not in answered and (said := self._typist.text(field, term))
        )
        found = tuple(self._tell(finding, name) for finding in self._of(subject, field.key))
        return Box(field, name, "parts", inner=inner, kept=kept, told=found, more=True, id=name)

    def _inner(self, field: Field, part: NamedNode, prefix: str, number: int) -> Inner:
        assert field.part
        legend = self.said(
            _("{name} {number}"), name=self._page.text(field.part.names).text, number=self._page.number(number)
        )
        boxes = tuple(self._within(self.box(part, prefix, inner), legend) for inner in field.part.fields)
        return Inner(prefix, legend, boxes, self._of_part(part, field, prefix, legend))

    def _of_part(self, part: NamedNode, field: Field, prefix: str, legend: Text) -> tuple[Told, ...]:
        """What is told of a part as a whole."""
        assert field.part
        known = {inner.key for inner in field.part.fields}
        found = [finding for finding in self._findings if finding.focus == part and finding.key not in known]
        return tuple(self._tell(finding, prefix, legend) for finding in found)

    def questions(self, field: Field, asks: Questions, step: Step) -> Box:
        """A field of parts asked of the concepts of a step."""
        answered = answers(self.record, self._graph, field, self._concepts)
        inner = tuple(self._question(field, asks, iri, answered.get(iri)) for iri in step.asked)
        return Box(field, field.key, "questions", inner=inner, id=step.key)

    def _question(self, field: Field, asks: Questions, about: NamedNode, part: NamedNode | None) -> Inner:
        assert field.part
        concept = self._concepts.get(about)
        there, code = part, path_name(about)
        part = part or self._unused(f"{field.key}-{code}")
        prefix = prefix_of(self.record, part, field.key, self._keys) or code
        legend = self._page.label(about)
        answer = self.box(part, prefix, asks.answer)
        terms = self._graph.objects(part, asks.answer.path)
        if len(terms) <= 1:
            options = [one for group in answer.groups for one in group.options if one.value]
            if there and not terms:
                options.append(pickers.Option(NOT_SAID, self.said(_("There is a need; no answer yet")), True))
            options.append(pickers.Option(NOT_ASSESSED, self.said(_("Not assessed")), there is None))
            answer = replace(answer, widget="radios", groups=(pickers.Answers(None, tuple(options)),))
        rest = [inner for inner in field.part.fields if inner not in (asks.element, asks.answer)]
        boxes = tuple(self._within(self.box(part, prefix, inner), legend) for inner in rest)
        definition = self._page.text(concept.definitions) if concept and concept.definitions else None
        whole = [f for f in self._findings if f.focus == part and f.key == asks.element.key]
        return Inner(
            prefix,
            legend,
            boxes,
            told=(*self._of_part(part, field, prefix, legend), *(self._tell(f, prefix, legend) for f in whole)),
            asked=self._typist.text(asks.element, about),
            definition=definition,
            answer=self._within(answer, legend),
            open=any(box.filled or box.told for box in boxes),
        )

    def _unused(self, fragment: str) -> NamedNode:
        part = NamedNode(f"{self.record.value}#{fragment}")
        return self._unused(f"{fragment}-2") if self._graph.described(part) else part

    def _of(self, subject: NamedNode, key: str) -> list[Finding]:
        return [finding for finding in self._findings if finding.focus == subject and finding.key == key]

    def _tell(self, finding: Finding, target: str, within: Text | None = None, kind: str = "") -> Told:
        self.targets[id(finding)] = (target, within)
        return told(self._page, finding, target, kind)

    def _within(self, box: Box, legend: Text) -> Box:
        for one in box.told:
            self.targets[id(one.finding)] = (one.target, legend)
        return box
