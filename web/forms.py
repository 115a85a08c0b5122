"""A Format and a graph > a form: what a person fills in is drawn from the shape, in the reader's language.

Pure functions: no database, no request. Nothing here knows a type of record; a new format has its form for nothing.
Source: https://design-system.service.gov.uk/patterns/validation/ (findings beside fields and in a linked summary).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from registry.findings import Finding
from registry.formats import Field, Format
from registry.terms import Graph, NamedNode
from web.boxes import WEIGHTS, Around, Box, Form, Notice, Section, Stop
from web.drawer import Drawer
from web.inputs import joined, part_keys, part_of, place_of
from web.render import Page
from web.steps import Step, answers, questions, steps
from web.words import Text
from web.words import marked as _

__all__ = ["ALL", "Around", "Form", "form", "shown", "steps"]

ALL = "all"


def shown(page: Page, format: Format, step: str) -> tuple[Step, ...]:
    """The steps that a page shows: one by its key, else all."""
    every = steps(format, page.registry.concepts)
    return tuple(one for one in every if one.key == step) or every


def form(
    page: Page,
    format: Format,
    record: NamedNode,
    graph: Graph,
    findings: Iterable[Finding] = (),
    *,
    step: str = ALL,
    around: Around | None = None,
    more: Collection[str] = (),
    refused: bool = False,
) -> Form:
    """The form of a record. `more` names the fields that one more empty row or part was asked for (button `add`).

    `refused`: it comes back because of its findings, so its summary takes the focus.
    """
    order = list(WEIGHTS)
    ranked = tuple(sorted(findings, key=lambda finding: order.index(finding.severity)))
    drawer = Drawer(page, format, record, graph, ranked, around or Around(), more)
    every = steps(format, page.registry.concepts)
    drawn = shown(page, format, step)
    here = step if any(one.key == step for one in every) else ALL
    sections = tuple(Section(one.key, _title(drawer, page, one), tuple(_boxes(drawer, page, one))) for one in drawn)
    table = _Table(page, format, record, graph, every, around or Around())
    notices = tuple(table.notice(finding, drawer.targets.get(id(finding))) for finding in ranked)
    stops = tuple(table.stop(one, _title(drawer, page, one), one.key == here, ranked) for one in every)
    return Form(record, here, sections, notices, stops, refused)


def _title(drawer: Drawer, page: Page, step: Step) -> Text:
    named = page.text(step.names) if step.names else drawer.said(_("More"))
    return drawer.said(_("{name}: further entries"), name=named.text) if step.rest else named


def _boxes(drawer: Drawer, page: Page, step: Step) -> Iterator[Box]:
    for field in step.fields:
        asks = questions(field, page.registry.concepts)
        if asks and step.asked:
            yield drawer.questions(field, asks, step)
        else:
            yield drawer.box(drawer.record, "", field, rest=bool(asks))


class _Table:
    """Where things are in a form: its steps with what they hold, its findings with where they lead."""

    def __init__(
        self, page: Page, format: Format, record: NamedNode, graph: Graph, every: Sequence[Step], around: Around
    ) -> None:
        self._page, self._format, self._record, self._graph = page, format, record, graph
        self._every, self._around = every, around

    def stop(self, step: Step, title: Text, here: bool, findings: Sequence[Finding]) -> Stop:
        """A step in the list of steps."""
        faults = sum(finding.blocks and self._step_of(finding) == step for finding in findings)
        return Stop(step.key, title, self._around.address(step.key), here, faults, self._started(step))

    def notice(self, finding: Finding, told: tuple[str, Text | None] | None) -> Notice:
        """A finding in the summary, with a link to its input: on this page, or on the page of its step."""
        href, within = (f"#{told[0]}", told[1]) if told else ("", None)
        if told is None and (step := self._step_of(finding)):
            name, field = place_of(finding, self._record, self._graph, self._format.fields)
            anchor = joined(name, self._page.lang) if field and field.kind == "text" else name
            address = self._around.address(step.key)
            href = f"{address}#{anchor}" if address else ""
        return Notice(
            severity=finding.severity,
            weight=self._page.say_in_words(WEIGHTS[finding.severity]),
            field=self._page.text(finding.names) if finding.names else None,
            within=within,
            message=finding.say(self._page.lang),
            href=href,
        )

    def _step_of(self, finding: Finding) -> Step | None:
        """The step that shows what a finding is about."""
        fields = self._format.fields
        head = place_of(finding, self._record, self._graph, fields)[0].split(".")[0]
        found = part_of(self._record, head, part_keys(fields)) if head else None
        for step in self._every if head else ():
            for field in step.fields:
                if field.key == head and not step.asked:
                    return step
                if found and field.key == found[0] and found[1] in self._parts(step, field):
                    return step
        return None

    def _parts(self, step: Step, field: Field) -> set[NamedNode]:
        """The parts of a field that a step shows."""
        parts = set(self._graph.iris(self._record, field.path)) if field.part else set()
        answered = answers(self._record, self._graph, field, self._page.registry.concepts)
        asked = {part for concept, part in answered.items() if concept in step.asked}
        return asked if step.asked else parts - set(answered.values())

    def _started(self, step: Step) -> bool:
        """Whether a step holds anything."""
        plain = any(self._graph.objects(self._record, field.path) for field in step.fields if not field.part)
        return plain or any(self._parts(step, field) for field in step.fields)
