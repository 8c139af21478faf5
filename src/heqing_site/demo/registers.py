"""Invented entries of the registers of the demonstration: through the real actions, by the invented people.

It is done once. The rows stand in ``district/entries.csv``; a day is written as so many days before today, ``D-120``.
One kind is declared as an officer would declare it, and some targets of the invented documents are counted from the
registers instead of being reported. Look next at ``registers.actions``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from heqing_site.demo import rules
from heqing_site.demo.cases import picture
from heqing_site.ledger import actions as ledger
from heqing_site.ledger.models import TargetTerms
from heqing_site.ledger.queries import terms_as_of
from heqing_site.ledger.rules import Rhythm, SourceKind
from heqing_site.library.evidence import File
from heqing_site.orgs.models import Unit, User
from heqing_site.registers import actions, declaring
from heqing_site.registers.models import Entry, RegisterKind

Tell = Callable[[str], None]
MORNING, EVENING = time(9, 30), time(17, 30)
ADMIN = "admin"
# Words of a target's title, and what is counted for it.
COUNTED = (
    ("细胞", "registers.zero_waste_cells.built"),
    ("美丽河湖", "registers.beautiful_waters.rivers"),
    ("安全利用率", "registers.safe_parcels.share"),
    ("口袋公园", "registers.pocket_parks.built"),
)
POCKET_PARKS: dict[str, list[dict[str, str]]] = {
    "kinds": [
        {
            "kind": "pocket_parks", "name_zh": "口袋公园", "name_en": "Pocket parks", "pillar": "land",
            "about": "演示：由本地人员自己设的台账，没有写一行程序", "enters": "住建部门、镇街", "confirms": "督查部门",
        }
    ],
    "fields": [
        {"field": "name", "label_zh": "公园名称", "type": "文字", "needed": "是", "role": "标题"},
        {
            "field": "sort", "label_zh": "类型", "type": "选项", "needed": "是", "options": "街角|滨水|社区",
            "role": "分类",
        },
        {"field": "area", "label_zh": "面积", "type": "小数", "unit": "平方米", "role": "数量"},
        {"field": "opened_on", "label_zh": "开放日期", "type": "日期", "role": "统计日"},
    ],
    "states": [
        {"state": "building", "name_zh": "在建"},
        {"state": "open", "name_zh": "已开放", "counts": "是"},
        {"state": "dropped", "name_zh": "不再建设", "is_end": "是"},
    ],
    "moves": [
        {
            "move": "open", "name_zh": "验收开放", "from_states": "在建", "to_state": "已开放", "fields": "开放日期",
            "evidence": "是", "another_unit": "是",
        },
        {"move": "drop", "name_zh": "不再建设", "from_states": "在建", "to_state": "不再建设", "words": "是"},
    ],
    "rules": [{"check": "不得重复", "arguments": "公园名称", "says_zh": "这个公园已经登记过。"}],
    "counts": [
        {"count": "built", "name_zh": "口袋公园数", "unit": "个", "what": "条数", "by_day": "是"},
        {"count": "area", "name_zh": "口袋公园面积", "unit": "平方米", "what": "合计", "field": "面积", "by_day": "是"},
    ],
}  # fmt: skip


@transaction.atomic
def add_registers(*, at: datetime, tell: Tell) -> None:
    """Enter invented things in the registers (生成演示台账), and have some targets counted from them."""
    if Entry.objects.exists() or RegisterKind.objects.exists():
        return
    people = {user.username: user for user in User.objects.filter(username__in=[ADMIN, rules.OFFICER, rules.CHECKER])}
    if len(people) < 3:
        return
    on = timezone.localdate(at)
    declaring.declare_kind(by=people[ADMIN], at=at, tables=POCKET_PARKS, because="演示：按区长办公会要求新设")
    units = {unit.code: unit for unit in Unit.objects.all()}
    rows = rules.rows("entries")
    tell(f"生成演示台账 {len(rows)} 条 …")
    for row in rows:
        _enter(row, units[row["unit"]], people, at, on)
    for terms in terms_as_of(on).filter(source_kind=SourceKind.REPORTED.value).select_related("target__document"):
        _count_from_registers(terms, people[rules.OFFICER])


def _enter(row: dict[str, str], unit: Unit, people: dict[str, User], at: datetime, on: date) -> None:
    days, *steps = row["steps"].split("|")
    entry = actions.enter(
        by=people[rules.OFFICER],
        at=_moment(at, int(days)),
        kind=row["kind"],
        unit=unit,
        typed=_typed(row["values"], on),
        is_invented=True,
    )
    for place, step in enumerate(steps):
        days, deed, said = (*step.split(":", 2), "")[:3]
        who: dict[str, Any] = {"at": _moment(at, int(days), place), "entry": entry}
        if deed == "confirm":
            entry = actions.confirm(**who, by=people[rules.CHECKER], note="演示：已核对")
            continue
        move = entry.form.move(deed)
        needs_another = move is not None and move.needs_another_unit
        entry = actions.move(
            **who,
            by=people[rules.CHECKER if needs_another else rules.OFFICER],
            move=deed,
            typed=_typed(said, on),
            note=f"演示：{move.name_zh}" if move is not None else "",
            files=[File("演示照片.png", picture())],
        )


def _count_from_registers(terms: TargetTerms, by: User) -> None:
    """Have a target counted, from the day on which it stands in the ledger."""
    statistic = next((statistic for words, statistic in COUNTED if words in terms.title), "")
    if statistic:
        ledger.set_source(
            by=by,
            at=terms.recorded_at + timedelta(minutes=1),
            target=terms.target,
            source_kind=SourceKind.REGISTER,
            statistic=statistic,
            rhythm=Rhythm.MONTH,
            because="演示：由台账计数，不再填报",
            valid_from=terms.valid_from,
        )


def _moment(at: datetime, days: int, place: int = 0) -> datetime:
    day = timezone.localdate(at) - timedelta(days=days)
    return min(datetime.combine(day, MORNING, tzinfo=at.tzinfo) + timedelta(minutes=5 * (place + 1)), at)


def _typed(said: str, on: date) -> dict[str, str]:
    """Read ``name=value;name=value``; a day is written as so many days before today."""
    told = re.sub(r"\bD-(\d+)", lambda found: str(on - timedelta(days=int(found[1]))), said)
    return dict(part.split("=", 1) for part in told.replace("{year}", str(on.year)).split(";") if part)
