"""Documents as received, their measures, and the findings in them (文件、举措、条目) as rows.

What the reading gave is never changed: a correction changes the columns and leaves `Finding.as_read`. Writes go through
``library.actions``; words that are absent are empty, a number that is absent is null.
"""

from __future__ import annotations

import zlib
from datetime import UTC
from decimal import Decimal
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q

from heqing_site.audit.append_only import AppendOnly
from heqing_site.library import rules
from heqing_site.library.rules import (
    DOC_TYPE_NAMES,
    GAP_NAMES,
    KIND_NAMES,
    PILLAR_NAMES,
    STATE_NAMES,
    STRENGTH_NAMES,
    WORD_STATE_NAMES,
    WORD_TABLE_NAMES,
    FindingKind,
    FindingState,
    WordState,
    WordTable,
)
from heqing_site.orgs.models import Unit, User


class ReceivedFiles(FileSystemStorage):
    """The files as received, in the data folder of the installation; looked up at each use."""

    @property
    def base_location(self) -> Path:
        """The data folder."""
        return Path(settings.DATA_DIR)

    @property
    def location(self) -> str:
        """The data folder, as Django joins paths with it."""
        return str(self.base_location.absolute())


def received_files() -> ReceivedFiles:
    """Give the place of received files, so that no migration names a folder."""
    return ReceivedFiles()


def received_path(document: Document, file_name: str) -> str:
    """Name a received file by its content; the name it came with is kept in its own column."""
    return f"library/{document.sha256[:2]}/{document.sha256}"


class DocumentQuerySet(models.QuerySet["Document"]):
    """Documents."""

    def with_progress(self) -> DocumentQuerySet:
        """Count for each document its findings, and those that are decided."""
        return self.annotate(
            finding_count=Count("findings"),
            decided_count=Count("findings", filter=~Q(findings__state=FindingState.PROPOSED)),
            accepted_count=Count("findings", filter=Q(findings__state=FindingState.ACCEPTED)),
        )

    def reviewed(self) -> DocumentQuerySet:
        """Keep the documents in which something was found and nobody has anything left to decide."""
        waiting = Finding.objects.filter(document=OuterRef("pk"), state=FindingState.PROPOSED)
        return self.filter(~Exists(waiting), Exists(Finding.objects.filter(document=OuterRef("pk"))))


