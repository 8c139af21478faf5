"""Every error class of the site half.

It holds no sentences: what a person reads stands in ``messages.csv``, one row per code. Look next at the action that
raises: each names the rules it keeps.
"""

from __future__ import annotations

from heqing.errors import HeqingError
from heqing_site.wording import wording

PERMISSION_MISSING = "permission.missing"


class AppendOnlyError(HeqingError):
    """Somebody's code tried to change or delete a row that may only be added."""


class RuleBrokenError(HeqingError):
    """A person asked for what the rules of the office forbid.

    Parameters
    ----------
    code : str
        A stable code, listed in ``messages.csv``.
    values : object
        What the sentence of that code names: a unit, a day, a person.
    """

    def __init__(self, code: str, /, **values: object) -> None:
        self.code = code
        self.values = values
        super().__init__(f"{code}: {self.sentence('en')}")

    def sentence(self, language: str | None = None) -> str:
        """Say in Chinese, or in English for a reader of English, what was refused and what to do."""
        return wording(self.code, language).format(**self.values)

    @property
    def is_about_permission(self) -> bool:
        """Whether the person lacks a right, as against asking for something nobody may do."""
        return self.code == PERMISSION_MISSING
