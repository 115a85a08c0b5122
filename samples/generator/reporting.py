"""Reports of Governments and organisations, and the coordination mechanisms of countries and regions."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from .contacts import contact
from .library import recorded
from .organisations import Directory
from .plan import World, languages, places
from .schedules import ANCHOR
from .turtle import Record, iri, texts, typed

FIGURES = {"trained": ("count", 20, 240), "carried-out": ("percent", 45, 96), "spent": ("us-dollars", 15000, 180000)}


def registers(world: World, directory: Directory, meetings: list[Record]) -> dict[str, list[Record]]:
    """The two registers; reports are prepared for the last of the meetings."""
    rng, mechanisms = world.rng("reports"), world.rng("mechanisms")
    return {
        "reports": [
            _report(world, directory, rng, n, row, meetings[-1])
            for n, row in enumerate(world.rows("reports"), world.first["reports"])
        ],
        "mechanisms": [
            _mechanism(world, directory, mechanisms, n, row)
            for n, row in enumerate(world.rows("mechanisms"), world.first["mechanisms"])
        ],
    }


def _report(
    world: World, directory: Directory, rng: Random, number: int, row: dict[str, str], meeting: Record
) -> Record:
    book, concept, spoken = world.book, world.vocabulary.concept, languages(row["languages"])
    record = Record.of(f"BCH-REP-SCBD-{number}", "cap:Report")
    country = row["country"] or directory.named(row["source"]).country
    kind = ("report", "types", row["kind"])
    place = book.place(places(country), spoken)
    thing = record.thing.say("dcterms:title", texts(book.say(spoken, *kind, 0, place=place)))
    thing.say("dcterms:description", texts(book.say(spoken, *kind, 1)))
    thing.say("dcterms:type", concept("report-type", row["kind"]))
    giver = directory.named(row["source"]) if row["source"] else None
    thing.say("cap:reportedBy", giver.iri if giver else None).say("cap:country", concept("countries", country))
    for predicate, days in (("schema:datePublished", -45), ("schema:startDate", -425), ("schema:endDate", -61)):
        thing.say(predicate, typed(ANCHOR + timedelta(days=days + rng.randint(-3, 3)), "date"))
    thing.say("cap:dueDate", typed(ANCHOR + timedelta(days=-30), "date"))
    thing.say("schema:url", iri(f"https://example.org/reports/{record.identifier.lower()}"))
    thing.say("cap:preparedFor", meeting.iri)
    for name, (unit, low, high) in FIGURES.items():
        part = record.part("figure", "cap:Figure")
        part.say("cap:measure", texts(book.say(spoken, "report", "figures", name)))
        part.say("schema:value", typed(rng.randint(low, high), "decimal")).say(
            "cap:unit", concept("measure-unit", unit)
        )
        part.say("reg:asOf", typed(ANCHOR - timedelta(days=61), "date"))
    thing.say("cap:figure", [iri(part.path) for part in record.parts])
    for predicate, path in (
        ("cap:achievements", ("project", "achievements")),
        ("cap:challenges", ("report", "challenges")),
        ("cap:lessons", ("project", "lessons")),
    ):
        said = rng.randrange(book.count(*path))
        thing.say(predicate, texts(book.say(spoken, *path, said)))
    thing.say("cap:mechanismElement", concept("mechanism-element", "cm-reporting"))
    return recorded(directory, rng, record, giver or directory.named(world.rows("groups")[0]["convener"]))


def _mechanism(world: World, directory: Directory, rng: Random, number: int, row: dict[str, str]) -> Record:
    book, concept, spoken = world.book, world.vocabulary.concept, languages(row["languages"])
    record, lead = Record.of(f"BCH-MCH-SCBD-{number}", "cap:Mechanism"), directory.named(row["lead"])
    where, kind = places(row["place"]), ("mechanism", "types", row["kind"])
    thing = record.thing.say("foaf:name", texts(book.say(spoken, *kind, 0, place=book.place(where, spoken))))
    thing.say("dcterms:description", texts(book.say(spoken, *kind, 1)))
    thing.say("dcterms:type", concept("mechanism-type", row["kind"]))
    thing.say("dcterms:spatial", [world.concept(place) for place in where])
    thing.say("cap:elementState", concept("element-state", row["state"]))
    if row["state"] == "in-place":
        thing.say("schema:foundingDate", typed(ANCHOR - timedelta(days=rng.randint(200, 1200)), "date"))
    thing.say("cap:leadOrganisation", lead.iri)
    contact(world, rng, record, lead, spoken, ("contact", "functions"))
    thing.say("cap:mechanismElement", concept("mechanism-element", "cm-meetings"))
    return recorded(directory, rng, record, lead)
