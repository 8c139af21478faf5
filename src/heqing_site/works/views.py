"""Pages of works: the list, one work with its deeds, a new or amended one. Each reads one query or does one action.

This is where the clock is read: actions are told the moment. Rights are checked by the actions; the pages only hide
what would be refused. Lists and sheets: ``works.list_views``; desk, progress and slips: ``works.desk_views``; board and
timetable: ``works.chart_views``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, cast
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from heqing.works import Kind, Pipeline, clock_days, lag, planned_days, scheme_names, scheme_on
from heqing_site.errors import RuleBrokenError
from heqing_site.ledger.models import Target
from heqing_site.ledger.queries import terms_as_of, terms_of
from heqing_site.library.evidence import MEGABYTE, File, endings
from heqing_site.library.rules import PILLAR_NAMES
from heqing_site.library.serving import open_evidence
from heqing_site.orgs.models import Term, User
from heqing_site.orgs.queries import may
from heqing_site.orgs.rules import Permission
from heqing_site.works import actions, contributions, course, queries, slips
from heqing_site.works.forms import ContributionForm, DeedForm, PaperForm, SlipForm, WorkForm
from heqing_site.works.models import TaskList, Work
from heqing_site.works.queries import Choice
from heqing_site.works.records import Contribution, ProgressFile, WorkPaper
from heqing_site.works.rules import DEED_NAMES, KIND_NAMES, MILESTONE_NAMES, STATE_NAMES, Deed, State, say_lag
from heqing_site.works.tables import say_funds

ROWS_ON_A_PAGE = 50
LIGHTS = {"red": "预警", "yellow": "滞后", "green": "正常", "grey": "无法判断"}
GRAVE = (Deed.RETURN, Deed.DROP, Deed.REFUSE)
DEEDS = (Deed.ACTIVATE, Deed.ADVANCE, Deed.FINISH, Deed.RETURN, Deed.ASK, Deed.GRANT, Deed.REFUSE, Deed.DROP)


def me(request: HttpRequest) -> User:
    """Give the person who asks."""
    return cast(User, request.user)


def number_of(said: str) -> int | None:
    """Read a number from an address; None where there is none."""
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 10 else None


def seen_of(request: HttpRequest) -> int | None:
    """Read the version that the person had before their eyes."""
    return number_of(request.POST.get("seen", ""))


def month_of(said: str) -> date | None:
    """Read a month from an address, as its first day."""
    try:
        return date.fromisoformat(f"{said}-01")
    except ValueError:
        return None


def asked(request: HttpRequest) -> Choice:
    """Read what a page of works is asked for."""
    said = request.GET
    return Choice(
        task_list=number_of(said.get("list", "")),
        unit=number_of(said.get("unit", "")),
        pillar=said.get("pillar", "") if said.get("pillar", "") in PILLAR_NAMES else "",
        kind=said.get("kind", "") if said.get("kind", "") in {kind.value for kind in KIND_NAMES} else "",
        state=said.get("state", "") if said.get("state", "") in {state.value for state in State} else "",
        stage=said.get("stage", "")[:60],
        light=said.get("light", "") if said.get("light", "") in LIGHTS else "",
        slip=said.get("slip", "")[:8],
        words=said.get("q", "").strip()[:60],
        finish=month_of(said.get("finish", "")),
        is_late=said.get("late") == "1",
    )


def say_clock(day: date | None, today: date) -> str:
    """Tell how a deadline stands: days left, today, days late."""
    if day is None:
        return ""
    days = (day - today).days
    return f"逾期 {-days} 天" if days < 0 else "今天到期" if days == 0 else f"还有 {days} 天"


# --- the list -----------------------------------------------------------------------------------------------------


def works(request: HttpRequest) -> HttpResponse:
    """List tasks and projects, those due first before the others."""
    today = timezone.localdate()
    said = asked(request)
    lists = list(TaskList.objects.order_by("-year", "number"))
    units = list(queries.units_with_works())
    page = Paginator(queries.chosen(said, on=today), ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
    found = queries.counts(on=today, task_list=said.task_list, unit=said.unit)
    kept = {key: request.GET.get(key, "") for key in ("list", "unit", "pillar", "kind", "q")}
    is_plain = not (said.light or said.is_late or said.state)
    context = {
        "today": today,
        "page": page,
        "rows": [(work, say_clock(work.planned_finish, today) if work.is_in_hand else "") for work in page.object_list],
        "counts": found,
        "red": found.lights.get("red", 0),
        "yellow": found.lights.get("yellow", 0),
        "chips": [
            chip("在办", found.in_hand, is_plain, kept),
            chip("逾期", found.late, said.is_late, {**kept, "late": 1}),
            *(
                chip(LIGHTS[light], found.lights.get(light, 0), said.light == light, {**kept, "light": light}, light)
                for light in ("red", "yellow", "green")
            ),
            *(
                chip(STATE_NAMES[state], found.states.get(state.value, 0), said.state == state.value,
                     {**kept, "state": state.value})
                for state in (State.DRAFT, State.DONE, State.DROPPED)
                if found.states.get(state.value)
            ),
        ],
        "lists": lists,
        "units": units,
        "pillars": PILLAR_NAMES.items(),
        "kinds": [(kind.value, name) for kind, name in KIND_NAMES.items()],
        "stages": queries.stage_names(said.task_list),
        "said": said,
        "asked": urlencode({key: value for key, value in request.GET.items() if key != "page"}),
        "is_invented": any(work.is_invented for work in page.object_list),
        "scheme": scheme_on(scheme_key(), today),
    }  # fmt: skip
    return render(request, "works/works.html", context)


def scheme_key() -> str:
    """Give the light scheme of this installation."""
    return str(settings.WORK_SCHEME or next(iter(scheme_names())))


def chip(title: str, count: int, is_here: bool, said: dict[str, Any], light: str = "") -> dict[str, Any]:
    """Give a filter as the page draws it."""
    query = urlencode({key: value for key, value in said.items() if value})
    return {"title": title, "count": count, "is_here": is_here, "asked": query, "light": light}


# --- one work -----------------------------------------------------------------------------------------------------


@dataclass
class Doing:
    """A deed that this person may do now, with its form and what was refused."""

    deed: Deed
    title: str
    form: DeedForm
    is_first: bool = False
    sentence: str = ""

    @property
    def is_grave(self) -> bool:
        """Whether it throws a work back or away."""
        return self.deed in GRAVE


@dataclass(frozen=True)
class StageRow:
    """One stage of the line: where the work has come to, planned and reached day, papers."""

    name: str
    standing: str  # past, now, ahead
    planned: date | None
    reached: date | None
    lag: str
    milestone: str
    papers: list[tuple[str, bool, WorkPaper | None]]
    days: str


def work(request: HttpRequest, number: int) -> HttpResponse:
    """Show a work: whose move it is, its clock, its stages, papers, progress, money, slips, what it counts."""
    return _page(request, found_or_404(number))


@require_POST
def act(request: HttpRequest, number: int, deed: str) -> HttpResponse:
    """Do something to a work; what is refused is told beside the form, which keeps what was typed."""
    found = found_or_404(number)
    if deed not in {one.value for one in DEEDS}:
        raise Http404
    done = Deed(deed)
    form = DeedForm(request.POST, deed=done, work=found)
    if not form.is_valid():
        return _page(request, found, Doing(done, _title(found, done), form, True), status=422)
    try:
        changed = _carry_out(request, found, done, form)
    except RuleBrokenError as error:
        if error.is_about_permission:
            raise
        refused = Doing(done, _title(found, done), form, True, error.sentence(get_language()))
        return _page(request, found, refused, status=409)
    messages.success(request, f"已办理“{_title(found, done)}”，现为“{changed.standing}”。")
    return redirect("works:work", number)


def _carry_out(request: HttpRequest, found: Work, deed: Deed, form: DeedForm) -> Work:
    said = form.cleaned_data
    who: dict[str, Any] = {
        "by": me(request), "at": timezone.now(), "work": found, "note": said["note"], "seen": seen_of(request),
    }  # fmt: skip
    if deed in (Deed.ADVANCE, Deed.FINISH):
        return actions.advance(**who, day=said["day"])
    if deed is Deed.ASK:
        return actions.ask_postponement(**who, new_finish=said["new_finish"])
    if deed in (Deed.GRANT, Deed.REFUSE):
        return actions.answer_postponement(**who, is_granted=deed is Deed.GRANT)
    deeds: dict[Deed, Callable[..., Work]] = {
        Deed.ACTIVATE: actions.activate, Deed.RETURN: actions.return_stage, Deed.DROP: actions.drop_work,
    }  # fmt: skip
    return deeds[deed](**who)


@require_POST
def add_paper(request: HttpRequest, number: int) -> HttpResponse:
    """Hand in a paper of a stage."""
    found = found_or_404(number)
    pipeline = course.pipeline_of(found, on=timezone.localdate())
    form = PaperForm(request.POST, request.FILES, pipeline=pipeline, stage=found.stage)
    if not form.is_valid():
        return _page(request, found, status=422, papers=form)
    said = form.cleaned_data
    file = said["file"]
    try:
        row = actions.add_paper(
            by=me(request), at=timezone.now(), work=found, paper=said["paper"], paper_number=said["paper_number"],
            issued_on=said["issued_on"], file=File(file.name or "", file.read(settings.UPLOAD_LIMIT + 1)),
        )  # fmt: skip
    except RuleBrokenError as error:
        if error.is_about_permission:
            raise
        return _page(request, found, status=409, papers=form, sentence=error.sentence(get_language()))
    messages.success(request, f"已收到“{row.name}”。")
    return redirect("works:work", number)


@require_POST
def draw_up_slip(request: HttpRequest, number: int) -> HttpResponse:
    """Draw up a slip by hand."""
    found = found_or_404(number)
    form = SlipForm(request.POST)
    if not form.is_valid():
        return _page(request, found, status=422, slip=form)
    try:
        made = slips.propose_slip(
            by=me(request), at=timezone.now(), work=found, words=form.cleaned_data["words"],
            colour=form.cleaned_data["colour"],
        )  # fmt: skip
    except RuleBrokenError as error:
        if error.is_about_permission:
            raise
        return _page(request, found, status=409, slip=form, sentence=error.sentence(get_language()))
    return redirect("works:slip", made.number)


@require_POST
def count(request: HttpRequest, number: int) -> HttpResponse:
    """Count what the work brought toward a target."""
    found = found_or_404(number)
    form = _count_form(found, timezone.localdate(), request.POST)
    if not form.is_valid():
        return _page(request, found, status=422, counting=form)
    said = form.cleaned_data
    try:
        row = contributions.count_contribution(
            by=me(request), at=timezone.now(), work=found, target=get_object_or_404(Target, pk=said["target"]),
            object_key=said["object_key"], amount=said["amount"], words=said["words"],
            stage_required=said["stage_required"], paper=said["paper"],
        )  # fmt: skip
    except RuleBrokenError as error:
        if error.is_about_permission:
            raise
        return _page(request, found, status=409, counting=form, sentence=error.sentence(get_language()))
    messages.success(request, f"“{row.object_key}”已计入目标 {row.target.number}。")
    return redirect("works:work", number)


@require_POST
def take_back(request: HttpRequest, key: int) -> HttpResponse:
    """Take a contribution back, with the reason."""
    row = get_object_or_404(Contribution.objects.select_related("work"), pk=key)
    contributions.take_back(
        by=me(request), at=timezone.now(), contribution=row, because=request.POST.get("because", "")
    )
    messages.success(request, f"“{row.object_key}”已冲回。")
    return redirect("works:work", row.work.number)


def paper(request: HttpRequest, key: int) -> HttpResponseBase:
    """Open a paper of a stage."""
    return open_evidence(get_object_or_404(WorkPaper, pk=key))


def photo(request: HttpRequest, key: int) -> HttpResponseBase:
    """Open a file of a month's progress."""
    return open_evidence(get_object_or_404(ProgressFile, pk=key))


