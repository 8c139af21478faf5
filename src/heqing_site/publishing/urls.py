"""Addresses of the publishing room."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "publishing"

urlpatterns: list[URLPattern] = []
