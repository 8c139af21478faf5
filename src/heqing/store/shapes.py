"""Wide and long: a file has one column per item, a store one row per value; the way there and back.

It reads and writes no file. Look next at `heqing.store.observations`.
"""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from heqing.errors import UnknownNameError
from heqing.store.spelling import rows_of
from heqing.tables import item, items

KEY = ("domain", "city", "place", "item", "period_end", "period_seconds")


def period_seconds(name: str) -> int:
    """Give the length of a named period.

    Parameters
    ----------
    name : str
        For instance ``hour``; ``sample`` for a moment.

    Returns
    -------
    int
        Length [s].

    Raises
    ------
    UnknownNameError
        For a name that is not listed.

    Examples
    --------
    >>> period_seconds("hour")
    3600
    """
    known = {r["name"]: int(r["seconds"]) for r in rows_of("periods")}
    if name not in known:
        raise UnknownNameError("period", name, list(known))
    return known[name]


def place_column(domain: str) -> str:
    """Name the column that a place has in wide frames of a domain.

    Parameters
    ----------
    domain : str
        ``air`` or ``water``.

    Returns
    -------
    str
        ``station`` or ``section``.

    Examples
    --------
    >>> place_column("water")
    'section'
    """
    return "station" if domain == "air" else "section"


def to_long(wide: pl.LazyFrame, *, domain: str, period: str) -> pl.LazyFrame:
    """Turn one row per place and time into one row per value.

    Parameters
    ----------
    wide : polars.LazyFrame
        ``time`` [end of the period, local] or ``day``, ``station`` or ``section``, ``city``, item columns and, for
        water, ``<item>_below``; ``file_row`` where there is one.
    domain : str
        ``air`` or ``water``.
    period : str
        Name of the period the values are for.

    Returns
    -------
    polars.LazyFrame
        The key columns, ``value`` [unit of the item], ``unit``, ``below`` and ``source_row``; empty cells left out.

    Examples
    --------
    >>> from datetime import date
    >>> wide = pl.LazyFrame({"day": [date(2020, 1, 1)], "city": ["无锡"], "pm2_5": [35.0], "co": [None]})
    >>> to_long(wide, domain="air", period="day").select("item", "value", "period_end").collect().rows()
    [('pm2_5', 35.0, datetime.datetime(2020, 1, 2, 0, 0))]
    """
    present = wide.collect_schema().names()
    seconds = period_seconds(period)
    end = pl.col("time") if "time" in present else pl.col("day").cast(pl.Datetime("us")) + timedelta(seconds=seconds)
    place = place_column(domain)
    text = pl.lit(None, pl.String)
    keyed = wide.with_columns(
        domain=pl.lit(domain),
        city=pl.col("city").cast(pl.String) if "city" in present else text,
        place=pl.col(place).cast(pl.String) if place in present else text,
        period_end=end.cast(pl.Datetime("us")),
        period_seconds=pl.lit(seconds, pl.Int64),
        source_row=pl.col("file_row").cast(pl.Int64) if "file_row" in present else pl.lit(None, pl.Int64),
    )
    parts = [
        keyed.filter(pl.col(code).is_not_null()).select(
            "domain",
            "city",
            "place",
            pl.lit(code).alias("item"),
            "period_end",
            "period_seconds",
            pl.col(code).cast(pl.Float64).alias("value"),
            pl.lit(item(domain, code).unit).alias("unit"),
            (pl.col(f"{code}_below").fill_null(False) if f"{code}_below" in present else pl.lit(False)).alias("below"),
            "source_row",
        )
        for code in (i.code for i in items(domain))
        if code in present
    ]
    return pl.concat(parts) if parts else keyed.select(*KEY[:3]).clear()


def to_wide(long: pl.LazyFrame, *, domain: str, period: str, codes: list[str] | None = None) -> pl.LazyFrame:
    """Turn one row per value into one row per place and time, as the assessing rules read it.

    Parameters
    ----------
    long : polars.LazyFrame
        Observations, each key once: see `heqing.store.observations.current`.
    domain : str
        ``air`` or ``water``.
    period : str
        Name of the period; observations of other periods are left out.
    codes : list of str, optional
        Items wanted; all of the domain by default.

    Returns
    -------
    polars.LazyFrame
        ``time`` (``day`` when the period is a day), ``city``, ``station`` or ``section``, one column per item and,
        for water, ``<item>_below``; ordered by place and time.

    Examples
    --------
    >>> from datetime import date
    >>> wide = pl.LazyFrame({"day": [date(2020, 1, 1)], "city": ["无锡"], "pm2_5": [35.0]})
    >>> long = to_long(wide, domain="air", period="day")
    >>> to_wide(long, domain="air", period="day", codes=["pm2_5"]).select("day", "city", "pm2_5").collect().rows()
    [(datetime.date(2020, 1, 1), '无锡', 35.0)]
    """
    seconds = period_seconds(period)
    wanted = codes or [i.code for i in items(domain)]
    cells: list[pl.Expr] = []
    for code in wanted:
        is_item = pl.col("item") == code
        cells.append(pl.col("value").filter(is_item).first().alias(code))
        if domain == "water":
            cells.append(pl.col("below").filter(is_item).first().alias(f"{code}_below"))
    wide = (
        long.filter(pl.col("domain") == domain, pl.col("period_seconds") == seconds, pl.col("item").is_in(wanted))
        .group_by("city", "place", "period_end")
        .agg(cells)
        .sort("city", "place", "period_end")
    )
    is_day = period == "day"
    moment = (
        (pl.col("period_end") - timedelta(seconds=seconds)).cast(pl.Date).alias("day")
        if is_day
        else pl.col("period_end").alias("time")
    )
    flags = [f"{c}_below" for c in wanted] if domain == "water" else []
    return wide.select(moment, "city", pl.col("place").alias(place_column(domain)), *wanted, *flags)
