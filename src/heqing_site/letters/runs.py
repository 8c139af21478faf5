"""One deed on all letters of a series in one go (批量办理), a few letters at each request.

Each letter is done by itself: what is refused is kept with its reason, the others go on. A run that was broken off goes
on where it stands, because what is left to do is kept in its row. Look next at ``letters.actions``.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from heqing_site.audit.actions import record
from heqing_site.errors import RuleBrokenError
from heqing_site.letters import actions, queries
from heqing_site.letters.models import Letter, LetterRun, LetterSeries
from heqing_site.letters.queries import RIGHTS
from heqing_site.letters.rules import IN_ONE_GO, MOVES, Deed
from heqing_site.orgs.models import Unit, User
from heqing_site.orgs.queries import require

AT_ONCE = 4  # letters of one request


def waiting(series: LetterSeries, deed: Deed) -> list[Unit]:
    """List the units whose letters are ready for a deed, in order."""
    if deed is Deed.DRAFT:
        return list(queries.without_letter(series))
    ready = queries.letters_of(series).filter(state__in=[state.value for state in MOVES[deed]])
    return [letter.receiver for letter in ready]


@transaction.atomic
def start(*, by: User, at: datetime, series: LetterSeries, deed: Deed) -> LetterRun:
    """Begin a deed on all letters of a series that are ready for it; one that is under way is given back.

    Needs the right of the deed at the issuing unit.
    """
    if deed not in IN_ONE_GO:
        raise RuleBrokenError("letter.not_in_one_go")
    require(by, RIGHTS[deed], series.issuer, on=timezone.localdate(at))
    series = LetterSeries.objects.select_for_update(of=("self",)).select_related("issuer").get(pk=series.pk)
    under_way = LetterRun.objects.filter(series=series, deed=deed.value, started_by=by, ended_at__isnull=True).first()
    if under_way is not None:
        return under_way
    units = [unit.pk for unit in waiting(series, deed)]
    if not units:
        raise RuleBrokenError("letter.none_ready", series=series)
    run = LetterRun.objects.create(
        series=series, deed=deed.value, left=units, total=len(units), started_at=at, started_by=by
    )
    record(by=by.actor, at=at, action="letters.start_run", subject=run, after={"deed": deed.value, "total": run.total})
    return run


def carry_on(*, by: User, at: datetime, run: LetterRun, most: int = AT_ONCE) -> LetterRun:
    """Do the next few letters of a run; who began it goes on with it.

    Needs the right of the deed at the issuing unit. Each letter is kept by itself, so that nothing is lost on the way.
    """
    require(by, RIGHTS[Deed(run.deed)], run.series.issuer, on=timezone.localdate(at))
    if run.started_by_id != by.pk:
        raise RuleBrokenError("letter.run_of_another", person=run.started_by)
    for _ in range(most):
        run = _one(by, at, run)
        if run.is_over:
            break
    return run


@transaction.atomic
def _one(by: User, at: datetime, run: LetterRun) -> LetterRun:
    """Do the next letter, and keep in the same transaction that it was done."""
    run = LetterRun.objects.select_for_update(of=("self",)).select_related("series__issuer").get(pk=run.pk)
    if run.is_over:
        return run
    if run.left:
        unit = Unit.objects.get(pk=run.left[0])
        run.left = run.left[1:]
        try:
            with transaction.atomic():
                _do(by, at, run.series, unit, Deed(run.deed))
        except RuleBrokenError as error:
            run.faults = [*run.faults, {"unit": unit.name, "zh": error.sentence("zh"), "en": error.sentence("en")}]
        else:
            run.done += 1
    if not run.left:
        run.ended_at = at
    run.save()
    return run


def _do(by: User, at: datetime, series: LetterSeries, unit: Unit, deed: Deed) -> None:
    if deed is Deed.DRAFT:
        actions.draft(by=by, at=at, series=series, receiver=unit)
        return
    letter: Letter | None = queries.letters_of(series).filter(receiver=unit).exclude(state="withdrawn").first()
    if letter is None:
        raise RuleBrokenError("letter.receiver_unknown", unit=unit, series=series)
    {Deed.SUBMIT: actions.submit, Deed.REVIEW: actions.review, Deed.ISSUE: actions.issue}[deed](
        by=by, at=at, letter=letter
    )
