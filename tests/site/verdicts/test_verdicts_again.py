"""Late, corrected and re-audited data; what was known then; what another standard would say; the verdict in words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import typer
from tests.site.api.conftest import call_as  # noqa: F401  fixture of the API
from tests.site.conftest import AT
from tests.site.monitoring.conftest import bring, ground  # noqa: F401  fixtures of the room below
from tests.site.reporting.conftest import FEBRUARY, LATER, typed

from heqing_site.errors import RuleBrokenError
from heqing_site.ledger import actions as ledger
from heqing_site.ledger.rules import Light, SourceKind
from heqing_site.monitoring.queries import Touched
from heqing_site.reporting import actions as reporting
from heqing_site.rounds import verbs
from heqing_site.rounds.actions import daily, judge_again
from heqing_site.verdicts import queries
from heqing_site.verdicts.actions import judge_all
from heqing_site.verdicts.causes import concerns
from heqing_site.verdicts.models import TargetVerdict
from heqing_site.verdicts.readings import readings as of_store

DAY = date(2026, 3, 3)
SENT = datetime(2026, 3, 2, 3, tzinfo=UTC)
CORRECTED, NEXT = datetime(2026, 3, 9, 1, tzinfo=UTC), datetime(2026, 3, 10, 1, tzinfo=UTC)
GOOD_DAYS = {"indicator": "空气质量优良天数比例", "comparator": ">=", "value": Decimal(90), "value_text": "90",
             "unit": "%", "pillar": "air", "quote": "空气质量优良天数比例90%以上"}  # fmt: skip
PM2_5 = {"indicator": "PM2.5平均浓度", "comparator": "<=", "value": Decimal(25), "value_text": "25",
         "unit": "微克/立方米", "pillar": "air", "quote": "PM2.5平均浓度控制在25微克/立方米以内"}  # fmt: skip


def whole_days(value: Callable[[int], float], count: int = 61) -> str:
    """Write days of both stations from the first of January on, good in everything but PM2.5."""
    rows = ["day,city,station,pm2_5,pm10,so2,no2,co,o3_8h"]
    for n in range(count):
        day = date(2026, 1, 1) + timedelta(days=n)
        rows += [f"{day},清河区,{name},{value(n)},40,5,20,0.5,80" for name in ("东站", "西站")]
    return "\n".join(rows) + "\n"


@pytest.fixture
def measured(target, ground, bring):  # noqa: F811
    """A target of PM2.5 with two months of 20 µg/m³, judged on the third of March."""
    put = target(**PM2_5)
    bring(whole_days(lambda n: 20), at=SENT, name="一二月.csv")
    judge_all(at=LATER, on=DAY, readings=of_store(on=DAY))
    return put


@pytest.fixture
def corrected(measured, bring):  # noqa: F811
    """The same after the first ten days were corrected to 80."""
    bring(whole_days(lambda n: 80, count=10), at=CORRECTED, name="更正.csv")
    return measured


def values(target) -> list[Decimal]:
    return [row.value for row in TargetVerdict.objects.filter(target=target, day=DAY).order_by("number")]


# --- judged again -------------------------------------------------------------------------------------------------


def test_a_corrected_file_judges_the_days_it_touches_again_and_the_old_rows_stay(corrected):
    done = daily(at=NEXT, on=date(2026, 3, 10))

    assert [again.judging.day for again in done.again] == [DAY]
    old, new = TargetVerdict.objects.filter(target=corrected, day=DAY).order_by("number")
    assert (old.value, round(new.value, 4)) == (20, Decimal("29.8361"))
    [cause] = new.because
    assert (cause["kind"], cause["file"]) == ("upload", "更正.csv")
    assert queries.newest(as_of=DAY).get() == new


def test_what_was_followed_through_once_is_not_looked_at_again(corrected):
    daily(at=NEXT, on=date(2026, 3, 10))

    assert judge_again(at=NEXT + timedelta(hours=1)) == []
    assert len(values(corrected)) == 2


def test_a_file_of_other_days_touches_nothing(measured, bring):  # noqa: F811
    row = "day,city,station,pm2_5\n2026-03-05,清河区,东站,90\n"
    bring(row, at=CORRECTED, name="三月.csv")

    assert judge_again(at=NEXT) == []


def test_the_page_says_what_changed_and_which_file_did_it(corrected, open_as, district):
    daily(at=NEXT, on=date(2026, 3, 10))

    page = open_as(district.officer).get(f"/verdicts/{corrected.number}/?day={DAY}").content.decode()

    assert "数值由 20 微克/立方米 变为 29.84 微克/立方米" in page
    assert "收到监测文件“更正.csv”" in page
    assert "先前的结论都保留着" in page


@pytest.fixture
def report(office):
    def act(target, value, *, at, period=FEBRUARY):
        entry = reporting.submit(
            by=office.reporter, at=at, target=target, period=period, seen=0, typed=typed(value, value_date=period.last)
        )
        reporting.accept_entry(by=office.checker, at=at, report=entry.report)
        return entry

    return act


def test_a_report_in_time_touches_no_day(office, target, report):
    put = target()
    judge_all(at=datetime(2026, 3, 2, 1, tzinfo=UTC), on=date(2026, 3, 2), readings=None)
    report(put, 4, at=LATER)

    assert judge_again(at=NEXT) == []


def test_a_late_report_judges_the_days_on_which_it_lacked(office, target, report):
    put, on = target(), date(2026, 4, 20)
    judge_all(at=datetime(2026, 4, 20, 1, tzinfo=UTC), on=on, readings=None)
    report(put, 4, at=datetime(2026, 4, 21, 1, tzinfo=UTC))

    judge_again(at=datetime(2026, 4, 22, 1, tzinfo=UTC))

    old, new = put.verdicts.filter(day=on).order_by("number")
    assert (old.value, new.value) == (None, 4)
    assert [cause["kind"] for cause in new.because] == ["report"]
    assert "填报数值有更正或补报" in queries.changes(new)[0].causes[0][0]


def test_an_audited_correction_judges_the_days_of_the_older_version_and_the_sum_above(office, target, report, district):
    put = target()
    entry = report(put, 3, at=AT)
    judge_all(at=LATER, on=DAY, readings=None)
    at = LATER + timedelta(days=2)
    reporting.correct_accepted(by=office.reporter, at=at, target=put, period=FEBRUARY, typed=typed(9), because="漏计")
    reporting.accept_entry(by=office.checker, at=at, report=entry.report)

    judge_again(at=NEXT)

    assert values(put) == [3, 9]
    assert queries.changes(queries.verdict_on(put, DAY))[0].said[0] == "数值由 3 公里 变为 9 公里"


def test_terms_that_count_from_an_earlier_day_judge_it_again(office, target, report, district):
    put = target()
    report(put, 3, at=AT)
    judge_all(at=LATER, on=DAY, readings=None)
    ledger.amend_target(
        by=district.site_admin, at=LATER + timedelta(days=2), target=put, changes={"bound": Decimal(40)},
        because="上级调整", valid_from=date(2026, 3, 1),
    )  # fmt: skip

    judge_again(at=NEXT)

    _, new = put.verdicts.filter(day=DAY).order_by("number")
    assert [cause["kind"] for cause in new.because] == ["terms", "schedule"][:1]
    assert "要求由" in "".join(queries.changes(new)[0].said)


# --- questions ----------------------------------------------------------------------------------------------------


def test_what_was_known_then_is_told_from_what_was_received_by_then(corrected):
    known = [
        queries.answers(on=DAY, known_by=moment)[corrected.pk].verdict
        for moment in (SENT - timedelta(hours=1), LATER, NEXT)
    ]

    assert [verdict.value if verdict.value is None else round(verdict.value, 2) for verdict in known] == [
        None, 20, Decimal("29.84"),
    ]  # fmt: skip
    samples = [verdict.samples or 0 for verdict in known]
    assert samples == sorted(samples)  # a later day knows at least what an earlier one knew
    assert len(values(corrected)) == 1  # nothing is kept


def test_terms_of_later_were_not_known(office, target, report, district):
    put = target()
    report(put, 3, at=AT)
    ledger.amend_target(
        by=district.site_admin, at=NEXT, target=put, changes={"bound": Decimal(40)}, because="上级调整",
        valid_from=date(2026, 3, 1),
    )  # fmt: skip

    assert [queries.answers(on=DAY, known_by=moment)[put.pk].terms.bound for moment in (LATER, NEXT)] == [24, 40]


def test_as_if_the_regime_in_force_is_the_verdict_that_stands(target, ground, bring):  # noqa: F811
    put = target(**GOOD_DAYS)
    bring(whole_days(lambda n: 65), at=SENT)
    on = date(2026, 2, 20)
    [row] = judge_all(at=LATER, on=on, readings=of_store(on=on)).rows

    same = queries.answers(on=on, editions=("GB 3095-2012",))[put.pk]
    other = queries.answers(on=on, editions=("GB 3095-2026",))[put.pk]

    assert not queries.differs(row, same)
    assert queries.differs(row, other)
    assert (row.value, other.verdict.value) == (100, 0)
    assert queries.other_regimes(row) == ["GB 3095-2026"]
    assert TargetVerdict.objects.count() == 1


def test_a_year_that_straddles_two_regimes_is_shown_by_both_on_the_page(target, ground, bring, open_as, district):  # noqa: F811
    put = target(**GOOD_DAYS)
    bring(whole_days(lambda n: 65, count=80), at=datetime(2026, 3, 22, 1, tzinfo=UTC))
    on = date(2026, 3, 22)
    judge_all(at=datetime(2026, 3, 22, 2, tzinfo=UTC), on=on, readings=of_store(on=on))

    page = open_as(district.officer).get(f"/verdicts/{put.number}/as-if/?day={on}").content.decode()

    assert "若按 GB 3095-2012" in page
    assert "若按 GB 3095-2026" in page
    assert "期内先后适用两版标准" in page


def test_a_target_is_judged_by_the_standard_it_was_promised_under(target, ground, bring, district):  # noqa: F811
    put = target(**GOOD_DAYS)
    bring(whole_days(lambda n: 65), at=SENT)
    for said, value in (("HJ 633-2026", 0), ("某标准", 100)):
        ledger.amend_target(
            by=district.site_admin, at=AT, target=put, changes={"promised_under": said}, because="按承诺时标准",
            valid_from=date(2026, 2, 12),
        )  # fmt: skip
        on = date(2026, 2, 20)
        row = judge_all(at=LATER, on=on, readings=of_store(on=on)).rows[0]
        assert row.value == value
    assert "承诺所依标准“某标准”不在标准库中" in row.sentence


def test_an_edition_nobody_knows_is_refused(db):
    with pytest.raises(RuleBrokenError, match=r"verdict\.edition_unknown"):
        queries.answers(on=DAY, editions=("GB 1",))


def test_the_verb_answers_and_keeps_nothing(corrected, capsys):
    verbs.judge(day=str(DAY), as_of="2026-03-04", as_if=["GB 3095-2026"], target=[corrected.number])

    said = capsys.readouterr().out
    assert "只用 2026-03-04 以前收到的数据，若按 GB 3095-2026" in said
    assert "平均值为 20 微克/立方米" in said
    assert "现行：待报" in said or "现行：正常" in said
    assert len(values(corrected)) == 1


@pytest.mark.parametrize(
    ("words", "fault"),
    [({"day": "2100-01-01"}, "still to come"), ({"target": [1]}, "goes with --as-of"), ({"as_of": "x"}, "no day")],
)
def test_the_verb_refuses_what_it_cannot_answer(db, words, fault):
    with pytest.raises(typer.BadParameter, match=fault):
        verbs.judge(**words)


def test_the_api_answers_the_same(corrected, call_as, district):  # noqa: F811
    program, address = call_as(district.officer), f"/targets/{corrected.number}/verdicts/answer"

    then = program.get(address, on=str(DAY), as_of="2026-03-04").json()
    now = program.get(address, on=str(DAY), as_if="GB 3095-2026").json()

    assert (then["value"], then["editions"]) == ("20", [])
    assert now["editions"] == ["GB 3095-2026"]
    assert now["value"].startswith("29.83")
    assert any("平均值为 20 微克/立方米" in sentence for sentence in then["told_zh"])
    assert program.get(address, as_if="GB 1").status_code == 409


# --- in words -----------------------------------------------------------------------------------------------------


def test_the_page_of_a_target_tells_its_verdict_in_sentences(office, target, report, open_as, district):
    put = target()
    report(put, Decimal("3.5"), at=AT)
    judge_all(at=LATER, on=DAY, readings=None)

    page = open_as(office.checker).get(f"/ledger/targets/{put.number}/?as_of={DAY}").content.decode()

    for said in ("由东溪镇牵头", "截至 2026 年 2 月 28 日，累计 3.5 公里", "按时间均摊，到这一天应达到 3.88 公里",
                 "还差 20.5 公里", "目前亮黄灯（滞后）", "没有外部依据"):  # fmt: skip
        assert said in page


def test_each_month_by_itself_where_the_words_say_so(target, ground, bring):  # noqa: F811
    put = target(
        indicator="每月重污染天数", comparator="<=", value=Decimal(1), value_text="1", unit="天", pillar="air",
        quote="每月重污染天数不超过1天",
    )  # fmt: skip
    bring(whole_days(lambda n: 200 if n in (0, 40) else 20), at=SENT)

    row = judge_all(at=LATER, on=DAY, readings=of_store(on=DAY)).rows[0]

    assert (row.inputs["window"], row.light) == ("month", Light.GREEN)
    assert "逐月评定" in row.sentence
    bring(whole_days(lambda n: 200, count=2), at=CORRECTED)
    judge_again(at=NEXT)
    newest = queries.verdict_on(put, DAY)
    assert newest is not None
    assert (newest.met, newest.light) == (False, Light.RED)
    assert "没有做到的：2026-01" in newest.sentence


@pytest.mark.parametrize(("basis", "years", "is_concerned"), [("", 1, True), ("", 3, False), ("straight", 3, True)])
def test_a_verdict_that_follows_a_schedule_rests_on_past_years_too(basis, years, is_concerned):
    day = date(2026 - years, 2, 10)
    brought = Touched("b", "air", "旧数据.csv", AT, "孙丽", {"澜中站": (day, day)})
    inputs = {
        "source": SourceKind.INSTRUMENT.value, "statistic": "air.heavy_days", "basis": basis, "places": ["澜中站"],
        "first": "2026-01-01", "last": "2026-02-28",
    }  # fmt: skip

    assert concerns(brought, inputs) is is_concerned
