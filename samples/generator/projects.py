"""Projects: what is done, where, by whom, when, with what money."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from .book import Texts, joined
from .contacts import contact
from .dates import literal
from .organisations import Directory, Organisation
from .plan import Deck, World, languages, places
from .schedules import Schedule, completed_2004, ongoing_2004, project_today
from .turtle import Record, iri, string, texts, typed

COMPLETED_2004 = 34
ROLES = ("partner", "implementing", "executing", "collaborating")
MONEY = ("bilateral", "gef", "other-multilateral", "regional", "self-funding", "foundation", "private")
WEIGHTS = (30, 20, 12, 8, 14, 10, 6)
THOUSANDS = {
    "global": (400, 3000),
    "regional": (200, 2500),
    "national": (40, 900),
    "subnational": (15, 120),
    "community": (8, 60),
}
RESULTS = ("achievements", "outputs", "lessons")


@dataclass(frozen=True)
class Project:
    """A project on its way to a record."""

    where: tuple[str, ...]
    scope: str
    languages: tuple[str, ...]
    topic: str
    title: int
    dates: Schedule


def drafts(world: World, rng: Random) -> list[Project]:
    """The planned projects with their topics and dates, in the order of their registration."""
    rows = world.rows("projects")
    over = set(rng.sample(range(len(rows)), COMPLETED_2004)) if world.name == "period-2004" else set()
    deck, found = Deck(world, rng), []
    for number, row in enumerate(rows):
        topic, title = deck.deal(row["place"], row["scope"])
        if "state" in row:
            dates = project_today(rng, row["state"])
        else:
            dates = (completed_2004 if number in over else ongoing_2004)(rng, number % 2 == 0)
        found.append(Project(places(row["place"]), row["scope"], languages(row["languages"]), topic, title, dates))
    return sorted(found, key=lambda project: project.dates.issued)


class Projects:
    """The register of projects of one world."""

    def __init__(self, world: World, directory: Directory) -> None:
        self.world, self.directory, self.rng = world, directory, world.rng("projects")
        self.made: list[tuple[Project, Record]] = []

    def records(self) -> list[Record]:
        """All records."""
        for number, project in enumerate(drafts(self.world, self.rng), self.world.first["projects"]):
            self.made.append((project, self._record(f"BCH-CDI-SCBD-{number}", project)))
        return [record for _, record in self.made]

    def addressing(self, country: str, topic: str, day: Schedule) -> Record | None:
        """A project on this topic in this country that was registered before."""
        for project, record in self.made:
            here = f"countries/{country}" in project.where and project.dates.issued <= day.issued
            if here and project.topic == topic:
                return record
        return None

    def topics(self, country: str) -> set[str]:
        """The topics of the projects in a country."""
        return {project.topic for project, _ in self.made if f"countries/{country}" in project.where}

    def _record(self, identifier: str, project: Project) -> Record:
        record = Record.of(identifier, "cap:Project")
        lead = self.directory.lead(project.where, project.languages).use(project.dates.issued, project.topic)
        self._identification(record, project, lead)
        self._who(record, project, lead)
        self._when(record, project.dates)
        self._where(record, project)
        self._what(record, project)
        self._larger(record, project)
        self._funding(record, project, lead)
        self._results(record, project)
        record.doc.say("dcterms:issued", typed(project.dates.issued, "date"))
        record.doc.say("dcterms:publisher", lead.iri).say("reg:sourceClass", lead.source)
        if project.dates.archived:
            record.doc.say("reg:archived", typed(project.dates.archived, "date"))
        return record

    def _topic(self, project: Project, field: str) -> Texts:
        number = self.rng.randrange(self.world.book.count("topics", project.topic, field))
        return self.world.book.say(project.languages, "topics", project.topic, field, number)

    def _general(self, project: Project, field: str) -> Texts:
        number = self.rng.randrange(self.world.book.count("project", field))
        return self.world.book.say(project.languages, "project", field, number)

    def _identification(self, record: Record, project: Project, lead: Organisation) -> None:
        place = self.world.book.place(project.where, project.languages)
        title = self.world.book.say(project.languages, "topics", project.topic, "titles", project.title, place=place)
        description = joined(self._topic(project, "descriptions"), self._general(project, "closings"))
        record.thing.say("dcterms:title", texts(title)).say("dcterms:description", texts(description))
        if self.rng.random() < 0.3:
            record.thing.say("schema:identifier", string(f"{lead.slug[:4].upper()}-{self.rng.randint(10, 99)}"))
        scale = "programme" if project.scope in ("global", "regional") and self.rng.random() < 0.5 else "project"
        record.thing.say("dcterms:type", self.world.vocabulary.concept("initiative-scope", scale))
        if self.rng.random() < 0.3:
            record.thing.say("foaf:homepage", iri(f"https://example.org/projects/{record.identifier.lower()}"))

    def _who(self, record: Record, project: Project, lead: Organisation) -> None:
        record.thing.say("cap:leadOrganisation", lead.iri)
        most = self.rng.choice((0, 1, 1, 2)) if project.scope != "community" else 0
        for partner in self.directory.partners(lead, project.where, project.languages, most):
            part = record.part("participation", "cap:Participation")
            part.say("cap:organisation", partner.use(project.dates.issued, project.topic).iri)
            part.say("cap:role", self.world.vocabulary.concept("organisation-role", self.rng.choice(ROLES)))
        record.thing.say("cap:participation", [iri(part.path) for part in record.parts])
        contact(self.world, self.rng, record, lead, project.languages, ("contact", "functions"))

    def _when(self, record: Record, dates: Schedule) -> None:
        if dates.status:
            record.thing.say("cap:projectStatus", self.world.vocabulary.concept("project-status", dates.status))
        record.thing.say("schema:startDate", literal(dates.start))
        record.thing.say("schema:endDate", literal(dates.end))
        if dates.months:
            record.thing.say("cap:duration", typed(dates.months, "integer"))
            record.thing.say("cap:durationUnit", self.world.vocabulary.concept("duration-unit", "months"))

    def _where(self, record: Record, project: Project) -> None:
        record.thing.say("cap:geographicScope", self.world.vocabulary.concept("geographic-scope", project.scope))
        record.thing.say("dcterms:spatial", [self.world.concept(place) for place in project.where])
        if project.scope in ("subnational", "community"):
            number = self.rng.randrange(self.world.book.count("places", "local"))
            record.thing.say("cap:placeName", texts(self.world.book.say(project.languages, "places", "local", number)))

    def _what(self, record: Record, project: Project) -> None:
        plan, concept = self.world.topics[project.topic], self.world.vocabulary.concept
        record.thing.say("cap:element", self.world.elements(project.topic, self.rng.choice((1, 2, 2))))
        record.thing.say("cap:objectives", texts(self._topic(project, "objectives")))
        record.thing.say("cap:activities", texts(self._topic(project, "activities")))
        kinds = sorted(self.rng.sample(plan["activity-type"], self.rng.randint(1, 2)))
        record.thing.say("cap:activityType", [concept("activity-type", kind) for kind in kinds])
        record.thing.say("cap:thematicArea", concept("thematic-area", plan["thematic-area"]))
        people = sorted(self.rng.sample(plan["audience"], self.rng.randint(1, 2)))
        record.thing.say("dcterms:audience", [concept("audience", who) for who in people])

    def _larger(self, record: Record, project: Project) -> None:
        wide = [(p, r) for p, r in self.made if p.scope in ("regional", "global") and p.topic == project.topic]
        if project.scope == "national" and wide and self.rng.random() < 0.6:
            groups = self.world.groups(project.where)
            around = [r for p, r in wide if groups <= self.world.groups(p.where) and "+" not in "+".join(p.where)]
            record.thing.say("dcterms:isPartOf", around[-1].iri if around else None)
        elif self.rng.random() < 0.06:
            record.thing.say("cap:largerProject", texts(self._general(project, "larger")))

    def _funding(self, record: Record, project: Project, lead: Organisation) -> None:
        kinds = sorted(set(self.rng.choices(MONEY, WEIGHTS, k=self.rng.choice((1, 1, 2)))))
        concept = self.world.vocabulary.concept
        record.thing.say("cap:fundingSourceType", [concept("funding-source-type", kind) for kind in kinds])
        givers = [giver for kind in kinds if (giver := self.directory.funder(kind, lead))]
        for predicate, giver in zip(("cap:funder", "cap:coFunder"), givers, strict=False):
            record.thing.say(predicate, giver.use(project.dates.issued).iri)
        if self.rng.random() < 0.8:
            low, high = THOUSANDS[project.scope]
            record.thing.say("cap:totalBudget", typed(self.rng.randint(low, high) * 1000, "decimal"))
        note = 1 if "self-funding" in kinds else self.rng.choice((0, 2, *[None] * 8))
        if note is not None:
            record.thing.say(
                "cap:fundingNote", texts(self.world.book.say(project.languages, "project", "funding", note))
            )

    def _results(self, record: Record, project: Project) -> None:
        if project.dates.archived:
            for field in RESULTS:
                if self.rng.random() < 0.7:
                    record.thing.say(f"cap:{field}", texts(self._general(project, field)))
        if self.rng.random() < 0.15:
            record.thing.say("dcterms:references", iri(f"https://example.org/documents/{record.identifier.lower()}"))
        if self.rng.random() < 0.15:
            record.thing.say("cap:otherInformation", texts(self._general(project, "information")))
