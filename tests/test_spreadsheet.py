"""Tables as workbooks: what CSV says, cell by cell, in types that a spreadsheet knows, and nothing that runs."""

import csv
import io
import re
from collections.abc import Callable
from datetime import datetime
from unittest.mock import patch

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from registry.registry import Registry
from tests.test_table import DAY, records, register
from web.spreadsheet import LONGEST, workbook
from web.table import DANGEROUS, Table, harmless, of_records, of_scheme

Make = Callable[[Registry, str], Table]


def projects(registry: Registry, lang: str) -> Table:
    return register(registry, "project", lang)


def opportunities(registry: Registry, lang: str) -> Table:
    return register(registry, "opportunity", lang)


def mixed(registry: Registry, lang: str) -> Table:
    keys = ("project", "need", "organisation")
    return of_records(registry, [record for key in keys for record in records(registry, key)[:5]], DAY, lang)


def vocabulary(registry: Registry, lang: str) -> Table:
    scheme = registry.concepts.scheme(registry.own.iri("vocabulary/action-plan-2006"))
    assert scheme
    return of_scheme(registry, scheme, lang)


def opened(file: bytes) -> Worksheet:
    sheet = load_workbook(io.BytesIO(file)).active
    assert isinstance(sheet, Worksheet)
    return sheet


def one(*cells: str) -> Worksheet:
    return opened(workbook(Table("x.csv", [["head"] * len(cells), cells]), "en", "Records"))


def said(value: object) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    return "" if value is None else str(value)


@pytest.mark.parametrize("make", [projects, opportunities, mixed, vocabulary])
@pytest.mark.parametrize("lang", ["en", "ar"])
def test_each_cell_says_what_the_one_of_the_csv_says(registry: Registry, make: Make, lang: str) -> None:
    lines = csv.reader(io.StringIO(make(registry, lang).csv().decode("utf-8-sig"), newline=""))
    sheet = opened(workbook(make(registry, lang), lang, "x"))
    expected = [[cell.removeprefix("'") if cell[1:2] in DANGEROUS else cell for cell in line] for line in lines]
    found = [[said(cell.value) for cell in row] for row in sheet.iter_rows()]
    assert len(expected) > 1
    assert found == [[re.sub("\r\n?", "\n", cell) for cell in line] for line in expected]
    assert not any(cell.data_type in "fe" for row in sheet.iter_rows() for cell in row)


def test_numbers_are_numbers_and_whole_dates_are_dates(registry: Registry) -> None:
    kinds = {
        field.key: field.kind
        for field in registry.formats["project"].fields
        if field.kind in ("number", "date") and not field.part
    }
    sheet = opened(workbook(projects(registry, "en"), "en", "x"))
    seen: dict[str, set[str]] = {}
    for column in sheet.iter_cols():
        if (kind := kinds.get(str(column[0].value))) is not None:
            for cell in column[1:]:
                if cell.value is not None:
                    seen.setdefault(kind, set()).add(cell.data_type)
                    assert cell.data_type != "d" or cell.number_format == "yyyy-mm-dd"
    assert seen["number"] == {"n"}
    assert seen["date"] == {"s", "d"}  # a year, or a month, is no day


def test_the_head_stays_in_sight_and_can_be_filtered(registry: Registry) -> None:
    sheet = opened(workbook(projects(registry, "en"), "en", "Projects"))
    assert sheet.title == "Projects"
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == sheet.dimensions
    assert all(cell.font.b for cell in sheet[1])
    assert not sheet["A2"].font.b
    assert not sheet.sheet_view.rightToLeft
    assert {round(column.width) for column in sheet.column_dimensions.values()} <= set(range(8, 61))


def test_an_arabic_sheet_runs_from_right_to_left(registry: Registry) -> None:
    table = vocabulary(registry, "ar")
    sheet = opened(workbook(table, "ar", table.title))
    assert sheet.sheet_view.rightToLeft
    assert sheet.title == table.title[:31].strip() != vocabulary(registry, "en").title


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0", "'=1", "#REF!", "007", "1e5", "TRUE"]
)
def test_a_text_is_a_text_whatever_it_looks_like(text: str) -> None:
    cell = one(harmless(text))["A2"]
    assert (cell.value, cell.data_type) == (text, "s")


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("-5", -5),
        ("12.50", 12.5),
        ("1234567890123456", "1234567890123456"),
        (harmless("2026-11-22"), datetime(2026, 11, 22)),
        (harmless("2026-02-30"), "2026-02-30"),
        (harmless("1899-12-31"), "1899-12-31"),
        (harmless("2026-11"), "2026-11"),
        (harmless("a\x01b\ufffe"), "a\ufffdb\ufffd"),
        (harmless("a\r\nb\rc"), "a\nb\nc"),
        (harmless("_x0041_"), "_x005F_x0041_"),
        (harmless("x" * LONGEST), "x" * LONGEST),
        (harmless("x" * (LONGEST + 1)), "x" * (LONGEST - 1) + "…"),
        (harmless("𝒳" * LONGEST), "𝒳" * (LONGEST // 2) + "…"),
        (harmless(""), None),
    ],
)
def test_what_a_cell_can_hold(cell: str, value: object) -> None:
    assert one(cell)["A2"].value == value


@pytest.mark.parametrize(("name", "title"), [("a/b[1]*?:\\", "a b 1"), ("'x'", "x"), ("y" * 40, "y" * 31), ("/", "1")])
def test_a_sheet_has_a_name_that_it_may_have(name: str, title: str) -> None:
    assert opened(workbook(Table("x.csv", [["head"]]), "en", name)).title == title


def test_the_same_table_gives_the_same_bytes_a_year_later(registry: Registry) -> None:
    first = workbook(projects(registry, "en"), "en", "Projects")
    with (
        patch("time.time", return_value=2e9),
        patch("time.localtime", return_value=(2033, 5, 18, 3, 33, 20, 2, 138, 0)),
    ):
        assert workbook(projects(registry, "en"), "en", "Projects") == first
