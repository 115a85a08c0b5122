"""Two versions of a record, compared: `/doc/X/compare?from=1&to=3`, in words, field by field, and as data.

As data a comparison is a change set: each statement that was removed or added is an `rdf:Statement` of its own.
Source: http://purl.org/vocab/changeset/schema (Talis, ChangeSet).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from registry.differences import Differences, differences
from registry.errors import NotFound
from registry.records import author_side
from registry.registry import Entry, Registry
from registry.terms import DCTERMS, RDF, Graph, NamedNode, Namespace, Term, Triple
from web.answers import Link
from web.changes import Teller
from web.history import lines, newest, of_record, stem_of
from web.labels import Labels, label_of, references
from web.render import Page
from web.visit import Target, Visit, Visiting, fixed_by

router = APIRouter()

CS = Namespace("http://purl.org/vocab/changeset/schema#")

Number = Annotated[int | None, Query(ge=1, le=999_999_999)]
Origin = Annotated[int | None, Query(alias="from", ge=1, le=999_999_999)]


@dataclass(frozen=True)
class Pair:
    """Two versions of one record."""

    before: Entry
    after: Entry

    @property
    def address(self) -> str:
        """Where their comparison is, below the record's document."""
        return f"compare?from={self.before.number}&to={self.after.number}"


@router.get("/doc/{name}/compare")
def compare(visit: Visiting, name: str, origin: Origin = None, to: Number = None) -> Response:
    """Two versions of a record; the two newest where none are chosen."""
    return visit.reply(_resource(visit, name, origin, to), None)


@router.get("/doc/{name}/compare.{suffix}")
def compare_as(visit: Visiting, name: str, suffix: str, origin: Origin = None, to: Number = None) -> Response:
    """The comparison in the form that the address fixes."""
    return visit.reply(_resource(visit, name, origin, to), fixed_by(suffix, "compare"))


def _resource(visit: Visit, name: str, origin: int | None, to: int | None) -> Target:
    visit.known_only()
    stem = stem_of(visit, name, "compare")
    found = cache(lambda: _pair(visit, stem, origin, to))
    return Target(
        path=f"doc/{stem}/compare",
        html=lambda page: _draw(visit, page, found()),
        graph=lambda: _graph(visit.registry, found()),
        modified=lambda: found().after.changed,
        links=lambda: tuple(Link(v.value, "about") for v in _versions(visit.registry, found())),
    )


def _pair(visit: Visit, stem: str, origin: int | None, to: int | None) -> Pair:
    """The versions asked for; without `to` the newest, without `from` the one before."""
    latest = newest(visit, stem).latest
    after = latest if to is None else to
    before = max(1, after - 1) if origin is None else origin
    return Pair(_version(visit, stem, before), _version(visit, stem, after))


def _version(visit: Visit, stem: str, number: int) -> Entry:
    entry = visit.registry.version(stem, number)
    if entry is None:
        raise NotFound("There is no version {number} of the record {name}.", number=number, name=stem)
    return entry


def between(registry: Registry, pair: Pair) -> Differences:
    """What differs between two versions, of what their author said."""
    before, after = (author_side(entry.iri, entry.graph, registry.own) for entry in (pair.before, pair.after))
    return differences(pair.after.iri, before, after, pair.after.format.fields)


def last_change(registry: Registry, entry: Entry) -> Pair | None:
    """A record as it stands and the version before it; None for a record that was never revised."""
    earlier = registry.version(entry.identifier, entry.number - 1) if entry.number > 1 else None
    return Pair(earlier, entry) if earlier else None


def teller(page: Page, pair: Pair) -> Teller:
    """Who tells a reader what changed, with the names of all records that either version names."""
    labels = Labels(page.registry, references(pair.before) | references(pair.after))
    return Teller(page, pair.before, pair.after, labels)


def _draw(visit: Visit, page: Page, pair: Pair) -> bytes:
    entry, found = pair.after, between(visit.registry, pair)
    told = lines(page, of_record(visit.registry, entry.identifier))
    say = teller(page, pair)
    return visit.site.renderer.draw(
        "compare.html",
        page,
        entry=entry,
        pair=pair,
        title=page.text(label_of(visit.registry, entry)),
        versions=[line for line in told if line.event.version],
        sentences=say.sentences(found.changes),
        sections=say.sections(found.changes),
        found=found,
    )


def _versions(registry: Registry, pair: Pair) -> tuple[NamedNode, NamedNode]:
    stem, version = pair.after.identifier, registry.own.version
    return version(stem, pair.before.number), version(stem, pair.after.number)


def _graph(registry: Registry, pair: Pair) -> Graph:
    """The comparison as a change set."""
    own, found = registry.own, between(registry, pair)
    whole = own.iri(f"doc/{pair.after.identifier}/{pair.address}")
    before, after = _versions(registry, pair)
    said: list[tuple[NamedNode, NamedNode, Term]] = [
        (whole, RDF.type, CS.ChangeSet),
        (whole, CS.subjectOfChange, pair.after.iri),
        (whole, own.reg.comparedFrom, before),
        (whole, own.reg.comparedTo, after),
        *((whole, DCTERMS.license, licence) for licence in pair.after.graph.iris(pair.after.doc, DCTERMS.license)),
    ]
    told: list[tuple[str, NamedNode, Graph]] = [
        ("removed", CS.removal, found.removed),
        ("added", CS.addition, found.added),
    ]
    for name, link, graph in told:
        for number, triple in enumerate(sorted(graph, key=str), 1):
            said += _statement(whole, link, NamedNode(f"{whole.value}#{name}-{number}"), triple)
    return Graph(Triple(subject, predicate, value) for subject, predicate, value in said)


def _statement(
    whole: NamedNode, link: NamedNode, node: NamedNode, triple: Triple
) -> list[tuple[NamedNode, NamedNode, Term]]:
    parts: list[tuple[NamedNode, Term]] = [
        (RDF.subject, triple.subject),  # type: ignore[list-item]
        (RDF.predicate, triple.predicate),
        (RDF.object, triple.object),  # type: ignore[list-item]
    ]
    return [(whole, link, node), (node, RDF.type, RDF.Statement), *((node, path, value) for path, value in parts)]
