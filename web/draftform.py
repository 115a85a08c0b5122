"""The form of a draft with what stands around it: remarks beside the fields, records to refer to, steps to go to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from registry import desk
from registry.concepts import Concepts
from registry.drafts import Draft, Remark
from registry.findings import Finding
from registry.formats import Format
from registry.people import Account
from registry.registry import Registry
from registry.submission import taken
from registry.terms import Graph, NamedNode
from web import entries, lookups
from web.boxes import Around, Box, Form, Inner, Told
from web.forms import ALL, form, shown
from web.labels import named_by
from web.render import Page
from web.steps import steps
from web.words import marked as _

REMARK = "remark"


@dataclass(frozen=True)
class Look:
    """How a form is looked at: its step, what it was asked to have one more of, whether it is checked or sent back."""

    step: str = ""
    more: Collection[str] = ()
    findings: tuple[Finding, ...] = ()
    checked: bool = False
    refused: bool = False


def drawn(page: Page, account: Account, found: Draft, graph: Graph, look: Look, remarks: Sequence[Remark]) -> Form:
    """The form of a draft, filled with a graph that may be newer than what is kept."""
    registry = page.registry
    format = registry.formats[found.format]
    around = Around(
        lookup=lambda target, text: lookups.lookup(registry, target, text),
        called=lookups.called(registry, set(named_by(graph, found.record, format.fields))),
        create=lambda target: _create(page, account, target),
        address=lambda step: page.href(f"desk/draft/{found.id}", step=step, check="yes" if look.checked else None),
    )
    step = step_of(format, registry.concepts, look.step)
    made = form(
        page, format, found.record, graph, look.findings, step=step, around=around, more=look.more, refused=look.refused
    )
    return with_remarks(page, made, found.record, remarks)


def step_of(format: Format, concepts: Concepts, asked: str) -> str:
    """The key of the step asked for, else of the first; `all` is all of them."""
    keys = [one.key for one in steps(format, concepts)]
    return asked if asked in (*keys, ALL) else keys[0]


def read(registry: Registry, page: Page, found: Draft, fields: Mapping[str, list[str]], step: str) -> Graph:
    """A draft after a form was sent that showed a step."""
    format = registry.formats[found.format]
    seen = shown(page, format, step)
    said = entries.read(fields, format, found.record, found.graph, seen, concepts=registry.concepts, own=registry.own)
    return taken(registry, said)


def _create(page: Page, account: Account, target: NamedNode) -> str:
    """The register where one more record of a class is begun, for those who may."""
    format = page.registry.formats.by_class(target)
    may = format is not None and bool(desk.roles(page.registry, account, format))
    return format.register if format and may else ""


def with_remarks(page: Page, made: Form, record: NamedNode, remarks: Iterable[Remark]) -> Form:
    """The form with what reviewers said of a field beside that field."""
    said: dict[str, list[Told]] = {}
    for remark in remarks:
        said.setdefault(remark.field, []).append(_told(page, record, remark))
    said.pop("", None)
    if not said:
        return made
    sections = tuple(
        replace(section, boxes=tuple(_box(box, said) for box in section.boxes)) for section in made.sections
    )
    return replace(made, sections=sections)


def _told(page: Page, record: NamedNode, remark: Remark) -> Told:
    finding = Finding(REMARK, REMARK, record, key=remark.field, messages={page.lang: remark.text})
    return Told(finding, REMARK, page.say_in_words(_("Remark")), remark.text, "", remark.field)


def _box(box: Box, said: Mapping[str, list[Told]]) -> Box:
    found = said.get(box.name, ())
    inner = tuple(_inner(one, said) for one in box.inner)
    return replace(box, told=(*found, *box.told), inner=inner)


def _inner(inner: Inner, said: Mapping[str, list[Told]]) -> Inner:
    return replace(
        inner,
        boxes=tuple(_box(box, said) for box in inner.boxes),
        told=(*said.get(inner.prefix, ()), *inner.told),
        answer=_box(inner.answer, said) if inner.answer else None,
    )
