"""Sheets of works (Excel): a whole list, and the progress of a month. What goes out is taken back by the same columns.

Each row becomes a deed of ``works.actions`` or ``works.progress``; its number in the list (序号), or the work’s (编号),
tells whether it is new, changed or unchanged.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils import timezone

from heqing.works import Outlook, funds
from heqing_site.ledger.models import Target
from heqing_site.library.rules import PILLAR_NAMES, plain
from heqing_site.orgs.models import Post, Unit, User
from heqing_site.sheets.fields import CellError, Field, choice, day, decimal, flag, integer, lookup, several, text
from heqing_site.sheets.reading import Row
from heqing_site.works import actions, course, progress, queries
from heqing_site.works.models import TaskList, Work
from heqing_site.works.progress import Told
from heqing_site.works.records import Progress
from heqing_site.works.rules import KIND_NAMES, OUTLOOK_NAMES, Part, State

PARTS = {Part.WITH: "配合单位", Part.HELP: "协助单位"}
COLUMNS = {  # column of the sheet to column of the work
    "名称": "title", "具体要求": "requirement", "领域": "pillar", "重要事项": "is_important", "牵头单位": "lead_unit",
    "主要领导": "principal", "分管领导": "leader", "承办单位": "acting_unit", "承办岗位": "actor",
    "核查单位": "checker_unit", "计划开工": "planned_start", "计划完成": "planned_finish", "所在地": "place_unit",
    "计划投资（万元）": "money", "资金来源": "money_by_fund", "经度": "lon", "纬度": "lat",
}  # fmt: skip
BLANK = {"requirement": "", "is_important": False, "money_by_fund": {}}
PLACE_LIMIT = Decimal(180)


# --- a whole list -------------------------------------------------------------------------------------------------


def list_fields(*, on: date) -> tuple[Field, ...]:
    """Give the columns of a list (清单); units, posts and targets are found by name or number."""
    unit, post, target = lookup(_units(on), "单位"), lookup(_posts(), "职务"), lookup(_target, "目标")
    pipelines = {found.name_zh: key for key, found in course.pipelines(on).items()}
    return (
        Field("序号", text(20), needed=True, width=8, says="清单中的序号；同一序号再次导入即为调整"),
        Field("类别", choice({name: kind for kind, name in KIND_NAMES.items()}), needed=True, width=8),
        Field("名称", text(200), needed=True, width=32, wraps=True),
        Field("具体要求", text(2000), width=40, wraps=True, says="做到什么程度、何时完成"),
        Field("领域", choice({name: key for key, name in PILLAR_NAMES.items()}), needed=True, width=8),
        Field("流程", choice(pipelines), needed=True, width=20, says="按哪套阶段推进"),
        Field("牵头单位", unit, needed=True, width=18),
        Field("主要领导", post, width=18, says="负总责，写单位和职务，如：青澜区区长"),
        Field("分管领导", post, width=18, says="具体抓，写单位和职务"),
        Field("承办单位", unit, width=18, says="有人干"),
        Field("承办岗位", post, width=18),
        Field("核查单位", unit, width=18, says="有人问；不得是牵头或承办单位"),
        Field("配合单位", several(unit), width=22, says="可填多个，用顿号隔开"),
        Field("协助单位", several(unit), width=22, says="可填多个，用顿号隔开"),
        Field("计划开工", day(), width=12, number_format="yyyy-mm-dd"),
        Field("计划完成", day(), width=12, number_format="yyyy-mm-dd"),
        Field("所在地", unit, width=14),
        Field("计划投资（万元）", decimal(least=Decimal(0)), width=14),
        Field("资金来源", _funds, width=24, says="如：省级 100、社会资本 200"),
        Field("经度", decimal(least=-PLACE_LIMIT, most=PLACE_LIMIT), width=12),
        Field("纬度", decimal(least=-PLACE_LIMIT / 2, most=PLACE_LIMIT / 2), width=12),
        Field("对应目标", several(target), width=14, says="目标编号，可填多个"),
        Field("重要事项", flag(), width=10),
    )


def enter_line(*, by: User, at: datetime, task_list: TaskList) -> Callable[[Row], bool]:
    """Give what takes in one line of a list: a new work, an amended one, or nothing to do.

    A new line that names everybody who answers for it is begun at once.
    """
    on = timezone.localdate(at)

    def enter(row: Row) -> bool:
        facts = {column: row.get(name, BLANK.get(column)) for name, column in COLUMNS.items() if row.has(name)}
        parts = [(unit, part) for part, name in PARTS.items() for unit in row.get(name, ())]
        targets = row.get("对应目标", ())
        known = Work.objects.filter(task_list=task_list, item=row.values["序号"]).first()
        if known is None:
            kind, pipeline = row.values["类别"], row.values["流程"]
            if pipeline not in course.choices(kind, on=on):
                raise CellError(f"流程“{row.typed['流程']}”不用于{KIND_NAMES[kind]}，请另选流程。")
            work = actions.create_work(
                by=by, at=at, task_list=task_list, item=row.values["序号"], kind=kind, pipeline=pipeline,
                facts=facts, parts=parts, targets=targets,
            )  # fmt: skip
            if all(getattr(work, column) is not None for column in actions.NEEDED):
                actions.activate(by=by, at=at, work=work, note="导入清单时责任已明确")
            return True
        if (known.kind, known.pipeline) != (row.values["类别"].value, row.values["流程"]):
            raise CellError("类别和流程不能在导入时更改，请撤销原事项后另列一项。")
        after = actions.amend_work(
            by=by, at=at, work=known, because="导入清单调整", facts=facts,
            parts=parts if any(row.has(name) for name in PARTS.values()) else None,
            targets=targets if row.has("对应目标") else None,
        )  # fmt: skip
        return after.version != known.version

    return enter


def list_rows(works: Iterable[Work], *, on: date) -> Iterable[Mapping[str, Any]]:
    """Give the lines of a list as its sheet holds them."""
    pipelines = course.pipelines(on)
    for work in queries.with_terms(works, on=on):
        row: dict[str, Any] = {name: getattr(work, column) for name, column in COLUMNS.items()}
        row |= {name: str(row[name]) for name in row if isinstance(row[name], Unit | Post)}
        row |= {PARTS[part]: _several(work, part) for part in PARTS}
        row["序号"], row["类别"] = work.item, work.kind_name
        row["领域"], row["重要事项"] = work.pillar_name, "是" if work.is_important else "否"
        row["流程"] = pipelines[work.pipeline].name_zh if work.pipeline in pipelines else work.pipeline
        row["资金来源"] = say_funds(work.money_by_fund)
        links = [link.target.number for link in work.links.all() if link.terms_number == work.terms_number]
        row["对应目标"] = "、".join(str(number) for number in sorted(links))
        yield row


def example_line(*, on: date) -> dict[str, object]:
    """Give the line that an empty sheet shows as an example."""
    return {
        "序号": "1", "类别": "项目", "名称": "示例：镇区雨污管网改造", "具体要求": "示例：12月底前改造12公里",
        "领域": "治水", "流程": "雨污管网与污水处理厂", "计划开工": date(on.year, 3, 1),
        "计划完成": date(on.year, 12, 31), "计划投资（万元）": 1200, "资金来源": "省级 400、区县 800", "重要事项": "否",
    }  # fmt: skip


# --- the progress of a month --------------------------------------------------------------------------------------

MONTH_FIELDS = (
    Field("编号", integer(least=1), needed=True, width=8, says="任务或项目的编号，不改"),
    Field("名称", text(), width=32, wraps=True, says="供核对，不导入"),
    Field("阶段", text(), width=14, says="供核对，不导入"),
    Field("完成百分比", decimal(least=Decimal(0), most=Decimal(100)), needed=True, width=12, says="累计，0 至 100"),
    Field("完成数量", decimal(least=Decimal(0)), width=12, says="累计"),
    Field("数量单位", text(20), width=10),
    Field("累计完成投资（万元）", decimal(least=Decimal(0)), width=16),
    Field("进展", text(2000), needed=True, width=44, wraps=True),
    Field("困难", text(2000), width=30, wraps=True, says="需要协调的事项；研判滞后的必填"),
    Field("研判", choice({name: Outlook(key) for key, name in OUTLOOK_NAMES.items()}), width=16),
)


def enter_month(*, by: User, at: datetime, month: date) -> Callable[[Row], bool]:
    """Give what takes in the progress of one work for a month."""

    def enter(row: Row) -> bool:
        work = queries.work_numbered(row.values["编号"])
        if work is None:
            raise CellError(f"没有编号 {row.values['编号']} 的任务或项目。")
        before = queries.newest_progress(work, month)
        told = Told(
            percent=row.values["完成百分比"],
            words=row.values["进展"],
            problem=row.get("困难", ""),
            outlook=row.get("研判", Outlook.NORMAL),
            amount=row.get("完成数量"),
            amount_unit=row.get("数量单位", ""),
            paid=row.get("累计完成投资（万元）"),
        )
        after = progress.report_progress(by=by, at=at, work=work, month=month, told=told)
        return before is None or after.pk != before.pk

    return enter


def month_rows(works: Iterable[Work], *, month: date) -> Iterable[Mapping[str, Any]]:
    """Give the works of a unit as the sheet of a month holds them, with what was told of it already."""
    listed = list(works)
    told = {row.work_id: row for row in Progress.objects.filter(work__in=listed, month=month).order_by("number")}
    for work in listed:
        row: dict[str, Any] = {"编号": work.number, "名称": work.title, "阶段": work.stage_name}
        row["研判"] = OUTLOOK_NAMES[work.outlook]
        if (found := told.get(work.pk)) is not None:
            row |= {
                "完成百分比": found.percent, "完成数量": found.amount, "数量单位": found.amount_unit,
                "累计完成投资（万元）": found.paid, "进展": found.words, "困难": found.problem,
                "研判": found.outlook_name,
            }  # fmt: skip
        yield row


# --- cells --------------------------------------------------------------------------------------------------------


def say_funds(money: Mapping[str, Any]) -> str:
    """Write the sources of money as the sheet holds them."""
    names = funds()
    return "、".join(f"{names.get(key, key)} {amount}" for key, amount in money.items())


def _funds(typed: str) -> dict[str, str]:
    """Read sources of money: 省级 100、社会资本 200."""
    keys = {name: key for key, name in funds().items()}
    found: dict[str, str] = {}
    for part in re.split(r"[、,，;；\n]+", typed):
        if not part.strip():
            continue
        cut = re.fullmatch(r"\s*(\D+?)\s*(\d+(?:\.\d+)?)\s*(?:万元|万)?\s*", part)
        if cut is None or cut[1] not in keys:
            raise CellError(f"资金来源写成“省级 100、社会资本 200”，来源为：{'、'.join(keys)}。")
        try:
            found[keys[cut[1]]] = plain(Decimal(cut[2]))
        except InvalidOperation as error:
            raise CellError("资金数额不是数字。") from error
    return found


def _several(work: Work, part: Part) -> str:
    rows = work.parts.all()
    return "、".join(str(r.unit) for r in rows if r.terms_number == work.terms_number and r.part == part.value)


def _units(on: date) -> Callable[[str], Unit | None]:
    """Find units by code, or by a name that only one of them bears; all are read once."""
    units = list(Unit.objects.active_on(on))
    bear = Counter(unit.name for unit in units)
    found = {unit.name: unit for unit in units if bear[unit.name] == 1} | {unit.code: unit for unit in units}
    return found.get


def _posts() -> Callable[[str], Post | None]:
    """Find posts by unit and name as one writes them: 青澜区区长."""
    found = {str(post): post for post in Post.objects.select_related("unit")}
    return found.get


def _target(typed: str) -> Target | None:
    plain_number = typed.removeprefix("目标").strip()
    if not plain_number.isascii() or not plain_number.isdecimal() or len(plain_number) > 8:
        return None
    return Target.objects.filter(number=int(plain_number)).first()


def in_hand_of(user: User, *, on: date) -> Iterable[Work]:
    """List the works in hand that a person's unit does, for the sheet of a month."""
    units = queries.own_units(user)
    return queries.listed(Work.objects.filter(state=State.ACTIVE.value, acting_unit__in=units)).order_by("number")
