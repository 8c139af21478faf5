"""The class of a surface-water sample by its worst item (单因子评价), the items that decide it, and why.

It judges one row at a time, a single sample or a mean alike; means are formed in `heqing.water.periods`. Multiples
are told in `heqing.water.exceedance`, limits and rounding in `heqing.water.limits` and `heqing.water.practice`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import polars as pl

from heqing.editions import by_phase, table, timeline
from heqing.tables import join_reasons, keep_inputs
from heqing.tables.door import any_frame
from heqing.water.bodies import body_of
from heqing.water.exceedance import METHOD, baseline_class, exceedances, method_number
from heqing.water.limits import FAMILY, Limit, is_upper_limit, judged_items, limits, steps
from heqing.water.practice import check_rounding, decimals, practice_number, practices
from heqing.water.samples import bad_values, day_of, present_items, valid_value
from heqing.water.wording import names, set_of, where_needed

RESULTS = (
    "water_class",
    "deciding_items",
    "exceedance",
    "judged_items",
    "rounding",
    "edition",
    "phase",
    "clause",
    "unconfirmed",
    "reason",
)


@dataclass(frozen=True)
class Reading:
    """Which decimals one reading of a row applies: none, those of all items, or only the confirmed ones."""

    mark: str

    def applies(self, unconfirmed: bool) -> bool:
        """Say whether an item with (un)confirmed decimals is rounded in this reading."""
        return self.mark == "rounded" or (self.mark == "confirmed" and not unconfirmed)


RAW, ROUNDED, CONFIRMED = Reading("raw"), Reading("rounded"), Reading("confirmed")


def item_class(item: str, body: str, value: pl.Expr, reading: Reading) -> pl.Expr:
    """Give the class of one item's values in one kind of water body.

    Parameters
    ----------
    item : str
        The item's code.
    body : str
        ``river`` or ``lake``.
    value : polars.Expr
        Whole numbers of a billionth.
    reading : Reading
        Which decimals apply.

    Returns
    -------
    polars.Expr
        UInt8, 1–6; reads the places ``_limits`` and ``_practice`` of each row.

    References
    ----------
    Family ``surface_water``, table ``limits``.

    Examples
    --------
    >>> rows = pl.DataFrame({"_limits": [0], "_practice": [0], "tp": [110_000_000]})
    >>> rows.select(item_class("tp", "lake", pl.col("tp"), RAW)).item()
    5
    """
    by_practice = decimals(item)

    def of(limit: Limit) -> pl.Expr:
        bounds = {
            k: steps(limit, to.decimals if reading.applies(to.unconfirmed) else None, keep_digit=to.keep_digit)
            for k, to in by_practice.items()
        } or {0: steps(limit, None)}
        return by_phase(pl.col("_practice"), bounds, lambda one: one.classes(value))

    return by_phase(
        pl.col("_limits"), {k: all_[item, body] for k, all_ in limits().items() if (item, body) in all_}, of
    )


@any_frame
def water_class(frame: pl.LazyFrame, *, edition: str | None = None, rounding: str = "auto") -> pl.LazyFrame:
    """Give each sample its surface-water class (水质类别) by the worst of its items.

    Parameters
    ----------
    frame : polars.LazyFrame
        One row per sample. Reads ``time`` or ``day``, ``body_type`` (river, lake, or a word for one of them; without
        it the kind of every row is unknown) and any of the 24 basic items by code [mg/L; pH none]. ``<item>_below``
        (Boolean) says that the value given is the detection limit and the true value lies below it.
    edition : str, optional
        Pin an edition of the standard; by default the one in force on each day.
    rounding : str
        ``raw``: judge values as measured; ``rounded``: round them first; ``auto``: as the publisher did on that day,
        and where that is not known as measured, marked unconfirmed.

    Returns
    -------
    polars.LazyFrame
        The rows of `frame`, in order, plus ``water_class`` [1–6, 6 worse than Ⅴ], ``deciding_items`` (those of that
        class), ``exceedance`` (items worse than class III, worst class first, then largest multiple: ``tp:0.3,do``),
        ``judged_items``, ``rounding`` (raw or rounded), ``edition``, ``phase``, ``clause``, ``unconfirmed``,
        ``reason``. Columns that already bear one of these names are kept as ``<name>_in``.

    Raises
    ------
    MissingColumnError
        Without a date or any item, or when one of these columns holds no dates or numbers.
    NoEditionError
        When the standard has no edition of that name.
    UnknownNameError
        When `rounding` is none of the three.

    References
    ----------
    Family ``surface_water``: clause column of table ``limits``. Family ``surface_water_method``: tables ``multiples``,
    ``bare_items``, ``detection``. Family ``surface_water_rounding``: tables ``practice``, ``decimals``.

    Examples
    --------
    >>> from datetime import date
    >>> samples = pl.LazyFrame({"day": [date(2020, 6, 1)] * 2, "body_type": ["river", "lake"], "tp": [0.11, 0.11]})
    >>> water_class(samples).select("water_class", "exceedance").collect().rows()
    [(3, None), (5, 'tp:1.2')]
    """
    check_rounding(rounding)
    frame = keep_inputs(frame, RESULTS)
    given = frame.collect_schema().names()
    own = {name: f"given {name}" for name in given if name.startswith("_")}  # names we work with begin so
    frame = frame.rename(own)
    day = day_of(frame)
    items = present_items(frame, judged_items())
    below = {i for i in items if f"{i}_below" in given and is_upper_limit(i)}
    line = timeline(FAMILY)
    worked = frame.with_columns(
        _limits=line.number_on(day, edition=edition), _practice=practice_number(day), _method=method_number(day)
    ).with_columns(
        *[valid_value(i).alias(f"_value_{i}") for i in items],
        _undated=day.is_null(),
        _body=body_of(given),
        _rounded=_is_rounded(rounding),
    )
    worked = _with_classes(worked, items, below, _readings(rounding, items))
    worked = _with_section(worked, items, below, rounding)
    return worked.with_columns(*_results(items, below, rounding)).select(
        *[pl.col(own.get(name, name)).alias(name) for name in given], *RESULTS
    )


def _readings(rounding: str, items: Sequence[str]) -> list[Reading]:
    doubtful = any(to.unconfirmed for i in items for to in decimals(i).values())
    return {
        "raw": [RAW],
        "rounded": [ROUNDED, *([CONFIRMED] if doubtful else [])],
        "auto": [RAW, ROUNDED, *([CONFIRMED] if doubtful else [])],
    }[rounding]


def _is_rounded(rounding: str) -> pl.Expr:
    if rounding != "auto":
        return pl.lit(rounding == "rounded")
    stated = {k: stated == "rounded" for k, (_, stated) in practices().items()}
    return by_phase(pl.col("_practice"), stated, lambda yes: pl.lit(yes))


def _differs_by_body(item: str) -> bool:
    return any(of.get((item, "river")) != of.get((item, "lake")) for of in limits().values())


def _with_classes(
    frame: pl.LazyFrame, items: Sequence[str], below: set[str], readings: Sequence[Reading]
) -> pl.LazyFrame:
    """Add the class of each item in each reading: ``_<reading>_<item>``, and ``…_worst`` where the body decides."""
    worst_class = int(table(METHOD, "detection")["worst_class"][0])
    added: dict[str, pl.Expr] = {}
    for reading in readings:
        for item in items:
            value = pl.col(f"_value_{item}")
            best = worst = item_class(item, "river", value, reading)
            if _differs_by_body(item):
                lake = item_class(item, "lake", value, reading)
                is_river, is_lake = pl.col("_body") == "river", pl.col("_body") == "lake"
                low, high = pl.min_horizontal(best, lake), pl.max_horizontal(best, lake)
                best = pl.when(is_river).then(worst).when(is_lake).then(lake).otherwise(low)
                worst = pl.when(is_river).then(worst).when(is_lake).then(lake).otherwise(high)
            if item in below:
                judged = ~(pl.col(f"{item}_below").fill_null(False) & (worst > worst_class))
                best, worst = pl.when(judged).then(best), pl.when(judged).then(worst)
            added[f"_{reading.mark}_{item}"] = best
            if _differs_by_body(item):
                added[f"_{reading.mark}_{item}_worst"] = worst
    return frame.with_columns(**added)


def _section_class(mark: str, items: Sequence[str]) -> pl.Expr:
    """Worst item; null where it hangs on a water body of unknown kind."""
    best = pl.max_horizontal([pl.col(f"_{mark}_{i}") for i in items])
    unsure = [i for i in items if _differs_by_body(i)]
    if not unsure:
        return best
    worst = pl.max_horizontal([pl.col(f"_{mark}_{i}_worst" if i in unsure else f"_{mark}_{i}") for i in items])
    return pl.when(best == worst).then(best)


def _with_section(frame: pl.LazyFrame, items: Sequence[str], below: set[str], rounding: str) -> pl.LazyFrame:
    """Choose the reading of each row: ``_class_<item>``, ``_class_<item>_worst`` and the section's ``_class``."""

    def chosen(name: str) -> pl.Expr:
        if rounding != "auto":
            return pl.col(f"_{rounding}_{name}")
        return pl.when(pl.col("_rounded")).then(pl.col(f"_rounded_{name}")).otherwise(pl.col(f"_raw_{name}"))

    frame = frame.with_columns(
        **{f"_class_{i}": chosen(i) for i in items},
        **{f"_class_{i}_worst": chosen(f"{i}_worst" if _differs_by_body(i) else i) for i in items},
        **{f"_section_{r.mark}": _section_class(r.mark, items) for r in _readings(rounding, items)},
    )
    section = _section_class("class", items)
    sure: list[pl.Expr] = [
        pl.when(~pl.col(f"{i}_below").fill_null(False)).then(pl.col(f"_class_{i}")) for i in items if i in below
    ]
    sure += [pl.col(f"_class_{i}") for i in items if i not in below]
    too_high = [pl.col(f"_value_{i}").is_not_null() & pl.col(f"_class_{i}").is_null() for i in items if i in below]
    return frame.with_columns(_class=pl.when(pl.col("_limits").is_not_null()).then(section)).with_columns(
        _rests_on_detection=_detection_matters(sure, too_high) if below else pl.lit(False)
    )


