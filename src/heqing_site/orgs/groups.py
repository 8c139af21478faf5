"""Every deed on leading groups (领导小组): founding, seats, meetings and what they resolve.

A group is looked after where its unit is: with the right 单位与职务管理 at the unit it belongs to, or at the one that
holds its office.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from heqing_site.audit.actions import record
from heqing_site.errors import RuleBrokenError
from heqing_site.orgs import rules
from heqing_site.orgs.models import GroupMeeting, GroupSeat, LeadingGroup, Post, Resolution, Unit, User
from heqing_site.orgs.queries import may, require
from heqing_site.orgs.rules import Part, Permission


@dataclass(frozen=True)
class Resolved:
    """What a meeting resolved: the words, who shall do it, and by when."""

    text: str
    unit: Unit | None = None
    due_on: date | None = None


@transaction.atomic
def found_group(
    *, by: User, at: datetime, name: str, unit: Unit, office: Unit, founded_on: date, because: str
) -> LeadingGroup:
    """Found a leading group (成立领导小组) in a unit, with its office in another or the same.

    Needs the right 单位与职务管理 at the unit.
    """
    require(by, Permission.UNIT_EDIT, unit, on=timezone.localdate(at))
    _check_reason(because)
    for row in (unit, office):
        if not row.is_active_on(founded_on):
            raise RuleBrokenError("unit.parent_inactive", unit=row, day=founded_on)
    if LeadingGroup.objects.filter(unit=unit, name=name, dissolved_on__isnull=True).exists():
        raise RuleBrokenError("group.name_taken", unit=unit, name=name)
    group = LeadingGroup.objects.create(
        name=name, unit=unit, office=office, founded_on=founded_on, because=because.strip()[:200]
    )
    record(by=by.actor, at=at, action="orgs.found_group", subject=group, because=because, after=_facts(group))
    return group


@transaction.atomic
def dissolve_group(*, by: User, at: datetime, group: LeadingGroup, last_day: date, because: str) -> LeadingGroup:
    """Dissolve a leading group (撤销领导小组) with its last day; its seats end, its meetings stay on record."""
    _check_reason(because)
    group = _take_up(by, at, group)
    if last_day < group.founded_on:
        raise RuleBrokenError("unit.ends_before_start", day=group.founded_on)
    before = _facts(group)
    group.dissolved_on, group.dissolved_because = last_day, because.strip()[:200]
    group.save(update_fields=["dissolved_on", "dissolved_because"])
    for seat in group.seats.filter(ended_on__isnull=True):
        seat.ended_on, seat.ended_because = max(last_day, seat.started_on), group.dissolved_because
        seat.save(update_fields=["ended_on", "ended_because"])
    record(
        by=by.actor,
        at=at,
        action="orgs.dissolve_group",
        subject=group,
        because=because,
        before=before,
        after=_facts(group),
    )
    return group


@transaction.atomic
def move_office(*, by: User, at: datetime, group: LeadingGroup, office: Unit, because: str) -> LeadingGroup:
    """Put the office of a group into another unit (调整办公室)."""
    _check_reason(because)
    group = _take_up(by, at, group)
    on = timezone.localdate(at)
    if not office.is_active_on(on):
        raise RuleBrokenError("unit.parent_inactive", unit=office, day=on)
    before = _facts(group)
    group.office = office
    group.save(update_fields=["office"])
    record(
        by=by.actor,
        at=at,
        action="orgs.move_office",
        subject=group,
        because=because,
        before=before,
        after=_facts(group),
    )
    return group


@transaction.atomic
def seat_post(*, by: User, at: datetime, group: LeadingGroup, post: Post, part: Part, started_on: date) -> GroupSeat:
    """Give a post a seat in a group (列为成员); there is one 组长 at a time."""
    group = _take_up(by, at, group)
    if group.seats.filter(post=post, ended_on__isnull=True).exists():
        raise RuleBrokenError("group.seated_already", group=group, post=post)
    if part is Part.HEAD and group.seats.filter(part=part, ended_on__isnull=True).exists():
        raise RuleBrokenError("group.has_head", group=group)
    if started_on < group.founded_on:
        raise RuleBrokenError("unit.ends_before_start", day=group.founded_on)
    seat = GroupSeat.objects.create(group=group, post=post, part=part, started_on=started_on)
    record(
        by=by.actor,
        at=at,
        action="orgs.seat_post",
        subject=seat,
        after={"post": str(post), "part": part.value, "started_on": started_on},
    )
    return seat


@transaction.atomic
def unseat_post(*, by: User, at: datetime, seat: GroupSeat, last_day: date, because: str) -> GroupSeat:
    """Take a seat back (退出) with its last day and the reason."""
    _check_reason(because)
    _take_up(by, at, seat.group)
    seat = GroupSeat.objects.select_for_update(of=("self",)).select_related("group", "post__unit").get(pk=seat.pk)
    if seat.ended_on is not None:
        raise RuleBrokenError("group.seat_ended", post=seat.post, day=seat.ended_on)
    if last_day < seat.started_on:
        raise RuleBrokenError("term.ends_before_start", day=seat.started_on)
    seat.ended_on, seat.ended_because = last_day, because.strip()[:200]
    seat.save(update_fields=["ended_on", "ended_because"])
    record(
        by=by.actor,
        at=at,
        action="orgs.unseat_post",
        subject=seat,
        because=because,
        after={"ended_on": last_day},
    )
    return seat


@transaction.atomic
def hold_meeting(
    *,
    by: User,
    at: datetime,
    group: LeadingGroup,
    held_on: date,
    subject: str,
    chair: Post,
    resolved: Sequence[Resolved],
) -> GroupMeeting:
    """Put a meeting on record (登记会议) with what it resolved, numbered in order; it can be amended, never changed."""
    group = _take_up(by, at, group)
    if held_on > timezone.localdate(at) or held_on < group.founded_on:
        raise RuleBrokenError("group.meeting_day", day=held_on, founded=group.founded_on)
    if not resolved or not all(row.text.strip() for row in resolved):
        raise RuleBrokenError("group.nothing_resolved")
    last = group.meetings.order_by("-number").first()
    meeting = GroupMeeting(
        group=group,
        number=1 if last is None else last.number + 1,
        held_on=held_on,
        subject=subject.strip()[:200],
        chair=chair,
        recorded_at=at,
        recorded_by=by.actor.name,
    )
    meeting.save()
    for number, row in enumerate(resolved, start=1):
        _resolve(meeting, number, row)
    record(
        by=by.actor,
        at=at,
        action="orgs.hold_meeting",
        subject=meeting,
        after={"held_on": held_on, "subject": meeting.subject, "resolved": [row.text for row in resolved]},
    )
    return meeting


@transaction.atomic
def amend_resolution(*, by: User, at: datetime, resolution: Resolution, resolved: Resolved, because: str) -> Resolution:
    """Amend a resolution (更正议定事项): a further one takes its place, both stay on record."""
    _check_reason(because)
    meeting = resolution.meeting
    _take_up(by, at, meeting.group)
    if Resolution.objects.filter(amends=resolution).exists():
        raise RuleBrokenError("group.amended_already", number=resolution.number)
    if not resolved.text.strip():
        raise RuleBrokenError("group.nothing_resolved")
    number = meeting.resolutions.order_by("-number")[0].number + 1
    added = _resolve(meeting, number, resolved, amends=resolution)
    record(
        by=by.actor,
        at=at,
        action="orgs.amend_resolution",
        subject=added,
        because=because,
        before={"number": resolution.number, "text": resolution.text},
        after={"number": number, "text": added.text},
    )
    return added


def may_look_after(user: User, group: LeadingGroup, *, on: date) -> bool:
    """Tell whether a person looks after a group: at its unit, or at the one that holds its office."""
    return any(may(user, Permission.UNIT_EDIT, unit, on=on) for unit in (group.unit, group.office))


def _resolve(meeting: GroupMeeting, number: int, row: Resolved, amends: Resolution | None = None) -> Resolution:
    added = Resolution(
        meeting=meeting, number=number, text=row.text.strip()[:500], unit=row.unit, due_on=row.due_on, amends=amends
    )
    added.save()
    return added


def _take_up(by: User, at: datetime, group: LeadingGroup) -> LeadingGroup:
    group = LeadingGroup.objects.select_for_update(of=("self",)).select_related("unit", "office").get(pk=group.pk)
    on = timezone.localdate(at)
    if not may(by, Permission.UNIT_EDIT, group.office, on=on):
        require(by, Permission.UNIT_EDIT, group.unit, on=on)
    if group.dissolved_on is not None:
        raise RuleBrokenError("group.dissolved", group=group, day=group.dissolved_on)
    return group


def _check_reason(because: str) -> None:
    if not because.strip():
        raise RuleBrokenError("because.missing")


def _facts(group: LeadingGroup) -> dict[str, object]:
    return {
        "name": group.name,
        "unit": str(group.unit),
        "office": str(group.office),
        "period": rules.period(group.founded_on, group.dissolved_on),
    }
