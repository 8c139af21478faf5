"""Uploads of measurement files (监测数据导入) as rows; the values themselves stand in the store.

A row is only added: it tells who brought which file and what became of its values. The file as received lies in the
data folder under its own name, so that a value can be followed to its row. Writes go through ``monitoring.actions``.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from heqing_site.audit.append_only import AppendOnly
from heqing_site.library.models import received_files
from heqing_site.monitoring.rules import DOMAIN_NAMES, DomainName, note_in_chinese, safe_name
from heqing_site.orgs.models import Unit, User


def upload_path(upload: Upload, file_name: str) -> str:
    """Name a file by its content and the name it came with."""
    return f"monitoring/{upload.sha256[:2]}/{upload.sha256}/{safe_name(upload.file_name)}"


class Upload(AppendOnly):
    """A file of measurements that was imported (监测数据文件), with what its batch did to the store."""

    batch = models.CharField("批次", max_length=40, unique=True)
    domain = models.CharField("要素", max_length=8, choices=[(d.value, DOMAIN_NAMES[d]) for d in DomainName])
    file_name = models.CharField("文件名", max_length=255)
    sha256 = models.CharField("校验值", max_length=64)
    size = models.PositiveBigIntegerField("字节数")
    received = models.FileField("原件", upload_to=upload_path, storage=received_files, max_length=400)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="uploads", verbose_name="导入单位")
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="uploads", verbose_name="导入人")
    uploaded_at = models.DateTimeField("导入时间")
    rows = models.PositiveIntegerField("行数")
    new = models.PositiveIntegerField("新增值")
    changed = models.PositiveIntegerField("更正值")
    same = models.PositiveIntegerField("相同值")
    rejects = models.PositiveIntegerField("未收")
    notes = models.JSONField("说明", default=list)
    is_invented = models.BooleanField("演示数据", default=False)

    class Meta:
        """Names, order, constraints."""

        verbose_name = "监测数据文件"
        verbose_name_plural = "监测数据文件"
        ordering = ("-uploaded_at", "-pk")
        constraints = (
            models.CheckConstraint(
                name="upload_has_its_file",
                condition=~Q(file_name="") & ~Q(sha256="") & ~Q(received="") & ~Q(batch="") & Q(size__gt=0),
            ),
            models.CheckConstraint(
                name="upload_domain_is_known", condition=Q(domain__in=[domain.value for domain in DomainName])
            ),
        )

    def __str__(self) -> str:
        return self.file_name

    @property
    def notes_in_words(self) -> list[str]:
        """How the file was read, in sentences for officers."""
        return [note_in_chinese(note) for note in self.notes]
