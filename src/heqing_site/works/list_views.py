"""Pages of task lists: all lists, one list, its sheet in and out, and the pipelines with those an office declares."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from heqing.works import Kind
from heqing_site.errors import RuleBrokenError
from heqing_site.orgs.models import Unit
from heqing_site.orgs.queries import may, may_somewhere, places_with, reach
from heqing_site.orgs.rules import Permission
from heqing_site.sheets import actions as sheets
from heqing_site.sheets.paper import export, template
from heqing_site.sheets.views import brought, xlsx
from heqing_site.works import actions, course, queries, tables
from heqing_site.works.forms import ListForm, PipelineForm
from heqing_site.works.models import TaskList
from heqing_site.works.rules import MILESTONE_NAMES, State
from heqing_site.works.views import me


def lists(request: HttpRequest) -> HttpResponse:
    """List the task lists; make a new one."""
    today = timezone.localdate()
    person = me(request)
    within = places_with(person, Permission.TASK_EDIT, on=today)
    units = Unit.objects.active_on(today)
    units = units if within is None else units.filter(pk__in=within)
    form = ListForm(request.POST or None, units=units, initial={"year": today.year})
    sentence, status = "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = actions.create_list(by=person, at=timezone.now(), **form.cleaned_data)
            except RuleBrokenError as error:
                if error.is_about_permission:
                    raise
                sentence, status = error.sentence(get_language()), 409
            else:
                messages.success(request, "清单已建立。可从 Excel 导入，或逐项列入。")
                return redirect("works:list", made.number)
    context = {
        "lists": list(queries.lists()), "form": form, "sentence": sentence, "today": today,
        "may_make": within is None or bool(within),
    }  # fmt: skip
    return render(request, "works/lists.html", context, status=status)


def task_list(request: HttpRequest, number: int) -> HttpResponse:
    """Show a list: how its works stand, its versions, its sheet in and out."""
    today = timezone.localdate()
    found = _list_or_404(number)
    adding = reach(me(request), Permission.TASK_EDIT, on=today).units  # also who looks after some matters only
    context = {
        "list": found,
        "counts": queries.counts(on=today, task_list=found.pk),
        "rows": list(queries.listed(found.works.all()).order_by("number")[:200]),
        "total": found.works.count(),
        "issues": list(queries.issues_of(found)),
        "may_edit": found.closed_on is None and may(me(request), Permission.TASK_EDIT, found.issuer, on=today),
        "may_add": found.closed_on is None and (adding is None or found.issuer_id in adding),
        "template_url": reverse("works:template"),
    }
    return render(request, "works/list.html", context)


@require_POST
def bring(request: HttpRequest, number: int) -> HttpResponse:
    """Take in the sheet of a list."""
    found = _list_or_404(number)
    now = timezone.now()
    it = brought(request)
    intake = sheets.take_in(
        by=me(request), at=now, subject="works.list", title=found.name, back=reverse("works:list", args=[number]),
        file_name=it.file_name, content=it.content, pasted=it.pasted,
        fields=tables.list_fields(on=timezone.localdate(now)),
        enter=tables.enter_line(by=me(request), at=now, task_list=found), language=get_language(),
    )  # fmt: skip
    return redirect("sheets:intake", intake.pk)


def sheet(request: HttpRequest, number: int) -> HttpResponse:
    """Hand out a list as a sheet that can be brought back."""
    today = timezone.localdate()
    found = _list_or_404(number)
    standing = found.works.exclude(state=State.DROPPED.value).only("pk")
    return xlsx(found.name, export(found.name[:30], tables.list_fields(on=today), tables.list_rows(standing, on=today)))


def empty_sheet(request: HttpRequest) -> HttpResponse:
    """Hand out an empty sheet of a list."""
    today = timezone.localdate()
    return xlsx("清单空表", template("清单", tables.list_fields(on=today), [tables.example_line(on=today)]))


@require_POST
def issue(request: HttpRequest, number: int) -> HttpResponse:
    """Issue a list again."""
    issued = actions.issue_list(
        by=me(request), at=timezone.now(), task_list=_list_or_404(number), because=request.POST.get("because", "")
    )
    messages.success(request, f"已存为第 {issued.number} 版。")
    return redirect("works:list", number)


@require_POST
def close(request: HttpRequest, number: int) -> HttpResponse:
    """Close a list."""
    actions.close_list(
        by=me(request), at=timezone.now(), task_list=_list_or_404(number), because=request.POST.get("because", "")
    )
    messages.success(request, "清单已关闭。")
    return redirect("works:list", number)


def _list_or_404(number: int) -> TaskList:
    found = queries.list_numbered(number)
    if found is None:
        raise Http404("list")
    return found


# --- pipelines ----------------------------------------------------------------------------------------------------


def pipelines(request: HttpRequest) -> HttpResponse:
    """Show the pipelines; declare one without code."""
    today = timezone.localdate()
    form = PipelineForm(request.POST or None, initial={"stages": EXAMPLE})
    sentence, status = "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            said = form.cleaned_data
            try:
                stages, papers = read_stages(said["stages"])
                made = actions.declare_pipeline(
                    by=me(request), at=timezone.now(), name=said["name"], kind=Kind(said["kind"]), stages=stages,
                    papers=papers, because=said["because"],
                )  # fmt: skip
            except RuleBrokenError as error:
                if error.is_about_permission:
                    raise
                sentence, status = error.sentence(get_language()), 409
            else:
                messages.success(request, f"流程“{made.name}”已可使用。")
                return redirect("works:pipelines")
    context = {
        "pipelines": list(course.pipelines(today).values()), "form": form, "sentence": sentence,
        "may_declare": may_somewhere(me(request), Permission.TASK_EDIT, on=today), "is_open": status != 200,
    }  # fmt: skip
    return render(request, "works/pipelines.html", context, status=status)


EXAMPLE = "排查建档｜20｜20 日｜｜排查记录\n进场施工｜50｜｜开工｜施工照片\n完工验收｜30｜10 个工作日｜竣工｜验收单"


def read_stages(typed: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Read the stages of a pipeline as typed, one a line.

    Raises
    ------
    RuleBrokenError
        ``work.stage_line_wrong``, naming the line.
    """
    milestones = {name: key for key, name in MILESTONE_NAMES.items()}
    stages: list[dict[str, Any]] = []
    papers: list[dict[str, Any]] = []
    for number, line in enumerate((line for line in typed.splitlines() if line.strip()), start=1):
        parts = [part.strip() for part in re.split(r"[｜|\t]", line)] + [""] * 4
        share = re.fullmatch(r"(\d{1,3})(?:\.\d)?%?", parts[1])
        days = re.fullmatch(r"(\d{1,4})\s*(个工作日|工作日|日|天)?", parts[2]) if parts[2] else None
        if not parts[0] or share is None or (parts[2] and days is None) or (parts[3] and parts[3] not in milestones):
            raise RuleBrokenError("work.stage_line_wrong", number=number, line=line.strip()[:60])
        key = f"s{number}"
        stages.append(
            {
                "stage": key, "name_zh": parts[0][:60], "share": parts[1].rstrip("%"),
                "days": int(days[1]) if days else None,
                "counting": "working" if days and "工作" in (days[2] or "") else "calendar",
                "milestone": milestones.get(parts[3], ""),
            }
        )  # fmt: skip
        papers += [
            {"stage": key, "paper": f"{key}p{place}", "name_zh": name[:80], "needed": True}
            for place, name in enumerate((n for n in re.split(r"[、，,]", parts[4]) if n.strip()), start=1)
        ]
    return stages, papers


def year_of(said: str, today: date) -> int:
    """Read a year from an address; the running one where there is none."""
    return int(said) if re.fullmatch(r"20\d\d", said) else today.year
