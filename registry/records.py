"""Records: their identifiers, their canonical form, what belongs to one.

A record is a closed description: every subject in it is the record's IRI, a fragment of it or its /doc IRI.
No blank node is published: one that a file brings becomes a fragment, named by its place and its content, so the
same record gets the same names whatever the syntax. Why it is closed: CONTRIBUTING.md, "A record is a graph".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from registry import graphs
from registry.errors import BadInput
from registry.findings import Finding, Messages
from registry.formats import Formats
from registry.language import base_language
from registry.shape import Field, path_name
from registry.terms import FOAF, RDF, XSD, BlankNode, Graph, Literal, NamedNode, Own, Subject, Term, Triple

PATTERN = re.compile(r"^BCH-([A-Z][A-Z0-9]{1,4})-([A-Z]{2}|SCBD)-([1-9][0-9]{0,11})$")
SCHEMES = ("http:", "https:", "mailto:", "tel:")
ALIASES = {"CBI": "CDI"}  # the clearing-house's examples still show the older code of capacity initiatives
_OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069]")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_DEPTH = 8
LONGEST = 2_000  # characters of a reason or remark


@dataclass(frozen=True)
class Identifier:
    """`BCH-<type>-<owner>-<number>`; the owner is a country's ISO code, or SCBD for reference records."""

    type_code: str
    owner: str
    number: int

    def __str__(self) -> str:
        return f"BCH-{self.type_code}-{self.owner}-{self.number}"


def identifier(text: str) -> tuple[Identifier, int | None] | None:
    """An identifier as people write it, and the revision behind it if any: `bch-cbi-scbd-206701-1`."""
    parts = text.strip().upper().split("-")
    revision = int(parts.pop()) if len(parts) == 5 and re.fullmatch(r"[0-9]{1,9}", parts[4]) else None
    if len(parts) == 4:
        parts[1] = ALIASES.get(parts[1], parts[1])
    found = PATTERN.match("-".join(parts))
    return (Identifier(found[1], found[2], int(found[3])), revision) if found else None


def named(graph: Graph, keys: Mapping[NamedNode, str]) -> Graph:
    """The graph with fragments for its blank nodes: `#contact-1`, in the order of their content.

    `keys` gives the key of a field by its path; a property that no field has lends its own name.

    Raises BadInput when a blank node is shared, hangs on nothing or lies in a ring: such a node has no place of
    its own, and a canonical form would cost more than a stranger's file is worth.
    """
    parents: dict[BlankNode, tuple[Subject, NamedNode]] = {}
    blanks = {s for s in graph.subjects if isinstance(s, BlankNode)}
    for triple in graph:
        if isinstance(triple.object, BlankNode):
            if triple.object in parents:
                raise _unplaced()
            parents[triple.object] = (cast("Subject", triple.subject), triple.predicate)
            blanks.add(triple.object)
    if not blanks:
        return graph
    if blanks != parents.keys():
        raise BadInput(
            "A description has no address of its own: nothing leads to it.",
            remedy="Give the record its id, such as id/BCH-CDI-SCBD-108; give a part its place in its record.",
        )
    names = _names(graph, parents, keys)

    def name(term: Term) -> Term:
        return names[term] if isinstance(term, BlankNode) else term

    return Graph(Triple(name(t.subject), t.predicate, name(t.object)) for t in graph)  # type: ignore[arg-type]


def _names(
    graph: Graph, parents: dict[BlankNode, tuple[Subject, NamedNode]], keys: Mapping[NamedNode, str]
) -> dict[BlankNode, NamedNode]:
    taken = {s.value for s in graph.subjects if isinstance(s, NamedNode)}
    contents = {blank: _content(graph, blank) for blank in parents}
    names: dict[BlankNode, NamedNode] = {}
    numbers: dict[str, int] = {}
    for blank in sorted(parents, key=lambda b: (contents[b], _way(b, parents))):
        root, predicate = parents[blank]
        for _ in range(_DEPTH):
            if isinstance(root, NamedNode):
                break
            root = parents[root][0]
        else:
            raise _unplaced()
        stem = f"{root.value.split('#')[0]}#{keys.get(predicate, path_name(predicate))}-"
        number = numbers.get(stem, 0) + 1
        while f"{stem}{number}" in taken:
            number += 1
        numbers[stem] = number
        names[blank] = NamedNode(f"{stem}{number}")
    return names


def _content(graph: Graph, node: BlankNode, depth: int = 0) -> str:
    """What is said of a blank node, whatever its label."""
    if depth > _DEPTH:
        raise _unplaced()
    parts = []
    for predicate, values in graph.described(node).items():
        for value in values:
            said = _content(graph, value, depth + 1) if isinstance(value, BlankNode) else str(_spelt(value))
            parts.append(f"{predicate} {said}")
    return "[" + " ; ".join(sorted(parts)) + "]"


def _way(blank: BlankNode, parents: dict[BlankNode, tuple[Subject, NamedNode]]) -> str:
    """The path from a blank node up to an IRI, so that equal contents in two places keep their order."""
    way: list[str] = []
    node: Subject = blank
    while isinstance(node, BlankNode) and len(way) <= _DEPTH:
        node, predicate = parents[node]
        way.append(predicate.value)
    return " ".join([*way, str(node)])


def _unplaced() -> BadInput:
    return BadInput(
        "A blank node of this file is shared or nested too deeply.",
        remedy="Give it an IRI that is a fragment of the record, such as #contact-1.",
    )


