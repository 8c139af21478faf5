"""Pages of the ledger, its targets and the duty list. Each reads one query or carries out one action, and renders.

This is where the clock is read: actions are told the moment, the ledger is asked as of a day. Rights are checked by the
actions; the pages only hide what would be refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import cast
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.module_loading import import_string
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from heqing_site import workbooks
from heqing_site.errors import RuleBrokenError
from heqing_site.ledger import actions, plans, queries, repeats, tree, year_end
from heqing_site.ledger import forms as shapes
from heqing_site.ledger.deeds import keeper_of
from heqing_site.ledger.models import Duty, Target, TargetTerms
from heqing_site.ledger.proposals import LeadProposal, Leads
from heqing_site.ledger.queries import LedgerRow
from heqing_site.ledger.rules import COMPLETE, LIGHT_NAMES, SOURCE_NAMES, Light, Rhythm, SourceKind
from heqing_site.library.models import Document, Finding
from heqing_site.library.rules import PILLAR_NAMES, FindingState
from heqing_site.orgs.models import Unit, User
from heqing_site.orgs.queries import may, may_somewhere
from heqing_site.orgs.rules import Permission

ROWS_ON_A_PAGE = 100
GROUPS = {"pillar": "按领域", "unit": "按单位"}


# --- the ledger ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """What the address of the ledger asks for; what makes no sense in it is as if it were not there."""

    as_of: date
    pillar: str
    unit: Unit | None
    source: str
    document: Document | None
    text: str
    group: str
    level: str

    def terms(self) -> QuerySet[TargetTerms]:
        """Select what was asked for."""
        return queries.ledger_terms(
            as_of=self.as_of,
            pillar=self.pillar,
            unit=self.unit,
            source=self.source,
            document=self.document,
            text=self.text,
            only_top=self.level == "top",
        )

    def address(self, **other: object) -> str:
        """Write the same question with something else, for a chip."""
        said: dict[str, object] = {
            "pillar": self.pillar,
            "unit": self.unit.pk if self.unit else "",
            "source": self.source,
            "document": self.document.pk if self.document else "",
            "q": self.text,
            "level": self.level,
            "by": "" if self.group == "pillar" else self.group,
            "as_of": "" if self.as_of == timezone.localdate() else self.as_of.isoformat(),
            **other,
        }
        return "?" + urlencode({name: value for name, value in said.items() if value != ""})


def ledger(request: HttpRequest) -> HttpResponse:
    """Show the ledger (目标台账): what was promised, how it stands, who owes it, where the value comes from."""
    asked = asked_of(request)
    terms = asked.terms()
    told = queries.summary(terms)
    listed = queries.in_order(terms, by_unit=asked.group == "unit")
    pages = Paginator(listed, ROWS_ON_A_PAGE)
    pages.count = told.total  # counted already
    page = pages.get_page(request.GET.get("page"))
    shown = listed[page.start_index() - 1 if told.total else 0 : page.end_index()]
    groups: list[tuple[str, list[LedgerRow]]] = []
    for row in queries.lines(shown, as_of=asked.as_of):
        name = row.terms.pillar_name if asked.group == "pillar" else row.terms.lead_unit.name
        if not groups or groups[-1][0] != name:
            groups.append((name, []))
        groups[-1][1].append(row)
    offered = queries.choices(as_of=asked.as_of)
    lights = queries.lights(terms, as_of=asked.as_of, total=told.total)
    context = {
        "asked": asked,
        "today": timezone.localdate(),
        "page": page,
        "groups": groups,
        "total": told.total,
        "total_of_all": offered.total,
        "lights": [(light.value, LIGHT_NAMES[light], lights[light]) for light in _WORST_FIRST if lights[light]],
        "gaps": told.gaps,
        "proposed": told.proposed,
        "is_invented": told.invented > 0,
        "pillars": [(name, count, asked.address(pillar=code), code == asked.pillar)
                    for code, name, count in offered.pillars],
        "sources": [(name, count, asked.address(source=code), code == asked.source)
                    for code, name, count in offered.sources],
        "units": offered.units,
        "by": [(name, asked.address(by=code), code == asked.group) for code, name in GROUPS.items()],
        "levels": [("全部", asked.address(level=""), not asked.level),
                   ("只看本级", asked.address(level="top"), asked.level == "top")],
        "has_parts": offered.parts > 0,
        "all_pillars": asked.address(pillar=""),
        "all_sources": asked.address(source=""),
        "without_unit": asked.address(unit=""),
        "without_document": asked.address(document=""),
        "cleared": bool(asked.text or asked.unit or asked.document or asked.pillar or asked.source),
        "this": asked.address(),
        "may_adopt": may_somewhere(me(request), Permission.TARGET_EDIT, on=timezone.localdate()),
        "may_judge": may_somewhere(me(request), Permission.VERDICT_JUDGE, on=timezone.localdate()),
    }  # fmt: skip
    return render(request, "ledger/ledger.html", context)


def export(request: HttpRequest) -> HttpResponse:
    """Hand out the same rows as a sheet for Excel; ``?format=csv`` as comma-separated text."""
    asked = asked_of(request)
    listed = queries.in_order(asked.terms(), by_unit=asked.group == "unit")
    rows = queries.ledger_rows(queries.whole(listed), as_of=asked.as_of)
    as_text = request.GET.get("format") == "csv"
    kind, ending = ("text/csv; charset=utf-8", "csv") if as_text else (workbooks.CONTENT_TYPE, "xlsx")
    response = HttpResponse(queries.export(rows, as_text=as_text), content_type=kind)
    response["Content-Disposition"] = content_disposition_header(True, f"目标台账 {asked.as_of}.{ending}")
    return response


# --- one target ---------------------------------------------------------------------------------------------------


def target(request: HttpRequest, number: int) -> HttpResponse:
    """Show one target: what was promised in which words, who owes it, how it stands, what was amended."""
    today = timezone.localdate()
    found = get_object_or_404(
        Target.objects.select_related("indicator", "document", "finding__document"), number=number
    )
    terms = _newest(found)
    row = queries.ledger_rows([terms], as_of=today)[0]
    finding = found.finding
    context = {
        "target": found,
        "terms": terms,
        "row": row,
        "steps": queries.history(found),
        "sentence": queries.sentence_of(found),
        "panels": [import_string(path)(request, found, today) for path in settings.LEDGER_PANELS],
        "finding_is_undone": finding is not None and finding.state != FindingState.ACCEPTED,
        "tree": tree.tree_of(terms, as_of=today),
        "plan": plans.plan_as_of(found, today),
        "may_plan": tree.has_course(terms) or terms.comparator == COMPLETE,
        "frozen": year_end.frozen_on(found),
        "restatements": repeats.restatements_of(found),
        "reports": repeats.reports_on(terms),
        "may_edit": not terms.is_withdrawn
        and may(me(request), Permission.TARGET_EDIT, keeper_of(terms), on=today, matter=terms.pillar),
        "may_split": not terms.is_withdrawn
        and may(me(request), Permission.TARGET_EDIT, terms.lead_unit, on=today, matter=terms.pillar),
    }
    return render(request, "ledger/target.html", context)


def amend(request: HttpRequest, number: int) -> HttpResponse:
    """Amend what a target says."""
    today = timezone.localdate()
    found, terms = target_and_terms(number)
    form = shapes.AmendForm(
        request.POST or None, initial=shapes.AmendForm.facts_of(terms, on=today), terms=terms, on=today
    )
    return carry_out(
        request,
        form,
        lambda: actions.amend_target(
            by=me(request),
            at=timezone.now(),
            target=found,
            changes=form.changes(),
            because=form.cleaned_data["because"],
            valid_from=form.cleaned_data["valid_from"],
            seen=form.cleaned_data["seen"],
        ),
        title=f"调整目标 {number}：{terms.title}",
        intro="原条款不会改动：新条款自所填日期起生效，旧条款留在变更记录里。",
        verb="调整",
        back=reverse("ledger:target", args=[number]),
        done="已记入新条款。",
    )


def lead(request: HttpRequest, number: int) -> HttpResponse:
    """Name the lead unit."""
    today = timezone.localdate()
    found, terms = target_and_terms(number)
    form = shapes.LeadForm(
        request.POST or None, initial={"unit": terms.lead_unit_id, "valid_from": today, "seen": terms.pk}, on=today
    )
    return carry_out(
        request,
        form,
        lambda: actions.set_lead(by=me(request), at=timezone.now(), target=found, **form.cleaned_data),
        title=f"改定目标 {number} 的牵头单位",
        intro=f"现由{terms.lead_unit}牵头。{terms.lead_note}。",
        verb="改定",
        back=reverse("ledger:target", args=[number]),
        done="已改定牵头单位。",
    )


def source(request: HttpRequest, number: int) -> HttpResponse:
    """Say where the value comes from."""
    found, terms = target_and_terms(number)
    initial = {
        "source_kind": terms.source_kind,
        "statistic": terms.statistic,
        "places": terms.place_codes.split(),
        "rhythm": terms.rhythm,
        "valid_from": timezone.localdate(),
        "seen": terms.pk,
    }
    form = shapes.SourceForm(request.POST or None, initial=initial, on=timezone.localdate())

    def act() -> TargetTerms:
        typed = form.cleaned_data
        return actions.set_source(
            by=me(request),
            at=timezone.now(),
            target=found,
            source_kind=SourceKind(typed["source_kind"]),
            statistic=typed["statistic"],
            places=typed["places"],
            rhythm=Rhythm(typed["rhythm"]),
            because=typed["because"],
            valid_from=typed["valid_from"],
            seen=typed["seen"],
        )

    return carry_out(
        request,
        form,
        act,
        title=f"改定目标 {number} 的数据来源",
        intro=f"现为{queries.source_in_words(terms)}（{terms.source_note}）。",
        verb="改定",
        back=reverse("ledger:target", args=[number]),
        done="已改定数据来源。",
    )


def withdraw(request: HttpRequest, number: int) -> HttpResponse:
    """Withdraw a target."""
    found, terms = target_and_terms(number)
    initial = {"valid_from": timezone.localdate(), "seen": terms.pk}
    form = shapes.WithdrawForm(request.POST or None, initial=initial)
    return carry_out(
        request,
        form,
        lambda: actions.withdraw_target(by=me(request), at=timezone.now(), target=found, **form.cleaned_data),
        title=f"撤销目标 {number}：{terms.title}",
        intro="撤销后不再考核，也不能再作变更；记录照旧保留，可按以前的日期查看。",
        verb="撤销",
        back=reverse("ledger:target", args=[number]),
        done="已撤销。",
    )


# --- adoption -----------------------------------------------------------------------------------------------------


def documents(request: HttpRequest) -> HttpResponse:
    """List the documents that hold targets, with what is left to adopt."""
    return render(request, "ledger/documents.html", {"rows": queries.documents_to_adopt()})


@dataclass(frozen=True)
class Waiting:
    """A finding that waits for adoption, with the lead that would be proposed."""

    finding: Finding
    lead: LeadProposal | None

    @property
    def is_accepted(self) -> bool:
        """Whether an officer reviewed it."""
        return self.finding.state == FindingState.ACCEPTED


def adopt(request: HttpRequest, key: int) -> HttpResponse:
    """Show what a document would bring into the ledger, and adopt all of it."""
    today = timezone.localdate()
    document = get_object_or_404(Document.objects.defer("text", "junk", "people"), pk=key)
    form = shapes.AdoptForm(request.POST or None, on=today)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            done = actions.adopt_all(by=me(request), at=timezone.now(), document=document, **typed)
        except RuleBrokenError as error:
            if error.is_about_permission:
                raise
            form.add_error(None, error.sentence(get_language()))
        else:
            said = f"已采纳 {len(done.targets)} 项目标"
            if done.already:
                said += f"，{done.already} 项原已在台账"
            if done.unreviewed:
                said += f"，{done.unreviewed} 条尚未核对，没有采纳"
            if done.repeated:
                messages.success(request, f"{said}；{len(done.repeated)} 条与台账中的目标相近，请逐条决定。")
                return redirect("ledger:adopt", document.pk)
            messages.success(request, said + "。")
            return redirect(f"{reverse('ledger:ledger')}?document={document.pk}")
    leads = Leads(on=today)
    left = queries.left_to_adopt(document)
    repeated = repeats.repeats_of(document, as_of=today, findings=left)
    waiting = [Waiting(finding, leads.propose(finding)) for finding in left if finding.pk not in repeated]
    context = {
        "document": document,
        "form": form,
        "waiting": waiting,
        "accepted_count": sum(row.is_accepted for row in waiting),
        "adopted_count": document.targets.count(),
        "repeated": [repeated[finding.pk] for finding in left if finding.pk in repeated],
        "settled": repeats.settled_of(document),
        "reports": repeats.reports_of(document, as_of=today),
        "has_units": not leads.is_empty,
        "may_adopt": may_somewhere(me(request), Permission.TARGET_EDIT, on=today),
    }
    return render(request, "ledger/adopt.html", context, status=422 if form.errors else 200)


@require_POST
def adopt_finding(request: HttpRequest, key: int) -> HttpResponse:
    """Adopt one finding with the proposed lead."""
    finding = get_object_or_404(Finding.objects.select_related("document"), pk=key)
    made = actions.adopt_finding(by=me(request), at=timezone.now(), finding=finding)
    messages.success(request, f"已采纳为目标 {made.number}。")
    return redirect("ledger:adopt", finding.document_id)


# --- duties -------------------------------------------------------------------------------------------------------


def duties(request: HttpRequest) -> HttpResponse:
    """Show the duty list (职责清单): which unit owns which subject."""
    today = timezone.localdate()
    lines = queries.duty_list(on=today)
    context = {
        "lines": lines,
        "owned": sum(bool(line.duties) for line in lines),
        "past": queries.past_duties(on=today)[:50],
        "today": today,
        "may_edit": may_somewhere(me(request), Permission.TARGET_EDIT, on=today),
    }
    return render(request, "ledger/duties.html", context)


def add_duty(request: HttpRequest) -> HttpResponse:
    """Enter that a unit owns a subject."""
    today = timezone.localdate()
    initial = {"valid_from": today, "pillar": request.GET.get("pillar"), "unit": request.GET.get("unit")}
    form = shapes.DutyForm(request.POST or None, initial=initial, on=today)
    return carry_out(
        request,
        form,
        lambda: actions.set_duty(by=me(request), at=timezone.now(), **form.cleaned_data),
        title="列入职责清单",
        intro="文件没有点名单位时，按职责清单提出牵头单位。已采纳的目标不随之改变。",
        verb="列入",
        back=reverse("ledger:duties"),
        done="已列入职责清单。",
    )


def end_duty(request: HttpRequest, key: int) -> HttpResponse:
    """Enter that a unit no longer owns a subject."""
    duty = get_object_or_404(Duty.objects.select_related("unit"), pk=key)
    form = shapes.EndDutyForm(request.POST or None, initial={"last_day": timezone.localdate()})
    return carry_out(
        request,
        form,
        lambda: actions.end_duty(by=me(request), at=timezone.now(), duty=duty, **form.cleaned_data),
        title=f"移出职责清单：{duty}",
        verb="移出",
        back=reverse("ledger:duties"),
        done="已移出职责清单。",
    )


# --- what the pages have in common --------------------------------------------------------------------------------

_WORST_FIRST = (Light.RED, Light.YELLOW, Light.GREEN, Light.GREY)


def me(request: HttpRequest) -> User:
    """Give who is logged in."""
    return cast(User, request.user)


def asked_of(request: HttpRequest) -> Asked:
    """Read what the address of the ledger asks for."""
    said = request.GET
    try:
        as_of = date.fromisoformat(said.get("as_of", ""))
    except ValueError:
        as_of = timezone.localdate()
    return Asked(
        as_of=as_of,
        pillar=said.get("pillar", "") if said.get("pillar") in PILLAR_NAMES else "",
        unit=Unit.objects.filter(pk=_key(said.get("unit"))).first() if said.get("unit") else None,
        source=said.get("source", "") if said.get("source") in {kind.value for kind in SOURCE_NAMES} else "",
        document=Document.objects.defer("text").filter(pk=_key(said.get("document"))).first()
        if said.get("document")
        else None,
        text=said.get("q", "").strip()[:100],
        level="top" if said.get("level") == "top" else "",
        group=said.get("by", "") if said.get("by") in GROUPS else "pillar",
    )


def _key(said: str | None) -> int:
    return int(said) if said and said.isascii() and said.isdecimal() and len(said) < 16 else 0


def _newest(found: Target) -> TargetTerms:
    terms = found.terms.select_related(
        "lead_unit__parent", "scope_unit", "parent", "target__indicator", "target__document"
    )
    newest = terms.order_by("-valid_from", "-pk").first()
    if newest is None:
        raise Http404
    return newest


def target_and_terms(number: int) -> tuple[Target, TargetTerms]:
    """Give a target with its newest terms; 404 where there is none."""
    found = get_object_or_404(Target, number=number)
    return found, _newest(found)


def carry_out(
    request: HttpRequest,
    form: forms.Form,
    act: Callable[[], object],
    *,
    title: str,
    verb: str,
    back: str,
    done: str,
    intro: str = "",
) -> HttpResponse:
    """Show a form, carry out its action when it is sent, and say on the form which rule forbade it."""
    if request.method == "POST" and form.is_valid():
        try:
            act()
        except RuleBrokenError as error:
            if error.is_about_permission:
                raise
            form.add_error(None, error.sentence(get_language()))
        else:
            messages.success(request, done)
            return redirect(back)
    context = {"form": form, "title": title, "intro": intro, "verb": verb, "back": back}
    return render(request, "ledger/form.html", context, status=422 if form.errors else 200)
