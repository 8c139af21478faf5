"""Pages of the registers: a list of each, and what is known of one place. This is where the clock is read.

Whoever may log in may look; rights are asked by the actions.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from heqing_site.audit.queries import history_of
from heqing_site.errors import PERMISSION_MISSING, RuleBrokenError
from heqing_site.orgs.models import User
from heqing_site.orgs.queries import may, may_somewhere, places_with
from heqing_site.orgs.rules import PERMISSION_NAMES, Permission
from heqing_site.places import actions, queries
from heqing_site.places import forms as shapes
from heqing_site.places.models import MODELS, Enterprise, Place, River
from heqing_site.places.rules import CHANGEABLE, REGISTER_NAMES, Register
from heqing_site.wording import wording

ROWS_ON_A_PAGE = 100

CREATE: dict[Register, Callable[..., Place]] = {
    Register.RIVER: actions.create_river,
    Register.STATION: actions.create_station,
    Register.SECTION: actions.create_section,
    Register.OUTLET: actions.create_outlet,
    Register.ENTERPRISE: actions.create_enterprise,
}


def registers(request: HttpRequest) -> HttpResponse:
    """Go to the first register."""
    return redirect("places:listing", Register.RIVER.value)


def listing(request: HttpRequest, register: str) -> HttpResponse:
    """List a register (名录), with words to look for."""
    which = _register(register)
    today = timezone.localdate()
    search = request.GET.get("q", "").strip()
    with_retired = request.GET.get("retired") == "1"
    found = queries.listed(which, on=today, search=search, with_retired=with_retired)
    context = {
        "register": which,
        "register_name": REGISTER_NAMES[which],
        "chips": [(name, REGISTER_NAMES[name], count) for name, count in queries.counts(on=today).items()],
        "page": Paginator(found, ROWS_ON_A_PAGE).get_page(request.GET.get("page")),
        "search": search,
        "with_retired": with_retired,
        "today": today,
        "may_add": may_somewhere(_me(request), Permission.PLACE_EDIT, on=today),
    }
    return render(request, f"places/{which}_list.html", context)


def place(request: HttpRequest, register: str, key: int) -> HttpResponse:
    """Show one place: its facts, what hangs on it, and what was done to its row."""
    which = _register(register)
    today = timezone.localdate()
    found: Place = get_object_or_404(queries.listed(which, on=today, with_retired=True), pk=key)
    context: dict[str, Any] = {
        "register": which,
        "register_name": REGISTER_NAMES[which],
        "place": found,
        "today": today,
        "may_edit": found.retired_on is None
        and may(_me(request), Permission.PLACE_EDIT, actions.unit_of(found), on=today),
        "history": [(entry, wording(f"action.{entry.action}", get_language())) for entry in history_of(found)],
    }
    if isinstance(found, River):
        context["sections"], context["outlets"] = queries.of_river(found, on=today)
        context["chief"] = queries.chief_on(found, on=today)
        context["charges"] = queries.charges(on=today).filter(river=found)
    if isinstance(found, Enterprise):
        context["outlets"] = queries.outlets_of(found, on=today)
    return render(request, f"places/{which}.html", context)


def add_place(request: HttpRequest, register: str) -> HttpResponse:
    """Enter a place (登记点位) in a register."""
    which = _register(register)
    today = timezone.localdate()
    form = shapes.FORMS[which](request.POST or None, on=today, within=_require_ground(request, today))
    name = REGISTER_NAMES[which]
    return _carry_out(
        request,
        form,
        lambda: CREATE[which](by=_me(request), at=timezone.now(), **form.cleaned_data),
        title=f"登记{name}",
        verb="登记",
        back=reverse("places:listing", args=[which]),
        done=f"已登记{name}。",
    )


def change_place(request: HttpRequest, register: str, key: int) -> HttpResponse:
    """Put the facts of a place right (更正)."""
    which = _register(register)
    today = timezone.localdate()
    found: Any = get_object_or_404(MODELS[which], pk=key)  # a row of any register
    form = shapes.FORMS[which](
        request.POST or None,
        initial=shapes.facts_of(found, CHANGEABLE[which]),
        on=today,
        within=_require_ground(request, today),
        changes=True,
    )
    return _carry_out(
        request,
        form,
        lambda: actions.change_place(by=_me(request), at=timezone.now(), place=found, **form.cleaned_data),
        title=f"更正“{found}”",
        verb="更正",
        back=reverse("places:place", args=[which, key]),
        done="已更正。",
    )


def retire_place(request: HttpRequest, register: str, key: int) -> HttpResponse:
    """Retire a place (停用)."""
    which = _register(register)
    found: Any = get_object_or_404(MODELS[which], pk=key)  # a row of any register
    form = shapes.RetireForm(request.POST or None, initial={"last_day": timezone.localdate()})
    return _carry_out(
        request,
        form,
        lambda: actions.retire_place(by=_me(request), at=timezone.now(), place=found, **form.cleaned_data),
        title=f"停用“{found}”",
        intro="停用后不能恢复，也不会删除：此前的数据照旧保留。",
        verb="停用",
        back=reverse("places:place", args=[which, key]),
        done="已停用。",
    )


def map_layer(request: HttpRequest) -> HttpResponse:
    """Give everything with a position as GeoJSON (WGS-84), for maps."""
    features = [
        {
            "type": "Feature",
            "id": f"{feature.register}-{feature.place.pk}",
            "geometry": {"type": "Point", "coordinates": [float(feature.place.lon), float(feature.place.lat)]},
            "properties": {
                "register": feature.register,
                "name": str(feature.place),
                "code": feature.place.code,
                "words": feature.words,
                "is_invented": feature.place.is_invented,
            },
        }
        for feature in queries.features(on=timezone.localdate())
    ]
    return JsonResponse(
        {"type": "FeatureCollection", "features": features},
        content_type="application/geo+json",
        json_dumps_params={"ensure_ascii": False},
    )


def _register(name: str) -> Register:
    if name not in MODELS:
        raise Http404
    return Register(name)


def _me(request: HttpRequest) -> User:
    return cast(User, request.user)


def _require_ground(request: HttpRequest, today: date) -> set[int] | None:
    within = places_with(_me(request), Permission.PLACE_EDIT, on=today)
    if within is not None and not within:
        raise RuleBrokenError(PERMISSION_MISSING, permission=PERMISSION_NAMES[Permission.PLACE_EDIT], unit="任何单位")
    return within


def _carry_out(
    request: HttpRequest,
    form: forms.Form,
    act: Callable[[], Place],
    *,
    title: str,
    verb: str,
    back: str,
    done: str,
    intro: str = "",
) -> HttpResponse:
    """Show a form, carry out its action when it is sent, and say on the form which rule forbade it."""
    if request.method == "POST" and form.is_valid():
        try:
            place = act()
        except RuleBrokenError as error:
            if error.is_about_permission:
                raise
            form.add_error(None, error.sentence(get_language()))
        else:
            messages.success(request, done)
            return redirect("places:place", place.register.value, place.pk)
    context = {"form": form, "title": title, "intro": intro, "verb": verb, "back": back}
    return render(request, "places/form.html", context, status=422 if form.errors else 200)
