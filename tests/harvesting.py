"""A history by chance, and three who follow it: by LDES, by Atom, by OAI-PMH. Each may be interrupted at any request.

A follower keeps what it has between two runs and never starts anew; what it holds are records by IRI, each as the
digest of its graph.
"""

import gzip
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any
from xml.etree import ElementTree

import feedparser
import pyoxigraph as ox
from lxml import etree
from sickle import Sickle
from sickle.oaiexceptions import NoRecordsMatch
from starlette.testclient import TestClient

from registry import retirement
from registry.graphs import digest
from registry.load import Terms, load
from registry.records import lines
from registry.registry import Registry
from registry.terms import DCTERMS, PROV, RDF, Graph, NamedNode, Triple
from tests.browsing import Clock
from tests.conftest import TODAY, no_progress
from web.ldes import ACTS, AS, LDES, TREE

BASE = "http://localhost:8000/"
ATOM = "{http://www.w3.org/2005/Atom}"
TOMBSTONE = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"
MEDIA = ("text/turtle", "application/trig", "application/n-quads", "application/rdf+xml", "application/ld+json")
WHY = {"en": "By chance.", "ar": "بالصدفة."}


class Story:
    """Records that are published, revised, confirmed, archived, restored, retired and merged as chance has it."""

    def __init__(self, registry: Registry, clock: Clock, folder: Path, chance: Random) -> None:
        self.registry, self.clock, self.folder, self.chance = registry, clock, folder, chance
        self.live: list[int] = []
        self.count = 0

    def go_on(self) -> None:
        """One step, sometimes within the microsecond of the one before."""
        self.clock.on(microseconds=self.chance.choice((0, 0, 1, 400_000, 3_000_000)))
        step = self.chance.choice((self._publish, self._publish, self._revise, self._revise, self._note, self._end))
        step()

    def _publish(self) -> None:
        new = range(self.count + 1, self.count + 1 + self.chance.randint(1, 3))
        self.count = new[-1]
        self.live += new
        self._load(new)

    def _revise(self) -> None:
        if self.live:
            self._load(self.chance.sample(self.live, min(len(self.live), 2)))

    def _note(self) -> None:
        if self.live:
            kind = self.chance.choice(("confirmed", "archived", "restored"))
            with self.registry.ledger.writing() as writer:
                writer.append(kind, f"{BASE}id/BCH-ORG-SCBD-{self.chance.choice(self.live)}", by="test")
            self.registry.follow()

    def _end(self) -> None:
        if len(self.live) > 2:
            name, other = (f"BCH-ORG-SCBD-{number}" for number in self.chance.sample(self.live, 2))
            self.live.remove(int(name.split("-")[-1]))
            if self.chance.random() < 0.5:
                retirement.merge(self.registry, name, other, WHY, by="test")
            else:
                successor = self.chance.choice((None, other))
                retirement.retire(self.registry, name, WHY, by="test", successor=successor)

    def _load(self, numbers: Any) -> None:
        said = "".join(
            f"""<id/BCH-ORG-SCBD-{number}> a <ns/capacity#Organisation> ;
  <http://xmlns.com/foaf/0.1/name> "Institute {number} & <{self.chance.random()}>"@en , "معهد {number}"@ar ;
  <http://purl.org/dc/terms/description> "Line one\\n\\tline \\"two\\" ]]> {self.chance.random()}"@en ;
  <http://purl.org/dc/terms/type> <vocabulary/organisation-type/academic> ;
  <ns/capacity#country> <vocabulary/countries/{self.chance.choice(("KE", "ML"))}> .
"""
            for number in numbers
        )
        path = self.folder / "step.ttl"
        path.write_text(said, encoding="utf-8")
        summary = load(self.registry, [path], Terms(TODAY, by="test", legacy=True), no_progress)
        assert not summary.refusals, summary.refusals[0].tell()


