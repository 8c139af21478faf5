"""Pages of leading groups (领导小组): the list, one group with its seats and meetings, and the forms."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import formset_factory
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from heqing_site.errors import RuleBrokenError
from heqing_site.orgs import forms as shapes
from heqing_site.orgs import groups, queries
from heqing_site.orgs.models import GroupSeat, LeadingGroup, Resolution
from heqing_site.orgs.rules import Part, Permission
from heqing_site.orgs.views import carry_out, me

GROUPS_ON_A_PAGE = 50
MEETINGS_ON_A_PAGE = 10
BLANK_RESOLUTIONS = 6


def leading_groups(request: HttpRequest) -> HttpResponse:
    """List the leading groups."""
    with_dissolved = request.GET.get("dissolved") == "1"
    found = queries.leading_groups(with_dissolved=with_dissolved)
    context = {
        "page": Paginator(found, GROUPS_ON_A_PAGE).get_page(request.GET.get("page")),
        "with_dissolved": with_dissolved,
        "may_add": queries.may_somewhere(me(request), Permission.UNIT_EDIT, on=timezone.localdate()),
    }
    return render(request, "orgs/groups.html", context)


def group(request: HttpRequest, key: int) -> HttpResponse:
    """Show one group: who sits in it today, what it resolved."""
    today = timezone.localdate()
    found = _group(key)
    meetings = Paginator(queries.meetings_of(found), MEETINGS_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "group": found,
        "seats": queries.seats_of(found, on=today),
        "meetings": meetings,
        "today": today,
        "may_edit": found.dissolved_on is None and groups.may_look_after(me(request), found, on=today),
    }
    return render(request, "orgs/group.html", context)


def found_group(request: HttpRequest) -> HttpResponse:
    """Found a group."""
    today = timezone.localdate()
    within = queries.places_with(me(request), Permission.UNIT_EDIT, on=today)
    form = shapes.GroupForm(request.POST or None, initial={"founded_on": today}, on=today, within=within)
    founded: list[LeadingGroup] = []

    def act() -> LeadingGroup:
        founded.append(groups.found_group(by=me(request), at=timezone.now(), **form.cleaned_data))
        return founded[0]

    return carry_out(
        request,
        form,
        act,
        title="成立领导小组",
        verb="成立",
        back=lambda: reverse("orgs:group", args=[founded[0].pk]) if founded else reverse("orgs:groups"),
        done="已成立。下一步：在本页列入组长和成员。",
    )


def move_office(request: HttpRequest, key: int) -> HttpResponse:
    """Put the office of a group elsewhere."""
    found = _group(key)
    form = shapes.OfficeForm(request.POST or None, initial={"office": found.office_id}, on=timezone.localdate())
    return carry_out(
        request,
        form,
        lambda: groups.move_office(by=me(request), at=timezone.now(), group=found, **form.cleaned_data),
        title=f"调整“{found}”办公室",
        verb="调整",
        back=reverse("orgs:group", args=[found.pk]),
        done="已调整办公室。",
    )


def dissolve_group(request: HttpRequest, key: int) -> HttpResponse:
    """Dissolve a group."""
    found = _group(key)
    form = shapes.CloseUnitForm(request.POST or None, initial={"last_day": timezone.localdate()})
    return carry_out(
        request,
        form,
        lambda: groups.dissolve_group(by=me(request), at=timezone.now(), group=found, **form.cleaned_data),
        title=f"撤销“{found}”",
        intro="撤销后不能恢复；会议和议定事项照旧保留。",
        verb="撤销",
        back=reverse("orgs:group", args=[found.pk]),
        done="已撤销。",
    )


def seat_post(request: HttpRequest, key: int) -> HttpResponse:
    """Give a post a seat."""
    found = _group(key)
    form = shapes.SeatForm(request.POST or None, initial={"started_on": timezone.localdate()})

    def act() -> GroupSeat:
        typed = form.cleaned_data
        return groups.seat_post(
            by=me(request),
            at=timezone.now(),
            group=found,
            post=typed["post"],
            part=Part(typed["part"]),
            started_on=typed["started_on"],
        )

    back = reverse("orgs:group", args=[found.pk])
    return carry_out(request, form, act, title=f"{found}：列入成员", verb="列入", back=back, done="已列入。")


def unseat_post(request: HttpRequest, key: int) -> HttpResponse:
    """Take a seat back."""
    seat = get_object_or_404(GroupSeat.objects.select_related("group", "post__unit"), pk=key)
    form = shapes.CloseUnitForm(request.POST or None, initial={"last_day": timezone.localdate()})
    return carry_out(
        request,
        form,
        lambda: groups.unseat_post(by=me(request), at=timezone.now(), seat=seat, **form.cleaned_data),
        title=f"{seat.post}退出“{seat.group}”",
        verb="退出",
        back=reverse("orgs:group", args=[seat.group_id]),
        done="已登记退出。",
    )


def hold_meeting(request: HttpRequest, key: int) -> HttpResponse:
    """Put a meeting on record with what it resolved."""
    today = timezone.localdate()
    found = _group(key)
    form = shapes.MeetingForm(request.POST or None, initial={"held_on": today}, group=found)
    rows = formset_factory(shapes.ResolutionForm, extra=BLANK_RESOLUTIONS, max_num=50)(
        request.POST or None, form_kwargs={"on": today}, prefix="rows"
    )
    if request.method == "POST" and form.is_valid() and rows.is_valid():
        resolved = [
            groups.Resolved(row["text"], row.get("unit"), row.get("due_on"))
            for row in (each.cleaned_data for each in rows)
            if row.get("text", "").strip()
        ]
        try:
            groups.hold_meeting(by=me(request), at=timezone.now(), group=found, resolved=resolved, **form.cleaned_data)
        except RuleBrokenError as error:
            if error.is_about_permission:
                raise
            form.add_error(None, error.sentence(get_language()))
        else:
            messages.success(request, f"已登记会议，议定事项 {len(resolved)} 项。")
            return redirect("orgs:group", found.pk)
    wrong = form.errors or (request.method == "POST" and not rows.is_valid())
    return render(
        request, "orgs/meeting_form.html", {"group": found, "form": form, "rows": rows}, status=422 if wrong else 200
    )


def amend_resolution(request: HttpRequest, key: int) -> HttpResponse:
    """Amend a resolution by a further one."""
    found = get_object_or_404(
        Resolution.objects.select_related("meeting__group__unit", "meeting__group__office"), pk=key
    )
    form = shapes.AmendResolutionForm(
        request.POST or None,
        initial={"text": found.text, "unit": found.unit_id, "due_on": found.due_on},
        on=timezone.localdate(),
    )

    def act() -> Resolution:
        typed = form.cleaned_data
        return groups.amend_resolution(
            by=me(request),
            at=timezone.now(),
            resolution=found,
            resolved=groups.Resolved(typed["text"], typed["unit"], typed["due_on"]),
            because=typed["because"],
        )

    return carry_out(
        request,
        form,
        act,
        title=f"更正议定事项 {found.number}",
        intro=f"{found.meeting}（{found.meeting.held_on}）。原文保留，另记一项代替它。",
        verb="更正",
        back=reverse("orgs:group", args=[found.meeting.group_id]),
        done="已更正，原文保留。",
    )


def _group(key: int) -> LeadingGroup:
    return get_object_or_404(LeadingGroup.objects.select_related("unit", "office"), pk=key)
