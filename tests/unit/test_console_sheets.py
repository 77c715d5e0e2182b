"""Exported files hold no formula, whatever somebody typed, and charts fit their plane."""

import csv
import io
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from bot.complaints.desk.statistics import Week
from bot.complaints.desk.suppression import HIDDEN, Count
from bot.console.charts import HIDDEN_HEIGHT, nice_top, week_columns
from bot.console.sheets import CSV, XLSX, Sheet, safe, write

ATTACKS = [
    '=HYPERLINK("http://evil.test","菏泽")',
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1:A9)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "  =1+1",
    "＝1+1",
    "＠SUM(A1)",
    "'=1+1",
    "\x00=1+1",
    "\ufeff=1+1",
    "\u3000=1+1",
    '","=1+1',
]
DANGEROUS = tuple("=+-@\t\r\n＝＋－＠")


def sheet(*values: str | int) -> Sheet:
    return Sheet("案件", ["=表头", "单位"], [[value, value] for value in values])


def cells_of_csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def is_harmless(text: str) -> bool:
    return not text.strip().startswith(DANGEROUS) and not any(mark in text for mark in "\t\r\n\x00")


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_cell_of_a_csv_begins_a_formula(attack: str) -> None:
    rows = cells_of_csv(write(CSV, [sheet(attack)], creator="工会"))
    assert len(rows) == 2
    assert all(len(row) == 2 and all(is_harmless(cell) for cell in row) for row in rows)


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_cell_of_an_excel_file_is_a_formula(attack: str) -> None:
    book = load_workbook(io.BytesIO(write(XLSX, [sheet(attack)], creator="工会")))
    for row in book.active.iter_rows():
        assert all(cell.data_type == "s" and is_harmless(str(cell.value)) for cell in row)


@given(st.text(max_size=60))
def test_whatever_is_typed_is_harmless_and_can_be_written(text: str) -> None:
    kept = safe(text)
    assert isinstance(kept, str)
    assert is_harmless(kept)
    assert all(is_harmless(cell) for row in cells_of_csv(write(CSV, [sheet(text)], creator="x")) for cell in row)
    load_workbook(io.BytesIO(write(XLSX, [sheet(text)], creator="x")))


def test_plain_texts_and_figures_stay_as_they_are() -> None:
    content = write(
        XLSX, [Sheet("案件", ["编号", "人数"], [["HZ261122-048213", 20], ["工地 A=B", -3]])], creator="工会"
    )
    book = load_workbook(io.BytesIO(content))
    rows = [[cell.value for cell in row] for row in book.active.iter_rows()]
    assert rows == [["编号", "人数"], ["HZ261122-048213", 20], ["工地 A=B", -3]]
    assert book.properties.creator == "工会"


def test_several_tables_are_sheets_in_excel_and_follow_one_another_in_csv() -> None:
    tables = [Sheet("类别/区县", ["a"], [["1"]]), Sheet("状态", ["b"], [[2]])]
    assert load_workbook(io.BytesIO(write(XLSX, tables, creator="x"))).sheetnames == ["类别 区县", "状态"]
    assert cells_of_csv(write(CSV, tables, creator="x")) == [["类别/区县"], ["a"], ["1"], [], ["状态"], ["b"], ["2"]]


@given(st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 5000)), max_size=160), st.sampled_from([340, 1040]))
def test_columns_stay_within_their_plane(numbers: list[tuple[int, int]], width: int) -> None:
    first = date(2024, 1, 1)
    weeks = [Week(first + timedelta(weeks=i), Count(came), Count(went)) for i, (came, went) in enumerate(numbers)]
    chart = week_columns(weeks, width=width)
    assert len(chart.columns) == 2 * len(weeks)
    assert all(chart.left <= one.x <= one.x + one.width <= width + 0.2 for one in chart.columns)
    assert all(one.y >= 0 and abs(one.y + one.height - chart.base) < 0.2 for one in chart.columns)
    assert len(chart.days) <= 12


def test_a_hidden_figure_is_not_drawn_by_its_size() -> None:
    weeks = [Week(date(2026, 11, 16), Count(40), HIDDEN), Week(date(2026, 11, 23), Count(0), Count(40))]
    came, went, none, _ = week_columns(weeks, width=340).columns
    assert (went.hidden, went.height) == (True, HIDDEN_HEIGHT)
    assert came.height > went.height
    assert none.height == 0


@given(st.integers(0, 10_000_000))
def test_the_scale_holds_the_figure_and_is_divided_evenly(most: int) -> None:
    assert most <= nice_top(most) <= max(2 * most, 8)
    assert nice_top(most) % 4 == 0
