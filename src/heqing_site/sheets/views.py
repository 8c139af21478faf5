"""Pages of sheets that were brought, and what the pages of other rooms share: what was brought, a sheet to hand out."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header

from heqing_site import workbooks
from heqing_site.errors import RuleBrokenError
from heqing_site.sheets import paper, queries

SHOWN = 50  # sheets on the list, newest first


@dataclass(frozen=True)
class Brought:
    """What a person brings: a file, or cells that were pasted."""

    file_name: str
    content: bytes
    pasted: str


def brought(request: HttpRequest) -> Brought:
    """Take the file field ``file`` or the text ``pasted`` of a form (``sheets/_bring.html``).

    Raises
    ------
    RuleBrokenError
        ``sheet.nothing_brought``.
    """
    file = request.FILES.get("file")
    pasted = request.POST.get("pasted", "")
    if file is not None:
        return Brought(file.name or "", file.read(), "")
    if not pasted.strip():
        raise RuleBrokenError("sheet.nothing_brought")
    return Brought("", b"", pasted)


def xlsx(name: str, content: bytes) -> HttpResponse:
    """Hand out a workbook under a name, without its ending."""
    response = HttpResponse(content, content_type=workbooks.CONTENT_TYPE)
    response["Content-Disposition"] = content_disposition_header(True, f"{name}.xlsx")
    return response


def intakes(request: HttpRequest) -> HttpResponse:
    """List what I brought."""
    found = queries.intakes_of(str(request.user.pk)).defer("rejected")[:SHOWN]
    return render(request, "sheets/intakes.html", {"intakes": found})


def intake(request: HttpRequest, key: int) -> HttpResponse:
    """Show what became of a sheet: rows taken, and each that was not with its reason."""
    found = get_object_or_404(queries.intakes_of(str(request.user.pk)), pk=key)
    return render(request, "sheets/intake.html", {"intake": found})


def rejects(request: HttpRequest, key: int) -> HttpResponse:
    """Hand out the rows that were not taken, to be mended and brought again."""
    found = get_object_or_404(queries.intakes_of(str(request.user.pk)), pk=key)
    return xlsx(f"{found.title} 待改的行", paper.rejects(found))
