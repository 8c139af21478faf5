"""What happens to open cases when a unit is merged into another, or a post passes to another person.

Each is a part of the deed in ``orgs.succession``, whose right is checked here again. A case that goes over keeps its
clock and its steps; one more step says to whom it went and why.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from heqing.cases import Deed, State
from heqing_site.audit.actions import record
from heqing_site.cases.models import IS_OPEN, Case, CaseStep
from heqing_site.errors import RuleBrokenError
from heqing_site.orgs.models import User
from heqing_site.orgs.queries import may, require
from heqing_site.orgs.rules import Permission
from heqing_site.orgs.succession import Handover, Merger


@transaction.atomic
def take_over(merger: Merger) -> str:
    """Hand the open cases of a unit to the one into which it was merged.

    Needs 单位与职务管理 at the superior unit of the one that ends. A case that the successor itself verified is closed
    before: nobody verifies their own.
    """
    require(merger.by, Permission.UNIT_EDIT, merger.ending.parent, on=timezone.localdate(merger.at))
    found = list(Case.objects.select_for_update().filter(IS_OPEN, unit=merger.ending).order_by("number"))
    for case in found:
        if case.state == State.VERIFIED and case.verified_unit_id == merger.successor.pk:
            raise RuleBrokenError("case.verified_by_successor", case=case, unit=merger.successor)
        case.unit = merger.successor
        _keep(case, merger.by, merger.at, merger.note)
    there = Case.objects.select_for_update().filter(IS_OPEN, place_unit=merger.ending)
    for case in there.order_by("number"):
        beside = Case.objects.filter(IS_OPEN, target=case.target_id, place_unit=merger.successor)
        if case.target_id is None or not beside.exists():
            case.place_unit = merger.successor
            case.save(update_fields=["place_unit"])
    return f"{len(found)} 件未办结的问题改由{merger.successor}负责" if found else ""


@transaction.atomic
def hand_over(handover: Handover) -> str:
    """Hand the open cases that a person handles for the unit of a post to whoever takes up the post.

    Needs 单位与职务管理 at the unit of the post. Where the successor may not rectify, the unit handles it.
    """
    on = timezone.localdate(handover.at)
    unit = handover.post.unit
    require(handover.by, Permission.UNIT_EDIT, unit, on=on)
    found = list(Case.objects.select_for_update().filter(IS_OPEN, unit=unit, person=handover.leaver).order_by("number"))
    passed = 0
    for case in found:
        allowed = may(handover.successor, Permission.CASE_RECTIFY, unit, on=on, matter=case.pillar)
        case.person = handover.successor if allowed else None
        passed += allowed
        to = f"由{handover.successor}接办" if allowed else f"{handover.successor}没有问题整改权限，由{unit}另行指定"
        _keep(case, handover.by, handover.at, f"{handover.leaver}离任，{to}：{handover.because}")
    words = [f"{passed} 件问题由{handover.successor}接办"] if passed else []
    words += [f"{len(found) - passed} 件问题待{unit}另行指定经办人"] if passed < len(found) else []
    return "，".join(words)


def _keep(case: Case, by: User, at: datetime, note: str) -> None:
    case.version += 1
    case.save()
    CaseStep(
        case=case,
        number=case.version,
        deed=Deed.REASSIGN.value,
        state=case.state,
        on=timezone.localdate(at),
        at=at,
        by=by,
        by_name=by.display_name,
        by_unit=by.unit,
        unit=case.unit,
        person=case.person,
        note=note,
        due_on=case.due_on,
    ).save()
    record(
        by=by.actor,
        at=at,
        action="cases.take_over",
        subject=case,
        because=note,
        after={"unit": str(case.unit), "person": None if case.person is None else str(case.person)},
    )
