"""Addresses of verdicts."""

from __future__ import annotations

from django.urls import path

from heqing_site.verdicts import views

app_name = "verdicts"
urlpatterns = [
    path("<int:number>/", views.why, name="why"),
    path("<int:number>/as-if/", views.as_if, name="as_if"),
]
