"""What works do when a unit is merged into another: those that have not ended pass to the unit that takes over.

It is a part of the merger (``orgs.succession``), whose right is checked here again. Each work gets further terms and a
step; what was promised before stays.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from heqing_site.orgs.models import Post, Unit
from heqing_site.orgs.queries import require
from heqing_site.orgs.rules import Permission
from heqing_site.orgs.succession import Merger
from heqing_site.works.actions import _amended, take_up
from heqing_site.works.models import Work
from heqing_site.works.rules import Deed, Part, State

UNITS, POSTS = ("lead_unit", "acting_unit", "checker_unit", "place_unit"), ("principal", "leader", "actor")
STANDING = [state.value for state in (State.DRAFT, State.ACTIVE)]


@transaction.atomic
def take_over(merger: Merger) -> str:
    """Put the successor, and the posts that took over, where works that have not ended name the unit and its posts.

    Needs 单位与职务管理 at the superior unit of the one that ends.
    """
    require(merger.by, Permission.UNIT_EDIT, merger.ending.parent, on=timezone.localdate(merger.at))
    named = Q(parts__unit=merger.ending)
    for column in UNITS:
        named |= Q(**{column: merger.ending})
    for column in POSTS:
        named |= Q(**{f"{column}__in": list(merger.posts)})
    found = Work.objects.filter(named, state__in=STANDING).distinct().order_by("number")
    passed = sum(_pass_on(work, merger) for work in found)
    return f"{passed} 项任务和项目由{merger.successor}承接" if passed else ""


def _pass_on(work: Work, merger: Merger) -> bool:
    desk = take_up(merger.by, merger.at, work, Deed.AMEND, None, merger.note)
    work = desk.work
    wanted: dict[str, Unit | Post] = {
        column: merger.successor for column in UNITS if getattr(work, f"{column}_id") == merger.ending.pk
    }
    for column in POSTS:
        post = merger.posts.get(getattr(work, f"{column}_id") or 0)
        if post is not None:
            wanted[column] = post
    rows = work.parts.filter(terms_number=work.terms_number).select_related("unit")
    parts = [(merger.successor if row.unit_id == merger.ending.pk else row.unit, Part(row.part)) for row in rows]
    if not wanted and all(row.unit_id != merger.ending.pk for row in rows):
        return False
    once = list({unit.pk: (unit, part) for unit, part in reversed(parts)}.values())
    _amended(desk, merger.by, merger.at, merger.note, wanted, once, None, Deed.AMEND)
    return True
