"""Linked Data Event Streams: every change of a record as an immutable member, of all records or of one register.

The stream is `/ldes#stream`, its one view the root `/ldes`, which leads to the pages by two relations each on the time
of entry; a page that is full never changes again. A member is the record as an event left it, under names of its own:
`/ldes/7` stands for the thing, `/ldes/7#contact-1` for a part of it, `/ldes/7/doc` for the document about it, so that
two versions of a record on one page are told apart. In TriG and N-Quads each member is a graph by itself.
Sources: https://w3id.org/ldes/specification; https://w3id.org/tree/specification.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from registry.errors import NotFound
from registry.exchange.writing import dataset
from registry.feed import ALL, Change, Leaf
from registry.formats import Format
from registry.registry import Registry
from registry.standing import LICENCE, moment
from registry.terms import DCTERMS, PROV, RDF, Graph, Literal, NamedNode, Namespace, Own, Term, Triple
from web.answers import FOREVER, FRESH, Link
from web.feeds import leaf_of, register_of
from web.negotiate import DATA, NQUADS, TRIG, Media, split
from web.render import Page
from web.visit import Target, Visit, Visiting, fixed_by

router = APIRouter()

LDES = Namespace("https://w3id.org/ldes#")
TREE = Namespace("https://w3id.org/tree#")
AS = Namespace("https://www.w3.org/ns/activitystreams#")
ACTS = {"create": AS.Create, "update": AS.Update, "delete": AS.Delete}
_TICK = timedelta(microseconds=1)  # the ledger's own grain of time

Number = Annotated[int | None, Query(alias="page", ge=1)]


@router.get("/ldes")
def stream(visit: Visiting, number: Number = None) -> Response:
    """The stream of all records: its root, or one of its pages."""
    return _reply(visit, None, number, None)


@router.get("/ldes.{suffix}")
def stream_as(visit: Visiting, suffix: str, number: Number = None) -> Response:
    """The same in the form that the address fixes."""
    return _reply(visit, None, number, fixed_by(suffix, "ldes"))


@router.get("/ldes/{name}")
def one(visit: Visiting, name: str, number: Number = None) -> Response:
    """The stream of a register; or a member, by the number of its event."""
    stem, fixed = split(name)
    if stem.isdigit():
        return _member(visit, _change(visit, stem), fixed)
    return _reply(visit, register_of(visit.registry, stem), number, fixed)


@router.get("/ldes/{number}/doc")
def document(visit: Visiting, number: str) -> Response:
    """303 from the document's side of a member to the member, which tells of both."""
    return visit.see_other(f"ldes/{_change(visit, number).event.seq}")


def _reply(visit: Visit, format: Format | None, number: int | None, fixed: Media | None) -> Response:
    visit.known_only()
    registry, code = visit.registry, format.type_code if format else ALL
    path = f"ldes/{format.register}" if format else "ldes"
    feed = visit.site.feed.upto(registry.sequence)
    if number is None:
        leaves = feed.pages(code)
        graphs = cache(lambda: {registry.own.iri(path): _root(registry, path, format, leaves)})
        ends, lasting = (leaves[-1].ends if leaves else None), FRESH
    else:
        leaf = leaf_of(feed, number, code)
        graphs = cache(lambda: _page(registry, path, leaf, feed.on(leaf, code)))
        ends, lasting = leaf.ends, FOREVER if leaf.full else FRESH
    return visit.reply(_target(registry, path, graphs, ends, lasting), fixed)


def _member(visit: Visit, change: Change, fixed: Media | None) -> Response:
    own, number = visit.registry.own, change.event.seq
    member = own.iri(f"ldes/{number}")
    links = (Link(f"{own.history.value}/{number}", "related"), Link(change.record.value, "related"))
    target = _target(
        visit.registry,
        f"ldes/{number}",
        lambda: {member: told(change, own)},
        change.event.entered,
        FOREVER,
        links,
    )
    return visit.reply(target, fixed)


def _change(visit: Visit, written: str) -> Change:
    number = int(written) if written.isascii() and written.isdigit() and len(written) < 10 else 0
    found = visit.site.feed.change(number) if number <= visit.registry.sequence else None
    if found is None:
        raise NotFound("There is no event {number}.", number=written)
    return found


