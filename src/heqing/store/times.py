"""Times as people write them, read batch by batch; the forms are data in ``tables/time_forms.csv``.

It knows no columns. An hour 24 is 00:00 of the next day, and is told apart so that it can be counted.
"""

from __future__ import annotations

import polars as pl

from heqing.store.spelling import rows_of

READ = pl.Struct({"moment": pl.Datetime("us"), "form": pl.String, "hour_24": pl.Boolean})

_BEIJING_OFFSET = 8 * 60  # minutes


def read_times(text: pl.Series) -> pl.Series:
    """Read times written in any of the listed forms.

    Parameters
    ----------
    text : polars.Series
        Text, null where there is none.

    Returns
    -------
    polars.Series
        Struct of ``moment`` (local, null where unreadable), ``form`` (``moment`` or ``day``) and ``hour_24``.

    Examples
    --------
    >>> read_times(pl.Series(["2020-3-26 24:00", "2020年3月26日8时"])).struct["moment"].to_list()
    [datetime.datetime(2020, 3, 27, 0, 0), datetime.datetime(2020, 3, 26, 8, 0)]
    """
    quick = text.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False, time_unit="us")
    frame = pl.DataFrame({"text": text, "quick": quick})
    left = frame.filter(pl.col("quick").is_null() & pl.col("text").is_not_null()).get_column("text").unique()
    if left.is_empty():
        return frame.select(_answer(pl.col("quick"), pl.lit("moment"), pl.lit(False))).to_series()
    slow = _read_slowly(left)
    return (
        frame.join(slow, on="text", how="left", maintain_order="left")
        .select(
            _answer(
                pl.coalesce("quick", "moment"),
                pl.when(pl.col("quick").is_not_null()).then(pl.lit("moment")).otherwise("form"),
                pl.col("hour_24").fill_null(False),
            )
        )
        .to_series()
    )


def _answer(moment: pl.Expr, form: pl.Expr, hour_24: pl.Expr) -> pl.Expr:
    return pl.struct(
        moment=moment,
        form=pl.when(moment.is_not_null()).then(form),
        hour_24=hour_24,
    ).cast(READ)


def _read_slowly(texts: pl.Series) -> pl.DataFrame:
    """Try every form on texts that are all different."""
    stripped = texts.str.strip_chars()
    parts = [
        pl.DataFrame({"text": texts, "groups": stripped.str.extract_groups(row["pattern"])})
        .unnest("groups")
        .filter(pl.col("year").is_not_null())
        .with_columns(form=pl.lit(row["kind"]))
        for row in rows_of("time_forms")
    ]
    found = pl.concat(parts, how="diagonal").unique("text", keep="first")
    for optional in ("hour", "minute", "second", "zone"):
        if optional not in found.columns:
            found = found.with_columns(pl.lit(None, pl.String).alias(optional))
    number = {name: pl.col(name).cast(pl.Int32).fill_null(0) for name in ("hour", "minute", "second")}
    date = pl.format("{}-{}-{}", "year", pl.col("month").str.zfill(2), pl.col("day").str.zfill(2))
    is_clock = (
        (number["minute"] < 60)
        & (number["second"] < 60)
        & ((number["hour"] < 24) | ((number["hour"] == 24) & (number["minute"] == 0) & (number["second"] == 0)))
    )
    zone = pl.col("zone").str.replace(":", "")
    offset = (
        pl.when(zone.str.to_uppercase() == "Z")
        .then(0)
        .otherwise(
            (
                zone.str.slice(1, 2).cast(pl.Int32, strict=False) * 60
                + zone.str.slice(3, 2).cast(pl.Int32, strict=False).fill_null(0)
            )
            * pl.when(zone.str.starts_with("-")).then(-1).otherwise(1)
        )
    )
    moment = (
        date.str.to_datetime("%Y-%m-%d", strict=False, time_unit="us")
        + pl.duration(hours=number["hour"], minutes=number["minute"], seconds=number["second"])
        + pl.duration(minutes=pl.when(offset.is_null()).then(0).otherwise(_BEIJING_OFFSET - offset))
    )
    return found.select(
        "text",
        moment=pl.when(is_clock).then(moment),
        form="form",
        hour_24=is_clock & (number["hour"] == 24) & date.str.to_datetime("%Y-%m-%d", strict=False).is_not_null(),
    )
