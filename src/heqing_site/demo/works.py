"""The invented key list (攻坚清单) of the demonstration: tasks and projects in every pipeline, some late, some pressed.

It is done once, through the real actions, by the invented people; what a row of ``district/works.csv`` says is played
day by day up to the day of the demonstration. Look next at ``works.actions``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial

from django.db import transaction
from django.utils import timezone

from heqing.works import Kind, Outlook, Stage, planned_percent
from heqing_site.demo import rules
from heqing_site.demo.cases import picture
from heqing_site.ledger import actions as ledger
from heqing_site.ledger.models import Target
from heqing_site.ledger.queries import terms_as_of
from heqing_site.ledger.rules import Rhythm, SourceKind
from heqing_site.library.evidence import File
from heqing_site.orgs.models import Post, Unit, User
from heqing_site.places.models import Enterprise
from heqing_site.works import actions, contributions, course, progress, slips
from heqing_site.works.models import TaskList, Work
from heqing_site.works.progress import Told
from heqing_site.works.records import Slip, WorkPaper
from heqing_site.works.rules import State, first_of, last_of, next_month

CHECKERS = "990201-02"  # 区督查室
COUNTED = "works.contributed"
LEAD_TIME = 12  # days between the list and the planned start
BEHIND, HOPELESS = Decimal("0.85"), Decimal("0.6")
AFTERNOON = time(15, 0)


@transaction.atomic
def add_works(*, at: datetime, tell: rules.Tell) -> None:
    """Bring the invented key list about (生成演示任务清单)."""
    if TaskList.objects.exists() or not User.objects.filter(username=rules.CHECKER).exists():
        return
    desk = _Desk(at)
    rows = rules.rows("works")
    lists = {
        kind: actions.create_list(
            by=desk.maker, at=desk.at_day(desk.day_ago(340)), name=name, kind=key, year=desk.on.year,
            issuer=desk.unit(rules.DISTRICT_CODE), source=source, is_invented=True,
        )
        for kind, key, name, source in (
            (Kind.TASK, "key", "青澜区生态环境重点攻坚清单", "演示：区委区政府年度工作部署"),
            (Kind.PROJECT, "projects", "青澜区治水治土与盘活用地重点项目清单", "演示：区政府常务会议议定"),
        )
    }  # fmt: skip
    for task_list in lists.values():
        actions.issue_list(
            by=desk.maker, at=desk.at_day(desk.day_ago(339)), task_list=task_list, because="演示：首次印发"
        )
    for row in rows:
        _play(desk, row, lists[Kind(row["kind"])])
    for task_list in lists.values():
        actions.issue_list(by=desk.maker, at=desk.at_day(desk.on), task_list=task_list, because="演示：年中增补后印发")
    _count_by_works(desk)
    _count(desk, rows)
    _press(desk)
    progress.judge_works(at=at, on=desk.on)
    slips.propose_slips(at=at, on=desk.on)
    _press_today(desk)
    tell(f"生成演示任务和项目 {Work.objects.count()} 项、督办单 {Slip.objects.count()} 张 …")


class _Desk:
    """The invented people, units and days."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.on = timezone.localdate(at)
        self.units = {unit.code: unit for unit in Unit.objects.select_related("parent")}
        people = User.objects.select_related("unit").in_bulk(field_name="username")
        self.maker, self.checker = people[rules.OFFICER], people[rules.CHECKER]
        officers = {row["username"] for row in rules.rows("people") if row["role"] == "officer"}
        self.actors = {user.unit.code: user for name, user in people.items() if name in officers and user.unit}
        posts = Post.objects.select_related("unit")
        self.posts = {(post.unit.code, post.name): post for post in posts}

    def unit(self, code: str) -> Unit:
        return self.units[code]

    def day_ago(self, days: int) -> date:
        return self.on - timedelta(days=days)

    def at_day(self, day: date, clock: time = AFTERNOON) -> datetime:
        moment = datetime.combine(day, clock, tzinfo=timezone.get_current_timezone())
        return min(moment, self.at)


@dataclass(frozen=True)
class _Event:
    """Something that happens on a day: a stage ends, or a month is told."""

    day: date
    deed: Callable[[], None]


