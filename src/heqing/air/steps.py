"""The sub-index (IAQI) of one concentration: a straight line between two nodes, rounded up.

It works on whole numbers of a billionth, so that 2.2 mg/m³ of CO gives 55 and not 56. Which values enter an index is
the matter of `heqing.air.index`; the nodes are table ``breakpoints`` of family ``air_index``.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import polars as pl

from heqing.editions import find_edition, table, timeline
from heqing.errors import UnknownNameError
from heqing.quantities.rounding import PLACES
from heqing.quantities.whole import Doubles, Wholes, rounded, whole

FAMILY = "air_index"
# Stands in arrays of sub-indices where the edition gives none above its table.
NO_INDEX = -2


@dataclass(frozen=True)
class Steps:
    """The nodes of one item and averaging time in one phase; `top` is the sub-index above the last node, if any."""

    concentrations: tuple[int, ...]
    indices: tuple[int, ...]
    top: int | None


def as_scaled(value: Decimal) -> int:
    """Turn a printed decimal of a table into whole numbers of a billionth."""
    return int(value.scaleb(PLACES))


@cache
def steps(phase_no: int, item: str, averaging: str) -> Steps:
    """Give the nodes of an item in a phase.

    Parameters
    ----------
    phase_no : int
        Place of the phase in the timeline of ``air_index``.
    item : str
        Item code.
    averaging : str
        ``24h``, ``8h`` or ``1h``.

    Returns
    -------
    Steps
        Nodes in rising order, concentrations in billionths of the item's unit.

    Raises
    ------
    UnknownNameError
        When the table has no such column.

    Examples
    --------
    >>> steps(0, "pm2_5", "24h").indices
    (0, 50, 100, 150, 200, 300, 400, 500)
    """
    here = (pl.col("phase_no") == phase_no) & (pl.col("item") == item) & (pl.col("averaging") == averaging)
    nodes = table(FAMILY, "breakpoints").filter(here).sort("iaqi")
    if nodes.is_empty():
        known = table(FAMILY, "breakpoints").select(pl.concat_str("item", pl.lit(" "), "averaging").unique())
        raise UnknownNameError("column of breakpoints", f"{item} {averaging}", sorted(known.to_series().to_list()))
    top = table(FAMILY, "above_top").filter(here)["iaqi"].item()
    return Steps(tuple(as_scaled(c) for c in nodes["concentration"]), tuple(nodes["iaqi"].to_list()), top)


def step_index(concentrations: Wholes, nodes: Steps) -> npt.NDArray[np.int16]:
    """Give the sub-index of concentrations.

    Parameters
    ----------
    concentrations : numpy.ndarray
        Int64, billionths of the item's unit, not negative.
    nodes : Steps
        The nodes.

    Returns
    -------
    numpy.ndarray
        Int16; `NO_INDEX` above the last node where the edition gives none.

    References
    ----------
    HJ 633-2012, 4.3 and 6.2; HJ 633-2026, 4.2.6: formula (1), rounded up.

    Examples
    --------
    >>> step_index(np.array([2_200_000_000]), steps(0, "co", "24h"))
    array([55], dtype=int16)
    """
    found = nodes.indices[0] + np.searchsorted(_reaches(nodes), concentrations, side="left")
    top = NO_INDEX if nodes.top is None else nodes.top
    return np.where(concentrations <= nodes.concentrations[-1], found, top).astype(np.int16)


@cache
def _reaches(nodes: Steps) -> Wholes:
    """Give for each whole sub-index below the last node the largest concentration that still has it.

    The straight line rounded up is at most j as far as the line itself is, and that end is rounded down.
    """
    reaches: list[int] = []
    for (start, base), (stop, upper) in pairwise(zip(nodes.concentrations, nodes.indices, strict=True)):
        reaches += [start + (j - base) * (stop - start) // (upper - base) for j in range(base, upper)]
    return np.array(reaches, dtype=np.int64)


@cache
def index_decimals(phase_no: int, report: str, value: str) -> int | None:
    """Give the decimals to which a value is rounded before its sub-index, None where it enters as it is."""
    here = (pl.col("phase_no") == phase_no) & (pl.col("report") == report) & (pl.col("item") == value)
    found = table(FAMILY, "index_rounding").filter(here)["decimals"]
    return found.item() if len(found) else None


def sub_index_of(values: Doubles, nodes: Steps, decimals: int | None) -> npt.NDArray[np.int16]:
    """Give the sub-index of concentrations, rounded first where the edition says so.

    Parameters
    ----------
    values : numpy.ndarray
        Float64 [unit of the item], finite and not negative.
    nodes : Steps
        The nodes.
    decimals : int or None
        What `index_decimals` gives.

    Returns
    -------
    numpy.ndarray
        As `step_index` gives.

    Examples
    --------
    >>> sub_index_of(np.array([60.5, 61.0]), steps(0, "pm2_5", "24h"), 0)
    array([82, 83], dtype=int16)
    """
    if decimals is None:
        return step_index(whole(values, PLACES), nodes)
    return step_index(rounded(values, decimals).astype(np.int64) * 10 ** (PLACES - decimals), nodes)


def sub_index(concentration: float | str, item: str, averaging: str, *, edition: str) -> int | None:
    """Give the sub-index (IAQI) of a single concentration.

    Parameters
    ----------
    concentration : float or str
        The concentration [µg/m³; CO mg/m³]; text is taken as printed.
    item : str
        Item code, for instance ``pm2_5``.
    averaging : str
        ``24h``, ``8h`` or ``1h``. A 1-hour mean of PM is judged by the 24-hour nodes.
    edition : str
        The edition, for instance ``HJ 633-2026``.

    Returns
    -------
    int or None
        The sub-index, None where the edition gives none above its table.

    Raises
    ------
    NoEditionError
        When there is no such edition.
    UnknownNameError
        When the edition has no such column.

    References
    ----------
    HJ 633-2012, table 1; HJ 633-2026, table 3 and 4.2.2 (rounding of the concentration first).

    Examples
    --------
    >>> sub_index("2.2", "co", "24h", edition="HJ 633-2012")
    55
    >>> sub_index("60.5", "pm2_5", "24h", edition="HJ 633-2026")
    100
    """
    chosen = find_edition(FAMILY, edition)
    phase_no = next(i for i, (e, _) in enumerate(timeline(FAMILY).phases) if e.key == chosen.key)
    nodes = table(FAMILY, "breakpoints").filter((pl.col("phase_no") == phase_no) & (pl.col("item") == item))
    if averaging == "1h" and "1h" not in nodes["averaging"]:
        averaging = "24h"
    value = "o3_8h" if averaging == "8h" else item
    report = "hour" if averaging == "1h" else "day"
    given = np.array([float(concentration)])
    found = int(sub_index_of(given, steps(phase_no, item, averaging), index_decimals(phase_no, report, value))[0])
    return None if found == NO_INDEX else found
