"""Addresses of the publishing room: bulletins, cockpit, map."""

from __future__ import annotations

from django.urls import path

from heqing_site.publishing import atlas_views, cockpit_views, views

app_name = "publishing"

urlpatterns = [
    path("bulletins/", views.bulletins, name="bulletins"),
    path("bulletins/draft/", views.draft, name="draft"),
    path("bulletins/<int:key>/", views.bulletin, name="bulletin"),
    path("bulletins/<int:key>/edit/", views.edit, name="edit"),
    path("bulletins/<int:key>/word/", views.word, name="word"),
    path("bulletins/<int:key>/correct/", views.correct, name="correct"),
    path("bulletins/<int:key>/<str:deed>/", views.act, name="act"),
    path("cockpit/", cockpit_views.show, name="cockpit"),
    path("cockpit/targets/", cockpit_views.targets, name="targets"),
    path("map/", atlas_views.show, name="map"),
    path("map/layers.geojson", atlas_views.layer, name="map_layer"),
    path("map/<str:layer>/<int:key>/", atlas_views.sheet, name="sheet"),
]
