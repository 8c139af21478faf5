"""What can be asked of units, people and rights. Nothing here writes, and nothing here reads the clock.

`require` is the one check of rights; every action of every room calls it first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db import connection
from django.db.models import Count, Max, Prefetch, Q, QuerySet

from heqing_site.errors import PERMISSION_MISSING, RuleBrokenError
from heqing_site.orgs.models import (
    ApiToken,
    GroupMeeting,
    GroupSeat,
    LeadingGroup,
    Post,
    Resolution,
    RoleGrant,
    RoleGrantQuerySet,
    Term,
    Unit,
    User,
    in_force,
)
from heqing_site.orgs.rules import PERMISSION_NAMES, PILLAR_NAMES, ROLE_PERMISSIONS, Part, Permission, Role, roles_with

WHOLE_SITE = "全站"

LINE = """
WITH RECURSIVE line(id, parent_id) AS (
    SELECT id, parent_id FROM orgs_unit WHERE id = %s
    UNION
    SELECT above.id, above.parent_id FROM orgs_unit above JOIN line ON above.id = line.parent_id
)
SELECT id FROM line
"""


# --- the tree -----------------------------------------------------------------------------------------------------


def line_ids(unit: Unit) -> set[int]:
    """Give the keys of a unit and of every unit above it."""
    with connection.cursor() as cursor:
        cursor.execute(LINE, [unit.pk])
        return {row[0] for row in cursor.fetchall()}


def line_of(unit: Unit) -> list[Unit]:
    """List the units above a unit (上级), from the top down to the unit itself."""
    found = Unit.objects.in_bulk(line_ids(unit))
    line = [unit]
    while line[0].parent_id is not None:
        line.insert(0, found[line[0].parent_id])
    return line


def ids_below(tops: Iterable[int]) -> set[int]:
    """Give the keys of some units and of every unit below them."""
    children = defaultdict(list)
    for key, parent in Unit.objects.order_by().values_list("pk", "parent_id"):
        children[parent].append(key)
    found: set[int] = set()
    to_visit = list(tops)
    while to_visit:
        key = to_visit.pop()
        if key not in found:
            found.add(key)
            to_visit.extend(children[key])
    return found


@dataclass
class UnitRow:
    """One line of the directory: a unit, how deep it stands, and who holds its posts today."""

    unit: Unit
    depth: int
    is_active: bool
    post_count: int = 0
    holders: list[Term] = field(default_factory=list)


def directory(*, on: date, search: str = "", with_closed: bool = False) -> list[UnitRow]:
    """List the units as a tree, in the order of their codes, with the holders of their posts on a day.

    A search keeps the units whose name or code contains the words, and their depth, without the units above them.
    """
    units = list(Unit.objects.all())
    children: dict[int | None, list[Unit]] = defaultdict(list)
    for unit in units:
        children[unit.parent_id].append(unit)
    posts: dict[int, int] = defaultdict(int)
    for unit_id in Post.objects.order_by().values_list("unit_id", flat=True):
        posts[unit_id] += 1
    holders: dict[int, list[Term]] = defaultdict(list)
    for term in Term.objects.current_on(on).select_related("post", "holder").order_by("post_id"):
        holders[term.post.unit_id].append(term)

    rows: list[UnitRow] = []
    to_visit = [(unit, 0) for unit in reversed(children[None])]
    while to_visit:
        unit, depth = to_visit.pop()
        to_visit.extend((child, depth + 1) for child in reversed(children[unit.pk]))
        active = unit.is_active_on(on)
        if (active or with_closed) and (search in unit.name or search in unit.code):
            rows.append(UnitRow(unit, depth, active, posts[unit.pk], holders[unit.pk]))
    return rows


def posts_of(unit: Unit) -> QuerySet[Post]:
    """List the posts of a unit with all their terms, newest first."""
    terms = Term.objects.select_related("holder").order_by("-started_on")
    return unit.posts.order_by("pk").prefetch_related(Prefetch("terms", queryset=terms))


def post_with(key: int) -> Post | None:
    """Give a post with its unit, its successor, and everybody who held it, newest first."""
    return posts_everywhere().filter(pk=key).first()


def posts_everywhere() -> QuerySet[Post]:
    """List all posts with all their terms, newest first."""
    terms = Term.objects.select_related("holder").order_by("-started_on")
    found = Post.objects.select_related("unit", "successor__unit").prefetch_related(Prefetch("terms", queryset=terms))
    return found.order_by("unit__code", "pk")


def successor_of(unit: Unit, *, on: date) -> Unit:
    """Give the unit that answers on a day for what a unit was to do (承接单位): itself, or whom it was merged into."""
    seen = {unit.pk}
    while unit.successor is not None and not unit.is_active_on(on) and unit.successor_id not in seen:
        unit = unit.successor
        seen.add(unit.pk)
    return unit


def post_successor_of(post: Post) -> Post:
    """Give the post that answers today for what a post was to do: itself, or what it became in a merger."""
    seen = {post.pk}
    while post.successor is not None and post.successor_id not in seen:
        post = post.successor
        seen.add(post.pk)
    return post


def holder_of(post: Post, *, on: date) -> User | None:
    """Give who holds a post on a day."""
    term = post.terms.current_on(on).select_related("holder").first()
    return None if term is None else term.holder


# --- leading groups -----------------------------------------------------------------------------------------------


def open_seats(unit: Unit) -> QuerySet[GroupSeat]:
    """List the seats that posts of a unit have in leading groups."""
    return GroupSeat.objects.select_related("group", "post").filter(post__unit=unit, ended_on__isnull=True)


def leading_groups(*, with_dissolved: bool = False) -> QuerySet[LeadingGroup]:
    """List the leading groups with the number of their seats and meetings, and the day of the last one."""
    found = LeadingGroup.objects.select_related("unit", "office").annotate(
        seat_count=Count("seats", filter=Q(seats__ended_on__isnull=True), distinct=True),
        meeting_count=Count("meetings", distinct=True),
        last_met=Max("meetings__held_on"),
    )
    found = found.order_by("unit__code", "name", "pk")
    return found if with_dissolved else found.filter(dissolved_on__isnull=True)


def seats_of_post(post: Post) -> QuerySet[GroupSeat]:
    """List the seats that a post has or had in leading groups, newest first."""
    return post.seats.select_related("group").order_by("-started_on")


@dataclass(frozen=True)
class SeatRow:
    """A seat of a leading group, with who holds its post on a day."""

    seat: GroupSeat
    holder: User | None


def seats_of(group: LeadingGroup, *, on: date) -> list[SeatRow]:
    """List the seats of a group on a day, 组长 first, with the holders of their posts."""
    order = {part.value: place for place, part in enumerate(Part)}
    terms = Term.objects.current_on(on).select_related("holder")
    seats = group.seats.filter(in_force(on, first="started_on", last="ended_on")).select_related("post__unit")
    seats = seats.prefetch_related(Prefetch("post__terms", queryset=terms, to_attr="running"))
    rows = [SeatRow(seat, seat.post.running[0].holder if seat.post.running else None) for seat in seats]  # type: ignore[attr-defined]
    return sorted(rows, key=lambda row: (order[row.seat.part], row.seat.pk))


def meetings_of(group: LeadingGroup) -> QuerySet[GroupMeeting]:
    """List the meetings of a group, newest first, with what they resolved."""
    resolved = Resolution.objects.select_related("unit", "amended_by", "amends").order_by("number")
    return group.meetings.select_related("chair__unit").prefetch_related(Prefetch("resolutions", queryset=resolved))


def resolutions_of(unit: Unit) -> QuerySet[Resolution]:
    """List what meetings resolved for a unit to do, newest first, without what was amended since."""
    found = Resolution.objects.filter(unit=unit, amended_by__isnull=True).select_related("meeting__group")
    return found.order_by("-meeting__held_on", "number")


# --- people -------------------------------------------------------------------------------------------------------


def terms_of(user: User, *, on: date) -> QuerySet[Term]:
    """List the posts that a person holds on a day."""
    return user.terms.current_on(on).select_related("post__unit").order_by("post_id")


def grants_of(user: User) -> RoleGrantQuerySet:
    """List all grants of a person, newest first."""
    return user.grants.select_related("unit")


def people(*, within: set[int] | None, on: date, search: str = "") -> QuerySet[User]:
    """List the accounts that units keep, with the posts they hold on a day.

    Parameters
    ----------
    within : set of int or None
        Keys of the units whose accounts are listed; None lists all.
    on : datetime.date
        The day for posts.
    search : str
        Words in the name, the user name or the phone number.
    """
    found = User.objects.select_related("unit").prefetch_related(
        Prefetch("terms", queryset=Term.objects.current_on(on).select_related("post__unit"), to_attr="current_terms")
    )
    if within is not None:
        found = found.filter(unit__in=within)
    if search:
        found = found.filter(
            Q(display_name__icontains=search) | Q(username__icontains=search) | Q(phone__contains=search)
        )
    return found.order_by("-is_active", "unit__code", "username")


def tokens_of(user: User) -> QuerySet[ApiToken]:
    """List the tokens of a person, newest first."""
    return user.api_tokens.order_by("-created_at", "-pk")


def token_with(digest: str, *, on: date) -> ApiToken | None:
    """Find the token that opens the API on a day by the SHA-256 of its secret."""
    return ApiToken.objects.alive_on(on).select_related("user__unit").filter(sha256=digest).first()


def accounts_with_username(username: str) -> QuerySet[User]:
    """Find accounts by user name, in small or capital letters."""
    return User.objects.filter(username__iexact=username)


def accounts_with_phone(phone: str) -> QuerySet[User]:
    """Find open accounts by phone number, written with or without the country and blanks."""
    bare = phone.replace(" ", "").replace("-", "").removeprefix("+86")
    return User.objects.filter(phone__in=[phone, bare, f"+86{bare}"], is_active=True)


def unit_coded(code: str) -> Unit | None:
    """Find a unit by its code."""
    return Unit.objects.select_related("parent").filter(code=code).first()


# --- rights -------------------------------------------------------------------------------------------------------


def may(user: User, permission: Permission, unit: Unit | None, *, on: date, matter: str = "") -> bool:
    """Tell whether a person has a right at a unit on a day; without a unit, on the whole site.

    A grant at a unit counts for every unit below it. A grant restricted to matters counts only when `matter` (a key of
    ``orgs.rules.PILLAR_NAMES``) names one of them; what is about no one matter needs a grant for all.
    """
    if not user.is_active:
        return False
    places = Q(unit__isnull=True)
    if unit is not None:
        places |= Q(unit__in=line_ids(unit))
    return user.grants.in_force_on(on).about(matter).filter(places, role__in=roles_with(permission)).exists()


def require(by: User, permission: Permission, unit: Unit | None, *, on: date, matter: str = "") -> None:
    """Refuse unless a person has a right at a unit, for a matter, on a day; without a unit, on the whole site.

    Raises
    ------
    RuleBrokenError
        ``permission.missing``, naming the right, the unit and the matter.
    """
    if not may(by, permission, unit, on=on, matter=matter):
        about = f"·{PILLAR_NAMES.get(matter, matter)}" if matter else ""
        raise RuleBrokenError(
            PERMISSION_MISSING,
            permission=PERMISSION_NAMES[permission],
            unit=f"{WHOLE_SITE if unit is None else unit}{about}",
        )


def may_somewhere(user: User, permission: Permission, *, on: date, matter: str = "") -> bool:
    """Tell whether a person has a right at any unit; decides what a menu shows, never what an action does.

    Without a matter, for whichever: who looks after the water of one town still finds the page of reports.
    """
    if not user.is_active:
        return False
    grants = user.grants.in_force_on(on).filter(role__in=roles_with(permission))
    return (grants.about(matter) if matter else grants).exists()


def places_with(user: User, permission: Permission, *, on: date, matter: str = "") -> set[int] | None:
    """Give the keys of all units where a person has a right, for a matter; None when it is the whole site.

    Without a matter only grants for all matters count, as in `may`. For a list whose rows are about several matters
    see `reach`.
    """
    if not user.is_active:
        return set()
    grants = user.grants.in_force_on(on).about(matter).filter(role__in=roles_with(permission))
    tops = list(grants.values_list("unit_id", flat=True))
    return None if None in tops else ids_below(key for key in tops if key is not None)


@dataclass(frozen=True)
class Reach:
    """Where a person has a right, matter by matter.

    Parameters
    ----------
    places : mapping of str to set of int or None
        Keys of units for each matter; under the empty name for all matters. None is the whole site.
    """

    places: Mapping[str, set[int] | None]

    @property
    def is_nowhere(self) -> bool:
        """Whether the person has the right nowhere, for no matter."""
        return all(places is not None and not places for places in self.places.values())

    @property
    def units(self) -> set[int] | None:
        """The keys of all units where the right is held for any matter; None when that is the whole site."""
        found: set[int] = set()
        for places in self.places.values():
            if places is None:
                return None
            found |= places
        return found

    def holds(self, unit_id: int | None, matter: str = "") -> bool:
        """Tell whether the right is held at a unit for a matter."""
        for name in {"", matter}:
            places = self.places.get(name, set())
            if places is None or unit_id in places:
                return True
        return False

    def rows(self, unit: str, matter: str) -> Q:
        """Select the rows of a list, by the names of their columns for unit and matter.

        Examples
        --------
        >>> Reach({"": {3}, "water": {7}}).rows("lead_unit", "pillar")
        <Q: (OR: ('lead_unit__in', [3]), (AND: ('lead_unit__in', [7]), ('pillar', 'water')))>
        """
        asked = Q(pk__in=[])
        for name, places in self.places.items():
            these = Q() if places is None else Q(**{f"{unit}__in": sorted(places)})
            if name:
                these &= Q(**{matter: name})
            elif places is None:
                return Q()
            asked = these if asked == Q(pk__in=[]) else asked | these
        return asked


def reach(user: User, permission: Permission, *, on: date) -> Reach:
    """Tell where a person has a right, matter by matter: what a list of several matters is cut down to."""
    tops: dict[str, set[int | None]] = {"": set()}
    if user.is_active:
        grants = user.grants.in_force_on(on).filter(role__in=roles_with(permission))
        for unit_id, matters in grants.values_list("unit_id", "matters"):
            for matter in matters.split() or [""]:
                tops.setdefault(matter, set()).add(unit_id)
    return Reach(
        {
            matter: None if None in keys else ids_below(key for key in keys if key is not None) if keys else set()
            for matter, keys in tops.items()
        }
    )


def first_right_above(
    by: User, role: Role, unit: Unit | None, *, on: date, matters: Iterable[str] = ()
) -> Permission | None:
    """Give the first right of a role that a person lacks at a unit, for all matters or some of them, or None."""
    for permission in Permission:
        if permission in ROLE_PERMISSIONS[role] and not all(
            may(by, permission, unit, on=on, matter=matter) for matter in (tuple(matters) or ("",))
        ):
            return permission
    return None


def site_admins(*, on: date) -> QuerySet[User]:
    """List the open accounts that administer the whole site on a day."""
    grants = RoleGrant.objects.in_force_on(on).filter(role=Role.SITE_ADMIN, unit__isnull=True)
    return User.objects.filter(is_active=True, pk__in=grants.values("user_id"))
