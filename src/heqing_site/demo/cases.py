"""Invented cases of the demonstration: through the real actions, by the invented people.

It is done once. Reds of the last verdicts become cases as the rounds would open them; where there are too few, cases of
sections and cases that a person saw fill up. Every text says 演示. Look next at ``cases.actions``.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from heqing_site.cases import actions
from heqing_site.cases.models import Case
from heqing_site.demo import rules
from heqing_site.library.evidence import File
from heqing_site.orgs.models import Unit, User
from heqing_site.places.models import Section
from heqing_site.reporting.rules import Kind, around
from heqing_site.verdicts.queries import newest

Tell = Callable[[str], None]
RECTIFIER = "shuiwu"  # who rectifies what concerns water
LATE_UNIT, MANUAL_UNIT = "990201102", "990201101"  # 石汀镇, 云澜镇
MOST_REDS = 3
MORNING = time(9, 30)


@transaction.atomic
def add_cases(*, at: datetime, tell: Tell) -> None:
    """Bring invented cases about (生成演示问题): waiting, overdue, waiting for verification, closed, and come back."""
    if Case.objects.exists() or not User.objects.filter(username=rules.CHECKER).exists():
        return
    desk = _Desk(at)
    on = timezone.localdate(at)
    _come_back(desk)
    _closed(desk)
    _waiting_for_verification(desk)
    _overdue(desk)
    reds = newest(as_of=on).filter(light="red").select_related("target").order_by("target__number")[:MOST_REDS]
    for day in sorted({red.day for red in reds}):
        actions.open_for_verdicts(at=at, on=day, verdicts=[red for red in reds if red.day == day])
    actions.open_case(
        by=desk.person(rules.OFFICER),
        at=desk.morning(1),
        title="演示：云澜溪云上村段岸边堆放建筑垃圾",
        detail="演示：巡查发现云澜溪左岸约三十米堆放建筑垃圾，雨后易入河。",
        unit=Unit.objects.get(code=MANUAL_UNIT),
        is_invented=True,
    )
    tell(f"生成演示问题 {Case.objects.count()} 件：待交办、逾期、待核查、已销号、反弹各有 …")


class _Desk:
    """The invented people, and mornings before the day of the demonstration."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.on = timezone.localdate(at)

    def person(self, username: str) -> User:
        return User.objects.select_related("unit").get(username=username)

    def morning(self, days_ago: int) -> datetime:
        day = datetime.combine(self.on - timedelta(days=days_ago), MORNING, tzinfo=timezone.get_current_timezone())
        return min(day, self.at)

    def month(self, day: date) -> Any:
        return around(Kind.MONTH, day)

    def section(self, code: str) -> Section:
        return Section.objects.select_related("unit").get(code=code)


def _exceed(desk: _Desk, code: str, day: date, moment: datetime, words: str) -> Case:
    section = desk.section(code)
    return actions.open_for_section(
        at=moment,
        on=timezone.localdate(moment),
        section=section,
        month=desk.month(day),
        water_class=section.target_class + 1,
        required_class=section.target_class,
        reason=f"演示：{words}",
    )


def _assign(desk: _Desk, case: Case, days_ago: int, unit: Unit | None = None) -> None:
    actions.assign(
        by=desk.person(rules.CHECKER),
        at=desk.morning(days_ago),
        case=case,
        unit=unit,
        note="演示：请查清来源，按期整改并报佐证",
    )


def _rectify(desk: _Desk, case: Case, days_ago: int, words: str) -> None:
    by = desk.person(RECTIFIER)
    actions.accept_case(by=by, at=desk.morning(days_ago + 6), case=case)
    actions.submit_rectification(
        by=by, at=desk.morning(days_ago), case=case, note=f"演示：{words}", files=[File("演示照片.png", picture())]
    )


def _close(desk: _Desk, case: Case, days_ago: int) -> None:
    by = desk.person(rules.CHECKER)
    actions.verify(by=by, at=desk.morning(days_ago + 2), case=case, note="演示：现场核查，措施到位，水质达标")
    actions.close_out(by=by, at=desk.morning(days_ago), case=case, note="演示：同意销号")


def _come_back(desk: _Desk) -> None:
    """Close a case in spring; a month that begins after the closing exceeds again."""
    first = desk.morning(200)
    case = _exceed(desk, "QL-S06", timezone.localdate(first) - timedelta(days=30), first, "总磷超标 0.3 倍")
    _assign(desk, case, 198, desk.person(RECTIFIER).unit)
    _rectify(desk, case, 180, "石汀闸上游两处直排口已封堵")
    _close(desk, case, 170)
    after = desk.on.replace(day=1) - timedelta(days=1)
    _exceed(desk, "QL-S06", after, desk.morning(min(desk.on.day - 1, 5)), "总磷再次超标 0.2 倍")


def _closed(desk: _Desk) -> None:
    first = desk.morning(90)
    case = _exceed(desk, "QL-S02", timezone.localdate(first) - timedelta(days=30), first, "氨氮超标 0.1 倍")
    _assign(desk, case, 88, desk.person(RECTIFIER).unit)
    _rectify(desk, case, 65, "雨污混接三处已改接，管网已清淤")
    _close(desk, case, 60)


def _waiting_for_verification(desk: _Desk) -> None:
    first = desk.morning(25)
    case = _exceed(desk, "QL-S07", timezone.localdate(first) - timedelta(days=25), first, "高锰酸盐指数超标 0.1 倍")
    _assign(desk, case, 23, desk.person(RECTIFIER).unit)
    _rectify(desk, case, 2, "入江口上游河段已清淤，岸边养殖已清退")


def _overdue(desk: _Desk) -> None:
    case = actions.open_case(
        by=desk.person(rules.CHECKER),
        at=desk.morning(30),
        title="演示：石汀镇汀头村露天焚烧秸秆",
        detail="演示：群众反映汀头村傍晚露天焚烧秸秆，烟气明显。",
        unit=Unit.objects.get(code=LATE_UNIT),
        is_invented=True,
    )
    _assign(desk, case, 28)
    actions.accept_case(by=desk.person("shiting"), at=desk.morning(27), case=case, note="演示：已安排人员巡查")


def picture(width: int = 160, height: int = 110) -> bytes:
    """Draw a plain picture (演示照片): a bank and water, so that nobody takes it for a photo."""
    rows = b"".join(
        b"\0" + bytes(colour for _ in range(width) for colour in (_water(y) if y > height // 2 else (226, 232, 228)))
        for y in range(height)
    )

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def _water(y: int) -> tuple[int, int, int]:
    return (42, 120, 150) if y % 6 else (90, 160, 180)
