"""Every setting of the site half, read from the environment in this one place, each with a default for a laptop.

It creates nothing and opens nothing: importing the settings leaves no trace on disk. Look next at ``web.settings``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from heqing.scorecards import scheme_names as score_schemes
from heqing.verdicts import scheme_names as light_schemes
from heqing.works import scheme_names as work_schemes


@dataclass(frozen=True)
class Setting:
    """One environment variable: its name, its default on a laptop, and what it is for."""

    name: str
    default: str
    meaning: str


SETTINGS = (
    Setting("HEQING_DATA_DIR", "./var", "Folder of everything this installation keeps: database, key, files."),
    Setting("HEQING_SECRET_KEY", "", "Key that signs sessions; by default made once and kept in the data folder."),
    Setting("HEQING_DEBUG", "0", "1 shows technical error pages; never on a server that others reach."),
    Setting("HEQING_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]", "Names under which the site is reached, by comma."),
    Setting("HEQING_HTTPS", "0", "1 when a web server in front speaks HTTPS and sets X-Forwarded-Proto."),
    Setting(
        "HEQING_DATABASE_URL", "", "postgresql://user:password@host:5432/name; empty is SQLite in the data folder."
    ),
    Setting("HEQING_LIGHT_SCHEME", "", "Light scheme by which targets are judged; empty is the rulebook's default."),
    Setting("HEQING_DAILY_HOUR", "6", "Local hour, 0 to 23, from which the worker of `heqing serve` judges the day."),
    Setting("HEQING_SCORE_SCHEME", "", "Scoring scheme of the months; empty is the rulebook's default."),
    Setting("HEQING_WORK_SCHEME", "", "Light scheme of tasks and projects; empty is the rulebook's default."),
    Setting("HEQING_UPLOAD_LIMIT_MB", "20", "Largest file that may be uploaded, in megabytes."),
    Setting("HEQING_TILES", "", "Address of map tiles with {z}, {x} and {y}; empty draws the own layers only."),
    Setting("HEQING_TILES_NOTE", "", "Words beside such a base map: its source and review number (审图号)."),
    Setting("HEQING_OIDC_SERVER", "", "Address of an OpenID Connect provider for single sign-on; empty is off."),
    Setting("HEQING_OIDC_CLIENT_ID", "", "Name of this installation at that provider."),
    Setting("HEQING_OIDC_CLIENT_SECRET", "", "Secret of this installation at that provider."),
    Setting("HEQING_OIDC_CLAIM", "preferred_username", "Claim of the provider that names the account."),
    Setting("HEQING_OIDC_MATCH", "username", "What that claim is compared with: username or phone."),
    Setting("HEQING_OIDC_NAME", "统一身份认证", "Words on the button of the login page."),
)
SIGN_ON_PROVIDER = "office"  # stands in the address to which the provider sends people back
MATCHES, LOOPBACK = ("username", "phone"), ("localhost", "127.0.0.1", "::1")
TRUE, FALSE = {"1", "true", "yes", "on"}, {"", "0", "false", "no", "off"}


@dataclass(frozen=True)
class SignOn:
    """Single sign-on by OpenID Connect as an installation asks for it."""

    server: str
    client_id: str
    client_secret: str
    claim: str
    match: str
    name: str


@dataclass(frozen=True)
class Environment:
    """What the environment asks for, in the types that the settings need."""

    data_dir: Path
    secret_key: str
    debug: bool
    allowed_hosts: list[str]
    https: bool
    database: dict[str, Any]
    upload_limit: int
    daily_hour: int
    tiles: str
    tiles_note: str
    light_scheme: str
    score_scheme: str
    work_scheme: str
    sign_on: SignOn | None = None


def read(environ: Mapping[str, str]) -> Environment:
    """Read all settings.

    Raises
    ------
    ImproperlyConfigured
        When a value cannot be understood; it names the variable and what it may be.
    """
    values = {setting.name: environ.get(setting.name, setting.default).strip() for setting in SETTINGS}
    data_dir = Path(values["HEQING_DATA_DIR"] or "./var").expanduser().resolve()
    return Environment(
        data_dir=data_dir,
        secret_key=values["HEQING_SECRET_KEY"],
        debug=_switch("HEQING_DEBUG", values["HEQING_DEBUG"]),
        allowed_hosts=[host.strip() for host in values["HEQING_ALLOWED_HOSTS"].split(",") if host.strip()],
        https=_switch("HEQING_HTTPS", values["HEQING_HTTPS"]),
        database=database(values["HEQING_DATABASE_URL"], data_dir),
        upload_limit=_megabytes("HEQING_UPLOAD_LIMIT_MB", values["HEQING_UPLOAD_LIMIT_MB"] or "20"),
        daily_hour=_hour("HEQING_DAILY_HOUR", values["HEQING_DAILY_HOUR"] or "6"),
        tiles=_tiles(values["HEQING_TILES"]),
        tiles_note=values["HEQING_TILES_NOTE"],
        light_scheme=_scheme("HEQING_LIGHT_SCHEME", values["HEQING_LIGHT_SCHEME"], light_schemes()),
        score_scheme=_scheme("HEQING_SCORE_SCHEME", values["HEQING_SCORE_SCHEME"], score_schemes()),
        work_scheme=_scheme("HEQING_WORK_SCHEME", values["HEQING_WORK_SCHEME"], work_schemes()),
        sign_on=_sign_on(values),
    )


def database(url: str, data_dir: Path) -> dict[str, Any]:
    """Turn the address of a database into what Django wants to know."""
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": data_dir / "heqing.sqlite3",
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",  # two writers wait for each other instead of failing half-way
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
        }
    parts = urlsplit(url)
    name = unquote(parts.path.lstrip("/"))
    if parts.scheme not in {"postgresql", "postgres"} or not name:
        # The address holds a password: it is not repeated here.
        raise ImproperlyConfigured(
            "HEQING_DATABASE_URL must look like postgresql://user:password@host:5432/name, or be empty for SQLite."
        )
    try:
        port = parts.port
    except ValueError as error:
        raise ImproperlyConfigured("HEQING_DATABASE_URL: the port after the host must be a number.") from error
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(port or ""),
        "OPTIONS": dict(parse_qsl(parts.query)),
        "CONN_MAX_AGE": 60,
    }


def allauth(asked: SignOn | None) -> dict[str, Any]:
    """Give what django-allauth wants to know of the provider; nothing while single sign-on is off."""
    if asked is None:
        return {}
    app = {
        "provider_id": SIGN_ON_PROVIDER,
        "name": asked.name,
        "client_id": asked.client_id,
        "secret": asked.client_secret,
        "settings": {"server_url": asked.server},
    }
    return {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}


def _sign_on(values: Mapping[str, str]) -> SignOn | None:
    """Read single sign-on; what the provider says is believed because the line to it is, so it must be HTTPS."""
    server = values["HEQING_OIDC_SERVER"]
    if not server:
        return None
    parts = urlsplit(server)
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)):
        raise ImproperlyConfigured("HEQING_OIDC_SERVER must be an address that begins with https://, or empty.")
    if not values["HEQING_OIDC_CLIENT_ID"] or not values["HEQING_OIDC_CLIENT_SECRET"]:
        raise ImproperlyConfigured(
            "HEQING_OIDC_CLIENT_ID and HEQING_OIDC_CLIENT_SECRET are needed where HEQING_OIDC_SERVER is set."
        )
    match = values["HEQING_OIDC_MATCH"] or "username"
    if match not in MATCHES:
        raise ImproperlyConfigured(f"HEQING_OIDC_MATCH is “{match}”; it must be username or phone.")
    return SignOn(
        server=server,
        client_id=values["HEQING_OIDC_CLIENT_ID"],
        client_secret=values["HEQING_OIDC_CLIENT_SECRET"],
        claim=values["HEQING_OIDC_CLAIM"] or "preferred_username",
        match=match,
        name=values["HEQING_OIDC_NAME"] or "统一身份认证",
    )


def _tiles(address: str) -> str:
    if address and not all(part in address for part in ("{z}", "{x}", "{y}")):
        raise ImproperlyConfigured(
            "HEQING_TILES must be the address of map tiles with {z}, {x} and {y} in it, or empty."
        )
    return address


def _switch(name: str, value: str) -> bool:
    if value.lower() not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name} is “{value}”; it must be 1 or 0.")
    return value.lower() in TRUE


def _scheme(name: str, value: str, known: Iterable[str]) -> str:
    if value and value not in known:
        raise ImproperlyConfigured(f"{name} is “{value}”; it must be one of {', '.join(known)}, or empty.")
    return value


def _hour(name: str, value: str) -> int:
    if not value.isascii() or not value.isdecimal() or int(value) > 23:
        raise ImproperlyConfigured(f"{name} is “{value}”; it must be a whole hour from 0 to 23.")
    return int(value)


def _megabytes(name: str, value: str) -> int:
    if not value.isascii() or not value.isdecimal() or int(value) == 0:
        raise ImproperlyConfigured(f"{name} is “{value}”; it must be a whole number of megabytes, at least 1.")
    return int(value) * 1024 * 1024
