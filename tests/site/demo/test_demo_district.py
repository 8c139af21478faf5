"""The invented district: founded by the rooms' own actions, once, and marked as invented.

All tests on it stand in this file, because setting it up takes the longest of all fixtures.
"""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta

import polars as pl
import pytest
from django.contrib.auth import authenticate
from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse
from docx import Document as WordFile
from tests.site.demo.conftest import AT, DAY

from heqing.store import batches, current
from heqing_site.audit.models import AuditEntry
from heqing_site.demo import actions, rules
from heqing_site.demo.bulletin import add_bulletins
from heqing_site.demo.models import Demonstration
from heqing_site.demo.scorecards import EVENTS, add_scorecards
from heqing_site.ledger.models import Target
from heqing_site.library.models import Document
from heqing_site.orgs.models import RoleGrant, Term, Unit, User
from heqing_site.orgs.rules import Role
from heqing_site.places.models import MODELS
from heqing_site.places.rules import Register
from heqing_site.publishing.models import Bulletin, BulletinIssue
from heqing_site.publishing.rules import State
from heqing_site.reporting.models import ReportEntry
from heqing_site.reporting.queries import late
from heqing_site.scorecards import queries
from heqing_site.scorecards.models import Scorecard, ScoreEvent, ScorePublication
from heqing_site.web import tour


def state():
    return [model.objects.count() for model in (AuditEntry, Unit, User, Term, Document, Target, *MODELS.values())]


def test_the_district_stands(demo):
    found, said = demo

    assert (found.district.name, found.first_day, found.through, found.year) == (
        "青澜区",
        date(2026, 3, 1),
        DAY,
        2026,
    )
    assert Unit.objects.filter(kind="department").count() >= 16
    assert Unit.objects.filter(kind__in=["town", "street"]).count() == 6
    counts = {register: model.objects.count() for register, model in MODELS.items()}
    assert counts == {
        Register.RIVER: 5,
        Register.STATION: 6,
        Register.SECTION: 10,
        Register.OUTLET: 30,
        Register.ENTERPRISE: 25,
    }
    assert not any(model.objects.filter(is_invented=False).exists() for model in MODELS.values())
    assert any("研判演示目标" in line for line in said)


def test_every_role_has_a_demo_account_whose_password_is_told(demo):
    granted = set(RoleGrant.objects.values_list("role", flat=True))

    assert granted == {role.value for role in Role}
    for account in rules.accounts():
        assert authenticate(username=account.username, password=rules.PASSWORD).display_name == account.name


def test_every_deed_is_on_record(demo):
    deeds = set(AuditEntry.objects.values_list("action", flat=True))

    assert {"orgs.create_unit", "orgs.appoint", "places.create_outlet", "library.add_document"} <= deeds
    assert AuditEntry.objects.filter(action="demo.found_district").count() == 1
    assert AuditEntry.objects.filter(action="places.create_station").count() == 6


def test_reported_values_are_accepted_returned_late_and_lacking(demo):
    lines = late(as_of=AT.date() + timedelta(days=9))

    assert set(ReportEntry.objects.values_list("state", flat=True)) == {"submitted", "accepted", "returned"}
    assert sum(line.returned for line in lines) == 1
    assert sum(line.late for line in lines) >= 1
    assert sum(line.missing for line in lines) >= 1
    entries = ReportEntry.objects.exclude(checked_unit=None)
    assert not entries.filter(checked_unit=F("unit")).exists()
    assert not ReportEntry.objects.filter(recorded_at__gt=AT).exists()


def test_the_values_lie_in_the_store_with_their_files(demo, tmp_path):
    store = current(tmp_path / "store").collect()
    air = store.filter(domain="air")

    assert set(air["place"]) == {row["name"] for row in rules.rows("stations")}
    assert set(store.filter(domain="water")["place"]) == {row["name"] for row in rules.rows("sections")}
    assert air["period_end"].max() == datetime(2026, 4, 1)
    assert set(store["flag"]) == {None}
    for file in batches(tmp_path / "store").collect()["file"]:
        assert file.startswith("演示数据_")
        assert (tmp_path / "demo" / file).is_file()


def test_a_second_start_changes_nothing(demo, tmp_path):
    before, kept = state(), current(tmp_path / "store").collect()
    said: list[str] = []

    actions.set_up(at=AT + timedelta(hours=2), through=DAY, folder=tmp_path, tell=said.append)

    assert state() == before
    assert said == []
    assert current(tmp_path / "store").collect().equals(kept)
    assert batches(tmp_path / "store").collect().height == 3  # air, water, and past water of the rivers with plans


def test_a_start_on_a_later_day_adds_the_days_between(demo, tmp_path):
    kept = current(tmp_path / "store", domain="air").collect()

    actions.set_up(at=AT + timedelta(days=2), through=DAY + timedelta(days=2), folder=tmp_path, tell=lambda _: None)

    grown = current(tmp_path / "store", domain="air").collect()
    assert grown["period_end"].max() == datetime(2026, 4, 3)
    assert grown.filter(pl.col("period_end") <= datetime(2026, 4, 1)).height == kept.height
    assert Demonstration.objects.get().through == DAY + timedelta(days=2)


