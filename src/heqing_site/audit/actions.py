"""The one way to add to the audit record (操作记录).

It is called inside the transaction of the deed it tells of, so that there is no deed without its entry and no entry
without its deed. It reads no clock: the caller says when. Look next at ``audit.queries``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import models

from heqing_site.audit.models import AuditEntry
from heqing_site.audit.rules import Actor


def record(
    *,
    by: Actor,
    at: datetime,
    action: str,
    subject: models.Model,
    because: str = "",
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> AuditEntry:
    """Put on record (记入操作记录) that somebody did something to a thing.

    Parameters
    ----------
    by : Actor
        Who did it, as plain values.
    at : datetime.datetime
        The moment, with its time zone.
    action : str
        The deed as a stable code, ``room.verb``: ``orgs.move_unit``.
    subject : django.db.models.Model
        The thing it was done to, already saved.
    because : str
        The reason in the words of the doer.
    before, after : mapping, optional
        The facts that the deed changed. Never a password or other secret.
    """
    return AuditEntry.objects.create(
        recorded_at=at,
        actor_id=by.id,
        actor_name=by.name,
        action=action,
        subject_type=subject._meta.label,
        subject_id=str(subject.pk),
        subject_label=str(subject)[:200],
        because=because,
        before=None if before is None else dict(before),
        after=None if after is None else dict(after),
    )