# --- a new work, an amended one -----------------------------------------------------------------------------------


def new(request: HttpRequest, number: int) -> HttpResponse:
    """Put a work on a list."""
    today = timezone.localdate()
    task_list = queries.list_numbered(number)
    if task_list is None:
        raise Http404
    form = WorkForm(request.POST or None, on=today, is_new=True)
    sentence, status = "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            said = form.cleaned_data
            try:
                made = actions.create_work(
                    by=me(request), at=timezone.now(), task_list=task_list, item=said["item"], kind=Kind(said["kind"]),
                    pipeline=said["pipeline"], facts=form.facts(), targets=[row.target for row in said["targets"]],
                )  # fmt: skip
            except RuleBrokenError as error:
                if error.is_about_permission:
                    raise
                sentence, status = error.sentence(get_language()), 409
            else:
                messages.success(request, f"已列入清单，编号 {made.number}。核对后启动。")
                return redirect("works:work", made.number)
    context = {"form": form, "sentence": sentence, "task_list": task_list}
    return render(request, "works/edit.html", context, status=status)


def amend(request: HttpRequest, number: int) -> HttpResponse:
    """Change what is promised of a work."""
    today = timezone.localdate()
    found = found_or_404(number)
    linked = [link.target_id for link in queries.links_of(found)]
    terms = terms_as_of(today).filter(target__in=linked).values_list("pk", flat=True)
    initial = {name: getattr(found, name) for name in Work.FACTS} | {"targets": list(terms)}
    initial |= {f"fund_{key}": value for key, value in found.money_by_fund.items()}
    form = WorkForm(request.POST or None, on=today, is_new=False, initial=initial)
    sentence, status = "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            said = form.cleaned_data
            try:
                actions.amend_work(
                    by=me(request), at=timezone.now(), work=found, because=said["because"], facts=form.facts(),
                    targets=[row.target for row in said["targets"]], seen=seen_of(request),
                )  # fmt: skip
            except RuleBrokenError as error:
                if error.is_about_permission:
                    raise
                sentence, status = error.sentence(get_language()), 409
            else:
                messages.success(request, "已调整，原条款保留。")
                return redirect("works:work", number)
    context = {"form": form, "sentence": sentence, "work": found, "task_list": found.task_list}
    return render(request, "works/edit.html", context, status=status)


