"""What can be asked of scorecards. Nothing here writes, and nothing here reads the clock.

`board` is what other rooms read: the newest version of a month, or another one by its number. Where facts come from
stands in ``scorecards.causes``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.db.models import Max, Prefetch, QuerySet
from django.urls import NoReverseMatch, reverse

from heqing.editions import Source, family
from heqing.scorecards import Scheme, default_scheme, scheme_on
from heqing_site.orgs.models import Unit
from heqing_site.orgs.rules import UnitKind
from heqing_site.places.models import Section, Station
from heqing_site.places.rules import Register
from heqing_site.reporting.rules import Kind, Period, around
from heqing_site.scorecards.models import Scorecard, ScoreEvent, ScoreLoss, ScorePublication, short
from heqing_site.scorecards.rules import GROUP_NAMES, ReferenceKind, ScoreGroup


def chosen_scheme(on: date) -> Scheme:
    """Give the scheme of this installation as it stands on a day (setting ``SCORE_SCHEME``)."""
    return scheme_on(settings.SCORE_SCHEME or default_scheme(), on)


def scheme_of(card: Scorecard) -> Scheme:
    """Give the scheme by which a card was scored."""
    return scheme_on(card.scheme, card.month_end)


def sources_of(scheme: Scheme) -> tuple[Source, ...]:
    """Say where a scheme was taken from."""
    editions = family(f"score_{scheme.key}").editions
    return next((edition.sources for edition in editions if edition.number == scheme.edition), ())


def tops(units: Iterable[Unit]) -> list[Unit]:
    """Give the topmost units above some units: whoever scores or publishes needs the right there."""
    known = Unit.objects.in_bulk()
    found = set()
    for unit in units:
        seen: set[int] = set()
        while unit.parent_id is not None and unit.pk not in seen:
            seen.add(unit.pk)
            unit = known[unit.parent_id]
        found.add(unit.pk)
    return [known[key] for key in sorted(found)]


def top_units(*, on: date) -> list[Unit]:
    """Give the topmost units above towns and departments on a day."""
    kinds = [UnitKind.TOWN, UnitKind.STREET, UnitKind.DEPARTMENT]
    return tops(Unit.objects.active_on(on).filter(kind__in=kinds))


# --- the board ----------------------------------------------------------------------------------------------------


@dataclass
class ItemLoss:
    """What a unit lost in one item, with its single losses."""

    key: str
    name: str
    full: Decimal
    points: Decimal
    note: str
    number: int
    losses: list[ScoreLoss] = field(default_factory=list)

    @property
    def lost(self) -> Decimal:
        """How many points were lost."""
        return self.full - self.points

    @property
    def lost_plain(self) -> str:
        """The lost points as one writes them."""
        return short(self.lost)

    @property
    def points_plain(self) -> str:
        """The points as one writes them."""
        return short(self.points)

    @property
    def full_plain(self) -> str:
        """The full points as one writes them."""
        return short(self.full)

    @property
    def costly(self) -> list[ScoreLoss]:
        """The losses that cost something."""
        return [loss for loss in self.losses if loss.points]

    @property
    def free(self) -> list[ScoreLoss]:
        """What happened and cost nothing."""
        return [loss for loss in self.losses if not loss.points]


@dataclass
class BoardRow:
    """A unit on the board of a month: points, rank, and its losses by item."""

    card: Scorecard
    items: list[ItemLoss]
    previous: Decimal | None = None

    @property
    def unit(self) -> Unit:
        """The unit."""
        return self.card.unit

    @property
    def group(self) -> str:
        """The group it is compared in."""
        return self.card.group

    @property
    def points(self) -> Decimal | None:
        """The points; None when there was nothing to score."""
        found: Decimal | None = self.card.points
        return found

    @property
    def rank(self) -> int | None:
        """The rank in its group."""
        return self.card.rank

    @property
    def losses(self) -> list[ScoreLoss]:
        """All losses, in the order of the items."""
        return [loss for item in self.items for loss in item.losses]

    @property
    def losing(self) -> list[ItemLoss]:
        """The items that lost points."""
        return [item for item in self.items if item.lost]

    @property
    def kept(self) -> Decimal:
        """The points without any bonus: the length of the bar."""
        return sum((item.points for item in self.items), Decimal(0))

    @property
    def change(self) -> Decimal | None:
        """How many points more than the month before."""
        return None if self.previous is None or self.points is None else self.points - self.previous

    @property
    def change_plain(self) -> str:
        """The change with its sign; empty without one."""
        if not self.change:
            return ""
        return f"+{short(self.change)}" if self.change > 0 else short(self.change).replace("-", "−")


def newest_version(month: Period) -> int | None:
    """Give the number of the newest scoring of a month."""
    found: int | None = Scorecard.objects.filter(month_start=month.first).aggregate(last=Max("version"))["last"]
    return found


def cards(month: Period, version: int) -> QuerySet[Scorecard]:
    """Select the cards of a month and version with their losses, best first, those without points last."""
    return (
        Scorecard.objects.filter(month_start=month.first, version=version)
        .select_related("unit")
        .prefetch_related(Prefetch("losses", queryset=ScoreLoss.objects.order_by("number")))
    )


def board(month: Period, version: int | None = None, *, with_unranked: bool = False) -> list[BoardRow]:
    """List the units of a month by group and rank, each with its losses; empty when the month was not scored.

    Units without anything to score have no points and no rank; they come last in their group where they are asked for.
    """
    number = newest_version(month) if version is None else version
    if number is None:
        return []
    before = around(Kind.MONTH, date.fromordinal(month.first.toordinal() - 1))
    last = newest_version(before)
    previous = dict(
        Scorecard.objects.filter(month_start=before.first, version=last or 0).values_list("unit_id", "points")
    )
    groups = list(ScoreGroup)
    rows = [
        BoardRow(card, items_of(card), previous.get(card.unit_id))
        for card in cards(month, number)
        if with_unranked or card.points is not None
    ]
    return sorted(
        rows, key=lambda row: (groups.index(ScoreGroup(row.group)), row.rank is None, row.rank or 0, row.unit.code)
    )


def items_of(card: Scorecard) -> list[ItemLoss]:
    """Give the items of a card with their losses."""
    by_item: dict[str, list[ScoreLoss]] = defaultdict(list)
    for loss in card.losses.all():
        by_item[loss.item].append(loss)
    return [
        ItemLoss(
            key=row["item"],
            name=row["name"],
            full=Decimal(row["full"]),
            points=Decimal(row["points"]),
            note=row["note"],
            number=number,
            losses=by_item[row["item"]],
        )
        for number, row in enumerate(card.items, start=1)
    ]


@dataclass
class GroupBoard:
    """One group of a month's board, and what its first line says."""

    group: ScoreGroup
    rows: list[BoardRow]

    @property
    def name(self) -> str:
        """The group in words."""
        return GROUP_NAMES[self.group]

    @property
    def ranked(self) -> list[BoardRow]:
        """The units that have points."""
        return [row for row in self.rows if row.points is not None]

    @property
    def unranked(self) -> list[BoardRow]:
        """The units without anything to score."""
        return [row for row in self.rows if row.points is None]

    @property
    def first(self) -> list[BoardRow]:
        """The units on the first rank."""
        return [row for row in self.ranked if row.rank == 1]

    @property
    def last(self) -> list[BoardRow]:
        """The units on the last rank; none when all are first."""
        lowest = max((row.rank or 0 for row in self.ranked), default=0)
        return [row for row in self.ranked if row.rank == lowest and lowest > 1]

    @property
    def legend(self) -> list[ItemLoss]:
        """The items, for the legend."""
        return self.rows[0].items if self.rows else []

    @property
    def most_lost(self) -> tuple[str, str] | None:
        """The item that cost the most points in all, and how many."""
        lost: dict[str, Decimal] = defaultdict(Decimal)
        for row in self.ranked:
            for item in row.items:
                lost[item.name] += item.lost
        name = max(lost, key=lambda key: lost[key], default="")
        return (name, short(lost[name])) if name and lost[name] else None


