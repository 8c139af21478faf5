"""Who takes over (承接): a unit merged into another, and a post that passes from one person to the next.

What was done stays with the unit and the person who did it. What is open in rooms above goes over by the functions that
`settings.ORGS_TAKE_OVER` and `settings.ORGS_HAND_OVER` name, so that this room need not know them: each takes the
`Merger` or the `Handover`, and says in words what went over, or nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from heqing_site.audit.actions import record
from heqing_site.errors import RuleBrokenError
from heqing_site.orgs import actions, queries
from heqing_site.orgs.models import Post, Term, Unit, User
from heqing_site.orgs.queries import require
from heqing_site.orgs.rules import ROLES_BY_MATTER, Permission, Role


@dataclass(frozen=True)
class Merger:
    """What rooms above are told of a merger: who, when, which unit ends, which takes over, and post for post.

    Parameters
    ----------
    by, at
        Who enters the merger, and the moment.
    ending, successor : Unit
        The unit that ends, and the one that takes over from the next day.
    last_day : datetime.date
        The last day of the unit that ends.
    because : str
        The reason, with the number of the document.
    posts : mapping of int to Post
        The post that takes over, by the key of the post that ends; only where posts move.
    """

    by: User
    at: datetime
    ending: Unit
    successor: Unit
    last_day: date
    because: str
    posts: Mapping[int, Post] = field(default_factory=dict)

    @property
    def first_day(self) -> date:
        """The day from which the successor answers."""
        return self.last_day + timedelta(days=1)

    @property
    def note(self) -> str:
        """The merger in words."""
        return f"{self.ending}自 {self.first_day} 起并入{self.successor}：{self.because}"[:200]


@dataclass(frozen=True)
class Handover:
    """What rooms above are told when a post passes to another person."""

    by: User
    at: datetime
    post: Post
    leaver: User
    successor: User
    because: str


@dataclass(frozen=True)
class Merged:
    """What a merger brought: the closed unit, and sentences on what went over."""

    unit: Unit
    said: list[str]


@transaction.atomic
def merge_unit(
    *,
    by: User,
    at: datetime,
    unit: Unit,
    into: Unit,
    last_day: date,
    because: str,
    move_posts: bool = True,
    move_grants: bool = True,
) -> Merged:
    """Merge a unit into another (并入) after a day: it is closed, and the other takes over all that is open.

    Units below it, and the accounts that it keeps, move. Posts pass to posts of the same name with their holders, or
    end. What it owed, reported and signed stays its own in the record. Needs 单位与职务管理 at the superior unit of
    both, and 账号与授权管理 at both where accounts move.

    Parameters
    ----------
    by, at
        Who enters it, and when.
    unit, into : Unit
        The unit that ends, and the one that takes over.
    last_day : datetime.date
        The last day of the unit that ends, today or before.
    because : str
        The reason, with the number of the document.
    move_posts : bool
        Whether its posts are set up in the other unit, with those who hold them; else their terms end.
    move_grants : bool
        Whether roles that were granted at it are granted at the other unit instead; those of administrators never are.
    """
    on = timezone.localdate(at)
    if not because.strip():
        raise RuleBrokenError("because.missing")
    locked = {row.pk: row for row in Unit.objects.select_for_update().filter(pk__in=[unit.pk, into.pk]).order_by("pk")}
    unit, into = locked[unit.pk], locked[into.pk]
    require(by, Permission.UNIT_EDIT, unit.parent, on=on)
    require(by, Permission.UNIT_EDIT, into.parent, on=on)
    if unit.pk == into.pk or unit.pk in queries.line_ids(into):
        raise RuleBrokenError("unit.merge_into_itself", unit=unit, into=into)
    if last_day > on:
        raise RuleBrokenError("unit.merge_in_future", day=last_day)
    if into.active_to is not None or not into.is_active_on(last_day):
        raise RuleBrokenError("unit.already_closed", unit=into, day=into.active_to or last_day)
    said: list[str] = []
    first_day = last_day + timedelta(days=1)
    note = f"{unit}并入{into}：{because}"[:200]
    children = list(unit.children.filter(active_to__isnull=True))
    for child in children:
        actions.move_unit(by=by, at=at, unit=child, parent=into, because=note)
    _say(said, len(children), "个下级单位改隶属{into}", into)
    posts = _pass_posts(by, at, unit, into, last_day, first_day, note, is_moving=move_posts)
    _say(said, len(posts), "个职务转到{into}", into)
    _say(said, _move_accounts(by, at, unit, into, note), "个账号归口{into}", into)
    if move_grants:
        _say(said, _move_grants(by, at, unit, into, note), "项授权改在{into}", into)
    closed = actions.deactivate_unit(by=by, at=at, unit=unit, last_day=last_day, because=note)
    closed.successor = into
    closed.save(update_fields=["successor"])
    merger = Merger(by, at, closed, into, last_day, because, posts)
    said += [words for path in settings.ORGS_TAKE_OVER if (words := import_string(path)(merger))]
    record(
        by=by.actor,
        at=at,
        action="orgs.merge_unit",
        subject=closed,
        because=because,
        after={"into": f"{into.name}（{into.code}）", "last_day": last_day, "said": said},
    )
    return Merged(closed, said)


@transaction.atomic
def succeed(
    *, by: User, at: datetime, post: Post, holder: User, started_on: date, because: str
) -> tuple[Term, list[str]]:
    """Enter that a post passes to another person (接任): the term that runs ends on the eve, the next one begins.

    What hangs on the post goes with it by itself; what hangs on the person in rooms above is handed over. Needs
    单位与职务管理 at the unit of the post. Gives the new term, and sentences on what went over.
    """
    require(by, Permission.UNIT_EDIT, post.unit, on=timezone.localdate(at))
    if not because.strip():
        raise RuleBrokenError("because.missing")
    running = post.terms.select_related("holder", "post__unit").filter(ended_on__isnull=True).first()
    if running is None:
        raise RuleBrokenError("post.vacant", post=post)
    if running.holder_id == holder.pk:
        raise RuleBrokenError("post.held_already", post=post, holder=holder)
    actions.end_term(by=by, at=at, term=running, last_day=started_on - timedelta(days=1), because=because)
    term = actions.appoint(by=by, at=at, post=post, holder=holder, started_on=started_on)
    handover = Handover(by, at, post, running.holder, holder, because)
    said = [words for path in settings.ORGS_HAND_OVER if (words := import_string(path)(handover))]
    record(
        by=by.actor,
        at=at,
        action="orgs.succeed",
        subject=term,
        because=because,
        before={"holder": running.holder.actor.name},
        after={"holder": holder.actor.name, "said": said},
    )
    return term, said


def _say(said: list[str], count: int, words: str, into: Unit) -> None:
    if count:
        said.append(f"{count} {words.format(into=into)}")


def _pass_posts(
    by: User, at: datetime, unit: Unit, into: Unit, last_day: date, first_day: date, note: str, *, is_moving: bool
) -> dict[int, Post]:
    """End the terms of a unit, and set its posts up in the other one when they move."""
    passed: dict[int, Post] = {}
    taken = set(into.posts.values_list("name", flat=True))
    for post in unit.posts.select_related("unit"):
        running = post.terms.select_related("holder", "post__unit").filter(ended_on__isnull=True).first()
        if running is not None:
            actions.end_term(by=by, at=at, term=running, last_day=last_day, because=note)
        if not is_moving:
            continue
        name = post.name if post.name not in taken else f"{post.name}（原{unit.name}）"
        new = actions.create_post(by=by, at=at, unit=into, name=name[:60])
        if running is not None and running.holder.is_active:
            actions.appoint(by=by, at=at, post=new, holder=running.holder, started_on=first_day)
        post.successor = new
        post.save(update_fields=["successor"])
        passed[post.pk] = new
    for seat in queries.open_seats(unit):
        seat.ended_on, seat.ended_because = max(last_day, seat.started_on), note
        seat.save(update_fields=["ended_on", "ended_because"])
        if seat.post_id in passed:
            seat.group.seats.create(
                post=passed[seat.post_id], part=seat.part, started_on=max(first_day, seat.started_on)
            )
    return passed


def _move_accounts(by: User, at: datetime, unit: Unit, into: Unit, note: str) -> int:
    kept = list(unit.users.filter(is_active=True))
    for user in kept:
        actions.amend_user(
            by=by,
            at=at,
            user=user,
            display_name=user.display_name,
            phone=user.phone,
            unit=into,
            because=note,
        )
    return len(kept)


def _move_grants(by: User, at: datetime, unit: Unit, into: Unit, note: str) -> int:
    """Grant at the other unit what was granted at this one; rights over all that the other has are not given so."""
    on = timezone.localdate(at)
    moved = 0
    for grant in unit.grants.in_force_on(on).select_related("user", "unit"):
        actions.revoke_grant(by=by, at=at, grant=grant, because=note)
        role = Role(grant.role)
        has_it = grant.user.grants.in_force_on(on).filter(role=role, unit=into).exists()
        if role in ROLES_BY_MATTER and grant.user.is_active and not has_it:
            actions.grant_role(
                by=by,
                at=at,
                user=grant.user,
                role=role,
                unit=into,
                valid_from=on,
                valid_to=grant.valid_to,
                matters=grant.matter_list,
            )
            moved += 1
    return moved
