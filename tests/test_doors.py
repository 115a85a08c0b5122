"""One record, one graph: whatever door a record comes through, it is the same record, and a fault the same fault.

Random records of every common format go through the form, JSON-LD, plain JSON as a partner would write it, Turtle and
N-Triples; then with one fault each. REGISTRY_SOAK=1 draws many more of them.
"""

from __future__ import annotations

import json
import random
import re
import shutil
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from registry import arrivals, database, desk, people, submission
from registry.deposits import NEW
from registry.errors import Unreadable
from registry.exchange import jsonld, reading
from registry.findings import Finding
from registry.formats import Field
from registry.language import LANGUAGES
from registry.load import Terms, load
from registry.records import digest, lines
from registry.registry import Registry
from registry.terms import RDF, XSD, BlankNode, Graph, Literal, NamedNode, Own, Subject, Term
from tests.chance import FAULTS, Chance, Fault, classes
from tests.conftest import ROOT, TODAY, no_progress, opened_at
from tests.filling import Filled
from tests.sending import JSON, JSONLD, NTRIPLES, TURTLE, bearing, client_of, token
from tests.test_desk import person
from tests.test_forms import FORMATS, Desk

MACHINES = (JSONLD, JSON, TURTLE, NTRIPLES)
ROUNDS = 12  # how often a record that a rule refuses is mended before it is given up
Mark = tuple[str, str, str, str]


@dataclass(frozen=True)
class Instance:
    """A sound record: as it is sent, some of its parts without names; as it is taken; what is found in it."""

    chance: Chance
    raw: Graph
    taken: Graph
    marks: frozenset[Mark]


class Doors:
    """The doors of one registry. Findings of a graph are asked for once: they depend on nothing else."""

    def __init__(self, registry: Registry, client: TestClient, clear: str, owner: str) -> None:
        self.registry, self.own, self.client, self.owner = registry, registry.own, client, owner
        self._desk, self._clear = Desk(registry), clear
        self.others = {
            kind: [row["record"] for row in registry.select("records/list", kind=kind)]
            for format in registry.formats.values()
            for kind in classes(format)
        }
        self.findings = cache(self._findings)
        self.instance = cache(self._instance)

    def _findings(self, record: NamedNode, graph: Graph) -> tuple[Finding, ...]:
        return tuple(submission.findings(self.registry, record, graph, day=TODAY.date()))

    def marks(self, record: NamedNode, graph: Graph, foreign: Iterable[Finding] = ()) -> frozenset[Mark]:
        """The findings of a graph: what found it, how grave it is, in which part and field."""
        found = (*foreign, *self.findings(record, graph))
        return frozenset((f.component, f.severity, f.focus.value.partition("#")[2], f.key) for f in found)

    def same(self, record: NamedNode, graph: Graph, other: Graph) -> bool:
        """Whether two graphs have one content digest; the lines that only one of them has are shown."""
        one, two = (submission.form_of(self.registry, record, given) for given in (graph, other))
        assert set(one.split("\n")) ^ set(two.split("\n")) == set()
        return digest(one) == digest(two)

    def _instance(self, key: str, number: int) -> Instance | None:
        """A sound record of a format; None where the rules refuse it however it is mended."""
        chance = Chance(self.registry, self.registry.formats[key], self.others, self.owner, f"{key} {number}")  # type: ignore[arg-type]
        graph = chance.drawn()
        for _ in range(ROUNDS):
            found = self.findings(chance.record, graph)
            if not any(finding.blocks for finding in found):
                raw = chance.nameless(graph)
                taken = submission.taken(self.registry, raw)
                return Instance(chance, raw, taken, self.marks(chance.record, taken))
            graph = chance.mended(graph, found)
        return None

    # The doors.

    def form(self, chance: Chance, graph: Graph, typist: random.Random | None = None) -> Graph:
        """A record as somebody types it into an empty form, in any language; `typist` is one who types carelessly."""
        lang = chance.random.choice(LANGUAGES)
        filled = self._desk.filled((chance.format, chance.record, graph), lang)
        fields = careless(filled, typist) if typist else filled.fields
        empty = Graph()
        return submission.taken(self.registry, self._desk.read((chance.format, chance.record, empty), fields, empty))

    def body(self, chance: Chance, graph: Graph, media: str) -> bytes:
        """A record as a program sends it that has no name for it yet."""
        name = NamedNode(self.own.base)
        nameless = desk.moved(graph, name)
        if media == JSONLD:
            return jsonld.dumps(jsonld.compact(name, nameless, chance.format, self.own))
        if media == JSON:
            return json.dumps(plain(nameless, name, chance.format.fields, self.own), ensure_ascii=False).encode()
        if media == TURTLE:
            return turtle(nameless, self.own).encode()
        return "\n".join(lines(nameless)).encode()

    def machine(self, chance: Chance, body: bytes, media: str) -> tuple[Graph, list[Finding]]:
        """What the registry takes of a body, and what it finds to be foreign in it."""
        found = arrivals.read(self.registry, body, media, format=chance.format)
        arrival = arrivals.sole(found, self.own, chance.record)
        return arrivals.adopted(self.registry, arrival, chance.record, chance.format)

    def asked(self, chance: Chance, body: bytes, media: str) -> Any:
        """What the interface answers to a dry run."""
        address = f"/register/{chance.format.register}?dryRun=true"
        got = self.client.post(address, content=body, headers=bearing(self._clear, Content_Type=media))
        assert got.status_code == 200, got.text
        return got.json()


