"""Black-odorous water in cities and villages (黑臭水体): the level of a sample, a monitoring point and a whole water.

In a village any one indicator makes the water black-odorous; in a city there are a light and a heavy level, and a
point is heavy by the share of its heavy data. Satisfaction of residents and the state of the works are not judged here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import polars as pl

from heqing.editions import by_phase, table
from heqing.errors import MissingColumnError, UnknownNameError
from heqing.quantities.rounding import scaled
from heqing.tables import join_reasons, marked, need_columns
from heqing.tables.door import any_frame
from heqing.water.grounds import doubtful, ground_names, grounds, number_of, own_names
from heqing.water.limits import PLACES, whole
from heqing.water.samples import day_of, file_columns
from heqing.water.shares import percent

SETTINGS = ("urban", "rural")
URBAN = "black_odorous_urban"
HEAVY = 2


@dataclass(frozen=True)
class Bound:
    """The bounds of one indicator in billionths of the frame's unit."""

    clean: int
    heavy: int | None
    worse_when: str


@dataclass(frozen=True)
class Shallow:
    """Below which depth [billionths of a metre] the bound of transparency is a share of the depth [percent]."""

    depth: int
    share: int


def family_of(setting: str) -> str:
    """Give the family of a setting.

    Parameters
    ----------
    setting : str
        ``urban`` or ``rural``.

    Returns
    -------
    str
        The family.

    Raises
    ------
    UnknownNameError
        For another setting.

    Examples
    --------
    >>> family_of("rural")
    'black_odorous_rural'
    """
    if setting not in SETTINGS:
        raise UnknownNameError("setting", setting, list(SETTINGS))
    return f"black_odorous_{setting}"


@cache
def indicator_bounds(setting: str) -> dict[str, dict[int, Bound]]:
    """Give the bounds of each indicator in every phase.

    Parameters
    ----------
    setting : str
        ``urban`` or ``rural``.

    Returns
    -------
    dict
        Indicator to {place in the timeline: bounds}, in the order of the table.

    Examples
    --------
    >>> list(indicator_bounds("urban")), indicator_bounds("urban")["sd"][0].clean / 10**9  # printed as 25 cm
    (['sd', 'do', 'orp', 'nh3n'], 0.25)
    """
    found: dict[str, dict[int, Bound]] = {}
    for row in table(family_of(setting), "limits").iter_rows(named=True):
        part, heavy = row["per_house_unit"], row.get("heavy_beyond")
        bound = Bound(
            whole(row["clean_from"] / part), None if heavy is None else whole(heavy / part), row["worse_when"]
        )
        found.setdefault(row["item"], {})[row["phase_no"]] = bound
    return found


@cache
def _shallow(setting: str) -> dict[str, dict[int, Shallow]]:
    part = dict(table(family_of(setting), "limits").select("item", "per_house_unit").iter_rows())
    found: dict[str, dict[int, Shallow]] = {}
    for row in table(family_of(setting), "shallow").iter_rows(named=True):
        of = Shallow(whole(row["depth_below"] / part[row["item"]]), row["share_percent"])
        found.setdefault(row["item"], {})[row["phase_no"]] = of
    return found


def _plain_level(value: pl.Expr, bound: Bound) -> pl.Expr:
    low = bound.worse_when == "low"
    level = ((value < bound.clean) if low else (value > bound.clean)).cast(pl.Int64)
    if bound.heavy is not None:
        level = level + ((value < bound.heavy) if low else (value > bound.heavy)).cast(pl.Int64)
    return level


def _item_level(setting: str, item: str) -> pl.Expr:
    """Give the level of an indicator: 0 clean, 1 light (in villages black-odorous), 2 heavy."""
    value, depth, number = pl.col(f"_value_{item}"), pl.col("_depth"), pl.col("_number")
    bounds = indicator_bounds(setting)[item]
    level = by_phase(number, bounds, lambda bound: _plain_level(value, bound))
    for phase, of in _shallow(setting).get(item, {}).items():
        within = (number == phase) & (depth < of.depth)
        beyond = value * 100 < depth * of.share
        worst = pl.lit(HEAVY if bounds[phase].heavy is not None else 1)
        rest = pl.lit(1 if bounds[phase].heavy is not None else 0)
        level = pl.when(within).then(pl.when(beyond).then(worst).otherwise(rest)).otherwise(level)
        level = pl.when(pl.col("_clear")).then(pl.lit(0)).otherwise(level)
    return pl.when(value.is_not_null() & number.is_not_null()).then(level).cast(pl.Int64)


