"""The shape of what a person types to log in."""

from __future__ import annotations

from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _


class LoginForm(AuthenticationForm):
    """User name and password; it does not say which of the two was wrong, nor whether an account is closed."""

    error_messages = {  # noqa: RUF012
        "invalid_login": _("用户名或密码不正确，或账号已停用。请核对后再试；密码区分大小写。"),
        "inactive": _("用户名或密码不正确，或账号已停用。请核对后再试；密码区分大小写。"),
    }
