"""What can be asked of letters. Nothing here writes, and nothing here reads the clock."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery

from heqing_site.ledger.models import Target, TargetTerms
from heqing_site.ledger.queries import terms_as_of
from heqing_site.letters.composing import stated
from heqing_site.letters.models import (
    Letter,
    LetterEvidence,
    LetterIssue,
    LetterLine,
    LetterMark,
    LetterSeries,
    LetterStep,
    LetterTemplate,
    LetterVersion,
)
from heqing_site.letters.rules import (
    IN_WORK,
    MOVES,
    SIGNING,
    WRITING,
    Deed,
    Difference,
    Side,
    State,
    changes_between,
)
from heqing_site.letters.wordings import is_principal, templates
from heqing_site.orgs.models import Term, Unit, User
from heqing_site.orgs.queries import may, places_with
from heqing_site.orgs.rules import Permission

WORKING = (Permission.LETTER_DRAFT, Permission.LETTER_REVIEW, Permission.LETTER_ISSUE)
RIGHTS = {
    Deed.DRAFT: Permission.LETTER_DRAFT,
    Deed.EDIT: Permission.LETTER_DRAFT,
    Deed.REFRESH: Permission.LETTER_DRAFT,
    Deed.SUBMIT: Permission.LETTER_DRAFT,
    Deed.REVIEW: Permission.LETTER_REVIEW,
    Deed.RETURN: Permission.LETTER_REVIEW,
    Deed.ISSUE: Permission.LETTER_ISSUE,
    Deed.AMEND: Permission.LETTER_DRAFT,
    Deed.DROP: Permission.LETTER_DRAFT,
    Deed.WITHDRAW: Permission.LETTER_ISSUE,
}
WRITING_VALUES = [deed.value for deed in WRITING]


# --- series -------------------------------------------------------------------------------------------------------


def listed_series(*, year: int | None = None, unit: int | None = None) -> QuerySet[LetterSeries]:
    """List the series, newest first, each with the number of its letters in each state: `count_draft` and so on."""
    counts: dict[str, Any] = {
        f"count_{state.value}": Count("letters", filter=Q(letters__state=state.value)) for state in State
    }
    through = LetterSeries.receivers.through
    found = LetterSeries.objects.select_related("issuer", "campaign", "template", "mark")
    if year is not None:
        found = found.filter(year=year)
    if unit is not None:
        found = found.filter(Q(issuer=unit) | Exists(through.objects.filter(letterseries=OuterRef("pk"), unit=unit)))
    return found.annotate(
        **counts,
        count_out=Count("letters", filter=Q(letters__in_force__gt=0) & ~Q(letters__state="withdrawn")),
        receiver_count=Subquery(
            through.objects.filter(letterseries=OuterRef("pk"))
            .order_by()
            .values("letterseries")
            .annotate(count=Count("pk"))
            .values("count")
        ),
    ).order_by("-year", "-pk")


def years() -> list[int]:
    """List the years that have series, newest first."""
    return list(LetterSeries.objects.order_by("-year").values_list("year", flat=True).distinct())


def series_with(key: int) -> LetterSeries | None:
    """Find a series by its key."""
    return LetterSeries.objects.select_related("issuer", "campaign", "template", "mark").filter(pk=key).first()


def letters_of(series: LetterSeries) -> QuerySet[Letter]:
    """List the letters of a series in the order of units; those withdrawn come last."""
    return (
        Letter.objects.filter(series=series)
        .select_related("receiver", "series__issuer", "series__template")
        .annotate(is_gone=Q(state=State.WITHDRAWN.value))
        .order_by("is_gone", "receiver__code", "pk")
    )


def without_letter(series: LetterSeries) -> QuerySet[Unit]:
    """List the receivers of a series for whom no letter is drafted yet."""
    drafted = Letter.objects.filter(series=series, receiver=OuterRef("pk")).exclude(state=State.WITHDRAWN.value)
    return series.receivers.exclude(Exists(drafted)).order_by("code")


def unit_of_mark(mark: str) -> Unit | None:
    """Give the unit to which a mark belongs."""
    found = LetterMark.objects.select_related("unit").filter(mark=mark).first()
    return None if found is None else found.unit


def mark_is_proposed(series: LetterSeries) -> bool:
    """Tell whether the mark of a series is the one that the rulebook proposes: no office has given it."""
    proposed = templates()[series.kind].mark.format(first=series.issuer.name[:1])
    return series.template is None and series.mark.mark == proposed


def usual_mark(kind: str, unit: Unit, template: LetterTemplate | None) -> str:
    """Give the mark of a template that was set here; else the one that a unit last used, or that of the rulebook."""
    if template is not None:
        return template.template.mark.format(first=unit.name[:1])
    last = LetterSeries.objects.filter(issuer=unit, kind=kind).select_related("mark").order_by("-pk").first()
    return last.mark.mark if last else templates()[kind].mark.format(first=unit.name[:1])


def local_templates() -> list[LetterTemplate]:
    """List the newest edition of each template that was set here."""
    newest = LetterTemplate.objects.filter(
        unit=OuterRef("unit"), kind=OuterRef("kind"), name=OuterRef("name")
    ).order_by("-number")
    return list(
        LetterTemplate.objects.filter(pk=Subquery(newest.values("pk")[:1]))
        .select_related("unit", "made_by")
        .order_by("kind", "name")
    )


# --- one letter ---------------------------------------------------------------------------------------------------


def whole() -> QuerySet[Letter]:
    """Select letters with what a line shows."""
    return Letter.objects.select_related("receiver", "series__issuer", "series__template", "series__mark")


def letter_with(key: int) -> Letter | None:
    """Find a letter by its key."""
    return whole().filter(pk=key).first()


def visible(user: User, *, on: date) -> QuerySet[Letter]:
    """Select the letters that a person may see: what was handed down, and all of units on whose letters they work."""
    seen = Q(in_force__gt=0)
    for right in WORKING:
        seen |= _places(user, right, on, "series__issuer")
    places = [places_with(user, right, on=on) for right in WORKING]
    return whole() if None in places else whole().filter(seen)


def version_of(letter: Letter, number: int) -> LetterVersion:
    """Give a version of a letter."""
    found: LetterVersion = letter.versions.select_related("made_by").get(number=number)
    return found


def versions_of(letter: Letter) -> list[LetterVersion]:
    """List the versions of a letter, newest first, with their issues."""
    return list(
        letter.versions.select_related("made_by", "issue__issued_by", "supersedes").defer("said").order_by("-number")
    )


def issue_of(version: LetterVersion) -> LetterIssue | None:
    """Give the issue of a version, None before it was handed down."""
    return LetterIssue.objects.filter(version=version).first()


def steps_of(letter: Letter) -> list[LetterStep]:
    """List the steps of a letter with their scans, newest first."""
    steps = list(
        letter.steps.select_related("by", "version")
        .defer("version__said")
        .prefetch_related(Prefetch("evidence", queryset=LetterEvidence.objects.order_by("pk")))
        .order_by("-number")
    )
    for step in steps:
        step.letter = letter
    return steps


def signatures_of(version: LetterVersion) -> dict[Side, LetterStep]:
    """Give the signature of each side under a version; where one was entered again, the newer one."""
    found: dict[Side, LetterStep] = {}
    deeds = {deed.value: side for side, deed in SIGNING.items()}
    for step in version.steps.filter(deed__in=deeds).order_by("number"):
        found[deeds[step.deed]] = step
    return found


def signatures_in_force(series: LetterSeries) -> dict[tuple[int, Side], LetterStep]:
    """Give the signatures under the versions in force of a series, by letter and side."""
    deeds = {deed.value: side for side, deed in SIGNING.items()}
    steps = LetterStep.objects.filter(
        letter__series=series, version__number=F("letter__in_force"), deed__in=deeds
    ).order_by("letter", "number")
    return {(step.letter_id, deeds[step.deed]): step for step in steps}


def writers_of(letter: Letter) -> set[int]:
    """Give the keys of those who wrote what is not handed down yet; none of them reviews it."""
    return set(
        letter.steps.filter(version__number__gt=letter.in_force, deed__in=WRITING_VALUES).values_list(
            "by_id", flat=True
        )
    )


def principal_term(user: User, unit: Unit, *, on: date) -> Term | None:
    """Give the term by which a person answers for a unit on a day: the holder of its principal post."""
    held = Term.objects.current_on(on).filter(holder=user, post__unit=unit).select_related("post__unit")
    return next((term for term in held if is_principal(unit.kind, term.post.name)), None)


def post_of(user: User, *, on: date) -> str:
    """Name the first post that a person holds on a day."""
    term = Term.objects.current_on(on).filter(holder=user).select_related("post__unit").order_by("post_id").first()
    return "" if term is None else str(term.post)


def may_see_drafts(user: User, unit: Unit, *, on: date) -> bool:
    """Tell whether a person works on the letters of a unit, and so sees what is not handed down yet."""
    return any(may(user, right, unit, on=on) for right in WORKING)


def deeds_open(letter: Letter, user: User, *, on: date) -> list[Deed]:
    """List what a person may do to a letter now, signatures aside."""
    issuer = letter.series.issuer
    rights = {right: may(user, right, issuer, on=on) for right in WORKING}
    state = State(letter.state)
    found: list[Deed] = []
    for deed, right in RIGHTS.items():
        if deed is Deed.DRAFT or state not in MOVES[deed] or not rights[right]:
            continue
        if deed is Deed.DROP and not letter.in_force:
            continue
        found.append(deed)
    if Deed.REVIEW in found and user.pk in writers_of(letter):
        found.remove(Deed.REVIEW)
    return found


# --- what is mine -------------------------------------------------------------------------------------------------


def _places(user: User, right: Permission, on: date, column: str) -> Q:
    places = places_with(user, right, on=on)
    return Q() if places is None else Q(**{f"{column}__in": places})


def to_review(user: User, *, on: date) -> QuerySet[Letter]:
    """List the letters that wait for the review of a person: none that they wrote themselves."""
    wrote = LetterStep.objects.filter(
        letter=OuterRef("pk"), by=user, deed__in=WRITING_VALUES, version__number__gt=OuterRef("in_force")
    )
    return (
        whole()
        .filter(_places(user, Permission.LETTER_REVIEW, on, "series__issuer"), state=State.SUBMITTED.value)
        .exclude(Exists(wrote))
        .order_by("series", "receiver__code")
    )


def to_issue(user: User, *, on: date) -> QuerySet[Letter]:
    """List the reviewed letters that a person may hand down."""
    return (
        whole()
        .filter(_places(user, Permission.LETTER_ISSUE, on, "series__issuer"), state=State.REVIEWED.value)
        .order_by("series", "receiver__code")
    )


def to_mend(user: User, *, on: date) -> QuerySet[Letter]:
    """List the letters that were returned to a person who wrote them."""
    wrote = LetterStep.objects.filter(letter=OuterRef("pk"), by=user, deed__in=WRITING_VALUES)
    return (
        whole()
        .filter(_places(user, Permission.LETTER_DRAFT, on, "series__issuer"), Exists(wrote), state=State.RETURNED.value)
        .order_by("series", "receiver__code")
    )


def signing_units(user: User, *, on: date) -> list[int]:
    """Give the keys of the units for which a person may sign on a day: principal post and right."""
    held = Term.objects.current_on(on).filter(holder=user).select_related("post__unit")
    units = {term.post.unit_id for term in held if is_principal(term.post.unit.kind, term.post.name)}
    places = places_with(user, Permission.LETTER_SIGN, on=on) if units else set()
    return sorted(units if places is None else units & places)


def to_sign(user: User, *, on: date) -> QuerySet[Letter]:
    """List the letters whose next signature is a person's own, as holder of the principal post of a side."""
    units = signing_units(user, on=on)
    return (
        whole()
        .filter(
            Q(waits_for=Side.RECEIVER.value, receiver__in=units)
            | Q(waits_for=Side.ISSUER.value, series__issuer__in=units),
            state=State.ISSUED.value,
        )
        .order_by("issued_on", "series", "receiver__code")
    )


