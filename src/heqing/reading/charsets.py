"""Bytes to characters: which encoding a text has, by its mark, by what it declares, by how the characters read.

A declaration is believed only as far as the bytes bear it out; a few lost bytes become U+FFFD each and the rest stays.
Look next at `heqing.reading.decoding`.
"""

from __future__ import annotations

import re

from heqing.errors import BadFileError

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_DECLARED = re.compile(rb"""<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*["']?([A-Za-z0-9_-]+)""", re.I)
# Names under which files declare the encodings known here; any other declaration says nothing.
_NAMES = {
    "utf-8": "utf-8", "utf8": "utf-8", "gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "x-gbk": "gb18030",
    "gb_2312-80": "gb18030", "hz-gb-2312": "hz", "big5": "big5", "big5-hkscs": "big5hkscs", "x-x-big5": "big5",
    "cn-big5": "big5",
}  # fmt: skip
_SAMPLE = 8000  # characters beyond ASCII by which an encoding is judged
_ENOUGH = 0.08  # share of everyday characters that true prose exceeds several times over
_LOST_PART = 50  # at most one lost byte in so many characters


def decode_text(raw: bytes, name: str) -> tuple[str, str, bool]:
    """Decode a text whose encoding may be declared, wrongly declared or not told at all.

    Parameters
    ----------
    raw : bytes
        The whole file.
    name : str
        The file's name, for errors.

    Returns
    -------
    text : str
        The text without its mark.
    encoding : str
        The encoding taken.
    declared : bool
        Whether mark or declaration named it.

    Raises
    ------
    BadFileError
        When the bytes are no text, or in no encoding known here.

    Examples
    --------
    >>> decode_text("空气质量优良".encode("gb18030"), "a.txt")
    ('空气质量优良', 'gb18030', False)
    """
    for mark, encoding in _BOMS:
        if raw.startswith(mark):
            return _marked(raw, len(mark), encoding, name), encoding, True
    if (wide := _unmarked_utf16(raw)) is not None:
        return wide[0], wide[1], False
    if (control := _rubbish(raw)) is not None:
        raise BadFileError(name, "this is no text: save the document as .txt (UTF-8), .html or .docx", byte=control)
    found = _DECLARED.search(raw[:4096])
    said = _NAMES.get(found[1].decode("ascii").lower()) if found else None
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return _undeclared(raw, name, error.start, said)
    if said in (None, "utf-8") or text.isascii():
        return text, said or "utf-8", said is not None
    # Bytes that are UTF-8 throughout are so by chance only in a text of a few characters.
    other = _strictly(raw, said)
    if other is not None and everyday(other) > everyday(text):
        return other, said, True
    return text, "utf-8", False


def _marked(raw: bytes, skip: int, encoding: str, name: str) -> str:
    try:
        return raw[skip:].decode(encoding)
    except UnicodeDecodeError as error:
        text = raw[skip:].decode(encoding, errors="replace")
        if _losses_bearable(text):
            return text
        raise BadFileError(
            name,
            f"the file opens as {encoding} but this byte is not; save it anew as UTF-8",
            byte=skip + error.start,
        ) from error


def _undeclared(raw: bytes, name: str, place: int, said: str | None) -> tuple[str, str, bool]:
    """Choose the encoding whose characters read best; first without loss, then with a few bytes lost."""
    best: tuple[float, str, str] | None = None
    for encoding in dict.fromkeys(filter(None, (said, "gb18030", "big5", "big5hkscs"))):
        text = _strictly(raw, encoding)
        if text is not None and (best is None or everyday(text) > best[0]):
            best = (everyday(text), text, encoding)
    if best is not None and best[0] >= _ENOUGH:
        return best[1], best[2], best[2] == said
    mended: tuple[float, str, str] | None = None
    for encoding in ("utf-8", "gb18030", "big5hkscs"):
        text = _by_lines(raw) if encoding == "utf-8" else raw.decode(encoding, errors="replace")
        score = everyday(text) - text.count("\ufffd") / len(text)
        if _losses_bearable(text) and (mended is None or score > mended[0]):
            mended = (score, text, encoding)
    if mended is not None:
        return mended[1], mended[2], mended[2] == said
    if best is not None and best[0] > 0 and re.search(r"[\u4e00-\u9fff]", best[1]):
        return best[1], best[2], best[2] == said
    raise BadFileError(
        name, "the file is in no encoding known here (UTF-8, UTF-16, GB18030, Big5); save it as UTF-8", byte=place
    )


def _strictly(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None


def _by_lines(raw: bytes) -> str:
    """Decode UTF-8 into which lines of GB18030 were pasted: such a line is taken so if it reads as prose."""
    lines = []
    for line in raw.split(b"\n"):
        text = _strictly(line, "utf-8")
        if text is None:
            other = _strictly(line, "gb18030")
            lossy = line.decode("utf-8", errors="replace")
            text = other if other is not None and everyday(other) > max(everyday(lossy), 2 * _ENOUGH) else lossy
        lines.append(text)
    return "\n".join(lines)


def _losses_bearable(text: str) -> bool:
    return text.count("\ufffd") <= max(3, len(text) // _LOST_PART) and everyday(text) >= _ENOUGH


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

_BEYOND_ASCII = re.compile(r"[^\x00-\x7f\s]+")


def everyday(text: str) -> float:
    """Give the share of everyday Chinese characters among those beyond ASCII.

    Parameters
    ----------
    text : str
        Any text; the first thousands of its characters decide.

    Returns
    -------
    float
        0 to 1; 0 for a text of ASCII alone.

    Examples
    --------
    >>> everyday("我们的工作"), everyday("plain")
    (1.0, 0.0)
    """
    seen = hits = 0
    for run in _BEYOND_ASCII.finditer(text):
        seen += len(run[0])
        hits += sum(c in _EVERYDAY for c in run[0])
        if seen >= _SAMPLE:
            break
    return hits / seen if seen else 0.0


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
        if "\x00" not in text and everyday(text) >= 0.08:
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
