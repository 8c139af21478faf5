"""What is mine today (今日要办): reports I owe, checks, cases whose move is mine, letters, bulletins, documents.

Beside it: what of one's own unit waits for others, and for leaders how the targets stand.

It asks each room and remembers nothing; nothing here writes or reads the clock.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from heqing.works import report_due_day
from heqing_site.cases import queries as cases
from heqing_site.cases.models import Case
from heqing_site.ledger import queries as ledger
from heqing_site.ledger.rules import LIGHT_NAMES
from heqing_site.letters import queries as letters
from heqing_site.letters.models import Letter
from heqing_site.library.queries import documents
from heqing_site.orgs.models import User
from heqing_site.orgs.queries import reach
from heqing_site.orgs.rules import Permission
from heqing_site.plans import queries as plans
from heqing_site.publishing import queries as publishing
from heqing_site.publishing.rules import STATE_NAMES, Deed, State
from heqing_site.reporting import queries as reporting
from heqing_site.reporting.rules import BEHIND, Owing
from heqing_site.verdicts.queries import SEVERITY
from heqing_site.works import queries as works
from heqing_site.works.rules import due_of, month_to_report

SHOWN = 5  # rows of a kind before the page points to the room
MOST_BULLETINS = 12  # that are looked through for a deed of this person


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
    left: int = 0  # how many more there are than rows


def duties(user: User, *, on: date) -> list[Duty]:
    """List what waits for a person on a day, what is late first; kinds of which there is nothing are left out."""
    found = [
        _reports(user, on),
        _works(user, on),
        _slips(user, on),
        _cases(user, on),
        _plans(user, on),
        _checks(user, on),
        _letters_to_sign(user, on),
        _letters_to_review(user, on),
        _bulletins(user, on),
        _documents(user, on),
    ]
    return sorted((duty for duty in found if duty is not None), key=lambda duty: duty.light != "red")


def with_others(user: User, *, on: date) -> list[tuple[str, str, str]]:
    """List the open cases of a person's own unit whose next move is for others to make."""
    units = cases.own_units(user)
    mine = set(cases.mine(user, on=on).values_list("pk", flat=True))
    return [_told_of_case(case) for case in cases.open_cases(as_of=on, units=units) if case.pk not in mine]


@dataclass(frozen=True)
class Overall:
    """How the targets of the ledger stand: how many there are, and the lights that occur, worst first."""

    total: int
    lights: list[tuple[str, str, int]]


def overall(*, on: date) -> Overall:
    """Count the lights of a day, for whoever leads."""
    terms = ledger.terms_as_of(on)
    total = terms.count()
    found = ledger.lights(terms, as_of=on, total=total)
    worst_first = sorted((light for light in found if found[light]), key=lambda light: -SEVERITY[light])
    return Overall(total, [(light.value, _(LIGHT_NAMES[light]), found[light]) for light in worst_first])


def _until(day: date | None) -> str:
    return "" if day is None else _("限 %(day)s") % {"day": day}


def _told_of_case(case: Case) -> tuple[str, str, str]:
    words = (str(case.unit), case.state_name, _until(case.due_on))
    return case.title, " · ".join(word for word in words if word), reverse("cases:case", args=[case.number])


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
            (
                row.terms.title,
                f"{row.owing_name} · {_until(row.due)}",
                reverse("reporting:mine") + f"?month={month.key}",
            )
            for row in to_do[:SHOWN]
        ],
        reverse("reporting:mine") + f"?month={month.key}",
        _("去填报"),
        left=len(to_do[SHOWN:]),
    )


def _works(user: User, on: date) -> Duty | None:
    waiting = works.to_report(user, on=on)
    if user.unit_id is None or not (count := waiting.count()):
        return None
    month = month_to_report(on)
    due = due_of(month, report_due_day())
    told = _("%(count)d 项任务和项目还没报进展") % {"count": count}
    sentence = f"{told}，{_until(due)}{_('。')}"
    rows = [
        (work.title, f"{work.stage_name} · {_until(work.planned_finish)}", reverse("works:report", args=[work.number]))
        for work in waiting[:SHOWN]
    ]
    light = "red" if on > due else "grey"
    return Duty("works", count, light, sentence, rows, reverse("works:desk"), _("去填报"), left=max(0, count - SHOWN))


def _slips(user: User, on: date) -> Duty | None:
    answers, decisions = works.slips_to_answer(user, on=on), works.slips_to_decide(user, on=on)
    if not (count := answers.count() + decisions.count()):
        return None
    asked = [*answers[:SHOWN], *decisions[:SHOWN]][:SHOWN]
    sentence = _("%(count)d 张督办单等您回复、签发或审定。") % {"count": count}
    rows = [
        (slip.work.title, f"{slip.colour_name} · {slip.state_name}", reverse("works:slip", args=[slip.number]))
        for slip in asked
    ]
    return Duty(
        "slips", count, "yellow", sentence, rows, reverse("works:desk"), _("去办理"), left=max(0, count - SHOWN)
    )


