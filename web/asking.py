"""A request to the query service, read: the query, its dataset, in which forms its answer may come.

Nothing is decoded twice, and nothing is guessed: text that is not UTF-8 is refused. Parameters that the protocol does
not know are passed over, since clients send many. Source: https://www.w3.org/TR/sparql11-protocol/, section 2.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from fastapi import Request

from registry.errors import BadParameter, Forbidden, RegistryError, TooLarge, UnsupportedMedia
from registry.terminals import LONGEST
from registry.terms import NamedNode
from web.negotiate import CSV, HTML, JSON, JSONLD, NTRIPLES, RDFXML, TURTLE, Media, choose_media, weighted
from web.problems import NotAcceptable
from web.results import SPARQL_JSON, SPARQL_XML
from web.words import marked as _

QUERY, UPDATE = "application/sparql-query", "application/sparql-update"
FORM = "application/x-www-form-urlencoded"
BY_ADDRESS = 16_384  # characters of a query in an address
BODY = 4 * LONGEST  # bytes: a form writes a sign as three
MANY = 200  # parameters
TSV = Media("tsv", "text/tab-separated-values", "TSV", "utf-8")
PAGE = "page"

WRITTEN: Mapping[str, Mapping[Media, str]] = {
    "rows": {SPARQL_JSON: "json", SPARQL_XML: "xml", CSV: "csv", TSV: "tsv", JSON: "json", HTML: PAGE},
    "truth": {SPARQL_JSON: "json", SPARQL_XML: "xml", JSON: "json", HTML: PAGE},
    "triples": {TURTLE: "ttl", NTRIPLES: "nt", RDFXML: "rdf", JSONLD: "jsonld", JSON: "jsonld", HTML: PAGE},
}
"""How each form of answer may be written: the first is what a reader without wishes gets."""

WISHES = {"json": (SPARQL_JSON, JSONLD), "xml": (SPARQL_XML, RDFXML), "csv": (CSV, TURTLE), "turtle": (TURTLE, CSV)}
"""What `as=` in an address asks for, of rows and of statements: for people, whose browsers accept pages only."""


class Unacceptable(NotAcceptable):
    """The answer to this query is written in none of the forms that the reader accepts."""

    def __init__(self, form: str) -> None:
        types = ", ".join(media.type for media in WRITTEN[form])
        message, remedy = _("The answer to this query is given as {types}."), _("Ask for one of these types.")
        RegistryError.__init__(self, message, remedy=remedy, types=types)
        self.path, self.offers = "", ()


@dataclass(frozen=True)
class Asked:
    """What was asked: the query, None where there is none; the graphs, None where none are named."""

    query: str | None
    default: tuple[str, ...] | None = None
    named: tuple[str, ...] | None = None
    wish: str = ""
    example: str = ""
    longest: int = BY_ADDRESS

    @property
    def graphs(self) -> dict[str, list[str]]:
        """The graphs as parameters of an address."""
        named = {"default-graph-uri": self.default, "named-graph-uri": self.named}
        return {name: list(iris) for name, iris in named.items() if iris}


def of_address(request: Request) -> Asked:
    """What the address asks."""
    return _asked(_pairs(request.scope["query_string"]), (), BY_ADDRESS)


async def of_body(request: Request) -> Asked:
    """What a body asks: a form, or the query itself beside parameters in the address.

    Raises UnsupportedMedia, TooLarge, BadParameter; Forbidden for an update.
    """
    kind, parameters, _ = weighted(request.headers.get("content-type", ""))
    if kind == UPDATE:
        raise _update()
    if kind not in (QUERY, FORM):
        raise UnsupportedMedia(
            "A body of the type {type} is not read here.",
            remedy="Send one of {types}.",
            where="body",
            type=kind or "-",
            types=f"{QUERY}, {FORM}",
        )
    if parameters.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        raise UnsupportedMedia("The body is not in UTF-8.", remedy="Send it in UTF-8.", where="body")
    body = await _body(request)
    beside = _pairs(request.scope["query_string"])
    if kind == QUERY:
        return _asked([*beside, ("query", _text(body))], (), LONGEST)
    return _asked(_pairs(body), beside, LONGEST)


def formats(accept: str | None, wish: str) -> dict[str, tuple[Media, str]]:
    """For each form of answer the medium the reader wants most, and its name among the workers; without what none."""
    found = {}
    for form, written in WRITTEN.items():
        rows, triples = WISHES.get(wish, (None, None))
        wished = triples if form == "triples" else rows
        media = wished if wished in written else choose_media(accept, written)
        if media:
            found[form] = (media, written[media])
    return found


def _asked(pairs: list[tuple[str, str]], beside: list[tuple[str, str]] | tuple[()], longest: int) -> Asked:
    """What parameters come to; `beside` are those of the address of a form, which may name graphs as well."""

    def given(name: str) -> list[str]:
        return [value for key, value in pairs if key == name]

    queries = given("query")
    if given("update"):
        if queries:
            raise BadParameter("Ask with query, or with update, not with both.", where="update")
        raise _update()
    if len(queries) > 1:
        raise BadParameter("There is more than one query.", remedy="Send one at a time.", where="query")
    if given("asOf"):
        raise BadParameter("The state of a past day cannot be asked for here yet.", where="asOf")
    graphs = {
        name: [_iri(name, value) for key, value in (*pairs, *beside) if key == name and value]
        for name in ("default-graph-uri", "named-graph-uri")
    }
    default, named = (tuple(graphs[name]) or None for name in ("default-graph-uri", "named-graph-uri"))
    wish, example = ("".join(given(name)[:1]) for name in ("as", "example"))
    return Asked(queries[0] if queries else None, default, named, wish.lower(), example, longest)


def _update() -> Forbidden:
    return Forbidden(
        "This service only reads.", remedy="Records are sent through the interface for programs, or at the desk."
    )


def _iri(name: str, value: str) -> str:
    try:
        return NamedNode(value).value
    except ValueError:
        raise BadParameter("{value} is not an IRI.", where=name, value=value[:200]) from None


def _pairs(text: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(_text(text), keep_blank_values=True, errors="strict", max_num_fields=MANY)
    except UnicodeDecodeError:
        raise _not_utf8() from None
    except ValueError:
        raise BadParameter("There are too many parameters.", where="query") from None


def _text(text: bytes) -> str:
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        raise _not_utf8() from None


def _not_utf8() -> BadParameter:
    return BadParameter("The query is not in UTF-8.", remedy="Send it in UTF-8.", where="query")


async def _body(request: Request) -> bytes:
    """The body, counted while it comes in."""
    if request.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise UnsupportedMedia("A compressed body is not read here.", remedy="Send it as it is.", where="body")
    found = bytearray()
    async for piece in request.stream():
        found += piece
        if len(found) > BODY:
            raise TooLarge("A query may have at most {count} bytes.", where="body", count=BODY)
    return bytes(found)
