"""Zipped documents (docx, xlsx, ofd): their parts under limits, their XML without entities, their relations.

It knows no form; `heqing.reading.word`, `.workbook` and `.ofd` read theirs through it.
"""

from __future__ import annotations

import io
import posixpath
import struct
import zipfile
import zlib
from typing import Any

from lxml import etree

from heqing.errors import BadFileError

# A report of 60,000 characters takes 2 MB as XML; a bomb of some kilobytes unpacks to gigabytes.
PART_LIMIT = 64 * 1024 * 1024  # bytes of one XML part
WHOLE_LIMIT = 200 * 1024 * 1024  # bytes of all parts together, pictures included
PARTS_LIMIT = 20_000

# What the readers of zip and XML raise on broken bytes.
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    LookupError,
    ValueError,
    ArithmeticError,
    SyntaxError,
    RuntimeError,
    TypeError,
    AttributeError,
)
_STRICT = (  # the namespaces of ISO strict files and those that everybody else writes
    (b"http://purl.oclc.org/ooxml/wordprocessingml/main", b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"),
    (b"http://purl.oclc.org/ooxml/spreadsheetml/main", b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/relationships",
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    ),
)  # fmt: skip


def kind_of(raw: bytes) -> str:
    r"""Tell what a zip file is: ``docx``, ``xlsx``, ``ofd``, ``opendocument``, ``archive``, or nothing if broken.

    Parameters
    ----------
    raw : bytes
        The whole file.

    Returns
    -------
    str
        The kind, empty when the list of parts cannot be read.

    Examples
    --------
    >>> kind_of(b"PK\x03\x04 and no more")
    ''
    """
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            names = packed.namelist()
    except BROKEN:
        return ""
    if "OFD.xml" in names:
        return "ofd"
    if "[Content_Types].xml" in names:
        for folder, kind in (("word/", "docx"), ("xl/", "xlsx")):
            if any(name.startswith(folder) for name in names):
                return kind
    return "opendocument" if "content.xml" in names and "mimetype" in names else "archive"


class Package:
    """A zipped document whose parts are read one by one; a file that unpacks to too much is refused first.

    Parameters
    ----------
    raw : bytes
        The whole file.
    name : str
        Its name, for errors.
    broken : str
        What to say when it is none of its kind.
    """

    def __init__(self, raw: bytes, name: str, broken: str) -> None:
        self._name, self._broken = name, broken
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(raw))
            parts = self._zip.infolist()
        except BROKEN as error:
            raise BadFileError(name, broken) from error
        if len(parts) > PARTS_LIMIT or sum(part.file_size for part in parts) > WHOLE_LIMIT:
            raise BadFileError(
                name,
                "the file unpacks to far more than a document holds; save it anew without pictures",
                code="too_large",
            )
        self._sizes = {part.filename: part.file_size for part in parts}
        self._folded = {part.lower(): part for part in self._sizes}

    def __contains__(self, part: str) -> bool:
        return part.lower() in self._folded

    def read(self, part: str) -> bytes:
        """Give the bytes of a part; zip never unpacks more than the size it was asked for above."""
        found = self._folded.get(part.lower())
        if found is None:
            raise BadFileError(self._name, self._broken)
        if self._sizes[found] > PART_LIMIT:
            raise BadFileError(
                self._name, f"its part {part} is larger than a document's; save it anew", code="too_large"
            )
        try:
            return self._zip.read(found)
        except BROKEN as error:
            raise BadFileError(self._name, self._broken) from error

    def xml(self, part: str) -> Any:
        """Give the root of a part's XML; entities stay closed, a document type, which no form has, is refused."""
        return parse(self.read(part), self._name, self._broken)

    def related(self, part: str, kind: str) -> list[str]:
        """Give the parts that a part points to with relations of this kind (the last word of the relation's type)."""
        found = []
        for _, type_, target in self._relations(part):
            if type_ == kind:
                found.append(target)
        return found

    def relation_targets(self, part: str) -> dict[str, str]:
        """Give the parts that a part points to, by the relation's id."""
        return {id_: target for id_, _, target in self._relations(part)}

    def _relations(self, part: str) -> list[tuple[str, str, str]]:
        folder, base = posixpath.split(part)
        list_ = posixpath.join(folder, "_rels", f"{base}.rels")
        if list_ not in self:
            return []
        found = []
        for one in self.xml(list_).iterchildren("{*}Relationship"):
            if one.get("TargetMode") == "External":
                continue
            target = one.get("Target", "")
            place = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            found.append((one.get("Id", ""), one.get("Type", "").rsplit("/", 1)[-1], place))
        return found


def parse(data: bytes, name: str, broken: str) -> Any:
    """Parse XML from outside: no entities, no document type, no network.

    Parameters
    ----------
    data : bytes
        The XML.
    name, broken : str
        The file's name, and what to say when it is no XML.

    Returns
    -------
    lxml.etree._Element
        The root.

    Raises
    ------
    BadFileError
        When it is not well formed or declares a document type.

    Examples
    --------
    >>> parse(b"<a><b/></a>", "a.ofd", "no OFD").tag
    'a'
    """
    for strict, usual in _STRICT:
        if strict in data:
            data = data.replace(strict, usual)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        if b"<!DOCTYPE" in data:
            raise BadFileError(name, broken)
        root = etree.fromstring(data, parser)
        if root.getroottree().docinfo.doctype:  # in an encoding in which the line above does not see it
            raise BadFileError(name, broken)
    except BROKEN as error:
        raise BadFileError(name, broken) from error
    return root
