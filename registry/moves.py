"""The life cycle of a record, read from its vocabularies: who may do what, in which status, with what outcome.

A move is a concept of `vocabulary/workflow-action`: it starts from statuses, leads to one and asks for a right. Which
role has which right is said by the categories of records (`vocabulary/record-category`); what a role is bound to (a
country, an institution, a format) and which source class follows from it by the roles (`vocabulary/user-role`).
Source: 2005 report, paragraphs 7 and 23 (d); roles and submission process of the Biosafety Clearing-House.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from registry.concepts import Concept, Concepts
from registry.errors import Forbidden
from registry.formats import Format
from registry.language import Texts
from registry.people import Account, Acting
from registry.shape import path_name
from registry.terms import NamedNode, Own

DEAD = "deleted"


@dataclass(frozen=True)
class Move:
    """One thing that can be done to a record; `target` is the status behind it, None where the status stays."""

    code: str
    names: Texts
    sources: frozenset[str]
    target: str | None
    right: NamedNode
    reason: bool


@dataclass(frozen=True)
class Owned:
    """Whose a record or draft is: its format; its country where it is national; the institution, or the account."""

    format: Format
    country: str | None = None
    institution: str | None = None
    account: str | None = None


class Moves(Mapping[str, Move]):
    """The moves and rights of the vocabularies in force."""

    def __init__(self, concepts: Concepts, own: Own) -> None:
        self._concepts, self._own = concepts, own
        scheme = concepts.scheme(own.iri("vocabulary/workflow-action"))
        found = [concepts.get(iri) for iri in (scheme.concepts if scheme else ())]
        self._moves = {concept.notation: self._move(concept) for concept in found if concept}

    def _move(self, concept: Concept) -> Move:
        reg, graph, iri = self._own.reg, concept.graph, concept.iri
        target = graph.iris(iri, reg.toStatus)
        return Move(
            code=concept.notation,
            names=concept.labels,
            sources=frozenset(path_name(status) for status in graph.iris(iri, reg.fromStatus)),
            target=path_name(target[0]) if target else None,
            right=next(iter(graph.iris(iri, reg.asksRight)), reg.mayEnd),
            reason=graph.text(iri, reg.needsReason) == "true",
        )

    def __getitem__(self, code: str) -> Move:
        return self._moves[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._moves)

    def __len__(self) -> int:
        return len(self._moves)

    def acting(self, account: Account, code: str, owned: Owned) -> Acting | None:
        """In which role an account may do something to what is owned so; None when it may not."""
        roles = self._roles(owned.format.category, self[code].right)
        fitting = [
            acting for acting in account.actings if acting.role in roles and self._reaches(account, acting, owned)
        ]
        return min(fitting, key=lambda acting: self._place(acting.role), default=None)

    def demand(self, account: Account, code: str, owned: Owned) -> Acting:
        """The same; raises Forbidden when the account may not."""
        found = self.acting(account, code, owned)
        if found is None:
            raise Forbidden(
                "You may not do this: {move}.",
                remedy="Ask those who may: the focal point of the country, or the Secretariat.",
                move=self[code].names,
            )
        return found

    def second_person(self, format: Format) -> bool:
        """Whether somebody else than the author must publish a record of this format."""
        category = self._concepts.get(format.category)
        return bool(category and category.graph.text(category.iri, self._own.reg.secondPerson) == "true")

    def source(self, role: str, format: Format) -> str | None:
        """The code of the source class that follows from a role in which a record of this format is given."""
        concept = self._concepts.get(self._own.concept("user-role", role))
        national = path_name(format.category) == "national-record"
        path = self._own.reg.sourceForNational if national else self._own.reg.sourceForReference
        found = concept.graph.iris(concept.iri, path) if concept else ()
        return path_name(found[0]) if found else None

    def bound(self, role: str) -> str | None:
        """What a role is bound to: country, institution or format; None where to nothing."""
        concept = self._concepts.get(self._own.concept("user-role", role))
        return concept.graph.text(concept.iri, self._own.reg.actsFor) if concept else None

    def _roles(self, category: NamedNode, right: NamedNode) -> frozenset[str]:
        concept = self._concepts.get(category)
        return frozenset(path_name(role) for role in concept.graph.iris(concept.iri, right)) if concept else frozenset()

    def _reaches(self, account: Account, acting: Acting, owned: Owned) -> bool:
        """Whether a role, with what it is bound to, reaches a record."""
        if acting.format and acting.format != owned.format.key:
            return False
        if owned.country is not None:
            return acting.country == owned.country or self.bound(acting.role) is None
        if self.bound(acting.role) in (None, "format"):
            return True
        if owned.institution is not None:
            return acting.institution == owned.institution
        return owned.account in (None, account.id)

    def _place(self, role: str) -> tuple[bool, str]:
        """The role that speaks for somebody comes before the one that may do everything."""
        return (self.bound(role) is None, role)
