"""The rate of safe use of key construction land (重点建设用地安全利用率), by area and by number.

What makes a parcel key and its use safe is decided by whoever keeps the register; here only the rates are made.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from heqing.tables import join_reasons, need_columns
from heqing.tables.door import any_frame


@any_frame
def safe_use_rate(frame: pl.LazyFrame, *, by: Sequence[str] = ()) -> pl.LazyFrame:
    """Give the share of key parcels that are safely used.

    Parameters
    ----------
    frame : polars.LazyFrame
        One row a parcel: ``is_key`` and ``is_safe`` (Boolean), ``area`` [any one unit], and the columns of `by`.
    by : sequence of str
        What to group by, for instance a year or a district; empty for one row.

    Returns
    -------
    polars.LazyFrame
        `by`, ``key_parcels``, ``unsafe_parcels``, ``undecided_parcels``, ``rate_by_area`` and ``rate_by_number`` [%],
        ``unconfirmed`` (true: the definition was not read in a rule), ``reason``. Without key parcels there is no
        rate, and not 100 %; nor while one of them is undecided.

    Raises
    ------
    MissingColumnError
        When a column is missing.

    References
    ----------
    土壤污染防治法 articles 59, 61 and 66; the definition of the rate is a working one.

    Examples
    --------
    >>> rows = pl.LazyFrame({"is_key": [True, True, False], "is_safe": [True, False, True], "area": [30.0, 10.0, 5.0]})
    >>> safe_use_rate(rows).select("rate_by_area", "rate_by_number", "unsafe_parcels").collect().row(0)
    (75.0, 50.0, 1)
    """
    need_columns(frame, "parcels", [*by, "is_key", "is_safe", "area"])
    key = pl.col("is_key").fill_null(False)
    safe = key & pl.col("is_safe").fill_null(False)
    sums = [
        key.sum().cast(pl.Int64).alias("key_parcels"),
        (key & ~pl.col("is_safe")).sum().cast(pl.Int64).alias("unsafe_parcels"),
        (key & pl.col("is_safe").is_null()).sum().cast(pl.Int64).alias("undecided_parcels"),
        (key & (pl.col("area").is_null() | (pl.col("area") <= 0))).sum().alias("_without_area"),
        pl.col("area").filter(key).sum().alias("_area"),
        pl.col("area").filter(safe).sum().alias("_safe_area"),
        safe.sum().cast(pl.Int64).alias("_safe"),
    ]
    grouped = frame.group_by(list(by), maintain_order=True).agg(sums) if by else frame.select(sums)
    stated = (pl.col("key_parcels") > 0) & (pl.col("undecided_parcels") == 0)
    by_area = pl.when(stated & (pl.col("_without_area") == 0)).then(100 * pl.col("_safe_area") / pl.col("_area"))
    by_number = pl.when(stated).then(100 * pl.col("_safe") / pl.col("key_parcels"))
    counted = [("undecided_parcels", "soil_undecided"), ("_without_area", "soil_without_area")]
    reason = join_reasons(
        pl.when(pl.col("key_parcels") == 0).then(pl.lit("soil_no_key_parcels")),
        *[
            pl.when(pl.col(name) > 0).then(pl.concat_str(pl.lit(f"{code}("), pl.col(name), pl.lit(")")))
            for name, code in counted
        ],
    )
    return grouped.select(
        *by,
        "key_parcels",
        "unsafe_parcels",
        "undecided_parcels",
        by_area.alias("rate_by_area"),
        by_number.alias("rate_by_number"),
        pl.lit(True).alias("unconfirmed"),
        reason.alias("reason"),
    )
