"""Targets of the invented district handed down to its towns, two of them planned by months, with what the towns report.

An amount and a count are shared out and added up again; the concentration has a limit of its own in each town.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import ROUND_FLOOR, Decimal

from django.utils import timezone

from heqing_site.demo import rules
from heqing_site.demo.rules import CHECKER, Tell
from heqing_site.ledger import tree
from heqing_site.ledger.models import TargetTerms
from heqing_site.ledger.queries import terms_as_of, whole
from heqing_site.ledger.rules import PlanBasis, SourceKind
from heqing_site.ledger.splitting import Part, plan_target, split_target
from heqing_site.orgs.models import RoleGrant, Unit, User
from heqing_site.orgs.rules import Role
from heqing_site.reporting import actions as reporting
from heqing_site.reporting.actions import Typed
from heqing_site.reporting.queries import month_to_report
from heqing_site.reporting.rules import Kind, around

MORNING = time(9, 0)
DAYS_AFTER = 12  # from the day of the document to the day of the split
PACES = (Decimal("1.04"), Decimal("0.98"), Decimal("1.1"), Decimal("0.9"))  # of the towns in turn, against the plan
LATE = "990201103"  # the town that has not reported the last month of what is measured in kilometres
BECAUSE = "演示：区政府专题会议纪要"


def add_parts(*, at: datetime, tell: Tell) -> None:
    """Hand three invented targets down to the towns (生成演示分解), plan two of them, report for the towns."""
    if TargetTerms.objects.filter(parent__isnull=False).exists():
        return
    on = timezone.localdate(at)
    _plan(at, on)
    count = 0
    for key, rows in _grouped("parts").items():
        terms = _target(key, on)
        if terms is None:
            continue
        moment = _moment(terms, at)
        split_target(
            by=User.objects.get(username=rows[0]["officer"]),
            at=moment,
            target=terms.target,
            parts=[Part(Unit.objects.get(code=row["unit"]), Decimal(row["bound"])) for row in rows],
            because=BECAUSE,
            is_summed=rows[0]["summed"] == "1",
            valid_from=timezone.localdate(moment),
        )
        count += len(rows)
        _report(terms, at, on)
    tell(f"把 3 项演示目标分解为镇街的 {count} 项目标 …")


def _plan(at: datetime, on: date) -> None:
    for key, rows in _grouped("target_plans").items():
        terms = _target(key, on)
        if terms is None or terms.period_start is None:
            continue
        year = terms.period_start.year
        plan_target(
            by=User.objects.get(username=rows[0]["officer"]),
            at=_moment(terms, at),
            target=terms.target,
            planned=[
                (around(Kind.MONTH, date(year, int(row["month"]), 1)).last, Decimal(row["value"]), row["words"])
                for row in rows
            ],
            basis=PlanBasis.TYPED,
            because=BECAUSE,
        )


def _report(terms: TargetTerms, at: datetime, on: date) -> None:
    """Report for each part the months that ended, along the plan of the whole at the pace of the town."""
    parts = [part for part in tree.parts_of(terms.target, as_of=on) if part.source_kind == SourceKind.REPORTED]
    if not parts or terms.bound is None:
        return
    grants = RoleGrant.objects.filter(role=Role.OFFICER, unit__in=[part.lead_unit_id for part in parts])
    reporters = {grant.unit_id: grant.user for grant in grants.select_related("user")}
    checker = User.objects.get(username=CHECKER)
    planned = {int(row["month"]): Decimal(row["value"]) for row in _grouped("target_plans")[terms.title, terms.unit]}
    last = month_to_report(on).last
    step = Decimal(1).scaleb(-tree.decimals_of(terms))
    for number, part in enumerate(parts):
        bound = part.bound or Decimal(0)
        for month in range(1, 13):
            period = around(Kind.MONTH, date(last.year, month, 1))
            if period.last > last or period.last < part.valid_from:
                continue
            if period.last == last and part.lead_unit.code == LATE and step < 1:
                continue
            share = planned[month] / terms.bound * PACES[number % len(PACES)]
            value = min(bound * share, bound).quantize(step, ROUND_FLOOR)
            moment = min(datetime.combine(period.last + timedelta(days=3), MORNING, tzinfo=at.tzinfo), at)
            entry = reporting.submit(
                by=reporters[part.lead_unit_id],
                at=moment,
                target=part.target,
                period=period,
                typed=Typed(value=value, value_date=period.last, note="演示数值"),
            )
            reporting.accept_entry(by=checker, at=min(moment + timedelta(hours=4), at), report=entry.report)


def _grouped(table: str) -> dict[tuple[str, str], list[dict[str, str]]]:
    found: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in rules.rows(table):
        found.setdefault((row["target"], row["demand_unit"]), []).append(row)
    return found


def _target(key: tuple[str, str], on: date) -> TargetTerms | None:
    """Find the first target of a title and a unit that is a part of no other."""
    title, unit = key
    found = terms_as_of(on).filter(title=title, unit=unit, parent__isnull=True, bound__isnull=False)
    return whole(found).order_by("target__number").first()


def _moment(terms: TargetTerms, at: datetime) -> datetime:
    """Give the morning some days after a target was adopted, never later than now."""
    day = terms.valid_from + timedelta(days=DAYS_AFTER)
    return min(datetime.combine(day, MORNING, tzinfo=at.tzinfo), at)
