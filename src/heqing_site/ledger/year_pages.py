"""Pages of the close of a year: what would be frozen, what was, and what is carried over into the next year."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from heqing_site.errors import RuleBrokenError
from heqing_site.ledger import year_end
from heqing_site.ledger.models import YearEnd
from heqing_site.ledger.rules import COMPLETE, Light, number_typed
from heqing_site.ledger.views import me
from heqing_site.ledger.year_end import Carry
from heqing_site.orgs.models import Unit
from heqing_site.orgs.queries import may, may_somewhere
from heqing_site.orgs.rules import Permission

ROWS_ON_A_PAGE = 50


def years(request: HttpRequest) -> HttpResponse:
    """List the closes, and show what the next one would freeze."""
    today = timezone.localdate()
    units = Unit.objects.active_on(today).order_by("code")
    said = request.POST or request.GET
    unit = units.filter(pk=_key(said.get("unit", ""))).first()
    year = _key(said.get("year", "")) or today.year - 1
    error = ""
    if request.method == "POST" and unit is not None:
        try:
            made = year_end.close_year(
                by=me(request), at=timezone.now(), unit=unit, year=year, because=request.POST.get("because", "")
            )
        except RuleBrokenError as broken:
            if broken.is_about_permission:
                raise
            error = broken.sentence(get_language())
        else:
            messages.success(request, f"{unit} {year} 年已结账，{made.lines.count()} 项目标定稿。")
            return redirect("ledger:year_end", made.pk)
    rows = year_end.lines_to_freeze(unit, year, on=today) if unit is not None and year < today.year else []
    context = {
        "units": units,
        "unit": unit,
        "year": year,
        "rows": rows[:ROWS_ON_A_PAGE],
        "total": len(rows),
        "grey": sum(row.standing.light is Light.GREY for row in rows),
        "is_over": year < today.year,
        "closes": Paginator(year_end.year_ends(), ROWS_ON_A_PAGE).get_page(request.GET.get("page")),
        "error": error,
        "because": request.POST.get("because", ""),
        "may_close": unit is not None and may(me(request), Permission.TARGET_EDIT, unit, on=today),
        "may_somewhere": may_somewhere(me(request), Permission.TARGET_EDIT, on=today),
    }
    return render(request, "ledger/years.html", context, status=422 if error else 200)


def closed(request: HttpRequest, key: int) -> HttpResponse:
    """Show what a close froze, and carry targets over."""
    today = timezone.localdate()
    found = get_object_or_404(YearEnd.objects.select_related("unit", "reopening"), pk=key)
    lines = year_end.lines_of(found)
    error = ""
    if request.method == "POST":
        error = _carry(request, found, lines)
        if not error:
            return redirect("ledger:year_end", key)
    context = {
        "close": found,
        "reopening": getattr(found, "reopening", None),
        "lines": lines,
        "typed": request.POST,
        "met": sum(line.final.met is True for line in lines),
        "missed": sum(line.final.met is False for line in lines),
        "open": sum(line.final.met is None and line.final.is_over for line in lines),
        "going_on": sum(not line.final.is_over for line in lines),
        "period": request.POST.get("period") or str(found.year + 1),
        "because": request.POST.get("because", ""),
        "error": error,
        "ticked": {int(k.removeprefix("carry.")) for k in request.POST if k.removeprefix("carry.").isdecimal()},
        "may_edit": may(me(request), Permission.TARGET_EDIT, found.unit, on=today),
        "may_carry": may_somewhere(me(request), Permission.TARGET_EDIT, on=today),
    }
    return render(request, "ledger/year_end.html", context, status=422 if error else 200)


@require_POST
def reopen(request: HttpRequest, key: int) -> HttpResponse:
    """Open a closed year again."""
    found = get_object_or_404(YearEnd.objects.select_related("unit"), pk=key)
    try:
        year_end.reopen_year(by=me(request), at=timezone.now(), year_end=found, because=request.POST.get("because", ""))
    except RuleBrokenError as broken:
        if broken.is_about_permission:
            raise
        messages.error(request, broken.sentence(get_language()))
    else:
        messages.success(request, f"{found.unit} {found.year} 年已重新打开，改完请再结账。")
    return redirect("ledger:year_end", key)


def _carry(request: HttpRequest, found: YearEnd, lines: list[year_end.Line]) -> str:
    said = request.POST
    carried = []
    for line in lines:
        if f"carry.{line.final.pk}" not in said:
            continue
        typed = said.get(f"bound.{line.final.pk}", "").strip()
        number = number_typed(typed) if typed else None
        if typed and number is None and line.final.terms.bound is not None:
            return f"“{line.final.terms.title}”填的“{typed}”不是数字，请改后再结转。"
        carried.append(Carry(line.final.target, None if line.final.terms.comparator == COMPLETE else number))
    try:
        made = year_end.carry_over(
            by=me(request),
            at=timezone.now(),
            year_end=found,
            carried=carried,
            period=said.get("period", ""),
            because=said.get("because", ""),
        )
    except RuleBrokenError as broken:
        if broken.is_about_permission:
            raise
        return broken.sentence(get_language())
    messages.success(request, f"已结转 {len(made)} 项目标到 {said.get('period', '')} 年。")
    return ""


def _key(said: str) -> int:
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 16 else 0
