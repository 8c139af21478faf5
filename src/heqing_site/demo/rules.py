"""What the invented district consists of, as rows, and how its days are counted. Plain Python: no Django, no clock.

The rows stand in ``district/*.csv``. Its places lie in the open sea, its firms bear 示例 (“example”) in their names, so
that nobody takes them for real.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files

DISTRICT_CODE = "990201"  # no division of the country begins with 99
DISTRICT_NAME = "青澜区"
PASSWORD = "qinglan-yanshi"  # noqa: S105  told to everybody: it opens invented accounts only
OFFICER = "shengtai"  # who hands in the documents and keeps the ledger
CHECKER = "ducha"  # who checks what the units report
SEED = 20260601
MONTHS = 14
DAYS_JUDGED = 14  # the last days judged one by one; of those before, the last day of each month
LAGGING, LAG = 13, Decimal("0.45")  # every so many-th amount lags by this share of its bound, so that some light is red
Tell = Callable[[str], None]

DOCUMENTS = ("区委书记讲话.txt", "治气治水工作方案.txt", "政府工作报告.txt")


@dataclass(frozen=True)
class Account:
    """A demo account (演示账号) that a visitor is told of."""

    username: str
    name: str
    about: str


@cache
def rows(table: str) -> list[dict[str, str]]:
    """Read a table of the invented district, such as ``units``, ``people`` or ``stations``."""
    text = files("heqing_site.demo").joinpath("district", f"{table}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def accounts() -> list[Account]:
    """List the accounts that a visitor is told of, in the order of the table."""
    return [Account(row["username"], row["name"], row["about"]) for row in rows("people") if row["about"]]


def documents(year: int) -> Iterator[tuple[str, bytes]]:
    """Give the invented documents of a year: file name and content."""
    for name in DOCUMENTS:
        text = files("heqing_site.demo").joinpath("documents", name).read_text(encoding="utf-8")
        text = text.replace("{year}", str(year)).replace("{last_year}", str(year - 1))
        yield f"{year}{name}", text.encode()


def document_day(content: bytes) -> date:
    """Give the day under the heading of an invented document."""
    found = re.search(r"^(\d{4})年(\d{1,2})月(\d{1,2})日$", content.decode(), re.MULTILINE)
    if found is None:
        raise ValueError("An invented document names its day in a line of its own.")
    return date(*(int(part) for part in found.groups()))


def first_day(through: date, months: int) -> date:
    """Give the day on which so many months begin that end with a day: 14 months to 2026-03-31 begin on 2025-02-01."""
    eve = through + timedelta(days=1)
    year, month = divmod(eve.year * 12 + eve.month - 1 - months, 12)
    last_of_month = (date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(eve.day, last_of_month))