class Document(models.Model):
    """A document (文件) as received: its bytes, its text, and what it says of itself.

    The same bytes are kept once. It is kept by a unit, whose officers review it; without a unit, by the whole site.
    """

    title = models.CharField("标题", max_length=300)
    file_name = models.CharField("文件名", max_length=255)
    media_type = models.CharField("文件类型", max_length=100)
    sha256 = models.CharField("校验值", max_length=64, unique=True)
    received = models.FileField("原件", upload_to=received_path, storage=received_files, max_length=200)
    text = models.TextField("原文", help_text="按收到的样子解码，条目的起止位置以此计数")
    issuer = models.CharField("发文单位", max_length=120, blank=True)
    region = models.CharField("地区", max_length=80, blank=True)
    date = models.DateField("日期", null=True, blank=True)
    doc_type = models.CharField("文种", max_length=20, blank=True)
    is_invented = models.BooleanField("演示数据", default=False)
    unit = models.ForeignKey(
        Unit,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="documents",
        verbose_name="归口单位",
        help_text="核对这份文件的单位；留空为全站",
    )
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="documents", verbose_name="上传人")
    added_at = models.DateTimeField("上传时间")
    junk = models.JSONField("噪声行", default=list, blank=True)
    people = models.JSONField("人员", default=list, blank=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        """Names, order, constraints."""

        verbose_name = "文件"
        verbose_name_plural = "文件"
        ordering = ("-added_at", "-pk")
        constraints = (
            models.CheckConstraint(
                name="document_has_title_name_and_text", condition=~Q(title="") & ~Q(file_name="") & ~Q(text="")
            ),
            models.CheckConstraint(name="document_has_its_file", condition=~Q(sha256="") & ~Q(received="")),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def doc_type_name(self) -> str:
        """The type of document in words."""
        return DOC_TYPE_NAMES.get(self.doc_type, self.doc_type)


class Measure(models.Model):
    """A measure (举措): a heading or lead sentence of a document, with the offices named for it."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="measures", verbose_name="文件")
    number = models.PositiveIntegerField("序号")
    level = models.PositiveSmallIntegerField("级")
    title = models.TextField("标题")
    responsible = models.JSONField("责任单位", default=list, blank=True)
    start = models.PositiveIntegerField("起")
    end = models.PositiveIntegerField("止")

    class Meta:
        """Names, order, constraints."""

        verbose_name = "举措"
        verbose_name_plural = "举措"
        ordering = ("document", "number")
        constraints = (
            models.UniqueConstraint(fields=("document", "number"), name="measure_number_is_unique_in_document"),
            models.CheckConstraint(name="measure_starts_before_it_ends", condition=Q(start__lt=F("end"))),
        )

    def __str__(self) -> str:
        return self.title


class Finding(models.Model):
    """A finding (条目): one target or reported result, with the exact words it came from.

    `number` is its name within the document ("第 12 条") and never changes; what was added by hand comes last by number
    and stands by `start` among the others on the page.
    """

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="findings", verbose_name="文件")
    number = models.PositiveIntegerField("序号")
    kind = models.CharField("类别", max_length=16, choices=[(kind.value, KIND_NAMES[kind]) for kind in FindingKind])
    quote = models.TextField("原文")
    start = models.PositiveIntegerField("起")
    end = models.PositiveIntegerField("止")
    indicator = models.TextField("指标", blank=True)
    comparator = models.CharField("要求", max_length=12)
    value = models.DecimalField(
        "数值", max_digits=rules.VALUE_DIGITS, decimal_places=rules.VALUE_PLACES, null=True, blank=True
    )
    value_text = models.TextField("原文数值", null=True, blank=True)  # noqa: DJ001  null: no number; empty: number lost
    unit = models.CharField("单位", max_length=60, blank=True)
    period = models.CharField("期限", max_length=60, blank=True)
    baseline = models.TextField("基数", blank=True)
    strength = models.CharField("力度", max_length=16, blank=True)
    scope = models.TextField("范围", blank=True)
    pillar = models.CharField("领域", max_length=20)
    gap = models.CharField("缺项", max_length=40, blank=True)
    confidence = models.FloatField("把握")
    measure = models.ForeignKey(
        Measure, on_delete=models.PROTECT, null=True, blank=True, related_name="findings", verbose_name="所属举措"
    )
    as_read = models.JSONField("解读原样", default=dict, blank=True, encoder=DjangoJSONEncoder)
    why = models.JSONField("解读依据", default=list, blank=True)
    before = models.JSONField("决定之前", null=True, blank=True, encoder=DjangoJSONEncoder)
    state = models.CharField(
        "状态",
        max_length=12,
        choices=[(state.value, STATE_NAMES[state]) for state in FindingState],
        default=FindingState.PROPOSED.value,
    )
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="decided_findings", verbose_name="核对人"
    )
    decided_at = models.DateTimeField("核对时间", null=True, blank=True)
    because = models.CharField("理由", max_length=200, blank=True)

    class Meta:
        """Names, order, constraints."""

        verbose_name = "条目"
        verbose_name_plural = "条目"
        ordering = ("document", "start", "number")
        constraints = (
            models.UniqueConstraint(fields=("document", "number"), name="finding_number_is_unique_in_document"),
            models.CheckConstraint(name="finding_starts_before_it_ends", condition=Q(start__lt=F("end"))),
            models.CheckConstraint(
                name="finding_kind_is_known", condition=Q(kind__in=[kind.value for kind in FindingKind])
            ),
            models.CheckConstraint(
                name="finding_decided_with_person_and_moment",
                condition=Q(state=FindingState.PROPOSED.value, decided_by__isnull=True, decided_at__isnull=True)
                | Q(
                    state__in=[FindingState.ACCEPTED.value, FindingState.REJECTED.value],
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="finding_rejected_with_reason",
                condition=(Q(state=FindingState.REJECTED.value) & ~Q(because=""))
                | (~Q(state=FindingState.REJECTED.value) & Q(because="")),
            ),
            models.CheckConstraint(
                name="finding_has_words", condition=~Q(quote="") & ~Q(comparator="") & ~Q(pillar="")
            ),
            models.CheckConstraint(
                name="finding_confidence_is_a_share", condition=Q(confidence__gte=0, confidence__lte=1)
            ),
        )

    def __str__(self) -> str:
        return f"{self.document}第{self.number}条"

    @property
    def is_by_hand(self) -> bool:
        """Whether an officer added it; the reading did not find it."""
        return not self.as_read

    @property
    def version(self) -> str:
        """What an officer saw when deciding: changes with every decision, correction and reopening."""
        moment = self.decided_at.astimezone(UTC).isoformat() if self.decided_at else ""
        names = (*rules.CORRECTABLE, *rules.PLACE)
        told = repr([getattr(self, name) if name != "value" else self.value_plain for name in names])
        return f"{self.state} {moment} {zlib.crc32(told.encode()):08x}"

    @property
    def value_plain(self) -> str:
        """The number without the zeros that its column adds; empty when there is none."""
        return "" if self.value is None else rules.plain(self.value)

    @property
    def demand(self) -> str:
        """What is demanded or reported, in words."""
        return rules.demand(self.comparator, self.value, self.value_text, self.unit)

    @property
    def demand_as_read(self) -> str:
        """What the reading had understood, in words; empty when an officer added the finding."""
        if not self.as_read:
            return ""
        value = self.as_read.get("value")
        return rules.demand(
            self.as_read["comparator"],
            None if value is None else Decimal(value),
            self.as_read.get("value_text"),
            self.as_read.get("unit") or "",
        )

    @property
    def corrections(self) -> list[tuple[str, str]]:
        """What an officer corrected: the name of each column, and what the reading had given."""
        if not self.as_read:
            return []
        found = []
        if (self.start, self.end) != (self.as_read.get("start"), self.as_read.get("end")):
            found.append(("原文", str(self.as_read.get("quote", ""))[:80]))
        if self.demand != self.demand_as_read:
            found.append(("要求", self.demand_as_read))
        names = rules.WORD_NAMES
        for name, title in rules.COLUMN_NAMES.items():
            read = self.as_read.get(name) or ""
            if name == "pillar":
                read = rules.MATTER_OF_PILLAR.get(read, read)
            if read != getattr(self, name):
                found.append((title, names.get(name, {}).get(read, read) or "无"))
        return found

    @property
    def can_be_in_bulk(self) -> bool:
        """Whether it may be accepted together with others."""
        return rules.can_be_in_bulk(state=self.state, gap=self.gap, why=self.why)

    @property
    def is_second_reading(self) -> bool:
        """Whether the second reader, a language model, proposed it."""
        return rules.SECOND_READER in self.why

    @property
    def gap_mark(self) -> str:
        """What is missing, as it is marked in the text."""
        return rules.GAP_MARKS.get(self.gap, "")

    @property
    def advice(self) -> str:
        """What the warning asks of the officer."""
        if self.gap:
            return rules.GAP_ADVICE.get(self.gap, "")
        if self.is_second_reading:
            return "由语言模型提出，词句已在原文中核实，意思请核对"
        return ""

    @property
    def warning(self) -> str:
        """Why it needs a second look, in words; empty when it is sure and complete."""
        if self.gap:
            return self.gap_name
        if self.is_second_reading:
            return "第二解读提出"
        return "把握不大" if self.confidence < rules.UNSURE else ""

    @property
    def pillar_name(self) -> str:
        """The pillar in words."""
        return PILLAR_NAMES.get(self.pillar, self.pillar)

    @property
    def strength_name(self) -> str:
        """The strength in words."""
        return STRENGTH_NAMES.get(self.strength, self.strength)

    @property
    def gap_name(self) -> str:
        """What is missing, in words."""
        return GAP_NAMES.get(self.gap, self.gap)


class ProposedWord(models.Model):
    """A word of the installation's own (自有词): what a correction taught; an administrator accepts or refuses it.

    `written` is what stands in documents; `meaning` is the name of the indicator for a synonym, and says for a line
    whether it is noise. An accepted word is used from `valid_from` on, until the day it is withdrawn.
    """

    table = models.CharField("词表", max_length=12, choices=[(it.value, name) for it, name in WORD_TABLE_NAMES.items()])
    written = models.CharField("写法", max_length=rules.LONGEST_WORD)
    meaning = models.CharField("读作", max_length=rules.LONGEST_WORD, blank=True)
    pillar = models.CharField("领域", max_length=20, blank=True)
    document = models.ForeignKey(
        Document, on_delete=models.PROTECT, null=True, blank=True, related_name="words", verbose_name="出自文件"
    )
    finding = models.ForeignKey(
        Finding, on_delete=models.PROTECT, null=True, blank=True, related_name="words", verbose_name="出自条目"
    )
    times = models.PositiveIntegerField("提出次数", default=1)
    proposed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="proposed_words", verbose_name="提出人"
    )
    proposed_at = models.DateTimeField("提出时间")
    state = models.CharField(
        "状态",
        max_length=12,
        choices=[(it.value, name) for it, name in WORD_STATE_NAMES.items()],
        default=WordState.PROPOSED.value,
    )
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="decided_words", verbose_name="决定人"
    )
    decided_at = models.DateTimeField("决定时间", null=True, blank=True)
    because = models.CharField("理由", max_length=200, blank=True)
    valid_from = models.DateField("采用日期", null=True, blank=True)
    withdrawn_on = models.DateField("停用日期", null=True, blank=True)

    class Meta:
        """Names, order, constraints."""

        verbose_name = "自有词"
        verbose_name_plural = "自有词"
        ordering = ("-proposed_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("table", "written", "meaning"),
                condition=~Q(state=WordState.WITHDRAWN.value),
                name="word_is_proposed_once",
            ),
            models.UniqueConstraint(
                fields=("table", "written"), condition=Q(state=WordState.ACCEPTED.value), name="word_means_one_thing"
            ),
            models.CheckConstraint(name="word_is_written", condition=~Q(written="")),
            models.CheckConstraint(
                name="word_accepted_from_a_day",
                condition=~Q(state=WordState.ACCEPTED.value)
                | Q(valid_from__isnull=False, decided_by__isnull=False, decided_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.written} → {self.meaning_name}" if self.meaning else self.written

    @property
    def meaning_name(self) -> str:
        """What it means, in words."""
        if self.table == WordTable.JUNK:
            return "噪声行" if self.meaning == rules.NOISE else "不是噪声"
        return self.meaning

    @property
    def table_name(self) -> str:
        """The list it belongs to, in words."""
        return WORD_TABLE_NAMES[WordTable(self.table)]

    @property
    def pillar_name(self) -> str:
        """The pillar in words."""
        return PILLAR_NAMES.get(self.pillar, self.pillar)


class EvidenceFile(AppendOnly):
    """A file of evidence (佐证) as received; a room adds to it what the file belongs to, and where it lies."""

    file_name = models.CharField("文件名", max_length=255)
    media_type = models.CharField("文件类型", max_length=100)
    size = models.PositiveBigIntegerField("字节数")
    sha256 = models.CharField("校验值", max_length=64)
    received = models.FileField("原件", storage=received_files, max_length=200)
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="上传人")
    added_at = models.DateTimeField("上传时间")

    class Meta:
        """No table of its own."""

        abstract = True

    def __str__(self) -> str:
        return self.file_name
