"""Tables as files for a spreadsheet: CSV and Excel, in which nothing is ever a formula.

What somebody typed may begin like a formula, and spreadsheets would run it on the machine of whoever opens the file.
Such a text gets an apostrophe in front, in Excel files too, as they are often saved as CSV later.
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from unicodedata import normalize

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

Value = str | int | float

CSV, XLSX = "csv", "xlsx"
MEDIA_TYPES = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

_DANGEROUS = tuple("=+-@|%'")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]+")
_NO_TITLE = re.compile(r"[\[\]:*?/\\]")
_LONGEST_TITLE, _LONGEST_TEXT, _WIDEST = 31, 32_000, 40


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table with a title. Texts are made safe when they are written, figures stay figures."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[Value]]


def safe(value: Value) -> Value:
    """The value, of which no spreadsheet makes a formula. Control characters become blanks."""
    if not isinstance(value, str):
        return value
    text = _CONTROL.sub(" ", value)[:_LONGEST_TEXT]
    # folded first, as spreadsheets set to Chinese read the wide marks like the narrow ones
    return f"'{text}" if normalize("NFKC", text).lstrip().startswith(_DANGEROUS) else text


def write(kind: str, sheets: Sequence[Sheet], *, creator: str) -> bytes:
    """The tables as a file of that kind, one of `MEDIA_TYPES`. It takes a while for many rows: not for the loop."""
    return _csv(sheets) if kind == CSV else _xlsx(sheets, creator)


def _csv(sheets: Sequence[Sheet]) -> bytes:
    """Every field quoted, so that no mark within one begins another; the byte order mark tells Excel of UTF-8."""
    written = io.StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    for place, sheet in enumerate(sheets):
        if len(sheets) > 1:
            writer.writerows([[]] * bool(place) + [[safe(sheet.title)]])
        writer.writerow([safe(name) for name in sheet.head])
        writer.writerows([safe(value) for value in row] for row in sheet.rows)
    return written.getvalue().encode("utf-8-sig")


def _xlsx(sheets: Sequence[Sheet], creator: str) -> bytes:
    book = Workbook(write_only=True)
    book.properties.creator = creator
    book.properties.created = book.properties.modified = datetime.now(UTC).replace(tzinfo=None)
    for sheet in sheets:
        page = book.create_sheet(_NO_TITLE.sub(" ", sheet.title)[:_LONGEST_TITLE])
        page.freeze_panes = "A2"
        for column, wide in enumerate(_widths(sheet), 1):
            page.column_dimensions[get_column_letter(column)].width = wide
        page.append([_cell(page, name, bold=True) for name in sheet.head])
        for row in sheet.rows:
            page.append([_cell(page, value) for value in row])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _cell(page: object, value: Value, *, bold: bool = False) -> WriteOnlyCell:
    kept = safe(value)
    cell = WriteOnlyCell(page, kept)
    if isinstance(kept, str):
        cell.data_type = "s"  # whatever it begins with
    if bold:
        cell.font = Font(bold=True)
    return cell


def _widths(sheet: Sheet) -> list[int]:
    rows = [sheet.head, *sheet.rows[:200]]
    return [min(max(_wide(row[column]) for row in rows) + 2, _WIDEST) for column in range(len(sheet.head))]


def _wide(value: Value) -> int:
    return sum(2 if ord(char) > 0x2E7F else 1 for char in str(value))  # noqa: PLR2004 - from here on characters are wide
