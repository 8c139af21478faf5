"""Parts of an amount (分解到各地): equal, or by a weight such as last year's amount or a load, and what still lacks.

The parts are whole steps of a grid and sum exactly to the whole, by the largest remainder. Places are told apart by a
key, and ties fall by the key, so that the order in which places are named changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction


def split_equal(total: Decimal, places: Iterable[str], *, decimals: int = 0) -> dict[str, Decimal]:
    """Share an amount out equally (平均分解).

    Parameters
    ----------
    total : Decimal
        The amount; not below zero, with at most so many decimals.
    places : iterable of str
        Keys of the places, each once.
    decimals : int
        Decimals of a part; 0 for what is counted.

    Returns
    -------
    dict of str to Decimal
        A part for each place, in the order of keys; together exactly `total`.

    Raises
    ------
    ValueError
        Without places, or when the amount is below zero or finer than the grid.

    Examples
    --------
    >>> split_equal(Decimal(10), ["b", "a", "c"])
    {'a': Decimal('4'), 'b': Decimal('3'), 'c': Decimal('3')}
    """
    return split_by_weight(total, dict.fromkeys(places, Decimal(1)), decimals=decimals)


def split_by_weight(total: Decimal, weights: Mapping[str, Decimal], *, decimals: int = 0) -> dict[str, Decimal]:
    """Share an amount out by weights (按占比或负荷分解): last year's amounts, enterprises, people, emissions.

    Parameters
    ----------
    total : Decimal
        The amount; not below zero, with at most so many decimals.
    weights : mapping of str to Decimal
        Key of a place to its weight; none below zero, and not all of them zero.
    decimals : int
        Decimals of a part; 0 for what is counted.

    Returns
    -------
    dict of str to Decimal
        A part for each place, in the order of keys; together exactly `total`. Each is less than one step of the grid
        away from the exact share.

    Raises
    ------
    ValueError
        When there is nothing to share by, a weight or the amount is below zero, or the amount is finer than the grid.

    References
    ----------
    Largest remainder (Hamilton): every exact share is cut to the grid, and the steps left go one each to the largest
    remainders.

    Examples
    --------
    >>> split_by_weight(Decimal(150), {"east": Decimal(70), "west": Decimal(30), "south": Decimal(11)})
    {'east': Decimal('95'), 'south': Decimal('15'), 'west': Decimal('40')}
    """
    step = Fraction(1, 10**decimals)
    steps = Fraction(total) / step
    whole = sum((Fraction(weight) for weight in weights.values()), Fraction(0))
    if total < 0 or steps.denominator != 1:
        raise ValueError(f"{total} is no amount of whole steps of {step}.")
    if whole <= 0 or min(weights.values()) < 0:
        raise ValueError("Weights are not below zero, and one of them is above.")
    shares = {key: Fraction(weights[key]) * steps / whole for key in sorted(weights)}
    parts = {key: int(share) for key, share in shares.items()}
    left = int(steps) - sum(parts.values())
    for key in sorted(shares, key=lambda key: (parts[key] - shares[key], key))[:left]:
        parts[key] += 1
    return {key: Decimal(part).scaleb(-decimals) for key, part in parts.items()}


def gap(whole: Decimal, parts: Iterable[Decimal], *, downward: bool = False) -> Decimal:
    """Tell what the parts lack of the whole (差额), or by how much they exceed an upper bound.

    Parameters
    ----------
    whole : Decimal
        The bound of the target that is decomposed.
    parts : iterable of Decimal
        The bounds of its parts.
    downward : bool
        Whether the bound is one not to exceed: then the parts may be at most the whole.

    Returns
    -------
    Decimal
        Above zero what lacks (or exceeds), zero or below when the parts are enough.

    Examples
    --------
    >>> gap(Decimal(150), [Decimal(80), Decimal(60)]), gap(Decimal(150), [Decimal(80), Decimal(60)], downward=True)
    (Decimal('10'), Decimal('-10'))
    """
    together = sum(parts, Decimal(0))
    return together - whole if downward else whole - together
