"""The map (地图) as rows: places, open cases and towns with a position, a light where there is one, and words.

No border is drawn anywhere: a town is a disc at the middle of its own places, so the map needs no review number of its
own (审图号); a tile source that an installation adds brings its own. Nothing here writes or reads the clock.

A place bears a light only where something says so: a case that is open there, or a verdict that rests on that place
alone. The mean of a district is not the light of each of its stations.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from math import cos, radians
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from heqing_site.cases.models import Case
from heqing_site.cases.queries import open_cases
from heqing_site.ledger import catalogue
from heqing_site.ledger.rules import LIGHT_NAMES, Light, SourceKind
from heqing_site.library.rules import plain
from heqing_site.orgs.models import Unit
from heqing_site.orgs.rules import UnitKind
from heqing_site.places.models import Enterprise, Section, Station
from heqing_site.places.queries import Feature, features
from heqing_site.places.rules import REGISTER_NAMES, Register
from heqing_site.reporting.rules import Kind, around
from heqing_site.scorecards.queries import cards, newest_month, newest_version
from heqing_site.verdicts.models import TargetVerdict
from heqing_site.verdicts.queries import SEVERITY, newest
from heqing_site.works.queries import located

CASE, TOWN, WORK = "case", "town", "work"
LAYERS = (
    TOWN,
    CASE,
    WORK,
    Register.SECTION.value,
    Register.STATION.value,
    Register.OUTLET.value,
    Register.ENTERPRISE.value,
)
TOWNS = (UnitKind.TOWN, UnitKind.STREET, UnitKind.PARK)
NEAR = (TOWN, CASE, Register.SECTION.value, Register.STATION.value)  # what the small picture of the cockpit shows
FIELD = {"air": Register.STATION.value, "water": Register.SECTION.value}


@dataclass(frozen=True)
class Spot:
    """Something on the map: what it is, where, how it stands, and the page that tells more."""

    layer: str
    key: int
    name: str
    lon: float
    lat: float
    words: str
    light: str
    href: str
    is_invented: bool
    measure: str = ""

    @property
    def id(self) -> str:
        """What names it on the page: section-3."""
        return f"{self.layer}-{self.key}"

    @property
    def light_name(self) -> str:
        """The light in words, of a case whether it is late; empty where nothing says how it stands."""
        if self.layer == CASE:
            return _("逾期") if self.light == Light.RED else _("办理中")
        return _(LIGHT_NAMES[Light(self.light)]) if self.light else ""


def layer_names() -> dict[str, str]:
    """Name the layers in the order of the list."""
    return {TOWN: _("镇街"), CASE: _("未销号问题"), WORK: _("任务与项目")} | {
        layer: _(REGISTER_NAMES[Register(layer)]) for layer in LAYERS if layer not in (TOWN, CASE, WORK)
    }


def spots(*, on: date) -> list[Spot]:
    """List everything that the map of a day shows, layer by layer; the number of queries does not grow with it."""
    found = features(on=on)
    cases = list(open_cases(as_of=on))
    lights = _lights(cases, on=on)
    places = [
        Spot(
            layer=feature.register.value,
            key=feature.place.pk,
            name=str(feature.place),
            lon=float(feature.place.lon),
            lat=float(feature.place.lat),
            words=feature.words,
            light=lights.get((feature.register.value, str(feature.place)), ""),
            href=reverse("places:place", args=[feature.register.value, feature.place.pk]),
            is_invented=feature.place.is_invented,
        )
        for feature in found
    ]
    towns = _towns(found, on=on)
    return [*towns, *_cases(cases, places, towns, on=on), *_works(towns), *places]


def collection(found: Iterable[Spot]) -> dict[str, Any]:
    """Give spots as GeoJSON (WGS-84)."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": spot.id,
                "geometry": {"type": "Point", "coordinates": [spot.lon, spot.lat]},
                "properties": {
                    "id": spot.id,
                    "layer": spot.layer,
                    "name": spot.name,
                    "words": spot.words,
                    "light": spot.light or "plain",
                    "light_name": spot.light_name,
                    "measure": spot.measure,
                    "href": spot.href,
                    "is_invented": spot.is_invented,
                },
            }
            for spot in found
        ],
    }


# --- without WebGL ------------------------------------------------------------------------------------------------

WIDTH, HEIGHT, EDGE = 640, 420, 34


