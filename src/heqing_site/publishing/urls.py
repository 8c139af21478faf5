"""Addresses of the publishing room."""

from __future__ import annotations

from django.urls import path

from heqing_site.publishing import atlas_views, cockpit_views

app_name = "publishing"

urlpatterns = [
    path("cockpit/", cockpit_views.show, name="cockpit"),
    path("cockpit/targets/", cockpit_views.targets, name="targets"),
    path("map/", atlas_views.show, name="map"),
    path("map/layers.geojson", atlas_views.layer, name="map_layer"),
    path("map/<str:layer>/<int:key>/", atlas_views.sheet, name="sheet"),
]
