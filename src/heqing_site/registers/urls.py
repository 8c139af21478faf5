"""Addresses of the registers."""

from __future__ import annotations

app_name = "registers"
urlpatterns: list[object] = []
