"""Every deed on the installation's own words (自有词): corrections propose them, an administrator decides.

An accepted word is used by every reading from that day on (`queries.own_words`) until it is withdrawn; what was read
before stays as it is. Look next at ``docs/decisions/0017-corrections-teach-the-lexicon.md``.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from heqing_site.audit.actions import record
from heqing_site.errors import RuleBrokenError
from heqing_site.library import rules
from heqing_site.library.models import Document, Finding, ProposedWord
from heqing_site.library.rules import WORD_MOVES, WORD_STATE_NAMES, WordState, WordTable
from heqing_site.orgs.models import User
from heqing_site.orgs.queries import require
from heqing_site.orgs.rules import Permission


@transaction.atomic
def exclude_expression(*, by: User, at: datetime, finding: Finding, words: str) -> ProposedWord:
    """Propose that an expression makes no target (不是目标的表述), from the words of a finding.

    Needs the right 文件核对 at the unit that keeps the document. The finding itself is rejected by itself.
    """
    require(by, Permission.DOCUMENT_REVIEW, finding.document.unit, on=timezone.localdate(at), matter=finding.pillar)
    said = words.strip()
    if len(said) < rules.SHORTEST_EXPRESSION:
        raise RuleBrokenError("word.too_short", limit=rules.SHORTEST_EXPRESSION)
    if len(said) > rules.LONGEST_WORD:
        raise RuleBrokenError("word.too_long", count=len(said), limit=rules.LONGEST_WORD)
    if said not in finding.quote:
        raise RuleBrokenError("word.not_in_finding", words=said, number=finding.number)
    word = note(by, at, table=WordTable.EXCLUSIONS, written=said, finding=finding)
    record(by=by.actor, at=at, action="library.exclude_expression", subject=word, after=_word_facts(word))
    return word


@transaction.atomic
def mark_line(*, by: User, at: datetime, document: Document, place: int, is_noise: bool) -> ProposedWord:
    """Mark the line at a place of the text as noise (标为噪声行), or take noise back (取消噪声); propose it for all.

    Needs the right 文件核对 at the unit that keeps the document, for every matter. The line is shown accordingly at
    once; findings in it stay and are decided one by one.
    """
    require(by, Permission.DOCUMENT_REVIEW, document.unit, on=timezone.localdate(at))
    document = Document.objects.select_for_update(of=("self",)).get(pk=document.pk)
    line = rules.line_at(document.text, place)
    if line is None:
        raise RuleBrokenError("word.no_line")
    start, end = line
    said = document.text[start:end]
    if len(said) > rules.LONGEST_WORD:
        raise RuleBrokenError("word.too_long", count=len(said), limit=rules.LONGEST_WORD)
    apart = [row for row in document.junk if row["end"] <= start or end <= row["start"]]
    if (len(apart) < len(document.junk)) == is_noise:
        raise RuleBrokenError("word.line_is_so", line=said[:40], state="噪声行" if is_noise else "正文")
    added = [{"line": said, "start": start, "end": end}] if is_noise else []
    document.junk = sorted([*apart, *added], key=lambda row: int(row["start"]))
    document.save(update_fields=["junk"])
    meaning = rules.NOISE if is_noise else rules.NO_NOISE
    word = note(by, at, table=WordTable.JUNK, written=said, meaning=meaning, document=document)
    record(by=by.actor, at=at, action="library.mark_line", subject=document, after=_word_facts(word))
    return word


@transaction.atomic
def accept_word(*, by: User, at: datetime, word: ProposedWord) -> ProposedWord:
    """Accept an own word (采用): every reading from today on uses it.

    Needs the right 系统管理. One writing means one thing: another accepted meaning must be withdrawn first.
    """
    word = _take_up(by, at, word, WordState.ACCEPTED)
    other = ProposedWord.objects.filter(table=word.table, written=word.written, state=WordState.ACCEPTED).first()
    if other is not None:
        raise RuleBrokenError("word.means_otherwise", written=word.written, meaning=other.meaning_name or "—")
    word.valid_from = timezone.localdate(at)
    return _decided(word, WordState.ACCEPTED, by, at, "", action="library.accept_word")


@transaction.atomic
def refuse_word(*, by: User, at: datetime, word: ProposedWord, because: str = "") -> ProposedWord:
    """Refuse an own word (不用): it is not proposed again when the same correction is made.

    Needs the right 系统管理.
    """
    word = _take_up(by, at, word, WordState.REFUSED)
    return _decided(word, WordState.REFUSED, by, at, because.strip()[:200], action="library.refuse_word")


@transaction.atomic
def withdraw_word(*, by: User, at: datetime, word: ProposedWord, because: str) -> ProposedWord:
    """Withdraw an own word (停用) with the reason: readings from today on do without it.

    Needs the right 系统管理. The word and its days stay to be read; it can be proposed anew.
    """
    word = _take_up(by, at, word, WordState.WITHDRAWN)
    if not because.strip():
        raise RuleBrokenError("because.missing")
    word.withdrawn_on = timezone.localdate(at)
    return _decided(word, WordState.WITHDRAWN, by, at, because.strip()[:200], action="library.withdraw_word")


# --- what corrections leave ---------------------------------------------------------------------------------------


def note(
    by: User,
    at: datetime,
    *,
    table: WordTable,
    written: str,
    meaning: str = "",
    pillar: str = "",
    finding: Finding | None = None,
    document: Document | None = None,
) -> ProposedWord:
    """Keep a word as proposed; one that stands already is counted once more, whatever became of it."""
    known = (
        ProposedWord.objects.select_for_update(of=("self",))
        .filter(table=table, written=written[: rules.LONGEST_WORD], meaning=meaning[: rules.LONGEST_WORD])
        .exclude(state=WordState.WITHDRAWN)
        .first()
    )
    if known is not None:
        known.times += 1
        known.save(update_fields=["times"])
        return known
    return ProposedWord.objects.create(
        table=table,
        written=written[: rules.LONGEST_WORD],
        meaning=meaning[: rules.LONGEST_WORD],
        pillar=pillar,
        finding=finding,
        document=finding.document if finding is not None else document,
        proposed_by=by,
        proposed_at=at,
    )


def take_back(finding: Finding, by: User) -> None:
    """Take back what an undone correction had proposed, as long as nobody else proposed or decided it."""
    proposed = ProposedWord.objects.filter(finding=finding, proposed_by=by, times=1, state=WordState.PROPOSED)
    if finding.decided_at is not None:
        proposed.filter(proposed_at=finding.decided_at).delete()


# --- what the actions have in common ------------------------------------------------------------------------------


def _take_up(by: User, at: datetime, word: ProposedWord, to: WordState) -> ProposedWord:
    require(by, Permission.SITE_ADMIN, None, on=timezone.localdate(at))
    word = ProposedWord.objects.select_for_update(of=("self",)).get(pk=word.pk)
    if WordState(word.state) not in WORD_MOVES[to]:
        raise RuleBrokenError(
            "word.already_decided", written=word.written[:40], state=WORD_STATE_NAMES[WordState(word.state)]
        )
    return word


def _decided(
    word: ProposedWord, state: WordState, by: User, at: datetime, because: str, *, action: str
) -> ProposedWord:
    before = _word_facts(word)
    word.state, word.decided_by, word.decided_at, word.because = state, by, at, because
    word.save()
    record(by=by.actor, at=at, action=action, subject=word, because=because, before=before, after=_word_facts(word))
    return word


def _word_facts(word: ProposedWord) -> dict[str, object]:
    return {name: getattr(word, name) for name in ("table", "written", "meaning", "pillar", "state", "times")}
