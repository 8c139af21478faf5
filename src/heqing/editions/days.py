"""Which edition and phase of a family counts on a day, and what each phase says to a row.

A change of law is a place in a timeline, found for all rows at once; there is no ``if`` on a year anywhere.
It does not read tables: see `heqing.editions.shelf`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TypeVar

import polars as pl

from heqing.editions.declaration import Edition, Phase
from heqing.editions.shelf import family, find_edition

_Choice = TypeVar("_Choice", bound=Hashable)


@dataclass(frozen=True)
class Timeline:
    """All phases of a family in order; the place of a phase in it is its ``phase_no``."""

    family: str
    phases: tuple[tuple[Edition, Phase], ...]

    def number_on(self, day: pl.Expr, *, edition: str | None = None) -> pl.Expr:
        """Give the ``phase_no`` that counts on each day, null where none does.

        Parameters
        ----------
        day : polars.Expr
            Dates.
        edition : str, optional
            Pin an edition: its phase in force that day; outside its days, the nearest of its phases.

        Returns
        -------
        polars.Expr
            Int32, null before the first edition and after an edition that ended without successor.
        """
        chosen = [(i, p) for i, (e, p) in enumerate(self.phases)]
        if edition is not None:
            pinned = find_edition(self.family, edition)
            chosen = [(i, p) for i, (e, p) in enumerate(self.phases) if e.key == pinned.key]
        starts = pl.Series([p.valid_from for _, p in chosen], dtype=pl.Date)
        place = pl.lit(starts).search_sorted(day, side="right").cast(pl.Int32) - 1
        place = pl.when(place >= 0).then(place) if edition is None else place.clip(0, len(chosen) - 1)
        number = pl.lit(pl.Series([i for i, _ in chosen], dtype=pl.Int32)).gather(place)
        if edition is None:
            ends = pl.Series([p.valid_to or date.max for _, p in chosen], dtype=pl.Date)
            number = pl.when(day <= pl.lit(ends).gather(place)).then(number)
        return pl.when(day.is_not_null()).then(number)

    def edition_of(self, phase_no: pl.Expr) -> pl.Expr:
        """Give the printed number of the edition at each place, null for null."""
        return pl.lit(pl.Series([e.number for e, _ in self.phases], dtype=pl.String)).gather(phase_no)

    def phase_of(self, phase_no: pl.Expr) -> pl.Expr:
        """Give the phase's key at each place, null for null."""
        return pl.lit(pl.Series([p.key for _, p in self.phases], dtype=pl.String)).gather(phase_no)


@cache
def timeline(family_name: str) -> Timeline:
    """Give the timeline of a family.

    Parameters
    ----------
    family_name : str
        The family's key.

    Returns
    -------
    Timeline
        Its phases in order.

    Examples
    --------
    >>> [(e.number, p.key) for e, p in timeline("ambient_air").phases][-1]
    ('GB 3095-2026', 'final')
    """
    return Timeline(family_name, tuple((e, p) for e in family(family_name).editions for p in e.phases))


def with_edition(
    frame: pl.LazyFrame, family_name: str, *, day: str = "day", edition: str | None = None
) -> pl.LazyFrame:
    """Add to each row the edition and phase of a family that count on its day.

    Parameters
    ----------
    frame : polars.LazyFrame
        Rows with a date in column `day`.
    family_name : str
        The family's key.
    day : str
        Name of the date column.
    edition : str, optional
        Pin an edition instead.

    Returns
    -------
    polars.LazyFrame
        The same rows in order, plus ``edition``, ``phase`` and ``phase_no``; all null where no edition counts.

    Examples
    --------
    >>> days = pl.LazyFrame({"day": [date(2026, 2, 28), date(2026, 3, 1)]})
    >>> with_edition(days, "air_index").collect()["edition"].to_list()
    ['HJ 633-2012', 'HJ 633-2026']
    """
    line = timeline(family_name)
    number = pl.col("phase_no")
    return frame.with_columns(phase_no=line.number_on(pl.col(day), edition=edition)).with_columns(
        edition=line.edition_of(number), phase=line.phase_of(number)
    )


def by_phase(number: pl.Expr, choices: dict[int, _Choice], make: Callable[[_Choice], pl.Expr]) -> pl.Expr:
    """Make an expression that takes each row's own phase; phases that say the same are one.

    Parameters
    ----------
    number : polars.Expr
        Place of the row's phase in its family's timeline.
    choices : dict
        What each phase says.
    make : callable
        From what a phase says to the expression it means.

    Returns
    -------
    polars.Expr
        Without any condition while all phases agree.

    Examples
    --------
    >>> pl.select(by_phase(pl.lit(1), {0: "a", 1: "b"}, pl.lit)).item()
    'b'
    """
    groups: dict[_Choice, list[int]] = {}
    for phase, choice in choices.items():
        groups.setdefault(choice, []).append(phase)
    made = [(phases, make(choice)) for choice, phases in groups.items()]
    result = made[0][1]
    for phases, expression in made[1:]:
        result = pl.when(number.is_in(phases)).then(expression).otherwise(result)
    return result
