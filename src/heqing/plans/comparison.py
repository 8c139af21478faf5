"""Whether a treated water got better (治理见效): the months after the works beside the same months before.

Which months are compared, what counts as better and how long a class must be kept is dated data of family
``plan_improvement``, a proposal that an installation confirms. What cannot be told is told so with its reason; it is
never taken for better. It reads no clock.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any

import polars as pl

from heqing.editions import table
from heqing.plans.procedure import phase_on
from heqing.quantities.rounding import round_half_even
from heqing.tables import items
from heqing.water import period_water_class

FAMILY = "plan_improvement"
CLASSES = ("", "Ⅰ类", "Ⅱ类", "Ⅲ类", "Ⅳ类", "Ⅴ类", "劣Ⅴ类")


class Finding(StrEnum):
    """Whether it got better: 见效, 未见效, 还不能判断."""

    IMPROVED = "improved"
    NOT_IMPROVED = "not_improved"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Rule:
    """How months are compared; see table ``settings``."""

    edition: str
    settle_months: int
    window_months: int
    least_pairs: int
    years_back: int
    least_samples: int
    pollutant_percent: int
    sustained_months: int
    items: tuple[str, ...]
    unconfirmed: bool


@dataclass(frozen=True)
class Change:
    """An item on both sides: its mean before and after, and by how many percent it fell (negative: it rose)."""

    item: str
    before: Decimal
    after: Decimal
    fall: Decimal


@dataclass(frozen=True)
class Improvement:
    """What the comparison found, with what it rests on; `reason` is a code with its values, see `in_words`."""

    finding: Finding
    reason: str
    before_class: int | None
    after_class: int | None
    before_months: tuple[str, ...]
    after_months: tuple[str, ...]
    changes: tuple[Change, ...]
    edition: str
    unconfirmed: bool


@dataclass(frozen=True)
class Compliance:
    """For how many months, up to the last that ended, a class was kept without a gap; which month broke it."""

    months: int
    needed: int
    broken_by: str

    @property
    def is_sustained(self) -> bool:
        """Whether it was kept long enough."""
        return self.months >= self.needed


@cache
def rule_on(on: date) -> Rule:
    """Give the rule as it stands on a day.

    Parameters
    ----------
    on : date
        The day.

    Returns
    -------
    Rule
        The settings.

    Examples
    --------
    >>> rule = rule_on(date(2026, 11, 24))
    >>> rule.window_months, rule.least_pairs, rule.unconfirmed
    (6, 3, True)
    """
    number, edition = phase_on(FAMILY, on)

    def rows(name: str) -> list[dict[str, Any]]:
        return table(FAMILY, name).filter(pl.col("phase_no") == number).to_dicts()

    said = rows("settings")
    values = {row["name"]: int(row["value"]) for row in said}
    wanted = tuple(row["item"] for row in sorted(rows("items"), key=lambda row: int(row["place"])))
    return Rule(edition.number, **values, items=wanted, unconfirmed=any(row["unconfirmed"] for row in said))


def window(finished_on: date, *, rule: Rule) -> tuple[date, date]:
    """Give the first and the last day of the months that are looked at after the works.

    Parameters
    ----------
    finished_on : date
        The day on which the works were finished.
    rule : Rule
        How many months are left out and looked at.

    Returns
    -------
    tuple of date and date
        The first day of the first month and the last day of the last.

    Examples
    --------
    >>> window(date(2026, 1, 20), rule=rule_on(date(2026, 1, 20)))
    (datetime.date(2026, 3, 1), datetime.date(2026, 8, 31))
    """
    first = _month_after(finished_on, 1 + rule.settle_months)
    return first, _month_after(first, rule.window_months) - timedelta(days=1)


def parts(months: pl.LazyFrame, *, finished_on: date, on: date, rule: Rule | None = None) -> pl.LazyFrame:
    """Tell of each month of a section whether it is compared, on which side, and why not.

    Parameters
    ----------
    months : polars.LazyFrame
        ``section``, ``period`` (``2026-03``), ``water_class`` (null where it cannot be judged) and, where present,
        ``samples``; one row for each section and month, as `heqing.verdicts.section_months` gives them.
    finished_on : date
        The day on which the works were finished.
    on : date
        The day on which is asked; only whole months that ended before it count.
    rule : Rule, optional
        By default the one in force on `on`.

    Returns
    -------
    polars.LazyFrame
        The same rows in the same order, with ``part`` (``before``, ``after`` or null), ``partner`` (the period on the
        other side) and ``part_reason``.

    Examples
    --------
    >>> months = pl.LazyFrame({"section": ["a"] * 3, "period": ["2025-03", "2026-01", "2026-03"],
    ...     "water_class": [5, 4, 4]})
    >>> parts(months, finished_on=date(2026, 1, 20), on=date(2026, 11, 1)).select(
    ...     "period", "part", "partner", "part_reason").collect().rows()
    [('2025-03', 'before', '2026-03', 'before'), ('2026-01', None, None, 'works_month'),
     ('2026-03', 'after', '2025-03', 'after')]
    """
    using = rule_on(on) if rule is None else rule
    rows = months.collect()
    told = [_side(row, finished_on, on, using) for row in rows.iter_rows(named=True)]
    usable = {(row["section"], row["period"]) for row, (side, _) in zip(rows.to_dicts(), told, strict=True) if side}
    partners: dict[tuple[str, str], str] = {}
    for row, (side, _) in zip(rows.to_dicts(), told, strict=True):
        if side == "after":
            found = _partner(row["period"], finished_on, using, {p for s, p in usable if s == row["section"]})
            if found and (row["section"], found) not in partners:
                partners[row["section"], row["period"]] = found
                partners[row["section"], found] = row["period"]
    out = []
    for row, (side, reason) in zip(rows.to_dicts(), told, strict=True):
        partner = partners.get((row["section"], row["period"]))
        if side and partner is None:
            side, reason = None, "no_partner" if side == "after" else "not_asked"
        out.append((side, partner, reason))
    return rows.with_columns(
        part=pl.Series([side for side, _, _ in out], dtype=pl.String),
        partner=pl.Series([partner for _, partner, _ in out], dtype=pl.String),
        part_reason=pl.Series([reason for _, _, reason in out], dtype=pl.String),
    ).lazy()


def _side(row: dict[str, Any], finished_on: date, on: date, rule: Rule) -> tuple[str | None, str]:
    """Tell on which side a month lies, before it is known whether it has a partner."""
    month = _first_day(row["period"])
    if month is None:
        return None, "bad_period"
    first, last = window(finished_on, rule=rule)
    side, reason = None, "works_month"
    if month < finished_on.replace(day=1):
        side = reason = "before"
    elif month > last:
        reason = "past_window"
    elif month >= first:
        side = reason = "after"
    elif month > finished_on:
        reason = "settling"
    if side == "after" and _month_after(month, 1) > on:
        return None, "running"
    if side is None:
        return None, reason
    if row["water_class"] is None:
        return None, "no_class"
    samples = row.get("samples")
    if samples is not None and samples < rule.least_samples:
        return None, f"too_few_samples({samples},{rule.least_samples})"
    return side, reason


def _partner(period: str, finished_on: date, rule: Rule, known: set[str]) -> str | None:
    """Find the same month of the latest year that lies before the works and has values."""
    month = _first_day(period)
    if month is None:
        return None
    for back in range(1, rule.years_back + 1):
        said = f"{month.year - back:04d}-{month.month:02d}"
        if date(month.year - back, month.month, 1) < finished_on.replace(day=1) and said in known:
            return said
    return None


def improvement(before: pl.DataFrame, after: pl.DataFrame, *, rule: Rule) -> Improvement:
    """Compare the months of one section after the works with those before.

    Parameters
    ----------
    before, after : polars.DataFrame
        As many months on both sides, of the same names: rows of `parts` with ``period``, ``body_type`` and the monthly
        means of items by their codes [mg/L]. Both may be empty.
    rule : Rule
        What counts as better.

    Returns
    -------
    Improvement
        Better when the class of the mean is better, or when it stayed and each main pollutant fell far enough; the
        main pollutants are those that decide the class before, else the first of the rule that both sides have.

    Examples
    --------
    >>> before = pl.DataFrame({"period": ["2025-03", "2025-04", "2025-05"], "body_type": "river", "tp": 0.35})
    >>> after = before.with_columns(period=pl.Series(["2026-03", "2026-04", "2026-05"]), tp=pl.lit(0.25))
    >>> found = improvement(before, after, rule=rule_on(date(2026, 11, 24)))
    >>> found.finding.value, found.reason
    ('improved', 'class_better(5,4)')
    """
    sides = tuple(tuple(sorted(str(p) for p in side["period"])) if side.height else () for side in (before, after))
    pairs = min(before.height, after.height)

    def told(finding: Finding, reason: str, *classes: int | None, changes: Sequence[Change] = ()) -> Improvement:
        earlier, later = classes or (None, None)
        return Improvement(
            finding, reason, earlier, later, sides[0], sides[1], tuple(changes), rule.edition, rule.unconfirmed
        )

    if pairs < rule.least_pairs:
        return told(Finding.UNKNOWN, f"too_few_pairs({pairs},{rule.least_pairs})")
    means = [_mean(side) for side in (before, after)]
    earlier, later = (mean["water_class"] for mean in means)
    if earlier is None or later is None:
        return told(Finding.UNKNOWN, "mean_without_class", earlier, later)
    deciding = [code for code in (means[0]["deciding_items"] or "").split(",") if code in rule.items]
    changes = [change for code in rule.items if (change := _change(code, *means)) is not None]
    if later != earlier:
        finding, word = (Finding.IMPROVED, "better") if later < earlier else (Finding.NOT_IMPROVED, "worse")
        return told(finding, f"class_{word}({earlier},{later})", earlier, later, changes=changes)
    main = [change for change in changes if change.item in deciding] or changes[:1]
    if not main:
        return told(Finding.NOT_IMPROVED, f"no_pollutant({earlier})", earlier, later)
    least = min(main, key=lambda change: change.fall)
    if least.fall >= rule.pollutant_percent:
        reason = f"pollutant_down({earlier},{least.item},{least.fall},{rule.pollutant_percent})"
        return told(Finding.IMPROVED, reason, earlier, later, changes=changes)
    reason = f"pollutant_not_down({earlier},{least.item},{-least.fall},{rule.pollutant_percent})"
    return told(Finding.NOT_IMPROVED, reason, earlier, later, changes=changes)


def _mean(side: pl.DataFrame) -> dict[str, Any]:
    """Judge the mean of some months: each month's means stand as one sample."""
    codes = [item.code for item in items("water") if item.code in side.columns]
    rows = side.with_row_index("n").select(
        pl.lit("x").alias("section"),
        pl.col("body_type"),
        (pl.datetime(*_last_month(side)) + pl.duration(hours=pl.col("n"))).alias("time"),
        *codes,
    )
    return period_water_class(rows.lazy(), level="month").collect().row(0, named=True)


