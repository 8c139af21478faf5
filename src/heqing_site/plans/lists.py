"""Writing the five lists and the chapters of a plan (清单、章节): each change is a new row; nothing is overwritten.

Rights: 方案编制 at the plan's unit, while the plan is being written. A broken link is kept, shown and counted; it
refuses the approval, not the writing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from heqing.plans import ListForm, lists_on
from heqing_site.audit.actions import record
from heqing_site.errors import RuleBrokenError
from heqing_site.orgs.models import User
from heqing_site.orgs.queries import require
from heqing_site.orgs.rules import Permission
from heqing_site.plans.models import Plan, PlanChapter, PlanItem
from heqing_site.plans.queries import newest_of
from heqing_site.plans.rules import CODE

LONGEST_WORDS = 2000
LONGEST_CHAPTER = 20_000


@transaction.atomic
def put_item(
    *,
    by: User,
    at: datetime,
    plan: Plan,
    list_key: str,
    code: str = "",
    words: str,
    links: Sequence[str] = (),
    values: Mapping[str, Any] | None = None,
    seen: int | None = None,
) -> tuple[PlanItem, bool]:
    """Write an item into a list (填写清单条目): a new one, or a new draft of the one that bears the number.

    Parameters
    ----------
    by, at
        Who writes, and when. Needs the right 方案编制 at the plan's unit.
    plan : Plan
        The plan, while it is being written.
    list_key : str
        The list.
    code : str
        The number of the item; left empty, the next one of the list is given.
    words : str
        The content.
    links : sequence of str
        The numbers of the items of the list before that it answers.
    values : mapping, optional
        The fields of the list by their keys; those left out are empty.
    seen : int, optional
        The draft that the writer had before them; another one since then is told, not overwritten.

    Returns
    -------
    tuple of PlanItem and bool
        The row that counts, and whether it was written now.
    """
    on = timezone.localdate(at)
    plan = _to_write(by, plan, on)
    form = lists_on(plan.drafted_on).get(list_key)
    if form is None:
        raise RuleBrokenError("plan.list_unknown", column="清单", list=list_key)
    code = code.strip().upper() or _next_code(plan, form)
    if CODE.fullmatch(code) is None:
        raise RuleBrokenError("plan.code_wrong", column="编号", code=code)
    told = _facts(form, words, links, values or {})
    if not told["words"]:
        raise RuleBrokenError("plan.item_words_missing", column="内容")
    newest = newest_of(plan, code)
    if newest is not None and newest.list_key != list_key and not newest.is_struck:
        raise RuleBrokenError("plan.code_taken", column="编号", code=code)
    same = newest is not None and not newest.is_struck and _facts_of(newest) == told
    if newest is not None and same:
        return newest, False
    if seen is not None and seen != (newest.number if newest else 0):
        who = newest.by.display_name if newest else ""
        raise RuleBrokenError("plan.item_changed_meanwhile", code=code, person=who)
    row = PlanItem(
        plan=plan,
        list_key=list_key,
        code=code,
        number=1 if newest is None else newest.number + 1,
        version=plan.version,
        on=on,
        at=at,
        by=by,
        **told,
    )
    _keep(row)
    record(
        by=by.actor,
        at=at,
        action="plans.put_item",
        subject=plan,
        before=None if newest is None else _plain(newest),
        after=_plain(row),
    )
    return row, True


@transaction.atomic
def strike_item(*, by: User, at: datetime, plan: Plan, code: str, because: str) -> PlanItem:
    """Strike an item from its list (删去清单条目) with the reason; its drafts stay on record.

    Needs the right 方案编制 at the plan's unit, while the plan is being written.
    """
    on = timezone.localdate(at)
    plan = _to_write(by, plan, on)
    newest = newest_of(plan, code)
    if newest is None:
        raise RuleBrokenError("plan.item_gone", code=code)
    if newest.is_struck:
        return newest
    if not because.strip():
        raise RuleBrokenError("because.missing")
    row = PlanItem(
        plan=plan,
        list_key=newest.list_key,
        code=code,
        number=newest.number + 1,
        version=plan.version,
        is_struck=True,
        on=on,
        at=at,
        by=by,
        **_facts_of(newest),
    )
    _keep(row)
    record(by=by.actor, at=at, action="plans.strike_item", subject=plan, because=because.strip(), before=_plain(newest))
    return row


@transaction.atomic
def write_chapter(*, by: User, at: datetime, plan: Plan, chapter: str, words: str) -> PlanChapter:
    """Write the words of a chapter (编写章节) as a new draft; the same words again change nothing.

    Needs the right 方案编制 at the plan's unit, while the plan is being written.
    """
    on = timezone.localdate(at)
    plan = _to_write(by, plan, on)
    if chapter not in {each.key for each in plan.rules.chapters_of(plan.kind)}:
        raise RuleBrokenError("plan.chapter_unknown", chapter=chapter)
    said = words.strip()[:LONGEST_CHAPTER]
    newest: PlanChapter | None = PlanChapter.objects.filter(plan=plan, chapter=chapter).order_by("-number").first()
    if newest is not None and newest.words == said:
        return newest
    row = PlanChapter(
        plan=plan,
        chapter=chapter,
        number=1 if newest is None else newest.number + 1,
        version=plan.version,
        words=said,
        on=on,
        at=at,
        by=by,
    )
    row.save()
    record(by=by.actor, at=at, action="plans.write_chapter", subject=plan, after={"chapter": chapter, "words": said})
    return row


# --- what they have in common -------------------------------------------------------------------------------------


def _to_write(by: User, plan: Plan, on: date) -> Plan:
    found = Plan.objects.select_for_update(of=("self",)).select_related("unit").get(pk=plan.pk)
    require(by, Permission.PLAN_EDIT, found.unit, on=on, matter=found.matter)
    if not found.is_writable:
        raise RuleBrokenError("plan.not_writable", plan=found, state=found.state_name)
    return found


def _next_code(plan: Plan, form: ListForm) -> str:
    taken = PlanItem.objects.filter(plan=plan, code__startswith=form.letter).values_list("code", flat=True)
    numbers = [int(found[1]) for code in taken if (found := re.fullmatch(rf"{form.letter}(\d+)", code))]
    return f"{form.letter}{max(numbers, default=0) + 1}"


def _facts(form: ListForm, words: str, links: Sequence[str], values: Mapping[str, Any]) -> dict[str, Any]:
    """Give the columns of a row as they will be kept; what the list does not have is refused."""
    known = {field.key: field for field in form.fields}
    told: dict[str, Any] = {
        "words": words.strip()[:LONGEST_WORDS],
        "links": list(dict.fromkeys(link.strip().upper() for link in links if link.strip())) if form.before else [],
    }
    for key, value in values.items():
        if key not in known:
            raise RuleBrokenError("plan.field_unknown", list=form.name_zh, field=key)
        if value in (None, ""):
            continue
        if key == "category" and value not in form.categories:
            raise RuleBrokenError("plan.category_unknown", column=known[key].name_zh, category=value)
        longest = getattr(PlanItem._meta.get_field(key), "max_length", None)
        if longest and len(str(value)) > longest:
            raise RuleBrokenError(
                "plan.field_too_long", column=known[key].name_zh, field=known[key].name_zh, most=longest
            )
        told[key] = value.strip() if isinstance(value, str) else value
    first, last = told.get("begins_on"), told.get("due_on")
    if first is not None and last is not None and last < first:
        raise RuleBrokenError("plan.item_ends_early", column=known["due_on"].name_zh)
    return {name: told.get(name, _EMPTY[name]) for name in _EMPTY}


_EMPTY: dict[str, Any] = {
    "words": "", "links": [], "category": "", "location": "", "cause": "", "severity": "", "found_by": "", "item": "",
    "section": None, "target": None, "baseline": "", "bound": "", "year": None, "quantity": "", "money": None,
    "work": "", "project": None, "unit": None, "person": "", "support": "", "begins_on": None, "due_on": None,
}  # fmt: skip


def _facts_of(row: PlanItem) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _EMPTY}


def _plain(row: PlanItem) -> dict[str, object]:
    told = {name: value for name, value in _facts_of(row).items() if value not in (None, "", [])}
    return {"code": row.code, "draft": row.number, **{name: _text(value) for name, value in told.items()}}


def _text(value: Any) -> object:
    return value if isinstance(value, int | list) else str(value)


def _keep(row: PlanItem) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:  # somebody else wrote the same draft in this moment
        raise RuleBrokenError("plan.item_changed_meanwhile", code=row.code, person="") from error
