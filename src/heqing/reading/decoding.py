"""Bytes as received to text: which file it is, which encoding it has, and its text with block breaks.

It cleans nothing: pinyin, odd blanks and page furniture stay, so that offsets mean what the reader of the file sees.
Look next at `heqing.reading.cleaning`.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import PurePath
from typing import Any

from charset_normalizer import from_bytes
from docx import Document
from docx.opc.exceptions import PackageNotFoundError

from heqing.errors import BadFileError

_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_DECLARED = re.compile(rb"""<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*["']?([A-Za-z0-9_-]+)""", re.I)
_MARKUP = re.compile(r"<(?:!doctype\s+html|html|head|body|div|p|table|br|span|article)\b", re.I)
_HAN = re.compile(r"[\u4e00-\u9fff]")
# Elements that end a line of the page.
_BLOCK = re.compile(
    r"address|article|aside|blockquote|br|caption|center|dd|div|dl|dt|fieldset|figcaption|figure|footer|form|h[1-6]|header"
    r"|hr|li|main|nav|ol|option|p|pre|section|select|table|tbody|thead|title|tr|ul"
)
_UNSEEN = {"script", "style", "noscript", "template", "svg", "iframe", "object"}
_REFUSED = (
    (b"%PDF", "this is a PDF; save its text as .txt or .docx and read that"),
    (b"\xd0\xcf\x11\xe0", "this is an old Word or Excel file (.doc, .xls); save it as .docx or .txt and read that"),
    (b"Rar!", "this is an archive; unpack it first"),
    (b"\x89PNG", "this is a picture; only text can be read"),
    (b"\xff\xd8\xff", "this is a picture; only text can be read"),
    (b"GIF8", "this is a picture; only text can be read"),
)


@dataclass(frozen=True)
class ReceivedText:
    """The text of a document as received: all offsets of findings count its characters.

    `form` is ``text``, ``html`` or ``docx``; `encoding` is None for docx; `declared` says that the file named it.
    For a plain text file `text` is exactly the decoded content, line ends included.
    """

    name: str
    text: str
    form: str = "text"
    encoding: str | None = None
    declared: bool = False


def decode(raw: bytes, name: str) -> ReceivedText:
    """Decode a file's bytes: plain text, HTML or Word (docx).

    Parameters
    ----------
    raw : bytes
        The whole content of the file.
    name : str
        The file's name; its ending tells Word files, and errors name it.

    Returns
    -------
    ReceivedText
        The decoded text.

    Raises
    ------
    BadFileError
        When the file is empty, binary, in no known encoding, or a Word file that is none.

    Examples
    --------
    >>> decode("空气质量优良率".encode("gb18030"), "a.txt").text
    '空气质量优良率'
    """
    if not raw.strip():
        raise BadFileError(name, "the file is empty; nothing to read")
    ending = PurePath(name).suffix.lower()
    for start, problem in _REFUSED:
        if raw.startswith(start):
            raise BadFileError(name, problem, byte=0)
    if ending == ".docx" or raw.startswith(b"PK\x03\x04"):
        return ReceivedText(name, _word_text(raw, name), "docx")
    text, encoding, declared = _decode_text(raw, name)
    if not text.strip():
        raise BadFileError(name, "the file holds blanks only; nothing to read")
    if ending in (".html", ".htm", ".xhtml", ".shtml") or len(_MARKUP.findall(text[:4000])) >= 2:
        page = _Page()
        page.feed(text)
        page.close()
        shown = page.text()
        if not shown.strip():
            raise BadFileError(
                name, "the page holds no text (perhaps a script fills it); save it from the browser as text"
            )
        return ReceivedText(name, shown, "html", encoding, declared)
    return ReceivedText(name, text, "text", encoding, declared)


def _decode_text(raw: bytes, name: str) -> tuple[str, str, bool]:
    for mark, encoding in _BOMS:
        if raw.startswith(mark):
            try:
                return raw[len(mark) :].decode(encoding), encoding, True
            except UnicodeDecodeError as error:
                raise BadFileError(
                    name,
                    f"the file opens as {encoding} but this byte is not; save it anew as UTF-8",
                    byte=len(mark) + error.start,
                ) from error
    if (wide := _unmarked_utf16(raw)) is not None:
        return wide[0], wide[1], False
    if (control := _rubbish(raw)) is not None:
        raise BadFileError(name, "this is no text: save the document as .txt (UTF-8), .html or .docx", byte=control)
    if found := _DECLARED.search(raw[:2048]):
        said = found[1].decode("ascii").lower()
        said = "gb18030" if said in ("gb2312", "gbk") else said
        try:
            return raw.decode(said), said, True
        except (UnicodeDecodeError, LookupError):
            pass  # a page that lies about itself: look at the bytes
    try:
        return raw.decode("utf-8"), "utf-8", False
    except UnicodeDecodeError as error:
        place = error.start
    return _undeclared(raw, name, place)


