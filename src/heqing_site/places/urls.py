"""Addresses of the registers."""

from __future__ import annotations

from django.urls import path

from heqing_site.places import views

app_name = "places"
urlpatterns = [
    path("", views.registers, name="registers"),
    path("map.geojson", views.map_layer, name="map_layer"),
    path("<str:register>/", views.listing, name="listing"),
    path("<str:register>/add/", views.add_place, name="add_place"),
    path("<str:register>/<int:key>/", views.place, name="place"),
    path("<str:register>/<int:key>/change/", views.change_place, name="change_place"),
    path("<str:register>/<int:key>/retire/", views.retire_place, name="retire_place"),
]
