"""What corrections teach: words are proposed, decided by an administrator, used by the next reading, and exported."""

from __future__ import annotations

import html
import io
import zipfile

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from tests.site.conftest import AT, DAY
from tests.site.library.conftest import SPEECH, bytes_of
from tests.site.library.test_library_pages import page_of

from heqing.reading import Additions, read
from heqing_site.audit.models import AuditEntry
from heqing_site.errors import RuleBrokenError
from heqing_site.library import actions, queries, rules, words
from heqing_site.library.models import Document, Finding, ProposedWord

NAME = "空气质量优良天数比例"  # as the catalogue has it


def correct(district, finding, **changes) -> Finding:
    return actions.correct_finding(by=district.officer, at=AT, finding=finding, changes=changes)


def accept(district, word: ProposedWord) -> ProposedWord:
    return words.accept_word(by=district.site_admin, at=AT, word=word)


def add(district, text: str) -> Document:
    return actions.add_document(
        by=district.officer, at=AT, file_name="又一份.txt", content=bytes_of(text), unit=district.bureau
    ).document


def test_a_renamed_indicator_is_proposed_and_once_accepted_the_next_document_is_read_so(district, finding):
    correct(district, finding, indicator=NAME)
    word = ProposedWord.objects.get(table="synonyms")
    assert (word.written, word.meaning, word.finding, word.state) == ("空气质量优良率", NAME, finding, "proposed")
    before = add(district, "确保空气质量优良率达到86%以上。")

    accept(district, word)
    after = add(district, "确保空气质量优良率达到87%以上。")

    assert before.findings.get().indicator == "空气质量优良率"
    assert after.findings.get().indicator == NAME
    assert "own_name" in after.findings.get().why
    words.withdraw_word(by=district.site_admin, at=AT, word=word, because="叫法已统一")
    assert add(district, "确保空气质量优良率达到88%以上。").findings.get().indicator == "空气质量优良率"


def test_a_name_outside_the_catalogue_is_kept_as_ones_own_and_one_of_the_catalogue_is_not(district, finding, speech):
    other = speech.findings.get(number=2)

    correct(district, finding, indicator="蓝天好日子占比")
    correct(district, other, indicator="PM2.5平均浓度", pillar="livelihood")

    assert list(ProposedWord.objects.filter(table="indicators").values_list("written", flat=True)) == ["蓝天好日子占比"]


def test_nothing_is_learned_where_the_document_did_not_name_it(district):
    document = add(district, "力争全区浓度控制在25微克/立方米以内，PM10平均浓度控制在45微克/立方米以内。")
    inferred = document.findings.get(gap="indicator_inferred")

    correct(district, inferred, indicator="臭氧日最大8小时平均第90百分位浓度")
    correct(district, document.findings.exclude(pk=inferred.pk).get(), period="2027")

    assert not ProposedWord.objects.exists()


def test_the_same_correction_again_is_counted_and_after_a_refusal_not_proposed_anew(district, finding):
    correct(district, finding, indicator=NAME)
    word = ProposedWord.objects.get(table="synonyms")
    words.refuse_word(by=district.site_admin, at=AT, word=word, because="本区不用")
    again = add(district, "确保空气质量优良率达到86%以上。").findings.get()

    correct(district, again, indicator=NAME)

    word.refresh_from_db()
    assert (word.state, word.times, ProposedWord.objects.filter(table="synonyms").count()) == ("refused", 2, 1)


def test_one_writing_means_one_thing(district, finding):
    correct(district, finding, indicator=NAME)
    correct(district, finding, indicator="空气质量优良天数")
    first, second = ProposedWord.objects.filter(table="synonyms").order_by("pk")
    accept(district, first)

    with pytest.raises(RuleBrokenError) as refusal:
        accept(district, second)

    assert refusal.value.code == "word.means_otherwise"
    with pytest.raises(IntegrityError), transaction.atomic():
        ProposedWord.objects.filter(pk=second.pk).update(state="accepted", valid_from=DAY, decided_at=AT,
            decided_by=district.site_admin)  # fmt: skip


def test_a_decided_word_is_not_decided_again_and_a_withdrawal_says_why(district, finding):
    correct(district, finding, indicator=NAME)
    word = accept(district, ProposedWord.objects.get(table="synonyms"))

    for act, code in (
        (lambda: accept(district, word), "word.already_decided"),
        (lambda: words.refuse_word(by=district.site_admin, at=AT, word=word), "word.already_decided"),
        (lambda: words.withdraw_word(by=district.site_admin, at=AT, word=word, because=" "), "because.missing"),
    ):
        with pytest.raises(RuleBrokenError) as refusal:
            act()
        assert refusal.value.code == code


# --- noise and what is no target ----------------------------------------------------------------------------------


