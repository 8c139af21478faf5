"""Programs enter, split and plan targets: the same deeds and refusals as on the pages."""

from __future__ import annotations

from typing import Any

from heqing_site.ledger.models import Target

FIRMS = {
    "title": "整治散乱污企业", "comparator": ">=", "bound": "150", "unit": "家", "period": "2026", "pillar": "industry",
    "lead": "990101101", "because": "区政府会议纪要",
}  # fmt: skip


def test_a_target_is_entered_split_and_planned(call_as: Any, reporter: Any, western: Any) -> None:
    mine, other = call_as(reporter), call_as(western)

    assert other.post("/targets", FIRMS).status_code == 403
    made = mine.post("/targets", FIRMS)
    assert made.status_code == 201, made.json()
    assert mine.post("/targets", FIRMS).json()["code"] == "target.stands_already"
    address = f"/targets/{made.json()['number']}"
    version = mine.get(f"{address}/parts").json()["version"]
    share = {"parts": [{"unit": "990101101201", "bound": "149"}], "because": "分解", "seen": version}

    short = mine.post(f"{address}/split", share)
    assert (short.status_code, short.json()["code"]) == (409, "split.too_little")
    assert other.post(f"{address}/split", share).status_code == 403
    share["parts"] = [{"unit": "990101101201", "bound": "150"}]
    done = mine.post(f"{address}/split", {**share, "summed": True})
    assert done.status_code == 200, done.json()
    told = done.json()
    assert (told["adds_up"], told["together"], told["lacks"]) == (True, "150", "0")
    assert [part["terms"]["lead_unit"]["code"] for part in told["parts"]] == ["990101101201"]
    assert mine.post(f"{address}/split", share).json()["code"] == "split.changed_meanwhile"
    assert mine.post(f"{address}/split", {**share, "parts": [{"unit": "nirgends"}]}).status_code == 404

    plan = {"planned": [{"day": "2026-06-30", "value": "80"}, {"day": "2026-12-31", "value": "150"}], "because": "安排"}
    assert mine.get(f"{address}/plan").json()["number"] == 0
    planned = mine.post(f"{address}/plan", plan)
    assert planned.status_code == 200, planned.json()
    assert (planned.json()["number"], planned.json()["is_current"]) == (1, True)
    assert mine.post(f"{address}/plan", {**plan, "planned": plan["planned"][:1]}).json()["code"] == "course.ends_early"


def test_a_masked_number_stays_a_gap(call_as: Any, reporter: Any) -> None:
    told = call_as(reporter).post("/targets", {**FIRMS, "bound": "XX"}).json()

    assert (told["terms"]["bound"], told["terms"]["gap"]) == (None, "number_masked")
    assert Target.objects.count() == 1
