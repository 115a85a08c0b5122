"""A body that a program sends > the records in it, each apart, whatever its sender calls them.

A partner's document keeps its own names: the record may be an IRI of theirs, a blank node or have no name at all. What
hangs on it becomes its fragments; the names of graphs mean nothing; what the registry itself says on the /doc side is
read for the version that it states and left out. Source: http.md of the registry's design, rows 5 and 7; RFC 7396.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from registry.errors import RegistryError, TooLarge, Unreadable
from registry.exchange import jsonld
from registry.exchange.documents import too_deep, unparsed
from registry.exchange.reading import read as read_graph
from registry.findings import Finding
from registry.formats import Format
from registry.registry import Registry
from registry.shape import all_fields, path_name
from registry.submission import taken
from registry.terms import DCTERMS, FOAF, RDF, BlankNode, Graph, NamedNode, Own, Subject, Term, Triple

JSON, JSONLD, TURTLE, NTRIPLES = "application/json", "application/ld+json", "text/turtle", "application/n-triples"
MEDIA = (JSONLD, JSON, TURTLE, NTRIPLES)
STATEMENTS = 2_000  # of one record: the largest sample has a tenth of it
RECORDS = 100  # of one body
MOST = 10_000  # statements of one body


@dataclass(frozen=True)
class Arrival:
    """One record of a body: what its sender calls it, what is said, and the version that it says it was made from."""

    subject: Subject
    graph: Graph
    version: int | None = None

    @property
    def origin(self) -> NamedNode | None:
        """The name that a partner's record has at home, where it is a web address."""
        named = isinstance(self.subject, NamedNode)
        return self.subject if named and self.subject.value.startswith(("http://", "https://")) else None  # type: ignore[return-value]


Found = Arrival | RegistryError


def read(
    registry: Registry, data: bytes, media: str, *, format: Format | None = None, context: str | None = None
) -> list[Found]:
    """The records of a body, in its order where the syntax has one; a fault in one item of a list is that item's alone.

    `format` is what a record without a type is, `context` the address of the context that plain JSON is read by.
    Raises Unreadable for what does not parse, TooLarge for too many records.
    """
    if media not in (JSON, JSONLD):
        return _records(registry, _graph(registry, data, media), format)
    document = parsed(data)
    items = document if isinstance(document, list) else [document]
    if len(items) > RECORDS:
        raise _too_many()
    found: list[Found] = []
    for item in items:
        try:
            whole = _with_context(registry, item, format, context) if media == JSON else item
            text = json.dumps(whole, ensure_ascii=False).encode()
            found += _records(registry, _graph(registry, text, JSONLD), format)
        except RegistryError as error:
            if not isinstance(document, list):
                raise
            found.append(error)
    return found


def parsed(data: bytes) -> Any:
    """A body of JSON; raises Unreadable, with the line where there is one, for what is none or cannot be text."""
    try:
        document = json.loads(data.decode("utf-8-sig"))
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeError as error:
        raise Unreadable(
            "The body holds signs that are no text in UTF-8.", remedy="Send whole characters, in UTF-8."
        ) from error
    except json.JSONDecodeError as error:
        raise unparsed("JSON", error.lineno, error.msg) from error
    except ValueError as error:
        raise unparsed("JSON", None, str(error)) from error
    except RecursionError as error:
        raise too_deep() from error
    return document


def merged(target: Any, patch: Any, depth: int = 0) -> Any:
    """A document after a merge patch: members replace members, null takes away, arrays are replaced whole.

    Source: RFC 7396, section 2.
    """
    if depth > 100:
        raise too_deep()
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value, depth + 1)
    return result


def _with_context(registry: Registry, item: Any, format: Format | None, context: str | None) -> Any:
    """Plain JSON with the context that gives its keys a meaning: that of its format, unless another is named."""
    if not isinstance(item, dict) or "@context" in item:
        return item
    if context is None:
        kinds = item.get("type", [])
        named = {k for k in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(k, str)}
        classes = (f for f in registry.formats.values() if named & {path_name(f.target), f.target.value, f.key})
        chosen = format or next(classes, None)
        if chosen is None:
            raise Unreadable(
                "The record says no type by which its keys could be read.",
                remedy='Say it, such as "type": "Project", or send it to its register.',
                where="type",
            )
        context = jsonld.address(chosen, registry.own)
    return {"@context": context, **item}


def _graph(registry: Registry, data: bytes, media: str) -> Graph:
    graph = read_graph(data, media, registry.own.base, registry.house.contexts)
    if len(graph) > MOST:
        raise TooLarge("A body may have at most {count} statements.", where="body", count=MOST)
    return graph


def _records(registry: Registry, graph: Graph, format: Format | None) -> list[Found]:
    """The records of a graph: what has the class of a format; without any, the one thing that nothing leads to."""
    graph, versions = _without_documents(graph, registry.own)
    classes = {format.target for format in registry.formats.values()}
    heads = [s for s in graph.subjects if classes & set(graph.iris(s, RDF.type))]
    if not heads:
        named = {triple.object for triple in graph}
        loose = [s for s in graph.subjects if s not in named and not _fragment(s)]
        heads = loose if len(loose) == 1 else []
    if not heads:
        raise Unreadable("The body holds no record.", remedy="Say what it is: the class of one of the common formats.")
    if len(heads) > RECORDS:
        raise _too_many()
    parts = _shared_out(graph, heads)
    found: list[Found] = []
    for head in sorted(heads, key=str):
        about = graph.about(parts[head])
        if len(about) > STATEMENTS:
            raise TooLarge("A record may have at most {count} statements.", where="body", count=STATEMENTS)
        found.append(Arrival(head, about, versions.get(head)))
    return found