# --- against the ledger -------------------------------------------------------------------------------------------


def stale_lines(*, on: date, letters: Collection[int] | None = None) -> list[LetterLine]:
    """List the lines of letters in force whose terms were superseded by a day."""
    now = TargetTerms.objects.filter(target=OuterRef("target"), valid_from__lte=on).order_by("-valid_from", "-pk")
    found = LetterLine.objects.filter(
        version__number=F("version__letter__in_force"), version__letter__in_force__gt=0
    ).exclude(version__letter__state=State.WITHDRAWN.value)
    if letters is not None:
        found = found.filter(version__letter__in=letters)
    return list(
        found.exclude(terms=Subquery(now.values("pk")[:1]))
        .select_related("terms__lead_unit", "terms__target", "version__letter")
        .defer("version__said")
        .order_by("version", "place")
    )


def differences(*, on: date, letters: Collection[int] | None = None) -> dict[int, list[Difference]]:
    """Tell by letter what its lines say and what the ledger says now; letters that agree are left out.

    The keys of the terms are compared first; only where they differ are the words. Terms that changed what no letter
    states, such as the source of the values, make no difference.
    """
    lines = stale_lines(on=on, letters=letters)
    targets = {line.target_id for line in lines}
    current = {
        terms.target_id: terms
        for terms in terms_as_of(on, with_withdrawn=True)
        .filter(target__in=targets)
        .select_related("lead_unit", "target")
    }
    found: dict[int, list[Difference]] = {}
    for line in lines:
        terms = current.get(line.target_id)
        if terms is None:
            continue
        before = stated(line.terms)
        changes = () if terms.is_withdrawn else changes_between(before, stated(terms))
        if changes or terms.is_withdrawn:
            found.setdefault(line.version.letter_id, []).append(
                Difference(
                    target=terms.target.number,
                    title=before.title,
                    changes=changes,
                    is_withdrawn=terms.is_withdrawn,
                    since=str(terms.valid_from),
                    because=terms.because,
                )
            )
    return found


