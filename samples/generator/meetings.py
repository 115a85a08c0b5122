"""Groups, meetings, and the recommendations that they make."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from .contacts import contact
from .library import recorded
from .opportunities import inner
from .organisations import Directory
from .plan import World, languages, places
from .schedules import ANCHOR
from .turtle import Record, iri, string, texts, typed

ELEMENTS = {"liaison-group": "cm-liaison-group", "network": "cm-network"}


def registers(world: World, directory: Directory) -> dict[str, list[Record]]:
    """The three registers, which refer to each other."""
    made: dict[str, list[Record]] = {}
    for name, make in (("groups", _group), ("meetings", _meeting), ("recommendations", _recommendation)):
        rng, rows, first = world.rng(name), world.rows(name), world.first[name]
        made[name] = [make(world, directory, rng, n, row, made) for n, row in enumerate(rows, first)]
    return made


Made = dict[str, list[Record]]


def _group(world: World, directory: Directory, rng: Random, number: int, row: dict[str, str], made: Made) -> Record:
    book, concept, spoken = world.book, world.vocabulary.concept, languages(row["languages"])
    record, convener = Record.of(f"BCH-GRP-SCBD-{number}", "cap:Group"), directory.named(row["convener"])
    thing = record.thing.say("foaf:name", texts(book.say(spoken, "group", row["kind"], "name")))
    thing.say("dcterms:description", texts(book.say(spoken, "group", row["kind"], "description")))
    thing.say("dcterms:type", concept("group-type", row["kind"]))
    thing.say("cap:termsOfReference", texts(book.say(spoken, "group", row["kind"], "terms")))
    founded = ANCHOR - timedelta(days=rng.randint(500, 1500))
    thing.say("schema:foundingDate", typed(founded, "date")).say("cap:convenedBy", convener.iri)
    for seat in world.rows("seats"):
        if seat["group"] == row["kind"]:
            part = record.part("member", "cap:Member")
            part.say("cap:country", concept("countries", seat["country"]) if seat["country"] else None)
            house = seat["organisation"]
            part.say("cap:organisation", directory.named(house).iri if house else None)
            part.say("cap:constituency", concept("constituency", seat["constituency"]))
            part.say("cap:region", concept("un-regional-group", seat["region"]))
            start = founded + timedelta(days=rng.randint(0, 300))
            part.say("schema:startDate", typed(start, "date"))
            part.say("schema:endDate", typed(start + timedelta(days=2190), "date") if rng.random() < 0.5 else None)
    thing.say("cap:member", [iri(part.path) for part in record.parts])
    contact(world, rng, record, convener, spoken, ("organisation", "functions"))
    element = ELEMENTS.get(row["kind"])
    thing.say("cap:mechanismElement", concept("mechanism-element", element) if element else None)
    return recorded(directory, rng, record, convener)


def _meeting(world: World, directory: Directory, rng: Random, number: int, row: dict[str, str], made: Made) -> Record:
    book, concept, spoken = world.book, world.vocabulary.concept, languages(row["languages"])
    record, host = Record.of(f"BCH-MTG-SCBD-{number}", "cap:Meeting"), directory.named(row["host"])
    fill = {"place": book.place(places(host.country), spoken)}
    if row["topic"]:
        fill["topic"] = inner(book.say(spoken, "topics", row["topic"], "name"))
    thing = record.thing.say("dcterms:title", texts(book.say(spoken, "meeting", "titles", row["kind"], **fill)))
    thing.say("dcterms:type", concept("meeting-type", row["kind"]))
    thing.say("cap:meetingNumber", typed(row["number"], "integer") if row["number"] else None)
    thing.say("cap:meetingStatus", concept("meeting-status", row["status"]) if row["status"] else None)
    start = ANCHOR + timedelta(days=int(row["days"]))
    end = start + timedelta(days=int(row["length"]) - 1)
    thing.say("schema:startDate", typed(start, "date")).say("schema:endDate", typed(end, "date"))
    thing.say("vcard:locality", string(host.city)).say("cap:country", concept("countries", host.country))
    if row["kind"] == "liaison-group":
        thing.say("cap:group", made["groups"][0].iri)
    part = record.part("involved", "cap:Involvement").say("cap:organisation", host.iri)
    part.say("cap:meetingRole", concept("meeting-participation", "host"))
    thing.say("cap:involvement", iri(part.path))
    invited = rng.randint(20, 60)
    thing.say("cap:invited", typed(invited, "integer"))
    held = end < ANCHOR
    if held:
        attended = invited - rng.randint(2, 9)
        thing.say("cap:attended", typed(attended, "integer"))
        thing.say("cap:institutions", typed(attended - rng.randint(3, 9), "integer"))
        said = rng.randrange(book.count("meeting", "outcomes"))
        thing.say("cap:outcomes", texts(book.say(spoken, "meeting", "outcomes", said)))
    paper = record.part("document", "cap:Document")
    paper.say("dcterms:title", texts(book.say(spoken, "meeting", "report" if held else "agenda")))
    paper.say("schema:url", iri(f"https://example.org/meetings/{record.identifier.lower()}/1"))
    thing.say("cap:document", iri(paper.path))
    element = "cm-liaison-group" if row["kind"] == "liaison-group" else "cm-meetings"
    thing.say("cap:mechanismElement", concept("mechanism-element", element) if row["kind"] != "workshop" else None)
    if row["topic"]:
        thing.say("cap:element", world.elements(row["topic"], 1))
    contact(world, rng, record, host, spoken, ("organisation", "functions"))
    return recorded(directory, rng, record, host)


def _recommendation(
    world: World, directory: Directory, rng: Random, number: int, row: dict[str, str], made: Made
) -> Record:
    book, concept, spoken = world.book, world.vocabulary.concept, languages(row["languages"])
    record, said = (
        Record.of(f"BCH-RCM-SCBD-{number}", "cap:Recommendation"),
        ("recommendation", "items", int(row["item"])),
    )
    group, meeting = made["groups"][0], made["meetings"][0]
    first = world.rows("meetings")[0]
    adopted = ANCHOR + timedelta(days=int(first["days"]) + int(first["length"]) - 1)
    thing = record.thing.say("dcterms:title", texts(book.say(spoken, *said, 0)))
    thing.say("dcterms:description", texts(book.say(spoken, *said, 1)))
    thing.say("cap:addressee", [concept("addressee", who) for who in row["addressee"].split()])
    thing.say("cap:recommendationStatus", concept("recommendation-status", row["status"]))
    thing.say("dcterms:dateAccepted", typed(adopted, "date"))
    thing.say("cap:madeAt", meeting.iri).say("cap:madeBy", group.iri)
    if row["status"] in ("being-implemented", "under-consideration"):
        follow = 0 if row["status"] == "being-implemented" else 1
        thing.say("cap:followUp", texts(book.say(spoken, "recommendation", "follow-up", follow)))
    thing.say("cap:mechanismElement", concept("mechanism-element", "cm-databases") if row["item"] in "02" else None)
    return recorded(directory, rng, record, directory.named(world.rows("groups")[0]["convener"]))
