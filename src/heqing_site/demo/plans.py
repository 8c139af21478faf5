"""Invented plans of the demonstration (演示方案): through the real actions, by the invented people.

It is done once. One river was treated and its water got better; one was treated without effect and is reopened by the
rounds; the others stand where plans stand. Months of two sections before the first invented day are made too, so that
the months after the works have some before to be compared with. Every text says 演示. Look next at ``plans.actions``.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from heqing.plans import Deed
from heqing.store import import_frame, open_frame
from heqing_site.demo import rules
from heqing_site.demo.cases import picture
from heqing_site.demo.queries import demonstration
from heqing_site.library.evidence import File
from heqing_site.orgs.models import Post, Unit, User
from heqing_site.places.models import Enterprise, Outlet, River
from heqing_site.plans import actions, sheets
from heqing_site.plans.lists import write_chapter
from heqing_site.plans.models import Plan
from heqing_site.plans.rules import Adoption
from heqing_site.sheets.reading import read_sheet
from heqing_site.works.models import Work

Tell = Callable[[str], None]
APPROVER, REVIEWER = "quzhang", "fuquzhang"
WORK = "全域入河排污口排查整治"  # the work of the demonstration that a measure names
MORNING = time(9, 30)
BETTER_DONE, UNCHANGED_DONE = 14, 8  # months ago the works of the two treated rivers were finished
PAST_MONTHS = 27
ITEMS = ("codmn", "nh3n", "tp", "tn")


# --- months before the first invented day -------------------------------------------------------------------------


def add_past_months(*, at: datetime, folder: Path, tell: Tell) -> None:
    """Make monthly samples of the two treated rivers before the first day (演示往年水质), imported as a file once."""
    found = demonstration()
    if found is None:
        return
    files = folder / "demo"
    last = found.first_day - timedelta(days=1)
    file = files / f"演示数据_water_往年_{last}.csv"
    if file.exists() or not (folder / "store").is_dir():
        return
    on = timezone.localdate(at)
    done = _months_back(on, BETTER_DONE)
    sections = {row["code"]: row for row in rules.rows("sections")}
    lines = []
    for month in (_months_back(on, count) for count in range(PAST_MONTHS, 0, -1)):
        for code, worse in (("QL-S05", 2.4), ("QL-S06", 0.97)):
            day = month.replace(day=5)
            if day > last:
                continue
            row = sections[code]
            share = (worse if code == "QL-S06" or month <= done else 1.0) * (1 + (month.month % 5 - 2) / 50)
            values = {item: round(float(row[item]) * share, 3) for item in ITEMS}
            lines.append(
                {"section": row["name"], "time": f"{day} 09:00:00", "body_type": row["body_type"], "ph": 7.5, "do": 8.1}
                | values
            )
    if not lines:
        return
    tell("生成两条演示河流的往年水质 …")
    files.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as sheet:
        writer = csv.DictWriter(sheet, list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)
    with open_frame(file, domain="water") as intake:
        import_frame(folder / "store", intake, recorded_at=at)


# --- plans --------------------------------------------------------------------------------------------------------


@transaction.atomic
def add_plans(*, at: datetime, tell: Tell) -> None:
    """Bring invented plans about (生成演示方案): found effective, reopened, in force, on their way, and broken."""
    if Plan.objects.exists() or not User.objects.filter(username=APPROVER).exists():
        return
    desk = _Desk(at)
    done = {"yunlan": BETTER_DONE, "shiting": UNCHANGED_DONE}
    for row in rules.rows("plans"):
        if row["key"] in done:
            _finished(desk, row, done[row["key"]])
        else:
            _on_its_way(desk, row)
    first = desk.on.replace(day=1)
    actions.judge_finished(at=desk.morning(min(first + timedelta(days=3), desk.on)), on=desk.on)
    tell(f"生成演示方案 {Plan.objects.count()} 份：见效、重新治理、实施中、送审和未接上的都有 …")


class _Desk:
    """The invented people, and mornings before the day of the demonstration."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.on = timezone.localdate(at)

    def person(self, username: str) -> User:
        return User.objects.select_related("unit").get(username=username)

    def morning(self, day: date) -> datetime:
        return min(datetime.combine(day, MORNING, tzinfo=timezone.get_current_timezone()), self.at)

    def chief(self, plan: Plan) -> User:
        """Give who reviews: the holder of the chief's post, or the deputy head of the district."""
        term = None if plan.chief is None else plan.chief.terms.current_on(self.on).select_related("holder").first()
        return self.person(REVIEWER) if term is None else term.holder