@any_frame
def black_odorous_samples(frame: pl.LazyFrame, *, setting: str = "urban", edition: str | None = None) -> pl.LazyFrame:
    """Give each sample the level of its indicators and, by the worst of them, its own.

    Parameters
    ----------
    frame : polars.LazyFrame
        One row per sample. Reads ``time`` or ``day`` and any of ``sd`` (transparency, m), ``do`` [mg/L], ``orp`` [mV,
        cities], ``nh3n`` [mg/L]; ``depth`` [m] and ``clear_to_bottom`` (Boolean) where present.
    setting : str
        ``urban`` or ``rural``.
    edition : str, optional
        Pin an edition of the guide.

    Returns
    -------
    polars.LazyFrame
        The rows of `frame`, in order, plus ``black_<indicator>`` (level), ``black_level`` (0 none, 1 light, in
        villages black-odorous, 2 heavy), ``black_word``, ``black_items`` (those of that level, if any),
        ``black_edition``, ``black_clause``, ``black_unconfirmed``, ``black_reason``.

    Raises
    ------
    UnknownNameError
        When `setting` is none.
    MissingColumnError
        Without a date or any indicator.

    References
    ----------
    Families ``black_odorous_urban`` and ``black_odorous_rural``: tables ``limits`` and ``shallow``.

    Examples
    --------
    >>> from datetime import date
    >>> sample = pl.LazyFrame({"day": [date(2020, 6, 1)], "sd": [0.15], "do": [1.0], "nh3n": [10.0], "depth": [0.5]})
    >>> black_odorous_samples(sample).select("black_level", "black_word").collect().row(0)
    (1, '轻度黑臭')
    """
    family = family_of(setting)
    known = list(indicator_bounds(setting))
    results = [*[f"black_{i}" for i in known], "black_level", "black_word", "black_items", *ground_names("black")]
    frame, columns = own_names(frame, results)
    schema = frame.collect_schema()
    items = [i for i in known if i in schema and (schema[i].is_numeric() or schema[i] == pl.Null)]
    if not items:
        raise MissingColumnError("samples of black-odorous water", known, present=file_columns(schema.names()))
    clear = pl.col("clear_to_bottom").fill_null(False) if "clear_to_bottom" in schema else pl.lit(False)
    depth = scaled(pl.col("depth"), PLACES) if "depth" in schema else pl.lit(None, pl.Int64)
    worked = frame.with_columns(
        _number=number_of(family, day_of(frame), edition),
        _clear=clear,
        _depth=depth,
        **{f"_value_{i}": _valid(setting, i) for i in items},
    )
    worked = worked.with_columns(**{f"_level_{i}": _item_level(setting, i) for i in items})
    worked = worked.with_columns(_worst=pl.max_horizontal([pl.col(f"_level_{i}") for i in items]))
    worst, number = pl.col("_worst"), pl.col("_number")
    words = dict(table(family, "levels").select("level", "name_zh").iter_rows())
    deciding = marked((i, (pl.col(f"_level_{i}") == worst) & (worst > 0)) for i in items)
    shallow_items = [i for i in _shallow(setting) if i in items]
    shallow = pl.any_horizontal(
        [
            pl.lit(False),
            *[_is_shallow(setting, i) & ~pl.col("_clear") & (pl.col(f"_level_{i}") == worst) for i in shallow_items],
        ]
    ).fill_null(False)
    no_depth = pl.any_horizontal(
        [
            pl.lit(False),
            *[
                pl.col("_depth").is_null() & (pl.col(f"_level_{i}") > 0) & (pl.col(f"_level_{i}") == worst)
                for i in shallow_items
            ],
        ]
    ).fill_null(False)
    absent = marked((i, pl.col(f"_value_{i}").is_null() if i in items else pl.lit(True)) for i in known)
    doubt = by_phase(number, doubtful(family, "limits"), pl.lit)
    return worked.select(
        *columns,
        *[(pl.col(f"_level_{i}") if i in items else pl.lit(None, pl.Int64)).alias(f"black_{i}") for i in known],
        worst.alias("black_level"),
        worst.replace_strict(words, default=None, return_dtype=pl.String).alias("black_word"),
        pl.when(deciding != "").then(deciding).alias("black_items"),
        *grounds(
            "black",
            family,
            number,
            worst.is_not_null(),
            tables=("limits",),
            unconfirmed=doubt | shallow,
            reasons=[
                pl.when(worst.is_null() & number.is_not_null()).then(pl.lit("no_items")),
                pl.when(worst.is_not_null() & (absent != "")).then(
                    pl.concat_str(pl.lit("items_absent("), absent, pl.lit(")"))
                ),
                pl.when(shallow).then(pl.lit("shallow_water")),
                pl.when(no_depth).then(pl.lit("depth_unknown")),
            ],
        ),
    )


