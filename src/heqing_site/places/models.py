"""Rivers, stations, sections, outlets and enterprises (河湖、空气站、断面、排口、企业) as rows.

A row is named by its code, which never changes, and is never deleted: it is retired with a last day and a reason, and
what was measured there stays its own. Measurements live in the store and name a place as data files do: a station by
city and name, a section by name. Writes go through ``places.actions``.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from heqing_site.orgs.models import Post, Unit, in_force
from heqing_site.orgs.rules import is_within, period
from heqing_site.places import systems
from heqing_site.places.rules import (
    BODY_NAMES,
    CLASS_NAMES,
    LAT_RANGE,
    LEVEL_NAMES,
    LON_RANGE,
    REGISTER_NAMES,
    BodyType,
    ControlLevel,
    Register,
)

LEVELS = [(level.value, LEVEL_NAMES[level]) for level in ControlLevel]
BODIES = [(body.value, BODY_NAMES[body]) for body in BodyType]


def in_use_on(day: date) -> Q:
    """Select rows that are not retired on a day."""
    return Q(retired_on__isnull=True) | Q(retired_on__gte=day)


class Registered(models.Model):
    """What every row of a register bears: whether it is invented, and its last day."""

    register: ClassVar[Register]

    is_invented = models.BooleanField("演示数据", default=False)
    retired_on = models.DateField("停用日期", null=True, blank=True, help_text="最后一日，该日仍在用")
    retired_because = models.CharField("停用理由", max_length=200, blank=True)

    class Meta:
        """An abstract set of columns."""

        abstract = True

    def is_in_use_on(self, day: date) -> bool:
        """Tell whether the place is in use on a day."""
        return is_within(day, date.min, self.retired_on)

    @property
    def register_name(self) -> str:
        """The register in words."""
        return REGISTER_NAMES[self.register]


def _longitude() -> models.DecimalField:  # type: ignore[type-arg]
    return models.DecimalField("经度", max_digits=9, decimal_places=6, help_text="WGS-84，度")


def _latitude() -> models.DecimalField:  # type: ignore[type-arg]
    return models.DecimalField("纬度", max_digits=8, decimal_places=6, help_text="WGS-84，度")


def _control_level() -> models.CharField:  # type: ignore[type-arg]
    return models.CharField("级别", max_length=12, choices=LEVELS)


def _named(prefix: str) -> models.CheckConstraint:
    return models.CheckConstraint(name=f"{prefix}_has_name_and_code", condition=~Q(name="") & ~Q(code=""))


def _retired_with_reason(prefix: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        name=f"{prefix}_retired_with_day_and_reason",
        condition=Q(retired_on__isnull=True, retired_because="")
        | (Q(retired_on__isnull=False) & ~Q(retired_because="")),
    )


def _on_the_map(prefix: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        name=f"{prefix}_is_on_the_map", condition=Q(lon__range=LON_RANGE) & Q(lat__range=LAT_RANGE)
    )


def _known_level(prefix: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        name=f"{prefix}_level_is_known", condition=Q(control_level__in=[level.value for level in ControlLevel])
    )


class River(Registered):
    """A river or lake (河湖), kept by the unit that manages it, with the post of its chief (河长、湖长)."""

    register: ClassVar[Register] = Register.RIVER

    name = models.CharField("名称", max_length=80)
    code = models.CharField("代码", max_length=40, unique=True)
    kind = models.CharField("类型", max_length=12, choices=BODIES)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="rivers", verbose_name="管理单位")
    chief = models.ForeignKey(
        Post,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="rivers",
        verbose_name="河（湖）长",
        help_text="担任河（湖）长的职务",
    )

    class Meta:
        """Names, order, constraints."""

        verbose_name = "河湖"
        verbose_name_plural = "河湖"
        ordering = ("code",)
        constraints = (
            _named("river"),
            _retired_with_reason("river"),
            models.CheckConstraint(name="river_kind_is_known", condition=Q(kind__in=[body.value for body in BodyType])),
        )

    def __str__(self) -> str:
        return self.name


class Station(Registered):
    """An air station (空气站). Data files name it by city and name, so no two in use bear the same pair."""

    register: ClassVar[Register] = Register.STATION

    name = models.CharField("名称", max_length=80, help_text="与数据文件中的站名一致")
    code = models.CharField("代码", max_length=40, unique=True)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="stations", verbose_name="所在镇街")
    city = models.CharField("城市", max_length=80, help_text="与数据文件中的城市名一致")
    lon = _longitude()
    lat = _latitude()
    control_level = _control_level()
    is_evaluated = models.BooleanField("参与评价", help_text="其数值计入本地区平均")

    class Meta:
        """Names, order, constraints."""

        verbose_name = "空气站"
        verbose_name_plural = "空气站"
        ordering = ("code",)
        constraints = (
            _named("station"),
            _retired_with_reason("station"),
            _on_the_map("station"),
            _known_level("station"),
            models.CheckConstraint(name="station_has_city", condition=~Q(city="")),
            models.UniqueConstraint(
                fields=("city", "name"), condition=Q(retired_on__isnull=True), name="station_name_is_unique_in_city"
            ),
        )

    def __str__(self) -> str:
        return self.name


class Section(Registered):
    """A water section (断面), where a river or lake is sampled; data files name it by its name."""

    register: ClassVar[Register] = Register.SECTION

    name = models.CharField("名称", max_length=80, help_text="与数据文件中的断面名一致")
    code = models.CharField("代码", max_length=40, unique=True)
    river = models.ForeignKey(River, on_delete=models.PROTECT, related_name="sections", verbose_name="河湖")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="sections", verbose_name="所在镇街")
    lon = _longitude()
    lat = _latitude()
    body_type = models.CharField("水体类型", max_length=12, choices=BODIES, help_text="按河流还是湖库的限值评价")
    control_level = _control_level()
    target_class = models.PositiveSmallIntegerField("目标类别", choices=sorted(CLASS_NAMES.items()))
    is_handover = models.BooleanField("交接断面", help_text="水由此流入相邻地区")

    class Meta:
        """Names, order, constraints."""

        verbose_name = "断面"
        verbose_name_plural = "断面"
        ordering = ("code",)
        constraints = (
            _named("section"),
            _retired_with_reason("section"),
            _on_the_map("section"),
            _known_level("section"),
            models.CheckConstraint(
                name="section_body_type_is_known", condition=Q(body_type__in=[body.value for body in BodyType])
            ),
            models.CheckConstraint(name="section_target_class_is_1_to_5", condition=Q(target_class__range=(1, 5))),
            models.UniqueConstraint(
                fields=("name",), condition=Q(retired_on__isnull=True), name="section_name_is_unique"
            ),
        )

    def __str__(self) -> str:
        return self.name


class Enterprise(Registered):
    """An enterprise (企业) as it stands on the ground: where, how large, whether a key polluter (重点排污单位)."""

    register: ClassVar[Register] = Register.ENTERPRISE

    name = models.CharField("名称", max_length=120)
    code = models.CharField("代码", max_length=40, unique=True, help_text="统一社会信用代码或本地自编代码")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="enterprises", verbose_name="所在镇街")
    industry = models.CharField("行业", max_length=60)
    is_key_polluter = models.BooleanField("重点排污单位")
    area_mu = models.DecimalField("用地面积（亩）", max_digits=10, decimal_places=2, null=True, blank=True)
    lon = _longitude()
    lat = _latitude()

    class Meta:
        """Names, order, constraints."""

        verbose_name = "企业"
        verbose_name_plural = "企业"
        ordering = ("code",)
        constraints = (
            _named("enterprise"),
            _retired_with_reason("enterprise"),
            _on_the_map("enterprise"),
            models.CheckConstraint(name="enterprise_has_industry", condition=~Q(industry="")),
            models.CheckConstraint(
                name="enterprise_area_is_positive", condition=Q(area_mu__isnull=True) | Q(area_mu__gt=0)
            ),
        )

    def __str__(self) -> str:
        return self.name


class Outlet(Registered):
    """An outlet (排口) of an enterprise; one that does not discharge into a river names none."""

    register: ClassVar[Register] = Register.OUTLET

    name = models.CharField("名称", max_length=80)
    code = models.CharField("代码", max_length=40, unique=True)
    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="outlets", verbose_name="企业")
    river = models.ForeignKey(
        River, on_delete=models.PROTECT, null=True, blank=True, related_name="outlets", verbose_name="受纳水体"
    )
    lon = _longitude()
    lat = _latitude()

    class Meta:
        """Names, order, constraints."""

        verbose_name = "排口"
        verbose_name_plural = "排口"
        ordering = ("code",)
        constraints = (
            _named("outlet"),
            _retired_with_reason("outlet"),
            _on_the_map("outlet"),
            models.UniqueConstraint(
                fields=("enterprise", "name"),
                condition=Q(retired_on__isnull=True),
                name="outlet_name_is_unique_in_enterprise",
            ),
        )

    def __str__(self) -> str:
        return f"{self.enterprise.name}{self.name}"


class ChargeQuerySet(models.QuerySet["Charge"]):
    """Charges of chiefs."""

    def current_on(self, day: date) -> ChargeQuerySet:
        """Keep the charges that count on a day."""
        return self.filter(in_force(day, first="started_on", last="ended_on"))


class Charge(models.Model):
    """A charge (责任): a post is chief of a river or of a named thing, at a level, from day to day.

    Which systems of chiefs there are, and their levels, is data: ``places.systems``. Whoever holds the post is the
    chief.
    """

    system = models.CharField("制度", max_length=20)
    level = models.CharField("级别", max_length=20)
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="charges", verbose_name="职务")
    river = models.ForeignKey(
        River, on_delete=models.PROTECT, null=True, blank=True, related_name="charges", verbose_name="河湖"
    )
    place_name = models.CharField("名称", max_length=80, blank=True, help_text="例如门店、楼栋、道路的名称")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="charges", verbose_name="所在单位")
    reach = models.CharField("范围", max_length=120, blank=True, help_text="起止点或四至，例如“澜中大桥至闸口”")
    extent = models.CharField("长度（面积）", max_length=40, blank=True)
    goal = models.CharField("目标", max_length=200, blank=True)
    phone = models.CharField("监督电话", max_length=40, blank=True)
    started_on = models.DateField("起始日期")
    ended_on = models.DateField("截止日期", null=True, blank=True)
    because = models.CharField("依据", max_length=200)
    ended_because = models.CharField("终止理由", max_length=200, blank=True)
    is_invented = models.BooleanField("演示数据", default=False)

    objects = ChargeQuerySet.as_manager()

    class Meta:
        """Names, order, constraints."""

        verbose_name = "责任"
        verbose_name_plural = "责任"
        ordering = ("system", "unit__code", "pk")
        indexes = (models.Index(fields=("system", "ended_on", "unit"), name="charge_system_unit"),)
        constraints = (
            models.CheckConstraint(
                name="charge_is_of_a_river_or_a_named_place",
                condition=Q(river__isnull=False, place_name="") | (Q(river__isnull=True) & ~Q(place_name="")),
            ),
            models.UniqueConstraint(
                fields=("system", "level", "river", "unit", "reach"),
                condition=Q(ended_on__isnull=True, river__isnull=False),
                name="charge_one_open_for_level_and_reach",
            ),
            models.UniqueConstraint(
                fields=("system", "level", "place_name", "unit", "reach"),
                condition=Q(ended_on__isnull=True, river__isnull=True),
                name="charge_one_open_for_level_and_name",
            ),
            models.CheckConstraint(
                name="charge_says_what_and_why", condition=~Q(system="") & ~Q(level="") & ~Q(because="")
            ),
            models.CheckConstraint(
                name="charge_ended_with_reason",
                condition=Q(ended_on__isnull=True, ended_because="")
                | (Q(ended_on__gte=F("started_on")) & ~Q(ended_because="")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.thing}{self.reach}：{self.post}"

    @property
    def thing(self) -> str:
        """The name of what is watched."""
        return self.river.name if self.river is not None else self.place_name

    @property
    def system_name(self) -> str:
        """The system in words."""
        found = systems.system(self.system)
        return found.name if found else self.system

    @property
    def level_name(self) -> str:
        """The level in words."""
        found = systems.system(self.system)
        level = found.level(self.level) if found else None
        return level.name if level else self.level

    @property
    def period(self) -> str:
        """The days on which it counts, in words."""
        return period(self.started_on, self.ended_on)


Place = River | Station | Section | Outlet | Enterprise
MODELS: dict[Register, type[River] | type[Station] | type[Section] | type[Outlet] | type[Enterprise]] = {
    Register.RIVER: River,
    Register.STATION: Station,
    Register.SECTION: Section,
    Register.OUTLET: Outlet,
    Register.ENTERPRISE: Enterprise,
}
