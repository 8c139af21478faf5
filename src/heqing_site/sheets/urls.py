"""Addresses of sheets that were brought."""

from __future__ import annotations

from django.urls import path

from heqing_site.sheets import views

app_name = "sheets"
urlpatterns = [
    path("", views.intakes, name="intakes"),
    path("<int:key>/", views.intake, name="intake"),
    path("<int:key>/rejects/", views.rejects, name="rejects"),
]
