"""What is mine today (今日要办): reports I owe, checks that wait for me, cases, documents to review.

It asks each room and remembers nothing; nothing here writes or reads the clock.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from heqing_site.library.queries import documents
from heqing_site.orgs.models import User
from heqing_site.orgs.queries import places_with
from heqing_site.orgs.rules import Permission
from heqing_site.publishing.rooms import open_cases
from heqing_site.reporting import queries as reporting
from heqing_site.reporting.rules import BEHIND, Owing
from heqing_site.web.navigation import address_of

SHOWN = 5  # rows of a kind before the page points to the room


@dataclass(frozen=True)
class Duty:
    """One kind of thing that waits: how many, how it stands, the sentence, some of them by name, and where to do it."""

    key: str
    count: int
    light: str
    sentence: str
    rows: list[tuple[str, str, str]]
    address: str
    deed: str


def duties(user: User, *, on: date) -> list[Duty]:
    """List what waits for a person on a day, what is late first; kinds of which there is nothing are left out."""
    found = [_reports(user, on), _cases(user, on), _checks(user, on), _documents(user, on)]
    return sorted((duty for duty in found if duty is not None), key=lambda duty: duty.light != "red")


def _reports(user: User, on: date) -> Duty | None:
    units = [unit for unit in reporting.reporting_units(user, on=on) if unit.pk == user.unit_id]
    if not units:
        return None
    month = reporting.month_to_report(on)
    rows = reporting.owed(month=month, as_of=on, units=[unit.pk for unit in units])
    to_do = [row for row in rows if row.owing in (*BEHIND, Owing.DUE) and not row.is_closed]
    if not to_do:
        return None
    kinds = Counter(row.owing for row in to_do)
    late = sum(kinds[kind] for kind in BEHIND)
    told = _("%(month)s应报而未报 %(count)d 项") % {"month": month.name, "count": len(to_do)}
    sentence = (
        _("%(told)s，其中逾期或退回 %(late)d 项。") % {"told": told, "late": late} if late else f"{told}{_('。')}"
    )
    to_do.sort(key=lambda row: (row.owing not in BEHIND, row.due, row.target.number))
    return Duty(
        "reports",
        len(to_do),
        "red" if late else "grey",
        sentence,
        [
            (row.terms.title, f"{row.owing_name} · {row.due}", reverse("reporting:mine") + f"?month={month.key}")
            for row in to_do[:SHOWN]
        ],
        reverse("reporting:mine"),
        _("去填报"),
    )


def _checks(user: User, on: date) -> Duty | None:
    waiting = reporting.waiting(user, on=on)
    if places_with(user, Permission.REPORT_CHECK, on=on) == set() or not (count := waiting.count()):
        return None
    units = Counter(waiting.order_by().values_list("unit__name", flat=True))
    rows = [(name, _("%(count)d 项") % {"count": number}, "") for name, number in units.most_common(SHOWN)]
    sentence = _("%(count)d 项填报等您审核。") % {"count": count}
    return Duty("checks", count, "grey", sentence, rows, reverse("reporting:check"), _("去审核"))


def _cases(user: User, on: date) -> Duty | None:
    address = address_of("cases:cases")
    if address is None or user.unit_id is None:
        return None
    within = places_with(user, Permission.CASE_RECTIFY, on=on)
    mine = [
        case
        for case in open_cases(as_of=on)
        if case.unit_id == user.unit_id and (within is None or case.unit_id in within)
    ]
    if not mine:
        return None
    late = [case for case in mine if case.due_on is not None and case.due_on < on]
    mine.sort(key=lambda case: (case.due_on is None, case.due_on or on))
    told = _("本单位有 %(count)d 个问题未销号") % {"count": len(mine)}
    sentence = _("%(told)s，其中逾期 %(late)d 个。") % {"told": told, "late": len(late)} if late else f"{told}{_('。')}"
    rows = [(str(case.title), str(case.due_on or ""), _case_address(case)) for case in mine[:SHOWN]]
    return Duty("cases", len(mine), "red" if late else "yellow", sentence, rows, address, _("去办理"))


def _case_address(case: Any) -> str:
    return reverse("cases:case", args=[case.number])


def _documents(user: User, on: date) -> Duty | None:
    within = places_with(user, Permission.DOCUMENT_REVIEW, on=on)
    if within == set():
        return None
    waiting = documents().filter(finding_count__gt=F("decided_count")).defer("text", "junk", "people")
    found = list(waiting if within is None else waiting.filter(unit__in=within))
    if not found:
        return None
    sentence = _("%(count)d 份文件还有条目待核对。") % {"count": len(found)}
    rows = [
        (
            document.title,
            _("待核 %(count)d 条") % {"count": document.finding_count - document.decided_count},
            reverse("library:document", args=[document.pk]),
        )
        for document in found[:SHOWN]
    ]
    return Duty("documents", len(found), "grey", sentence, rows, reverse("library:documents"), _("去核对"))
