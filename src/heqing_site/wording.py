"""What the site says in Chinese and English, by code: the file ``messages.csv`` beside this module.

Codes are stable. Those that begin with ``action.`` name a deed of the audit record; all others are sentences of
``RuleBrokenError``. Words of pages stand in the templates, not here.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files


@cache
def messages() -> dict[str, tuple[str, str]]:
    """Read the Chinese and the English wording of every code."""
    text = files("heqing_site").joinpath("messages.csv").read_text(encoding="utf-8")
    return {row["code"]: (row["zh"], row["en"]) for row in csv.DictReader(text.splitlines())}


def wording(code: str, language: str | None) -> str:
    """Give the wording of a code: English to whoever reads English, Chinese to all others."""
    chinese, english = messages()[code]
    return english if (language or "").startswith("en") else chinese
