"""Contacts: functions and institutions, never persons; addresses that lead nowhere."""

from __future__ import annotations

from random import Random
from typing import Protocol

from .book import Texts
from .plan import World
from .turtle import Record, iri, string, texts


class Institution(Protocol):
    """What a contact needs to know of its organisation."""

    slug: str
    city: str

    def known(self, languages: tuple[str, ...]) -> Texts:
        """Its name in these languages, or in its own."""


def telephone(rng: Random) -> str:
    """A number under a country code that nobody has."""
    return iri(f"tel:+999-555-{rng.randint(100, 999):04}")


def contact(
    world: World, rng: Random, record: Record, o: Institution, languages: tuple[str, ...], functions: tuple[str, ...]
) -> None:
    """A published contact of a record: a function and an institution, never a person."""
    many = world.book.count(*functions)
    number: tuple[int, ...] = (rng.randrange(many),) if functions[-1] == "functions" else ()
    part = record.part("contact", "vcard:Kind")
    part.say("vcard:role", texts(world.book.say(languages, *functions, *number)))
    part.say("vcard:organization-name", texts(o.known(languages)))
    part.say("vcard:hasEmail", iri(f"mailto:biosafety@{o.slug}.example.org"))
    if rng.random() < 0.1:
        part.say("vcard:hasTelephone", telephone(rng))
    if rng.random() < 0.2 and languages[0] in ("en", "fr", "es"):
        address = world.book.say(languages[:1], "contact", "addresses", rng.randrange(3))
        part.say("vcard:label", string(f"{address[languages[0]]}, {o.city}"))
    record.thing.say("dcat:contactPoint", iri(part.path))