def _play(desk: _Desk, row: dict[str, str], task_list: TaskList) -> None:
    start = desk.day_ago(int(row["begun"]) - LEAD_TIME)
    finish = desk.on + timedelta(days=int(row["finish"]))
    made = desk.day_ago(int(row["begun"]))
    pace = Decimal(row["pace"])
    lead, acting = desk.unit(row["lead"]), desk.unit(row["acting"])
    head = desk.posts.get((row["lead"], "局长"))
    firm = Enterprise.objects.filter(code=row["enterprise"]).first() if row["enterprise"] else None
    targets = _targets(row["target"], desk.on)
    work = actions.create_work(
        by=desk.maker,
        at=desk.at_day(made),
        task_list=task_list,
        item=row["item"],
        kind=Kind(row["kind"]),
        pipeline=row["pipeline"],
        facts={
            "title": row["title"],
            "requirement": row["requirement"],
            "pillar": row["pillar"],
            "lead_unit": lead,
            "principal": desk.posts[rules.DISTRICT_CODE, "区长"] if pace else None,
            "leader": desk.posts[rules.DISTRICT_CODE, "副区长（分管生态环境）"],
            "acting_unit": acting,
            "actor": head,
            "checker_unit": desk.unit(CHECKERS),
            "planned_start": start,
            "planned_finish": finish,
            "place_unit": firm.unit if firm else acting if row["acting"].startswith("9902011") else None,
            "enterprise": firm,
            "lon": Decimal(row["lon"]) if row["lon"] else None,
            "lat": Decimal(row["lat"]) if row["lat"] else None,
            "money": Decimal(row["money"]) if row["money"] else None,
            "money_by_fund": dict(part.split("=") for part in row["funds"].split(";") if part),
            "is_important": row["item"] in ("P5", "11"),
        },
        targets=targets[:1],
        is_invented=True,
    )
    if not pace:
        return  # still to be begun: its principal leader is not named
    actions.activate(by=desk.maker, at=desk.at_day(made, time(16, 0)), work=work)
    events = [*_stage_events(desk, work, row, start, finish, pace), *_month_events(desk, work, row, pace)]
    for event in sorted(events, key=lambda event: event.day):
        event.deed()


def _stage_events(
    desk: _Desk, work: Work, row: dict[str, str], start: date, finish: date, pace: Decimal
) -> Iterator[_Event]:
    """Let each stage end when its share is reached at the pace of the work."""
    pipeline = course.pipeline_of(Work.objects.get(pk=work.pk), on=desk.on)
    length, done = (finish - start).days, Decimal(0)
    for number, stage in enumerate(pipeline.stages):
        done += stage.share
        is_last = number + 1 == len(pipeline.stages)
        day = start + timedelta(days=max(int(length * done / 100 / pace), number))
        if day >= desk.on or (is_last and pace < 1):
            return
        yield _Event(day, partial(_end, desk, work, row, stage, day, is_last))


def _end(desk: _Desk, work: Work, row: dict[str, str], stage: Stage, day: date, is_last: bool) -> None:
    actor = desk.actors[row["acting"]]
    for number, paper in enumerate(stage.papers):
        if paper.is_needed:
            file = File(f"演示_{paper.name_zh}.png", picture())
            actions.add_paper(
                by=actor, at=desk.at_day(day, time(10, 0)), work=work, paper=paper.key, file=file, issued_on=day,
                paper_number=f"演示〔{day.year}〕{work.number:03d}-{stage.place}{number}",
            )  # fmt: skip
    if is_last:
        actions.advance(by=desk.checker, at=desk.at_day(day), work=work, note="演示：现场核查属实，同意办结")
    else:
        actions.advance(by=actor, at=desk.at_day(day), work=work)


def _month_events(desk: _Desk, work: Work, row: dict[str, str], pace: Decimal) -> Iterator[_Event]:
    """Let each month that ended be told on the third day of the next, and checked two days later."""
    known = Work.objects.get(pk=work.pk)
    month = first_of(known.activated_on or desk.on)
    while last_of(month) < desk.on:
        told_on = next_month(month) + timedelta(days=2)
        is_newest = next_month(month, 2) > desk.on
        if told_on <= desk.on and not (is_newest and work.number % 5 == 0):
            yield _Event(told_on, partial(_tell, desk, work, row, pace, month, told_on, is_newest))
        month = next_month(month)


def _tell(
    desk: _Desk, work: Work, row: dict[str, str], pace: Decimal, month: date, told_on: date, is_newest: bool
) -> None:
    known = Work.objects.get(pk=work.pk)
    if known.state != State.ACTIVE:
        return
    planned = planned_percent(known.planned_start, known.planned_finish, last_of(month)) or Decimal(0)
    percent = min(planned * pace, Decimal(96)).quantize(Decimal("0.1"))
    outlook = Outlook.UNABLE if pace <= HOPELESS else Outlook.ABLE if pace < BEHIND else Outlook.NORMAL
    problem = "演示：前期手续和资金到位偏慢，请区级协调" if outlook is not Outlook.NORMAL else ""
    paid = None if known.money is None else (known.money * percent / 100).quantize(Decimal("0.01"))
    row_told = progress.report_progress(
        by=desk.actors[row["acting"]],
        at=desk.at_day(told_on, time(10, 0)),
        work=work,
        month=month,
        told=Told(percent, f"演示：{month.month} 月按计划推进，累计完成约 {percent}%。", problem, outlook, paid=paid),
    )
    checked_on = told_on + timedelta(days=2)
    if checked_on <= desk.on and not (is_newest and work.number % 4 == 0):
        progress.check_progress(by=desk.checker, at=desk.at_day(checked_on), progress=row_told, is_accepted=True)


