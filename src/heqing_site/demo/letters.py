"""Invented letters of the demonstration: through the real actions, by the invented people.

It is done once. A target-task book goes down to all towns and streets, a commitment comes up from them; most are
signed, one waits for its town, one for its review. Then a target is amended: its letters show it, and one is issued
anew. Look next at ``letters.actions``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from heqing_site.demo import rules
from heqing_site.demo.rules import Tell
from heqing_site.ledger import actions as ledger
from heqing_site.ledger.models import TargetTerms
from heqing_site.ledger.queries import terms_as_of
from heqing_site.letters import actions, queries, signatures
from heqing_site.letters.actions import Edit
from heqing_site.letters.models import Letter, LetterSeries
from heqing_site.letters.rules import Side, State
from heqing_site.letters.signatures import Signature
from heqing_site.library.evidence import File
from heqing_site.orgs import actions as orgs
from heqing_site.orgs.models import Term, Unit, User
from heqing_site.orgs.rules import Role, UnitKind

HEAD = "quzhang"  # who signs for the district
MORNING = time(9, 30)
DRAFTED, HANDED_DOWN, SIGNED, COMMITTED = 24, 20, 17, 12  # days before the day of the demonstration
SHARED = 3  # targets of air and of water that every letter states
TASKS = "演示：{town}河道日常巡查和保洁｜每周不少于一次，记录可查｜{year}年12月底前｜{town}生态办\n演示：{town}工地、道路扬尘巡查｜问题发现后三日内整改｜{year}年12月底前｜{town}综合执法队"  # noqa: E501
AMENDED = "污水管网"
SCAN = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"  # noqa: E501


@transaction.atomic
def add_letters(*, at: datetime, tell: Tell) -> None:
    """Bring invented letters about (生成演示责任书): signed, waiting, to be reviewed, and one amended."""
    if LetterSeries.objects.exists() or not User.objects.filter(username=rules.CHECKER).exists():
        return
    desk = _Desk(at)
    _let_heads_sign(desk)
    down = _series(desk, "task_book", "深入打好污染防治攻坚战", "治气治水", ("air", "water"), DRAFTED)
    letters = _written(desk, down, DRAFTED)
    for letter in letters:
        _issue(desk, letter, HANDED_DOWN)
    _scan(desk, letters[0])
    for letter in letters[1:-1]:
        _confirm(desk, letter, Side.ISSUER, SIGNED + 1)
        _confirm(desk, letter, Side.RECEIVER, SIGNED)
    _confirm(desk, letters[-1], Side.ISSUER, SIGNED + 1)
    up = _series(desk, "commitment", "河长制工作与幸福河湖建设", "治水", ("water",), COMMITTED)
    promised = _written(desk, up, COMMITTED)
    for letter in promised[:-2]:
        _issue(desk, letter, COMMITTED - 2)
        _confirm(desk, letter, Side.RECEIVER, COMMITTED - 3)
        _confirm(desk, letter, Side.ISSUER, COMMITTED - 4)
    _issue(desk, promised[-2], COMMITTED - 2)
    actions.submit(by=desk.person(rules.OFFICER), at=desk.morning(2), letter=_now(promised[-1]))
    _amend(desk, letters[1])
    told = Letter.objects.filter(state=State.SIGNED.value).count()
    tell(f"生成演示责任书 {Letter.objects.count()} 份：已签 {told} 份，待签、待审、修订重下各有 …")


class _Desk:
    """The invented people, and mornings before the day of the demonstration."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.on = timezone.localdate(at)
        self.district = Unit.objects.get(code=rules.DISTRICT_CODE)
        kinds = [UnitKind.TOWN.value, UnitKind.STREET.value]
        self.towns = list(Unit.objects.filter(parent=self.district, kind__in=kinds).order_by("code"))

    def person(self, username: str) -> User:
        return User.objects.select_related("unit").get(username=username)

    def morning(self, days_ago: int) -> datetime:
        day = datetime.combine(self.on - timedelta(days=days_ago), MORNING, tzinfo=timezone.get_current_timezone())
        return min(day, self.at)

    def head_of(self, unit: Unit) -> User:
        if unit == self.district:
            return self.person(HEAD)
        held = Term.objects.current_on(self.on).filter(post__unit=unit).select_related("holder", "post__unit")
        return next(term.holder for term in held if queries.principal_term(term.holder, unit, on=self.on) is not None)