def _without_documents(graph: Graph, own: Own) -> tuple[Graph, dict[Subject, int]]:
    """The graph without the /doc sides of its records, and the versions that these state."""
    documents = {s for s in graph.subjects if s.value.startswith(own.base + "doc/")}
    links = [t for t in graph if t.predicate == FOAF.isPrimaryTopicOf]
    documents |= {t.object for t in links if isinstance(t.object, (NamedNode, BlankNode))}
    versions = {}
    for link in links:
        stated = graph.text(link.object, own.reg.version) if not hasattr(link.object, "datatype") else None  # type: ignore[arg-type]
        if stated and stated.isdecimal() and len(stated) < 10:
            versions[link.subject] = int(stated)
    kept = Graph(t for t in graph if t.subject not in documents and t.predicate != FOAF.isPrimaryTopicOf)
    return kept, versions  # type: ignore[return-value]


def _shared_out(graph: Graph, heads: list[Subject]) -> dict[Subject, list[Subject]]:
    """Which subjects belong to which record: what it leads to, and what is called a fragment of it."""
    subjects, owner = set(graph.subjects), {head: head for head in heads}
    for head in heads:
        todo = [head]
        while todo:
            for values in graph.described(todo.pop()).values():
                for value in values:
                    if value in subjects and value not in owner:
                        owner[value] = head  # type: ignore[index]
                        todo.append(value)  # type: ignore[arg-type]
    stems: dict[str, list[Subject]] = {}
    for head in heads:
        stems.setdefault(_stem(head), []).append(head)
    for subject in subjects - owner.keys():
        near = stems.get(_stem(subject), heads)
        owner[subject] = near[0]  # what belongs to nobody is told of by the checks of one of them
    parts: dict[Subject, list[Subject]] = {head: [] for head in heads}
    for subject, head in owner.items():
        parts[head].append(subject)
    return parts


def _stem(subject: Subject) -> str:
    return subject.value.split("#")[0] if isinstance(subject, NamedNode) else f"_:{subject.value}"


def _fragment(subject: Subject) -> bool:
    return isinstance(subject, NamedNode) and "#" in subject.value


def adopted(registry: Registry, arrival: Arrival, record: NamedNode, format: Format) -> tuple[Graph, list[Finding]]:
    """What an arrival says, under the name of a record of the registry; and a finding for each subject that is foreign.

    The name it has at home is kept as its source. Raises BadInput for blank nodes that have no place of their own.
    """
    own, graph = registry.own, arrival.graph
    parts = {field.path for field in all_fields(format.fields) if field.part}
    uses: dict[Term, list[NamedNode]] = {}
    for triple in graph:
        uses.setdefault(triple.object, []).append(triple.predicate)  # type: ignore[arg-type]
    names: dict[Term, Subject] = {arrival.subject: record}
    stems = {_stem(arrival.subject), own.base, record.value}
    for term in {*graph.subjects, *uses}:
        if isinstance(term, NamedNode) and "#" in term.value and term.value.split("#")[0] in stems:
            names.setdefault(term, NamedNode(record.value + term.value[term.value.index("#") :]))
    for subject in graph.subjects:
        led = uses.get(subject, [])
        ours = subject.value.startswith(own.base)
        if subject not in names and isinstance(subject, NamedNode) and not ours and len(led) == 1 and led[0] in parts:
            names[subject] = BlankNode()
    said = Graph(Triple(names.get(t.subject, t.subject), t.predicate, names.get(t.object, t.object)) for t in graph)  # type: ignore[arg-type]
    foreign = list(_foreign(registry, said, record))
    kept = [t for t in said if isinstance(t.subject, BlankNode) or t.subject.value.split("#")[0] == record.value]  # type: ignore[union-attr]
    if not said.objects(record, RDF.type):
        kept.append(Triple(record, RDF.type, format.target))
    if arrival.origin and not arrival.origin.value.startswith(own.base):
        kept.append(Triple(record, DCTERMS.source, arrival.origin))
    return taken(registry, Graph(kept)), foreign


def _foreign(registry: Registry, graph: Graph, record: NamedNode) -> Iterator[Finding]:
    wholes = {s.value.split("#")[0] for s in graph.subjects if isinstance(s, NamedNode)}
    for whole in sorted(wholes - {record.value}):
        yield registry.checks.messages.finding(
            "ForeignSubject", NamedNode(whole), value=whole, limit=registry.own.base + "id/"
        )


def format_of(registry: Registry, arrival: Arrival) -> Format | None:
    """The common format that an arrival says it has."""
    kinds = arrival.graph.iris(arrival.subject, RDF.type)
    return next((format for kind in kinds if (format := registry.formats.by_class(kind))), None)


def sole(found: Iterable[Found], own: Own, record: NamedNode | None = None) -> Arrival:
    """The one record of a body, `record` where it is known; what else stands there is foreign to it.

    Raises what was wrong with it, Unreadable where there are several.
    """
    arrived = list(found)
    for one in arrived:
        if isinstance(one, RegistryError):
            raise one
    heads = [one for one in arrived if isinstance(one, Arrival)]
    mine = [one for one in heads if one.subject == record] or [
        one for one in heads if not one.subject.value.startswith(own.base + "id/")
    ]
    chosen = mine if len(mine) == 1 else heads
    if len(chosen) != 1:
        raise Unreadable(
            "The body holds {count} records.",
            remedy="Send several records to {path}, one by one to this address.",
            count=len(heads),
            path="/register",
        )
    whole = Graph(triple for one in heads for triple in one.graph)
    return Arrival(chosen[0].subject, whole, chosen[0].version)


def _too_many() -> TooLarge:
    return TooLarge("A body may have at most {count} records.", where="body", count=RECORDS)
