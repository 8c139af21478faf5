"""Settings of the Django project. What an installation may change comes from ``web.environment``; the rest is fixed.

Importing this module creates no file. Rooms are listed from the ground up.
"""

from __future__ import annotations

import os
from pathlib import Path

from django.utils.functional import lazy

from heqing.cli.settings import outside_programs
from heqing_site.web import environment
from heqing_site.web.secret import secret_key

ENVIRONMENT = environment.read(os.environ)
DATA_DIR = ENVIRONMENT.data_dir
HERE = Path(__file__).resolve().parent

DEBUG = ENVIRONMENT.debug
SECRET_KEY = ENVIRONMENT.secret_key or lazy(secret_key, str)(DATA_DIR)  # made when first used
ALLOWED_HOSTS = ENVIRONMENT.allowed_hosts

INSTALLED_APPS = [
    "heqing_site.audit.apps.AuditConfig",
    "heqing_site.sheets.apps.SheetsConfig",
    "heqing_site.orgs.apps.OrgsConfig",
    "heqing_site.places.apps.PlacesConfig",
    "heqing_site.library.apps.LibraryConfig",
    "heqing_site.ledger.apps.LedgerConfig",
    "heqing_site.works.apps.WorksConfig",
    "heqing_site.registers.apps.RegistersConfig",
    "heqing_site.monitoring.apps.MonitoringConfig",
    "heqing_site.reporting.apps.ReportingConfig",
    "heqing_site.letters.apps.LettersConfig",
    "heqing_site.verdicts.apps.VerdictsConfig",
    "heqing_site.cases.apps.CasesConfig",
    "heqing_site.plans.apps.PlansConfig",
    "heqing_site.scorecards.apps.ScorecardsConfig",
    "heqing_site.publishing.apps.PublishingConfig",
    "heqing_site.demo.apps.DemoConfig",
    "heqing_site.web.apps.WebConfig",
    "heqing_site.web.apps.BackOfficeConfig",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "heqing_site.web.middleware.ApiAnswersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "heqing_site.web.middleware.TooLargeMiddleware",
    "heqing_site.web.middleware.LoginFirstMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "heqing_site.web.middleware.BrokenRuleMiddleware",
]
ROOT_URLCONF = "heqing_site.web.urls"
WSGI_APPLICATION = "heqing_site.web.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "heqing_site.web.navigation.navigation",
            ],
        },
    },
]
DATABASES = {"default": ENVIRONMENT.database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Accounts
AUTH_USER_MODEL = "orgs.User"
AUTHENTICATION_BACKENDS = ["heqing_site.web.backends.OfficeBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# Single sign-on: who comes in is decided by `web.sign_on`; django-allauth keeps nothing and opens no account
SIGN_ON = ENVIRONMENT.sign_on
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_ADAPTER = "heqing_site.web.sign_on.Doorkeeper"
SOCIALACCOUNT_PROVIDERS = environment.allauth(SIGN_ON)
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"

# Language, place and time: Chinese first, English for navigation
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [HERE / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# Files that people upload; kept in the data folder
UPLOAD_LIMIT = ENVIRONMENT.upload_limit  # bytes of one file
OUTSIDE_PROGRAMS = outside_programs()  # LibreOffice, a command that recognises scans; `heqing config` tells them
REQUEST_LIMIT = 5 * UPLOAD_LIMIT  # bytes of one request: a page of reports holds several files

# The map: own layers only, unless an installation names a base map and its review number
MAP_TILES = ENVIRONMENT.tiles
MAP_TILES_NOTE = ENVIRONMENT.tiles_note

# Static files; served by the site itself until a web server in front takes over /static/
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"

# Who tells the ledger how its targets stand; the highest room that knows
LEDGER_STANDING = "heqing_site.verdicts.queries.standings"
LEDGER_LIGHTS = "heqing_site.verdicts.queries.lights"
# What registers can count for targets: all names, and the name of one
LEDGER_STATISTICS = "heqing_site.registers.counting.statistics"
LEDGER_STATISTIC_NAME = "heqing_site.registers.counting.name_of"
# What rooms above the ledger add to the page of a target, in this order
LEDGER_PANELS = [
    "heqing_site.verdicts.panels.of_target",
    "heqing_site.works.panels.of_target",
    "heqing_site.cases.panels.of_target",
    "heqing_site.letters.panels.of_target",
    "heqing_site.plans.panels.of_target",
]
# What rooms above the units do when a unit is merged into another, and when a post passes to another person
ORGS_TAKE_OVER = [
    "heqing_site.ledger.succession.take_over",
    "heqing_site.works.succession.take_over",
    "heqing_site.cases.succession.take_over",
]
ORGS_HAND_OVER = ["heqing_site.cases.succession.hand_over"]
LIGHT_SCHEME = ENVIRONMENT.light_scheme  # the light scheme of this installation; empty is the rulebook's default
WORK_SCHEME = ENVIRONMENT.work_scheme  # the light scheme of tasks and projects; empty is the default
SCORE_SCHEME = ENVIRONMENT.score_scheme  # the scoring scheme of this installation; empty is the rulebook's default

# What the worker beside the server does once a day, and the local hour from which the night's data are in
ROUNDS_DAILY = "heqing_site.rounds.actions.daily"
DAILY_HOUR = ENVIRONMENT.daily_hour

# Security
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 60 * 60  # a working day
SESSION_COOKIE_SECURE = ENVIRONMENT.https
CSRF_COOKIE_SECURE = ENVIRONMENT.https
CSRF_FAILURE_VIEW = "heqing_site.web.views.form_expired"
BEHIND_PROXY = ENVIRONMENT.https  # whether X-Forwarded-Proto is believed
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENVIRONMENT.https else None
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
