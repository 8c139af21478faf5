"""Every deed on charges of chiefs (责任长): a post is put in charge, its sign board is kept, the charge ends.

Needs the right 点位与名录管理 at the unit where the thing lies. The charge is of the post: whoever holds it is
the chief.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from heqing_site.audit.actions import record
from heqing_site.errors import RuleBrokenError
from heqing_site.orgs.models import Post, Unit, User
from heqing_site.orgs.queries import require, unit_coded
from heqing_site.orgs.rules import KIND_NAMES, Permission, UnitKind
from heqing_site.places import systems
from heqing_site.places.models import Charge, River
from heqing_site.sheets.actions import take_in
from heqing_site.sheets.fields import CellError, Field, choice, day, lookup, text
from heqing_site.sheets.models import Intake
from heqing_site.sheets.reading import Row

ON_THE_BOARD = ("reach", "extent", "goal", "phone")


@transaction.atomic
def put_in_charge(
    *,
    by: User,
    at: datetime,
    system: str,
    level: str,
    post: Post,
    unit: Unit,
    started_on: date,
    because: str,
    river: River | None = None,
    place_name: str = "",
    reach: str = "",
    extent: str = "",
    goal: str = "",
    phone: str = "",
    is_invented: bool = False,
) -> Charge:
    """Put a post in charge (明确责任长) of a river or a named thing at a level, from a day on.

    The post that was in charge of the same until then is so until the eve of that day.
    """
    require(by, Permission.PLACE_EDIT, unit, on=timezone.localdate(at))
    _check_reason(because)
    kind = systems.system(system)
    step = kind.level(level) if kind is not None else None
    if kind is None or step is None:
        raise RuleBrokenError("charge.level_unknown", system=system, level=level)
    if kind.watches_rivers != (river is not None) or kind.watches_rivers == bool(place_name.strip()):
        raise RuleBrokenError("charge.thing_missing", system=kind.name, thing=kind.thing)
    if UnitKind(post.unit.kind) not in step.kinds:
        kinds = "、".join(KIND_NAMES[each] for each in UnitKind if each in step.kinds)
        raise RuleBrokenError("charge.level_of_another_unit", post=post, level=step.name, kinds=kinds)
    if not unit.is_active_on(started_on):
        raise RuleBrokenError("unit.parent_inactive", unit=unit, day=started_on)
    same = Charge.objects.select_for_update(of=("self",)).select_related("post__unit", "unit", "river")
    standing = same.filter(
        system=system, level=level, river=river, place_name=place_name.strip(), unit=unit, reach=reach.strip(),
        ended_on__isnull=True,
    ).first()  # fmt: skip
    if standing is not None and standing.post_id == post.pk:
        raise RuleBrokenError("charge.exists", charge=standing, day=standing.started_on)
    if standing is not None:
        if started_on <= standing.started_on:
            raise RuleBrokenError("charge.begins_too_early", charge=standing, day=standing.started_on)
        _end(standing, by, at, started_on - timedelta(days=1), f"改由{post}负责：{because}")
    charge = Charge.objects.create(
        system=system,
        level=level,
        post=post,
        river=river,
        place_name=place_name.strip(),
        unit=unit,
        reach=reach.strip(),
        extent=extent.strip(),
        goal=goal.strip(),
        phone=phone.strip(),
        started_on=started_on,
        because=because.strip()[:200],
        is_invented=is_invented or bool(river and river.is_invented),
    )
    record(by=by.actor, at=at, action="places.put_in_charge", subject=charge, because=because, after=_facts(charge))
    return charge


@transaction.atomic
def keep_board(*, by: User, at: datetime, charge: Charge, extent: str, goal: str, phone: str, because: str) -> Charge:
    """Put right what the sign board shows (更新公示牌): length or area, goal, phone."""
    _check_reason(because)
    charge = _take_up(by, at, charge)
    before = _facts(charge)
    charge.extent, charge.goal, charge.phone = extent.strip(), goal.strip(), phone.strip()
    after = _facts(charge)
    if after == before:
        raise RuleBrokenError("charge.nothing_changed", charge=charge)
    charge.save(update_fields=["extent", "goal", "phone"])
    record(by=by.actor, at=at, action="places.keep_board", subject=charge, because=because, before=before, after=after)
    return charge


@transaction.atomic
def end_charge(*, by: User, at: datetime, charge: Charge, last_day: date, because: str) -> Charge:
    """End a charge (终止责任) with its last day and the reason."""
    _check_reason(because)
    charge = _take_up(by, at, charge)
    if last_day < charge.started_on:
        raise RuleBrokenError("charge.ends_before_start", day=charge.started_on)
    return _end(charge, by, at, last_day, because)


def _take_up(by: User, at: datetime, charge: Charge) -> Charge:
    found = Charge.objects.select_for_update(of=("self",)).select_related("unit", "post__unit", "river")
    charge = found.get(pk=charge.pk)
    require(by, Permission.PLACE_EDIT, charge.unit, on=timezone.localdate(at))
    if charge.ended_on is not None:
        raise RuleBrokenError("charge.already_ended", charge=charge, day=charge.ended_on)
    return charge


def _end(charge: Charge, by: User, at: datetime, last_day: date, because: str) -> Charge:
    charge.ended_on, charge.ended_because = last_day, because.strip()[:200]
    charge.save(update_fields=["ended_on", "ended_because"])
    record(
        by=by.actor,
        at=at,
        action="places.end_charge",
        subject=charge,
        because=because,
        after={"ended_on": last_day},
    )
    return charge


def _check_reason(because: str) -> None:
    if not because.strip():
        raise RuleBrokenError("because.missing")


def _facts(charge: Charge) -> dict[str, object]:
    return {
        "system": charge.system,
        "level": charge.level,
        "thing": charge.thing,
        "post": str(charge.post),
        "unit": str(charge.unit),
        "started_on": charge.started_on,
        **{name: getattr(charge, name) for name in ON_THE_BOARD},
    }


# --- from and to Excel --------------------------------------------------------------------------------------------


def _river(typed: str) -> River | None:
    by_code = River.objects.filter(code=typed).first()
    named = list(River.objects.filter(name=typed, retired_on__isnull=True)[:2]) if by_code is None else []
    return by_code or (named[0] if len(named) == 1 else None)


FIELDS = (
    Field("制度", choice({found.name: found for found in systems.systems()}), needed=True),
    Field("级别", text(20), needed=True, says="；".join(
        f"{found.name}：{'、'.join(level.name for level in found.levels)}" for found in systems.systems()
    )),
    Field("河湖", lookup(_river, "河湖"), width=18, says="河长制必填：河湖代码，或不重名的名称"),
    Field("地点名称", text(80), width=22, says="其他制度必填：门店、楼栋、道路等的名称"),
    Field("范围", text(120), width=26, says="起止点或四至"),
    Field("所在单位", lookup(unit_coded, "单位代码"), needed=True, width=18, says="单位代码"),
    Field("职务所在单位", lookup(unit_coded, "单位代码"), needed=True, width=18, says="单位代码"),
    Field("职务", text(60), needed=True, width=22, says="须已在该单位设立"),
    Field("现任", text(40), says="只供查看，导入时不读"),
    Field("长度（面积）", text(40)),
    Field("目标", text(200), width=24),
    Field("监督电话", text(40), width=16),
    Field("起始日期", day(), needed=True, number_format="yyyy-mm-dd"),
    Field("截止日期", day(), number_format="yyyy-mm-dd"),
    Field("终止理由", text(200), width=24),
)  # fmt: skip


def take_in_charges(
    *, by: User, at: datetime, because: str, back: str, file_name: str = "", content: bytes = b"", pasted: str = "",
    language: str | None = None,
) -> Intake:  # fmt: skip
    """Take in a sheet of charges (导入责任长名册); brought again it changes what differs."""
    _check_reason(because)

    def enter(row: Row) -> bool:
        return _enter(by, at, because.strip()[:150], row)

    return take_in(
        by=by, at=at, subject="places.charges", back=back, fields=FIELDS, enter=enter, file_name=file_name,
        content=content, pasted=pasted, title="责任长名册", language=language,
    )  # fmt: skip


def _enter(by: User, at: datetime, because: str, row: Row) -> bool:
    system: systems.System = row.values["制度"]
    level = next((step for step in system.levels if step.name == row.values["级别"]), None)
    if level is None:
        raise CellError(
            f"{system.name}没有“{row.values['级别']}”；可填{'、'.join(step.name for step in system.levels)}。"
        )
    home: Unit = row.values["职务所在单位"]
    post = home.posts.select_related("unit").filter(name=row.values["职务"]).first()
    if post is None:
        raise CellError(f"“{home}”没有名为“{row.values['职务']}”的职务，请先设立。")
    key: dict[str, Any] = {
        "system": system.key, "level": level.key, "river": row.get("河湖"), "place_name": row.get("地点名称", ""),
        "unit": row.values["所在单位"], "reach": row.get("范围", ""),
    }  # fmt: skip
    board: dict[str, Any] = {
        "extent": row.get("长度（面积）", ""), "goal": row.get("目标", ""), "phone": row.get("监督电话", ""),
    }  # fmt: skip
    who: dict[str, Any] = {"by": by, "at": at}
    kept = Charge.objects.filter(**key, post=post, started_on=row.values["起始日期"]).first()
    changed = kept is None
    if kept is None:
        running = Charge.objects.filter(**key, post=post, ended_on__isnull=True).first()
        if running is not None:
            raise CellError(f"已登记为 {running.started_on} 起，起始日期不能由表格修改。")
        kept = put_in_charge(**who, **key, **board, post=post, started_on=row.values["起始日期"], because=because)
    elif kept.ended_on is None and any(getattr(kept, name) != value for name, value in board.items()):
        keep_board(**who, **board, charge=kept, because=because)
        changed = True
    if row.get("截止日期") is not None and kept.ended_on is None:
        end_charge(**who, charge=kept, last_day=row.values["截止日期"], because=row.get("终止理由") or because)
        changed = True
    return changed


def rows(charges: Any) -> Iterator[dict[str, Any]]:
    """Give charges, listed with their holders, as rows of the sheet."""
    for charge in charges:
        yield {
            "制度": charge.system_name,
            "级别": charge.level_name,
            "河湖": charge.river.code if charge.river else None,
            "地点名称": charge.place_name or None,
            "范围": charge.reach or None,
            "所在单位": charge.unit.code,
            "职务所在单位": charge.post.unit.code,
            "职务": charge.post.name,
            "现任": charge.holder_name or None,
            "长度（面积）": charge.extent or None,
            "目标": charge.goal or None,
            "监督电话": charge.phone or None,
            "起始日期": charge.started_on,
            "截止日期": charge.ended_on,
            "终止理由": charge.ended_because or None,
        }
