"""Every deed on bulletins.

Each action takes who does it (`by`) and when (`at`), checks the right at the unit, keeps the rules, writes its step and
its audit entry in the same transaction and returns the row. It never reads the clock. `seen` is the turn that the
person had before their eyes; when somebody did something since, nothing is done.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from heqing_site.audit.actions import record
from heqing_site.errors import RuleBrokenError
from heqing_site.official import mark
from heqing_site.orgs.models import Unit, User
from heqing_site.orgs.queries import require
from heqing_site.orgs.rules import Permission
from heqing_site.publishing import queries
from heqing_site.publishing.composing import Asked, Composed, compose, compose_correction
from heqing_site.publishing.models import Bulletin, BulletinIssue, BulletinStep, BulletinVersion
from heqing_site.publishing.paper import Sealed, word_file
from heqing_site.publishing.rules import (
    LEADS_TO,
    LONGEST_PARAGRAPH,
    LONGEST_REASON,
    LONGEST_TITLE,
    MOVES,
    Block,
    Content,
    Deed,
    Kind,
    State,
    named,
)
from heqing_site.publishing.wordings import sentence
from heqing_site.reporting.rules import Kind as PeriodKind
from heqing_site.reporting.rules import Period

# --- writing ------------------------------------------------------------------------------------------------------


@transaction.atomic
def draft_bulletin(
    *, by: User, at: datetime, month: Period, unit: Unit, as_of: date | None = None, issuer: str = ""
) -> Bulletin:
    """Draft the bulletin of a month (拟稿) from what is known.

    Needs the right 通报拟稿 at the unit.

    Parameters
    ----------
    as_of : datetime.date, optional
        The day by which targets are judged; the last day of the month unless a later one is chosen.
    issuer : str
        The name under which it is signed; the name of the unit unless another is given.
    """
    on = timezone.localdate(at)
    require(by, Permission.BULLETIN_DRAFT, unit, on=on)
    if month.kind is not PeriodKind.MONTH or month.last >= on:
        raise RuleBrokenError("bulletin.month_not_over", month=month.name)
    day = as_of or month.last
    if not month.last <= day <= on:
        raise RuleBrokenError("bulletin.as_of_outside", day=day, first=month.last, last=on)
    standing = Bulletin.objects.filter(unit=unit, kind=Kind.MONTHLY, month_start=month.first).first()
    if standing is not None:
        raise RuleBrokenError("bulletin.stands_already", month=month.name, unit=unit, state=standing.state_name)
    _require_verdicts(unit, day)
    asked = Asked(unit=unit, month=month, as_of=day, told_on=on, known_on=on)
    made = compose(asked)
    if issuer.strip():
        made = replace(made, content=replace(made.content, issuer=issuer.strip()[:LONGEST_TITLE]))
    bulletin = _open(by, at, asked, made, Kind.MONTHLY, None)
    record(by=by.actor, at=at, action="publishing.draft_bulletin", subject=bulletin, after=_facts(bulletin))
    return bulletin


@transaction.atomic
def draft_correction(*, by: User, at: datetime, bulletin: Bulletin) -> Bulletin:
    """Draft a notice that corrects an issued bulletin (拟更正通知), telling each difference.

    Needs the right 通报拟稿 at the unit.
    """
    on = timezone.localdate(at)
    bulletin = _locked(bulletin)
    require(by, Permission.BULLETIN_DRAFT, bulletin.unit, on=on)
    if not bulletin.is_issued or bulletin.kind != Kind.MONTHLY:
        raise RuleBrokenError("bulletin.not_issued", bulletin=bulletin)
    running = bulletin.notices.exclude(state=State.ISSUED.value).first()
    if running is not None:
        raise RuleBrokenError("bulletin.correction_runs", bulletin=bulletin, state=running.state_name)
    version = queries.newest_version(bulletin)
    asked = Asked(bulletin.unit, bulletin.month, version.as_of, version.told_on, on)
    found = queries.corrections(bulletin, as_of=on)
    if not found:
        raise RuleBrokenError("bulletin.nothing_to_correct", bulletin=bulletin)
    made = compose_correction(
        asked=asked,
        number=bulletin.issue.number,
        is_invented=bulletin.is_invented,
        differences=[(one.figure, one.new_words, one.why) for one in found],
    )
    made = replace(made, content=replace(made.content, issuer=version.content.issuer))
    notice = _open(by, at, asked, made, Kind.CORRECTION, bulletin)
    record(by=by.actor, at=at, action="publishing.draft_correction", subject=notice, after=_facts(notice))
    return notice


@transaction.atomic
def edit_draft(
    *,
    by: User,
    at: datetime,
    bulletin: Bulletin,
    words: Mapping[str, str],
    title: str | None = None,
    issuer: str | None = None,
    seen: int | None = None,
) -> Bulletin:
    """Change the words of a draft (修改文字); its figures stay bound to their sources.

    Needs the right 通报拟稿 at the unit. `words` gives paragraphs by their keys. A figure that stood in a paragraph
    stands in it still; a paragraph without figures may be emptied.
    """
    bulletin = _take_up(by, at, bulletin, Deed.EDIT, Permission.BULLETIN_DRAFT, seen)
    before = queries.newest_version(bulletin)
    content = before.content
    blocks = [_edited(block, words, content) for block in content.blocks]
    said = replace(
        content,
        title=_short(title, content.title),
        issuer=_short(issuer, content.issuer),
        blocks=blocks,
    )
    if said == content:
        return bulletin
    version = _keep(by, at, bulletin, said, before.as_of, before.told_on, before.editions, before.number + 1)
    bulletin.title = said.title
    _step(by, at, bulletin, version, Deed.EDIT)
    record(
        by=by.actor,
        at=at,
        action="publishing.edit_draft",
        subject=bulletin,
        before={"version": before.number, "title": content.title},
        after={"version": version.number, "title": said.title},
    )
    return bulletin


@transaction.atomic
def refresh_draft(*, by: User, at: datetime, bulletin: Bulletin, seen: int | None = None) -> Bulletin:
    """Take the figures of a draft anew (重取数据); words that an officer changed stay where their figures still exist.

    Needs the right 通报拟稿 at the unit.
    """
    bulletin = _take_up(by, at, bulletin, Deed.REFRESH, Permission.BULLETIN_DRAFT, seen)
    if bulletin.kind != Kind.MONTHLY:
        raise RuleBrokenError("bulletin.not_refreshed", bulletin=bulletin)
    before = queries.newest_version(bulletin)
    on = timezone.localdate(at)
    asked = Asked(bulletin.unit, bulletin.month, before.as_of, on, on)
    made = compose(asked)
    edited = {block.key: block for block in before.content.blocks if block.is_edited}
    blocks = []
    for block in made.content.blocks:
        old = edited.get(block.key)
        fits = old is not None and named(old.words, before.content.figures) <= made.content.figures.keys()
        blocks.append(old if old is not None and fits else block)
    said = replace(made.content, title=before.content.title, issuer=before.content.issuer, blocks=blocks)
    version = _keep(by, at, bulletin, said, before.as_of, on, made.editions, before.number + 1)
    bulletin.is_invented = said.is_invented
    _step(by, at, bulletin, version, Deed.REFRESH)
    record(by=by.actor, at=at, action="publishing.refresh_draft", subject=bulletin, after={"version": version.number})
    return bulletin


@transaction.atomic
def submit(*, by: User, at: datetime, bulletin: Bulletin, seen: int | None = None) -> Bulletin:
    """Hand a draft to the leader (送审). Needs the right 通报拟稿 at the unit."""
    bulletin = _take_up(by, at, bulletin, Deed.SUBMIT, Permission.BULLETIN_DRAFT, seen)
    _step(by, at, bulletin, queries.newest_version(bulletin), Deed.SUBMIT)
    record(by=by.actor, at=at, action="publishing.submit", subject=bulletin, after=_facts(bulletin))
    return bulletin


# --- approving and issuing ----------------------------------------------------------------------------------------


@transaction.atomic
def approve(*, by: User, at: datetime, bulletin: Bulletin, seen: int | None = None) -> Bulletin:
    """Approve a bulletin (审签): this version, and no later one, may be issued.

    Needs the right 通报审签 at the unit, and to be none of those who wrote it or handed it in.
    """
    bulletin = _take_up(by, at, bulletin, Deed.APPROVE, Permission.BULLETIN_APPROVE, seen)
    if by.pk in queries.writers_of(bulletin):
        raise RuleBrokenError("bulletin.approved_by_writer", bulletin=bulletin)
    _step(by, at, bulletin, queries.newest_version(bulletin), Deed.APPROVE)
    record(by=by.actor, at=at, action="publishing.approve", subject=bulletin, after=_facts(bulletin))
    return bulletin


@transaction.atomic
def return_bulletin(*, by: User, at: datetime, bulletin: Bulletin, because: str, seen: int | None = None) -> Bulletin:
    """Give a bulletin back to its writers with the reason (退回).

    Needs the right 通报审签 at the unit; once it is approved, the right 通报印发.
    """
    if not because.strip():
        raise RuleBrokenError("because.missing")
    approved = Bulletin.objects.filter(pk=bulletin.pk, state=State.APPROVED.value).exists()
    right = Permission.BULLETIN_ISSUE if approved else Permission.BULLETIN_APPROVE
    bulletin = _take_up(by, at, bulletin, Deed.RETURN, right, seen)
    said = because.strip()[:LONGEST_REASON]
    _step(by, at, bulletin, queries.newest_version(bulletin), Deed.RETURN, said)
    record(
        by=by.actor, at=at, action="publishing.return_bulletin", subject=bulletin, because=said, after=_facts(bulletin)
    )
    return bulletin


@transaction.atomic
def issue(*, by: User, at: datetime, bulletin: Bulletin, seen: int | None = None) -> Bulletin:
    """Issue an approved bulletin (印发): number, figures, as-of day, approver and file are frozen.

    Needs the right 通报印发 at the unit. What is issued is the version that was approved.
    """
    bulletin = _take_up(by, at, bulletin, Deed.ISSUE, Permission.BULLETIN_ISSUE, seen)
    approval = (
        bulletin.steps.filter(deed=Deed.APPROVE.value).select_related("version", "by").order_by("-number").first()
    )
    version = queries.newest_version(bulletin)
    if approval is None or approval.version_id != version.pk:
        raise RuleBrokenError("bulletin.not_approved", bulletin=bulletin)
    on = timezone.localdate(at)
    said_mark = queries.mark_of(bulletin.unit, bulletin.kind)
    serial = queries.next_serial(said_mark, on.year)
    number = mark("document_number", mark=said_mark, year=on.year, serial=serial)
    content = version.content
    file = word_file(content, number=number, sealed=Sealed(number, on, at))
    digest = hashlib.sha256(file).hexdigest()
    invented = f"（{sentence('invented').split('，')[0]}）" if content.is_invented else ""
    name = f"{number}{content.title}{invented}.docx"
    BulletinIssue.objects.create(
        bulletin=bulletin,
        version=version,
        mark=said_mark,
        year=on.year,
        serial=serial,
        as_of=version.as_of,
        issued_at=at,
        issued_on=on,
        issued_by=by,
        issued_post=queries.post_of(by, on=on),
        approved_by=approval.by,
        approved_post=approval.post_title,
        approved_at=approval.at,
        file_name=name,
        size=len(file),
        sha256=digest,
        received=ContentFile(file, name=digest),
    )
    _step(by, at, bulletin, version, Deed.ISSUE)
    record(
        by=by.actor,
        at=at,
        action="publishing.issue",
        subject=bulletin,
        after={"number": number, "sha256": digest, "as_of": version.as_of, "approved_by": str(approval.by)},
    )
    return bulletin


# --- what the actions have in common ------------------------------------------------------------------------------


def _require_verdicts(unit: Unit, day: date) -> None:
    """Refuse a bulletin whose every target would stand as unknown because nobody judged by the day."""
    found = queries.judged_by(unit, day)
    if not found.targets or found.is_judged:
        return
    if found.first is None:
        raise RuleBrokenError("bulletin.never_judged", count=found.targets)
    raise RuleBrokenError("bulletin.not_judged", day=day, count=found.targets, first=found.first)


def _open(by: User, at: datetime, asked: Asked, made: Composed, kind: Kind, corrects: Bulletin | None) -> Bulletin:
    bulletin = Bulletin.objects.create(
        unit=asked.unit,
        kind=kind.value,
        month_start=asked.month.first,
        month_end=asked.month.last,
        corrects=corrects,
        state=State.DRAFT.value,
        turn=1,
        title=made.content.title,
        is_invented=made.content.is_invented,
        opened_at=at,
        opened_by=by,
    )
    version = _keep(by, at, bulletin, made.content, asked.as_of, asked.told_on, made.editions, 1)
    _note(by, at, bulletin, version, Deed.DRAFT, "")
    return bulletin


def _keep(
    by: User,
    at: datetime,
    bulletin: Bulletin,
    content: Content,
    as_of: date,
    told_on: date,
    editions: list[str],
    number: int,
) -> BulletinVersion:
    return BulletinVersion.objects.create(
        bulletin=bulletin,
        number=number,
        as_of=as_of,
        told_on=told_on,
        said=content.as_json(),
        editions=editions,
        made_at=at,
        made_by=by,
    )


def _locked(bulletin: Bulletin) -> Bulletin:
    return Bulletin.objects.select_for_update(of=("self",)).select_related("unit").get(pk=bulletin.pk)


def _take_up(
    by: User, at: datetime, bulletin: Bulletin, deed: Deed, permission: Permission, seen: int | None
) -> Bulletin:
    """Lock a bulletin, and check right, turn and state."""
    bulletin = _locked(bulletin)
    require(by, permission, bulletin.unit, on=timezone.localdate(at))
    if seen is not None and seen != bulletin.turn:
        last = bulletin.steps.order_by("-number").first()
        raise RuleBrokenError(
            "bulletin.changed_meanwhile",
            bulletin=bulletin,
            person=last.by_name if last else "",
            said=last.deed_name if last else "",
            state=bulletin.state_name,
        )
    if State(bulletin.state) not in MOVES[deed]:
        raise RuleBrokenError("bulletin.wrong_state", bulletin=bulletin, state=bulletin.state_name)
    return bulletin


def _step(by: User, at: datetime, bulletin: Bulletin, version: BulletinVersion, deed: Deed, because: str = "") -> None:
    bulletin.state = LEADS_TO[deed].value
    bulletin.turn += 1
    bulletin.save(update_fields=["state", "turn", "title", "is_invented"])
    _note(by, at, bulletin, version, deed, because)


def _note(by: User, at: datetime, bulletin: Bulletin, version: BulletinVersion, deed: Deed, because: str) -> None:
    BulletinStep.objects.create(
        bulletin=bulletin,
        number=bulletin.turn,
        version=version,
        deed=deed.value,
        by=by,
        by_name=by.display_name,
        post_title=queries.post_of(by, on=timezone.localdate(at)),
        at=at,
        because=because,
    )


def _edited(block: Block, words: Mapping[str, str], content: Content) -> Block:
    """Put new words into a paragraph, if all its figures are still there."""
    if not block.is_editable or block.key not in words:
        return block
    said = words[block.key].replace("\r\n", "\n").strip()[:LONGEST_PARAGRAPH]
    if said == block.words:
        return block
    lost = named(block.words, content.figures) - named(said, content.figures)
    if lost:
        raise RuleBrokenError("bulletin.figure_lost", figures="、".join(f"【{name}】" for name in sorted(lost)))
    return replace(block, words=said, is_edited=True)


def _short(said: str | None, before: str) -> str:
    return (said or "").strip()[:LONGEST_TITLE] or before


def _facts(bulletin: Bulletin) -> dict[str, object]:
    return {"state": bulletin.state, "turn": bulletin.turn, "month": bulletin.month.key, "unit": str(bulletin.unit)}
