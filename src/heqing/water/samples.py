"""What a frame of surface-water samples must hold, and which of its values are measurements at all.

It judges nothing: a missing column is told at once, an impossible value becomes null with a reason. See
`heqing.water.classes` and `heqing.water.periods` for what is done with the values.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import polars as pl

from heqing.errors import MissingColumnError
from heqing.quantities.rounding import scaled
from heqing.tables import item as item_of
from heqing.tables import items as items_of
from heqing.water.limits import PLACES, judged_items
from heqing.water.wording import set_of

_LARGEST = 9.1e9  # of which billionths still fit in a whole number
# what the doors say of single values; `bad_time` is left out, for the rules say it themselves
NOTICED = ("not_a_number", "negative_value", "impossible_value", "no_detection_limit", "blank_row")


def file_columns(names: Sequence[str]) -> list[str]:
    """Leave out the columns that the doors add, so that a message shows those of the file.

    Parameters
    ----------
    names : sequence of str
        Columns of a frame.

    Returns
    -------
    list of str
        Without ``file_row``, ``intake_reason`` and the ``<item>_below`` of items that are there.

    Examples
    --------
    >>> file_columns(["section", "tp", "tp_below", "file_row", "intake_reason"])
    ['section', 'tp']
    """
    added = {"file_row", "intake_reason", *(f"{i.code}_below" for i in items_of("water") if i.code in names)}
    return [n for n in names if n not in added]


def day_of(frame: pl.LazyFrame, table_name: str = "water samples") -> pl.Expr:
    """Find the day of each row: ``time`` if there is one, else ``day``, else ``period_end``.

    Parameters
    ----------
    frame : polars.LazyFrame
        Samples.
    table_name : str
        What the frame is, for the message.

    Returns
    -------
    polars.Expr
        Date. A sample belongs to the day on which it was taken: midnight is the first moment of its day.

    Raises
    ------
    MissingColumnError
        When neither is there, or it holds no dates.

    Examples
    --------
    >>> from datetime import datetime
    >>> frame = pl.LazyFrame({"time": [datetime(2025, 11, 6, 0)]})
    >>> frame.select(day_of(frame)).collect().item().isoformat()
    '2025-11-06'
    """
    schema = frame.collect_schema()
    for name in ("time", "day", "period_end"):
        if name in schema:
            if schema[name] not in (pl.Date, pl.Datetime) and schema[name] != pl.Null:
                hint = f"`{name}` is {schema[name]}: turn it into Date or Datetime first."
                raise MissingColumnError(table_name, [name], present=file_columns(schema.names()), hint=hint)
            return pl.col(name).dt.date() if schema[name] == pl.Datetime else pl.col(name).cast(pl.Date)
    hint = "The edition in force depends on the day; add `time` or `day`."
    raise MissingColumnError(table_name, ["time"], present=file_columns(schema.names()), hint=hint)


def present_items(frame: pl.LazyFrame, among: Sequence[str]) -> list[str]:
    """Name the items that a frame has columns for.

    Parameters
    ----------
    frame : polars.LazyFrame
        Samples.
    among : sequence of str
        Items to look for, in order.

    Returns
    -------
    list of str
        Those present.

    Raises
    ------
    MissingColumnError
        When there is none.

    Examples
    --------
    >>> present_items(pl.LazyFrame({"tp": [0.1]}), ["ph", "tp"])
    ['tp']
    """
    schema = frame.collect_schema()
    found = [item for item in among if item in schema]
    if not found:
        idle = [i.code for i in items_of("water") if i.code in schema and i.code not in judged_items()]
        hint = f"{', '.join(idle)} {'have' if len(idle) > 1 else 'has'} no class in the standard. " if idle else ""
        hint += "At least one of the items is needed; rename the columns that hold them, e.g. `--rename 氨氮=nh3n`."
        raise MissingColumnError("water samples", list(among), present=file_columns(schema.names()), hint=hint)
    wrong = [item for item in found if not (schema[item].is_numeric() or schema[item] == pl.Null)]
    if wrong:
        hint = f"{', '.join(wrong)}: these columns hold no numbers; read the file through intake, which converts them."
        raise MissingColumnError("water samples", wrong, present=file_columns(schema.names()), hint=hint)
    return found


def valid_value(item: str) -> pl.Expr:
    """Give the values of an item as whole numbers of a billionth; null where missing or impossible.

    Parameters
    ----------
    item : str
        The item's code, a column.

    Returns
    -------
    polars.Expr
        Int64.

    Examples
    --------
    >>> pl.LazyFrame({"tp": [0.1, -1.0, None]}).select(valid_value("tp")).collect()["tp"].to_list()
    [100000000, None, None]
    """
    number = pl.col(item).cast(pl.Float64)
    ceiling = item_of("water", item).plausible_max
    possible = number >= 0.0
    if ceiling is not None:
        possible = possible & (number <= ceiling)
    return pl.when(possible).then(scaled(number, PLACES)).alias(item)


def ceiling(item: str) -> float:
    """Give the largest value of an item that is a measurement.

    Parameters
    ----------
    item : str
        The item's code.

    Returns
    -------
    float
        In the item's unit; where the table names none, the largest that can be written in billionths.

    Examples
    --------
    >>> ceiling("ph")
    14.0
    """
    most = item_of("water", item).plausible_max
    return _LARGEST if most is None else float(most)


def bad_values(items: Sequence[str]) -> dict[str, pl.Expr]:
    """Find values that are no measurement: reason code to the set of items.

    Parameters
    ----------
    items : sequence of str
        Items, columns of the frame.

    Returns
    -------
    dict of str to polars.Expr
        ``not_a_number``, ``negative_value``, ``impossible_value`` to sets as `heqing.water.wording.set_of` makes them.

    Examples
    --------
    >>> pl.select(tp=pl.lit(-1.0)).select(**bad_values(["tp"])).row(0)
    (0, 1, 0)
    """
    numbers = {item: pl.col(item).cast(pl.Float64) for item in items}
    high = {item: item_of("water", item).plausible_max for item in items}
    return {
        "not_a_number": set_of((i, numbers[item].is_nan()) for i, item in enumerate(items)),
        "negative_value": set_of((i, numbers[item] < 0) for i, item in enumerate(items)),
        "impossible_value": set_of(
            (i, numbers[item].is_not_nan() & (numbers[item] > (high[item] or float("inf"))))
            for i, item in enumerate(items)
        ),
    }


def noticed(items: Sequence[str]) -> dict[str, pl.Expr]:
    """Read out of ``intake_reason`` what the doors noticed: reason code to the set of items.

    Parameters
    ----------
    items : sequence of str
        Items, columns of the frame.

    Returns
    -------
    dict of str to polars.Expr
        The codes of `NOTICED` to sets as `heqing.water.wording.set_of` makes them; a code without items has place 0.

    Examples
    --------
    >>> frame = pl.DataFrame({"intake_reason": ["bad_time;not_a_number(tp)", None]})
    >>> frame.select(noticed(["ph", "tp"])["not_a_number"]).to_series().to_list()
    [2, 0]
    """

    def sets(code: str, reasons: pl.Series) -> pl.Series:
        known = reasons.unique().drop_nulls()  # few texts on many rows
        said = [known.str.contains(f"{code}({item})", literal=True) for item in items]
        said[:1] = [said[0] | (known == code)]
        place = pl.select(set_of((i, pl.lit(one)) for i, one in enumerate(said))).to_series()
        place = place if known.len() else place.clear()
        return reasons.replace_strict(known, place, default=0, return_dtype=pl.UInt32)

    return {
        code: pl.col("intake_reason").map_batches(partial(sets, code), return_dtype=pl.UInt32, is_elementwise=True)
        for code in NOTICED
    }