# --- the page of a work -------------------------------------------------------------------------------------------


def found_or_404(number: int) -> Work:
    """Find a work, or say that there is none."""
    found = queries.work_numbered(number)
    if found is None:
        raise Http404("work")
    return found


def _page(
    request: HttpRequest,
    found: Work,
    faulty: Doing | None = None,
    status: int = 200,
    papers: PaperForm | None = None,
    slip: SlipForm | None = None,
    counting: ContributionForm | None = None,
    sentence: str = "",
) -> HttpResponse:
    today = timezone.localdate()
    person = me(request)
    found.refresh_from_db(fields=["state", "version", "stage", "stage_name", "asked_finish"])
    pipeline = course.pipeline_of(found, on=today)
    kept = {row.paper: row for row in queries.papers_of(found)}
    doings = _doings(person, found, pipeline, today)
    if faulty is not None:
        doings = [faulty, *[doing for doing in doings if doing.deed is not faulty.deed]]
        for doing in doings[1:]:
            doing.is_first = False
    acting = found.acting_unit or found.lead_unit
    is_ours = acting.pk in queries.own_units(person) or person.unit_id is None
    may_report = (
        found.is_in_hand and is_ours and may(person, Permission.TASK_REPORT, acting, on=today, matter=found.pillar)
    )
    may_edit = may(person, Permission.TASK_EDIT, found.task_list.issuer, on=today, matter=found.pillar)
    pressed = list(queries.slips_of(found))
    is_free = found.is_in_hand and not any(one.is_open for one in pressed)
    may_press = is_free and may(person, Permission.SLIP_ISSUE, found.lead_unit, on=today, matter=found.pillar)
    links = [(link.target, terms_of(link.target, as_of=today)) for link in queries.links_of(found)]
    told = list(queries.progress_of(found)[:24])
    context = {
        "work": found,
        "pipeline": pipeline,
        "today": today,
        "clock": say_clock(found.planned_finish, today) if found.is_in_hand else found.state_name,
        "is_late": found.is_in_hand and found.planned_finish is not None and today > found.planned_finish,
        "move": _move(found, pipeline, today),
        "stage_clock": say_clock(found.stage_due, today) if found.is_in_hand else "",
        "stages": _stages(found, pipeline, kept, today),
        "apart": actions.bundles_apart(pipeline, [p for s in pipeline.stages for p in s.papers], kept),
        "clocks": _clocks(pipeline, kept, today),
        "papers": list(queries.papers_of(found)),
        "paper_form": papers or (PaperForm(pipeline=pipeline, stage=found.stage) if may_report else None),
        "doings": doings,
        "others": [doing for doing in doings if not doing.is_first],
        "nobody": "" if any(doing.is_first for doing in doings) or may_report else _why_not_me(found),
        "may_report": may_report,
        "may_edit": may_edit and found.state in (State.DRAFT, State.ACTIVE),
        "progress": told,
        "bars": list(reversed([row for row in told if _is_newest(row, told)])),
        "parts": list(queries.parts_of(found)),
        "served": links,
        "counted": list(queries.contributions_of(found)),
        "totals": queries.totals_of(found),
        "count_form": counting or (_count_form(found, today) if may_edit and links and not _is_new(found) else None),
        "slips": pressed,
        "slip_form": slip or (SlipForm() if may_press else None),
        "steps": list(queries.steps_of(found)),
        "terms": list(found.terms.order_by("-number")),
        "signals": list(found.signals.order_by("-day", "-pk")[:12]),
        "funds": say_funds(found.money_by_fund),
        "people": _people(found, today),
        "scheme": scheme_on(scheme_key(), today),
        "sentence": sentence,
        "kinds": endings(),
        "limit": settings.UPLOAD_LIMIT // MEGABYTE,
    }
    return render(request, "works/work.html", context, status=status)


