"""The duty list from and to Excel."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.test import Client
from tests.site.conftest import AT, DAY, District

from heqing_site.audit.models import AuditEntry
from heqing_site.ledger import duty_sheet
from heqing_site.ledger.actions import set_duty
from heqing_site.ledger.models import Duty
from heqing_site.orgs.actions import grant_role
from heqing_site.orgs.models import RoleGrant
from heqing_site.orgs.rules import Role
from heqing_site.sheets.paper import export

HEAD = "\t".join(field.name for field in duty_sheet.FIELDS)


def bring(by: Any, *lines: str, **facts: Any) -> Any:
    told = {"pasted": "\n".join((HEAD, *lines)), "because": "三定方案", "back": "/ledger/duties/"}
    return duty_sheet.bring(by=by, at=AT, **(told | facts))


def test_duties_are_entered_taken_over_ended_and_told_what_is_wrong(district: District):
    set_duty(
        by=district.site_admin, at=AT, unit=district.east, pillar="water", valid_from=date(2026, 1, 1), because="旧"
    )

    done = bring(
        district.site_admin,
        "治水\t990101102\t西塘镇\t2026-03-02\t\t",
        "治气\t990101-05\t\t2026-01-01\t2026-02-28\t",
        "治土\t990101-05\t\t2026-01-01\t\t",
        "净土\t990101-05\t另一个局\t2026-01-01\t\t",
        "净土\t404\t\t2026-01-01\t\t",
    )

    assert (done.taken, [row["row"] for row in done.rejected]) == (2, [4, 5, 6])
    standing = Duty.objects.order_by("pillar", "valid_from").values_list("pillar", "unit__code", "valid_to")
    assert list(standing) == [
        ("air", "990101-05", date(2026, 2, 28)),
        ("water", "990101101", date(2026, 3, 1)),
        ("water", "990101102", None),
    ]


def test_what_goes_out_comes_back_and_changes_nothing(district: District):
    set_duty(by=district.site_admin, at=AT, unit=district.bureau, pillar="air", valid_from=DAY, because="三定方案")
    entries = AuditEntry.objects.count()

    content = export(duty_sheet.TITLE, duty_sheet.FIELDS, duty_sheet.rows())
    done = bring(district.site_admin, pasted="", file_name="清单.xlsx", content=content)

    assert (done.taken, done.unchanged, done.rejected) == (0, 1, [])
    assert AuditEntry.objects.count() == entries


def test_an_officer_for_water_enters_water_only(district: District):
    RoleGrant.objects.filter(user=district.officer).delete()
    grant_role(
        by=district.site_admin, at=AT, user=district.officer, role=Role.OFFICER, unit=district.district,
        valid_from=DAY, matters=["water"],
    )  # fmt: skip

    done = bring(district.officer, "治水\t990101-05\t\t2026-03-02\t\t", "治气\t990101-05\t\t2026-03-02\t\t")

    assert (done.taken, len(done.rejected)) == (1, 1)
    assert "·治气" in done.rejected[0]["faults"][0]["sentence"]


def test_the_pages_of_the_sheet(district: District, client: Client):
    client.force_login(district.site_admin)

    assert "导入哪张职责清单" in client.get("/ledger/duties/bring/").content.decode()
    assert client.get("/ledger/duties/template/").status_code == 200
    assert client.get("/ledger/duties/export/").status_code == 200
    assert client.post("/ledger/duties/bring/", {"because": "x"}).status_code == 422
    sent = {"because": "三定方案", "pasted": f"{HEAD}\n治水\t990101-05\t\t2026-03-02\t\t"}
    answer = client.post("/ledger/duties/bring/", sent, follow=True)
    assert "收下 1 行" in answer.content.decode()
