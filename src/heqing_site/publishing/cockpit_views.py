"""Pages of the cockpit (驾驶舱) and the lists behind its counts. This is where the clock is read.

Whoever may log in may look.
"""

from __future__ import annotations

from datetime import date

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext

from heqing_site.ledger.rules import LIGHT_NAMES, Light
from heqing_site.library.rules import PILLAR_NAMES
from heqing_site.orgs.models import Unit
from heqing_site.publishing import atlas
from heqing_site.publishing.cockpit import cockpit, listed, with_verdicts

ROWS_ON_A_PAGE = 50


def day_asked(request: HttpRequest) -> date:
    """Give the day that was asked for, never one to come; today when none or nonsense was."""
    today = timezone.localdate()
    try:
        return min(date.fromisoformat(request.GET.get("day", "")), today)
    except ValueError:
        return today


def show(request: HttpRequest) -> HttpResponse:
    """Show the cockpit (驾驶舱) of a day."""
    day = day_asked(request)
    found = cockpit(as_of=day)
    overview = atlas.overview(atlas.spots(on=day), layers=atlas.NEAR)
    context = {"cockpit": found, "today": timezone.localdate(), "overview": overview}
    return render(request, "publishing/cockpit.html", context)


def targets(request: HttpRequest) -> HttpResponse:
    """List the targets behind a count: of a light, a pillar, a unit, or those whose light changed."""
    day = day_asked(request)
    light = request.GET.get("light", "")
    light = light if light in {known.value for known in Light} else ""
    pillar = request.GET.get("pillar", "")
    pillar = pillar if pillar in PILLAR_NAMES else ""
    asked = request.GET.get("unit", "")
    unit = (
        Unit.objects.filter(pk=int(asked)).first()
        if asked.isascii() and asked.isdecimal() and len(asked) < 16
        else None
    )
    changed = request.GET.get("changed") == "1"
    rows = listed(as_of=day, light=light, pillar=pillar, unit=None if unit is None else unit.pk, changed=changed)
    page = Paginator(rows, ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "day": day,
        "today": timezone.localdate(),
        "light": light,
        "light_name": gettext(LIGHT_NAMES[Light(light)]) if light else "",
        "lights": [
            (known.value, gettext(LIGHT_NAMES[known])) for known in (Light.RED, Light.YELLOW, Light.GREY, Light.GREEN)
        ],
        "pillar": pillar,
        "pillar_name": gettext(PILLAR_NAMES[pillar]) if pillar else "",
        "unit": unit,
        "changed": changed,
        "page": page,
        "rows": with_verdicts(page.object_list),
        "is_invented": any(row.is_invented for row in rows),
    }
    return render(request, "publishing/cockpit_targets.html", context)