def _is_new(found: Work) -> bool:
    return found.state in (State.DRAFT, State.DROPPED)


def _is_newest(row: Any, told: list[Any]) -> bool:
    return all(other.number <= row.number for other in told if other.month == row.month)


def _count_form(found: Work, today: date, said: Any = None) -> ContributionForm:
    pipeline = course.pipeline_of(found, on=today)
    targets = []
    for link in queries.links_of(found):
        terms = terms_of(link.target, as_of=today)
        if terms is not None:
            targets.append((str(link.target_id), f"{link.target.number} {terms.title}{terms.demand}"[:60]))
    return ContributionForm(said, work=found, pipeline=pipeline, targets=targets)


def _people(found: Work, today: date) -> list[tuple[str, str, str]]:
    """Name who answers for a work, each with whoever holds the post today."""
    posts = [found.principal_id, found.leader_id, found.actor_id]
    holders = {
        term.post_id: term.holder.display_name
        for term in Term.objects.current_on(today)
        .filter(post__in=[key for key in posts if key])
        .select_related("holder")
    }
    rows = (("主要领导负总责", found.principal), ("分管领导具体抓", found.leader), ("承办岗位", found.actor))
    return [
        (what, str(post) if post else "未明确", holders.get(post.pk, "暂缺") if post else "")
        for what, post in rows
        if post is not None or what != "承办岗位"
    ]


