"""Pages of the frame: login, home, health, and what a person reads when something fails.

Each reads one query or calls one action and renders. This is where the clock is read.
"""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from heqing_site.orgs import queries
from heqing_site.orgs.models import Unit, User
from heqing_site.orgs.rules import Permission, Role
from heqing_site.web.forms import LoginForm
from heqing_site.web.health import examine
from heqing_site.web.middleware import typed
from heqing_site.web.mine import SHOWN, duties, overall, with_others
from heqing_site.web.navigation import address_of
from heqing_site.web.tour import stops


@method_decorator(login_not_required, name="dispatch")
class Login(LoginView):
    """Login (登录); the page then speaks the language of the account."""

    form_class = LoginForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Offer single sign-on where the installation has it."""
        return super().get_context_data(sign_on=settings.SIGN_ON, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        """Let the person in."""
        response = super().form_valid(form)
        user = cast(User, self.request.user)
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, user.locale, samesite="Lax", httponly=True)
        return response


def home(request: HttpRequest) -> HttpResponse:
    """Home (首页): what waits for you today, the way to the cockpit, your posts and rights."""
    user = cast(User, request.user)
    today = timezone.localdate()
    grants = queries.grants_of(user).in_force_on(today)
    elsewhere = with_others(user, on=today)
    leads = any(grant.role == Role.LEADER for grant in grants)
    return render(
        request,
        "web/home.html",
        {
            "today": today,
            "duties": duties(user, on=today),
            "with_others": elsewhere,
            "shown": f":{SHOWN}",
            "more_with_others": len(elsewhere[SHOWN:]),
            "overall": overall(on=today) if leads else None,
            "is_empty": not Unit.objects.exists() and queries.may(user, Permission.UNIT_EDIT, None, on=today),
            "cockpit": address_of("publishing:cockpit"),
            "terms": queries.terms_of(user, on=today),
            "grants": grants,
        },
    )


def tour(request: HttpRequest) -> HttpResponse:
    """Show the words of the campaign's documents (导览) and where each of them stands here."""
    return render(request, "web/tour.html", {"groups": stops()})


@never_cache
@login_not_required
def health(request: HttpRequest) -> HttpResponse:
    """Health (运行状态): a page for people, JSON for machines; 503 when something fails.

    It is open to strangers, so it names no path and no host, and it does not touch the session when the database is
    down.
    """
    found = examine()
    status = 200 if found.is_ok else 503
    wants_page = request.get_preferred_type(["application/json", "text/html"]) == "text/html"
    if not wants_page:
        return JsonResponse(
            {
                "ok": found.is_ok,
                "version": found.version,
                "database": found.database,
                "time_zone": found.time_zone,
                "time": timezone.localtime().isoformat(timespec="seconds"),
                "checks": [
                    {"key": check.key, "question": check.question, "ok": check.is_ok, "answer": check.answer}
                    for check in found.checks
                ],
            },
            status=status,
            json_dumps_params={"ensure_ascii": False},
            headers={"Vary": "Accept"},
        )
    context: dict[str, Any] = {"health": found, "now": timezone.localtime()}
    if not found.is_ok:
        context |= {"user": None, "links": [], "registers": [], "messages": [], "demonstration": None}
    return render(request, "web/health.html", context, status=status)


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that a form came from an expired page (CSRF); nothing was done."""
    return render(request, "web/form_expired.html", typed(request), status=403)