def by_group(rows: list[BoardRow]) -> list[GroupBoard]:
    """Split a board into its groups."""
    found = [GroupBoard(group, [row for row in rows if row.group == group]) for group in ScoreGroup]
    return [group for group in found if group.rows]


# --- months, publications, events ---------------------------------------------------------------------------------


def newest_month() -> Period | None:
    """Give the newest month that was scored."""
    last = Scorecard.objects.order_by("-month_start").values_list("month_start", flat=True).first()
    return None if last is None else around(Kind.MONTH, last)


def publications(month: Period) -> list[ScorePublication]:
    """List the publications of a month, the newest first."""
    return list(ScorePublication.objects.filter(month_start=month.first).select_related("published_by"))


def versions_of(card: Scorecard) -> list[Scorecard]:
    """List all cards of the same unit and month, the newest first."""
    return list(
        Scorecard.objects.filter(unit=card.unit_id, month_start=card.month_start)
        .select_related("unit")
        .order_by("-version")
    )


def events(month: Period) -> QuerySet[ScoreEvent]:
    """Select the events of a month that count: those that were not withdrawn."""
    return (
        ScoreEvent.objects.filter(day__range=(month.first, month.last), withdrawal__isnull=True)
        .select_related("unit")
        .order_by("day", "pk")
    )


def all_events() -> QuerySet[ScoreEvent]:
    """Select all events, the newest first, with their withdrawals."""
    return ScoreEvent.objects.select_related("unit", "recorded_by", "withdrawal__recorded_by")


# --- where a cause is looked up -----------------------------------------------------------------------------------


def addresses(references: Iterable[tuple[str, str]], *, on: date) -> dict[tuple[str, str], str]:
    """Give for references the pages that show them as of a day; a reference without a page is left out.

    The number of queries does not grow with the references.
    """
    wanted = set(references)
    sections = {key for kind, key in wanted if kind == ReferenceKind.SECTION}
    stations = {key.split("/")[0] for kind, key in wanted if kind == ReferenceKind.STATION}
    places = {
        ReferenceKind.SECTION: dict(Section.objects.filter(code__in=sections).values_list("code", "pk"))
        if sections
        else {},
        ReferenceKind.STATION: dict(Station.objects.filter(code__in=stations).values_list("code", "pk"))
        if stations
        else {},
    }
    return {(kind, key): found for kind, key in wanted if (found := _address(kind, key, places, on))}


def _address(kind: str, key: str, places: dict[ReferenceKind, dict[str, int]], on: date) -> str:
    match kind:
        case ReferenceKind.TARGET:
            return _reverse("verdicts:why", key) + f"?day={on}"
        case ReferenceKind.REPORT:
            return _reverse("reporting:target", key.split("/")[0])
        case ReferenceKind.CASE:
            return _reverse("cases:case", key)
        case ReferenceKind.EVENT:
            return _reverse("scorecards:events") + f"#event-{key}"
        case ReferenceKind.SECTION | ReferenceKind.STATION:
            register = Register.SECTION if kind == ReferenceKind.SECTION else Register.STATION
            place = places[ReferenceKind(kind)].get(key.split("/")[0])
            return "" if place is None else reverse("places:place", args=[register.value, place])
    return ""


def _reverse(name: str, *keys: str) -> str:
    try:
        return reverse(name, args=keys)
    except NoReverseMatch:  # the room is not part of this installation
        return ""
