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
from heqing_site.library.filters import Filters
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
            by=me(request),
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
            by=me(request), at=timezone.now(), finding=finding, seen=request.POST.get("seen")
        ),
    )


def reject(request: HttpRequest, key: int) -> HttpResponse:
    """Reject a finding with a reason; without a script the reason is chosen on a page of its own."""
    finding = _finding(key)
    if request.method != "POST":
        return _rejection(request, finding)
    form = shapes.BecauseForm({"because": request.POST.get("because") or request.POST.get("other", "")})
    because = form.cleaned_data["because"] if form.is_valid() else form.data["because"][:200]
    return _decide(
        request,
        finding,
        lambda: actions.reject_finding(
            by=me(request), at=timezone.now(), finding=finding, because=because, seen=request.POST.get("seen")
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
            by=me(request), at=timezone.now(), finding=finding, seen=request.POST.get("seen")
        ),
    )


def correct(request: HttpRequest, key: int) -> HttpResponse:
    """Correct a finding, in its card or on a page of its own."""
    finding = _finding(key)
    form = shapes.CorrectionForm(request.POST or None, initial=shapes.FindingForm.facts_of(finding))
    seen = request.POST.get("seen", finding.version)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                _correct(request, finding, dict(form.cleaned_data), seen)
            except RuleBrokenError as error:
                if error.is_about_permission:
                    raise
                status = 409
                form.add_error(None, error.sentence(get_language()))
                finding = _finding(key)
                seen = finding.version  # the sentence said what changed: sent again, it is meant
            else:
                return _card(request, [finding]) if _asks_for_piece(request) else redirect(card_address(finding))
    names = queries.suggest_indicators(finding.indicator, unit=finding.unit, pillar=finding.pillar)
    context = {
        "form": form,
        "finding": finding,
        "document": finding.document,
        "seen": seen,
        "names": names,
        "may_review": _may_review(request, finding.document),
    }
    if _asks_for_piece(request):
        return _piece(render(request, "library/_correct.html", context, status=status), "form")
    return render(request, "library/correct.html", context, status=status)


@require_POST
def undo(request: HttpRequest, key: int) -> HttpResponse:
    """Take back what this officer decided last in a document."""
    document = get_object_or_404(Document.objects.select_related("unit", "added_by"), pk=key)
    asked = queries.last_decision(document, me(request))
    if not asked:
        if _asks_for_piece(request):
            return _piece(render(request, "library/_cards.html", {"document": document}), "card")
        messages.info(request, "您在这份文件中没有可撤销的决定。")
        return redirect("library:document", key)
    undone = actions.undo_decisions(by=me(request), at=timezone.now(), findings=asked)
    if _asks_for_piece(request):
        return _card(request, undone)
    messages.success(request, f"已撤销您上一步的决定：{_numbered(undone)}。")
    return redirect(card_address(undone[0]))


def accept_many(request: HttpRequest, key: int) -> HttpResponse:
    """Show which findings would be accepted together, and accept those that are left ticked."""
    document = get_object_or_404(Document.objects.select_related("unit", "added_by"), pk=key)
    chosen = Filters.of(request.GET).for_bulk()
    if request.method == "POST":
        asked = dict(told.split("|", 1) for told in request.POST.getlist("finding") if "|" in told)
        done = actions.accept_findings(
            by=me(request),
            at=timezone.now(),
            document=document,
            asked={int(number): seen for number, seen in asked.items() if number.isdecimal()},
        )
        if done.accepted:
            messages.success(
                request, f"已采纳 {len(done.accepted)} 条：{_numbered(done.accepted)}。点“撤销”可一并撤回。"
            )
        if done.left_out:
            messages.warning(request, f"{_numbered(done.left_out)}在此期间有变动，未采纳，请逐条核对。")
        return redirect(f"{reverse('library:document', args=[key])}?{request.POST.get('back', '')}")
    matters = set(_may_review(request, document))
    waiting = [
        finding
        for finding in queries.findings_of(document)
        if finding.state == FindingState.PROPOSED and chosen.fits(finding, but="sure")
    ]
    possible = [finding for finding in waiting if finding.can_be_in_bulk and finding.pillar in matters]
    fitting = [finding for finding in possible if chosen.fits(finding)]
    context = {
        "document": document,
        "findings": fitting,
        "left_out": len(waiting) - len(fitting),
        "steps": chosen.steps(possible),
        "filters": chosen,
        "back": Filters.of(request.GET).query,
    }
    return render(request, "library/accept_many.html", context)


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
                    by=me(request), at=timezone.now(), document=document, start=start, end=end, **typed
                )
            except RuleBrokenError as error:
                if error.is_about_permission:
                    raise
                form.add_error(None, error.sentence(get_language()))
            else:
                messages.success(request, f"已补录第 {finding.number} 条。")
                return redirect(card_address(finding))
    context = {"form": form, "document": document, "names": list(queries.catalogue_names())}
    return render(request, "library/add_finding.html", context, status=status)


def names(request: HttpRequest) -> HttpResponse:
    """Offer names of indicators while an officer types, as the choices of a list."""
    asked = request.GET
    found = queries.suggest_indicators(
        asked.get("indicator", "")[:80], unit=asked.get("unit", ""), pillar=asked.get("pillar", "")
    )
    return _piece(render(request, "library/_names.html", {"names": found}), "names")


# --- what the pages have in common --------------------------------------------------------------------------------


