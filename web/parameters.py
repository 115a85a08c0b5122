"""The parameters of the interface in words, and of those that come from shapes and query files also their kinds.

A name means the same wherever it stands; where it does not, the path says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from registry import named
from registry.language import LANGUAGES, pick, translation
from registry.queries import Query
from registry.registry import Registry
from registry.search import SORTS, SOURCE, STATE, TYPE
from web import facetted
from web.negotiate import FORMS, Media
from web.words import marked as _

Schema = Mapping[str, Any]

WORDS: Mapping[str, str] = {
    "q": _(
        'The words to look for: "quoted words" stand together, word* is how a word begins, -word must not be there.'
    ),
    TYPE: _("A register, such as projects. May be repeated: one of them must fit."),
    SOURCE: _("The code of a class of source, such as government-obligation: who stands behind the record."),
    STATE: _("A state on this day, as a concept such as project-status/ongoing."),
    "concept": _(
        "A concept that must be used in whatever field, itself or by a narrower one. May be repeated: all must fit."
    ),
    "concerns": _("A country by its code, such as KE: records that name it, or a region or group it belongs to."),
    "archived": _(
        "Archived records are left out, unless this is yes, which adds them, or only, which shows nothing else."
    ),
    "since": _("No records that end before this year."),
    "until": _("No records that begin after this year."),
    "sort": _("The order. Without it the best fit comes first where there are words, else the newest."),
    "view": _("How the page shows what was found."),
    "upto": _("The event of the ledger to look at the list from, so that pages do not shift while records are added."),
    "page": _("The page, from 1. Tables and feeds have no pages."),
    "country": _("A country by its code, such as KE: records that name it, or a region or group it belongs to."),
    "register": _("A register, such as projects."),
    "by": _("Which records count: those that name a country, or also those that reach it through a region or group."),
    "event": _("The number of an event: leads to the page that holds it."),
    "from": _("The number of the earlier version; without it the one before."),
    "to": _("The number of the later version; without it the newest."),
    "dryRun": _("Whether only to look: the answer says what would be found, and nothing is written."),
    "reason": _("Why the record ends, in a sentence, where there is no body."),
    "successor": _("The identifier of the record that takes its place."),
    "suffix": _("The form, by its suffix."),
    "lang": _("The language of words; without it that of the header Accept-Language."),
    "format": _("The form, by the name of its suffix, instead of the header Accept."),
    "_mediatype": _("The form, by its media type, instead of the header Accept."),
    "_profile": _("The profile that the data keep to, by name or IRI; alt is the list of all forms."),
    "_context": _("Puts the context of JSON-LD into the document."),
    "If-None-Match": _("The ETag of what you have: unchanged is answered with 304."),
    "Accept-Datetime": _("A moment: leads to the version that was in force then."),
    "If-Match": _("The ETag of what you read: a change is made from that state and no other."),
    "Idempotency-Key": _("A word of your own that makes the request safe to repeat: its answer is given again."),
    "Content-Disposition": _("The name of the file, where the parameter name does not give it."),
    "Repr-Digest": _("The SHA-256 of the file, which must be that of what arrives."),
    "Content-Digest": _("The SHA-256 of the file, which must be that of what arrives."),
    "/sparql query": _("The query, in SPARQL 1.1."),
    "default-graph-uri": _("A graph to ask, instead of all of them."),
    "named-graph-uri": _("A graph that GRAPH in the query may name."),
    "as": _("The form, for browsers, instead of the header Accept."),
    "verb": _("The verb of OAI-PMH."),
    "metadataPrefix": _("In which form records are wanted: oai_dc or a syntax of RDF."),
    "identifier": _("The identifier of a record, as the repository writes it."),
    "set": _("Only records of this set."),
    "resumptionToken": _("Where a list goes on, as the page before it said."),
    "/oai from": _("Only changes from this day or moment on."),
    "/oai until": _("Only changes up to this day or moment."),
    "/feed page": _("The page, from 1, the oldest; without it the newest changes."),
    "/feed/{name} page": _("The page, from 1, the oldest; without it the newest changes."),
    "/ldes page": _("The page, from 1, the oldest; without it the root, which names all pages."),
    "/ldes/{name} page": _("The page, from 1, the oldest; without it the root, which names all pages."),
    "/feed/{name} name": _("The name of a register."),
    "/ldes/{name} name": _("The name of a register, or the number of an event."),
    "/ldes/{number}/doc number": _("The number of an event."),
    "/dump/latest/{name} name": _("The name of a file of a dump."),
    "/dump/{dump}/{name} dump": _("The name of a dump."),
    "/dump/{dump}/{name} name": _("The name of a file of a dump."),
    "/search/suggestions q": _("What somebody has typed so far."),
    "/country/{name} name": _("The two-letter code of a country."),
    "/doc/{name} name": _("The identifier of a record."),
    "/id/{name} name": _("The identifier of a record."),
    "/doc/{name}/v/{version} name": _("The identifier of a record."),
    "/doc/{name}/v/{version} version": _("The number of a version."),
    "/doc/{name}/history name": _("The identifier of a record."),
    "/doc/{name}/compare name": _("The identifier of a record."),
    "/doc/{name}/timemap name": _("The identifier of a record."),
    "/doc/{name}/findings name": _("The identifier of a record."),
    "/register/{name} name": _("The name of a register."),
    "/history/{name} name": _("The number of an event."),
    "/vocabulary/{name} name": _("The key of a vocabulary."),
    "/vocabulary/{key}/{name} key": _("The key of a vocabulary."),
    "/vocabulary/{key}/{name} name": _("The code of a concept."),
    "/format/{path} path": _("The key of a common format or of a part of one, such as part/contact."),
    "/ns/{name} name": _("The name of a namespace."),
    "/context/{name} name": _("The file of a context, with its version."),
    "/frame/{name} name": _("The file of a frame, with its version."),
    "/file/{id}/{name} id": _("The key of a file, as its address has it."),
    "/file/{id}/{name} name": _("The name of the file."),
    "/file name": _("The name of the file."),
}


@dataclass(frozen=True)
class Parameter:
    """One parameter of an operation: where it stands (path, query, header), in words, of which kind."""

    name: str
    place: str
    words: str
    schema: Schema = field(default_factory=dict, hash=False)
    required: bool = False
    example: Any = None

    @property
    def kind(self) -> str:
        """The type of a value."""
        return str(self.one.get("format") or self.one.get("type", "string"))

    @property
    def one(self) -> Schema:
        """The schema of one value."""
        found: Schema = self.schema.get("items", self.schema)
        return found

    @property
    def choices(self) -> tuple[str, ...]:
        """The values that there are, if they are so few that they can be told."""
        return tuple(str(one) for one in self.one.get("enum", ()))

    @property
    def many(self) -> bool:
        """Whether it may be repeated."""
        return self.schema.get("type") == "array"


def words(path: str, name: str, lang: str) -> str:
    """What a parameter is for; empty for one that nobody has described, which a test refuses."""
    found = WORDS.get(f"{path.removesuffix('.{suffix}')} {name}") or WORDS.get(name)
    return translation(lang).gettext(found) if found else ""


def common(media: tuple[Media, ...], lang: str, *, fixed: bool) -> Iterator[Parameter]:
    """What may be asked of everything that has several forms; where the address fixes one, only what it leaves open."""
    told = {
        "lang": {"type": "string", "enum": list(LANGUAGES)},
        "format": {"type": "string", "enum": list(dict.fromkeys(one.suffix for one in media))},
        "_mediatype": {"type": "string", "enum": list(dict.fromkeys(one.type for one in media))},
        "_profile": {"type": "string", "examples": ["alt", *FORMS]},
        "_context": {"type": "string", "enum": ["inline"]},
    }
    for name, schema in told.items():
        if not (fixed and name in ("format", "_mediatype")):
            yield Parameter(name, "query", words("", name, lang), schema)


def of_search(registry: Registry, lang: str, *, one_register: bool = False) -> Iterator[Parameter]:
    """What a search may be asked by: its own parameters, and a filter for each field that the shapes offer.

    In one register its type is no question, and a filter is there if its format has the field.
    """
    registers = [format.register for format in registry.formats.values()]
    scheme = registry.concepts.scheme(registry.own.iri("vocabulary/information-source"))
    sources = [iri.value.rsplit("/", 1)[-1] for iri in scheme.concepts] if scheme else []
    kinds: dict[str, Schema] = {
        TYPE: _many({"type": "string", "enum": registers}),
        SOURCE: _many({"type": "string", "enum": sources}),
        STATE: _many({"type": "string"}),
        "concept": _many({"type": "string"}),
        "archived": {"type": "string", "enum": list(facetted.ARCHIVED)},
        "since": _years(),
        "until": _years(),
        "sort": {"type": "string", "enum": list(SORTS)},
        "view": {"type": "string", "enum": list(facetted.VIEWS)},
        "page": {"type": "integer", "minimum": 1},
        "upto": {"type": "integer", "minimum": 1},
    }
    samples = {"q": "training", TYPE: registers[:1], "since": 2004}
    for name in (name for name in facetted.FIXED if not (one_register and name == TYPE)):
        schema = kinds.get(name, {"type": "string"})
        yield Parameter(name, "query", words("/search", name, lang), schema, example=samples.get(name))
    fields = {field.key: field for format in registry.formats.values() for field in format.fields if field.facet}
    for key in facetted.keys(registry):
        said = pick(fields[key].names, lang)[0]
        told = translation(lang).gettext(_("{name}: a concept, itself or by a narrower one. May be repeated."))
        yield Parameter(key, "query", told.replace("{name}", said), _many({"type": "string"}))


def of_query(query: Query, day: date, lang: str) -> Iterator[Parameter]:
    """What a query of the house takes, as its file says."""
    say = translation(lang).gettext
    kinds: dict[str, Schema] = {
        "IRI": _many({"type": "string"}),
        "date": {"type": "string", "format": "date"},
        "integer": {"type": "integer"},
        "boolean": {"type": "boolean"},
    }
    for one in query.parameters:
        held: Any = named.default(query, one, day)
        schema = kinds.get(one.kind, {"type": "string"})
        if held and one.kind == "integer":
            held = int(held)
        if held and one.kind == "boolean":
            held = held == "true"
        example = [held] if one.kind == "IRI" and held else held
        yield Parameter(one.name, "query", say(one.purpose), schema, example=None if held == "" else example)
    yield Parameter("page", "query", words("", "page", lang), {"type": "integer", "minimum": 1})


def _many(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


def _years() -> Schema:
    return {"type": "integer", "minimum": facetted.YEARS[0], "maximum": facetted.YEARS[-1]}
