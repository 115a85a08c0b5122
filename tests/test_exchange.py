"""A record is one graph whatever syntax it travels in, and no syntax does more than carry it."""

import contextlib
import json
from datetime import UTC, datetime
from pathlib import Path
from time import process_time
from typing import Any
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest
import rdflib

from registry.errors import Unreadable
from registry.exchange import MEDIA, jsonld, read, serialise
from registry.records import author_side, canonical, digest, named
from registry.registry import Entry, Registry
from registry.standing import Standing, whole
from registry.terms import RDF, RDFS, Graph, Literal, NamedNode, Triple
from tests.framing import framed
from web.xhtml import xhtml

CASES = Path(__file__).parent / "data" / "exchange"
SHAPES = Path(__file__).parent / "data" / "shapes"
DAY = datetime(2026, 11, 22, tzinfo=UTC)


def content(registry: Registry, entry: Entry, graph: Graph) -> str:
    return digest(
        canonical(author_side(entry.iri, named(graph, registry.formats.field_keys), registry.own), registry.own.base)
    )


def entries(registry: Registry) -> list[Entry]:
    """Records of every format: the cases of the shapes that hold all their fields, and some of the samples."""
    found: list[Entry | None] = []
    for format in registry.formats.values():
        for path in sorted((SHAPES / format.key).glob("valid-*.ttl")):
            graph = named(read(path.read_bytes(), "text/turtle", registry.own.base, {}), registry.formats.field_keys)
            (iri,) = graph.having(RDF.type, format.target)
            assert isinstance(iri, NamedNode)
            published = whole(Standing(iri, graph, 1, DAY, DAY, "secretariat", None), registry.formats, registry.own)
            stem = iri.value.rsplit("/", 1)[-1]
            doc = registry.own.doc(stem)
            found.append(Entry(stem, iri, doc, format, published, 1, 1, "published", DAY))
        rows = registry.select("records/list", kind=format.target)
        found += [registry.record(row["identifier"].value) for row in rows[:: max(1, len(rows) // 8)]]  # type: ignore[union-attr]
    return [entry for entry in found if entry]


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")  # its own parsers call what it deprecates
def test_every_syntax_reads_back_to_the_same_content(registry: Registry) -> None:
    own, contexts = registry.own, registry.house.contexts
    chosen = entries(registry)
    assert len({entry.format.key for entry in chosen}) == len(registry.formats)
    for entry in chosen:
        expected = content(registry, entry, entry.graph)
        for media in MEDIA:
            data = serialise(entry.graph, media, registry.house.prefixes, entry.iri)
            assert read(data, media, own.base, contexts) == entry.graph, (entry.identifier, media)
            parsed = rdflib.Dataset()
            parsed.parse(data=data, format=media, publicID=own.base)
            assert content(registry, entry, from_rdflib(parsed)) == expected, (entry.identifier, media)


def forms(entry: Entry, registry: Registry, inline: bool) -> dict[str, Any]:
    """A record in every form of JSON-LD."""
    own, prefixes = registry.own, registry.house.prefixes
    return {
        "compacted": jsonld.compact(entry.iri, entry.graph, entry.format, own, inline=inline),
        "flattened": jsonld.flattened(entry.graph, entry.format, own, inline=inline),
        "expanded": jsonld.expanded(entry.graph),
        "with prefixes": jsonld.compacted(entry.graph, prefixes),
    }


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")
def test_every_form_of_json_is_the_same_graph(registry: Registry) -> None:
    contexts = registry.house.contexts
    for entry in entries(registry):
        expected = content(registry, entry, entry.graph)
        for inline in (True, False):
            for form, document in forms(entry, registry, inline).items():
                data = jsonld.dumps(document)
                assert read(data, "application/ld+json", registry.own.base, contexts) == entry.graph, form
                if inline:
                    parsed = rdflib.Dataset()
                    parsed.parse(data=data, format="json-ld")
                    assert content(registry, entry, from_rdflib(parsed)) == expected, (entry.identifier, form)


def test_the_frame_makes_the_compact_form_from_the_expanded(registry: Registry) -> None:
    """All but months and years, which no term of the type of days takes: they stand under their property's address."""
    house = registry.house.exchanged
    for entry in entries(registry):
        compact = jsonld.compact(entry.iri, entry.graph, entry.format, registry.own)
        frame = house.frames[compact["@context"].replace("/context/", "/frame/")]
        made = framed(jsonld.expanded(entry.graph), frame, house.contexts[frame["@context"]])
        assert without_order(made) == without_order(partial_dates_apart(compact, entry)), entry.identifier


def partial_dates_apart(node: Any, entry: Entry) -> Any:
    keys = {f.key: f.path.value for f in jsonld.all_fields(entry.format.fields) if f.kind == "date"}
    if isinstance(node, list):
        return [partial_dates_apart(one, entry) for one in node]
    if not isinstance(node, dict):
        return node
    told: dict[str, Any] = {}
    for key, value in node.items():
        apart = [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict)]
        if key in keys and apart:
            told[keys[key]] = apart
            whole_days = [one for one in value if not isinstance(one, dict)] if isinstance(value, list) else []
            told |= {key: whole_days} if whole_days else {}
        else:
            told[key] = partial_dates_apart(value, entry)
    return told


def without_order(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: without_order(value) for key, value in node.items()}
    return sorted((without_order(one) for one in node), key=str) if isinstance(node, list) else node


def test_the_graph_is_named_in_the_syntaxes_of_quads(registry: Registry) -> None:
    entry = entries(registry)[0]
    for media in ("application/trig", "application/n-quads"):
        data = serialise(entry.graph, media, registry.house.prefixes, entry.iri)
        names = {quad.graph_name for quad in ox.parse(data, ox.RdfFormat.from_media_type(media))}  # type: ignore[arg-type]
        assert names == {entry.iri}


def test_all_that_is_published_can_be_said_in_xml(registry: Registry) -> None:
    """RDF/XML can name only properties that end in a name."""
    published = [registry.graphs.graph(name) for name in (*registry.house.furniture(), registry.own.history)]
    published += [scheme.graph for scheme in registry.concepts.schemes] + [entry.graph for entry in entries(registry)]
    for graph in published:
        data = serialise(graph, "application/rdf+xml", registry.house.prefixes)
        ElementTree.fromstring(data)
        assert read_all(data) == graph


def read_all(data: bytes) -> Graph:
    return Graph(Triple(q.subject, q.predicate, q.object) for q in ox.parse(data, ox.RdfFormat.RDF_XML))


def from_rdflib(dataset: rdflib.Dataset) -> Graph:
    text = dataset.serialize(format="nquads")
    return Graph(Triple(q.subject, q.predicate, q.object) for q in ox.parse(text, ox.RdfFormat.N_QUADS))


def test_arrays_are_always_arrays(registry: Registry) -> None:
    for entry in entries(registry):
        many = jsonld.repeatable(entry.format)
        document = jsonld.compact(entry.iri, entry.graph, entry.format, registry.own)
        for node in nodes(document):
            assert isinstance(node.get("type", []), list)
            for field in jsonld.all_fields(entry.format.fields):
                if field.key in node and field.kind != "text":
                    assert isinstance(node[field.key], list) == (field.key in many), field.key
                elif field.key in node:
                    assert all(isinstance(said, str) for said in node[field.key].values())


def nodes(node: Any) -> list[Any]:
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else []
    return [*([node] if isinstance(node, dict) and "id" in node else []), *(n for one in inner for n in nodes(one))]


def test_keys_stand_in_the_order_of_the_format(registry: Registry) -> None:
    for entry in entries(registry):
        document = jsonld.compact(entry.iri, entry.graph, entry.format, registry.own)
        order = ["@context", "id", "type", *(field.key for field in entry.format.fields), "record"]
        assert list(document) == [key for key in order if key in document]
        assert jsonld.dumps(document) == jsonld.dumps(json.loads(jsonld.dumps(document)))


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
    ("text/turtle", b"", ""),
    ("text/turtle", b"# nothing but a remark", ""),
    ("application/ld+json", b"", "line 1"),
    ("application/ld+json", b"null", ""),
    ("application/ld+json", b"[]", ""),
    ("application/ld+json", b'{"title": "no context"}', ""),
]


@pytest.mark.parametrize(("media", "data", "where"), BAD, ids=range(len(BAD)))
def test_bad_documents_are_refused_with_place_and_remedy(media: str, data: bytes, where: str) -> None:
    with pytest.raises(Unreadable) as told:
        read(data, media, "http://localhost:8000/", {})
    assert told.value.where == where
    for lang in ("en", "ar"):
        assert "{" not in told.value.say(lang).replace(json.dumps({}), "")


CONTEXT = "http://localhost:8000/context/project.v1.jsonld"
DROPPED: list[tuple[Any, str, str]] = [
    ({"titel": {"en": "x"}}, "the document", "title"),
    ({"title": {"en": "x"}, "contact": [{"emial": ["mailto:a@example.org"]}]}, "contact/0", "email"),
    ({"quux": 1}, "the document", ""),
    ({"@graph": [{"title": {"en": "x"}}, {"descripton": {"en": "x"}}]}, "@graph/1", "description"),
    ({"@idd": "http://localhost:8000/id/BCH-CDI-SCBD-1"}, "the document", ""),
]


@pytest.mark.parametrize(("body", "place", "near"), DROPPED, ids=range(len(DROPPED)))
def test_a_key_that_would_be_dropped_is_refused(body: Any, place: str, near: str, registry: Registry) -> None:
    inline = {"@context": registry.house.contexts[CONTEXT]}
    for context in ({"@context": CONTEXT}, {"@context": [CONTEXT, {"mine": "http://e/mine"}]}, inline):
        data = json.dumps({**context, "id": "http://localhost:8000/id/BCH-CDI-SCBD-1", "type": "Project", **body})
        with pytest.raises(Unreadable) as told:
            read(data.encode(), "application/ld+json", registry.own.base, registry.house.contexts)
        assert told.value.where == place
        assert near in told.value.advise()


TAKEN: list[Any] = [
    {"title": {"en": "x", "fr": "y"}},
    {"http://example.org/other": "x", "dcterms:title": "x"},
    {"@context": [CONTEXT, {"mine": "http://e/mine"}], "mine": "x"},
    {"@context": [CONTEXT, {"@vocab": "http://e/"}], "anything": "x"},
    {"@context": {"name": "http://e/name"}, "name": "x", "left out by its author": "y"},
    {"contact": [{"@context": {"mine": "http://e/mine"}, "mine": "x"}]},
    {"start": {"@value": "2025", "@type": "http://www.w3.org/2001/XMLSchema#gYear"}},
]


@pytest.mark.parametrize("body", TAKEN, ids=range(len(TAKEN)))
def test_keys_that_mean_something_are_taken(body: Any, registry: Registry) -> None:
    data = json.dumps({"@context": CONTEXT, "@id": "http://localhost:8000/id/BCH-CDI-SCBD-1", **body})
    assert read(data.encode(), "application/ld+json", registry.own.base, registry.house.contexts)


def nested(opening: str, closing: str, count: int = 30_000) -> str:
    return "<http://a> <http://b> " + opening * count + "<http://c>" + closing * count + " ."


SYNTAXES = ("text/turtle", "application/trig", "application/n-triples", "application/n-quads")
DEEP = [
    nested("<<( <http://a> <http://b> ", " )>>"),
    nested("<<(<http://a> <http://b> ", ")>>"),
    nested("<<<http://a> <http://b> ", ">>"),
    nested("[ <http://b> ", " ]"),
    nested("( ", " )"),
    "@prefix e: <http://e/> . e:a e:b e:c\\# , " + "[ e:b " * 30_000,
    "@prefix e: <http://e/> . e:a e:b e:c\\' , " + "[ e:b " * 30_000,
    "# a comment ends with the line\r" + nested("[ <http://b> ", " ]"),
    "<http://a> <http://b> <http://c> " + "{| <http://d> <http://e> " * 30_000,
]


@pytest.mark.parametrize("media", SYNTAXES)
@pytest.mark.parametrize("text", DEEP, ids=range(len(DEEP)))
def test_what_is_nested_deep_never_reaches_the_engine(text: str, media: str) -> None:
    with pytest.raises(Unreadable, match=r"nested deeper|about statements"):
        read(text.encode(), media, "http://localhost:8000/", {})


LONG = ["<", "<a", '"', '"\\', "'\\", "'''\\", '"""\\', "#", "\\", "[]", '"a\n']


@pytest.mark.parametrize("piece", LONG)
def test_a_text_is_guarded_in_one_pass(piece: str) -> None:
    begun = process_time()
    with contextlib.suppress(Unreadable):
        read(("<http://a> <http://b> <http://c> .\n" + piece * 200_000).encode(), "text/turtle", "http://x/", {})
    assert process_time() - begun < 2


def test_what_stands_in_strings_and_comments_is_not_nested() -> None:
    text = '<http://a> <http://b> "<<(" , \'[<<\' , """ "" << ((( \\""" """ , <http://c#d> . # << [[['
    assert len(read(text.encode(), "text/turtle", "http://x/", {})) == 4


HOSTILE = [
    ("application/ld+json", '{"http://e/p": ' + "9" * 5_000 + "}"),
    ("application/ld+json", '{"http://e/p": "\\ud800"}'),
    ("application/ld+json", '{"\\udfff": "x"}'),
    ("application/ld+json", '{"@context": {"a": {"@container": 5}}, "a": {"x": 1}}'),
    ("application/ld+json", '{"@context": {"a": {"@id": "http://e/a", "@container": null}}, "a": {"@id": "x"}}'),
    ("application/ld+json", '{"@context": {"@version": 1e999}, "http://e/p": 1}'),
    ("application/ld+json", '{"http://e/p": NaN}'),
    ("application/rdf+xml", '<?xml version="1.0" encoding="nope"?><a/>'),
    ("application/rdf+xml", '<?xml version="1.0" encoding="utf-7"?><a/>'),
    ("application/rdf+xml", '<?xml version="1.0" encoding="utf-16"?><a/>'),
    ("text/turtle", '<http://a> <http://b> "' + "\\n" * 9_000_000 + '" .'),
]


@pytest.mark.parametrize(("media", "text"), HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_document_is_refused(media: str, text: str) -> None:
    with pytest.raises(Unreadable) as told:
        read(text.encode(), media, "http://localhost:8000/", {})
    assert len(str(told.value)) < 400
    assert told.value.advise()


def test_xml_holds_what_an_old_ledger_says() -> None:
    record, said = NamedNode("http://x/a"), "a\x01b\x7fc\ufffed\te"
    labels = [Triple(record, RDFS.label, Literal(said, language="en")), Triple(record, RDFS.comment, Literal(said))]
    tree = ElementTree.fromstring(serialise(Graph(labels), "application/rdf+xml", {}))
    told = {element.text for element in tree.iter() if element.text and element.text.strip()}
    assert told == {"a\N{REPLACEMENT CHARACTER}b\x7fc\N{REPLACEMENT CHARACTER}d\te"}
    page = xhtml(b"<!DOCTYPE html><html lang='en'><body><p title='a\x01'>a\x01&#x1;b</p></body></html>")
    assert (ElementTree.fromstring(page).findtext(".//{*}p") or "").endswith("b")
