"""What happens to task lists and open works when a unit is merged into another.

It is a part of the deed in ``orgs.succession``, whose right is checked here again. What was promised before stays as
terms; a post passes to another person by itself, because works name posts and not people.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from heqing_site.audit.actions import record
from heqing_site.errors import RuleBrokenError
from heqing_site.orgs.queries import require
from heqing_site.orgs.rules import Permission
from heqing_site.orgs.succession import Merger
from heqing_site.works.actions import Desk, amended, locked
from heqing_site.works.models import TaskList, Work
from heqing_site.works.rules import Deed, Part, State

UNITS = ("lead_unit", "acting_unit", "checker_unit", "place_unit")
POSTS = ("principal", "leader", "actor")
OPEN = [State.DRAFT.value, State.ACTIVE.value]


@transaction.atomic
def take_over(merger: Merger) -> str:
    """Hand the lists and open works of a unit, and what it supports or checks, to the one into which it was merged.

    Needs 单位与职务管理 at the superior unit of the one that ends. Where the successor would check its own work,
    another checking unit must be named before.
    """
    on = timezone.localdate(merger.at)
    require(merger.by, Permission.UNIT_EDIT, merger.ending.parent, on=on)
    asked = Q(pk__in=[])
    for column in UNITS:
        asked |= Q(**{column: merger.ending})
    for column in POSTS:
        asked |= Q(**{f"{column}__in": list(merger.posts)})
    asked |= Q(parts__unit=merger.ending)
    keys = Work.objects.filter(asked, state__in=OPEN).order_by("number").values_list("pk", flat=True).distinct()
    passed = sum(_pass_on(locked(key), merger) for key in keys)
    lists = TaskList.objects.select_for_update().filter(issuer=merger.ending, closed_on__isnull=True)
    for task_list in lists:
        task_list.issuer = merger.successor
        task_list.save(update_fields=["issuer"])
        record(by=merger.by.actor, at=merger.at, action="works.take_over", subject=task_list, because=merger.note)
    return f"{passed} 项任务和项目改由{merger.successor}负责" if passed else ""


def _pass_on(work: Work, merger: Merger) -> bool:
    wanted: dict[str, Any] = {
        column: merger.successor for column in UNITS if getattr(work, f"{column}_id") == merger.ending.pk
    }
    wanted |= {
        column: merger.posts[getattr(work, f"{column}_id")]
        for column in POSTS
        if getattr(work, f"{column}_id") in merger.posts
    }
    parts = [
        (merger.successor if row.unit_id == merger.ending.pk else row.unit, Part(row.part))
        for row in work.parts.filter(terms_number=work.terms_number).select_related("unit")
    ]
    supports = work.parts.filter(terms_number=work.terms_number, unit=merger.ending).exists()
    if not wanted and not supports:
        return False
    checker = wanted.get("checker_unit", work.checker_unit)
    doing = (wanted.get("lead_unit", work.lead_unit), wanted.get("acting_unit", work.acting_unit))
    if checker is not None and checker in doing:
        raise RuleBrokenError("work.checked_by_successor", work=work, unit=merger.successor)
    desk = Desk(work, Deed.AMEND, timezone.localdate(merger.at))
    amended(desk, merger.by, merger.at, merger.note, wanted, parts, None, Deed.AMEND)
    return True
