"""Deeds on findings that repeat a target: an officer confirms the target by them, or amends it. Nothing merges itself.

Which findings repeat a target is told by ``ledger.repeats``; that a finding becomes a target of its own all the same is
``ledger.actions.adopt_finding``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from django.db import transaction
from django.utils import timezone

from heqing_site.audit.actions import record
from heqing_site.errors import RuleBrokenError
from heqing_site.ledger import repeats
from heqing_site.ledger.actions import amend_target
from heqing_site.ledger.deeds import take_up, terms_facts
from heqing_site.ledger.models import Restatement, Target
from heqing_site.ledger.repeats import Paired
from heqing_site.ledger.rules import COMPLETE, Restating
from heqing_site.library.actions import accept_finding
from heqing_site.library.models import Document, Finding
from heqing_site.library.rules import FindingKind, FindingState
from heqing_site.orgs.models import User


class Taking(StrEnum):
    """What is taken at once of the findings of a document that repeat a target."""

    CONFIRM = "confirm"
    AMEND = "amend"
    LEAVE = "leave"


@dataclass
class Settled:
    """What became of the findings that repeat a target: confirmed, amended, and left to an officer."""

    confirmed: list[Restatement] = field(default_factory=list)
    amended: list[Restatement] = field(default_factory=list)
    left: list[Paired] = field(default_factory=list)


@transaction.atomic
def confirm_target(
    *, by: User, at: datetime, finding: Finding, target: Target, because: str = "", seen: int | None = None
) -> Restatement:
    """Enter that a document says a target again (确认目标): it becomes a further source, the terms stay as they are.

    Needs the right 目标管理 at the lead unit. Two values that differ are not confirmed but amended.
    """
    words = because.strip() or f"《{finding.document}》第 {finding.number} 条重申"
    terms = take_up(by, at, target, words, seen)
    finding = _take(finding)
    if None not in (finding.value, terms.bound) and (finding.value, finding.unit) != (terms.bound, terms.unit):
        raise RuleBrokenError(
            "restating.other_value", finding=finding, said=finding.demand, number=target.number, stands=terms.demand
        )
    made = Restatement.objects.create(
        finding=finding, target=target, decision=Restating.CONFIRM, recorded_at=at, recorded_by=by.actor.name,
        because=words,
    )  # fmt: skip
    record(
        by=by.actor,
        at=at,
        action="ledger.confirm_target",
        subject=target,
        because=because,
        after={**_source(finding), **terms_facts(terms)},
    )
    return made


@transaction.atomic
def amend_by_finding(
    *,
    by: User,
    at: datetime,
    finding: Finding,
    target: Target,
    because: str,
    valid_from: date | None = None,
    seen: int | None = None,
) -> Restatement:
    """Amend a target to what a later document says (按文件调整目标): its comparison, number, unit, baseline, firmness.

    Needs the right 目标管理 at the lead unit. The terms of the days before stay in the record, as with every amendment.
    """
    take_up(by, at, target, because, seen)
    finding = _take(finding)
    if finding.value is None and finding.comparator != COMPLETE:
        raise RuleBrokenError("restating.no_number", finding=finding)
    terms = amend_target(
        by=by,
        at=at,
        target=target,
        changes={
            "comparator": finding.comparator,
            "bound": finding.value,
            "bound_text": (finding.value_text or "")[:120],
            "unit": finding.unit,
            "baseline": finding.baseline,
            "strength": finding.strength,
        },
        because=because,
        valid_from=valid_from,
        seen=seen,
    )
    made = Restatement.objects.create(
        finding=finding, target=target, decision=Restating.AMEND, terms=terms, recorded_at=at,
        recorded_by=by.actor.name, because=because,
    )  # fmt: skip
    record(
        by=by.actor,
        at=at,
        action="ledger.amend_by_finding",
        subject=target,
        because=because,
        after={**_source(finding), **terms_facts(terms)},
    )
    return made


@transaction.atomic
def settle_repeats(
    *, by: User, at: datetime, document: Document, taking: Taking = Taking.CONFIRM, accept: bool = False
) -> Settled:
    """Decide of all findings of a document that repeat a target at once (批量处理重申).

    Confirmations are taken, unless everything is left; amendments are only listed, unless they are asked for. Needs the
    right 目标管理 at each lead unit. With `accept`, findings that nobody reviewed and that are taken are accepted as
    read, which needs 文件核对; without, they are left.
    """
    done = Settled()
    pairs = repeats.repeats_of(document, as_of=timezone.localdate(at))
    for pair in sorted(pairs.values(), key=lambda one: one.finding.start):
        is_reviewed = pair.finding.state == FindingState.ACCEPTED
        is_taken = taking is not Taking.LEAVE and (pair.is_confirmation or _may_amend(pair, taking))
        if not is_taken or not (is_reviewed or accept):
            done.left.append(pair)
            continue
        finding = pair.finding if is_reviewed else accept_finding(by=by, at=at, finding=pair.finding)
        if pair.is_confirmation:
            done.confirmed.append(confirm_target(by=by, at=at, finding=finding, target=pair.target))
        else:
            words = f"《{document}》第 {finding.number} 条：{finding.demand}"
            done.amended.append(amend_by_finding(by=by, at=at, finding=finding, target=pair.target, because=words))
    return done


def _may_amend(pair: Paired, taking: Taking) -> bool:
    return taking is Taking.AMEND and pair.outcome in ("raised", "lowered", "changed")


def _take(finding: Finding) -> Finding:
    """Lock a finding that may repeat a target: reviewed, a target, and not decided of before."""
    found = Finding.objects.select_for_update(of=("self",)).select_related("document").get(pk=finding.pk)
    standing = Target.objects.filter(finding=found).first()
    if standing is not None:
        raise RuleBrokenError("target.already_adopted", finding=found, number=standing.number)
    before = Restatement.objects.filter(finding=found).select_related("target").first()
    if before is not None:
        raise RuleBrokenError("restating.decided", finding=found, number=before.target.number)
    if found.kind != FindingKind.TARGET:
        raise RuleBrokenError("target.not_a_promise", finding=found)
    if found.state == FindingState.REJECTED:
        raise RuleBrokenError("target.finding_rejected", finding=found)
    if found.state == FindingState.PROPOSED:
        raise RuleBrokenError("target.finding_unreviewed", finding=found)
    return found


def _source(finding: Finding) -> dict[str, object]:
    return {"document": str(finding.document), "finding": finding.number, "said": finding.demand}
