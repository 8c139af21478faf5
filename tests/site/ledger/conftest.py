"""Documents, findings and departments of the invented district, built as the rooms below leave them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from tests.site.conftest import AT, District
from tests.site.worlds import kept

from heqing_site.ledger import actions
from heqing_site.ledger.models import Target
from heqing_site.library.models import Document, Finding, Measure
from heqing_site.orgs.actions import create_unit
from heqing_site.orgs.models import Unit
from heqing_site.orgs.rules import UnitKind

TEXT = "清河区二〇二六年大会讲话\n一、治气。由区生态环境局牵头。\n{}\n打印本页\n二、治水。由区水利局负责。\n完。"


@kept
def water_office(district: District) -> Unit:
    """区水利局 beside the bureau of ecology."""
    return create_unit(
        by=district.site_admin,
        at=AT,
        name="清河区水利局",
        code="990101-08",
        kind=UnitKind.DEPARTMENT,
        parent=district.district,
        active_from=date(2020, 1, 1),
    )


@pytest.fixture
def write(district: District) -> Callable[..., Document]:
    """Keep a document with findings, each given by its facts; kept by the district, dated 2026-02-10."""

    def keep(*findings: dict[str, Any], responsible: tuple[str, ...] = (), **facts: Any) -> Document:
        quotes = "，".join(found.get("quote", "一句话") for found in findings)
        text = facts.pop("text", None) or TEXT.format(quotes)
        document = Document.objects.create(
            **{
                "title": "大会讲话",
                "file_name": "speech.txt",
                "media_type": "text/plain",
                "sha256": f"{Document.objects.count():064d}",
                "received": "library/00/speech",
                "text": text,
                "region": "清河区",
                "date": date(2026, 2, 10),
                "doc_type": "speech",
                "unit": district.district,
                "added_by": district.site_admin,
                "added_at": AT,
                "junk": [{"line": "打印本页", "start": text.find("打印本页"), "end": text.find("打印本页") + 4}]
                if "打印本页" in text
                else [],
                **facts,
            }
        )
        measure = Measure.objects.create(
            document=document, number=1, level=2, title="一是压实责任", responsible=list(responsible), start=0, end=3
        )
        for number, found in enumerate(findings, start=1):
            quote = found.get("quote", "一句话")
            start = max(text.find(quote), 0)
            made = {
                "kind": "target",
                "quote": quote,
                "start": start,
                "end": start + len(quote),
                "indicator": "PM2.5平均浓度",
                "comparator": "<=",
                "value": Decimal(25),
                "value_text": "25",
                "unit": "微克/立方米",
                "period": "2026",
                "strength": "strive",
                "pillar": "air",
                "confidence": 0.9,
                "measure": measure,
                "state": "accepted",
                "decided_by": district.site_admin,
                "decided_at": AT,
            }
            Finding.objects.create(document=document, number=number, **{**made, **found})
        return document

    return keep


@pytest.fixture
def adopt(district: District, write: Callable[..., Document]) -> Callable[..., Target]:
    """Adopt one target given by its facts."""

    def put(*, by: Any = None, at: Any = AT, lead: Unit | None = None, **facts: Any) -> Target:
        document = write(facts)
        return actions.adopt_finding(by=by or district.site_admin, at=at, finding=document.findings.get(), lead=lead)

    return put
