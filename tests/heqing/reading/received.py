"""Files of every form, made by writers that are not ours where there are any; used by tests and the long fuzz run."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable
from random import Random

from docx import Document
from openpyxl import Workbook
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from heqing.reading import Reading

SAYING = "全区细颗粒物年均浓度控制在26微克/立方米以内，空气质量优良天数比例达到85%以上，新增充电桩300个。"
PARAGRAPHS = ("全区生态环境工作要点", "一、持续改善大气环境质量", SAYING * 3, "二、持续打好碧水保卫战", SAYING)


def word_file(paragraphs: Iterable[str] = PARAGRAPHS) -> bytes:
    """Make a Word file with python-docx: paragraphs and one table."""
    document = Document()
    for said in paragraphs:
        document.add_paragraph(said)
    grid = document.add_table(rows=2, cols=2)
    for row, cells in enumerate((("指标", "目标"), ("优良率", "85%"))):
        for column, said in enumerate(cells):
            grid.cell(row, column).text = said
    document.add_paragraph("附则")
    held = io.BytesIO()
    document.save(held)
    return held.getvalue()


def workbook_file() -> bytes:
    """Make an Excel file with openpyxl: two sheets, numbers with formats."""
    book = Workbook()
    sheet = book.active
    sheet.title = "目标清单"
    sheet.append(["指标", "2026年目标", "完成时限"])
    sheet.append(["空气质量优良天数比例", 0.85, "2026年底"])
    sheet["B2"].number_format = "0%"
    other = book.create_sheet("说明")
    other.append(["细颗粒物年均浓度控制在26微克/立方米以内。"])
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def pdf_file(pages: Iterable[Iterable[str]], *, header: str = "", footer: str = "", size: int = 16) -> bytes:
    """Make a PDF with reportlab: each paragraph set in lines of 28 characters with an indent of two."""
    if "STSong-Light" not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    held = io.BytesIO()
    canvas = Canvas(held, pagesize=A4, invariant=True)
    for number, paragraphs in enumerate(pages, start=1):
        canvas.setFont("STSong-Light", size)
        y = 720
        if header:
            canvas.drawString(72, 800, header)
        for paragraph in paragraphs:
            for indent, line in _set(paragraph):
                canvas.drawString(72 + indent * size, y, line)
                y -= size * 1.75
        if footer:
            canvas.drawCentredString(A4[0] / 2, 40, footer.format(number))
        canvas.showPage()
    canvas.save()
    return held.getvalue()


def _set(paragraph: str, wide: int = 28) -> Iterable[tuple[int, str]]:
    first, rest = paragraph[: wide - 2], paragraph[wide - 2 :]
    yield 2, first
    for at in range(0, len(rest), wide):
        yield 0, rest[at : at + wide]


def pdf_of_pictures() -> bytes:
    """Make a PDF whose page is a picture."""
    from PIL import Image
    from reportlab.lib.utils import ImageReader

    held = io.BytesIO()
    canvas = Canvas(held, pagesize=A4, invariant=True)
    canvas.drawImage(ImageReader(Image.new("L", (40, 40), 128)), 72, 72, 300, 300)
    canvas.showPage()
    canvas.save()
    return held.getvalue()


_OFD = 'xmlns:ofd="http://www.ofdspec.org/2016"'


def ofd_file(pages: Iterable[str], *, template: str = "", extra: dict[str, str] | None = None) -> bytes:
    """Make an OFD by hand, after GB/T 33190: each page is given as the XML of its layer."""
    pages = list(pages)
    listed = "".join(f'<ofd:Page ID="{10 + n}" BaseLoc="Pages/Page_{n}/Content.xml"/>' for n in range(len(pages)))
    used = '<ofd:TemplatePage ID="2" BaseLoc="Tpls/Tpl_0/Content.xml"/>' if template else ""
    parts = {
        "OFD.xml": f"<ofd:OFD {_OFD} DocType='OFD' Version='1.0'><ofd:DocBody><ofd:DocInfo/>"
        "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": f"<ofd:Document {_OFD}><ofd:CommonData><ofd:MaxUnitID>99</ofd:MaxUnitID><ofd:PageArea>"
        f"<ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea>{used}</ofd:CommonData>"
        f"<ofd:Pages>{listed}</ofd:Pages></ofd:Document>",
    }
    if template:
        parts["Doc_0/Tpls/Tpl_0/Content.xml"] = _ofd_page(template)
    for number, layer in enumerate(pages):
        under = '<ofd:Template TemplateID="2" ZOrder="Background"/>' if template else ""
        parts[f"Doc_0/Pages/Page_{number}/Content.xml"] = _ofd_page(layer, under)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        for part, content in (parts | (extra or {})).items():
            packed.writestr(part, '<?xml version="1.0" encoding="UTF-8"?>' + content)
    return held.getvalue()


def _ofd_page(layer: str, under: str = "") -> str:
    return f'<ofd:Page {_OFD}>{under}<ofd:Content><ofd:Layer ID="5">{layer}</ofd:Layer></ofd:Content></ofd:Page>'


def ofd_text(x: float, y: float, said: str, *, size: float = 5.0, more: str = "", delta: str = "") -> str:
    """Make a text object whose base line is `size` below its box."""
    step = delta or f"g {max(len(said) - 1, 0)} {size}"
    return (
        f'<ofd:TextObject ID="7" Boundary="{x} {y} {size * len(said)} {size * 1.4}" Font="3" Size="{size}" {more}>'
        f'<ofd:TextCode X="0" Y="{size}" DeltaX="{step}">{said}</ofd:TextCode></ofd:TextObject>'
    )


def some_of_each() -> dict[str, bytes]:
    """Give a sound file of every form, by name."""
    return {
        "要点.txt": "\n".join(PARAGRAPHS).encode("gb18030"),
        "要点.html": f"<html><body><div>{'</div><div>'.join(PARAGRAPHS)}</div></body></html>".encode(),
        "要点.docx": word_file(),
        "清单.xlsx": workbook_file(),
        "要点.pdf": pdf_file([PARAGRAPHS, PARAGRAPHS], header="某区人民政府文件", footer="— {} —"),
        "要点.ofd": ofd_file(["".join(ofd_text(25, 30 + 9 * n, said[:30]) for n, said in enumerate(PARAGRAPHS))]),
    }


def damaged(raw: bytes, chance: Random) -> bytes:
    """Cut, flip or repeat bytes of a sound file; of a zipped one, often within a part, so that the zip stays whole."""
    if raw.startswith(b"PK") and chance.random() < 0.7:
        return _with_a_damaged_part(raw, chance)
    return _damaged_bytes(raw, chance)


def _damaged_bytes(raw: bytes, chance: Random) -> bytes:
    kept = bytearray(raw)
    deed = chance.random()
    if deed < 0.25:
        return bytes(kept[: chance.randrange(len(kept))])
    if deed < 0.75:
        for _ in range(chance.choice((1, 3, 20, 200))):
            kept[chance.randrange(len(kept))] = chance.randrange(256)
        return bytes(kept)
    first = chance.randrange(len(kept))
    last = min(len(kept), first + chance.randrange(1, 300))
    return bytes(kept[:first] + kept[first:last] * chance.choice((0, 2, 5)) + kept[last:])


def _with_a_damaged_part(raw: bytes, chance: Random) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as before, zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as after:
        parts = before.namelist()
        chosen = chance.choice(parts)
        for part in parts:
            content = before.read(part)
            if part != chosen:
                after.writestr(part, content)
            elif content and chance.random() < 0.9:  # else the part is lost
                after.writestr(part, _changed_xml(content, chance))
    return held.getvalue()


def _changed_xml(content: bytes, chance: Random) -> bytes:
    """Change numbers, names and values and keep the XML well formed more often than not."""
    if chance.random() < 0.3:
        return _damaged_bytes(content, chance)
    found = [
        m.span(1) for m in re.finditer(rb'"([^"<>]{0,60})"|(?<=>)([^<>]{1,60})(?=<)', content) if m.span(1)[0] >= 0
    ]
    for _ in range(chance.choice((1, 2, 8))):
        if found:
            first, last = chance.choice(found)
            odd = chance.choice(
                (b"", b"-1", b"999999999999", b"1e400", b"nan", b"g 9999999 1", b"\xff", b"../../x", b"0")
            )
            content = content[:first] + odd + content[last:]
            found = [(a, b) for a, b in found if b < first]
    return content


def spoken(found: Reading) -> list[tuple[str, int, int]]:
    """Give the words of every row that has a place, with the place where they should stand."""
    return [
        *((f.quote, f.start, f.end) for f in found.findings),
        *((m.title, m.start, m.end) for m in found.measures),
        *((j.line, j.start, j.end) for j in found.junk),
    ]