@pytest.fixture(scope="module")
def doors(founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    """The doors of a registry with the real records, where somebody may send everything: of a country without any."""
    folder = tmp_path_factory.mktemp("doors") / "var"
    shutil.copytree(founded, folder)
    registry = opened_at(folder)
    load(registry, [ROOT / "samples" / "real"], Terms(TODAY, by="test", legacy=True), no_progress)
    account = person(registry, "anybody", "secretariat")
    with database.writing(registry.ledger.engine) as connection:
        people.appoint(connection, account.id, role="bch-national-focal-point", by="test", at=TODAY, country="KE")
    with client_of(registry) as client:
        yield Doors(registry, client, token(registry, account), "KE")
    registry.close()


# How others write.


def plain(graph: Graph, subject: Subject, fields: Iterable[Field], own: Own) -> dict[str, Any]:
    """A record or part as plain JSON, as a partner would write it: by the keys of its fields, its addresses short."""
    node: dict[str, Any] = {}
    if isinstance(subject, NamedNode) and subject.value != own.base:
        node["id"] = subject.value.removeprefix(own.base)
    left = dict(graph.described(subject))
    left.pop(RDF.type, None)
    for field in fields:
        values = left.pop(field.path, [])
        texts = [v for v in values if isinstance(v, Literal) and (v.language or v.datatype == XSD.string)]
        if values and field.kind == "text" and len(texts) == len(values):
            node[field.key] = by_language(texts)
        elif values:
            inner = field.part.fields if field.part else ()
            said = [plain(graph, v, inner, own) if v in graph.subjects else valued(v, field, own) for v in values]  # type: ignore[arg-type]
            key = field.path.value if field.kind == "text" else field.key
            node[key] = said[0] if len(said) == 1 else said
    return node | {path.value: [one.value for one in values] for path, values in left.items()}


def by_language(values: Iterable[Literal]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for value in values:
        found.setdefault(value.language or "@none", []).append(value.value)
    return {tag: texts[0] if len(texts) == 1 else texts for tag, texts in found.items()}


def valued(term: Term, field: Field, own: Own) -> Any:
    """A value: short where the context says the rest."""
    if not isinstance(term, Literal):
        return f"_:{term.value}" if isinstance(term, BlankNode) else term.value.removeprefix(own.base)
    stated = {"number": XSD.decimal, "integer": XSD.integer, "boolean": XSD.boolean, "date": XSD.date}.get(field.kind)
    if term.datatype != (stated or XSD.string):
        return typed(term)
    if stated == XSD.boolean and term.value in ("true", "false"):
        return term.value == "true"
    return int(term.value) if field.kind != "string" and re.fullmatch("0|-?[1-9][0-9]*", term.value) else term.value


def typed(term: Literal) -> dict[str, str]:
    if term.language:
        return {"@value": term.value, "@language": term.language}
    return {"@value": term.value, "@type": term.datatype.value}


def turtle(graph: Graph, own: Own) -> str:
    """A record in Turtle as people write it: parts within brackets, numbers bare, texts over several lines."""

    def node(subject: Subject) -> str:
        said = (f"<{p.value}> {value(v)}" for p, values in graph.described(subject).items() for v in values)
        return " ;\n  ".join(said)

    def value(term: Term) -> str:
        if isinstance(term, BlankNode):
            return f"[ {node(term)} ]"
        if isinstance(term, NamedNode):
            return f"<{term.value.removeprefix(own.base)}>"
        bare = term.datatype in (XSD.integer, XSD.decimal, XSD.boolean)
        if bare and re.fullmatch(r"[+-]?[0-9]*\.?[0-9]+|true|false", term.value):
            return term.value
        return re.sub(r"^\"(.*)\"(?=[@^]|$)", long, str(term), flags=re.DOTALL)

    def long(found: re.Match[str]) -> str:
        return '"""' + found[1].replace("\\n", "\n") + '"""' if "\\\\" not in found[1] else found[0]

    return "\n".join(
        f"<{s.value.removeprefix(own.base)}> {node(s)} ." for s in graph.subjects if isinstance(s, NamedNode)
    )


def careless(filled: Filled, typist: random.Random) -> dict[str, list[str]]:
    """What a browser sends after somebody typed with spaces around and letters composed otherwise."""
    kinds = {given["name"]: given.get("type", "") for given in filled.inputs if given.get("name")}
    fields = dict(filled.fields)
    for name, values in fields.items():
        around = typist.choice(("", " ", "\u3000", "\t"))
        if kinds[name] in ("", "text", "email", "url", "tel"):
            typed = [unicodedata.normalize("NFD", v) if kinds[name] in ("", "text") else v for v in values]
            end = " " if kinds[name] else " \r\n"
            fields[name] = [f"{around}{value}{end}" if value else value for value in typed]
    return fields


# One record is the same through every door.


def through(doors: Doors, key: str, numbers: Iterable[int], asked: int) -> None:
    """Records go through every door; the first `asked` also through the whole of the interface."""
    drawn = 0
    found = []
    for number in numbers:
        drawn += 1
        instance = doors.instance(key, number)
        if instance:
            found.append(instance)
    assert len(found) >= 0.9 * drawn, f"{drawn - len(found)} of {drawn} records are of no use"
    for number, instance in enumerate(found):
        chance, record = instance.chance, instance.chance.record
        typed = doors.form(chance, instance.taken, chance.random if number % 2 else None)
        assert doors.same(record, typed, instance.taken)
        assert doors.marks(record, typed) == instance.marks
        for media in MACHINES:
            body = doors.body(chance, chance.spelt(instance.raw), media)
            graph, foreign = doors.machine(chance, body, media)
            assert doors.same(record, graph, instance.taken), body.decode()
            assert doors.marks(record, graph, foreign) == instance.marks, body.decode()
            if number < asked:
                answered(doors, instance, doors.asked(chance, body, media))


def answered(doors: Doors, instance: Instance, told: Any) -> None:
    """A dry run says that the record is sound, shows it as it is taken, and tells what is found in it."""
    assert told["status"] == "sound", told["findings"]
    shown = reading.read(json.dumps(told["document"]).encode(), JSONLD, doors.own.base, doors.registry.house.contexts)
    assert doors.same(NEW, desk.moved(shown, NEW), desk.moved(instance.taken, NEW))
    assert rows(told) == {mark[1:] for mark in instance.marks}


def rows(told: Any) -> set[tuple[str, str, str]]:
    return {(row["severity"], row["focus"].partition("#")[2], row["field"]) for row in told["findings"]}


@pytest.mark.parametrize("key", FORMATS)
def test_a_record_is_the_same_through_every_door(doors: Doors, key: str) -> None:
    through(doors, key, range(6), asked=1)


@pytest.mark.soak
@pytest.mark.parametrize("key", FORMATS)
def test_many_records_are_the_same_through_every_door(doors: Doors, key: str) -> None:
    through(doors, key, range(60), asked=6)


# One fault is the same through every door.


def faulty(doors: Doors, kind: str, key: str, number: int) -> tuple[Instance, Fault] | None:
    """A record with a fault of a kind, in a field drawn by lot; None where the format has no field that may have it."""
    instance = doors.instance(key, number)
    if instance is None:
        return None
    found = [fault for fault in instance.chance.faults(instance.taken) if fault.kind == kind]
    return (instance, random.Random(f"{kind} {key} {number}").choice(found)) if found else None


def found_alike(doors: Doors, instance: Instance, fault: Fault) -> set[str]:
    """The doors through which a fault went, after each found the same."""
    chance, record = instance.chance, instance.chance.record
    graph = submission.taken(doors.registry, fault.graph)
    expected = doors.marks(record, graph)
    assert any(mark[1] == "must" for mark in expected - instance.marks), f"{fault.kind} in {fault.field.key} is none"
    seen = set()
    if fault.form:
        assert doors.marks(record, doors.form(chance, graph)) == expected, (fault.kind, fault.field.key)
        seen.add("form")
    bodies = {media: doors.body(chance, fault.graph, media) for media in MACHINES}
    for media, body in bodies.items():
        taken, foreign = doors.machine(chance, body, media)
        assert doors.marks(record, taken, foreign) == expected, (fault.kind, fault.field.key, body.decode())
        seen.add(media)
    media = chance.random.choice(MACHINES)
    told = doors.asked(chance, bodies[media], media)
    assert (told["status"], rows(told)) == ("refused", {mark[1:] for mark in expected}), (fault.kind, fault.field.key)
    return seen


def every_fault(doors: Doors, kind: str, keys: list[str], numbers: range) -> None:
    """A kind of fault in records of several formats, and through every door that it can be said at."""
    tried = [found for number in numbers for key in keys if (found := faulty(doors, kind, key, number))]
    assert tried, f"no record has a field that may have the fault {kind}"
    seen = {door for found in tried for door in found_alike(doors, *found)}
    assert seen == {*MACHINES, *(["form"] if any(fault.form for _, fault in tried) else [])}


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_is_the_same_through_every_door(doors: Doors, kind: str) -> None:
    keys = random.Random(kind).sample(FORMATS, len(FORMATS))
    able = [key for key in keys if faulty(doors, kind, key, 0)]
    every_fault(doors, kind, able[:3], range(1))


@pytest.mark.soak
@pytest.mark.parametrize("kind", FAULTS)
def test_many_faults_are_the_same_through_every_door(doors: Doors, kind: str) -> None:
    every_fault(doors, kind, FORMATS, range(3))


# What JSON-LD would pass over without a word.


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "record 17"},
        {"type": 5},
        {"type": {"a": "b"}},
        {"text": {"en_GB": "A text."}},
        {"text": {"": "A text."}},
        {"text": {"@value": "A text.", "@language": "en"}},
        {"part": {"id": "contact 1"}},
    ],
    ids=str,
)
def test_nothing_is_passed_over(doors: Doors, wrong: dict[str, Any]) -> None:
    instance = next(
        found for key in FORMATS if (found := doors.instance(key, 0)) and list(found.chance.parts(found.taken))
    )
    chance, format = instance.chance, instance.chance.format
    names = {"text": next(f.key for f in format.fields if f.kind == "text")}
    names["part"] = next(held.key for held, _ in chance.parts(instance.taken))
    document = json.loads(doors.body(chance, instance.raw, JSON))
    document |= {names.get(key, key): value for key, value in wrong.items()}
    for context in ({}, {"@context": jsonld.address(format, doors.own)}):
        with pytest.raises(Unreadable):
            doors.machine(chance, json.dumps(context | document).encode(), JSON)
