"""Information resources and news: what one can read, and what is new."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from .book import joined
from .dates import between, later
from .opportunities import inner
from .organisations import Directory, Organisation
from .plan import World, languages, places
from .schedules import ANCHOR
from .turtle import Record, iri, string, texts, typed

YEARS_BACK = 900


def recorded(directory: Directory, rng: Random, record: Record, giver: Organisation) -> Record:
    """The record as published by an organisation within the weeks before the anchor."""
    issued = directory.after(giver, later(rng, ANCHOR, -40, -3))
    record.doc.say("dcterms:issued", typed(issued, "date"))
    record.doc.say("dcterms:publisher", giver.iri).say("reg:sourceClass", giver.source)
    return record


def resources(world: World, directory: Directory) -> list[Record]:
    """All records of the register of information resources."""
    rng = world.rng("resources")
    return [
        _resource(world, directory, rng, f"BCH-VLR-SCBD-{number}", row)
        for number, row in enumerate(world.rows("resources"), world.first["resources"])
    ]


def _resource(world: World, directory: Directory, rng: Random, identifier: str, row: dict[str, str]) -> Record:
    book, concept, spoken = world.book, world.vocabulary.concept, languages(row["languages"])
    record, source = Record.of(identifier, "cap:Resource"), directory.named(row["source"])
    topic, covers = (inner(book.say(spoken, "topics", row["topic"], field)) for field in ("name", "covers"))
    kind = ("resource", "types", row["kind"])
    about = joined(book.say(spoken, *kind, 1), book.say(spoken, "opportunity", "subjects", covers=covers))
    thing = record.thing.say("dcterms:title", texts(book.say(spoken, *kind, 0, topic=topic)))
    thing.say("dcterms:description", texts(about)).say("dcterms:type", concept("resource-type", row["kind"]))
    thing.say("cap:authoringOrganisation", source.iri)
    published = typed(later(rng, ANCHOR, -YEARS_BACK, -60), "date")
    thing.say("schema:datePublished", published)
    written = languages(row["written"])
    thing.say("schema:url", [iri(f"https://example.org/library/{identifier.lower()}/{lang}") for lang in written])
    thing.say("schema:inLanguage", [concept("language", lang) for lang in written])
    thing.say("dcterms:subject", concept("thematic-area", world.topics[row["topic"]]["thematic-area"]))
    thing.say("cap:element", world.elements(row["topic"], 1))
    thing.say("dcterms:spatial", [world.concept(place) for place in places(row["coverage"])])
    if rng.random() < 0.6:
        thing.say("dcterms:rights", texts(book.say(spoken, "resource", "rights")))
    thing.say("schema:keywords", texts(inner(book.say(spoken, "topics", row["topic"], "covers"))))
    return recorded(directory, rng, record, source)


def news(world: World, directory: Directory) -> list[Record]:
    """All records of the register of news."""
    rng = world.rng("news")
    return [
        _news(world, directory, rng, f"BCH-BCHN-SCBD-{number}", row)
        for number, row in enumerate(world.rows("news"), world.first["news"])
    ]


def _news(world: World, directory: Directory, rng: Random, identifier: str, row: dict[str, str]) -> Record:
    book, concept, spoken = world.book, world.vocabulary.concept, languages(row["languages"])
    record, source = Record.of(identifier, "cap:News"), directory.named(row["source"])
    said = ("news", "items", int(row["item"]))
    day = ANCHOR + timedelta(days=int(row["days"]))
    thing = record.thing.say("dcterms:title", texts(book.say(spoken, *said, 0)))
    thing.say("dcterms:description", texts(book.say(spoken, *said, 1)))
    thing.say("schema:datePublished", typed(day, "date")).say("cap:country", concept("countries", source.country))
    if row["event"]:
        start = ANCHOR + timedelta(days=int(row["event"]))
        thing.say("schema:startDate", typed(start, "date"))
        thing.say("schema:endDate", typed(between(rng, start, start + timedelta(days=3)), "date"))
        thing.say("vcard:locality", string(source.city))
    thing.say("cap:organisation", source.iri)
    thing.say("schema:url", iri(f"https://example.org/news/{identifier.lower()}"))
    record.doc.say("dcterms:issued", typed(directory.after(source, day), "date"))
    record.doc.say("dcterms:publisher", source.iri).say("reg:sourceClass", source.source)
    return record
