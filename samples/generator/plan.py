"""What is to be made: the rows of `plan/`, and what both worlds share."""

from __future__ import annotations

import csv
import tomllib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from .book import Book
from .vocabulary import Vocabulary

FAMILIES = {"global": "wide", "regional": "wide", "national": "national", "subnational": "local", "community": "local"}


@dataclass(frozen=True)
class World:
    """One folder of samples: its name, where its numbers begin, and the element schemes of its time."""

    name: str
    suffix: str
    first: dict[str, int]
    schemes: tuple[str, ...]
    plan: Path
    book: Book
    vocabulary: Vocabulary
    topics: dict[str, dict[str, Any]]
    offers: dict[str, dict[str, Any]]

    def rng(self, register: str) -> Random:
        """The dice of one register: the same on every run, whatever happens in the other registers."""
        return Random(f"{self.name}/{register}")

    def rows(self, register: str) -> list[dict[str, str]]:
        """The rows of a plan."""
        with (self.plan / f"{register}-{self.suffix}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def organisations(self) -> list[dict[str, Any]]:
        """The invented organisations of this world."""
        found: list[dict[str, Any]] = tomllib.loads((self.plan / "organisations.toml").read_text("utf-8"))[self.name]
        return found

    def elements(self, topic: str, most: int = 9) -> list[str]:
        """The elements that a topic belongs to, in every scheme of this world."""
        return [
            self.vocabulary.concept(scheme, code)
            for scheme in self.schemes
            for code in self.topics[topic][scheme][:most]
        ]

    def concept(self, place: str) -> str:
        """The prefixed name of a place written as scheme/code."""
        scheme, code = place.split("/")
        return self.vocabulary.concept(scheme, code)

    def groups(self, places: tuple[str, ...]) -> frozenset[str]:
        """The UN regional groups that places lie in."""
        found: set[str] = set()
        for place in places:
            scheme, code = place.split("/")
            found |= {code} if scheme == "un-regional-group" else self.vocabulary.groups(scheme, code)
        return frozenset(found)


def places(cell: str) -> tuple[str, ...]:
    """The places of a plan's cell: a group, or countries joined by a plus sign."""
    return (cell,) if "/" in cell else tuple(f"countries/{code}" for code in cell.split("+"))


@dataclass
class Deck:
    """Deals topics evenly, none twice for the same place, and a title pattern that suits the place."""

    world: World
    rng: Random
    _dealt: Counter[str] = field(default_factory=Counter)
    _used: set[tuple[str, str]] = field(default_factory=set)

    def deal(self, place: str, scope: str) -> tuple[str, int]:
        """A topic and the number of one of its title patterns."""
        family = FAMILIES[scope]
        open_ = [t for t, plan in self.world.topics.items() if family in plan["fits"] and (place, t) not in self._used]
        topic = min(open_, key=lambda t: (self._dealt[t], self.rng.random()))
        titles = range(self.world.book.count("topics", topic, "titles"))
        fitting = [n for n in titles if family != "wide" or n not in self.world.topics[topic]["one-country"]]
        number = fitting[self._dealt[topic] % len(fitting)]
        self._dealt[topic] += 1
        self._used.add((place, topic))
        return topic, number


def languages(cell: str) -> tuple[str, ...]:
    """The languages of a plan's cell."""
    return tuple(cell.split())
