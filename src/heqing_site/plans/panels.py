"""What plans add to the page of a target (setting ``LEDGER_PANELS``): the plans whose goals name it."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest
from django.template.loader import render_to_string

from heqing_site.ledger.models import Target
from heqing_site.plans import queries


def of_target(request: HttpRequest, target: Target, as_of: date) -> str:
    """Render the panel; empty where no plan names the target."""
    found = list(queries.plans_for(target=target)[:20])
    return render_to_string("plans/_panel.html", {"plans": found}, request) if found else ""
