"""The cockpit says what the verdicts say: counts, the tightest, who is behind, what changed; each number opens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from tests.site.conftest import District
from tests.site.publishing.cockpit.conftest import put
from tests.site.worlds import kept

from heqing_site.ledger import actions as ledger
from heqing_site.ledger.models import Target
from heqing_site.ledger.rules import Light
from heqing_site.publishing.cockpit import cockpit, listed, reports_missing
from heqing_site.publishing.lines import BOTTOM, LEFT, RIGHT, course_line
from heqing_site.reporting.queries import late
from heqing_site.verdicts.queries import light_changes

TODAY = date(2026, 6, 1)
EVE = TODAY - timedelta(days=1)


@kept
def five(target: Callable[..., Target], district: District) -> list[Target]:
    """Five targets: red and yellow of the eastern town, two yellow of the west, one never judged; one got better."""
    red, slight, wide, better, never = (
        target(),
        target(lead=district.west, quote="新建污水管网25公里"),
        target(lead=district.west, pillar="air", quote="新建污水管网26公里"),
        target(quote="新建污水管网27公里"),
        target(pillar="air", quote="新建污水管网28公里"),
    )
    put(red, EVE, "yellow", value=Decimal(8), gap=Decimal(20), measure="schedule_points")
    put(red, TODAY, "red", value=Decimal(8), schedule_value=Decimal(16), gap=Decimal(33), measure="schedule_points",
        remaining={"kind": "amount", "days": 213, "strict": "16", "judged": "16", "judged_included": True})  # fmt: skip
    for which, gap in ((slight, 3), (wide, 29)):
        put(which, EVE, "yellow", value=Decimal(9), gap=Decimal(gap), measure="schedule_points")
        put(which, TODAY, "yellow", value=Decimal(9), gap=Decimal(gap), measure="schedule_points")
    put(better, EVE, "yellow", value=Decimal(10), gap=Decimal(2), measure="schedule_points")
    put(better, TODAY, "green", value=Decimal(12), gap=Decimal(0), measure="schedule_points")
    return [red, slight, wide, better, never]


def test_lights_are_counted_by_pillar_and_one_never_judged_is_grey(five):
    found = cockpit(as_of=TODAY)

    assert found.all.counts == Counter({Light.YELLOW: 2, Light.RED: 1, Light.GREEN: 1, Light.GREY: 1})
    assert {lights.key: dict(lights.counts) for lights in found.pillars} == {
        "air": {Light.YELLOW: 1, Light.GREY: 1},
        "water": {Light.RED: 1, Light.YELLOW: 1, Light.GREEN: 1},
    }
    assert found.judged_on == TODAY


def test_the_tightest_are_red_before_yellow_and_the_wider_gap_first(five):
    red, slight, wide, _better, _never = five

    assert [tight.verdict.target for tight in cockpit(as_of=TODAY).tightest] == [red, wide, slight]
    assert [row.number for row in listed(as_of=TODAY)][:3] == [red.number, wide.number, slight.number]


def test_gaps_of_different_measures_are_compared_by_what_the_scheme_calls_yellow(five, target):
    ratio = target(quote="新建污水管网29公里")
    put(
        ratio, TODAY, "yellow", value=Decimal(91), gap=Decimal("9.9"), measure="ratio_points"
    )  # of 10; the other 29 of 30

    found = cockpit(as_of=TODAY).tightest

    assert [tight.verdict.target for tight in found][1] == ratio


def test_changes_are_those_that_the_verdicts_tell_and_worse_comes_first(five):
    found = cockpit(as_of=TODAY)
    told = light_changes(since=EVE, until=TODAY)

    assert [row.target_id for row in found.changed] == [change.verdict.target_id for change in told]
    assert (found.changes, found.worse, found.better) == (2, 1, 1)
    assert found.changed[0].before is Light.YELLOW
    assert found.eve == EVE


def test_without_a_judging_today_the_last_one_is_compared_with_its_own_eve(five):
    found = cockpit(as_of=TODAY + timedelta(days=3))

    assert found.judged_on == TODAY
    assert found.changes == 2


def test_a_second_verdict_of_the_day_counts_instead_of_the_first(five):
    put(five[0], TODAY, "green", value=Decimal(17), gap=Decimal(0), measure="schedule_points")

    assert cockpit(as_of=TODAY).all.red == 0
    assert cockpit(as_of=EVE).all.yellow == 4


def test_a_withdrawn_target_is_not_counted(five, district):
    noon = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)
    ledger.withdraw_target(by=district.site_admin, at=noon, target=five[0], because="合并", valid_from=TODAY)

    assert cockpit(as_of=TODAY).all.red == 0
    assert cockpit(as_of=TODAY).all.total == 4


def test_units_are_ordered_by_what_they_are_behind_with(five, district):
    behind = cockpit(as_of=TODAY).behind

    assert [(unit.name, unit.red, unit.yellow) for unit in behind] == [("东溪镇", 1, 0), ("西塘镇", 0, 2)]


def test_missing_reports_are_counted_as_reporting_counts_them(five, submitted, deed):
    for day in (TODAY, EVE, date(2026, 3, 20), date(2027, 1, 15)):
        told = {line.unit.pk: (line.unit.name, line.behind) for line in late(as_of=day) if line.behind}
        assert reports_missing(as_of=day) == told
    assert reports_missing(as_of=TODAY)


def test_an_empty_installation_has_an_answer_and_a_next_step(district, open_as):
    page = open_as(district.leader).get(reverse("publishing:cockpit")).content.decode()

    assert "台账里还没有目标。" in page
    assert reverse("library:documents") in page


def test_targets_that_were_never_judged_are_said_to_be_so(target, district, open_as):
    target()

    page = open_as(district.leader).get(reverse("publishing:cockpit")).content.decode()

    assert "1 项目标都还没有研判" in page


@kept
def of_today(five) -> list[Target]:
    """The red target judged again today, whatever the day is."""
    put(five[0], timezone.localdate(), "red", value=Decimal(8), schedule_value=Decimal(16), gap=Decimal(33),
        measure="schedule_points",
        remaining={"kind": "amount", "days": 30, "strict": "16", "judged": "16", "judged_included": True})  # fmt: skip
    return five


def test_the_page_says_the_day_in_a_sentence_and_every_count_opens(of_today, district, open_as):
    browser = open_as(district.leader)
    page = browser.get(reverse("publishing:cockpit")).content.decode()

    assert "1 项预警" in page
    assert "余下 30 天还差 16 公里" in page
    assert '<svg class="course"' in page
    for query in ("", "?light=red", "?pillar=water&light=yellow", f"?unit={district.west.pk}", "?changed=1"):
        assert browser.get(reverse("publishing:targets") + query).status_code == 200
    rows = browser.get(reverse("publishing:targets") + "?light=red").content.decode()
    assert "共 1 项" in rows
    assert reverse("verdicts:why", args=[of_today[0].number]) in rows


def test_nonsense_in_the_address_is_passed_over(five, district, open_as):
    browser = open_as(district.leader)

    for query in ("?light=blue", "?pillar=x", "?unit=abc", "?unit=" + "9" * 40, "?day=2026-02-31", "?day=9999-12-31"):
        assert browser.get(reverse("publishing:targets") + query).status_code == 200, query
        assert browser.get(reverse("publishing:cockpit") + query).status_code == 200, query


def test_the_cockpit_speaks_english(of_today, district, open_as):
    browser = open_as(district.leader)
    browser.cookies["django_language"] = "en"

    page = browser.get(reverse("publishing:cockpit")).content.decode()

    assert "Which targets will be missed?" in page
    assert "16 公里 still to do in 30 days" in page


def test_the_number_of_queries_does_not_grow_with_targets(five, target, district, open_as):
    browser = open_as(district.leader)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            browser.get(reverse("publishing:cockpit") + f"?day={TODAY}")
            browser.get(reverse("publishing:targets") + f"?day={TODAY}")
        return len(queries)

    asked()
    few = asked()
    for number in range(30, 42):
        more = target(quote=f"新建污水管网{number}公里")
        put(more, EVE, "green", value=Decimal(1), gap=Decimal(0), measure="schedule_points")
        put(more, TODAY, "red", value=Decimal(1), gap=Decimal(50), measure="schedule_points")

    assert asked() == few


# --- the small course line ----------------------------------------------------------------------------------------


def test_a_course_runs_from_the_first_day_to_the_last_and_breaks_at_neither():
    first, last = date(2026, 1, 1), date(2026, 12, 31)
    line = course_line([(first, 0.0), (last, 24.0)], schedule=[], limit=24.0, first=first, last=last)

    assert line is not None
    assert line.value.split()[0] == f"{float(LEFT)},{float(BOTTOM)}"
    assert line.value.split()[1].startswith(f"{float(RIGHT)},")
    assert line.limit == line.end_y


def test_what_lies_outside_the_period_is_left_out_and_without_values_there_is_no_line():
    first, last = date(2026, 1, 1), date(2026, 12, 31)

    assert course_line([(date(2025, 6, 1), 3.0)], schedule=[], limit=1.0, first=first, last=last) is None
    assert course_line([], schedule=[(first, 1.0)], limit=None, first=first, last=last) is None
    assert course_line([(first, 1.0)], schedule=[], limit=None, first=first, last=first) is None


def test_a_course_of_one_value_and_no_limit_is_drawn():
    first, last = date(2026, 1, 1), date(2026, 12, 31)
    line = course_line([(date(2026, 3, 1), 5.0)], schedule=[], limit=None, first=first, last=last)

    assert line is not None
    assert line.limit is None
    assert line.schedule == ""
