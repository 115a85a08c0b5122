"""The world in dots, drawn by the server: each country in as many records as concern it, and a locator for one.

The land is `vocabularies/map/dots.csv`, a grid in an equal-area projection. A run of dots is one stroke with round
caps and a gap after each, so that the whole world takes a few thousand characters. A map is never mirrored.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Literal as Choice

from fastapi import APIRouter
from starlette.responses import Response

from registry.concepts import Concept
from registry.errors import BadParameter
from registry.formats import Format
from registry.language import in_order
from web.places import Count, Places, collection, countries
from web.render import Page
from web.visit import Target, Visit, Visiting, fixed_by
from web.words import marked as _

router = APIRouter()

ACROSS, DOWN = 8, 7
MARGIN = 6
FEW = 3
NEAR = (620, 380)
LADDERS = ((1, 2, 4, 7), (1, 5, 10, 20), (1, 20, 50, 100), (1, 100, 300, 1000))

By = Choice["", "named", "reached"]
Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Run:
    """Neighbouring dots of one row."""

    row: int
    column: int
    dots: int

    @property
    def x(self) -> int:
        """Where the first dot lies; every other row is moved by half a step."""
        return MARGIN + ACROSS * self.column + (ACROSS // 2 if self.row % 2 else 0)

    @property
    def y(self) -> int:
        """How far down the row lies."""
        return MARGIN + DOWN * self.row

    @property
    def end(self) -> int:
        """Where the last dot lies."""
        return self.x + ACROSS * (self.dots - 1)


class Land:
    """The dots of the world by country; land of no country of the vocabulary has an empty code."""

    def __init__(self, rows: Iterable[Mapping[str, str]]) -> None:
        self.runs: dict[str, list[Run]] = {}
        self._paths: dict[str, str] = {}
        for row in rows:
            run = Run(int(row["row"]), int(row["column"]), int(row["dots"]))
            self.runs.setdefault(row["country"], []).append(run)

    @cached_property
    def size(self) -> tuple[int, int]:
        """Width and height of the whole world."""
        runs = [run for found in self.runs.values() for run in found]
        return max(run.end for run in runs) + MARGIN, max(run.y for run in runs) + MARGIN

    @cached_property
    def all(self) -> list[Run]:
        """All land, neighbours of different countries joined."""
        dots = sorted({(r.row, r.column + n) for found in self.runs.values() for r in found for n in range(r.dots)})
        joined: list[Run] = []
        for row, column in dots:
            last = joined[-1] if joined else None
            if last and (last.row, last.column + last.dots) == (row, column):
                joined[-1] = Run(row, last.column, last.dots + 1)
            else:
                joined.append(Run(row, column, 1))
        return joined

    def path(self, code: str) -> str:
        """The dots of a country as a path, drawn once."""
        if code not in self._paths:
            self._paths[code] = stroke(self.runs.get(code, ()))
        return self._paths[code]

    def few(self, code: str) -> bool:
        """Whether a country is so small that its dots need help to be seen and hit."""
        return sum(run.dots for run in self.runs.get(code, ())) <= FEW

    def around(self, code: str) -> Box | None:
        """The frame of a country: left, top, right, bottom; None where it has no dot."""
        runs = self.runs.get(code)
        if not runs:
            return None
        return min(r.x for r in runs), min(r.y for r in runs), max(r.end for r in runs), max(r.y for r in runs)


@cache
def land(folder: Path) -> Land:
    """The land of a house."""
    with (folder / "vocabularies" / "map" / "dots.csv").open(encoding="utf-8", newline="") as file:
        return Land(csv.DictReader(file))


def stroke(runs: Iterable[Run]) -> str:
    """The path of some dots."""
    return "".join(f"M{run.x} {run.y}h{ACROSS * (run.dots - 1) + 1}" for run in runs)


@dataclass(frozen=True)
class Mark:
    """One country on the map: its dots, how dark they are, where it leads, what is said of it."""

    name: str
    title: str
    href: str
    count: Count
    step: int
    path: str
    few: bool
    at: tuple[int, int]


@dataclass(frozen=True)
class Picture:
    """The map as it is asked for: of one register or of all, by what records name or by what they reach."""

    size: tuple[int, int]
    plain: str
    marks: tuple[Mark, ...]
    ladder: tuple[int, ...]
    register: Format | None
    by: str

    @property
    def rows(self) -> list[Mark]:
        """The countries that any record concerns, by name: the table that says the same."""
        return sorted(self.marks, key=lambda mark: in_order(mark.name))


def picture(page: Page, register: Format | None = None, by: str = "named", found: Places | None = None) -> Picture:
    """The map of the records of one register or of all; of those `found`, each country leading to those it concerns."""
    registry = page.registry
    places, world = found or Places(registry, register), land(registry.house.folder)
    counted = [(concept, places.count(concept.iri)) for concept in countries(registry)]
    ladder = _ladder(max((_shown(count, by) for _, count in counted), default=0))
    marks = []
    for concept, count in counted:
        if count.both:
            href = page.href(f"country/{concept.notation}") + (f"#{register.register}" if register else "")
            href = page.again(concerns=concept.notation, view=None) if found else href
            marks.append(_mark(page, world, concept, count, href, _step(_shown(count, by), ladder)))
    seen = {concept.notation for concept, count in counted if count.both}
    plain = "".join(world.path(code) for code in world.runs if code not in seen)
    return Picture(world.size, plain, tuple(marks), ladder, register, by)


def _shown(count: Count, by: str) -> int:
    return count.reached if by == "reached" else count.named


def _ladder(most: int) -> tuple[int, ...]:
    """Where each step begins, so that the darkest is for few."""
    return next((ladder for ladder in LADDERS if most < 3 * ladder[-1]), LADDERS[-1])


def _step(number: int, ladder: tuple[int, ...]) -> int:
    return sum(number >= begin for begin in ladder)


def _mark(page: Page, world: Land, concept: Concept, count: Count, href: str, step: int) -> Mark:
    code, name = concept.notation, concept.label(page.lang)
    left, top, right, bottom = world.around(code) or (0, 0, 0, 0)
    return Mark(
        name=name,
        title=page.say_in_words(
            _("{country}: {named} name it, {reached} through a region or group"),
            country=name,
            named=page.number(count.named),
            reached=page.number(count.reached),
        ),
        href=href,
        count=count,
        step=step,
        path=world.path(code),
        few=world.few(code),
        at=((left + right) // 2, (top + bottom) // 2),
    )


@dataclass(frozen=True)
class Locator:
    """Where a country lies: a piece of the world around it, its dots, a ring where they are few."""

    box: Box
    plain: str
    path: str
    ring: tuple[int, int] | None


def locator(folder: Path, code: str) -> Locator | None:
    """The piece of the map around a country; None for one that has no dot."""
    world = land(folder)
    frame = world.around(code)
    if frame is None:
        return None
    (left, top, right, bottom), (wide, high) = frame, world.size
    width = min(max(NEAR[0], right - left + 160), wide)
    height = min(max(NEAR[1], width * NEAR[1] // NEAR[0]), high)
    x = min(max((left + right - width) // 2, 0), wide - width)
    y = min(max((top + bottom - height) // 2, 0), high - height)
    inside = [r for r in world.all if y <= r.y <= y + height and r.end >= x and r.x <= x + width]
    ring = ((left + right) // 2, (top + bottom) // 2) if world.few(code) else None
    return Locator((x, y, width, height), stroke(_cut(inside, x, width)), stroke(world.runs[code]), ring)


def _cut(runs: Iterable[Run], x: int, width: int) -> Iterator[Run]:
    """The runs without what lies outside of the frame."""
    for run in runs:
        before = max(0, -(-(x - run.x) // ACROSS))
        behind = max(0, (run.end - x - width) // ACROSS)
        if run.dots > before + behind:
            yield Run(run.row, run.column + before, run.dots - before - behind)


@router.get("/map")
def world_map(visit: Visiting, register: str = "", by: By = "") -> Response:
    """The map of all records, or of one register; as data, the countries and how many records concern each."""
    return visit.reply(_resource(visit, register, by), None)


@router.get("/map.{suffix}")
def world_map_as(visit: Visiting, suffix: str, register: str = "", by: By = "") -> Response:
    """The map in the form that the address fixes."""
    return visit.reply(_resource(visit, register, by), fixed_by(suffix, "map"))


def _resource(visit: Visit, register: str, by: str) -> Target:
    format = visit.registry.formats.by_register(register.lower()) if register else None
    if register and format is None:
        raise BadParameter("There is no register {name}.", where="register", name=register)
    return Target(
        path="map",
        html=lambda page: _draw(visit, page, format, by or "named"),
        graph=lambda: collection(visit.registry, format),
    )


def _draw(visit: Visit, page: Page, register: Format | None, by: str) -> bytes:
    title = page.say_in_words(_("Map of the records"))
    return visit.site.renderer.draw("map.html", page, title=title, picture=picture(page, register, by))
