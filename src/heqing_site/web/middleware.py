"""What stands between a request and its page: login first, and a sentence for whoever broke a rule or sent too much.

It decides no rights; actions do.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language

from heqing_site.demo.queries import demonstration
from heqing_site.errors import RuleBrokenError
from heqing_site.orgs.models import User
from heqing_site.web.api import refusal

API = "/api/"

MEGABYTE = 1024 * 1024

# Fields of a form that nobody typed, or that nobody shows again.
SIGNED_ON = "signed_on"  # in the session of whoever came by single sign-on

HIDDEN = re.compile(r"csrf|password|seen|^(only|deed|next|page|near)$")


class LoginFirstMiddleware(LoginRequiredMiddleware):
    """Send strangers to the login page, but from pages that are open to them.

    Django asks for the session before it asks whether the page needs one; the health page must answer also when the
    database, where sessions lie, does not.
    """

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase], view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        """Ask for a login where the page needs one."""
        if not getattr(view_func, "login_required", True) or request.path.startswith(API):
            return None  # the API asks for a token of its own
        answer = super().process_view(request, view_func, view_args, view_kwargs)
        return self._own_password_first(request) if answer is None else answer

    def _own_password_first(self, request: HttpRequest) -> HttpResponseBase | None:
        """Lead who logged in with a first password to the page where they choose their own."""
        user = request.user
        if not isinstance(user, User) or not user.must_change_password or request.session.get(SIGNED_ON):
            return None
        page = reverse("orgs:password", args=[user.pk])
        if request.path in {page, reverse("logout"), reverse("language")}:
            return None
        messages.info(request, "您用的是初始密码。请先设置自己的密码，再办理其他事项。")
        return redirect(page)

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]) -> Any:
        """Ask for a login; what somebody sent after their session had ended is shown to them, not lost."""
        if request.method == "POST":
            return render(
                request, "web/session_lost.html", {"login": _login_again(request), **typed(request)}, status=401
            )
        return super().handle_no_permission(request, view_func)


def typed(request: HttpRequest) -> dict[str, Any]:
    """Give what a person typed into a form that was not taken, for them to copy: no password, no hidden key."""
    shown = [
        value.strip()
        for name, values in request.POST.lists()
        if not HIDDEN.search(name)
        for value in values
        if value.strip()
    ]
    return {
        "typed": list(dict.fromkeys(shown)),
        "files": [file.name for name in request.FILES for file in request.FILES.getlist(name)],
    }


def _login_again(request: HttpRequest) -> str:
    """Give the address of the login page that leads back to the page where the form stood."""
    came_from = request.headers.get("Referer", "")
    here = {request.get_host()}
    back = urlsplit(came_from) if url_has_allowed_host_and_scheme(came_from, here, request.is_secure()) else None
    page = f"{back.path}?{back.query}".rstrip("?") if back and back.path else ""
    return f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': page})}" if page else resolve_url(settings.LOGIN_URL)


class TooLargeMiddleware:
    """Answer a request that is larger than the site takes at once with a sentence, before anything of it is read.

    A single file that is too large is refused by the action that would keep it, by its name; this is for the whole.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on, or refuse it."""
        told = request.META.get("CONTENT_LENGTH") or ""
        size = int(told) if told.isascii() and told.isdecimal() else 0
        if size <= settings.REQUEST_LIMIT:
            return self.get_response(request)
        error = RuleBrokenError(
            "upload.too_large",
            size=-(-size // MEGABYTE),
            limit=settings.REQUEST_LIMIT // MEGABYTE,
            single=settings.UPLOAD_LIMIT // MEGABYTE,
        )
        return render(
            request, "web/refused.html", {"sentence": error.sentence(get_language()), "code": 413}, status=413
        )


class BrokenRuleMiddleware:
    """Turn a broken rule into a page with a sentence: 403 for a missing right, 409 for any other."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; an address that only takes forms says so to whoever opens it."""
        response = self.get_response(request)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and not request.path.startswith(API):
            sentence = RuleBrokenError("page.only_sent_to").sentence(get_language())
            allowed = {"Allow": response["Allow"]} if "Allow" in response else {}
            response = render(request, "web/refused.html", {"sentence": sentence, "code": 405}, status=405)
            for name, value in allowed.items():
                response[name] = value
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a broken rule; leave every other error alone."""
        if not isinstance(exception, RuleBrokenError):
            return None
        sentence = exception.sentence(get_language())
        if exception.is_about_permission:
            return render(request, "403.html", {"exception": sentence}, status=403)
        return render(request, "web/refused.html", {"sentence": sentence}, status=409)


class ApiAnswersMiddleware:
    """Let the API answer in JSON also where the frame itself refuses: unknown address or method, too large, failed.

    Answers of an installation of the demonstration say so in a header, as its pages do in a band.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Turn what is no JSON into JSON."""
        response = self.get_response(request)
        if not request.path.startswith(API):
            return response
        if response.status_code >= 400 and not response.get("Content-Type", "").startswith("application/json"):
            answer = JsonResponse(
                refusal(response.status_code),
                status=response.status_code,
                json_dumps_params={"ensure_ascii": False},
                headers={name: response[name] for name in ("Allow",) if name in response},
            )
            response = answer
        if response.status_code == 200 and demonstration() is not None:
            response["Heqing-Demonstration"] = "1"
        return response