def _detection_matters(sure: list[pl.Expr], too_high: list[pl.Expr]) -> pl.Expr:
    """Say whether a detection limit alone gives the class, or an item fell out because of one."""
    if not table(METHOD, "detection")["unconfirmed"].any():
        return pl.lit(False)
    alone = (pl.col("_class") > 1) & (pl.max_horizontal(sure).fill_null(0) < pl.col("_class"))
    return (alone | pl.any_horizontal(too_high)).fill_null(False)


def _results(items: Sequence[str], below: set[str], rounding: str) -> list[pl.Expr]:
    section, rules, in_force = pl.col("_class"), pl.col("_limits"), pl.col("_limits").is_not_null()
    line = timeline(FAMILY)
    deciding = set_of(
        (i, (pl.col(f"_class_{one}") == section) & (pl.col(f"_class_{one}_worst") == section))
        for i, one in enumerate(items)
    )
    judged = set_of((i, pl.col(f"_class_{one}").is_not_null()) for i, one in enumerate(items))
    read = ["_class", "_body", "_rounded", "_limits", "_method", "_practice"]
    read += [f"_{what}_{i}" for i in items for what in ("value", "class")]
    doubts = [*_doubts(rounding, items).values(), pl.col("_rests_on_detection")]
    used = pl.when(pl.col("_rounded")).then(pl.lit("rounded")).otherwise(pl.lit("raw"))
    return [
        section.cast(pl.Int64).alias("water_class"),
        names(pl.when(section.is_not_null()).then(deciding), items).alias("deciding_items"),
        where_needed(section > baseline_class(pl.col("_method")), read, lambda rows: exceedances(rows, items)).alias(
            "exceedance"
        ),
        names(pl.when(section.is_not_null()).then(judged), items).alias("judged_items"),
        pl.when(in_force).then(used).alias("rounding"),
        line.edition_of(rules).alias("edition"),
        line.phase_of(rules).alias("phase"),
        pl.when(section.is_not_null()).then(by_phase(rules, _clauses(), pl.lit)).alias("clause"),
        (pl.any_horizontal(doubts).fill_null(False) & section.is_not_null()).alias("unconfirmed"),
        _reason(items, below, rounding).alias("reason"),
    ]


