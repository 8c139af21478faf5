"""Pages of the map (地图), its layers as GeoJSON, and the sheet beside it. This is where the clock is read.

Whoever may log in may look.
"""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone

from heqing_site.publishing import atlas


def show(request: HttpRequest) -> HttpResponse:
    """Show the map (地图) of today with its list."""
    found = atlas.spots(on=timezone.localdate())
    names = atlas.layer_names()
    groups = [(layer, names[layer], [spot for spot in found if spot.layer == layer]) for layer in atlas.LAYERS]
    context = {
        "groups": [group for group in groups if group[2]],
        "overview": atlas.overview(found),
        "has_scores": any(spot.measure for spot in found),
        "is_invented": any(spot.is_invented for spot in found),
        "tiles": settings.MAP_TILES,
        "tiles_note": settings.MAP_TILES_NOTE,
        "today": timezone.localdate(),
    }
    return render(request, "publishing/map.html", context)


def layer(request: HttpRequest) -> HttpResponse:
    """Give all layers as GeoJSON (WGS-84)."""
    return JsonResponse(
        atlas.collection(atlas.spots(on=timezone.localdate())),
        content_type="application/geo+json",
        json_dumps_params={"ensure_ascii": False},
    )


def sheet(request: HttpRequest, layer: str, key: int) -> HttpResponse:
    """Tell what is known of one spot: a piece for the sheet beside the map, a page of its own without JavaScript."""
    found = atlas.sheet(layer, key, on=timezone.localdate()) if layer in atlas.LAYERS else None
    if found is None:
        raise Http404
    is_piece = request.headers.get("HX-Request") == "true"
    return render(request, "publishing/_sheet.html" if is_piece else "publishing/spot.html", {"sheet": found})
