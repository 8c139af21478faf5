"""The API (接口) under ``/api/v1``: the rooms' routes under one roof, tokens, and what a refusal looks like.

A route reads one query or carries out one action, as a page does; so rights, rules and the audit record are the same.
To add a room: write ``<room>/api.py`` with a ``router`` and name it in `ROUTERS`; then renew the pinned schema with
``make reference``. This is where the clock is read for tokens.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.parser import Parser
from ninja.security import HttpBearer

from heqing_site.cases.api import router as cases
from heqing_site.errors import RuleBrokenError
from heqing_site.ledger.repeats_api import router as ledger
from heqing_site.letters.api import router as letters
from heqing_site.library.api import router as library
from heqing_site.orgs.actions import note_token_use
from heqing_site.orgs.api import router as orgs
from heqing_site.orgs.models import User
from heqing_site.orgs.queries import token_with
from heqing_site.orgs.rules import token_digest
from heqing_site.places.api import router as places
from heqing_site.plans.api import router as plans
from heqing_site.registers.api import router as registers
from heqing_site.reporting.api import router as reporting
from heqing_site.scorecards.api import router as scorecards
from heqing_site.verdicts.api import router as verdicts
from heqing_site.works.api import router as works

ROUTERS = (
    orgs, places, library, ledger, works, registers, reporting, letters, verdicts, cases, plans, scorecards,
)  # fmt: skip
ADDRESS = "/api/"

# What the rules refuse is 409: it may be granted at another moment. What the sender can mend in the request is 422.
FORBIDDEN = frozenset({"permission.missing", "report.own_unit", "report.checker_without_unit"})
TOO_LARGE = frozenset({"document.too_large", "document.too_large_unpacked", "evidence.too_large"})
WRONG_KIND = frozenset(
    {
        "document.is_archive", "document.is_locked", "document.is_old_office", "document.is_picture",
        "document.is_scan", "document.not_converted", "document.unreadable", "evidence.kind_unknown",
    }
)  # fmt: skip
TO_MEND = frozenset(
    {
        "because.missing", "document.empty", "evidence.empty", "evidence.too_many", "finding.indicator_missing",
        "finding.number_missing", "finding.number_out_of_place", "finding.number_too_long", "finding.unknown_word",
        "finding.no_words", "finding.too_many_words", "report.date_missing", "report.date_outside",
        "report.done_missing", "report.evidence_missing", "report.value_missing", "report.value_too_long",
        "target.bound_missing", "target.bound_too_long", "target.day_in_future", "target.period_unclear",
        "target.statistic_missing", "target.unit_inactive",
    }
)  # fmt: skip

# What the frame itself refuses, before any rule is asked: code, Chinese, English.
FRAME = {
    400: ("request.unreadable", "请求无法读取：正文应为 UTF-8 的 JSON，文件以 multipart 上传。", "The request cannot be read: send JSON in UTF-8, files as multipart."),  # noqa: E501
    401: ("token.invalid", "缺少令牌，或令牌不存在、已到期、已停用、所属账号已停用。请在“接口令牌”页新建。", "The token is missing, unknown, expired, revoked, or of a closed account. Make one on the page 接口令牌."),  # noqa: E501
    403: ("request.forbidden", "不能这样请求。", "Such a request is not allowed."),
    404: ("request.unknown", "没有这个地址，或没有您所指的内容。请核对编号、代码和日期。", "There is no such address, or nothing of that number, code or day."),  # noqa: E501
    405: ("request.method", "这个地址不支持这种请求方法。", "The address does not take this method."),
    413: ("request.too_large", "请求过大，未处理。", "The request is too large; nothing was done."),
    415: ("request.kind", "不支持这种内容类型。", "This kind of content is not supported."),
    422: ("request.invalid", "请求中有不能使用的字段，逐项原因见 faults；没有办理任何事项。", "Fields of the request cannot be used, see faults; nothing was done."),  # noqa: E501
    500: ("server.failed", "系统出错，本次请求未办理。请联系系统管理员查看日志。", "The server failed and did nothing. Ask the site administrator to look at the log."),  # noqa: E501
}  # fmt: skip


class Token(HttpBearer):
    """A token of a person in the header ``Authorization: Bearer …``; a session of the browser opens nothing here."""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        """Give the person whose token it is."""
        today = timezone.localdate()
        found = token_with(token_digest(token.strip()), on=today)
        if found is None:
            return None
        note_token_use(on=today, token=found)
        return found.user


class ExactParser(Parser):
    """Reads numbers without loss, and refuses what no text column can keep."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Read a body of JSON; a number with a point becomes a Decimal."""
        said = json.loads(request.body, parse_float=Decimal, parse_constant=_no_constant)
        told = json.dumps(said, ensure_ascii=False, default=str)
        told.encode("utf-8")  # half a surrogate pair is no character
        if "\\u0000" in told:
            raise ValueError("a text holds a zero character")
        if not isinstance(said, dict):
            raise ValueError("the body is no object")
        return said

    def parse_querydict(
        self, data: MultiValueDict[str, Any], list_fields: list[str], request: HttpRequest
    ) -> dict[str, Any]:
        """Read the query or a form."""
        if any("\x00" in str(value) for values in data.lists() for value in values[1]):
            raise HttpError(400, "zero character")
        return super().parse_querydict(data, list_fields, request)


