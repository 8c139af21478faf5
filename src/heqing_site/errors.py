"""Every error class of the site half.

It holds no sentences: what a person reads, in Chinese and English, stands in ``messages.csv`` beside this file, one row
per code. Look next at the action that raises: each names the rules it keeps.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

from heqing.errors import HeqingError

PERMISSION_MISSING = "permission.missing"


class AppendOnlyError(HeqingError):
    """Somebody's code tried to change or delete a row that may only be added."""


class RuleBrokenError(HeqingError):
    """A person asked for what the rules of the office forbid.

    Parameters
    ----------
    code : str
        A stable code, listed in ``messages.csv``.
    values : str
        What the sentence of that code names: a unit, a day, a person.
    """

    def __init__(self, code: str, /, **values: object) -> None:
        self.code = code
        self.values = values
        super().__init__(f"{code}: {self.sentence('en')}")

    def sentence(self, language: str = "zh-hans") -> str:
        """Say in Chinese, or in English for a reader of English, what was refused and what to do."""
        chinese, english = sentences()[self.code]
        return (english if language.startswith("en") else chinese).format(**self.values)

    @property
    def is_about_permission(self) -> bool:
        """Whether the person lacks a right, as against asking for something nobody may do."""
        return self.code == PERMISSION_MISSING


@cache
def sentences() -> dict[str, tuple[str, str]]:
    """Read the Chinese and the English sentence of every code."""
    text = files("heqing_site").joinpath("messages.csv").read_text(encoding="utf-8")
    return {row["code"]: (row["zh"], row["en"]) for row in csv.DictReader(text.splitlines())}