def test_every_page_of_the_demonstration_says_so(demo, client):
    login = client.get(reverse("login")).content.decode()
    assert "演示安装" in login
    assert rules.PASSWORD in login
    client.force_login(User.objects.get(username="shengtai"))
    for address in ("home", "orgs:units", "places:registers", "library:documents", "health"):
        page = client.get(reverse(address), follow=True, headers={"accept": "text/html"}).content.decode()
        assert "演示安装" in page, address


@pytest.mark.parametrize("name", rules.DOCUMENTS)
def test_each_document_says_that_it_is_invented(name):
    text = dict(rules.documents(2026))[f"2026{name}"].decode()

    assert "虚构" in text[:80]
    assert "{" not in text
    assert 600 <= len(text) <= 1500


def test_the_documents_hold_targets_of_all_kinds(demo):
    targets = Target.objects.count()
    units = set(Document.objects.values_list("findings__unit", flat=True))
    comparators = set(Document.objects.values_list("findings__comparator", flat=True))

    assert targets >= 60
    assert {"微克/立方米", "毫克/升", "%", "家", "公里", "亩", "亿元"} <= units
    assert {">=", "<=", "==", "-%", "complete"} <= comparators
    assert Document.objects.filter(findings__gap="number_masked").exists()
    for document in Document.objects.all():
        assert document.is_invented
        assert document.findings.filter(kind="target").count() >= 15


def test_the_tables_of_the_district_fit_together():
    units = {row["code"] for row in rules.rows("units")}
    people = {row["username"] for row in rules.rows("people")}

    assert {row["unit"] for row in rules.rows("people")} <= units | {""}
    assert {row["username"] for row in rules.rows("terms")} <= people
    assert all("示例" in row["name"] for row in rules.rows("enterprises"))
    for table in ("stations", "sections", "enterprises", "outlets"):
        for row in rules.rows(table):
            assert 124 < float(row["lon"]) < 124.5, "in the open sea"


def test_a_demonstration_does_not_end_before_it_begins(demo):
    with pytest.raises(IntegrityError), transaction.atomic():
        Demonstration.objects.update(through=date(2026, 2, 1))


def test_the_tour_opens_an_example_of_each_word(demo, client):
    client.force_login(User.objects.get(username="admin"))
    stops = [stop for _, found in tour.stops() for stop in found]
    rows = {row["word"]: row["finds"] for row in tour.rows()}

    assert [stop.word for stop in stops if not stop.example and rows[stop.word] != "page"] == []
    for stop in stops:
        if stop.example:
            assert client.get(stop.example).status_code == 200, stop


# --- bulletins ---


def test_one_bulletin_is_issued_and_one_waits_for_the_leader(demo):
    _, told = demo
    found = {row.month.key: row for row in Bulletin.objects.all()}

    assert {key: row.state for key, row in found.items()} == {"2026-02": State.ISSUED, "2026-03": State.SUBMITTED}
    assert all(row.is_invented for row in found.values())
    assert any(line.startswith("拟演示通报：2026 年 2 月印发") for line in told)


def test_the_issued_bulletin_says_that_it_is_invented(demo):
    issue = BulletinIssue.objects.select_related("approved_by", "issued_by").get()
    lines = [paragraph.text for paragraph in WordFile(io.BytesIO(issue.received.open("rb").read())).paragraphs]

    assert lines[0] == "演示数据，内容均为虚构"
    assert issue.file_name.endswith("（演示数据）.docx")
    assert (issue.approved_by.username, issue.issued_by.username) == ("quzhang", "ducha")


def test_a_second_start_adds_no_bulletin(demo):
    told: list[str] = []
    add_bulletins(at=AT, tell=told.append)

    assert Bulletin.objects.count() == 2
    assert told == []


# --- scores ---


def test_two_months_are_scored_and_the_older_one_is_published(demo):
    months = sorted(set(Scorecard.objects.values_list("month_end", flat=True)))

    assert [str(day) for day in months] == ["2026-02-28", "2026-03-31"]
    assert ScorePublication.objects.get().month_end == months[0]
    assert ScoreEvent.objects.count() == len(EVENTS)


def test_the_losses_of_every_card_add_up_and_lead_somewhere(demo):
    cards = Scorecard.objects.filter(points__isnull=False).prefetch_related("losses")

    assert {card.group for card in cards} == {"town", "department"}
    for card in cards:
        assert card.full - card.points == sum(loss.points for loss in card.losses.all()) - card.bonus
        references = {(loss.ref_kind, loss.ref_key) for loss in card.losses.all()}
        assert queries.addresses(references, on=card.month_end).keys() == references
        assert all(loss.sentence and loss.cause not in loss.sentence for loss in card.losses.all())


def test_a_second_start_scores_nothing_again(demo):
    before = Scorecard.objects.count()
    add_scorecards(at=AT, tell=print)

    assert Scorecard.objects.count() == before
