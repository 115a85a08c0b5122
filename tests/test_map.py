"""The world in dots: its data, its drawing, its figures."""

import gzip
import re

import pytest
from starlette.testclient import TestClient

from registry.registry import Registry
from registry.search import TYPE, Asked, Search
from tests.conftest import ROOT
from tests.test_http import app_client as app_client
from tests.test_http import ask
from web.found import Found
from web.map import MARGIN, Land, land, locator, picture, stroke
from web.places import Places, countries, holding
from web.render import Renderer

HEAVIEST = 40_000


@pytest.fixture(scope="module")
def world() -> Land:
    return land(ROOT)


def test_every_country_has_a_dot_but_those_beyond_the_edge(registry: Registry, world: Land) -> None:
    codes = {concept.notation for concept in countries(registry)}
    assert set(world.runs) - {""} <= codes
    assert codes - set(world.runs) == {"AQ", "EU", "TW"}


def test_no_two_dots_lie_on_each_other(world: Land) -> None:
    dots = [(r.row, r.column + n) for runs in world.runs.values() for r in runs for n in range(r.dots)]
    assert len(dots) == len(set(dots))
    assert sum(run.dots for run in world.all) == len(dots)


def test_the_map_lies_as_the_world_does(world: Land) -> None:
    """North is up and west is left, in every language."""

    def middle(code: str) -> tuple[float, float]:
        left, top, right, bottom = world.around(code) or (0, 0, 0, 0)
        return (left + right) / 2, (top + bottom) / 2

    assert middle("CA")[0] < middle("IE")[0] < middle("CN")[0] < middle("NZ")[0]
    assert middle("NO")[1] < middle("IT")[1] < middle("KE")[1] < middle("ZA")[1]
    assert middle("UA")[1] < middle("EG")[1]
    width, height = world.size
    assert all(run.x >= MARGIN and run.end <= width and run.y <= height for runs in world.runs.values() for run in runs)


def test_a_run_is_one_stroke_of_as_many_dots(world: Land) -> None:
    run = next(run for run in world.runs["RU"] if run.dots > 2)
    assert stroke([run]) == f"M{run.x} {run.y}h{8 * (run.dots - 1) + 1}"


def test_a_locator_holds_its_country(registry: Registry, world: Land) -> None:
    for code in world.runs:
        found = locator(ROOT, code) if code else None
        if not found:
            continue
        x, y, width, height = found.box
        left, top, right, bottom = world.around(code) or (0, 0, 0, 0)
        assert x <= left and right <= x + width and y <= top and bottom <= y + height, code
    assert locator(ROOT, "EU") is None


def test_the_figures_are_those_of_the_registers(registry: Registry, world: Land) -> None:
    """The map counts what the register finds for the country: two queries, one answer."""
    day, search = registry.changed.date(), Search(registry, None)
    for format in registry.formats.values():
        places = Places(registry, format)
        for code in ("KE", "CN", "FR", "TV", "US", "EU"):
            country = registry.own.concept("countries", code)
            found = Found(search, Asked(chosen={TYPE: (format.target,)}, country=country, day=day), day)
            named = [entry for entry in found.entries(found.all) if not found.through(entry)]
            count = places.count(country)
            assert (count.named, count.both) == (len(named), len(found.all)), (format.key, code)
            concerns = places.concerning(country)
            assert sum(not one.through for one in concerns) == count.named
            assert len(concerns) == count.both


def test_places_are_found_by_every_field_that_holds_them(registry: Registry) -> None:
    assert registry.own.cap["country"] in holding(registry)


@pytest.mark.parametrize("by", ["named", "reached"])
def test_steps_follow_the_figures(registry: Registry, by: str) -> None:
    found = picture(Renderer(registry, "/").page("en", "map"), None, by)
    for mark in found.marks:
        number = mark.count.named if by == "named" else mark.count.reached
        assert mark.step == sum(number >= begin for begin in found.ladder)
    assert [mark.name for mark in found.rows][:1] == [min((m.name for m in found.marks), key=str.casefold)]


@pytest.mark.parametrize("path", ["/", "/map", "/country"])
def test_pages_with_the_world_stay_light(app_client: TestClient, path: str) -> None:
    body = ask(app_client, "GET", path, {"Accept": "text/html"}).content
    assert len(gzip.compress(body, 6)) < HEAVIEST


@pytest.mark.parametrize("lang", ["en", "fr", "es", "ru", "zh", "ar"])
def test_nothing_is_in_the_picture_alone(app_client: TestClient, lang: str) -> None:
    page = ask(app_client, "GET", f"/map?lang={lang}", {"Accept": "text/html"}).text
    drawn = set(re.findall(r'<a href="(/country/\w\w)" class="s\d', page))
    table = set(re.findall(r'<th scope="row"><a href="(/country/\w\w)"', page))
    assert drawn
    assert drawn <= table
    assert "mirror" not in page
