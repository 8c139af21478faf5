"""The audit record (操作记录) in the back office: to read and to search, nothing else."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from heqing_site.audit.models import AuditEntry


@admin.register(AuditEntry)
class AuditEntryAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The record as a list; who may see it is told by the permission “审计查阅”."""

    list_display = ("recorded_at", "actor_name", "action", "subject_label", "because")
    list_filter = ("action", "subject_type")
    search_fields = ("actor_name", "subject_label", "because", "subject_id")
    date_hierarchy = "recorded_at"
    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: entries come from deeds."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        """Refuse."""
        return False
