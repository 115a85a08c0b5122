"""Forms: every format has one for nothing; what it shows it reads back, byte for byte; nothing typed is ever lost."""

import gzip
import random
from collections.abc import Iterator
from datetime import date
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.exchange import jsonld, read, serialise
from registry.findings import Finding
from registry.formats import Field, Format
from registry.language import LANGUAGES
from registry.records import author_side, canonical, named, received, split
from registry.registry import Registry
from registry.shape import path_name
from registry.terms import RDF, XSD, Graph, Literal, NamedNode, Term, Triple
from tests.conftest import ROOT
from tests.filling import Filled, scrape
from web import entries
from web.forms import ALL, Around, Form, form, steps
from web.inputs import field_of, next_free, part_of, prefix_of
from web.render import Page, Renderer
from web.typed import Typist, cleaned

FORMATS = sorted(path.stem for path in (ROOT / "shapes").glob("*.ttl") if 'reg:typeCode "' in path.read_text("utf-8"))
FRAME = (
    '{% extends "base.html" %}{% block title %}{{ step }}{% endblock %}'
    '{% block head %}<link rel="stylesheet" href="{{ page.static("desk.css") }}">{% endblock %}{% block main %}'
    '{% from "form-fields.html" import summary, fields, stops with context %}<form method="post" novalidate>'
    "{{ summary(page, form) }}{{ stops(page, form) }}{{ fields(page, form) }}</form>{% endblock %}"
)
LIMIT = 15 * 1024
DAY = date(2026, 11, 22)
Case = tuple[Format, NamedNode, Graph]


class Desk:
    """Draws and reads forms as the desk's pages do."""

    def __init__(self, registry: Registry) -> None:
        self.registry, self.own = registry, registry.own
        self.renderer = Renderer(registry, "/")

    def page(self, lang: str = "en") -> Page:
        return self.renderer.page(lang, "desk/draft")

    def html(self, page: Page, drawn: Form) -> bytes:
        found = self.renderer._environment.from_string(FRAME)
        return found.render(page=page, _=page.say_in_words, form=drawn, step=drawn.step).encode()

    def filled(self, case: Case, lang: str = "en", step: str = ALL, findings: tuple[Finding, ...] = ()) -> Filled:
        format, record, graph = case
        page = self.page(lang)
        around = Around(address=lambda key: f"/desk/draft?step={key}")
        return scrape(self.html(page, form(page, format, record, graph, findings, step=step, around=around)))

    def read(self, case: Case, fields: dict[str, list[str]], before: Graph, step: str = ALL) -> Graph:
        format, record, _ = case
        every = steps(format, self.registry.concepts)
        shown = [one for one in every if step in (ALL, one.key)]
        return entries.read(fields, format, record, before, shown, concepts=self.registry.concepts, own=self.own)

    def canonical(self, graph: Graph) -> str:
        return canonical(graph, self.own.base)

    def posted(self, case: Case, **fields: list[str]) -> Graph:
        """The record after its form was sent with some fields changed: `contact_1__email` is `contact-1.email`."""
        sent = self.filled(case).fields
        sent |= {name.replace("__", ".").replace("_", "-"): values for name, values in fields.items()}
        return self.read(case, sent, case[2])


@pytest.fixture(scope="module")
def desk(registry: Registry) -> Desk:
    return Desk(registry)


@pytest.fixture(scope="module")
def samples(registry: Registry) -> dict[str, list[Case]]:
    """Real and generated records of every format, and the good cases of the shapes."""
    found: dict[str, list[Case]] = {key: [] for key in registry.formats}
    own, formats = registry.own, registry.formats
    paths = [*(ROOT / "samples").glob("*/*.ttl"), *(ROOT / "tests" / "data" / "shapes").glob("*/valid-*.ttl")]
    for path in sorted(paths):
        whole = named(read(path.read_bytes(), "text/turtle", own.base, {}), formats.field_keys)
        for record, graph in sorted(split(whole, own, registry.checks.messages)[0].items(), key=str):
            graph = received(author_side(record, graph, own), formats.decimals)
            types = graph.iris(record, RDF.type)
            if types and (format := formats.by_class(types[0])):
                found[format.key].append((format, record, graph))
    return found


