"""What verdicts add to the page of a target (setting ``LEDGER_PANELS``): the verdict in words, why, its course."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest
from django.template.loader import render_to_string

from heqing_site.ledger.models import Target
from heqing_site.verdicts import queries


def of_target(request: HttpRequest, target: Target, as_of: date) -> str:
    """Render the panel; empty while the target was never judged."""
    verdict = queries.verdict_on(target, as_of)
    if verdict is None:
        return ""
    context = {
        "target": target,
        "verdict": verdict,
        "chart_key": f"course-{target.number}",
        "why": queries.why(verdict),
        "paragraph": queries.paragraph(verdict),
        "changes": queries.changes(verdict)[:1],
        "regimes": queries.other_regimes(verdict),
        "course": queries.course(target, as_of=as_of),
    }
    return render_to_string("verdicts/_panel.html", context, request)