def _valid(setting: str, item: str) -> pl.Expr:
    """Give an indicator's value in billionths; only one with a negative bound may be negative itself."""
    number = scaled(pl.col(item), PLACES)
    may_be_negative = any((one.heavy or 0) < 0 for one in indicator_bounds(setting)[item].values())
    return number if may_be_negative else pl.when(number >= 0).then(number)


def _is_shallow(setting: str, item: str) -> pl.Expr:
    deepest = max(of.depth for of in _shallow(setting)[item].values())
    return pl.col("_depth") < deepest


@cache
def _shares(of: str) -> tuple[tuple[int, int], ...]:
    rows = table(URBAN, "shares").filter(pl.col("of") == of)
    rows = rows.filter(pl.col("phase_no") == rows["phase_no"].max())
    return tuple(rows.select("at_least_percent", "indicators").iter_rows())


@cache
def _sampling() -> tuple[int, int, int]:
    row = table(URBAN, "sampling").row(-1, named=True)
    return row["points"], row["rounds"], row["consecutive"]


@any_frame
def black_odorous_points(frame: pl.LazyFrame, *, by: Sequence[str], edition: str | None = None) -> pl.LazyFrame:
    """Give each monitoring point of a city's waters its level by the share of its heavy data.

    Parameters
    ----------
    frame : polars.LazyFrame
        Samples as for `black_odorous_samples`.
    by : sequence of str
        Columns that make a point.
    edition : str, optional
        Pin an edition of the guide.

    Returns
    -------
    polars.LazyFrame
        One row per point, in order: `by`, ``samples``, ``rounds`` (days), ``heavy_percent_<indicator>``,
        ``point_level`` (0–2), ``point_word``, ``point_edition``, ``point_clause``, ``point_unconfirmed``,
        ``point_reason``.

    Raises
    ------
    MissingColumnError
        Without a date, any indicator or a column of `by`.

    References
    ----------
    Family ``black_odorous_urban``: tables ``shares`` and ``sampling`` (one source).

    Examples
    --------
    >>> from datetime import date
    >>> rows = pl.LazyFrame({"point": ["a"] * 3, "day": [date(2020, 6, d) for d in (1, 2, 3)], "do": [0.1, 0.1, 1.5]})
    >>> black_odorous_points(rows, by=["point"]).select("heavy_percent_do", "point_level").collect().row(0)
    (66.666666667, 2)
    """
    need_columns(frame, "samples of black-odorous water", by)
    known = list(indicator_bounds("urban"))
    keys = [f"by {k}" for k, _ in enumerate(by)]
    keyed = frame.with_columns([pl.col(b).alias(key) for b, key in zip(by, keys, strict=True)])
    judged = black_odorous_samples(keyed, edition=edition).with_columns(_day=day_of(frame))
    points = judged.group_by(*keys).agg(
        pl.col("_day").max(),
        samples=pl.len().cast(pl.Int64),
        rounds=pl.col("_day").filter(pl.col("black_level").is_not_null()).n_unique().cast(pl.Int64),
        _black=pl.col("black_level").max(),
        _doubt=pl.col("black_unconfirmed").any(),
        **{
            f"heavy_percent_{i}": percent((pl.col(f"black_{i}") == HEAVY).sum(), pl.col(f"black_{i}").count())
            for i in known
        },
    )
    shares = [scaled(pl.col(f"heavy_percent_{i}"), PLACES) for i in known]
    heavy = pl.any_horizontal(
        [
            pl.sum_horizontal([(share >= least * 10**PLACES).fill_null(False).cast(pl.Int64) for share in shares]) >= n
            for least, n in _shares("point")
        ]
    )
    black = pl.col("_black")
    level = pl.when(black == 0).then(pl.lit(0)).when(heavy).then(pl.lit(HEAVY)).otherwise(pl.lit(1)).cast(pl.Int64)
    worked = points.with_columns(
        _level=pl.when(black.is_not_null()).then(level), _number=number_of(URBAN, pl.col("_day"), edition)
    )
    _, rounds, _ = _sampling()
    few = pl.concat_str(pl.lit("too_few_rounds("), pl.col("rounds").cast(pl.String), pl.lit(f"/{rounds})"))
    return worked.select(
        *[pl.col(key).alias(b) for b, key in zip(by, keys, strict=True)],
        "samples",
        "rounds",
        *[f"heavy_percent_{i}" for i in known],
        pl.col("_level").alias("point_level"),
        _word(pl.col("_level")).alias("point_word"),
        *grounds(
            "point",
            URBAN,
            pl.col("_number"),
            pl.col("_level").is_not_null(),
            tables=("shares", "sampling"),
            unconfirmed=pl.col("_doubt") | (pl.col("_level") > 0),
            reasons=[
                pl.when(pl.col("_level").is_null()).then(pl.lit("no_items")),
                pl.when(pl.col("rounds") < rounds).then(few),
            ],
        ),
    ).sort(*by)


