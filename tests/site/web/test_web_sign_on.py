"""Single sign-on, against a provider of our own on the loopback that signs its tokens as OpenID Connect asks."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from jwt.algorithms import RSAAlgorithm
from tests.site.conftest import AT, PASSWORD

from heqing_site.orgs import actions
from heqing_site.orgs.models import User
from heqing_site.web import environment
from heqing_site.web.environment import SignOn

CLIENT, SECRET = "heqing", "only-for-tests"
TOKEN = "an-access-token"


class Provider:
    """An OpenID Connect provider: discovery, keys, token and userinfo; it remembers what it was asked."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.claims: dict[str, Any] = {"sub": "u-1", "preferred_username": "zhaolei"}
        self.userinfo: dict[str, Any] = {"sub": "u-1"}
        self.audience = CLIENT
        self.token_status = 200
        self.asked: list[tuple[str, dict[str, list[str]]]] = []
        provider = self

        class Desk(BaseHTTPRequestHandler):
            def answer(self, told: object, status: int = 200) -> None:
                body = json.dumps(told).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self) -> None:
                match urlsplit(self.path).path:
                    case "/.well-known/openid-configuration":
                        self.answer(provider.discovery())
                    case "/jwks":
                        key = json.loads(RSAAlgorithm.to_jwk(provider.key.public_key()))
                        self.answer({"keys": [key | {"kid": "k1", "alg": "RS256", "use": "sig"}]})
                    case "/userinfo" if self.headers["Authorization"] == f"Bearer {TOKEN}":
                        self.answer(provider.userinfo)
                    case _:
                        self.answer({"error": "not here"}, 404)

            def do_POST(self) -> None:
                sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                provider.asked.append((self.path, sent))
                told = {"access_token": TOKEN, "token_type": "Bearer", "id_token": provider.id_token()}
                self.answer(told if provider.token_status == 200 else {"error": "no"}, provider.token_status)

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Desk)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "userinfo_endpoint": f"{self.address}/userinfo",
            "jwks_uri": f"{self.address}/jwks",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def id_token(self) -> str:
        told = {"iss": self.address, "aud": self.audience, "iat": 1_700_000_000, "exp": 4_000_000_000}
        return jwt.encode(told | self.claims, self.key, algorithm="RS256", headers={"kid": "k1"})


@pytest.fixture
def provider(settings: Any, socket_enabled: None) -> Iterator[Provider]:
    found = Provider()
    asked = SignOn(found.address, CLIENT, SECRET, "preferred_username", "username", "统一身份认证")
    settings.SIGN_ON = asked
    settings.SOCIALACCOUNT_PROVIDERS = environment.allauth(asked)
    yield found
    found.server.shutdown()
    found.server.server_close()


def come_back(client: Client, **facts: str) -> Any:
    """Go to the provider, and come back as its page would send the browser."""
    away = client.post("/sign-on/?next=/orgs/units/")
    assert away.status_code == 302
    sent = parse_qs(urlsplit(away["Location"]).query)
    assert sent["client_id"] == [CLIENT]
    assert sent["code_challenge_method"] == ["S256"]
    assert "openid" in sent["scope"][0]
    back = urlsplit(sent["redirect_uri"][0]).path
    return client.get(back, {"code": "a-code", "state": sent["state"][0], **facts})


