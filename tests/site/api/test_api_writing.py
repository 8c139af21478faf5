"""Who may call, and what happens to a write: the same rights, rules and audit record as on the pages."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.site.api.conftest import NOW, Program

from heqing_site.audit.models import AuditEntry
from heqing_site.errors import RuleBrokenError
from heqing_site.ledger.models import Target, TargetTerms
from heqing_site.library.models import Document, Finding
from heqing_site.orgs import actions
from heqing_site.orgs.models import ApiToken
from heqing_site.orgs.rules import token_digest
from heqing_site.reporting.actions import close_period
from heqing_site.reporting.models import ReportEntry
from heqing_site.reporting.rules import Kind, around

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


# --- tokens -------------------------------------------------------------------------------------------------------


def test_without_a_token_nothing_is_told_and_the_answer_is_json(district: Any) -> None:
    for secret in ("", "hq_wrong", "Bearer", "é"):
        answer = Program(Client(), secret).get("/units")
        assert answer.status_code == 401
        assert answer.json()["code"] == "token.invalid"
        assert "WWW-Authenticate" in answer.headers


def test_a_session_of_the_browser_opens_nothing(open_as: Any, district: Any, document: Document) -> None:
    browser = open_as(district.site_admin)

    assert browser.get("/api/v1/units").status_code == 401
    assert browser.post(f"/api/v1/documents/{document.pk}/adopt", {}, "application/json").status_code == 401


def test_a_token_dies_by_its_day_by_revocation_and_with_its_account(district: Any, reporter: Any) -> None:
    admin = district.site_admin
    issued = actions.create_token(by=reporter, at=NOW, user=reporter, name="夜间任务", expires_on=date(2026, 3, 10))
    program = Program(Client(), issued.secret)

    assert program.get("/me").status_code == 200
    issued.token.refresh_from_db()
    assert issued.token.last_used_on == date(2026, 3, 10)

    ApiToken.objects.filter(pk=issued.token.pk).update(expires_on=date(2026, 3, 9))
    assert program.get("/me").status_code == 401
    ApiToken.objects.filter(pk=issued.token.pk).update(expires_on=date(2026, 3, 11))
    assert program.get("/me").status_code == 200

    other = actions.create_token(by=reporter, at=NOW, user=reporter, name="另一个", expires_on=date(2026, 4, 1))
    actions.revoke_token(by=reporter, at=NOW, token=other.token, because="不再使用")
    assert Program(Client(), other.secret).get("/me").status_code == 401

    actions.deactivate_user(by=admin, at=NOW, user=reporter, because="调离")
    assert program.get("/me").status_code == 401


def test_the_secret_is_kept_nowhere(reporter: Any) -> None:
    issued = actions.create_token(by=reporter, at=NOW, user=reporter, name="夜间任务", expires_on=date(2026, 4, 1))

    kept = {str(value) for value in ApiToken.objects.values().get(pk=issued.token.pk).values()}
    assert issued.secret not in kept
    assert token_digest(issued.secret) in kept
    for entry in AuditEntry.objects.all():
        assert issued.secret not in f"{entry.before}{entry.after}{entry.subject_label}"


def test_whose_token_may_be_made_and_revoked_by_whom(district: Any, reporter: Any, western: Any) -> None:
    day = date(2026, 4, 1)
    with pytest.raises(RuleBrokenError, match=r"permission\.missing"):
        actions.create_token(by=western, at=NOW, user=reporter, name="替人", expires_on=day)
    with pytest.raises(RuleBrokenError, match=r"user\.above_you"):  # an account that holds more than its administrator
        actions.create_token(by=district.east_admin, at=NOW, user=reporter, name="替人", expires_on=day)
    made = actions.create_token(by=district.site_admin, at=NOW, user=reporter, name="替人", expires_on=day)
    with pytest.raises(RuleBrokenError, match=r"permission\.missing"):
        actions.revoke_token(by=western, at=NOW, token=made.token, because="手滑")
    actions.revoke_token(by=district.east_admin, at=NOW, token=made.token, because="泄露")
    with pytest.raises(RuleBrokenError, match=r"token\.already_revoked"):
        actions.revoke_token(by=reporter, at=NOW, token=made.token, because="再停")


@pytest.mark.parametrize(
    ("facts", "code"),
    [({"name": " "}, "token.name_missing"), ({"expires_on": date(2026, 3, 9)}, "token.ends_in_past")],
)
def test_a_token_has_a_purpose_and_a_day_to_come(reporter: Any, facts: dict[str, Any], code: str) -> None:
    with pytest.raises(RuleBrokenError) as caught:
        actions.create_token(
            by=reporter, at=NOW, user=reporter, **{"name": "任务", "expires_on": date(2026, 3, 10), **facts}
        )
    assert caught.value.code == code


def test_the_page_shows_a_secret_once(open_as: Any, reporter: Any, western: Any) -> None:
    browser = open_as(reporter)
    address = f"/orgs/people/{reporter.pk}/tokens/"

    assert "还没有令牌" in browser.get(address).content.decode()
    until = (NOW.date() + timedelta(30)).isoformat()
    made = browser.post(f"{address}add/", {"name": "数据中台", "expires_on": until})
    assert made.status_code == 201
    secret = made.context["issued"].secret
    assert secret in made.content.decode()
    assert "no-store" in made.headers["Cache-Control"]
    assert Program(Client(), secret).get("/me").json()["username"] == "zhoufang"
    listed = browser.get(address).content.decode()
    assert secret not in listed
    assert "数据中台" in listed
    token = ApiToken.objects.get()
    assert browser.post(f"/orgs/tokens/{token.pk}/revoke/", {"because": "换新"}).status_code == 302
    assert Program(Client(), secret).get("/me").status_code == 401
    assert browser.get(f"/orgs/people/{western.pk}/tokens/").status_code == 403
    assert browser.post(f"/orgs/people/{western.pk}/tokens/add/", {"name": "x", "expires_on": until}).status_code == 403


# --- documents and findings ---------------------------------------------------------------------------------------


def _file(content: bytes, name: str = "方案.txt") -> Any:
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile(name, content)


def test_an_upload_is_kept_once(call_as: Any, reporter: Any) -> None:
    program = call_as(reporter)
    first = program.upload("/documents", file=_file("2026年新建污水管网24公里。".encode()), unit="990101101")
    again = program.upload("/documents", file=_file("2026年新建污水管网24公里。".encode()), unit="990101101")

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    assert first.json()["added_by"] == "周芳"
    assert AuditEntry.objects.filter(action="library.add_document").count() == 1


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 422, "document.empty"),
        (b"%PDF-1.7", 415, "document.unreadable"),
        (PNG, 415, "document.is_picture"),
        (b"PK\x03\x04zip", 415, "document.unreadable"),
        (b"a" * 1001, 413, "document.too_large"),
    ],
)
def test_a_file_that_cannot_be_kept_is_refused_by_name(
    call_as: Any, reporter: Any, settings: Any, content: bytes, status: int, code: str
) -> None:
    settings.UPLOAD_LIMIT = 1000
    answer = call_as(reporter).upload("/documents", file=_file(content), unit="990101101")

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Document.objects.exists()


def test_an_upload_for_another_unit_or_none_is_refused(call_as: Any, reporter: Any) -> None:
    program = call_as(reporter)

    west = program.upload("/documents", file=_file(b"text"), unit="990101102")
    assert west.status_code == 403
    assert west.json()["values"] == {"permission": "文件收存", "unit": "西塘镇"}
    assert "西塘镇" in west.json()["sentence_zh"]
    assert program.upload("/documents", file=_file(b"text")).status_code == 403
    assert program.upload("/documents", unit="990101101").status_code == 422
    assert program.upload("/documents", file=_file(b"text"), unit="nirgends").status_code == 404


def test_findings_are_decided_as_on_the_page(call_as: Any, reporter: Any, western: Any, document: Document) -> None:
    mine, other = call_as(reporter), call_as(western)
    first, second = list(Finding.objects.filter(document=document).order_by("start"))[:2]
    seen = mine.get(f"/findings/{first.pk}").json()["version"]

    assert other.post(f"/findings/{first.pk}/accept").status_code == 403
    accepted = mine.post(f"/findings/{first.pk}/accept", {"seen": seen})
    assert (accepted.status_code, accepted.json()["state"]) == (200, "accepted")
    stale = mine.post(f"/findings/{first.pk}/correct", {"value": "30", "seen": seen})
    assert (stale.status_code, stale.json()["code"]) == (409, "finding.already_decided")
    corrected = mine.post(f"/findings/{first.pk}/correct", {"value": "30.50"})
    assert corrected.json()["value"] == "30.5"
    assert corrected.json()["as_read"]
    assert mine.post(f"/findings/{second.pk}/reject", {"because": " "}).status_code == 422
    assert mine.post(f"/findings/{second.pk}/reject", {"because": "重复"}).json()["state"] == "rejected"
    assert mine.post(f"/findings/{second.pk}/reopen").json()["state"] == "proposed"
    assert mine.post(f"/findings/{second.pk}/correct", {"vlaue": "1"}).json()["faults"][0]["field"] == "vlaue"
    entry = AuditEntry.objects.filter(action="library.correct_finding").latest("pk")
    assert entry.actor_name == "周芳（zhoufang）"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"value": True}, 422),
        ({"value": "1e3"}, 422),
        ({"value": "1." + "1" * 13}, 422),
        ({"value": "9" * 16}, 422),
        ({"value": "9" * 15}, 200),
        ({"value": "999.999999999999"}, 200),
        ({"value": 123456}, 200),
        ({"value": 0.1}, 200),
        ({"comparator": "≥"}, 422),
        ({"indicator": "x" * 201}, 422),
        ({"indicator": "x" * 200}, 200),
        ({"indicator": None}, 422),
        ({"kind": "dream"}, 422),
    ],
)
def test_numbers_and_words_keep_their_bounds(
    call_as: Any, reporter: Any, document: Document, changes: dict[str, Any], status: int
) -> None:
    finding = Finding.objects.filter(document=document, value__isnull=False)[0]

    answer = call_as(reporter).post(f"/findings/{finding.pk}/correct", changes)

    assert answer.status_code == status, answer.json()
    if changes.get("value") == 0.1:
        assert answer.json()["value"] == "0.1"


@pytest.mark.parametrize("body", [b" ", b"[]", b"3", b"{", b'{"because": NaN}', b'"\xff"', b'{"because": "\\ud800"}',
                                  b'{"because": "a\\u0000"}'])  # fmt: skip
def test_a_body_that_is_no_json_is_refused(call_as: Any, reporter: Any, document: Document, body: bytes) -> None:
    program = call_as(reporter)
    finding = Finding.objects.filter(document=document)[0]

    answer = program.client.post(
        f"/api/v1/findings/{finding.pk}/reject", body, content_type="application/json", **program._headers()
    )

    assert answer.status_code == 400
    assert answer.json()["code"] == "request.unreadable"


def test_a_body_that_is_too_long_is_refused(call_as: Any, reporter: Any, document: Document, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    finding = Finding.objects.filter(document=document)[0]

    answer = call_as(reporter).post(f"/findings/{finding.pk}/reject", {"because": "x" * 150})
    assert (answer.status_code, answer.json()["code"]) == (413, "request.too_large")


def test_another_method_is_refused_in_json(call_as: Any, reporter: Any) -> None:
    program = call_as(reporter)
    answer = program.client.delete("/api/v1/units", **program._headers())

    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET"
    assert answer.json()["code"] == "request.method"


# --- targets ------------------------------------------------------------------------------------------------------


def test_a_document_is_adopted_once(call_as: Any, reporter: Any, document: Document) -> None:
    program = call_as(reporter)
    body = {"lead": "990101101", "accept": True}

    first = program.post(f"/documents/{document.pk}/adopt", body).json()
    again = program.post(f"/documents/{document.pk}/adopt", body).json()

    assert first["targets"]
    assert again == {"targets": [], "already": len(first["targets"]), "unreviewed": 0}
    assert Target.objects.count() == len(first["targets"])


def test_one_finding_is_adopted_once(call_as: Any, reporter: Any, document: Document) -> None:
    program = call_as(reporter)
    finding = Finding.objects.filter(document=document)[0]
    address = f"/findings/{finding.pk}/adopt"

    assert program.post(address, {"lead": "990101101"}).json()["code"] == "target.finding_unreviewed"
    program.post(f"/findings/{finding.pk}/accept")
    assert program.post(address, {"lead": "990101102"}).status_code == 403
    assert program.post(address, {"lead": "990101101"}).status_code == 201
    assert program.post(address, {"lead": "990101101"}).json()["code"] == "target.already_adopted"


def test_a_target_is_amended_by_its_unit_alone_and_never_over_somebody(
    call_as: Any, reporter: Any, western: Any, targets: list[Target]
) -> None:
    target = next(row for row in targets if row.terms.get().title == "新建污水管网")
    mine, other = call_as(reporter), call_as(western)
    address = f"/targets/{target.number}"
    seen = mine.get(address).json()["terms"]["version"]
    change = {"bound": "26.5", "because": "区政府会议纪要〔2026〕3 号", "seen": seen}

    refused = other.post(f"{address}/amend", change)
    assert (refused.status_code, refused.json()["code"]) == (403, "permission.missing")
    assert "东溪镇" in refused.json()["sentence_zh"]
    assert "东溪镇" in refused.json()["sentence_en"]
    done = mine.post(f"{address}/amend", change)
    assert done.status_code == 200, done.json()
    assert done.json()["terms"]["bound"] == "26.5"
    assert len(done.json()["history"]) == 2
    twice = mine.post(f"{address}/amend", change)
    assert (twice.status_code, twice.json()["code"]) == (409, "target.changed_meanwhile")
    assert mine.post(f"{address}/amend", {"bound": "27", "because": ""}).json()["code"] == "because.missing"
    assert mine.post(f"{address}/amend", {"because": "无"}).json()["code"] == "target.nothing_changed"
    assert mine.post(f"{address}/amend", {"pillar": "fire", "because": "误"}).status_code == 422
    assert mine.post(f"{address}/amend", {"scope_unit": "nirgends", "because": "误"}).status_code == 404
    assert mine.post(f"{address}/amend", {"title": None, "because": "误"}).status_code == 422
    assert TargetTerms.objects.filter(target=target).count() == 2


# --- reports ------------------------------------------------------------------------------------------------------


@pytest.fixture
def sewers(targets: list[Target]) -> str:
    """Where the value of March of the new sewers is reported."""
    number = next(row.number for row in targets if row.terms.get().title == "新建污水管网")
    return f"/targets/{number}/reports/2026-03"


@pytest.fixture
def period(admin: Any, sewers: str) -> str:
    """The address of the period that is owed, whatever the rhythm."""
    number = int(sewers.split("/")[2])
    rows = admin.get("/reports/owed", month="2026-03").json()["rows"]
    return next(f"/targets/{number}/reports/{row['period']['key']}" for row in rows if row["target"] == number)


def test_a_report_goes_its_way(call_as: Any, reporter: Any, checker: Any, western: Any, period: str) -> None:
    town, desk = call_as(reporter), call_as(checker)
    value = {"value": "3.10", "value_date": "2026-03-09", "note": "<b>一期</b>", "seen": 0}

    assert call_as(western).post(f"{period}/draft", value).status_code == 403
    draft = town.post(f"{period}/draft", value).json()
    assert (draft["version"], draft["state"], draft["value"], draft["note"]) == (1, "draft", "3.1", "<b>一期</b>")
    assert town.post(f"{period}/draft", {**value, "seen": 1}).json()["version"] == 1  # sent twice: no second version
    stale = town.post(f"{period}/submit", {**value, "seen": 0})
    assert (stale.status_code, stale.json()["code"]) == (409, "report.changed_meanwhile")
    with_file = town.upload(f"{period}/evidence", files=[_file(PNG, "现场.png")]).json()
    assert [file["file_name"] for file in with_file["evidence"]] == ["现场.png"]
    sent = town.post(f"{period}/submit", {"seen": with_file["version"]}).json()
    assert (sent["state"], sent["value"]) == ("submitted", "3.1")
    again = town.post(f"{period}/submit", {"seen": sent["version"]})
    assert (again.status_code, again.json()["code"]) == (409, "report.wrong_state")
    own = town.post(f"/reports/{sent['report']}/accept", {"seen": sent["version"]})
    assert own.status_code == 403
    assert desk.post(f"/reports/{sent['report']}/return", {"because": " "}).status_code == 422
    back = desk.post(f"/reports/{sent['report']}/return", {"because": "缺验收单", "seen": sent["version"]}).json()
    assert back["state"] == "returned"
    town.post(f"{period}/submit", {**value, "seen": back["version"]})
    assert town.post(f"{period}/withdraw").json()["state"] == "withdrawn"
    town.post(f"{period}/submit", {**value, "seen": None})
    done = desk.post(f"/reports/{sent['report']}/accept").json()
    assert (done["state"], done["checked_by"]) == ("accepted", "何冰")
    assert town.post(f"{period}/correct", {**value, "because": "同", "seen": None}).status_code == 409
    fixed = town.post(f"{period}/correct", {**value, "value": 4, "because": "漏计", "seen": done["version"]})
    assert fixed.json()["state"] == "submitted"


def test_what_is_not_whole_is_refused_with_what_is_missing(call_as: Any, reporter: Any, period: str) -> None:
    town = call_as(reporter)

    assert town.post(f"{period}/submit", {"value": "3"}).json()["code"] == "report.date_missing"
    assert town.post(f"{period}/submit", {"value_date": "2026-03-09"}).json()["code"] == "report.value_missing"
    outside = town.post(f"{period}/submit", {"value": 3, "value_date": "2027-01-01"})
    assert (outside.status_code, outside.json()["code"]) == (422, "report.date_outside")
    assert town.upload(f"{period}/evidence", files=[_file(b"MZ", "a.exe")]).status_code == 415
    assert not ReportEntry.objects.exists()


def test_periods_that_are_none_or_not_owed(call_as: Any, reporter: Any, sewers: str) -> None:
    town = call_as(reporter)
    target = sewers.rsplit("/", 1)[0]

    assert town.post(f"{target}/soon/draft", {"value": 1}).status_code == 404
    refused = town.post(f"{target}/1999-01/draft", {"value": 1})
    assert (refused.status_code, refused.json()["code"]) == (409, "report.period_not_owed")


def test_a_closed_period_takes_nothing(
    call_as: Any, district: Any, reporter: Any, period: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = NOW.replace(year=2027, month=2)
    monkeypatch.setattr(timezone, "now", lambda: later)
    month = around(Kind.MONTH, date(2026, 12, 1) if period.endswith("2026") else date(2026, 3, 1))
    close_period(by=district.site_admin, at=later, unit=district.district, month=month)
    town = Program(Client(), actions.create_token(
        by=reporter, at=later, user=reporter, name="新", expires_on=date(2027, 12, 31)
    ).secret)  # fmt: skip

    answer = town.post(f"{period}/draft", {"value": "3", "value_date": "2026-03-09"})
    assert (answer.status_code, answer.json()["code"]) == (409, "period.closed")
    assert "清河区" in answer.json()["sentence_zh"]
