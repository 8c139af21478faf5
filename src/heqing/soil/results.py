"""Results of soil samples as laboratories report them: one row per sample and item, values in mg/kg.

It finds the day, the item and the exact value of each row and compares it with the two values of a standard; which
values those are is told by `heqing.soil.construction` and `heqing.soil.farmland`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import polars as pl

from heqing.errors import MissingColumnError
from heqing.quantities.rounding import scaled
from heqing.tables import join_reasons, need_columns

# Values are whole numbers of a billionth of mg/kg: dioxins (0.00001) and metals (36000) both fit.
PLACES = 9
NEEDED = ("day", "item", "value")
_MARKS = {"（": "(", "）": ")", "，": ",", " ": "", "\u3000": "", "［": "[", "］": "]"}
_HINT = "One row per sample and item: `day`, `item` (name, symbol or CAS number), `value` [mg/kg]."


def check_results(frame: pl.LazyFrame, table: str, *more: str) -> list[str]:
    """Check the columns that every table of soil results has.

    Parameters
    ----------
    frame : polars.LazyFrame
        The results.
    table : str
        What the frame is, for the message.
    *more : str
        Further columns needed.

    Returns
    -------
    list of str
        The columns of the frame.

    Raises
    ------
    MissingColumnError
        When one is missing or ``value`` holds no numbers.

    Examples
    --------
    >>> check_results(pl.LazyFrame({"day": [], "item": [], "value": []}), "soil results")
    ['day', 'item', 'value']
    """
    present = need_columns(frame, table, [*NEEDED, *more], hint=_HINT)
    kind = frame.collect_schema()["value"]
    if not (kind.is_numeric() or kind == pl.Null):
        raise MissingColumnError(table, ["value"], present=present, hint=f"`value` is {kind}: it must hold numbers.")
    return present


def plain_name(item: pl.Expr) -> pl.Expr:
    """Spell an item as the tables do: no blanks, half-width brackets and commas.

    Parameters
    ----------
    item : polars.Expr
        Names as laboratories write them.

    Returns
    -------
    polars.Expr
        Text.

    Examples
    --------
    >>> pl.select(plain_name(pl.lit("铬（六价） "))).item()
    '铬(六价)'
    """
    return item.cast(pl.String).str.replace_many(_MARKS).str.to_lowercase()


def spellings(rows: Iterable[Mapping[str, object]]) -> dict[str, str]:
    """Give each spelling of an item the name that the table uses.

    Parameters
    ----------
    rows : iterable of mapping
        Rows with ``name_zh`` and those of ``symbol``, ``cas``, ``also`` that the table has.

    Returns
    -------
    dict of str to str
        Plain spelling to name.

    Examples
    --------
    >>> spellings([{"name_zh": "砷", "symbol": "As", "cas": "7440-38-2"}])
    {'砷': '砷', 'as': '砷', '7440-38-2': '砷'}
    """
    found: dict[str, str] = {}
    for row in rows:
        name = str(row["name_zh"])
        told = [name, row.get("symbol"), *re.split(r"[,;]\s*", f"{row.get('cas') or ''};{row.get('also') or ''}")]
        for word in told:
            if word:
                found.setdefault(
                    re.sub("|".join(map(re.escape, _MARKS)), lambda m: _MARKS[m[0]], str(word)).lower(), name
                )
    return found


def compared(columns: Iterable[str]) -> dict[str, pl.Expr]:
    """Compare each value with ``_screening`` and ``_control`` [billionths of mg/kg].

    Parameters
    ----------
    columns : iterable of str
        Columns of the frame; ``below`` says that the value given is the detection limit, ``background`` is the natural
        background of the place [mg/kg], which counts where ``_background_counts``.

    Returns
    -------
    dict of str to polars.Expr
        ``exceeds`` (``none``, ``background``, ``screening``, ``control``) and ``multiple`` (value over the screening
        value, less one; null where it is not above).

    References
    ----------
    GB 36600-2018, 5.3 and note 1 of table 1; GB 15618-2018, 5 and 6.

    Examples
    --------
    >>> rows = pl.DataFrame({"value": [119.0], "_screening": [60 * 10**9], "_control": [140 * 10**9]})
    >>> rows.select(**compared(rows.columns)).row(0)
    ('screening', 0.9833333333333333)
    """
    there = set(columns)
    value = scaled(pl.col("value"), PLACES)
    screening, control = pl.col("_screening"), pl.col("_control")
    judged = screening.is_not_null() & value.is_not_null() & (value >= 0)
    natural = pl.lit(False)
    if "background" in there and "_background_counts" in there:
        natural = (pl.col("_background_counts") & (value <= scaled(pl.col("background"), PLACES))).fill_null(False)
    over_control = (value > control).fill_null(False)
    above = pl.when(over_control).then(pl.lit("control")).otherwise(pl.lit("screening"))
    exceeds = (
        pl.when(value <= screening)
        .then(pl.lit("none"))
        .when(natural & ~over_control)
        .then(pl.lit("background"))
        .otherwise(above)
    )
    if "below" in there:
        judged = judged & ~(pl.col("below").fill_null(False) & (value > screening))
    multiple = pl.when(judged & (value > screening)).then((value - screening) / screening)
    return {"exceeds": pl.when(judged).then(exceeds), "multiple": multiple}


def why_not(columns: Iterable[str], *first: pl.Expr) -> pl.Expr:
    """Say why a row has no comparison: the reasons of the standard first, then those of the value.

    Parameters
    ----------
    columns : iterable of str
        Columns of the frame.
    *first : polars.Expr
        Reasons of the standard.

    Returns
    -------
    polars.Expr
        Codes with values, null where the row was compared.

    Examples
    --------
    >>> rows = pl.DataFrame({"item": ["砷"], "value": [-1.0], "_screening": [20], "exceeds": [None]})
    >>> rows.select(why_not(rows.columns)).item()
    'negative_value(砷)'
    """
    value, item = pl.col("value"), pl.col("item").cast(pl.String)

    def said(code: str, when: pl.Expr) -> pl.Expr:
        return pl.when(when).then(pl.concat_str(pl.lit(f"{code}("), item, pl.lit(")")))

    found = [*first, said("soil_no_value", value.is_null()), said("negative_value", value < 0)]
    if "below" in set(columns):
        high = scaled(value, PLACES) > pl.col("_screening")
        found.append(said("detection_limit_too_high", pl.col("below").fill_null(False) & high))
    return pl.when(pl.col("exceeds").is_null()).then(join_reasons(*found))


def worst_items(code: str) -> pl.Expr:
    """List, within a group, the items that exceed a value, each with its largest multiple, the largest first.

    Parameters
    ----------
    code : str
        ``screening`` or ``control``.

    Returns
    -------
    polars.Expr
        For instance ``砷:0.98,镉:0.20``; null where no item does. Reads ``soil_item``, ``exceeds``, ``multiple``.

    Examples
    --------
    >>> rows = pl.DataFrame({"soil_item": ["镉", "砷"], "exceeds": ["screening"] * 2, "multiple": [0.2, 0.98]})
    >>> rows.select(worst_items("screening")).item()
    '砷:0.98,镉:0.20'
    """
    here = pl.col("exceeds") == code
    rows = pl.struct("soil_item", "multiple").filter(here).sort_by(pl.col("multiple").filter(here), descending=True)
    name, multiple = rows.struct.field("soil_item"), rows.struct.field("multiple")
    first = name.is_first_distinct()
    told = pl.concat_str(name, pl.lit(":"), multiple.map_elements(lambda x: f"{x:.2f}", return_dtype=pl.String))
    joined = told.filter(first).str.join(",")
    return pl.when(joined != "").then(joined)
