"""A campaign is entered as data (录入攻坚战): a folder of sheets, each taken in by the import of its own room.

Units, posts, duties, targets, their parts, task lists, registers and letters come in this order, because each names
what stands before it. Nothing is entered past the rooms: rights, rules, faults of rows and the record are those of
their pages. A second time, what stands already is left as it is.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from django.urls import reverse
from django.utils import timezone

from heqing.works import list_kinds
from heqing_site.errors import RuleBrokenError
from heqing_site.ledger import duty_sheet, target_sheets
from heqing_site.ledger.models import Duty
from heqing_site.ledger.queries import terms_as_of
from heqing_site.letters import actions as letters
from heqing_site.letters import wordings
from heqing_site.letters.models import Letter, LetterSeries
from heqing_site.library.rules import PILLAR_NAMES
from heqing_site.orgs import rosters
from heqing_site.orgs.models import Unit, User
from heqing_site.orgs.rules import UnitKind
from heqing_site.registers import excel, kinds
from heqing_site.sheets.actions import take_in
from heqing_site.sheets.fields import CellError, Field, choice, integer, lookup, several, text
from heqing_site.sheets.models import Intake
from heqing_site.sheets.reading import Row
from heqing_site.works import actions as works
from heqing_site.works import tables
from heqing_site.works.models import TaskList

ALL = "全部镇街"
LEAD, ABOVE, ABOVE_NUMBER = "牵头单位", "上级指标", "上级目标编号"
LIST, AIMS, AIM_NUMBERS = "清单", "对应指标", "对应目标"
FIRST = ("units.csv", "posts.csv", "duties.csv", "targets.csv", "split.csv", "lists.csv", "works.csv")
REGISTERS, LAST = "registers", "letters.csv"
Cells = list[dict[str, str]]

_unit = lookup(target_sheets.find_unit, "单位")
_pillar = choice({name: key for key, name in PILLAR_NAMES.items()})

LIST_FIELDS = (
    Field("名称", text(120), needed=True, width=30),
    Field("种类", choice({name: key for key, name in list_kinds().items()}), needed=True),
    Field("年度", integer(least=letters.FIRST_YEAR, most=letters.LAST_YEAR), needed=True, width=8),
    Field("制定单位", _unit, needed=True, width=20),
    Field("来源", text(200), width=28),
)
SERIES_FIELDS = (
    Field("种类", choice({kind.name: key for key, kind in wordings.kinds().items()}), needed=True),
    Field("主题", text(80), needed=True, width=30),
    Field("年度", integer(least=letters.FIRST_YEAR, most=letters.LAST_YEAR), needed=True, width=8),
    Field("上级单位", _unit, needed=True, width=20, says="下达目标任务书的单位，或接收承诺书的单位"),
    Field("镇街", text(), needed=True, width=30, says=f"单位名称，用顿号隔开；或“{ALL}”"),
    Field("攻坚战", text(60), says="同一场攻坚战的几个批次写同一个名称"),
    Field("领域", several(_pillar), width=18, says="只写入这些领域的目标；不填为全部"),
    Field("发文代字", text(20), says="不填按规则提出"),
)


@dataclass(frozen=True)
class Desk:
    """Who enters a folder, when, and which folder."""

    by: User
    at: datetime
    folder: Path
    language: str = "zh"

    @property
    def on(self) -> date:
        """The day of the entry."""
        return timezone.localdate(self.at)

    @property
    def because(self) -> str:
        """The reason that goes on record."""
        return f"按攻坚战资料“{self.folder.name}”录入"

    def take(
        self, name: str, subject: str, back: str, fields: Sequence[Field], enter: Callable[[Row], bool], content: bytes
    ) -> Intake:
        """Take in one sheet as the page of its room does."""
        return take_in(
            by=self.by, at=self.at, subject=subject, back=back, fields=fields, enter=enter, file_name=name,
            content=content, title=f"{self.folder.name}/{name}", language=self.language,
        )  # fmt: skip


@dataclass
class Taken:
    """What came of a file: its intakes, more than one where a file holds several lists."""

    name: str
    intakes: list[Intake] = field(default_factory=list)

    @property
    def taken(self) -> int:
        """Rows that changed something."""
        return sum(intake.taken for intake in self.intakes)

    @property
    def unchanged(self) -> int:
        """Rows that said what stood already."""
        return sum(intake.unchanged for intake in self.intakes)

    @property
    def rejected(self) -> int:
        """Rows that were not taken."""
        return sum(len(intake.rejected) for intake in self.intakes)


def files_of(folder: Path) -> list[str]:
    """Name the files of a folder in the order in which they are entered.

    Raises
    ------
    RuleBrokenError
        ``campaign.nothing``; ``campaign.file_unknown``, so that a misspelt name is not passed over.
    """
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*.csv")} if folder.is_dir() else set()
    if not found:
        raise RuleBrokenError("campaign.nothing", folder=folder)
    inner = sorted(name for name in found if name.startswith(f"{REGISTERS}/"))
    ordered = [name for name in FIRST if name in found] + inner + [name for name in (LAST,) if name in found]
    if strange := sorted(found - set(ordered)):
        raise RuleBrokenError("campaign.file_unknown", files="、".join(strange))
    return ordered


def enter_file(*, by: User, at: datetime, folder: Path, name: str, language: str = "zh") -> Taken:
    """Take in one file of a folder (录入一份资料).

    Each row needs the right of the deed that it does, see the actions of its room.

    Raises
    ------
    RuleBrokenError
        What the sheet's room raises when it cannot be read at all.
    """
    desk = Desk(by, at, folder, language)
    content = (folder / name).read_bytes()
    if name.startswith(f"{REGISTERS}/"):
        return Taken(name, [_register(desk, name, content)])
    return Taken(name, _ENTERED_BY[name](desk, name, content))


# --- one file each ------------------------------------------------------------------------------------------------


def _roster(desk: Desk, name: str, content: bytes) -> list[Intake]:
    what = name.removesuffix(".csv")
    done = rosters.bring(
        by=desk.by, at=desk.at, what=what, because=desk.because, back=reverse("orgs:units"),
        file_name=f"{desk.folder.name}/{name}", content=content, language=desk.language,
    )  # fmt: skip
    return [done.intake]


def _duties(desk: Desk, name: str, content: bytes) -> list[Intake]:
    intake = duty_sheet.bring(
        by=desk.by, at=desk.at, because=desk.because, back=reverse("ledger:duties"),
        file_name=f"{desk.folder.name}/{name}", content=content, language=desk.language,
    )  # fmt: skip
    return [intake]


def _targets(desk: Desk, name: str, content: bytes) -> list[Intake]:
    """Take in targets; an empty lead unit is the one that owns the subject, a superior target is named by its words."""
    cells = _cells(content)
    owners = _owners(desk.on)
    above = _numbers(desk.on, {row.get(ABOVE, "") for row in cells})
    for row in cells:
        row[LEAD] = row.get(LEAD, "") or owners.get(PILLAR_KEYS.get(row.get("领域", ""), ""), "")
        if row.get(ABOVE):
            row[ABOVE_NUMBER] = above.get(row[ABOVE], row[ABOVE])

    def enter(row: Row) -> bool:
        return target_sheets.take_row(row, by=desk.by, at=desk.at)

    back = reverse("ledger:ledger")
    return [desk.take(name, target_sheets.SUBJECT, back, target_sheets.FIELDS, enter, _content(cells))]


def _lists(desk: Desk, name: str, content: bytes) -> list[Intake]:
    def enter(row: Row) -> bool:
        said = {"name": row.values["名称"], "year": row.values["年度"], "issuer": row.values["制定单位"]}
        if TaskList.objects.filter(**said).exists():
            return False
        works.create_list(by=desk.by, at=desk.at, kind=row.values["种类"], source=row.get("来源", ""), **said)
        return True

    return [desk.take(name, "works.lists", reverse("works:lists"), LIST_FIELDS, enter, content)]


def _works(desk: Desk, name: str, content: bytes) -> list[Intake]:
    """Take in the lines of task lists; each line names its list, and the targets it serves by their words."""
    cells = _cells(content)
    aims = _numbers(desk.on, {aim for row in cells for aim in _several(row.get(AIMS, ""))})
    for row in cells:
        row[AIM_NUMBERS] = "、".join(aims.get(aim, aim) for aim in _several(row.get(AIMS, "")))
    intakes = []
    for title in dict.fromkeys(row.get(LIST, "") for row in cells):
        found = TaskList.objects.filter(name=title).order_by("-year").first()
        if found is None:
            raise RuleBrokenError("campaign.list_unknown", list=title)
        lines = [row if row.get(LIST) == title else dict.fromkeys(row, "") for row in cells]
        back = reverse("works:list", args=[found.number])
        fields = tables.list_fields(on=desk.on)
        enter = tables.enter_line(by=desk.by, at=desk.at, task_list=found)
        intakes.append(desk.take(name, "works.list", back, fields, enter, _content(lines)))
    return intakes


def _register(desk: Desk, name: str, content: bytes) -> Intake:
    key = Path(name).stem
    standing = kinds.standing_kind(key, on=desk.on)
    if standing is None:
        raise RuleBrokenError("campaign.register_unknown", kind=key)
    back = reverse("registers:register", args=[key])
    enter = excel.taking(standing, by=desk.by, at=desk.at)
    return desk.take(name, f"registers.{key}", back, excel.columns(standing.form), enter, content)


def _series(desk: Desk, name: str, content: bytes) -> list[Intake]:
    """Take in series of letters: each is opened and its letters are drafted; review and issue are for people."""

    def enter(row: Row) -> bool:
        issuer: Unit = row.values["上级单位"]
        said = {"kind": row.values["种类"], "topic": row.values["主题"], "year": row.values["年度"], "issuer": issuer}
        series = LetterSeries.objects.filter(**said).first()
        changed = series is None
        if series is None:
            series = letters.open_series(
                by=desk.by, at=desk.at, **said, receivers=_receivers(row.values["镇街"], issuer, desk.on),
                mark=row.get("发文代字", ""), campaign=row.get("攻坚战", ""), pillars=list(row.get("领域", ())),
            )  # fmt: skip
        written = set(Letter.objects.filter(series=series).values_list("receiver", flat=True))
        for receiver in series.receivers.exclude(pk__in=written).order_by("code"):
            letters.draft(by=desk.by, at=desk.at, series=series, receiver=receiver)
            changed = True
        return changed

    return [desk.take(name, "letters.series", reverse("letters:home"), SERIES_FIELDS, enter, content)]


_ENTERED_BY: Mapping[str, Callable[[Desk, str, bytes], list[Intake]]] = {
    "units.csv": _roster,
    "posts.csv": _roster,
    "duties.csv": _duties,
    "targets.csv": _targets,
    "split.csv": _targets,
    "lists.csv": _lists,
    "works.csv": _works,
    LAST: _series,
}


# --- what the files name by words ---------------------------------------------------------------------------------

PILLAR_KEYS = {name: key for key, name in PILLAR_NAMES.items()}


def _receivers(said: str, issuer: Unit, on: date) -> list[Unit]:
    if said == ALL:
        towns = (UnitKind.TOWN, UnitKind.STREET)
        return list(Unit.objects.active_on(on).filter(parent=issuer, kind__in=towns).order_by("code"))
    found = []
    for named in _several(said):
        unit = target_sheets.find_unit(named)
        if unit is None:
            raise CellError(f"没有“{named}”这个单位。")
        found.append(unit)
    return found


def _owners(on: date) -> dict[str, str]:
    """Give, by subject, the code of the unit that owns it on a day."""
    owned = Duty.objects.in_force_on(on).select_related("unit").order_by("pk")
    return {duty.pillar: duty.unit.code for duty in owned}


def _numbers(on: date, titles: set[str]) -> dict[str, str]:
    """Give the numbers of targets by their words, where only one that is no part of another bears them."""
    rows = terms_as_of(on).filter(title__in=titles - {""}, parent__isnull=True)
    found: dict[str, list[int]] = {}
    for title, number in rows.values_list("title", "target__number"):
        found.setdefault(title, []).append(number)
    return {title: str(numbers[0]) for title, numbers in found.items() if len(numbers) == 1}


def _several(said: str) -> list[str]:
    return [part.strip() for part in said.split("、") if part.strip()]


def _cells(content: bytes) -> Cells:
    """Read a file as cells by their heads; the import of the room says what is wrong with them."""
    lines = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    return [{name.strip(): (cell or "").strip() for name, cell in row.items() if name} for row in lines]


def _content(cells: Cells) -> bytes:
    out = io.StringIO()
    names = list(dict.fromkeys(name for row in cells for name in row))
    sheet = csv.DictWriter(out, names, restval="")
    sheet.writeheader()
    sheet.writerows(cells)
    return out.getvalue().encode()
