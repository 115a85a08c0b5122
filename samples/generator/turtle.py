"""Turtle that people can read: one block a subject, one statement a line, always in the same order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

WIDTH = 110
COMMON = {
    "cap": "ns/capacity#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "org": "http://www.w3.org/ns/org#",
    "reg": "ns/registry#",
    "schema": "https://schema.org/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|<[^>]*>')
_PREFIX = re.compile(r"(?<![\w<-])([a-z][a-z0-9-]*):[\w-]")


def string(value: str) -> str:
    """A plain literal."""
    return f'"{value.translate(_ESCAPES)}"'


def texts(by_language: Mapping[str, str]) -> list[str]:
    """Literals with their languages."""
    return [f"{string(value)}@{lang}" for lang, value in by_language.items()]


def typed(value: object, datatype: str) -> str:
    """A literal of an XML Schema datatype."""
    return f'"{value}"^^xsd:{datatype}'


def iri(path: str) -> str:
    """An IRI, relative to the base of the registry that loads it."""
    return f"<{path}>"


@dataclass
class Thing:
    """One subject and what is said of it."""

    path: str
    statements: list[tuple[str, list[str]]] = field(default_factory=list)

    def say(self, predicate: str, *values: str | Iterable[str] | None) -> Thing:
        """Add a statement; without a value nothing is said."""
        flat: list[str] = []
        for value in values:
            if isinstance(value, str):
                flat.append(value)
            elif value is not None:
                flat.extend(value)
        if flat:
            self.statements.append((predicate, flat))
        return self

    def block(self) -> str:
        """The Turtle of this subject."""
        lines = [_line(predicate, values) for predicate, values in self.statements]
        head = f"<{self.path}>"
        if lines and lines[0].startswith("a ") and "\n" not in lines[0]:
            head += f" {lines.pop(0)}" + (" ;" if lines else " .")
        return head + "".join(f"\n    {line} {';' if i < len(lines) else '.'}" for i, line in enumerate(lines, 1))


def _line(predicate: str, values: list[str]) -> str:
    inline = f"{predicate} {', '.join(values)}"
    long = len(values) > 1 and any(value.startswith('"') and "@" in value for value in values)
    if not long and len(inline) <= WIDTH:
        return inline
    return predicate + "\n        " + ",\n        ".join(values)


@dataclass
class Record:
    """A record: the thing itself, its parts, and the document that says when and by whom it was recorded."""

    identifier: str
    thing: Thing
    doc: Thing
    parts: list[Thing] = field(default_factory=list)

    @classmethod
    def of(cls, identifier: str, kind: str) -> Record:
        """An empty record of a class, marked as a sample."""
        thing = Thing(f"id/{identifier}").say("a", kind).say("reg:sample", "true")
        return cls(identifier, thing, Thing(f"doc/{identifier}"))

    @property
    def iri(self) -> str:
        """What other records refer to."""
        return iri(self.thing.path)

    def part(self, name: str, kind: str) -> Thing:
        """A new part; its number follows from those there are."""
        stem = f"{self.thing.path}#{name}-"
        number = sum(part.path.startswith(stem) for part in self.parts) + 1
        part = Thing(f"{stem}{number}").say("a", kind)
        self.parts.append(part)
        return part

    def text(self) -> str:
        """The Turtle of the record."""
        return "\n\n".join(thing.block() for thing in (self.thing, *self.parts, self.doc))


def document(title: str, records: Iterable[Record]) -> str:
    """A whole file: a comment, the prefixes it uses, its records."""
    body = "\n\n\n".join(record.text() for record in records)
    used = sorted(set(_PREFIX.findall(_QUOTED.sub('""', body))) | {"xsd"})
    prefixes = [f"@prefix {name}: <{COMMON.get(name, f'vocabulary/{name}/')}> ." for name in used]
    return f"# {title}\n\n" + "\n".join(prefixes) + f"\n\n\n{body}\n"
