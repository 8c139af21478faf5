"""Pages of the registers: a list of each, and what is known of one place. This is where the clock is read.

Whoever may log in may look; rights are asked by the actions.
"""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language

from heqing_site.audit.queries import history_of
from heqing_site.places import queries
from heqing_site.places.models import MODELS, Enterprise, Place, River
from heqing_site.places.rules import REGISTER_NAMES, Register
from heqing_site.wording import wording

ROWS_ON_A_PAGE = 100


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
        "history": [(entry, wording(f"action.{entry.action}", get_language())) for entry in history_of(found)],
    }
    if isinstance(found, River):
        context["sections"], context["outlets"] = queries.of_river(found, on=today)
        context["chief"] = queries.chief_on(found, on=today)
    if isinstance(found, Enterprise):
        context["outlets"] = queries.outlets_of(found, on=today)
    return render(request, f"places/{which}.html", context)


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