def _last_month(side: pl.DataFrame) -> tuple[int, int, int]:
    last = _first_day(max(side["period"])) or date.min
    return last.year, last.month, 1


def _change(code: str, before: dict[str, Any], after: dict[str, Any]) -> Change | None:
    earlier, later = before.get(code), after.get(code)
    if earlier is None or later is None or earlier <= 0:
        return None
    first, second = Decimal(str(earlier)), Decimal(str(later))
    return Change(code, first, second, round_half_even((first - second) / first * 100, 1))


def overall(found: Sequence[Improvement]) -> Improvement | None:
    """Say of several sections as one whether the water got better.

    Parameters
    ----------
    found : sequence of Improvement
        One for each section of the plan.

    Returns
    -------
    Improvement or None
        The one that decides: a section whose class became worse; else one that got better; else one that did not;
        else one of which nobody can tell. None when there are no sections.

    Examples
    --------
    >>> empty = pl.DataFrame()
    >>> unknown = improvement(empty, empty, rule=rule_on(date(2026, 11, 24)))
    >>> overall([unknown]).reason, overall([]) is None
    ('too_few_pairs(0,3)', True)
    """
    for fits in (
        lambda each: each.reason.startswith("class_worse"),
        lambda each: each.finding is Finding.IMPROVED,
        lambda each: each.finding is Finding.NOT_IMPROVED,
    ):
        for each in found:
            if fits(each):
                return each
    return found[0] if found else None


