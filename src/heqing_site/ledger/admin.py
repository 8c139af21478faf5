"""Indicators, targets, terms and duties in the back office: to look at, for whoever administers the site.

Changes are made on the pages of this room, whose actions keep the rules and the record.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from heqing_site.ledger.models import Duty, Indicator, Target, TargetTerms


def refuse(self: object, request: HttpRequest, obj: Any = None) -> bool:
    """Refuse."""
    return False


@admin.register(Indicator)
class IndicatorAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The register of indicators."""

    list_display = ("code", "name", "unit", "pillar", "kind", "source_kind", "statistic", "edition")
    list_filter = ("pillar", "source_kind", "kind")
    search_fields = ("code", "name")
    has_add_permission = has_change_permission = has_delete_permission = refuse


@admin.register(Target)
class TargetAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The register of targets."""

    list_display = ("number", "indicator", "document", "created_at")
    list_select_related = ("indicator", "document")
    search_fields = ("number", "indicator__name")
    has_add_permission = has_change_permission = has_delete_permission = refuse


@admin.register(TargetTerms)
class TargetTermsAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """All terms ever recorded."""

    list_display = ("target", "change", "title", "lead_unit", "valid_from", "recorded_at", "recorded_by", "because")
    list_filter = ("change", "pillar")
    list_select_related = ("target", "lead_unit")
    search_fields = ("title", "recorded_by", "because")
    has_add_permission = has_change_permission = has_delete_permission = refuse


@admin.register(Duty)
class DutyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The duty list through time."""

    list_display = ("pillar", "unit", "valid_from", "valid_to", "because")
    list_filter = ("pillar",)
    list_select_related = ("unit",)
    has_add_permission = has_change_permission = has_delete_permission = refuse
