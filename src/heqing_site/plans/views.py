"""Pages of plans. Each reads one query or carries out one action, and renders.

This is where the clock is read: actions are told the moment. Rights are checked by the actions; the pages only hide
what would be refused. Everything works without scripts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, cast
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from heqing.plans import (
    Deed,
    Finding,
    Judge,
    ListForm,
    Move,
    Mover,
    State,
    finding_names,
    lists_on,
    procedure_on,
    rule_on,
)
from heqing_site.errors import RuleBrokenError
from heqing_site.library.evidence import MEGABYTE, File, endings
from heqing_site.library.serving import open_evidence
from heqing_site.monitoring import shown
from heqing_site.orgs.models import User
from heqing_site.orgs.queries import may, may_somewhere
from heqing_site.orgs.rules import Permission
from heqing_site.places.models import Section
from heqing_site.plans import actions, queries, water
from heqing_site.plans import lists as writing
from heqing_site.plans import sheets as plan_sheets
from heqing_site.plans.forms import ChapterForm, DeedForm, DraftForm, ItemForm, OpinionForm, StrikeForm
from heqing_site.plans.models import Plan, PlanFile, PlanItem
from heqing_site.plans.rules import FIRST, GRAVE, Adoption
from heqing_site.sheets import actions as sheets
from heqing_site.sheets import paper
from heqing_site.sheets.views import brought, xlsx

ROWS_ON_A_PAGE = 40
MONTHS_SHOWN = 24
MOVER_NAMES = {
    Mover.EDITOR: "等编制单位办理",
    Mover.CHIEF: "等河长或负责领导审查",
    Mover.APPROVER: "等批准人办理",
    Mover.NOBODY: "",
}


# --- the list -----------------------------------------------------------------------------------------------------


def plans(request: HttpRequest) -> HttpResponse:
    """List the plans (治理方案), those treated anew first."""
    today = timezone.localdate()
    rules = procedure_on(today)
    kinds = {kind.key: kind.name_zh for kind in rules.kinds.values()}
    states = {state.value: form for state, form in rules.states.items()}
    findings = {finding.value: name for finding, name in finding_names(today).items()}
    asked: dict[str, Any] = {
        "kind": _one_of(request, "kind", kinds),
        "state": _one_of(request, "state", states),
        "finding": _one_of(request, "finding", findings),
        "unit": _number(request.GET.get("unit", "")) or "",
        "q": request.GET.get("q", "").strip()[:80],
    }
    found = queries.chosen(
        kind=asked["kind"],
        state=asked["state"],
        unit=asked["unit"] or None,
        finding=asked["finding"],
        search=asked["q"],
    )
    page = Paginator(found, ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
    by_kind, by_state = queries.counts_by("kind"), queries.counts_by("state", kind=asked["kind"])
    by_finding = queries.counts_by("finding", kind=asked["kind"])
    total = sum(by_kind.values())
    context = {
        "today": today,
        "page": page,
        "rows": [(plan, plan.is_overdue_on(today)) for plan in page.object_list],
        "total": total,
        "improved": by_finding.get(Finding.IMPROVED.value, 0),
        "reopened": by_state.get(State.REOPENED.value, 0),
        "is_filtered": any(asked.values()),
        "kind_chips": [_chip("全部", total, asked, kind="")]
        + [_chip(name, by_kind[key], asked, kind=key) for key, name in kinds.items() if by_kind.get(key)],
        "state_chips": [
            _chip(form.name_zh, by_state[key], asked, state=key) for key, form in states.items() if by_state.get(key)
        ],
        "finding_chips": [
            _chip(name, by_finding[key], asked, finding=key) for key, name in findings.items() if by_finding.get(key)
        ],
        "units": list(queries.units_with_plans()),
        "asked": asked,
        "kept": urlencode({key: value for key, value in asked.items() if value}),
        "may_draft": may_somewhere(_me(request), Permission.PLAN_EDIT, on=today),
        "is_invented": any(plan.is_invented for plan in page.object_list),
    }
    return render(request, "plans/plans.html", context)


def _chip(title: str, count: int, asked: dict[str, Any], **choice: str) -> dict[str, Any]:
    """Give a chip; the one that is chosen already leads back to all."""
    is_here = all(asked[key] == value for key, value in choice.items())
    chosen = asked | ({key: "" for key in choice} if is_here else choice)
    return {
        "title": title,
        "count": count,
        "is_here": is_here,
        "asked": urlencode({key: value for key, value in chosen.items() if value}),
    }


def _one_of(request: HttpRequest, name: str, known: dict[str, Any]) -> str:
    said = request.GET.get(name, "")
    return said if said in known else ""


def _number(said: str) -> int | None:
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 10 else None


# --- drafting -----------------------------------------------------------------------------------------------------


def draft(request: HttpRequest) -> HttpResponse:
    """Begin a plan (立项编制)."""
    today = timezone.localdate()
    rules = procedure_on(today)
    names = ("kind", "river", "enterprise", "outlet", "unit", "title")
    initial = {name: request.GET[name] for name in names if name in request.GET}
    initial.setdefault("unit", str(_me(request).unit_id or ""))
    form = DraftForm(request.POST or None, on=today, rules=rules, initial=initial)
    sentence, status = "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = actions.draft(by=_me(request), at=timezone.now(), **form.cleaned_data)
            except RuleBrokenError as error:
                if error.is_about_permission:
                    raise
                sentence, status = error.sentence(get_language()), 409
            else:
                messages.success(request, f"已立项，编号 {made.number}。接下来写五张清单。")
                return redirect("plans:lists", made.number)
    context = {"form": form, "sentence": sentence, "rules": rules}
    return render(request, "plans/draft.html", context, status=status)


# --- one plan -----------------------------------------------------------------------------------------------------


@dataclass
class Doing:
    """A deed that this person may do now, with its form and what was refused."""

    move: Move
    form: DeedForm
    is_first: bool
    sentence: str = ""

    @property
    def is_grave(self) -> bool:
        """Whether it throws a plan back or away."""
        return self.move.deed in GRAVE


def plan(request: HttpRequest, number: int) -> HttpResponse:
    """Show a plan: whether the water got better, its lists, what I may do, its steps."""
    return _plan(request, _found(number))


@require_POST
def act(request: HttpRequest, number: int, deed: str) -> HttpResponse:
    """Do something to a plan; what is refused is told beside the form, which keeps what was typed."""
    found = _found(number)
    if deed not in {one.value for one in Deed} - {Deed.DRAFT.value}:
        raise Http404
    move = found.rules.moves[Deed(deed)]
    form = DeedForm(request.POST, move=move)
    if not form.is_valid():
        return _plan(request, found, Doing(move, form, True), status=422)
    said = form.cleaned_data
    try:
        changed = actions.carry_out(
            by=_me(request),
            at=timezone.now(),
            plan=found,
            deed=move.deed,
            note=said["note"],
            day=said.get("day"),
            reference=said.get("reference", ""),
            files=[
                File(each.name or "", each.read(settings.UPLOAD_LIMIT + 1))
                for each in request.FILES.getlist(f"{deed}-files")
            ],
            seen=_number(request.POST.get("seen", "")),
        )
    except RuleBrokenError as error:
        if error.is_about_permission:
            raise
        return _plan(request, found, Doing(move, form, True, error.sentence(get_language())), status=409)
    messages.success(request, f"已办理“{move.name_zh}”，现为“{changed.state_name}”。")
    return redirect("plans:plan", number)


def _plan(request: HttpRequest, found: Plan, faulty: Doing | None = None, status: int = 200) -> HttpResponse:
    today = timezone.localdate()
    items = queries.items_of(found)
    lists = queries.lists_of(found, items)
    doings = _doings(request, found, today)
    if faulty is not None:
        doings = [faulty, *(doing for doing in doings if doing.move.deed is not faulty.move.deed)]
        for doing in doings[1:]:
            doing.is_first = False
    faults = queries.faults_of(found, items)
    steps = list(queries.steps_of(found))
    for one in steps:
        one.plan = found
    opinions = list(queries.opinions_of(found))
    for row in opinions:
        row.plan = found
    context = {
        "plan": found,
        "today": today,
        "is_late": found.is_overdue_on(today),
        "mover": _mover_name(found),
        "first": next((doing for doing in doings if doing.is_first), None),
        "others": [doing for doing in doings if not doing.is_first],
        "lists": lists,
        "groups": queries.by_problem(lists),
        "faults": faults,
        "counts": [(each.form.short_zh, len(each.lines)) for each in lists],
        "steps": list(reversed(steps)),
        "opinions": opinions,
        "opinions_missing": queries.opinions_missing(found) if found.state == State.DRAFTED else [],
        "approval": found.rules.approvals[found.approval],
        "level": _level(found),
        "may_edit": found.is_writable
        and may(_me(request), Permission.PLAN_EDIT, found.unit, on=today, matter=found.matter),
        "kinds": endings(),
        "limit": settings.UPLOAD_LIMIT // MEGABYTE,
        **_instruments(found, items, today),
    }
    return render(request, "plans/plan.html", context, status=status)


def _mover_name(found: Plan) -> str:
    if found.mover is Mover.EDITOR:
        return f"等{found.unit}办理"
    if found.mover is Mover.CHIEF and found.chief is not None:
        return f"等{found.chief}审查"
    return MOVER_NAMES[found.mover]


def _level(found: Plan) -> dict[str, Any] | None:
    """Give how many years the plan should run by its chief's level, and whether it runs longer."""
    if found.chief is None:
        return None
    level = found.rules.level_of(found.chief.unit.kind)
    return None if level is None else {"form": level, "is_longer": found.years > level.years}


