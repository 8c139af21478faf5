"""What can be asked of bulletins. Nothing here writes, and nothing here reads the clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Max, Min, Q, QuerySet
from django.utils import timezone

from heqing_site.ledger.models import Target
from heqing_site.ledger.queries import terms_as_of
from heqing_site.official import mark
from heqing_site.orgs.models import Unit, User
from heqing_site.orgs.queries import ids_below, may, places_with, terms_of
from heqing_site.orgs.rules import Permission
from heqing_site.publishing.composing import Asked, compose
from heqing_site.publishing.models import Bulletin, BulletinIssue, BulletinStep, BulletinVersion
from heqing_site.publishing.rules import MOVES, WRITING, Deed, Figure, Kind, State
from heqing_site.publishing.wordings import kind_words, sentence
from heqing_site.reporting.models import ReportEntry
from heqing_site.reporting.queries import month_to_report
from heqing_site.reporting.rules import Deed as ReportDeed
from heqing_site.reporting.rules import Period
from heqing_site.reporting.rules import State as ReportState
from heqing_site.verdicts.models import TargetVerdict
from heqing_site.verdicts.queries import latest

RIGHTS = (Permission.BULLETIN_DRAFT, Permission.BULLETIN_APPROVE, Permission.BULLETIN_ISSUE)
WHYS = {"cases": "why_cases", "scores": "why_scores", "report": "why_report"}
NEEDS = {
    Deed.EDIT: Permission.BULLETIN_DRAFT,
    Deed.REFRESH: Permission.BULLETIN_DRAFT,
    Deed.SUBMIT: Permission.BULLETIN_DRAFT,
    Deed.APPROVE: Permission.BULLETIN_APPROVE,
    Deed.ISSUE: Permission.BULLETIN_ISSUE,
}


def bulletins(user: User, *, on: date) -> QuerySet[Bulletin]:
    """List the bulletins that a person may read: all that were issued, and those on the desk of units they work for."""
    found = Bulletin.objects.select_related("unit", "issue", "issue__approved_by", "corrects__issue")
    desk = Q(state=State.ISSUED.value)
    for permission in RIGHTS:
        within = places_with(user, permission, on=on)
        desk |= Q() if within is None else Q(unit__in=within)
        if within is None:
            return found.order_by("-month_start", "unit__code", "-pk")
    return found.filter(desk).order_by("-month_start", "unit__code", "-pk")


@dataclass(frozen=True)
class JudgedBy:
    """Whether any target of a unit was judged by a day (研判没有), and when the first ever was."""

    targets: int
    is_judged: bool
    first: date | None


def judged_by(unit: Unit, day: date) -> JudgedBy:
    """Tell whether the targets of a unit and below had a verdict by a day."""
    found = list(terms_as_of(day).filter(lead_unit__in=ids_below([unit.pk])).values_list("target_id", flat=True))
    first = TargetVerdict.objects.filter(target__in=found).aggregate(first=Min("day"))["first"]
    return JudgedBy(len(found), first is not None and first <= day, first)


def newest_version(bulletin: Bulletin) -> BulletinVersion:
    """Give the newest version; of an issued bulletin that is the one that was issued."""
    found: BulletinVersion | None = bulletin.versions.order_by("-number").first()
    if found is None:  # every bulletin is opened with its first version
        raise BulletinVersion.DoesNotExist
    return found


def steps_of(bulletin: Bulletin) -> list[BulletinStep]:
    """List what was done, oldest first."""
    return list(bulletin.steps.select_related("version", "by").order_by("number"))


def writers_of(bulletin: Bulletin) -> set[int]:
    """Give the keys of the people who wrote it or handed it in: they do not approve it."""
    found = bulletin.steps.filter(deed__in=[deed.value for deed in WRITING]).values_list("by_id", flat=True)
    return set(found)


def deeds_open(bulletin: Bulletin, user: User, *, on: date) -> list[Deed]:
    """List what a person may do to a bulletin now."""
    state = State(bulletin.state)
    found = [
        deed
        for deed, permission in NEEDS.items()
        if state in MOVES[deed] and may(user, permission, bulletin.unit, on=on)
    ]
    if Deed.APPROVE in found and user.pk in writers_of(bulletin):
        found.remove(Deed.APPROVE)
    if Deed.REFRESH in found and bulletin.kind == Kind.CORRECTION:
        found.remove(Deed.REFRESH)
    if Deed.APPROVE in found or Deed.ISSUE in found:
        found.append(Deed.RETURN)
    return found


def post_of(user: User, *, on: date) -> str:
    """Give the post that a person held on a day, with its unit; empty without one."""
    term = terms_of(user, on=on).first()
    return "" if term is None else str(term.post)


def mark_of(unit: Unit, kind: str) -> str:
    """Give the mark with which the numbers of a unit begin (机关代字)."""
    return kind_words(kind).mark.format(first=unit.name[:1])


def next_serial(mark_said: str, year: int) -> int:
    """Give the next serial of a year; a serial that was given is never given again."""
    last = BulletinIssue.objects.filter(mark=mark_said, year=year).aggregate(last=Max("serial"))["last"]
    return int(last or 0) + 1


def number_of(bulletin: Bulletin, *, on: date) -> str:
    """Give the number as it is printed; the serial stays blank until it is issued."""
    if bulletin.is_issued:
        return bulletin.issue.number
    return mark("document_number", mark=mark_of(bulletin.unit, bulletin.kind), year=on.year, serial="　")


def units_to_draft(user: User, *, on: date) -> list[Unit]:
    """List the units for which a person may draft a bulletin: those at the top of what they work for, first."""
    within = places_with(user, Permission.BULLETIN_DRAFT, on=on)
    found = Unit.objects.active_on(on)
    if within is not None:
        found = found.filter(pk__in=within)
    return list(found.order_by("code"))


def month_to_tell(on: date) -> Period:
    """Give the month that is told on a day: the last one that ended."""
    return month_to_report(on)


# --- corrections --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Difference:
    """A figure that is no longer what was issued (更正): what it was, what it is, since when and why."""

    figure: Figure
    new: str | None
    new_words: str
    since: datetime | None
    why: str

    @property
    def is_late(self) -> bool:
        """Whether nothing was known when it was issued, and something is now."""
        return self.figure.value is None

    @property
    def sort(self) -> str:
        """What sort of difference it is, in words."""
        return "补报" if self.is_late else "更正"


@dataclass(frozen=True)
class _Cause:
    since: datetime
    why: str


def corrections(bulletin: Bulletin, *, as_of: date) -> list[Difference]:
    """List where the frozen figures differ from what is known by a day of the same month (更正).

    Values and lights are those of the same day of judging, judged again since; reports are those of the same periods,
    accepted or corrected since. What told of the day of drafting, such as who was late, is not compared.
    """
    if bulletin.kind != Kind.MONTHLY:
        return []
    version = newest_version(bulletin)
    old = version.content.figures
    asked = Asked(
        unit=bulletin.unit, month=bulletin.month, as_of=version.as_of, told_on=version.told_on, known_on=as_of
    )
    new = compose(asked).content.figures
    changed = [
        figure
        for name, figure in old.items()
        if figure.is_compared and figure.value != (new[name].value if name in new else None)
    ]
    changed += [
        Figure(name, None, "—", figure.about, figure.source, figure.ref)
        for name, figure in new.items()
        if figure.is_compared and name not in old
    ]
    if not changed:
        return []
    causes = _causes(changed, version, as_of)
    newest = max((cause.since for cause in causes.values()), default=None)
    found = []
    for figure in changed:
        now = new.get(figure.name)
        cause = causes.get(figure.name)
        found.append(
            Difference(
                figure=figure,
                new=None if now is None else now.value,
                new_words="已不在台账" if now is None else now.words,
                since=cause.since if cause is not None else None if figure.source in WHYS else newest,
                why=sentence(WHYS.get(figure.source, "why_total")) if cause is None else cause.why,
            )
        )
    return sorted(found, key=lambda difference: difference.figure.name in causes)


def _causes(changed: Iterable[Figure], version: BulletinVersion, as_of: date) -> dict[str, _Cause]:
    """Tell since when and why figures of targets changed: the new verdict, the corrected or late report."""
    judged = {int(figure.ref) for figure in changed if figure.source in ("verdict", "target")}
    reported = {int(figure.ref) for figure in changed if figure.source == "report"}
    keys = dict(Target.objects.filter(number__in=judged | reported).values_list("number", "pk"))
    verdicts = latest(as_of=version.as_of, targets=[keys[number] for number in judged if number in keys])
    entries: dict[int, list[ReportEntry]] = {}
    for entry in (
        ReportEntry.objects.filter(report__target__number__in=judged | reported, recorded_at__date__lte=as_of)
        .select_related("report__target", "unit")
        .order_by("number")
    ):
        entries.setdefault(entry.report.target.number, []).append(entry)
    found: dict[str, _Cause] = {}
    for figure in changed:
        if figure.source not in ("verdict", "target", "report"):
            continue
        number = int(figure.ref)
        told = _report_cause(entries.get(number, []), version)
        verdict = verdicts.get(keys.get(number, 0))
        if figure.source == "report":
            if told is not None:
                found[figure.name] = told
        elif verdict is not None:
            more = f"{told.why}" if told is not None else ""
            found[figure.name] = _Cause(
                verdict.recorded_at, f"{verdict.day} 第 {verdict.number} 次研判：{verdict.say('zh')}{more}"
            )
    return found


def _report_cause(entries: list[ReportEntry], version: BulletinVersion) -> _Cause | None:
    """Give the reason of the last correction, or that the report came in time no more."""
    since = [
        entry
        for entry in entries
        if entry.recorded_at > version.made_at and entry.report.period_end <= version.bulletin.month_end
    ]
    accepted = [entry for entry in since if entry.state == ReportState.ACCEPTED]
    if not accepted:
        return None
    last = accepted[-1]
    before = [entry for entry in entries if entry.report_id == last.report_id and entry.number < last.number]
    corrected = [entry for entry in before if entry.deed == ReportDeed.CORRECT]
    day = timezone.localtime(last.recorded_at)
    if corrected and corrected[-1].because:
        return _Cause(last.recorded_at, f"{last.unit}更正{last.report.period.name}填报：{corrected[-1].because}。")
    return _Cause(last.recorded_at, f"{last.unit}的{last.report.period.name}填报于 {day:%Y-%m-%d} 审核通过。")
