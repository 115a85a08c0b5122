"""The common formats: `/format` and `/format/project`, as SHACL and as pages drawn from the same shapes.

A page says every field with its duty, kind and number, the rules, an example, and how such a record is registered.
Sources: https://www.w3.org/TR/shacl/; 2005 report, paragraphs 7 to 14.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from fastapi import APIRouter
from starlette.responses import Response

from registry import quality
from registry.constraints import concerns
from registry.errors import NotFound
from registry.exchange import jsonld
from registry.exchange.contexts import frame_address
from registry.exchange.writing import serialise
from registry.formats import Field, Format, PropertyGroup, reachable
from registry.language import Texts
from registry.registry import Entry, Registry
from registry.rooms import House
from registry.rules import Rule
from registry.shape import SEVERITIES, all_fields, fields_of, path_name
from registry.terms import RDFS, SH, Graph, NamedNode
from web.answers import Link
from web.labels import label_of
from web.negotiate import TURTLE, split
from web.render import Page
from web.rows import iri_of
from web.visit import Target, Visit, Visiting, fixed_by
from web.words import Text
from web.words import marked as _

router = APIRouter()

DUTIES = {"must": _("Mandatory"), "should": _("Recommended"), "may": _("Optional")}
WEIGHTS = {"must": _("The record is refused"), "should": _("The record is taken, with advice"), "may": _("Advice")}
KINDS = {
    "text": _("Text in one or more languages"),
    "string": _("Text"),
    "number": _("Number"),
    "integer": _("Whole number"),
    "boolean": _("Yes or no"),
    "date": _("Date, month or year"),
    "concept": _("Concept of:"),
    "record": _("Reference to a record:"),
    "link": _("Web address"),
    "email": _("E-mail address"),
    "telephone": _("Telephone number"),
    "file": _("File"),
    "part": _("Part of the record:"),
}
_HEADER = re.compile(r"# [\w.]+: ")


@dataclass(frozen=True)
class Line:
    """A field as the page of its format says it; `within` are the fields of a part."""

    field: Field
    anchor: str
    duty: str
    kind: str
    most: str
    within: tuple[Line, ...]


@dataclass(frozen=True)
class Example:
    """A record that shows the format, in the two forms that people read."""

    entry: Entry
    title: Text
    sample: bool
    turtle: str
    jsonld: str


@router.get("/format")
def formats(visit: Visiting) -> Response:
    """All common formats; as data, all shapes."""
    return visit.reply(_formats(visit), None)


@router.get("/format.{suffix}")
def formats_as(visit: Visiting, suffix: str) -> Response:
    """All common formats in the form that the address fixes."""
    return visit.reply(_formats(visit), fixed_by(suffix, "format"))


def _formats(visit: Visit) -> Target:
    return Target(
        path="format",
        html=lambda page: visit.site.renderer.draw("formats.html", page, duties=_duties(visit.registry)),
        graph=lambda: shapes_of(visit.registry.house),
    )


def _duties(registry: Registry) -> dict[str, list[tuple[str, int]]]:
    """How many fields of each duty every format has."""
    return {
        key: [(said, sum(field.severity == duty for field in format.fields)) for duty, said in DUTIES.items()]
        for key, format in registry.formats.items()
    }


@router.get("/format/{path:path}")
def shape(visit: Visiting, path: str) -> Response:
    """A common format, or a part of one, as SHACL and as a page that explains its fields."""
    key, fixed = split(path)
    shapes, own = shapes_of(visit.registry.house), visit.registry.own
    iri = own.iri(f"format/{key.lower()}") if re.fullmatch(r"[\w/-]+", key, re.ASCII) else None
    starts = _starts(shapes, iri) if iri else ()
    if iri is None or not starts:
        raise NotFound("There is no format {name}.", name=key)
    format = visit.registry.formats.get(key.lower())
    links = [Link(own.iri(f"register/{format.register}").value, "collection")] if format else []
    resource = Target(
        path=f"format/{key.lower()}",
        html=lambda page: _draw(visit, page, shapes, iri),
        graph=lambda: Graph(triple for start in starts for triple in reachable(shapes, start)),
        links=lambda: tuple(links),
    )
    return visit.reply(resource, fixed)


def _starts(shapes: Graph, iri: NamedNode) -> tuple[NamedNode, ...]:
    """What an address describes: a shape, or the shapes that are its fragments."""
    if shapes.described(iri):
        return (iri,)
    named = (subject for subject in shapes.subjects if isinstance(subject, NamedNode))
    return tuple(subject for subject in named if subject.value.startswith(iri.value + "#"))


@lru_cache(maxsize=2)
def shapes_of(rooms: House) -> Graph:
    """All shapes under the names they have in the triple store, so that equal questions get equal bytes."""
    return rooms.furniture()[rooms.own.iri("format/")]


def _draw(visit: Visit, page: Page, shapes: Graph, iri: NamedNode) -> bytes:
    registry = visit.registry
    format = registry.formats.get(path_name(iri))
    sections: list[tuple[PropertyGroup | None, list[Field]]]
    if format and format.iri == iri:
        sections = format.groups()
    else:
        fields = fields_of(registry.formats.shapes, iri, registry.own)
        format, sections = None, [(None, sorted(fields, key=lambda field: (field.order, field.key)))]
    rule = next((rule for rule in registry.checks.rules.all if rule.iri == iri), None)
    texts = shapes.texts(iri, SH.name) or shapes.texts(iri, RDFS.label)
    return visit.site.renderer.draw(
        "format.html",
        page,
        format=format,
        title=page.text(texts or {"und": path_name(iri)}),
        about=page.text(shapes.texts(iri, SH.description) or shapes.texts(iri, SH.message)),
        sections=[(group, [_line(page, field, "") for field in fields]) for group, fields in sections if fields],
        rules=_rules(registry, page, format) if format else [],
        rule=_told(page, None, rule) if rule else None,
        example=_example(registry, page, format) if format else None,
        context=jsonld.address(format, registry.own) if format else "",
        frame=frame_address(format, registry.own) if format else "",
        used=[] if format else _users(registry, iri, rule),
        owner="SCBD" if format and path_name(format.category) == "reference-record" else "KE",
    )


def _line(page: Page, field: Field, above: str) -> Line:
    anchor = f"{above}{field.key}"
    within = tuple(_line(page, inner, f"{anchor}.") for inner in field.part.fields) if field.part else ()
    duty, kind = page.say_in_words(DUTIES[field.severity]), page.say_in_words(KINDS[field.kind])
    return Line(field, anchor, duty, kind, _most(page, field), within)


def _most(page: Page, field: Field) -> str:
    """How many values a field takes."""
    if field.kind == "text":
        return page.say_in_words(_("One a language"))
    if field.max is None:
        return page.say_in_words(_("Any number"))
    if field.max == 1:
        return page.say_in_words(_("One"))
    return page.say_in_words(_("At most {count}"), count=page.number(field.max))


@dataclass(frozen=True)
class Told:
    """A rule or a piece of advice in a reader's words: what it is about, what to do, what comes of it, its address."""

    message: Text
    remedy: Text
    weight: str
    href: str
    query: str


