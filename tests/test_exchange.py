"""A record is one graph whatever syntax it travels in, and no syntax does more than carry it."""

import json
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib

from registry.errors import Unreadable
from registry.exchange import MEDIA, jsonld, read, serialise
from registry.records import author_side, canonical, digest, named
from registry.registry import Entry, Registry
from registry.terms import Graph, Triple

CASES = Path(__file__).parent / "data" / "exchange"


def content(registry: Registry, entry: Entry, graph: Graph) -> str:
    return digest(
        canonical(author_side(entry.iri, named(graph, registry.formats.field_keys), registry.own), registry.own.base)
    )


def entries(registry: Registry) -> list[Entry]:
    found = []
    for format in registry.formats.values():
        rows = registry.select("records/list", kind=format.target)
        found += [registry.record(row["identifier"].value) for row in rows[:: max(1, len(rows) // 12)]]  # type: ignore[union-attr]
    return [entry for entry in found if entry]


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")  # its own parsers call what it deprecates
def test_every_syntax_reads_back_to_the_same_content(registry: Registry) -> None:
    own, contexts = registry.own, registry.house.contexts
    chosen = entries(registry)
    assert len({entry.format.key for entry in chosen}) == len(registry.formats)
    for entry in chosen:
        expected = content(registry, entry, entry.graph)
        for media in MEDIA:
            data = serialise(entry.graph, media, registry.house.prefixes)
            assert content(registry, entry, read(data, media, own.base, contexts)) == expected, (
                entry.identifier,
                media,
            )
            parsed = rdflib.Dataset()
            parsed.parse(data=data, format=media, publicID=own.base)
            assert content(registry, entry, from_rdflib(parsed)) == expected, (entry.identifier, media)
        for inline in (True, False):
            document = jsonld.dumps(jsonld.compact(entry.iri, entry.graph, entry.format, own, inline=inline))
            again = read(document, "application/ld+json", own.base, contexts)
            assert again == entry.graph, entry.identifier
            assert content(registry, entry, again) == expected
            if inline:
                parsed = rdflib.Dataset()
                parsed.parse(data=document, format="json-ld")
                assert content(registry, entry, from_rdflib(parsed)) == expected, entry.identifier


def from_rdflib(dataset: rdflib.Dataset) -> Graph:
    text = dataset.serialize(format="nquads")
    return Graph(Triple(q.subject, q.predicate, q.object) for q in ox.parse(text, ox.RdfFormat.N_QUADS))


def test_arrays_are_always_arrays(registry: Registry) -> None:
    for entry in entries(registry):
        document = jsonld.compact(entry.iri, entry.graph, entry.format, registry.own)
        for field in entry.format.fields:
            if field.key in document and field.kind != "text":
                assert isinstance(document[field.key], list) == (field.max != 1), field.key


@pytest.mark.parametrize("name", ["turtle.ttl", "compact.jsonld", "triples.nt", "blank.ttl", "expanded.jsonld"])
def test_one_record_one_digest(name: str, empty: Registry) -> None:
    """The same record as Turtle, JSON-LD and N-Triples, with fragments or blank nodes, has one content digest."""
    media = {"ttl": "text/turtle", "jsonld": "application/ld+json", "nt": "application/n-triples"}[name.split(".")[1]]
    graph = read((CASES / name).read_bytes(), media, empty.own.base, empty.house.contexts)
    expected = (CASES / "digest.txt").read_text(encoding="utf-8").strip()
    assert digest(canonical(named(graph, empty.formats.field_keys), empty.own.base)) == expected


BAD = [
    ("text/turtle", b'<a> <b> "cut', "line 1"),
    ("text/turtle", b"<a> <b> <c> .\n<a> <b> ", "line 2"),
    ("text/turtle", b"<a> <b> " + b"[ <b> " * 20000, ""),
    ("text/turtle", b"\xff\xfe<a>", "line 1"),
    ("text/turtle", b"x" * (20 * 2**20 + 1), ""),
    ("application/ld+json", b'{"@context": "http://example.org/stranger.jsonld", "@id": "x"}', "@context"),
    ("application/ld+json", b'{"@context": {"@import": "file:///etc/passwd"}}', "@context"),
    ("application/ld+json", b'{"a": {"@context": ["https://example.org/"]}}', "@context"),
    ("application/ld+json", b'{"@id": "x",', "line 1"),
    ("application/ld+json", b"[" * 100000, ""),
    ("application/ld+json", b'{"http://e/p": 1.5}', ""),
    ("application/rdf+xml", b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a/>', "line 1"),
    ("application/rdf+xml", b"<a>" * 200, ""),
    ("application/rdf+xml", b"<rdf:RDF", "line 1"),
    ("text/plain", b"", ""),
]


@pytest.mark.parametrize(("media", "data", "where"), BAD, ids=range(len(BAD)))
def test_bad_documents_are_refused_with_place_and_remedy(media: str, data: bytes, where: str) -> None:
    with pytest.raises(Unreadable) as told:
        read(data, media, "http://localhost:8000/", {})
    assert told.value.where == where
    for lang in ("en", "ar"):
        assert "{" not in told.value.say(lang).replace(json.dumps({}), "")