def _target(
    registry: Registry,
    path: str,
    graphs: Callable[[], Mapping[NamedNode, Graph]],
    modified: datetime | None,
    lasting: str,
    links: tuple[Link, ...] = (),
) -> Target:
    def drawn(media: Media) -> Callable[[Page], bytes]:
        return lambda _: dataset(graphs(), media.type, registry.house.prefixes)

    return Target(
        path=path,
        html=lambda page: b"",
        graph=lambda: Graph(triple for graph in graphs().values() for triple in graph),
        modified=lambda: modified,
        links=lambda: (*links, Link(registry.own.iri("dump").value, "collection")),
        drawn={TRIG: drawn(TRIG), NQUADS: drawn(NQUADS)},
        offers=DATA,
        cache=lasting,
    )


def _stream(registry: Registry, path: str, format: Format | None) -> list[Triple]:
    """What every page says of the stream; a page for ever says nothing that changes."""
    own = registry.own
    root, stream = own.iri(path), own.iri(f"{path}#stream")
    said: list[tuple[NamedNode, Term]] = [
        (RDF.type, LDES.EventStream),
        (TREE.view, root),
        (TREE.shape, own.iri("format/record")),
        (LDES.timestampPath, PROV.generatedAtTime),
        (LDES.sequencePath, own.reg.sequence),
        (LDES.versionOfPath, DCTERMS.isVersionOf),
        (LDES.versionCreateObject, AS.Create),
        (LDES.versionUpdateObject, AS.Update),
        (LDES.versionDeleteObject, AS.Delete),
        (DCTERMS.license, LICENCE),
    ]
    said += [(DCTERMS.subject, format.target)] if format else []
    return [Triple(stream, predicate, value) for predicate, value in said]


def _root(registry: Registry, path: str, format: Format | None, leaves: Iterable[Leaf]) -> Graph:
    """The root: the promise to keep every member, and the way to each page by the times of its members."""
    own = registry.own
    root, kept = own.iri(path), own.iri(f"{path}#retention")
    opened = registry.ledger.event(1)
    triples = [
        *_stream(registry, path, format),
        Triple(root, RDF.type, TREE.Node),
        Triple(root, LDES.retentionPolicy, kept),
        Triple(kept, RDF.type, LDES.RetentionPolicy),
        *([Triple(kept, LDES.startingFrom, moment(opened.entered))] if opened else []),
    ]
    for leaf in leaves:
        bounds = [("from", TREE.GreaterThanOrEqualToRelation, leaf.begins)]
        bounds += [("until", TREE.LessThanRelation, leaf.ends + _TICK)] if leaf.full else []
        for name, kind, at in bounds:
            relation = own.iri(f"{path}#page-{leaf.number}-{name}")
            triples += [
                Triple(root, TREE.relation, relation),
                Triple(relation, RDF.type, kind),
                Triple(relation, TREE.node, own.iri(f"{path}?page={leaf.number}")),
                Triple(relation, TREE.path, PROV.generatedAtTime),
                Triple(relation, TREE.value, moment(at)),
            ]
    return Graph(triples)


def _page(registry: Registry, path: str, leaf: Leaf, changes: Iterable[Change]) -> dict[NamedNode, Graph]:
    """A page, and the graph of each of its members."""
    own = registry.own
    page, stream = own.iri(f"{path}?page={leaf.number}"), own.iri(f"{path}#stream")
    members = {own.iri(f"ldes/{change.event.seq}"): told(change, own) for change in changes}
    said = [
        Triple(stream, RDF.type, LDES.EventStream),
        Triple(stream, TREE.view, own.iri(path)),
        Triple(page, RDF.type, TREE.Node),
        *([Triple(page, LDES.immutable, Literal(True))] if leaf.full else []),
        *(Triple(stream, TREE.member, member) for member in members),
    ]
    return {page: Graph(said), **members}


def told(change: Change, own: Own) -> Graph:
    """A change as a member: the record as it was left, each name of its own replaced by one of this event's."""
    member = own.iri(f"ldes/{change.event.seq}")
    record, doc = change.record.value, own.doc(change.identifier)

    def renamed(term: Term) -> Term:
        if isinstance(term, NamedNode):
            if term == doc:
                return NamedNode(f"{member.value}/doc")
            if term.value.split("#")[0] == record:
                return NamedNode(member.value + term.value.removeprefix(record))
        return term

    about: list[tuple[NamedNode, Term]] = [
        (RDF.type, ACTS[change.act]),
        (DCTERMS.isVersionOf, change.record),
        (PROV.generatedAtTime, moment(change.event.entered)),
        (PROV.wasGeneratedBy, NamedNode(f"{own.history.value}#{change.event.seq}")),
        (own.reg.sequence, Literal(change.event.seq)),
    ]
    copied = (Triple(renamed(t.subject), t.predicate, renamed(t.object)) for t in change.graph)  # type: ignore[arg-type]
    return Graph([*(Triple(member, predicate, value) for predicate, value in about), *copied])
