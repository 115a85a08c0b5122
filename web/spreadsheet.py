"""A table as a workbook of one sheet (`.xlsx`), for people who sort, filter and count.

Texts are texts, also those that look like formulas, numbers are numbers and whole dates are dates; the head stays in
sight and the sheet runs in the direction of its language. The same table gives the same bytes, as an entity tag needs.
Source: ECMA-376, part 1, sections 18.3 (worksheets) and 22.9.2.19 (ST_Xstring).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.writer.excel import ExcelWriter

from registry.exchange.writing import sayable
from registry.language import direction
from web.table import Guarded, Table

LONGEST = 32_767  # units of UTF-16 in a cell
NAME = 31  # characters in the name of a sheet
LOOKED_AT = 200  # rows by which the width of a column is told
WIDTHS = (8, 60)  # characters of a column, at least and at most
FIRST = datetime(1900, 3, 1)  # before it programs do not agree which number a day has
MADE = datetime(1980, 1, 1)  # the first moment that a zip file can state

_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d+)?")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def workbook(table: Table, lang: str, name: str) -> bytes:
    """The table as a file; `name` is what its sheet is called, in the language of the reader."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_name(name))
    sheet.sheet_view.rightToLeft = direction(lang) == "rtl"
    sheet.freeze_panes = "A2"
    rows = iter(table.rows)
    first = list(islice(rows, LOOKED_AT))
    for number, width in enumerate(_widths(first), 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    head, *rest = first
    sheet.append([_headed(sheet, cell) for cell in head])
    written = 1
    for row in (*rest, *rows):
        sheet.append([_cell(sheet, cell) for cell in row])
        written += 1
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(head))}{written}"
    return _packed(book)


def _cell(sheet: WriteOnlyWorksheet, said: str) -> Cell | None:
    text = said.text if isinstance(said, Guarded) else said
    if not text:
        return None
    if not isinstance(said, Guarded) and _NUMBER.fullmatch(text):
        return WriteOnlyCell(sheet, float(text) if "." in text else int(text))
    if day := _day(text):
        cell = WriteOnlyCell(sheet, day)
        cell.number_format = "yyyy-mm-dd"
        return cell
    return _text(sheet, text)


def _headed(sheet: WriteOnlyWorksheet, said: str) -> Cell:
    cell = _text(sheet, said)
    cell.font = Font(bold=True)
    return cell


def _text(sheet: WriteOnlyWorksheet, text: str) -> Cell:
    """A cell that is text whatever it looks like: neither a formula nor an error."""
    cell = WriteOnlyCell(sheet, _held(text))
    cell.data_type = "s"
    return cell


def _held(text: str) -> str:
    """A text as a cell can hold it: one that is too long ends with a mark."""
    text = _ESCAPED.sub("_x005F_", sayable(text).replace("\r\n", "\n").replace("\r", "\n"))
    units = text.encode("utf-16-le")
    return text if len(units) <= 2 * LONGEST else units[: 2 * (LONGEST - 1)].decode("utf-16-le", "ignore") + "…"


def _day(text: str) -> datetime | None:
    if not _DATE.fullmatch(text):
        return None
    try:
        day = datetime.fromisoformat(text)
    except ValueError:
        return None
    return day if day >= FIRST else None


def _widths(rows: Sequence[Sequence[str]]) -> Iterator[int]:
    least, most = WIDTHS
    for column in zip(*rows, strict=True):
        yield max(least, min(most, max(map(len, column)) + 2))


def _name(name: str) -> str:
    """A name as a sheet may have it."""
    return re.sub(r"[][:*?/\\]", " ", sayable(name)).strip("' ")[:NAME].strip("' ") or "1"


def _packed(book: Workbook) -> bytes:
    """The workbook with a fixed moment in place of that of its making, which would make each copy another."""
    book.properties.created = book.properties.modified = MADE
    book.properties.creator = None
    drawn, packed = io.BytesIO(), io.BytesIO()
    with ZipFile(drawn, "w") as loose:
        ExcelWriter(book, loose).write_data()
    with ZipFile(drawn) as loose, ZipFile(packed, "w", ZIP_DEFLATED) as whole:
        for name in loose.namelist():
            whole.writestr(ZipInfo(name), loose.read(name), ZIP_DEFLATED)
    return packed.getvalue()
