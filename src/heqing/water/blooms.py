"""The grade of an algal bloom by the density of algae and by the share of the water it covers (水华程度).

The two tracks are judged apart and not joined: no rule read says which one counts. The same density had another word
before HJ 1098-2020.
"""

from __future__ import annotations

import polars as pl

from heqing.editions import by_phase, table, timeline
from heqing.errors import MissingColumnError
from heqing.quantities.rounding import scaled
from heqing.tables import need_columns
from heqing.water.grounds import clauses, own_names
from heqing.water.limits import PLACES, whole
from heqing.water.samples import day_of

FAMILY = "algal_bloom"
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
