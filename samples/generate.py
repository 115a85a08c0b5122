"""Writes the generated sample records: `python samples/generate.py`. The same files on every run."""

from __future__ import annotations

import tomllib
from pathlib import Path

from generator import needs, opportunities
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
    then = {"projects": 1, "opportunities": 201, "needs": 301, "organisations": 401}
    now = {"projects": 5001, "opportunities": 5101, "needs": 5201, "organisations": 5301}
    current = ("action-plan-2006", "capacity-areas-current")
    return [
        World("period-2004", "2004", then, ("action-plan-2004",), *shared),
        World("today", "today", now, current, *shared),
    ]


def write(world: World, folder: Path) -> None:
    """Write the four registers of a world into a folder; organisations last, for they follow from the others."""
    directory = Directory(world)
    projects = Projects(world, directory)
    registers = {"projects": projects.records()}
    registers["opportunities"] = opportunities.records(world, directory)
    registers["needs"] = needs.records(world, directory, projects)
    registers["organisations"] = directory.records()
    folder.mkdir(exist_ok=True)
    for register, records in registers.items():
        text = document(TITLE.format(register=register), records)
        (folder / f"{register}.ttl").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    for world in worlds():
        write(world, HERE / world.name)
