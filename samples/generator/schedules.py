"""When things happen: the two worlds differ in nothing else.

`Period2004` gives what the progress report of January 2005 counted on 15 December 2004; `Today` lies around an
anchor day, which the loader moves to the day of the first loading.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from .dates import Partial, between, blurred, later

DAY = timedelta(days=1)
ANCHOR = date(2026, 1, 1)
OPENED = date(2002, 1, 21)
LAST = date(2004, 12, 14)


@dataclass(frozen=True)
class Schedule:
    """The dates of one record. A project may state its status or only a duration; an opportunity may be rolling."""

    issued: date
    start: Partial | None = None
    end: Partial | None = None
    archived: date | None = None
    status: str | None = None
    months: int | None = None
    rolling: bool = False


def ongoing_2004(rng: Random, stated: bool) -> Schedule:
    """A project that runs on 15 December 2004; every third was registered long after its start."""
    while True:
        start = max(between(rng, date(2001, 6, 15), date(2004, 11, 15)) for _ in range(2))
        end = max(between(rng, date(2005, 1, 31), date(2008, 12, 31)), start + 365 * DAY)
        end = min(end, start + 1900 * DAY)
        lag = rng.choices(((-60, -5), (10, 120), (330, 1100)), (0 if stated else 15, 65, 25))[0]
        issued = later(rng, start, *lag)
        first = blurred(rng, start)
        if OPENED <= issued <= LAST < end and (first.last <= issued or not stated):
            return Schedule(issued, first, blurred(rng, end), status="ongoing" if stated else None)


def completed_2004(rng: Random, stated: bool) -> Schedule:
    """A project that had ended, and was archived, by 15 December 2004; one that says so was registered at its end."""
    while True:
        end = between(rng, date(2002, 6, 30), date(2004, 10, 31))
        start = later(rng, end, -1400, -300)
        last = blurred(rng, end, year=end.year < 2004)
        issued = later(rng, last.last, 15, 200) if stated else between(rng, min(max(start, OPENED), end), end)
        archived = later(rng, max(last.last, issued), 7, 90)
        if OPENED <= issued < archived <= LAST:
            return Schedule(issued, blurred(rng, start), last, archived, "completed" if stated else None)


def expired_2004(rng: Random) -> Schedule:
    """An opportunity whose timeframe was over before 15 December 2004: archived the day after it."""
    while True:
        end = between(rng, date(2002, 5, 31), date(2004, 12, 10))
        last = blurred(rng, end, year=False)
        start = later(rng, end, -240, -45)
        issued = between(rng, max(start - 20 * DAY, OPENED), max(end - 10 * DAY, OPENED))
        if last.last + DAY <= LAST and issued <= end:
            return Schedule(issued, Partial.of(start), last, last.last + DAY)


def available_2004(rng: Random, rolling: bool) -> Schedule:
    """An opportunity that one could still use on 15 December 2004."""
    start = between(rng, date(2003, 12, 1) if rolling else date(2004, 5, 1), date(2004, 12, 5))
    issued = min(later(rng, start, -10, 60), LAST)
    if rolling:
        return Schedule(issued, rolling=True)
    end = between(rng, date(2004, 12, 20), date(2006, 3, 31))
    return Schedule(issued, Partial.of(start), blurred(rng, end, year=False))


def assessed_2004(rng: Random) -> Schedule:
    """An assessment of needs and, some time later, its registration."""
    while True:
        day = between(rng, date(2002, 9, 1), date(2004, 11, 15))
        issued = later(rng, day, 10, 240)
        known = blurred(rng, day, year=False)
        if known.last <= issued <= LAST:
            return Schedule(issued, start=known)


def project_today(rng: Random, state: str) -> Schedule:
    """A project in one of the states; a proposed one has a duration instead of dates."""
    issued = later(rng, ANCHOR, -50, -3)
    if state == "proposed":
        return Schedule(issued, status=state, months=rng.choice((18, 24, 36)))
    if state == "approved":
        start, end = later(rng, ANCHOR, 20, 150), later(rng, ANCHOR, 500, 1200)
    elif state == "ongoing":
        start, end = later(rng, ANCHOR, -500, -70), later(rng, ANCHOR, 150, 1200)
    else:
        issued = later(rng, ANCHOR, -55, -35)
        end = later(rng, issued, -90, -5)
        start = later(rng, end, -1100, -400)
        return Schedule(issued, Partial.of(start), Partial.of(end), later(rng, issued, 5, 25), state)
    stated = state if state == "approved" or rng.random() < 0.6 else None
    return Schedule(issued, Partial.of(start), Partial.of(end), status=stated)


def opportunity_today(rng: Random, ends: str) -> Schedule:
    """An opportunity that ends so many days after the anchor, or is rolling."""
    if ends == "rolling":
        return Schedule(later(rng, ANCHOR, -50, -5), rolling=True)
    end = ANCHOR + timedelta(days=int(ends))
    issued = between(rng, ANCHOR - 55 * DAY, min(end, ANCHOR) - 5 * DAY)
    start = later(rng, issued, -40, 0)
    archived = end + DAY if end < ANCHOR else None
    return Schedule(issued, Partial.of(start), Partial.of(end), archived)


def assessed_today(rng: Random) -> Schedule:
    """An assessment of needs, registered within the last weeks before the anchor."""
    return Schedule(later(rng, ANCHOR, -50, -3), start=Partial.of(later(rng, ANCHOR, -260, -70)))
