"""The button that judges now, for whoever does not want to wait for the morning."""

from __future__ import annotations

from collections import Counter
from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from heqing_site.ledger.rules import LIGHT_NAMES, Light
from heqing_site.orgs.models import User
from heqing_site.rounds import actions


@require_POST
def judge(request: HttpRequest) -> HttpResponse:
    """Judge the targets of a person's units now (现在研判), and tell what it brought."""
    judged, opened = actions.judge(at=timezone.now(), on=timezone.localdate(), by=cast(User, request.user))
    lights = Counter(Light(row.light) for row in judged.rows)
    told = "、".join(f"{LIGHT_NAMES[light]} {lights[light]}" for light in Light if lights[light])
    said = f"已研判 {len(judged.rows)} 项目标：{told}；{judged.new} 项有新结论。"
    if opened.opened or opened.reopened:
        said += f"新立问题 {len(opened.opened)} 件，反弹 {len(opened.reopened)} 件。"
    messages.success(request, said)
    return redirect("ledger:ledger")