def _doings(request: HttpRequest, found: Plan, today: date) -> list[Doing]:
    """List what this person may do now; the one that is theirs to do stands out and comes first."""
    me = _me(request)
    allowed = [
        move
        for move in found.rules.possible(State(found.state))
        if queries.may_move(me, found, move, on=today)
        and not (move.needs_another_person and queries.sent_on_by(found, move) == me.pk)
    ]
    first = next((deed for deed in FIRST if any(move.deed is deed for move in allowed)), None)
    doings = [Doing(move, DeedForm(move=move), move.deed is first) for move in allowed]
    return sorted(doings, key=lambda doing: not doing.is_first)


# --- what the instruments say -------------------------------------------------------------------------------------


def _instruments(found: Plan, items: list[PlanItem], today: date) -> dict[str, Any]:
    """Tell whether the water got better, with the months beside it."""
    if found.judged_by is not Judge.WATER:
        return {"answer": _answer_without_water(found), "answer_light": found.finding_light, "standing": None}
    sections = water.sections_of(found, on=today, items=items)
    standing = water.standing(found, on=today, sections=sections)
    kept = water.compliance(found, on=today, sections=sections) if found.state == State.EVALUATED else []
    return {
        "answer": _answer(found, standing, sections),
        "answer_light": _light(standing),
        "standing": standing,
        "compared": [] if standing is None else [_compared(each) for each in standing.sections],
        "kept": kept,
        **_months(found, sections, today),
    }


