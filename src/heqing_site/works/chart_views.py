"""The board (挂图作战) and the timetable (甘特图) of works."""

from __future__ import annotations

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from heqing_site.works import gantt, queries
from heqing_site.works.list_views import year_of
from heqing_site.works.models import TaskList, Work
from heqing_site.works.rules import State
from heqing_site.works.views import number_of

BARS_ON_A_PAGE = 40
UNITS_ON_A_PAGE = 30


def board(request: HttpRequest) -> HttpResponse:
    """Show the works of a year by unit and month of the planned finish, in shapes, colours and counts."""
    today = timezone.localdate()
    year = year_of(request.GET.get("year", ""), today)
    chosen = number_of(request.GET.get("list", ""))
    by_acting = request.GET.get("by") == "acting"
    rows = queries.board(year=year, task_list=chosen, by_acting=by_acting)
    worst = next((row for row in rows if row.red), None)
    page = Paginator(rows, UNITS_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "rows": page.object_list,
        "page": page,
        "months": range(1, 13),
        "now": today.month if year == today.year else 0,
        "year": year,
        "years": queries.years() or [year],
        "lists": list(TaskList.objects.order_by("-year", "number")),
        "list": chosen,
        "by_acting": by_acting,
        "total": sum(row.total for row in rows),
        "red": sum(row.red for row in rows),
        "worst": worst,
        "is_invented": Work.objects.filter(is_invented=True).exists(),
    }
    return render(request, "works/board.html", context)


def timetable(request: HttpRequest) -> HttpResponse:
    """Show the works of a list as bars, planned and actual, with today's line."""
    today = timezone.localdate()
    lists = list(TaskList.objects.order_by("-year", "number"))
    chosen = number_of(request.GET.get("list", "")) or (lists[0].pk if lists else None)
    kind = request.GET.get("kind", "") if request.GET.get("kind", "") in ("task", "project") else ""
    found = Work.objects.filter(task_list=chosen, planned_start__isnull=False, planned_finish__isnull=False)
    found = found.exclude(state=State.DROPPED.value)
    if kind:
        found = found.filter(kind=kind)
    page = Paginator(
        found.select_related("lead_unit").defer("requirement").order_by("planned_start", "number"), BARS_ON_A_PAGE
    ).get_page(request.GET.get("page"))
    context = {
        "picture": gantt.picture(page.object_list, on=today),
        "page": page,
        "lists": lists,
        "list": chosen,
        "kind": kind,
        "today": today,
        "asked": urlencode({key: value for key, value in request.GET.items() if key != "page"}),
        "is_invented": any(work.is_invented for work in page.object_list),
    }
    return render(request, "works/timetable.html", context)
