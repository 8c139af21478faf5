"""Addresses of the publishing room: the bulletins; each part brings its own below."""

from __future__ import annotations

from django.urls import path

from heqing_site.publishing import views

app_name = "publishing"

urlpatterns = [
    path("bulletins/", views.bulletins, name="bulletins"),
    path("bulletins/draft/", views.draft, name="draft"),
    path("bulletins/<int:key>/", views.bulletin, name="bulletin"),
    path("bulletins/<int:key>/edit/", views.edit, name="edit"),
    path("bulletins/<int:key>/word/", views.word, name="word"),
    path("bulletins/<int:key>/correct/", views.correct, name="correct"),
    path("bulletins/<int:key>/<str:deed>/", views.act, name="act"),
]
