"""What people type > RDF terms, and back, by the kind of the field.

Nothing that was typed is lost: what cannot be a date, a number or an address becomes a literal with its text as it was
typed, so that the checks tell of it and the form shows it again.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping

from registry.concepts import Concepts
from registry.formats import Field
from registry.records import identifier
from registry.shape import path_name
from registry.terms import XSD, Literal, NamedNode, Own, Term

Entered = tuple[Term, bool]
"""A term, and whether the field surely means it: whether it is more than the typed text, kept."""

ADDRESSES = ("link", "email", "telephone", "part")
BARE = {"email": "mailto:", "telephone": "tel:"}
_DATES = {
    XSD.gYear: re.compile(r"\d{4}"),
    XSD.gYearMonth: re.compile(r"\d{4}-\d{2}"),
    XSD.date: re.compile(r"\d{4}-\d{2}-\d{2}"),
}
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_HOST = re.compile(r"([\w-]+\.)+[^\W\d_]{2,}(:\d+)?([/?#]|$)")
_PHONE = re.compile(r"[+0-9().\-/;=extEXT#*]+")
_NUMBER = {"number": re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)"), "integer": re.compile(r"[+-]?\d+")}


def cleaned(text: str) -> str:
    """A text as the registry keeps it: line ends as one, no white space around it, composed (Unicode NFC)."""
    return unicodedata.normalize("NFC", _trimmed(text)).strip()


def _trimmed(text: str) -> str:
    """The same with its letters as they were typed: an address that is composed otherwise leads elsewhere."""
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


class Typist:
    """Reads and writes the values of fields. `concepts` are those in force."""

    def __init__(self, concepts: Concepts, own: Own) -> None:
        self._concepts, self._own = concepts, own
        self._codes: dict[tuple[NamedNode, ...], dict[str, NamedNode]] = {}
        self._read: Mapping[str, Callable[[Field, str], Entered]] = {
            "date": _date,
            "number": _number,
            "integer": _number,
            "boolean": _boolean,
            "concept": self._concept,
            "record": self._record,
            "link": _link,
            "file": _file,
            "email": _email,
            "telephone": _telephone,
            "part": _link,
        }

    def term(self, field: Field, text: str, before: Iterable[Term] = ()) -> Term | None:
        """The value that a text stands for; None for blanks.

        What cannot surely be told stays the value it was `before` if it reads the same, else a literal.
        """
        as_kept = _trimmed if field.kind in ADDRESSES else cleaned
        said = as_kept(text)
        if not said:
            return None
        read = self._read.get(field.kind)
        found, sure = read(field, said) if read else (Literal(said), False)
        if sure:
            return found
        kept = (term for term in before if as_kept(self.text(field, term)) == said and (read or _plain(term)))
        return next(kept, found)

    def text(self, field: Field, term: Term) -> str:
        """A value as it stands in an input; read again, it is the same value wherever it was a good one."""
        if not isinstance(term, NamedNode):
            truth = field.kind == "boolean" and isinstance(term, Literal) and term.datatype == XSD.boolean
            return {"1": "true", "0": "false"}.get(term.value, term.value) if truth else term.value
        short = term.value
        if field.kind == "concept":
            code = path_name(term)
            return code if self.codes(field.schemes).get(code) == term else term.value
        if field.kind == "record":
            short = path_name(term)
        elif field.kind in BARE:
            short = term.value.removeprefix(BARE[field.kind])
        if short != term.value and self._read[field.kind](field, short)[0] == term:
            return short
        return term.value

    def codes(self, schemes: tuple[NamedNode, ...]) -> Mapping[str, NamedNode]:
        """The concepts of some schemes by code and notation, as far as these name one only."""
        if schemes not in self._codes:
            found: dict[str, set[NamedNode]] = {}
            for scheme in filter(None, map(self._concepts.scheme, schemes)):
                for iri in scheme.concepts:
                    concept = self._concepts.get(iri)
                    for code in {path_name(iri), concept.notation if concept else path_name(iri)}:
                        found.setdefault(code, set()).add(iri)
            self._codes[schemes] = {code: next(iter(iris)) for code, iris in found.items() if len(iris) == 1}
        return self._codes[schemes]

    def _concept(self, field: Field, text: str) -> Entered:
        if found := self.codes(field.schemes).get(text):
            return found, True
        return _iri(text) if _SCHEME.match(text) else (Literal(text), False)

    def _record(self, field: Field, text: str) -> Entered:
        path = text
        for room in ("id/", "doc/"):
            path = path.removeprefix(self._own.base + room)
        if found := identifier(path):
            return self._own.record(str(found[0])), True
        return _iri(text) if _SCHEME.match(text) else (Literal(text), False)


def _plain(term: Term) -> bool:
    """Whether a term may stay where plain text is expected: another datatype would be healed by typing it again."""
    return isinstance(term, Literal) and term.datatype == XSD.string


def _iri(text: str, said: str = "") -> Entered:
    try:
        return NamedNode(text), True
    except ValueError:
        return Literal(said or text), False


def _digits(text: str) -> str:
    """The text with the digits of any script as ASCII ones, and the signs that go with them."""
    said = "".join(str(unicodedata.decimal(c)) if unicodedata.decimal(c, None) is not None else c for c in text)
    return said.replace("\u066b", ".").replace("\u066c", "").replace("\u2212", "-").replace("\uff0b", "+")


def _date(field: Field, text: str) -> Entered:
    said = re.sub(r"[\u200e\u200f\u061c]", "", _digits(text))
    if parts := re.fullmatch(r"(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?", said):
        said = "-".join(part.zfill(2) for part in parts.groups() if part)
    for datatype, look in _DATES.items():
        if look.fullmatch(said):
            return Literal(said, datatype=datatype), True
    return Literal(text, datatype=XSD.date), False


def _number(field: Field, text: str) -> Entered:
    said = _pointed(re.sub(r"(?<=[\d.,])[\s\u2019'](?=[\d.,])", "", _digits(text)))
    said = re.sub(r"(?<=[+-])\s+", "", said)
    datatype = XSD.decimal if field.kind == "number" else XSD.integer
    fits = _NUMBER[field.kind].fullmatch(said)
    return Literal(said if fits else text, datatype=datatype), bool(fits)


def _pointed(text: str) -> str:
    """A number with a decimal point, where it can only be meant so: `1,250` may be either and stays."""
    sign, number = ("", text) if text[:1] not in "+-" else (text[:1], text[1:])
    for thousands, point in (",.", ".,"):
        grouped = re.fullmatch(rf"(\d{{1,3}}(?:[{thousands}]\d{{3}})+)(?:[{point}](\d*))?", number)
        if grouped and (grouped[2] is not None or number.count(thousands) > 1):
            return f"{sign}{grouped[1].replace(thousands, '')}" + (f".{grouped[2]}" if grouped[2] else "")
    decimal = re.fullmatch(r"(\d+),(\d+)", number)
    if decimal and (len(decimal[2]) != 3 or len(decimal[1]) > 3 or decimal[1].startswith("0")):
        return f"{sign}{decimal[1]}.{decimal[2]}"
    return text


def _boolean(field: Field, text: str) -> Entered:
    return Literal(text, datatype=XSD.boolean), text in ("true", "false")


def _link(field: Field, text: str) -> Entered:
    if _HOST.match(text):
        return _iri(f"https://{text}", text)
    return _iri(text)


def _file(field: Field, text: str) -> Entered:
    return _iri(text) if _SCHEME.match(text) else (Literal(text), False)


def _email(field: Field, text: str) -> Entered:
    return _iri(text if _SCHEME.match(text) else f"mailto:{text}", text)


def _telephone(field: Field, text: str) -> Entered:
    if _SCHEME.match(text):
        return _iri(text)
    number = re.sub(r"[\s\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]", "", _digits(text))
    return _iri(f"tel:{number}", text) if _PHONE.fullmatch(number) else (Literal(text), False)
