"""What letters add to the page of a target (setting ``LEDGER_PANELS``): which letters in force state it."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest
from django.template.loader import render_to_string

from heqing_site.ledger.models import Target
from heqing_site.letters import queries

SHOWN = 12


def of_target(request: HttpRequest, target: Target, as_of: date) -> str:
    """Render the panel; empty where no letter states the target."""
    found, count = queries.stating(target, on=as_of, most=SHOWN)
    if not found:
        return ""
    context = {"found": found, "count": count, "left": count - len(found)}
    return render_to_string("letters/_panel.html", context, request)
