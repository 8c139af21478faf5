"""What was reviewed as an answer key: the form of the labelled corpus, accepted findings only, whole documents only."""

from __future__ import annotations

import io
import json
import zipfile
from decimal import Decimal

import pytest
from django.urls import reverse
from tests.site.conftest import AT
from tests.site.library.conftest import SPEECH
from tests.site.worlds import kept

from heqing_site.errors import RuleBrokenError
from heqing_site.library import actions, labels
from heqing_site.library.models import Document

KEYS = [
    "kind", "quote", "indicator", "comparator", "value", "value_text", "unit", "period", "baseline", "strength",
    "scope", "pillar",
]  # fmt: skip
FACTS = ["title", "issuer", "date", "region", "doc_type", "people", "measures", "junk", "source"]


def unpacked(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return {name: packed.read(name).decode("utf-8") for name in packed.namelist()}


@kept
def reviewed(district, speech) -> Document:
    first, second, third, fourth = speech.findings.order_by("number")
    actions.accept_finding(by=district.officer, at=AT, finding=first)
    actions.reject_finding(by=district.officer, at=AT, finding=second, because="与另一条重复")
    changes = {"value": Decimal("200.5"), "start": third.start + 5, "end": third.end}
    actions.correct_finding(by=district.officer, at=AT, finding=third, changes=changes)
    actions.accept_finding(by=district.officer, at=AT, finding=fourth)
    return speech


def test_the_answer_key_has_the_form_of_the_corpus(district, open_as, reviewed):
    files = unpacked(open_as(district.clerk).get(reverse("library:document_labels", args=[reviewed.pk])).content)

    stem = f"{reviewed.pk:05d}_在全区生态环境保护大会上的讲话"
    assert sorted(files) == [f"docs/{stem}.txt", f"labels/{stem}.jsonl", f"labels/{stem}.meta.json"]
    assert files[f"docs/{stem}.txt"] == SPEECH
    rows = [json.loads(line) for line in files[f"labels/{stem}.jsonl"].splitlines()]
    assert [list(row) for row in rows] == [KEYS] * 3
    assert [row["value"] for row in rows] == [85, 200.5, 100]
    assert [row["baseline"] for row in rows] == [None] * 3
    assert all(row["quote"] in SPEECH for row in rows)
    facts = json.loads(files[f"labels/{stem}.meta.json"])
    assert list(facts) == FACTS
    assert facts["junk"] == ["验证码："]
    assert facts["measures"][0] == {"level": 1, "title": "一、坚决打赢蓝天保卫战", "responsible": []}


def test_the_same_review_gives_the_same_bytes(reviewed):
    once, again = (labels.answer_key(labels.reviewed_documents()) for _ in range(2))
    assert once == again


def test_a_half_reviewed_document_is_no_answer_key(district, open_as, speech, finding):
    actions.accept_finding(by=district.officer, at=AT, finding=finding)
    browser = open_as(district.officer)

    page = browser.get(reverse("library:document_labels", args=[speech.pk]), follow=True).content.decode()
    whole = browser.get(reverse("library:labels"), follow=True).content.decode()

    assert "还有 3 条待核" in page
    assert "没有可导出的答案集" in whole
    with pytest.raises(RuleBrokenError) as refusal:
        labels.key_of(speech)
    assert refusal.value.code == "document.not_reviewed"


def test_every_reviewed_document_goes_in_and_no_other(district, open_as, reviewed):
    other = actions.add_document(
        by=district.officer,
        at=AT,
        file_name="又.txt",
        content="确保优良率达到85%。".encode(),
        unit=district.bureau,
    ).document

    files = unpacked(open_as(district.clerk).get(reverse("library:labels")).content)

    assert not [name for name in files if f"{other.pk:05d}" in name]
    assert len(files) == 3


def test_a_complete_row_has_no_number_and_a_mask_keeps_its_sign(district, speech):
    row = speech.findings.first()
    row.comparator, row.value, row.value_text = "complete", None, None
    assert (labels.label_of(row)["value"], labels.label_of(row)["value_text"]) == (None, None)
    row.comparator, row.value_text = ">=", "XX"
    assert (labels.label_of(row)["value"], labels.label_of(row)["value_text"]) == (None, "XX")
    row.value, row.value_text = Decimal("14000.000000000000"), None
    assert (labels.label_of(row)["value"], labels.label_of(row)["value_text"]) == (14000, "14000")
