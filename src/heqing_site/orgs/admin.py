"""Units, people and rights in the back office: to look at, for whoever administers the site.

Changes are made on the pages of this room, whose actions keep the rules and the record.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from heqing_site.orgs.models import Post, RoleGrant, Term, Unit, User


def refuse(self: object, request: HttpRequest, obj: Any = None) -> bool:
    """Refuse."""
    return False


@admin.register(Unit)
class UnitAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The register of units."""

    list_display = ("code", "name", "kind", "parent", "active_from", "active_to")
    list_filter = ("kind",)
    list_select_related = ("parent",)
    search_fields = ("name", "code")
    has_add_permission = has_change_permission = has_delete_permission = refuse


@admin.register(Post)
class PostAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The register of posts."""

    list_display = ("unit", "name")
    list_select_related = ("unit",)
    search_fields = ("name", "unit__name")
    has_add_permission = has_change_permission = has_delete_permission = refuse


@admin.register(Term)
class TermAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The register of terms."""

    list_display = ("post", "holder", "started_on", "ended_on", "ended_because")
    list_select_related = ("post__unit", "holder")
    search_fields = ("holder__display_name", "post__name", "post__unit__name")
    has_add_permission = has_change_permission = has_delete_permission = refuse


@admin.register(User)
class UserAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The register of accounts, without their passwords."""

    list_display = ("username", "display_name", "unit", "is_active", "last_login")
    list_filter = ("is_active",)
    list_select_related = ("unit",)
    search_fields = ("username", "display_name")
    exclude = ("password",)
    has_add_permission = has_change_permission = has_delete_permission = refuse


@admin.register(RoleGrant)
class RoleGrantAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The register of grants."""

    list_display = ("user", "role", "unit", "matters", "valid_from", "valid_to", "revoked_at")
    list_filter = ("role",)
    list_select_related = ("user", "unit")
    search_fields = ("user__display_name", "user__username")
    has_add_permission = has_change_permission = has_delete_permission = refuse
