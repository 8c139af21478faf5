"""Builders of small frames of surface-water samples."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import polars as pl

from heqing.water import water_class

BEFORE = date(2020, 6, 1)  # judged as measured
ROUNDED_FROM = date(2025, 11, 1)


def samples(**columns: Any) -> pl.LazyFrame:
    """Make samples of one section; scalars are repeated, `day` and `body_type` are filled in."""
    height = max([len(v) for v in columns.values() if isinstance(v, list)], default=1)
    filled = {"section": "a", **({} if "time" in columns else {"day": BEFORE}), "body_type": "river", **columns}
    frame = pl.DataFrame({k: v if isinstance(v, list) else [v] * height for k, v in filled.items()}, strict=False)
    return frame.lazy()


def judge(edition: str | None = None, rounding: str = "auto", **columns: Any) -> pl.DataFrame:
    """Judge samples made from columns."""
    return water_class(samples(**columns), edition=edition, rounding=rounding).collect()


def classes(**columns: Any) -> list[int | None]:
    """Give only the classes."""
    return judge(**columns)["water_class"].to_list()


def noon(day: str) -> datetime:
    """Give noon of a day."""
    return datetime.fromisoformat(f"{day}T12:00:00")
