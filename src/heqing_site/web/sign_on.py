"""Single sign-on (统一身份认证) by OpenID Connect, where an installation switches it on.

Whoever the provider names must have an account here already: it is found by one claim, compared with the user name or
the phone number. Nobody registers themselves, nothing of the provider is kept, and rights come from grants as always.
The steps between here and the provider are django-allauth's; `Doorkeeper` decides who comes in.
"""

from __future__ import annotations

from typing import Any, cast

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.providers.openid_connect import views as openid_connect
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.views.decorators.http import require_POST
from requests import RequestException

from heqing_site.orgs.models import User
from heqing_site.orgs.queries import accounts_with_phone, accounts_with_username
from heqing_site.web.environment import SIGN_ON_PROVIDER, SignOn
from heqing_site.web.middleware import SIGNED_ON

BACKEND = "heqing_site.web.backends.OfficeBackend"


@login_not_required
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Send the person to the provider."""
    if settings.SIGN_ON is None:
        raise Http404
    try:
        answer: HttpResponse = openid_connect.login(request, SIGN_ON_PROVIDER)
    except RequestException:
        return _refused(request, "统一身份认证现在连接不上，没有登录。请稍后再试，或用本系统的用户名和密码登录。", 503)
    return answer


class Doorkeeper(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Who comes in by single sign-on: the one open account that the claim names, and nobody else."""

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Let the person in, or say why not; django-allauth goes no further either way."""
        told = sociallogin.account.extra_data
        identity, information = told.get("id_token") or {}, told.get("userinfo") or {}
        if identity and information and identity.get("sub") != information.get("sub"):
            raise ImmediateHttpResponse(_refused(request, "统一身份认证返回的身份前后不一致，没有登录。请联系管理员。"))
        asked = cast(SignOn, settings.SIGN_ON)
        claim = asked.claim
        said = str(identity.get(claim) or information.get(claim) or "").strip()
        if not said:
            sentence = f"统一身份认证没有给出“{claim}”，无法对应到本系统的账号。请联系管理员。"
            raise ImmediateHttpResponse(_refused(request, sentence))
        raise ImmediateHttpResponse(_let_in(request, said, sociallogin.get_redirect_url(request)))

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None, exception: Any = None, extra_context: Any = None
    ) -> None:
        """Say that it did not work, in the words of this house."""
        sentence = "统一身份认证没有完成，没有登录。请重新登录；多次失败时请联系管理员。"
        raise ImmediateHttpResponse(_refused(request, sentence))

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Refuse: accounts are opened by the unit that keeps them."""
        return False


def _let_in(request: HttpRequest, said: str, address: str | None) -> HttpResponse:
    asked = cast(SignOn, settings.SIGN_ON)
    by_phone = asked.match == "phone"
    found = list((accounts_with_phone(said) if by_phone else accounts_with_username(said))[:2])
    what = "手机号" if by_phone else "用户名"
    if not found:
        sentence = f"您已通过统一身份认证，但本系统没有{what}为“{said}”的账号。请联系本单位的管理员开通。"
        return _refused(request, sentence)
    if len(found) > 1:
        return _refused(request, f"本系统有不止一个账号的{what}为“{said}”，无法确定是哪一个。请联系管理员更正。")
    user: User = found[0]
    if not user.is_active:
        return _refused(request, f"您的账号“{user.username}”已于 {user.closed_on} 停用，不能登录。请联系管理员。")
    login(request, user, backend=BACKEND)
    request.session[SIGNED_ON] = True
    response = redirect(address or resolve_url(settings.LOGIN_REDIRECT_URL))
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, user.locale, samesite="Lax", httponly=True)
    return response


def _refused(request: HttpRequest, sentence: str, status: int = 403) -> HttpResponse:
    return render(request, "web/sign_on_refused.html", {"sentence": sentence}, status=status)
