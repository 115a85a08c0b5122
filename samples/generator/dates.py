"""Dates: drawn between bounds, some of them known to the month or the year only."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from .turtle import typed


@dataclass(frozen=True)
class Partial:
    """A date as exactly as it is known."""

    value: str

    @classmethod
    def of(cls, day: date, precision: int = 10) -> Partial:
        """A day, or the month (7) or year (4) that it lies in."""
        return cls(day.isoformat()[:precision])

    @property
    def first(self) -> date:
        """The first day it may mean."""
        return date.fromisoformat((self.value + "-01-01")[:10])

    @property
    def last(self) -> date:
        """The last day it may mean."""
        if len(self.value) == 10:
            return self.first
        month = self.first.month if len(self.value) == 7 else 12
        return date(self.first.year, month, calendar.monthrange(self.first.year, month)[1])


def literal(known: Partial | None) -> str | None:
    """The typed literal of a date, if it is known."""
    return typed(known.value, {10: "date", 7: "gYearMonth", 4: "gYear"}[len(known.value)]) if known else None


def between(rng: Random, first: date, last: date) -> date:
    """A day between two days, both included."""
    return first + timedelta(days=rng.randint(0, (last - first).days))


def later(rng: Random, day: date, least: int, most: int) -> date:
    """A day that many days later; negative numbers mean earlier."""
    return day + timedelta(days=rng.randint(least, most))


def blurred(rng: Random, day: date, *, year: bool = True) -> Partial:
    """The day as an owner might have written it: mostly in full, at times its month or year."""
    drawn = rng.random()
    return Partial.of(day, 10 if drawn < 0.6 else 7 if drawn < 0.9 or not year else 4)
