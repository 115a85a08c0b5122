"""World outlines > `dots.csv`: the land of the world as a grid of dots, each with the code of its country.

Made once, and again only when outlines or the list of countries change:

    npm install world-atlas@2
    python vocabularies/map/draw.py node_modules/world-atlas

The outlines are Natural Earth (public domain) as TopoJSON by world-atlas (ISC); codes and numbers come from
`vocabularies/skos/countries.ttl`. The projection is Equal Earth, in which a square kilometre is the same everywhere
(https://doi.org/10.1080/13658816.2018.1504949). Every country and area of the list has at least one dot; land that the
list does not name has dots without a code. Lines of control that the outlines draw and the maps of the United Nations
do not are put right by `ELSEWHERE`.
"""

from __future__ import annotations

import csv
import json
import math
import re
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

HERE = Path(__file__).parent
COLUMNS = 176
MIDDLE = 11.0
NORTH, SOUTH = 83.7, -56.0
SPARE = 3
EARTH = (1.340264, -0.081106, 0.000893, 0.003796)
WIDTH = 2 * 2.70663
STEP = WIDTH / COLUMNS
RISE = STEP * 7 / 8

ELSEWHERE = {"N. Cyprus": "CY", "Somaliland": "SO"}
PARTS = (
    ("RU", (32.4, 36.7, 44.3, 46.1), "UA"),  # Crimea
    ("FR", (-54.8, -51.4, 2.0, 6.0), "GF"),
    ("NO", (10.0, 34.0, 76.0, 81.0), "SJ"),
)
PLACES = {  # too small for the outlines, or within another's
    "BQ": (-68.3, 12.2), "BV": (3.4, -54.4), "CC": (96.9, -12.2), "CX": (105.7, -10.5), "GP": (-61.5, 16.2),
    "MQ": (-61.0, 14.7), "RE": (55.5, -21.1), "TK": (-171.8, -9.2), "VA": (12.5, 41.9), "YT": (45.2, -12.8),
}  # fmt: skip

Point = tuple[float, float]
Ring = list[Point]
Cell = tuple[int, int]
Shape = tuple[str, list[Ring]]


def forward(lon: float, lat: float) -> Point:
    """Degrees > the plane of Equal Earth, around the middle meridian."""
    lon = math.radians((lon - MIDDLE + 540) % 360 - 180)
    t = math.asin(math.sqrt(3) / 2 * math.sin(math.radians(lat)))
    return 2 * math.sqrt(3) * lon * math.cos(t) / (3 * _slope(t)), _height(t)


def backward(x: float, y: float) -> Point | None:
    """The plane > degrees; None beside the globe."""
    t = y
    for _ in range(12):
        t -= (_height(t) - y) / _slope(t)
    lon = 3 * x * _slope(t) / (2 * math.sqrt(3) * math.cos(t))
    sine = 2 * math.sin(t) / math.sqrt(3)
    if abs(lon) > math.pi or abs(sine) > 1:
        return None
    return (math.degrees(lon) + MIDDLE + 540) % 360 - 180, math.degrees(math.asin(sine))


def _height(t: float) -> float:
    return sum(a * t**power for a, power in zip(EARTH, (1, 3, 7, 9), strict=True))


def _slope(t: float) -> float:
    return sum(a * power * t ** (power - 1) for a, power in zip(EARTH, (1, 3, 7, 9), strict=True))


TOP = forward(0, NORTH)[1]
ROWS = int((TOP - forward(0, SOUTH)[1]) / RISE) + 1


def centre(cell: Cell) -> Point:
    """Where a cell lies in the plane; every other row is moved by half a step."""
    row, column = cell
    return (column + (0.5 if row % 2 else 0) + 0.25) * STEP - WIDTH / 2, TOP - row * RISE


def cell_at(x: float, y: float) -> Cell:
    """The cell nearest to a place."""
    row = min(max(round((TOP - y) / RISE), 0), ROWS - 1)
    return row, round((x + WIDTH / 2) / STEP - 0.25 - (0.5 if row % 2 else 0))


