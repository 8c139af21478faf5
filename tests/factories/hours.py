"""Hours of air: a day, a month or a year of one station, with any item given as a value, a list or a function."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

import polars as pl

Given = float | None | Sequence[float | None] | Callable[[int], float | None]


def hours(day: date, count: int = 24, *, station: str = "甲", city: str | None = None, **items: Given) -> pl.LazyFrame:
    """Give hours that end at 01:00, 02:00 … of a day and on."""
    ends = [datetime(day.year, day.month, day.day) + timedelta(hours=h) for h in range(1, count + 1)]
    columns: dict[str, object] = {"station": [station] * count, "time": ends}
    if city is not None:
        columns = {"city": [city] * count, **columns}
    schema: dict[str, object] = {}
    for item, given in items.items():
        if callable(given):
            columns[item] = [given(h) for h in range(count)]
        elif isinstance(given, Sequence):
            columns[item] = list(given)
        else:
            columns[item] = [given] * count
        schema[item] = pl.Float64
    return pl.LazyFrame(columns, schema_overrides=schema)
