"""The text of an Excel workbook (xlsx): sheet by sheet its name, then each row as a line, cells parted by tabs.

Numbers come out as the sheet shows them (85%, not 0.85; a day, not a count of days). What is hidden is left out.
Look next at `heqing.reading.packed`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from lxml import etree

from heqing.errors import BadFileError
from heqing.reading.packed import BROKEN, Package

_BROKEN = (
    "the name says Excel (xlsx) but the content is none or broken; open it in Excel or WPS and save it as .xlsx anew"
)
CELLS_LIMIT = 2_000_000
_COLUMNS = 16_384
_M = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
# Formats that have a number and no text in the file; the others stand in its styles.
_BUILT_IN = {
    **dict.fromkeys((2, 4, 39, 40), "0.00"), **dict.fromkeys((1, 3, 37, 38), "0"), 9: "0%", 10: "0.00%",
    **dict.fromkeys((14, 15, 30, 31), "yyyy-mm-dd"), **dict.fromkeys((16, 28), "mm-dd"),
    **dict.fromkeys((17, 27, 57), "yyyy-mm"),
    **dict.fromkeys((18, 19, 20, 21, 32, 33), "hh:mm"), 22: "yyyy-mm-dd hh:mm",
}  # fmt: skip
_QUOTED = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|\[[^\]]*\]')


@dataclass(frozen=True)
class Row:
    """One row as a line: the sheet it stands in, its number there, and its text."""

    sheet: str
    number: int
    text: str


def workbook_rows(raw: bytes, name: str) -> list[Row]:
    """Give the rows of a workbook that hold something; a sheet begins with a row 0 that is its name.

    Parameters
    ----------
    raw : bytes
        The whole file.
    name : str
        Its name, for errors.

    Returns
    -------
    list of Row
        In the order of sheets and rows.

    Raises
    ------
    BadFileError
        When it is no workbook, a broken or too large one, or an empty one.

    Examples
    --------
    >>> workbook_rows(b"plain", "a.xlsx")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    heqing.errors.BadFileError: a.xlsx: the name says Excel (xlsx) but the content is none or broken; open it in ...
    """
    package = Package(raw, name, _BROKEN)
    try:
        found = list(_Workbook(package, name).rows())
    except BROKEN as error:
        raise BadFileError(name, _BROKEN) from error
    if not found:
        raise BadFileError(name, "the workbook holds no text; nothing to read", code="empty")
    return found


class _Workbook:
    def __init__(self, package: Package, name: str) -> None:
        self._package, self._name = package, name
        self._main = next(iter(package.related("", "officeDocument")), "xl/workbook.xml")
        self._root = package.xml(self._main)
        properties = self._root.find(f"{_M}workbookPr")
        self._is_1904 = properties is not None and properties.get("date1904") in ("1", "true")
        self._strings: list[str] = []
        for part in package.related(self._main, "sharedStrings")[:1]:
            self._strings = [_said(item) for item in package.xml(part).iterchildren(f"{_M}si")]
        self._formats: list[str] = []
        for part in package.related(self._main, "styles")[:1]:
            self._formats = _formats(package.xml(part))
        self._cells = 0

    def rows(self) -> Iterator[Row]:
        targets = self._package.relation_targets(self._main)
        for sheet in self._root.iterfind(f"{_M}sheets/{_M}sheet"):
            part = targets.get(sheet.get(f"{_R}id", ""))
            if part is None or part not in self._package or sheet.get("state") in ("hidden", "veryHidden"):
                continue
            title = re.sub(r"\s+", " ", sheet.get("name", "")).strip()
            begun = False
            for number, text in self._sheet(part):
                if not begun and title:
                    yield Row(title, 0, title)
                begun = True
                yield Row(title, number, text)

    def _sheet(self, part: str) -> Iterator[tuple[int, str]]:
        root = self._package.xml(part)
        if root.tag != f"{_M}worksheet":  # a chart sheet
            return
        hidden = {
            column
            for col in root.iterfind(f"{_M}cols/{_M}col")
            if col.get("hidden") in ("1", "true")
            for column in range(int(col.get("min", "1")), min(int(col.get("max", "1")), _COLUMNS) + 1)
        }
        number = 0
        for row in root.iterfind(f"{_M}sheetData/{_M}row"):
            number = int(row.get("r", number + 1))
            cells: dict[int, str] = {}
            column = 0
            for cell in row.iterchildren(f"{_M}c"):
                column = _column(cell.get("r"), column + 1)
                self._cells += 1
                if self._cells > CELLS_LIMIT:
                    raise BadFileError(self._name, f"the workbook has more than {CELLS_LIMIT} cells", code="too_large")
                if column not in hidden and (said := re.sub(r"\s+", " ", self._cell(cell)).strip()):
                    cells[column] = said
            if cells and row.get("hidden") not in ("1", "true"):
                shown = [c for c in range(min(cells), max(cells) + 1) if c not in hidden]
                yield number, "\t".join(cells.get(c, "") for c in shown)

    def _cell(self, cell: Any) -> str:
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            inside = cell.find(f"{_M}is")
            return "" if inside is None else _said(inside)
        written = cell.findtext(f"{_M}v") or ""
        if kind == "s":
            place = int(written or -1)
            return self._strings[place] if 0 <= place < len(self._strings) else ""
        if kind == "b":
            return "TRUE" if written == "1" else "FALSE"
        if kind == "e":  # #REF!, #N/A: the cell shows an error, not a figure
            return ""
        if kind in ("str", "d"):
            return written
        style = int(cell.get("s", "0"))
        return shown(written, self._formats[style] if 0 <= style < len(self._formats) else "", is_1904=self._is_1904)


def shown(written: str, format: str, *, is_1904: bool = False) -> str:
    """Give a number as its cell shows it.

    Parameters
    ----------
    written : str
        The number as the file holds it.
    format : str
        The cell's number format; empty for the general one.
    is_1904 : bool
        Whether the workbook counts days from 1904.

    Returns
    -------
    str
        The number, percentage or day.

    Examples
    --------
    >>> shown("0.85", "0%"), shown("46023", "yyyy-mm-dd"), shown("1234.5", '#,##0.0"吨"')
    ('85%', '2026-01-01', '1234.5吨')
    """
    try:
        value = Decimal(written)
    except InvalidOperation:
        return written
    if not value.is_finite() or abs(value.adjusted()) > 40:
        return written
    # A binary fraction of 53 bits holds 15 digits; what follows is its own noise and is never shown.
    value = value if len(value.as_tuple().digits) <= 15 else Decimal(f"{value:.15g}")
    part = format.split(";")[0]
    bare = _QUOTED.sub("", part)
    if (
        re.search(r"[yYdD年月日]|m(?!m*[#0])|[hH]:", bare)
        and re.search(r"[ymdhs]", bare, re.I)
        and not re.search(r"[#0?]", bare)
    ):
        return _moment(value, bare, is_1904) or written
    if "%" in bare:
        value *= 100
    places = re.search(r"\.([0#?]+)", bare)
    if re.search(r"[0#?]", bare) and "E" not in bare.upper() and "/" not in bare:
        value = round(value, len(places[1]) if places else 0)
        said = _plain(value)
        edges = re.split(r"[0#?,.]+", part)
        return _words(edges[0]) + said + _words(edges[-1])
    return _plain(value)


def _words(edge: str) -> str:
    return _QUOTED.sub(lambda m: m[1] or m[2] or "", edge).strip()


def _plain(value: Decimal) -> str:
    said = f"{value:f}"
    return (said.rstrip("0").rstrip(".") if "." in said else said) or "0"


def _moment(days: Decimal, format: str, is_1904: bool) -> str | None:
    origin = datetime(1904, 1, 1) if is_1904 else datetime(1899, 12, 30)  # noqa: DTZ001 - a day of the sheet has no zone
    try:
        at = origin + timedelta(seconds=round(float(days) * 86400))
    except OverflowError:
        return None
    has_year, has_day = re.search(r"[yY]", format), re.search(r"[dD]", format)
    has_time = re.search(r"[hH]", format)
    if not has_year and not has_day and has_time:
        return f"{at:%H:%M}"
    day = f"{at.year}年{at.month}月" if not has_day else f"{at.month}月{at.day}日" if not has_year else f"{at:%Y-%m-%d}"
    return f"{day} {at:%H:%M}" if has_time else day


def _said(item: Any) -> str:
    """Give a string's text; the reading over its characters (rPh) is left out."""
    parts = [t.text or "" for t in item.iterchildren(f"{_M}t")]
    return "".join(parts or [t.text or "" for t in item.iterfind(f"{_M}r/{_M}t")])


def _formats(styles: etree._Element) -> list[str]:
    own = {f.get("numFmtId"): f.get("formatCode", "") for f in styles.iterfind(f"{_M}numFmts/{_M}numFmt")}
    found = []
    for xf in styles.iterfind(f"{_M}cellXfs/{_M}xf"):
        id_ = xf.get("numFmtId", "0")
        found.append(own.get(id_) or _BUILT_IN.get(int(id_), ""))
    return found


def _column(reference: str | None, otherwise: int) -> int:
    letters = re.match(r"[A-Za-z]{1,3}", reference or "")
    if letters is None:
        return otherwise
    column = 0
    for letter in letters[0].upper():
        column = column * 26 + ord(letter) - 64
    return min(column, _COLUMNS)
