"""Pages of scorecards. Each reads one query or carries out one action, and renders.

This is where the clock is read: actions are told the moment. Rights are checked by the actions; the pages only hide
what would be refused. No page needs a script.
"""

from __future__ import annotations

from datetime import date
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from heqing.scorecards import scheme_names
from heqing.tables import explain
from heqing_site.errors import RuleBrokenError
from heqing_site.orgs.models import Unit, User
from heqing_site.orgs.queries import may, may_somewhere, places_with
from heqing_site.orgs.rules import Permission
from heqing_site.reporting.queries import month_to_report, months_around
from heqing_site.reporting.rules import Kind, Period, parse_key
from heqing_site.scorecards import actions, causes, queries, sheets
from heqing_site.scorecards.forms import EventForm
from heqing_site.scorecards.models import Scorecard, ScoreEvent
from heqing_site.scorecards.rules import ABSENT_NAMES, RULE_NAMES, EventKind

EVENTS_SHOWN = 100


# --- the board ----------------------------------------------------------------------------------------------------


def board(request: HttpRequest) -> HttpResponse:
    """Show the board of a month (考核): who stands where, and what cost the points."""
    today = timezone.localdate()
    month = _month(request, today)
    newest = queries.newest_version(month)
    version = _version(request, newest)
    rows = queries.board(month, version, with_unranked=True)
    published = queries.publications(month)
    before, after = months_around(month, as_of=today)
    card = rows[0].card if rows else None
    may_publish = _may_publish(request, [row.unit for row in rows], today)
    context = {
        "today": today,
        "month": month,
        "before": before,
        "after": after if after is not None and after.last < today else None,
        "groups": queries.by_group(rows),
        "card": card,
        "version": version,
        "newest": newest,
        "versions": range(newest or 0, 0, -1),
        "publication": next((row for row in published if row.version == version), None),
        "last_publication": published[0] if published else None,
        "may_score": may_publish and month.last < today,
        "may_publish": bool(rows)
        and may_publish
        and version == newest
        and all(row.version != version for row in published),
        "scheme_name": scheme_names().get(card.scheme, card.scheme) if card else "",
        "is_over": month.last < today,
    }
    return render(request, "scorecards/board.html", context | _rooms(request, "board"))


def excel(request: HttpRequest) -> HttpResponse:
    """Hand out the board of a month as an Excel workbook."""
    month = _month(request, timezone.localdate())
    version = _version(request, queries.newest_version(month))
    rows = queries.board(month, version, with_unranked=True)
    if not rows:
        raise Http404
    card = rows[0].card
    is_published = any(row.version == version for row in queries.publications(month))
    state = "已发布" if is_published else "未发布"
    note = (
        f"{state}，第 {version} 版，{'年内暂计，' if card.provisional else ''}数据截至 {card.as_of}，"
        f"方案：{scheme_names().get(card.scheme, card.scheme)}（{card.edition}）"
    )
    content = sheets.write(rows, heading=f"{month.name}考核得分", note=note)
    response = HttpResponse(content, content_type=sheets.MEDIA_TYPE)
    response["Content-Disposition"] = content_disposition_header(True, f"考核得分 {month.key}.xlsx")
    return response


@require_POST
def score(request: HttpRequest) -> HttpResponse:
    """Score a month, or score it again."""
    month = _posted_month(request)
    try:
        done = actions.score_month(by=_me(request), at=timezone.now(), month=month, as_of=timezone.localdate())
    except RuleBrokenError as error:
        return _refused(request, error, month)
    if done.is_new:
        messages.success(request, f"{month.name}已评分，第 {done.version} 版，共 {len(done.cards)} 个单位。")
    else:
        messages.success(request, f"{month.name}的得分没有变化，仍为第 {done.version} 版。")
    return redirect(_board_address(month))


