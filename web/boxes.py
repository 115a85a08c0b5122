"""What a form is made of: sections, boxes (one a field), rows (one an input), parts. Templates only draw them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from registry.findings import Finding
from registry.formats import Field
from registry.language import Texts
from registry.terms import NamedNode
from web.pickers import Answers, Option
from web.render import Page
from web.words import Text
from web.words import marked as _

DUTIES = {"must": _("Mandatory"), "should": _("Recommended"), "may": _("Optional")}
WEIGHTS = {"must": _("Must be put right"), "should": _("Should be better"), "may": _("Could be better")}
LOOKS = {
    "date": ("text", "", "ltr"),
    "number": ("text", "decimal", "ltr"),
    "integer": ("text", "numeric", "ltr"),
    "link": ("url", "url", "ltr"),
    "email": ("email", "email", "ltr"),
    "telephone": ("tel", "tel", "ltr"),
}


@dataclass(frozen=True)
class Around:
    """What a form cannot know by itself; each has a default, so that a form can be drawn without.

    `lookup` finds records of a class by text: IRI, label, identifier. `called` names a record that is referred to;
    `create` is the register where one more record of a class is begun; `address` is where a step of this form is.
    """

    lookup: Callable[[NamedNode, str], Sequence[tuple[NamedNode, Texts, str]]] = lambda target, text: ()
    called: Callable[[NamedNode], Texts | None] = lambda iri: None
    create: Callable[[NamedNode], str] = lambda target: ""
    address: Callable[[str], str] = lambda step: ""


@dataclass(frozen=True)
class Told:
    """A finding beside what it is about; `target` is the id of the input that a link should lead to."""

    finding: Finding
    severity: str
    weight: str
    message: str
    remedy: str
    target: str


@dataclass(frozen=True)
class Match:
    """A record that may be meant by what was typed."""

    value: str
    label: Text


@dataclass(frozen=True)
class Row:
    """One input for text. `label` names a language, or the record that is referred to."""

    id: str
    name: str
    value: str
    lang: str = ""
    dir: str = "auto"
    label: Text | None = None
    faulty: bool = False
    required: bool = False
    matches: tuple[Match, ...] = ()
    choose: str = ""
    href: str = ""


@dataclass(frozen=True)
class Inner:
    """One part in a form. In a questionnaire `asked` is the concept it is asked for, and `answer` holds the answers."""

    prefix: str
    legend: Text
    boxes: tuple[Box, ...]
    told: tuple[Told, ...] = ()
    asked: str = ""
    definition: Text | None = None
    answer: Box | None = None
    open: bool = True

    @property
    def described(self) -> str:
        """The ids of what is told of it."""
        return f"{self.prefix}.told" if self.told else ""


@dataclass(frozen=True)
class Box:
    """One field in a form.

    `widget` is text, lines, radios, select, checks, scroll, parts, questions, file or facts; `others` are the rows of
    a text in other languages, folded unless `open`; `kept` are values of a field of parts that are no parts of the
    record.
    """

    field: Field
    name: str
    widget: str
    rows: tuple[Row, ...] = ()
    others: tuple[Row, ...] = ()
    groups: tuple[Answers, ...] = ()
    inner: tuple[Inner, ...] = ()
    kept: tuple[Option, ...] = ()
    told: tuple[Told, ...] = ()
    limit: int | None = None
    long: bool = False
    open: bool = False
    more: bool = False
    create: str = ""
    id: str = ""

    @property
    def duty(self) -> str:
        """Mandatory, recommended or optional: a sentence to be translated."""
        return DUTIES[self.field.severity]

    @property
    def faulty(self) -> bool:
        """Whether the record is refused because of it."""
        return any(told.severity == "must" for told in self.told)

    @property
    def described(self) -> str:
        """The ids of its help and of what is told of it."""
        help = [f"{self.name}.help"] if self.field.descriptions or self.field.kind == "date" else []
        return " ".join([*help, *([f"{self.name}.told"] if self.told else [])])

    @property
    def filled(self) -> bool:
        """Whether anything stands in it."""
        chosen = any(one.checked and one.value for group in self.groups for top in group.options for _, one in top.flat)
        return chosen or any(row.value for row in (*self.rows, *self.others)) or bool(self.inner or self.kept)

    @property
    def chosen(self) -> list[Text]:
        """What is chosen, so that it is seen above a long list."""
        every = (one for group in self.groups for top in group.options for _depth, one in top.flat)
        return [one.label for one in every if one.checked]

    @property
    def look(self) -> tuple[str, str, str]:
        """The type, the keyboard and the direction of its inputs."""
        return LOOKS.get(self.field.kind, ("text", "", "auto"))


@dataclass(frozen=True)
class Section:
    """A step of a form with its boxes."""

    key: str
    title: Text
    boxes: tuple[Box, ...]


@dataclass(frozen=True)
class Notice:
    """A finding in the summary: what it says, which field and part it is about, where that is (or nowhere)."""

    severity: str
    weight: str
    field: Text | None
    within: Text | None
    message: str
    href: str


@dataclass(frozen=True)
class Stop:
    """A step in the list of steps. `faults` counts what is refused in it; `started` says that it holds something."""

    key: str
    title: Text
    href: str
    here: bool
    faults: int
    started: bool


@dataclass(frozen=True)
class Form:
    """A form, ready to be drawn. `refused`: it comes back because of its findings, so the summary takes the focus."""

    record: NamedNode
    step: str
    sections: tuple[Section, ...]
    notices: tuple[Notice, ...]
    stops: tuple[Stop, ...]
    refused: bool = False

    @property
    def uploads(self) -> bool:
        """Whether files can be chosen in it."""
        boxes = [box for section in self.sections for box in section.boxes]
        while boxes:
            box = boxes.pop()
            if box.widget == "file":
                return True
            boxes += [inner for part in box.inner for inner in part.boxes]
        return False

    @property
    def next(self) -> str:
        """The key of the step after this one; nothing after the last, or where all are shown."""
        return self._beside(1)

    @property
    def previous(self) -> str:
        """The key of the step before this one."""
        return self._beside(-1)

    def _beside(self, way: int) -> str:
        keys = [stop.key for stop in self.stops]
        place = keys.index(self.step) + way if self.step in keys else -1
        return keys[place] if 0 <= place < len(keys) else ""


def told(page: Page, finding: Finding, target: str, kind: str = "") -> Told:
    """A finding in the reader's words.

    `kind` is that of its field: what a value is typed with, which a remedy would tell a program, a form does by itself.
    """
    typed = finding.component == "NodeConstraintComponent" and kind in LOOKS
    return Told(
        finding=finding,
        severity=finding.severity,
        weight=page.say_in_words(WEIGHTS[finding.severity]),
        message=finding.say(page.lang),
        remedy="" if typed else finding.advise(page.lang),
        target=target,
    )