def test_a_line_is_marked_as_noise_here_at_once_and_everywhere_once_accepted(district, open_as, speech):
    browser = open_as(district.officer)
    line = "二、持续打好碧水保卫战"
    place = speech.text.index(line) + 3

    asked = browser.get(reverse("library:mark_line", args=[speech.pk]), {"near": place}).content.decode()
    browser.post(reverse("library:mark_line", args=[speech.pk]), {"words": line, "near": place, "noise": "yes"})

    speech.refresh_from_db()
    assert line in asked
    assert [row["line"] for row in speech.junk] == ["验证码：", line]
    assert f'class="noise">{line}' in page_of(browser, speech)
    assert [row["line"] for row in add(district, SPEECH + "各位同志。").junk] == ["验证码："]
    accept(district, ProposedWord.objects.get(table="junk"))
    assert [row["line"] for row in add(district, SPEECH + "同志们。").junk] == ["验证码：", line]


def test_noise_is_taken_back(district, speech):
    place = speech.text.index("验证码")

    words.mark_line(by=district.officer, at=AT, document=speech, place=place, is_noise=False)

    speech.refresh_from_db()
    assert speech.junk == []
    with pytest.raises(RuleBrokenError) as refusal:
        words.mark_line(by=district.officer, at=AT, document=speech, place=place, is_noise=False)
    assert refusal.value.code == "word.line_is_so"


@pytest.mark.parametrize("place", [-1, 10**6])
def test_a_place_outside_the_text_is_refused(district, speech, place):
    with pytest.raises(RuleBrokenError) as refusal:
        words.mark_line(by=district.officer, at=AT, document=speech, place=place, is_noise=True)
    assert refusal.value.code == "word.no_line"


def test_an_expression_that_makes_no_target_is_proposed_from_its_finding(district, open_as, speech):
    browser = open_as(district.officer)
    third = speech.findings.get(number=3)
    address = reverse("library:exclude", args=[third.pk])

    for said, told in (("河道", "至少写 4 个字"), ("河道疏浚工程", "没有“河道疏浚工程”")):
        refused = browser.post(address, {"words": said})
        assert refused.status_code == 422
        assert told in html.unescape(refused.content.decode())
    browser.post(address, {"words": "公里河道清淤"})

    accept(district, ProposedWord.objects.get(table="exclusions", written="公里河道清淤"))
    read_again = add(district, SPEECH + "各位同志。")
    assert not read_again.findings.filter(quote__contains="河道清淤").exists()
    assert read_again.findings.count() == speech.findings.count() - 1


# --- the page and the export --------------------------------------------------------------------------------------


def test_the_administrator_decides_on_the_page_and_others_only_read(district, open_as, finding):
    correct(district, finding, indicator=NAME)
    word = ProposedWord.objects.get(table="synonyms")
    browser = open_as(district.officer)

    page = browser.get(reverse("library:words")).content.decode()
    refused = browser.post(reverse("library:accept_word", args=[word.pk]))
    browser = open_as(district.site_admin)
    offered = browser.get(reverse("library:words")).content.decode()
    done = browser.post(reverse("library:accept_word", args=[word.pk]), follow=True).content.decode()
    again = browser.post(reverse("library:accept_word", args=[word.pk]), follow=True).content.decode()

    assert "空气质量优良率" in page
    assert "/accept/" not in page
    assert refused.status_code == 403
    assert "/accept/" in offered
    assert f"“空气质量优良率 → {NAME}”：采用" in done
    assert "现为“采用”，不能这样办理" in again
    assert AuditEntry.objects.filter(action="library.accept_word").count() == 1


def test_the_export_is_what_the_command_reads(district, open_as, finding, speech):
    correct(district, finding, indicator=NAME, pillar="livelihood")
    words.mark_line(by=district.officer, at=AT, document=speech, place=0, is_noise=True)
    words.exclude_expression(by=district.officer, at=AT, finding=speech.findings.get(number=3), words="公里河道清淤")
    for word in ProposedWord.objects.all():
        accept(district, word)

    answer = open_as(district.clerk).get(reverse("library:export_words"))
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        tables = {name.split("/")[1].removesuffix(".csv"): packed.read(name).decode() for name in packed.namelist()}
    own = Additions.from_csv(tables)

    assert set(tables) == {"synonyms", "junk", "exclusions"}
    assert own == queries.own_words(on=DAY)
    found = read(speech.text, "又读", additions=own)
    assert [row.indicator for row in found.findings if row.indicator == NAME] == [NAME]
    assert found.findings[0].pillar == "livelihood"
    assert SPEECH.split("\r\n")[0] in [row.line for row in found.junk]
    assert not [row for row in found.findings if "河道清淤" in row.quote]


# --- rules --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("read_name", "gap", "name", "taught"),
    [
        ("优良率", "", NAME, True),
        ("优良率", "number_masked", NAME, True),
        ("优良率", "", "优良率", False),
        (None, "indicator_lost", NAME, False),
        ("PM2.5", "indicator_inferred", "臭氧浓度", False),
        ("优良率", "", "", False),
    ],
)
def test_what_teaches_a_name(read_name, gap, name, taught):
    assert rules.teaches_a_name(read=read_name, gap=gap, name=name) is taught


@pytest.mark.parametrize(
    ("place", "line"), [(0, "甲"), (2, "甲"), (3, None), (5, "乙 丙"), (10, None), (-1, None), (99, None)]
)
def test_the_line_at_a_place(place, line):
    text = " 甲\r\n  乙 丙\n "
    found = rules.line_at(text, place)
    assert (text[slice(*found)] if found else None) == line
