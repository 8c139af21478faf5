"""Routes of verdicts (研判) for programs: the days of one target, and the newest verdict of every target."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Path, Query, Router, Schema
from pydantic import Field

from heqing_site.envelope import READ_REFUSALS, Day, Key, Page, Paging, Refusal, exact, paged
from heqing_site.ledger.api import target_or_404
from heqing_site.ledger.rules import Light
from heqing_site.verdicts import queries
from heqing_site.verdicts.models import TargetVerdict

router = Router(tags=["verdicts 研判"])

A_YEAR = timedelta(days=366)


class VerdictOut(Schema):
    """A verdict (研判结论) of one day: light, value, reason in both languages, and what it rests on."""

    target: int
    terms: int
    day: date
    number: int
    kind: str
    light: Light
    met: bool | None
    value: str | None
    value_as_of: date | None
    schedule_value: str | None
    gap: str | None
    measure: str
    remaining: Any
    samples: int | None
    expected: int | None
    edition: str
    clause: str
    unconfirmed: bool
    scheme: str
    light_edition: str
    light_clause: str
    light_unconfirmed: bool
    reason: str
    reason_zh: str
    reason_en: str
    told_zh: list[str]
    told_en: list[str]
    chance: str | None
    because: Any
    inputs: Any
    recorded_at: datetime
    is_invented: bool


class AnswerOut(Schema):
    """What a target's verdict would be on other grounds (设问): never kept as a verdict."""

    target: int
    day: date
    known_by: datetime | None
    editions: list[str]
    light: Light
    met: bool | None
    value: str | None
    value_as_of: date | None
    schedule_value: str | None
    samples: int | None
    expected: int | None
    edition: str
    clause: str
    unconfirmed: bool
    reason: str
    reason_zh: str
    reason_en: str
    told_zh: list[str]
    told_en: list[str]
    is_invented: bool


@router.get(
    "/targets/{number}/verdicts", response={200: Page[VerdictOut], READ_REFUSALS: Refusal}, summary="Days 逐日研判"
)
def of_target(
    request: HttpRequest, number: Path[Key], paging: Query[Paging], first: Day | None = None, last: Day | None = None
) -> dict[str, Any]:
    """List the newest verdict of each day of a target, oldest first; without days, the year that ends today."""
    until = last or timezone.localdate()
    target = target_or_404(number)
    rows = queries.history(target, first=first or until - A_YEAR, last=until)
    invented = target.document is not None and target.document.is_invented
    return paged(request, rows, paging, lambda found: [_told(row, target.number, invented) for row in found])


@router.get(
    "/targets/{number}/verdicts/answer", response={200: AnswerOut, READ_REFUSALS: Refusal}, summary="Question 设问"
)
def answer(
    request: HttpRequest,
    number: Path[Key],
    on: Day | None = None,
    as_of: Day | None = None,
    as_if: Annotated[str, Field(max_length=200)] = "",
) -> dict[str, Any]:
    """Tell what would be said of a target on a day: on what was known by the end of `as_of`, or by editions `as_if`.

    Several editions are separated by commas. Without `on` the day is `as_of`, else today. Nothing is kept.
    """
    today = timezone.localdate()
    target = target_or_404(number)
    day = min(on or as_of or today, today)
    editions = tuple(filter(None, (name.strip() for name in as_if.replace("，", ",").split(","))))
    moment = None if as_of is None else timezone.make_aware(datetime.combine(as_of + timedelta(days=1), time()))
    found = queries.answers(on=day, targets=[target.pk], known_by=moment, editions=editions).get(target.pk)
    if found is None:
        raise Http404
    verdict = found.verdict
    return {
        **{name: getattr(verdict, name) for name in ("met", "samples", "expected", "edition", "clause", "unconfirmed")},
        "target": target.number,
        "day": day,
        "known_by": moment,
        "editions": list(editions),
        "light": verdict.light.value,
        "value": exact(verdict.value),
        "value_as_of": verdict.as_of,
        "schedule_value": exact(verdict.schedule_value),
        "reason": verdict.reason,
        "reason_zh": verdict.sentence(),
        "reason_en": verdict.sentence("en"),
        "told_zh": found.paragraph("zh-hans"),
        "told_en": found.paragraph("en"),
        "is_invented": target.document is not None and target.document.is_invented,
    }


@router.get("/verdicts", response={200: Page[VerdictOut], READ_REFUSALS: Refusal}, summary="Newest verdicts 最新研判")
def newest(
    request: HttpRequest, paging: Query[Paging], as_of: Day | None = None, light: Light | None = None
) -> dict[str, Any]:
    """List for each target the newest verdict of a day not after `as_of`, in the order of numbers."""
    found = queries.with_words(queries.newest(as_of=as_of or timezone.localdate())).order_by("target__number")
    if light is not None:
        found = found.filter(light=light)
    return paged(
        request,
        found,
        paging,
        lambda rows: [
            _told(row, row.target.number, row.target.document is not None and row.target.document.is_invented)
            for row in rows
        ],
    )


def _told(verdict: TargetVerdict, number: int, is_invented: bool) -> dict[str, Any]:
    exactly = ("value", "schedule_value", "gap", "chance")
    computed = {"target", "terms", "reason_zh", "reason_en", "told_zh", "told_en", "is_invented", *exactly}
    return {
        **{name: getattr(verdict, name) for name in set(VerdictOut.model_fields) - computed},
        **{name: exact(getattr(verdict, name)) for name in exactly},
        "target": number,
        "terms": verdict.terms_id,
        "reason_zh": verdict.say("zh-hans"),
        "reason_en": verdict.say("en"),
        "told_zh": queries.paragraph(verdict, language="zh-hans"),
        "told_en": queries.paragraph(verdict, language="en"),
        "is_invented": is_invented,
    }
