"""Pages on which a target is handed down to units, and planned through its months. Each renders what was typed.

Proposals only fill the form; nothing is handed down until the officer saves. Everything works without JavaScript:
the browser shows the same gap while typing that the server shows after 预览.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language

from heqing.ledger import gap, month_ends, split_by_weight, split_equal
from heqing_site.errors import RuleBrokenError
from heqing_site.ledger import plans, splitting, tree
from heqing_site.ledger.models import Target, TargetTerms
from heqing_site.ledger.pasting import pasted_parts, pasted_plan
from heqing_site.ledger.plans import PlanRow
from heqing_site.ledger.rules import COMPLETE, PLAN_NAMES, PlanBasis, SourceKind, number_typed
from heqing_site.ledger.splitting import Part
from heqing_site.ledger.tree import Load
from heqing_site.ledger.views import me, target_and_terms
from heqing_site.library.rules import plain
from heqing_site.orgs.models import Unit
from heqing_site.orgs.queries import may
from heqing_site.orgs.rules import Permission

OVER = {"places": "镇街", "departments": "部门"}
EXTRA_MILESTONES = 4  # blank lines for milestones beside the months


@dataclass
class Row:
    """One unit on the page: what it has now, and what was typed for it."""

    unit: Unit
    standing: TargetTerms | None
    last_year: Decimal | None
    is_in: bool = True
    is_back: bool = False
    typed: str = ""
    weight: str = ""
    fault: str = ""

    @property
    def value(self) -> Decimal | None:
        """The number typed, None where there is none."""
        return number_typed(self.typed) if self.typed.strip() else None

    @property
    def counts(self) -> bool:
        """Whether the unit takes part."""
        return self.is_in and not self.is_back

    @property
    def last_year_plain(self) -> str:
        """What the unit reached last year."""
        return "" if self.last_year is None else plain(self.last_year)


@dataclass(frozen=True)
class Together:
    """What the rows come to, against the whole."""

    whole: Decimal
    total: Decimal
    lacks: Decimal
    downward: bool

    @property
    def is_enough(self) -> bool:
        """Whether the parts are enough, or not too much."""
        return self.lacks <= 0

    @property
    def total_plain(self) -> str:
        """The sum as pages show it."""
        return plain(self.total)

    @property
    def lacks_plain(self) -> str:
        """The difference without its sign."""
        return plain(abs(self.lacks))


def split(request: HttpRequest, number: int) -> HttpResponse:
    """Hand a target down to towns or departments."""
    today = timezone.localdate()
    target, terms = target_and_terms(number)
    over = request.POST.get("over") or request.GET.get("over") or "places"
    over = over if over in OVER else "places"
    units = tree.units_to_split_over(terms, over=over, on=today)
    loads = tree.loads(terms, units, on=today)
    standing = {part.lead_unit_id: part for part in tree.parts_of(target, as_of=today)}
    rows = [_row(unit, standing.get(unit.pk), loads, request, any_standing=bool(standing)) for unit in units]
    others = [part for key, part in standing.items() if key not in {unit.pk for unit in units}]
    error = ""
    faults: list[str] = []
    do = request.POST.get("do", "")
    if request.method == "POST":
        if do == "paste" or request.POST.get("pasted", "").strip():
            faults = _paste(rows, request.POST.get("pasted", ""))
        if do == "fill":
            error = _fill(rows, terms, request.POST.get("basis", ""), loads)
        if do == "save" and not faults:
            error = _save(request, target, terms, rows)
            if not error:
                return redirect("ledger:target", number)
    context = {
        "target": target,
        "terms": terms,
        "rows": rows,
        "others": others,
        "over": over,
        "overs": OVER.items(),
        "area": tree.area_of(terms),
        "bases": _bases(terms, loads),
        "basis": request.POST.get("basis", ""),
        "adds_up": tree.adds_up(terms),
        "is_deed": terms.comparator == COMPLETE,
        "is_limit": not tree.adds_up(terms) and terms.comparator != COMPLETE,
        "downward": tree.is_downward(terms),
        "decimals": tree.decimals_of(terms),
        "together": _together(terms, rows, others),
        "others_total": plain(sum((part.bound for part in others if part.bound is not None), Decimal(0))),
        "error": error,
        "faults": faults,
        "is_checked": do in ("preview", "fill", "paste", "save"),
        "seen": request.POST.get("seen") or tree.version_of(target),
        "because": request.POST.get("because", ""),
        "valid_from": request.POST.get("valid_from") or today.isoformat(),
        "may_sum": tree.adds_up(terms) and terms.source_kind in (SourceKind.REPORTED, SourceKind.REGISTER),
        "is_summed": request.method != "POST" or "sum" in request.POST,
        "may_edit": not terms.is_withdrawn
        and may(me(request), Permission.TARGET_EDIT, terms.lead_unit, on=today, matter=terms.pillar),
        "has_weights": any(row.weight for row in rows),
        "has_last_year": any(row.last_year is not None for row in rows),
    }
    return render(request, "ledger/split.html", context, status=422 if error or faults else 200)


def plan(request: HttpRequest, number: int) -> HttpResponse:
    """Plan the course of a target through its months, or its milestones."""
    today = timezone.localdate()
    target, terms = target_and_terms(number)
    current = plans.plan_as_of(target, today)
    versions = plans.plans_of(target)
    days = (
        month_ends(terms.period_start, terms.period_end)
        if terms.period_start is not None and terms.period_end is not None
        else []
    )
    error = ""
    faults: list[str] = []
    basis = PlanBasis.TYPED
    do = request.POST.get("do", "")
    if request.method == "POST":
        rows = _typed_rows(request)
        basis = _basis(request.POST.get("basis_kept", ""))
        if request.POST.get("pasted", "").strip():
            pasted, faults = pasted_plan(request.POST["pasted"], days)
            if pasted:
                rows, basis = [PlanRow(day, plain(value)) for day, value in sorted(pasted)], PlanBasis.TYPED
        elif do in (PlanBasis.STRAIGHT, PlanBasis.LAST_YEAR):
            basis = PlanBasis(do)
            proposed = plans.proposal(terms, basis)
            if proposed is None:
                error = "没有可用的上年逐月数值（上年同一目标须每月都有研判过的数），请改用逐日均摊或自行填写。"
            else:
                rows = proposed
        elif do in ("save", "drop"):
            error = _save_plan(request, target, terms, [] if do == "drop" else rows, basis)
            if not error:
                return redirect("ledger:target", number)
    else:
        rows = plans.rows_of(current) if current is not None else plans.proposal(terms, PlanBasis.TYPED) or []
    context = {
        "target": target,
        "terms": terms,
        "rows": [*rows, *(PlanRow(date.max, "") for _ in range(EXTRA_MILESTONES))],
        "never": date.max,
        "current": current,
        "is_current": current is None
        or terms.comparator == COMPLETE
        or plans.is_current(terms, plans.planned_by_target([terms], as_of=today).get(target.pk, [])),
        "versions": versions,
        "basis": basis,
        "basis_name": PLAN_NAMES[basis],
        "is_deed": terms.comparator == COMPLETE,
        "has_course": tree.has_course(terms) or terms.comparator == COMPLETE,
        "has_period": bool(days),
        "error": error,
        "faults": faults,
        "seen": request.POST.get("seen") or (versions[0].number if versions else 0),
        "because": request.POST.get("because", ""),
        "may_edit": not terms.is_withdrawn
        and may(me(request), Permission.TARGET_EDIT, terms.lead_unit, on=today, matter=terms.pillar),
    }
    return render(request, "ledger/plan.html", context, status=422 if error or faults else 200)


# --- a split ------------------------------------------------------------------------------------------------------


def _row(
    unit: Unit, standing: TargetTerms | None, loads: Sequence[Load], request: HttpRequest, *, any_standing: bool
) -> Row:
    known = next((load for load in loads if load.key == "last_year"), None)
    last_year = known.weights.get(unit.pk) if known else None
    if request.method != "POST":
        typed = "" if standing is None or standing.bound is None else plain(standing.bound)
        return Row(unit, standing, last_year, is_in=standing is not None or not any_standing, typed=typed)
    said = request.POST
    return Row(
        unit,
        standing,
        last_year,
        is_in=f"in.{unit.pk}" in said,
        is_back=f"back.{unit.pk}" in said,
        typed=said.get(f"value.{unit.pk}", "").strip(),
        weight=said.get(f"weight.{unit.pk}", "").strip(),
    )


def _paste(rows: Sequence[Row], text: str) -> list[str]:
    found = pasted_parts(text, [row.unit for row in rows if row.counts] if "\t" not in text else [r.unit for r in rows])
    for row in rows:
        if row.unit.pk in found.values:
            row.typed, row.is_in = plain(found.values[row.unit.pk]), True
    return found.faults


def _bases(terms: TargetTerms, loads: Sequence[Load]) -> list[tuple[str, str]]:
    if terms.comparator == COMPLETE:
        return []
    if not tree.adds_up(terms):
        return [("same", "各地与上级相同")]
    by_load = [(load.key, f"按{load.name}" if load.key != "last_year" else "按上年占比") for load in loads]
    return [("equal", "平均"), *by_load, ("typed", "按填写的权数")]


def _fill(rows: Sequence[Row], terms: TargetTerms, basis: str, loads: Sequence[Load]) -> str:
    """Fill in a proposal; give a sentence where there is nothing to go by."""
    chosen = [row for row in rows if row.counts]
    if not chosen:
        return "没有选中的单位，请先勾选要承担的单位。"
    if terms.bound is None:
        return "目标值还不知道，请先在目标页补录，再分解。"
    if basis == "same":
        for row in chosen:
            row.typed = plain(terms.bound)
        return ""
    load = next((load for load in loads if load.key == basis), None)
    if load is not None:
        lacking = [row.unit.name for row in chosen if row.unit.pk not in load.weights]
        if lacking:
            return f"{'、'.join(lacking)}没有{load.name}，不能按它分；请取消勾选，或自行填写权数。"
        for row in chosen:
            row.weight = plain(load.weights[row.unit.pk])
    bound, decimals = Decimal(plain(terms.bound)), tree.decimals_of(terms)
    try:
        if basis == "equal":
            parts = split_equal(bound, [row.unit.code for row in chosen], decimals=decimals)
        else:
            weights = {row.unit.code: number_typed(row.weight) if row.weight else None for row in chosen}
            missing = [row.unit.name for row in chosen if weights[row.unit.code] is None]
            if missing:
                return f"{'、'.join(missing)}没有权数，请填写后再试。"
            parts = split_by_weight(
                bound, {code: weight for code, weight in weights.items() if weight is not None}, decimals=decimals
            )
    except ValueError:
        return "按这样的权数分不出来：权数不能为负，也不能都是零；按个数计的目标值须为整数。"
    for row in chosen:
        row.typed = plain(parts[row.unit.code])
    return ""


def _together(terms: TargetTerms, rows: Sequence[Row], others: Sequence[TargetTerms]) -> Together | None:
    if terms.bound is None or not tree.adds_up(terms):
        return None
    bounds = [row.value for row in rows if row.counts and row.value is not None]
    bounds += [part.bound for part in others if part.bound is not None]
    total = sum((bound for bound in bounds if bound is not None), Decimal(0))
    downward = tree.is_downward(terms)
    return Together(terms.bound, total, gap(terms.bound, [total], downward=downward), downward)


def _save(request: HttpRequest, target: Target, terms: TargetTerms, rows: Sequence[Row]) -> str:
    """Hand the target down as typed; give a sentence where a rule forbids it."""
    parts = []
    is_deed = terms.comparator == COMPLETE
    for row in rows:
        if row.typed and row.value is None and row.counts:
            row.fault = "不是数字"
        elif row.is_back:
            parts.append(Part(row.unit, is_withdrawn=True))
        elif row.is_in and (row.typed or is_deed):
            parts.append(Part(row.unit, None if is_deed else row.value))
    if bad := [row.unit.name for row in rows if row.fault]:
        return f"{'、'.join(bad)}填的不是数字，请改后再保存。"
    if not parts:
        return "还没有填写任何单位的目标值。"
    seen = request.POST.get("seen", "")
    try:
        done = splitting.split_target(
            by=me(request),
            at=timezone.now(),
            target=target,
            parts=parts,
            because=request.POST.get("because", ""),
            is_summed="sum" in request.POST,
            valid_from=_day(request.POST.get("valid_from", "")),
            seen=int(seen) if seen.isascii() and seen.isdecimal() else None,
        )
    except RuleBrokenError as broken:
        if broken.is_about_permission:
            raise
        return broken.sentence(get_language())
    said = [
        f"新下达 {len(done.entered)} 项" if done.entered else "",
        f"调整 {len(done.amended)} 项" if done.amended else "",
        f"撤销 {len(done.withdrawn)} 项" if done.withdrawn else "",
        "本级数值改为下级合计" if done.is_summed else "",
    ]
    messages.success(request, f"已分解：{'，'.join(part for part in said if part)}。")
    return ""


# --- a plan -------------------------------------------------------------------------------------------------------


def _typed_rows(request: HttpRequest) -> list[PlanRow]:
    """Take the lines of the form; a line without day or without anything to say is left out."""
    said = request.POST
    rows = []
    for typed, value, words in zip(said.getlist("day"), said.getlist("value"), said.getlist("words"), strict=False):
        day = _day(typed)
        if day is not None and (value.strip() or words.strip()):
            rows.append(PlanRow(day, value.strip(), words.strip()))
    return rows


def _save_plan(
    request: HttpRequest, target: Target, terms: TargetTerms, rows: Sequence[PlanRow], basis: PlanBasis
) -> str:
    wrong = [row for row in rows if row.value and number_typed(row.value) is None]
    if wrong:
        return f"{wrong[0].day} 的“{wrong[0].value}”不是数字，请改后再保存。"
    seen = request.POST.get("seen", "")
    try:
        made = splitting.plan_target(
            by=me(request),
            at=timezone.now(),
            target=target,
            planned=[(row.day, number_typed(row.value) if row.value else None, row.words) for row in rows],
            basis=basis,
            because=request.POST.get("because", ""),
            seen=int(seen) if seen.isascii() and seen.isdecimal() else None,
        )
    except RuleBrokenError as broken:
        if broken.is_about_permission:
            raise
        return broken.sentence(get_language())
    messages.success(request, f"已存为第 {made.number} 版计划。" if rows else "已取消计划，改按时序逐日均摊。")
    return ""


def _basis(said: str) -> PlanBasis:
    try:
        return PlanBasis(said)
    except ValueError:
        return PlanBasis.TYPED


def _day(said: str) -> date | None:
    try:
        return date.fromisoformat(said)
    except ValueError:
        return None