@dataclass(frozen=True)
class Mark:
    """A spot as a shape of the inline picture."""

    spot: Spot
    x: float
    y: float

    @property
    def points(self) -> str:
        """The corners of a triangle or a square around the middle."""
        x, y = self.x, self.y
        if self.spot.light == Light.YELLOW:
            return f"{x - 6},{y + 5} {x + 6},{y + 5} {x},{y - 6}"
        return f"{x - 5},{y - 5} {x + 5},{y - 5} {x + 5},{y + 5} {x - 5},{y + 5}"


@dataclass(frozen=True)
class Overview:
    """The map as an inline picture: towns below, places above, the worst on top; and what it says in a sentence."""

    towns: list[Mark]
    marks: list[Mark]
    sentence: str
    width: int = WIDTH
    height: int = HEIGHT


def overview(found: list[Spot], *, layers: Collection[str] = LAYERS) -> Overview:
    """Lay the spots of some layers out on a flat picture; one degree of longitude is shortened as on the ground."""
    if not found:
        return Overview([], [], _("名录里还没有带位置的点位。"))
    lons, lats = [spot.lon for spot in found], [spot.lat for spot in found]
    west, east, south, north = min(lons), max(lons), min(lats), max(lats)
    shorter = cos(radians((south + north) / 2))
    scale = min((WIDTH - 2 * EDGE) / max((east - west) * shorter, 1e-6), (HEIGHT - 2 * EDGE) / max(north - south, 1e-6))
    left = (WIDTH - (east - west) * shorter * scale) / 2
    top = (HEIGHT - (north - south) * scale) / 2

    def mark(spot: Spot) -> Mark:
        x, y = left + (spot.lon - west) * shorter * scale, top + (north - spot.lat) * scale
        return Mark(spot, round(x, 1), round(y, 1))

    order = {"": 0} | {light.value: 1 + weight for light, weight in SEVERITY.items()}
    marks = sorted(
        (spot for spot in found if spot.layer != TOWN and spot.layer in layers), key=lambda spot: order[spot.light]
    )
    cases = sum(spot.layer == CASE for spot in found)
    places = sum(spot.layer not in (CASE, TOWN, WORK) for spot in found)
    sentence = _("点位 %(places)d 个，未销号问题 %(cases)d 个。") % {"places": places, "cases": cases}
    return Overview([mark(spot) for spot in found if spot.layer == TOWN], [mark(spot) for spot in marks], sentence)


# --- one spot -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sheet:
    """What the side sheet says of a spot: itself, cases open there, targets whose verdict rests on it."""

    spot: Spot
    layer_name: str
    cases: list[Spot]
    verdicts: list[TargetVerdict]


def sheet(layer: str, key: int, *, on: date) -> Sheet | None:
    """Tell what is known of one spot of the map; None where there is none."""
    found = spots(on=on)
    spot = next((spot for spot in found if spot.layer == layer and spot.key == key), None)
    if spot is None:
        return None
    position = (spot.lon, spot.lat)
    here = [
        other for other in found if other.layer == CASE and other.id != spot.id and (other.lon, other.lat) == position
    ]
    resting: list[TargetVerdict] = []
    if layer in FIELD.values():
        resting = [
            verdict
            for verdict in newest(as_of=on)
            .filter(terms__source_kind=SourceKind.INSTRUMENT.value)
            .select_related("terms", "target")
            .order_by("target__number")
            if spot.name in verdict.inputs.get("places", []) and _layer_of(verdict) == layer
        ]
    return Sheet(spot, layer_names()[layer], here, resting)


# --- parts --------------------------------------------------------------------------------------------------------


def _layer_of(verdict: TargetVerdict) -> str:
    return FIELD.get(str(catalogue.reads(str(verdict.inputs.get("statistic", "")))), "")


def _lights(cases: list[Case], *, on: date) -> dict[tuple[str, str], str]:
    """Give the places that something speaks of their light, by layer and name."""
    found: dict[tuple[str, str], Light] = {}

    def tell(layer: str, name: str, light: Light) -> None:
        known = found.get((layer, name))
        if known is None or SEVERITY[light] > SEVERITY[known]:
            found[layer, name] = light

    statistics: dict[str, str] = {}
    measured = newest(as_of=on).filter(terms__source_kind=SourceKind.INSTRUMENT.value)
    for light, inputs in measured.values_list("light", "inputs"):
        places = inputs.get("places", [])
        if len(places) == 1:
            statistic = str(inputs.get("statistic", ""))
            layer = statistics.setdefault(statistic, FIELD.get(str(catalogue.reads(statistic)), ""))
            if layer:
                tell(layer, places[0], Light(light))
    for case in cases:
        if case.section_id is not None:
            tell(Register.SECTION.value, str(case.section), _light_of(case, on))
    return {key: light.value for key, light in found.items()}


