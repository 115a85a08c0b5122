"""OAI-PMH: every verb and error as the protocol writes them, and tokens that cannot be made or changed."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from starlette.testclient import TestClient

from registry.exchange.dublincore import ELEMENTS
from registry.exchange.writing import serialise
from registry.load import Terms, load
from registry.registry import open_registry
from registry.terms import DCTERMS, Graph, Literal, NamedNode, Triple
from tests.browsing import Clock, browser
from tests.conftest import TODAY, no_progress, settings_in
from tests.harvesting import Follower, Story, _Client, parsed
from web import repository
from web.markup import element
from web.resumption import Token, opened, sealed

FOLDER = Path(__file__).parent / "data"
SCHEMA = etree.XMLSchema(etree.parse(FOLDER / "oai" / "oai-pmh.xsd"))
OAI = {"o": "http://www.openarchives.org/OAI/2.0/", "dc": "http://purl.org/dc/elements/1.1/"}
BASE = "http://localhost:8000/"


@pytest.fixture(scope="module")
def client(founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Seventy records, six of which ended, entered within an hour; thirty to a page."""
    folder, clock = tmp_path_factory.mktemp("oai"), Clock()
    shutil.copytree(founded, folder / "var")
    registry = open_registry(settings_in(folder / "var"), clock=clock)
    good = load(registry, [FOLDER / "load" / "good.ttl"], Terms(TODAY, by="test"), no_progress)
    assert not good.refusals
    story = Story(registry, clock, folder, Random(3))
    story._load(range(1, 69))
    story.live, story.count = list(range(1, 69)), 68
    clock.on(hours=1)
    for _ in range(6):
        story._end()
    with browser(registry, clock) as client, pytest.MonkeyPatch.context() as patched:
        patched.setattr(repository, "PAGE", 30)
        yield client
    registry.close()


def ask(client: TestClient, query: str, *, valid: bool = True) -> Any:
    """An answer, which the schema takes and which is 200 whatever was asked."""
    got = client.get(f"/oai?{query}")
    assert (got.status_code, got.headers["Content-Type"]) == (200, "text/xml; charset=utf-8")
    found = etree.fromstring(got.content)
    assert not valid or SCHEMA.validate(found), SCHEMA.error_log
    return found


def errors(found: Any) -> list[str]:
    return [str(code) for code in found.xpath("//o:error/@code", namespaces=OAI)]


def echoed(found: Any) -> dict[str, str]:
    (request,) = found.xpath("//o:request", namespaces=OAI)
    assert request.text == BASE + "oai"
    return dict(request.attrib)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "badVerb"),
        ("verb=", "badVerb"),
        ("verb=Nothing", "badVerb"),
        ("verb=Identify&verb=Identify", "badVerb"),
        ("verb=Identify&set=country", "badArgument"),
        ("verb=ListRecords", "badArgument"),
        ("verb=GetRecord&metadataPrefix=rdf", "badArgument"),
        ("verb=ListRecords&metadataPrefix=rdf&metadataPrefix=rdf", "badArgument"),
        ("verb=ListRecords&metadataPrefix=rdf&from=2026-02-30", "badArgument"),
        ("verb=ListRecords&metadataPrefix=rdf&from=2026-11-22T12:00Z", "badArgument"),
        ("verb=ListRecords&metadataPrefix=rdf&until=9999-12-31T24:00:00Z", "badArgument"),
        ("verb=ListRecords&metadataPrefix=rdf&from=2026-11-23&until=2026-11-22", "badArgument"),
        ("verb=ListRecords&metadataPrefix=rdf&from=2026-11-22&until=2026-11-22T12:00:00Z", "badArgument"),
        ("verb=ListRecords&metadataPrefix=rdf&set=%C3%A9", "badArgument"),
        ("verb=ListRecords&resumptionToken=AAAA&metadataPrefix=rdf", "badArgument"),
        ("verb=ListRecords&resumptionToken=AAAA", "badResumptionToken"),
        ("verb=ListRecords&resumptionToken=%00", "badResumptionToken"),
        ("verb=ListSets&resumptionToken=AAAA", "badResumptionToken"),
        ("verb=ListRecords&metadataPrefix=marc", "cannotDisseminateFormat"),
        (f"verb=GetRecord&metadataPrefix=marc&identifier={BASE}id/BCH-ORG-SCBD-9001", "cannotDisseminateFormat"),
        ("verb=GetRecord&metadataPrefix=rdf&identifier=oai:elsewhere:1", "idDoesNotExist"),
        (f"verb=ListMetadataFormats&identifier={BASE}id/BCH-ORG-SCBD-77777", "idDoesNotExist"),
        ("verb=ListRecords&metadataPrefix=rdf&until=2004-12-15", "noRecordsMatch"),
        ("verb=ListIdentifiers&metadataPrefix=rdf&set=country:XX", "noRecordsMatch"),
        ("verb=ListIdentifiers&metadataPrefix=rdf&from=9999-12-31", "noRecordsMatch"),
    ],
)
def test_every_error_is_told_in_the_words_of_the_protocol(client: TestClient, query: str, code: str) -> None:
    found = ask(client, query, valid="%00" not in query)
    assert errors(found) == [code]
    assert bool(echoed(found)) == (code not in ("badVerb", "badArgument"))


