"""Deeds on targets that no finding of a document stands behind: entered by hand (录入), or hung under another one.

A number that is masked in its source (XX, **, ×) stays a gap: it is kept as it was written and never filled in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from heqing_site.audit.actions import record
from heqing_site.errors import RuleBrokenError
from heqing_site.ledger import catalogue, queries, rules, tree
from heqing_site.ledger.deeds import (
    add_terms,
    check_digits,
    check_open,
    check_reason,
    following,
    from_day,
    indicator_of,
    lock,
    take_up,
    terms_facts,
)
from heqing_site.ledger.models import Target, TargetTerms
from heqing_site.ledger.rules import COMPLETE, SOURCE_NAMES, Change, Origin, Rhythm, SourceKind
from heqing_site.library.models import Document
from heqing_site.library.rules import plain
from heqing_site.orgs.models import Unit, User
from heqing_site.orgs.queries import require
from heqing_site.orgs.rules import Permission


@dataclass(frozen=True)
class Typed:
    """What an officer types of a target. Source and rhythm may be left to the catalogue of indicators."""

    title: str
    comparator: str
    bound: str = ""
    unit: str = ""
    period: str = ""
    baseline: str = ""
    scope: str = ""
    scope_unit: Unit | None = None
    strength: str = "plan"
    pillar: str = "other"
    source: SourceKind | None = None
    statistic: str = ""
    rhythm: Rhythm | None = None
    promised_under: str = ""
    note: str = ""


@transaction.atomic
def enter_target(
    *,
    by: User,
    at: datetime,
    typed: Typed,
    lead: Unit,
    because: str,
    document: Document | None = None,
    parent: Target | None = None,
    valid_from: date | None = None,
) -> Target:
    """Enter a target by hand (录入目标), with or without the document it comes from, or under another target.

    Needs the right 目标管理 at the lead unit; under another target, at the lead unit of that one.
    """
    on = timezone.localdate(at)
    above = None if parent is None else lock(parent)
    require(by, Permission.TARGET_EDIT, lead if above is None else above.lead_unit, on=on, matter=typed.pillar)
    check_reason(because)
    title = typed.title.strip()
    if not title:
        raise RuleBrokenError("target.title_missing")
    day = on if valid_from is None else valid_from
    if day > on:
        raise RuleBrokenError("target.day_in_future", day=day)
    if not lead.is_active_on(day):
        raise RuleBrokenError("target.unit_inactive", unit=lead, day=day)
    if above is not None and above.is_withdrawn:
        raise RuleBrokenError("target.withdrawn", target=parent, day=above.valid_from)
    if above is not None:
        check_open(above, day)
    first, last = rules.parse_period(typed.period)
    if typed.period.strip() and first is None:
        raise RuleBrokenError("target.period_unclear", period=typed.period)
    bound, bound_text, gap = bound_typed(typed.comparator, typed.bound)
    check_digits(bound, title)
    entry = catalogue.propose(
        indicator=title, scope=typed.scope, comparator=typed.comparator, unit=typed.unit, pillar=typed.pillar, on=on
    )
    source, statistic, origin, note = _source(typed, entry, by, on)
    terms = TargetTerms(
        change=Change.ENTER,
        parent=parent,
        title=title[:300],
        comparator=typed.comparator,
        bound=bound,
        bound_text=bound_text,
        unit=typed.unit,
        period_text=typed.period.strip(),
        period_start=first,
        period_end=last,
        baseline=typed.baseline,
        scope_text=typed.scope,
        scope_unit=typed.scope_unit,
        strength=typed.strength,
        pillar=typed.pillar,
        gap=gap,
        lead_unit=lead,
        lead_from=Origin.OFFICER,
        lead_note=f"{by.display_name}于 {on} 录入时指定",
        source_kind=source,
        source_from=origin,
        source_note=note,
        statistic=statistic,
        rhythm=typed.rhythm or entry.rhythm,
        note=typed.note,
        promised_under=typed.promised_under,
        valid_from=day,
    )
    twin = twin_of(terms, on=on)
    if twin is not None:
        raise RuleBrokenError("target.stands_already", title=title, number=twin.number)
    terms.target = Target.objects.create(
        number=Target.next_number(), indicator=indicator_of(entry, at), document=document, created_at=at
    )
    add_terms(terms, by, at, because)
    record(
        by=by.actor,
        at=at,
        action="ledger.enter_target",
        subject=terms.target,
        because=because,
        after=terms_facts(terms),
    )
    return terms.target


@transaction.atomic
def attach_target(
    *,
    by: User,
    at: datetime,
    target: Target,
    parent: Target | None,
    because: str,
    valid_from: date | None = None,
    seen: int | None = None,
) -> TargetTerms:
    """Hang a target under another one (归入上级目标) from a day on, or take it out without a `parent`.

    Needs the right 目标管理 where the target may be changed, and at the lead unit of the target above.
    """
    before = take_up(by, at, target, because, seen)
    on = timezone.localdate(at)
    if (parent.pk if parent is not None else None) == before.parent_id:
        raise RuleBrokenError("target.nothing_changed")
    if parent is not None:
        above = lock(parent)
        require(by, Permission.TARGET_EDIT, above.lead_unit, on=on, matter=above.pillar)
        if above.is_withdrawn:
            raise RuleBrokenError("target.withdrawn", target=parent, day=above.valid_from)
        if tree.is_below(parent, target, on=on):
            raise RuleBrokenError("target.below_itself", target=target, parent=parent)
    terms = following(before, Change.AMEND)
    terms.parent = parent
    terms.valid_from = from_day(before, valid_from, at)
    add_terms(terms, by, at, because)
    record(
        by=by.actor,
        at=at,
        action="ledger.attach_target",
        subject=target,
        because=because,
        before=terms_facts(before),
        after=terms_facts(terms),
    )
    return terms


def bound_typed(comparator: str, typed: str) -> tuple[Decimal | None, str, str]:
    """Read a bound as typed: the number, the words to keep, and the gap; a masked number has no value.

    Raises
    ------
    RuleBrokenError
        ``target.bound_missing``, ``target.bound_unread``.
    """
    written = typed.strip()
    if comparator == COMPLETE:
        return None, "", ""
    if not written:
        raise RuleBrokenError("target.bound_missing", column="目标值")
    if rules.is_masked(written):
        return None, written[:120], "number_masked"
    if rules.is_lost(written):
        return None, rules.LOST, "number_lost"
    number = rules.number_typed(written)
    if number is None:
        raise RuleBrokenError("target.bound_unread", typed=written, column="目标值")
    return number, plain(number), ""


def twin_of(terms: TargetTerms, *, on: date) -> Target | None:
    """Find a target that says the same, so that a form or a sheet sent twice does not double it."""
    alike = queries.terms_as_of(on).filter(
        title=terms.title,
        comparator=terms.comparator,
        bound=terms.bound,
        bound_text=terms.bound_text,
        unit=terms.unit,
        period_text=terms.period_text,
        scope_text=terms.scope_text,
        scope_unit=terms.scope_unit,
        lead_unit=terms.lead_unit,
    )
    found = alike.select_related("target").first()
    return None if found is None else found.target


def _source(typed: Typed, entry: catalogue.Entry, by: User, on: date) -> tuple[SourceKind, str, Origin, str]:
    """Give the value source: as the officer says, else as the catalogue proposes."""
    if typed.source is None or (typed.source is entry.source and not typed.statistic):
        return entry.source, entry.statistic, entry.origin, entry.origin_in_words
    source, statistic = typed.source, typed.statistic or entry.statistic
    if source is SourceKind.PARTS:
        raise RuleBrokenError("target.no_parts", title=typed.title)
    if source not in rules.WITH_STATISTIC:
        statistic = ""
    if source is SourceKind.INSTRUMENT and catalogue.reads(statistic) not in ("air", "water"):
        raise RuleBrokenError("target.statistic_missing", source=SOURCE_NAMES[source])
    return source, statistic, Origin.OFFICER, f"{by.display_name}于 {on} 录入时指定"