def _title(found: Work, deed: Deed) -> str:
    if deed in (Deed.ADVANCE, Deed.FINISH):
        return f"完成“{found.stage_name}”" if deed is Deed.ADVANCE else "核查办结"
    return DEED_NAMES[deed]


def _doings(person: User, found: Work, pipeline: Pipeline, today: date) -> list[Doing]:
    """List what this person may do now; what is theirs to do stands out and comes first."""
    deeds: list[tuple[Deed, bool]] = []
    may_edit = may(person, Permission.TASK_EDIT, found.task_list.issuer, on=today, matter=found.pillar)
    if found.state == State.DRAFT and may_edit:
        deeds += [(Deed.ACTIVATE, True), (Deed.DROP, False)]
    if found.is_in_hand and found.acting_unit is not None and found.checker_unit is not None:
        is_other = person.unit_id is not None and person.unit_id not in (found.lead_unit_id, found.acting_unit_id)
        is_last = pipeline.after(found.stage) is None
        checks = is_other and may(person, Permission.TASK_REPORT, found.checker_unit, on=today, matter=found.pillar)
        acts = found.acting_unit_id in queries.own_units(person) or person.unit_id is None
        acts = acts and may(person, Permission.TASK_REPORT, found.acting_unit, on=today, matter=found.pillar)
        if found.asked_finish is not None and may_edit and is_other:
            deeds += [(Deed.GRANT, True), (Deed.REFUSE, False)]
        if is_last and checks:
            deeds.append((Deed.FINISH, True))
        if not is_last and acts:
            deeds.append((Deed.ADVANCE, True))
        if acts and found.asked_finish is None and found.planned_finish is not None and today <= found.planned_finish:
            deeds.append((Deed.ASK, False))
        if checks and pipeline.before(found.stage) is not None:
            deeds.append((Deed.RETURN, False))
        if may_edit:
            deeds.append((Deed.DROP, False))
    first = next((deed for deed, stands_out in deeds if stands_out), None)
    doings = [Doing(deed, _title(found, deed), DeedForm(deed=deed, work=found), deed is first) for deed, _ in deeds]
    return sorted(doings, key=lambda doing: not doing.is_first)


