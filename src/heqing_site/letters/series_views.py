"""Pages of series, of what is taken in one go, and of templates. Each reads one query or carries out one action.

This is where the clock is read. Everything works without scripts: a run is carried on by its button.
"""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from heqing_site.errors import RuleBrokenError
from heqing_site.letters import actions, queries, runs, wordings
from heqing_site.letters import register as registers
from heqing_site.letters.forms import USUAL_RECEIVERS, SeriesForm, TemplateForm, text_of
from heqing_site.letters.models import LetterRun, LetterSeries, LetterTemplate
from heqing_site.letters.queries import RIGHTS
from heqing_site.letters.rules import IN_ONE_GO, STATE_NAMES, Deed, State
from heqing_site.orgs.models import Unit, User
from heqing_site.orgs.queries import ids_below, may, may_somewhere, places_with
from heqing_site.orgs.rules import Permission
from heqing_site.sheets.views import brought, xlsx

SERIES_ON_A_PAGE, LETTERS_ON_A_PAGE = 20, 50
RUN_NAMES = {
    Deed.DRAFT: "全部拟制",
    Deed.SUBMIT: "全部送审",
    Deed.REVIEW: "全部审核通过",
    Deed.ISSUE: "全部编号下达",
}


def home(request: HttpRequest) -> HttpResponse:
    """List the series with how many letters stand where, and what is mine."""
    today, me = timezone.localdate(), _me(request)
    year = _number(request.GET.get("year", ""))
    page = Paginator(queries.listed_series(year=year), SERIES_ON_A_PAGE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    stale = queries.stale_by_series(rows, on=today)
    context = {
        "rows": [(series, stale.get(series.pk, 0)) for series in rows],
        "page": page,
        "total": page.paginator.count,
        "years": queries.years(),
        "year": year,
        "to_sign": queries.to_sign(me, on=today).count(),
        "to_review": queries.to_review(me, on=today).count(),
        "to_issue": queries.to_issue(me, on=today).count(),
        "to_mend": queries.to_mend(me, on=today).count(),
        "may_draft": may_somewhere(me, Permission.LETTER_DRAFT, on=today),
        "is_invented": any(series.is_invented for series in rows),
    }
    return render(request, "letters/home.html", context)


def open_series(request: HttpRequest) -> HttpResponse:
    """Open a series of letters (建立批次)."""
    today, me = timezone.localdate(), _me(request)
    places = places_with(me, Permission.LETTER_DRAFT, on=today)
    issuer = _usual_issuer(me, places, request)
    initial = {
        "year": today.year,
        "kind": request.GET.get("kind", ""),
        "issuer": issuer,
        "receivers": _usual_receivers(issuer),
        "reasons": next(iter(wordings.presets())),
    }
    form = SeriesForm(request.POST or None, on=today, places=places, initial=initial)
    sentence, status = "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            said = dict(form.cleaned_data)
            key = said.pop("template")
            said["template"] = LetterTemplate.objects.get(pk=key) if key else None
            said["receivers"] = list(said["receivers"])
            try:
                found = actions.open_series(by=me, at=timezone.now(), **said)
            except RuleBrokenError as error:
                if error.is_about_permission:
                    raise
                sentence, status = error.sentence(get_language()), 409
            else:
                messages.success(request, f"已建立“{found.title}”，{len(said['receivers'])} 个单位。下一步：全部拟制。")
                return redirect("letters:series", found.pk)
    context = {"form": form, "sentence": sentence, "chosen": _chosen(form)}
    return render(request, "letters/open.html", context, status=status)


def series(request: HttpRequest, key: int) -> HttpResponse:
    """Show a series: where each letter stands, and what can be done to all of them."""
    return _series(request, _found(key))


def _series(request: HttpRequest, found: LetterSeries, sentence: str = "", status: int = 200) -> HttpResponse:
    today, me = timezone.localdate(), _me(request)
    sees_drafts = queries.may_see_drafts(me, found.issuer, on=today)
    letters = queries.letters_of(found)
    counts = {state: 0 for state in State}
    for state in letters.order_by().values_list("state", flat=True):
        counts[State(state)] += 1
    if not sees_drafts:
        letters = letters.filter(in_force__gt=0)
    state_asked = request.GET.get("state", "")
    if state_asked in {state.value for state in State}:
        letters = letters.filter(state=state_asked)
    page = Paginator(letters, LETTERS_ON_A_PAGE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    for row in rows:
        row.series = found
    stale = queries.differences(on=today, letters=[row.pk for row in rows])
    waiting = list(queries.without_letter(found)) if sees_drafts else []
    ready = {
        Deed.DRAFT: len(waiting),
        Deed.SUBMIT: counts[State.DRAFT] + counts[State.RETURNED],
        Deed.REVIEW: queries.to_review(me, on=today).filter(series=found).count(),
        Deed.ISSUE: counts[State.REVIEWED],
    }
    context = {
        "series": found,
        "rows": [(row, len(stale.get(row.pk, []))) for row in rows],
        "page": page,
        "waiting": waiting,
        "submitted": counts[State.SUBMITTED] if sees_drafts and not ready[Deed.REVIEW] else 0,
        "mark_is_proposed": queries.mark_is_proposed(found),
        "receiver_count": found.receivers.count(),
        "counts": [(state.value, STATE_NAMES[state], counts[state]) for state in State if counts[state]],
        "signed": counts[State.SIGNED],
        "out": counts[State.SIGNED] + counts[State.ISSUED],
        "state": state_asked,
        "runs": [
            (deed.value, RUN_NAMES[deed], ready[deed])
            for deed in IN_ONE_GO
            if ready[deed] and may(me, RIGHTS[deed], found.issuer, on=today)
        ],
        "open_runs": list(LetterRun.objects.filter(series=found, started_by=me, ended_at__isnull=True)),
        "preset": wordings.presets()[found.reasons],
        "may_issue": may(me, Permission.LETTER_ISSUE, found.issuer, on=today),
        "sees_drafts": sees_drafts,
        "sentence": sentence,
        "stale_count": sum(1 for row in rows if stale.get(row.pk)),
    }
    return render(request, "letters/series.html", context, status=status)


# --- in one go ----------------------------------------------------------------------------------------------------


@require_POST
def start(request: HttpRequest, key: int, deed: str) -> HttpResponse:
    """Begin a deed on all letters of a series."""
    if deed not in {one.value for one in IN_ONE_GO}:
        raise Http404
    found = _found(key)
    try:
        begun = runs.start(by=_me(request), at=timezone.now(), series=found, deed=Deed(deed))
    except RuleBrokenError as error:
        if error.is_about_permission:
            raise
        return _series(request, found, error.sentence(get_language()), 409)
    return redirect("letters:run", begun.pk)


def run(request: HttpRequest, key: int) -> HttpResponse:
    """Show how far a run is; each form sent does the next few letters and gives the bar that asks for the next."""
    found = get_object_or_404(
        LetterRun.objects.select_related("series__issuer", "series__template", "started_by"), pk=key
    )
    is_part = request.headers.get("HX-Request") == "true"
    if request.method == "POST":
        found = runs.carry_on(by=_me(request), at=timezone.now(), run=found)
        if not is_part:
            return redirect("letters:run", key)
    zh = not (get_language() or "").startswith("en")
    context = {
        "run": found,
        "series": found.series,
        "faults": [(fault["unit"], fault["zh"] if zh else fault["en"]) for fault in found.faults],
        "is_mine": found.started_by_id == _me(request).pk,
    }
    return render(request, "letters/_bar.html" if is_part else "letters/run.html", context)


# --- files --------------------------------------------------------------------------------------------------------


def words(request: HttpRequest, key: int) -> HttpResponse:
    """Hand out the Word files of all letters in one archive."""
    found = _found(key)
    _only_workers(request, found)
    response = HttpResponse(registers.all_words(found), content_type="application/zip")
    response["Content-Disposition"] = content_disposition_header(True, f"{_named(found)}.zip")
    return response


def register(request: HttpRequest, key: int) -> HttpResponse:
    """Hand out the register of a series as a workbook."""
    found = _found(key)
    _only_workers(request, found)
    return xlsx(f"{_named(found)} 签订登记表", registers.write(found))


@require_POST
def bring_register(request: HttpRequest, key: int) -> HttpResponse:
    """Take in who signed on which day."""
    found = _found(key)
    me = _me(request)
    if not may(me, Permission.LETTER_ISSUE, found.issuer, on=timezone.localdate()):
        raise RuleBrokenError("permission.missing", permission="责任书下达", unit=found.issuer)
    try:
        intake = registers.take_in(
            by=me,
            at=timezone.now(),
            series=found,
            given=brought(request),
            back=reverse("letters:series", args=[key]),
            language=get_language(),
        )
    except RuleBrokenError as error:
        return _series(request, found, error.sentence(get_language()), 409)
    return redirect("sheets:intake", intake.pk)


# --- templates ----------------------------------------------------------------------------------------------------


def templates(request: HttpRequest) -> HttpResponse:
    """List the templates: those of the rulebook and those set here."""
    context = {
        "kinds": [(kind, wordings.kinds()[kind], found) for kind, found in wordings.templates().items()],
        "local": [
            (row, wordings.kinds()[row.kind]) for row in queries.local_templates() if row.kind in wordings.kinds()
        ],
        "may_edit": may_somewhere(_me(request), Permission.LETTER_ISSUE, on=timezone.localdate()),
    }
    return render(request, "letters/templates.html", context)


def template(request: HttpRequest, kind: str) -> HttpResponse:
    """Set a template of one's own, beginning from the rulebook's or from one set here (`?from=`)."""
    if kind not in wordings.kinds():
        raise Http404
    today, me = timezone.localdate(), _me(request)
    key = _number(request.GET.get("from", ""))
    base = get_object_or_404(LetterTemplate, pk=key, kind=kind) if key else None
    begin = base.template if base else wordings.templates()[kind]
    initial = {
        "unit": base.unit_id if base else me.unit_id,
        "name": begin.name if base else f"{begin.name}（本地）",
        "title": begin.title,
        "mark": begin.mark,
        "number": begin.number,
        "revision": begin.revision,
        "revised": begin.revised,
        "text": text_of(begin),
    }
    places = places_with(me, Permission.LETTER_ISSUE, on=today)
    form = TemplateForm(request.POST or None, on=today, places=places, initial=initial)
    sentence, status = "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                kept = actions.save_template(
                    by=me, at=timezone.now(), unit=form.cleaned_data["unit"], template=form.template(kind)
                )
            except RuleBrokenError as error:
                if error.is_about_permission:
                    raise
                sentence, status = error.sentence(get_language()), 409
            else:
                messages.success(request, f"已保存{kept}。建立批次时可选用；已建立的批次不受影响。")
                return redirect("letters:templates")
    context = {"form": form, "kind": wordings.kinds()[kind], "sentence": sentence}
    return render(request, "letters/template.html", context, status=status)


# --- what the pages have in common --------------------------------------------------------------------------------


def _me(request: HttpRequest) -> User:
    return cast(User, request.user)


def _number(typed: str) -> int | None:
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 9 else None


def _found(key: int) -> LetterSeries:
    found = queries.series_with(key)
    if found is None:
        raise Http404
    return found


def _named(series: LetterSeries) -> str:
    return f"{'演示数据 ' if series.is_invented else ''}{series.title}"


def _only_workers(request: HttpRequest, series: LetterSeries) -> None:
    """Refuse whoever does not work on the letters of the unit: drafts and names stand in these files."""
    if not queries.may_see_drafts(_me(request), series.issuer, on=timezone.localdate()):
        raise RuleBrokenError("permission.missing", permission="责任书拟制", unit=series.issuer)


def _usual_issuer(me: User, places: set[int] | None, request: HttpRequest) -> Unit | None:
    asked = _number(request.GET.get("issuer", ""))
    found = Unit.objects.filter(kind="district") if places is None else Unit.objects.filter(pk__in=places)
    if asked is not None:
        return found.filter(pk=asked).first()
    return found.filter(kind__in=["city", "district"]).order_by("code").first() or me.unit


def _usual_receivers(issuer: Unit | None) -> list[int]:
    if issuer is None:
        return []
    below = Unit.objects.filter(pk__in=ids_below([issuer.pk]), kind__in=USUAL_RECEIVERS, active_to__isnull=True)
    return list(below.values_list("pk", flat=True))


def _chosen(form: SeriesForm) -> set[str]:
    given: Any = form["receivers"].value() or []
    return {str(key) for key in given}