def split(graph: Graph, own: Own, messages: Messages) -> tuple[dict[NamedNode, Graph], list[Finding]]:
    """The records of a graph, each with its fragments and its /doc side; and a finding for each foreign subject."""
    found: dict[NamedNode, list[Subject]] = {}
    foreign: list[Finding] = []
    for subject in graph.subjects:
        whole = subject.value.split("#")[0]
        for root in (own.base + "id/", own.base + "doc/"):
            if whole.startswith(root):
                found.setdefault(own.record(whole.removeprefix(root)), []).append(subject)
                break
        else:
            foreign.append(
                messages.finding("ForeignSubject", NamedNode(whole), value=subject.value, limit=own.base + "id/")
            )
    return {record: graph.about(subjects) for record, subjects in found.items()}, foreign


def received(graph: Graph, decimals: frozenset[NamedNode]) -> Graph:
    """The graph with its values as the registry writes them.

    Whole numbers become decimals where a field takes decimals (`1250000` in Turtle is an xsd:integer), and a
    language with script or region one of the six: `zh-Hans` and `zh-Hant-TW` are zh, `fr-CA` is fr. Texts are composed
    (Unicode NFC), as they are kept, before their letters are counted.
    """

    def taken(triple: Triple) -> Triple:
        value = _spelt(cast("Term", triple.object))
        if isinstance(value, Literal) and triple.predicate in decimals and value.datatype == XSD.integer:
            value = Literal(value.value, datatype=XSD.decimal)
        return Triple(triple.subject, triple.predicate, value)

    return Graph(taken(triple) for triple in graph)


def _spelt(term: Term) -> Term:
    """A text as it is kept: its letters composed, its language one of the six where it is a kind of one."""
    term = _composed(term)
    lang = base_language(term.language) if isinstance(term, Literal) and term.language else None
    return Literal(term.value, language=lang) if isinstance(term, Literal) and lang else term


def classed(graph: Graph, formats: Formats) -> Graph:
    """The graph with the class of every part, which a sender need not say: the field that leads to it tells."""
    found = []
    for kind, format in ((format.target, format) for format in formats.values()):
        for record in graph.having(RDF.type, kind):
            for field in format.fields:
                if field.part and field.part.target:
                    parts = [part for part in graph.objects(record, field.path) if isinstance(part, NamedNode)]
                    found += [Triple(p, RDF.type, field.part.target) for p in parts if not graph.objects(p, RDF.type)]
    return graph | Graph(found) if found else graph


def author_side(record: NamedNode, graph: Graph, own: Own) -> Graph:
    """The triples of the author: all but what the registry itself says on the /doc side."""
    doc = own.doc(path_name(record))
    return Graph(t for t in graph if t.subject != doc and t.predicate != FOAF.isPrimaryTopicOf)


def canonical(graph: Graph, base: str) -> str:
    """The canonical form: sorted N-Triples without a last newline, in Unicode NFC, after a pass through the engine."""
    triples = [Triple(t.subject, t.predicate, _composed(cast("Term", t.object))) for t in graph]
    return "\n".join(lines(graphs.canonical(triples, base)))


def lines(graph: Iterable[Triple]) -> list[str]:
    """Triples as sorted lines of N-Triples."""
    return sorted(f"{triple} ." for triple in graph)


def digest(canonical_form: str) -> str:
    """The content digest: what equality and entity tags rest on."""
    return graphs.digest(canonical_form.split("\n"))


def _composed(term: Term) -> Term:
    if not isinstance(term, Literal) or unicodedata.is_normalized("NFC", term.value):
        return term
    value = unicodedata.normalize("NFC", term.value)
    return Literal(value, language=term.language) if term.language else Literal(value, datatype=term.datatype)


def spoken(text: str, where: str) -> str:
    """A reason or remark as it may be kept; raises BadInput where it is too long or hides signs."""
    if hidden(text):
        raise BadInput(
            "The text holds signs that cannot be shown or that change the direction of writing.",
            remedy="Delete the hidden signs; type the text anew instead of pasting it.",
            where=where,
        )
    if len(text) > LONGEST:
        raise BadInput(
            "The text has {count} characters; at most {limit} are kept.",
            remedy="Say it in fewer words.",
            where=where,
            count=len(text),
            limit=LONGEST,
        )
    return text


def hidden(text: str) -> str | None:
    """What is hidden in a text, as the component of a finding: BidiControl or ControlCharacter; None for plain text."""
    if _OVERRIDES.search(text):
        return "BidiControl"
    return "ControlCharacter" if _CONTROLS.search(text) else None


def spoofing(graph: Graph, messages: Messages, fields: Mapping[NamedNode, Field]) -> list[Finding]:
    """Text that shows as something else than it is; links that run instead of leading."""
    found = []
    for triple in sorted(graph, key=str):
        focus = triple.subject if isinstance(triple.subject, NamedNode) else NamedNode("urn:blank")
        value = triple.object
        component = hidden(value.value) if isinstance(value, Literal) else None
        if isinstance(value, NamedNode) and not value.value.lower().startswith(SCHEMES):
            component = "LinkScheme"
        if component:
            shown = _OVERRIDES.sub("\N{REPLACEMENT CHARACTER}", value.value)  # type: ignore[union-attr]
            field = fields.get(triple.predicate)
            found.append(messages.finding(component, focus, path=triple.predicate, field=field, value=shown))
    return found
