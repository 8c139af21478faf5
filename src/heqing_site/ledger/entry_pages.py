"""Pages on which targets are entered by hand: one by a form, many by a sheet that goes out and comes back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from heqing_site.errors import RuleBrokenError
from heqing_site.ledger import entering, queries, target_sheets
from heqing_site.ledger import forms as shapes
from heqing_site.ledger.entering import Typed
from heqing_site.ledger.models import Target
from heqing_site.ledger.rules import SourceKind
from heqing_site.ledger.views import asked_of, me
from heqing_site.orgs.queries import may_somewhere
from heqing_site.orgs.rules import Permission
from heqing_site.sheets import actions as sheets
from heqing_site.sheets import paper
from heqing_site.sheets.views import brought, xlsx


def enter(request: HttpRequest) -> HttpResponse:
    """Enter a target by hand."""
    today = timezone.localdate()
    form = shapes.EnterForm(request.POST or None, initial={"period": str(today.year)}, on=today)
    if request.method == "POST" and form.is_valid():
        try:
            made = _enter(request, dict(form.cleaned_data))
        except RuleBrokenError as error:
            if error.is_about_permission:
                raise
            form.add_error(None, error.sentence(get_language()))
        else:
            messages.success(request, f"已录入为目标 {made.number}。")
            return redirect("ledger:target", made.number)
    context = {
        "form": form,
        "title": "录入目标",
        "intro": "没有文件条目的目标在这里录入；文件里读出的请从文件采纳，以便查到原话。",
        "verb": "录入",
        "back": reverse("ledger:ledger"),
    }
    return render(request, "ledger/form.html", context, status=422 if form.errors else 200)


def _enter(request: HttpRequest, typed: dict[str, Any]) -> Target:
    number = typed.pop("parent")
    parent = None if number is None else queries.target_numbered(number)
    if number is not None and parent is None:
        raise RuleBrokenError("target.no_such_number", number=number)
    lead, document, because = (typed.pop(name) for name in ("lead", "document", "because"))
    typed["source"] = SourceKind(typed["source"]) if typed["source"] else None
    return entering.enter_target(
        by=me(request),
        at=timezone.now(),
        typed=Typed(**typed),
        lead=lead,
        document=document,
        parent=parent,
        because=because,
    )


def sheet(request: HttpRequest) -> HttpResponse:
    """Bring targets as a sheet: rows with a number amend, the others enter."""
    error = ""
    if request.method == "POST":
        by, at = me(request), timezone.now()
        try:
            said = brought(request)
            taken = sheets.take_in(
                by=by,
                at=at,
                subject=target_sheets.SUBJECT,
                title=target_sheets.TITLE,
                back=reverse("ledger:ledger"),
                fields=target_sheets.FIELDS,
                enter=lambda row: target_sheets.take_row(row, by=by, at=at),
                file_name=said.file_name,
                content=said.content,
                pasted=said.pasted,
                language=get_language(),
            )
        except RuleBrokenError as broken:
            if broken.is_about_permission:
                raise
            error = broken.sentence(get_language())
        else:
            return redirect("sheets:intake", taken.pk)
    context = {
        "error": error,
        "may_enter": may_somewhere(me(request), Permission.TARGET_EDIT, on=timezone.localdate()),
    }
    return render(request, "ledger/sheet.html", context, status=422 if error else 200)


def sheet_template(request: HttpRequest) -> HttpResponse:
    """Hand out the empty sheet."""
    return xlsx("目标表（空表）", paper.template(target_sheets.TITLE, target_sheets.FIELDS))


def sheet_export(request: HttpRequest) -> HttpResponse:
    """Hand out the targets that were asked for as a sheet that can be brought back."""
    asked = asked_of(request)
    terms = queries.whole(asked.terms()).select_related("scope_unit", "parent")
    rows = target_sheets.sheet_rows(terms)
    return xlsx(f"目标表 {asked.as_of}", paper.export(target_sheets.TITLE, target_sheets.FIELDS, rows))
