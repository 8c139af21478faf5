"""What cases add to the page of a target (setting ``LEDGER_PANELS``): the cases that its red lights opened."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest
from django.template.loader import render_to_string

from heqing_site.cases import queries
from heqing_site.ledger.models import Target


def of_target(request: HttpRequest, target: Target, as_of: date) -> str:
    """Render the panel; empty where the target never had a case."""
    found = list(queries.cases_of_target(target)[:20])
    return render_to_string("cases/_panel.html", {"cases": found, "today": as_of}, request) if found else ""
