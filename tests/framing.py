"""Framing and compaction as JSON-LD 1.1 has them, for the frames and contexts that the registry publishes.

Written from the standards alone, to hold the registry's own writing against: https://www.w3.org/TR/json-ld11-framing/
(embed @once, a frame of one type) and https://www.w3.org/TR/json-ld11-api/ (compaction by terms).
"""

from typing import Any

Json = dict[str, Any]


def framed(nodes: list[Json], frame: Json, context: Json) -> Json:
    """The tree of the one node that the frame asks for, in the terms of the context."""
    by_id = {node["@id"]: node for node in nodes}
    (wanted,) = (context[name] for name in frame["type"])
    (root,) = (node for node in nodes if wanted in node.get("@type", []))
    terms = {definition["@id"]: (name, definition) for name, definition in _definitions(context).items()}
    assert len(terms) == len(_definitions(context)), "two terms of one property: none could be chosen"
    return {"@context": frame["@context"], **_node(root["@id"], by_id, terms, {})}


def _definitions(context: Json) -> dict[str, Json]:
    full = {
        name: {"@id": given} if isinstance(given, str) else given for name, given in context.items() if name[0] != "@"
    }
    return {name: given for name, given in full.items() if given["@id"] not in ("@id", "@type")}


def _node(iri: str, by_id: dict[str, Json], terms: dict[str, tuple[str, Json]], embedded: dict[str, None]) -> Json:
    embedded[iri] = None
    found: Json = {"id": iri}
    for predicate, values in by_id[iri].items():
        if predicate == "@type":
            found["type"] = [terms[one][0] if one in terms else one for one in values]
        elif predicate != "@id":
            for value in values:
                _add(found, predicate, value, by_id, terms, embedded)
    return found


def _add(
    found: Json,
    predicate: str,
    value: Json,
    by_id: dict[str, Json],
    terms: dict[str, tuple[str, Json]],
    seen: dict[str, None],
) -> None:
    name, term = terms.get(predicate, (predicate, {"@container": "@set"}))
    container, coerced = term.get("@container"), term.get("@type")
    if container == "@language" and "@language" in value:
        found.setdefault(name, {})[value["@language"]] = value["@value"]
        return
    if "@id" in value:
        nested = value["@id"] in by_id and value["@id"] not in seen
        written = _node(value["@id"], by_id, terms, seen) if nested else value["@id"] if coerced == "@id" else value
    elif value.get("@type") == coerced and term.get("@id"):
        written = value["@value"]
    else:  # no term takes a value of another type
        name, container, written = predicate, "@set", value
    if container == "@set":
        found.setdefault(name, []).append(written)
    else:
        assert name not in found, f"{name} has a second value and no array"
        found[name] = written
