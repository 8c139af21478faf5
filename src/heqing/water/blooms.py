"""The grade of an algal bloom by the density of algae and by the share of the water it covers (水华程度).

The two tracks are judged apart and not joined: no rule read says which one counts. The same density had another word
before HJ 1098-2020. A water with several points goes by the rule of one province.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from heqing.editions import by_phase, table, timeline
from heqing.errors import MissingColumnError
from heqing.quantities.rounding import scaled
from heqing.tables import need_columns
from heqing.tables.door import any_frame
from heqing.water.grounds import clauses, grounds, number_of, own_names
from heqing.water.limits import PLACES, whole
from heqing.water.samples import day_of

FAMILY = "algal_bloom"
POINTS = "algal_bloom_points"
TRACKS = {"density": "algae_density", "area": "bloom_share"}
RESULTS = (
    "bloom_level",
    "bloom_word",
    "bloom_area_level",
    "bloom_area_word",
    "bloom_edition",
    "bloom_clause",
    "bloom_unconfirmed",
    "bloom_reason",
)


def _grades(track: str) -> dict[int, tuple[tuple[int, int, bool, str, bool], ...]]:
    """Give per phase: level, lower bound in billionths, whether it belongs to the level, word, whether unconfirmed."""
    found: dict[int, tuple[tuple[int, int, bool, str, bool], ...]] = {}
    for r in table(FAMILY, "grades").filter(pl.col("track") == track).sort("phase_no", "level").iter_rows(named=True):
        one = (r["level"], whole(r["lower"]), r["lower_closed"], r["name_zh"], r["unconfirmed"])
        found[r["phase_no"]] = (*found.get(r["phase_no"], ()), one)
    return found


@any_frame
def bloom_grade(frame: pl.LazyFrame, *, edition: str | None = None) -> pl.LazyFrame:
    """Give each row the grade of its bloom by density, by area or by both.

    Parameters
    ----------
    frame : polars.LazyFrame
        One row per water (or point) and day. Reads ``time`` or ``day``, ``algae_density`` [cells/L] and
        ``bloom_share`` [share of the water's area, 0 to 1], at least one of them.
    edition : str, optional
        Pin an edition: ``HJ 1098-2020`` or the practice before it.

    Returns
    -------
    polars.LazyFrame
        The rows of `frame`, in order, plus ``bloom_level`` [1–5, by density], ``bloom_word``, ``bloom_area_level``,
        ``bloom_area_word``, ``bloom_edition``, ``bloom_clause``, ``bloom_unconfirmed``, ``bloom_reason``.

    Raises
    ------
    MissingColumnError
        Without a date or both columns.
    NoEditionError
        When the family has no edition of that name.

    References
    ----------
    Family ``algal_bloom``, table ``grades``.

    Examples
    --------
    >>> from datetime import date
    >>> rows = pl.LazyFrame({"day": [date(2013, 6, 1), date(2021, 6, 1)], "algae_density": [8.12e6] * 2})
    >>> bloom_grade(rows).select("bloom_level", "bloom_word").collect().rows()
    [(2, '轻微水华'), (2, '无明显水华')]
    """
    frame, columns = own_names(frame, RESULTS)
    given = need_columns(frame, "algal blooms", [])
    tracks = {track: column for track, column in TRACKS.items() if column in given}
    if not tracks:
        raise MissingColumnError("algal blooms", list(TRACKS.values()), present=given)
    number = pl.col("_number")
    line = timeline(FAMILY)
    worked = frame.with_columns(
        _number=line.number_on(day_of(frame), edition=edition),
        _dated=day_of(frame).is_not_null(),
        **{f"_{track}": _value(track, column) for track, column in tracks.items()},
    ).with_columns(**{f"_level_{track}": _level(track) for track in tracks})
    known = {t: pl.col(f"_level_{t}") for t in tracks}
    stated = pl.any_horizontal([one.is_not_null() for one in known.values()])

    def shown(track: str, name: str) -> list[pl.Expr]:
        if track not in tracks:
            return [pl.lit(None, pl.Int64).alias(f"{name}_level"), pl.lit(None, pl.String).alias(f"{name}_word")]
        return [known[track].alias(f"{name}_level"), _of_level(track, known[track], 3).alias(f"{name}_word")]

    unsure = pl.any_horizontal([_of_level(t, one, 4).fill_null(False) for t, one in known.items()])
    return worked.select(
        *columns,
        *shown("density", "bloom"),
        *shown("area", "bloom_area"),
        line.edition_of(number).alias("bloom_edition"),
        pl.when(stated).then(by_phase(number, clauses(FAMILY, "grades"), pl.lit)).alias("bloom_clause"),
        (stated & unsure).alias("bloom_unconfirmed"),
        pl.when(~pl.col("_dated"))
        .then(pl.lit("bad_time"))
        .when(number.is_null())
        .then(pl.lit("no_edition"))
        .when(~stated)
        .then(pl.lit("no_items"))
        .alias("bloom_reason"),
    )


def _value(track: str, column: str) -> pl.Expr:
    """Give a density [cells/L, whole numbers] or a share in billionths, null where it is impossible."""
    number = pl.col(column).cast(pl.Float64)
    if track == "area":
        return pl.when((number >= 0) & (number <= 1)).then(scaled(number, PLACES))
    return pl.when((number >= 0) & number.is_finite()).then(number)


def _level(track: str) -> pl.Expr:
    value, number = pl.col(f"_{track}"), pl.col("_number")

    def of(grades: tuple[tuple[int, int, bool, str, bool], ...]) -> pl.Expr:
        unit = 1 if track == "area" else 10**PLACES
        reached = [(value >= low // unit) if closed else (value > low // unit) for _, low, closed, _, _ in grades]
        return pl.sum_horizontal([one.cast(pl.Int64) for one in reached])

    return pl.when(value.is_not_null() & number.is_not_null()).then(by_phase(number, _grades(track), of))


def _of_level(track: str, level: pl.Expr, what: int) -> pl.Expr:
    """Give what the row's phase says of its level: place 3 the word, 4 whether it is unconfirmed."""
    said = {number: tuple((one[0], one[what]) for one in grades) for number, grades in _grades(track).items()}
    kind = pl.String if what == 3 else pl.Boolean
    return by_phase(pl.col("_number"), said, lambda of: level.replace_strict(dict(of), default=None, return_dtype=kind))


@any_frame
def bloom_of_water(frame: pl.LazyFrame, *, by: Sequence[str], edition: str | None = None) -> pl.LazyFrame:
    """Give each water the grade of its bloom from the densities of its points.

    Parameters
    ----------
    frame : polars.LazyFrame
        One row per point as for `bloom_grade`, with ``algae_density``.
    by : sequence of str
        Columns that make a water and a day.
    edition : str, optional
        Pin an edition of the grades.

    Returns
    -------
    polars.LazyFrame
        One row per group, in order: `by`, ``points``, ``points_judged``, ``mean_density`` [cells/L],
        ``bloom_basis`` (``clean_share``, ``level_share`` or ``mean``), ``bloom_level``, ``bloom_word``,
        ``water_bloom_edition``, ``water_bloom_clause``, ``water_bloom_unconfirmed``, ``water_bloom_reason``.

    Raises
    ------
    MissingColumnError
        Without a date, ``algae_density`` or a column of `by`.

    References
    ----------
    Family ``algal_bloom_points``, table ``rules`` (one source, one province).

    Examples
    --------
    >>> from datetime import date
    >>> points = pl.LazyFrame({"lake": ["x"] * 4, "day": [date(2021, 6, 1)] * 4, "algae_density": [3e6, 4e6, 5e6, 6e7]})
    >>> bloom_of_water(points, by=["lake"]).select("bloom_level", "bloom_basis").collect().row(0)
    (2, 'level_share')
    """
    need_columns(frame, "points of a bloom", ["algae_density", *by])
    rule = table(POINTS, "rules").row(-1, named=True)
    keys = [f"by {k}" for k, _ in enumerate(by)]
    day = day_of(frame)
    points = frame.select(
        *[pl.col(b).alias(key) for b, key in zip(by, keys, strict=True)], day.alias("day"), pl.col("algae_density")
    )
    judged = bloom_grade(points, edition=edition)
    level, known = pl.col("bloom_level"), pl.col("bloom_level").is_not_null()
    levels = sorted({one[0] for grades in _grades("density").values() for one in grades})
    waters = judged.group_by(*keys).agg(
        pl.col("day").max(),
        points=pl.len().cast(pl.Int64),
        points_judged=known.sum().cast(pl.Int64),
        # whole cells, so that the sum does not depend on the order of the points
        algae_density=pl.col("algae_density").filter(known).round().cast(pl.Int64).mean(),
        **{f"_{k}": (level == k).sum().cast(pl.Int64) for k in levels},
    )
    n = pl.col("points_judged")
    by_mean = bloom_grade(waters.rename({f"_{k}": f"n {k}" for k in levels}), edition=edition).with_columns(
        _number=timeline(FAMILY).number_on(pl.col("day"), edition=edition)
    )
    clean = pl.col(f"n {levels[0]}") * 100 > n * rule["clean_above"]
    share = pl.coalesce(
        [pl.when(pl.col(f"n {k}") * 100 >= n * rule["level_at_least"]).then(pl.lit(k)) for k in levels[1:]]
    )
    found = pl.when(clean).then(pl.lit(levels[0])).otherwise(pl.coalesce(share, level)).cast(pl.Int64)
    basis = (
        pl.when(clean)
        .then(pl.lit("clean_share"))
        .when(share.is_not_null())
        .then(pl.lit("level_share"))
        .when(level.is_not_null())
        .then(pl.lit("mean"))
    )
    worked = by_mean.with_columns(_found=pl.when(n > 0).then(found), _basis=pl.when(n > 0).then(basis))
    return worked.select(
        *[pl.col(key).alias(b) for b, key in zip(by, keys, strict=True)],
        "points",
        "points_judged",
        pl.col("algae_density").alias("mean_density"),
        pl.col("_basis").alias("bloom_basis"),
        pl.col("_found").alias("bloom_level"),
        _of_level("density", pl.col("_found"), 3).alias("bloom_word"),
        *grounds(
            "water_bloom",
            POINTS,
            number_of(POINTS, pl.col("day")),
            pl.col("_found").is_not_null(),
            tables=("rules",),
            reasons=[pl.when((n == 0) & pl.col("day").is_not_null()).then(pl.lit("no_items"))],
        ),
    ).sort(*by)
