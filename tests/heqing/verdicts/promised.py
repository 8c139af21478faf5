"""Builders of promises and evidence for tests; all values are invented."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from heqing.verdicts import Evidence, Kind, Promise, Verdict, judge, method_on

START, END = date(2025, 1, 1), date(2025, 12, 31)


def number(value: str | int | None) -> Decimal | None:
    """Give a decimal as it is printed."""
    return None if value is None else Decimal(value)


def promise(kind: Kind, comparator: str, bound: str | int | None, **terms: Any) -> Promise:
    """Make a promise for the year 2025 owed by the water office."""
    given = {"period_start": START, "period_end": END, "lead": "区水利局", **terms}
    return Promise(kind, comparator, number(bound), **given)


def verdict(
    of: Promise, value: str | int | None, *, as_of: date = date(2025, 7, 1), on: date | None = None, **known: Any
) -> Verdict:
    """Judge a promise on a value; the verdict is of the same day where no other is given."""
    scheme, places, window = known.pop("scheme", None), known.pop("places", None), known.pop("window", None)
    evidence = Evidence(number(value), None if value is None else as_of, **known)
    day = on or as_of
    return judge(of, evidence, on=day, method=method_on(day, places=places, window=window), scheme=scheme)
