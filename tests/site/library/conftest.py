"""Fixtures of the library's tests: a short invented speech, kept by the bureau."""

from __future__ import annotations

from typing import Any

import pytest
from tests.site.conftest import AT, District
from tests.site.worlds import kept

from heqing_site.library import actions
from heqing_site.library.models import Document

SPEECH = (
    "在全区生态环境保护大会上的讲话\r\n"
    "验证码：\r\n"
    "一、坚决打赢蓝天保卫战\r\n"
    "确保空气质量优良率达到85%以上，力争PM2.5平均浓度控制在27微克/立方米以内。\r\n"
    "二、持续打好碧水保卫战\r\n"
    "2026年完成200公里河道清淤，国控断面水质优良比例保持100%。\r\n"
)


def bytes_of(text: str = SPEECH) -> bytes:
    return text.encode("utf-8")


@kept
def speech(district: District) -> Document:
    """Take the speech in, by the officer of the bureau."""
    return actions.add_document(
        by=district.officer, at=AT, file_name="讲话.txt", content=bytes_of(), unit=district.bureau
    ).document


@pytest.fixture
def finding(speech: Document) -> Any:
    """Give the first finding of the speech."""
    return speech.findings.get(number=1)
