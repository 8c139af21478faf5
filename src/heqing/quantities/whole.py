"""Exact decimals in arrays: doubles as printed, turned into whole numbers and rounded, many at once.

It says in NumPy what `heqing.quantities.rounding` says in expressions, for the dense kernels behind frames.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Doubles: TypeAlias = npt.NDArray[np.float64]
Wholes: TypeAlias = npt.NDArray[np.int64]

# Nearer to a tie than this, a product of doubles no longer tells on which side of it the printed decimal lies.
_NEAR = 1e-6
_PLACES = 9


def whole(values: Doubles, places: int) -> Wholes:
    """Turn printed decimals into whole numbers of 10**-places.

    Parameters
    ----------
    values : numpy.ndarray
        Finite doubles with at most `places` decimals that matter, below 9.2e18 when multiplied out.
    places : int
        Decimals kept.

    Returns
    -------
    numpy.ndarray
        Int64.

    Examples
    --------
    >>> whole(np.array([2.2]), 6)
    array([2200000])
    """
    return np.rint(values * 10.0**places).astype(np.int64)


def divided_half_even(numerator: Wholes, denominator: Wholes | int) -> Wholes:
    """Divide whole numbers and round the exact quotient, a tie to the even number.

    Parameters
    ----------
    numerator : numpy.ndarray
        Whole numbers of any sign.
    denominator : numpy.ndarray or int
        Whole numbers above zero.

    Returns
    -------
    numpy.ndarray
        Int64.

    References
    ----------
    GB/T 8170-2008, 3.2.

    Examples
    --------
    >>> divided_half_even(np.array([605, 615, -605]), 10)
    array([ 60,  62, -60])
    """
    floor = numerator // denominator
    twice = (numerator - floor * denominator) * 2
    found: Wholes = floor + ((twice > denominator) | ((twice == denominator) & (floor % 2 != 0)))
    return found


def rounded(values: Doubles, decimals: int) -> Doubles:
    """Round printed decimals to fewer places and give them as whole numbers of 10**-decimals.

    Parameters
    ----------
    values : numpy.ndarray
        Doubles below 1e8, read at nine decimals; not finite where missing.
    decimals : int
        Places to keep.

    Returns
    -------
    numpy.ndarray
        Float64 that hold whole numbers; not finite where `values` are not.

    References
    ----------
    GB/T 8170-2008, 3.2.

    Examples
    --------
    >>> rounded(np.array([60.5, 61.5, 35.0]), 0), rounded(np.array([0.25, 0.35]), 1)
    (array([60., 62., 35.]), array([2., 4.]))
    """
    moved = values * 10.0**decimals if decimals else values
    found = np.rint(moved)
    with np.errstate(invalid="ignore"):
        away = np.abs(moved - found)
    tied = away > 0.5 - _NEAR
    # Without a product a tie is a tie, and `rint` takes the even number.
    if decimals == 0:
        tied &= away != 0.5
    if tied.any():
        exact = whole(values[tied], _PLACES)
        found[tied] = divided_half_even(exact, 10 ** (_PLACES - decimals))
    return found
