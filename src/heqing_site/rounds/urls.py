"""Addresses of the rounds."""

from __future__ import annotations

from django.urls import path

from heqing_site.rounds import views

app_name = "rounds"
urlpatterns = [path("judge/", views.judge, name="judge")]
