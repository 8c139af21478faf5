"""What can be asked of sheets that were brought. Nothing here writes."""

from __future__ import annotations

from django.db.models import QuerySet

from heqing_site.sheets.models import Intake


def intakes_of(person_id: str) -> QuerySet[Intake]:
    """List what a person brought, newest first."""
    return Intake.objects.filter(by_id=person_id).order_by("-pk")
