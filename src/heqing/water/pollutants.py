"""Main pollutants of a section and their exceedance multiples, with the baseline said in words (主要污染指标).

The baseline is the class III limit, the limit of the section's own target class, or interim limits of its items. One
sample gives three different multiples by the three: a multiple without its baseline says nothing. Classes are in
`heqing.water.classes`; main pollutants of a river are in `heqing.water.basins`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, partial

import polars as pl

from heqing.editions import by_phase, table, timeline
from heqing.errors import UnknownNameError
from heqing.quantities.rounding import divide_half_even, scaled
from heqing.tables.door import any_frame
from heqing.water.bodies import body_of
from heqing.water.classes import RAW, item_class
from heqing.water.exceedance import METHOD, baselines, last_unit, method_number, multiple, multiple_text
from heqing.water.grounds import ground_names, grounds, own_names
from heqing.water.limits import FAMILY, PLACES, Limit, is_upper_limit, judged_items, limits
from heqing.water.practice import check_rounding, practice_number, practices
from heqing.water.samples import day_of, present_items, valid_value
from heqing.water.targets import target_of
from heqing.water.wording import names, set_of

BASELINES = ("class_iii", "target_class", "interim_limits")
RESULTS = ("multiples", "multiples_baseline", "meets_baseline", "main_pollutants", "main_pollutants_zh")
_FINE = 5


@any_frame
def main_pollutants(
    frame: pl.LazyFrame, *, baseline: str = "class_iii", edition: str | None = None, rounding: str = "auto"
) -> pl.LazyFrame:
    """Give each sample or mean the items beyond a baseline, their multiples, and the three that count as main.

    Parameters
    ----------
    frame : polars.LazyFrame
        As for `heqing.water.water_class`; with ``target_class`` for that baseline, and ``<item>_interim`` [mg/L] for
        interim limits (items without one are held against the target class, where it is given).
    baseline : str
        ``class_iii``, ``target_class`` or ``interim_limits``.
    edition : str, optional
        Pin an edition of the standard.
    rounding : str
        As in `heqing.water.water_class`.

    Returns
    -------
    polars.LazyFrame
        The rows of `frame`, in order, plus ``multiples`` (``nh3n:1.3,tp:0.6,do``: worst class first, then the largest
        multiple), ``multiples_baseline``, ``meets_baseline``, ``main_pollutants`` (codes), ``main_pollutants_zh``
        (``总磷(0.3),溶解氧``), ``main_edition`` (of the method), ``main_clause``, ``main_unconfirmed``,
        ``main_reason``.

    Raises
    ------
    UnknownNameError
        When `baseline` or `rounding` is none.
    MissingColumnError
        Without a date or any item, or without ``target_class`` for that baseline.

    References
    ----------
    Family ``surface_water_method``: tables ``multiples``, ``bare_items``, ``main_pollutants``, ``first_items``.

    Examples
    --------
    >>> from datetime import date
    >>> section = pl.LazyFrame({"day": [date(2016, 4, 1)], "body_type": ["river"], "target_class": ["Ⅴ"],
    ...     "nh3n": [6.9], "nh3n_interim": [3.0]})
    >>> [main_pollutants(section, baseline=b).collect()["multiples"].item() for b in BASELINES]
    ['nh3n:5.9', 'nh3n:2.5', 'nh3n:1.3']
    """
    if baseline not in BASELINES:
        raise UnknownNameError("baseline", baseline, list(BASELINES))
    check_rounding(rounding)
    frame, columns = own_names(frame, (*RESULTS, *ground_names("main")))
    given = frame.collect_schema().names()
    items = present_items(frame, judged_items())
    day = day_of(frame)
    has_target = baseline == "target_class" or (baseline == "interim_limits" and "target_class" in given)
    worked = frame.with_row_index("_row").with_columns(
        _limits=timeline(FAMILY).number_on(day, edition=edition),
        _practice=practice_number(day),
        _method=pl.when(day.is_not_null()).then(method_number(day)),
        _body=body_of(given),
        _base=target_of(frame)
        if has_target
        else (pl.lit(None, pl.Int64) if baseline != BASELINES[0] else _class_iii(day)),
    )
    worked = worked.with_columns(**{f"_value_{i}": valid_value(i) for i in items})
    worked = worked.with_columns(**{f"_value_{i}": judged_value(i, rounding) for i in items})
    interim = [i for i in items if baseline == "interim_limits" and f"{i}_interim" in given]
    worked = worked.with_columns(
        **{
            f"_limit_{i}": pl.coalesce(_interim(i), baseline_limit(i)) if i in interim else baseline_limit(i)
            for i in items
        }
    ).with_columns(**{f"_beyond_{i}": _beyond(i, given) for i in items})
    known = [pl.col(f"_beyond_{i}") for i in items]
    meets = pl.when(pl.any_horizontal([k.is_not_null() for k in known])).then(
        ~pl.any_horizontal([k.fill_null(False) for k in known])
    )
    more = pl.sum_horizontal([k.fill_null(False).cast(pl.Int64) for k in known]) > 1
    unsure = set_of(
        (k, pl.col(f"_value_{i}").is_not_null() & pl.col(f"_beyond_{i}").is_null()) for k, i in enumerate(items)
    )
    schema = worked.collect_schema()
    told = pl.Schema({**schema, **dict.fromkeys(("_text", "_main", "_main_zh"), pl.String())})
    # on rows at hand: planned, every item would read the whole plan below it once more
    said = worked.map_batches(partial(_with_text, items=items), schema=told, streamable=True)
    return said.select(
        *columns,
        pl.col("_text").alias("multiples"),
        pl.when(meets.is_not_null()).then(pl.lit(baseline)).alias("multiples_baseline"),
        meets.alias("meets_baseline"),
        pl.col("_main").alias("main_pollutants"),
        pl.col("_main_zh").alias("main_pollutants_zh"),
        *grounds(
            "main",
            METHOD,
            pl.col("_method"),
            meets.is_not_null(),
            tables=("multiples",),
            unconfirmed=more,
            reasons=[
                pl.when(pl.col("_limits").is_null() & pl.col("_method").is_not_null()).then(pl.lit("no_edition")),
                pl.when((unsure > 0) & pl.col("_limits").is_not_null()).then(
                    pl.concat_str(pl.lit("no_baseline("), names(unsure, items), pl.lit(")"))
                ),
            ],
        ),
    )


def _class_iii(day: pl.Expr) -> pl.Expr:
    return by_phase(
        method_number(day), {k: one[0] for k, one in baselines().items()}, lambda base: pl.lit(base, pl.Int64)
    )


def judged_value(item: str, rounding: str) -> pl.Expr:
    """Give the value that is held against a limit: as measured or rounded, by the practice of the day.

    Parameters
    ----------
    item : str
        The item's code.
    rounding : str
        ``auto``, ``raw`` or ``rounded``.

    Returns
    -------
    polars.Expr
        Billionths; reads ``_value_<item>`` and the place ``_practice`` of each row.

    Examples
    --------
    >>> pl.DataFrame({"_value_tp": [200_400_000], "_practice": [2]}).select(judged_value("tp", "auto")).item()
    200000000
    """
    raw = pl.col(f"_value_{item}")
    if rounding == "raw":
        return raw
    # What is beyond an upper limit never rounds to zero, and what does is below a lower one: no digit need be kept.
    unit = last_unit(item)
    rounded = divide_half_even(raw, unit) * unit
    if rounding == "rounded":
        return rounded
    stated = by_phase(pl.col("_practice"), {k: s == "rounded" for k, (_, s) in practices().items()}, pl.lit)
    return pl.when(stated).then(rounded).otherwise(raw)


def _interim(item: str) -> pl.Expr:
    limit = scaled(pl.col(f"{item}_interim"), PLACES)
    return pl.when(limit > 0).then(limit)


def _bounds(item: str, body: str) -> dict[int, Limit]:
    return {k: of[item, body] for k, of in limits().items() if (item, body) in of}


def baseline_limit(item: str) -> pl.Expr:
    """Give the limit of an item for the row's baseline class; null where the body would decide it and is not known.

    Parameters
    ----------
    item : str
        The item's code.

    Returns
    -------
    polars.Expr
        Billionths; reads the places ``_limits``, ``_body`` and ``_base`` (the class) of each row.

    Examples
    --------
    >>> row = pl.DataFrame({"_limits": [0], "_body": ["lake"], "_base": [3]})
    >>> row.select(baseline_limit("tp")).item()
    50000000
    """

    def of(body: str) -> pl.Expr:
        def pick(one: Limit) -> pl.Expr:
            return pl.col("_base").replace_strict(
                dict(enumerate(one.classes, start=1)), default=None, return_dtype=pl.Int64
            )

        return by_phase(pl.col("_limits"), _bounds(item, body), pick)

    if _bounds(item, "river") == _bounds(item, "lake"):
        found = of("river")
    else:
        found = pl.when(pl.col("_body") == "river").then(of("river")).when(pl.col("_body") == "lake").then(of("lake"))
    return pl.when(pl.col("_limits").is_not_null()).then(found)


def _beyond(item: str, given: Sequence[str]) -> pl.Expr:
    """Say whether a value is beyond its baseline; null where it cannot be told."""
    value, limit = pl.col(f"_value_{item}"), pl.col(f"_limit_{item}")
    one = next(of[item, body] for of in limits().values() for body in ("river", "lake") if (item, body) in of)
    if one.direction == "ge":
        return value < limit
    if one.direction == "range" and one.lower is not None:
        return (value > limit) | (value < one.lower)
    if f"{item}_below" in given and is_upper_limit(item):  # a detection limit above the baseline tells nothing
        below = pl.col(f"{item}_below").fill_null(False)
        return pl.when(below).then(pl.when(value <= limit).then(pl.lit(False))).otherwise(value > limit)
    return value > limit


@cache
def _first() -> frozenset[str]:
    return frozenset(table(METHOD, "first_items")["item"])


def _with_text(rows: pl.DataFrame, *, items: Sequence[str]) -> pl.DataFrame:
    read = ["_row", "_method", "_limits", "_body", *[f"_{w}_{i}" for i in items for w in ("value", "limit", "beyond")]]
    said = _said(rows.select(read).lazy(), items).collect()
    return rows.join(said, on="_row", how="left", maintain_order="left")


def _said(rows: pl.LazyFrame, items: Sequence[str]) -> pl.LazyFrame:
    """Write the items beyond their baselines, one text per row that has any."""
    bare = set(table(METHOD, "bare_items")["item"])
    words = dict(table(METHOD, "item_words").select("item", "word_zh").iter_rows())
    kept = int(table(METHOD, "main_pollutants")["kept"][0])
    value, limit = pl.col("_value"), pl.col("_limit")
    parts = [
        rows.filter(pl.col(f"_beyond_{item}")).select(
            "_row",
            "_method",
            pl.lit(item).alias("_item"),
            pl.lit(words.get(item, item)).alias("_word"),
            pl.lit(order).alias("_order"),
            pl.lit(item in _first()).alias("_is_first"),
            _class(item).alias("_class"),
            pl.col(f"_value_{item}").alias("_value"),
            (pl.lit(None, pl.Int64) if item in bare else pl.col(f"_limit_{item}")).alias("_limit"),
        )
        for order, item in enumerate(items)
    ]
    shown = by_phase(
        pl.col("_method"), baselines(), lambda of: multiple_text(multiple(value, limit, of[1], of[2]), of[1])
    )
    ordered = ["_row", "_class", "_fine", "_order"]
    long = (
        pl.concat(parts)
        .with_columns(_fine=multiple(value, limit, _FINE, "up"), _shown=pl.when(limit.is_not_null()).then(shown))
        .with_columns(
            _text=pl.concat_str(pl.col("_item"), _tail(":", "")), _zh=pl.concat_str(pl.col("_word"), _tail("(", ")"))
        )
    )
    all_of = (
        long.sort(*ordered, descending=[False, True, True, False], nulls_last=True)
        .group_by("_row", maintain_order=True)
        .agg(pl.col("_text").str.join(","))
    )
    main = (
        long.sort("_row", "_is_first", *ordered[1:], descending=[False, True, True, True, False], nulls_last=True)
        .group_by("_row", maintain_order=True)
        .agg(
            _main=pl.col("_item").head(kept).str.join(","),
            _main_zh=pl.col("_zh").head(kept).str.join(","),
        )
    )
    return all_of.join(main, on="_row", how="left")


def _class(item: str) -> pl.Expr:
    """Give the item's class as its value stands; where the body is unknown, the worse of the two."""
    value = pl.col(f"_value_{item}")
    river, lake = (item_class(item, body, value, RAW).cast(pl.Int64) for body in ("river", "lake"))
    return (
        pl.when(pl.col("_body") == "river")
        .then(river)
        .when(pl.col("_body") == "lake")
        .then(lake)
        .otherwise(pl.max_horizontal(river, lake))
    )


def _tail(before: str, after: str) -> pl.Expr:
    shown = pl.col("_shown")
    return pl.when(shown.is_null()).then(pl.lit("")).otherwise(pl.concat_str(pl.lit(before), shown, pl.lit(after)))
