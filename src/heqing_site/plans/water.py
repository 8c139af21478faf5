"""What the instruments say of a plan's thing: months of its sections, and whether the water got better (治理见效).

It reads the months from ``monitoring`` and lets ``heqing.plans`` compare them; it writes nothing and reads no clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from heqing.plans import (
    Compliance,
    Finding,
    Improvement,
    Judge,
    Rule,
    improvement,
    in_words,
    overall,
    parts,
    rule_on,
    sustained,
    window,
)
from heqing_site.monitoring.queries import SectionMonth, months_of, section_months
from heqing_site.places.models import Section, in_use_on
from heqing_site.plans import queries
from heqing_site.plans.models import Plan, PlanItem

MOST_MONTHS = 120  # that are looked at before and after the works


@dataclass(frozen=True)
class SectionFinding:
    """What was found of one section."""

    section: Section
    found: Improvement
    sentence: str


@dataclass(frozen=True)
class Standing:
    """Whether a plan's water got better, section by section and as one, on a day."""

    finished_on: date
    first: date
    last: date
    is_over: bool
    sections: tuple[SectionFinding, ...]
    decides: SectionFinding | None
    rule: Rule

    @property
    def finding(self) -> Finding:
        """As one."""
        return Finding.UNKNOWN if self.decides is None else self.decides.found.finding

    @property
    def sentence(self) -> str:
        """The answer in one sentence, without its stop."""
        if self.decides is None:
            return "没有可以比较的断面"
        if self.finding is Finding.UNKNOWN and not self.is_over:
            return f"评估期到 {self.last} 为止，现在还不能判断：{self.decides.sentence}"
        return self.decides.sentence

    @property
    def numbers(self) -> list[dict[str, Any]]:
        """What it rests on, to be kept with a step."""
        return [
            {
                "section": each.section.code,
                "name": each.section.name,
                "finding": each.found.finding.value,
                "reason": each.found.reason,
                "sentence": each.sentence,
                "before_class": each.found.before_class,
                "after_class": each.found.after_class,
                "before": list(each.found.before_months),
                "after": list(each.found.after_months),
                "changes": [
                    {"item": c.item, "before": str(c.before), "after": str(c.after), "fall": str(c.fall)}
                    for c in each.found.changes
                ],
                "edition": each.found.edition,
            }
            for each in self.sections
        ]


def sections_of(plan: Plan, *, on: date, items: list[PlanItem] | None = None) -> list[Section]:
    """List the sections that tell of a plan: those its goals name, else those of its reach, else all of its river."""
    if plan.judged_by is not Judge.WATER or plan.river_id is None:
        return []
    listed = queries.items_of(plan) if items is None else items
    named = {item.section_id for item in listed if item.section_id is not None}
    if named:
        return list(Section.objects.filter(pk__in=named).select_related("unit", "river").order_by("code"))
    reach = queries.reach_of(plan)
    if reach:
        return reach
    found = Section.objects.filter(in_use_on(on), river=plan.river_id)
    return list(found.select_related("unit", "river").order_by("code"))


def standing(plan: Plan, *, on: date, sections: list[Section] | None = None) -> Standing | None:
    """Compare the months after a plan's works with those before; None before the works are done, or without water."""
    if plan.finished_on is None or plan.judged_by is not Judge.WATER:
        return None
    rule = rule_on(on)
    first, last = window(plan.finished_on, rule=rule)
    earliest = date(max(plan.finished_on.year - rule.years_back - 1, 1), 1, 1)
    months = section_months(first=earliest, last=min(last, on))
    found = tuple(
        _of_section(months, section, plan.finished_on, on, rule)
        for section in (sections_of(plan, on=on) if sections is None else sections)
    )
    decides = overall([each.found for each in found])
    return Standing(
        finished_on=plan.finished_on,
        first=first,
        last=last,
        is_over=on > last,
        sections=found,
        decides=next((each for each in found if each.found is decides), None),
        rule=rule,
    )


def _of_section(months: pl.DataFrame, section: Section, finished_on: date, on: date, rule: Rule) -> SectionFinding:
    mine = months.filter(pl.col("section") == section.name) if months.height else months
    if "body_type" in mine.columns:
        mine = mine.with_columns(body_type=pl.lit(section.body_type))
    told = parts(mine.lazy(), finished_on=finished_on, on=on, rule=rule).collect()
    found = improvement(told.filter(pl.col("part") == "before"), told.filter(pl.col("part") == "after"), rule=rule)
    return SectionFinding(section, found, f"{section.name}{in_words(found.reason, on=on)}")


@dataclass(frozen=True)
class Kept:
    """For how long the sections of a plan kept their class."""

    section: Section
    found: Compliance


def compliance(plan: Plan, *, on: date, sections: list[Section] | None = None) -> list[Kept]:
    """Count for each section of a plan for how many months it kept its class up to now."""
    rule = rule_on(on)
    first = on - timedelta(days=31 * (rule.sustained_months + 1))
    told = []
    for section in sections_of(plan, on=on) if sections is None else sections:
        months = months_of(first=first, last=on, section=section)
        classes = [(f"{month.month:%Y-%m}", month.water_class) for month in months]
        told.append(Kept(section, sustained(classes, required=section.target_class, on=on, rule=rule)))
    return told


def is_sustained(kept: list[Kept]) -> bool:
    """Tell whether every section kept its class long enough; false where there are none."""
    return bool(kept) and all(each.found.is_sustained for each in kept)


def ribbon(sections: list[Section], *, first: date, last: date) -> list[tuple[Section, list[SectionMonth]]]:
    """Give the months of some sections between two days, for the ribbon of classes."""
    return [(section, months_of(first=first, last=last, section=section)) for section in sections]
