"""What a program can read: every route answers, pages turn, nothing grows with the rows, provenance travels."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.site.api.conftest import NOW, PLAN, judged

from heqing_site.cases.actions import open_case
from heqing_site.ledger.models import Target


def test_who_the_token_is_and_what_it_may_do(call_as: Any, reporter: Any) -> None:
    told = call_as(reporter).get("/me").json()

    assert told["username"] == "zhoufang"
    assert told["unit"] == {"code": "990101101", "name": "东溪镇"}
    assert told["grants"][0]["role"] == "officer"
    assert "report.enter" in told["grants"][0]["permissions"]


def test_units_stand_as_a_tree_in_the_order_of_codes(admin: Any) -> None:
    told = admin.get("/units").json()

    assert [(row["code"], row["depth"]) for row in told["rows"]] == [
        ("990101", 0),
        ("990101-02", 1),
        ("990101-05", 1),
        ("990101101", 1),
        ("990101101201", 2),
        ("990101102", 1),
    ]
    assert told["total"] == 6
    assert told["next"] is None


def test_a_list_turns_its_pages_without_losing_or_repeating_a_row(admin: Any) -> None:
    codes, address = [], "/api/v1/units?limit=4&with_closed=true"
    while address:
        told = admin.get(address.removeprefix("/api/v1")).json()
        codes += [row["code"] for row in told["rows"]]
        address = told["next"]

    assert len(codes) == len(set(codes)) == 6
    assert admin.get("/units", offset=400).json()["rows"] == []
    assert admin.get("/units", limit=501).status_code == 422
    assert admin.get("/units", limit=0).status_code == 422


@pytest.mark.parametrize("name", ["river", "station", "section", "outlet", "enterprise"])
def test_each_register_is_listed(admin: Any, places: None, name: str) -> None:
    told = admin.get(f"/registers/{name}").json()

    assert told["total"] == 1
    assert told["rows"][0]["register_name"] == name


def test_positions_and_areas_are_strings_without_loss(admin: Any, places: None) -> None:
    row = admin.get("/registers/enterprise").json()["rows"][0]

    assert (row["lon"], row["lat"], row["area_mu"]) == ("120.123456", "30.1", "12.5")


def test_the_map_layer_is_geojson_and_says_what_is_invented(admin: Any, places: None) -> None:
    layer = admin.get("/map.geojson").json()

    assert layer["type"] == "FeatureCollection"
    assert len(layer["features"]) == 4
    invented = [row["properties"]["code"] for row in layer["features"] if row["properties"]["is_invented"]]
    assert invented == ["S1"]
    assert len(admin.get("/map.geojson", only="station").json()["features"]) == 1


def test_quotes_are_the_very_characters_of_the_text_and_scripts_stay_text(admin: Any, document: Any) -> None:
    whole = admin.get(f"/documents/{document.pk}").json()
    found = admin.get(f"/documents/{document.pk}/findings").json()["rows"]

    assert whole["text"] == PLAN
    assert "<script>alert(1)</script>" in whole["text"]
    assert found
    for row in found:
        assert row["quote"] == whole["text"][row["start"] : row["end"]]
        assert admin.get(f"/findings/{row['id']}").json() == row
    assert admin.get(f"/documents/{document.pk}").headers["Content-Type"].startswith("application/json")


def test_the_ledger_as_of_a_day_with_provenance_and_reasons(admin: Any, targets: list[Target]) -> None:
    told = admin.get("/targets").json()

    assert told["total"] == len(targets)
    row = next(row for row in told["rows"] if row["terms"]["title"] == "新建污水管网")
    assert row["terms"]["bound"] == "24"
    assert row["terms"]["lead_unit"]["name"] == "东溪镇"
    assert row["standing"]["light"] == "grey"
    assert row["standing"]["reason_zh"]
    assert PLAN[row["provenance"]["start"] : row["provenance"]["end"]] == row["terms"]["quote"]
    assert row["is_invented"] is False


def test_the_ledger_is_filtered(admin: Any, targets: list[Target], district: Any) -> None:
    first = targets[0]
    judged(first, date(2026, 3, 9))

    assert [row["number"] for row in admin.get("/targets", light="red").json()["rows"]] == [first.number]
    assert admin.get("/targets", light="yellow").json()["total"] == 0
    assert admin.get("/targets", unit=district.district.code).json()["total"] == len(targets)
    assert admin.get("/targets", unit=district.west.code).json()["total"] == 0
    assert admin.get("/targets", document=first.document_id).json()["total"] == len(targets)
    assert admin.get("/targets", pillar="water").json()["total"] >= 1
    assert admin.get("/targets", as_of="2019-01-01").json()["total"] == 0
    assert admin.get("/targets", unit="nirgends").status_code == 404


def test_a_judged_target_gives_its_reason_in_both_languages(admin: Any, targets: list[Target]) -> None:
    judged(targets[0], date(2026, 3, 9), reason="", note="差 11.5 公里。")

    told = admin.get(f"/targets/{targets[0].number}").json()
    assert told["standing"]["light"] == "red"
    assert told["standing"]["value"] == "12.5"
    assert told["standing"]["reason_zh"] == "差 11.5 公里。"
    assert told["history"][0]["version"] == told["terms"]["version"]


def test_the_days_of_a_target_are_told_oldest_first_the_newest_verdict_of_each(
    admin: Any, targets: list[Target]
) -> None:
    target = targets[0]
    for day in (1, 2, 3):
        judged(target, date(2026, 3, day))
    judged(target, date(2026, 3, 2), number=2, light="green", value=Decimal("24.10"))

    told = admin.get(f"/targets/{target.number}/verdicts", first="2026-03-01", last="2026-03-02").json()
    assert [(row["day"], row["number"], row["light"]) for row in told["rows"]] == [
        ("2026-03-01", 1, "red"),
        ("2026-03-02", 2, "green"),
    ]
    assert told["rows"][1]["value"] == "24.1"
    assert [row["day"] for row in admin.get("/verdicts", light="red").json()["rows"]] == ["2026-03-03"]


def test_what_is_owed_and_what_counts(
    admin: Any, call_as: Any, reporter: Any, checker: Any, targets: list[Target]
) -> None:
    owed = admin.get("/reports/owed", month="2026-03").json()["rows"]
    sewers = next(row for row in owed if row["title"] == "新建污水管网")
    assert sewers["lead_unit"]["name"] == "东溪镇"
    assert sewers["seen"] == 0
    address = f"/targets/{sewers['target']}/reports/{sewers['period']['key']}"
    entry = call_as(reporter).post(f"{address}/submit", {"value": "3.10", "value_date": "2026-03-09", "seen": 0}).json()
    assert [row["report"] for row in call_as(checker).get("/reports/waiting").json()["rows"]] == [entry["report"]]
    call_as(checker).post(f"/reports/{entry['report']}/accept", {"seen": entry["version"]})

    counted = admin.get("/reports/accepted").json()["rows"]
    assert [(row["value"], row["unit"]["name"], row["checked_unit"]["name"]) for row in counted] == [
        ("3.1", "东溪镇", "清河区生态环境局")
    ]
    assert admin.get("/reports/accepted", target=sewers["target"], unit="990101102").json()["total"] == 0
    versions = admin.get(f"/targets/{sewers['target']}/reports").json()["rows"]
    assert [(row["version"], row["state"]) for row in versions] == [(2, "accepted"), (1, "submitted")]
    assert admin.get("/reports/owed", month="2026").status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        "/units/nirgends", "/documents/999", "/documents/999/findings", "/findings/999", "/targets/999",
        "/targets/999/verdicts", "/targets/999/reports", "/registers/999", "/nothing", "/",
        "/cases/1", "/scores/2026-03", "/scores/soon", "/scores/2026-03?version=1",
    ],
)  # fmt: skip
def test_what_is_not_there_is_said_in_json(admin: Any, address: str) -> None:
    answer = admin.get(address)

    assert answer.status_code in (404, 422)
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.json()["sentence_zh"]
    assert answer.json()["sentence_en"]


@pytest.mark.parametrize(
    ("address", "asked", "field"),
    [
        ("/targets", {"as_of": "2026-3-1"}, "as_of"),
        ("/targets", {"as_of": "17"}, "as_of"),
        ("/targets", {"as_of": "0001-01-01"}, "as_of"),
        ("/targets", {"light": "blue"}, "light"),
        ("/units", {"limit": "many"}, "limit"),
        ("/targets/0", {}, "number"),
    ],
)
def test_a_field_that_cannot_be_used_is_named(admin: Any, address: str, asked: dict[str, str], field: str) -> None:
    answer = admin.get(address, **asked)

    assert answer.status_code == 422
    assert [fault["field"] for fault in answer.json()["faults"]] == [field]


def test_a_zero_character_is_refused(admin: Any) -> None:
    assert admin.get("/units", q="a\x00").status_code == 400


def _count(call: Any) -> int:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        answer = call()
    assert answer.status_code == 200, answer.content
    return len(asked)


@pytest.mark.parametrize(
    "address",
    ["/units", "/documents", "/targets", "/targets?light=red", "/verdicts", "/reports/owed?month=2026-03",
     "/reports/accepted", "/reports/waiting", "/targets/1/reports", "/targets/1/verdicts", "/documents/1/findings",
     "/registers/section", "/map.geojson"],
)  # fmt: skip
def test_the_number_of_queries_does_not_grow_with_the_rows(
    call_as: Any, checker: Any, reporter: Any, targets: list[Target], places: None, district: Any, address: str
) -> None:
    if address.startswith("/documents/1"):
        address = address.replace("/1/", f"/{targets[0].document_id}/")
    if address.startswith("/targets/1"):
        address = address.replace("/1/", f"/{targets[0].number}/")
    program, town = call_as(checker), call_as(reporter)

    def fill(some: list[Target], days: int) -> None:
        for target in some:
            for day in range(days):
                if not target.verdicts.filter(day=date(2026, 3, 1) + timedelta(day)).exists():
                    judged(target, date(2026, 3, 1) + timedelta(day))
        owed = program.get("/reports/owed", month="2026-03").json()["rows"]
        for row in owed:
            if row["target"] in {target.number for target in some} and not row["seen"] and not row["is_deed"]:
                town.post(
                    f"/targets/{row['target']}/reports/{row['period']['key']}/submit",
                    {"value": 1, "value_date": "2026-03-09"},
                )

    fill(targets[:1], 1)
    program.get(address)
    few = _count(lambda: program.get(address))
    fill(targets, 5)
    many = _count(lambda: program.get(address))

    assert many <= few + 2  # a list that was empty asks for what belongs to its rows, once
    assert many < 20


def test_cases_and_their_steps(admin: Any, district: Any) -> None:
    case = open_case(
        by=district.site_admin, at=NOW, title="柳湾村排水口有异味", detail="巡查发现", unit=district.east,
        place_unit=district.east,
    )  # fmt: skip

    row = admin.get("/cases").json()["rows"][0]
    assert (row["number"], row["unit"]["name"], row["is_invented"]) == (case.number, "东溪镇", False)
    assert admin.get("/cases", unit=district.west.code).json()["total"] == 0
    assert [step["number"] for step in admin.get(f"/cases/{case.number}").json()["steps"]] == [1]
