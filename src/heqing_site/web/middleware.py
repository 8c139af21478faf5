"""What a person reads when an action refused and the page had no form to say it on.

A missing right answers 403, any other broken rule 409; both say what was refused and what to do.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from heqing_site.errors import RuleBrokenError


class BrokenRuleMiddleware:
    """Turn a broken rule into a page with a sentence."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a broken rule; leave every other error alone."""
        if not isinstance(exception, RuleBrokenError):
            return None
        sentence = exception.sentence(get_language() or "zh-hans")
        if exception.is_about_permission:
            return render(request, "403.html", {"exception": sentence}, status=403)
        return render(request, "web/refused.html", {"sentence": sentence}, status=409)
