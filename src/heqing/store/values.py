"""Values as people write them, read batch by batch: numbers, blanks, “below the limit”, faults.

It knows one item at a time and no columns. Nearly all values are plain numbers, so the lists of other spellings
are asked only about what is left. Look next at `heqing.store.intake`.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from heqing.store.spelling import blank_marks, rows_of
from heqing.tables import Item

READ = pl.Struct({"number": pl.Float64, "below": pl.Boolean, "fault": pl.String})


def reader_of(item: Item, *, power: int = 0) -> Callable[[pl.Series], pl.Series]:
    """Make the reader of an item's column.

    Parameters
    ----------
    item : Item
        The item; its domain says which marks and forms are known.
    power : int
        Power of ten from the file's unit to the house's.

    Returns
    -------
    callable
        Series of text or numbers in, struct series out: ``number`` [unit of the item] as read, also where there is
        a fault; ``below``, true where the number is a detection limit; ``fault``, a reason or null.

    Examples
    --------
    >>> from heqing.tables import item
    >>> reader_of(item("water", "nh3n"))(pl.Series(["0.5", "0.02L", "-1", "x"])).to_list()[1:3]
    [{'number': 0.02, 'below': True, 'fault': None}, {'number': None, 'below': False, 'fault': None}]
    """

    def read(cells: pl.Series) -> pl.Series:
        if cells.dtype.is_numeric():
            return _with_faults(item, _read_numbers(item, cells, power))
        return _with_faults(item, _read_text(item, cells.cast(pl.String), power))

    return read


def scaled(text: pl.Expr, power: int) -> pl.Expr:
    """Read a number times a power of ten, rounded once: the exponent is moved in the text, not multiplied.

    Dividing a column by 1000 would not do: Polars multiplies by the reciprocal, and 700 becomes 0.7000000000000001.

    Parameters
    ----------
    text : polars.Expr
        Text of numbers.
    power : int
        Power of ten.

    Returns
    -------
    polars.Expr
        Float64, null where the text is no number.

    Examples
    --------
    >>> pl.select(scaled(pl.lit("1.1"), -3)).item()
    0.0011
    """
    plain = text.cast(pl.Float64, strict=False)
    if not power:
        return plain
    moved = (text + f"e{power}").cast(pl.Float64, strict=False)
    exponent = text.str.extract(r"[eE]([+-]?\d{1,4})$", 1).cast(pl.Int32, strict=False)
    joined = pl.format("{}e{}", text.str.replace(r"[eE].*$", ""), exponent + power).cast(pl.Float64, strict=False)
    return pl.coalesce(moved, joined)


def _read_numbers(item: Item, cells: pl.Series, power: int) -> pl.DataFrame:
    is_printed = power != 0 or cells.dtype == pl.Float32 or cells.dtype.is_decimal()
    cell = pl.col("cell")
    # the shortest text of a 32-bit number is what was meant: 0.1, not 0.10000000149
    number = scaled(cell.cast(pl.String), power) if is_printed else cell.cast(pl.Float64)
    is_blank = cell.is_null() | (cell.is_nan() if cells.dtype.is_float() else False)
    if item.domain == "water":
        is_blank |= cell == -1
    return pl.DataFrame({"cell": cells}).select(
        number=pl.when(~is_blank & number.is_finite()).then(number),
        below=False,
        fault=pl.when(~is_blank & ~number.is_finite()).then(pl.lit(f"not_a_number({item.code})")),
    )


def _read_text(item: Item, cells: pl.Series, power: int) -> pl.DataFrame:
    quick = pl.DataFrame({"text": cells}).with_columns(number=scaled(pl.col("text"), power))
    is_left = pl.col("text").is_not_null() & ~pl.col("number").is_finite().fill_null(False)
    if item.domain == "water":
        is_left |= pl.col("number") == -1 * 10.0**power
    left = quick.select(pl.col("text").filter(is_left).unique()).to_series()
    if left.is_empty():
        return quick.select("number", below=False, fault=pl.lit(None, pl.String))
    return quick.join(_read_slowly(item, left, power), on="text", how="left", maintain_order="left").select(
        number=pl.when(is_left).then("slow_number").otherwise("number"),
        below=pl.col("below").fill_null(False),
        fault="fault",
    )


def _read_slowly(item: Item, texts: pl.Series, power: int) -> pl.DataFrame:
    """Read texts, all different, that are no plain numbers."""
    frame = pl.DataFrame({"text": texts}).with_columns(said=pl.col("text").str.strip_chars())
    said = pl.col("said")
    is_blank = said.str.to_lowercase().is_in(blank_marks(item.domain))
    number, below, has_no_limit = scaled(said, power), pl.lit(False), pl.lit(False)
    for form in rows_of("below_forms"):
        if form["domain"] == item.domain:
            matches = said.str.contains(form["pattern"])
            below = below | matches
            number = pl.when(matches).then(scaled(said.str.extract(form["pattern"], 1), power)).otherwise(number)
            has_no_limit = has_no_limit | (matches & number.is_null())
    number = pl.when(~is_blank & number.is_finite()).then(number)
    return frame.select(
        "text",
        slow_number=number,
        below=below,
        fault=pl.when(~is_blank & has_no_limit)
        .then(pl.lit(f"no_detection_limit({item.code})"))
        .when(~is_blank & number.is_null())
        .then(pl.lit(f"not_a_number({item.code})")),
    )


def _with_faults(item: Item, read: pl.DataFrame) -> pl.Series:
    """Add what a number alone betrays: it is negative, or beyond what is possible."""
    number = pl.col("number")
    fault: pl.Expr = pl.col("fault")
    if item.unit != "℃":
        fault = pl.when(number < 0).then(pl.lit(f"negative_value({item.code})")).otherwise(fault)
    if item.plausible_max is not None:
        is_beyond = number > item.plausible_max
        fault = pl.when(is_beyond).then(pl.lit(f"impossible_value({item.code})")).otherwise(fault)
    return read.select(pl.struct(number=number, below="below", fault=fault).cast(READ)).to_series()
