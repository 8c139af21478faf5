"""The audit record (操作记录) in the back office: to read and to search, nothing else."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language

from heqing_site.audit.models import AuditEntry
from heqing_site.wording import messages, wording


class DeedFilter(admin.SimpleListFilter):
    """Choose a deed by its name."""

    title = "操作"
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer every deed that has a name."""
        codes = [code.removeprefix("action.") for code in messages() if code.startswith("action.")]
        return [(code, wording(f"action.{code}", get_language())) for code in codes]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        """Keep the entries of that deed."""
        return queryset.filter(action=self.value()) if self.value() else queryset


@admin.register(AuditEntry)
class AuditEntryAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The record as a list; who may see it is told by the permission “操作记录查阅”."""

    list_display = ("moment", "actor_name", "deed", "subject_label", "because")
    list_filter = (DeedFilter,)
    search_fields = ("actor_name", "subject_label", "because", "subject_id")
    date_hierarchy = "recorded_at"
    list_per_page = 50
    show_full_result_count = False

    @admin.display(description="时间", ordering="recorded_at")
    def moment(self, entry: AuditEntry) -> str:
        """Write the moment as offices do."""
        return timezone.localtime(entry.recorded_at).strftime("%Y-%m-%d %H:%M:%S")

    @admin.display(description="操作", ordering="action")
    def deed(self, entry: AuditEntry) -> str:
        """Name the deed; a code without a name is shown as it is."""
        code = f"action.{entry.action}"
        return wording(code, get_language()) if code in messages() else entry.action

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: entries come from deeds."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        """Refuse."""
        return False