def _checks(user: User, on: date) -> Duty | None:
    waiting = reporting.waiting(user, on=on)
    if reach(user, Permission.REPORT_CHECK, on=on).is_nowhere or not (count := waiting.count()):
        return None
    units = Counter(waiting.order_by().values_list("unit_id", "unit__name"))
    address = reverse("reporting:check")
    rows = [
        (name, _("%(count)d 项") % {"count": number}, f"{address}?unit={key}")
        for (key, name), number in units.most_common(SHOWN)
    ]
    sentence = _("%(count)d 项填报等您审核。") % {"count": count}
    return Duty("checks", count, "grey", sentence, rows, address, _("去审核"), left=max(0, len(units) - SHOWN))


def _cases(user: User, on: date) -> Duty | None:
    found = list(cases.mine(user, on=on))
    if not found:
        return None
    late = sum(case.due_on is not None and case.due_on < on for case in found)
    told = _("%(count)d 个问题等您办下一步") % {"count": len(found)}
    sentence = _("%(told)s，其中逾期 %(late)d 个。") % {"told": told, "late": late} if late else f"{told}{_('。')}"
    rows = [_told_of_case(case) for case in found[:SHOWN]]
    return Duty(
        "cases",
        len(found),
        "red" if late else "yellow",
        sentence,
        rows,
        reverse("cases:cases") + "?mine=1",
        _("去办理"),
        left=len(found[SHOWN:]),
    )


def _plans(user: User, on: date) -> Duty | None:
    found = plans.awaiting(user, on=on)
    count = found.count()
    if not count:
        return None
    shown = list(found[:SHOWN])
    late = any(plan.is_overdue_on(on) for plan in shown)  # those that owe a version stand first
    again = found.filter(state="reopened").count()
    told = _("%(count)d 份治理方案等您办下一步") % {"count": count}
    sentence = (
        _("%(told)s，其中 %(again)d 份完工未见效，要重新治理。") % {"told": told, "again": again}
        if again
        else f"{told}{_('。')}"
    )
    rows = [
        (plan.title, " · ".join(word for word in (plan.state_name, _until(plan.due_on)) if word),
         reverse("plans:plan", args=[plan.number]))
        for plan in shown
    ]  # fmt: skip
    light = "red" if late else "yellow"
    return Duty("plans", count, light, sentence, rows, reverse("plans:plans"), _("去看方案"), left=count - len(shown))


def _letters_to_sign(user: User, on: date) -> Duty | None:
    sentence = _("%(count)d 份责任书等您签订。")
    return _letters_of("letters_to_sign", letters.to_sign(user, on=on), sentence, "sign", _("去签订"))


def _letters_to_review(user: User, on: date) -> Duty | None:
    sentence = _("%(count)d 份责任书等您审核。")
    return _letters_of("letters_to_review", letters.to_review(user, on=on), sentence, "review", _("去审核"))


def _letters_of(key: str, waiting: QuerySet[Letter], sentence: str, what: str, deed: str) -> Duty | None:
    count = waiting.count()
    if not count:
        return None
    rows = [
        (f"{letter.receiver} {letter.series.title}", letter.state_name, reverse("letters:letter", args=[letter.pk]))
        for letter in waiting[:SHOWN]
    ]
    address = f"{reverse('letters:mine')}?what={what}"
    return Duty(key, count, "yellow", sentence % {"count": count}, rows, address, deed, left=max(0, count - SHOWN))


def _bulletins(user: User, on: date) -> Duty | None:
    waiting = publishing.bulletins(user, on=on).filter(state__in=[State.SUBMITTED.value, State.APPROVED.value])
    found = [
        bulletin
        for bulletin in waiting[:MOST_BULLETINS]
        if {Deed.APPROVE, Deed.ISSUE} & set(publishing.deeds_open(bulletin, user, on=on))
    ]
    if not found:
        return None
    sentence = _("%(count)d 份通报等您审签或印发。") % {"count": len(found)}
    rows = [
        (str(bulletin), STATE_NAMES[State(bulletin.state)], reverse("publishing:bulletin", args=[bulletin.pk]))
        for bulletin in found[:SHOWN]
    ]
    return Duty(
        "bulletins",
        len(found),
        "grey",
        sentence,
        rows,
        reverse("publishing:bulletins"),
        _("去审签"),
        left=len(found[SHOWN:]),
    )


def _documents(user: User, on: date) -> Duty | None:
    within = reach(user, Permission.DOCUMENT_REVIEW, on=on).units
    if within == set():
        return None
    # `documents` counts findings beside each row; what it annotates is not known to the types
    waiting = documents().filter(finding_count__gt=F("decided_count")).defer("text", "junk", "people")  # type: ignore[misc]
    found: list[Any] = list(waiting if within is None else waiting.filter(unit__in=within))
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
    return Duty(
        "documents",
        len(found),
        "grey",
        sentence,
        rows,
        reverse("library:documents"),
        _("去核对"),
        left=len(found[SHOWN:]),
    )
