"""The root of all addresses. Each room brings its own; here stand only those of the frame."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LogoutView
from django.contrib.staticfiles.views import serve
from django.urls import include, path, re_path
from django.views.i18n import set_language

from heqing_site.web import sign_on, views
from heqing_site.web.api import api

urlpatterns = [
    path("", views.home, name="home"),
    path("login/", views.Login.as_view(), name="login"),
    path("sign-on/", sign_on.start, name="sign_on"),
    path("", include("allauth.socialaccount.providers.openid_connect.urls")),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("language/", login_not_required(set_language), name="language"),
    path("tour/", views.tour, name="tour"),
    path("health", views.health, name="health"),
    path("sheets/", include("heqing_site.sheets.urls")),
    path("orgs/", include("heqing_site.orgs.urls")),
    path("places/", include("heqing_site.places.urls")),
    path("library/", include("heqing_site.library.urls")),
    path("ledger/", include("heqing_site.ledger.urls")),
    path("works/", include("heqing_site.works.urls")),
    path("registers/", include("heqing_site.registers.urls")),
    path("monitoring/", include("heqing_site.monitoring.urls")),
    path("reporting/", include("heqing_site.reporting.urls")),
    path("letters/", include("heqing_site.letters.urls")),
    path("cases/", include("heqing_site.cases.urls")),
    path("plans/", include("heqing_site.plans.urls")),
    path("rounds/", include("heqing_site.rounds.urls")),
    path("verdicts/", include("heqing_site.verdicts.urls")),
    path("scores/", include("heqing_site.scorecards.urls")),
    path("publishing/", include("heqing_site.publishing.urls")),
    path("api/v1/", api.urls),
    path("admin/", admin.site.urls),
    # `insecure` only means slow: it serves the files of our own packages, found by name, also without debug.
    re_path(r"^static/(?P<path>.*)$", login_not_required(serve), {"insecure": True}),
]