def test_a_form_asks_the_same(client: TestClient) -> None:
    fields = {"verb": "GetRecord", "metadataPrefix": "oai_dc", "identifier": f"{BASE}id/BCH-CDI-SCBD-9002"}
    posted = client.post("/oai", data=fields)
    assert posted.text == client.get("/oai", params=fields).text
    assert echoed(etree.fromstring(posted.content)) == fields
    assert errors(etree.fromstring(client.post("/oai", data={"verb": ["ListSets", "ListSets"]}).content)) == ["badVerb"]


def test_the_repository_says_what_it_is(client: TestClient) -> None:
    said = ask(client, "verb=Identify").xpath("//o:Identify", namespaces=OAI)[0]
    assert [one.text for one in said][1:] == [
        *(f"{BASE}oai", "2.0", "registry@localhost.invalid", "2026-11-22T12:00:00Z"),
        *("persistent", "YYYY-MM-DDThh:mm:ssZ", "gzip"),
    ]
    prefixes = ask(client, "verb=ListMetadataFormats").xpath("//o:metadataPrefix/text()", namespaces=OAI)
    assert prefixes == ["oai_dc", "rdf"]
    specs = ask(client, "verb=ListSets").xpath("//o:setSpec/text()", namespaces=OAI)
    assert {"register", "register:projects", "source:government-obligation", "country:KE"} < set(specs)
    assert len(specs) == len(set(specs))


def test_dublin_core_is_drawn_from_format_and_ontology(client: TestClient) -> None:
    found = ask(client, f"verb=GetRecord&metadataPrefix=oai_dc&identifier={BASE}id/BCH-CDI-SCBD-9002")
    (metadata,) = found.xpath("//o:metadata/*", namespaces=OAI)
    lang = "{http://www.w3.org/XML/1998/namespace}lang"
    said = {(one.tag.split("}")[1], one.text, one.get(lang, "")) for one in metadata}
    assert said >= {
        ("identifier", f"{BASE}id/BCH-CDI-SCBD-9002", ""),
        ("title", "Réseau de détection", "fr"),
        ("description", "Trains laboratory staff in five countries.", "en"),
        ("coverage", "Kenya", "en"),
        ("coverage", "أوغندا", "ar"),
        ("contributor", f"{BASE}id/BCH-ORG-SCBD-9001", ""),
        ("type", "Project", "en"),
        ("language", "fr", ""),
        ("rights", "https://creativecommons.org/licenses/by/4.0/", ""),
        ("date", "2026-11-22T12:00:00Z", ""),
    }
    assert {name for name, _, _ in said} <= set(ELEMENTS)