def _no_constant(said: str) -> Any:
    raise ValueError(f"{said} is no number")


api = NinjaAPI(
    title="河清 Heqing API",
    version="1",
    description=(
        "Reads and writes with exactly the rights of the person whose token is sent (`Authorization: Bearer hq_…`). "
        "Numbers of the ledger are strings without loss; days are ISO 8601; lists have `total` and `next`. "
        "`is_invented` marks what stands on invented data; an installation of the demonstration also answers with the "
        "header `Heqing-Demonstration: 1`."
    ),
    auth=Token(),
    docs_url=None,
    parser=ExactParser(),
    urls_namespace="api-1",
)
for router in ROUTERS:
    api.add_router("", router)


def status_of_code(code: str) -> int:
    """Give the HTTP status of a broken rule by its code."""
    for status, codes in ((403, FORBIDDEN), (413, TOO_LARGE), (415, WRONG_KIND), (422, TO_MEND)):
        if code in codes:
            return status
    return 409


def refusal(status: int, faults: list[dict[str, str]] | None = None) -> dict[str, Any]:
    """Say what the frame refuses."""
    code, chinese, english = FRAME.get(status, FRAME[400 if status < 500 else 500])
    return {"code": code, "sentence_zh": chinese, "sentence_en": english, "values": {}, "faults": faults or []}


@api.exception_handler(RuleBrokenError)
def broken_rule(request: HttpRequest, error: RuleBrokenError) -> HttpResponse:
    """Answer a broken rule with its code, its sentence in both languages, and what it names."""
    told = {
        "code": error.code,
        "sentence_zh": error.sentence("zh-hans"),
        "sentence_en": error.sentence("en"),
        "values": {name: str(value) for name, value in error.values.items()},
        "faults": [],
    }
    return api.create_response(request, told, status=status_of_code(error.code))


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Name each field that cannot be used."""
    faults = [{"field": _field(fault["loc"]), "sentence": str(fault["msg"])} for fault in error.errors]
    return api.create_response(request, refusal(422, faults), status=422)


@api.exception_handler(Http404)
def unknown(request: HttpRequest, error: Http404) -> HttpResponse:
    """Answer what is not there."""
    return api.create_response(request, refusal(404), status=404)


@api.exception_handler(HttpError)
def refused(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Answer what ninja refuses; a body that was too long to be read is 413."""
    too_long = isinstance(error.__context__, RequestDataTooBig)
    status = 413 if too_long else error.status_code
    return api.create_response(request, refusal(status), status=status)


@api.exception_handler(AuthenticationError)
def stranger(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    """Answer who has no token."""
    response = api.create_response(request, refusal(401), status=401)
    response["WWW-Authenticate"] = 'Bearer realm="heqing"'
    return response


@api.exception_handler(MultiPartParserError)
def broken_upload(request: HttpRequest, error: MultiPartParserError) -> HttpResponse:
    """Answer an upload that breaks off or is no multipart."""
    return api.create_response(request, refusal(400), status=400)


@api.exception_handler(RequestDataTooBig)
def too_big(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    """Answer a form whose fields are too long to be read."""
    return api.create_response(request, refusal(413), status=413)


def _field(place: tuple[Any, ...]) -> str:
    """Name a field as the sender wrote it: without the place where ninja looked, and without our argument."""
    parts = [str(part) for part in place if str(part) not in ("said", "paging")]
    return ".".join(parts[1:] or parts)
