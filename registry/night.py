"""The nightly round: small steps under one lease. A step that fails is written down, and the round goes on.

The clock is a parameter. A round that comes a week late does in one night what seven would have done; a second round
the same night finds nothing to do; a clock that was set back finds less to do, never something to undo.
Source: 2005 report, paragraph 10 (archived automatically when the time of availability is over).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from registry import attachments, database, dumps, lease, outbox, repeats, sessions, throttle, tickets
from registry.errors import Conflict
from registry.ledger import since_version
from registry.queries import Query
from registry.registry import Registry
from registry.shape import path_name
from registry.terms import NamedNode

BATCH = 200


@dataclass(frozen=True)
class Done:
    """What one step came to: how many things it did, or why it failed."""

    step: str
    count: int
    failed: str = ""


Step = Callable[[Registry, datetime], int]


def run(
    registry: Registry, at: datetime, *, by: str, now: datetime | None = None, steps: dict[str, Step] | None = None
) -> list[Done]:
    """One round at a moment; raises Conflict while another process is at it.

    `now` is the time of the machine, by which its lease runs, where the steps are to see another moment.
    """
    engine = registry.ledger.engine
    done = []
    with lease.held(engine, "night", by, now or at):
        for name, step in (STEPS if steps is None else steps).items():
            registry.follow()
            try:
                found = Done(name, step(registry, at))
            except Exception as error:  # whatever it is, the steps behind it must have their turn
                found = Done(name, 0, f"{type(error).__name__}: {error}")
            done.append(found)
            _write_down(registry, found, at)
    return done


def note(registry: Registry, at: datetime) -> int:
    """Append the events that time brought: each query of `sparql/night/` names the records of one kind of event."""
    return sum(_noted(registry, query, at) for query in registry.queries.below("night"))


def rules(registry: Registry, at: datetime) -> int:
    """Ask every rule of the whole store: no row is right. Raises Conflict, naming records, where one is broken."""
    found = registry.checks.rules.round(registry.graphs.select, registry.concepts, at.astimezone(UTC).date())
    excused = {rule.name for rule in registry.checks.rules.all if rule.absence}  # legacy records may lack things
    broken = [finding for finding in found if finding.blocks and finding.component not in excused]
    if broken:
        named = sorted({f"{path_name(f.focus)} ({f.component})" for f in broken})
        raise Conflict("Rules are broken: {records}.", records=", ".join(named[:20]))
    return len(found)


def clear(registry: Registry, at: datetime) -> int:
    """Remove what is past its use: old letters, files that nothing names, and sessions, secrets, tries, answers."""
    rooms = (outbox, sessions, tickets, throttle, repeats, attachments)
    with database.writing(registry.ledger.engine) as connection:
        return sum(room.clear(connection, at) for room in rooms)


def dump(registry: Registry, at: datetime) -> int:
    """Write a dump where anything is new since the last one, and remove old ones; how many files were written."""
    folder = registry.settings.dumps
    written = dumps.write(registry, folder, at)
    dumps.prune(folder, registry.settings.kept_dumps)
    return len(written.files) if written else 0


def letters(registry: Registry, at: datetime) -> int:
    """How many letters failed in the last day, for whoever reads what the round came to."""
    with database.reading(registry.ledger.engine) as connection:
        return outbox.failing(connection, at - timedelta(days=1))


def _noted(registry: Registry, query: Query, at: datetime) -> int:
    """The events of one query. A record that was taken back from the archive is not archived a second time."""
    kind, count = query.meta["event"], 0
    rows = registry.select(query.name, day=at.astimezone(UTC).date())
    records = [row["record"].value for row in rows if isinstance(row["record"], NamedNode)]
    for start in range(0, len(records), BATCH):
        with registry.ledger.writing() as writer:
            for record in records[start : start + BATCH]:
                if not {"archived", "restored", "retired", "merged"} & set(since_version(writer.kinds(record))):
                    writer.append(kind, record, by="night")
                    count += 1
    registry.follow()
    return count


def _write_down(registry: Registry, done: Done, at: datetime) -> None:
    row = {"at": at.isoformat(), "step": done.step, "count": done.count, "failed": done.failed or None}
    with database.writing(registry.ledger.engine) as connection:
        connection.execute(database.round.insert(), row)


STEPS: dict[str, Step] = {"note": note, "rules": rules, "clear": clear, "dump": dump, "letters": letters}
