"""What all deeds on terms of targets have in common: locking, rights, reasons, days, and the row that is added.

The deeds themselves stand in `ledger.actions`, `ledger.entering`, `ledger.splitting` and `ledger.year_end`; nothing
else calls what stands here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from heqing_site.errors import RuleBrokenError
from heqing_site.ledger import catalogue
from heqing_site.ledger.models import FinalLine, Indicator, Target, TargetTerms
from heqing_site.ledger.rules import COMPLETE, NUMBER_GAPS, Change
from heqing_site.library.rules import EXACT_DIGITS, VALUE_PLACES, can_be_kept, plain
from heqing_site.orgs.models import Unit, User
from heqing_site.orgs.queries import require
from heqing_site.orgs.rules import Permission


def check_reason(because: str) -> None:
    """Refuse a deed without a reason."""
    if not because.strip():
        raise RuleBrokenError("because.missing")


def take_up(by: User, at: datetime, target: Target, because: str, seen: int | None) -> TargetTerms:
    """Lock a target, check right and reason, and give its newest terms."""
    newest = lock(target)
    require(by, Permission.TARGET_EDIT, keeper_of(newest), on=timezone.localdate(at), matter=newest.pillar)
    check_reason(because)
    if seen is not None and seen != newest.pk:
        raise RuleBrokenError("target.changed_meanwhile", target=target, person=newest.recorded_by)
    if newest.is_withdrawn:
        raise RuleBrokenError("target.withdrawn", target=target, day=newest.valid_from)
    return newest


def lock(target: Target) -> TargetTerms:
    """Lock a target against a second deed at the same time, and give its newest terms."""
    Target.objects.select_for_update().get(pk=target.pk)
    terms = TargetTerms.objects.filter(target=target)
    return terms.select_related("lead_unit", "scope_unit", "parent", "target__indicator").order_by(
        "-valid_from", "-pk"
    )[0]


def keeper_of(terms: TargetTerms) -> Unit:
    """Give the unit at which the terms may be changed: who handed a part down, else who leads.

    A part is changed by whoever leads the target that it is part of: a town does not lower its own share.
    """
    if terms.parent_id is None:
        return terms.lead_unit
    above = TargetTerms.objects.filter(target=terms.parent_id).select_related("lead_unit")
    return above.order_by("-valid_from", "-pk")[0].lead_unit


def following(before: TargetTerms, change: Change) -> TargetTerms:
    """Prepare the next row of terms; it takes over everything from the row before."""
    carried = {name: getattr(before, name) for name in TargetTerms.CARRIED}
    return TargetTerms(target_id=before.target_id, change=change, **carried)


def settle_bound(terms: TargetTerms, before: TargetTerms, changes: Mapping[str, Any]) -> None:
    """Keep number, words and gap of the bound in step with each other."""
    if terms.comparator == COMPLETE:
        terms.bound, terms.bound_text = None, ""
    elif terms.bound is not None and terms.bound != before.bound and "bound_text" not in changes:
        terms.bound_text = plain(terms.bound)
    if terms.bound != before.bound:
        check_digits(terms.bound, terms.title)
    if (terms.bound is not None or terms.comparator == COMPLETE) and terms.gap in NUMBER_GAPS:
        terms.gap = ""
    if terms.bound is None and terms.comparator != COMPLETE and terms.gap not in NUMBER_GAPS:
        raise RuleBrokenError("target.bound_missing")


def check_digits(bound: Decimal | None, title: str) -> None:
    """Refuse a number that not every database gives back as it was entered."""
    if bound is not None and not can_be_kept(bound):
        raise RuleBrokenError("target.bound_too_long", title=title, digits=EXACT_DIGITS, places=VALUE_PLACES)


def from_day(before: TargetTerms, valid_from: date | None, at: datetime) -> date:
    """Give the day from which the next terms count; refuse one to come, one before the last change or a closed one."""
    on = timezone.localdate(at)
    day = on if valid_from is None else valid_from
    if day > on:
        raise RuleBrokenError("target.day_in_future", day=day)
    if day < before.valid_from:
        raise RuleBrokenError("target.before_last_change", day=before.valid_from)
    check_open(before, day)
    return day


def check_open(terms: TargetTerms, day: date) -> None:
    """Refuse to change what a close of the year froze: days of that year, and targets whose period was over."""
    final = (
        FinalLine.objects.filter(target=terms.target_id, year_end__reopening__isnull=True)
        .select_related("year_end__unit")
        .order_by("-year_end__year")
        .first()
    )
    if final is not None and (final.is_over or day.year <= final.year_end.year):
        raise RuleBrokenError(
            "target.year_closed", title=terms.title, year=final.year_end.year, unit=final.year_end.unit
        )


def add_terms(terms: TargetTerms, by: User, at: datetime, because: str) -> None:
    """Write a row of terms, with who says so, when and why."""
    terms.recorded_at = at
    terms.recorded_by_id = by.actor.id
    terms.recorded_by = by.actor.name
    terms.because = because
    terms.save()


def terms_facts(terms: TargetTerms) -> dict[str, object]:
    """Tell terms as the record of operations keeps them."""
    return {
        "title": terms.title,
        "demand": terms.demand,
        "period": terms.period_text,
        "scope": terms.scope_text,
        "lead_unit": f"{terms.lead_unit.name}（{terms.lead_unit.code}）",
        "lead_from": str(terms.lead_from),
        "source": str(terms.source_kind),
        "statistic": terms.statistic,
        "rhythm": str(terms.rhythm),
        "gap": terms.gap,
        "parent": None if terms.parent is None else terms.parent.number,
        "valid_from": terms.valid_from,
    }


def indicator_of(entry: catalogue.Entry, at: datetime) -> Indicator:
    """Give the indicator of a catalogue entry, or make one of our own; both are made once."""
    facts = {
        "name": entry.name[:200],
        "unit": entry.unit,
        "pillar": entry.pillar,
        "kind": entry.kind,
        "better": entry.better,
        "source_kind": entry.source,
        "statistic": entry.statistic,
        "rhythm": entry.rhythm,
        "created_at": at,
    }
    if entry.code:
        return Indicator.objects.get_or_create(code=entry.code, defaults={**facts, "edition": entry.edition})[0]
    own = Indicator.objects.filter(edition="", name=entry.name[:200], unit=entry.unit).first()
    if own is not None:
        return own
    number = Indicator.objects.filter(edition="").count() + 1
    return Indicator.objects.create(code=f"own.{number:04d}", **facts)
