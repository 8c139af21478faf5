"""Pages on which an officer decides of a finding that repeats a target: confirm the target, or amend it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from heqing_site.ledger import forms as shapes
from heqing_site.ledger import restating
from heqing_site.ledger.views import carry_out, me, target_and_terms
from heqing_site.library.models import Finding


@require_POST
def confirm(request: HttpRequest, key: int, number: int) -> HttpResponse:
    """Enter that a finding says a target again."""
    finding = _finding(key)
    found, terms = target_and_terms(number)
    restating.confirm_target(by=me(request), at=timezone.now(), finding=finding, target=found, seen=terms.pk)
    messages.success(request, f"已确认目标 {number}，本文件记为又一出处。")
    return redirect("ledger:adopt", finding.document_id)


def amend(request: HttpRequest, key: int, number: int) -> HttpResponse:
    """Amend a target to what a later document says."""
    finding = _finding(key)
    found, terms = target_and_terms(number)
    today = timezone.localdate()
    day = finding.document.date
    form = shapes.RestateForm(
        request.POST or None,
        initial={
            "seen": terms.pk,
            "valid_from": day if day is not None and terms.valid_from <= day <= today else today,
            "because": f"《{finding.document}》第 {finding.number} 条",
        },
    )
    return carry_out(
        request,
        form,
        lambda: restating.amend_by_finding(
            by=me(request), at=timezone.now(), finding=finding, target=found, **form.cleaned_data
        ),
        title=f"按文件调整目标 {number}：{terms.title}",
        intro=f"原条款“{terms.demand}”，文件写“{finding.demand}”：{finding.quote}。原条款留在变更记录里。",
        verb="调整",
        back=reverse("ledger:adopt", args=[finding.document_id]),
        done=f"已按文件调整目标 {number}。",
    )


def _finding(key: int) -> Finding:
    return get_object_or_404(Finding.objects.select_related("document"), pk=key)
