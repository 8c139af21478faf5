"""The items of air and water: code, names, the one unit values have inside the house, the code on the wire.

Conversion happens once, at intake; a column name carries no unit because this list does.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from heqing.errors import UnknownNameError


@dataclass(frozen=True)
class Item:
    """One measured item (监测项目)."""

    domain: str
    code: str
    name_zh: str
    name_en: str
    unit: str
    wire_code: str | None
    plausible_max: float | None
    suspect_median: float | None
    suspect_low: float | None = None
    suspect_from: int = 1


@cache
def items(domain: str) -> tuple[Item, ...]:
    """List the items of a domain.

    Parameters
    ----------
    domain : str
        ``air`` or ``water``.

    Returns
    -------
    tuple of Item
        In the order of the standard's table.

    Raises
    ------
    UnknownNameError
        For another domain.

    Examples
    --------
    >>> [i.code for i in items("air")][:3]
    ['pm2_5', 'pm10', 'so2']
    """
    text = files("heqing.tables").joinpath("items.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    known = sorted({r["domain"] for r in rows})
    if domain not in known:
        raise UnknownNameError("domain", domain, known)
    return tuple(
        Item(
            domain=r["domain"],
            code=r["code"],
            name_zh=r["name_zh"],
            name_en=r["name_en"],
            unit=r["unit"],
            wire_code=r["wire_code"] or None,
            plausible_max=float(r["plausible_max"]) if r["plausible_max"] else None,
            suspect_median=float(r["suspect_median"]) if r["suspect_median"] else None,
            suspect_low=float(r["suspect_low"]) if r["suspect_low"] else None,
            suspect_from=int(r["suspect_from"] or 1),
        )
        for r in rows
        if r["domain"] == domain
    )


def item(domain: str, code: str) -> Item:
    """Give one item.

    Parameters
    ----------
    domain : str
        ``air`` or ``water``.
    code : str
        The item's code, for instance ``nh3n``.

    Returns
    -------
    Item
        The item.

    Raises
    ------
    UnknownNameError
        When the domain has none of that code.

    Examples
    --------
    >>> item("air", "co").unit
    'mg/m³'
    """
    for found in items(domain):
        if found.code == code:
            return found
    raise UnknownNameError(f"item of {domain}", code, [i.code for i in items(domain)])