def _move(found: Work, pipeline: Pipeline, today: date) -> str:
    """Say whose move it is."""
    if found.state == State.DRAFT:
        return f"等{found.task_list.issuer}明确责任后启动"
    if not found.is_in_hand:
        return "没有要办的"
    if found.asked_finish is not None:
        return f"等{found.task_list.issuer}批复延期至 {found.asked_finish}"
    if pipeline.after(found.stage) is None:
        return f"等{found.checker_unit}核查办结"
    return f"等{found.acting_unit}完成“{found.stage_name}”"


def _why_not_me(found: Work) -> str:
    if not found.is_in_hand:
        return "这一项没有在办，没有要办的。" if found.state != State.DRAFT else "这一项还没有启动，由制发单位启动。"
    return "现在没有要您办的。"


def _stages(found: Work, pipeline: Pipeline, kept: dict[str, WorkPaper], today: date) -> list[StageRow]:
    planned = planned_days(pipeline, found.planned_start, found.planned_finish)
    places = [stage.key for stage in pipeline.stages]
    here = places.index(found.stage) if found.stage in places else -1
    left = {}
    for step in found.steps.filter(deed__in=[Deed.ADVANCE.value, Deed.FINISH.value]).order_by("number"):
        left[step.left] = step.on
    reached = {"start": found.started_on, "entry": found.entered_on, "finish": found.finished_on}
    rows = []
    for number, stage in enumerate(pipeline.stages):
        standing = "past" if found.state == State.DONE or number < here else "now" if number == here else "ahead"
        day = left.get(stage.key) if standing == "past" else None
        if stage.milestone is not None:
            day = reached[stage.milestone.value] or day
        late = lag(planned.get(stage.key), day, today)
        rows.append(
            StageRow(
                name=stage.name_zh,
                standing=standing,
                planned=planned.get(stage.key),
                reached=day,
                lag=say_lag(late, is_reached=day is not None),
                milestone=MILESTONE_NAMES.get(stage.milestone.value, "") if stage.milestone else "",
                papers=[(p.name_zh, p.is_needed, kept.get(p.key)) for p in stage.papers],
                days=""
                if stage.days is None
                else f"{stage.days} {'个工作日' if stage.counting == 'working' else '日'}",
            )
        )
    return rows


def _clocks(pipeline: Pipeline, kept: dict[str, WorkPaper], today: date) -> list[tuple[str, int | None, int, bool]]:
    told = []
    for clock in pipeline.clocks:
        begun, ended = kept.get(clock.from_paper), kept.get(clock.to_paper)
        days = clock_days(begun.issued_on if begun else None, ended.issued_on if ended else None, today)
        told.append((clock.name_zh, days, clock.target_days, ended is not None))
    return told
