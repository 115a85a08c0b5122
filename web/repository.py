"""The verbs of OAI-PMH, answered from the feed: each record once, where its newest change stands.

A list goes by the order of the ledger, so that what changes while somebody harvests comes again at its end and nothing
is passed over. Datestamps are the moments at which the registry entered a change. Sets: registers, classes of source,
countries. Source: OAI-PMH 2.0, sections 2.5 to 2.7 and 4.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from registry.exchange.dublincore import DublinCore
from registry.exchange.writing import serialise
from registry.feed import Change, Feed, Item
from registry.records import identifier as as_identifier
from registry.registry import Registry
from web.markup import element
from web.resumption import Token, sealed

PAGE = 100
OAI_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"
DC = "http://purl.org/dc/elements/1.1/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
FORMATS = {
    "oai_dc": ("http://www.openarchives.org/OAI/2.0/oai_dc.xsd", OAI_DC),
    "rdf": ("http://www.openarchives.org/OAI/2.0/rdf.xsd", RDF),
}
SETS = {"register": "Registers", "source": "Sources of the information", "country": "Countries"}


class Refused(Exception):
    """A request that is answered with an error of the protocol: its code, and the reason in words."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


@dataclass(frozen=True)
class Asked:
    """A request of the protocol: the verb, its arguments, the time between; the token by which a list goes on."""

    verb: str
    stated: Mapping[str, str]
    since: datetime | None = None
    until: datetime | None = None
    token: Token | None = None


