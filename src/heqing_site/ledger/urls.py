"""Addresses of the ledger, its targets and the duty list. A target is addressed by its number."""

from __future__ import annotations

from django.urls import path

from heqing_site.ledger import duty_views, entry_pages, restating_pages, split_pages, views, year_pages

app_name = "ledger"
urlpatterns = [
    path("", views.ledger, name="ledger"),
    path("export/", views.export, name="export"),
    path("targets/enter/", entry_pages.enter, name="enter"),
    path("sheet/", entry_pages.sheet, name="sheet"),
    path("sheet/template/", entry_pages.sheet_template, name="sheet_template"),
    path("sheet/export/", entry_pages.sheet_export, name="sheet_export"),
    path("targets/<int:number>/", views.target, name="target"),
    path("targets/<int:number>/amend/", views.amend, name="amend"),
    path("targets/<int:number>/lead/", views.lead, name="lead"),
    path("targets/<int:number>/source/", views.source, name="source"),
    path("targets/<int:number>/withdraw/", views.withdraw, name="withdraw"),
    path("targets/<int:number>/split/", split_pages.split, name="split"),
    path("targets/<int:number>/plan/", split_pages.plan, name="plan"),
    path("adopt/", views.documents, name="documents"),
    path("adopt/<int:key>/", views.adopt, name="adopt"),
    path("adopt/findings/<int:key>/", views.adopt_finding, name="adopt_finding"),
    path("adopt/findings/<int:key>/confirm/<int:number>/", restating_pages.confirm, name="confirm"),
    path("adopt/findings/<int:key>/amend/<int:number>/", restating_pages.amend, name="amend_by"),
    path("years/", year_pages.years, name="years"),
    path("years/<int:key>/", year_pages.closed, name="year_end"),
    path("years/<int:key>/reopen/", year_pages.reopen, name="reopen_year"),
    path("duties/", views.duties, name="duties"),
    path("duties/bring/", duty_views.bring, name="bring_duties"),
    path("duties/template/", duty_views.template, name="duties_template"),
    path("duties/export/", duty_views.export, name="export_duties"),
    path("duties/add/", views.add_duty, name="add_duty"),
    path("duties/<int:key>/end/", views.end_duty, name="end_duty"),
]
