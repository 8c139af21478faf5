"""The class or the limits that a section has to meet (水质目标): read from words, and set beside the class it has.

Attaining the target and being good (class III or better) are two things: a section of class IV with target IV attains.
Shares of many sections are in `heqing.water.shares`.
"""

from __future__ import annotations

import polars as pl

from heqing.editions import table
from heqing.errors import MissingColumnError
from heqing.tables import need_columns
from heqing.tables.door import any_frame
from heqing.water.grounds import own_names
from heqing.water.samples import file_columns

METHOD = "surface_water_method"


def target_of(frame: pl.LazyFrame, column: str = "target_class") -> pl.Expr:
    """Give the class each row has to meet, from a number or from a word for it.

    Parameters
    ----------
    frame : polars.LazyFrame
        Rows with that column.
    column : str
        Its name.

    Returns
    -------
    polars.Expr
        Int64, 1–5; null for what is none.

    Raises
    ------
    MissingColumnError
        Without the column.

    References
    ----------
    Family ``surface_water_method``, table ``class_words``.

    Examples
    --------
    >>> frame = pl.LazyFrame({"target_class": ["Ⅲ类", "IV", "6"]})
    >>> frame.select(target_of(frame)).collect().to_series().to_list()
    [3, 4, None]
    """
    schema = frame.collect_schema()
    if column not in schema:
        hint = "It is the class that the section has to meet, 1 to 5 or Ⅲ, III, 三类."
        raise MissingColumnError("sections", [column], present=file_columns(schema.names()), hint=hint)
    words = table(METHOD, "class_words").select("word", "class").unique("word", keep="last")
    text = pl.col(column)
    if schema[column].is_float():
        text = pl.when(text == text.round()).then(text.round()).cast(pl.Int64)
    bare = text.cast(pl.String).str.strip_chars().str.to_uppercase()
    return bare.replace_strict(words["word"].to_list(), words["class"].to_list(), default=None, return_dtype=pl.Int64)


@any_frame
def target_attainment(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Say of each section whether it meets its target class (功能区达标).

    Parameters
    ----------
    frame : polars.LazyFrame
        Sections with ``water_class`` (of `heqing.water.water_class`) and ``target_class``.

    Returns
    -------
    polars.LazyFrame
        The rows of `frame`, in order, plus ``target`` [1–5] and ``attained``, null where either class is not known.

    Raises
    ------
    MissingColumnError
        Without one of the two columns.

    References
    ----------
    GB 3838-2002, 5.1.

    Examples
    --------
    >>> sections = pl.LazyFrame({"water_class": [4, 4, None], "target_class": ["Ⅳ", "Ⅲ", "Ⅲ"]})
    >>> target_attainment(sections).select("attained").collect().to_series().to_list()
    [True, False, None]
    """
    frame, columns = own_names(frame, ("target", "attained"))
    need_columns(frame, "sections", ["water_class"], hint="Judge the samples with water_class first.")
    target = target_of(frame)
    return frame.select(*columns, target.alias("target"), (pl.col("water_class") <= target).alias("attained"))
