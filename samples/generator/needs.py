"""Needs: what countries ask for, element by element."""

from __future__ import annotations

from random import Random

from .contacts import contact
from .dates import literal
from .organisations import Directory
from .plan import World, languages
from .projects import Projects
from .schedules import Schedule, assessed_2004, assessed_today
from .turtle import Record, iri, texts, typed


def records(world: World, directory: Directory, projects: Projects) -> list[Record]:
    """All records of the register, in the order of their registration."""
    rng = world.rng("needs")
    assessed = assessed_2004 if world.name == "period-2004" else assessed_today
    rows = sorted(((assessed(rng), row) for row in world.rows("needs")), key=lambda pair: pair[0].issued)
    return [
        _record(world, directory, projects, rng, number, row, dates)
        for number, (dates, row) in enumerate(rows, world.first["needs"])
    ]


def _record(
    world: World,
    directory: Directory,
    projects: Projects,
    rng: Random,
    number: int,
    row: dict[str, str],
    dates: Schedule,
) -> Record:
    country, spoken = row["country"], languages(row["languages"])
    record = Record.of(f"BCH-NEED-{country}-{number}", "cap:Need")
    authority = directory.authority(row["country"], row["city"], spoken).use(dates.issued)
    thing = record.thing.say("cap:country", world.vocabulary.concept("countries", country))
    thing.say("dcterms:date", literal(dates.start)).say("cap:authority", authority.iri)
    contact(world, rng, record, authority, spoken, ("authority", "function"))
    summary = rng.randrange(world.book.count("need", "summaries"))
    thing.say("dcterms:description", texts(world.book.say(spoken, "need", "summaries", summary)))
    scheme = world.schemes[number % len(world.schemes)]
    for topic in _chosen(world, rng, scheme, projects.topics(country)):
        _item(world, projects, rng, record, country, topic, scheme, spoken, dates)
    thing.say("cap:needItem", [iri(part.path) for part in record.parts if "#need-" in part.path])
    record.doc.say("dcterms:issued", typed(dates.issued, "date")).say("dcterms:publisher", authority.iri)
    record.doc.say("reg:sourceClass", "information-source:government-obligation")
    return record


def _chosen(world: World, rng: Random, scheme: str, known: set[str]) -> list[str]:
    """Four to nine topics, first those that a project has taken up, in the order of their elements."""
    fitting = [topic for topic in world.topics if _categories(world, topic, scheme)]
    rng.shuffle(fitting)
    chosen = sorted(fitting, key=lambda topic: topic not in known)[: rng.randint(4, 9)]
    return sorted(chosen, key=lambda topic: (world.topics[topic][scheme][0], topic))


def _categories(world: World, topic: str, scheme: str) -> list[str]:
    """The specific needs of a topic that belong under its element: by letter, or by meaning in the current areas."""
    plan = world.topics[topic]
    codes: list[str] = plan["need-category"]
    if scheme == "capacity-areas-current":
        return codes
    letter = str(plan[scheme][0]).split("-")[1]
    return [code for code in codes if code.split("-")[1] == letter]


def _item(
    world: World,
    projects: Projects,
    rng: Random,
    record: Record,
    country: str,
    topic: str,
    scheme: str,
    spoken: tuple[str, ...],
    dates: Schedule,
) -> None:
    concept, plan = world.vocabulary.concept, world.topics[topic]
    part = record.part("need", "cap:NeedItem").say("cap:element", concept(scheme, plan[scheme][0]))
    part.say("cap:needLevel", concept("need-level", rng.choice(("yes", "yes", "yes-some"))))
    codes = _categories(world, topic, scheme)
    chosen = sorted(rng.sample(codes, rng.randint(1, min(2, len(codes)))))
    part.say("cap:needCategory", [concept("need-category", code) for code in chosen])
    if rng.random() < 0.6:
        number = rng.randrange(world.book.count("topics", topic, "needs"))
        part.say("dcterms:description", texts(world.book.say(spoken, "topics", topic, "needs", number)))
    priority = rng.choices(("high", "medium", "low"), (45, 40, 15))[0]
    part.say("cap:priority", concept("need-priority", priority))
    frame = {"high": "short-term", "medium": "medium-term", "low": "long-term"}[priority]
    part.say("cap:timeframe", concept("need-timeframe", frame if rng.random() < 0.7 else "medium-term"))
    project = projects.addressing(country, topic, dates)
    if project or rng.random() < 0.5:
        part.say("cap:needStatus", concept("need-status", "partially-met" if project else "unmet"))
    kind = rng.choice(plan["activity-type"])
    part.say("cap:assistance", concept("activity-type", kind))
    if rng.random() < 0.4:
        part.say("dcterms:audience", concept("audience", rng.choice(plan["audience"])))
    part.say("cap:addressedBy", project.iri if project else None)
