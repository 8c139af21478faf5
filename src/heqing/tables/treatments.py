"""What is done with bad input: each kind of it, where it is found, how it is treated, by which setting.

The table is ``treatments.csv``; the lengths of stale repeats are ``stale_lengths.csv``. It finds nothing itself: the
doors (`heqing.store`), the sciences and the checks of series (`heqing.quality`) do, and read their settings here.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from heqing.errors import UnknownNameError


@dataclass(frozen=True)
class Treatment:
    """One kind of bad input and what becomes of it.

    ``treatment`` is ``convert`` (read as what was meant, counted), ``reason`` (the row stays, the value is absent and
    says why), ``flag`` (the value is used and marked) or ``reject`` (the file, the row or the call is not taken).
    """

    code: str
    domains: tuple[str, ...]
    found_in: str  # cell, row, column, series, day, call
    doors: tuple[str, ...]  # file, upload, library
    treatment: str
    setting: float | None
    unit: str
    at_least: int  # values of a place, without which it is not told
    sources: int | None  # independent sources of the setting; None where there is none to confirm
    source: str
    about_zh: str
    about_en: str
    done_zh: str
    done_en: str
    zh: str
    en: str

    @property
    def is_unconfirmed(self) -> bool:
        """Say whether its setting rests on no source."""
        return self.sources is not None and self.sources < 2

    def sentence(self, language: str, **values: object) -> str:
        """Say it of a file, with the counts and names given."""
        return (self.zh if language == "zh" else self.en).format(**values)


@cache
def treatments() -> dict[str, Treatment]:
    """Give every declared kind of bad input.

    Returns
    -------
    dict of str to Treatment
        By code, in the order of the table.

    Examples
    --------
    >>> treatments()["hour_24"].treatment, treatments()["stale_repeat"].treatment
    ('convert', 'flag')
    """
    return {
        r["code"]: Treatment(
            code=r["code"],
            domains=tuple(r["domains"].split(";")),
            found_in=r["found_in"],
            doors=tuple(r["doors"].split(";")),
            treatment=r["treatment"],
            setting=float(r["setting"]) if r["setting"] else None,
            unit=r["unit"],
            at_least=int(r["at_least"] or 0),
            sources=int(r["sources"]) if r["sources"] else None,
            source=r["source"],
            about_zh=r["about_zh"],
            about_en=r["about_en"],
            done_zh=r["done_zh"],
            done_en=r["done_en"],
            zh=r["zh"],
            en=r["en"],
        )
        for r in _rows("treatments")
    }


def setting(code: str) -> float:
    """Give the number by which a kind of bad input is found.

    Parameters
    ----------
    code : str
        A code of `treatments`.

    Returns
    -------
    float
        In the unit that the table names.

    Raises
    ------
    UnknownNameError
        For a code that is not declared or has no such number.

    Examples
    --------
    >>> setting("place_succession")
    72.0
    """
    found = treatments().get(code)
    if found is None or found.setting is None:
        raise UnknownNameError("setting for bad input", code, [c for c, t in treatments().items() if t.setting])
    return found.setting


@cache
def stale_lengths(domain: str, period: str) -> dict[str, int]:
    """Give how many equal values in a row make a stale repeat.

    Parameters
    ----------
    domain : str
        ``air`` or ``water``.
    period : str
        ``hour``, ``four_hours`` or ``day``: the step at which a place reports.

    Returns
    -------
    dict of str to int
        By item; items and steps that are not declared are not looked at. No source names a length: all are settings.

    Examples
    --------
    >>> stale_lengths("air", "hour")["pm2_5"], stale_lengths("water", "hour")
    (24, {})
    """
    rows = _rows("stale_lengths")
    return {r["item"]: int(r["values"]) for r in rows if r["domain"] == domain and r["period"] == period}


@cache
def place_marks() -> dict[str, tuple[str, ...]]:
    """Name the columns by which a place is known besides its name.

    Returns
    -------
    dict of str to tuple of str
        ``code`` and ``position`` to column names.

    Examples
    --------
    >>> "station_code" in place_marks()["code"]
    True
    """
    rows = _rows("place_marks")
    return {k: tuple(r["column"] for r in rows if r["kind"] == k) for k in ("code", "position")}


def _rows(name: str) -> list[dict[str, str]]:
    text = files("heqing.tables").joinpath(f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