@cache
def _clauses() -> dict[int, str]:
    rows = table(FAMILY, "limits").filter("judged").group_by("phase_no", maintain_order=True)
    return {
        int(k): "；".join(of) for k, of in rows.agg(pl.col("clause").drop_nulls().unique(maintain_order=True)).rows()
    }


def _doubts(rounding: str, items: Sequence[str]) -> dict[str, pl.Expr]:
    """Give what makes a class unconfirmed: reason code to a Boolean."""
    found: dict[str, pl.Expr] = {}
    if rounding == "auto":
        unknown = {k: judged_on == "unknown" for k, (judged_on, _) in practices().items()}
        found["rounding_practice_unknown"] = by_phase(pl.col("_practice"), unknown, pl.lit)
    if CONFIRMED in _readings(rounding, items):
        differs = pl.col("_section_confirmed").ne_missing(pl.col("_section_rounded"))
        found["rounding_unconfirmed"] = pl.col("_rounded") & differs
    return found


def _reason(items: Sequence[str], below: set[str], rounding: str) -> pl.Expr:
    """Say why a row has no class or a doubtful one."""
    section, in_force = pl.col("_class"), pl.col("_limits").is_not_null()
    doubts = _doubts(rounding, items)
    marks = [r.mark for r in _readings(rounding, items)]
    unsure = [i for i in items if _differs_by_body(i)]
    too_high = {i: pl.col(f"_value_{i}").is_not_null() & pl.col(f"_class_{i}").is_null() for i in items if i in below}
    torn = {i: pl.col(f"_class_{i}") != pl.col(f"_class_{i}_worst") for i in unsure}
    bad = [pl.col(i).is_not_null() & pl.col(f"_value_{i}").is_null() for i in items]
    needed = pl.any_horizontal(section.is_null(), *doubts.values(), *too_high.values(), *torn.values(), *bad)
    nothing = pl.all_horizontal([pl.col(f"_class_{i}").is_null() for i in items])

    def said(code: str, sets: pl.Expr) -> pl.Expr:
        return pl.concat_str(pl.lit(f"{code}("), names(sets, items), pl.lit(")"))

    def write(rows: pl.DataFrame) -> pl.Expr:
        parts = [said(code, sets) for code, sets in bad_values(items).items()]
        place = {one: i for i, one in enumerate(items)}
        parts.append(said("detection_limit_too_high", set_of((place[i], yes) for i, yes in too_high.items())))
        parts.append(said("body_type_unknown", set_of((place[i], yes) for i, yes in torn.items())))
        parts.append(pl.when(nothing).then(pl.lit("no_items")))
        if "rounding_practice_unknown" in doubts:
            other = pl.col("_section_rounded").cast(pl.String).fill_null("none")
            text = pl.concat_str(pl.lit("rounding_practice_unknown(rounded="), other, pl.lit(")"))
            parts.append(pl.when(doubts["rounding_practice_unknown"] & section.is_not_null()).then(text))
        if "rounding_unconfirmed" in doubts:
            differs = [(i, pl.col(f"_confirmed_{one}") != pl.col(f"_rounded_{one}")) for i, one in enumerate(items)]
            parts.append(pl.when(doubts["rounding_unconfirmed"]).then(said("rounding_unconfirmed", set_of(differs))))
        outside = pl.when(pl.col("_undated")).then(pl.lit("bad_time")).when(~in_force).then(pl.lit("no_edition"))
        return outside.otherwise(join_reasons(*parts))

    read = ["_class", "_limits", "_practice", "_rounded", "_undated", *items]
    read += [f"_{what}_{i}" for i in items for what in ("value", "class")] + [f"_class_{i}_worst" for i in items]
    read += [f"_section_{mark}" for mark in marks]
    read += [f"_{mark}_{i}" for mark in marks if mark != "raw" for i in items]
    return where_needed(needed, read, write)
