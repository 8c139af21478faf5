"""Pages of documents and findings. Each reads one query or carries out one action, and renders.

This is where the clock is read: actions are told the moment. A page works without scripts; a script that sends
``X-Heqing-Piece: card`` gets only the card it changed, from the same template piece.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from heqing_site.errors import PERMISSION_MISSING, RuleBrokenError
from heqing_site.library import actions, queries, rules
from heqing_site.library import forms as shapes
from heqing_site.library.models import Document, Finding
from heqing_site.library.rules import FindingState
from heqing_site.orgs.models import User
from heqing_site.orgs.queries import places_with, reach
from heqing_site.orgs.rules import PERMISSION_NAMES, Permission

DOCUMENTS_ON_A_PAGE = 50
PIECE = "X-Heqing-Piece"
MEGABYTE = 1024 * 1024


# --- documents ----------------------------------------------------------------------------------------------------


def documents(request: HttpRequest) -> HttpResponse:
    """List the documents (文件解读) with their progress, and take in new ones."""
    return _list(request, _upload_form(request))


@require_POST
def add_document(request: HttpRequest) -> HttpResponse:
    """Take in an upload; what is wrong with it is said on the form."""
    form = _upload_form(request)
    if form is None:
        raise RuleBrokenError(PERMISSION_MISSING, permission=PERMISSION_NAMES[Permission.DOCUMENT_ADD], unit="任何单位")
    if not form.is_valid():
        return _list(request, form, status=422)
    upload = form.cleaned_data["file"]
    try:
        added = actions.add_document(
            by=_me(request),
            at=timezone.now(),
            file_name=upload.name,
            content=upload.read(settings.UPLOAD_LIMIT + 1),
            unit=form.cleaned_data["unit"],
            title=form.cleaned_data["title"],
        )
    except RuleBrokenError as error:
        if error.is_about_permission:
            raise
        form.add_error("file", error.sentence(get_language()))
        return _list(request, form, status=422)
    if added.is_new:
        messages.success(request, f"已收存并解读“{added.document}”，共 {added.document.findings.count()} 条待核。")
        if added.unread_pages:
            pages = "、".join(map(str, added.unread_pages[:20]))
            messages.warning(
                request, f"第 {pages} 页是图片，没有文字，其内容未解读；请对照原件补录，或识别文字后另传一份。"
            )
    else:
        messages.info(
            request, f"这份文件已于 {added.document.added_at:%Y-%m-%d} 收存，未重复收存。以下是原有的核对页。"
        )
    return redirect("library:document", added.document.pk)


def document(request: HttpRequest, key: int) -> HttpResponse:
    """Show a document for review: its text as received, and its findings as cards."""
    return _review(request, get_object_or_404(Document.objects.select_related("unit", "added_by"), pk=key))


def received_file(request: HttpRequest, key: int) -> HttpResponseBase:
    """Hand out the file as received."""
    document = get_object_or_404(Document.objects.defer("text"), pk=key)
    try:
        file = document.received.open("rb")
    except FileNotFoundError as error:
        raise Http404("原件不在数据目录中，请联系系统管理员从备份恢复。") from error
    return FileResponse(file, as_attachment=True, filename=document.file_name, content_type=document.media_type)


# --- findings -----------------------------------------------------------------------------------------------------


@require_POST
def accept(request: HttpRequest, key: int) -> HttpResponse:
    """Accept a finding."""
    finding = _finding(key)
    return _decide(
        request,
        finding,
        lambda: actions.accept_finding(
            by=_me(request), at=timezone.now(), finding=finding, seen=request.POST.get("seen")
        ),
    )


@require_POST
def reject(request: HttpRequest, key: int) -> HttpResponse:
    """Reject a finding with a reason."""
    finding = _finding(key)
    form = shapes.BecauseForm(request.POST)
    because = form.cleaned_data["because"] if form.is_valid() else request.POST.get("because", "")[:200]
    return _decide(
        request,
        finding,
        lambda: actions.reject_finding(
            by=_me(request), at=timezone.now(), finding=finding, because=because, seen=request.POST.get("seen")
        ),
        typed=because,
    )


@require_POST
def reopen(request: HttpRequest, key: int) -> HttpResponse:
    """Reopen a decided finding."""
    finding = _finding(key)
    return _decide(
        request,
        finding,
        lambda: actions.reopen_finding(
            by=_me(request), at=timezone.now(), finding=finding, seen=request.POST.get("seen")
        ),
    )


def correct(request: HttpRequest, key: int) -> HttpResponse:
    """Correct a finding on a form of its own."""
    finding = _finding(key)
    form = shapes.CorrectionForm(request.POST or None, initial=shapes.FindingForm.facts_of(finding))
    seen = request.POST.get("seen", finding.version)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            typed = dict(form.cleaned_data)
            because = typed.pop("because")
            try:
                actions.correct_finding(
                    by=_me(request), at=timezone.now(), finding=finding, changes=typed, because=because, seen=seen
                )
            except RuleBrokenError as error:
                if error.is_about_permission:
                    raise
                status = 409
                form.add_error(None, error.sentence(get_language()))
                finding = _finding(key)
                seen = finding.version  # the sentence said what changed: sent again, it is meant
            else:
                return redirect(_card_address(finding))
    context = {"form": form, "finding": finding, "document": finding.document, "seen": seen}
    return render(request, "library/correct.html", context, status=status)


def add_finding(request: HttpRequest, key: int) -> HttpResponse:
    """Add a finding that the reading missed, from words selected or copied from the text."""
    document = get_object_or_404(Document.objects.select_related("unit"), pk=key)
    given = {
        "words": request.GET.get("words", "")[: rules.LONGEST_QUOTE],
        "near": request.GET.get("near", "0"),
        "kind": rules.FindingKind.TARGET,
        "comparator": ">=",
    }
    form = shapes.ByHandForm(request.POST or None, initial=given)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            typed = dict(form.cleaned_data)
            start, end = rules.locate(document.text, typed.pop("words"), typed.pop("near") or 0) or (0, 0)
            try:
                finding = actions.add_finding_by_hand(
                    by=_me(request), at=timezone.now(), document=document, start=start, end=end, **typed
                )
            except RuleBrokenError as error:
                if error.is_about_permission:
                    raise
                form.add_error(None, error.sentence(get_language()))
            else:
                messages.success(request, f"已补录第 {finding.number} 条。")
                return redirect(_card_address(finding))
    return render(request, "library/add_finding.html", {"form": form, "document": document}, status=status)


# --- what the pages have in common --------------------------------------------------------------------------------


def _me(request: HttpRequest) -> User:
    return cast(User, request.user)


def _finding(key: int) -> Finding:
    found = Finding.objects.select_related("document__unit", "document__added_by", "measure", "decided_by")
    return get_object_or_404(found, pk=key)


def _card_address(finding: Finding) -> str:
    return f"{reverse('library:document', args=[finding.document_id])}#f{finding.number}"


def _upload_form(request: HttpRequest) -> shapes.UploadForm | None:
    """Give the form to whoever may take in documents anywhere."""
    today = timezone.localdate()
    within = places_with(_me(request), Permission.DOCUMENT_ADD, on=today)
    if within is not None and not within:
        return None
    return shapes.UploadForm(
        request.POST or None, request.FILES or None, on=today, within=within, home=_me(request).unit
    )


def _list(request: HttpRequest, form: shapes.UploadForm | None, status: int = 200) -> HttpResponse:
    search = request.GET.get("q", "").strip()
    page = Paginator(queries.documents(search=search), DOCUMENTS_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "search": search, "form": form, "limit": settings.UPLOAD_LIMIT // MEGABYTE}
    return render(request, "library/documents.html", context, status=status)


def _may_review(request: HttpRequest, document: Document) -> list[str]:
    """List the matters whose findings this person may decide."""
    where = reach(_me(request), Permission.DOCUMENT_REVIEW, on=timezone.localdate())
    return [matter for matter in rules.PILLAR_NAMES if where.holds(document.unit_id, matter)]


def _review(
    request: HttpRequest, document: Document, *, refused: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    findings = list(queries.findings_of(document))
    show = request.GET.get("show", "")
    shown = [finding for finding in findings if finding.state == show] if show in set(FindingState) else findings
    context = {
        "document": document,
        "findings": shown,
        "pieces": queries.text_pieces(document, findings),
        "pillars": _pillars(findings),
        "progress": queries.progress(findings),
        "show": show,
        "may_review": _may_review(request, document),
        "refused": refused or {},
    }
    return render(request, "library/document.html", context, status=status)


def _pillars(findings: list[Finding]) -> list[tuple[str, str, int]]:
    """List the pillars of a document with the number of their findings, in the order of the campaign."""
    there = [finding.pillar for finding in findings]
    return [(key, name, there.count(key)) for key, name in rules.PILLAR_NAMES.items() if key in there]


def _decide(request: HttpRequest, finding: Finding, act: Callable[[], Finding], *, typed: str = "") -> HttpResponse:
    """Carry out what an officer decided; answer with the card alone when a script asks for it."""
    refused: dict[str, Any] = {}
    status = 200
    try:
        act()
    except RuleBrokenError as error:
        if error.is_about_permission:
            raise
        refused = {"number": finding.number, "sentence": error.sentence(get_language()), "typed": typed}
        status = 422 if error.code == "because.missing" else 409
    if request.headers.get(PIECE) == "card":
        context = {
            "finding": _finding(finding.pk),
            "progress": queries.progress_of(finding.document),
            "may_review": _may_review(request, finding.document),
            "refused": refused,
        }
        response = render(request, "library/_decided.html", context, status=status)
        response[PIECE] = "card"
        return response
    if refused:
        return _review(request, finding.document, refused=refused, status=status)
    return redirect(_card_address(finding))