def _targets(words: str, on: date) -> list[Target]:
    if not words:
        return []
    found = terms_as_of(on).filter(title__contains=words).select_related("target").order_by("target__number")
    return [terms.target for terms in found[:1]]


def _count_by_works(desk: _Desk) -> None:
    """Let one target be counted by works instead of being reported."""
    for target in _targets("高耗低效", desk.on):
        ledger.set_source(
            by=desk.maker, at=desk.at, target=target, source_kind=SourceKind.REGISTER, rhythm=Rhythm.MONTH,
            because="演示：由项目逐家计入，同一企业只计一次", statistic=COUNTED,
        )  # fmt: skip


def _count(desk: _Desk, rows: list[dict[str, str]]) -> None:
    for row in rows:
        work = Work.objects.filter(task_list__kind="projects", item=row["item"]).first()
        if not row["object"] or work is None:
            continue
        for link in work.links.filter(terms_number=work.terms_number).select_related("target"):
            paper = WorkPaper.objects.filter(work=work).order_by("-pk").first()
            contributions.count_contribution(
                by=desk.maker, at=desk.at, work=work, target=link.target, object_key=row["object"],
                amount=Decimal(row["amount"]), words="演示：现场核验，附阶段材料", paper=paper,
            )  # fmt: skip


def _press(desk: _Desk) -> None:
    """Let three works have been pressed before today: one slip closed, one raised and answered, one unanswered."""
    behind = Work.objects.filter(state=State.ACTIVE.value, number__in=[3, 5, 11, 26, 30]).order_by("number")
    told = dict(enumerate(behind))
    if (work := told.get(0)) is not None:
        slip = _issued(desk, work, 26, "进度偏慢，请说明原因。")
        _answered(desk, work, slip, 22, "设备到货推迟，已加派人手。")
        slips.accept_answer(by=desk.checker, at=desk.at_day(desk.day_ago(20)), slip=slip, note="演示：理由正当。")
    if (work := told.get(1)) is not None:
        slip = _issued(desk, work, 24, "时限临近，请抓紧。")
        raised_on = desk.at_day(desk.day_ago(10))
        graver = slips.raise_slip(by=desk.checker, at=raised_on, slip=slip, note="演示：到期未回复，也未落实。")
        _answered(desk, work, graver, 5, "本月底前完成剩余点位安装。")
    if (work := told.get(2)) is not None:
        _issued(desk, work, 3, "逾期未完成，请说明原因和完成时间。")
    asking = Work.objects.filter(state=State.ACTIVE.value, number=15, planned_finish__gte=desk.on).first()
    if asking is not None and asking.planned_finish is not None:
        actions.ask_postponement(
            by=_actor(desk, asking), at=desk.at_day(desk.day_ago(1)), work=asking,
            new_finish=asking.planned_finish + timedelta(days=20), note="演示：两户资料补正，已核实八成。",
        )  # fmt: skip


def _issued(desk: _Desk, work: Work, days_ago: int, words: str) -> Slip:
    moment = desk.at_day(desk.day_ago(days_ago))
    slip = slips.propose_slip(by=desk.checker, at=moment, work=work, words=f"演示：{words}", is_invented=True)
    return slips.issue_slip(by=desk.checker, at=moment, slip=slip)


def _answered(desk: _Desk, work: Work, slip: Slip, days_ago: int, note: str) -> None:
    moment = desk.at_day(desk.day_ago(days_ago))
    slips.answer_slip(by=_actor(desk, work), at=moment, slip=slip, note=f"演示：{note}")


def _press_today(desk: _Desk) -> None:
    """Issue two of the slips that the round of the day proposed; the others wait for whoever tries it."""
    for slip in Slip.objects.filter(state="proposed").order_by("number")[:2]:
        slips.issue_slip(by=desk.checker, at=desk.at, slip=slip)


def _actor(desk: _Desk, work: Work) -> User:
    acting = next(unit for unit in desk.units.values() if unit.pk == work.acting_unit_id)
    return desk.actors[acting.code]
