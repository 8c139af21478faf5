"""Sums of a period while samples stream by: exact totals, counts, and whether a moment came twice.

Each batch becomes one row per place and period, and those are added up, so memory holds periods and not samples.
A moment leaves a bit in its period; only the periods in which a bit is hit twice are read again, to count equal rows
once and to set aside rows that contradict each other. Means and classes are formed in `heqing.water.periods`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

import numpy as np
import polars as pl

from heqing.editions import table
from heqing.water.limits import PLACES, judged_items
from heqing.water.means import LN10, METHOD, UNIT, counted_value, halves_below_detection, logarithmic_items
from heqing.water.samples import NOTICED, ceiling, day_of, noticed
from heqing.water.worst_item import bodies

Periods = Callable[[pl.Expr], pl.Expr]  # from days to the first day of their period
COUNTS = ("samples", "duplicate_rows", "conflicting_rows")
_WORDS = 12  # of 64 bits each: every hour of a month, every third of a quarter
_BITS = _WORDS * 64
_NO_DAY = -(2**31) + 1
_HIGH = 2**32  # totals that could overflow are kept in two parts


@dataclass(frozen=True)
class Question:
    """What is summed: columns that name the place, items, those with marks of detection, and the periods."""

    places: tuple[str, ...]
    items: tuple[str, ...]
    below: frozenset[str]
    start: Periods
    hours_per_bit: int
    has_words: bool
    has_notes: bool


def period_sums(
    frame: pl.LazyFrame, *, places: Sequence[str], items: Sequence[str], start: Periods, hours_per_bit: int
) -> pl.LazyFrame:
    """Add up samples by place, kind of water body and period.

    Parameters
    ----------
    frame : polars.LazyFrame
        Samples as for `heqing.water.period_water_class`.
    places : sequence of str
        Columns that name the place.
    items : sequence of str
        Items, columns of the frame.
    start : callable
        From an expression of days to one of the first days of their periods.
    hours_per_bit : int
        So many hours of a period share a bit; a period has room for 768 of them.

    Returns
    -------
    polars.LazyFrame
        One row per place, ``_body`` (0 river, 1 lake, 2 not known) and ``_start`` (null: samples without a date): per
        item ``<item>_n`` and the mean of the samples [mg/L], of pH also that of hydrogen ions ``_ions_ph``;
        `COUNTS`, ``_measured`` (samples with an item that is judged), sets of what was noticed ``_<code>``, ``_row``
        and ``_word``: the first row and its word for the water body.

    Examples
    --------
    >>> from datetime import date
    >>> samples = pl.LazyFrame({"section": ["a", "a"], "day": [date(2020, 6, 1), date(2020, 6, 8)], "tp": [0.1, 0.34]})
    >>> month = lambda day: day.dt.truncate("1mo")
    >>> sums = period_sums(samples, places=["section"], items=["tp"], start=month, hours_per_bit=1)
    >>> sums.select("section", "tp", "tp_n", "samples").collect().row(0)
    ('a', 0.22, 2, 2)
    """
    schema = frame.collect_schema()
    given = schema.names()
    asked = Question(
        places=tuple(places),
        items=tuple(items),
        below=frozenset(i for i in items if f"{i}_below" in given and halves_below_detection(i)),
        start=start,
        hours_per_bit=hours_per_bit,
        has_words="body_type" in given,
        has_notes=schema.get("intake_reason") == pl.String,
    )
    rows = _rows(frame, asked)
    found = _schema(rows, asked)
    return pl.defer(partial(_summed, rows, asked), schema=found, validate_schema=False).select(
        *places, "_body", "_start", *_means(asked), *COUNTS, "_measured", *(f"_{c}" for c in NOTICED), "_row", "_word"
    )


def _rows(frame: pl.LazyFrame, asked: Question) -> pl.LazyFrame:
    """Read what is needed of each row, numbered as it came."""
    schema = frame.collect_schema()
    day = day_of(frame)
    name = next(c for c in ("time", "day", "period_end") if c in schema)
    hour = day.to_physical().cast(pl.Int64) * 24
    if isinstance(schema[name], pl.Datetime):
        hour = pl.col(name).dt.replace_time_zone(None).dt.timestamp("ms") // 3_600_000
    return frame.select(
        *[pl.col(p) for p in asked.places],
        *[pl.col(i).cast(pl.Float64) for i in asked.items],
        *[pl.col(f"{i}_below").cast(pl.Boolean) for i in asked.items if i in asked.below],
        _moment=pl.col(name),
        _day=day,
        _hour=hour,
        _word=pl.col("body_type").cast(pl.String) if asked.has_words else pl.lit(None, pl.String),
        _notes=pl.col("intake_reason") if asked.has_notes else pl.lit(None, pl.String),
    ).with_row_index("_row")


def _summed(rows: pl.LazyFrame, asked: Question) -> pl.DataFrame:
    """Add up all rows; read those periods again in which a moment may have come twice."""
    keys = [*asked.places, "_body", "_start"]
    sums = _added(rows, asked).collect(engine="streaming")
    hit = pl.sum_horizontal([pl.col(w).bitwise_count_ones() for w in _words()])
    sums = sums.with_columns(
        duplicate_rows=pl.lit(0, pl.Int64), conflicting_rows=pl.lit(0, pl.Int64), _twice=hit < pl.col("samples")
    ).with_columns(_twice=pl.col("_twice") & pl.col("_start").is_not_null())
    again = sums.filter("_twice")
    if again.is_empty():
        return sums
    some = _placed(rows, asked).join(again.lazy().select(keys), on=keys, how="semi", nulls_equal=True)
    moments = _moments(some, asked).collect(engine="streaming")
    agree, count = pl.col("_agree"), pl.col("_rows")
    told = moments.group_by(keys).agg(
        duplicate_rows=(count - 1).filter(agree).sum(), conflicting_rows=count.filter(~agree).sum()
    )
    once = _added(moments.lazy().filter("_agree"), asked).collect()
    kept = [*keys, "_row", "_word", *(f"_{c}" for c in NOTICED)]
    fixed = again.select(kept).join(told, on=keys, how="left", nulls_equal=True)
    fixed = fixed.join(once.drop(kept[len(keys) :]), on=keys, how="left", nulls_equal=True)
    totals = [*_totals(asked), "samples", "_measured"]
    fixed = fixed.with_columns(pl.col(totals).fill_null(0), _twice=pl.lit(True)).select(sums.columns)
    return pl.concat([sums.filter(~pl.col("_twice")), fixed])


def _placed(rows: pl.LazyFrame, asked: Question) -> pl.LazyFrame:
    body = pl.col("_word").map_batches(
        lambda words: pl.Series(bodies(words)), return_dtype=pl.UInt8, is_elementwise=True
    )
    return rows.with_columns(_body=body, _start=asked.start(pl.col("_day")))


def _moments(rows: pl.LazyFrame, asked: Question) -> pl.LazyFrame:
    """Make one row per place and moment: equal rows are one, of rows that contradict each other none counts."""
    given = rows.collect_schema().names()
    counted = pl.struct([counted_value(i, given) for i in asked.items]).hash()
    first = [c for c in given if c not in (*asked.places, "_body", "_start", "_moment")]
    return (
        rows.with_columns(_content=counted)
        .group_by([*asked.places, "_body", "_start", "_moment"])
        .agg(
            *[pl.col(c).first() for c in first],
            _rows=pl.len().cast(pl.Int64),
            _agree=pl.col("_content").min() == pl.col("_content").max(),
        )
    )


def _words() -> list[str]:
    return [f"_hours_{k}" for k in range(_WORDS)]


def _is_exact(item: str) -> bool:
    """Say whether a total of billionths fits in 64 bits; coliforms could overflow it."""
    return item in judged_items()


def _totals(asked: Question) -> list[str]:
    found = []
    for item in asked.items:
        found += [f"_sum_{item}", f"{item}_n", *([] if _is_exact(item) else [f"_high_{item}"])]
    return [*found, *(f"_ions_{i}" for i in logarithmic_items(asked.items))]


def _schema(rows: pl.LazyFrame, asked: Question) -> pl.Schema:
    given = rows.collect_schema()
    totals = {c: pl.Float64() if c.startswith("_ions_") else pl.Int64() for c in _totals(asked)}
    return pl.Schema(
        {
            **{p: given[p] for p in asked.places},
            "_body": pl.UInt8(),
            "_start": pl.Date(),
            "_row": given["_row"],
            "_word": pl.String(),
            **{f"_{c}": pl.UInt32() for c in NOTICED},
            **totals,
            "samples": pl.Int64(),
            "_measured": pl.Int64(),
            **{w: pl.UInt64() for w in _words()},
            "duplicate_rows": pl.Int64(),
            "conflicting_rows": pl.Int64(),
            "_twice": pl.Boolean(),
        }
    )


def _added(rows: pl.LazyFrame, asked: Question) -> pl.LazyFrame:
    """Add up rows batch by batch, then the batches."""
    schema = _schema(rows, asked)
    part = pl.Schema({c: schema[c] for c in schema.names()[: -len(COUNTS)]})
    batches = rows.map_batches(partial(_batch, asked=asked, schema=part), schema=part, streamable=True)
    sets = [*_words(), *(f"_{c}" for c in NOTICED)]
    return (
        batches.group_by([*asked.places, "_body", "_start"])
        .agg(
            pl.col("_row").min(),
            pl.col("_word").min_by("_row"),
            *[pl.col(c).bitwise_or() for c in sets],
            *[pl.col(c).sum() for c in (*_totals(asked), "samples", "_measured")],
        )
        .select(part.names())
    )


def _batch(rows: pl.DataFrame, *, asked: Question, schema: pl.Schema) -> pl.DataFrame:
    """Add up the rows of one batch that lie together."""
    if rows.is_empty():
        return pl.DataFrame(schema=schema)
    body, start = bodies(rows["_word"]), _starts(rows["_day"], asked)
    edges = _edges(rows, body, start, asked)
    if len(edges) > len(start) // 4:  # rows of a place and period do not lie together: put them there
        order = _together(rows, body, start, asked)
        rows, body, start = rows[order], body[order], start[order]
        edges = _edges(rows, body, start, asked)
    is_dated = start != _NO_DAY
    found = rows[edges].select(*asked.places, "_row", "_word").to_dict()
    found["_body"] = pl.Series(body[edges])
    found["_start"] = pl.Series(np.where(is_dated, start, 0)[edges]).cast(pl.Date)
    if not is_dated.all():
        found["_start"] = found["_start"].set(pl.Series(~is_dated[edges]), None)
    measured = np.zeros(len(start), dtype=bool)
    faults = _noticed(rows, asked)
    dated = None if is_dated.all() else is_dated
    for place, item in enumerate(asked.items):
        valid = _sum_item(rows, place, edges, dated, asked, found, faults)
        if item in judged_items():
            measured |= valid
    found |= {f"_{code}": pl.Series(np.bitwise_or.reduceat(sets, edges)) for code, sets in faults.items()}
    found["samples"] = pl.Series(np.diff(edges, append=len(start)))
    found["_measured"] = pl.Series(np.add.reduceat(measured, edges, dtype=np.int64))
    hours = _hours(rows["_hour"], start, dated, edges, asked)
    found |= {w: pl.Series(hours[:, k]) for k, w in enumerate(_words())}
    return pl.DataFrame([found[c].alias(c).cast(schema[c]) for c in schema])


def _starts(days: pl.Series, asked: Question) -> np.ndarray:
    """Give the first day of each row's period as days since 1970: one look-up over the days there are."""
    first, last = days.min(), days.max()
    if first is None or last is None:
        return np.full(days.len(), _NO_DAY, dtype=np.int32)
    known = pl.select(day=pl.date_range(pl.lit(first), pl.lit(last), interval="1d")).select(
        asked.start(pl.col("day")).to_physical()
    )
    number = days.to_physical()
    origin = int(number.min() or 0)  # type: ignore[arg-type]
    found = known.to_series().to_numpy()
    if not days.null_count():
        return np.asarray(found[number.to_numpy() - origin])
    place = number.fill_null(origin).to_numpy() - origin
    return np.where(days.is_null().to_numpy(), _NO_DAY, found[place])


