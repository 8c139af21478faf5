"""What works add to the page of a target (setting ``LEDGER_PANELS``): who works for it, and what was counted."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest
from django.template.loader import render_to_string

from heqing_site.ledger.models import Target
from heqing_site.library.rules import plain
from heqing_site.works import queries

SHOWN = 12


def of_target(request: HttpRequest, target: Target, as_of: date) -> str:
    """Render the panel; empty where no task or project serves the target."""
    found = list(queries.works_of_target(target)[:SHOWN])
    counted = queries.contributed([target.pk], as_of=as_of).get(target.pk)
    if not found and counted is None:
        return ""
    total = "" if counted is None else plain(counted.total)
    context = {"works": found, "counted": counted, "total": total, "today": as_of}
    return render_to_string("works/_panel.html", context, request)
