"""What became of each sheet that somebody brought (导入记录): a row that is only added. Writes: ``sheets.actions``."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from heqing_site.audit.append_only import AppendOnly


class Intake(AppendOnly):
    """A sheet that was brought (导入): how many rows were taken or unchanged, and every row that was not, as typed.

    The doer stands as plain values, as in the audit record: this room lies below the accounts.
    """

    subject = models.CharField("对象", max_length=60)
    title = models.CharField("名称", max_length=80)
    file_name = models.CharField("文件名", max_length=255)
    sha256 = models.CharField("校验值", max_length=64)
    by_id = models.CharField("导入人编号", max_length=40)
    by_name = models.CharField("导入人", max_length=80)
    at = models.DateTimeField("导入时间")
    taken = models.PositiveIntegerField("收下行数")
    unchanged = models.PositiveIntegerField("未变行数")
    columns = models.JSONField("列")
    rejected = models.JSONField("未收的行")  # [{"row": 3, "typed": {…}, "faults": [{"column", "typed", "sentence"}]}]
    back = models.CharField("返回地址", max_length=200)

    class Meta:
        """Names, order, constraints."""

        verbose_name = "表格导入"
        verbose_name_plural = "表格导入"
        ordering = ("-pk",)
        indexes = (models.Index(fields=("by_id", "-id"), name="intake_by_person"),)
        constraints = (
            models.CheckConstraint(
                name="intake_says_what_and_who", condition=~Q(subject="") & ~Q(title="") & ~Q(by_name="")
            ),
        )

    def __str__(self) -> str:
        return f"{self.title}（{self.file_name}）"
