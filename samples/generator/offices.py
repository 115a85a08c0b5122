"""Contacts: offices that answer questions, never persons."""

from __future__ import annotations

from random import Random

from .contacts import telephone
from .library import recorded
from .organisations import Directory
from .plan import World, languages
from .turtle import Record, iri, string, texts


def records(world: World, directory: Directory) -> list[Record]:
    """All records of the register."""
    rng = world.rng("contacts")
    return [
        _record(world, directory, rng, f"BCH-CON-SCBD-{number}", row)
        for number, row in enumerate(world.rows("contacts"), world.first["contacts"])
    ]


def _record(world: World, directory: Directory, rng: Random, identifier: str, row: dict[str, str]) -> Record:
    book, concept, spoken = world.book, world.vocabulary.concept, languages(row["languages"])
    record, house = Record.of(identifier, "cap:Contact"), directory.named(row["source"])
    thing = record.thing.say("foaf:name", texts(book.say(spoken, "office", "names", int(row["name"]))))
    thing.say("dcterms:type", concept("contact-type", "office"))
    thing.say("vcard:role", texts(book.say(spoken, "office", "function")))
    thing.say("cap:organisation", house.iri).say("cap:country", concept("countries", house.country))
    thing.say("vcard:locality", string(house.city))
    thing.say("vcard:hasEmail", iri(f"mailto:desk@{house.slug}.example.org"))
    thing.say("vcard:hasTelephone", telephone(rng))
    thing.say("foaf:homepage", iri(f"https://example.org/organisations/{house.slug}"))
    thing.say("schema:inLanguage", [concept("language", lang) for lang in spoken])
    return recorded(directory, rng, record, house)