def _edges(rows: pl.DataFrame, body: np.ndarray, start: np.ndarray, asked: Question) -> np.ndarray:
    """Find the rows at which a place or a period begins."""
    moves = [pl.col(p).ne_missing(pl.col(p).shift()) for p in asked.places]
    changes = rows.select(pl.any_horizontal(moves)).to_series().to_numpy().copy()
    changes[1:] |= (np.diff(body) != 0) | (np.diff(start) != 0)
    changes[0] = True
    return np.flatnonzero(changes)


def _together(rows: pl.DataFrame, body: np.ndarray, start: np.ndarray, asked: Question) -> np.ndarray:
    """Order rows so that those of a place and period lie together, earlier ones first."""
    key = start.astype(np.int64) * 3 + body
    for place in asked.places:
        known = rows[place].unique()
        number = rows[place].replace_strict(
            known.drop_nulls(), pl.int_range(known.drop_nulls().len(), eager=True), default=-1, return_dtype=pl.Int64
        )
        _, key = np.unique(key * (known.len() + 1) + number.to_numpy(), return_inverse=True)
    return np.argsort(key, kind="stable")


def _sum_item(
    rows: pl.DataFrame,
    place: int,
    edges: np.ndarray,
    dated: np.ndarray | None,
    asked: Question,
    found: dict[str, pl.Series],
    faults: dict[str, np.ndarray],
) -> np.ndarray:
    """Add up one item; note values that are no measurement; give the rows in which it counts."""
    item = asked.items[place]
    column = rows[item]
    value = column.to_numpy()
    valid = value >= 0.0
    valid &= value <= ceiling(item)
    if int(np.count_nonzero(valid)) + column.null_count() < len(value):
        faults["not_a_number"] |= column.is_nan().fill_null(False).to_numpy().astype(np.uint32) << place
        faults["negative_value"] |= (value < 0).astype(np.uint32) << place
        faults["impossible_value"] |= (value > ceiling(item)).astype(np.uint32) << place
    if dated is not None:
        valid &= dated
    scaled_ = np.where(valid, value, 0.0)
    scaled_ *= 10**PLACES
    whole = np.rint(scaled_, out=scaled_).astype(np.int64)  # as `scaled` reads it
    if item in asked.below and (marks := rows[f"{item}_below"]).any():
        marks = marks.fill_null(False) if marks.null_count() else marks
        at = np.flatnonzero(marks.to_numpy() & valid)
        share = Fraction(str(table(METHOD, "detection")["share_in_mean"][0]))
        floor, rest = np.divmod(whole[at] * share.numerator, share.denominator)
        whole[at] = floor + ((rest * 2 > share.denominator) | ((rest * 2 == share.denominator) & (floor % 2 != 0)))
    found[f"{item}_n"] = pl.Series(np.add.reduceat(valid, edges, dtype=np.int64))
    if _is_exact(item):
        found[f"_sum_{item}"] = pl.Series(np.add.reduceat(whole, edges))
    else:
        high, low = np.divmod(whole, _HIGH)
        found[f"_sum_{item}"], found[f"_high_{item}"] = (pl.Series(np.add.reduceat(x, edges)) for x in (low, high))
    if logarithmic_items([item]):
        ions = (pl.Series(whole) * (-LN10 / UNIT)).exp().to_numpy()
        found[f"_ions_{item}"] = pl.Series(np.add.reduceat(np.where(valid, ions, 0.0), edges))
    return np.asarray(valid)


