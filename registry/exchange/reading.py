"""RDF documents that people send > a graph, without trusting a byte of them.

No context is fetched, no entity expanded, nothing large or deep is handed to a parser: what a stranger's file may
do is bounded before it is read: rdflib would load contexts from files, pyoxigraph would expand entities.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from xml.parsers import expat

import pyoxigraph as ox

from registry.errors import Unreadable
from registry.exchange import documents
from registry.exchange.documents import MAX_DEPTH, too_deep, unparsed
from registry.terms import Graph, Triple

SUFFIXES = {
    ".ttl": "text/turtle",
    ".nt": "application/n-triples",
    ".jsonld": "application/ld+json",
    ".json": "application/ld+json",
    ".rdf": "application/rdf+xml",
    ".trig": "application/trig",
    ".nq": "application/n-quads",
}
MAX_BYTES = 20 * 2**20
# What the syntaxes of triples are made of, as far as the guard must tell it apart. Each piece takes all that it could
# ever take and gives nothing back, so a text is read once: an open string runs to where its parser would stop.
_PIECE = re.compile(
    r'"""(?:[^"\\]++|\\.|"(?!""))*+(?:""")?+|\'\'\'(?:[^\'\\]++|\\.|\'(?!\'\'))*+(?:\'\'\')?+'
    r'|"(?:[^"\\\n\r]++|\\.)*+"?+|\'(?:[^\'\\\n\r]++|\\.)*+\'?+'
    r"|(?P<quoted><<)|<[^<>\s]*+>?+|#[^\n\r]*+|\\.|(?P<bracket>[\[({\])}])",
    re.DOTALL,
)


def read(data: bytes, media: str, base: str, contexts: Mapping[str, Any]) -> Graph:
    """The triples of a document, whatever graphs it puts them in.

    `contexts` are the JSON-LD contexts that are known, by address. Raises Unreadable, saying where and what to do.
    """
    if len(data) > MAX_BYTES:
        raise Unreadable(
            "The file has {size} bytes; at most {limit} are read.",
            remedy="Cut it into smaller files: each is read by itself.",
            size=len(data),
            limit=MAX_BYTES,
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise Unreadable("The file is not in UTF-8.", remedy="Save it in UTF-8.", where=f"line {line}") from error
    if media == "application/ld+json":
        text, syntax = documents.substituted(text, contexts), ox.RdfFormat.JSON_LD
    else:
        if media == "application/rdf+xml":
            _guard_xml(text)
        else:
            _guard_triples(text)
        found = ox.RdfFormat.from_media_type(media)
        if found is None or media not in SUFFIXES.values():
            raise Unreadable("{media} is not a kind of RDF that is read here.", media=media)
        syntax = found
    graph = _parse(text, syntax, base)
    if not graph:
        raise Unreadable(
            "The file makes no statement that can be understood.",
            remedy="Send records; a JSON file needs the context of its format, or nothing in it means anything.",
        )
    return graph


def _parse(text: str, syntax: ox.RdfFormat, base: str) -> Graph:
    triples = []
    try:
        for quad in ox.parse(text, syntax, base_iri=base):
            if isinstance(quad.object, Triple):
                raise _about_statements()
            triples.append(Triple(quad.subject, quad.predicate, quad.object))
    except SyntaxError as error:
        raise unparsed(syntax.name, error.lineno, error.msg) from error
    except (ValueError, MemoryError) as error:  # the engine holds no single value of more than 16 MB
        raise unparsed(syntax.name, None, str(error)) from error
    return Graph(triples)


def _guard_xml(text: str) -> None:
    """Refuse a DOCTYPE, which can name files and multiply itself, and nesting beyond any record's."""
    parser = expat.ParserCreate("utf-8")  # whatever the file says of itself: it was decoded already
    depth = 0

    def declared(_version: str, encoding: str | None, _standalone: int) -> None:
        if encoding and encoding.lower() != "utf-8":
            raise Unreadable("The file is not in UTF-8.", remedy="Save it in UTF-8.", where="line 1")

    def refuse(*_: object) -> None:
        raise Unreadable(
            "The file has a DOCTYPE, which is never read.",
            remedy="Take the DOCTYPE and its entities away.",
            where=f"line {parser.CurrentLineNumber}",
        )

    def enter(*_: object) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise too_deep()

    def leave(*_: object) -> None:
        nonlocal depth
        depth -= 1

    parser.XmlDeclHandler, parser.StartDoctypeDeclHandler = declared, refuse
    parser.StartElementHandler, parser.EndElementHandler = enter, leave
    try:
        parser.Parse(text.encode(), True)
    except expat.ExpatError as error:
        raise unparsed("RDF/XML", error.lineno, expat.ErrorString(error.code)) from error


def _guard_triples(text: str) -> None:
    """Refuse, outside strings, IRIs and comments, triple terms and brackets nested beyond any record's.

    The engine follows both by recursion: thirty thousand of them end the process.
    """
    depth = 0
    for piece in _PIECE.finditer(text):
        if piece.lastgroup == "quoted":
            raise _about_statements(text.count("\n", 0, piece.start()) + 1)
        if piece.lastgroup == "bracket":
            depth += 1 if piece[0] in "[({" else -1
            if depth > MAX_DEPTH:
                raise too_deep()


def _about_statements(line: int | None = None) -> Unreadable:
    return Unreadable(
        "Statements about statements are not read here.",
        remedy="Leave out triple terms.",
        where=f"line {line}" if line else "",
    )
