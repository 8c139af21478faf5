"""Addresses of monitoring: imports, stations and their days, sections and their months, the rows behind a value."""

from __future__ import annotations

from django.urls import path

from heqing_site.monitoring import views

app_name = "monitoring"
urlpatterns = [
    path("", views.imports, name="imports"),
    path("templates/<str:domain>.csv", views.template, name="template"),
    path("imports/<str:name>/", views.one_import, name="import"),
    path("imports/<str:name>/rejects.<str:kind>", views.rejects, name="rejects"),
    path("imports/<str:name>/file", views.received, name="received"),
    path("stations/", views.stations, name="stations"),
    path("stations/<int:key>/", views.station, name="station"),
    path("stations/<int:key>/<str:day>/", views.station_day, name="station_day"),
    path("area/", views.area, name="area"),
    path("sections/", views.sections, name="sections"),
    path("sections/<int:key>/", views.section, name="section"),
    path("sections/<int:key>/<str:month>/", views.section_month, name="section_month"),
]
