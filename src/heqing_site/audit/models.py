"""The audit record (操作记录) as rows that can only be added.

It does not decide what is worth an entry: each action calls ``audit.actions.record``. The database refuses changes too:
see ``migrations/0002_append_only.py`` and ``docs/decisions/0003-audit-is-append-only.md``.
"""

from __future__ import annotations

from typing import Any, NoReturn

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from heqing_site.errors import AppendOnlyError


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    """Entries of the record; every way to change many of them at once is closed."""

    def update(self, **kwargs: object) -> NoReturn:
        """Refuse."""
        raise AppendOnlyError("Audit entries are never changed; record a new one that says what was wrong.")

    def bulk_update(self, *args: object, **kwargs: object) -> NoReturn:
        """Refuse."""
        raise AppendOnlyError("Audit entries are never changed; record a new one that says what was wrong.")

    def delete(self) -> NoReturn:
        """Refuse."""
        raise AppendOnlyError("Audit entries are never deleted.")


class AuditEntry(models.Model):
    """One deed (操作记录): who did what to what, when, why, and how it stood before and after.

    Names and keys are kept as plain values, so that the entry says the same in ten years, whatever became of the
    person, the unit or the thing.
    """

    recorded_at = models.DateTimeField("时间", db_index=True)
    actor_id = models.CharField("操作人编号", max_length=40, blank=True, db_index=True)
    actor_name = models.CharField("操作人", max_length=80)
    action = models.CharField("操作", max_length=80, db_index=True)
    subject_type = models.CharField("对象类别", max_length=80)
    subject_id = models.CharField("对象编号", max_length=64)
    subject_label = models.CharField("对象", max_length=200)
    because = models.TextField("理由", blank=True)
    before = models.JSONField("变更前", null=True, blank=True, encoder=DjangoJSONEncoder)
    after = models.JSONField("变更后", null=True, blank=True, encoder=DjangoJSONEncoder)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        """Names, order, constraints."""

        verbose_name = "操作记录"
        verbose_name_plural = "操作记录"
        ordering = ("-recorded_at", "-pk")
        indexes = (models.Index(fields=("subject_type", "subject_id"), name="audit_entry_subject"),)
        constraints = (
            models.CheckConstraint(
                name="audit_entry_names_actor_action_subject",
                condition=~models.Q(actor_name="")
                & ~models.Q(action="")
                & ~models.Q(subject_type="")
                & ~models.Q(subject_id=""),
            ),
        )

    def __str__(self) -> str:
        return f"{self.actor_name} {self.action} {self.subject_label}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add this entry; an entry that exists is not written again."""
        if not self._state.adding:
            raise AppendOnlyError("Audit entries are never changed; record a new one that says what was wrong.")
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)

    def delete(self, using: Any = None, keep_parents: bool = False) -> NoReturn:
        """Refuse."""
        raise AppendOnlyError("Audit entries are never deleted.")
