"""The invented bulletins: one issued, one on the leader's desk, both saying that they are invented; done once."""

from __future__ import annotations

import io

from docx import Document
from tests.site.demo.conftest import AT

from heqing_site.demo.bulletin import add_bulletins
from heqing_site.publishing.models import Bulletin, BulletinIssue
from heqing_site.publishing.rules import State


def test_one_is_issued_and_one_waits_for_the_leader(demo):
    _, told = demo
    found = {row.month.key: row for row in Bulletin.objects.all()}

    assert {key: row.state for key, row in found.items()} == {"2026-02": State.ISSUED, "2026-03": State.SUBMITTED}
    assert all(row.is_invented for row in found.values())
    assert any(line.startswith("拟演示通报：2026 年 2 月印发") for line in told)


def test_the_issued_file_says_that_it_is_invented(demo):
    issue = BulletinIssue.objects.select_related("approved_by", "issued_by").get()
    lines = [paragraph.text for paragraph in Document(io.BytesIO(issue.received.open("rb").read())).paragraphs]

    assert lines[0] == "演示数据，内容均为虚构"
    assert issue.file_name.endswith("（演示数据）.docx")
    assert (issue.approved_by.username, issue.issued_by.username) == ("quzhang", "ducha")


def test_a_second_start_adds_nothing(demo):
    told: list[str] = []
    add_bulletins(at=AT, tell=told.append)

    assert Bulletin.objects.count() == 2
    assert told == []
