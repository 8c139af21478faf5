"""Slips (督办单): the colours of a scheme, what calls for each, and what may follow an earlier one.

A slip is raised one step only when the earlier one was not met without good reason; an important matter may begin
higher (rule G1.11). What is proposed here is issued by a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache

from heqing.editions import table
from heqing.errors import RulebookError, UnknownNameError
from heqing.works.pipelines import Counting

FAMILY = "work_slips"


class Event(StrEnum):
    """What calls for a slip: the deadline is near, the work is behind, the deadline is over."""

    NEAR = "near"
    BEHIND = "behind"
    OVERDUE = "overdue"


@dataclass(frozen=True)
class Colour:
    """A colour of a scheme: its step from mild to grave, what calls for it, the days of an answer."""

    key: str
    step: int
    name_zh: str
    name_en: str
    event: Event | None
    days: int
    counting: Counting
    clause: str
    unconfirmed: bool


@dataclass(frozen=True)
class SlipScheme:
    """A scheme of slips."""

    key: str
    name_zh: str
    name_en: str
    near_days: int
    behind_points: Decimal
    colours: tuple[Colour, ...]

    def find(self, key: str) -> Colour | None:
        """Give a colour by its key, None where the scheme has none of it."""
        return next((colour for colour in self.colours if colour.key == key), None)

    def above(self, key: str) -> Colour | None:
        """Give the next graver colour, None above the last."""
        step = next(colour.step for colour in self.colours if colour.key == key)
        return next((colour for colour in self.colours if colour.step == step + 1), None)


def slip_schemes() -> dict[str, str]:
    """Name the schemes of slips.

    Returns
    -------
    dict of str to str
        Key to Chinese name, the default first.

    Examples
    --------
    >>> list(slip_schemes())
    ['suqian', 'sanming']
    """
    rows = table(FAMILY, "schemes").sort("is_default", descending=True, maintain_order=True)
    return dict(rows.select("scheme", "name_zh").iter_rows())


@cache
def slip_scheme(key: str = "") -> SlipScheme:
    """Give a scheme of slips.

    Parameters
    ----------
    key : str
        One of `slip_schemes`; empty for the default.

    Returns
    -------
    SlipScheme
        Its colours from mild to grave.

    Raises
    ------
    UnknownNameError
        When there is no such scheme.

    Examples
    --------
    >>> [colour.key for colour in slip_scheme().colours], slip_scheme("sanming").above("blue").key
    (['blue', 'yellow', 'red'], 'orange')
    """
    names = slip_schemes()
    key = key or next(iter(names))
    if key not in names:
        raise UnknownNameError("scheme of slips", key, list(names))
    row = next(row for row in table(FAMILY, "schemes").to_dicts() if row["scheme"] == key)
    colours = sorted(
        (one for one in table(FAMILY, "colours").to_dicts() if one["scheme"] == key), key=lambda one: int(one["step"])
    )
    return SlipScheme(
        key=key,
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        near_days=int(row["near_days"]),
        behind_points=row["behind_points"],
        colours=tuple(
            Colour(
                one["colour"], int(one["step"]), one["name_zh"], one["name_en"],
                Event(one["event"]) if one["event"] else None, int(one["days"]), Counting(one["counting"]),
                one["clause"] or "", one["unconfirmed"],
            )
            for one in colours
        ),
    )  # fmt: skip


def event_of(
    finish: date | None, planned: Decimal | None, done: Decimal | None, *, on: date, scheme: SlipScheme
) -> Event | None:
    """Tell what calls for a slip on a day; the gravest counts.

    Parameters
    ----------
    finish : date or None
        The last planned day.
    planned, done : Decimal or None
        Percent by plan and done.
    on : date
        The day.
    scheme : SlipScheme
        Says how near is near and how far behind is behind.

    Returns
    -------
    Event or None
        What it is; None when nothing calls for a slip.

    Examples
    --------
    >>> s = slip_scheme()
    >>> [event_of(date(2026, 3, 31), Decimal(90), Decimal(85), on=day, scheme=s) for day in
    ...     (date(2026, 3, 20), date(2026, 3, 21), date(2026, 3, 31), date(2026, 4, 1))]
    [None, <Event.NEAR: 'near'>, <Event.NEAR: 'near'>, <Event.OVERDUE: 'overdue'>]
    """
    if finish is None:
        return None
    if on > finish:
        return Event.OVERDUE
    if planned is not None and planned - (done or Decimal(0)) > scheme.behind_points:
        return Event.BEHIND
    return Event.NEAR if (finish - on).days <= scheme.near_days else None


def proposed(event: Event, *, earlier: Colour | None, is_open: bool, scheme: SlipScheme) -> Colour | None:
    """Tell which slip is to be proposed for what happened.

    Parameters
    ----------
    event : Event
        What happened.
    earlier : Colour or None
        The gravest slip the work has had for this deadline; None for none.
    is_open : bool
        Whether that slip is still open: then it is raised by its own way, and none is proposed beside it.
    scheme : SlipScheme
        The scheme.

    Returns
    -------
    Colour or None
        The colour; None when there is nothing to propose.

    Examples
    --------
    >>> s = slip_scheme("sanming")
    >>> proposed(Event.OVERDUE, earlier=None, is_open=False, scheme=s).key
    'blue'
    >>> proposed(Event.OVERDUE, earlier=s.find("blue"), is_open=False, scheme=s).key
    'orange'
    """
    if is_open:
        return None
    named = next((colour for colour in scheme.colours if colour.event is event), None)
    if named is not None:
        return None if earlier is not None and earlier.step >= named.step else named
    first = scheme.colours[0]
    if earlier is None:
        return first
    return scheme.above(earlier.key) if event is not Event.NEAR else None


def report_due_day() -> int:
    """Give the day of the next month by which the progress of a month is reported.

    Returns
    -------
    int
        The day.

    Raises
    ------
    RulebookError
        When the data name none or several.

    Examples
    --------
    >>> report_due_day()
    5
    """
    found = table(FAMILY, "reporting")["due_day"].to_list()
    if len(found) != 1:
        raise RulebookError(f"procedures/{FAMILY}", f"one day must be named, found {len(found)}")
    return int(found[0])
