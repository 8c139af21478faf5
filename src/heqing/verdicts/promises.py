"""What is promised and what is known of it: plain frozen values, apart from how they are judged.

The method of judging is `heqing.verdicts.methods`. Nothing is judged here. Which kind a promise is of is data in
family ``verdict_method``; see `heqing.verdicts.judgement`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Literal

from heqing.editions import table
from heqing.errors import UnknownNameError

METHOD = "verdict_method"
COMPLETE = "complete"
COMPARATORS = (">=", "<=", ">", "<", "==", "~", "+%", "-%", "+", "-", COMPLETE)
Better = Literal["up", "down"]
_DOWN = frozenset({"<=", "<", "-%", "-"})
_UP = frozenset({">=", ">", "+%", "+", COMPLETE})


class Kind(StrEnum):
    """How a promise is fulfilled: what its value means before the period ends."""

    MEAN = "mean"  # of the period: the days that remain can still mend it
    LEVEL = "level"  # compared directly: an index, a stock
    PERCENTILE = "percentile"  # of the days of the period: has a budget of days beyond the bound
    DAY_RATIO = "day_ratio"  # share of days in percent: has a budget of days
    DAY_COUNT = "day_count"  # number of days, at most one a day
    RATIO = "ratio"  # compared directly; of things that can be counted (sections, parcels) with how many may still fail
    AMOUNT = "amount"  # grows from zero: to complete, or not to exceed
    CHANGE = "change"  # against a baseline
    KEEP_AT = "keep_at"  # no worse than the bound
    GRADE = "grade"  # a grade or a rank, in steps
    DEED = "deed"  # done or not


@dataclass(frozen=True)
class Promise:
    """What is promised (承诺): the criterion, and nothing of the method by which it is judged.

    Who promises what over which period: a document states all of it. `period_start` and `period_end` are the first and
    last day, of any calendar. `baseline` is the level a change is counted from. `lead` is who owes the value, by name.
    How the value is rounded, how much data are enough, and whether each month is looked at by itself stands in
    `heqing.verdicts.methods.Method`.
    """

    kind: Kind
    comparator: str
    bound: Decimal | None
    period_start: date | None
    period_end: date | None
    unit: str = ""
    better: Better = "up"
    baseline: Decimal | None = None
    percentile: int | None = None
    lead: str = ""

    def __post_init__(self) -> None:
        if self.comparator not in COMPARATORS:
            raise UnknownNameError("comparator", self.comparator, list(COMPARATORS))
        if self.period_start and self.period_end and self.period_end < self.period_start:
            raise ValueError(f"The period ends on {self.period_end}, before it starts on {self.period_start}.")
        for number in (self.bound, self.baseline):
            if number is not None and not number.is_finite():
                raise ValueError("A bound and a baseline are finite decimals.")

    @property
    def is_downward(self) -> bool:
        """Whether a smaller value is better: by the comparator, and where it does not say, by `better`."""
        if self.comparator in _DOWN:
            return True
        return self.comparator not in _UP and self.better == "down"

    @property
    def days(self) -> int | None:
        """Number of days of the period; None while one of its ends is not known."""
        if self.period_start is None or self.period_end is None:
            return None
        return (self.period_end - self.period_start).days + 1


@dataclass(frozen=True)
class Evidence:
    """What is known on a day (依据): the value to date and what it rests on.

    `as_of` is the last day the value speaks for. A deed has the value 1 when done, and `as_of` is then the day it was
    done. `samples` and `expected` count what the value rests on. `part` is the number of days behind a share of days;
    for a ratio of things that are counted, such as sections or parcels, it is the number that counts, of `whole`.
    `beyond` are the days whose value is beyond the bound of a percentile: as promised, and as judged after rounding.
    `usual` is what the days still to come had last year: their mean, or their share of good days in percent. `chance`
    is the forecast probability that the promise is kept. `milestones` are planned values by day; `profile` is what
    each month of the period brought in past years. A change without `baseline` in the promise is given as such, with
    its sign. Where a method looks at each month by itself, `spans` holds what is known of each, from the first on.
    """

    value: Decimal | None
    as_of: date | None
    part: int | None = None
    whole: int | None = None
    beyond: tuple[int, int] | None = None
    samples: int | None = None
    expected: int | None = None
    usual: Decimal | None = None
    chance: Decimal | None = None
    milestones: tuple[tuple[date, Decimal], ...] = ()
    profile: tuple[Decimal, ...] = ()
    source: str = ""
    edition: str = ""
    clause: str = ""
    unconfirmed: bool = False
    reason: str = ""
    spans: tuple[Evidence, ...] = ()

    def __post_init__(self) -> None:
        for number in (self.value, self.usual, self.chance, *self.profile, *(v for _, v in self.milestones)):
            if number is not None and not number.is_finite():
                raise ValueError("Values are finite decimals; leave out what is not known.")
        if self.value is not None and self.as_of is None:
            raise ValueError("A value says for which day it stands: `as_of` is missing.")


def kind_of(comparator: str, indicator_kind: str = "", statistic: str = "") -> Kind:
    """Tell the kind of a promise from the terms of a target.

    Parameters
    ----------
    comparator : str
        One of `COMPARATORS`.
    indicator_kind : str
        ``additive``, ``ratio``, ``concentration``, ``count``, ``grade`` or ``deed``.
    statistic : str
        What the instrument or register is asked for; empty for a reported value.

    Returns
    -------
    Kind
        By the first row of table ``kinds`` that fits.

    Raises
    ------
    UnknownNameError
        When there is no such comparator.

    Examples
    --------
    >>> kind_of("<=", "concentration", "air.pm2_5.mean").value, kind_of(">=", "count").value
    ('mean', 'amount')
    """
    if comparator not in COMPARATORS:
        raise UnknownNameError("comparator", comparator, list(COMPARATORS))
    rows = table(METHOD, "kinds").sort("order").select("comparator", "indicator_kind", "statistic", "kind")
    for said, sort, pattern, kind in rows.iter_rows():
        if said in ("*", comparator) and sort in ("*", indicator_kind) and fnmatchcase(statistic, pattern):
            return Kind(kind)
    raise UnknownNameError("kind of promise", f"{comparator} {indicator_kind} {statistic}", [k.value for k in Kind])
