"""Every deed on letters before and after they are signed; signatures stand in ``letters.signatures``.

Each action takes who does it (`by`) and when (`at`), checks the right at the issuing unit, keeps the rules, adds a step
and its audit entry in the same transaction and returns the row. It never reads the clock. What is issued is the version
that another person reviewed; its words, its number and its file stay as they are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from heqing_site.audit.actions import record
from heqing_site.errors import RuleBrokenError
from heqing_site.ledger.models import Target, TargetTerms
from heqing_site.letters import composing, queries, wordings
from heqing_site.letters.models import (
    Campaign,
    Letter,
    LetterIssue,
    LetterLine,
    LetterMark,
    LetterSeries,
    LetterStep,
    LetterTemplate,
    LetterVersion,
)
from heqing_site.letters.paper import Sealed, word_file
from heqing_site.letters.queries import RIGHTS
from heqing_site.letters.rules import (
    DEED_NAMES,
    LEADS_TO,
    LONGEST_REASON,
    MOVES,
    SUFFIX,
    Content,
    Deed,
    State,
    TargetLine,
    TaskLine,
    Template,
    cells_of,
    check,
    fill,
)
from heqing_site.letters.wordings import sentence
from heqing_site.library.rules import PILLAR_NAMES
from heqing_site.official import numeral
from heqing_site.orgs.models import Unit, User
from heqing_site.orgs.queries import require
from heqing_site.orgs.rules import Permission

FIRST_YEAR, LAST_YEAR = 1990, 2199


@dataclass(frozen=True)
class Edit:
    """What an officer changes in a letter: words of parts, lines that stay, lines to add as typed."""

    words: Mapping[str, str] = field(default_factory=dict)
    kept_targets: Sequence[int] | None = None  # places of lines, None keeps all
    kept_tasks: Sequence[int] | None = None
    more_targets: str = ""
    more_tasks: str = ""


# --- templates and series -----------------------------------------------------------------------------------------


@transaction.atomic
def save_template(*, by: User, at: datetime, unit: Unit, template: Template) -> LetterTemplate:
    """Keep a template of one's own (保存模板) as its next edition; the editions before stay with what used them.

    Needs the right 责任书下达 at the unit.
    """
    require(by, Permission.LETTER_ISSUE, unit, on=timezone.localdate(at))
    if template.kind not in wordings.kinds():
        raise RuleBrokenError("letter.kind_unknown")
    check(template)
    same = LetterTemplate.objects.select_for_update().filter(unit=unit, kind=template.kind, name=template.name)
    last: LetterTemplate | None = same.order_by("-number").first()
    if last is not None and last.said == _plain(template):
        return last
    kept = LetterTemplate.objects.create(
        unit=unit,
        kind=template.kind,
        name=template.name,
        number=last.number + 1 if last else 1,
        said=_plain(template),
        made_at=at,
        made_by=by,
    )
    record(by=by.actor, at=at, action="letters.save_template", subject=kept, after={"number": kept.number})
    return kept


@transaction.atomic
def open_series(
    *,
    by: User,
    at: datetime,
    kind: str,
    topic: str,
    year: int,
    issuer: Unit,
    receivers: Sequence[Unit],
    mark: str = "",
    campaign: str = "",
    template: LetterTemplate | None = None,
    reasons: str = "",
    pillars: Sequence[str] = (),
    shared_targets: Sequence[int] = (),
    is_invented: bool = False,
) -> LetterSeries:
    """Open a series of letters (建立批次) from a unit to units; no letter is written yet.

    Needs the right 责任书拟制 at the issuing unit. The same series sent twice is opened once.
    """
    on = timezone.localdate(at)
    require(by, Permission.LETTER_DRAFT, issuer, on=on)
    if kind not in wordings.kinds() or (template is not None and template.kind != kind):
        raise RuleBrokenError("letter.kind_unknown")
    topic, mark = topic.strip()[:80], (mark.strip() or queries.usual_mark(kind, issuer, template))[:20]
    if not topic:
        raise RuleBrokenError("letter.topic_missing")
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise RuleBrokenError("letter.year_unlikely", year=year)
    _check_receivers(issuer, receivers, on)
    reasons = reasons or wordings.kinds()[kind].reasons
    if reasons not in wordings.presets():
        raise RuleBrokenError("letter.preset_unknown")
    strange = sorted(set(pillars) - set(PILLAR_NAMES))
    if strange:
        raise RuleBrokenError("letter.pillar_unknown", pillar="、".join(strange))
    known = set(Target.objects.filter(number__in=shared_targets).values_list("number", flat=True))
    if missing := sorted(set(shared_targets) - known):
        raise RuleBrokenError("letter.target_unknown", numbers="、".join(str(number) for number in missing))
    same = LetterSeries.objects.filter(issuer=issuer, kind=kind, topic=topic, year=year).first()
    if same is not None:
        if same.opened_by_id == by.pk and set(same.receivers.values_list("pk", flat=True)) == {u.pk for u in receivers}:
            return same
        raise RuleBrokenError("letter.series_stands", series=same)
    owned, _ = LetterMark.objects.get_or_create(mark=mark, defaults={"unit": issuer})
    if owned.unit_id != issuer.pk:
        raise RuleBrokenError("letter.mark_taken", mark=mark, unit=owned.unit)
    group = None
    if campaign.strip():
        group, _ = Campaign.objects.get_or_create(unit=issuer, name=campaign.strip()[:60], year=year)
    series = LetterSeries.objects.create(
        campaign=group,
        kind=kind,
        topic=topic,
        year=year,
        issuer=issuer,
        mark=owned,
        template=template,
        reasons=reasons,
        pillars=list(pillars),
        shared_targets=sorted(known),
        opened_at=at,
        opened_by=by,
        is_invented=is_invented,
    )
    series.receivers.set(receivers)
    record(
        by=by.actor,
        at=at,
        action="letters.open_series",
        subject=series,
        after={"issuer": str(issuer), "receivers": [unit.name for unit in receivers], "mark": mark},
    )
    return series


# --- writing ------------------------------------------------------------------------------------------------------


@transaction.atomic
def draft(*, by: User, at: datetime, series: LetterSeries, receiver: Unit) -> Letter:
    """Write the letter to a unit of a series (拟制) from the ledger as it stands that day.

    Needs the right 责任书拟制 at the issuing unit. A letter that stands already is given back as it is.
    """
    on = timezone.localdate(at)
    require(by, Permission.LETTER_DRAFT, series.issuer, on=on)
    LetterSeries.objects.select_for_update(of=("self",)).get(pk=series.pk)
    if not series.receivers.filter(pk=receiver.pk).exists():
        raise RuleBrokenError("letter.receiver_unknown", unit=receiver, series=series)
    if not receiver.is_active_on(on):
        raise RuleBrokenError("letter.unit_closed", unit=receiver)
    standing = queries.whole().filter(series=series, receiver=receiver).exclude(state=State.WITHDRAWN.value).first()
    if standing is not None:
        return standing
    letter = Letter.objects.create(series=series, receiver=receiver, state=State.DRAFT.value, turn=1, newest=1)
    content = composing.compose(series, receiver, on=on)
    version = _keep(by, at, letter, content, number=1)
    _note(by, at, letter, version, Deed.DRAFT, "")
    record(by=by.actor, at=at, action="letters.draft", subject=letter, after=_facts(letter))
    return letter


@transaction.atomic
def edit(*, by: User, at: datetime, letter: Letter, changes: Edit, seen: int | None = None) -> Letter:
    """Change words, take lines out or add lines (修改); what comes from the ledger keeps the words of the ledger.

    Needs the right 责任书拟制 at the issuing unit.
    """
    letter = _take_up(by, at, letter, Deed.EDIT, seen)
    before = queries.version_of(letter, letter.newest)
    content = before.content
    targets = _kept(content.targets, changes.kept_targets)
    left_out = {line.target for line in content.targets if line.target} - {line.target for line in targets}
    targets += [
        TargetLine(title, demand, period, office) for title, demand, period, office in cells_of(changes.more_targets)
    ]
    tasks = _kept(content.tasks, changes.kept_tasks)
    dropped = {line.task for line in content.tasks if line.task} - {line.task for line in tasks}
    tasks += [TaskLine(title, demand, due, office) for title, demand, due, office in cells_of(changes.more_tasks)]
    if any(not line.title for line in [*targets, *tasks]):
        raise RuleBrokenError("letter.line_without_title")
    said = replace(
        content.with_words(changes.words),
        targets=tuple(targets),
        tasks=tuple(tasks),
        left_out=tuple(sorted({*content.left_out, *left_out})),
        left_out_tasks=tuple(sorted({*content.left_out_tasks, *dropped})),
    )
    if said == content:
        return letter
    _rewrite(by, at, letter, before, said, Deed.EDIT)
    record(by=by.actor, at=at, action="letters.edit", subject=letter, after=_facts(letter))
    return letter


@transaction.atomic
def refresh(*, by: User, at: datetime, letter: Letter, with_left_out: bool = False, seen: int | None = None) -> Letter:
    """Take targets and tasks anew (重取台账); words and added lines stay, lines taken out stay out.

    Needs the right 责任书拟制 at the issuing unit. `with_left_out` brings the lines back that were taken out.
    """
    letter = _take_up(by, at, letter, Deed.REFRESH, seen)
    before = queries.version_of(letter, letter.newest)
    content = replace(before.content, left_out=(), left_out_tasks=()) if with_left_out else before.content
    _rewrite(by, at, letter, before, _from_ledger(letter, content, timezone.localdate(at)), Deed.REFRESH)
    record(by=by.actor, at=at, action="letters.refresh", subject=letter, after=_facts(letter))
    return letter


# --- review and issue ---------------------------------------------------------------------------------------------


@transaction.atomic
def submit(*, by: User, at: datetime, letter: Letter, seen: int | None = None) -> Letter:
    """Hand a letter in for review (送审).

    Needs the right 责任书拟制 at the issuing unit. A letter without any line is refused.
    """
    letter = _take_up(by, at, letter, Deed.SUBMIT, seen)
    version = queries.version_of(letter, letter.newest)
    if not version.content.targets and not version.content.tasks:
        raise RuleBrokenError("letter.nothing_stated", receiver=letter.receiver)
    _step(by, at, letter, version, Deed.SUBMIT)
    record(by=by.actor, at=at, action="letters.submit", subject=letter, after=_facts(letter))
    return letter


@transaction.atomic
def review(*, by: User, at: datetime, letter: Letter, words: str = "", seen: int | None = None) -> Letter:
    """Find a letter right (审核通过): this version, and no later one, may be issued.

    Needs the right 责任书审核 at the issuing unit, and to be none of those who wrote it or handed it in.
    """
    letter = _take_up(by, at, letter, Deed.REVIEW, seen)
    if by.pk in queries.writers_of(letter):
        raise RuleBrokenError("letter.reviewed_by_writer", letter=letter)
    _step(by, at, letter, queries.version_of(letter, letter.newest), Deed.REVIEW, words)
    record(by=by.actor, at=at, action="letters.review", subject=letter, because=words, after=_facts(letter))
    return letter


@transaction.atomic
def return_letter(*, by: User, at: datetime, letter: Letter, words: str, seen: int | None = None) -> Letter:
    """Give a letter back to its writers with the reason (退回).

    Needs the right 责任书审核 at the issuing unit.
    """
    if not words.strip():
        raise RuleBrokenError("because.missing")
    letter = _take_up(by, at, letter, Deed.RETURN, seen)
    _step(by, at, letter, queries.version_of(letter, letter.newest), Deed.RETURN, words)
    record(by=by.actor, at=at, action="letters.return_letter", subject=letter, because=words, after=_facts(letter))
    return letter


@transaction.atomic
def issue(*, by: User, at: datetime, letter: Letter, seen: int | None = None) -> Letter:
    """Give a reviewed letter its number and hand it down (编号下达): number, words and file are frozen.

    Needs the right 责任书下达 at the issuing unit. Numbers count by mark and year, without gap, and are
    never used twice.
    """
    letter = _take_up(by, at, letter, Deed.ISSUE, seen)
    version = queries.version_of(letter, letter.newest)
    if not version.steps.filter(deed=Deed.REVIEW.value).exists():
        raise RuleBrokenError("letter.not_reviewed", letter=letter)
    on = timezone.localdate(at)
    template = letter.series.sound_template
    old = queries.issue_of(version.supersedes) if version.supersedes is not None else None
    number, year, serial, revision = _next_number(letter, template, old, on)
    replaces = ""
    if old is not None:
        replaces = sentence(
            "superseded", number=old.number, reason=version.reason, because=version.because, authority=version.authority
        )
    content = version.content
    file = word_file(content, kind=letter.series.words, sealed=Sealed(number, on, at), replaces=replaces)
    digest = hashlib.sha256(file).hexdigest()
    invented = f"（{sentence('invented').split('，')[0]}）" if content.is_invented else ""
    LetterIssue.objects.create(
        letter=letter,
        version=version,
        mark=letter.series.mark.mark,
        year=year,
        serial=serial,
        revision=revision,
        number=number,
        issued_at=at,
        issued_on=on,
        issued_by=by,
        file_name=f"{number}{content.receiver}{content.title}{invented}.docx",
        size=len(file),
        sha256=digest,
        received=ContentFile(file, name=digest),
    )
    letter.in_force, letter.number, letter.issued_on, letter.signed_on = version.number, number, on, None
    letter.waits_for = letter.series.words.first_signer.value
    _step(by, at, letter, version, Deed.ISSUE)
    record(
        by=by.actor,
        at=at,
        action="letters.issue",
        subject=letter,
        after={**_facts(letter), "number": number, "sha256": digest},
    )
    return letter


# --- after it was handed down -------------------------------------------------------------------------------------


@transaction.atomic
def amend(
    *,
    by: User,
    at: datetime,
    letter: Letter,
    reason: str,
    because: str,
    authority: str,
    seen: int | None = None,
) -> Letter:
    """Write a revision of a letter that was handed down (修订): targets as the ledger has them now.

    Needs the right 责任书拟制 at the issuing unit. `reason` is one of the list that the series declares, `because` says
    what happened, `authority` names the approval. The revision is reviewed, issued and signed like the first; until
    then the old one counts.
    """
    names = wordings.presets()[letter.series.reasons].reasons
    if reason not in names:
        raise RuleBrokenError("letter.reason_unknown", known="、".join(names.values()))
    because, authority = because.strip()[:LONGEST_REASON], authority.strip()[:200]
    if not because or not authority:
        raise RuleBrokenError("letter.amended_without_approval")
    letter = _take_up(by, at, letter, Deed.AMEND, seen)
    before = queries.version_of(letter, letter.in_force)
    content = _from_ledger(letter, before.content, timezone.localdate(at))
    letter.newest += 1
    letter.waits_for = ""
    version = _keep(
        by, at, letter, content, number=letter.newest, supersedes=before, reason=names[reason], because=because,
        authority=authority,
    )  # fmt: skip
    _step(by, at, letter, version, Deed.AMEND, f"{names[reason]}：{because}（{authority}）")
    record(
        by=by.actor,
        at=at,
        action="letters.amend",
        subject=letter,
        because=because,
        after={**_facts(letter), "reason": names[reason], "authority": authority},
    )
    return letter


@transaction.atomic
def drop_revision(*, by: User, at: datetime, letter: Letter, words: str, seen: int | None = None) -> Letter:
    """Give a revision up (放弃修订): the letter stands as it was handed down and signed.

    Needs the right 责任书拟制 at the issuing unit. The versions that were written stay in the record.
    """
    if not words.strip():
        raise RuleBrokenError("because.missing")
    letter = _take_up(by, at, letter, Deed.DROP, seen)
    if not letter.in_force:
        raise RuleBrokenError("letter.no_revision", letter=letter)
    signed = queries.signatures_of(queries.version_of(letter, letter.in_force))
    first = letter.series.words.first_signer
    open_side = next((side for side in (first, first.other) if side not in signed), None)
    letter.waits_for = "" if open_side is None else open_side.value
    state = State.SIGNED if open_side is None else State.ISSUED
    _step(by, at, letter, queries.version_of(letter, letter.newest), Deed.DROP, words, state=state)
    record(by=by.actor, at=at, action="letters.drop_revision", subject=letter, because=words, after=_facts(letter))
    return letter


@transaction.atomic
def withdraw(*, by: User, at: datetime, letter: Letter, words: str, seen: int | None = None) -> Letter:
    """Withdraw a letter (撤销) with the reason; its number is not used again, all of it stays readable.

    Needs the right 责任书下达 at the issuing unit.
    """
    if not words.strip():
        raise RuleBrokenError("because.missing")
    letter = _take_up(by, at, letter, Deed.WITHDRAW, seen)
    letter.waits_for = ""
    _step(by, at, letter, queries.version_of(letter, letter.newest), Deed.WITHDRAW, words)
    record(by=by.actor, at=at, action="letters.withdraw", subject=letter, because=words, after=_facts(letter))
    return letter


# --- what the actions have in common ------------------------------------------------------------------------------


def _check_receivers(issuer: Unit, receivers: Sequence[Unit], on: date) -> None:
    if not receivers:
        raise RuleBrokenError("letter.receivers_missing")
    for unit in receivers:
        if unit.pk == issuer.pk:
            raise RuleBrokenError("letter.to_oneself", unit=unit)
        if not unit.is_active_on(on):
            raise RuleBrokenError("letter.unit_closed", unit=unit)


def _plain(template: Template) -> dict[str, object]:
    """Give a template as a column of the database gives it back: lists, not tuples."""
    kept = template.as_json()
    kept["parts"] = [{**part, "words": list(part["words"])} for part in kept["parts"]]
    return kept


def _kept(lines: Sequence[Any], places: Sequence[int] | None) -> list[Any]:
    return list(lines) if places is None else [line for place, line in enumerate(lines) if place in set(places)]


def _from_ledger(letter: Letter, content: Content, on: date) -> Content:
    """Put targets and tasks as they stand on a day into a content; lines added by hand stay at the end."""
    rows = composing.targets_of(letter.series, letter.receiver, on=on)
    found = [composing.stated(terms) for terms in rows if terms.target.number not in content.left_out]
    works = composing.tasks_of(letter.series, letter.receiver)
    tasks = [line for line in works if line.task not in content.left_out_tasks]
    return replace(
        content,
        targets=(*found, *(line for line in content.targets if line.target is None)),
        tasks=(*tasks, *(line for line in content.tasks if line.task is None)),
    )


def _next_number(letter: Letter, template: Template, old: LetterIssue | None, on: date) -> tuple[str, int, int, int]:
    """Give number, year, serial and revision of a letter that is handed down; the mark is locked until it is kept."""
    mark = LetterMark.objects.select_for_update().get(pk=letter.series.mark_id)
    issued = LetterIssue.objects.filter(mark=mark.mark)
    if old is not None and template.revision == SUFFIX:
        revision = int(
            issued.filter(year=old.year, serial=old.serial).aggregate(last=Max("revision"))["last"] or 0
        ) + 1  # fmt: skip
        base = fill(template.number, {"mark": mark.mark, "year": old.year, "serial": old.serial})
        return fill(template.revised, {"number": base, "n": numeral(revision)}), old.year, old.serial, revision
    serial = int(issued.filter(year=on.year).aggregate(last=Max("serial"))["last"] or 0) + 1
    return fill(template.number, {"mark": mark.mark, "year": on.year, "serial": serial}), on.year, serial, 0


def _keep(
    by: User,
    at: datetime,
    letter: Letter,
    content: Content,
    *,
    number: int,
    supersedes: LetterVersion | None = None,
    reason: str = "",
    because: str = "",
    authority: str = "",
) -> LetterVersion:
    """Keep a version with the lines of the ledger that it states."""
    version = LetterVersion.objects.create(
        letter=letter,
        number=number,
        said=content.as_json(),
        edition=letter.series.sound_template.edition,
        composed_on=timezone.localdate(at),
        supersedes=supersedes,
        reason=reason,
        because=because,
        authority=authority,
        made_at=at,
        made_by=by,
    )
    keys = [line.terms for line in content.targets if line.terms is not None]
    targets = dict(TargetTerms.objects.filter(pk__in=keys).values_list("pk", "target_id"))
    LetterLine.objects.bulk_create(
        LetterLine(version=version, place=place, target_id=targets[line.terms], terms_id=line.terms)
        for place, line in enumerate(content.targets, start=1)
        if line.terms is not None
    )
    return version


def _rewrite(by: User, at: datetime, letter: Letter, before: LetterVersion, content: Content, deed: Deed) -> None:
    letter.newest += 1
    version = _keep(
        by, at, letter, content, number=letter.newest, supersedes=before.supersedes, reason=before.reason,
        because=before.because, authority=before.authority,
    )  # fmt: skip
    _step(by, at, letter, version, deed)


def _take_up(by: User, at: datetime, letter: Letter, deed: Deed, seen: int | None) -> Letter:
    """Lock a letter, and check right, turn and state."""
    letter = lock(letter)
    require(by, RIGHTS[deed], letter.series.issuer, on=timezone.localdate(at))
    check_turn(letter, seen)
    if State(letter.state) not in MOVES[deed]:
        raise RuleBrokenError("letter.wrong_state", letter=letter, state=letter.state_name, deed=DEED_NAMES[deed])
    return letter


def lock(letter: Letter) -> Letter:
    """Read a letter again and keep others from changing it until the transaction ends."""
    return queries.whole().select_for_update(of=("self",)).get(pk=letter.pk)


def check_turn(letter: Letter, seen: int | None) -> None:
    """Refuse when somebody did something to a letter since a person looked at it."""
    if seen is None or seen == letter.turn:
        return
    last = letter.steps.order_by("-number").first()
    raise RuleBrokenError(
        "letter.changed_meanwhile",
        letter=letter,
        person=last.by_name if last else "",
        deed=DEED_NAMES[Deed(last.deed)] if last else "",
        state=letter.state_name,
    )


def _step(
    by: User,
    at: datetime,
    letter: Letter,
    version: LetterVersion,
    deed: Deed,
    words: str = "",
    *,
    state: State | None = None,
) -> None:
    letter.state = (state or LEADS_TO[deed]).value
    letter.turn += 1
    letter.save()
    _note(by, at, letter, version, deed, words)


def _note(by: User, at: datetime, letter: Letter, version: LetterVersion, deed: Deed, words: str) -> None:
    LetterStep.objects.create(
        letter=letter,
        number=letter.turn,
        version=version,
        deed=deed.value,
        by=by,
        by_name=by.display_name,
        by_post=queries.post_of(by, on=timezone.localdate(at)),
        at=at,
        words=words.strip()[:LONGEST_REASON],
    )


def _facts(letter: Letter) -> dict[str, object]:
    return {
        "state": letter.state,
        "turn": letter.turn,
        "version": letter.newest,
        "receiver": str(letter.receiver),
        "number": letter.number,
    }
