"""Spearman's rank correlation of values with time, and whether it is significant (Daniel 趋势检验，秩相关系数法).

Values are ranked as the decimals that were printed; equal ones get the mean of their ranks. It says nothing of how big
a change is.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from typing import Any

import polars as pl

from heqing.editions import table
from heqing.errors import MissingColumnError, UnknownNameError
from heqing.quantities.rounding import PLACES, round_scaled, scaled, unscaled
from heqing.tables import as_doubles, join_reasons, need_columns
from heqing.tables.door import any_frame

FAMILY = "trend_test"
DECIDES = ("above", "at_least")
RESULTS = (
    "periods",
    "rank_correlation",
    "critical_value",
    "significant",
    "trend",
    "trend_word",
    "trend_direction",
    "trend_clause",
    "trend_unconfirmed",
    "trend_reason",
)


@cache
def _rule(domain: str) -> dict[str, Any]:
    rows = table(FAMILY, "rules")
    known = rows["domain"].unique(maintain_order=True).to_list()
    if domain not in known:
        raise UnknownNameError("domain of the trend test", domain, known)
    return dict(rows.filter(pl.col("domain") == domain).row(-1, named=True))


@cache
def critical_values(domain: str, alpha: str) -> dict[int, tuple[int, bool]]:
    """Give the critical values that a domain reads.

    Parameters
    ----------
    domain : str
        ``water`` or ``air``.
    alpha : str
        Level of significance of the one-sided test, ``0.05`` or ``0.01``.

    Returns
    -------
    dict
        Number of periods to (critical value in billionths, whether it is unconfirmed).

    Raises
    ------
    UnknownNameError
        For another domain or level.

    Examples
    --------
    >>> critical_values("water", "0.05")[10], critical_values("air", "0.05")[10]
    ((564000000, False), (563600000, False))
    """
    rows = table(FAMILY, "critical_values").filter(pl.col("list") == _rule(domain)["critical_list"])
    known = sorted({str(a.normalize()) for a in rows["alpha"]})
    if alpha not in known:
        raise UnknownNameError("level of significance", alpha, known)
    chosen = rows.filter(pl.col("alpha") == Decimal(alpha)).select("n", "critical", "unconfirmed")
    return {n: (int(critical * 10**PLACES), unsure) for n, critical, unsure in chosen.iter_rows()}


@any_frame
def trend_test(
    frame: pl.LazyFrame,
    *,
    value: str,
    order: str = "year",
    by: Sequence[str] = (),
    domain: str = "water",
    rising_is_better: bool = False,
    alpha: str = "0.05",
    decides: str | None = None,
) -> pl.LazyFrame:
    """Test whether the values of each group rise or fall with time.

    Parameters
    ----------
    frame : polars.LazyFrame
        One row per group and period with the columns `value`, `order` and `by`; rows without a value do not count.
    value : str
        Column with numbers.
    order : str
        Column that puts periods in order: a year, a date.
    by : sequence of str
        Columns that make a group; none for one series.
    domain : str
        ``water`` or ``air``: whose critical values and decision count.
    rising_is_better : bool
        For dissolved oxygen, good days and the like.
    alpha : str
        One-sided level of significance, ``0.05`` or ``0.01``.
    decides : str, optional
        ``above`` or ``at_least``: whether a correlation equal to the critical value is significant; by default as
        table ``rules`` has it, unconfirmed.

    Returns
    -------
    polars.LazyFrame
        One row per group, in order: `by`, ``periods``, ``rank_correlation``, ``critical_value``, ``significant``,
        ``trend`` (``rising``, ``falling``, ``none``), ``trend_word``, ``trend_direction`` (``better``, ``worse``,
        ``same``), ``trend_clause``, ``trend_unconfirmed``, ``trend_reason``.

    Raises
    ------
    MissingColumnError
        Without one of the columns.
    UnknownNameError
        When `domain`, `alpha` or `decides` is none.

    References
    ----------
    Family ``trend_test``: tables ``critical_values`` and ``rules``.

    Examples
    --------
    >>> years = pl.LazyFrame({"year": [2019, 2020, 2021, 2022, 2023], "pm2_5": [40, 38, 35, 36, 30]})
    >>> trend_test(years, value="pm2_5", domain="air").select("rank_correlation", "trend_word").collect().row(0)
    (-0.9, '显著下降')
    """
    if decides is not None and decides not in DECIDES:
        raise UnknownNameError("decision", decides, list(DECIDES))
    rule, critical = _rule(domain), critical_values(domain, alpha)
    given = need_columns(frame, "series of periods", [value, order, *by])
    taken = [b for b in by if b in RESULTS]
    if taken:
        raise MissingColumnError("series of periods", taken, present=given, hint="These are names of results.")
    keys = [f"by {k}" for k, _ in enumerate(by)]
    rows = as_doubles(frame, [value]).select(
        *[pl.col(b).alias(key) for b, key in zip(by, keys, strict=True)],
        scaled(pl.col(value), PLACES).alias("value"),
        pl.col(order).alias("order"),
    )
    if not keys:
        rows, keys = rows.with_columns(pl.lit(0).alias("by")), ["by"]
    present = pl.col("value").is_not_null() & pl.col("order").is_not_null()
    # Twice the mean rank is a whole number, so that sums over ranks are exact.
    twice = {
        f"_{c}": (pl.when(present).then(pl.col(c)).rank("average").over(keys) * 2).cast(pl.Int64)
        for c in ("value", "order")
    }
    n, middle = pl.col("periods"), pl.col("periods") + 1
    groups = (
        rows.with_columns(**twice)
        .group_by(*keys)
        .agg(
            periods=present.sum().cast(pl.Int64),
            _repeated=pl.col("_order").drop_nulls().is_duplicated().any(),
            _xy=(pl.col("_value") * pl.col("_order")).sum(),
            _xx=(pl.col("_value") ** 2).sum(),
            _yy=(pl.col("_order") ** 2).sum(),
        )
        # Ranks sum to n (n + 1) / 2: what is left after their mean is taken away.
        .with_columns(**{c: pl.col(c) - n * middle**2 for c in ("_xy", "_xx", "_yy")})
    )
    needed, places = int(rule["needed"]), int(rule["decimals"])
    enough, flat = n >= needed, pl.col("_xx") == 0
    tested = enough & ~pl.col("_repeated") & ~flat
    correlation = pl.col("_xy") / (pl.col("_xx").cast(pl.Float64) * pl.col("_yy").cast(pl.Float64)).sqrt()
    worked = groups.with_columns(
        _rs=pl.when(tested).then(scaled(correlation, PLACES)),
        _critical=pl.when(enough).then(
            n.replace_strict({k: of for k, (of, _) in critical.items()}, default=None, return_dtype=pl.Int64)
        ),
        _unsure=n.replace_strict({k: u for k, (_, u) in critical.items()}, default=None, return_dtype=pl.Boolean),
    )
    compared = round_scaled(pl.col("_rs").abs(), PLACES, places)
    bound = pl.col("_critical")
    is_equal = compared == bound
    chosen = decides or rule["decides"]
    beyond = (compared >= bound) if chosen == "at_least" else (compared > bound)
    doubt_of_rule = decides is None and bool(rule["unconfirmed"])
    worked = worked.with_columns(
        _significant=pl.when(flat & enough & ~pl.col("_repeated")).then(pl.lit(False)).otherwise(beyond),
        _edge=is_equal.fill_null(False) & doubt_of_rule,
    )
    significant, falling = pl.col("_significant"), pl.col("_rs") < 0
    trend = (
        pl.when(significant & falling)
        .then(pl.lit("falling"))
        .when(significant)
        .then(pl.lit("rising"))
        .when(~significant)
        .then(pl.lit("none"))
    )
    words = dict(table(FAMILY, "words").select("trend", "word_zh").iter_rows())
    better = {"rising": "better", "falling": "worse", "none": "same"}
    if not rising_is_better:
        better |= {"rising": "worse", "falling": "better"}
    count = n.cast(pl.String)
    reasons = [
        pl.when(~enough).then(pl.concat_str(pl.lit("too_few_periods("), count, pl.lit(f"/{needed})"))),
        pl.when(pl.col("_repeated")).then(pl.lit("repeated_periods")),
        pl.when(enough & ~pl.col("_repeated") & flat).then(pl.lit("values_all_equal")),
        pl.when(tested & bound.is_null()).then(pl.concat_str(pl.lit("no_critical_value("), count, pl.lit(")"))),
        pl.when(pl.col("_edge")).then(pl.lit("at_critical_value")),
    ]
    found = worked.with_columns(_trend=trend).select(
        *([pl.col(key).alias(b) for b, key in zip(by, keys, strict=True)] if by else []),
        n,
        unscaled(pl.col("_rs"), PLACES).alias("rank_correlation"),
        unscaled(bound, PLACES).alias("critical_value"),
        significant.alias("significant"),
        pl.col("_trend").alias("trend"),
        pl.col("_trend").replace_strict(words, default=None, return_dtype=pl.String).alias("trend_word"),
        pl.col("_trend").replace_strict(better, default=None, return_dtype=pl.String).alias("trend_direction"),
        pl.when(significant.is_not_null()).then(pl.lit(rule["clause"])).alias("trend_clause"),
        (significant.is_not_null() & (pl.col("_unsure").fill_null(False) | pl.col("_edge"))).alias("trend_unconfirmed"),
        join_reasons(*reasons).alias("trend_reason"),
    )
    return found.sort(*by) if by else found
