"""What is wrong with a record, where, and what to do: one finding shape for every door and every surface.

Focus node and path become the field of a form, the cell of a sheet, the pointer of problem+json or the line of a
load's summary; the words are data, `shapes/messages.ttl` and the shapes themselves, in six languages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from registry.errors import fill
from registry.language import Texts, pick
from registry.shape import Field, path_name
from registry.terms import SH, Graph, NamedNode, Own


@dataclass(frozen=True)
class Finding:
    """One finding. `component` is the SHACL constraint component or the check that found it.

    `severity` is must (the record is refused), should or may. `focus` is the record or one of its parts; `path`
    the property; `key` the field's key, or the property's name where no field has it.
    """

    component: str
    severity: str
    focus: NamedNode
    path: NamedNode | None = None
    key: str = ""
    value: str = ""
    value_names: Texts = field(default_factory=dict, hash=False)
    names: Texts = field(default_factory=dict, hash=False)
    messages: Texts = field(default_factory=dict, hash=False)
    remedies: Texts = field(default_factory=dict, hash=False)
    limit: str = ""
    allowed: tuple[Texts, ...] = field(default=(), hash=False)

    @property
    def blocks(self) -> bool:
        """The record is refused because of it."""
        return self.severity == "must"

    def say(self, lang: str = "en") -> str:
        """What is wrong, in a language."""
        return fill(pick(self.messages, lang)[0] or self.component, self._places(lang))

    def advise(self, lang: str = "en") -> str:
        """What to do about it; empty where the message says it all."""
        return fill(pick(self.remedies, lang)[0], self._places(lang))

    def _places(self, lang: str) -> Mapping[str, str]:
        return {
            "field": pick(self.names, lang)[0] or self.key or (self.path.value if self.path else ""),
            "value": pick(self.value_names, lang)[0]
            or (self.value if len(self.value) < 120 else self.value[:117] + "…"),
            "limit": self.limit,
            "allowed": " / ".join(pick(texts, lang)[0] for texts in self.allowed) or self.limit,
        }


class Messages:
    """The words of findings by constraint component, from `shapes/messages.ttl`."""

    def __init__(self, shapes: Graph, own: Own) -> None:
        self._shapes, self._own = shapes, own

    def finding(
        self,
        component: str,
        focus: NamedNode,
        *,
        severity: str = "must",
        path: NamedNode | None = None,
        field: Field | None = None,
        value: str = "",
        value_names: Texts = MappingProxyType({}),
        limit: str = "",
        allowed: tuple[Texts, ...] = (),
    ) -> Finding:
        """A finding of a component of SHACL, or of the registry's own where SHACL has none."""
        own = self._own.reg[component]
        subject = own if self._shapes.described(own) else SH[component]
        return Finding(
            component=component,
            severity=severity,
            focus=focus,
            path=field.path if field else path,
            key=field.key if field else (path_name(path) if path else ""),
            value=value,
            value_names=value_names,
            names=field.names if field else {},
            messages=self._shapes.texts(subject, SH.message),
            remedies=self._shapes.texts(subject, self._own.reg.remedy),
            limit=limit,
            allowed=allowed,
        )
