"""How a kept file of evidence (佐证) is opened from a page: the same for every room that keeps some."""

from __future__ import annotations

from typing import Protocol

from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404
from django.http.response import HttpResponseBase

from heqing_site.library.evidence import evidence_kinds


class Kept(Protocol):
    """A row that tells of a file: see `heqing_site.library.models.EvidenceFile`."""

    file_name: str
    media_type: str

    @property
    def received(self) -> FieldFile:
        """The file as received."""
        ...


def open_evidence(kept: Kept) -> HttpResponseBase:
    """Open a file of evidence: pictures and PDF in place, all others to be kept."""
    try:
        file = kept.received.open("rb")
    except FileNotFoundError as error:
        raise Http404("原件不在数据目录中，请联系系统管理员从备份恢复。") from error
    shown = any(kind.is_shown for kind in evidence_kinds().values() if kind.media_type == kept.media_type)
    response = FileResponse(file, as_attachment=not shown, filename=kept.file_name, content_type=kept.media_type)
    response["Content-Security-Policy"] = "sandbox; default-src 'none'; img-src 'self'; style-src 'unsafe-inline'"
    return response