def lists(client: TestClient, query: str) -> tuple[list[str], list[dict[str, str]]]:
    """The identifiers of a whole list, and the attributes of its tokens."""
    found = ask(client, f"verb=ListIdentifiers&{query}")
    names, tokens = [], []
    while True:
        names += found.xpath("//o:header/o:identifier/text()", namespaces=OAI)
        token = found.xpath("//o:resumptionToken", namespaces=OAI)
        tokens += [dict(one.attrib) for one in token]
        if not token or not token[0].text:
            return names, tokens
        found = ask(client, f"verb=ListIdentifiers&resumptionToken={token[0].text}")


def test_a_long_list_comes_in_pieces_and_says_where_it_stands(client: TestClient) -> None:
    names, tokens = lists(client, "metadataPrefix=oai_dc")
    assert len(names) == len(set(names)) == 70
    assert tokens == [{"cursor": str(at), "completeListSize": "70"} for at in (0, 30, 60)]
    ended, none = lists(client, "metadataPrefix=oai_dc&from=2026-11-22T13:00:00Z&set=register:organisations")
    assert (len(ended), none) == (6, [])
    before, _ = lists(client, "metadataPrefix=oai_dc&until=2026-11-22T12:59:59Z")
    assert sorted(before + ended) == sorted(names)
    kenya, mali = (lists(client, f"metadataPrefix=rdf&set=country:{code}")[0] for code in ("KE", "ML"))
    assert len(kenya) + len(mali) == 70
    assert lists(client, "metadataPrefix=rdf&set=country")[0] == names
    gone = ask(client, f"verb=GetRecord&metadataPrefix=rdf&identifier={ended[0]}")
    assert gone.xpath("//o:header/@status", namespaces=OAI) == ["deleted"]
    assert not gone.xpath("//o:metadata", namespaces=OAI)
    assert gone.xpath("//o:setSpec[starts-with(text(),'country:')]", namespaces=OAI)


def test_records_of_both_forms_are_valid(client: TestClient) -> None:
    for prefix in ("rdf", "oai_dc"):
        found = ask(client, f"verb=ListRecords&metadataPrefix={prefix}&set=register")
        assert len(found.xpath("//o:metadata", namespaces=OAI)) == 30


def test_sickle_walks_the_whole_list(client: TestClient) -> None:
    follower = Follower(client, Random(1))
    records = list(_Client(follower).ListRecords(metadataPrefix="oai_dc"))
    assert len(records) == 70
    assert len([record for record in records if record.deleted]) == 6
    assert _Client(follower).Identify().deletedRecord == "persistent"


def test_a_token_belongs_to_its_verb_and_its_registry(client: TestClient) -> None:
    first = ask(client, "verb=ListIdentifiers&metadataPrefix=rdf")
    (text,) = first.xpath("//o:resumptionToken/text()", namespaces=OAI)
    assert errors(ask(client, f"verb=ListRecords&resumptionToken={text}")) == ["badResumptionToken"]
    for place in range(0, len(text), 7):
        other = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
        assert errors(ask(client, f"verb=ListIdentifiers&resumptionToken={other}")) == ["badResumptionToken"]
    assert not errors(ask(client, f"verb=ListIdentifiers&resumptionToken={text}"))


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60), st.binary(max_size=16))
def test_only_the_key_opens_a_token(text: str, key: bytes) -> None:
    token = Token("ListRecords", "rdf", "", "2026-11-22", text, 7, 30, 70)
    assert opened(sealed(token, key), key) == token
    assert opened(sealed(token, key), key + b"x") is None
    assert opened(text, key) is None


def test_odd_signs_come_through_or_are_replaced() -> None:
    said = element("a", "x\x00\x0b\ufffe]]>&<\r\n\ud800y", b='"\x01\n')
    found = etree.fromstring(said)
    assert found.text == "x���]]>&<\r\n�y"
    assert found.get("b") == '"�\n'
    thing = NamedNode("http://example.org/a")
    graph = Graph([Triple(thing, DCTERMS.title, Literal("one\r\ntwo\rthree", language="en"))])
    assert parsed(serialise(graph, "application/rdf+xml", {}), "application/rdf+xml") == graph