def _undeclared(raw: bytes, name: str, place: int) -> tuple[str, str, bool]:
    """Choose between GB18030 and Big5 by the share of everyday characters; else ask charset-normalizer."""
    best: tuple[float, str, str] | None = None
    for encoding in ("gb18030", "big5", "big5hkscs"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        score = _everyday(text)
        if best is None or score > best[0]:
            best = (score, text, encoding)
    if best is not None and best[0] >= 0.08:
        return best[1], best[2], False
    guess = from_bytes(raw).best()
    if guess is not None and _everyday(str(guess)) >= 0.08:
        return str(guess), guess.encoding, False
    lossy = raw.decode("utf-8", errors="replace")
    if lossy.count("\ufffd") <= max(3, len(lossy) // 200) and _everyday(lossy) >= 0.08:
        return lossy, "utf-8", False  # a few lost bytes in a sound file: U+FFFD marks each loss
    if best is not None and _HAN.search(best[1]) and best[0] > 0:
        return best[1], best[2], False
    raise BadFileError(
        name, "the file is in no encoding known here (UTF-8, UTF-16, GB18030, Big5); save it as UTF-8", byte=place
    )


# The most frequent characters of official prose, simplified and traditional: true text is full of them,
# text read in a wrong encoding is not.
_EVERYDAY = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经十三之"
    "进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与"
    "关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文"
    "总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处队南给色光门即保"
    "治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白教速花带安场身车例真务具万每目至达走积示"
    "議為國這個來們時會發後學經進當機電業產實質環區總氣動應開還體與關長給從對過設組計處隊壓導爭濟階術極聯認證單風車務萬達積"
)


def _everyday(text: str) -> float:
    seen = [c for c in text[:20000] if ord(c) > 127 and not c.isspace()]
    return sum(c in _EVERYDAY for c in seen) / len(seen) if seen else 0.0


def _unmarked_utf16(raw: bytes) -> tuple[str, str] | None:
    if len(raw) < 8 or len(raw) % 2:
        return None
    sample = raw[:4000]
    for encoding, high in (("utf-16-le", 1), ("utf-16-be", 0)):
        rows = sample[high::2]
        likely = sum(b == 0 or b == 0x30 or b == 0xFF or 0x4E <= b <= 0x9F for b in rows) / len(rows)
        if likely < 0.95 or (b"\x00" not in raw and rows.count(0x30) + rows.count(0xFF) == 0):
            continue
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text and _everyday(text) >= 0.08:
            return text, encoding
    return None


def _rubbish(raw: bytes) -> int | None:
    """Give the first byte that no text holds when there are too many of them."""
    sample = raw[:65536]
    found = re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]", sample)
    if found is None:
        return None
    count = len(re.findall(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]", sample))
    return found.start() if b"\x00" in sample or count > len(sample) // 100 else None


class _Page(HTMLParser):
    """Collects what a page shows; blocks end lines, cells of a row are parted by tabs."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._unseen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen.append(tag)
        elif tag in ("td", "th"):
            self._parts.append("\t")
        elif _BLOCK.fullmatch(tag):
            self._parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._unseen:
            while self._unseen and self._unseen.pop() != tag:
                pass
        elif _BLOCK.fullmatch(tag):
            self._parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self._parts.append(re.sub(r"[\r\n]+", " ", data) if data.strip() else " ")

    def text(self) -> str:
        lines = (re.sub(r"[ \xa0]+", " ", line).strip(" \t") for line in "".join(self._parts).split("\n"))
        return "\n".join(line for line in lines if line) + "\n"


def _word_text(raw: bytes, name: str) -> str:
    problem = "the name says Word (docx) but the content is none; open it in Word or WPS and save it as .docx anew"
    if not raw.startswith(b"PK"):
        raise BadFileError(name, problem, byte=0)
    try:
        document: Any = Document(io.BytesIO(raw))
        lines = list(_word_lines(document))
    except (PackageNotFoundError, zipfile.BadZipFile, KeyError, ValueError, SyntaxError) as error:
        raise BadFileError(name, problem) from error
    text = "\n".join(lines) + "\n"
    if not text.strip():
        raise BadFileError(name, "the Word file holds no text (perhaps pictures only); type or scan its text first")
    return text


def _word_lines(document: Any) -> list[str]:
    lines: list[str] = []
    for block in document.iter_inner_content():
        if hasattr(block, "rows"):
            for row in block.rows:
                cells: list[str] = []
                for cell in row.cells:
                    said = cell.text.replace("\n", " ").strip()
                    if not cells or cells[-1] != said:  # merged cells come once for each grid place
                        cells.append(said)
                lines.append("\t".join(cells))
        else:
            lines.append(block.text)
    return lines
