"""The names of inputs: `title.en`, `links`, `contact-1.email`, `need-3.description.fr`; and where a finding belongs.

A part is a fragment of its record, and the fragment names its inputs: `#contact-1` is `contact-1`. A fragment that does
not begin with the key of its field says the key too: `#secretariat` is `contact~secretariat`. Points divide a name,
so in a fragment they are written `=2E`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from registry.findings import Finding
from registry.formats import Field
from registry.shape import all_fields
from registry.terms import Graph, NamedNode

ASKED = "asked-of"  # the concept that a questionnaire asks about; no key of a field holds a hyphen
CHOSEN = "choose-"  # before the number of a reference, the match that was chosen for it
NOT_ASSESSED = "-"
NOT_SAID = "?"
LONGEST = 200  # characters of a name
_DEPTH = 8


@dataclass
class Node:
    """What was posted below one prefix: values by key, and what lies deeper."""

    values: dict[str, list[str]] = field(default_factory=dict)
    inner: dict[str, Node] = field(default_factory=dict)

    def all(self, key: str) -> list[str]:
        """The values of a key."""
        return self.values.get(key, [])

    def one(self, key: str) -> str:
        """The last value of a key, or nothing."""
        return (self.values.get(key) or [""])[-1]

    def below(self, key: str) -> Node:
        """What lies below a key."""
        return self.inner.get(key) or Node()


def tree(fields: Mapping[str, Sequence[str]]) -> Node:
    """The posted fields by their names; those that `remove` names are left out, names of no sense are passed over."""
    root = Node()
    gone = tuple(fields.get("remove", ()))
    for name, values in fields.items():
        path = name.split(".")
        if len(path) > _DEPTH or any(name == prefix or name.startswith(prefix + ".") for prefix in gone if prefix):
            continue
        node = root
        for step in path[:-1]:
            node = node.inner.setdefault(step, Node())
        node.values.setdefault(path[-1], []).extend(values)
    return root


def joined(prefix: str, key: str) -> str:
    """The name of an input below a prefix."""
    return f"{prefix}.{key}" if prefix else key


def prefix_of(record: NamedNode, part: NamedNode, key: str, keys: Iterable[str]) -> str | None:
    """The last piece of the prefix of a part; None for what is no fragment of the record."""
    whole, _, fragment = part.value.partition("#")
    if whole != record.value or not fragment:
        return None
    said = fragment.replace("=", "=3D").replace(".", "=2E").replace("~", "=7E")
    return said if said.startswith(key + "-") and _owner(said, keys) == key else f"{key}~{said}"


def part_of(record: NamedNode, prefix: str, keys: Iterable[str]) -> tuple[str, NamedNode] | None:
    """The key of its field and the IRI of the part that a prefix names; None where it names none."""
    key = _owner(prefix, keys)
    if key is None:
        return None
    said = prefix[len(key) + 1 :] if prefix[len(key)] == "~" else prefix
    fragment = re.sub("=(2E|3D|7E)", lambda found: chr(int(found[1], 16)), said)
    try:
        return key, NamedNode(f"{record.value}#{fragment}")
    except ValueError:
        return None


def _owner(prefix: str, keys: Iterable[str]) -> str | None:
    longest = sorted(keys, key=len, reverse=True)
    return next((key for key in longest if re.match(f"{re.escape(key)}[~-].", prefix)), None)


def field_of(name: str, fields: Sequence[Field]) -> Field | None:
    """The field that an input or a part is of, by its name; None for a name that no form holds, or one without end."""
    *prefix, last = name.split(".") if len(name) <= LONGEST else ("",)
    for piece in prefix:
        held = _held(piece, fields)
        if held is None or held.part is None:
            return None
        fields = held.part.fields
    return next((field for field in fields if field.key == last), None) or _held(last, fields)


def _held(prefix: str, fields: Sequence[Field]) -> Field | None:
    """The field that a part is in, by the piece of its prefix."""
    found = part_of(NamedNode("urn:"), prefix, [field.key for field in fields if field.part])
    return next((field for field in fields if found and field.key == found[0]), None)


def part_keys(fields: Iterable[Field]) -> list[str]:
    """The keys of the fields that hold parts, and of those within them."""
    return sorted({field.key for field in all_fields(fields) if field.part})


def next_free(graph: Graph, record: NamedNode, key: str) -> str:
    """The prefix of one more part: a number above all that the record uses, so that no IRI changes its meaning."""
    pattern = re.compile(re.escape(f"{record.value}#{key}-") + "([0-9]{1,9})")
    named = [term for triple in graph for term in (triple.subject, triple.object) if isinstance(term, NamedNode)]
    used = [int(found[1]) for term in named if (found := pattern.fullmatch(term.value))]
    return f"{key}-{max(used, default=0) + 1}"


def natural(part: NamedNode) -> tuple[str, int, str]:
    """What parts are sorted by: `#contact-2` before `#contact-10`."""
    stem, _, number = part.value.rpartition("-")
    plain = number.isascii() and number.isdigit() and len(number) < 10
    return (stem, int(number), "") if plain else (part.value, 0, number)


def places(
    record: NamedNode,
    graph: Graph,
    fields: Sequence[Field],
    keys: Sequence[str],
    subject: NamedNode | None = None,
    prefix: str = "",
) -> Iterator[tuple[NamedNode, str, Sequence[Field]]]:
    """The record and its parts: each with the prefix of its inputs and its fields."""
    subject = subject or record
    yield subject, prefix, fields
    if prefix.count(".") >= _DEPTH:
        return
    for held in fields:
        for part in graph.iris(subject, held.path) if held.part else ():
            piece = prefix_of(record, part, held.key, keys)
            if piece and held.part:
                yield from places(record, graph, held.part.fields, keys, part, joined(prefix, piece))


def place_of(finding: Finding, record: NamedNode, graph: Graph, fields: Sequence[Field]) -> tuple[str, Field | None]:
    """The name of the field or part that a finding is about, and the field; ("", None) where none is.

    The name is the same for all languages: `title` for a text whose inputs are `title.en` and so on;
    `contact-1.email`; `contact-1` for a part itself.
    """
    for subject, prefix, known in places(record, graph, fields, part_keys(fields)):
        if subject == finding.focus:
            found = next((field for field in known if field.key == finding.key), None)
            return (joined(prefix, found.key) if found else prefix), found
    return "", None