def sustained(classes: Sequence[tuple[str, int | None]], *, required: int, on: date, rule: Rule) -> Compliance:
    """Count for how many months a class was kept without a gap, up to the last month that ended.

    Parameters
    ----------
    classes : sequence of (str, int or None)
        Month (``2026-03``) and its class, in any order; a month without a class breaks the row, and so does a month
        that is missing.
    required : int
        The class to keep.
    on : date
        The day on which is asked.
    rule : Rule
        How many months are needed.

    Returns
    -------
    Compliance
        The months kept, those needed, and the month that broke the row.

    Examples
    --------
    >>> rule = rule_on(date(2026, 11, 24))
    >>> kept = [("2026-10", 3), ("2026-09", 3), ("2026-08", 4)]
    >>> sustained(kept, required=3, on=date(2026, 11, 24), rule=rule)
    Compliance(months=2, needed=6, broken_by='2026-08')
    """
    known = dict(classes)
    month = _month_after(on, -1)
    kept = 0
    while kept < rule.sustained_months:
        found = known.get(f"{month:%Y-%m}")
        if found is None or found > required:
            return Compliance(kept, rule.sustained_months, f"{month:%Y-%m}")
        kept, month = kept + 1, _month_after(month, -1)
    return Compliance(kept, rule.sustained_months, "")