def _light(standing: water.Standing | None) -> str:
    if standing is None or standing.finding is Finding.UNKNOWN:
        return "grey"
    return "green" if standing.finding is Finding.IMPROVED else "red"


def _answer(found: Plan, standing: water.Standing | None, sections: list[Section]) -> str:
    if not sections:
        return "这条河湖在名录中没有断面，看不出水质是否变好。请先登记断面。"
    if standing is None:
        return "工程还没有登记完工，完工以后才比较水质前后变化。"
    word = {Finding.IMPROVED: "水质变好了", Finding.NOT_IMPROVED: "水质没有变好", Finding.UNKNOWN: "还不能判断"}
    if standing.finding is Finding.UNKNOWN:
        return f"{standing.sentence}。"
    return f"{word[standing.finding]}：{standing.sentence}。"


def _answer_without_water(found: Plan) -> str:
    if found.judged_by is Judge.OUTLETS:
        start = "系统没有接入所涉排口的监测数据，治理效果由书面评估认定"
    else:
        start = "这一类对象没有对应的监测仪器，治理效果由书面评估认定"
    told = f"；现为“{found.finding_name}”：{found.finding_note}" if found.finding else ""
    return f"{start}{told}".rstrip("。") + "。"


def _compared(each: water.SectionFinding) -> dict[str, Any]:
    """Give one section's comparison as the page shows it."""
    names = shown.item_names("water")
    classes = shown.classes()
    return {
        "section": each.section,
        "finding": each.found.finding.value,
        "sentence": each.sentence,
        "before": classes.get(each.found.before_class or 0),
        "after": classes.get(each.found.after_class or 0),
        "pairs": list(zip(each.found.before_months, each.found.after_months, strict=False)),
        "changes": [
            {
                "name": names.get(change.item, change.item),
                "before": shown.water_value(float(change.before)),
                "after": shown.water_value(float(change.after)),
                "fall": change.fall,
            }
            for change in each.found.changes
        ],
    }