class Repository:
    """The registry as the protocol sees it."""

    def __init__(self, registry: Registry, feed: Feed) -> None:
        self._registry, self._own = registry, registry.own
        self._feed = feed.upto(registry.sequence)
        first = registry.ledger.event(1)
        assert first
        self._opened, self.key = first.entered, first.digest.encode()

    def answer(self, asked: Asked) -> str:
        """What stands within the element of a verb; raises Refused."""
        if asked.verb == "Identify":
            return self._identify()
        if asked.verb == "ListMetadataFormats":
            return self._formats(asked)
        if asked.verb == "ListSets":
            if asked.token or "resumptionToken" in asked.stated:
                raise Refused("badResumptionToken", "The list of sets comes whole.")
            return "".join(
                element("set", content=element("setSpec", s) + element("setName", n)) for s, n in self._sets()
            )
        prefix = asked.stated["metadataPrefix"]
        if asked.verb == "GetRecord":
            item = self._item(asked.stated["identifier"])
            self._offered(prefix)
            return self._records([item], prefix)
        self._offered(prefix)
        return self._list(asked, prefix)

    def _offered(self, prefix: str) -> None:
        if prefix not in FORMATS:
            raise Refused("cannotDisseminateFormat", f"Records come as {', '.join(FORMATS)}.")

    def _identify(self) -> str:
        email = self._registry.settings.letters_from
        said = {
            "repositoryName": "Biosafety Capacity Registry",
            "baseURL": self._own.base + "oai",
            "protocolVersion": "2.0",
            "adminEmail": email if "." in email.split("@")[1] else f"{email}.invalid",  # the protocol wants a dot
            "earliestDatestamp": _stamp(self._opened),
            "deletedRecord": "persistent",
            "granularity": "YYYY-MM-DDThh:mm:ssZ",
            "compression": "gzip",
        }
        return "".join(element(name, text) for name, text in said.items())

    def _formats(self, asked: Asked) -> str:
        if name := asked.stated.get("identifier"):
            self._item(name)
        return "".join(
            element(
                "metadataFormat",
                content=element("metadataPrefix", prefix)
                + element("schema", schema)
                + element("metadataNamespace", namespace),
            )
            for prefix, (schema, namespace) in FORMATS.items()
        )

    def _sets(self) -> Iterator[tuple[str, str]]:
        """The sets and their names: the three kinds, and below each what there is of it."""
        concepts = self._registry.concepts
        for kind, name in SETS.items():
            yield kind, name
        for format in self._registry.formats.values():
            yield f"register:{format.register}", format.register_names["en"]
        for kind, scheme in (("source", "information-source"), ("country", "countries")):
            found = concepts.scheme(self._own.iri(f"vocabulary/{scheme}"))
            for concept in filter(None, (concepts.get(iri) for iri in found.concepts)) if found else ():
                if concept.notation:
                    yield f"{kind}:{concept.notation}", concept.labels.get("en", concept.notation)

    def _in(self, item: Item) -> list[str]:
        format = self._registry.formats.by_code(item.code)
        found = [f"register:{format.register}"] if format else []
        found += [f"source:{item.source}"] if item.source else []
        return found + [f"country:{code}" for code in item.countries]

    def _item(self, name: str) -> Item:
        start = self._own.base + "id/"
        found = self._feed.item(name.removeprefix(start)) if name.startswith(start) else None
        if found is None or as_identifier(found.identifier) is None:
            raise Refused("idDoesNotExist", f"There is no record {name}.")
        return found

    def _list(self, asked: Asked, prefix: str) -> str:
        token, wanted = asked.token, asked.stated.get("set", "")
        after = token.after if token else 0
        left = [item for item in self._feed.items() if item.seq > after and self._fits(item, asked, wanted)]
        shown = left[:PAGE]
        if not shown:
            raise Refused(*(("badResumptionToken", "The list has ended.") if token else ("noRecordsMatch", "None.")))
        cursor = token.cursor if token else 0
        total = max(token.total, cursor + len(left)) if token else len(left)
        said = self._records(shown, prefix) if asked.verb == "ListRecords" else "".join(map(self._header, shown))
        if len(left) > PAGE:
            begins, ends = asked.stated.get("from", ""), asked.stated.get("until", "")
            following = Token(asked.verb, prefix, begins, ends, wanted, shown[-1].seq, cursor + PAGE, total)
            return said + _token(sealed(following, self.key), cursor, total)
        return said + (_token("", cursor, total) if token else "")

    def _fits(self, item: Item, asked: Asked, wanted: str) -> bool:
        at = item.entered.replace(microsecond=0)
        if (asked.since and at < asked.since) or (asked.until and at > asked.until):
            return False
        return not wanted or any(one == wanted or one.startswith(wanted + ":") for one in self._in(item))

    def _header(self, item: Item) -> str:
        said = element("identifier", self._own.record(item.identifier).value) + element(
            "datestamp", _stamp(item.entered)
        )
        said += "".join(element("setSpec", one) for one in self._in(item))
        return element("header", content=said, status="deleted" if item.ended else "")

    def _records(self, items: Iterable[Item], prefix: str) -> str:
        items = list(items)
        wanted = {item.seq: item.identifier for item in items if not item.ended}
        changes = {change.event.seq: change for change in self._feed.changes(wanted)}
        write = self._rdf if prefix == "rdf" else self._dc()
        found = []
        for item in items:
            change = changes.get(item.seq)
            metadata = element("metadata", content=write(change)) if change else ""
            found.append(element("record", content=self._header(item) + metadata))
        return "".join(found)

    def _rdf(self, change: Change) -> str:
        said = serialise(change.graph, "application/rdf+xml", self._registry.house.prefixes).decode()
        return said[said.index("<rdf:RDF") :]

    def _dc(self) -> Callable[[Change], str]:
        ontologies = self._registry.house.ontologies.values()
        core = DublinCore(ontologies, self._registry.concepts, self._own)
        where = {"xmlns__oai_dc": OAI_DC, "xmlns__dc": DC, "xmlns__xsi": XSI}
        where["xsi__schemaLocation"] = f"{OAI_DC} {FORMATS['oai_dc'][0]}"

        def write(change: Change) -> str:
            assert change.format
            doc = self._own.doc(change.identifier)
            found = core.of(change.record, doc, change.graph, change.format)
            said = "".join(element(f"dc:{one.name}", one.text, xml__lang=one.language) for one in found)
            return element("oai_dc:dc", content=said, **where)

        return write


def _stamp(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _token(text: str, cursor: int, total: int) -> str:
    return element("resumptionToken", text, completeListSize=str(total), cursor=str(cursor))