def who(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


def test_it_is_off_until_an_installation_asks_for_it(district, client: Client):
    assert "统一身份认证" not in client.get("/login/").content.decode()
    assert client.post("/sign-on/").status_code == 404
    assert client.get("/oidc/office/login/").status_code == 404
    assert client.get("/oidc/office/login/callback/").status_code == 404


def test_whom_the_provider_names_comes_in_and_goes_on_to_the_page(district, client: Client, provider):
    assert "用统一身份认证登录" in client.get("/login/?next=/orgs/units/").content.decode()

    answer = come_back(client)

    assert (answer.status_code, answer["Location"]) == (302, "/orgs/units/")
    assert who(client) == str(district.clerk.pk)
    assert "单位与职务" in client.get("/orgs/units/").content.decode()
    path, sent = provider.asked[0]
    assert path == "/token"
    assert sent["client_secret"] == [SECRET]
    assert sent["code_verifier"]


def test_capital_letters_make_no_other_person(district, client: Client, provider):
    provider.claims["preferred_username"] = "ZhaoLei"

    come_back(client)

    assert who(client) == str(district.clerk.pk)


def test_a_stranger_is_told_whom_to_ask_and_gets_no_account(district, client: Client, provider):
    provider.claims["preferred_username"] = "mofei"
    before = User.objects.count()

    answer = come_back(client)

    assert answer.status_code == 403
    assert "没有用户名为“mofei”的账号" in answer.content.decode()
    assert who(client) is None
    assert User.objects.count() == before


def test_a_closed_account_stays_closed(district, client: Client, provider):
    actions.deactivate_user(by=district.site_admin, at=AT, user=district.clerk, because="调离")

    answer = come_back(client)

    assert answer.status_code == 403
    assert "已于 2026-03-02 停用" in answer.content.decode()
    assert who(client) is None


@pytest.mark.parametrize("said", ["13800000000", "+86 138-0000-0000"])
def test_the_phone_may_be_what_is_compared(district, client: Client, provider, settings, said):
    settings.SIGN_ON = SignOn(provider.address, CLIENT, SECRET, "phone_number", "phone", "统一身份认证")
    user = actions.create_user(
        by=district.site_admin, at=AT, username="wang", display_name="王", password=PASSWORD, unit=district.east,
        phone="13800000000",
    )  # fmt: skip
    provider.userinfo["phone_number"] = said

    come_back(client)
    assert who(client) == str(user.pk)

    actions.create_user(
        by=district.site_admin, at=AT, username="wang2", display_name="王", password=PASSWORD, unit=district.east,
        phone="13800000000",
    )  # fmt: skip
    answer = come_back(Client())
    assert answer.status_code == 403
    assert "不止一个账号" in answer.content.decode()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"claims": {"sub": "u-1"}}, "没有给出“preferred_username”"),
        ({"userinfo": {"sub": "u-2"}}, "前后不一致"),
        ({"audience": "another"}, "没有完成"),
        ({"token_status": 500}, "没有完成"),
    ],
)
def test_what_is_not_right_lets_nobody_in(district, client: Client, provider, change, words):
    for name, value in change.items():
        setattr(provider, name, value)

    answer = come_back(client)

    assert answer.status_code == 403
    assert words in answer.content.decode()
    assert who(client) is None


def test_a_state_that_we_did_not_give_lets_nobody_in(district, client: Client, provider):
    answer = come_back(client, state="of-somebody-else")

    assert answer.status_code == 403
    assert who(client) is None


def test_a_provider_that_is_down_is_told_in_a_sentence(district, client: Client, provider):
    provider.server.shutdown()
    provider.server.server_close()

    answer = client.post("/sign-on/")

    assert answer.status_code == 503
    assert "现在连接不上" in answer.content.decode()


def test_who_came_this_way_need_not_change_a_first_password(district, client: Client, provider):
    district.clerk.must_change_password = True
    district.clerk.save()

    come_back(client)

    assert client.get("/orgs/units/").status_code == 200


GIVEN = {
    "HEQING_OIDC_SERVER": "https://sso.example.org/realms/city",
    "HEQING_OIDC_CLIENT_ID": "heqing",
    "HEQING_OIDC_CLIENT_SECRET": "x",
}


def test_the_environment_switches_it_on():
    found = environment.read(GIVEN).sign_on

    assert found == SignOn(GIVEN["HEQING_OIDC_SERVER"], "heqing", "x", "preferred_username", "username", "统一身份认证")
    assert environment.read({}).sign_on is None
    assert environment.allauth(None) == {}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"HEQING_OIDC_SERVER": "http://sso.example.org"}, "HEQING_OIDC_SERVER"),
        ({"HEQING_OIDC_SERVER": "sso.example.org"}, "HEQING_OIDC_SERVER"),
        ({"HEQING_OIDC_CLIENT_ID": ""}, "HEQING_OIDC_CLIENT_ID"),
        ({"HEQING_OIDC_CLIENT_SECRET": ""}, "HEQING_OIDC_CLIENT_SECRET"),
        ({"HEQING_OIDC_MATCH": "mail"}, "HEQING_OIDC_MATCH"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_named(change, named):
    with pytest.raises(ImproperlyConfigured, match=named):
        environment.read(GIVEN | change)
