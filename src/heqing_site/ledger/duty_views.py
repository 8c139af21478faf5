"""Pages that take in and hand out the duty list (职责清单) as Excel."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from heqing_site.errors import RuleBrokenError
from heqing_site.ledger import duty_sheet
from heqing_site.orgs.models import User
from heqing_site.sheets import paper
from heqing_site.sheets.views import brought, xlsx


def bring(request: HttpRequest) -> HttpResponse:
    """Take in a sheet of duties."""
    said = ""
    because = request.POST.get("because", "")
    if request.method == "POST":
        try:
            given = brought(request)
            intake = duty_sheet.bring(
                by=cast(User, request.user),
                at=timezone.now(),
                because=because,
                back=reverse("ledger:duties"),
                file_name=given.file_name,
                content=given.content,
                pasted=given.pasted,
                language=get_language(),
            )
        except RuleBrokenError as error:
            if error.is_about_permission:
                raise
            said = error.sentence(get_language())
        else:
            return redirect("sheets:intake", intake.pk)
    context = {
        "said": said,
        "because": because,
        "fields": duty_sheet.FIELDS,
        "template_url": reverse("ledger:duties_template"),
    }
    return render(request, "ledger/bring_duties.html", context, status=422 if said else 200)


def template(request: HttpRequest) -> HttpResponse:
    """Hand out an empty sheet."""
    return xlsx(f"{duty_sheet.TITLE}（空表）", paper.template(duty_sheet.TITLE, duty_sheet.FIELDS))


def export(request: HttpRequest) -> HttpResponse:
    """Hand out the duties that stand as a sheet that can be brought back."""
    content = paper.export(duty_sheet.TITLE, duty_sheet.FIELDS, duty_sheet.rows())
    return xlsx(f"{duty_sheet.TITLE} {timezone.localdate()}", content)
