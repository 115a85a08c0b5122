"""The cells of an answer as a page shows them: labels for IRIs, dates and numbers as the reader writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from registry.language import base_language
from registry.terms import XSD, Literal, NamedNode, Term
from web.render import Page
from web.results import Names
from web.words import Text
from web.words import marked as _

DATES = (XSD.date, XSD.gYear, XSD.gYearMonth, XSD.dateTime)
NUMBERS = (XSD.integer, XSD.decimal, XSD.double, XSD.int, XSD.long)
YEAR = 4  # a whole number as long as this may be a year, which nobody writes in groups


@dataclass(frozen=True)
class Cell:
    """One value: what is read, where it leads, whether it is a number."""

    text: Text
    href: str = ""
    number: bool = False


def cells(page: Page, names: Names, columns: Sequence[str], row: Mapping[str, Term]) -> list[Cell | None]:
    """A row as its page shows it; None where there is no value."""
    return [_cell(page, names, row[name]) if name in row else None for name in columns]


def _cell(page: Page, names: Names, value: Term) -> Cell:
    if isinstance(value, NamedNode):
        texts = names.texts(value)
        return Cell(page.text(texts) if texts else Text(page.short(value), "und"), page.href(value))
    if not isinstance(value, Literal):
        return Cell(Text(f"_:{value.value}", "und"))
    if value.datatype in DATES:
        return Cell(Text(page.date(value), page.lang))
    if value.datatype in NUMBERS:
        said = value.value if len(value.value) <= YEAR else page.number(value.value)
        return Cell(Text(said, page.lang), number=True)
    if value.datatype == XSD.boolean:
        return Cell(Text(page.say_in_words(_("Yes") if value.value in ("true", "1") else _("No")), page.lang))
    return Cell(Text(value.value, base_language(value.language or "") or "und"))
