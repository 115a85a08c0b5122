"""Writes the generated sample records: `python samples/generate.py`. The same files on every run."""

from __future__ import annotations

import tomllib
from pathlib import Path

from generator import courses, library, meetings, needs, offices, opportunities, reporting
from generator.book import Book
from generator.organisations import Directory
from generator.plan import World
from generator.projects import Projects
from generator.turtle import document
from generator.vocabulary import Vocabulary

HERE = Path(__file__).resolve().parent
TITLE = "Generated sample {register}: invented, none of them exists. Written by samples/generate.py; do not edit."


def worlds() -> list[World]:
    """The two worlds: the end of 2004, and today."""
    vocabulary = Vocabulary(HERE.parent / "vocabularies" / "skos")
    book = Book(HERE / "texts", vocabulary)
    plan = HERE / "plan"
    topics, offers = (tomllib.loads((plan / f"{name}.toml").read_text("utf-8")) for name in ("topics", "offers"))
    shared = (plan, book, vocabulary, topics, offers)
    then = {"projects": 1, "opportunities": 201, "needs": 301, "organisations": 401, "courses": 601}
    now = {"projects": 5001, "opportunities": 5101, "needs": 5201, "organisations": 5301, "courses": 5401}
    now |= {"resources": 5421, "contacts": 5441, "groups": 5451, "meetings": 5461, "mechanisms": 5481}
    now |= {"news": 5501, "reports": 5521, "recommendations": 5541}
    current = ("action-plan-2006", "capacity-areas-current")
    return [
        World("period-2004", "2004", then, ("action-plan-2004",), *shared),
        World("today", "today", now, current, *shared),
    ]


def write(world: World, folder: Path) -> None:
    """Write the registers of a world into a folder.

    Organisations come after what they follow from; the dice of the registers after them change nothing before.
    """
    directory = Directory(world)
    projects = Projects(world, directory)
    registers = {"projects": projects.records()}
    registers["opportunities"] = opportunities.records(world, directory)
    registers["needs"] = needs.records(world, directory, projects)
    registers["organisations"] = directory.records()
    registers["courses"] = courses.records(world, directory)
    if world.name == "today":
        registers |= {"resources": library.resources(world, directory), "news": library.news(world, directory)}
        registers["contacts"] = offices.records(world, directory)
        registers |= meetings.registers(world, directory)
        registers |= reporting.registers(world, directory, registers["meetings"])
    folder.mkdir(exist_ok=True)
    for register, records in registers.items():
        text = document(TITLE.format(register=register), records)
        (folder / f"{register}.ttl").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    for world in worlds():
        write(world, HERE / world.name)
