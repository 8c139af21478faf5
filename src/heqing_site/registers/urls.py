"""Addresses of the registers."""

from __future__ import annotations

from django.urls import path

from heqing_site.registers import kind_views, views

app_name = "registers"
urlpatterns = [
    path("", views.home, name="home"),
    path("kinds/", kind_views.kind_list, name="kinds"),
    path("kinds/declare/", kind_views.declare, name="declare"),
    path("kinds/empty.xlsx", kind_views.kind_sheet, name="kind_template"),
    path("kinds/<slug:key>/", kind_views.kind, name="kind"),
    path("kinds/<slug:key>/declare/", kind_views.declare, name="declare_again"),
    path("kinds/<slug:key>/retire/", kind_views.retire, name="retire"),
    path("kinds/<slug:key>/kind.xlsx", kind_views.kind_sheet, name="kind_sheet"),
    path("evidence/<int:key>/", views.evidence, name="evidence"),
    path("of/<slug:kind>/", views.register, name="register"),
    path("of/<slug:kind>/add/", views.add, name="add"),
    path("of/<slug:kind>/bring/", views.bring, name="bring"),
    path("of/<slug:kind>/counts/", views.counts, name="counts"),
    path("of/<slug:kind>/empty.xlsx", views.sheet_template, name="template"),
    path("of/<slug:kind>/register.xlsx", views.sheet, name="sheet"),
    path("of/<slug:kind>/<int:number>/", views.entry, name="entry"),
    path("of/<slug:kind>/<int:number>/correct/", views.correct, name="correct"),
    path("of/<slug:kind>/<int:number>/do/<slug:deed>/", views.act, name="act"),
]