@require_POST
def publish(request: HttpRequest) -> HttpResponse:
    """Publish the scores of a month."""
    month = _posted_month(request)
    seen = request.POST.get("seen", "")
    try:
        done = actions.publish_month(
            by=_me(request),
            at=timezone.now(),
            month=month,
            note=request.POST.get("note", ""),
            seen=int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 9 else None,
        )
    except RuleBrokenError as error:
        return _refused(request, error, month)
    messages.success(request, f"{month.name}的得分已发布，异议截至 {done.objection_until}。")
    return redirect(_board_address(month))


# --- one card -----------------------------------------------------------------------------------------------------


def card(request: HttpRequest, key: int) -> HttpResponse:
    """Show why a unit has its points: each item, each loss, and where its cause is looked up."""
    found = get_object_or_404(Scorecard.objects.select_related("unit").prefetch_related("losses"), pk=key)
    items = queries.items_of(found)
    references = [(loss.ref_kind, loss.ref_key) for item in items for loss in item.losses]
    addresses = queries.addresses(references, on=found.month_end)
    versions = queries.versions_of(found)
    published = queries.publications(found.month)
    scheme = queries.scheme_of(found)
    context = {
        "card": found,
        "month": found.month,
        "items": [
            (
                item,
                explain(item.note) if item.note else "",
                [(loss, addresses.get((loss.ref_kind, loss.ref_key), "")) for loss in item.costly],
                [(loss, addresses.get((loss.ref_kind, loss.ref_key), "")) for loss in item.free],
            )
            for item in items
        ],
        "versions": versions,
        "newest": versions[0],
        "publication": next((row for row in published if row.version == found.version), None),
        "scheme_name": scheme_names().get(found.scheme, found.scheme),
        "objection_workdays": scheme.objection_workdays,
    }
    return render(request, "scorecards/card.html", context | _rooms(request, ""))


# --- the scheme ---------------------------------------------------------------------------------------------------


def scheme(request: HttpRequest) -> HttpResponse:
    """Show the declared scheme (评分方案), with a mark at each figure that nobody confirmed."""
    today = timezone.localdate()
    found = queries.chosen_scheme(today)
    grades = {grade.key: grade.name_zh for grade in found.grades}
    context = {
        "scheme": found,
        "groups": [
            (
                group,
                [
                    (
                        item,
                        RULE_NAMES[item.rule],
                        ABSENT_NAMES[item.absent],
                        [
                            (cost, explain(f"{cost.cause}(…)").rstrip("。").replace("：…", ""))
                            for cost in item.deductions
                        ],
                    )
                    for item in group.items
                ],
            )
            for group in found.groups
        ],
        "grades": [
            (grade, f"{grade.from_points} 分以上" if grade.from_points else f"不足 {better.from_points} 分")
            for better, grade in zip((found.grades[0], *found.grades), found.grades, strict=False)
        ],
        "vetoes": [(veto, grades[veto.grade_most]) for veto in found.vetoes],
        "sources": queries.sources_of(found),
        "others": [name for key, name in scheme_names().items() if key != found.key],
    }
    return render(request, "scorecards/scheme.html", context | _rooms(request, "scheme"))


# --- events -------------------------------------------------------------------------------------------------------


