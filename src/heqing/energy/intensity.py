"""Energy per value added (单位增加值能耗) and its fall, from levels or from growth rates; headroom set free.

Value added must be at comparable prices; nothing here can see whether it is, so the caller says which base it has.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from heqing.tables import as_doubles, join_reasons, keep_inputs, need_columns
from heqing.tables.door import any_frame


@any_frame
def intensity_fall(frame: pl.LazyFrame, *, by: Sequence[str] = ()) -> pl.LazyFrame:
    """Give each year its energy per value added, and by how much that fell against the year before.

    Parameters
    ----------
    frame : polars.LazyFrame
        One row per group and year: ``year``, ``tce`` [t of standard coal], ``value_added`` [10 000 CNY at comparable
        prices], ``electricity_value`` and ``price_base`` where known, and the columns of `by`.
    by : sequence of str
        What to group by beside the year.

    Returns
    -------
    polars.LazyFrame
        The rows of `frame`, in order, plus ``intensity`` [t per 10 000 CNY], ``intensity_fall`` [%, positive when it
        fell], ``reason``. There is no fall without the year before, nor across two values of electricity or two price
        bases.

    Raises
    ------
    MissingColumnError
        When a column is missing.

    References
    ----------
    Decrease = (1 - e_t / e_(t-1)) x 100 (one source and arithmetic).

    Examples
    --------
    >>> rows = pl.LazyFrame({"year": [2022, 2023], "tce": [100.0, 102.0], "value_added": [200.0, 212.5]})
    >>> intensity_fall(rows).select("intensity", "intensity_fall").collect().rows()
    [(0.5, None), (0.48, 4.0)]
    """
    given = need_columns(frame, "energy and value added", [*by, "year", "tce", "value_added"])
    frame = keep_inputs(frame, ["intensity", "intensity_fall", "reason"])
    kept = frame.collect_schema().names()
    worked = as_doubles(frame, ["tce", "value_added"]).with_row_index("_row")
    usable = (pl.col("tce") >= 0) & (pl.col("value_added") > 0)
    same = [name for name in ("electricity_value", "price_base") if name in given]
    worked = worked.with_columns(_intensity=pl.when(usable).then(pl.col("tce") / pl.col("value_added")))
    before = worked.select(
        *by,
        (pl.col("year") + 1).alias("year"),
        pl.col("_intensity").alias("_before"),
        pl.col("tce").alias("_tce_before"),
        pl.col("value_added").alias("_value_before"),
        *[pl.col(name).alias(f"_before_{name}") for name in same],
    ).unique([*by, "year"], keep="none")
    worked = worked.join(before, on=[*by, "year"], how="left", maintain_order="left", nulls_equal=True)
    changed = [pl.col(name).ne_missing(pl.col(f"_before_{name}")) for name in same]
    mixed = (pl.any_horizontal(changed) if changed else pl.lit(False)) & pl.col("_before").is_not_null()
    then, now = pl.col("_tce_before") * pl.col("value_added"), pl.col("tce") * pl.col("_value_before")
    fall = pl.when(~mixed & usable & (pl.col("_before") > 0)).then(100 * (then - now) / then)
    twice = pl.struct(*by, "year").is_duplicated()
    reason = join_reasons(
        pl.when(~usable.fill_null(False)).then(pl.lit("energy_no_intensity")),
        pl.when(twice).then(pl.lit("energy_year_twice")),
        pl.when(usable & pl.col("_before").is_null() & ~twice).then(pl.lit("energy_no_year_before")),
        pl.when(mixed).then(pl.lit("energy_bases_differ")),
    )
    return worked.select(
        *kept,
        pl.col("_intensity").alias("intensity"),
        pl.when(~twice).then(fall).alias("intensity_fall"),
        reason.alias("reason"),
    )


@any_frame
def fall_from_rates(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Give the fall of energy per value added from the growth of energy and of value added.

    Parameters
    ----------
    frame : polars.LazyFrame
        ``energy_growth`` and ``value_growth`` [%].

    Returns
    -------
    polars.LazyFrame
        The rows of `frame`, in order, plus ``intensity_fall`` [%]; null where a rate is missing or value added
        vanished.

    Raises
    ------
    MissingColumnError
        When a column is missing.

    References
    ----------
    Decrease = 1 - (1 + g_E) / (1 + g_V), algebra on the definition.

    Examples
    --------
    >>> rows = pl.LazyFrame({"energy_growth": [2.0], "value_growth": [6.25]})
    >>> fall_from_rates(rows).select("intensity_fall").collect().item()
    4.0
    """
    need_columns(frame, "rates of growth", ["energy_growth", "value_growth"])
    frame = keep_inputs(frame, ["intensity_fall"])
    energy, value = pl.col("energy_growth"), pl.col("value_growth")
    fall = pl.when(value > -100).then(100 * (value - energy) / (100 + value))
    return frame.with_columns(intensity_fall=fall)