class Interrupted(Exception):
    """A follower is stopped in the middle of its work."""


class Follower:
    """What is common to all: requests that may be the last, and the records held."""

    def __init__(self, client: TestClient, chance: Random) -> None:
        self._client, self._chance = client, chance
        self.held: dict[str, str] = {}
        self.left: int | None = None

    def get(self, address: str, accept: str = "*/*") -> Any:
        """One request."""
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise Interrupted
        return self._client.get(address.removeprefix(BASE.rstrip("/")), headers={"Accept": accept})

    def follow(self, requests: int | None) -> None:
        """Go on; stop after so many requests."""
        self.left = requests
        with suppress(Interrupted):
            self.run()

    def run(self) -> None:
        """Read what is new."""
        raise NotImplementedError


def known(graph: Graph) -> str:
    """The digest of a record's graph."""
    return digest(lines(graph))


def parsed(data: bytes, media: str) -> Graph:
    """The triples of a document, whatever graphs they stand in."""
    syntax = ox.RdfFormat.from_media_type(media.split(";")[0])
    assert syntax
    return Graph(Triple(q.subject, q.predicate, q.object) for q in ox.parse(data, syntax))


class ByLdes(Follower):
    """Reads the pages in the order of their times, each that never changes again once."""

    def __init__(self, client: TestClient, chance: Random, path: str = "/ldes") -> None:
        super().__init__(client, chance)
        self._path, self._done, self.seen = path, set[str](), list[int]()

    def run(self) -> None:
        root = self._read(self._path)[0]
        (stream,) = (s for s in root.subjects if root.objects(s, TREE.view))
        assert root.iris(stream, TREE.view) == (NamedNode(BASE.rstrip("/") + self._path),)
        assert root.iris(stream, LDES.versionOfPath) == (DCTERMS.isVersionOf,)
        nodes = {
            node.value
            for relation in root.having(TREE.path, PROV.generatedAtTime)
            for node in root.iris(relation, TREE.node)
        }
        for node in sorted(nodes, key=lambda node: int(node.split("=")[1])):
            if node not in self._done:
                self._page(node)

    def _page(self, node: str) -> None:
        page, headers = self._read(node)
        members = [m for triple in page if triple.predicate == TREE.member for m in (triple.object,)]
        numbered = {int(m.value.rsplit("/", 1)[1]): m for m in members if isinstance(m, NamedNode)}
        for number, member in sorted(numbered.items()):
            if number not in self.seen:
                self._take(page, member)
                self.seen.append(number)
        if "immutable" in headers["Cache-Control"]:
            assert page.text(NamedNode(node), LDES.immutable) == "true"
            self._done.add(node)

    def _take(self, page: Graph, member: NamedNode) -> None:
        (record,) = page.iris(member, DCTERMS.isVersionOf)
        if AS.Delete in page.iris(member, RDF.type):
            assert self.held.pop(record.value)
        else:
            self.held[record.value] = known(materialised(page, member, record))

    def _read(self, address: str) -> tuple[Graph, Any]:
        got = self.get(address, self._chance.choice(MEDIA))
        assert got.status_code == 200, got.text
        return parsed(got.content, got.headers["Content-Type"]), got.headers


def materialised(page: Graph, member: NamedNode, record: NamedNode) -> Graph:
    """The record that a member is a version of, under its own names."""
    doc, start = f"{member.value}/doc", f"{member.value}#"
    feeding = (DCTERMS.isVersionOf, PROV.generatedAtTime, PROV.wasGeneratedBy, NamedNode(f"{BASE}ns/registry#sequence"))

    def renamed(term: Any) -> Any:
        if isinstance(term, NamedNode):
            if term == member or term.value.startswith(start):
                return NamedNode(record.value + term.value.removeprefix(member.value))
            if term.value == doc:
                return NamedNode(record.value.replace("/id/", "/doc/"))
        return term

    own = (s for s in page.subjects if s == member or s.value == doc or s.value.startswith(start))
    return Graph(
        Triple(renamed(t.subject), t.predicate, renamed(t.object))
        for t in page.about(own)
        if not (t.subject == member and (t.predicate in feeding or t.object in ACTS.values()))
    )


