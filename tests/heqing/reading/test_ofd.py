"""OFD files made by hand after GB/T 33190: text objects at places, templates, scans, bombs."""

from __future__ import annotations

import pytest
from tests.heqing.reading.received import ofd_file, ofd_text

from heqing.errors import BadFileError
from heqing.reading import decode, packed

LINE = "全区细颗粒物年均浓度控制在二十六微克每立方米以内并"  # 25 characters


def test_text_is_read_by_its_place_not_by_its_order_in_the_file() -> None:
    layer = ofd_text(25, 60, "第二行。") + ofd_text(65, 30, "题目") + ofd_text(25, 48, "第一行。")

    received = decode(ofd_file([layer]), "a.ofd")

    assert received.text == "题目\n第一行。\n第二行。\n"
    assert received.form == "ofd"


def test_full_lines_run_on_and_a_short_one_ends_the_paragraph() -> None:
    layer = (
        ofd_text(35, 30, LINE[:23])
        + ofd_text(25, 38, LINE)
        + ofd_text(25, 46, "持续改善。")
        + ofd_text(35, 54, LINE[:23])
    )

    assert decode(ofd_file([layer]), "a.ofd").text == LINE[:23] + LINE + "持续改善。\n" + LINE[:23] + "\n"


def test_characters_one_by_one_are_one_line() -> None:
    layer = "".join(ofd_text(25 + 5 * n, 30, char) for n, char in enumerate("优良率达到"))
    layer += "".join(ofd_text(50 + 2.5 * n, 30, char) for n, char in enumerate("85%"))

    assert decode(ofd_file([layer]), "a.ofd").text == "优良率达到85%\n"


def test_distances_and_matrix_say_where_cells_stand() -> None:
    layer = ofd_text(0, 0, "指标", more='CTM="1 0 0 1 25 30"') + ofd_text(0, 0, "目标", more='CTM="1 0 0 1 90 30"')
    layer += ofd_text(25, 50, "优良率", delta="5 5") + ofd_text(90, 50, "85%", delta="g 2 2.5")

    assert decode(ofd_file([layer]), "a.ofd").text == "指标\t目标\n优良率\t85%\n"


def test_pages_are_places_and_a_template_is_a_line_of_its_own() -> None:
    pages = [ofd_text(25, 60, "第一页的话。"), ofd_text(25, 60, "第二页的话。")]

    received = decode(ofd_file(pages, template=ofd_text(25, 10, "某区人民政府")), "a.ofd")

    assert received.text.splitlines() == ["某区人民政府", "第一页的话。", "某区人民政府", "第二页的话。"]
    assert received.place(received.text.index("第二页")).page == 2  # type: ignore[union-attr]


def test_a_scan_is_refused_and_a_page_that_is_a_picture_is_told() -> None:
    picture = '<ofd:ImageObject ID="9" Boundary="0 0 210 297" ResourceID="4"/>'
    with pytest.raises(BadFileError, match="this is a scan") as refused:
        decode(ofd_file([picture]), "a.ofd")
    assert refused.value.code == "scan"
    assert decode(ofd_file([ofd_text(25, 30, "有字"), picture]), "a.ofd").unread_pages == (2,)


def test_entities_are_not_opened() -> None:
    bomb = "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>]><x>&b;</x>"
    with pytest.raises(BadFileError, match="the name says OFD"):
        decode(ofd_file([], extra={"OFD.xml": bomb}), "a.ofd")


def test_outside_files_are_not_reached() -> None:
    away = ofd_file([ofd_text(25, 30, "有字")]), "a.ofd"
    assert decode(*away).text == "有字\n"
    document = "<a><CommonData/><Pages><Page BaseLoc='../../../etc/passwd'/></Pages></a>"
    reaching = ofd_file([], extra={"Doc_0/Document.xml": document})
    with pytest.raises(BadFileError):
        decode(reaching, "a.ofd")


def test_a_file_that_unpacks_to_a_flood_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "PART_LIMIT", 1000)
    raw = ofd_file([ofd_text(25, 30, "字" * 3000)])
    with pytest.raises(BadFileError, match="larger than a document") as refused:
        decode(raw, "a.ofd")
    assert refused.value.code == "too_large"


def test_an_ofd_without_its_ending_is_told_by_its_content() -> None:
    assert decode(ofd_file([ofd_text(25, 30, "有字")]), "下载").form == "ofd"