def _rules(registry: Registry, page: Page, format: Format) -> list[Told]:
    """The rules that records of a format can break, then what a good record does beyond."""
    rules = [rule for rule in registry.checks.rules.all if concerns(rule, format)]
    return [*(_told(page, format, rule) for rule in rules), *_advice(page, format)]


def _told(page: Page, format: Format | None, rule: Rule) -> Told:
    fields = [f for f in all_fields(format.fields) if f.path in rule.tells & rule.paths] if format else []
    names = fields[0].names if len({field.path for field in fields}) == 1 else {}
    weight = page.say_in_words(WEIGHTS[SEVERITIES[rule.severity]])
    message, remedy = page.text(_plain(rule.messages, names)), page.text(_plain(rule.remedies, names))
    query = "\n".join(line for line in rule.query.text.splitlines() if not _HEADER.match(line))
    return Told(message, remedy, weight, page.href(rule.iri), query.strip())


def _advice(page: Page, format: Format) -> Iterator[Told]:
    """The shapes of the layer of quality that apply to a format."""
    own, shapes = page.registry.own, page.registry.formats.shapes
    layer = quality.layer(format, shapes, own)
    kept = set(format.shapes.iris(format.iri, SH.property))
    for shape in layer.iris(format.iri, SH.property):
        field = next((f for path in shapes.iris(shape, SH.path) if (f := format.field(path))), None)
        if shape in kept or field is None:
            continue
        nodes = (shape, *shapes.iris(shape, SH.node))
        severity = SEVERITIES[next(iter(shapes.iris(shape, SH.severity)), SH.Violation)]
        words = [
            next((texts for node in nodes if (texts := shapes.texts(node, predicate))), {})
            for predicate in (SH.message, own.reg.remedy)
        ]
        message, remedy = (page.text(_plain(texts, field.names)) for texts in words)
        if message:
            yield Told(message, remedy, page.say_in_words(WEIGHTS[severity]), page.href(shape), "")


def _plain(texts: Texts, names: Texts) -> Texts:
    """The words of a rule without a record: the field by its name, an ellipsis for the value nobody gave."""

    def said(text: str, lang: str) -> str:
        named = text.replace("{field}", names[lang]) if lang in names else text
        return re.sub(r"[«“\"„]?\s?\{\w+\}\s?[»”\"]?", " … ", named).strip()

    return {lang: re.sub(r"\s+([.,;:)])|(?<=\()\s+", r"\1", said(text, lang)) for lang, text in texts.items()}


def example_of(registry: Registry, format: Format) -> Entry | None:
    """The newest published record of a format; a generated one only where there is no other."""
    rows = registry.select("records/example", kind=format.target)
    record = iri_of(rows[0], "record") if rows else None
    return registry.record(path_name(record)) if record else None


def _example(registry: Registry, page: Page, format: Format) -> Example | None:
    entry = example_of(registry, format)
    if entry is None:
        return None
    return Example(
        entry=entry,
        title=page.text(label_of(registry, entry)),
        sample=entry.graph.text(entry.iri, registry.own.reg.sample) == "true",
        turtle=serialise(entry.graph, TURTLE.type, registry.house.prefixes).decode(),
        jsonld=jsonld.dumps(jsonld.compact(entry.iri, entry.graph, format, registry.own)).decode(),
    )


def _users(registry: Registry, iri: NamedNode, rule: Rule | None) -> list[Format]:
    """The formats that have a part in one of their fields, or that a rule concerns."""
    formats = registry.formats.values()
    if rule:
        return [format for format in formats if concerns(rule, format)]
    return [f for f in formats if any(field.part and field.part.iri == iri for field in all_fields(f.fields))]
