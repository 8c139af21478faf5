"""Addresses of reporting: a unit's month, the checking desk, who is late, closed months, one target's history."""

from __future__ import annotations

from django.urls import path

from heqing_site.reporting import views

app_name = "reporting"
urlpatterns = [
    path("", views.mine, name="mine"),
    path("row/", views.save_row, name="save_row"),
    path("sheet/", views.sheet, name="sheet"),
    path("sheet/take-in/", views.take_in, name="take_in"),
    path("check/", views.check, name="check"),
    path("check/<int:key>/accept/", views.accept, name="accept"),
    path("check/<int:key>/return/", views.give_back, name="return"),
    path("late/", views.late, name="late"),
    path("periods/", views.periods, name="periods"),
    path("periods/close/", views.close, name="close"),
    path("periods/<int:key>/reopen/", views.reopen, name="reopen"),
    path("targets/<int:number>/", views.target, name="target"),
    path("targets/<int:number>/withdraw/", views.withdraw, name="withdraw"),
    path("targets/<int:number>/correct/", views.correct, name="correct"),
    path("evidence/<int:key>/", views.evidence, name="evidence"),
]
