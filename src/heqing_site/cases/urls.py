"""Addresses of cases: the list, one case by its number, its deeds, its files."""

from __future__ import annotations

from django.urls import path

from heqing_site.cases import views

app_name = "cases"
urlpatterns = [
    path("", views.cases, name="cases"),
    path("open/", views.open_case, name="open"),
    path("<int:number>/", views.case, name="case"),
    path("<int:number>/<str:deed>/", views.act, name="act"),
    path("evidence/<int:key>/", views.evidence, name="evidence"),
]