def _months_back(day: date, count: int) -> date:
    whole = day.year * 12 + day.month - 1 - count
    return date(whole // 12, whole % 12 + 1, 1)


def _draft(desk: _Desk, row: dict[str, str], day: date, years: int) -> Plan:
    """Begin a plan on a day and write its lists as they would be brought from Excel."""
    writer, at = desk.person(row["writer"]), desk.morning(day)
    things: dict[str, Any] = {
        "river": River.objects.select_related("chief__unit").filter(code=row["thing"]).first(),
        "enterprise": Enterprise.objects.filter(code=row["thing"]).first(),
        "outlet": Outlet.objects.select_related("enterprise").filter(code=row["thing"]).first(),
    }
    plan = actions.draft(
        by=writer,
        at=at,
        kind=row["kind"],
        title=row["title"],
        unit=Unit.objects.get(code=row["unit"]),
        chief=Post.objects.filter(name=row["chief"]).first() if row["chief"] else None,
        begins_on=date(day.year, 1, 1),
        ends_on=date(day.year + years - 1, 12, 31),
        approval=row["approval"],
        place_text="" if any(things.values()) else row["thing"],
        is_invented=True,
        **things,
    )
    _write_lists(desk, plan, row["key"], writer, at)
    write_chapter(
        by=writer,
        at=at,
        plan=plan,
        chapter="general",
        words=f"演示：本方案针对{plan.thing}编制，以下清单、数值和人员均为虚构。",
    )
    return plan


def _write_lists(desk: _Desk, plan: Plan, key: str, writer: User, at: datetime) -> None:
    lines = [row for row in rules.rows("plan_items") if row["plan"] == key]
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow([name for name in lines[0] if name != "plan"])
    year = desk.on.year
    work = Work.objects.filter(title=WORK).first()
    for line in lines:
        cells = [cell for name, cell in line.items() if name != "plan"]
        said_here = ("{y+1}", year + 1), ("{y-1}", year - 1), ("{y}", year), ("{work}", work.number if work else "")
        for said, value in said_here:
            cells = [cell.replace(said, str(value)) for cell in cells]
        table.writerow(cells)
    enter = sheets.enterer(plan, by=writer, at=at)
    for row in read_sheet("清单.csv", out.getvalue().encode(), sheets.columns(plan, on=desk.on)):
        if row.faults:
            raise ValueError(f"plan_items.csv, {key}: {row.faults[0]}")
        enter(row)


def _do(desk: _Desk, plan: Plan, deed: Deed, by: User, when: date, note: str = "", **more: Any) -> Plan:
    return actions.carry_out(by=by, at=desk.morning(when), plan=plan, deed=deed, note=note and f"演示：{note}", **more)


def _approved(desk: _Desk, plan: Plan, writer: User, day: date) -> None:
    """Take a plan from its lists to being in force, within three weeks of a day."""
    for consultee in plan.rules.approvals[plan.approval].consultees:
        actions.add_opinion(
            by=writer,
            at=desk.morning(day),
            plan=plan,
            consultee=consultee.key,
            party=f"演示{consultee.name_zh}",
            opinion="演示：建议写清每一年要完成的数量。",
            adoption=Adoption.ADOPTED,
            contract_until=date(desk.on.year + 1, 12, 31) if consultee.key == "adviser" else None,
        )
    _do(desk, plan, Deed.CONSULT, writer, day)
    _do(desk, plan, Deed.REVIEW, desk.chief(plan), day + timedelta(days=7), "清单可行")
    _do(
        desk, plan, Deed.APPROVE, desk.person(APPROVER), day + timedelta(days=14), "同意",
        reference=f"演示批〔{day.year}〕{plan.number} 号",
    )  # fmt: skip
    _do(desk, plan, Deed.ENFORCE, writer, day + timedelta(days=18))


def _finished(desk: _Desk, row: dict[str, str], months_ago: int) -> None:
    """Draft a plan, carry it out and enter that its works were finished; the one that helped is found effective."""
    done = _months_back(desk.on, months_ago) + timedelta(days=14)
    writer = desk.person(row["writer"])
    begun = done - timedelta(days=300)
    plan = _draft(desk, row, begun, 2)
    _approved(desk, plan, writer, begun + timedelta(days=20))
    photo = [File("演示照片.png", picture())]
    _do(desk, plan, Deed.FINISH, writer, done + timedelta(days=5), "工程已验收", day=done, files=photo)
    if row["key"] == "yunlan":
        after = _months_back(done, -8) + timedelta(days=9)
        note = "入江口水质比上年同期好转"
        _do(desk, plan, Deed.EVALUATE, writer, after, note, files=photo)


def _on_its_way(desk: _Desk, row: dict[str, str]) -> None:
    writer = desk.person(row["writer"])
    begun = desk.on - timedelta(days=60)
    plan = _draft(desk, row, begun, 2)
    if row["key"] in ("songyu", "plating"):
        _approved(desk, plan, writer, begun + timedelta(days=10))
    elif row["key"] in ("cement", "parcel"):
        _do(desk, plan, Deed.CONSULT, writer, begun + timedelta(days=40))
        if row["key"] == "parcel":
            _do(desk, plan, Deed.REVIEW, desk.chief(plan), begun + timedelta(days=50), "同意报批")
