"""Addresses of scorecards: the board of a month, one card, the scheme, entered events."""

from __future__ import annotations

from django.urls import path

from heqing_site.scorecards import views

app_name = "scorecards"
urlpatterns = [
    path("", views.board, name="board"),
    path("excel/", views.excel, name="excel"),
    path("score/", views.score, name="score"),
    path("publish/", views.publish, name="publish"),
    path("cards/<int:key>/", views.card, name="card"),
    path("scheme/", views.scheme, name="scheme"),
    path("events/", views.events, name="events"),
    path("events/<int:key>/withdraw/", views.withdraw, name="withdraw"),
]
