"""Somebody who publishes records one after the other, for figures."""

from datetime import UTC, datetime
from pathlib import Path

from registry import aims, arrivals, database, deposits, people
from registry.arrivals import Arrival
from registry.desk import Actor
from registry.registry import Registry
from registry.terms import NamedNode

MODEL = Path(__file__).parent / "data" / "shapes" / "contact" / "valid-minimal.ttl"


class Publisher:
    """Somebody who publishes contacts through the desk, with draft, receipt and audit line."""

    def __init__(self, registry: Registry, name: str, count: int) -> None:
        self.registry, self.format, self.at = registry, registry.formats["contact"], datetime.now(UTC)
        with database.writing(registry.ledger.engine) as connection:
            email = f"{name}@example.org"
            made = people.create(
                connection, email=email, name="B", language="en", at=self.at, by="bench", confirmed=True
            )
            people.appoint(connection, made.id, role="registered-user", by="bench", at=self.at)
            account = people.account(connection, made.id)
        assert account
        self.actor = Actor(account, door="api", origin="token")
        self._text = MODEL.read_text(encoding="utf-8").replace("BCH-ORG-SCBD-2>", "BCH-ORG-SCBD-401>")
        self.sent = [self._arrival(f"https://{name}.example/{number}") for number in range(count)]
        self._waiting = iter(self.sent)

    def _arrival(self, named: str) -> Arrival:
        text = self._text.replace("<id/BCH-CON-SCBD-900>", f"<{named}>")
        found = arrivals.read(self.registry, text.encode(), "text/turtle", format=self.format)
        return arrivals.sole(found, self.registry.own)

    def publish(self) -> NamedNode:
        """Publish the next one."""
        one = next(self._waiting)
        aim = aims.new(self.registry, self.actor, self.format, one)
        done = deposits.deposit(self.registry, self.actor, aim, one, deposits.Terms(self.at))
        assert done.version == 1
        return self.registry.own.record(done.identifier)