def _light_of(case: Case, on: date) -> Light:
    due = _due(case)
    return Light.RED if due is not None and due < on else Light.YELLOW


def _due(case: Case) -> date | None:
    due: date | None = case.due_then  # type: ignore[attr-defined]  # annotated by CaseQuerySet.as_of
    return due


def _cases(cases: list[Case], places: list[Spot], towns: list[Spot], *, on: date) -> list[Spot]:
    """Put each open case on its section, else on its town; one of the whole district at the middle of everything."""
    sections = {spot.key: spot for spot in places if spot.layer == Register.SECTION.value}
    middles = {spot.key: spot for spot in towns}
    everything = (*towns, *places)
    if not everything:
        return []
    middle = (
        round(sum(spot.lon for spot in everything) / len(everything), 6),
        round(sum(spot.lat for spot in everything) / len(everything), 6),
    )
    found = []
    for case in cases:
        spot = (sections.get(case.section_id) if case.section_id else None) or middles.get(case.place_unit_id)
        lon, lat = middle if spot is None else (spot.lon, spot.lat)
        due = _due(case)
        found.append(
            Spot(
                layer=CASE,
                key=case.pk,
                name=case.title,
                lon=lon,
                lat=lat,
                words=" · ".join(part for part in (str(case.place_unit), str(case.unit), str(due or "")) if part),
                light=_light_of(case, on).value,
                href=reverse("cases:case", args=[case.number]),
                is_invented=case.is_invented,
            )
        )
    return found


def _works(towns: list[Spot]) -> list[Spot]:
    """Put each task and project in hand at its own point, else on the town in which it lies; others are not shown."""
    middles = {spot.key: spot for spot in towns}
    found = []
    for place in located():
        spot = middles.get(place.unit or 0)
        lon, lat = place.lon, place.lat
        if lon is None or lat is None:
            if spot is None:
                continue
            lon, lat = spot.lon, spot.lat
        work = place.work
        found.append(
            Spot(
                layer=WORK,
                key=work.pk,
                name=work.title,
                lon=lon,
                lat=lat,
                words=" · ".join((work.stage_name, str(work.lead_unit), work.behind)),
                light=work.shown_light,
                href=reverse("works:work", args=[work.number]),
                is_invented=work.is_invented,
            )
        )
    return found


@dataclass(frozen=True)
class Score:
    """Points of a unit in a month, as the board of scores shows them."""

    points: str
    rank: int | None
    month: str


def scores(*, as_of: date) -> dict[int, Score]:
    """Give the points of each unit in the newest month that was scored and had begun by a day."""
    month = newest_month()
    while month is not None and month.first > as_of:
        month = around(Kind.MONTH, month.first - timedelta(days=1))
    version = None if month is None else newest_version(month)
    if month is None or version is None:
        return {}
    rows = cards(month, version).prefetch_related(None).values_list("unit_id", "points", "rank")
    return {unit: Score(plain(points), rank, month.name) for unit, points, rank in rows if points is not None}


def _towns(found: list[Feature], *, on: date) -> list[Spot]:
    """Put each town at the middle of its own stations, sections and enterprises, with its points of the month."""
    at: dict[int, list[tuple[float, float]]] = defaultdict(list)
    invented: dict[int, bool] = defaultdict(bool)
    for feature in found:
        place = feature.place
        if isinstance(place, Station | Section | Enterprise):
            at[place.unit_id].append((float(place.lon), float(place.lat)))
            invented[place.unit_id] |= place.is_invented
    points = scores(as_of=on)
    units = Unit.objects.active_on(on).filter(pk__in=at, kind__in=[kind.value for kind in TOWNS])
    spots = []
    for unit in units:
        places, score = at[unit.pk], points.get(unit.pk)
        said = "" if score is None else _("%(month)s %(points)s 分") % {"month": score.month, "points": score.points}
        if score is not None and score.rank is not None:
            said = _("%(said)s，第 %(rank)s 名") % {"said": said, "rank": score.rank}
        spots.append(
            Spot(
                layer=TOWN,
                key=unit.pk,
                name=unit.name,
                lon=round(sum(lon for lon, _lat in places) / len(places), 6),
                lat=round(sum(lat for _lon, lat in places) / len(places), 6),
                words=said or _("本月尚无考核得分"),
                light="",
                href=reverse("orgs:unit", args=[unit.pk]),
                is_invented=invented[unit.pk],
                measure="" if score is None else score.points,
            )
        )
    return spots
