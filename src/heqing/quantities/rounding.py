"""Rounding (数值修约), said once for the whole house.

Values are carried through rules as whole numbers of a millionth or a billionth, so that every rounding sees the exact
decimal that was printed and never its binary neighbour. No rule calls ``round()`` in passing.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

import polars as pl


def round_half_even(value: Decimal | str | int, decimals: int) -> Decimal:
    """Round an exact decimal to a number of places, a tie to the even digit.

    Parameters
    ----------
    value : Decimal or str or int
        The exact value; text is taken as printed.
    decimals : int
        Places to keep.

    Returns
    -------
    Decimal
        The rounded value with exactly `decimals` places.

    Raises
    ------
    TypeError
        For a float: its decimal is no longer the printed one.

    References
    ----------
    GB/T 8170-2008, 3.2.

    Examples
    --------
    >>> round_half_even("60.5", 0), round_half_even("25.35", 1)
    (Decimal('60'), Decimal('25.4'))
    """
    if isinstance(value, float):
        raise TypeError("round_half_even takes a Decimal, text or int; a float has lost the printed decimal")
    return Decimal(value).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_EVEN)


def round_keeping_digit(value: Decimal | str | int, decimals: int) -> Decimal:
    """Round as `round_half_even`, but keep one significant digit where the result would be zero.

    Parameters
    ----------
    value : Decimal or str or int
        The exact value.
    decimals : int
        Places to keep.

    Returns
    -------
    Decimal
        The rounded value; 0 only for 0.

    References
    ----------
    Rule of 总站水字〔2018〕87号 and 〔2020〕90号 as public code shows it (one source, unconfirmed).

    Examples
    --------
    >>> round_keeping_digit("0.0004", 3)
    Decimal('0.0004')
    """
    exact = Decimal(value)
    rounded = round_half_even(exact, decimals)
    if rounded == 0 and exact != 0:
        return round_half_even(exact, -exact.adjusted())
    return rounded


def scaled(value: pl.Expr, places: int) -> pl.Expr:
    """Turn printed decimals into whole numbers of 10**-places.

    Parameters
    ----------
    value : polars.Expr
        Numbers with at most `places` decimals that matter.
    places : int
        Decimals kept.

    Returns
    -------
    polars.Expr
        Int64; null where the value is null, not finite or too large.

    Examples
    --------
    >>> pl.select(scaled(pl.lit(2.2), 6)).item()
    2200000
    """
    number = value.cast(pl.Float64)
    whole = (number * 10**places).round()
    return pl.when(number.is_finite() & (whole.abs() < 9.2e18)).then(whole).cast(pl.Int64, strict=False)


def unscaled(value: pl.Expr, places: int) -> pl.Expr:
    """Turn whole numbers of 10**-places back into the nearest double.

    Parameters
    ----------
    value : polars.Expr
        Int64.
    places : int
        Decimals they carry.

    Returns
    -------
    polars.Expr
        Float64.

    Examples
    --------
    >>> pl.DataFrame({"x": [458, 2200000]}).select(unscaled(pl.col("x"), 1)).to_series().to_list()
    [45.8, 220000.0]
    """
    # Through a decimal: Polars divides a double by a scalar as a product with its reciprocal, which misses the nearest
    # double now and then (458 / 10 gives 45.800000000000004).
    whole: pl.Expr = value.cast(pl.Int64).cast(pl.Decimal(38, places)) / 10 ** int(places)
    return whole.cast(pl.Float64)


def divide_half_even(numerator: pl.Expr, denominator: pl.Expr | int) -> pl.Expr:
    """Divide whole numbers and round the exact quotient, a tie to the even number.

    Parameters
    ----------
    numerator : polars.Expr
        Whole numbers of any sign.
    denominator : polars.Expr or int
        Whole numbers above zero.

    Returns
    -------
    polars.Expr
        Whole numbers.

    References
    ----------
    GB/T 8170-2008, 3.2.

    Examples
    --------
    >>> pl.select(divide_half_even(pl.lit(605), 10)).item()
    60
    """
    floor = numerator // denominator
    twice = (numerator - floor * denominator) * 2
    return floor + ((twice > denominator) | ((twice == denominator) & (floor % 2 != 0))).cast(pl.Int64)


def divide_up(numerator: pl.Expr, denominator: pl.Expr | int) -> pl.Expr:
    """Divide whole numbers and round the exact quotient up.

    Parameters
    ----------
    numerator : polars.Expr
        Whole numbers.
    denominator : polars.Expr or int
        Whole numbers above zero.

    Returns
    -------
    polars.Expr
        Whole numbers.

    Examples
    --------
    >>> pl.select(divide_up(pl.lit(550001), 10000)).item()
    56
    """
    return -((-numerator) // denominator)


def round_scaled(value: pl.Expr, places: int, decimals: int) -> pl.Expr:
    """Round whole numbers of 10**-places to fewer decimals, still as whole numbers of 10**-places.

    Parameters
    ----------
    value : polars.Expr
        Int64.
    places : int
        Decimals they carry.
    decimals : int
        Decimals to keep.

    Returns
    -------
    polars.Expr
        Int64.

    References
    ----------
    GB/T 8170-2008, 3.2.

    Examples
    --------
    >>> pl.select(round_scaled(pl.lit(60500000), 6, 0)).item()
    60000000
    """
    step: int = 10 ** (places - decimals)
    return divide_half_even(value, step) * step


# Sums and means of a column go through whole numbers of this many places: then they do not depend on the order of the
# rows, and the error of a mean (below 1e-10) is undone when it is next read at `PLACES`.
_SUM_PLACES = 10

# Concentrations are read at this many places before a rule rounds or compares them.
PLACES = 9


def exact_mean(value: pl.Expr) -> pl.Expr:
    """Give the mean of the values present, the same for every order of the rows.

    Parameters
    ----------
    value : polars.Expr
        Numbers below 1e8 with null where missing; up to 90,000 of 1e4 each in a group.

    Returns
    -------
    polars.Expr
        Float64, null where no value is present. Read at `PLACES` decimals it is the exact mean of decimals as
        printed, so that a tie is seen as a tie.

    Examples
    --------
    >>> pl.DataFrame({"x": [0.1, 0.2, 0.3]}).select(exact_mean(pl.col("x"))).item()
    0.2
    """
    total = scaled(value, _SUM_PLACES).sum()
    count = value.count()
    return pl.when(count > 0).then(total.cast(pl.Float64) / (count.cast(pl.Float64) * float(10**_SUM_PLACES)))


def exact_percentile(value: pl.Expr, percent: int) -> pl.Expr:
    """Give a percentile of the values present, by linear interpolation between ranks.

    With the n values in rising order, k = 1 + (n - 1) * percent / 100 and s the whole part of k, it is
    X(s) + (X(s+1) - X(s)) * (k - s).

    Parameters
    ----------
    value : polars.Expr
        Numbers below 1e8, null where missing.
    percent : int
        Whole percent.

    Returns
    -------
    polars.Expr
        Float64, null where no value is present.

    References
    ----------
    HJ 663-2013, annex A.

    Examples
    --------
    >>> pl.DataFrame({"x": [3, 4, 8, 2, 5, 4]}).select(exact_percentile(pl.col("x"), 90)).item()
    6.5
    """
    ranked = scaled(value, _SUM_PLACES).drop_nulls().sort()
    last = value.count().cast(pl.Int64) - 1
    place = last * percent
    lower = ranked.get(place // 100, null_on_oob=True)
    upper = ranked.get(pl.min_horizontal(place // 100 + 1, last), null_on_oob=True)
    whole = lower + divide_half_even((upper - lower) * (place % 100), 100)
    return pl.when(last >= 0).then(unscaled(whole, _SUM_PLACES))
