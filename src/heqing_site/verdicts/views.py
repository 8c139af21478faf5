"""The page that says why a target has its light. It reads one query and renders."""

from __future__ import annotations

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from heqing_site.ledger.models import Target
from heqing_site.ledger.queries import sentence_of
from heqing_site.verdicts import queries


def why(request: HttpRequest, number: int) -> HttpResponse:
    """Say why (为什么): the rule, the edition and clause, the values and reports behind a verdict of a day."""
    today = timezone.localdate()
    target = get_object_or_404(
        Target.objects.select_related("document", "finding__document", "indicator"), number=number
    )
    try:
        day = min(date.fromisoformat(request.GET.get("day", "")), today)
    except ValueError:
        day = today
    verdict = queries.verdict_on(target, day)
    if verdict is None:
        return render(request, "verdicts/never.html", {"target": target, "day": day}, status=404)
    rows = queries.history(target, first=day - timedelta(days=queries.SHOWN_DAYS), last=today)
    context = {
        "target": target,
        "verdict": verdict,
        "why": queries.why(verdict),
        "paragraph": queries.paragraph(verdict),
        "changes": queries.changes(verdict),
        "others": queries.as_if(verdict),
        "turns": queries.turning_points(rows),
        "sentence": sentence_of(target),
        "is_invented": target.document is not None and target.document.is_invented,
    }
    return render(request, "verdicts/why.html", context)
