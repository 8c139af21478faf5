"""Routes of scorecards (考核得分) for programs: the board of a month, each loss with its cause. Reads only."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Query, Router, Schema

from heqing.tables import explain
from heqing_site.envelope import LARGEST_KEY, READ_REFUSALS, Page, Paging, Refusal, UnitRef, exact, paged
from heqing_site.orgs.api import ref
from heqing_site.reporting.rules import Kind, parse_key
from heqing_site.scorecards import queries
from heqing_site.scorecards.models import ScoreLoss
from heqing_site.scorecards.queries import BoardRow

router = Router(tags=["scores 考核"])


class LossOut(Schema):
    """Points lost for one cause, and where the cause can be looked up."""

    item: str
    points: str
    cause: str
    reason_zh: str
    reason_en: str
    ref_kind: str
    ref_key: str


class ScoreOut(Schema):
    """The score of a unit for a month (月度得分)."""

    unit: UnitRef
    group: str
    month: str
    version: int
    scheme: str
    edition: str
    points: str | None
    full: str
    bonus: str
    rank: int | None
    of: int
    grade_name: str
    provisional: bool
    as_of: date
    losses: list[LossOut]


@router.get("/scores/{month}", response={200: Page[ScoreOut], READ_REFUSALS: Refusal}, summary="Scores 月度得分")
def scores(request: HttpRequest, month: str, paging: Query[Paging], version: int | None = None) -> dict[str, Any]:
    """List the scores of a month (2026-03), the newest version or another one; 404 when it was never scored."""
    asked = parse_key(month)
    if asked is None or asked.kind is not Kind.MONTH or asked.first.year < 1900:
        raise Http404("month")
    if version is not None and not 1 <= version <= LARGEST_KEY:
        raise Http404("version")
    rows = queries.board(asked, version, with_unranked=True)
    if not rows:
        raise Http404("month")
    return paged(request, rows, paging, lambda found: [_told(row) for row in found])


def _told(row: BoardRow) -> dict[str, Any]:
    card = row.card
    same = ("group", "version", "scheme", "edition", "rank", "of", "grade_name", "provisional", "as_of")
    return {
        **{name: getattr(card, name) for name in same},
        "unit": ref(card.unit),
        "month": card.month.key,
        "points": exact(card.points),
        "full": exact(card.full),
        "bonus": exact(card.bonus),
        "losses": [_loss(loss) for loss in row.losses],
    }


def _loss(loss: ScoreLoss) -> dict[str, Any]:
    return {
        "item": loss.item,
        "points": exact(loss.points),
        "cause": loss.cause,
        "reason_zh": explain(loss.reason, "zh"),
        "reason_en": explain(loss.reason, "en"),
        "ref_kind": loss.ref_kind,
        "ref_key": loss.ref_key,
    }
