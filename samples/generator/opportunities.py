"""Opportunities: what is offered, to whom, until when, how to apply."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from .book import joined
from .contacts import contact
from .dates import literal
from .organisations import Directory
from .plan import World, languages, places
from .schedules import Schedule, available_2004, expired_2004, opportunity_today
from .turtle import Record, iri, string, texts, typed

EXPIRED_2004, ROLLING_2004 = 25, 8


@dataclass(frozen=True)
class Opportunity:
    """An opportunity on its way to a record."""

    kind: str
    where: tuple[str, ...]
    languages: tuple[str, ...]
    topic: str
    dates: Schedule


def drafts(world: World, rng: Random) -> list[Opportunity]:
    """The planned opportunities with their topics and dates, in the order of their registration."""
    rows, found = world.rows("opportunities"), []
    shuffled = rng.sample(range(len(rows)), len(rows))
    topics, used = list(world.topics), set[tuple[str, str]]()
    for number, row in enumerate(rows):
        free = [t for t in topics if (row["kind"], t) not in used]
        topic = min(free, key=lambda t: (sum(u[1] == t for u in used), rng.random()))
        used.add((row["kind"], topic))
        if "ends" in row:
            dates = opportunity_today(rng, row["ends"])
        elif shuffled[number] < EXPIRED_2004:
            dates = expired_2004(rng)
        else:
            dates = available_2004(rng, shuffled[number] < EXPIRED_2004 + ROLLING_2004)
        found.append(Opportunity(row["kind"], places(row["eligible"]), languages(row["languages"]), topic, dates))
    return sorted(found, key=lambda opportunity: opportunity.dates.issued)


def records(world: World, directory: Directory) -> list[Record]:
    """All records of the register."""
    rng = world.rng("opportunities")
    return [
        _record(world, directory, rng, f"BCH-OPP-SCBD-{number}", opportunity)
        for number, opportunity in enumerate(drafts(world, rng), world.first["opportunities"])
    ]


def _record(world: World, directory: Directory, rng: Random, identifier: str, offer: Opportunity) -> Record:
    book, spoken, concept = world.book, offer.languages, world.vocabulary.concept
    record = Record.of(identifier, "cap:Opportunity")
    giver = directory.provider(world.offers["kinds"][offer.kind]["giver"], offer.where, spoken).use(
        offer.dates.issued, offer.topic
    )
    topic, covers = (book.say(spoken, "topics", offer.topic, field) for field in ("name", "covers"))
    kind = ("opportunity", "types", offer.kind)
    about = joined(book.say(spoken, *kind, 1), book.say(spoken, "opportunity", "subjects", covers=inner(covers)))
    thing = record.thing.say("dcterms:title", texts(book.say(spoken, *kind, 0, topic=inner(topic))))
    thing.say("dcterms:description", texts(about)).say("dcterms:type", concept("opportunity-type", offer.kind))
    thing.say("cap:offeredBy", giver.iri)
    contact(world, rng, record, giver, spoken, ("contact", "functions"))
    _timeframe(record, offer.dates)
    _access(world, rng, record, offer)
    thing.say("schema:eligibleRegion", [world.concept(place) for place in offer.where])
    thing.say("cap:element", world.elements(offer.topic, rng.choice((1, 2))))
    people = sorted(world.topics[offer.topic]["audience"][:2])
    thing.say("dcterms:audience", [concept("audience", who) for who in people])
    _support(world, rng, record, offer)
    if rng.random() < 0.3:
        thing.say("dcterms:references", iri(f"https://example.org/forms/{identifier.lower()}"))
    record.doc.say("dcterms:issued", typed(offer.dates.issued, "date"))
    record.doc.say("dcterms:publisher", giver.iri).say("reg:sourceClass", giver.source)
    if offer.dates.archived:
        record.doc.say("reg:archived", typed(offer.dates.archived, "date"))
    return record


def inner(names: dict[str, str]) -> dict[str, str]:
    """Words inside a sentence: with a small letter, as none of them begins with a proper name."""
    return {lang: name[:1].lower() + name[1:] for lang, name in names.items()}


def _timeframe(record: Record, dates: Schedule) -> None:
    record.thing.say("schema:availabilityStarts", literal(dates.start))
    record.thing.say("schema:availabilityEnds", literal(dates.end))
    record.thing.say("cap:rolling", "true" if dates.rolling else None)


def _access(world: World, rng: Random, record: Record, offer: Opportunity) -> None:
    """Who may apply and how: persons otherwise than institutions, and without a deadline where there is none."""
    suited = next(family for family in world.offers.values() if offer.kind in family.get("kinds", ()))
    way = "rolling-application" if offer.dates.rolling else "application"
    for predicate, field, numbers in (
        ("cap:eligibility", "eligibility", suited["eligibility"]),
        ("cap:applicationProcess", "application", suited[way]),
    ):
        said = world.book.say(offer.languages, "opportunity", field, rng.choice(numbers))
        record.thing.say(predicate, texts(said))


def _support(world: World, rng: Random, record: Record, offer: Opportunity) -> None:
    plan = world.offers["kinds"][offer.kind]
    level = rng.choice(plan["support"])
    record.thing.say("cap:supportScope", world.vocabulary.concept("support-scope", level))
    if "amount" in plan and rng.random() < 0.7:
        record.thing.say("cap:supportAmount", typed(plan["amount"] * rng.randint(1, 3), "decimal"))
        record.thing.say("schema:currency", string(rng.choice(("USD", "USD", "EUR", "CHF"))))
    record.thing.say("cap:support", texts(world.book.say(offer.languages, "opportunity", "support", level)))