def _word(level: pl.Expr) -> pl.Expr:
    words = dict(table(URBAN, "levels").select("level", "name_zh").iter_rows())
    return level.replace_strict(words, default=None, return_dtype=pl.String)


@any_frame
def black_odorous_waters(frame: pl.LazyFrame, *, by: Sequence[str], order: str) -> pl.LazyFrame:
    """Give each water its level by its points, and the stretches that are heavy.

    Parameters
    ----------
    frame : polars.LazyFrame
        One row per point with ``point_level`` (of `black_odorous_points`).
    by : sequence of str
        Columns that make a water.
    order : str
        Column that puts the points in order along the water.

    Returns
    -------
    polars.LazyFrame
        One row per water, in order: `by`, ``points``, ``points_judged``, ``heavy_points``, ``heavy_percent``,
        ``heavy_stretches`` (of so many heavy points in a row that the water between them is heavy),
        ``longest_heavy_run``, ``black_water_level`` (0–2), ``black_water_word``, ``black_water_unconfirmed``,
        ``black_water_reason``.

    Raises
    ------
    MissingColumnError
        Without ``point_level``, `order` or a column of `by`.

    References
    ----------
    Family ``black_odorous_urban``: tables ``shares`` and ``sampling`` (one source).

    Examples
    --------
    >>> rows = pl.LazyFrame({"water": ["a"] * 5, "km": [1, 2, 3, 4, 5], "point_level": [2, 2, 2, 1, 1]})
    >>> found = black_odorous_waters(rows, by=["water"], order="km").collect()
    >>> found.select("black_water_word", "heavy_stretches").row(0)
    ('重度黑臭', 1)
    """
    need_columns(frame, "points of black-odorous water", ["point_level", order, *by])
    keys = [f"by {k}" for k, _ in enumerate(by)]
    points_needed, _, consecutive = _sampling()
    rows = frame.select(
        *[pl.col(b).alias(key) for b, key in zip(by, keys, strict=True)],
        pl.col(order).alias("_order"),
        pl.col("point_level").cast(pl.Int64).alias("_level"),
    ).sort(*keys, "_order", maintain_order=True)
    heavy = (pl.col("_level") == HEAVY).fill_null(False)
    runs = (
        rows.with_columns(_heavy=heavy, _run=pl.struct(*keys, heavy.alias("h")).rle_id())
        .filter("_heavy")
        .group_by(*keys, "_run")
        .agg(_long=pl.len().cast(pl.Int64))
        .group_by(*keys)
        .agg(
            heavy_stretches=(pl.col("_long") >= consecutive).sum().cast(pl.Int64),
            longest_heavy_run=pl.col("_long").max(),
        )
    )
    waters = rows.group_by(*keys).agg(
        points=pl.len().cast(pl.Int64),
        points_judged=pl.col("_level").count().cast(pl.Int64),
        heavy_points=heavy.sum().cast(pl.Int64),
        _worst=pl.col("_level").max(),
    )
    share = scaled(pl.col("heavy_percent"), PLACES)
    is_heavy = pl.any_horizontal([share >= least * 10**PLACES for least, _ in _shares("water")])
    level = pl.when(is_heavy).then(pl.lit(HEAVY)).otherwise(pl.col("_worst").clip(0, 1)).cast(pl.Int64)
    few = pl.concat_str(
        pl.lit("too_few_points_of_water("), pl.col("points_judged").cast(pl.String), pl.lit(f"/{points_needed})")
    )
    doubt = any(of for name in ("shares", "sampling") for of in doubtful(URBAN, name).values())
    return (
        waters.join(runs, on=keys, how="left", nulls_equal=True)
        .with_columns(heavy_percent=percent(pl.col("heavy_points"), pl.col("points_judged")))
        .with_columns(_level=pl.when(pl.col("points_judged") > 0).then(level))
        .select(
            *[pl.col(key).alias(b) for b, key in zip(by, keys, strict=True)],
            "points",
            "points_judged",
            "heavy_points",
            "heavy_percent",
            pl.col("heavy_stretches").fill_null(0),
            pl.col("longest_heavy_run").fill_null(0),
            pl.col("_level").alias("black_water_level"),
            _word(pl.col("_level")).alias("black_water_word"),
            ((pl.col("_level") > 0).fill_null(False) & doubt).alias("black_water_unconfirmed"),
            join_reasons(
                pl.when(pl.col("points_judged") == 0).then(pl.lit("no_items")),
                pl.when(pl.col("points_judged") < points_needed).then(few),
            ).alias("black_water_reason"),
        )
        .sort(*by)
    )
