"""The shapes that every route of the API (接口) shares: a page of rows, a refusal, exact numbers, days.

It stands on the ground, below all rooms, so that each room's ``api.py`` may use it. Numbers of the ledger travel as
strings without loss ("0.1" is no fraction of two); days as ISO 8601. Which status a refusal gets stands in
``heqing_site.web.api``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar, cast
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Schema
from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field

Row = TypeVar("Row")

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
LARGEST_KEY = 2**31 - 1
MOST_DIGITS, MOST_PLACES = 15, 12  # what every database gives back unchanged, see ``library.rules.can_be_kept``
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_PLAIN_NUMBER = re.compile(r"-?\d{1,30}(\.\d{1,30})?")


def _iso_only(said: object) -> object:
    if isinstance(said, date):
        return said
    if isinstance(said, str) and said.isascii() and _ISO_DAY.fullmatch(said):
        return said
    raise ValueError("a day is written YYYY-MM-DD")


def _in_calendar(day: date) -> date:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(f"a day lies between {FIRST_DAY} and {LAST_DAY}")
    return day


def _no_yes(said: object) -> object:
    if isinstance(said, bool):
        raise ValueError("a number is expected, not true or false")
    if isinstance(said, str) and not (said.isascii() and _PLAIN_NUMBER.fullmatch(said)):
        raise ValueError('a number is written with digits and a point: "12.50"')
    return said


def _exactly_kept(number: Decimal) -> Decimal:
    _, digits, exponent = number.as_tuple()
    if not number.is_finite() or int(exponent) < -MOST_PLACES or len(digits) + max(int(exponent), 0) > MOST_DIGITS:
        raise ValueError(f"a number has at most {MOST_DIGITS} digits, {MOST_PLACES} of them after the point")
    return number


Day = Annotated[date, BeforeValidator(_iso_only), AfterValidator(_in_calendar)]
Number = Annotated[Decimal, BeforeValidator(_no_yes), AfterValidator(_exactly_kept)]
Key = Annotated[int, Field(ge=1, le=LARGEST_KEY)]
Version = Annotated[int, Field(ge=0, le=LARGEST_KEY, strict=True)]

KEEP: Any = None  # the default of a column that stays as it is when it is not sent

READ_REFUSALS = frozenset({400, 401, 404, 422})
WRITE_REFUSALS = frozenset({400, 401, 403, 404, 409, 413, 415, 422})


class Typed(Schema):
    """What a program sends; a column that is not known is refused, so that no typing mistake is lost in silence."""

    model_config = ConfigDict(extra="forbid")


class Fault(Schema):
    """One field of a request that cannot be used."""

    field: str
    sentence: str


class Refusal(Schema):
    """Why nothing was done: a stable code, a sentence in both languages, what it names, and faulty fields."""

    code: str
    sentence_zh: str
    sentence_en: str
    values: dict[str, str]
    faults: list[Fault]


class UnitRef(Schema):
    """A unit (单位) as others name it."""

    code: str
    name: str


class Paging(Schema):
    """Which rows of a list."""

    limit: int = Field(100, ge=1, le=500, description="Rows of a page")
    offset: int = Field(0, ge=0, le=LARGEST_KEY, description="Rows before the page")


class Page(Schema, Generic[Row]):
    """A page of rows; `next` is the address of the page after it, null on the last."""

    total: int
    limit: int
    offset: int
    next: str | None
    rows: list[Row]


def paged(
    request: HttpRequest, found: QuerySet[Any] | Sequence[Any], paging: Paging, shape: Callable[[list[Any]], list[Any]]
) -> dict[str, Any]:
    """Cut a page out of what was found and give its rows their shape."""
    total = found.count() if isinstance(found, QuerySet) else len(found)
    rows = list(found[paging.offset : paging.offset + paging.limit]) if paging.offset < total else []
    after = paging.offset + paging.limit
    following = None
    if after < total:
        said = [(key, value) for key, value in _asked(request) if key not in ("offset", "limit")]
        following = f"{request.path}?{urlencode([*said, ('limit', paging.limit), ('offset', after)])}"
    return {
        "total": total,
        "limit": paging.limit,
        "offset": paging.offset,
        "next": following,
        "rows": shape(rows),
    }


def _asked(request: HttpRequest) -> list[tuple[str, str]]:
    return [(key, value) for key, values in request.GET.lists() for value in values if isinstance(value, str)]


def exact(value: Decimal | None) -> str | None:
    """Write a number without loss and without the zeros that its column adds."""
    if value is None:
        return None
    written = format(value, "f")
    return written.rstrip("0").rstrip(".") if "." in written else written


def sender(request: HttpRequest) -> Any:
    """Give the person to whom the token of a request belongs."""
    return cast(Any, request).auth