def shapes(path: Path, codes: dict[str, str]) -> Iterator[Shape]:
    """The outlines of a TopoJSON file: code of the country or nothing, rings in degrees."""
    topology = json.loads(path.read_text(encoding="utf-8"))
    (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs: list[Ring] = []
    for deltas in topology["arcs"]:
        x, y, arc = 0, 0, []
        for dx, dy in deltas:
            x, y = x + dx, y + dy
            arc.append((x * sx + tx, y * sy + ty))
        arcs.append(arc)
    for geometry in topology["objects"]["countries"]["geometries"]:
        name = geometry.get("properties", {}).get("name", "")
        if name == "Antarctica":  # beyond the edge of the map
            continue
        polygons = [geometry["arcs"]] if geometry["type"] == "Polygon" else geometry.get("arcs", [])
        rings = [_ring(ring, arcs) for polygon in polygons for ring in polygon]
        yield ELSEWHERE.get(name) or codes.get(geometry.get("id", ""), ""), rings


def _ring(indices: list[int], arcs: list[Ring]) -> Ring:
    """One ring, drawn on across the line of dates instead of around the world."""
    points: Ring = []
    for index in indices:
        for lon, lat in arcs[index] if index >= 0 else arcs[~index][::-1]:
            turns = round((points[-1][0] - lon) / 360) if points else 0
            points.append((lon + 360 * turns, lat))
    return points


def holds(rings: list[Ring], lon: float, lat: float) -> bool:
    """Whether a place is inside an outline, by counting the edges east of it."""
    inside = False
    for ring in rings:
        for (x0, y0), (x1, y1) in pairwise(ring):
            if (y0 > lat) != (y1 > lat) and lon < (x1 - x0) * (lat - y0) / (y1 - y0) + x0:
                inside = not inside
    return inside


def land(path: Path, codes: dict[str, str]) -> dict[Cell, str]:
    """Every cell whose centre is on land, with the code of its country."""
    known = [(code, rings, _box(rings)) for code, rings in shapes(path, codes)]
    found: dict[Cell, str] = {}
    for cell in ((row, column) for row in range(ROWS) for column in range(COLUMNS)):
        place = backward(*centre(cell))
        for code, rings, (west, east, south, north) in known if place else ():
            lon, lat = place or (0.0, 0.0)
            turned = [lon + turn for turn in (0, 360, -360) if west <= lon + turn <= east and south <= lat <= north]
            if any(holds(rings, one, lat) for one in turned):
                found[cell] = _part(code, lon, lat)
                break
    return found


def _box(rings: list[Ring]) -> tuple[float, float, float, float]:
    points = [point for ring in rings for point in ring]
    lons, lats = [p[0] for p in points], [p[1] for p in points]
    return min(lons), max(lons), min(lats), max(lats)


def _part(code: str, lon: float, lat: float) -> str:
    """The code of the part of an outline that stands in the list by itself, or the outline's own."""
    for owner, (west, east, south, north), part in PARTS:
        if code == owner and west <= lon <= east and south <= lat <= north:
            return part
    return code


def middles(path: Path, codes: dict[str, str]) -> dict[str, tuple[float, Point]]:
    """The largest island of each country: its area in square degrees and its middle."""
    found = {code: (0.0, place) for code, place in PLACES.items()}
    for code, rings in shapes(path, codes):
        for ring in rings:
            area = x = y = 0.0
            for (x0, y0), (x1, y1) in pairwise(ring):
                cross = x0 * y1 - x1 * y0
                area, x, y = area + cross, x + (x0 + x1) * cross, y + (y0 + y1) * cross
            if code and area and abs(area) > found.get(code, (0.0,))[0]:
                found[code] = abs(area), (x / (3 * area), y / (3 * area))
    return found


def settle(dots: dict[Cell, str], places: dict[str, tuple[float, Point]]) -> None:
    """Give every country that fell between the dots the nearest dot: of the sea, or of one that has many."""
    counts = {code: list(dots.values()).count(code) for code in {*dots.values(), *places}}
    for code, (_, place) in sorted(places.items(), key=lambda item: item[1][0]):
        x, y = forward(*place)
        if counts[code] or place[1] < SOUTH:
            continue
        row, column = cell_at(x, y)
        near = [(r, c) for r in range(row - 3, row + 4) for c in range(column - 3, column + 4) if 0 <= r < ROWS]
        near.sort(key=lambda cell: math.dist(centre(cell), (x, y)))
        cell = next(c for c in near if c not in dots or not dots[c] or counts[dots[c]] > SPARE)
        counts[dots.get(cell, "")] = counts.get(dots.get(cell, ""), 0) - 1
        dots[cell], counts[code] = code, 1


def runs(dots: dict[Cell, str]) -> Iterator[tuple[str, int, int, int]]:
    """Neighbours of one country in one row, together: code, row, first column, how many."""
    for code in sorted(set(dots.values())):
        cells = sorted(cell for cell, owner in dots.items() if owner == code)
        starts = [(r, c) for r, c in cells if (r, c - 1) not in dots or dots[(r, c - 1)] != code]
        for row, first in starts:
            last = first
            while dots.get((row, last + 1)) == code:
                last += 1
            yield code, row, first, last - first + 1


def numbers() -> dict[str, str]:
    """The M49 number of each country of the vocabulary > its code."""
    text = (HERE.parent / "skos" / "countries.ttl").read_text(encoding="utf-8")
    return {number: code for code, number in re.findall(r'skos:notation "(\w\w)",[^;]*?"(\d{3})"\^\^reg:M49', text)}


def main(atlas: Path) -> None:
    """Draw the map and write it beside this script."""
    codes = numbers()
    dots = land(atlas / "countries-50m.json", codes)
    settle(dots, middles(atlas / "countries-10m.json", codes))
    with (HERE / "dots.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("country", "row", "column", "dots"))
        writer.writerows(runs(dots))
    missing = sorted(set(codes.values()) - set(dots.values()))
    print(f"Dots: {len(dots)}. Countries: {len(set(dots.values()) - {''})}. Without a dot: {' '.join(missing)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