def some(samples: dict[str, list[Case]], key: str, number: int = 8) -> list[Case]:
    """Some records of a format, spread over all there are, and the one that says most."""
    cases = samples[key]
    return [max(cases, key=lambda case: len(case[2])), *cases[:: max(1, len(cases) // number)]]


def test_every_format_is_tested(registry: Registry) -> None:
    assert list(registry.formats) and set(FORMATS) == set(registry.formats)


@pytest.mark.parametrize("key", FORMATS)
def test_a_form_sent_as_it_was_drawn_changes_nothing(desk: Desk, samples: dict[str, list[Case]], key: str) -> None:
    for number, case in enumerate(some(samples, key)):
        filled = desk.filled(case, LANGUAGES[number % 6])
        expected = desk.canonical(case[2])
        assert desk.canonical(desk.read(case, filled.fields, Graph())) == expected, case[1]
        assert desk.canonical(desk.read(case, filled.fields, case[2])) == expected, case[1]


@pytest.mark.parametrize("key", FORMATS)
def test_steps_in_any_order_make_the_same_record(desk: Desk, samples: dict[str, list[Case]], key: str) -> None:
    order = random.Random(key)
    for case in some(samples, key, 3):
        every = [one.key for one in steps(case[0], desk.registry.concepts)]
        order.shuffle(every)
        graph = Graph()
        for step in every:
            graph = desk.read(case, desk.filled(case, "fr", step).fields, graph, step)
        assert desk.canonical(graph) == desk.canonical(case[2]), (case[1], every)
        for step in every:
            assert desk.canonical(desk.read(case, desk.filled(case, "zh", step).fields, graph, step)) == desk.canonical(
                case[2]
            ), step


@pytest.mark.parametrize("key", FORMATS)
def test_the_form_and_the_files_give_one_record(desk: Desk, samples: dict[str, list[Case]], key: str) -> None:
    for case in some(samples, key, 4):
        through_form = desk.canonical(desk.read(case, desk.filled(case).fields, Graph()))
        assert {desk.canonical(graph) for graph in files(desk, case)} == {through_form}


def files(desk: Desk, case: Case) -> Iterator[Graph]:
    """The record as it comes by JSON-LD and by Turtle."""
    format, record, graph = case
    house = desk.registry.house
    written = {
        "application/ld+json": jsonld.dumps(jsonld.compact(record, graph, format, desk.own)),
        "text/turtle": serialise(graph, "text/turtle", house.prefixes, record),
    }
    for media, data in written.items():
        came = named(read(data, media, desk.own.base, house.contexts), desk.registry.formats.field_keys)
        yield received(came, desk.registry.formats.decimals)


# Any record that a format allows, and more: every field, odd letters, markup, several scripts.

LETTERS = st.sampled_from(list("aZ é€ß<>&\"'{}%|\\/;\n\t.,-_0٣۴کдЖ生物安ةِمـ\u200f\u200d😀"))
TEXTS = st.text(LETTERS, min_size=1, max_size=40).map(cleaned).filter(bool)
DATES = st.dates(date(1900, 1, 1), date(2100, 1, 1)).flatmap(
    lambda day: st.sampled_from(
        [
            Literal(str(day), datatype=XSD.date),
            Literal(str(day)[:7], datatype=XSD.gYearMonth),
            Literal(str(day)[:4], datatype=XSD.gYear),
        ]
    )
)
PLAIN: dict[str, st.SearchStrategy[Term]] = {
    "string": TEXTS.map(Literal),
    "number": st.decimals(0, 10**9, places=2).map(lambda number: Literal(str(number), datatype=XSD.decimal)),
    "integer": st.integers(0, 10**6).map(lambda number: Literal(str(number), datatype=XSD.integer)),
    "boolean": st.booleans().map(lambda yes: Literal(str(yes).lower(), datatype=XSD.boolean)),
    "date": DATES,
    "link": st.sampled_from(
        ["https://a.example.org/x?a=1&b=2#c", "http://localhost/ü", "https://例え.example.org/%20"]
    ).map(NamedNode),
    "email": st.sampled_from(["mailto:a@b.org", "mailto:a.b+c@xn--p1ai.org", "mailto:é@b.org?subject=x"]).map(
        NamedNode
    ),
    "file": st.sampled_from(["http://localhost:8000/file/1/a.pdf", "https://elsewhere.example/b.pdf"]).map(NamedNode),
    "telephone": st.sampled_from(["tel:+15142882220", "tel:+1-514-288.2220", "tel:+254(20)123;ext=4"]).map(NamedNode),
}


def described(
    draw: st.DrawFn, desk: Desk, record: NamedNode, subject: NamedNode, fields: tuple[Field, ...]
) -> Iterator[Triple]:
    for field in fields:
        if field.readonly or (field.min == 0 and draw(st.booleans())):
            continue
        many = draw(st.integers(1, 1 if field.max == 1 else 3))
        if field.part:
            for number in range(1, many + 1):
                part = NamedNode(f"{record.value}#{field.key}-{draw(st.sampled_from(['', '9', 'x.y']))}{number}")
                said = list(described(draw, desk, record, part, field.part.fields))
                if said and field.part.target:
                    yield from (*said, Triple(subject, field.path, part), Triple(part, RDF.type, field.part.target))
        elif field.kind == "text":
            for lang in draw(st.sets(st.sampled_from(LANGUAGES), min_size=1, max_size=3)):
                yield Triple(subject, field.path, Literal(draw(TEXTS), language=lang))
        else:
            values = draw(st.lists(valued(desk, field), min_size=many, max_size=many))
            yield from (Triple(subject, field.path, value) for value in values)


def valued(desk: Desk, field: Field) -> st.SearchStrategy[Term]:
    if field.kind == "concept":
        schemes = (desk.registry.concepts.scheme(iri) for iri in field.schemes)
        return st.sampled_from([iri for scheme in schemes if scheme for iri in scheme.concepts])
    if field.kind == "record":
        numbers = st.integers(1, 10**6)
        return numbers.map(lambda number: desk.own.record(f"BCH-ORG-SCBD-{number}"))
    return PLAIN[field.kind]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_record_comes_back_as_it_was(desk: Desk, data: st.DataObject) -> None:
    format = desk.registry.formats[data.draw(st.sampled_from(FORMATS))]
    record = desk.own.record(f"BCH-{format.type_code}-SCBD-1")

    @st.composite
    def graphs(draw: st.DrawFn) -> Graph:
        said = described(draw, desk, record, record, format.fields)
        return Graph([Triple(record, RDF.type, format.target), *said])

    case = (format, record, data.draw(graphs()))
    lang = data.draw(st.sampled_from(LANGUAGES))
    expected = desk.canonical(case[2])
    assert desk.canonical(desk.read(case, desk.filled(case, lang).fields, Graph())) == expected
    graph = Graph()
    for step in data.draw(st.permutations([one.key for one in steps(format, desk.registry.concepts)])):
        graph = desk.read(case, desk.filled(case, lang, step).fields, graph, step)
    assert desk.canonical(graph) == expected
    assert {desk.canonical(one) for one in files(desk, case)} == {expected}


# One fault at a time: every door finds the same, and the form says it where it is.


def faults(desk: Desk, case: Case) -> Iterator[tuple[str, Graph]]:
    """One record with one fault each."""
    graph = case[2]
    typist = Typist(desk.registry.concepts, desk.own)
    typed = {
        "date": "soon",
        "number": "about 1,250",
        "integer": "12.5",
        "email": "nobody",
        "link": "see our page",
        "telephone": "call us",
        "record": "Ministry of Everything",
        "boolean": "perhaps",
    }
    seen: set[str] = set()
    for subject, field in spots(case):
        values = graph.objects(subject, field.path)
        if field.min and f"no {field.kind}" not in seen and not field.part:
            seen.add(f"no {field.kind}")
            yield f"no {field.key}", without(graph, subject, field)
        if not values or field.kind in seen:
            continue
        seen.add(field.kind)
        if text := typed.get(field.kind):
            term = typist.term(field, text)
            assert term is not None and text in (typist.text(field, term), term.value)
            yield f"bad {field.key}", changed(graph, subject, field, term)
        elif field.kind == "concept":
            wrong = desk.own.concept("record-status", "draft")
            unknown = desk.own.concept("countries", "XX")
            yield f"wrong {field.key}", changed(graph, subject, field, wrong)
            yield f"unknown {field.key}", changed(graph, subject, field, unknown)
            yield f"no {field.key}", changed(graph, subject, field, Literal("Atlantis"))
        elif field.kind == "text":
            long = Literal("word " * 2500 + "end", language="es")
            yield f"long {field.key}", changed(graph, subject, field, long)
            yield f"odd {field.key}", changed(graph, subject, field, Literal("Hallo", language="de"))
            yield f"plain {field.key}", changed(graph, subject, field, Literal("Hallo"))
            yield f"override {field.key}", changed(graph, subject, field, Literal("a\u202eb", language="en"))
            two = [Triple(subject, field.path, Literal(text, language="en")) for text in ("one", "two")]
            yield f"twice {field.key}", Graph([*without(graph, subject, field), *two])
        if field.max == 1 and field.kind == "concept":
            two = [
                Triple(subject, field.path, desk.own.concept("record-status", code)) for code in ("draft", "retired")
            ]
            yield f"too many {field.key}", Graph([*without(graph, subject, field), *two])


def spots(case: Case) -> Iterator[tuple[NamedNode, Field]]:
    format, record, graph = case
    for field in format.fields:
        yield record, field
        for part in graph.iris(record, field.path)[:1] if field.part else ():
            for inner in field.part.fields if field.part else ():
                yield part, inner


def without(graph: Graph, subject: NamedNode, field: Field) -> Graph:
    return Graph(t for t in graph if (t.subject, t.predicate) != (subject, field.path))


def changed(graph: Graph, subject: NamedNode, field: Field, term: Term) -> Graph:
    return Graph([*without(graph, subject, field), Triple(subject, field.path, term)])


def found(desk: Desk, record: NamedNode, graph: Graph) -> tuple[Finding, ...]:
    organisation = {own.key: own.target for own in desk.registry.formats.values()}

    def classes(other: NamedNode) -> NamedNode | None:
        code = other.value.split("-")[1] if "-" in other.value else ""
        format = desk.registry.formats.by_code(code)
        return format.target if format else organisation.get("")

    return tuple(desk.registry.checks.record(record, graph, classes=classes, day=DAY))


def told(findings: tuple[Finding, ...]) -> set[tuple[str, NamedNode, str]]:
    return {(finding.component, finding.focus, finding.key) for finding in findings}


@pytest.mark.parametrize("key", FORMATS)
def test_a_fault_is_the_same_through_every_door_and_told_beside_its_field(
    desk: Desk, samples: dict[str, list[Case]], key: str
) -> None:
    case = max(samples[key], key=lambda case: len({t.predicate for t in case[2]}))
    format, record, good = case
    sound = told(found(desk, record, good))
    for fault, graph in faults(desk, case):
        wrong = (format, record, graph)
        findings = found(desk, record, graph)
        assert told(findings) - sound, f"{fault} is none"
        filled = desk.filled(wrong, "ar", findings=findings)
        again = desk.read(wrong, filled.fields, Graph())
        assert desk.canonical(again) == desk.canonical(graph), fault
        for other in (again, *files(desk, wrong)):
            assert told(found(desk, record, other)) == told(findings), fault
        targets = [link[1:] for link in filled.links if link.startswith("#") and link != "#main"]
        assert len(targets) >= len([finding for finding in findings if finding.key in known(format)]), fault
        assert set(targets) <= set(filled.ids), fault
        sound_page(filled)


def test_a_form_asks_for_a_date_and_not_for_its_type(desk: Desk, samples: dict[str, list[Case]]) -> None:
    cases = ((case, field) for case in samples["project"] for subject, field in spots(case) if subject == case[1])
    (format, record, graph), field = next(
        (case, f) for case, f in cases if f.kind == "date" and case[2].objects(case[1], f.path)
    )
    graph = changed(graph, record, field, Literal("soon"))
    (finding,) = found(desk, record, graph)
    assert "xsd:gYear" in finding.advise(), "a program is told"
    html = desk.html(desk.page(), form(desk.page(), format, record, graph, [finding])).decode()
    assert "is not a date. Write a day" in html and "xsd:" not in html


def known(format: Format) -> set[str]:
    return {field.key for field in format.fields}


def sound_page(filled: Filled) -> None:
    """Ids are there once, and whatever is named by id is there."""
    assert len(set(filled.ids)) == len(filled.ids), [i for i in filled.ids if filled.ids.count(i) > 1]
    assert set(filled.described) <= set(filled.ids)
    assert set(filled.labels) <= set(filled.ids)
    for one in filled.inputs:
        if one.get("type") not in ("hidden", "radio", "checkbox", "search"):
            assert one["id"] in filled.labels, f"{one['id']} has no label"
            assert one["autocomplete"] == "off"
    assert filled.scripts == 0


def test_a_finding_of_another_step_leads_there(desk: Desk, samples: dict[str, list[Case]]) -> None:
    format, record, graph = samples["project"][0]
    part = next(iter(graph.iris(record, next(field.path for field in format.fields if field.key == "contact"))))
    email = next(f for field in format.fields if field.part for f in field.part.fields if f.key == "email")
    graph = without(without(graph, record, format.label), part, email)
    filled = desk.filled((format, record, graph), "fr", "funding", found(desk, record, graph))
    assert "/desk/draft?step=identification#title.fr" in filled.links
    assert "/desk/draft?step=who#contact-1.email" in filled.links


# Buttons, parts, references.


def test_parts_are_added_and_removed(desk: Desk, samples: dict[str, list[Case]]) -> None:
    format, record, graph = case = samples["project"][0]
    page = desk.page()
    more = scrape(desk.html(page, form(page, format, record, graph, more=["contact", "links"])))
    assert "contact-2.email" in more.fields and len(more.fields["links"]) == len(desk.filled(case).fields["links"]) + (
        1 if graph.objects(record, NamedNode("http://xmlns.com/foaf/0.1/page")) else 0
    )
    assert desk.canonical(desk.read(case, more.fields, graph)) == desk.canonical(graph), "an empty part is none"
    more.fields["contact-2.email"] = ["a@b.org"]
    two = desk.read(case, more.fields, graph)
    assert two.objects(NamedNode(f"{record.value}#contact-2"), RDF.type)
    assert next_free(two, record, "contact") == "contact-3"
    one = desk.read((format, record, two), {**more.fields, "remove": ["contact-1"]}, two)
    assert {s.value.partition("#")[2] for s in one.subjects if "contact" in s.value} == {"contact-2"}


def test_a_reference_is_typed_and_chosen(desk: Desk, samples: dict[str, list[Case]]) -> None:
    format, record, _ = case = samples["project"][0]
    lead = next(field for field in format.fields if field.key == "lead")
    for text in ("BCH-ORG-SCBD-12", "bch-org-scbd-12-3 ", desk.own.doc("BCH-ORG-SCBD-12").value):
        assert desk.posted(case, lead=[text]).objects(record, lead.path) == [desk.own.record("BCH-ORG-SCBD-12")]
    typed = desk.posted(case, lead=["Ministry"])
    assert typed.objects(record, lead.path) == [Literal("Ministry")]
    page = desk.page("ar")
    offered = Around(
        lookup=lambda target, text: [(desk.own.record("BCH-ORG-KE-7"), {"en": f"{text} of Water"}, "BCH-ORG-KE-7")],
        create=lambda target: "organisations",
    )
    html = desk.html(page, form(page, format, record, typed, around=offered))
    assert "Ministry of Water" in html.decode()
    filled = scrape(html)
    assert '<button class="btn small quiet" name="do" value="new:organisations">' in html.decode()
    assert desk.read(case, filled.fields, typed) == typed
    filled.fields["lead.choose-0"] = ["BCH-ORG-KE-7"]
    assert desk.read(case, filled.fields, typed).objects(record, lead.path) == [desk.own.record("BCH-ORG-KE-7")]


def test_prefixes_name_any_fragment(desk: Desk) -> None:
    record, keys = desk.own.record("BCH-CDI-SCBD-1"), ["contact", "contact-old"]
    for fragment in ("contact-1", "contact-x.y", "c1", "a=b~c", "contact-old-1", "contact"):
        for key in keys:
            prefix = prefix_of(record, NamedNode(f"{record.value}#{fragment}"), key, keys)
            assert prefix and "." not in prefix
            assert part_of(record, prefix, keys) == (key, NamedNode(f"{record.value}#{fragment}"))
    assert prefix_of(record, NamedNode("https://elsewhere.example.org/#x"), "contact", keys) is None
    assert part_of(record, "title", keys) is None
    assert part_of(record, "contact-<>", keys) is None


@pytest.mark.parametrize(
    ("name", "key"),
    [("title", "title"), ("contact", "contact"), ("contact-1", "contact"), ("contact-1.email", "email")]
    + [(name, None) for name in ("", ".", "title-1", "title.email", "contact-1.title", "contact-\n", "nothing")]
    + [("contact-" + "1" * 300, None), ("contact~c1", "contact"), ("contact-1.contact-1.contact-1", None)],
)
def test_a_name_is_of_a_field_of_the_form_or_of_none(desk: Desk, name: str, key: str | None) -> None:
    found = field_of(name, desk.registry.formats["project"].fields)
    assert (found.key if found else None) == key


def test_a_part_elsewhere_is_kept_until_it_is_unticked(desk: Desk, samples: dict[str, list[Case]]) -> None:
    format, record, graph = samples["project"][0]
    contact = next(field for field in format.fields if field.key == "contact")
    odd = Graph([*graph, Triple(record, contact.path, NamedNode("https://example.org/me")),
                 Triple(record, contact.path, Literal("Mr Smith"))])  # fmt: skip
    case = (format, record, odd)
    assert desk.posted(case) == odd
    assert desk.canonical(desk.posted(case, contact=[])) == desk.canonical(graph)


# The questionnaire: asked once for every concept of a scheme.


def test_needs_are_asked_one_by_one(desk: Desk, samples: dict[str, list[Case]]) -> None:
    format = desk.registry.formats["need"]
    record = desk.own.record("BCH-NEED-KE-1")
    need = next(field for field in format.fields if field.asked)
    scheme = desk.registry.concepts.scheme(need.asked) if need.asked else None
    assert scheme and need.part
    asked = [step for step in steps(format, desk.registry.concepts) if step.asked]
    assert [step.asked[0] for step in asked] == list(scheme.top)
    case = (format, record, Graph([Triple(record, RDF.type, format.target)]))
    level, priority = (next(f.path for f in need.part.fields if f.key == key) for key in ("level", "priority"))
    filled = desk.filled(case, "fr", asked[1].key).fields
    code = path_name(scheme.top[1])
    assert filled[f"need-{code}.level"] == ["-"]
    assert desk.read(case, filled, case[2], asked[1].key) == case[2], "not assessed is no need"

    yes = desk.read(
        case, filled | {f"need-{code}.level": ["yes"], f"need-{code}.priority": ["high"]}, case[2], asked[1].key
    )
    part = NamedNode(f"{record.value}#need-{code}")
    assert yes.objects(part, level) == [desk.own.concept("need-level", "yes")]
    assert yes.objects(part, priority) == [desk.own.concept("need-priority", "high")]
    again = (format, record, yes)
    assert desk.canonical(desk.posted(again)) == desk.canonical(yes)
    other = desk.read(again, desk.filled(again, "fr", asked[0].key).fields, yes, asked[0].key)
    assert other == yes, "another step keeps it"
    filled = desk.filled(again, "ar", asked[1].key).fields
    assert filled[f"need-{code}.level"] == ["yes"]
    assert desk.read(again, filled | {f"need-{code}.level": ["no"]}, yes, asked[1].key).objects(part, level) == [
        desk.own.concept("need-level", "no")
    ]
    assert desk.read(again, filled | {f"need-{code}.level": ["-"]}, yes, asked[1].key) == case[2]
    typed = filled | {f"need-{code}.level": ["-"], f"need-{code}.description.fr": ["Former."]}
    lost = desk.read(case, typed, case[2], asked[1].key)
    assert any(t.object == Literal("Former.", language="fr") for t in lost), "nothing typed is lost"


def test_other_needs_of_the_same_element_stay(desk: Desk) -> None:
    format = desk.registry.formats["need"]
    record = desk.own.record("BCH-NEED-KE-1")
    need = next(field for field in format.fields if field.asked)
    assert need.part and need.asked
    element, level = (next(f.path for f in need.part.fields if f.key == key) for key in ("element", "level"))
    about = desk.registry.concepts.scheme(need.asked).top[0]  # type: ignore[union-attr]
    triples = [Triple(record, RDF.type, format.target)]
    for number, concept in enumerate((about, about, desk.own.concept("action-plan-2004", "ap2004-a")), 1):
        part = NamedNode(f"{record.value}#need-{number}")
        triples += [Triple(record, need.path, part), Triple(part, element, concept)]
    case = (format, record, Graph(triples))
    step = f"need-{path_name(about)}"
    filled = desk.filled(case, "en", step).fields
    assert filled["need-1.level"] == ["?"], "there is a need without an answer"
    assert not any(name.startswith(("need-2", "need-3")) for name in filled)
    assert desk.read(case, filled, case[2], step) == case[2]
    answered = desk.read(case, filled | {"need-1.level": ["no"]}, case[2], step)
    assert answered.triples - case[2].triples == {
        Triple(NamedNode(f"{record.value}#need-1"), level, desk.own.concept("need-level", "no"))
    }
    rest = desk.filled(case, "en", "needs").fields
    assert {name.split(".")[0] for name in rest if name.startswith("need-")} == {"need-2", "need-3"}
    assert desk.read(case, {**rest, "remove": ["need-2"]}, case[2], "needs").objects(record, need.path) == [
        NamedNode(f"{record.value}#need-{number}") for number in (1, 3)
    ]


# What people type.

TYPED = [
    ("date", " 2006 ", '"2006"^^gYear'),
    ("date", "2006-05", '"2006-05"^^gYearMonth'),
    ("date", "٢٠٠٦-٠٥-٣١", '"2006-05-31"^^date'),
    ("date", "2006/5/3", '"2006-05-03"^^date'),
    ("date", "31/05/2006", '"31/05/2006"^^date'),
    ("date", "next May", '"next May"^^date'),
    ("number", "1 250 000", '"1250000"^^decimal'),
    ("number", "1\u202f250,5", '"1250.5"^^decimal'),
    ("number", "۱۲۵۰٫۵", '"1250.5"^^decimal'),
    ("number", "1,250", '"1,250"^^decimal'),
    ("number", "1,250,000.75", '"1250000.75"^^decimal'),
    ("number", "1.250.000,75", '"1250000.75"^^decimal'),
    ("number", "-0,125", '"-0.125"^^decimal'),
    ("number", "about 3", '"about 3"^^decimal'),
    ("integer", "١٢", '"12"^^integer'),
    ("integer", "12.5", '"12.5"^^integer'),
    ("boolean", "true", '"true"^^boolean'),
    ("boolean", "perhaps", '"perhaps"^^boolean'),
    ("email", " a@b.org ", "<mailto:a@b.org>"),
    ("email", "mailto:a@b.org", "<mailto:a@b.org>"),
    ("email", "Ada <a@b.org>", '"Ada <a@b.org>"'),
    ("telephone", "+1 514 288 2220", "<tel:+15142882220>"),
    ("telephone", "+٩٦٢ ٦", "<tel:+9626>"),
    ("telephone", "ask the porter", '"ask the porter"'),
    ("link", "www.x.org", "<https://www.x.org>"),
    ("link", "x.org:8080/a b", '"x.org:8080/a b"'),
    ("link", "HTTPS://x.org/", "<HTTPS://x.org/>"),
    ("link", "our page", '"our page"'),
    ("link", "javascript:alert(1)", "<javascript:alert(1)>"),
    ("record", "bch-org-ke-9", "<http://localhost:8000/id/BCH-ORG-KE-9>"),
    ("record", "Ministry", '"Ministry"'),
    ("string", "a\r\nb \u0301", '"a\\nb \u0301"'),
    ("string", "e\u0301", '"é"'),
    ("string", " \n ", ""),
]


@pytest.mark.parametrize(("kind", "text", "expected"), TYPED)
def test_what_is_typed(desk: Desk, kind: str, text: str, expected: str) -> None:
    term = Typist(desk.registry.concepts, desk.own).term(SimpleNamespace(kind=kind, schemes=()), text)  # type: ignore[arg-type]
    said = str(term or "").replace("<http://www.w3.org/2001/XMLSchema#", "").replace("^^", "^^").replace(">", "")
    assert said == expected.replace(">", "")


def test_concepts_are_read_by_code_and_iri(desk: Desk) -> None:
    field = next(f for f in desk.registry.formats["project"].fields if f.key == "coverage")
    typist = Typist(desk.registry.concepts, desk.own)
    kenya = desk.own.concept("countries", "KE")
    assert typist.term(field, "KE") == typist.term(field, kenya.value) == kenya
    asia = desk.own.concept("cbd-region", "asia-pacific")
    assert typist.text(field, asia) == asia.value, "the code names two concepts"
    assert typist.term(field, "asia-pacific") == Literal("asia-pacific")


def test_odd_names_do_no_harm(desk: Desk, samples: dict[str, list[Case]]) -> None:
    case = samples["project"][0]
    names = ["", ".", "a.b.c.d.e.f.g.h.i.j", "title.x y", "title.", "csrf", "contact-<.email", "contact-", "no.one"]
    odd = {name: ["x@y.org"] for name in [*names, "title.en.x", "contact-1.title.en"]}
    sent = desk.filled(case).fields
    assert desk.read(case, sent | odd, case[2]) == desk.read(case, sent, case[2])
    lone = desk.read(case, sent | {"title.en": ["a\ud800b"]}, case[2])
    assert "\ufffd" in next(t.object.value for t in lone if "\ufffd" in str(t.object))  # type: ignore[union-attr]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_typed_is_never_markup(desk: Desk, samples: dict[str, list[Case]], lang: str) -> None:
    evil = "\"><script>alert(1)</script>' onfocus=x \u202e</textarea></select>"
    for key in FORMATS:
        format, record, graph = samples[key][0]
        said = Graph(
            Triple(
                t.subject,
                t.predicate,
                Literal(evil, language=t.object.language) if t.object.language else Literal(evil),
            )
            if isinstance(t.object, Literal)
            else t
            for t in graph
        )
        around = Around(
            called=lambda iri: {"en": evil},
            lookup=lambda target, text: [(target, {"en": evil}, evil)],
            create=lambda target: evil,
        )
        page = desk.page(lang)
        findings = found(desk, record, said)
        html = desk.html(page, form(page, format, record, said, findings, around=around, refused=True))
        assert b"<script" not in html.replace(b'<script src="/static/', b"")
        assert b"&lt;script&gt;" in html
        scrape(html)


# Weight and reading.


@pytest.mark.parametrize("lang", ["en", "ar"])
@pytest.mark.parametrize("key", FORMATS)
def test_every_step_is_light(desk: Desk, samples: dict[str, list[Case]], key: str, lang: str) -> None:
    format = desk.registry.formats[key]
    record = desk.own.record(f"BCH-{format.type_code}-SCBD-1")
    blank = (format, record, Graph([Triple(record, RDF.type, format.target)]))
    fullest = max(samples[key], key=lambda case: len(case[2]))
    for case in (blank, fullest):
        page = desk.page(lang)
        findings = found(desk, case[1], case[2])
        for step in steps(format, desk.registry.concepts):
            drawn = form(
                page, format, case[1], case[2], findings, step=step.key, around=Around(address=lambda key: f"?{key}")
            )
            html = desk.html(page, drawn)
            assert len(gzip.compress(html, 6)) <= LIMIT, (step.key, len(gzip.compress(html, 6)))
            sound_page(scrape(html))


def test_a_form_runs_as_its_language_does(desk: Desk, samples: dict[str, list[Case]]) -> None:
    case = samples["project"][0]
    html = desk.html(desk.page("ar"), form(desk.page("ar"), *case)).decode()
    assert '<html lang="ar" dir="rtl">' in html
    filled = {given["id"]: given for given in scrape(html.encode()).inputs if "id" in given}
    assert (filled["title.ar"]["dir"], filled["title.fr"]["dir"]) == ("rtl", "ltr")
    assert filled["title.ar"]["lang"] == "ar"
    assert list(filled).index("title.ar") < list(filled).index("title.en")
    assert filled["start"]["dir"] == filled["contact-1.email"]["dir"] == filled["budget"]["dir"] == "ltr"
    assert filled["contact-1.email"]["type"] == "email" and filled["start"]["type"] == "text"


def test_steps_know_where_they_stand(desk: Desk, samples: dict[str, list[Case]]) -> None:
    format, record, graph = case = samples["project"][0]
    wrong = without(graph, record, format.label)
    page = desk.page()
    drawn = form(page, format, record, wrong, found(desk, record, wrong), step="who")
    assert (drawn.previous, drawn.next) == ("identification", "when")
    assert [stop.key for stop in drawn.stops if stop.faults] == ["identification"]
    assert [stop.key for stop in drawn.stops if stop.here] == ["who"]
    assert form(page, *case, step="nonsense").step == ALL
    assert any(stop.started for stop in drawn.stops)


def test_only_the_desk_has_a_script() -> None:
    script = (ROOT / "web" / "static" / "desk.js").read_text("utf-8")
    assert len(script) < 4096 and "innerHTML" not in script and "Storage" not in script
    assert "desk." not in (ROOT / "web" / "templates" / "base.html").read_text("utf-8")
