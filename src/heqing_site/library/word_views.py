"""Pages of the installation's own words and of what leaves the review: words, noise lines, answer keys."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from heqing_site.errors import RuleBrokenError
from heqing_site.library import forms as shapes
from heqing_site.library import labels, queries, rules, words
from heqing_site.library.models import Document, Finding, ProposedWord
from heqing_site.library.rules import WordState
from heqing_site.library.views import card_address, me
from heqing_site.orgs.queries import may
from heqing_site.orgs.rules import Permission

ORDER = (WordState.PROPOSED, WordState.ACCEPTED, WordState.REFUSED, WordState.WITHDRAWN)


def word_list(request: HttpRequest) -> HttpResponse:
    """List the own words: what waits for the administrator, what is in use, what is not."""
    counts = queries.word_counts()
    state = request.GET.get("state", "")
    if state not in set(WordState):
        state = next((kind for kind in ORDER if counts.get(kind)), WordState.PROPOSED)
    shown = list(queries.proposed_words(state=state))
    tables = [
        {"name": name, "deed": rules.WORD_TABLE_DEEDS[table], "words": [row for row in shown if row.table == table]}
        for table, name in rules.WORD_TABLE_NAMES.items()
    ]
    context = {
        "tables": [table for table in tables if table["words"]],
        "states": [(kind.value, rules.WORD_STATE_NAMES[kind], counts.get(kind, 0)) for kind in ORDER],
        "state": state,
        "waiting": counts.get(WordState.PROPOSED, 0),
        "in_use": counts.get(WordState.ACCEPTED, 0),
        "may_decide": may(me(request), Permission.SITE_ADMIN, None, on=timezone.localdate()),
    }
    return render(request, "library/words.html", context)


@require_POST
def accept_word(request: HttpRequest, key: int) -> HttpResponse:
    """Accept an own word."""
    return _decide(request, lambda word: words.accept_word(by=me(request), at=timezone.now(), word=word), key)


@require_POST
def refuse_word(request: HttpRequest, key: int) -> HttpResponse:
    """Refuse an own word."""
    because = request.POST.get("because", "")
    return _decide(
        request,
        lambda word: words.refuse_word(by=me(request), at=timezone.now(), word=word, because=because),
        key,
    )


@require_POST
def withdraw_word(request: HttpRequest, key: int) -> HttpResponse:
    """Withdraw an own word with the reason."""
    because = request.POST.get("because", "")
    return _decide(
        request,
        lambda word: words.withdraw_word(by=me(request), at=timezone.now(), word=word, because=because),
        key,
    )


def export_words(request: HttpRequest) -> HttpResponse:
    """Hand out the words in use as a ZIP of CSV files that ``heqing read --words`` reads once unpacked."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for table, text in queries.own_word_tables(on=timezone.localdate()).items():
            packed.writestr(f"words/{table}.csv", text.encode("utf-8"))
    return _download(file.getvalue(), "words.zip")


def mark_line(request: HttpRequest, key: int) -> HttpResponse:
    """Mark a line of the text as noise, or take noise back."""
    document = get_object_or_404(Document.objects.select_related("unit"), pk=key)
    near = request.GET.get("near", "0")
    place = int(near) if near.isdecimal() and len(near) < 10 else 0
    is_noise = any(line["start"] <= place < line["end"] for line in document.junk)
    line = rules.line_at(document.text, place)
    given = {
        "words": request.GET.get("words", "")[: rules.LONGEST_QUOTE] or (document.text[slice(*line)] if line else ""),
        "near": place,
        "noise": rules.NO_NOISE if is_noise else rules.NOISE,
    }
    form = shapes.LineForm(request.POST or None, initial=given)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            typed = form.cleaned_data
            found = rules.locate(document.text, typed["words"].strip().split("\n")[0], typed["near"] or 0)
            try:
                word = words.mark_line(
                    by=me(request),
                    at=timezone.now(),
                    document=document,
                    place=found[0] if found else -1,
                    is_noise=typed["noise"] == rules.NOISE,
                )
            except RuleBrokenError as error:
                if error.is_about_permission:
                    raise
                form.add_error(None, error.sentence(get_language()))
            else:
                messages.success(request, f"已按“{word.meaning_name}”处理这一行，并提请管理员采用到今后的解读。")
                return redirect("library:document", key)
    return render(request, "library/line.html", {"form": form, "document": document}, status=status)


def exclude(request: HttpRequest, key: int) -> HttpResponse:
    """Propose that an expression makes no target."""
    finding = get_object_or_404(Finding.objects.select_related("document__unit", "measure"), pk=key)
    form = shapes.ExpressionForm(request.POST or None, initial={"words": finding.quote})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                word = words.exclude_expression(
                    by=me(request), at=timezone.now(), finding=finding, words=form.cleaned_data["words"]
                )
            except RuleBrokenError as error:
                if error.is_about_permission:
                    raise
                form.add_error(None, error.sentence(get_language()))
            else:
                messages.success(request, f"已提请管理员：今后含有“{word.written}”的分句不再读作目标。")
                return redirect(card_address(finding))
    context = {"form": form, "finding": finding, "document": finding.document}
    return render(request, "library/exclude.html", context, status=status)


def document_labels(request: HttpRequest, key: int) -> HttpResponse:
    """Hand out one reviewed document as an answer key."""
    document = get_object_or_404(Document, pk=key)
    try:
        labels.key_of(document)
    except RuleBrokenError as error:
        messages.error(request, error.sentence(get_language()))
        return redirect("library:document", key)
    return _download(labels.answer_key(labels.reviewed_documents().filter(pk=key)), f"reviewed-{key}.zip")


def all_labels(request: HttpRequest) -> HttpResponse:
    """Hand out every reviewed document as an answer key."""
    found = labels.reviewed_documents()
    if not found:
        messages.error(request, "还没有全部核对完的文件，没有可导出的答案集。")
        return redirect("library:documents")
    return _download(labels.answer_key(found), "reviewed.zip")


def _decide(request: HttpRequest, act: Callable[[ProposedWord], ProposedWord], key: int) -> HttpResponse:
    word = get_object_or_404(ProposedWord, pk=key)
    stood = word.state
    try:
        done = act(word)
    except RuleBrokenError as error:
        if error.is_about_permission:
            raise
        messages.error(request, error.sentence(get_language()))
    else:
        messages.success(request, f"“{done}”：{rules.WORD_STATE_NAMES[WordState(done.state)]}。")
    return redirect(f"{reverse('library:words')}?state={stood}")


def _download(content: bytes, name: str) -> HttpResponse:
    return HttpResponse(
        content,
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
