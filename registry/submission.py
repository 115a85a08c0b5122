"""One graph, whatever door it came through: read, checked, and appended to the ledger as a version.

The form, the JSON-LD of a partner and the command line end here, so the same record has the same canonical form and
the same fault gives the same findings. Source: 2005 report, paragraphs 7, 22 and 23 (d).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from registry import attachments, database
from registry.errors import Conflict, Stale, Unfit
from registry.findings import Finding
from registry.formats import Format
from registry.language import Texts, pick
from registry.ledger import ENDS, Event, Writer, since_version
from registry.neighbours import with_coming
from registry.records import author_side, canonical, classed, named, received
from registry.registry import Registry
from registry.shape import path_name
from registry.terms import FOAF, RDF, Graph, Literal, NamedNode, Triple


@dataclass(frozen=True)
class Version:
    """A version on its way into the ledger; `base` is the version that it was made from, None for a new record."""

    record: NamedNode
    graph: Graph
    base: int | None
    by: str
    institution: str | None
    source: str | None


def taken(registry: Registry, graph: Graph) -> Graph:
    """A graph as the registry writes it: no blank nodes, values, languages and files as its formats have them."""
    named_graph = received(named(graph, registry.formats.field_keys), registry.formats.decimals)
    return attachments.measured(registry.ledger.engine, classed(named_graph, registry.formats), registry.own)


def form_of(registry: Registry, record: NamedNode, graph: Graph) -> str:
    """The canonical form of what the author says of a record."""
    return canonical(author_side(record, graph, registry.own), registry.own.base)


def findings(
    registry: Registry,
    record: NamedNode,
    graph: Graph,
    *,
    day: date,
    coming: Mapping[NamedNode, Graph] | None = None,
    by: str | None = None,
) -> list[Finding]:
    """What the checks find in a record that is about to be published, beside `coming` ones; refusing ones first.

    `by` is the account that sends it, where it may name files that no record has used yet.
    """
    others = coming or {}
    author = author_side(record, graph, registry.own)

    def classes(other: NamedNode) -> NamedNode | None:
        if attachments.id_of(other, registry.own):
            with database.reading(registry.ledger.engine) as connection:
                known = attachments.nameable(connection, other, registry.own, record, by)
            return registry.own.reg.File if known else None
        return next(iter(others[other].iris(other, RDF.type)), None) if other in others else registry.class_of(other)

    found = registry.checks.record(record, author, classes=classes, day=day)
    if any(finding.blocks for finding in found):
        return found
    return sorted([*found, *_across(registry, record, author, others, day)], key=lambda finding: not finding.blocks)


def _across(
    registry: Registry, record: NamedNode, graph: Graph, others: Mapping[NamedNode, Graph], day: date
) -> list[Finding]:
    """What the rules across records find in a record among those that are published, and `others`."""
    doc = registry.own.doc(path_name(record))
    whole = author_side(record, graph, registry.own) | Graph([Triple(record, FOAF.isPrimaryTopicOf, doc)])
    near = with_coming(registry.near, {**others, record: whole}, registry.checks.rules.shared)
    return registry.checks.across(record, whole, near=near, day=day)


def append(registry: Registry, writer: Writer, version: Version, *, day: date) -> Event | None:
    """Append a version; None when the ledger's newest says the same already.

    Raises Stale when somebody published another in the meantime, Conflict when the record has ended, Unfit where what
    was published since the checks stands against it: the rules across records are asked again, now that nobody writes.
    """
    record, name = version.record.value, path_name(version.record)
    latest, kinds = writer.latest(record), writer.kinds(record)
    if set(ENDS) & set(kinds):
        raise Conflict("{name} has ended: it was retired or merged.", remedy="Make a new record.", name=name)
    number = latest.version if latest else None
    if number != version.base:
        raise overtaken(name, number)
    form = form_of(registry, version.record, version.graph)
    same = latest is not None and latest.graph == form and "archived" not in since_version(kinds)
    if same and latest and (latest.institution, latest.source) == (version.institution, version.source):
        return None
    registry.follow(last=writer.began)
    if told := [finding for finding in _across(registry, version.record, version.graph, {}, day) if finding.blocks]:
        raise Unfit("Another record that was published in the meantime stands in the way.", findings=told)
    event = writer.append(
        "revised" if latest else "published",
        record,
        by=version.by,
        version=(number or 0) + 1,
        institution=version.institution,
        source=version.source,
        graph=form,
    )
    attachments.publish(writer.connection, version.graph, registry.own, version.record, at=event.entered)
    return event


def overtaken(name: str, number: int | None) -> Stale:
    """What whoever publishes is told when somebody else did so in between."""
    return Stale(
        "{name} was published in version {number} in the meantime.",
        remedy="Compare your text with that version, and send again what you want to keep.",
        where=f"v/{number}",
        name=name,
        number=number or 0,
    )


def format_of(registry: Registry, record: NamedNode, graph: Graph) -> Format | None:
    """The common format that a record says it has."""
    return next((f for kind in graph.iris(record, RDF.type) if (f := registry.formats.by_class(kind))), None)


def title_of(registry: Registry, format: Format, record: NamedNode, graph: Graph, lang: str = "en") -> str:
    """How a record is called in a language; else nothing."""
    return pick(titles_of(registry, format, record, graph), lang)[0]


def titles_of(registry: Registry, format: Format, record: NamedNode, graph: Graph) -> Texts:
    """How a record is called, by language; the labels of a concept where a concept names it."""
    texts: dict[str, str] = {}
    for term in graph.objects(record, format.label.path):
        if isinstance(term, Literal):
            texts.setdefault(term.language or "", term.value)
        elif concept := registry.concepts.get(term):
            texts |= concept.labels
    return texts
