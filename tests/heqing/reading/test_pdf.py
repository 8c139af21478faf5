"""PDF files with a text layer, written by reportlab: lines to paragraphs, page furniture, columns, scans."""

from __future__ import annotations

import io
import threading

import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from tests.heqing.reading.received import PARAGRAPHS, SAYING, pdf_file, pdf_of_pictures

from heqing.errors import BadFileError
from heqing.reading import decode, read
from heqing.reading.pdf import page_pictures


def test_lines_are_joined_into_the_paragraphs_that_were_set() -> None:
    received = decode(pdf_file([PARAGRAPHS]), "要点.pdf")

    assert received.text == "\n".join(PARAGRAPHS) + "\n"
    assert received.form == "pdf"


def test_header_and_page_number_are_lines_that_cut_no_sentence() -> None:
    long = SAYING * 4
    raw = pdf_file(
        [["开头第一段。", long[:60]], [long[60:], "第二段说别的事情。"], ["第三页的一段。"]],
        header="某区人民政府文件",
        footer="— {} —",
    )
    received = decode(raw, "要点.pdf")

    lines = received.text.splitlines()
    assert lines.count("某区人民政府文件") == 3
    assert [line for line in lines if line.startswith("—")] == ["— 1 —", "— 2 —", "— 3 —"]
    assert "开头第一段。" in lines
    assert received.place(received.text.index("第三页的一段")).page == 3  # type: ignore[union-attr]


def test_a_paragraph_runs_on_from_page_to_page() -> None:
    first = "全区" * 27  # fills its lines to the edge: an indent of two and 26 characters, then 28
    rest = "继续到下一页为止。"
    held = io.BytesIO()
    canvas = _canvas(held)
    for y, line in ((700, first[:26]), (680, first[26:54])):
        canvas.drawString(72 + (32 if y == 700 else 0), y, line)
    canvas.drawCentredString(300, 40, "1")
    canvas.showPage()
    canvas.setFont("STSong-Light", 16)
    canvas.drawString(72, 760, rest)
    canvas.drawCentredString(300, 40, "2")
    canvas.save()
    received = decode(held.getvalue(), "a.pdf")

    assert received.text == first + rest + "\n1\n2\n"
    assert [(place.start, place.page) for place in received.places] == [(0, 1), (54, 2)]


def test_cells_side_by_side_are_a_row_parted_by_tabs() -> None:
    held = io.BytesIO()
    canvas = _canvas(held)
    for y, cells in ((700, ("指标", "目标")), (675, ("空气质量优良率", "85%"))):
        for x, cell in zip((72, 320), cells, strict=True):
            canvas.drawString(x, y, cell)
    canvas.save()

    assert decode(held.getvalue(), "a.pdf").text == "指标\t目标\n空气质量优良率\t85%\n"


def test_a_sign_that_is_written_last_stands_where_it_is_seen() -> None:
    held = io.BytesIO()
    canvas = _canvas(held)
    canvas.drawString(72, 700, "推进")
    canvas.drawString(120, 700, "无废城市")
    canvas.drawString(104, 700, "“")
    canvas.drawString(184, 700, "”")
    canvas.save()

    assert decode(held.getvalue(), "a.pdf").text == "推进“无废城市”\n"


def test_letters_written_twice_to_look_bold_are_read_once() -> None:
    held = io.BytesIO()
    canvas = _canvas(held)
    canvas.drawString(72, 700, "全区生态环境工作要点")
    canvas.drawString(72.4, 700, "全区生态环境工作要点")
    canvas.save()

    assert decode(held.getvalue(), "a.pdf").text == "全区生态环境工作要点\n"


def test_a_scan_is_refused_with_what_to_do() -> None:
    with pytest.raises(BadFileError, match=r"this is a scan.*HEQING_OCR") as refused:
        decode(pdf_of_pictures(), "扫描.pdf")
    assert refused.value.code == "scan"


def test_pages_that_are_pictures_in_a_text_are_told() -> None:
    from PIL import Image
    from reportlab.lib.utils import ImageReader

    held = io.BytesIO()
    canvas = _canvas(held)
    canvas.drawString(72, 700, "全区生态环境工作要点")
    canvas.showPage()
    canvas.drawImage(ImageReader(Image.new("L", (40, 40), 128)), 72, 72, 300, 300)
    canvas.showPage()
    canvas.showPage()  # and an empty one, which loses nothing
    canvas.save()

    assert decode(held.getvalue(), "a.pdf").unread_pages == (2,)


def test_a_locked_file_is_refused_as_locked() -> None:
    held = io.BytesIO()
    canvas = Canvas(held, encrypt=StandardEncryption("secret", canPrint=0))
    canvas.drawString(72, 700, "plain")
    canvas.save()
    with pytest.raises(BadFileError, match="password") as refused:
        decode(held.getvalue(), "a.pdf")
    assert refused.value.code == "locked"


def test_pages_are_drawn_as_pictures_that_others_can_open() -> None:
    from PIL import Image

    pictures = list(page_pictures(pdf_file([["第一页"], ["第二页"]]), "a.pdf"))

    opened = [Image.open(io.BytesIO(picture)) for picture in pictures]
    assert [picture.mode for picture in opened] == ["L", "L"]
    assert opened[0].size[1] == pytest.approx(842 / 72 * 200, abs=2)
    darkest, lightest = opened[0].getextrema()
    assert darkest < 100 < 200 < lightest


def test_many_threads_read_at_once() -> None:
    raw = pdf_file([PARAGRAPHS] * 3)
    wanted, found = decode(raw, "a.pdf").text, []
    threads = [threading.Thread(target=lambda: found.append(decode(raw, "a.pdf").text)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [wanted] * 8


def _canvas(held: io.BytesIO) -> Canvas:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    canvas = Canvas(held)
    canvas.setFont("STSong-Light", 16)
    return canvas


def test_what_repeats_on_the_pages_is_noise_whatever_it_says() -> None:
    header = "东溪区力争优良率达到85%以上行动方案"
    pages = [["开头一段。"], ["确保断面水质优良比例达到90%以上。"], ["结尾一段。"]]

    found = read(decode(pdf_file(pages, header=header, footer="第 {} 页 共 3 页"), "a.pdf"))

    assert [str(finding.value) for finding in found.findings] == ["90"]
    assert [line.line for line in found.junk] == [
        header,
        "第 1 页 共 3 页",
        header,
        "第 2 页 共 3 页",
        header,
        "第 3 页 共 3 页",
    ]