def stale_by_series(series: Iterable[LetterSeries], *, on: date) -> dict[int, int]:
    """Count the letters of some series that no longer agree with the ledger."""
    owners = dict(
        Letter.objects.filter(series__in=[one.pk for one in series], in_force__gt=0).values_list("pk", "series_id")
    )
    counts: dict[int, int] = {}
    for letter in differences(on=on, letters=list(owners)):
        counts[owners[letter]] = counts.get(owners[letter], 0) + 1
    return counts


@dataclass(frozen=True)
class Stating:
    """A letter in force that states a target, in which terms, and whether they are those of today."""

    letter: Letter
    terms: TargetTerms
    is_current: bool


def stating(target: Target, *, on: date, most: int) -> tuple[list[Stating], int]:
    """List the letters in force that state a target (写入哪些责任书), the newest first, and count them."""
    found = (
        LetterLine.objects.filter(
            target=target,
            version__number=F("version__letter__in_force"),
            version__letter__state__in=[state.value for state in State if state is not State.WITHDRAWN],
        )
        .select_related("terms", "version__letter__receiver", "version__letter__series__issuer",
                        "version__letter__series__template")
        .defer("version__said")
        .order_by("-version__letter__issued_on", "version__letter__receiver__code")
    )  # fmt: skip
    now = terms_as_of(on, with_withdrawn=True).filter(target=target).values_list("pk", flat=True).first()
    return [Stating(line.version.letter, line.terms, line.terms_id == now) for line in found[:most]], found.count()


def in_work_count(series: LetterSeries) -> int:
    """Count the letters of a series that are not handed down yet."""
    return Letter.objects.filter(series=series, state__in=[state.value for state in IN_WORK]).count()
