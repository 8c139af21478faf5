"""Pages of chiefs (河长制、门长制等): the table by system and place, one charge with its history, its sign board."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import cast

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from heqing_site.errors import RuleBrokenError
from heqing_site.orgs.models import User
from heqing_site.orgs.queries import may, may_somewhere, places_with
from heqing_site.orgs.rules import Permission
from heqing_site.places import chiefs, queries, systems
from heqing_site.places import forms as shapes
from heqing_site.places.models import Charge
from heqing_site.sheets import paper
from heqing_site.sheets.views import brought, xlsx

CHARGES_ON_A_PAGE = 50


def table(request: HttpRequest) -> HttpResponse:
    """Show who is chief of what (责任长名册), by system and place."""
    today = timezone.localdate()
    kind = systems.system(request.GET.get("system", ""))
    search = request.GET.get("q", "").strip()
    with_ended = request.GET.get("ended") == "1"
    found = queries.charges(on=today, system=kind.key if kind else "", search=search, with_ended=with_ended)
    counts = queries.charge_counts(on=today)
    context = {
        "page": Paginator(found, CHARGES_ON_A_PAGE).get_page(request.GET.get("page")),
        "kind": kind,
        "systems": [(each, counts.get(each.key, 0)) for each in systems.systems()],
        "total": sum(counts.values()),
        "search": search,
        "with_ended": with_ended,
        "today": today,
        "may_add": may_somewhere(_me(request), Permission.PLACE_EDIT, on=today),
    }
    return render(request, "places/chiefs.html", context)


def charge(request: HttpRequest, key: int) -> HttpResponse:
    """Show one charge: who is chief, who was it when, who at the other levels, what the board says."""
    today = timezone.localdate()
    found = _charge(key, today)
    context = {
        "charge": found,
        "kind": systems.system(found.system),
        "level": _level(found),
        "board": _board(found),
        "terms": queries.holders_during(found),
        "beside": queries.beside(found, on=today),
        "today": today,
        "may_edit": found.ended_on is None and may(_me(request), Permission.PLACE_EDIT, found.unit, on=today),
    }
    return render(request, "places/charge.html", context)


def board(request: HttpRequest, key: int) -> HttpResponse:
    """Show the sign board (公示牌) of a charge alone, to print."""
    today = timezone.localdate()
    found = _charge(key, today)
    context = {
        "charge": found,
        "kind": systems.system(found.system),
        "level": _level(found),
        "board": _board(found),
        "today": today,
    }
    return render(request, "places/board.html", context)


def put_in_charge(request: HttpRequest) -> HttpResponse:
    """Put a post in charge."""
    today = timezone.localdate()
    kind = systems.system(request.GET.get("system", "")) or systems.systems()[0]
    within = places_with(_me(request), Permission.PLACE_EDIT, on=today)
    form = shapes.ChargeForm(request.POST or None, initial={"started_on": today}, on=today, within=within, system=kind)
    back = f"{reverse('places:chiefs')}?system={kind.key}"
    return _carry_out(
        request,
        form,
        lambda: chiefs.put_in_charge(by=_me(request), at=timezone.now(), system=kind.key, **form.cleaned_data),
        title=f"明确{kind.chief}",
        intro="同一级别、同一范围原有的责任，到起始日期前一日终止。谁担任所选职务，谁就是" + kind.chief + "。",
        verb="登记",
        back=back,
        done=f"已登记{kind.chief}。",
    )


def keep_board(request: HttpRequest, key: int) -> HttpResponse:
    """Put right what the board shows."""
    found = _charge(key, timezone.localdate())
    form = shapes.BoardForm(
        request.POST or None, initial={"extent": found.extent, "goal": found.goal, "phone": found.phone}
    )
    return _carry_out(
        request,
        form,
        lambda: chiefs.keep_board(by=_me(request), at=timezone.now(), charge=found, **form.cleaned_data),
        title=f"更新公示内容：{found.thing}",
        intro="姓名和职务随任职自动更新。更新后请重新印制公示牌。",
        verb="更新",
        back=reverse("places:charge", args=[found.pk]),
        done="已更新公示内容。",
    )


def end_charge(request: HttpRequest, key: int) -> HttpResponse:
    """End a charge."""
    found = _charge(key, timezone.localdate())
    form = shapes.RetireForm(request.POST or None, initial={"last_day": timezone.localdate()})
    return _carry_out(
        request,
        form,
        lambda: chiefs.end_charge(by=_me(request), at=timezone.now(), charge=found, **form.cleaned_data),
        title=f"终止责任：{found}",
        intro="终止后照旧可查。",
        verb="终止",
        back=reverse("places:charge", args=[found.pk]),
        done="已终止。",
    )


def bring(request: HttpRequest) -> HttpResponse:
    """Take in a sheet of charges."""
    said = ""
    because = request.POST.get("because", "")
    if request.method == "POST":
        try:
            given = brought(request)
            intake = chiefs.take_in_charges(
                by=_me(request),
                at=timezone.now(),
                because=because,
                back=reverse("places:chiefs"),
                file_name=given.file_name,
                content=given.content,
                pasted=given.pasted,
                language=get_language(),
            )
        except RuleBrokenError as error:
            if error.is_about_permission:
                raise
            said = error.sentence(get_language())
        else:
            return redirect("sheets:intake", intake.pk)
    context = {
        "said": said,
        "because": because,
        "fields": chiefs.FIELDS,
        "template_url": reverse("places:charges_template"),
    }
    return render(request, "places/bring_charges.html", context, status=422 if said else 200)


def template(request: HttpRequest) -> HttpResponse:
    """Hand out an empty sheet."""
    return xlsx("责任长名册（空表）", paper.template("责任长名册", chiefs.FIELDS))


def export(request: HttpRequest) -> HttpResponse:
    """Hand out the charges of a system, or all, as a sheet that can be brought back."""
    today = timezone.localdate()
    found = queries.charges(on=today, system=request.GET.get("system", ""), with_ended=request.GET.get("ended") == "1")
    return xlsx(f"责任长名册 {today}", paper.export("责任长名册", chiefs.FIELDS, chiefs.rows(found.iterator())))


def _charge(key: int, today: date) -> Charge:
    found = queries.charge_with(key, on=today)
    if found is None:
        raise Http404
    return found


def _level(found: Charge) -> systems.Level | None:
    kind = systems.system(found.system)
    return kind.level(found.level) if kind else None


def _board(found: Charge) -> list[tuple[str, str]]:
    """Give the lines of the sign board with what stands there today."""
    kind, level = systems.system(found.system), _level(found)
    holder = str(getattr(found, "holder_name", ""))
    said = {
        "name": found.thing,
        "reach": found.reach,
        "extent": found.extent,
        "chief": f"{holder or '空缺'}（{found.post}）",
        "duty": level.duty if level else "",
        "goal": found.goal,
        "phone": found.phone,
    }
    return [(name, said.get(field, "")) for field, name in (kind.board if kind else ())]


def _me(request: HttpRequest) -> User:
    return cast(User, request.user)


def _carry_out(
    request: HttpRequest,
    form: forms.Form,
    act: Callable[[], Charge],
    *,
    title: str,
    verb: str,
    back: str,
    done: str,
    intro: str,
) -> HttpResponse:
    """Show a form, carry out its action when it is sent, and say on the form which rule forbade it."""
    if request.method == "POST" and form.is_valid():
        try:
            act()
        except RuleBrokenError as error:
            if error.is_about_permission:
                raise
            form.add_error(None, error.sentence(get_language()))
        else:
            messages.success(request, done)
            return redirect(back)
    context = {"form": form, "title": title, "intro": intro, "verb": verb, "back": back}
    return render(request, "places/form.html", context, status=422 if form.errors else 200)
