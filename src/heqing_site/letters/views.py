"""Pages of one letter: what it says, who did what, what is next; and what waits for me.

This is where the clock is read. Rights are checked by the actions; the pages only hide what would be refused. What is
not handed down yet is seen by those who work on the letters of the issuing unit.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from heqing_site.errors import RuleBrokenError
from heqing_site.letters import actions, queries, signatures, wordings
from heqing_site.letters import register as registers
from heqing_site.letters.actions import Edit
from heqing_site.letters.forms import AmendForm, ScanForm, WordsForm
from heqing_site.letters.models import Letter, LetterEvidence, LetterIssue, LetterVersion
from heqing_site.letters.rules import DEED_NAMES, Deed, Side, State
from heqing_site.library.evidence import MEGABYTE, File, endings
from heqing_site.library.serving import open_evidence
from heqing_site.official import numeral
from heqing_site.orgs.models import User
from heqing_site.orgs.queries import may
from heqing_site.orgs.rules import Permission

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ON_A_PAGE = 50
PLAIN: dict[Deed, Callable[..., Letter]] = {  # deeds that take at most words
    Deed.SUBMIT: actions.submit,
    Deed.REVIEW: actions.review,
    Deed.RETURN: actions.return_letter,
    Deed.ISSUE: actions.issue,
    Deed.REFRESH: actions.refresh,
    Deed.DROP: actions.drop_revision,
    Deed.WITHDRAW: actions.withdraw,
}
WITH_WORDS = (Deed.REVIEW, Deed.RETURN, Deed.DROP, Deed.WITHDRAW)
MINE = {
    "sign": ("等我签订", queries.to_sign),
    "review": ("等我审核", queries.to_review),
    "issue": ("等我下达", queries.to_issue),
    "mend": ("退回我修改", queries.to_mend),
}


def mine(request: HttpRequest) -> HttpResponse:
    """List what waits for me: to sign, to review, to hand down, to mend."""
    today, me = timezone.localdate(), _me(request)
    counts = {key: query(me, on=today).count() for key, (_, query) in MINE.items()}
    asked = request.GET.get("what", "")
    if asked not in MINE:
        asked = next((key for key, count in counts.items() if count), "sign")
    page = Paginator(MINE[asked][1](me, on=today), ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "what": asked,
        "chips": [(key, title, counts[key]) for key, (title, _) in MINE.items()],
        "page": page,
        "rows": list(page.object_list),
        "total": sum(counts.values()),
    }
    return render(request, "letters/mine.html", context)


# --- one letter ---------------------------------------------------------------------------------------------------


def letter(request: HttpRequest, key: int) -> HttpResponse:
    """Show a letter: the version that counts, or the one in work for those who work on it."""
    return _letter(request, _found(request, key))


def _letter(request: HttpRequest, found: Letter, sentence: str = "", status: int = 200, **more: Any) -> HttpResponse:
    today, me = timezone.localdate(), _me(request)
    sees = queries.may_see_drafts(me, found.series.issuer, on=today)
    shown = queries.version_of(
        found, found.newest if (found.is_in_work and sees) or not found.in_force else found.in_force
    )
    issue = queries.issue_of(shown)
    deeds = {deed.value for deed in queries.deeds_open(found, me, on=today)}
    signed = queries.signatures_of(shown) if issue else {}
    sides = []
    for side in Side:
        unit = found.unit_of(side)
        is_next = found.state == State.ISSUED and found.waits_for == side
        may_sign = (
            is_next
            and may(me, Permission.LETTER_SIGN, unit, on=today)
            and queries.principal_term(me, unit, on=today) is not None
        )
        sides.append(
            {
                "side": side.value,
                "unit": unit,
                "role": found.series.words.roles[side],
                "deed": found.series.words.deeds[side],
                "step": signed.get(side),
                "is_next": is_next,
                "may_sign": may_sign,
            }
        )
    differences = queries.differences(on=today, letters=[found.pk]).get(found.pk, [])
    steps = queries.steps_of(found)
    context = {
        "letter": found,
        "series": found.series,
        "version": shown,
        "content": shown.content,
        "kind": found.series.words,
        "issue": issue,
        "versions": queries.versions_of(found)
        if sees
        else [one for one in queries.versions_of(found) if hasattr(one, "issue")],
        "steps": steps if sees else [step for step in steps if step.version.number <= found.in_force],
        "deeds": deeds,
        "sides": sides,
        "may_enter": found.in_force
        and not found.is_in_work
        and found.is_alive
        and may(me, Permission.LETTER_ISSUE, found.series.issuer, on=today),
        "is_mine_to_sign": any(side["may_sign"] for side in sides),
        "differences": differences,
        "next": _next(found, deeds, me),
        "words_form": more.get("words_form") or WordsForm(),
        "amend_form": more.get("amend_form") or AmendForm(series=found.series),
        "scan_form": more.get("scan_form") or ScanForm(initial={"issuer_day": today, "receiver_day": today}),
        "open_part": more.get("open_part", ""),
        "preset": wordings.presets()[found.series.reasons],
        "sentence": sentence,
        "sees": sees,
        "kinds": endings(),
        "limit": settings.UPLOAD_LIMIT // MEGABYTE,
        "lines": _lines(shown),
    }
    return render(request, "letters/letter.html", context, status=status)


def _next(found: Letter, deeds: set[str], me: User) -> str:
    """Say what is next and whose it is."""
    match State(found.state):
        case State.DRAFT:
            return "下一步：送审，由另一人审核。" if "submit" in deeds else "由拟制人送审。"
        case State.SUBMITTED:
            if "review" in deeds:
                return "请核对目标和要求，审核通过或退回。"
            wrote = me.pk in queries.writers_of(found)
            return "本稿由您拟制、修改或送审，等另一人审核。" if wrote else "等审核。"
        case State.RETURNED:
            return "已退回，修改后再送审。" if "edit" in deeds else "已退回，由拟制人修改。"
        case State.REVIEWED:
            return "已审核，可以编号下达。" if "issue" in deeds else "等编号下达。"
        case State.ISSUED:
            return f"{found.waits_for_name}。"
        case State.SIGNED:
            return "双方已签，责任书生效。"
    return "已撤销，编号不再使用。"


def _lines(shown: LetterVersion) -> list[dict[str, Any]]:
    """Lay the parts out as the page shows them, each with its table where it has one."""
    content = shown.content
    number, found = 0, []
    for part in content.parts:
        number += bool(part.heading)
        found.append(
            {
                "number": numeral(number) if part.heading else "",
                "heading": part.heading,
                "words": part.words,
                "part": part.part,
            }
        )
    return found


@require_POST
def act(request: HttpRequest, key: int, deed: str) -> HttpResponse:
    """Do something to a letter that takes at most words; what is refused is told on its page."""
    found = _found(request, key)
    if deed not in {one.value for one in PLAIN}:
        raise Http404
    done = Deed(deed)
    form = WordsForm(request.POST)
    form.is_valid()
    said: dict[str, Any] = {"words": form.cleaned_data.get("words", "")} if done in WITH_WORDS else {}
    if done is Deed.REFRESH:
        said["with_left_out"] = request.POST.get("with_left_out") == "1"
    try:
        changed = PLAIN[done](by=_me(request), at=timezone.now(), letter=found, seen=_seen(request), **said)
    except RuleBrokenError as error:
        if error.is_about_permission:
            raise
        again = _found(request, key)
        return _letter(request, again, error.sentence(get_language()), 409, words_form=form, open_part=deed)
    messages.success(request, f"已办理“{DEED_NAMES[done]}”，现为“{changed.state_name}”。")
    return redirect("letters:letter", key)


@require_POST
def amend(request: HttpRequest, key: int) -> HttpResponse:
    """Write a revision, with the reason and on whose authority."""
    found = _found(request, key)
    form = AmendForm(request.POST, series=found.series)
    if not form.is_valid():
        return _letter(request, found, "请补全修订事由、说明和批准依据。", 422, amend_form=form, open_part="amend")
    try:
        actions.amend(by=_me(request), at=timezone.now(), letter=found, seen=_seen(request), **form.cleaned_data)
    except RuleBrokenError as error:
        if error.is_about_permission:
            raise
        return _letter(request, found, error.sentence(get_language()), 409, amend_form=form, open_part="amend")
    messages.success(request, "已按现在的台账拟出修订稿。原件继续有效，直到修订稿下达。")
    return redirect("letters:letter", key)


def edit(request: HttpRequest, key: int) -> HttpResponse:
    """Change words, take lines out, add lines."""
    found = _found(request, key)
    today = timezone.localdate()
    if Deed.EDIT not in queries.deeds_open(found, _me(request), on=today):
        messages.error(request, f"现为“{found.state_name}”，或您没有拟制权限，不能修改。")
        return redirect("letters:letter", key)
    version = queries.version_of(found, found.newest)
    sentence, status = "", 200
    if request.method == "POST":
        post = request.POST
        changes = Edit(
            words={str(n): post[f"words-{n}"] for n in range(len(version.content.parts)) if f"words-{n}" in post},
            kept_targets=[int(place) for place in post.getlist("target") if place.isdecimal()],
            kept_tasks=[int(place) for place in post.getlist("task") if place.isdecimal()],
            more_targets=post.get("more_targets", ""),
            more_tasks=post.get("more_tasks", ""),
        )
        try:
            actions.edit(by=_me(request), at=timezone.now(), letter=found, changes=changes, seen=_seen(request))
        except RuleBrokenError as error:
            if error.is_about_permission:
                raise
            sentence, status = error.sentence(get_language()), 409
        else:
            messages.success(request, "已保存。")
            return redirect("letters:letter", key)
    context = {
        "letter": found,
        "series": found.series,
        "version": version,
        "content": version.content,
        "parts": [
            (number, part, request.POST.get(f"words-{number}", "\n".join(part.words)))
            for number, part in enumerate(version.content.parts)
        ],
        "more_targets": request.POST.get("more_targets", ""),
        "more_tasks": request.POST.get("more_tasks", ""),
        "sentence": sentence,
    }
    return render(request, "letters/edit.html", context, status=status)


def version(request: HttpRequest, key: int, number: int) -> HttpResponse:
    """Show an older version of a letter as it was."""
    found = _found(request, key)
    shown = get_object_or_404(
        LetterVersion.objects.select_related("made_by", "supersedes"), letter=found, number=number
    )
    issue = queries.issue_of(shown)
    if issue is None and not queries.may_see_drafts(_me(request), found.series.issuer, on=timezone.localdate()):
        raise Http404
    context = {
        "letter": found,
        "series": found.series,
        "version": shown,
        "content": shown.content,
        "kind": found.series.words,
        "issue": issue,
        "lines": _lines(shown),
        "signed": [(found.unit_of(side), step) for side, step in queries.signatures_of(shown).items()],
        "is_in_force": number == found.in_force and found.is_alive,
    }
    return render(request, "letters/version.html", context)


# --- signing ------------------------------------------------------------------------------------------------------


@require_POST
def sign(request: HttpRequest, key: int, side: str) -> HttpResponse:
    """Sign as holder of the principal post, with the password typed again."""
    found = _found(request, key)
    if side not in {one.value for one in Side}:
        raise Http404
    try:
        signatures.confirm(
            by=_me(request),
            at=timezone.now(),
            letter=found,
            side=Side(side),
            password=request.POST.get("password", ""),
            seen=_seen(request),
        )
    except RuleBrokenError as error:
        if error.is_about_permission:
            raise
        return _letter(request, _found(request, key), error.sentence(get_language()), 409)
    messages.success(request, f"已签订{found.series.title}。")
    return redirect("letters:letter", key)


@require_POST
def scan(request: HttpRequest, key: int) -> HttpResponse:
    """Keep the scan of the signed letter with who signed and when."""
    found = _found(request, key)
    form = ScanForm(request.POST)
    if not form.is_valid():
        return _letter(request, found, "签署人和签署日期要一起填。", 422, scan_form=form, open_part="scan")
    chosen = [file for name in ("files", "camera") for file in request.FILES.getlist(name)]
    try:
        signatures.enter_scan(
            by=_me(request),
            at=timezone.now(),
            letter=found,
            signatures=form.signatures(),
            files=[File(file.name or "", file.read(settings.UPLOAD_LIMIT + 1)) for file in chosen],
            because=form.cleaned_data["because"],
            seen=_seen(request),
        )
    except RuleBrokenError as error:
        if error.is_about_permission:
            raise
        again = _found(request, key)
        return _letter(request, again, error.sentence(get_language()), 409, scan_form=form, open_part="scan")
    messages.success(request, "已登记签字扫描件。")
    return redirect("letters:letter", key)


# --- files --------------------------------------------------------------------------------------------------------


def word(request: HttpRequest, key: int) -> HttpResponse:
    """Hand out the newest version as a Word file that says it is a draft."""
    found = _found(request, key)
    if not queries.may_see_drafts(_me(request), found.series.issuer, on=timezone.localdate()):
        raise Http404
    name, content = registers.draft_of(found)
    response = HttpResponse(content, content_type=DOCX)
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


def issued_file(request: HttpRequest, key: int) -> HttpResponseBase:
    """Hand out the very file that was issued."""
    issue = get_object_or_404(LetterIssue, pk=key)
    try:
        file = issue.received.open("rb")
    except FileNotFoundError as error:
        raise Http404("原件不在数据目录中，请联系系统管理员从备份恢复。") from error
    return FileResponse(file, as_attachment=True, filename=issue.file_name, content_type=DOCX)


def evidence(request: HttpRequest, key: int) -> HttpResponseBase:
    """Open a scan: pictures and PDF in place, all others to be kept."""
    return open_evidence(get_object_or_404(LetterEvidence, pk=key))


# --- what the pages have in common --------------------------------------------------------------------------------


def _me(request: HttpRequest) -> User:
    return cast(User, request.user)


def _seen(request: HttpRequest) -> int | None:
    typed = request.POST.get("seen", "")
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 9 else None


def _found(request: HttpRequest, key: int) -> Letter:
    """Find a letter that this person may see: handed down, or in work where they work on letters."""
    found = queries.letter_with(key)
    today: date = timezone.localdate()
    if found is None or not (found.in_force or queries.may_see_drafts(_me(request), found.series.issuer, on=today)):
        raise Http404
    return found
