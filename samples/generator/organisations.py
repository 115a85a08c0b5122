"""Organisations: who leads, funds, offers and answers; each recorded before the first record that names it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from .book import Texts
from .contacts import contact, telephone
from .plan import World, places
from .schedules import ANCHOR
from .turtle import Record, iri, string, texts, typed

FUNDERS = {"bilateral": "donor-agency", "other-multilateral": "financial-institution", "foundation": "foundation"}
GOVERNMENT = ("government-national", "government-subnational")
EARLIEST = {"period-2004": date(2002, 1, 7), "today": ANCHOR - timedelta(days=60)}


@dataclass
class Organisation:
    """An invented organisation, and what the other records have made of it so far."""

    identifier: str
    slug: str
    country: str
    city: str
    type: str
    works: frozenset[str]
    name: Texts
    acronym: str | None = None
    authority: bool = False
    uses: int = 0
    needed: date | None = None
    topics: list[str] = field(default_factory=list)

    @property
    def iri(self) -> str:
        """What other records refer to."""
        return iri(f"id/{self.identifier}")

    @property
    def source(self) -> str:
        """The source class of what it publishes freely."""
        return "information-source:" + ("government-voluntary" if self.type in GOVERNMENT else "other-organisation")

    def known(self, languages: tuple[str, ...]) -> Texts:
        """Its name in these languages, or in its own."""
        return {lang: self.name[lang] for lang in languages if lang in self.name} or self.name

    def use(self, day: date, topic: str | None = None) -> Organisation:
        """Note that a record of this day names it."""
        self.uses += 1
        self.needed = min(self.needed or day, day)
        if topic and topic not in self.topics:
            self.topics.append(topic)
        return self


class Directory:
    """The organisations of one world."""

    def __init__(self, world: World) -> None:
        self.world, self.rng = world, world.rng("organisations")
        self._next = world.first["organisations"]
        self.all: list[Organisation] = []
        self.recorded: dict[str, date] = {}
        for row in world.organisations():
            self._add(row)

    def _add(self, row: dict[str, Any], **more: Any) -> Organisation:
        identifier = f"BCH-ORG-SCBD-{self._next}"
        self._next += 1
        made = Organisation(identifier, **{**row, "works": frozenset(row["works"])}, **more)
        self.all.append(made)
        return made

    def authority(self, country: str, city: str, languages: tuple[str, ...]) -> Organisation:
        """The invented authority that answers for a country's needs."""
        spoken = languages if "en" in languages else (*languages, "en")
        place = self.world.book.place(places(country), spoken)
        name = self.world.book.say(spoken, "authority", "name", place=place)
        row = {"slug": f"office-{country.lower()}", "country": country, "city": city, "type": "government-national"}
        return self._add({**row, "works": [], "name": name}, authority=True)

    def lead(self, where: tuple[str, ...], languages: tuple[str, ...]) -> Organisation:
        """The least burdened organisation of the country, else of the region, that speaks one of the languages."""
        able = [o for o in self.all if not o.authority and o.type not in ("donor-agency", "financial-institution")]
        home = [o for o in able if f"countries/{o.country}" in where and len(where) == 1]
        return self._least(home or self._near(able, where), languages)

    def partners(
        self, lead: Organisation, where: tuple[str, ...], languages: tuple[str, ...], most: int
    ) -> list[Organisation]:
        """Up to `most` others that work there."""
        able = [o for o in self._near(self.all, where) if o is not lead and not o.authority]
        found: list[Organisation] = []
        while able and len(found) < most:
            found.append(self._least(able, languages))
            able.remove(found[-1])
        return found

    def funder(self, kind: str, but: Organisation) -> Organisation | None:
        """An organisation that gives this kind of money."""
        able = [o for o in self.all if o.type == FUNDERS.get(kind) and o is not but]
        return self._least(able, ()) if able else None

    def provider(self, what: str, where: tuple[str, ...], languages: tuple[str, ...]) -> Organisation:
        """An organisation that has money to offer, or knowledge."""
        rich = [o for o in self.all if o.type in FUNDERS.values()]
        other = [o for o in self.all if o.type in ("academic", "network", "igo", "private-sector")]
        return self._least(self._near(rich if what == "money" else other, where), languages)

    def _near(self, able: list[Organisation], where: tuple[str, ...]) -> list[Organisation]:
        groups = self.world.groups(where)
        wide = len(groups) > 3
        near = [o for o in able if o.works & groups and not wide] + [o for o in able if "world" in o.works and wide]
        return near or [o for o in able if "world" in o.works] or able

    def _least(self, able: list[Organisation], languages: tuple[str, ...]) -> Organisation:
        def burden(o: Organisation) -> tuple[bool, int, float]:
            shared = len(set(languages) & set(o.name))
            return bool(languages) and not shared, o.uses - 2 * shared, self.rng.random()

        return min(able, key=burden)

    def records(self) -> list[Record]:
        """The records of all organisations; to be made last, when it is known what they are needed for."""
        self.recorded = {o.slug: self._issued(o) for o in self.all}
        return [self._record(o, self.recorded) for o in self.all]

    def named(self, slug: str) -> Organisation:
        """The organisation of a plan's row."""
        return next(o for o in self.all if o.slug == slug)

    def after(self, o: Organisation, day: date) -> date:
        """The day, or the first after the organisation was recorded; known once its record has been made."""
        return max(day, self.recorded[o.slug] + timedelta(days=1))

    def _issued(self, o: Organisation) -> date:
        floor = EARLIEST[self.world.name]
        return max(floor, (o.needed or floor) - timedelta(days=self.rng.randint(1, 25)))

    def _record(self, o: Organisation, issued: dict[str, date]) -> Record:
        world, spoken, rng = self.world, tuple(o.name), self.rng
        record = Record.of(o.identifier, "cap:Organisation")
        about = ("authority", "description") if o.authority else ("organisation", "descriptions", o.type)
        thing = record.thing.say("foaf:name", texts(o.name))
        if o.acronym:
            thing.say("schema:alternateName", texts(dict.fromkeys(spoken, o.acronym)))
        thing.say("dcterms:type", world.vocabulary.concept("organisation-type", o.type))
        thing.say("cap:country", world.vocabulary.concept("countries", o.country))
        thing.say("vcard:locality", string(o.city))
        thing.say("vcard:hasEmail", iri(f"mailto:office@{o.slug}.example.org"))
        if rng.random() < 0.15:
            thing.say("vcard:hasTelephone", telephone(rng))
        if not o.authority and rng.random() < 0.7:
            thing.say("foaf:homepage", iri(f"https://example.org/organisations/{o.slug}"))
        thing.say("dcterms:description", texts(world.book.say(spoken, *about)))
        self._work(o, record)
        near = [p for p in self.all if p is not o and p.works & o.works and issued[p.slug] <= issued[o.slug]]
        if o.type == "network" and near:
            thing.say("org:linkedTo", sorted(p.iri for p in rng.sample(near, min(2, len(near)))))
        if rng.random() < 0.4 and not o.authority:
            contact(world, rng, record, o, spoken, ("organisation", "functions"))
        record.doc.say("dcterms:issued", typed(issued[o.slug], "date")).say("dcterms:publisher", o.iri)
        record.doc.say("reg:sourceClass", o.source)
        return record

    def _work(self, o: Organisation, record: Record) -> None:
        topics, concept = o.topics[:3], self.world.vocabulary.concept
        if topics:
            names = [self.world.book.say(tuple(o.name), "topics", topic, "name") for topic in topics]
            record.thing.say("cap:areasOfWork", texts({lang: _listed(lang, names) for lang in o.name}))
            areas = sorted({self.world.topics[topic]["thematic-area"] for topic in topics})
            record.thing.say("cap:thematicArea", [concept("thematic-area", area) for area in areas])
        groups = sorted(o.works - {"world"})
        record.thing.say("dcterms:spatial", [concept("un-regional-group", group) for group in groups])


def _listed(lang: str, names: list[Texts]) -> str:
    """Names in a row, with the semicolon of the language."""
    return {"zh": "；", "ar": "؛ ", "fr": " ; "}.get(lang, "; ").join(name[lang] for name in names)
