"""A value to date and what it rests on, and what the values of air and of water have in common.

Values are made in `heqing.verdicts.values` and `heqing.verdicts.section_values`; nothing is judged here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import polars as pl

from heqing.editions import table
from heqing.quantities.rounding import PLACES
from heqing.store import to_wide
from heqing.store.shapes import period_seconds
from heqing.tables import items
from heqing.verdicts.course import as_decimal
from heqing.verdicts.promises import Evidence

CATALOGUE = "indicator_catalogue"
ITEM = re.compile(r"(air|water)\.([a-z0-9_]+)\.(?:mean|p(\d+))")
_JUDGED = {"air": "pm2_5", "water": "ph"}


@dataclass(frozen=True)
class Measured:
    """A value to date (至今值): the value, what it rests on, and the decimals to which it is rounded when judged.

    `value` is None with a `reason` where it cannot be computed. `samples` of `expected` are days, or months of
    sections; `part` is the number of days counted by a share of days, or of sections, of `whole`, by a share of
    sections; `beyond` are the days beyond the bound of a percentile, as promised and as judged. `last_day` is the last
    one with data; where it is before `as_of`, the reason says so.
    """

    statistic: str
    value: Decimal | None
    as_of: date
    samples: int
    expected: int
    part: int | None = None
    whole: int | None = None
    beyond: tuple[int, int] | None = None
    places: int | None = None
    edition: str = ""
    clause: str = ""
    unconfirmed: bool = False
    reason: str = ""
    last_day: date | None = None

    def evidence(self, source: str = "") -> Evidence:
        """Give the value as evidence for a verdict."""
        return Evidence(
            self.value,
            self.as_of,
            part=self.part,
            whole=self.whole,
            beyond=self.beyond,
            samples=self.samples,
            expected=self.expected,
            source=source,
            edition=self.edition,
            clause=self.clause,
            unconfirmed=self.unconfirmed,
            reason=self.reason,
        )


def exact(number: float | None) -> Decimal | None:
    """Read a double at the places that a mean of printed decimals is exact to."""
    return None if number is None else as_decimal(Fraction(number), PLACES)


# --- air ----------------------------------------------------------------------------------------------------------


def name_of(statistic: str) -> str:
    """Name a statistic of the catalogue."""
    rows = table(CATALOGUE, "statistics").filter(pl.col("statistic") == statistic)
    return str(rows["name_zh"][0])


def within_days(day: pl.Expr, first: date | None, last: date | None) -> pl.Expr:
    """Say which rows are of these days."""
    wanted = day.is_not_null()
    if first is not None:
        wanted &= day >= first
    return wanted if last is None else wanted & (day <= last)


def widened(
    long: pl.LazyFrame, domain: str, periods: Sequence[str], first: date | None, last: date | None
) -> pl.LazyFrame:
    """Widen observations of the first of the periods that has any."""
    begins = pl.col("period_end") - pl.duration(seconds=pl.col("period_seconds"))
    long = long.filter(pl.col("domain") == domain, within_days(begins.dt.date(), first, last))
    found = set(long.select(pl.col("period_seconds").unique()).collect().to_series().to_list())
    period = next((p for p in periods if period_seconds(p) in found), periods[0])
    codes = [i.code for i in items(domain)]
    present = long.filter(pl.col("period_seconds") == period_seconds(period)).select(pl.col("item").unique())
    wanted = [c for c in codes if c in set(present.collect().to_series().to_list())]
    judged = _JUDGED[domain]  # an item that can be judged stands there even where nothing was measured
    return to_wide(long, domain=domain, period=period, codes=wanted if judged in wanted else [*wanted, judged])


def ending(measured: Measured, last_day: date) -> Measured:
    """Say where the data end, if that is before the day the value is for."""
    said = [f"data_end({last_day})"] if last_day < measured.as_of else []
    return replace(measured, last_day=last_day, reason=";".join([*filter(None, [measured.reason]), *said]))


def no_days(first: date, last: date) -> str:
    """Give the reason where no day of a span has a value."""
    return f"no_days({first} — {last})"
