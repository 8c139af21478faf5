"""An installation's own words (自有词): what officers corrected and an administrator accepted, used by each reading.

They stand beside the lexicon of the rulebook and never in it: other names of an indicator, lines that are or are not
page furniture, expressions that make no finding. No file is opened here. Look next at `heqing.reading.reader`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from heqing.errors import BadFileError
from heqing.reading.clauses import Line
from heqing.reading.cleaning import clean
from heqing.reading.findings import Finding

# The tables, and the columns that each must have; further columns (a day, a note) are for people.
TABLES: dict[str, tuple[str, ...]] = {
    "synonyms": ("word", "name"),
    "junk": ("line", "noise"),
    "exclusions": ("word",),
}
_SAID = {"yes": True, "no": False, "是": True, "否": False}
_DIGITS = re.compile(r"\d+")  # left open: a counter or a day is another one on the next page
OWN_NAME = "own_name"


@dataclass(frozen=True)
class Synonym:
    """An indicator as it is read from documents, and what it is called here; a pillar where that changes too."""

    word: str
    name: str
    pillar: str = ""


@dataclass(frozen=True)
class Additions:
    """The words that an installation adds to the lexicon.

    Parameters
    ----------
    synonyms : tuple of Synonym
        A finding whose indicator is read as `word` is handed back as `name`.
    junk : tuple of (str, bool)
        Lines that are noise (True), or that are not although they look like it (False). Numbers in them may differ.
    exclusions : tuple of str
        A clause with these words holds no finding.
    """

    synonyms: tuple[Synonym, ...] = ()
    junk: tuple[tuple[str, bool], ...] = ()
    exclusions: tuple[str, ...] = ()

    @cached_property
    def _names(self) -> dict[str, Synonym]:
        return {_plain(row.word): row for row in self.synonyms}

    @cached_property
    def _lines(self) -> dict[str, bool]:
        return {_DIGITS.sub("#", _plain(line)): noise for line, noise in self.junk}

    @cached_property
    def _excluded(self) -> tuple[str, ...]:
        return tuple(filter(None, (_plain(word) for word in self.exclusions)))

    def judge(self, lines: list[Line]) -> list[Line]:
        r"""Say again which lines are noise.

        Parameters
        ----------
        lines : list of Line
            Clean lines as the lexicon judged them.

        Returns
        -------
        list of Line
            The same lines in the same order.

        Examples
        --------
        >>> from heqing.reading.clauses import split_lines
        >>> lines = split_lines("本站编辑：甲乙\n全市优良率80%。")
        >>> [line.noise for line in Additions(junk=(("本站编辑：甲乙", True),)).judge(lines)]
        [True, False]
        """
        if not self._lines:
            return lines
        found = list(lines)
        for place, line in enumerate(lines):
            noise = self._lines.get(_DIGITS.sub("#", line.text.strip()))
            if noise is not None and noise != line.noise:
                found[place] = line._replace(noise=noise)
        return found

    def apply(self, findings: Iterable[Finding]) -> list[Finding]:
        """Leave out what is no finding here, and call indicators by the names used here.

        Parameters
        ----------
        findings : iterable of Finding
            As the lexicon read them.

        Returns
        -------
        list of Finding
            Without those that an expression excludes; a renamed one says so in `why`.

        Examples
        --------
        >>> from heqing.reading import read
        >>> own = Additions(synonyms=(Synonym("蓝天占比", "空气质量优良天数比例", "air"),))
        >>> read("蓝天占比达到85%以上。", additions=own).findings[0].indicator
        '空气质量优良天数比例'
        """
        kept = findings if not self._excluded else (row for row in findings if not self._excludes(row.quote))
        return [self._named(row) for row in kept]

    def _excludes(self, quote: str) -> bool:
        said = _plain(quote)
        return any(word in said for word in self._excluded)

    def _named(self, row: Finding) -> Finding:
        own = self._names.get(_plain(row.indicator)) if row.indicator else None
        if own is None:
            return row
        return replace(row, indicator=own.name, pillar=own.pillar or row.pillar, why=(*row.why, OWN_NAME))

    @classmethod
    def from_csv(cls, tables: Mapping[str, str]) -> Additions:
        r"""Make additions of the texts of their tables.

        Parameters
        ----------
        tables : mapping of str to str
            By table (``synonyms``, ``junk``, ``exclusions``), the text of its CSV file; a table may be missing.

        Returns
        -------
        Additions
            Rows in the order of the files; where two rows speak of the same words, the later holds.

        Raises
        ------
        BadFileError
            A column is missing, a word is empty, or `noise` says neither yes nor no.

        Examples
        --------
        >>> Additions.from_csv({"exclusions": "word\n境内现有\n"}).exclusions
        ('境内现有',)
        """
        rows = {name: list(_rows(name, text)) for name, text in tables.items() if name in TABLES}
        for number, row in enumerate(rows.get("junk", ()), start=1):
            if row["noise"].lower() not in _SAID:
                raise BadFileError("junk.csv", "say yes or no", row=number, column="noise")
        return cls(
            synonyms=tuple(
                Synonym(row["word"], row["name"], row.get("pillar", "")) for row in rows.get("synonyms", ())
            ),
            junk=tuple((row["line"], _SAID[row["noise"].lower()]) for row in rows.get("junk", ())),
            exclusions=tuple(row["word"] for row in rows.get("exclusions", ())),
        )


def _rows(name: str, text: str) -> Iterable[dict[str, str]]:
    read = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    file = f"{name}.csv"
    for column in TABLES[name]:
        if column not in (read.fieldnames or ()):
            raise BadFileError(file, f"the first line must name the columns {', '.join(TABLES[name])}", column=column)
    for number, row in enumerate(read, start=1):
        found = {key: (value or "").strip() for key, value in row.items() if key}
        for column in TABLES[name]:
            if not found[column]:
                raise BadFileError(file, "this column may not be empty", row=number, column=column)
        yield found


def _plain(words: str) -> str:
    """Give words as the reader sees them: simplified, widths and blanks evened."""
    return clean(words).text.strip()
