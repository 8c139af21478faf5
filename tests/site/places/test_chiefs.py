"""Chiefs of rivers, doors and other things: systems as data, charges of posts, boards, and sheets out and back."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any

import openpyxl
import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from tests.site.conftest import AT, DAY, District
from tests.site.worlds import kept

from heqing_site.audit.models import AuditEntry
from heqing_site.errors import PERMISSION_MISSING, RuleBrokenError
from heqing_site.orgs import actions as orgs
from heqing_site.orgs import succession
from heqing_site.orgs.models import Post
from heqing_site.places import chiefs, queries, systems
from heqing_site.places.actions import create_river
from heqing_site.places.models import Charge, River
from heqing_site.places.rules import BodyType
from heqing_site.sheets.paper import export


@kept
def river(district: District) -> River:
    return create_river(by=district.site_admin, at=AT, name="东溪", code="R1", kind=BodyType.RIVER, unit=district.east)


@kept
def mayor(district: District) -> Post:
    return orgs.create_post(by=district.site_admin, at=AT, unit=district.east, name="镇长")


def charged(district: District, post: Post, **facts: Any) -> Charge:
    told: dict[str, Any] = {
        "by": district.site_admin, "at": AT, "system": "river", "level": "town", "post": post, "unit": district.east,
        "started_on": DAY, "because": "清河长办〔2026〕1 号",
    }  # fmt: skip
    return chiefs.put_in_charge(**(told | facts))


def test_the_law_names_four_levels_of_river_chiefs_and_zhejiang_the_village():
    rivers = systems.system("river")

    assert [level.key for level in rivers.levels] == ["province", "city", "district", "town", "village"]
    assert rivers.is_confirmed
    assert all(level.is_confirmed for level in rivers.levels)


def test_what_rests_on_no_text_is_a_proposal():
    for key in ("door", "road", "field", "forest"):
        found = systems.system(key)
        assert not found.is_confirmed, key
        assert not any(level.is_confirmed for level in found.levels), key
        assert not found.watches_rivers


def test_the_chief_is_whoever_holds_the_post(district, river, mayor):
    charge = charged(district, mayor, river=river)
    orgs.appoint(by=district.site_admin, at=AT, post=mayor, holder=district.clerk, started_on=date(2025, 1, 1))
    assert queries.charge_with(charge.pk, on=DAY).holder_name == "赵磊"

    succession.succeed(
        by=district.site_admin, at=AT, post=mayor, holder=district.officer, started_on=DAY, because="换届"
    )

    assert queries.charge_with(charge.pk, on=DAY - timedelta(days=1)).holder_name == "赵磊"
    assert queries.charge_with(charge.pk, on=DAY).holder_name == "孙丽"
    assert [term.holder for term in queries.holders_during(charge)] == [district.officer]  # only while it counted


def test_another_post_takes_the_same_reach_over_from_its_first_day(district, river, mayor):
    first = charged(district, mayor, river=river, started_on=DAY - timedelta(days=10))
    other = orgs.create_post(by=district.site_admin, at=AT, unit=district.east, name="副镇长")

    second = charged(district, other, river=river, started_on=DAY)

    first.refresh_from_db()
    assert (first.ended_on, second.started_on) == (DAY - timedelta(days=1), DAY)
    assert "改由东溪镇副镇长负责" in first.ended_because
    assert list(queries.charges(on=DAY)) == [second]
    assert list(queries.beside(second, on=DAY)) == [first]


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"level": "door"}, "charge.level_unknown"),
        ({"system": "sky"}, "charge.level_unknown"),
        ({"level": "district"}, "charge.level_of_another_unit"),
        ({"river": None}, "charge.thing_missing"),
        ({"place_name": "东溪"}, "charge.thing_missing"),
        ({"system": "door", "level": "town"}, "charge.thing_missing"),
        ({"because": ""}, "because.missing"),
    ],
)
def test_what_is_no_charge_is_not_entered(district, river, mayor, facts, code):
    with pytest.raises(RuleBrokenError) as refusal:
        charged(district, mayor, **({"river": river} | facts))

    assert refusal.value.code == code
    assert not Charge.objects.exists()


def test_the_same_charge_is_entered_once_and_ends_once(district, river, mayor):
    charge = charged(district, mayor, river=river)
    with pytest.raises(RuleBrokenError, match=r"charge\.exists"):
        charged(district, mayor, river=river)
    with pytest.raises(IntegrityError), transaction.atomic():
        Charge.objects.create(
            system="river", level="town", post=mayor, river=river, unit=district.east, started_on=DAY, because="x"
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        Charge.objects.create(system="door", level="door", post=mayor, unit=district.east, started_on=DAY, because="x")
    other = orgs.create_post(by=district.site_admin, at=AT, unit=district.east, name="副镇长")
    with pytest.raises(RuleBrokenError, match=r"charge\.begins_too_early"):
        charged(district, other, river=river, started_on=DAY)
    ending: dict[str, Any] = {"by": district.site_admin, "at": AT, "charge": charge, "because": "撤销"}
    with pytest.raises(RuleBrokenError, match=r"charge\.ends_before_start"):
        chiefs.end_charge(**ending, last_day=DAY - timedelta(days=1))
    chiefs.end_charge(**ending, last_day=DAY)
    with pytest.raises(RuleBrokenError, match=r"charge\.already_ended"):
        chiefs.end_charge(**ending, last_day=DAY)


def test_a_charge_needs_the_right_where_the_thing_lies(district, river, mayor):
    for who in (district.clerk, district.officer, district.town_clerk):
        with pytest.raises(RuleBrokenError) as refusal:
            charged(district, mayor, river=river, by=who)
        assert refusal.value.code == PERMISSION_MISSING
    charge = charged(district, mayor, river=river, by=district.east_admin)
    for act in (
        lambda: chiefs.keep_board(by=district.clerk, at=AT, charge=charge, extent="1", goal="", phone="", because="x"),
        lambda: chiefs.end_charge(by=district.clerk, at=AT, charge=charge, last_day=DAY, because="x"),
    ):
        with pytest.raises(RuleBrokenError) as refusal:
            act()
        assert refusal.value.code == PERMISSION_MISSING


def test_every_deed_leaves_one_entry(district, river, mayor):
    charge = charged(district, mayor, river=river)
    chiefs.keep_board(
        by=district.site_admin, at=AT, charge=charge, extent="3 公里", goal="Ⅲ类水", phone="12345", because="更新"
    )
    chiefs.end_charge(by=district.site_admin, at=AT, charge=charge, last_day=DAY, because="撤销")

    deeds = AuditEntry.objects.filter(subject_type="places.Charge").order_by("pk").values_list("action", flat=True)
    assert list(deeds) == ["places.put_in_charge", "places.keep_board", "places.end_charge"]


def take(district: District, content: bytes) -> Any:
    return chiefs.take_in_charges(
        by=district.site_admin, at=AT, because="名单", back="/places/chiefs/", file_name="名册.xlsx", content=content
    )


def test_charges_go_out_to_excel_and_come_back(district, river, mayor):
    charged(district, mayor, river=river, extent="3 公里", phone="12345")
    secretary = orgs.create_post(by=district.site_admin, at=AT, unit=district.village, name="村支书")
    charged(district, secretary, system="door", level="door", place_name="便民服务中心", unit=district.village)
    content = export("责任长名册", chiefs.FIELDS, chiefs.rows(queries.charges(on=DAY)))

    again = take(district, content)
    assert (again.taken, again.unchanged, again.rejected) == (0, 2, [])

    book = openpyxl.load_workbook(io.BytesIO(content))
    page = book.worksheets[0]
    heads = [cell.value for cell in page[1]]
    page.cell(2, heads.index("目标") + 1).value = "Ⅲ类水"
    page.append(
        ["河长制", "村级", "R1", None, "柳湾段", "990101101201", "990101101201", "村支书", None, None, None, None, DAY]
    )
    page.append(["河长制", "门长", "R1", None, None, "990101101", "990101101", "镇长", None, None, None, None, DAY])
    page.append(
        ["门长制", "门长", None, "某店", None, "990101101", "990101101", "没有的职务", None, None, None, None, DAY]
    )
    out = io.BytesIO()
    book.save(out)
    changed = take(district, out.getvalue())

    assert (changed.taken, changed.unchanged) == (2, 1)
    assert [row["faults"][0]["sentence"] for row in changed.rejected] == [
        "河长制没有“门长”；可填省级、市级、县级、乡级、村级。",
        "“东溪镇”没有名为“没有的职务”的职务，请先设立。",
    ]
    assert Charge.objects.get(river=river, level="town").goal == "Ⅲ类水"


def test_the_pages_of_chiefs(district, river, mayor, client: Client):
    client.force_login(district.site_admin)
    orgs.appoint(by=district.site_admin, at=AT, post=mayor, holder=district.clerk, started_on=date(2025, 1, 1))
    form = {"level": "town", "river": river.pk, "unit": district.east.pk, "post": mayor.pk, "started_on": "2026-03-02",
            "because": "1 号文", "phone": "0000-12345"}  # fmt: skip
    answer = client.post("/places/chiefs/add/?system=river", form, follow=True)
    assert "赵磊" in answer.content.decode()
    assert client.post("/places/chiefs/add/?system=river", form).status_code == 422
    charge = Charge.objects.get()
    address = f"/places/chiefs/{charge.pk}/"

    assert "谁负责哪条河" in client.get("/places/chiefs/").content.decode()
    doors = client.get("/places/chiefs/?system=door").content.decode()
    assert "建议值，未核实" in doors
    assert "还没有登记门长" in doors
    assert "现由赵磊" in client.get(address).content.decode()
    board = client.get(address + "board/").content.decode()
    assert "东溪河（湖）长公示牌" in board
    assert "0000-12345" in board
    assert "只有一处出处" in board
    assert "各级河（湖）长是谁" in client.get(f"/places/river/{river.pk}/").content.decode()
    assert client.get("/places/chiefs/add/?system=door").status_code == 200
    assert client.get(address + "board/change/").status_code == 200
    assert client.get(address + "end/").status_code == 200
    assert client.get("/places/chiefs/bring/").status_code == 200
    assert client.get("/places/chiefs/template/").status_code == 200
    assert client.get("/places/chiefs/export/").status_code == 200
    assert client.get("/places/chiefs/0/").status_code == 404
    client.force_login(district.clerk)
    assert "明确河" not in client.get("/places/chiefs/").content.decode()
    assert client.post(address + "end/", {"last_day": "2026-03-02", "because": "x"}).status_code == 403


def test_a_longer_table_of_chiefs_asks_no_more(district, river, mayor, client, django_assert_max_num_queries):
    for number in range(60):
        charged(district, mayor, system="door", level="door", place_name=f"门 {number:02}")
    client.force_login(district.site_admin)
    client.get("/places/chiefs/")
    with django_assert_max_num_queries(12):
        assert "1 / 2" in client.get("/places/chiefs/").content.decode()