class ByAtom(Follower):
    """Goes back through the archives to the first it knows, then forward again; fetches each record that is named."""

    def __init__(self, client: TestClient, chance: Random, path: str = "/feed.atom?lang=en") -> None:
        super().__init__(client, chance)
        self._path, self._known = path, set[str]()

    def run(self) -> None:
        way = [self._path]
        texts = [self.get(self._path).content]
        while (before := self._before(texts[-1])) and before not in self._known:
            way.append(before)
            texts.append(self.get(before).content)
        for address, text in reversed(list(zip(way, texts, strict=True))):
            self._take(text)
            if address != self._path:
                self._known.add(address)

    def _before(self, text: bytes) -> str | None:
        found = feedparser.parse(text)
        assert not found.bozo, found.bozo_exception
        return next((link.href for link in found.feed.links if link.rel == "prev-archive"), None)

    def _take(self, text: bytes) -> None:
        found = feedparser.parse(text)
        for gone in ElementTree.fromstring(text).iter(TOMBSTONE):
            self.held.pop(gone.attrib["ref"], None)
        for entry in found.entries:
            (turtle,) = (link.href for link in entry.links if link.rel == "alternate" and link.type == "text/turtle")
            got = self.get(turtle)
            if got.status_code == 200:
                self.held[entry.id] = known(parsed(got.content, "text/turtle"))
            else:
                assert got.status_code in (301, 410)
                self.held.pop(entry.id, None)


class _Client(Sickle):
    """Sickle over the follower's requests."""

    def __init__(self, follower: Follower) -> None:
        super().__init__(BASE + "oai")
        self._follower = follower

    def _request(self, kwargs: dict[str, str]) -> Any:
        query = "&".join(f"{name}={value}" for name, value in kwargs.items())
        return self._follower.get(f"/oai?{query}")


class ByOai(Follower):
    """Asks for what changed since the last list that it read to its end."""

    def __init__(self, client: TestClient, chance: Random) -> None:
        super().__init__(client, chance)
        self._since, self._sickle, self.stamps = "", _Client(self), list[str]()

    def run(self) -> None:
        stamps = []
        try:
            asked = {"metadataPrefix": "rdf", **({"from": self._since} if self._since else {})}
            for record in self._sickle.ListRecords(**asked):
                stamps.append(record.header.datestamp)
                self._take(record)
        except NoRecordsMatch:
            return
        assert stamps == sorted(stamps)
        self._since = stamps[-1]

    def _take(self, record: Any) -> None:
        if record.deleted:
            self.held.pop(record.header.identifier, None)
        else:
            (data,) = record.xml.iter("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}RDF")
            self.held[record.header.identifier] = known(parsed(etree.tostring(data), "application/rdf+xml"))


def dumped(path: Path) -> dict[str, str]:
    """The records that a dump holds, each as the digest of its graph; those that ended are left out."""
    graphs: dict[str, list[Triple]] = {}
    with gzip.open(path) as file:
        for quad in ox.parse(file.read(), ox.RdfFormat.N_QUADS):
            graphs.setdefault(quad.graph_name.value, []).append(quad.triple)
    ended = NamedNode(f"{BASE}ns/registry#Tombstone")
    records = ((name, Graph(triples)) for name, triples in graphs.items() if name.startswith(BASE + "id/"))
    return {name: known(graph) for name, graph in records if not graph.having(RDF.type, ended)}


def followers(client: TestClient, chance: Random) -> Iterator[Follower]:
    """One of each."""
    yield ByLdes(client, chance)
    yield ByAtom(client, chance)
    yield ByOai(client, chance)