def events(request: HttpRequest) -> HttpResponse:
    """Show what bars grades or adds points (考核事项), and enter one."""
    today = timezone.localdate()
    me = _me(request)
    form = _event_form(request, today)
    status = 200
    if request.method == "POST":
        if form is None:
            raise Http404
        status = 422
        if form.is_valid():
            said = form.cleaned_data
            kind, _, key = said["case"].partition(".")
            try:
                actions.enter_event(
                    by=me,
                    at=timezone.now(),
                    unit=said["unit"],
                    kind=EventKind(kind),
                    key=key,
                    day=said["day"],
                    what=said["what"],
                    evidence=said["evidence"],
                )
            except RuleBrokenError as error:
                if error.is_about_permission:
                    raise
                form.add_error(None, error.sentence(get_language()))
                status = 409
            else:
                messages.success(request, "已登记，下次为该月评分时计入。")
                return redirect("scorecards:events")
    within = places_with(me, Permission.SCORE_PUBLISH, on=today)
    scheme = queries.chosen_scheme(today)
    names = {veto.key: veto.name_zh for veto in scheme.vetoes}
    names |= {bonus.key: bonus.name_zh for group in scheme.groups for bonus in group.bonuses}
    listed = [
        (
            event,
            names.get(event.key, event.key),
            getattr(event, "withdrawal", None),
            within is None or event.unit_id in within,
        )
        for event in queries.all_events()[:EVENTS_SHOWN]
    ]
    context = {"form": form, "events": listed}
    return render(request, "scorecards/events.html", context | _rooms(request, "events"), status=status)


@require_POST
def withdraw(request: HttpRequest, key: int) -> HttpResponse:
    """Withdraw an event."""
    event = get_object_or_404(ScoreEvent.objects.select_related("unit"), pk=key)
    try:
        actions.withdraw_event(by=_me(request), at=timezone.now(), event=event, because=request.POST.get("because", ""))
    except RuleBrokenError as error:
        if error.is_about_permission:
            raise
        messages.error(request, error.sentence(get_language()))
    else:
        messages.success(request, f"已撤销：{event}。下次为该月评分时不再计入。")
    return redirect("scorecards:events")


def _event_form(request: HttpRequest, today: date) -> EventForm | None:
    me = _me(request)
    if not may_somewhere(me, Permission.SCORE_PUBLISH, on=today):
        return None
    within = places_with(me, Permission.SCORE_PUBLISH, on=today)
    units = [unit.pk for unit, _ in causes.scored_units(on=today) if within is None or unit.pk in within]
    return EventForm(
        request.POST or None, scheme=queries.chosen_scheme(today), units=units, on=today, initial={"day": today}
    )


# --- what the pages have in common --------------------------------------------------------------------------------


def _me(request: HttpRequest) -> User:
    return cast(User, request.user)


def _month(request: HttpRequest, today: date) -> Period:
    """Give the month asked for; else the newest one that was scored, else the last one that ended."""
    month = parse_key(request.GET.get("month", ""))
    if month is not None and month.kind is Kind.MONTH and month.first <= today:
        return month
    return queries.newest_month() or month_to_report(today)


def _posted_month(request: HttpRequest) -> Period:
    month = parse_key(request.POST.get("month", ""))
    if month is None or month.kind is not Kind.MONTH:
        raise Http404
    return month


def _version(request: HttpRequest, newest: int | None) -> int | None:
    asked = request.GET.get("version", "")
    if asked.isascii() and asked.isdecimal() and len(asked) < 9 and newest and 1 <= int(asked) <= newest:
        return int(asked)
    return newest


def _board_address(month: Period) -> str:
    return reverse("scorecards:board") + "?" + urlencode({"month": month.key})


def _may_publish(request: HttpRequest, units: list[Unit], today: date) -> bool:
    me = _me(request)
    if not may_somewhere(me, Permission.SCORE_PUBLISH, on=today):
        return False
    above = queries.tops(units) if units else queries.top_units(on=today)
    return bool(above) and all(may(me, Permission.SCORE_PUBLISH, unit, on=today) for unit in above)


def _refused(request: HttpRequest, error: RuleBrokenError, month: Period) -> HttpResponse:
    if error.is_about_permission:
        raise error
    messages.error(request, error.sentence(get_language()))
    return redirect(_board_address(month))


def _rooms(request: HttpRequest, here: str) -> dict[str, Any]:
    """Give the chips between the pages of this room."""
    rooms = [("board", "月度得分"), ("events", "否决与加分"), ("scheme", "评分方案")]
    return {"rooms": [(reverse(f"scorecards:{name}"), title, name == here) for name, title in rooms]}
