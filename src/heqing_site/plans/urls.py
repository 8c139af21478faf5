"""Addresses of plans: the list, one plan by its number, its lists, deeds, sheets, print and history."""

from __future__ import annotations

from django.urls import path

from heqing_site.plans import views

app_name = "plans"
urlpatterns = [
    path("", views.plans, name="plans"),
    path("draft/", views.draft, name="draft"),
    path("files/<int:key>/", views.file, name="file"),
    path("<int:number>/", views.plan, name="plan"),
    path("<int:number>/act/<str:deed>/", views.act, name="act"),
    path("<int:number>/lists/", views.lists, name="lists"),
    path("<int:number>/lists/<str:list_key>/add/", views.item, name="add_item"),
    path("<int:number>/items/<str:code>/", views.item, name="item"),
    path("<int:number>/items/<str:code>/strike/", views.strike, name="strike"),
    path("<int:number>/chapters/<str:chapter>/", views.chapter, name="chapter"),
    path("<int:number>/opinions/", views.opinion, name="opinion"),
    path("<int:number>/bring/", views.bring, name="bring"),
    path("<int:number>/template.xlsx", views.template, name="template"),
    path("<int:number>/lists.xlsx", views.export, name="export"),
    path("<int:number>/print/", views.printed, name="print"),
    path("<int:number>/history/", views.history, name="history"),
]
