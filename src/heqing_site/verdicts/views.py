"""The pages that say why a target has its light, and what another standard would say. They read and render."""

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
    day = _day_asked(request, today)
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
        "regimes": queries.other_regimes(verdict),
        "turns": queries.turning_points(rows),
        "sentence": sentence_of(target),
        "is_invented": target.document is not None and target.document.is_invented,
    }
    return render(request, "verdicts/why.html", context)


def as_if(request: HttpRequest, number: int) -> HttpResponse:
    """Say what each other regime of standards would say of a verdict of a day (若按另一套标准); nothing is kept."""
    today = timezone.localdate()
    target = get_object_or_404(Target.objects.select_related("document", "indicator"), number=number)
    verdict = queries.verdict_on(target, _day_asked(request, today))
    if verdict is None:
        return render(request, "verdicts/never.html", {"target": target, "day": today}, status=404)
    others = queries.as_if(verdict)
    context = {
        "target": target,
        "verdict": verdict,
        "paragraph": queries.paragraph(verdict),
        "others": [(other, other.paragraph()) for other in others],
        "others_differ": queries.any_differs(verdict, others),
        "is_invented": target.document is not None and target.document.is_invented,
    }
    return render(request, "verdicts/as_if.html", context)


def _day_asked(request: HttpRequest, today: date) -> date:
    try:
        return min(date.fromisoformat(request.GET.get("day", "")), today)
    except ValueError:
        return today