@any_frame
def freed_headroom(frame: pl.LazyFrame, *, by: Sequence[str] = ()) -> pl.LazyFrame:
    """Sum the energy that closed, moved or renewed users set free (腾出用能空间).

    Parameters
    ----------
    frame : polars.LazyFrame
        One row per user and certificate: ``user``, ``tce_before``, ``tce_after`` [t of standard coal, electricity at
        its equal value], ``certified`` (Boolean), and the columns of `by`.
    by : sequence of str
        What to group by; empty for one row.

    Returns
    -------
    polars.LazyFrame
        `by`, ``freed_tce`` [t; certified users, each counted once], ``users``, ``not_certified_tce``, ``unconfirmed``
        (true: no rule with this formula was read), ``reason``: users certified more than once (none of their rows
        counts) or with more energy after than before.

    Raises
    ------
    MissingColumnError
        When a column is missing.

    References
    ----------
    Sum of baseline energy less energy after, certified once; a proposal, see `docs/decisions`.

    Examples
    --------
    >>> rows = {"user": ["甲", "乙"], "tce_before": [900.0, 500.0], "tce_after": [0.0, 450.0]}
    >>> users = pl.LazyFrame(rows | {"certified": [True, False]})
    >>> freed_headroom(users).select("freed_tce", "users", "not_certified_tce").collect().row(0)
    (900.0, 1, 50.0)
    """
    need_columns(frame, "energy users", [*by, "user", "tce_before", "tce_after", "certified"])
    certified = pl.col("certified").fill_null(False)
    freed = pl.col("tce_before") - pl.col("tce_after")
    usable = freed.is_not_null() & (freed >= 0) & (pl.col("tce_after") >= 0)
    # A user counts once, whoever reports it: a second certificate is a question, not a sum.
    worked = frame.with_columns(_twice=certified & (certified.cast(pl.Int64).sum().over("user") > 1))
    counts = certified & usable & ~pl.col("_twice")
    sums = [
        freed.filter(counts).sum().alias("freed_tce"),
        counts.sum().cast(pl.Int64).alias("users"),
        freed.filter(~certified & usable).sum().alias("not_certified_tce"),
        pl.col("user").filter(pl.col("_twice")).n_unique().alias("_twice"),
        (~usable.fill_null(False)).sum().alias("_unusable"),
    ]
    grouped = worked.group_by(list(by), maintain_order=True).agg(sums) if by else worked.select(sums)
    reason = join_reasons(
        *[
            pl.when(pl.col(name) > 0).then(pl.concat_str(pl.lit(f"{code}("), pl.col(name), pl.lit(")")))
            for name, code in (("_twice", "energy_certified_twice"), ("_unusable", "energy_unusable_users"))
        ]
    )
    return grouped.select(
        *by, "freed_tce", "users", "not_certified_tce", pl.lit(True).alias("unconfirmed"), reason.alias("reason")
    )
