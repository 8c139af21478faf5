"""The text of an HTML page: blocks end lines, cells of a row are parted by tabs, what is not shown is left out.

It reads tags one after the other in time that grows with the page only: the parsers at hand take minutes for a page of
a hundred kilobytes that opens comments and closes none. Look next at `heqing.reading.decoding`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

_MARKUP = re.compile(r"<(?:!doctype\s+html|html|head|body|div|p|table|br|span|article)\b", re.I)
# Elements that end a line of the page.
_BLOCK = re.compile(
    r"address|article|aside|blockquote|br|caption|center|dd|div|dl|dt|fieldset|figcaption|figure|footer|form|h[1-6]|header"
    r"|hr|li|main|nav|ol|option|p|pre|section|select|table|tbody|thead|title|tr|ul"
)
_UNSEEN = {"script", "style", "noscript", "template", "svg", "iframe", "object"}
_RAW = {"script", "style"}  # whose content holds no tags
_TAG = re.compile(r"""<(/?)([A-Za-z][^\s/<>]*)((?:[^<>"']|"[^"]*"|'[^']*')*+)>""")
_LONG_NUMBER = re.compile(r"&#\d{8,}+;?")


def is_page(text: str) -> bool:
    """Say whether a text is HTML by the tags at its head.

    Parameters
    ----------
    text : str
        The decoded file.

    Returns
    -------
    bool
        True when at least two tags that pages have stand near its beginning.

    Examples
    --------
    >>> is_page("<html><body>空气质量"), is_page("达到<5%")
    (True, False)
    """
    return len(_MARKUP.findall(text[:4000])) >= 2


def page_text(text: str) -> str:
    r"""Give what a page shows.

    Parameters
    ----------
    text : str
        The page's HTML.

    Returns
    -------
    str
        Its lines; empty when it shows no text.

    Examples
    --------
    >>> page_text("<p>第一段</p><table><tr><td>甲<td>乙</tr></table>")
    '第一段\n甲\t乙\n'
    """
    parts: list[str] = []
    unseen: list[str] = []
    for closes, tag, data in _pieces(text):
        if not tag:
            if not unseen:
                said = unescape(_LONG_NUMBER.sub("\ufffd", data))
                parts.append(re.sub(r"[\r\n]+", " ", said) if said.strip() else " ")
        elif tag in _UNSEEN:
            if not closes and not data.endswith("/"):
                unseen.append(tag)
            elif closes and tag in unseen:
                while unseen.pop() != tag:
                    pass
        elif tag in ("td", "th"):
            if not closes:
                parts.append("\t")
        elif _BLOCK.fullmatch(tag):
            parts.append("\n")
    lines = (re.sub(r"[ \xa0]+", " ", line).strip(" \t") for line in "".join(parts).split("\n"))
    shown = "\n".join(line for line in lines if line)
    return shown + "\n" if shown.strip() else ""


def _pieces(text: str) -> Iterator[tuple[bool, str, str]]:
    """Give tags (closes, name, rest) and the text between them (False, "", text), in order."""
    at, size = 0, len(text)
    ends = _Ends(text)
    while at < size:
        opened = text.find("<", at)
        if opened < 0:
            yield False, "", text[at:]
            return
        if opened > at:
            yield False, "", text[at:opened]
        if found := _TAG.match(text, opened):
            tag, at = found[2].lower(), found.end()
            yield bool(found[1]), tag, found[3]
            if tag in _RAW and not found[1] and not found[3].endswith("/"):
                at = ends.after(">", ends.after(f"</{tag}", at, size), size)
                yield True, tag, ""
        elif text.startswith("<!--", opened):
            at = ends.after("-->", opened + 4, 0) or ends.after(">", opened, size)
        elif text.startswith(("<!", "<?"), opened):
            at = ends.after(">", opened, size)
        else:
            at = opened + 1
            yield False, "", "<"


class _Ends:
    """Finds where something ends; what was once not found is not looked for again."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._folded: str | None = None
        self._missing: set[str] = set()

    def after(self, end: str, start: int, otherwise: int) -> int:
        if end in self._missing:
            return otherwise
        if end.startswith("</"):
            self._folded = self._folded or re.sub(r"</[A-Za-z]+", lambda m: m[0].lower(), self._text)
            found = self._folded.find(end, start)
        else:
            found = self._text.find(end, start)
        if found < 0:
            self._missing.add(end)
            return otherwise
        return found + len(end)
