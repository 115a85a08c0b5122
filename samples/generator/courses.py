"""Courses: what is taught, by whom, at which level, in which languages, when it is given next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from .book import joined
from .contacts import contact
from .dates import Partial, between, later, literal
from .opportunities import inner
from .organisations import Directory, Organisation
from .plan import World, languages
from .schedules import ANCHOR
from .turtle import Record, iri, string, texts, typed

LENGTH = {
    "academic-degree": ("years", (1, 2), 60),
    "diploma": ("months", (6, 12), 30),
    "course-unit": ("months", (3, 5), 6),
    "short-course": ("days", (10, 15, 19), None),
    "training-workshop": ("days", (3, 5), None),
    "online-course": ("months", (2, 3), 4),
    "training-of-trainers": ("days", (8, 10), None),
    "continuing-education": ("months", (3, 4), 5),
    "summer-school": ("days", (10, 12), 4),
}
OPEN = ("awareness", "clearing-house", "education")
MONTHLY = 8  # so many in a hundred submissions are known to the month only


@dataclass(frozen=True)
class Dates:
    """When a course was submitted, when it was recorded, and when it is given next."""

    submitted: Partial
    issued: date
    next: date


def taught_2004(rng: Random) -> Dates:
    """Submitted for the compendium by the end of October 2004 and recorded only in 2005.

    Source: 2005 report, paragraphs 12 and 17.
    """
    day = between(rng, date(2004, 8, 16), date(2004, 10, 31))
    submitted = Partial.of(day, 7 if rng.random() * 100 < MONTHLY else 10)
    return Dates(submitted, between(rng, date(2005, 2, 1), date(2005, 5, 31)), later(rng, date(2005, 7, 1), 0, 150))


def taught_today(rng: Random) -> Dates:
    """Submitted and recorded in the weeks before the anchor, given in the months after it."""
    issued = later(rng, ANCHOR, -40, -3)
    return Dates(Partial.of(later(rng, issued, -12, -2)), issued, later(rng, ANCHOR, 40, 200))


def records(world: World, directory: Directory) -> list[Record]:
    """All records of the register, in the order of their registration."""
    rng = world.rng("courses")
    dates = taught_2004 if world.name == "period-2004" else taught_today
    rows = sorted(((dates(rng), row) for row in world.rows("courses")), key=lambda pair: pair[0].issued)
    return [
        _record(world, directory, rng, f"BCH-CRS-SCBD-{number}", row, when)
        for number, (when, row) in enumerate(rows, world.first["courses"])
    ]


def _record(
    world: World, directory: Directory, rng: Random, identifier: str, row: dict[str, str], when: Dates
) -> Record:
    spoken, concept = languages(row["languages"]), world.vocabulary.concept
    record, giver = Record.of(identifier, "cap:Course"), directory.named(row["provider"])
    thing = record.thing
    _content(world, record, row, spoken)
    thing.say("schema:inLanguage", [concept("language", lang) for lang in languages(row["instruction"])])
    thing.say("schema:provider", giver.iri)
    contact(world, rng, record, giver, spoken, ("course", "contact"))
    _times(world, rng, record, giver, row, spoken, when)
    thing.say("cap:element", world.elements(row["topic"], rng.choice((1, 2))))
    thing.say("cap:thematicArea", concept("thematic-area", world.topics[row["topic"]]["thematic-area"]))
    people = sorted(rng.sample(world.topics[row["topic"]]["audience"], 2))
    thing.say("dcterms:audience", [concept("audience", who) for who in people])
    _admission(world, rng, record, row, spoken, when)
    if rng.random() < 0.4:
        thing.say("foaf:homepage", iri(f"https://example.org/courses/{identifier.lower()}"))
    if rng.random() < 0.25:
        thing.say("dcterms:references", iri(f"https://example.org/materials/{identifier.lower()}"))
    thing.say("dcterms:dateSubmitted", literal(when.submitted))
    record.doc.say("dcterms:issued", typed(directory.after(giver, when.issued), "date"))
    record.doc.say("dcterms:publisher", giver.iri).say("reg:sourceClass", giver.source)
    return record


def _content(world: World, record: Record, row: dict[str, str], spoken: tuple[str, ...]) -> None:
    book, concept = world.book, world.vocabulary.concept
    topic, covers = (inner(book.say(spoken, "topics", row["topic"], field)) for field in ("name", "covers"))
    kind = ("course", "types", row["kind"])
    about = joined(book.say(spoken, *kind, 1), book.say(spoken, "opportunity", "subjects", covers=covers))
    thing = record.thing.say("dcterms:title", texts(book.say(spoken, *kind, 0, topic=topic)))
    thing.say("dcterms:description", texts(about)).say("dcterms:type", concept("course-type", row["kind"]))
    thing.say("cap:courseLevel", concept("course-level", row["level"]))
    thing.say("cap:delivery", concept("course-delivery", row["delivery"]))
    if row["level"] in book.codes("course", "qualifications"):
        thing.say("cap:qualification", texts(book.say(spoken, "course", "qualifications", row["level"])))


def _times(
    world: World,
    rng: Random,
    record: Record,
    giver: Organisation,
    row: dict[str, str],
    spoken: tuple[str, ...],
    when: Dates,
) -> None:
    """How long, how often, when next and where; what is given all the time has no dates."""
    concept = world.vocabulary.concept
    unit, lengths, credits = LENGTH[row["kind"]]
    length = rng.choice(lengths)
    record.thing.say("cap:duration", typed(length, "integer"))
    record.thing.say("cap:durationUnit", concept("duration-unit", unit))
    record.thing.say("cap:credits", typed(credits, "decimal") if credits else None)
    record.thing.say("cap:frequency", concept("course-frequency", row["frequency"]))
    if row["delivery"] != "online":
        record.thing.say("vcard:locality", string(giver.city))
    record.thing.say("cap:country", concept("countries", giver.country))
    if row["frequency"] in ("continuous", "on-request"):
        return
    starts = [when.next, when.next + timedelta(days=182)] if row["frequency"] == "biannual" else [when.next]
    for start in starts:
        days = length * {"days": 1, "months": 30, "years": 365}[unit] - 1
        part = record.part("session", "cap:Session").say("schema:startDate", typed(start, "date"))
        part.say("schema:endDate", typed(start + timedelta(days=days), "date"))
        if row["delivery"] in ("in-person", "blended"):
            part.say("cap:placeName", texts(world.book.say(spoken, "course", "place")))
            part.say("cap:country", concept("countries", giver.country))
    record.thing.say("cap:session", [iri(part.path) for part in record.parts if "#session-" in part.path])


def _admission(
    world: World, rng: Random, record: Record, row: dict[str, str], spoken: tuple[str, ...], when: Dates
) -> None:
    """Who is admitted, to how many places, at what cost, how and until when."""
    book, thing = world.book, record.thing
    degree = LENGTH[row["kind"]][2] is not None and row["delivery"] != "online"
    number = 2 if row["topic"] in OPEN and not degree else 0 if degree else 1
    thing.say("cap:entryRequirements", texts(book.say(spoken, "course", "requirements", number)))
    if row["delivery"] != "online":
        thing.say("cap:places", typed(rng.choice((12, 15, 20, 24, 30)), "integer"))
    free = row["kind"] in ("online-course", "training-workshop") or rng.random() < 0.2
    thing.say("cap:fee", typed(0 if free else rng.randint(2, 30) * (100 if degree else 50), "decimal"))
    thing.say("schema:currency", None if free else string(rng.choice(("USD", "USD", "EUR", "CHF"))))
    thing.say(
        "cap:support", texts(book.say(spoken, *(("opportunity", "support", "none") if free else ("course", "support"))))
    )
    dated = row["frequency"] not in ("continuous", "on-request")
    thing.say("cap:applicationProcess", texts(book.say(spoken, "opportunity", "application", 0 if dated else 3)))
    thing.say("cap:applicationDeadline", typed(when.next - timedelta(days=30), "date") if dated else None)
    if row["kind"] in ("academic-degree", "diploma", "course-unit"):
        number = rng.randrange(book.count("course", "accreditation"))
        thing.say("cap:accreditation", texts(book.say(spoken, "course", "accreditation", number)))