def _months(found: Plan, sections: list[Section], today: date) -> dict[str, Any]:
    """Give the ribbon of classes and the main items of each section by month, with the month of completion marked."""
    first = _months_back(today.replace(day=1), MONTHS_SHOWN - 1)
    if found.finished_on is not None:
        first = min(first, _months_back(found.finished_on.replace(day=1), 12))
    ribbon = water.ribbon(sections, first=first, last=today)
    names, units, classes = shown.item_names("water"), shown.item_units("water"), shown.classes()
    codes = [
        code
        for code in rule_on(today).items
        if any(month.values.get(code) is not None for _, months in ribbon for month in months)
    ]
    finished = found.finished_on.replace(day=1) if found.finished_on else None
    return {
        "finished_month": finished,
        "months": [month.month for month in ribbon[0][1]] if ribbon else [],
        "ribbon": [
            (
                section,
                [(month, classes.get(month.water_class) if month.water_class else None) for month in months],
                [
                    (names[code], units[code], [shown.water_value(month.values.get(code)) for month in months])
                    for code in codes
                ],
            )
            for section, months in ribbon
        ],
        "has_months": any(month.water_class is not None for _, months in ribbon for month in months),
    }


def _months_back(month: date, count: int) -> date:
    whole = month.year * 12 + month.month - 1 - count
    return date(whole // 12, whole % 12 + 1, 1)


# --- writing ------------------------------------------------------------------------------------------------------


def lists(request: HttpRequest, number: int) -> HttpResponse:
    """Show the lists and chapters to be written, with what is still broken."""
    return _lists(request, _found(number))


def _lists(request: HttpRequest, found: Plan, *, sentence: str = "", status: int = 200, **forms: Any) -> HttpResponse:
    items = queries.items_of(found)
    context = {
        "plan": found,
        "lists": queries.lists_of(found, items),
        "faults": queries.faults_of(found, items),
        "chapters": [
            (chapter, row, ChapterForm(initial={"words": row.words if row else ""}))
            for chapter, row in queries.chapters_of(found)
        ],
        "opinions": _with_plan(found, list(queries.opinions_of(found))),
        "opinion_form": forms.get("opinion") or OpinionForm(plan=found),
        "sentence": sentence,
        "may_edit": _may_edit(request, found, timezone.localdate()),
        "template_url": reverse("plans:template", args=[found.number]),
    }
    return render(request, "plans/lists.html", context, status=status)


def _with_plan(found: Plan, rows: list[Any]) -> list[Any]:
    for row in rows:
        row.plan = found
    return rows


def item(request: HttpRequest, number: int, list_key: str = "", code: str = "") -> HttpResponse:
    """Write an item of a list: a new one, or a new draft of the one that stands."""
    found, today = _found(number), timezone.localdate()
    forms = lists_on(found.drafted_on)
    newest = queries.newest_of(found, code) if code else None
    if (code and newest is None) or (not code and list_key not in forms):
        raise Http404
    form = forms[newest.list_key if newest else list_key]
    before = [each for each in queries.items_of(found) if each.list_key == form.before]
    said = ItemForm(request.POST or None, form=form, before=before, on=today, item=newest)
    sentence, status = "", 200
    if request.method == "POST":
        status = 422
        if said.is_valid():
            try:
                row, is_new = writing.put_item(
                    by=_me(request),
                    at=timezone.now(),
                    plan=found,
                    list_key=form.key,
                    code=newest.code if newest else said.cleaned_data["code"],
                    words=said.cleaned_data["words"],
                    links=said.links_said if form.before else (),
                    values=said.values,
                    seen=_number(request.POST.get("seen", "")),
                )
            except RuleBrokenError as error:
                if error.is_about_permission:
                    raise
                sentence, status = error.sentence(get_language()), 409
            else:
                messages.success(request, f"{form.short_zh} {row.code} {'已保存' if is_new else '没有变化'}。")
                if "more" in request.POST:
                    return redirect("plans:add_item", number, form.key)
                return redirect(reverse("plans:lists", args=[number]) + f"#{form.key}")
    drafts = [] if newest is None else list(queries.drafts_of(found).filter(code=newest.code))
    context = {
        "plan": found,
        "form": said,
        "list": form,
        "item": newest,
        "seen": newest.number if newest else "",
        "sentence": sentence,
        "strike_form": StrikeForm() if newest and not newest.is_struck else None,
        "drafts": [_draft_told(form, row) for row in drafts],
        "may_edit": found.is_writable
        and may(_me(request), Permission.PLAN_EDIT, found.unit, on=today, matter=found.matter),
    }
    return render(request, "plans/item.html", context, status=status)


def _draft_told(form: ListForm, row: PlanItem) -> dict[str, Any]:
    return {"row": row, "line": queries.ItemLine(row, form, (), ())}


@require_POST
def strike(request: HttpRequest, number: int, code: str) -> HttpResponse:
    """Strike an item with the reason."""
    found = _found(number)
    form = StrikeForm(request.POST)
    because = form.cleaned_data["because"] if form.is_valid() else ""
    return _written(
        request,
        found,
        lambda: writing.strike_item(by=_me(request), at=timezone.now(), plan=found, code=code, because=because),
        f"{code} 已删去，历次内容仍可查。",
    )


@require_POST
def chapter(request: HttpRequest, number: int, chapter: str) -> HttpResponse:
    """Write the words of a chapter."""
    found = _found(number)
    form = ChapterForm(request.POST)
    words = form.cleaned_data["words"] if form.is_valid() else request.POST.get("words", "")
    return _written(
        request,
        found,
        lambda: writing.write_chapter(by=_me(request), at=timezone.now(), plan=found, chapter=chapter, words=words),
        "章节已保存。",
        anchor="chapters",
    )


@require_POST
def opinion(request: HttpRequest, number: int) -> HttpResponse:
    """Enter an opinion on a plan."""
    found = _found(number)
    form = OpinionForm(request.POST, plan=found)
    if not form.is_valid():
        return _lists(request, found, opinion=form, status=422)
    said = form.cleaned_data | {"adoption": Adoption(form.cleaned_data["adoption"])}
    return _written(
        request,
        found,
        lambda: actions.add_opinion(by=_me(request), at=timezone.now(), plan=found, **said),
        "意见已登记。",
        anchor="opinions",
        opinion=form,
    )


def _written(
    request: HttpRequest, found: Plan, write: Callable[[], object], told: str, *, anchor: str = "", **forms: Any
) -> HttpResponse:
    try:
        write()
    except RuleBrokenError as error:
        if error.is_about_permission:
            raise
        return _lists(request, found, sentence=error.sentence(get_language()), status=409, **forms)
    messages.success(request, told)
    return redirect(reverse("plans:lists", args=[found.number]) + (f"#{anchor}" if anchor else ""))


# --- sheets -------------------------------------------------------------------------------------------------------


@require_POST
def bring(request: HttpRequest, number: int) -> HttpResponse:
    """Take in the lists from Excel or a paste."""
    found, at = _found(number), timezone.now()
    back = reverse("plans:lists", args=[number])
    try:
        said = brought(request)
        taken = sheets.take_in(
            by=_me(request),
            at=at,
            subject=plan_sheets.SUBJECT,
            back=back,
            title=f"{found.title} 清单",
            file_name=said.file_name,
            content=said.content,
            pasted=said.pasted,
            fields=plan_sheets.columns(found, on=timezone.localdate(at)),
            enter=plan_sheets.enterer(found, by=_me(request), at=at),
            language=get_language(),
        )
    except RuleBrokenError as error:
        if error.is_about_permission:
            raise
        return _lists(request, found, sentence=error.sentence(get_language()), status=409)
    return redirect("sheets:intake", taken.pk)


def template(request: HttpRequest, number: int) -> HttpResponse:
    """Hand out the empty sheet of the lists."""
    found = _found(number)
    return xlsx(f"{found.title} 清单空表", paper.template("清单", plan_sheets.columns(found, on=timezone.localdate())))


def export(request: HttpRequest, number: int) -> HttpResponse:
    """Hand out the lists, all five or one, so that they can be brought back."""
    found = _found(number)
    key = request.GET.get("list", "")
    key = key if key in lists_on(found.drafted_on) else ""
    rows = plan_sheets.rows(found, queries.items_of(found), list_key=key)
    name = lists_on(found.drafted_on)[key].name_zh if key else "五张清单"
    content = paper.export("清单", plan_sheets.columns(found, on=timezone.localdate(), list_key=key), rows)
    return xlsx(f"{found.title} {name}", content)


# --- print and history --------------------------------------------------------------------------------------------


def printed(request: HttpRequest, number: int) -> HttpResponse:
    """Show a plan as it is printed: chapters with the lists that stand in them, as of a day."""
    found = _found(number)
    as_of = _day(request.GET.get("as_of", "")) or timezone.localdate()
    known = {each.form.key: each for each in queries.lists_of(found, queries.items_of(found, as_of=as_of))}
    context = {
        "plan": found,
        "as_of": as_of,
        "kind": found.rules.kind(found.kind),
        "chapters": [(c, row, known.get(c.list)) for c, row in queries.chapters_of(found, as_of=as_of)],
    }
    return render(request, "plans/print.html", context)


def history(request: HttpRequest, number: int) -> HttpResponse:
    """Show the lists as of any day, and every change, newest first."""
    found = _found(number)
    today = timezone.localdate()
    as_of = _day(request.GET.get("as_of", "")) or today
    page = Paginator(queries.drafts_of(found), ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
    forms = lists_on(found.drafted_on)
    context = {
        "plan": found,
        "as_of": as_of,
        "today": today,
        "lists": queries.lists_of(found, queries.items_of(found, as_of=as_of)),
        "page": page,
        "drafts": [_draft_told(forms[row.list_key], row) for row in page.object_list],
    }
    return render(request, "plans/history.html", context)


def file(request: HttpRequest, key: int) -> HttpResponseBase:
    """Open a file that came with a step."""
    return open_evidence(get_object_or_404(PlanFile, pk=key))


# --- what the pages have in common --------------------------------------------------------------------------------


def _day(said: str) -> date | None:
    try:
        found = date.fromisoformat(said)
    except ValueError:
        return None
    return found if timedelta(0) <= found - date(2000, 1, 1) < timedelta(days=100_000) else None


def _may_edit(request: HttpRequest, found: Plan, today: date) -> bool:
    return may(_me(request), Permission.PLAN_EDIT, found.unit, on=today, matter=found.matter)


def _me(request: HttpRequest) -> User:
    return cast(User, request.user)


def _found(number: int) -> Plan:
    found = queries.plan_numbered(number)
    if found is None:
        raise Http404("plan")
    return found
