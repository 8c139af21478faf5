"""The rate of black-odorous waters that are solved among those listed (黑臭水体消除比例), by number, length and area.

Whether a water is black is judged in `heqing.water.black_odorous`; that a listed water is solved is stated by people.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from heqing.editions import table
from heqing.quantities.rounding import scaled, unscaled
from heqing.tables import need_columns
from heqing.tables.door import any_frame
from heqing.water.black_odorous import family_of
from heqing.water.grounds import grounds, number_of
from heqing.water.limits import PLACES
from heqing.water.samples import day_of
from heqing.water.shares import percent


@any_frame
def elimination_rates(
    frame: pl.LazyFrame, *, by: Sequence[str] = (), setting: str = "urban", edition: str | None = None
) -> pl.LazyFrame:
    """Give the rate of black-odorous waters that are solved among those listed (黑臭水体消除比例).

    Parameters
    ----------
    frame : polars.LazyFrame
        One row per listed water: ``water`` (its name), ``eliminated`` (Boolean; null counts as not), ``time``, ``day``
        or ``period_end``; ``length`` and ``area`` [each in one unit] where they are known; ``black_water_level`` of
        `black_odorous_waters` where it was monitored since: a solved water that is black again counts as not solved.
    by : sequence of str
        Columns that make a place and period; without any the whole frame is one.
    setting : str
        ``urban`` or ``rural``.
    edition : str, optional
        Pin an edition of the guide.

    Returns
    -------
    polars.LazyFrame
        One row per group, in order: `by`, ``listed``, ``eliminated``, ``rebounded``, ``undecided`` (no state, or rows
        of one water that contradict each other: not solved), and by number, length and area the listed amount, the
        solved amount and the rate [%]: ``rate_by_number``, ``listed_length``, ``eliminated_length``,
        ``rate_by_length``, ``listed_area``, ``eliminated_area``, ``rate_by_area`` (absent where a listed water has no
        such amount); ``elimination_edition``, ``elimination_clause``, ``elimination_unconfirmed``,
        ``elimination_reason``.

    Raises
    ------
    UnknownNameError
        When `setting` is none.
    MissingColumnError
        Without ``water``, ``eliminated``, a date or a column of `by`.

    References
    ----------
    Families ``black_odorous_urban`` and ``black_odorous_rural``, table ``elimination`` (unconfirmed).

    Examples
    --------
    >>> from datetime import date
    >>> waters = pl.LazyFrame({"water": ["a", "b", "c", "d"], "day": [date(2020, 12, 31)] * 4,
    ...     "eliminated": [True, True, True, False], "length": [1.0, 2.0, 4.0, 3.0]})
    >>> elimination_rates(waters).select("rate_by_number", "rate_by_length").collect().row(0)
    (75.0, 70.0)
    """
    family = family_of(setting)
    given = need_columns(frame, "listed waters", ["water", "eliminated", *by])
    bases = dict(table(family, "elimination").select("basis", "rebound").iter_rows())
    amounts = [b for b in ("length", "area") if b in bases]
    keys = [f"by {k}" for k, _ in enumerate(by)]
    nothing = pl.lit(None, pl.Float64)
    rows = frame.select(
        *[pl.col(b).alias(key) for b, key in zip(by, keys, strict=True)],
        day=day_of(frame, "listed waters"),
        water=pl.col("water").cast(pl.String),
        solved=pl.col("eliminated").cast(pl.Boolean),
        black=(pl.col("black_water_level") > 0) if "black_water_level" in given else pl.lit(None, pl.Boolean),
        **{a: scaled(pl.col(a).cast(pl.Float64) if a in given else nothing, PLACES) for a in amounts},
    )
    agrees = {c: pl.col(c).drop_nulls().n_unique() == 1 for c in ("solved", *amounts)}
    waters = rows.group_by(*keys, "water").agg(
        pl.col("day").max(),
        black=pl.col("black").any(),
        twice=pl.len() > 1,
        **{c: pl.when(agrees[c]).then(pl.col(c).drop_nulls().first()) for c in agrees},
    )
    back = bases["number"] == "back"
    counted = pl.col("solved").fill_null(False) & (~pl.col("black").fill_null(False) if back else pl.lit(True))
    waters = waters.with_columns(counts=counted)
    sums: dict[str, pl.Expr] = {}
    for a in amounts:
        usable = pl.col(a).is_not_null() & (pl.col(a) > 0)
        sums[f"listed_{a}"] = pl.when(usable.all()).then(pl.col(a).sum())
        sums[f"eliminated_{a}"] = pl.when(usable.all()).then(pl.col(a).filter("counts").sum())
        sums[f"_without_{a}"] = (~usable).sum().cast(pl.Int64)
    total = [
        pl.col("day").max(),
        pl.len().cast(pl.Int64).alias("listed"),
        pl.col("counts").sum().cast(pl.Int64).alias("eliminated"),
    ]
    total += [
        (pl.col("solved").fill_null(False) & pl.col("black").fill_null(False)).sum().cast(pl.Int64).alias("rebounded"),
        pl.col("solved").is_null().sum().cast(pl.Int64).alias("undecided"),
        pl.col("twice").sum().cast(pl.Int64).alias("_twice"),
        *[e.alias(name) for name, e in sums.items()],
    ]
    groups = (waters.group_by(keys).agg(total) if keys else waters.select(total)).filter(pl.col("listed") > 0)
    worked = groups.with_columns(_number=number_of(family, pl.col("day"), edition))
    columns = [pl.col(key).alias(b) for b, key in zip(by, keys, strict=True)]
    columns += [pl.col(c) for c in ("listed", "eliminated", "rebounded", "undecided")]
    columns.append(percent(pl.col("eliminated"), pl.col("listed")).alias("rate_by_number"))
    for a in amounts:
        columns += [unscaled(pl.col(f"{part}_{a}"), PLACES).alias(f"{part}_{a}") for part in ("listed", "eliminated")]
        columns.append(percent(pl.col(f"eliminated_{a}"), pl.col(f"listed_{a}")).alias(f"rate_by_{a}"))
    told = [
        ("water_undecided", pl.col("undecided")),
        ("water_rebounded", pl.col("rebounded")),
        ("water_twice", pl.col("_twice")),
    ]
    told += [(f"water_without_{a}", pl.col(f"_without_{a}")) for a in amounts if a in given]
    result = worked.select(
        *columns,
        *grounds(
            "elimination",
            family,
            pl.col("_number"),
            pl.lit(True),
            tables=("elimination",),
            reasons=[pl.when(n > 0).then(pl.format(f"{code}({{}})", n)) for code, n in told],
        ),
    )
    return result.sort(*by) if by else result
