"""The inputs for text of one field: a row for each language, or for each value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from registry.formats import Field
from registry.language import LANGUAGES, NAMES
from registry.shape import path_name
from registry.terms import DCAT, Literal, NamedNode, Term
from web.boxes import LOOKS, Around, Match, Row
from web.inputs import CHOSEN, joined
from web.render import Page
from web.typed import Typist
from web.words import Text
from web.words import marked as _


def texts(
    page: Page, typist: Typist, field: Field, name: str, terms: Sequence[Term]
) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
    """The rows of a text in the reader's language, and those in the others; what has none of the six comes last."""
    by_lang: dict[str, list[str]] = {lang: [] for lang in (page.lang, *LANGUAGES)}
    for term in terms:
        by_lang.setdefault(language_of(term), []).append(typist.text(field, term))
    required = field.required and not any(values for lang, values in by_lang.items() if lang != page.lang)
    rows: dict[str, list[Row]] = {}
    for lang, values in by_lang.items():
        label = Text(NAMES.get(lang, lang), lang)
        if not lang:
            label = Text(page.say_in_words(_("Language not stated")), page.lang)
        said = joined(name, lang) if lang else name
        rows[lang] = [
            Row(numbered(said, number), said, value, lang, Text("", lang or "und").dir, label)
            for number, value in enumerate(values or [""], 1)
        ]
    first = tuple(replace(row, required=required) for row in rows.pop(page.lang))
    return first, tuple(row for some in rows.values() for row in some)


def lines(
    page: Page, typist: Typist, field: Field, name: str, terms: Sequence[Term], around: Around, more: bool
) -> tuple[Row, ...]:
    """The rows of a plain field: one a value, one more where there may be more, and one that was asked for."""
    spare = (1 if not terms or field.max != 1 else 0) + (1 if more and terms else 0)
    rows = []
    for number, term in enumerate([*terms, *[None] * spare], 1):
        look = LOOKS.get(field.kind)
        row = Row(numbered(name, number), name, "", dir=look[2] if look else "auto")
        row = replace(row, required=field.required and number == 1)
        if term is not None:
            row = replace(row, value=typist.text(field, term))
            row = _referring(page, field, name, number, term, around, row)
        rows.append(row)
    return tuple(rows)


def files(page: Page, typist: Typist, field: Field, name: str, terms: Sequence[Term]) -> tuple[Row, ...]:
    """The row of a file: the one that is there, by its name, or none yet."""
    rows = []
    for number, term in enumerate(terms or [None], 1):
        row = Row(numbered(name, number), name, "", required=field.required)
        if term is not None:
            href = page.href(term) if isinstance(term, NamedNode) else ""
            said = Text(path_name(term) if isinstance(term, NamedNode) else term.value, "und")
            row = replace(row, value=typist.text(field, term), label=said, href=href)
        rows.append(row)
    return tuple(rows)


def facts(page: Page, typist: Typist, field: Field, name: str, terms: Sequence[Term]) -> tuple[Row, ...]:
    """What the registry itself says in a field: shown, not asked."""

    def said(term: Term) -> Text:
        if isinstance(term, NamedNode) and page.concept(term):
            return page.label(term)
        text = typist.text(field, term)
        return Text(page.size(text), page.lang) if field.path == DCAT.byteSize else Text(text, "und")

    told: list[Text | None] = [said(term) for term in terms]
    return tuple(Row(numbered(name, number), name, "", label=text) for number, text in enumerate(told or [None], 1))


def _referring(page: Page, field: Field, name: str, number: int, term: Term, around: Around, row: Row) -> Row:
    """The row of a reference with the name of the record, or with the records that may be meant."""
    if field.kind != "record" or field.target is None:
        return row
    if isinstance(term, NamedNode):
        names = around.called(term)
        return replace(row, label=page.text(names)) if names else row
    found = around.lookup(field.target, term.value)
    matches = tuple(Match(identifier, page.text(names)) for _iri, names, identifier in found)
    return replace(row, matches=matches, choose=joined(name, f"{CHOSEN}{number - 1}"))


def language_of(term: Term) -> str:
    """The language of a text; nothing for what has none."""
    return (term.language or "") if isinstance(term, Literal) else ""


def numbered(name: str, number: int) -> str:
    """The id of the first, second, third input of a name."""
    return name if number == 1 else f"{name}.{number}"
