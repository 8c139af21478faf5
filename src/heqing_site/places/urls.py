"""Addresses of the registers."""

from __future__ import annotations

from django.urls import path

from heqing_site.places import chief_views, views

app_name = "places"
urlpatterns = [
    path("", views.registers, name="registers"),
    path("map.geojson", views.map_layer, name="map_layer"),
    path("chiefs/", chief_views.table, name="chiefs"),
    path("chiefs/add/", chief_views.put_in_charge, name="put_in_charge"),
    path("chiefs/bring/", chief_views.bring, name="bring_charges"),
    path("chiefs/template/", chief_views.template, name="charges_template"),
    path("chiefs/export/", chief_views.export, name="export_charges"),
    path("chiefs/<int:key>/", chief_views.charge, name="charge"),
    path("chiefs/<int:key>/board/", chief_views.board, name="board"),
    path("chiefs/<int:key>/board/change/", chief_views.keep_board, name="keep_board"),
    path("chiefs/<int:key>/end/", chief_views.end_charge, name="end_charge"),
    path("<str:register>/", views.listing, name="listing"),
    path("<str:register>/add/", views.add_place, name="add_place"),
    path("<str:register>/<int:key>/", views.place, name="place"),
    path("<str:register>/<int:key>/change/", views.change_place, name="change_place"),
    path("<str:register>/<int:key>/retire/", views.retire_place, name="retire_place"),
]
