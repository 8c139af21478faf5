"""What a cell of a table is about: the indicator, place, unit, year and kind that its row and its column name.

A table is a run of lines parted by tabs, as Word files, workbooks and pages give it. Its words are data, table
``column_words``. Look next at `heqing.reading.reader`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from heqing.reading.clauses import Line
from heqing.reading.indicators import ends_as_ratio
from heqing.reading.lexicon import mapping, units, words

_YEAR = re.compile(r"20\d\d(?=年|$)")
_SERIAL = re.compile(r"[\d一二三四五六七八九十]{1,3}[、.．]?$")
_IN_BRACKETS = re.compile(r"（([^（）]{1,10})）$")
# A cell that holds a number and nothing else, but for a comparison: a sign before it or a word behind it.
_BARE = re.compile(r"(?P<number>\d[\d.,]*)(?P<after>以上|以下|以内|左右)?$")


class Cell(NamedTuple):
    """A cell: its place in the clean text, and what is known of its number besides."""

    start: int
    end: int
    name: str
    scope: str | None
    unit: str | None
    period: str | None
    kind: str | None


class Cells:
    r"""The cells of all tables of a document, to be asked by place.

    Parameters
    ----------
    lines : list of Line
        All clean lines; noise is passed over.

    Examples
    --------
    >>> from heqing.reading.clauses import split_lines
    >>> text = "指标\t单位\t2026年目标\n绿道长度\t公里\t50"
    >>> cell = Cells(split_lines(text)).at(text.index("50"))
    >>> cell.name, cell.unit, cell.period, cell.kind
    ('绿道长度', '公里', '2026', 'target')
    """

    def __init__(self, lines: list[Line]) -> None:
        self._cells: list[Cell] = []
        kept = [line for line in lines if not line.noise]
        for tabbed, rows in groupby(kept, lambda line: "\t" in line.text):
            if tabbed:
                self._cells += _cells([list(_split(line)) for line in rows])
        self._starts = [cell.start for cell in self._cells]

    def at(self, place: int) -> Cell | None:
        """Give the cell at a place, if its row or its column names what it counts.

        Parameters
        ----------
        place : int
            A place in the clean text.

        Returns
        -------
        Cell or None
            None outside of tables, in heads and in first columns.
        """
        n = bisect_right(self._starts, place) - 1
        return self._cells[n] if n >= 0 and place < self._cells[n].end else None


def with_unit(text: str, unit: str | None) -> str:
    """Set the unit of a cell behind its bare number: 50以上 is 50公里以上.

    Parameters
    ----------
    text : str
        The cell.
    unit : str or None
        What its row or column names.

    Returns
    -------
    str
        The text as it would be written in a sentence; unchanged when it has a unit or more than a number.

    Examples
    --------
    >>> with_unit("50以上", "公里"), with_unit("50公里", "公里")
    ('50公里以上', '50公里')
    """
    found = _BARE.match(text) if unit else None
    return f"{found['number']}{unit}{found['after'] or ''}" if found else text


def _split(line: Line) -> Iterator[tuple[int, str]]:
    for m in re.finditer(r"[^\t]+", line.text):
        said = m[0].strip()
        yield line.start + m.start() + len(m[0]) - len(m[0].lstrip()), said


def _cells(rows: list[list[tuple[int, str]]]) -> Iterator[Cell]:
    """Name the cells of one table; its first row is its head when no cell of it holds a number of its own."""
    if len(rows) < 2 or any(_BARE.match(said) and not _YEAR.match(said) for _, said in rows[0]):
        return
    head = [said for _, said in rows[0]]
    for row in rows[1:]:
        if len(row) != len(head):  # cells are joined there: what stands below what is not known
            continue
        first = 1 if _SERIAL.match(row[0][1]) and len(row) > 2 else 0
        unit = next((said for (_, said), column in zip(row, head, strict=True) if _role(column) == "unit"), None)
        name = row[first][1]
        for (start, said), column in list(zip(row, head, strict=True))[first + 1 :]:
            if _role(column) != "unit":
                yield _cell(start, said, name, column, unit)


def _role(column: str) -> str | None:
    found = re.search(words("column_words"), column)
    return mapping("column_words", "word", "role")[found[0]] if found else None


def _cell(start: int, said: str, name: str, column: str, unit: str | None) -> Cell:
    role = _role(column)
    bare, own = _without_unit(name)
    headed, its = _without_unit(column)
    year = _YEAR.search(column)
    kind = role if role in ("target", "achievement") else None
    counted = its is not None or ends_as_ratio(headed)
    end = start + len(said)
    if role is None and not year and counted:  # the column names what is counted, the row where
        return Cell(start, end, headed, bare, its, None, None)
    written = own or its or unit
    return Cell(start, end, bare, None, written if written in units() else None, year[0] if year else None, kind)


def _without_unit(name: str) -> tuple[str, str | None]:
    found = _IN_BRACKETS.search(name)
    return (name[: found.start()], found[1]) if found and found[1] in units() else (name, None)
