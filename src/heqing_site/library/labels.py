"""What officers reviewed, as an answer key (答案集): texts, accepted findings and document facts in a ZIP file.

The folders and keys are those of the labelled corpus (``docs/NAME.txt``, ``labels/NAME.jsonl`` and ``NAME.meta.json``),
so that ``heqing read --evaluate FOLDER`` scores the reader by it. Only documents in which every finding is decided go
in: in a half-reviewed one, what nobody looked at yet would count as read wrongly. Nothing here writes to the database.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch

from heqing_site.errors import RuleBrokenError
from heqing_site.library import rules
from heqing_site.library.models import Document, DocumentQuerySet, Finding
from heqing_site.library.rules import FindingState

_MOMENT = (1980, 1, 1, 0, 0, 0)  # the same documents give the same bytes
_UNFIT = re.compile(r"[^\w.\-（）()《》“”]+")


def reviewed_documents() -> DocumentQuerySet:
    """List the documents in which something was found and every finding is decided."""
    return Document.objects.reviewed().order_by("pk")


def answer_key(documents: DocumentQuerySet) -> bytes:
    """Give documents with their accepted findings as a ZIP file in the form of the labelled corpus."""
    accepted = Finding.objects.filter(state=FindingState.ACCEPTED).order_by("start", "number")
    told = documents.prefetch_related(Prefetch("findings", queryset=accepted, to_attr="accepted"), "measures")
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for document in told:
            for path, text in _files(document):
                packed.writestr(zipfile.ZipInfo(path, _MOMENT), text.encode("utf-8"), zipfile.ZIP_DEFLATED)
    return file.getvalue()


@dataclass(frozen=True)
class Key:
    """One document of an answer key."""

    name: str
    text: str
    labels: list[dict[str, Any]]
    meta: dict[str, Any]


def key_of(document: Document) -> Key:
    """Give one reviewed document in the form of the labelled corpus.

    Raises
    ------
    RuleBrokenError
        Findings wait to be decided, or there are none.
    """
    left = document.findings.filter(state=FindingState.PROPOSED).count()
    if left or not document.findings.exists():
        raise RuleBrokenError("document.not_reviewed", document=document, left=left)
    accepted = document.findings.filter(state=FindingState.ACCEPTED).order_by("start", "number")
    return Key(_name(document), document.text, [label_of(row) for row in accepted], _facts(document))


def label_of(finding: Finding) -> dict[str, Any]:
    """Give a finding in the keys of the labelled corpus; what is absent is null."""
    is_complete = finding.comparator == "complete"
    read = (finding.as_read or {}).get("pillar")
    is_as_read = read is not None and rules.MATTER_OF_PILLAR.get(read, read) == finding.pillar
    written = finding.value_text if finding.value_text is not None else finding.value_plain
    return {
        "kind": finding.kind,
        "quote": finding.quote,
        "indicator": finding.indicator or None,
        "comparator": finding.comparator,
        "value": _number(finding.value),
        "value_text": None if is_complete else written,
        "unit": finding.unit or None,
        "period": finding.period or None,
        "baseline": finding.baseline or None,
        "strength": finding.strength or None,
        "scope": finding.scope or None,
        "pillar": read if is_as_read else finding.pillar,
    }


def _files(document: Any) -> Iterator[tuple[str, str]]:
    name = _name(document)
    yield f"docs/{name}.txt", document.text
    yield f"labels/{name}.jsonl", "".join(_line(label_of(finding)) for finding in document.accepted)
    yield f"labels/{name}.meta.json", json.dumps(_facts(document), ensure_ascii=False, indent=1) + "\n"


def _name(document: Document) -> str:
    """Name a document by its key and title, so that no two have one name and no sign troubles a file system."""
    return f"{document.pk:05d}_{_UNFIT.sub('_', document.title).strip('._')[:60]}".rstrip("_")


def _facts(document: Document) -> dict[str, Any]:
    return {
        "title": document.title,
        "issuer": document.issuer or None,
        "date": document.date.isoformat() if document.date else None,
        "region": document.region or None,
        "doc_type": document.doc_type or None,
        "people": document.people,
        "measures": [
            {"level": row.level, "title": row.title, "responsible": row.responsible}
            for row in sorted(document.measures.all(), key=lambda row: row.number)
        ],
        "junk": [row["line"].strip() for row in document.junk],
        "source": {"kind": "reviewed", "sha256": document.sha256, "is_invented": document.is_invented},
    }


def _line(row: dict[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False) + "\n"


def _number(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)