def _noticed(rows: pl.DataFrame, asked: Question) -> dict[str, np.ndarray]:
    """Gather what the doors noticed, as sets of items."""
    found = {code: np.zeros(rows.height, dtype=np.uint32) for code in NOTICED}
    if rows["_notes"].null_count() < rows.height:
        notes = rows.select(pl.col("_notes").alias("intake_reason")).select(**noticed(asked.items))
        for code in NOTICED:
            found[code] |= notes[code].to_numpy()
    return found


def _hours(
    hour: pl.Series, start: np.ndarray, dated: np.ndarray | None, edges: np.ndarray, asked: Question
) -> np.ndarray:
    """Mark the hours of each period in which there is a sample; two samples in one leave one mark."""
    since = (hour.fill_null(0) if hour.null_count() else hour).to_numpy() - start.astype(np.int64) * 24
    bit = np.clip(since // asked.hours_per_bit if asked.hours_per_bit > 1 else since, 0, _BITS - 1)
    place = np.repeat(np.arange(len(edges)) * _BITS, np.diff(edges, append=len(start))) + bit
    seen = np.zeros((len(edges), _BITS), dtype=bool)
    seen.reshape(-1)[place if dated is None else place[dated]] = True
    return np.packbits(seen, axis=1).view(np.uint64)


def _means(asked: Question) -> list[pl.Expr]:
    """Divide exact totals once."""
    found = []
    for item in asked.items:
        total, count = pl.col(f"_sum_{item}").cast(pl.Float64), pl.col(f"{item}_n")
        if not _is_exact(item):
            total = pl.col(f"_high_{item}").cast(pl.Float64) * float(_HIGH) + total
        found += [pl.when(count > 0).then(total / count / UNIT).alias(item), count]
    for item in logarithmic_items(asked.items):
        found.append(
            pl.when(pl.col(f"{item}_n") > 0).then(pl.col(f"_ions_{item}") / pl.col(f"{item}_n")).alias(f"_ions_{item}")
        )
    return found
