"""That this installation holds the invented district (演示), and how far its days go, as one row.

Where this row stands, every page says that what it shows is invented. Writes go through ``demo.actions``.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from heqing_site.demo import rules
from heqing_site.orgs.models import Unit


class Demonstration(models.Model):
    """The invented district of this installation (演示): its top unit, and the days for which values were made."""

    district = models.OneToOneField(Unit, on_delete=models.PROTECT, related_name="demonstration", verbose_name="演示区")
    founded_at = models.DateTimeField("建立时间")
    year = models.PositiveSmallIntegerField("文件年份", help_text="演示文件所定目标的年份")
    first_day = models.DateField("数据首日")
    through = models.DateField("数据末日", null=True, blank=True)

    class Meta:
        """Names and constraints."""

        verbose_name = "演示"
        verbose_name_plural = "演示"
        constraints = (
            models.CheckConstraint(
                name="demonstration_ends_after_start",
                condition=Q(through__isnull=True) | Q(through__gte=F("first_day")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.district}（演示）"

    @property
    def accounts(self) -> list[rules.Account]:
        """The demo accounts (演示账号) that visitors are told of."""
        return rules.accounts()

    @property
    def password(self) -> str:
        """The password with which all demo accounts begin."""
        return rules.PASSWORD
