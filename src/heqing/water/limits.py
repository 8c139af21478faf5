"""Limits of the surface-water standard as steps on whole numbers, with the rounding practice folded into them.

A value that is rounded before it is judged meets a limit exactly when the unrounded value meets a limit moved by half
a unit of the last place; so one comparison serves both practices and nothing is lost in between. Dates are found in
`heqing.editions`; which practice counts on a day is in `heqing.water.practice`; the class is in `heqing.water.classes`.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from math import inf, nextafter

import polars as pl

from heqing.editions import table
from heqing.errors import RulebookError
from heqing.quantities.rounding import scaled

# Values are whole numbers of a billionth: mercury (0.00005 mg/L, half a detection limit of it) and coliforms
# (40000 per litre) both fit, and so does the sum of a year of samples.
PLACES = 9
WORSE_THAN_V = 6
FAMILY = "surface_water"


@dataclass(frozen=True)
class Limit:
    """The limits of one item in one kind of water body, as whole numbers of a billionth."""

    item: str
    direction: str
    lower: int | None
    classes: tuple[int, ...]
    judged: bool
    order: int


@dataclass(frozen=True)
class Steps:
    """Where the class of an item changes: each bound crossed makes it worse by its weight."""

    above: tuple[tuple[int, int], ...]
    below: tuple[tuple[int, int], ...]

    def classes(self, value: pl.Expr) -> pl.Expr:
        """Give the class 1–6 of whole numbers of a billionth, null for null."""
        worse = [(value > bound, weight) for bound, weight in self.above]
        worse += [(value < bound, weight) for bound, weight in self.below]
        total = pl.lit(1, pl.UInt8)
        for crossed, weight in worse:
            total = total + crossed.cast(pl.UInt8) * pl.lit(weight, pl.UInt8)
        return total


def whole(value: Decimal) -> int:
    """Turn a printed limit into whole numbers of a billionth."""
    return int(value.scaleb(PLACES).to_integral_exact())


@cache
def limits() -> dict[int, dict[tuple[str, str], Limit]]:
    """Give the limits of every phase of the standard.

    Returns
    -------
    dict
        Place of the phase in the family's timeline to {(item, ``river`` or ``lake``): limits}.

    Examples
    --------
    >>> limits()[0]["tp", "lake"].classes[2] == 50_000_000
    True
    """
    found: dict[int, dict[tuple[str, str], Limit]] = {}
    for row in table(FAMILY, "limits").iter_rows(named=True):
        if row["direction"] == "delta":
            continue
        limit = Limit(
            item=row["item"],
            direction=row["direction"],
            lower=None if row["lower"] is None else whole(row["lower"]),
            classes=tuple(whole(row[f"class{k}"]) for k in range(1, WORSE_THAN_V)),
            judged=row["judged"],
            order=row["no"],
        )
        for body in ("river", "lake") if row["body_type"] == "any" else (row["body_type"],):
            found.setdefault(row["phase_no"], {})[row["item"], body] = limit
    return found


@cache
def judged_items() -> tuple[str, ...]:
    """Name the items that give a section its class, in the standard's order.

    Returns
    -------
    tuple of str
        The 21 items.

    Examples
    --------
    >>> len(judged_items()), judged_items()[0]
    (21, 'ph')
    """
    order = {limit.item: limit.order for of in limits().values() for limit in of.values() if limit.judged}
    return tuple(sorted(order, key=lambda item: order[item]))


def is_upper_limit(item: str) -> bool:
    """Say whether an item has upper limits only, so that a value below detection tells something.

    Parameters
    ----------
    item : str
        The item's code.

    Returns
    -------
    bool
        False for pH and dissolved oxygen, whose values are taken as they stand.

    Examples
    --------
    >>> is_upper_limit("nh3n"), is_upper_limit("do")
    (True, False)
    """
    return any(key[0] == item and one.direction == "le" for of in limits().values() for key, one in of.items())


def steps(limit: Limit, decimals: int | None, *, keep_digit: bool = True) -> Steps:
    """Give the bounds at which an item's class changes.

    Parameters
    ----------
    limit : Limit
        The limits.
    decimals : int or None
        Decimals to which a value is rounded (half to even) before it is judged; None: as measured.
    keep_digit : bool
        One significant digit stays where the rounded value would be zero.

    Returns
    -------
    Steps
        Bounds for unrounded values.

    Raises
    ------
    RulebookError
        When a limit is smaller than half the last place kept: then a digit kept decides, which no bound can say.

    Examples
    --------
    >>> ph = limits()[0]["ph", "river"]
    >>> steps(ph, 0).above[0][0] / 10**9, steps(ph, 0).below[0][0] / 10**9
    (9.499999999, 5.5)
    """
    above: dict[int, int] = {}
    below: dict[int, int] = {}
    for bound in limit.classes:
        if limit.direction == "ge":
            lowest = _lowest(bound, decimals)
            below[lowest] = below.get(lowest, 0) + 1
        else:
            if decimals is not None and keep_digit and bound * 2 < 10 ** (PLACES - decimals):
                raise RulebookError(f"{FAMILY} limits", f"{limit.item}: a limit below half of the last decimal kept")
            highest = _highest(bound, decimals)
            above[highest] = above.get(highest, 0) + 1
    if limit.direction == "range" and limit.lower is not None:
        below[_lowest(limit.lower, decimals)] = len(limit.classes)
    return Steps(tuple(above.items()), tuple(below.items()))


def _highest(bound: int, decimals: int | None) -> int:
    """Find the largest value that is at most `bound` once rounded: a tie goes down only to an even last digit."""
    if decimals is None:
        return bound
    unit: int = 10 ** (PLACES - decimals)
    last = bound // unit
    return last * unit + unit // 2 - last % 2


def _lowest(bound: int, decimals: int | None) -> int:
    """Find the smallest value that is at least `bound` once rounded."""
    if decimals is None:
        return bound
    unit: int = 10 ** (PLACES - decimals)
    last = -(-bound // unit)
    return last * unit - unit // 2 + last % 2


_NEARBY = 16  # doubles on either side of a decimal's nearest one among which the first is sought


@cache
def first_double(number: int) -> float:
    """Find the smallest double that is read as a whole number of a billionth or more.

    Reading is monotone, so ``value >= first_double(n)`` says the same as ``scaled(value) >= n``, and a column of
    doubles is held against a limit without being turned into whole numbers first.

    Parameters
    ----------
    number : int
        Billionths.

    Returns
    -------
    float
        The double.

    Examples
    --------
    >>> first_double(150_000_000) <= 0.15 < first_double(150_000_001) <= 0.150000001
    True
    """
    near: list[float] = [(number - 0.5) / 10**PLACES]
    for _ in range(_NEARBY):
        near = [nextafter(near[0], -inf), *near, nextafter(near[-1], inf)]
    read = pl.DataFrame({"near": near}).select(scaled(pl.col("near"), PLACES)).to_series().to_list()
    first = next(i for i, whole_number in enumerate(read) if whole_number >= number)
    if first == 0:
        raise RulebookError(f"{FAMILY} limits", f"{number}: doubles are too coarse there to be held against it")
    return float(near[first])
