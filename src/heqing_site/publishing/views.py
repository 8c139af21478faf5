"""Pages of bulletins. Each reads one query or carries out one action, and renders.

This is where the clock is read: actions are told the moment. Rights are checked by the actions; the pages only hide
what would be refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from heqing_site.errors import RuleBrokenError
from heqing_site.official import heading_number, say_date
from heqing_site.orgs.models import User
from heqing_site.orgs.queries import may
from heqing_site.orgs.rules import Permission
from heqing_site.publishing import actions, queries
from heqing_site.publishing.forms import DraftForm, ReasonForm
from heqing_site.publishing.models import Bulletin, BulletinVersion
from heqing_site.publishing.paper import word_file
from heqing_site.publishing.rules import Content, Deed, Figure, State, named, parts
from heqing_site.reporting.rules import Kind as PeriodKind
from heqing_site.reporting.rules import around

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
Piece = tuple[str, str, str]  # words, the address of their source, what the figure is


@dataclass(frozen=True)
class Shown:
    """A block as the page shows it: each figure leads to its source."""

    kind: str
    pieces: list[Piece] = field(default_factory=list)
    head: list[str] = field(default_factory=list)
    rows: list[list[list[Piece]]] = field(default_factory=list)
    is_attached: bool = False


# --- lists --------------------------------------------------------------------------------------------------------


def bulletins(request: HttpRequest) -> HttpResponse:
    """List the bulletins by month (通报)."""
    today = timezone.localdate()
    me = _me(request)
    found = list(queries.bulletins(me, on=today))
    month = queries.month_to_tell(today)
    units = queries.units_to_draft(me, on=today)
    waiting = [row for row in found if row.state != State.ISSUED]
    context = {
        "rows": found,
        "month": month,
        "waiting": len(waiting),
        "issued": len(found) - len(waiting),
        "has_month": any(row.month_start == month.first and row.corrects_id is None for row in found),
        "may_draft": bool(units),
        "is_invented": any(row.is_invented for row in found),
    }
    return render(request, "publishing/bulletins.html", context)


def draft(request: HttpRequest) -> HttpResponse:
    """Draft the bulletin of a month (拟通报)."""
    today = timezone.localdate()
    me = _me(request)
    units = queries.units_to_draft(me, on=today)
    month = queries.month_to_tell(today)
    form = DraftForm(request.POST or None, units=units, month=month.first)
    status = 200
    if request.method == "POST":
        status = 409
        if form.is_valid():
            said = form.cleaned_data
            try:
                made = actions.draft_bulletin(
                    by=me,
                    at=timezone.now(),
                    month=around(PeriodKind.MONTH, said["month"]),
                    unit=said["unit"],
                    as_of=said["as_of"],
                    issuer=said["issuer"],
                )
            except RuleBrokenError as error:
                if error.is_about_permission:
                    raise
                form.add_error(None, error.sentence(get_language()))
            else:
                messages.success(request, "已拟成草稿：数据取自各处，与来源相连。请核对文字后送审。")
                return redirect("publishing:bulletin", made.pk)
    return render(request, "publishing/draft.html", {"form": form, "may_draft": bool(units)}, status=status)


# --- one bulletin -------------------------------------------------------------------------------------------------


def bulletin(request: HttpRequest, key: int) -> HttpResponse:
    """Show a bulletin as its paper document, with the source of each figure, who did what, and what is open to me."""
    found = _readable(request, key)
    return _page(request, found, ReasonForm())


def _page(
    request: HttpRequest, found: Bulletin, form: ReasonForm, *, fault: str = "", status: int = 200
) -> HttpResponse:
    today = timezone.localdate()
    version = queries.newest_version(found)
    content = version.content
    steps = queries.steps_of(found)
    me = _me(request)
    deeds = queries.deeds_open(found, me, on=today)
    differences = queries.corrections(found, as_of=today) if found.state in (State.ISSUED, State.APPROVED) else []
    issue = found.issue if found.is_issued else None
    context = {
        "bulletin": found,
        "version": version,
        "content": content,
        "blocks": _shown(content, version, is_attached=False),
        "attached": _shown(content, version, is_attached=True),
        "number": queries.number_of(found, on=today),
        "day": say_date(issue.issued_on) if issue else "",
        "issue": issue,
        "steps": steps,
        "last": steps[-1],
        "deeds": {deed.value for deed in deeds},
        "waits_for": _waits_for(found),
        "is_mine": found.state == State.SUBMITTED and me.pk in queries.writers_of(found),
        "differences": [(difference, _address(difference.figure, version)) for difference in differences],
        "notices": list(found.notices.select_related("issue").order_by("pk")),
        "may_correct": found.is_issued
        and found.corrects_id is None
        and bool(differences)
        and may(me, Permission.BULLETIN_DRAFT, found.unit, on=today),
        "form": form,
        "fault": fault,
    }
    return render(request, "publishing/bulletin.html", context, status=status)


def _waits_for(found: Bulletin) -> str:
    return {
        State.DRAFT: "等拟稿人送审",
        State.RETURNED: "等拟稿人修改后重新送审",
        State.SUBMITTED: "等领导审签",
        State.APPROVED: "等督查部门印发",
        State.ISSUED: "",
    }[State(found.state)]


def edit(request: HttpRequest, key: int) -> HttpResponse:
    """Change the words of a draft; figures stay bound."""
    found = _readable(request, key)
    version = queries.newest_version(found)
    content = version.content
    deeds = queries.deeds_open(found, _me(request), on=timezone.localdate())
    typed: dict[str, str] = {}
    fault, status = "", 200
    if request.method == "POST":
        typed = {
            block.key: request.POST[f"words-{block.key}"]
            for block in content.blocks
            if f"words-{block.key}" in request.POST
        }
        try:
            actions.edit_draft(
                by=_me(request),
                at=timezone.now(),
                bulletin=found,
                words=typed,
                title=request.POST.get("title"),
                issuer=request.POST.get("issuer"),
                seen=_seen(request),
            )
        except RuleBrokenError as error:
            if error.is_about_permission:
                raise
            fault, status = error.sentence(get_language()), 409
        else:
            messages.success(request, "已保存；数据仍与来源相连。")
            return redirect("publishing:bulletin", key)
    elif Deed.EDIT not in deeds:
        messages.error(request, f"“{found}”现为“{found.state_name}”，您不能修改。")
        return redirect("publishing:bulletin", key)
    fields = [
        (
            block,
            typed.get(block.key, block.words),
            _bound(block.words, content),
        )
        for block in content.blocks
        if block.kind != "table"
    ]
    context = {
        "bulletin": found,
        "content": content,
        "fields": fields,
        "fault": fault,
        "title": request.POST.get("title", content.title),
        "issuer": request.POST.get("issuer", content.issuer),
        "seen": request.POST.get("seen", found.turn),
    }
    return render(request, "publishing/edit.html", context, status=status)


@require_POST
def act(request: HttpRequest, key: int, deed: str) -> HttpResponse:
    """Do one of the deeds on a bulletin: submit, approve, return, issue, take the figures anew."""
    found = _readable(request, key)
    who: dict[str, Any] = {"by": _me(request), "at": timezone.now(), "bulletin": found, "seen": _seen(request)}
    form = ReasonForm(request.POST) if deed == Deed.RETURN else ReasonForm()
    deeds: dict[str, tuple[Callable[..., Bulletin], str]] = {
        Deed.SUBMIT: (actions.submit, "已送审。"),
        Deed.APPROVE: (actions.approve, "已审签，可以印发。"),
        Deed.RETURN: (actions.return_bulletin, "已退回，理由记入办理过程。"),
        Deed.ISSUE: (actions.issue, "已印发：数据、截止日、审签人和文件已经固定。"),
        Deed.REFRESH: (actions.refresh_draft, "已重取数据，改过的文字仍然保留。"),
    }
    if deed not in deeds:
        raise Http404
    if deed == Deed.RETURN:
        who["because"] = request.POST.get("because", "")
    action, said = deeds[deed]
    try:
        action(**who)
    except RuleBrokenError as error:
        if error.is_about_permission:
            raise
        return _page(request, _readable(request, key), form, fault=error.sentence(get_language()), status=409)
    messages.success(request, said)
    return redirect("publishing:bulletin", key)


@require_POST
def correct(request: HttpRequest, key: int) -> HttpResponse:
    """Draft a notice that corrects an issued bulletin."""
    found = _readable(request, key)
    try:
        made = actions.draft_correction(by=_me(request), at=timezone.now(), bulletin=found)
    except RuleBrokenError as error:
        if error.is_about_permission:
            raise
        return _page(request, found, ReasonForm(), fault=error.sentence(get_language()), status=409)
    messages.success(request, "已拟成更正通知的草稿。")
    return redirect("publishing:bulletin", made.pk)


def word(request: HttpRequest, key: int) -> HttpResponse:
    """Hand out the Word file: of an issued bulletin the very bytes that were issued, of a draft one that says so."""
    found = _readable(request, key)
    if found.is_issued:
        issue = found.issue
        try:
            with issue.received.open("rb") as file:
                content = file.read()
        except FileNotFoundError as error:
            raise Http404("印发件不在数据目录中，请联系系统管理员从备份恢复。") from error
        if hashlib.sha256(content).hexdigest() != issue.sha256:
            raise Http404("印发件与印发时的校验值不符，请联系系统管理员从备份恢复。")
        name = issue.file_name
    else:
        said = queries.newest_version(found).content
        content = word_file(said, number=queries.number_of(found, on=timezone.localdate()), sealed=None)
        name = f"{'演示数据 ' if said.is_invented else ''}草稿 {said.title}.docx"
    response = HttpResponse(content, content_type=WORD)
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


# --- what the pages have in common --------------------------------------------------------------------------------


def _shown(content: Content, version: BulletinVersion, *, is_attached: bool) -> list[Shown]:
    found: list[Shown] = []
    headings = 0
    for block in content.blocks:
        if block.is_attached is not is_attached:
            continue
        if block.kind == "heading":
            headings += 1
            found.append(Shown("heading", [(heading_number(1, headings) + block.words, "", "")]))
        elif block.kind == "table":
            rows = [[_pieces(cell, content, version) for cell in row] for row in block.rows]
            found.append(Shown("table", head=block.head, rows=rows, is_attached=is_attached))
        else:
            lines = [line for line in block.words.splitlines() if line.strip()]
            found.extend(Shown("paragraph", _pieces(line, content, version)) for line in lines)
    return found


def _pieces(words: str, content: Content, version: BulletinVersion) -> list[Piece]:
    return [
        (text, "", "") if figure is None else (text, _address(figure, version), figure.about)
        for text, figure in parts(words, content.figures)
    ]


def _address(figure: Figure, version: BulletinVersion) -> str:
    """Give the page that tells where a figure comes from; empty where no room tells it."""
    try:
        match figure.source:
            case "verdict":
                return reverse("verdicts:why", args=[figure.ref]) + f"?day={version.as_of}"
            case "target":
                return reverse("ledger:target", args=[figure.ref])
            case "report":
                return reverse("reporting:target", args=[figure.ref])
            case "late":
                return reverse("reporting:late") + f"?month={figure.ref}"
            case "cases":
                return reverse("cases:cases")
            case "scores":
                return reverse("scorecards:board") + f"?month={figure.ref}"
            case "pillar":
                return reverse("ledger:ledger") + f"?pillar={figure.ref}&as_of={version.as_of}"
            case "instruments":
                return reverse("ledger:ledger") + f"?source=instrument&as_of={version.as_of}"
            case "ledger":
                return reverse("ledger:ledger") + f"?as_of={version.as_of}"
    except NoReverseMatch:
        return ""
    return ""


def _bound(words: str, content: Content) -> list[Figure]:
    """List the figures of a paragraph in the order in which they stand."""
    names = sorted(named(words, content.figures), key=lambda name: words.find(f"【{name}】"))
    return [content.figures[name] for name in names]


def _readable(request: HttpRequest, key: int) -> Bulletin:
    return get_object_or_404(queries.bulletins(_me(request), on=timezone.localdate()), pk=key)


def _me(request: HttpRequest) -> User:
    return cast(User, request.user)


def _seen(request: HttpRequest) -> int | None:
    said = request.POST.get("seen", "")
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 9 else None
