"""What the ledger does when a unit is merged into another: its targets and subjects pass to the unit that takes over.

It is a part of the merger (``orgs.succession``), whose right is checked here again: whoever may merge two units may
hand over what the one that ends was to do. The terms of the days before stay as they were.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from heqing_site.audit.actions import record
from heqing_site.ledger.models import Duty, Target, TargetTerms
from heqing_site.ledger.queries import terms_as_of
from heqing_site.ledger.rules import Change, Origin
from heqing_site.orgs.queries import require
from heqing_site.orgs.rules import Permission
from heqing_site.orgs.succession import Merger


@transaction.atomic
def take_over(merger: Merger) -> str:
    """Hand the targets that a unit leads, and the subjects that it owns, to the unit into which it was merged.

    Needs 单位与职务管理 at the superior unit of the one that ends.
    """
    today = timezone.localdate(merger.at)
    require(merger.by, Permission.UNIT_EDIT, merger.ending.parent, on=today)
    led = list(terms_as_of(max(merger.first_day, today)).filter(lead_unit=merger.ending).select_related("lead_unit"))
    locked = Target.objects.select_for_update().filter(pk__in=[row.target_id for row in led]).in_bulk()
    for before in led:
        _pass_on(locked[before.target_id], before, merger)
    passed = [_pass_duty(duty, merger) for duty in _open_duties(merger)]
    words = [f"{len(led)} 项目标改由{merger.successor}牵头"] if led else []
    words += [f"{sum(passed)} 个领域列入{merger.successor}的职责清单"] if any(passed) else []
    return "，".join(words)


def _pass_on(target: Target, before: TargetTerms, merger: Merger) -> None:
    terms = TargetTerms(
        target=target,
        change=Change.SET_LEAD,
        **{name: getattr(before, name) for name in TargetTerms.CARRIED},
    )
    terms.lead_unit = merger.successor
    terms.lead_from = Origin.OFFICER
    terms.lead_note = merger.note
    terms.valid_from = max(merger.first_day, before.valid_from)
    terms.recorded_at = merger.at
    terms.recorded_by_id = merger.by.actor.id
    terms.recorded_by = merger.by.actor.name
    terms.because = merger.note
    terms.save()
    record(
        by=merger.by.actor,
        at=merger.at,
        action="ledger.take_over",
        subject=target,
        because=merger.note,
        before={"lead_unit": f"{merger.ending.name}（{merger.ending.code}）"},
        after={"lead_unit": f"{merger.successor.name}（{merger.successor.code}）", "valid_from": terms.valid_from},
    )


def _open_duties(merger: Merger) -> list[Duty]:
    return list(Duty.objects.select_for_update().filter(unit=merger.ending, valid_to__isnull=True).order_by("pk"))


def _pass_duty(duty: Duty, merger: Merger) -> bool:
    """End a duty of the unit that ends, and give it to the successor unless that has it already."""
    duty.valid_to = max(merger.last_day, duty.valid_from)
    duty.ended_because = merger.note
    duty.save(update_fields=["valid_to", "ended_because"])
    has_it = Duty.objects.filter(unit=merger.successor, pillar=duty.pillar, valid_to__isnull=True).exists()
    if not has_it:
        Duty.objects.create(
            unit=merger.successor,
            pillar=duty.pillar,
            valid_from=merger.first_day,
            recorded_at=merger.at,
            recorded_by=merger.by.actor.name,
            because=merger.note,
        )
    record(
        by=merger.by.actor,
        at=merger.at,
        action="ledger.pass_duty",
        subject=duty,
        because=merger.note,
        after={"pillar": duty.pillar, "unit": str(merger.successor), "was_there": has_it},
    )
    return not has_it