@cache
def finding_names(on: date) -> dict[Finding, str]:
    """Name the findings as they are named on a day.

    Parameters
    ----------
    on : date
        The day.

    Returns
    -------
    dict
        From a finding to its name.

    Examples
    --------
    >>> list(finding_names(date(2026, 11, 24)).values())
    ['见效', '未见效', '还不能判断']
    """
    number, _ = phase_on(FAMILY, on)
    rows = table(FAMILY, "findings").filter(pl.col("phase_no") == number).to_dicts()
    return {Finding(row["finding"]): row["name_zh"] for row in rows}


_CODE = re.compile(r"([a-z_]+)(?:\((.*)\))?")


def in_words(reason: str, *, on: date) -> str:
    """Say a reason in a Chinese sentence; classes and items in it are named.

    Parameters
    ----------
    reason : str
        A code with its values, as the functions of this module give it.
    on : date
        The day whose words count.

    Returns
    -------
    str
        The sentence, without its stop.

    Examples
    --------
    >>> in_words("pollutant_down(4,nh3n,31.2,20)", on=date(2026, 11, 24))
    '类别仍为Ⅳ类，主要污染物氨氮下降 31.2%，达到 20%'
    """
    found = _CODE.fullmatch(reason)
    words = _reasons(phase_on(FAMILY, on)[0])
    if found is None or found[1] not in words:
        return reason
    names = {item.code: item.name_zh.replace("（", "(").partition("(")[0] for item in items("water")}
    values = [value for value in (found[2] or "").split(",") if value]
    if found[1].startswith(("class_", "pollutant_", "no_pollutant")):
        count = 2 if found[1].startswith("class_") else 1
        values[:count] = [CLASSES[int(value)] for value in values[:count]]
    return words[found[1]].format(*(names.get(value, value) for value in values))


@cache
def _reasons(number: int) -> dict[str, str]:
    rows = table(FAMILY, "reasons").filter(pl.col("phase_no") == number).to_dicts()
    return {row["reason"]: row["name_zh"] for row in rows}


def _first_day(period: str | None) -> date | None:
    if period is None or re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", period) is None:
        return None
    return date(int(period[:4]), int(period[5:]), 1)


def _month_after(day: date, months: int) -> date:
    count = day.year * 12 + day.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)