def me(request: HttpRequest) -> User:
    """Give who asks."""
    return cast(User, request.user)


def _finding(key: int) -> Finding:
    found = Finding.objects.select_related("document__unit", "document__added_by", "measure", "decided_by")
    return get_object_or_404(
        found.defer("document__text"), pk=key
    )  # a decision needs no text; a correction asks for it


def card_address(finding: Finding) -> str:
    """Give the address of a finding on its review page."""
    return f"{reverse('library:document', args=[finding.document_id])}#f{finding.number}"


def _upload_form(request: HttpRequest) -> shapes.UploadForm | None:
    """Give the form to whoever may take in documents anywhere."""
    today = timezone.localdate()
    within = places_with(me(request), Permission.DOCUMENT_ADD, on=today)
    if within is not None and not within:
        return None
    return shapes.UploadForm(
        request.POST or None, request.FILES or None, on=today, within=within, home=me(request).unit
    )


def _list(request: HttpRequest, form: shapes.UploadForm | None, status: int = 200) -> HttpResponse:
    search = request.GET.get("q", "").strip()
    page = Paginator(queries.documents(search=search), DOCUMENTS_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "search": search,
        "form": form,
        "limit": settings.UPLOAD_LIMIT // MEGABYTE,
        "waiting": queries.word_counts().get(rules.WordState.PROPOSED, 0),
    }
    return render(request, "library/documents.html", context, status=status)


def _may_review(request: HttpRequest, document: Document) -> list[str]:
    """List the matters whose findings this person may decide."""
    where = reach(me(request), Permission.DOCUMENT_REVIEW, on=timezone.localdate())
    return [matter for matter in rules.PILLAR_NAMES if where.holds(document.unit_id, matter)]


def _review(
    request: HttpRequest, document: Document, *, refused: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    findings = list(queries.findings_of(document))
    filters = Filters.of(request.GET)
    shown = [finding for finding in findings if filters.fits(finding)]
    may_review = _may_review(request, document)
    context = {
        **_card_context(request, document, may_review),
        "document": document,
        "findings": shown,
        "total": len(findings),
        "pieces": queries.text_pieces(document, shown),
        "mask_mark": rules.GAP_MARKS["number_masked"],
        "pillars": _pillars(findings),
        "progress": queries.progress(findings),
        "filters": filters,
        "facets": filters.facets(findings),
        "bulk": sum(finding.can_be_in_bulk and filters.fits(finding, but="show") for finding in findings),
        "reasons": rules.REJECTION_REASONS,
        "refused": refused or {},
    }
    return render(request, "library/document.html", context, status=status)


def _pillars(findings: list[Finding]) -> list[tuple[str, str, int]]:
    """List the pillars of a document with the number of their findings, in the order of the campaign."""
    there = [finding.pillar for finding in findings]
    return [(key, name, there.count(key)) for key, name in rules.PILLAR_NAMES.items() if key in there]


def _card_context(request: HttpRequest, document: Document, may_review: list[str] | None = None) -> dict[str, Any]:
    """Give what every card of a document needs, asked once."""
    return {
        "may_review": _may_review(request, document) if may_review is None else may_review,
        "deeds": f"{reverse('library:documents')}findings/",
        "language": get_language(),
    }


def _asks_for_piece(request: HttpRequest) -> bool:
    return PIECE in request.headers


def _piece(response: HttpResponse, name: str) -> HttpResponse:
    response[PIECE] = name
    return response


def _card(
    request: HttpRequest, findings: list[Finding], *, refused: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """Answer a script with the cards that changed and the progress of their document."""
    document = findings[0].document
    context = {
        **_card_context(request, document),
        "document": document,
        "findings": [_finding(finding.pk) for finding in findings],
        "progress": queries.progress_of(document),
        "refused": refused or {},
    }
    return _piece(render(request, "library/_cards.html", context, status=status), "card")


def _rejection(request: HttpRequest, finding: Finding, *, said: str = "", status: int = 200) -> HttpResponse:
    context = {
        "finding": finding,
        "document": finding.document,
        "reasons": rules.REJECTION_REASONS,
        "said": said,
    }
    return render(request, "library/reject.html", context, status=status)


def _numbered(findings: list[Finding]) -> str:
    """Name findings by their numbers: 第 3、5、8 条; after a dozen only how many more."""
    numbers = [str(finding.number) for finding in findings]
    more = f"等 {len(numbers)} 条" if len(numbers) > 12 else " 条"
    return f"第 {'、'.join(numbers[:12])}{more}"


def _correct(request: HttpRequest, finding: Finding, typed: dict[str, Any], seen: str) -> None:
    """Correct a finding as typed; words that are cited otherwise are looked up in the text."""
    because, words, near = typed.pop("because"), typed.pop("words"), typed.pop("near") or finding.start
    if words.split() and "".join(words.split()) != "".join(finding.quote.split()):
        place = rules.locate(finding.document.text, words, near)
        if place is None:
            raise RuleBrokenError("finding.no_words")
        typed["start"], typed["end"] = place
    actions.correct_finding(
        by=me(request), at=timezone.now(), finding=finding, changes=typed, because=because, seen=seen
    )


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
    if _asks_for_piece(request):
        return _card(request, [finding], refused=refused, status=status)
    if status == 422:
        return _rejection(request, finding, said=refused["sentence"], status=status)
    if refused:
        return _review(request, finding.document, refused=refused, status=status)
    return redirect(card_address(finding))
