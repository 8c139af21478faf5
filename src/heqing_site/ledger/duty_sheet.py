"""The duty list from and to Excel (职责清单导入导出): which unit owns which subject.

Each row is entered by the actions of the duty list, so that rights and rules are the same as on its page. Brought
again, a sheet changes what differs and leaves the rest unchanged.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from heqing_site.errors import RuleBrokenError
from heqing_site.ledger import actions
from heqing_site.ledger.models import Duty
from heqing_site.orgs.models import Unit, User
from heqing_site.orgs.queries import unit_coded
from heqing_site.orgs.rules import PILLAR_NAMES
from heqing_site.sheets.actions import take_in
from heqing_site.sheets.fields import CellError, Field, choice, day, lookup, text
from heqing_site.sheets.models import Intake
from heqing_site.sheets.reading import Row

TITLE = "职责清单"
FIELDS = (
    Field("领域", choice({name: code for code, name in PILLAR_NAMES.items()}), needed=True),
    Field("单位代码", lookup(unit_coded, "单位代码"), needed=True, width=20),
    Field("单位名称", text(80), width=26, says="只供核对，凭代码识别"),
    Field("起始日期", day(), needed=True, number_format="yyyy-mm-dd", says="同级原负责单位到前一日为止"),
    Field("截止日期", day(), number_format="yyyy-mm-dd", says="移出清单时填最后一日"),
    Field("依据", text(200), width=30, says="例如三定方案的文号；留空用导入时填的依据"),
)


def bring(
    *,
    by: User,
    at: datetime,
    because: str,
    back: str,
    file_name: str = "",
    content: bytes = b"",
    pasted: str = "",
    language: str | None = None,
) -> Intake:
    """Take in a sheet of duties (导入职责清单); each row needs what entering a duty needs."""
    if not because.strip():
        raise RuleBrokenError("because.missing")
    return take_in(
        by=by,
        at=at,
        subject="ledger.duties",
        back=back,
        fields=FIELDS,
        enter=lambda row: _enter(by, at, because.strip()[:150], row),
        file_name=file_name,
        content=content,
        pasted=pasted,
        title=TITLE,
        language=language,
    )


def rows() -> Iterator[dict[str, Any]]:
    """Give the duties that stand as rows of the sheet."""
    for duty in Duty.objects.filter(valid_to__isnull=True).select_related("unit").order_by("pillar", "unit__code"):
        yield {
            "领域": duty.pillar_name,
            "单位代码": duty.unit.code,
            "单位名称": duty.unit.name,
            "起始日期": duty.valid_from,
            "依据": duty.because,
        }


def _enter(by: User, at: datetime, because: str, row: Row) -> bool:
    unit: Unit = row.values["单位代码"]
    said = row.get("单位名称")
    if said and said != unit.name:
        raise CellError(f"代码“{unit.code}”是{unit.name}，不是{said}，请核对。")
    pillar, first, last = row.values["领域"], row.values["起始日期"], row.get("截止日期")
    reason = row.get("依据") or because
    kept = Duty.objects.filter(unit=unit, pillar=pillar, valid_from=first).first()
    changed = kept is None
    if kept is None:
        kept = actions.set_duty(by=by, at=at, unit=unit, pillar=pillar, valid_from=first, because=reason)
    if last is not None and kept.valid_to is None:
        actions.end_duty(by=by, at=at, duty=kept, last_day=last, because=because)
        changed = True
    return changed
