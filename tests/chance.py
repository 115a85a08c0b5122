"""Random records of any common format, drawn from its shape alone; and single faults put into them.

Nothing here knows a type of record: a new format, a new field, a new vocabulary is drawn as the others are. What no
shape says, the rules across fields do: a record that one of them refuses is mended where it was told of.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from registry.findings import Finding
from registry.formats import Field, Format
from registry.language import LANGUAGES
from registry.registry import Registry
from registry.shape import all_fields, path_name
from registry.terms import RDF, SH, XSD, BlankNode, Graph, Literal, NamedNode, Subject, Term, Triple

# What texts are made of: what quotes, marks up, escapes, joins, turns, has no width or lies beyond sixteen bits.
PIECES = (
    'He said "yes", it’s fine',
    "C:\\new\\table \\u0041 \\",
    "<b>bold</b> &amp; </textarea><!-- ]]>",
    "one\ntwo\n\n\tthree  four",
    "{{ 7*7 }} %s %0A ${x} {field}",
    "café, Ångström, ﬁ, Ω",
    "Đặng Thị Ngọc",
    "й и ё: безопасность",
    "السلامة الأحيائيّة، ١٢٣",
    "生物安全——〈議定書〉",
    "🌱👩🏽‍🔬🇰🇪 𝔾𝕄𝕆",
    "x\u200fy\u200by\ufeffz\u00a0\u2028!",
    "a,b;c|d\te='f' # @prefix .",
    "null",
    "0",
)
CODES = ("CHF", "USD", "XDR")
NUMBERS = ("0", "5", "007", "+12", "1250000.50", "0.10", "3.000", ".5", "-3", "-0.25", "98765432109876543210.123456789")
WHOLE = ("0", "1", "007", "+12", "42", "-3", "9007199254740993", "12345678901234567")
ADDRESSES = {
    "link": (
        "https://a.example.org/x?a=1&b=%20#c'd",
        "http://localhost/ü",
        "https://例え.example.org:8080/e\u0301",
        "HTTPS://user@Example.org",
        "https://a.example.org/(x),;y",
    ),
    "email": ("mailto:a@b.org", "mailto:a.b+c@xn--p1ai.org", "mailto:é@b.org?subject=x", "mailto:x:y@b.co.ke"),
    "telephone": ("tel:+15142882220", "tel:+1-514-288.2220", "tel:+254(20)123;ext=4"),
}
BAD = {
    "link": ("ftp://a.example.org/", "https://nowhere", "http://a..org/", "urn:isbn:1"),
    "email": ("mailto:nobody", "mailto:a@b", "mailto:a@b@c.org"),
    "telephone": ("tel:12", "tel:+call", "tel:514-288-2220"),
}
VARIANTS = {"en": "en-GB", "fr": "fr-CA", "es": "es-419", "zh": "zh-Hant-TW", "ar": "ar", "ru": "RU"}
DATATYPES = {"number": XSD.decimal, "integer": XSD.integer, "boolean": XSD.boolean, "string": XSD.string}
FAULTS = (
    *("missing", "too many", "too long", "blank", "no language", "other language", "twice", "turned", "control"),
    *("not its pattern", "other datatype", "no date", "no such day", "no number", "too small", "no truth"),
    *("unknown concept", "other scheme", "no concept", "no such record", "other class", "no record"),
    *("bad address", "no address", "half address", "script", "foreign part", "no part", "unknown field"),
)
Wrong = Iterator[tuple[str, list[Term], bool]]
"""Wrong values of a field: the kind of the fault, the values, whether a form can say them."""


@dataclass(frozen=True)
class Fault:
    """A record with one fault: its kind, the field it is in, and whether a form has a way to say it."""

    kind: str
    field: Field
    graph: Graph
    form: bool = True


def within(field: Field) -> bool:
    """Whether people write a field: not one that the registry fills in, or that holds files."""
    inner = field.part.fields if field.part else ()
    return field.kind != "file" and not getattr(field, "readonly", False) and not any(f.kind == "file" for f in inner)


def without(graph: Graph, subject: Subject, field: Field) -> Graph:
    """A graph without the values of a field, and without the parts it leads to."""
    gone = {subject} if not field.part else {subject, *graph.objects(subject, field.path)}
    return Graph(t for t in graph if t.subject not in gone or (t.subject == subject and t.predicate != field.path))


class Chance:
    """Draws the records of one format. `others` are records to refer to, by class; `owner` is the country's code."""

    def __init__(
        self, registry: Registry, format: Format, others: Mapping[NamedNode, Sequence[NamedNode]], owner: str, seed: str
    ) -> None:
        self.random = random.Random(seed)
        self.registry, self.format, self.others = registry, format, others
        self._owner = owner if path_name(format.category) == "national-record" else ""
        number = 999_999_999_999  # what stands for the number of a record that has none yet
        self.record = registry.own.record(f"BCH-{format.type_code}-{self._owner or 'SCBD'}-{number}")
        self._most = self.random.choice((0.0, 0.3, 0.6, 1.0))  # the share of the fields that may be missing
        self._parts = 0

    # Sound records.

    def drawn(self) -> Graph:
        """A record as its shape has it; rules may refuse it still."""
        said = self._described(self.record, self.format.fields)
        return Graph([Triple(self.record, RDF.type, self.format.target), *said])

    def mended(self, graph: Graph, findings: Iterable[Finding]) -> Graph:
        """The record with what was refused drawn anew, or left out where it may be missing."""
        for finding in findings:
            field = self._field(graph, finding.focus, finding.path)
            if finding.blocks and field:
                there = graph.objects(finding.focus, field.path)
                graph = without(graph, finding.focus, field)
                if field.min or not there or self._chance(0.6):
                    graph |= Graph(self._values(finding.focus, field))
        return graph

    def nameless(self, graph: Graph) -> Graph:
        """The same record with some of its parts unnamed, and the classes of parts left out or not."""
        names: dict[Term, Subject] = {}
        for part in graph.subjects:
            if part != self.record and self._chance(0.4):
                names[part] = BlankNode(f"p{len(names)}")
        types = self._chance(0.5)
        return Graph(
            Triple(names.get(t.subject, t.subject), t.predicate, names.get(t.object, t.object))  # type: ignore[arg-type]
            for t in graph
            if types or t.predicate != RDF.type or t.subject == self.record
        )

    def spelt(self, graph: Graph) -> Graph:
        """The same record as somebody else may spell it: letters decomposed, languages with their regions."""
        ordered = sorted(graph, key=str)
        return Graph(Triple(t.subject, t.predicate, self._spelt(t.object)) for t in ordered)  # type: ignore[arg-type]

    def _spelt(self, term: Term) -> Term:
        if not isinstance(term, Literal) or not (term.language or term.datatype == XSD.string):
            return term
        text = unicodedata.normalize("NFD", term.value) if self._chance(0.3) else term.value
        if not term.language:
            return Literal(text)
        return Literal(text, language=VARIANTS[term.language] if self._chance(0.2) else term.language)

    def _field(self, graph: Graph, subject: NamedNode, path: NamedNode | None) -> Field | None:
        if subject == self.record:
            fields = self.format.fields
        else:
            fields = next((f.part.fields for f, part in self.parts(graph) if part == subject and f.part), ())
        return next((field for field in fields if field.path == path), None)

    def parts(self, graph: Graph) -> Iterator[tuple[Field, NamedNode]]:
        """The parts of a record, each with its field."""
        for field in self.format.fields:
            if field.part and within(field):
                yield from ((field, part) for part in graph.iris(self.record, field.path))

    def _described(self, subject: NamedNode, fields: Iterable[Field]) -> Iterator[Triple]:
        for field in filter(within, fields):
            if field.min or self._chance(self._most):
                yield from self._values(subject, field)

    def _values(self, subject: NamedNode, field: Field) -> Iterator[Triple]:
        many = max(field.min, self.random.randint(1, min(field.max or 3, 3)))
        if field.part:
            for _ in range(many):
                self._parts += 1
                stem = self.random.choice((f"{field.key}-", f"{field.key}-", "secretariat", "x.y=~", f"{field.key}-é-"))
                part = NamedNode(f"{self.record.value}#{stem}{self._parts}")
                said = list(self._described(part, field.part.fields))
                if not said:
                    said = list(self._values(part, next(filter(within, field.part.fields))))
                yield from (Triple(subject, field.path, part), *said)
                if field.part.target:
                    yield Triple(part, RDF.type, field.part.target)
        else:
            for term in dict.fromkeys(self._terms(field, many)):
                yield Triple(subject, field.path, term)

    def _terms(self, field: Field, many: int) -> list[Term]:
        if field.kind == "text":
            spoken = self.random.sample(LANGUAGES, many)
            return [Literal(self._text(field), language=lang) for lang in spoken]
        return [self.value(field) for _ in range(many)]

    # Values of fields.

    def value(self, field: Field) -> Term:
        """A value that a field may have."""
        if field.kind == "concept":
            return self._concept(field)
        if field.kind == "record" and field.target:
            return self.random.choice(self.others[field.target])
        if field.kind in ADDRESSES:
            return NamedNode(self._fitting(field, ADDRESSES[field.kind]))
        if field.kind == "date":
            return self._date()
        if field.kind == "boolean":
            return Literal(self.random.choice(("true", "false")), datatype=XSD.boolean)
        if field.kind in ("number", "integer"):
            return Literal(self._number(field), datatype=DATATYPES[field.kind])
        lang = self.random.choice(LANGUAGES)
        return Literal(self._text(field), language=lang) if field.kind == "text" else Literal(self._text(field))

    def _concept(self, field: Field) -> NamedNode:
        countries = self.registry.own.iri("vocabulary/countries")
        if self._owner and field.schemes == (countries,) and field.max == 1 and field in self.format.fields:
            return self.registry.own.concept("countries", self._owner)
        chosen = field.schemes[0] if self._chance(0.5) else self.random.choice(field.schemes)
        scheme = self.registry.concepts.scheme(chosen)
        assert scheme
        return self.random.choice(scheme.concepts)

    def _date(self) -> Literal:
        day = str(date(1950, 1, 1) + timedelta(self.random.randrange(40_000)))
        kinds = [(day, XSD.date), (day[:7], XSD.gYearMonth), (day[:4], XSD.gYear), (f"{day}Z", XSD.date)]
        text, datatype = self.random.choices(kinds, (4, 2, 2, 1))[0]
        return Literal(text, datatype=datatype)

    def _number(self, field: Field) -> str:
        least = self._said(field, SH.minInclusive)
        pool = WHOLE if field.kind == "integer" else NUMBERS
        return self.random.choice([text for text in pool if least is None or float(text) >= float(least)])

    def _text(self, field: Field) -> str:
        if not re.search(self._said(field, SH.pattern) or "", PIECES[0]):
            return self._fitting(field, (*CODES, *PIECES))
        glue = self.random.choice((" ", "\n", "", ", "))
        text = glue.join(self.random.choices(PIECES, k=self.random.randint(1, 4)))
        limit = int(self._said(field, SH.maxLength) or 1000)
        text = unicodedata.normalize("NFC", text)[:limit].strip()
        return text.ljust(limit, "é") if self._chance(0.1) else text

    def _fitting(self, field: Field, pool: Sequence[str], fits: bool = True) -> str:
        pattern = re.compile(self._said(field, SH.pattern) or "")
        found = [text for text in pool if bool(pattern.search(text)) == fits]
        assert found, f"Nothing here is known that the pattern of {field.key} takes: {pattern.pattern}"
        return self.random.choice(found)

    def _said(self, field: Field, predicate: NamedNode) -> str | None:
        return self.registry.formats.shapes.text(field.iri, predicate)

    def _chance(self, share: float) -> bool:
        return self.random.random() < share

    # Faults.

    def faults(self, graph: Graph) -> Iterator[Fault]:
        """The record with one fault, for every fault that its shape knows: in its own fields, and in a part of each."""
        spots = [(self.record, field) for field in filter(within, self.format.fields)]
        for held, part in {field.iri: (field, part) for field, part in self.parts(graph)}.values():
            spots += [(part, field) for field in filter(within, held.part.fields if held.part else ())]
        for subject, field in spots:
            rest = without(graph, subject, field)
            if field.min:
                alone = subject != self.record and not set(rest.predicates(subject)) - {RDF.type}
                yield Fault("missing", field, rest, form=not alone)
            for kind, terms, form in self._wrong(field):
                yield Fault(kind, field, rest | Graph(Triple(subject, field.path, term) for term in terms), form)
            unknown = Triple(subject, NamedNode("https://example.org/ns#mood"), Literal("fair"))
            yield Fault("unknown field", field, graph | Graph([unknown]), form=False)

    def _wrong(self, field: Field) -> Wrong:
        if field.max and not field.part:
            several = {self.value(field) for _ in range(40)}
            if len(several) > field.max and not (self._owner and field.schemes):
                yield "too many", sorted(several, key=str)[: field.max + 1], True
        by_kind: dict[str, Callable[[Field], Wrong]] = {
            "text": self._wrong_text,
            "string": self._wrong_text,
            "date": self._wrong_number,
            "number": self._wrong_number,
            "integer": self._wrong_number,
            "concept": self._wrong_name,
            "record": self._wrong_name,
            "link": self._wrong_address,
            "email": self._wrong_address,
            "telephone": self._wrong_address,
        }
        if field.kind in by_kind:
            yield from by_kind[field.kind](field)
        if field.kind == "boolean":
            yield "no truth", [Literal("perhaps", datatype=XSD.boolean)], True
        if field.part:
            yield "no part", [Literal("Mr Smith")], True
            yield "foreign part", [NamedNode("https://example.org/people#me")], True

    def _wrong_text(self, field: Field) -> Wrong:
        lang = self.random.choice(LANGUAGES) if field.kind == "text" else None

        def said(text: str) -> list[Term]:
            return [Literal(text, language=lang) if lang else Literal(text)]

        if limit := self._said(field, SH.maxLength):
            yield "too long", said("é" * (int(limit) + 1)), True
        if (self._said(field, SH.pattern) or "\\S") != "\\S":
            yield "not its pattern", said("no currency"), True
        yield "turned", said("a\u202eb"), True
        yield "control", said("a\x07b"), True
        yield "blank", said(" \n\u3000"), False
        yield "other datatype", [Literal("2005", datatype=XSD.integer)], False
        if lang:
            yield "no language", [Literal("Hallo")], True
            yield "other language", [Literal("Hallo", language="de")], True
            yield "twice", [Literal("one", language=lang), Literal("two", language=lang)], True

    def _wrong_number(self, field: Field) -> Wrong:
        yield "other datatype", [Literal("2005", language="en")], False
        if field.kind == "date":
            wrong = (("2005-02-30", XSD.date), ("2005-13", XSD.gYearMonth), ("2005-00-10", XSD.date))
            text, datatype = self.random.choice(wrong)
            yield "no such day", [Literal(text, datatype=datatype)], True
            yield "no date", [Literal(self.random.choice(("soon", "31/05/2006")), datatype=XSD.date)], True
            return
        text = self.random.choice(("12.5.1", "about 5", "NaN", "1e3", "0x1F"))
        yield "no number", [Literal(text, datatype=DATATYPES[field.kind])], True
        if least := self._said(field, SH.minInclusive):
            yield "too small", [Literal(str(int(least) - 1), datatype=DATATYPES[field.kind])], True

    def _wrong_name(self, field: Field) -> Wrong:
        if field.kind == "record":
            known = next(iter(self.others.values()))[0].value.rsplit("-", 1)[0]
            others = [r for kind, found in self.others.items() if kind != field.target for r in found]
            yield "no such record", [NamedNode(f"{known}-999998")], True
            yield "other class", [self.random.choice(others)], True
            yield "no record", [Literal("Ministry of Everything")], True
            return
        strange = [s for s in self.registry.concepts.schemes if s.iri not in field.schemes]
        yield "unknown concept", [NamedNode(f"{field.schemes[0].value}/no-such-code")], True
        yield "other scheme", [self.random.choice(self.random.choice(strange).concepts)], True
        yield "no concept", [Literal("Atlantis the Great")], True
        yield "script", [NamedNode("javascript:alert(1)")], True

    def _wrong_address(self, field: Field) -> Wrong:
        yield "bad address", [NamedNode(self._fitting(field, BAD[field.kind], fits=False))], True
        yield "script", [NamedNode("javascript:alert(1)")], True
        yield "other datatype", [Literal("https://a.example.org/", datatype=XSD.anyURI)], False
        if field.kind != "email":  # whatever is typed as an e-mail address becomes one
            yield "no address", [Literal(self.random.choice(("ask the porter", "none")))], True
        if field.kind == "link":  # what is typed so is completed
            yield "half address", [Literal("www.example.org/page")], False


def classes(format: Format) -> set[NamedNode]:
    """The classes of records that a format refers to."""
    return {field.target for field in all_fields(format.fields) if field.kind == "record" and field.target}
