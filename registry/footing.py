"""The published version that a draft stands on, where a newer one came since the draft was begun.

Nobody publishes over a version that they have not seen: whoever writes compares the two texts, and then says that
theirs goes on from the newer one. Source: threats: concurrent edits.
"""

from __future__ import annotations

from datetime import datetime

from registry import desk, drafts
from registry.desk import Actor
from registry.drafts import Draft
from registry.registry import Registry
from registry.terms import Graph


def renew(
    registry: Registry, actor: Actor, id: str, graph: Graph, *, revision: int, at: datetime, note: str | None = None
) -> Draft:
    """Keep what was written, on the newest published version of its record; only kept where that is its base already.

    Raises what `desk.save` raises. The text is kept first, so that it is not lost where somebody saves in between.
    """
    saved = desk.save(registry, actor, id, graph, revision=revision, at=at, note=note)
    entry = registry.record(saved.identifier)
    if entry is None or entry.number == saved.base:
        return saved
    with desk.changing(registry) as connection:
        based = drafts.save(connection, saved, by=actor.account, at=at, base=entry.number)
        old, new = f"version {saved.base}", f"version {entry.number}"
        desk.noted(connection, actor, "rebase", saved.identifier, at=at, old=old, new=new)
    return based
