"""What made a verdict differ from the one it supersedes (重判原因): which file, report, terms, plan, part or edition.

It compares what two rows of one day rest on, and judges nothing. The causes are kept with the later row as plain
values; `in_words` says them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils import timezone

from heqing.verdicts import method_on
from heqing_site.ledger import catalogue
from heqing_site.ledger.rules import SourceKind
from heqing_site.monitoring.queries import Touched, touched_by
from heqing_site.verdicts.models import TargetVerdict

Cause = dict[str, Any]


def explain_changes(pairs: Sequence[tuple[TargetVerdict, TargetVerdict]]) -> None:
    """Write into each later row of a pair what made it differ from the earlier one."""
    measured = [(old, made) for old, made in pairs if old.inputs.get("store") != made.inputs.get("store")]
    touched: list[Touched] = []
    if measured:
        since = min(old.recorded_at for old, _ in measured)
        touched = touched_by(since=since, until=max(made.recorded_at for _, made in measured))
    for old, made in pairs:
        made.because = _causes(old, made, touched)


def _causes(old: TargetVerdict, made: TargetVerdict, touched: Sequence[Touched]) -> list[Cause]:
    found: list[Cause] = []
    before, now = old.inputs, made.inputs
    if old.terms_id != made.terms_id:
        found.append(
            {"kind": "terms", "terms": made.terms_id, "because": made.terms.because, "by": made.terms.recorded_by}
        )
    found += [
        {"kind": "upload", "batch": t.batch, "file": t.file, "by": t.by, "at": _moment(t.recorded_at)}
        for t in touched
        if old.recorded_at < t.recorded_at <= made.recorded_at and concerns(t, now)
    ]
    if before.get("entry") != now.get("entry") and now.get("source") == "reported":
        found.append({"kind": "report", "entry": now.get("entry"), "unit": now.get("unit", "")})
    if before.get("parts") != now.get("parts"):
        changed = [part for part in now.get("parts", []) if part not in before.get("parts", [])]
        found.append({"kind": "parts", "units": [part["unit"] for part in changed]})
    if (before.get("entries"), before.get("entry_count")) != (now.get("entries"), now.get("entry_count")):
        found.append({"kind": "register"})
    if before.get("contributions") != now.get("contributions"):
        found.append({"kind": "works"})
    if before.get("places") != now.get("places"):
        found.append({"kind": "places"})
    if old.edition != made.edition and old.edition and made.edition:
        found.append({"kind": "edition", "from": old.edition, "to": made.edition})
    if (old.scheme, old.light_edition) != (made.scheme, made.light_edition):
        found.append({"kind": "scheme", "from": old.light_edition, "to": made.light_edition})
    if not found and old.schedule_value != made.schedule_value:
        found.append({"kind": "schedule"})
    return found or [{"kind": "other"}]


def concerns(touched: Touched, inputs: dict[str, Any]) -> bool:
    """Tell whether an import brought what a verdict rests on: domain, places, days of this or of past years."""
    if inputs.get("source") != SourceKind.INSTRUMENT.value or not inputs.get("first"):
        return False
    if catalogue.reads(str(inputs.get("statistic", ""))) != touched.domain:
        return False
    first, last = date.fromisoformat(inputs["first"]), date.fromisoformat(inputs["last"])
    # What follows a schedule may follow the months of several past years; all else looks back one year at most.
    back = method_on(last).profile_years if inputs.get("basis", "unknown") else 1
    earliest = date(first.year - back, first.month, 1)
    return any(
        place in touched.places and touched.places[place][0] <= last and touched.places[place][1] >= earliest
        for place in inputs.get("places", [])
    )


def in_words(cause: Cause) -> str:
    """Say a cause in a Chinese phrase."""
    match cause.get("kind"):
        case "upload":
            by = f"（{cause['by']}）" if cause.get("by") else ""
            return f"{cause['at']} 收到监测文件“{cause['file']}”{by}"
        case "report":
            return f"{cause['unit']}的填报数值有更正或补报，已审核" if cause.get("unit") else "填报数值有更正或补报"
        case "terms":
            return f"目标条款有调整（{cause['by']}：{cause['because']}）"
        case "parts":
            return f"下级数值有变化：{'、'.join(cause['units'])}" if cause.get("units") else "下级构成有变化"
        case "register":
            return "台账条目有变化"
        case "works":
            return "任务和项目计入的数量有变化"
        case "places":
            return "计入的点位有变化"
        case "edition":
            return f"所依标准由 {cause['from']} 变为 {cause['to']}"
        case "scheme":
            return f"亮灯方案由“{cause['from']}”换为“{cause['to']}”"
        case "schedule":
            return "时序要求有变化"
    return "其余依据有变化"


def _moment(moment: Any) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"
