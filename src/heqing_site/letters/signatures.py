"""Signatures under letters (签署): by a scan of the paper, by confirmation, or as entered from the paper.

Whoever holds the principal post of a side confirms for it, with the password typed again.
The side that signs first is declared by the kind of letter: of a letter handed down the issuer, of a commitment the
unit that promises. A signature is kept with name, post, day and the checksum of the file that was signed. Look next at
``letters.actions``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from heqing_site.audit.actions import record
from heqing_site.errors import RuleBrokenError
from heqing_site.letters import queries
from heqing_site.letters.actions import check_turn, lock
from heqing_site.letters.models import Letter, LetterEvidence, LetterStep, LetterVersion
from heqing_site.letters.rules import LONGEST_REASON, OUT, SIGNING, Side, State, Way
from heqing_site.library import evidence
from heqing_site.library.evidence import File
from heqing_site.orgs.models import User
from heqing_site.orgs.queries import require
from heqing_site.orgs.rules import Permission


@dataclass(frozen=True)
class Signature:
    """Who signed for a side, in which post, on which day."""

    side: Side
    signer: str
    signed_on: date
    post: str = ""


@transaction.atomic
def confirm(*, by: User, at: datetime, letter: Letter, side: Side, password: str, seen: int | None = None) -> Letter:
    """Sign as holder of the principal post of a side (在线确认), with one's password typed again.

    Needs the right 责任书签订 at the unit of that side, and to hold its principal post that day.
    """
    letter = lock(letter)
    on, unit = timezone.localdate(at), letter.unit_of(side)
    require(by, Permission.LETTER_SIGN, unit, on=on)
    check_turn(letter, seen)
    term = queries.principal_term(by, unit, on=on)
    if term is None:
        raise RuleBrokenError("letter.signer_without_post", person=by, unit=unit)
    if not by.has_usable_password():
        raise RuleBrokenError("letter.password_unusable")
    if not by.check_password(password):
        raise RuleBrokenError("letter.password_wrong")
    version = _open_version(letter)
    _sign(by, at, letter, version, Signature(side, by.display_name, on, str(term.post)), Way.CONFIRMED)
    return letter


@transaction.atomic
def enter_scan(
    *,
    by: User,
    at: datetime,
    letter: Letter,
    signatures: Sequence[Signature],
    files: Sequence[File],
    because: str = "",
    seen: int | None = None,
) -> Letter:
    """Keep the scan of a signed letter (登记签字扫描件) with who signed and when, for one side or both.

    Needs the right 责任书下达 at the issuing unit. What was entered before is entered again only with a reason; what
    the holder of a post confirmed is not entered over.
    """
    taken = list(evidence.take(files))
    if not taken:
        raise RuleBrokenError("letter.scan_missing")
    letter = _enter(by, at, letter, signatures, Way.SCAN, because, seen)
    step = letter.steps.order_by("-number")[0]
    for file in taken:
        LetterEvidence.objects.create(
            step=step,
            file_name=file.name,
            media_type=file.media_type,
            size=file.size,
            sha256=file.sha256,
            received=evidence.keep(file, f"letters/scans/{file.sha256[:2]}/{file.sha256}"),
            added_by=by,
            added_at=at,
        )
    return letter


@transaction.atomic
def enter_register(
    *, by: User, at: datetime, letter: Letter, signatures: Sequence[Signature], because: str = ""
) -> bool:
    """Enter signatures from the register of paper letters (据纸质件登记); tell whether anything was new.

    Needs the right 责任书下达 at the issuing unit. What stands there already the same way is left as it is.
    """
    require(by, Permission.LETTER_ISSUE, letter.series.issuer, on=timezone.localdate(at))
    if not letter.in_force:
        raise RuleBrokenError("letter.not_issued", letter=letter)
    known = queries.signatures_of(queries.version_of(letter, letter.in_force))
    new = [
        signature
        for signature in signatures
        if (step := known.get(signature.side)) is None
        or (step.signer, step.signed_on) != (signature.signer, signature.signed_on)
    ]
    if new:
        _enter(by, at, letter, new, Way.ENTERED, because, None)
    return bool(new)


# --- what they have in common -------------------------------------------------------------------------------------


def _enter(
    by: User,
    at: datetime,
    letter: Letter,
    signatures: Sequence[Signature],
    way: Way,
    because: str,
    seen: int | None,
) -> Letter:
    letter = lock(letter)
    require(by, Permission.LETTER_ISSUE, letter.series.issuer, on=timezone.localdate(at))
    check_turn(letter, seen)
    if not signatures:
        raise RuleBrokenError("letter.signer_missing")
    version = _open_version(letter)
    first = letter.series.words.first_signer
    for signature in sorted(signatures, key=lambda one: one.side is not first):
        _sign(by, at, letter, version, signature, way, because)
    return letter


def _open_version(letter: Letter) -> LetterVersion:
    if not letter.in_force:
        raise RuleBrokenError("letter.not_issued", letter=letter)
    if State(letter.state) not in OUT:
        raise RuleBrokenError("letter.not_to_sign", letter=letter, state=letter.state_name)
    return queries.version_of(letter, letter.in_force)


def _sign(
    by: User,
    at: datetime,
    letter: Letter,
    version: LetterVersion,
    signature: Signature,
    way: Way,
    because: str = "",
) -> None:
    """Put a signature under the version in force, in its order and within its days."""
    side, words = signature.side, letter.series.words
    name = signature.signer.strip()[:80]
    if not name:
        raise RuleBrokenError("letter.signer_missing")
    issued, today = queries.issue_of(version), timezone.localdate(at)
    if issued is None:
        raise RuleBrokenError("letter.not_issued", letter=letter)
    if not issued.issued_on <= signature.signed_on <= today:
        raise RuleBrokenError(
            "letter.signed_outside", day=signature.signed_on, first=issued.issued_on, last=today, letter=letter
        )
    signed = queries.signatures_of(version)
    before = signed.get(side)
    if before is not None and (before.way == Way.CONFIRMED or not because.strip()):
        raise RuleBrokenError(
            "letter.signed_already",
            unit=letter.unit_of(side),
            signer=before.signer,
            day=before.signed_on,
            way=before.way_name,
        )
    if before is None and side is not words.first_signer and side.other not in signed:
        raise RuleBrokenError("letter.other_side_first", unit=letter.unit_of(side.other), deed=words.deeds[side.other])
    letter.turn += 1
    signed_sides = {*signed, side}
    if side.other in signed_sides:
        letter.state, letter.waits_for = State.SIGNED.value, ""
        other = signed[side.other].signed_on
        letter.signed_on = max(signature.signed_on, other) if other else signature.signed_on
    else:
        letter.waits_for = side.other.value
    letter.save()
    LetterStep.objects.create(
        letter=letter,
        number=letter.turn,
        version=version,
        deed=SIGNING[side].value,
        by=by,
        by_name=by.display_name,
        by_post=queries.post_of(by, on=today),
        at=at,
        words=because.strip()[:LONGEST_REASON],
        signer=name,
        signer_post=signature.post.strip()[:160],
        signed_on=signature.signed_on,
        way=way.value,
        sha256=issued.sha256,
    )
    told: dict[str, Any] = {
        "by": by.actor,
        "at": at,
        "subject": letter,
        "because": because,
        "after": {
            "signer": name,
            "post": signature.post,
            "signed_on": signature.signed_on,
            "way": way.value,
            "sha256": issued.sha256,
        },
    }
    if side is Side.ISSUER:
        record(action="letters.sign_issuer", **told)
    else:
        record(action="letters.sign_receiver", **told)