def _let_heads_sign(desk: _Desk) -> None:
    """Give the heads of towns and streets the right to sign for them."""
    for town in desk.towns:
        orgs.grant_role(
            by=desk.person("admin"), at=desk.at, user=desk.head_of(town), role=Role.LEADER, unit=town,
            valid_from=desk.on - timedelta(days=365),
        )  # fmt: skip


def _series(desk: _Desk, kind: str, topic: str, campaign: str, pillars: Sequence[str], days_ago: int) -> LetterSeries:
    moment = desk.morning(days_ago)
    known = terms_as_of(timezone.localdate(moment)).order_by("target__number")
    shared: list[int] = []
    for pillar in pillars:
        numbers = known.filter(pillar=pillar, bound__isnull=False).values_list("target__number", flat=True)
        shared += list(numbers.exclude(title__contains=AMENDED)[:SHARED])
    shared += list(
        known.filter(title__contains=AMENDED, bound__isnull=False).values_list("target__number", flat=True)[:1]
    )
    return actions.open_series(
        by=desk.person(rules.OFFICER),
        at=moment,
        kind=kind,
        topic=topic,
        year=desk.on.year,
        issuer=desk.district,
        receivers=desk.towns,
        campaign=campaign,
        pillars=list(pillars),
        shared_targets=shared,
        is_invented=True,
    )


def _written(desk: _Desk, series: LetterSeries, days_ago: int) -> list[Letter]:
    by, at, written = desk.person(rules.OFFICER), desk.morning(days_ago), []
    for town in desk.towns:
        letter = actions.draft(by=by, at=at, series=series, receiver=town)
        tasks = TASKS.format(town=town.name, year=series.year)
        written.append(actions.edit(by=by, at=at, letter=letter, changes=Edit(more_tasks=tasks)))
    return written


def _issue(desk: _Desk, letter: Letter, days_ago: int) -> None:
    checker = desk.person(rules.CHECKER)
    actions.submit(by=desk.person(rules.OFFICER), at=desk.morning(days_ago + 2), letter=letter)
    actions.review(by=checker, at=desk.morning(days_ago + 1), letter=letter)
    actions.issue(by=checker, at=desk.morning(days_ago), letter=letter)


def _now(letter: Letter) -> Letter:
    found = queries.letter_with(letter.pk)
    if found is None:
        raise ValueError("The letter is gone.")
    return found


def _confirm(desk: _Desk, letter: Letter, side: Side, days_ago: int) -> None:
    letter = _now(letter)
    by = desk.head_of(letter.unit_of(side))
    signatures.confirm(by=by, at=desk.morning(days_ago), letter=letter, side=side, password=rules.PASSWORD)


def _scan(desk: _Desk, letter: Letter) -> None:
    letter = _now(letter)
    day = timezone.localdate(desk.morning(SIGNED))
    both = [
        Signature(side, desk.head_of(letter.unit_of(side)).display_name, day) for side in (Side.ISSUER, Side.RECEIVER)
    ]
    signatures.enter_scan(
        by=desk.person(rules.CHECKER), at=desk.morning(SIGNED), letter=letter, signatures=both,
        files=[File("演示签字件.pdf", SCAN)],
    )  # fmt: skip


def _amend(desk: _Desk, letter: Letter) -> None:
    """Amend a target that the letters state, and issue one of them anew."""
    by = desk.person(rules.OFFICER)
    lines = queries.version_of(letter, _now(letter).in_force).lines.order_by("place")
    line = lines.filter(terms__title__contains=AMENDED).first()
    if line is None:
        return
    bound = TargetTerms.objects.filter(target=line.target).order_by("-pk")[0].bound or Decimal(0)
    ledger.amend_target(
        by=by, at=desk.morning(1), target=line.target, changes={"bound": bound + 2}, because="演示：上级追加任务"
    )
    revision = actions.amend(
        by=by, at=desk.morning(1), letter=_now(letter), reason="policy", because="演示：上级追加任务",
        authority="演示：区政府常务会议纪要",
    )  # fmt: skip
    checker = desk.person(rules.CHECKER)
    actions.submit(by=by, at=desk.morning(0), letter=revision)
    actions.review(by=checker, at=desk.at, letter=revision)
    actions.issue(by=checker, at=desk.at, letter=revision)
