"""Taking in documents and deciding findings: what is kept, what is refused and in which words."""

from __future__ import annotations

import io
import zipfile
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from docx import Document as Word
from openpyxl import Workbook
from tests.site.conftest import AT, PASSWORD
from tests.site.library.conftest import SPEECH, bytes_of

from heqing.reading import Outside, packed
from heqing_site.audit.models import AuditEntry
from heqing_site.errors import RuleBrokenError
from heqing_site.library import actions, queries
from heqing_site.library.models import Document, Finding, Measure
from heqing_site.orgs import actions as orgs
from heqing_site.orgs.rules import Role


def add(district, content, file_name="讲话.txt", **more):
    return actions.add_document(
        by=district.officer, at=AT, file_name=file_name, content=content, unit=district.bureau, **more
    )


def refusal_of(act) -> RuleBrokenError:
    with pytest.raises(RuleBrokenError) as refusal:
        act()
    return refusal.value


def word_file(*lines: str) -> bytes:
    document = Word()
    for line in lines:
        document.add_paragraph(line)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


# --- documents ----------------------------------------------------------------------------------------------------


def test_a_document_is_kept_as_received_with_its_findings(district, settings):
    added = add(district, bytes_of())

    document = Document.objects.get()
    assert added.is_new
    assert document == added.document
    assert document.text == SPEECH
    assert document.title == "在全区生态环境保护大会上的讲话"
    assert (document.doc_type, document.media_type, document.unit) == ("speech", "text/plain", district.bureau)
    assert Path(settings.DATA_DIR, document.received.name).read_bytes() == bytes_of()
    assert [line["line"] for line in document.junk] == ["验证码："]
    findings = list(queries.findings_of(document))
    assert [finding.number for finding in findings] == [1, 2, 3, 4]
    assert all(document.text[finding.start : finding.end] == finding.quote for finding in findings)
    assert [finding.measure.title for finding in findings] == [
        "一、坚决打赢蓝天保卫战",
        "一、坚决打赢蓝天保卫战",
        "二、持续打好碧水保卫战",
        "二、持续打好碧水保卫战",
    ]
    first = findings[0]
    assert (first.indicator, first.comparator, first.value, first.unit) == ("空气质量优良率", ">=", Decimal(85), "%")
    assert (first.pillar, first.strength, first.state) == ("air", "ensure", "proposed")
    assert first.as_read["value"] == "85"
    assert first.corrections == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_document_is_read_in_the_encoding_it_came_in(district, encoding):
    document = add(district, SPEECH.encode(encoding)).document

    assert document.text == SPEECH
    assert document.findings.count() == 4


def test_word_files_and_pages_are_read(district):
    word = add(district, word_file("全区要点", "确保空气质量优良率达到85%以上。"), "要点.docx").document
    page = add(
        district, "<html><body><p>确保空气质量优良率达到86%以上。</p></body></html>".encode(), "要点.html"
    ).document

    assert word.media_type.endswith("wordprocessingml.document")
    assert word.findings.get().value == 85
    assert page.media_type == "text/html"
    assert page.findings.get().value == 86


def test_the_same_bytes_are_kept_once_and_given_back(district, speech):
    entries = AuditEntry.objects.count()

    again = add(district, bytes_of(), "另一个名字.txt")

    assert not again.is_new
    assert again.document == speech
    assert Document.objects.get().file_name == "讲话.txt"
    assert AuditEntry.objects.count() == entries


def test_bytes_that_arrive_twice_at_the_same_moment_are_kept_once(district, speech, monkeypatch):
    """The other upload is committed between the look and the writing."""
    looks = iter([Document.objects.none(), Document.objects.filter(pk=speech.pk)])
    monkeypatch.setattr(Document.objects, "filter", lambda **facts: next(looks))

    again = add(district, bytes_of())

    assert (again.is_new, again.document) == (False, speech)


def test_a_title_that_is_given_counts_and_a_file_without_title_bears_its_name(district):
    named = add(district, bytes_of(), title=" 区长讲话 ").document
    nameless = add(district, "确保空气质量优良率达到87%以上。".encode(), "2026 要点.v2.txt").document

    assert named.title == "区长讲话"
    assert nameless.title == "2026 要点.v2"
    assert queries.document_by_name("2026 要点.v2") == nameless
    assert queries.document_by_name("讲话.txt") == queries.document_by_name("区长讲话") == named
    assert queries.document_by_name("讲") is None


@pytest.mark.parametrize(
    ("file_name", "expected"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\文件\\讲话.txt", "讲话.txt"),
        ("讲\u202e话\n.txt", "讲话.txt"),
        ("", "未命名.txt"),
        ("长" * 400 + ".txt", "长" * 196 + ".txt"),
    ],
)
def test_the_name_of_a_file_is_shown_but_never_a_path(district, settings, file_name, expected):
    document = add(district, bytes_of(), file_name).document

    assert document.file_name == expected
    assert document.received.name == f"library/{document.sha256[:2]}/{document.sha256}"


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name.replace("__", "/").replace("_", "."), content)
    return out.getvalue()


OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SCAN = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]>>endobj trailer<</Root 1 0 R>>"
)


@pytest.mark.parametrize(
    ("content", "file_name", "code"),
    [
        (b"", "a.txt", "document.empty"),
        (b" \r\n", "a.txt", "document.empty"),
        ("　　".encode(), "a.txt", "document.empty"),
        (b"%PDF-1.7 ...", "a.pdf", "document.unreadable"),
        (SCAN, "a.pdf", "document.is_scan"),
        (OLD + "EncryptedPackage".encode("utf-16-le"), "a.docx", "document.is_locked"),
        (OLD, "a.doc", "document.is_old_office"),
        (b"Rar!\x1a\x07", "a.rar", "document.is_archive"),
        (zipped(xl__workbook_xml=b"<a/>"), "a.xlsx", "document.is_archive"),
        (b"\x89PNG\r\n\x1a\n", "a.png", "document.is_picture"),
        (bytes(range(256)) * 20, "a.txt", "document.unreadable"),
        (b"PK\x03\x04broken", "a.docx", "document.unreadable"),
        (zipped(word__document_xml=b"<not word"), "a.docx", "document.unreadable"),
        ("不是 Word".encode(), "a.docx", "document.unreadable"),
        ("优良\x00率".encode("utf-16"), "a.txt", "document.unreadable"),
        (b"<html><script>x</script></html>", "a.html", "document.unreadable"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_by_its_name_and_nothing_is_kept(
    district, settings, content, file_name, code
):
    settings.OUTSIDE_PROGRAMS = Outside()
    refusal = refusal_of(lambda: add(district, content, file_name))

    assert refusal.code == code
    assert f"“{file_name}”" in refusal.sentence()
    assert "未收存" in refusal.sentence()
    assert not Document.objects.exists()
    assert not Path(settings.DATA_DIR, "library").exists()


@pytest.mark.parametrize(("more", "is_refused"), [(-1, False), (0, False), (1, True)])
def test_a_file_at_the_limit_is_kept_and_one_byte_more_is_refused(district, settings, more, is_refused):
    settings.UPLOAD_LIMIT = 2 * 1024 * 1024
    content = bytes_of()
    content += b"\n" * (settings.UPLOAD_LIMIT - len(content) + more)

    if is_refused:
        refusal = refusal_of(lambda: add(district, content))
        assert refusal.code == "document.too_large"
        assert "2 MB" in refusal.sentence()
    else:
        assert add(district, content).is_new


def test_a_word_file_that_would_unpack_to_a_flood_is_refused(district, monkeypatch):
    monkeypatch.setattr(packed, "WHOLE_LIMIT", 1000)

    refusal = refusal_of(lambda: add(district, zipped(word__document_xml=b" " * 2000), "a.docx"))

    assert refusal.code == "document.too_large_unpacked"


def workbook() -> bytes:
    book = Workbook()
    book.active.append(["序号", "年度目标"])
    book.active.append([1, "空气质量优良率达到85%以上"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_workbook_is_read_and_kept_as_received(district):
    added = add(district, workbook(), "清单.xlsx")

    assert added.is_new
    assert added.document.media_type == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert "1\t空气质量优良率达到85%以上" in added.document.text
    assert [finding.quote for finding in added.document.findings.all()] == ["空气质量优良率达到85%以上"]


def test_a_scan_is_read_by_the_command_that_the_installation_sets(district, settings):
    settings.OUTSIDE_PROGRAMS = Outside(ocr="echo 确保空气质量优良率达到85%以上。")

    document = add(district, b"\x89PNG\r\n\x1a\n", "照片.png").document

    assert document.media_type == "image/png"
    assert document.findings.get().quote == "确保空气质量优良率达到85%以上"


def test_a_command_that_fails_is_told_and_nothing_is_kept(district, settings):
    settings.OUTSIDE_PROGRAMS = Outside(ocr="false {picture}")

    assert refusal_of(lambda: add(district, b"\x89PNG\r\n\x1a\n", "照片.png")).code == "document.not_converted"
    assert not Document.objects.exists()


def test_a_document_that_cannot_be_recorded_is_not_kept_and_can_be_sent_again(district, monkeypatch):
    def fail(**facts: object) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(actions, "record", fail)
        with pytest.raises(OSError, match="the disk is full"):
            add(district, bytes_of())
    assert [model.objects.count() for model in (Document, Measure, Finding)] == [0, 0, 0]

    document = add(district, bytes_of()).document
    with document.received.open("rb") as file:
        assert file.read() == bytes_of()


def test_a_day_that_no_calendar_has_is_left_out(district):
    text = "全区大会讲话要点汇编\n发布时间：2026-02-30\n确保空气质量优良率达到85%以上。"

    assert add(district, text.encode()).document.date is None
    assert add(district, text.replace("02-30", "02-28").encode()).document.date == date(2026, 2, 28)


# --- findings -----------------------------------------------------------------------------------------------------


def test_accepting_keeps_what_was_read_and_says_who_and_when(district, finding):
    actions.accept_finding(by=district.officer, at=AT, finding=finding)

    finding.refresh_from_db()
    assert (finding.state, finding.decided_by, finding.decided_at) == ("accepted", district.officer, AT)
    assert finding.value == 85


def test_correcting_changes_the_columns_leaves_what_was_read_and_records_both(district, finding):
    as_read = dict(finding.as_read)

    actions.correct_finding(
        by=district.officer, at=AT, finding=finding, changes={"value": Decimal("85.5"), "period": "2026"}, because="核"
    )

    finding.refresh_from_db()
    assert (finding.state, finding.value, finding.period) == ("accepted", Decimal("85.5"), "2026")
    assert finding.as_read == as_read
    assert finding.corrections == [("要求", "不低于 85 %"), ("期限", "无")]
    entry = AuditEntry.objects.first()
    assert (entry.before["value"], entry.after["value"]) == ("85", "85.5")
    assert (entry.before["period"], entry.after["period"]) == ("", "2026")
    assert entry.because == "核"


def test_a_masked_number_that_is_filled_in_is_missing_no_more(district):
    finding = add(district, "全区新增绿道XX公里以上。".encode()).document.findings.get()
    assert (finding.gap, finding.value) == ("number_masked", None)

    actions.correct_finding(by=district.officer, at=AT, finding=finding, changes={"value": Decimal(12)})

    finding.refresh_from_db()
    assert (finding.gap, finding.value, finding.as_read["gap"]) == ("", 12, "number_masked")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "finding.nothing_changed"),
        ({"value": Decimal("85.000")}, "finding.nothing_changed"),
        ({"quote": "别的话", "as_read": {}}, "finding.nothing_changed"),
        ({"comparator": "≥"}, "finding.unknown_word"),
        ({"pillar": "fire"}, "finding.unknown_word"),
        ({"kind": "wish"}, "finding.unknown_word"),
        ({"indicator": ""}, "finding.indicator_missing"),
        ({"comparator": "complete"}, "finding.number_out_of_place"),
        ({"value": Decimal("1e30")}, "finding.number_too_long"),
    ],
    ids=str,
)
def test_a_correction_is_refused_with(district, finding, changes, code):
    entries = AuditEntry.objects.count()

    refusal = refusal_of(lambda: actions.correct_finding(by=district.officer, at=AT, finding=finding, changes=changes))

    finding.refresh_from_db()
    assert refusal.code == code
    assert (finding.state, AuditEntry.objects.count()) == ("proposed", entries)


def test_a_finding_without_number_needs_one_when_it_is_no_longer_a_deed(district):
    finding = add(district, "全力创建“无废城市”。".encode()).document.findings.get()
    assert finding.comparator == "complete"

    refusal = refusal_of(
        lambda: actions.correct_finding(by=district.officer, at=AT, finding=finding, changes={"comparator": ">="})
    )

    assert refusal.code == "finding.number_missing"


def test_rejecting_needs_a_reason_and_keeps_it(district, finding):
    refusal = refusal_of(lambda: actions.reject_finding(by=district.officer, at=AT, finding=finding, because="  "))
    actions.reject_finding(by=district.officer, at=AT, finding=finding, because=" 重复 ")

    finding.refresh_from_db()
    assert refusal.code == "because.missing"
    assert (finding.state, finding.because) == ("rejected", "重复")


def test_reopening_takes_the_decision_back_and_leaves_the_correction(district, finding):
    actions.correct_finding(by=district.officer, at=AT, finding=finding, changes={"period": "2026"})
    actions.reopen_finding(by=district.officer, at=AT, finding=finding)

    finding.refresh_from_db()
    assert (finding.state, finding.decided_by, finding.decided_at) == ("proposed", None, None)
    assert finding.period == "2026"


@pytest.mark.parametrize("second", ["accept", "reject", "correct"])
def test_the_second_of_two_officers_reads_who_was_first_and_nothing_is_lost(district, finding, second):
    other = orgs.create_user(
        by=district.site_admin, at=AT, username="qianli", display_name="钱力", password=PASSWORD, unit=district.bureau
    )
    orgs.grant_role(
        by=district.site_admin, at=AT, user=other, role=Role.OFFICER, unit=district.bureau, valid_from=date(2026, 1, 1)
    )
    seen = finding.version
    actions.reject_finding(by=other, at=AT, finding=finding, because="重复", seen=seen)
    who = {"by": district.officer, "at": AT + timedelta(minutes=1), "finding": finding, "seen": seen}
    acts = {
        "accept": lambda: actions.accept_finding(**who),
        "reject": lambda: actions.reject_finding(**who, because="不是目标"),
        "correct": lambda: actions.correct_finding(**who, changes={"period": "2026"}),
    }

    refusal = refusal_of(acts[second])

    finding.refresh_from_db()
    assert refusal.code == "finding.already_decided"
    assert "第 1 条已由钱力于 2026-03-02 09:00 处理（未采纳：不低于 85 %）" in refusal.sentence()
    assert (finding.decided_by, finding.because, finding.period) == (other, "重复", "")


def test_a_correction_that_was_made_and_reopened_meanwhile_is_not_accepted_unseen(district, finding):
    seen = finding.version
    actions.correct_finding(by=district.officer, at=AT, finding=finding, changes={"value": Decimal(80)})
    actions.reopen_finding(by=district.officer, at=AT, finding=finding)

    refusal = refusal_of(lambda: actions.accept_finding(by=district.officer, at=AT, finding=finding, seen=seen))

    assert refusal.code == "finding.changed_meanwhile"


def test_two_corrections_of_one_finding_do_not_overwrite_each_other(district, finding):
    actions.accept_finding(by=district.officer, at=AT, finding=finding)
    finding.refresh_from_db()
    seen = finding.version
    later = AT + timedelta(minutes=1)
    actions.correct_finding(by=district.officer, at=later, finding=finding, changes={"period": "2026"}, seen=seen)

    refusal = refusal_of(
        lambda: actions.correct_finding(
            by=district.officer, at=later, finding=finding, changes={"period": "2027"}, seen=seen
        )
    )

    finding.refresh_from_db()
    assert refusal.code == "finding.already_decided"
    assert finding.period == "2026"


def test_what_is_proposed_cannot_be_reopened(district, finding):
    refusal = refusal_of(lambda: actions.reopen_finding(by=district.officer, at=AT, finding=finding))

    assert refusal.code == "finding.changed_meanwhile"


def by_hand(district, speech, words="持续打好碧水保卫战", **more):
    start = speech.text.index(words)
    facts = {"kind": "target", "comparator": "complete", "pillar": "water", "indicator": "碧水保卫战", **more}
    return actions.add_finding_by_hand(
        by=district.officer, at=AT, document=speech, start=start, end=start + len(words), **facts
    )


def test_a_finding_added_by_hand_is_accepted_and_stands_where_its_words_stand(district, speech):
    finding = by_hand(district, speech, "\r\n二、持续打好碧水保卫战\r\n")

    assert (finding.number, finding.quote, finding.state) == (5, "二、持续打好碧水保卫战", "accepted")
    assert finding.is_by_hand
    assert finding.measure.title == "二、持续打好碧水保卫战"
    assert [row.number for row in queries.findings_of(speech)] == [1, 2, 5, 3, 4]


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"start": 5, "end": 5}, "finding.no_words"),
        ({"start": 9, "end": 4}, "finding.no_words"),
        ({"start": -3, "end": 4}, "finding.no_words"),
        ({"start": 0, "end": 10**6}, "finding.no_words"),
        ({"start": 15, "end": 17}, "finding.no_words"),
        ({"comparator": ">="}, "finding.number_missing"),
        ({"indicator": ""}, "finding.indicator_missing"),
        ({"pillar": "fire"}, "finding.unknown_word"),
        ({"strength": "maybe"}, "finding.unknown_word"),
    ],
    ids=str,
)
def test_a_finding_by_hand_is_refused_with(district, speech, facts, code):
    given = {
        "start": 0,
        "end": 5,
        "kind": "target",
        "comparator": "complete",
        "pillar": "air",
        "indicator": "甲",
        "document": speech,
    }

    refusal = refusal_of(lambda: actions.add_finding_by_hand(by=district.officer, at=AT, **{**given, **facts}))

    assert refusal.code == code
    assert speech.findings.count() == 4


def test_the_same_finding_is_not_added_twice(district, speech):
    by_hand(district, speech)

    refusal = refusal_of(lambda: by_hand(district, speech))

    assert refusal.code == "finding.exists"
    assert "第 5 条" in refusal.sentence()


def test_more_words_than_a_sentence_can_have_are_refused(district):
    document = add(district, ("持续改善。" * 300).encode()).document

    refusal = refusal_of(lambda: by_hand(district, document, "持续改善。" * 201))

    assert refusal.code == "finding.too_many_words"
